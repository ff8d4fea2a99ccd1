"""What every command shares: one line for a mistake, Ctrl-C that asks first, progress without a terminal."""

import errno
import signal

import pytest
import typer
from typer.testing import CliRunner

from tests.faults import Faults
from workbench.errors import EngineError, Stopped
from workbench.storage.execution import Progress
from workbench.storage.runs import Run
from workbench.terminal import Commands, interruptible, progress_bar


def _app(error: BaseException) -> typer.Typer:
    app = typer.Typer(cls=Commands)

    @app.command()
    def fail() -> None:
        raise error

    @app.command()
    def other() -> None:
        """A second command, so that the first keeps its name."""

    return app


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (EngineError("no model here"), 3, "no model here"),
        (Stopped("stopped at 3 of 9"), 130, "stopped at 3 of 9"),
        (KeyboardInterrupt(), 130, "Stopped at once"),
        (EngineError("[red]markup[/red] " + "x" * 300), 3, "[red]markup[/red] " + "x" * 300),
    ],
)
def test_an_error_is_one_line_and_its_exit_code(error: BaseException, code: int, said: str):
    done = CliRunner().invoke(_app(error), ["fail"])
    assert done.exit_code == code
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_bug_keeps_its_traceback():
    done = CliRunner().invoke(_app(ZeroDivisionError()), ["fail"])
    assert isinstance(done.exception, ZeroDivisionError)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_to_stop_and_a_second_one_interrupts(tmp_path, number):
    received = []
    before = signal.signal(number, lambda *_: received.append("interrupted"))
    try:
        with Run.create(tmp_path, "a-run", {}) as run:
            with interruptible(run.ask_to_stop) as asked:
                assert not asked()
                signal.raise_signal(number)
                assert asked()
                assert run.stop_asked()
                assert received == []
                signal.raise_signal(number)
                assert received == ["interrupted"]
            signal.raise_signal(number)
            assert len(received) == 2
    finally:
        signal.signal(number, before)


def test_a_stop_counts_even_where_the_disk_is_full(tmp_path):
    with Run.create(tmp_path, "a-run", {}) as run:
        with Faults(nth=1, code=errno.ENOSPC), interruptible(run.ask_to_stop):
            signal.raise_signal(signal.SIGINT)
        assert run.stop_asked()


def test_without_a_terminal_progress_is_plain_lines(capsys):
    with progress_bar() as watch:
        watch(Progress(position=0, n_actions=2, text="[b]describing[/b] " + "y" * 200))
    assert capsys.readouterr().out == "[1/2] [b]describing[/b] " + "y" * 200 + "\n"
