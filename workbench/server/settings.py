"""What the server offers and how much of it: `config/serve.yaml`.

A model is reached by its name in this file and never by a path. A name whose adapter is not there yet is left out.
"""

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Gt, Le

from workbench.backtranslation import BacktranslationSettings
from workbench.composing.compose import ComposingSettings
from workbench.config import Seed, load_job
from workbench.engines.adapter_files import WEIGHTS
from workbench.engines.names import BUILT_IN
from workbench.engines.sources import ModelSettings, built_in_gguf, checkpoint_facts, find_source, gguf_facts
from workbench.errors import ConfigError, EngineError
from workbench.places import located
from workbench.prompts.roles import load_persona
from workbench.revision.settings import RevisionSettings
from workbench.taught_model import RUNS, find_taught

Count = Annotated[int, Ge(1), Le(10**9)]
Seconds = Annotated[float, Gt(0), Le(86_400)]
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedModelSettings:
    """One name that can be asked for."""

    adapter: str = ""  # PEFT folder over the base model; "" = the base as it is
    run: str = ""  # instead: the newest adapter of this run, which was taught on the same base
    persona: str = ""  # of config/personas: the system message where the client sends none; "" = as the run taught it


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """What is refused with one line."""

    body_bytes: Count = 1_000_000  # 413 above
    body_seconds: Seconds = 30.0  # a body must have come in this time, else 408; a client must take each line in it too
    messages: Count = 200  # of one conversation; 400 above
    context_tokens: Count = 4096  # prompt and answer; a longer prompt is 400, a longer answer is cut there
    new_tokens: Count = 2048  # the longest answer; what asks for more is cut there
    waiting: Annotated[int, Ge(0), Le(100_000)] = 32  # requests that may wait for the model; 503 above
    silence_seconds: Seconds = 300.0  # a model that says nothing for so long is ended and started again


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """Everything that `serve` depends on."""

    host: str = "127.0.0.1"
    port: Annotated[int, Ge(0), Le(65_535)] = 11435  # 0 = any free one
    hosts: tuple[str, ...] = ()  # further names that it may be called by, beside those of this machine's loopback
    origins: tuple[str, ...] = ()  # web pages that may call it, such as http://localhost:3000
    token_variable: str = "WORKBENCH_TOKEN"  # noqa: S105 - the name of an environment variable
    model: ModelSettings = field(default_factory=ModelSettings)
    threads: Annotated[int, Ge(0), Le(1024)] = 0  # of the model; 0 = all cores
    models: dict[str, ServedModelSettings] = field(default_factory=lambda: {"base": ServedModelSettings()})
    limits: LimitSettings = field(default_factory=LimitSettings)
    revision: RevisionSettings = field(default_factory=RevisionSettings)  # of /api/revise, the models' names apart
    seed: Seed = 42  # of /api/compose and /api/describe, where a request brings none
    others: str = "data/poems/good"  # poems that their measures are held against
    composing: ComposingSettings = field(default_factory=ComposingSettings)  # of /api/compose
    backtranslation: BacktranslationSettings = field(  # of /api/describe
        default_factory=lambda: BacktranslationSettings(n_candidates=3, words=60, keep_endless=True)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedModel:
    """A name that is served: an adapter of the base, and which system message it gets."""

    name: str
    adapter: Path | None
    run: str = ""  # that taught it; "" = none that is named
    system: str  # "" = none
    size_bytes: int  # of its own weights
    digest: str  # sha256 over the base's name and its own weights
    modified_at: str


def load_serve_settings(path: Path | None, overrides: Sequence[str] = ()) -> ServeSettings:
    """Settings from a YAML file, changed by `key.key=value` overrides; None = the defaults.

    Raises:
        ConfigError: the file cannot be read, or a key or value does not fit; one line, with the place.
    """
    settings = load_job(ServeSettings, path, overrides)
    for name in settings.models:
        if not NAME.fullmatch(name):
            where = f"{path or 'settings'}: models: {name!r}"
            raise ConfigError(f"{where} is not a usable name; use small letters, digits, . _ - (64 at most)")
    return settings


def served_models(settings: ServeSettings) -> dict[str, ServedModel]:
    """The names that can be asked for now; an adapter that is not there is left out with a line in the log.

    Raises:
        ConfigError: a persona does not exist, or nothing is left.
        EngineError: the built-in model is not installed.
    """
    models = {}
    for name, model in settings.models.items():
        folder = _adapter_of(name, model, settings)
        if folder and not (folder / WEIGHTS).is_file():
            _log.warning("%s is left out: no adapter in %s", name, model.adapter)
            continue
        models[name] = _model(name, folder, model=model, settings=settings)
    if not models:
        raise ConfigError("no model can be served; give `models:` one with an adapter that exists, or `base: {}`")
    return models


def base_facts(model: ModelSettings) -> dict[str, str | int | float]:
    """What the base's GGUF or checkpoint says of itself; nothing where its weights are not on this machine."""
    files = _base_files(model)
    if not files:
        return {}
    return gguf_facts(files[0]) if files[0].suffix == ".gguf" else checkpoint_facts(files[0].parent)


def of_run(settings: ServeSettings, name: str) -> ServeSettings:
    """The same server for what one run taught: the run's base, its newest adapter under the run's name, and the base.

    Raises:
        InputError: there is no such run, or it has no adapter yet.
    """
    taught = find_taught(run=name)
    models = {name: ServedModelSettings(run=name), "base": ServedModelSettings()}
    return replace(settings, model=taught.model, models=models)


def _adapter_of(name: str, model: ServedModelSettings, settings: ServeSettings) -> Path | None:
    if model.run and model.adapter:
        raise ConfigError(f"models.{name}: an adapter and a run are both named; leave one out")
    if not model.run:
        return located(model.adapter) if model.adapter else None
    taught = find_taught(run=model.run, runs=RUNS)
    if taught.model.source != settings.model.source:
        base = f"was taught on {taught.model.source}, this server's base is {settings.model.source}"
        raise ConfigError(f"models.{name}: run {model.run} {base}; use `serve --run {model.run}`")
    return taught.adapter


def _model(name: str, folder: Path | None, *, model: ServedModelSettings, settings: ServeSettings) -> ServedModel:
    files = [folder / WEIGHTS] if folder else _base_files(settings.model)
    sha = hashlib.sha256(settings.model.source.encode())
    if folder:
        sha.update((folder / WEIGHTS).read_bytes())
    stats = [file.stat() for file in files]
    return ServedModel(
        name=name,
        adapter=folder,
        run=model.run,
        system=_system(model),
        size_bytes=sum(stat.st_size for stat in stats),
        digest=sha.hexdigest(),
        modified_at=_time(max((stat.st_mtime for stat in stats), default=0)),
    )


def _system(model: ServedModelSettings) -> str:
    """Of the persona that is named, else of the prompt by which the run taught it."""
    if model.persona:
        return load_persona(model.persona)
    return find_taught(run=model.run, runs=RUNS).system if model.run else ""


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _base_files(model: ModelSettings) -> list[Path]:
    """The files with the base's weights; none where they are elsewhere, or not fetched yet."""
    if model.source == BUILT_IN:
        return [built_in_gguf()]
    try:
        path = find_source(replace(model, allow_download=False))
    except EngineError:
        return []
    return [path] if path.is_file() else sorted(path.glob("*.safetensors"))
