"""A study: which pairs of models write about which prompts, how often, and the folder where the sessions lie.

    data/runs/revflux/NAME/
        study.json        settings and prompts of the last run
        traces/ID.json    one session each; ID is made of the configuration, the prompt, the seed and the settings
        summary.json, sessions.parquet, rounds.parquet, lines.parquet, dashboard.html, figures/

An item is known by what it is, so a study that continues, also with more prompts or samples, never does one twice, and
a changed setting never mixes with old sessions. Each session is one JSON file, whole or not there.

Prompts come from `data/revflux/prompts.jsonl` or a user's own file:

    .jsonl   one object per line: {"prompt": "…", "category": "…"}; the category may be left out
    .txt     one prompt per line

The three categories of the reference: `canonical` (a well-known poem described, never quoted: will the model fall into
it?), `generic` (a subject and nothing else), `cliche` (a subject that comes with its clichés).
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Le

from workbench.config import Seed
from workbench.errors import ConfigError, DamagedError, InputError
from workbench.revision.settings import Guidance, RevisionSettings
from workbench.revision.types import Trace
from workbench.storage import atomic
from workbench.storage.atomic import disk_errors, write_file
from workbench.storage.input_files import quoted, read_text, refusal
from workbench.storage.strict_json import JsonRefusedError, json_value
from workbench.types import content_id, seed_for

MOST_REVISIONS = 20


YOURS = "yours"


MAX_CHARACTERS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPrompt:
    """What the models are asked for."""

    text: str
    category: str

    @property
    def id(self) -> str:
        """Content identity; the category is not part of it."""
        return content_id("study prompt", self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A pair of models by name; without an educator the poet only drafts, straight from the request."""

    name: str
    poet: str  # built-in, built-in+ADAPTER_FOLDER, path.gguf or remote:URL#MODEL
    educator: str = ""
    educator_guidance: Guidance | None = None  # other than that of `revision`: an untaught model needs more
    poet_guidance: Guidance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySettings:
    """Everything a study depends on."""

    seed: Seed = 42
    folder: str = "data/runs/revflux"
    prompts: str = "data/revflux/prompts.jsonl"
    bands: str = "data/revflux/bands.jsonl"
    revisions: tuple[Annotated[int, Ge(0), Le(20)], ...] = (0, 1, 3, 5)
    samples: Annotated[int, Ge(1), Le(1000)] = 2  # sessions per prompt, each with its own seed
    batch: Annotated[int, Ge(1), Le(1000)] = 8  # sessions side by side; stored when all of them have ended
    configurations: tuple[Configuration, ...] = ()
    revision: RevisionSettings = field(default_factory=RevisionSettings)  # of the loop, but for models, seed and limit


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyItem:
    """One session to hold."""

    configuration: Configuration
    prompt: StudyPrompt
    sample: int
    settings: RevisionSettings
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySession:
    """One session that was held."""

    id: str
    configuration: str
    category: str
    sample: int
    trace: Trace
    form: str = ""  # of its settings; "" = the one of its brief


def plan(settings: StudySettings, prompts: Sequence[StudyPrompt]) -> list[StudyItem]:
    """Every session of the study: configurations × prompts × samples.

    The seed depends on prompt and sample alone, so that configurations are compared on the same draws.
    """
    items = []
    for configuration in settings.configurations:
        for prompt in prompts:
            for sample in range(settings.samples):
                how = _session_settings(settings, configuration, seed_for(settings.seed, prompt.id, str(sample)))
                id_ = content_id("study item", configuration.name, configuration.educator, prompt.id, repr(how))
                items.append(StudyItem(configuration=configuration, prompt=prompt, sample=sample, settings=how, id=id_))
    return items


def check_settings(settings: StudySettings, *, where: str) -> None:
    """Says what cannot be done.

    Raises:
        ConfigError: a value is out of range; one line, with the place.
    """
    names = [configuration.name for configuration in settings.configurations]
    revisions = settings.revisions
    troubles = {
        "configurations: at least one is needed": not names,
        "configurations: two have the same name, rename one": len(set(names)) < len(names),
        f"revisions: write numbers from 0 to {MOST_REVISIONS}, such as [0, 1, 3, 5]": not revisions
        or not all(0 <= number <= MOST_REVISIONS for number in revisions),
        "samples: at least 1": settings.samples < 1,
        "batch: at least 1": settings.batch < 1,
    }
    for sentence, is_broken in troubles.items():
        if is_broken:
            raise ConfigError(f"{where}: {sentence}")


def store(folder: Path, item: StudyItem, trace: Trace) -> None:
    """Keeps a session that was held."""
    name, category = item.configuration.name, item.prompt.category
    path = trace_path(folder, item.id)
    with disk_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_trace(path, trace, configuration=name, category=category, sample=item.sample, form=item.settings.form)


def trace_path(folder: Path, id_: str) -> Path:
    """Where a session lies."""
    return folder / "traces" / f"{id_}.json"


def sessions(folder: Path, ids: Sequence[str] = ()) -> list[StudySession]:
    """The sessions of a folder; of `ids` those that are there, else all.

    Raises:
        InputError: there is no study in the folder.
        DamagedError: a file is not a session.
    """
    if not (folder / "traces").is_dir():
        raise InputError(f"{folder}: no study here (no folder traces); run one: workbench revflux run")
    paths = [trace_path(folder, id_) for id_ in ids] if ids else sorted((folder / "traces").glob("*.json"))
    return [_session(path) for path in paths if path.is_file()]


def settings_data(settings: StudySettings) -> dict[str, Any]:
    """Settings as plain data."""
    return dict(json.loads(json.dumps(asdict(settings), default=str)))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process works on a study at a time.

    Raises:
        LockedError: another one does.
    """
    with disk_errors(folder):
        (folder / "traces").mkdir(parents=True, exist_ok=True)
    busy = f"{folder}: another process works on this study; wait for it or stop it"
    with atomic.locked(folder / "lock", busy=busy):
        yield


def read_prompts(path: Path) -> list[StudyPrompt]:
    """The prompts of a file, in order; one that is there twice counts once.

    Raises:
        InputError: `file:line: reason, what to do`.
    """
    if path.suffix not in (".jsonl", ".txt"):
        raise refusal(path, "prompts come as .jsonl or .txt, rename or convert the file")
    found: dict[str, StudyPrompt] = {}
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if line.strip():
            prompt = _prompt(path, line, number) if path.suffix == ".jsonl" else (line.strip(), YOURS)
            if len(prompt[0]) > MAX_CHARACTERS:
                raise refusal(path, f"the prompt is longer than {MAX_CHARACTERS} characters, shorten it", number)
            one = StudyPrompt(text=prompt[0], category=prompt[1])
            found.setdefault(one.id, one)
    if not found:
        raise refusal(path, "there is no prompt in it, write one per line")
    return list(found.values())


def of_each_category(prompts: list[StudyPrompt], limit: int) -> list[StudyPrompt]:
    """The first `limit` prompts of every category; all of them for 0."""
    seen: dict[str, int] = {}
    kept = []
    for prompt in prompts:
        seen[prompt.category] = seen.get(prompt.category, 0) + 1
        if not limit or seen[prompt.category] <= limit:
            kept.append(prompt)
    return kept


def write_trace(path: Path, trace: Trace, **about: str | int) -> None:
    """Stores a session with what a study knows about it.

    Raises:
        StoreError: the disk is full or read-only; nothing of it was stored.
    """
    write_file(path, json.dumps({"about": about, "trace": asdict(trace)}, indent=1).encode("ascii"))


def read_trace(path: Path) -> tuple[Trace, dict[str, Any]]:
    """A stored session and what is known about it.

    Raises:
        InputError: the file cannot be read.
        DamagedError: it is not what `write_trace` wrote.
    """
    text = read_text(path)
    try:
        data = json.loads(text)
        return _adapter().validate_python(data["trace"]), dict(data["about"])
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise DamagedError(f"{path}: not a session of a study; remove the file and run the study again") from exc


def _session(path: Path) -> StudySession:
    trace, about = read_trace(path)
    return StudySession(
        id=path.stem,
        configuration=str(about.get("configuration", "")),
        category=str(about.get("category", "")),
        sample=int(about.get("sample", 0)),
        trace=trace,
        form=str(about.get("form", "")),
    )


def _session_settings(settings: StudySettings, configuration: Configuration, seed: int) -> RevisionSettings:
    given = settings.revision
    return replace(
        given,
        educator=configuration.educator or configuration.poet,
        poet=configuration.poet,
        educator_guidance=configuration.educator_guidance or given.educator_guidance,
        poet_guidance=configuration.poet_guidance or given.poet_guidance,
        seed=seed,
        max_revisions=max(settings.revisions),
    )


def _prompt(path: Path, line: str, number: int) -> tuple[str, str]:
    try:
        value = json_value(line, line=number)
    except JsonRefusedError as exc:
        raise refusal(path, str(exc), exc.line) from exc
    if not isinstance(value, dict) or not isinstance(value.get("prompt"), str) or not value["prompt"].strip():
        raise refusal(path, 'no text under the key "prompt", write {"prompt": "…", "category": "…"}', number)
    category = value.get("category", YOURS)
    if not isinstance(category, str) or not category.strip():
        raise refusal(
            path, f"the category {quoted(category)} is not a valid name, write a word or leave it out", number
        )
    text = value["prompt"].strip()
    if any("\ud800" <= char <= "\udfff" for char in text + category):
        raise refusal(path, "half of a character pair (a lone surrogate), write the whole character", number)
    return text, category.strip()


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(Trace)
