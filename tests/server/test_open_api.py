"""Whatever the schema allows, and whatever it forbids, the server answers as it says and never breaks."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

pytestmark = pytest.mark.model

N_EXAMPLES = 25
PATIENCE_SECONDS = 120
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
ROUTES = ["/", "/api/chat", "/api/show", "/api/tags", "/api/version", "/health"]
WITH_BODY = ["/api/chat", "/api/show"]  # the others take nothing that could be wrong


@pytest.fixture(scope="module")
def operations(served: Any) -> dict[str, Any]:
    schema = schemathesis.openapi.from_url(f"{served.url}/openapi.json")
    return {found.ok().path: found.ok() for found in schema.get_all_operations()}


def test_these_are_all_routes(operations: dict[str, Any]) -> None:
    assert sorted(operations) == ROUTES


@pytest.mark.parametrize(
    ("route", "mode"),
    [(route, GenerationMode.POSITIVE) for route in ROUTES] + [(route, GenerationMode.NEGATIVE) for route in WITH_BODY],
)
def test_no_request_breaks_the_server(operations: dict[str, Any], route: str, mode: GenerationMode) -> None:
    @settings(max_examples=N_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(operations[route].as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        shorten(case.body)
        case.call_and_validate(checks=CHECKS, timeout=PATIENCE_SECONDS)

    ask()


def shorten(body: object) -> None:
    """What is drawn is not the matter here: four tokens do."""
    if not isinstance(body, dict):
        return
    options = body.setdefault("options", {})
    if isinstance(options, dict) and isinstance(options.get("num_predict", 0), int | None):
        options["num_predict"] = 4
    elif options is None:
        body["options"] = {"num_predict": 4}
