"""Adapter → merged checkpoint → GGUF → quantized, with its passport and an Ollama Modelfile; or the adapter alone.

    OUT/BASE-TASK-QUANT.gguf            the model                BASE-TASK-adapter.gguf for the adapter alone
    OUT/BASE-TASK-QUANT.Modelfile       for `ollama create`
    OUT/BASE-TASK-QUANT.passport.json   written last: an export is done when it is there and names these very bytes

Everything is made in a hidden folder beside them and moved when the passport is passed. An export that fails leaves
what was there before, and its passport as `.passport.failed.json`.
"""

import contextlib
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path

from workbench.engines.adapter_files import adapter_digest
from workbench.engines.base_model import BaseModel, NoGgufError, base_model
from workbench.engines.child_module import run_module
from workbench.engines.exporting.export_files import FULL, QUANTIZATIONS
from workbench.engines.sources import ModelSettings
from workbench.errors import ConfigError, EngineError, InputError
from workbench.export.modelfile import Manner
from workbench.export.passport import (
    MODEL,
    MODELFILE,
    PASSPORT,
    Evidence,
    Limits,
    Passport,
    PassportError,
    examine,
    measure,
    write_passport,
)
from workbench.export.texts import ExportText, Questions, modelfile_of, questions
from workbench.storage.atomic import disk_errors, locked, sync, sync_folder, write_file

OnProgress = Callable[[str], None]
_TASK = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")
_ROUND_EVENLY = (*FULL, "Q8_0")  # llama.cpp does not ask what matters where 8 bits are left
_ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSettings:
    """How a model is exported."""

    quantize: str = "Q4_K_M"  # one of FULL or QUANTIZATIONS
    adapter_only: bool = False
    engine: str = "own"  # or unsloth: its own merging and llama.cpp, on CUDA
    importance: bool = True  # rounds with regard to what the model reads; costs a minute on two cores
    limits: Limits = field(default_factory=Limits)
    manner: Manner = field(default_factory=Manner)  # for the Modelfile; empty = as the adapter was taught


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A finished export."""

    path: Path
    base_gguf: Path | None  # that an adapter alone goes over; None = the file is whole
    modelfile: Path
    passport_file: Path
    passport: Passport


def export_adapter(  # noqa: PLR0913 - keywords, all but two with defaults
    adapter_folder: Path,
    *,
    task: str,
    out: Path,
    texts: Sequence[ExportText],
    calibration: Sequence[ExportText] = (),
    model: ModelSettings | None = None,
    settings: ExportSettings | None = None,
    run: str = "",
    on_progress: OnProgress = lambda _: None,
) -> Exported:
    """Exports one PEFT adapter; see the head of this module for what is written.

    Args:
        adapter_folder: adapter_config.json and adapter_model.safetensors.
        task: what it was taught, part of the file's name.
        out: folder of the exports; made where it is missing.
        texts: held-out prompts with answers, six or more for an interval; the passport is measured on them.
        calibration: the same, perhaps those of training; they show which weights matter.
        model: the base that the adapter was trained on.
        settings: quantization, limits, manner for the Modelfile.
        run: where it was taught, part of the file's name too: no run overwrites another's.
        on_progress: told in a few words what is being done.

    Raises:
        InputError, ConfigError, StoreError: a name, the texts, a setting or the disk cannot be used.
        EngineError: the adapter does not fit, or the model cannot be converted.
        PassportError: the file is not the model that was trained; it was not put in place.
    """
    _check(adapter_folder, task, texts, settings := settings or ExportSettings())
    base = _exportable(model or ModelSettings(), adapter_folder)
    name = export_name(base.name, f"{task}-{run}" if run else task, settings)
    with _workshop(out, name) as work:
        _copy_adapter(adapter_folder, adapter := work / "adapter")
        asked = questions(base.checkpoint, texts, calibration)
        job = _Job(base=base, adapter=adapter, work=work, name=name, asked=asked, settings=settings)
        facts = {"task": task, "adapter": str(adapter_folder), "adapter_sha256": adapter_digest(adapter_folder)}
        passport, file = _make(job, modelfile := _modelfile(job), facts, on_progress)
        return _publish(out, job, file, modelfile=modelfile, passport=passport)


def export_name(base: str, task: str, settings: ExportSettings) -> str:
    """The file's name without its ending.

    >>> export_name("tiny", "poet", ExportSettings(adapter_only=True))
    'tiny-poet-adapter'
    """
    return f"{base}-{task}-{'adapter' if settings.adapter_only else settings.quantize}"


def _exportable(model: ModelSettings, adapter: Path) -> BaseModel:
    """The base with its GGUF.

    Raises:
        EngineError: there is none, and no setting would help: an export is a GGUF.
    """
    try:
        return base_model(replace(model, weights="bf16"))
    except NoGgufError as exc:
        use = f"here the adapter is used without an export as {model.source}+{adapter}, elsewhere by PEFT or vLLM"
        raise EngineError(f"{exc.why}; {use}") from exc


# ---------------------------------------------------------------- making


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    base: BaseModel
    adapter: Path
    work: Path
    name: str
    asked: Questions
    settings: ExportSettings


def _make(job: _Job, modelfile: str, facts: dict[str, str], say: OnProgress) -> tuple[Passport, Path]:
    """The file and what was found out about it."""
    settings, work, about = job.settings, job.work, job.adapter
    is_own, kind = settings.engine == "own", settings.quantize
    probe = job.asked.probe_for(modelfile)
    probe.write(work / "probe.json")
    if settings.adapter_only:
        say("writing the adapter as GGUF")
        file = _adapter_gguf(job)
    elif is_own:
        say(f"merging, converting and quantizing to {kind}")
        calibration = work / "calibration.json" if settings.importance and kind not in _ROUND_EVENLY else ""
        if calibration:
            (work / "calibration.json").write_text(json.dumps(job.asked.calibration_ids))
        base = (job.base.gguf, job.base.checkpoint)
        run_module("workbench.engines.exporting.export_files", *base, job.adapter, work, kind, calibration, about=about)
        file = work / ("full.gguf" if kind in FULL else "quantized.gguf")
    else:
        say(f"Unsloth merges, converts and quantizes to {kind}")
        module = "workbench.engines.learning.unsloth_model"
        run_module(module, job.adapter, job.base.checkpoint, work, kind, about=about)
        file = work / "quantized.gguf"
    is_whole = is_own and not settings.adapter_only
    merged = work / "merged" if is_whole else None
    say("asking the trained model")
    trained = (work / "probe.json", job.base.checkpoint, job.adapter, merged or "")
    run_module("workbench.engines.exporting.measurement", *trained, about=about)
    evidence = _evidence(job, modelfile, facts, merged)
    if "full" in evidence.steps:
        say(f"asking the {evidence.full_name} file")
        measure(work / "full.gguf", evidence, prefix="full")
    named = file.rename(work / f"{job.name}.gguf")
    say("asking the exported file")
    shown = "base + adapter" if settings.adapter_only else kind
    return examine(named, evidence, name=shown, limits=settings.limits), named


def _modelfile(job: _Job) -> str:
    if job.settings.adapter_only:
        base = str(job.base.gguf.resolve())
        return modelfile_of(job.asked, model=base, adapter=f"./{job.name}.gguf", manner=job.settings.manner)
    return modelfile_of(job.asked, model=f"./{job.name}.gguf", manner=job.settings.manner)


def _evidence(job: _Job, modelfile: str, facts: dict[str, str], merged: Path | None) -> Evidence:
    is_quantized = job.settings.quantize not in FULL
    own_steps = ("merged", "full") if is_quantized else ("merged",)
    facts = facts | {
        "base": job.base.name,
        "base_digest": job.base.digest,
        "quantization": job.settings.quantize,
        "importance": str(
            job.settings.importance and job.settings.quantize not in _ROUND_EVENLY and merged is not None
        ),
        "llama-cpp-python": metadata.version("llama-cpp-python"),
        "modelfile_sha256": _sha256(modelfile),
    }
    return job.asked.evidence(
        job.work,
        modelfile,
        steps=own_steps if merged else (),
        merged=merged,
        base_gguf=job.base.gguf if job.settings.adapter_only else None,
        facts=facts,
    )


def _adapter_gguf(job: _Job) -> Path:
    """The adapter alone, as llama.cpp puts it over the base."""
    files = (job.base.gguf, job.base.checkpoint, job.adapter)
    run_module("workbench.engines.exporting.export_files", *files, about=job.adapter)
    return job.adapter / "adapter.gguf"


# ---------------------------------------------------------------- files


def _check(adapter: Path, task: str, texts: Sequence[ExportText], settings: ExportSettings) -> None:
    adapter_digest(adapter)
    if not _TASK.fullmatch(task):
        raise InputError(f"task {task!r}: it becomes part of a file name; use a–z, 0–9, '-' and '_'")
    if not texts:
        raise InputError("no held-out text to measure the export on; give poems that were not trained on")
    known = (*FULL, *QUANTIZATIONS)
    if settings.quantize not in known:
        raise ConfigError(f"unknown quantization {settings.quantize!r}; choose from {', '.join(known)}")
    if settings.engine not in ("own", "unsloth"):
        raise ConfigError(f"unknown export engine {settings.engine!r}; choose own or unsloth")


@contextlib.contextmanager
def _workshop(out: Path, name: str) -> Iterator[Path]:
    """A hidden folder for the work, and a lock: one export of this name at a time."""
    work = out / f".{name}.partial"
    with locked(out / f".{name}.lock", busy=f"{out / name}: another process is exporting it; wait for it"):
        with disk_errors(work):
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
        try:
            with disk_errors(work):
                yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _copy_adapter(source: Path, target: Path) -> None:
    """Nothing is written into the user's folder."""
    target.mkdir()
    for name in _ADAPTER_FILES:
        shutil.copyfile(source / name, target / name)


def _publish(out: Path, job: _Job, file: Path, *, modelfile: str, passport: Passport) -> Exported:
    """Moves the files into place, the passport last; a failed one alone, under another name."""
    model, beside, measured = (out / f"{job.name}{ending}" for ending in (MODEL, MODELFILE, PASSPORT))
    failed = out / f"{job.name}.passport.failed.json"
    if not passport.passed:
        write_passport(passport, failed)
        raise PassportError(f"{model}: not exported. {passport.failures}. Measured: {failed}", passport)
    sync(file)
    file.rename(model)
    write_file(beside, modelfile.encode())
    write_passport(passport, measured)
    failed.unlink(missing_ok=True)
    sync_folder(out)
    return Exported(
        path=model,
        base_gguf=job.base.gguf if job.settings.adapter_only else None,
        modelfile=beside,
        passport_file=measured,
        passport=passport,
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
