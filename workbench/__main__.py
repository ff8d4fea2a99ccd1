"""The entry point of `workbench` and of `python -m workbench`: what holds for every command, then the command."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from workbench import __version__
from workbench.cli import app
from workbench.doctor import extra_of
from workbench.engines.opening import torch_learner
from workbench.errors import WorkbenchError
from workbench.places import HOME_VARIABLE
from workbench.prosody.sayings import use_said
from workbench.terminal import complain


def main() -> None:
    """Runs one command; a library that another extra brings is named in one line."""
    try:
        with _sharing_steps():
            sys.exit(app(prog_name="workbench"))
    except ModuleNotFoundError as exc:
        module = (exc.name or "").partition(".")[0]
        if not (extra := extra_of(module)):
            raise
        install = f"pip install 'poetry-workbench[{extra}]'"
        complain(f"{module} is not installed; run {install}")
        sys.exit(2)


@contextmanager
def _sharing_steps() -> Iterator[None]:
    """Around a whole command: where torchrun has started several, all but the first only help it to train, and end."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield
        return
    from workbench.engines.learning.leading import dismiss, follow

    if int(os.environ["RANK"]):
        try:
            follow(torch_learner)
        except WorkbenchError as error:
            complain(str(error))
            sys.exit(error.exit_code)
        sys.exit()
    try:
        yield
    finally:
        dismiss()


def _show_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def options(
    home: Annotated[Path | None, typer.Option(help="Everything is written below this folder.")] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Teach language models poetry, and prove what was taught."""
    if home:
        os.environ[HOME_VARIABLE] = str(home.absolute())  # children inherit it
    try:
        use_said()
    except WorkbenchError as error:  # `prosody` refuses such a file; every other command continues without it
        complain(str(error))


if __name__ == "__main__":
    main()
