"""The base model: found where its name says, made into a checkpoint and GGUF files once, then cached.

models/base/NAME/checkpoint/     for the learner: Hugging Face files, bf16; of a Hugging Face folder the folder itself
models/base/NAME/bf16.gguf       for the sampler: the same weights
models/base/NAME/q8_0.gguf       for the sampler: half the memory, not the same weights to the last digit
models/base/NAME/no_gguf.txt     instead of both: why none can be made; then transformers samples from the checkpoint
models/base/NAME/manifest.json   what they were made from, and the sha256 of each
models/base/NAME-with-DIGEST/    a checkpoint with an adapter merged in it, for a run that begins from one
models/base/NAME-words/          tokenizer and template of a GGUF that only answers; its weights stay where they are
models/base/fastest.json         which of them was fastest on this machine

The GGUF files differ in their last digits, so a machine that finds another one fastest may write other texts from the
same seed; the choice is part of `BaseModel.digest`, and `weights:` in the settings fixes it.
"""

import importlib.metadata
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from workbench.engines.adapter_files import adapter_digest
from workbench.engines.child_module import run_module
from workbench.engines.llama.gguf_probe import probe_gguf
from workbench.engines.llama.weights import fastest_weights
from workbench.engines.names import ADAPTER_FILE, BUILT_IN, CHECKPOINT, GGUF, parse_engine, resolve
from workbench.engines.sources import ModelSettings, Writes, checkpoint_facts, find_source, gguf_facts, identity
from workbench.errors import EngineError
from workbench.places import located, written
from workbench.storage.atomic import disk_errors, locked, new_folder, sha256_file

NO_GGUF = "no_gguf.txt"
_FEW_WEIGHTS = 1_000_000_000


class NoGgufError(EngineError):
    """No GGUF of this model can be made here; `why` is the reason alone."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; set model.weights to checkpoint or auto")
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseModel:
    """A base model ready to sample, score and train."""

    name: str
    checkpoint: Path  # for the learner and the renderer; of a model that only answers, without weights
    gguf_file: Path | None  # for llama.cpp; None = transformers samples from the checkpoint
    weights: str  # shipped, q8_0, bf16 or checkpoint
    digest: str  # of the file that samples, with the choice: bf16-16 hex digits
    lacks: str = ""  # why there is no GGUF, where one was wanted

    @property
    def gguf(self) -> Path:
        """The GGUF.

        Raises:
            EngineError: there is none; the message says why.
        """
        if self.gguf_file is None:
            raise EngineError(self.lacks or f"{self.checkpoint}: there is no GGUF of this model (model.weights)")
        return self.gguf_file


def base_model(settings: ModelSettings) -> BaseModel:
    """The base model of the settings, made on first use (about half a minute) and checked on every one.

    Raises:
        EngineError: the model cannot be found, is damaged, or cannot be made into what the engines need.
    """
    settings = merged(settings)
    source = find_source(settings)
    if settings.weights == "checkpoint" and source.is_dir():
        return _checkpoint_alone(settings, source)
    cache = _cache(settings)
    name, source_sha256 = identity(source, is_built_in=settings.source == BUILT_IN)
    folder = cache / name
    with _locked(cache, name):
        if not _is_whole(folder, source_sha256):
            _make(source, folder, source_sha256)
        lacks = _text(folder / NO_GGUF)
        if settings.weights == "checkpoint" or (lacks and settings.weights == "auto"):
            return _checkpoint_alone(settings, source, lacks=lacks)
        files = _gguf_files(source, folder)
        weights = settings.weights if settings.weights != "auto" else fastest_weights(files, cache / "fastest.json")
    if weights not in files:
        raise EngineError(f"{source}: no GGUF {weights} of this model; set model.weights to {' or '.join(files)}")
    if not files[weights].is_file():
        raise NoGgufError(lacks)
    digest = f"{weights}-{sha256_file(files[weights])[:16]}"
    checkpoint = source if source.is_dir() else folder / "checkpoint"
    return BaseModel(name=name, checkpoint=checkpoint, gguf_file=files[weights], weights=weights, digest=digest)


def base_checkpoint(settings: ModelSettings) -> Path:
    """What the learner and the renderer read; of a Hugging Face folder nothing is made.

    Raises:
        EngineError: as `base_model`.
    """
    settings = merged(settings)
    source = find_source(settings)
    return source if source.is_dir() else base_model(settings).checkpoint


def merged(settings: ModelSettings) -> ModelSettings:
    """A model that begins with what an adapter has learned: its source becomes the folder of both, merged once.

    The start of a run is then a base like any other: what is frozen, measured before and compared with is the model
    with the adapter, and what the run trains is new.

    Args:
        settings: its source may be ANY+ADAPTER, or the folder of an adapter.

    Raises:
        EngineError: there is no such base or adapter, or they do not belong together.
    """
    engine = parse_engine(settings.source)
    if not engine.adapter and not (engine.kind == CHECKPOINT and (located(engine.source) / ADAPTER_FILE).is_file()):
        return settings
    engine = resolve(settings.source)
    bare, adapter = replace(settings, source=str(replace(engine, adapter=""))), located(engine.adapter)
    digest, source = adapter_digest(adapter), find_source(bare)
    name, _ = identity(source, is_built_in=engine.kind == BUILT_IN)
    folder = _cache(settings) / f"{name}-with-{digest[:8]}"
    checkpoint = base_checkpoint(bare)
    with _locked(folder.parent, folder.name):
        if not folder.is_dir():
            with new_folder(folder) as partial:
                run_module("workbench.engines.exporting.export_files", "", checkpoint, adapter, partial, about=adapter)
    return replace(settings, source=str(folder))


def answering_model(settings: ModelSettings) -> BaseModel:
    """A model that only answers; of a GGUF no checkpoint is made, so a file of 7B parameters costs no second copy.

    Args:
        settings: as for `base_model`, which makes ready whatever is not a GGUF file, or is wanted in other weights.

    Raises:
        EngineError: the model cannot be found, is damaged, or has a tokenizer that cannot be read.
    """
    path = located(settings.source)
    if path.suffix != ".gguf" or settings.weights not in ("auto", "shipped"):
        return base_model(settings)
    source = find_source(settings)
    name, sha256 = identity(source, is_built_in=False)
    folder = _cache(settings) / f"{name}-words"
    with _locked(folder.parent, folder.name):
        if not _is_whole(folder, sha256):
            _make(source, folder, sha256, "words")
    digest = f"shipped-{sha256[:16]}"
    checkpoint = folder / "checkpoint"
    return BaseModel(name=name, checkpoint=checkpoint, gguf_file=source, weights="shipped", digest=digest)


def memory_folder(base: BaseModel, settings: ModelSettings) -> Path:
    """Where that is kept which is computed once for a model: below the home, never beside a person's own files."""
    return _cache(settings) / base.name


def writing_engine(base: BaseModel, wanted: Writes = "auto") -> tuple[Writes, str]:
    """What samples from a model here, and why it and no other.

    Raises:
        EngineError: the one that is wanted cannot; why.
    """
    from workbench.engines.vllm_process import lacks_unasked

    no_weights = "" if any(base.checkpoint.glob("*.safetensors")) else "it wants a checkpoint, not a GGUF"
    reasons = {"vllm": no_weights or (lacks_unasked() if wanted == "auto" else ""),  # else it says so itself
               "llama.cpp": "" if base.gguf_file else base.lacks or "there is no GGUF of it (model.weights)",
               "transformers": no_weights}  # fmt: skip
    if wanted != "auto":
        if reasons[wanted]:
            raise EngineError(f"{base.checkpoint}: no sampling by {wanted}: {reasons[wanted]}; set model.engine=auto")
        return wanted, "model.engine says so"
    names: tuple[Writes, ...] = ("vllm", "llama.cpp", "transformers")
    passed = "; ".join(f"not {name}: {why}" for name, why in reasons.items() if why)
    return next(name for name in names if not reasons[name]), passed or "it is the fastest of them"


def is_untaught(name: str) -> bool:
    """Whether an engine is a small model on this machine without an adapter, which keeps no format that it is told.

    Where small ends is assumed: of the small ones only the built-in model was looked at, of the larger ones none.
    """
    engine = parse_engine(name)
    if engine.adapter or engine.kind not in (BUILT_IN, GGUF, CHECKPOINT):
        return False
    return engine.kind == BUILT_IN or 0 < _n_weights(engine.source) < _FEW_WEIGHTS


@lru_cache(maxsize=64)
def _n_weights(source: str) -> int:
    """Of a file or folder; 0 = it cannot be read, which is said where it is opened."""
    try:
        path = find_source(ModelSettings(source=source))
        return int((gguf_facts if path.is_file() else checkpoint_facts)(path)["general.parameter_count"])
    except EngineError:
        return 0


def _checkpoint_alone(settings: ModelSettings, source: Path, *, lacks: str = "") -> BaseModel:
    """Without a GGUF; of a Hugging Face folder nothing is made or read but its digest."""
    name, sha256 = identity(source, is_built_in=settings.source == BUILT_IN)
    checkpoint = source if source.is_dir() else _cache(settings) / name / "checkpoint"
    digest = f"checkpoint-{sha256[:16]}"
    return BaseModel(name=name, checkpoint=checkpoint, gguf_file=None, weights="checkpoint", digest=digest, lacks=lacks)


def _gguf_files(source: Path, folder: Path) -> dict[str, Path]:
    """Name → GGUF file, whether or not it could be made."""
    beside = _beside(source)
    made = {"bf16": folder / "bf16.gguf", "q8_0": folder / "q8_0.gguf"}
    return made | ({"shipped": beside} if beside else {})


def _beside(source: Path) -> Path | None:
    """The GGUF that came with the model."""
    return source if source.is_file() else next(iter(sorted(source.glob("*.gguf"))), None)


# ---------------------------------------------------------------- the cache


def _cache(settings: ModelSettings) -> Path:
    return written(settings.cache or "models/base").absolute()


@contextmanager
def _locked(cache: Path, name: str) -> Iterator[None]:
    """One process at a time makes or checks the files of one model."""
    with locked(cache / f".{name}.lock"):
        yield


def _is_whole(folder: Path, source_sha256: str) -> bool:
    """Whether all files are there, made from this source by these versions, and as they were written."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        return bool(
            manifest["source_sha256"] == source_sha256
            and manifest["versions"] == _versions()
            and all(sha256_file(folder / file) == sha256 for file, sha256 in manifest["files"].items())
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _make(source: Path, folder: Path, source_sha256: str, parts: str = "all") -> None:
    """Makes the files in a child process, which keeps transformers and its memory out of this one."""
    if beside := _beside(source):
        probe_gguf(beside)
    with disk_errors(folder):
        shutil.rmtree(folder, ignore_errors=True)
    with new_folder(folder) as partial:
        try:
            run_module("workbench.engines.base_files", source, partial, parts, about=source)
        except EngineError as exc:
            raise EngineError(f"{source}: cannot be made ready ({exc})") from exc
        files = sorted(path for path in partial.rglob("*") if path.is_file())
        manifest = {
            "source_sha256": source_sha256,
            "versions": _versions(),
            "files": {str(path.relative_to(partial)): sha256_file(path) for path in files},
        }
        (partial / "manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")


def _versions() -> dict[str, str]:
    libraries = {name: importlib.metadata.version(name) for name in ("transformers", "gguf", "llama-cpp-python")}
    return libraries | {"base_files": "4"}  # counts up when base_files makes something else of the same model


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""
