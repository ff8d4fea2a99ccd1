"""`workbench train config/educator.yaml`: a fine-tuning with its estimate, its progress and its last word."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from workbench.config import load_job
from workbench.places import written
from workbench.terminal import console, interruptible, progress_bar, say
from workbench.training.run import FineTuningRun, TrainingJob, new_training, open_training
from workbench.training.train import train_adapter


def fine_tune(config: Path, overrides: Sequence[str], name: str) -> Path:
    """Starts a fine-tuning from its YAML file and carries it to its end; returns the folder of the adapter."""
    return _carry_out(new_training(load_job(TrainingJob, config, overrides), name=name))


def resume_fine_tuning(runs: Path, name: str) -> Path:
    """Continues a fine-tuning exactly where it stopped."""
    return _carry_out(open_training(runs, name))


def train_or_continue(config: Path, overrides: Sequence[str], name: str) -> str:
    """Starts a fine-tuning, or continues the one of this name: for machines that may be taken away; its name."""
    job = load_job(TrainingJob, config, overrides)
    if (written(job.runs) / name / "run.json").is_file():
        resume_fine_tuning(Path(job.runs), name)
    else:
        fine_tune(config, overrides, name)
    return name


def _carry_out(opening: AbstractContextManager[FineTuningRun]) -> Path:
    with opening as opened, interruptible(opened.run.ask_to_stop), progress_bar() as watch:
        console.print(f"Run [bold]{opened.run.name}[/bold] in {opened.run.folder}")
        estimate = opened.estimate()
        opened.run.records.note("estimate", text=str(estimate))
        say(str(estimate))
        folder = train_adapter(opened.fine_tuning, watch=watch)
        say(opened.summary())
        say(f"The adapter is in {folder}.")
        return folder
