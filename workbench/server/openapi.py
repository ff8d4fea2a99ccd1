"""What /openapi.json says of bodies and refusals: the routes read their bodies by themselves."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from workbench.server.ollama_api import ErrorBody

if TYPE_CHECKING:
    from fastapi import FastAPI

Answers = dict[int | str, dict[str, Any]]

_PLACE = "#/components/schemas/{model}"
_SENTENCES = {
    400: "the request cannot be done as it is",
    401: "a token is needed",
    403: "a foreign host name or origin",
    404: "no such model",
    408: "the body came too slowly",
    413: "the body is too large",
    503: "busy, or the model failed; Retry-After says when to ask again",
}


def refusals(*statuses: int) -> Answers:
    """How a route may refuse."""
    return {status: {"model": ErrorBody, "description": _SENTENCES[status]} for status in statuses}


def takes(kind: type[BaseModel], *, names: Iterable[str], keys: Iterable[str] = ("model",)) -> dict[str, Any]:
    """A body; under the keys stands one of the names of the models."""
    schema = kind.model_json_schema(ref_template=_PLACE)
    schema.pop("$defs", None)
    for key in keys:
        field = schema["properties"][key]
        choices = field.get("anyOf", [field])  # the first of them is the text, the other null
        choices[0]["enum"] = [*names]
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def describe(app: "FastAPI", *kinds: type[BaseModel]) -> None:
    """Adds what the bodies are made of to the description, which is made once."""
    for kind in kinds:
        app.openapi()["components"]["schemas"] |= kind.model_json_schema(ref_template=_PLACE).get("$defs", {})
