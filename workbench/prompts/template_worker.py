"""The child process in which a chat template is rendered; run by path, reads one JSON request, writes one JSON reply.

A template is code that came with a model. Here it runs sandboxed, without the workbench around it, and under limits of
memory, processor time and output; the parent adds a limit on the wall clock. Only jinja2 and the standard library.
"""

import contextlib
import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment


class GenerationTag(Extension):
    """Accepts `{% generation %}…{% endgeneration %}`, with which some templates mark the assistant's words."""

    tags = {"generation"}  # noqa: RUF012 - the attribute that jinja2 asks for

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """The block's contents, as if the tag were not there."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def render(template: str, variables: dict[str, Any], *, today: datetime, max_output_characters: int) -> str:
    """The rendered text; undefined names are errors where the template can live with that."""
    try:
        return _rendered(_environment(jinja2.StrictUndefined, today), template, variables, max_output_characters)
    except jinja2.UndefinedError:
        return _rendered(_environment(jinja2.Undefined, today), template, variables, max_output_characters)


def _environment(undefined: type[jinja2.Undefined], today: datetime) -> ImmutableSandboxedEnvironment:
    """What transformers gives to a template, sandboxed."""
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=undefined,
        extensions=["jinja2.ext.loopcontrols", GenerationTag],
    )
    environment.filters["tojson"] = lambda value, **_: json.dumps(value, ensure_ascii=False)
    environment.globals.update(raise_exception=_refuse, strftime_now=today.strftime)
    return environment


def _rendered(environment: ImmutableSandboxedEnvironment, template: str, variables: dict[str, Any], limit: int) -> str:
    pieces: list[str] = []
    n_characters = 0
    for piece in environment.from_string(template).generate(**variables):
        n_characters += len(piece)
        if n_characters > limit:
            raise jinja2.TemplateError(f"its output is longer than {limit} characters")
        pieces.append(piece)
    return "".join(pieces)


def _refuse(message: str) -> None:
    raise jinja2.TemplateError(message)


def _limit_resources(memory_bytes: int, cpu_seconds: int) -> None:
    with contextlib.suppress(ImportError):  # not on Windows; the wall clock still holds there
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))


def _reply(work: Callable[[], list[str]]) -> dict[str, Any]:
    try:
        return {"texts": work()}
    except MemoryError:
        return {"error": "it needs more memory than a template may"}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:300]}


def main() -> None:
    """Answers the one request on standard input."""
    request = json.load(sys.stdin)
    _limit_resources(request["memory_bytes"], request["cpu_seconds"])
    settings = {
        "today": datetime.fromisoformat(request["today"]),
        "max_output_characters": request["max_output_characters"],
    }
    reply = _reply(lambda: [render(request["template"], each, **settings) for each in request["variables"]])
    json.dump(reply, sys.stdout)


if __name__ == "__main__":
    main()
