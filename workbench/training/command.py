"""`python -m workbench train config/educator.yaml`: a fine-tuning with its estimate, its progress and its last word."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from rich.console import Console
from rich.text import Text

from workbench.config import load_job
from workbench.storage.progress import Progress
from workbench.storage.runs import stop_on_interrupt
from workbench.training.run import FineTuningRun, TrainingJob, new_training, open_training
from workbench.training.train import train_adapter

console = Console(highlight=False)


def fine_tune(config: Path, overrides: Sequence[str], name: str, watch: Callable[[Progress], None]) -> Path:
    """Begins a fine-tuning from its YAML file and carries it to its end; returns the folder of the adapter."""
    return _carry_out(new_training(load_job(TrainingJob, config, overrides), name=name), watch)


def resume_fine_tuning(runs: Path, name: str, watch: Callable[[Progress], None]) -> Path:
    """Goes on with a fine-tuning exactly where it stopped."""
    return _carry_out(open_training(runs, name), watch)


def _carry_out(opening: AbstractContextManager[FineTuningRun], watch: Callable[[Progress], None]) -> Path:
    with opening as session, stop_on_interrupt(session.run):
        console.print(f"Run [bold]{session.run.name}[/bold] in {session.run.folder}")
        estimate = session.estimate()
        session.run.records.note("estimate", text=str(estimate))
        console.print(Text(str(estimate)))
        folder = train_adapter(
            session.fine_tuning,
            watch=lambda position, of, text: watch(Progress(position=position, n_actions=of, text=text)),
        )
        console.print(Text(session.summary()))
        console.print(f"The adapter lies in {folder}.")
        return folder
