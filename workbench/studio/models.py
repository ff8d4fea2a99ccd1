"""The models that are at hand: the built-in one, adapters, GGUF files, Hugging Face folders, endpoints.

    models/NAME/                an adapter (adapter_config.json) or a whole model (config.json, *.safetensors)
    models/gguf/FILE.gguf       a model file, with FILE.passport.json where it was exported here
    data/sessions/endpoints.json   endpoints that people added: URL, model, name of the variable with the key; no key
    data/runs/RUN/adapters/     what the loop trained

Each goes by an engine's name (`revision.engines`), and has one plain sentence on what it is good for. Nothing is loaded
or asked here; `studio_tasks` tests a model in the studio's process.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from workbench.engines.adapter_files import WEIGHTS
from workbench.engines.names import ADAPTER_FILE, BUILT_IN, KEY, base_of_adapter, display_name, is_local, parse_engine
from workbench.errors import EngineError, InputError, WorkbenchError
from workbench.export.passport import MODELFILE, PASSPORT, Passport, read_passport
from workbench.places import ROOT, as_typed, home
from workbench.storage.atomic import disk_errors, write_file
from workbench.types import content_id

Kind = Literal["built-in", "adapter", "file", "folder", "endpoint"]
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_SHIPPED = ("educator", "poet", "rhyme_poet", "describer")
_NOT_MODELS = ("base", "gguf")

SMALL = "135 million parameters: quick on any machine, and it shows how everything works; its judgement is a beginner's"
_BY_GIGABYTES = (
    (0.4, "a very small model: it shows how things work, do not trust its judgement"),
    (1.6, "a small model: it keeps to a format and finds the obvious; its drafts are plain"),
    (4.0, "a fair partner for drafts and simple critiques; on a processor alone expect about a minute a draft"),
    (12.0, "a good poet and a usable educator; wants a graphics card, or patience"),
    (float("inf"), "a strong educator and poet; wants a large graphics card"),
)
_OWN_TASK = {
    "educator": "reads drafts and writes briefs and critiques; take it as the educator",
    "poet": "writes and revises from a brief; take it as the poet",
    "rhyme_poet": "writes in rhymed forms; take it as the poet where the brief names a form",
    "describer": "describes poems; made by the loop",
    "follower": "writes poems after a description; made by the loop, take it as the poet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An OpenAI-compatible endpoint that somebody added."""

    url: str
    model: str
    key_variable: str = ""  # environment variable with the key; "" = none is needed

    @property
    def engine(self) -> str:
        """As the engines name it."""
        return f"remote:{self.url}#{self.model}"

    @property
    def is_local(self) -> bool:
        """Whether poems stay on this machine."""
        return is_local(self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """A model at hand."""

    engine: str  # name by which the studio takes it
    title: str
    kind: Kind
    good_for: str  # one plain sentence
    where: str = ""
    n_bytes: int = 0
    passport: Passport | None = None
    trouble: str = ""  # why it cannot be used as it is
    is_describer: bool = False  # neither educator nor poet: `workbench describe` takes it

    @property
    def test_name(self) -> str:
        """Under which the studio's process tells of its test."""
        return f"test.{content_id('test', self.engine)}"


class ModelCatalog:
    """What lies in the folder of models and in the runs.

    Args:
        folder: of models.
        sessions: of the studio, where added endpoints are remembered.
        runs: of runs, whose adapters are shown too.
    """

    def __init__(self, folder: Path, *, sessions: Path, runs: Path | None = None) -> None:
        self.folder, self._runs = folder, runs
        self._sessions, self._endpoints_file = sessions, sessions / "endpoints.json"

    def models(self) -> list[ModelEntry]:
        """Everything at hand, the built-in model first."""
        return [_BUILT_IN_MODEL, *self._adapters(), *self._folders(), *self._files(), *self._endpoints()]

    def find(self, engine: str) -> ModelEntry:
        """One of them.

        Raises:
            InputError: it is not there.
        """
        for one in self.models():
            if one.engine == engine:
                return one
        raise InputError(f"{engine!r} is not among the models at hand; see the tab Models")

    def choices(self) -> list[tuple[str, str]]:
        """Title and engine of all that can be educator or poet, for a list."""
        return [(one.title, one.engine) for one in self.models() if not (one.trouble or one.is_describer)]

    def key_variable(self, engine: str) -> str:
        """The environment variable with the key of an endpoint."""
        return next((each.key_variable or KEY for each in self.endpoints() if each.engine == engine), KEY)

    # ------------------------------------------------------------ endpoints

    def endpoints(self) -> list[Endpoint]:
        """Those that were added."""
        try:
            data = json.loads(self._endpoints_file.read_text("utf-8"))
            return [Endpoint(**each) for each in data]
        except (OSError, ValueError, TypeError):
            return []

    def checked_endpoint(self, url: str, model: str, key_variable: str = "") -> Endpoint:
        """An endpoint as it would be remembered; a key itself is refused, only the name of its variable is taken.

        Raises:
            InputError: URL, model or variable cannot be.
        """
        variable = key_variable.strip()
        if variable and not _VARIABLE.fullmatch(variable):
            raise InputError("give the NAME of an environment variable, such as OPENAI_API_KEY, never the key itself")
        parts = urlsplit(url.strip())
        if parts.username or parts.password or parts.query:
            raise InputError("leave keys and passwords out of the address; put them into an environment variable")
        new = Endpoint(url=url.strip().rstrip("/"), model=model.strip(), key_variable=variable)
        try:
            parse_engine(new.engine)
        except WorkbenchError as exc:
            raise InputError("write an address such as http://127.0.0.1:11434/v1, and the model's name there") from exc
        if "#" in new.model or any(char.isspace() for char in new.url + new.model) or not parts.hostname:
            raise InputError("the address and the model's name have no spaces and no #")
        return new

    def add_endpoint(self, url: str, model: str, key_variable: str = "") -> Endpoint:
        """Remembers an endpoint.

        Raises:
            InputError: as `checked_endpoint`.
            StoreError: the disk.
        """
        new = self.checked_endpoint(url, model, key_variable)
        self._write([*(each for each in self.endpoints() if each.engine != new.engine), new])
        return new

    def remove(self, one: ModelEntry) -> None:
        """Forgets an endpoint; deletes a GGUF file with its passport and Modelfile, and nothing else.

        Raises:
            StoreError: the disk.
        """
        if one.kind == "endpoint":
            self._write([each for each in self.endpoints() if each.engine != one.engine])
        elif one.kind == "file":
            path = Path(one.engine)
            with disk_errors(path):
                path.unlink(missing_ok=True)
                for ending in (PASSPORT, MODELFILE):
                    path.with_suffix(ending).unlink(missing_ok=True)

    def _write(self, endpoints: list[Endpoint]) -> None:
        data = [asdict(each) for each in endpoints]
        with disk_errors(self._endpoints_file):
            self._endpoints_file.parent.mkdir(parents=True, exist_ok=True)
        write_file(self._endpoints_file, json.dumps(data, indent=1).encode("ascii"))

    # ------------------------------------------------------------ private

    def _adapters(self) -> Iterator[ModelEntry]:
        shipped = ROOT / "models" if self.folder == home() / "models" else self.folder
        for name in _SHIPPED:
            if not (self.folder / name / ADAPTER_FILE).is_file():
                is_shipped = (shipped / name / ADAPTER_FILE).is_file()
                lacks = "" if is_shipped else "not there yet; the built-in model itself takes its place"
                yield _adapter(shipped / name, name, lacks)
        for config in sorted(self.folder.glob(f"*/{ADAPTER_FILE}")):
            yield _adapter(config.parent, config.parent.name)
        for config in sorted(self._runs.glob(f"*/adapters/*/{ADAPTER_FILE}")) if self._runs else ():
            name, run = config.parent.name, config.parent.parent.parent
            task = "describer" if name.startswith("describer") else _task_of(run)
            yield _adapter(config.parent, task, title=f"{run.name}: {name}")

    def _folders(self) -> Iterator[ModelEntry]:
        for config in sorted(self.folder.glob("*/config.json")):
            folder = config.parent
            if folder.name in _NOT_MODELS or (folder / ADAPTER_FILE).is_file():
                continue
            n_bytes = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
            trouble = "" if n_bytes else "it has no *.safetensors"
            yield ModelEntry(engine=str(folder.resolve()), title=folder.name, kind="folder", where=str(folder),
                          good_for=good_for_bytes(n_bytes // 2), n_bytes=n_bytes, trouble=trouble)  # fmt: skip

    def _files(self) -> Iterator[ModelEntry]:
        for path in sorted((self.folder / "gguf").glob("*.gguf")):
            if is_arriving(self._sessions, str(path.resolve())):
                continue
            n_bytes, passport = path.stat().st_size, _passport(path)
            is_adapter = path.stem.endswith("-adapter")
            told = _OWN_TASK.get(str(passport.facts.get("task", "")), "") if passport else ""
            yield ModelEntry(
                engine=str(path.resolve()), title=path.stem, kind="file", where=str(path), n_bytes=n_bytes,
                good_for=f"{told}; {good_for_bytes(n_bytes)}" if told else good_for_bytes(n_bytes), passport=passport,
                trouble="an adapter alone: it needs its base, use the folder it was made of" if is_adapter else "",
            )  # fmt: skip

    def _endpoints(self) -> Iterator[ModelEntry]:
        for each in self.endpoints():
            stays = "on this machine" if each.is_local else "elsewhere: what you write goes there, and may cost money"
            lacks = each.key_variable and not os.environ.get(each.key_variable)
            fix = ("its key was kept for one session only; add it again" if is_session_key(each.key_variable)
                   else f"set {each.key_variable} in the environment and start the app again")  # fmt: skip
            yield ModelEntry(
                engine=each.engine, title=f"{each.model} at {urlsplit(each.url).netloc}", kind="endpoint",
                where=each.url, good_for=f"as good as the model behind it, usually the strongest educator; {stays}",
                trouble=fix if lacks else "",
            )  # fmt: skip


def newcomer_file(sessions: Path, engine: str) -> Path:
    """Where a model that is not listed yet is written down (`newcomers`)."""
    return sessions / "newcomers" / f"{content_id('test', engine)}.json"


def is_arriving(sessions: Path, engine: str) -> bool:
    """Whether a model has not passed its first test yet."""
    return newcomer_file(sessions, engine).is_file()


def is_session_key(variable: str) -> bool:
    """Whether a key was typed in the app, which keeps it until it ends."""
    return variable.startswith("SESSION_KEY_")


def good_for_bytes(n_bytes: int) -> str:
    """What a model of this size is good for; 4-bit files have about half a gigabyte a billion parameters.

    >>> good_for_bytes(90_000_000)
    'a very small model: it shows how things work, do not trust its judgement'
    """
    return next(said for gigabytes, said in _BY_GIGABYTES if n_bytes <= gigabytes * 1e9)


_BUILT_IN_MODEL = ModelEntry(engine=BUILT_IN, title="the built-in model", kind="built-in", good_for=SMALL)


def _adapter(folder: Path, task: str, trouble: str = "", *, title: str = "") -> ModelEntry:
    weights, base = folder / WEIGHTS, BUILT_IN
    if not trouble and not weights.is_file():
        trouble = f"it has no {WEIGHTS}"
    try:
        base = base if trouble else base_of_adapter(folder)
    except EngineError as exc:
        trouble = str(exc)
    place = as_typed(folder)
    return ModelEntry(
        engine=f"{base}+{place}", title=title or f"our {task.replace('_', ' ')}", kind="adapter", where=place,
        good_for=f"{_OWN_TASK.get(task, f'an adapter of {display_name(base)}')}; no stronger than {display_name(base)}",
        n_bytes=weights.stat().st_size if weights.is_file() else 0, trouble=trouble, is_describer=task == "describer",
    )  # fmt: skip


def _task_of(run: Path) -> str:
    """What a run taught: a fine-tuning what its job is called, the loop a follower."""
    try:
        kept = json.loads((run / "run.json").read_text("utf-8"))
        return str(kept["settings"]["name"]) if kept["kind"] == "training" else "follower"
    except (OSError, ValueError, KeyError, TypeError):
        return "follower"


def _passport(path: Path) -> Passport | None:
    try:
        return read_passport(path.with_suffix(PASSPORT))
    except WorkbenchError:
        return None
