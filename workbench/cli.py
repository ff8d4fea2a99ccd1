"""The table of commands: one a phase, every one a plain function in that phase's command.py, all reading YAML."""

from collections.abc import Callable

import typer

from workbench.capacity import plan
from workbench.composing.command import compose
from workbench.describing.command import describe
from workbench.doctor import doctor
from workbench.education.command import app as educate_app
from workbench.education.command import run_command as educate_run
from workbench.export.command import export_command
from workbench.improvement import command as loop
from workbench.model_fit import models
from workbench.practice.command import practice
from workbench.prosody.command import app as prosody_app
from workbench.revflux.command import app as revflux_app
from workbench.revision.command import revise
from workbench.server.command import serve
from workbench.studio.fetching import get_model
from workbench.studio.worker import studio_models
from workbench.study.command import study_command
from workbench.terminal import Commands
from workbench.ui.command import serve_app
from workbench.writing.command import write

app = typer.Typer(
    cls=Commands,
    help="Teach language models poetry, and prove what was taught.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
COMMANDS: dict[str, Callable[..., None]] = {
    "improve": loop.improve,
    "backtranslate": loop.backtranslate,
    "score": loop.score,
    "select": loop.select,
    "train": loop.train,
    "evaluate": loop.evaluate,
    "runs": loop.list_all,
    "show": loop.show,
    "compare": loop.compare,
    "stop": loop.stop,
    "study": study_command,
    "describe": describe,
    "compose": compose,
    "write": write,
    "practice": practice,
    "revise": revise,
    "export": export_command,
    "serve": serve,
    "app": serve_app,
    "models": models,
    "plan": plan,
    "doctor": doctor,
}
for name, command in COMMANDS.items():
    app.command(name)(command)
app.command("studio-models", hidden=True)(studio_models)  # the app's own
app.command("get-model", hidden=True)(get_model)
educate_app.command("run")(educate_run)
app.add_typer(prosody_app, name="prosody")
app.add_typer(educate_app, name="educate")
app.add_typer(revflux_app, name="revflux")
