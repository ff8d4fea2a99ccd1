"""The command of the server: `serve`. Checks what must be right before the first request, then listens."""

import ipaddress
import logging
import os
import socket
from pathlib import Path
from typing import Annotated

import typer

from workbench.errors import ConfigError
from workbench.server.settings import ServeSettings, load_serve_settings, of_run

CONFIG = Path("config/serve.yaml")
_SHORTEST_TOKEN = 16
_MOST_CONNECTIONS = 1000
_GRACE_SECONDS = 3


def serve(
    config: Annotated[Path, typer.Argument(help="The server's YAML file.", show_default=True)] = CONFIG,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a setting: --set limits.waiting=8", metavar="KEY=VALUE"),
    ] = None,
    run_name: Annotated[str, typer.Option("--run", help="Serve what this run taught, and its base.")] = "",
    host: Annotated[str, typer.Option(help="Listen here instead; beyond this machine a token is needed.")] = "",
    port: Annotated[int, typer.Option(help="Listen on this port instead; 0 = any free one.")] = -1,
) -> None:
    """Serve the models over HTTP to clients of Ollama (ollama, langchain-ollama) and of OpenAI (under /v1)."""
    from dataclasses import replace

    logging.basicConfig(format="%(message)s")
    settings = load_serve_settings(config, overrides or [])
    settings = of_run(settings, run_name) if run_name else settings
    run(replace(settings, host=host or settings.host, port=settings.port if port < 0 else port))


def run(settings: ServeSettings) -> None:
    """Listens until it is interrupted.

    Raises:
        ConfigError: the address cannot be used, or is beyond this machine and there is no token.
    """
    import uvicorn

    from workbench.server.app import build_app

    token = read_token(settings)
    app = build_app(settings, token=token)
    listening = _listening(settings)
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    typer.echo(f"Listening on http://{shown}:{listening.getsockname()[1]} (Ctrl-C ends it)")
    config = uvicorn.Config(
        app,
        http="h11",  # the guard has to see the request line as it came
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listening])


def read_token(settings: ServeSettings) -> str:
    """The token of the environment; "" = none is asked for, which only this machine's own address allows.

    Raises:
        ConfigError: it is missing where it is needed, or too short.
    """
    token = os.environ.get(settings.token_variable, "").strip()
    name = settings.token_variable
    if token and (len(token) < _SHORTEST_TOKEN or not token.isascii()):
        raise ConfigError(f"{name}: the token must have at least {_SHORTEST_TOKEN} plain characters")
    if not token and not _is_loopback(settings.host):
        raise ConfigError(f"{settings.host} can be reached by others: set {name} to a token first, or use 127.0.0.1")
    return token


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # a name may lead anywhere


def _listening(settings: ServeSettings) -> socket.socket:
    place = f"{settings.host}:{settings.port}"
    try:
        kind, *_, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=kind)
    except (OSError, OverflowError) as exc:
        why = getattr(exc, "strerror", None) or str(exc)
        raise ConfigError(f"{place}: cannot listen there ({why.lower()}); give another --port or --host") from exc
