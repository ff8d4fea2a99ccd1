"""The passport of an exported file: is it the model that was trained? Measured on the file itself, in a child process.

It is held against the trained model (base and adapter in plain PEFT) on held-out text, step by step on its way:

    trained → merged → full (f16 or bf16) → exported

perplexity = exp(nats per target token); "worse" = its ratio to the trained model's, minus one, in percent. KL is the
mean divergence of the next-word chances from the trained model's, in nats. The limits are in `Limits`; every check that
fails is named, and an export with one does not count as done.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Le

from workbench.engines.child_module import run_module
from workbench.engines.exporting.measurement import Answers, greedy_parting, mean_kl_nats, read_answers
from workbench.errors import EngineError
from workbench.intervals import difference_of
from workbench.storage.atomic import sha256_file, write_file

#: What lies side by side under one name when an export is done, and its media types.
MODEL, MODELFILE, PASSPORT = ".gguf", ".Modelfile", ".passport.json"
PARTS = {MODEL: "application/octet-stream", MODELFILE: "text/plain; charset=utf-8", PASSPORT: "application/json"}

REFERENCE = "adapter"
EXPORTED = "exported"

Allowed = Annotated[float, Ge(0), Le(1_000_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far each form may be from the trained model."""

    merged_worse_percent: Allowed = 0.5
    full_worse_percent: Allowed = 1.0
    exported_worse_percent: Allowed = 3.0  # the quantized file
    full_kl_nats: Allowed = 0.01
    exported_kl_nats: Allowed = 0.2  # a sound Q4_K_M is near .04, a swapped tensor beyond 1
    full_tensor_error: Allowed = 0.01  # f16 and bf16 round by .0005 and .004 at most
    exported_tensor_error: Allowed = 0.5  # rounding to 4 bits is near .1, to 2 bits near .3; another tensor is near 1.4
    greedy_gap_nats: Allowed = 0.1  # where greedy answers in f16 part, the two words must have been a tie


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form of the model on the held-out text."""

    name: str
    n_tokens: int
    nll_nats: float  # sum over all target tokens
    worse_percent: float  # of perplexity, against the trained model
    worse_low: float | None  # 95 % interval over texts of the mean difference, in the same unit; None: too few
    worse_high: float | None
    kl_nats: float
    greedy_alike: int  # tokens of the greedy answer before it parts from the trained model's
    greedy_gap_nats: float  # how much better the trained model likes its own word there
    worst_tensor: str = ""
    worst_error: float = 0.0
    n_bytes: int = 0

    @property
    def worse_between(self) -> str:
        """The interval for people."""
        low, high = self.worse_low, self.worse_high
        return "–" if low is None or high is None else f"{low:+.2f} … {high:+.2f} %"

    @property
    def perplexity(self) -> float:
        """exp(nats per token)."""
        return math.exp(self.nll_nats / self.n_tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question and its answer."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passport:
    """Everything that is known about an exported file."""

    file: str
    sha256: str
    facts: dict[str, Any]  # base, digests, task, quantization, where the texts came from, versions
    forms: tuple[Form, ...]
    checks: tuple[Check, ...]
    limits: Limits
    greedy_text: str = ""

    @property
    def passed(self) -> bool:
        """Whether every check did."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def failures(self) -> str:
        """The failed checks in one line."""
        return "; ".join(f"{check.name}: {check.detail}" for check in self.checks if not check.passed)


class PassportError(EngineError):
    """An export did not pass; `passport` says why."""

    def __init__(self, message: str, passport: Passport) -> None:
        super().__init__(message)
        self.passport = passport


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What an exported file is held against; the measurements lie in `folder` (see `engines/measurement.py`)."""

    folder: Path
    steps: tuple[str, ...]  # forms measured on the way, by prefix: merged, full
    merged: Path | None  # checkpoint that every tensor is held against
    base_gguf: Path | None = None  # below an adapter-only file
    plain_ids: tuple[tuple[int, ...], ...] = ()  # what training made of the texts, the conversations and their openings
    conversation_ids: tuple[tuple[int, ...], ...] = ()
    markup_ids: tuple[tuple[int, ...], ...] = ()
    end_words: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()  # of the Modelfile
    full_name: str = "f16"
    facts: dict[str, Any] = field(default_factory=dict)


def examine(file: Path, evidence: Evidence, *, name: str, limits: Limits) -> Passport:
    """Loads the file in a child process, asks it, and judges.

    Args:
        file: the GGUF as it would be handed out.
        evidence: measurements of the trained model and of the steps between.
        name: the quantization, as the table shows it.
        limits: what is allowed.
    """
    blank = Passport(file=file.name, sha256=sha256_file(file), facts=evidence.facts, forms=(), checks=(), limits=limits)
    try:
        measure(file, evidence, prefix=EXPORTED)
    except EngineError as error:
        return replace(blank, checks=(Check(name="loads", passed=False, detail=str(error)),))
    names = {REFERENCE: "trained", "merged": "merged", "full": evidence.full_name, EXPORTED: name}
    prefixes = (REFERENCE, *evidence.steps, EXPORTED)
    forms = {prefix: _form(evidence.folder, prefix, names[prefix]) for prefix in prefixes}
    answers = read_answers(evidence.folder, EXPORTED)
    checks = [
        Check(name="loads", passed=True, detail="in a child process"),
        *_token_checks(answers, evidence),
        *_loss_checks(forms, limits, is_quantized="full" in evidence.steps),
    ]
    return replace(blank, forms=tuple(forms.values()), checks=tuple(checks), greedy_text=answers.greedy_text)


def measure(file: Path, evidence: Evidence, *, prefix: str) -> None:
    """Asks a GGUF file the probe's questions, in a child process.

    Raises:
        EngineError: it cannot be loaded or read.
    """
    base, adapter = (evidence.base_gguf, file) if evidence.base_gguf else (file, "")
    merged: Path | str = evidence.merged or ""
    probe = evidence.folder / "probe.json"
    run_module("workbench.engines.exporting.gguf_measurement", probe, prefix, base, adapter, merged, about=file)


def write_passport(passport: Passport, path: Path) -> None:
    """As JSON, wholly or not at all."""
    data = asdict(passport) | {"passed": passport.passed}
    write_file(path, json.dumps(data, indent=1, ensure_ascii=False).encode())


def read_passport(path: Path) -> Passport:
    """What `write_passport` wrote.

    Raises:
        EngineError: it is not a passport.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
        data.pop("passed")
        data["forms"] = tuple(Form(**form) for form in data["forms"])
        data["checks"] = tuple(Check(**check) for check in data["checks"])
        return Passport(**data | {"limits": Limits(**data["limits"])})
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as exc:
        raise EngineError(f"{path}: not a passport ({type(exc).__name__}); export the model again") from exc


def is_done(file: Path, passport_file: Path) -> bool:
    """Whether the file is there with a passport that it passed and that was made for these very bytes."""
    try:
        passport = read_passport(passport_file)
        return passport.passed and sha256_file(file) == passport.sha256
    except (EngineError, OSError):
        return False


# ---------------------------------------------------------------- judging


def _form(folder: Path, prefix: str, name: str) -> Form:
    answers, reference = read_answers(folder, prefix), read_answers(folder, REFERENCE)
    n_tokens = sum(map(len, answers.nll_P_T))
    nll_nats, reference_nats = (sum(map(math.fsum, each.nll_P_T)) for each in (answers, reference))
    means, reference_means = ([math.fsum(nll) / len(nll) for nll in each.nll_P_T] for each in (answers, reference))
    interval = difference_of(means, reference_means)
    low, high = (interval.low, interval.high) if interval else (None, None)
    alike, gap = greedy_parting(folder, prefix, reference=REFERENCE)
    return Form(
        name=name,
        n_tokens=n_tokens,
        nll_nats=nll_nats,
        worse_percent=_percent((nll_nats - reference_nats) / n_tokens),
        worse_low=None if low is None else _percent(low),
        worse_high=None if high is None else _percent(high),
        kl_nats=mean_kl_nats(folder, prefix, reference=REFERENCE),
        greedy_alike=alike,
        greedy_gap_nats=gap,
        worst_tensor=answers.worst_tensor,
        worst_error=answers.worst_error,
        n_bytes=answers.n_bytes,
    )


def _percent(nats_per_token: float) -> float:
    """By how much a perplexity grows that many nats a token."""
    return 100 * math.expm1(min(nats_per_token, 50.0))


def _token_checks(answers: Answers, evidence: Evidence) -> list[Check]:
    stops = set(evidence.end_words) <= set(evidence.stops) or not evidence.markup_ids
    return [
        _alike("text tokens", answers.plain_ids, evidence.plain_ids),
        _alike(
            "chat template", answers.conversation_ids, evidence.conversation_ids, trouble=answers.conversation_error
        ),
        _alike("Modelfile template", answers.markup_ids, evidence.markup_ids),
        Check(
            name="end of answer",
            passed=all(answers.ends) and stops,
            detail=f"{', '.join(evidence.end_words)} ends an answer in the file and in the Modelfile"
            if all(answers.ends) and stops
            else f"{', '.join(evidence.end_words)} does not end an answer in the {'Modelfile' if stops else 'file'}",
        ),
    ]


def _alike(name: str, found: Sequence[Sequence[int]], expected: Sequence[Sequence[int]], *, trouble: str = "") -> Check:
    """Whether the token ids are those of training."""
    if trouble:
        return Check(name=name, passed=False, detail=trouble)
    for i, (ours, theirs) in enumerate(zip(found, expected, strict=True)):
        if list(ours) != list(theirs):
            at = next((k for k, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), "its end")
            return Check(
                name=name, passed=False, detail=f"text {i + 1} has other token ids than in training from {at} on"
            )
    return Check(name=name, passed=True, detail=f"{len(expected)} texts give the token ids of training")


def _loss_checks(forms: dict[str, Form], limits: Limits, *, is_quantized: bool) -> list[Check]:
    checks = []
    if "merged" in forms:
        checks += [_worse("merged loss", forms["merged"], limits.merged_worse_percent)]
    exported = forms[EXPORTED]
    for full in [forms["full"]] if is_quantized else [exported]:
        checks += [
            _worse(f"{full.name} loss", full, limits.full_worse_percent),
            _at_most(f"{full.name} KL", full.kl_nats, limits.full_kl_nats, "nats"),
            _at_most(f"{full.name} greedy text", full.greedy_gap_nats, limits.greedy_gap_nats, "nats where it parts"),
            _at_most(f"{full.name} tensors", full.worst_error, limits.full_tensor_error, full.worst_tensor),
        ]
    if is_quantized:
        name = exported.name
        checks += [
            _worse(f"{name} loss", exported, limits.exported_worse_percent),
            _at_most(f"{name} KL", exported.kl_nats, limits.exported_kl_nats, "nats"),
            _at_most(f"{name} tensors", exported.worst_error, limits.exported_tensor_error, exported.worst_tensor),
        ]
    return checks


def _worse(name: str, form: Form, limit: float) -> Check:
    passed = form.worse_percent <= limit
    detail = f"{form.worse_percent:+.2f} % perplexity, {'within' if passed else 'over'} the limit of {limit:g} %"
    return Check(name=name, passed=passed, detail=detail)


def _at_most(name: str, value: float, limit: float, what: str) -> Check:
    passed = value <= limit
    return Check(name=name, passed=passed, detail=f"{value:.4g} {what}, limit {limit:g}".replace(" ,", ","))
