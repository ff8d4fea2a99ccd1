"""`serve`: what must be right before it listens."""

import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from workbench.cli import app
from workbench.errors import ConfigError
from workbench.server.command import read_token
from workbench.server.settings import ServeSettings


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKBENCH_TOKEN", raising=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.org", "localhost.example.org"])  # noqa: S104 - it must be refused
def test_beyond_this_machine_a_token_is_needed(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="set WORKBENCH_TOKEN to a token first"):
        read_token(ServeSettings(host=host))
    monkeypatch.setenv("WORKBENCH_TOKEN", "0123456789abcdef")
    assert read_token(ServeSettings(host=host)) == "0123456789abcdef"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
def test_on_this_machine_none_is_needed(host: str) -> None:
    assert read_token(ServeSettings(host=host)) == ""


def test_a_short_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_TOKEN", "secret")
    with pytest.raises(ConfigError, match="at least 16"):
        read_token(ServeSettings())


def test_a_port_in_use_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = CliRunner().invoke(app, ["serve", "--port", str(port)])
    assert done.exit_code == 2
    assert f"127.0.0.1:{port}: cannot listen there" in done.output
    assert "Traceback" not in done.output


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["serve", str(tmp_path / "none.yaml")])
    assert (done.exit_code, done.output.count("\n")) == (2, 1)
