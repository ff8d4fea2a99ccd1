"""Whatever the schema allows, and whatever it forbids, the server answers as it says and never breaks."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

pytestmark = pytest.mark.model

N_EXAMPLES = 15
N_SESSIONS = 1  # it writes a brief, a draft and a critique, or composes or describes
SESSIONS = ("/api/revise", "/api/compose", "/api/describe")
PATIENCE_SECONDS = 600
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
ROUTES = ["/", "/api/chat", "/api/compose", "/api/describe", "/api/embed", "/api/embeddings", "/api/generate",
          "/api/ps", "/api/revise", "/api/show", "/api/tags", "/api/version", "/health", "/v1/chat/completions",
          "/v1/completions", "/v1/embeddings", "/v1/models", "/v1/models/{name}"]  # fmt: skip
WITH_BODY = [
    "/api/chat",
    "/api/compose",
    "/api/describe",
    "/api/generate",
    "/api/show",
    "/v1/chat/completions",
    "/v1/completions",
]  # the others take nothing to be wrong


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
    is_session = route in SESSIONS and mode == GenerationMode.POSITIVE

    @settings(
        max_examples=N_SESSIONS if is_session else N_EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(operations[route].as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        shorten(case.body)
        case.call_and_validate(checks=CHECKS, timeout=PATIENCE_SECONDS)

    ask()


def shorten(body: object) -> None:
    """What is drawn is not the matter here: four tokens, or a session without a revision, do."""
    if not isinstance(body, dict):
        return
    if isinstance(body.get("max_revisions"), int):
        body["max_revisions"] = 0
    body.pop("final_note", None)
    if isinstance(body.get("tries"), int):
        body["tries"] = 1
    for name in ("max_tokens", "max_completion_tokens"):
        if isinstance(body.get(name), int):
            body[name] = 4
    if isinstance(texts := body.get("prompt"), list) and len(texts) <= 16:
        body["prompt"] = texts[:2]
    if "options" not in body and ("messages" in body or "prompt" in body) and body.get("max_completion_tokens") is None:
        body["max_completion_tokens"] = 4
    options = body.setdefault("options", {})
    if isinstance(options, dict) and isinstance(options.get("num_predict", 0), int | None):
        options["num_predict"] = 4
    elif options is None:
        body["options"] = {"num_predict": 4}
