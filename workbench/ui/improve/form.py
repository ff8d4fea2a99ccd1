"""The form of a new run: what it can begin with, the command it stands for, its cost, its complaints. No widgets."""

import contextlib
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from workbench.config import as_yaml
from workbench.corpus.load import load_poems
from workbench.engines.ray_crew import hire_on
from workbench.errors import InputError, WorkbenchError
from workbench.improvement.estimate import estimate, n_short_enough
from workbench.improvement.settings import Settings, load_settings, settings_of_run
from workbench.jobs import shown_command
from workbench.places import as_typed, located
from workbench.storage.atomic import write_file
from workbench.storage.runs import Run
from workbench.ui.folders import AppFolders
from workbench.ui.html import note_html

# label, setting, kind; the first few are in sight, the rest under “More settings”
CONTROLS = (
    ("Poems to use (0 = all)", "corpus.limit", "number"),
    ("Descriptions of each (N)", "backtranslation.n_candidates", "number"),
    ("Winners of each (K)", "selection.top_k", "number"),
    ("Iterations", "improvement.iterations", "number"),
    ("Words a description", "backtranslation.words", "number"),
    ("Temperature", "backtranslation.temperature", "number"),
    ("Rank winners by", "selection.rule", ("specificity", "contrast", "guarded_gain", "gain", "loss")),
    ("Train", "training.task", ("follower", "describer", "both")),
    ("Objective", "training.objective", ("imitation", "preference", "policy")),
    ("Share of poems held out", "corpus.held_out", "number"),
    ("Poems a step", "improvement.poems_per_batch", "number"),
    ("LoRA rank", "learner.lora_rank", "number"),
    ("Learning rate at the start", "training.learning_rate", "number"),
    ("Learning rate at the end", "training.learning_rate_end", "number"),
    ("Seed", "seed", "number"),
    ("Model (built-in, a folder, a .gguf file)", "model.source", "text"),
)
N_IN_SIGHT = 4
PRESETS = {
    "demo.yaml": "This laptop: a first try in minutes",
    "choosing.yaml": "This laptop: does choosing teach? Pairs on short poems, six minutes",
    "improve.yaml": "This laptop: all poems, every setting as usual",
    "improve_gpu.yaml": "One GPU: a model of 8 billion parameters in 4 bits",
    "improve_gpu.yaml --on ray:auto": "A cluster: the same, and workers of its Ray describe and score",
    "selection_study.yaml": "A study of whether choosing helps",
}
ON = " --on "  # between a settings file and the place where its work is spread
_CLUSTER = (
    "The workers of the Ray cluster that this machine belongs to (ray start --head here, ray start --address on the "
    "others) describe and score; training stays on this machine, which needs the GPU. For a cluster elsewhere, copy "
    "the command below and put its address after --on ray: instead of auto. The time is that of one machine."
)
LIKE = "as "  # before the name of a run whose settings are taken
_PLAIN = re.compile(r"[A-Za-z/][\w./-]*")


def configs(folders: AppFolders) -> list[str]:
    """What a new run can begin with: the jobs of config/, and the settings of earlier runs."""
    presets = [name for name in PRESETS if (folders.config / name.partition(ON)[0]).is_file()]
    return presets + [LIKE + name for name in folders.loops() if (folders.runs / name / "run.json").is_file()][:30]


def titled(names: Sequence[str]) -> list[tuple[str, str]]:
    """The same as a list shows them.

    >>> titled(["demo.yaml", "as tide"])
    [('This laptop: a first try in minutes (demo.yaml)', 'demo.yaml'), ('as tide', 'as tide')]
    """
    return [(f"{PRESETS[name]} ({name})" if name in PRESETS else name, name) for name in names]


def collections(folders: AppFolders) -> list[str]:
    """Folders of poems, as the settings name them."""
    return [as_typed(path) for path in folders.collections().values()]


def config_file(folders: AppFolders, config: str) -> Path:
    """The YAML file of a choice; that of an earlier run is written into its folder.

    Raises:
        InputError: there is no such choice.
        StoreError: the run's settings cannot be read or written.
    """
    if config not in configs(folders):
        raise InputError(f"no settings {config!r}; choose one from the list")
    if not config.startswith(LIKE):
        return folders.config / config.partition(ON)[0]
    with contextlib.closing(Run.open(folders.runs, config.removeprefix(LIKE), read_only=True)) as run:
        text = as_yaml(settings_of_run(run.facts, where=f"{run.name}/run.json"))
    file = run.folder / "settings.yaml"
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        write_file(file, text.encode())
    return file


def values_of(folders: AppFolders, config: str) -> list[Any]:
    """What the form shows: the poems, then every control."""
    settings = load_settings(config_file(folders, config))
    return [settings.corpus.poems, *(_get(settings, key) for _, key, _ in CONTROLS)]


def arguments_of(
    folders: AppFolders, config: str, poems: str | None, name: str | None, verdicts: str | None, *values: Any
) -> list[str]:
    """The command that a filled form stands for; only what differs from the settings file is said.

    Raises:
        WorkbenchError: the settings file cannot be used.
    """
    file = config_file(folders, config)
    before = load_settings(file)
    changes = [("corpus.poems", poems), *((key, value) for (_, key, _), value in zip(CONTROLS, values, strict=True))]
    arguments = ["improve", as_typed(file)]
    for key, value in changes:
        if value is not None and value != _get(before, key):
            arguments += ["--set", f"{key}={_yaml(value)}"]
    if verdicts:
        arguments += ["--verdicts", verdicts]
    if name and name.strip():
        arguments += ["--name", name.strip()]
    arguments += ["--on", config.partition(ON)[2]] if ON in config else []
    return [*arguments, "--runs", as_typed(folders.runs)]


def place_of(arguments: Sequence[str]) -> list[str]:
    """Where a command spreads its work, as it says it; [] = nowhere.

    >>> place_of(["improve", "demo.yaml", "--on", "ray:auto", "--name", "tide"]), place_of(["improve", "demo.yaml"])
    (['--on', 'ray:auto'], [])
    """
    return list(arguments[arguments.index("--on") :][:2]) if "--on" in arguments else []


def check_place(arguments: Sequence[str]) -> None:
    """Refuses a place that this installation cannot reach, before a job fails of it.

    Raises:
        ConfigError: it is no place.
        EngineError: Ray is not installed.
    """
    hire_on("".join(place_of(arguments)[1:]))


def settings_of(arguments: list[str]) -> Settings:
    """The settings that such a command reads.

    Raises:
        ConfigError: one of them does not fit.
    """
    overrides = [after for word, after in pairwise(arguments) if word == "--set"]
    return load_settings(located(arguments[1]), overrides)


def preview(folders: AppFolders, *form: Any) -> tuple[str, str, str]:
    """Cost, command and YAML of a filled form; or the one line that says what does not fit."""
    try:
        arguments = arguments_of(folders, *form)
        settings = settings_of(arguments)
        poems = load_poems(located(settings.corpus.poems), separator=settings.corpus.separator)
        n_poems = n_short_enough(settings, poems)
        cost = estimate(settings, n_poems, runs=folders.runs)
    except WorkbenchError as exc:
        return note_html(in_words(exc), "bad"), "", ""
    told = [f"{_counted(len(poems), n_poems)} The run: {cost.sentence}.", *poems.told]
    told += [_CLUSTER] * bool(place_of(arguments))
    return (
        "".join(map(note_html, told)) + _missing_html(arguments),
        shown_command(arguments),
        as_yaml(settings),
    )


def _missing_html(arguments: Sequence[str]) -> str:
    try:
        check_place(arguments)
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    return ""


def _counted(n_poems: int, n_short: int) -> str:
    long = f", about {n_short} of them short enough" if n_short < n_poems else ""
    return f"{n_poems} poems are there{long}."


def in_words(complaint: Exception) -> str:
    """A complaint about settings as the form names them: no path, labels for keys.

    >>> in_words(ValueError("/x/demo.yaml: selection.top_k (9) is more than backtranslation.n_candidates (4)"))
    '“Winners of each (K)” (9) is more than “Descriptions of each (N)” (4)'
    """
    told = re.sub(r"^\S*[\w-]+\.yaml:(?:\d+:)? ", "", str(complaint))
    for label, key, _ in sorted(CONTROLS, key=lambda control: -len(control[1])):
        told = re.sub(rf"(?<![\w.]){re.escape(key)}(?![\w.])", f"“{label}”", told)
    return told


def _get(settings: Settings, key: str) -> Any:
    value: Any = settings
    for part in key.split("."):
        value = getattr(value, part)
    return value


def _yaml(value: Any) -> str:
    """A value as --set reads it: whole numbers without a point; text in quotes where YAML could take it for more."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    is_plain = isinstance(value, int | float) or _PLAIN.fullmatch(text)
    return text if is_plain else "'" + text.replace("'", "''") + "'"
