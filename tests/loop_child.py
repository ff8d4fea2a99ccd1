"""A process that works on a small run of the loop and kills itself where it is told to.

`tests/loop_trials.py` starts it and says what it is given: MODEL, ROOT, NAME, TASK, then "position" P or "seconds" S.

It begins the run NAME in ROOT with MODEL (a folder, or built-in), which trains TASK (follower, describer, both;
preference: the describer by pairs), or continues it. With `position P` it dies by SIGKILL as soon as action P begins,
with `seconds S` a timer kills it S seconds after the models are loaded. Tells the digests at the end.
"""

import hashlib
import os
import signal
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from workbench.improvement.improve import improve
from workbench.improvement.run import new_run, open_run
from workbench.improvement.settings import settings_from
from workbench.storage.execution import Progress

SETTINGS: dict[str, Any] = {
    "seed": 7,
    "corpus": {"poems": "data/poems/good/short.jsonl", "limit": 6, "held_out": 0.3},
    "backtranslation": {"n_candidates": 2, "words": 20, "max_new_tokens": 24, "keep_endless": True, "min_words": 1},
    "scoring": {"others": 1},
    "selection": {"top_k": 1, "min_gain": -9.0},
    "learner": {"lora_rank": 4, "threads": 1},
    "training": {"learning_rate": 1e-3, "learning_rate_end": 5e-4},
    "improvement": {
        "iterations": 2, "poems_per_batch": 2, "evals_per_iteration": 2, "saves_per_iteration": 1,
    },
    "evaluation": {"n_candidates": 1, "arms": ["top", "random"]},
}  # fmt: skip


def digests(folder: Path) -> str:
    """Sha256 of the final adapters."""
    sha = hashlib.sha256()
    for file in sorted(folder.glob("adapters/*-2/adapter_model.safetensors")):
        sha.update(file.parent.name.encode() + file.read_bytes())
    return sha.hexdigest()


def main(told: Connection, model: str, root: Path, name: str, task: str, how: str = "", when: str = "0") -> None:
    """See the module."""

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def watch(progress: Progress) -> None:
        if how == "position" and progress.position >= int(when):
            die()

    what = {"task": "describer", "objective": "preference"} if task == "preference" else {"task": task}
    own = {"source": model, "weights": "bf16", "cache": str(Path(model).parent / "cache")}
    source = own if model != "built-in" else {}
    settings = settings_from({**SETTINGS, "model": source, "training": SETTINGS["training"] | what, "runs": str(root)})
    opening = open_run(root, name) if (root / name / "run.json").exists() else new_run(settings, name=name)
    with opening as opened:
        loop = opened.loop()
        if how == "seconds":
            threading.Timer(float(when), die).start()
        improve(loop, watch=watch)
        n_adapters = len(list(opened.run.folder.glob("adapters/*-2")))
        told.send(f"{opened.run.records.digest()} {digests(opened.run.folder)} {n_adapters}")
    if how == "seconds":
        os._exit(0)  # the timer must not kill a run that has ended
