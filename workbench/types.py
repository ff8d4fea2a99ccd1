"""Every value that flows through the workbench, in the order in which it flows: start reading here.

A poem is described (`Candidate`), the descriptions are scored (`ScoredCandidate`), the best become winners
(`Winner`), winners become examples (`Example`), examples train an adapter (`StepRecord`), and held-out poems say
whether it helped (`Measurement`). Identity is content: ids are the first 16 hex digits of a sha256. Sums and counts
are kept, means are derived. What is absent is a value with a reason, never a zero or a NaN.

This module knows no disk, network, clock, process or model library.
"""

import hashlib
import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

TokenIds = tuple[int, ...]
Span = tuple[int, int]  # characters [start, end) of a text


def content_id(*parts: str) -> str:
    """First 16 hex digits of the sha256 of the parts; parts cannot run into one another.

    >>> content_id("ab", "c") == content_id("a", "bc")
    False
    """
    sha = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        sha.update(len(data).to_bytes(8, "big") + data)
    return sha.hexdigest()[:16]


def seed_for(run_seed: int, *parts: str) -> int:
    """A 31-bit seed that depends on the run's seed and on what it is for, never on when it is asked."""
    return int(content_id(str(run_seed), *parts), 16) % (2**31)


# ---------------------------------------------------------------- poems


@dataclass(frozen=True, slots=True, kw_only=True)
class Poem:
    """A poem as it came in, byte for byte."""

    title: str
    text: str  # lines separated by \n, stanzas by an empty line
    author: str = ""
    form: str = ""  # the form it claims, in the words of the form registry; "" when unknown
    licence: str = ""
    failure: str = ""  # poems of data/poems/bad: the failure it was written to show
    source: str = ""  # file:line it was read from

    @property
    def id(self) -> str:
        """Content identity: title and text, NFC-normalised, without trailing white space."""
        title, text = (unicodedata.normalize("NFC", part).rstrip() for part in (self.title, self.text))
        return content_id("poem", title, text)

    @property
    def known_by(self) -> str:
        """Its title, or its first line where it has none."""
        return self.title or self.text.strip().partition("\n")[0]


# ---------------------------------------------------------------- prompts and tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


Prompt = tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A context and a target as token ids, with the exact boundary between them.

    Only the target's T tokens are ever scored or trained on. `offsets_T` are the characters of the target text that
    each token stands for; a control token (end of turn) has the empty span at the end.
    """

    context_ids: TokenIds
    target_ids: TokenIds
    target: str
    offsets_T: tuple[Span, ...]


# ---------------------------------------------------------------- sampling


class Reason(StrEnum):
    """Why something is missing; `sentence` says it to a person."""

    EMPTY = "empty"
    TOO_SHORT = "too_short"
    ENDLESS = "endless"
    DUPLICATE = "duplicate"
    UNCLOSED_THINKING = "unclosed_thinking"
    PROMPT_TOO_LONG = "prompt_too_long"
    BAD_TEXT = "bad_text"
    NOT_FINITE = "not_finite"
    CANCELLED = "cancelled"
    CUT = "cut"
    ENGINE = "engine"
    NO_TARGET = "no_target"

    @property
    def sentence(self) -> str:
        """One sentence for people."""
        return _SENTENCES[self]


_SENTENCES = {
    Reason.EMPTY: "the model answered with nothing",
    Reason.TOO_SHORT: "the answer has too few words to describe a poem",
    Reason.ENDLESS: "the answer had not ended when it reached the token limit",
    Reason.DUPLICATE: "the same description was already written for this poem",
    Reason.UNCLOSED_THINKING: "the model spent its tokens thinking and gave no answer",
    Reason.PROMPT_TOO_LONG: "the prompt does not fit into the model's context",
    Reason.BAD_TEXT: "the answer is not valid text",
    Reason.NOT_FINITE: "the model's loss is not a finite number",
    Reason.CANCELLED: "it was stopped before it finished",
    Reason.CUT: "the answer broke off in the middle",
    Reason.ENGINE: "the model failed while it worked on this item",
    Reason.NO_TARGET: "there is no target text to score",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How tokens are drawn; the defaults are those of the published loop."""

    temperature: Annotated[float, Ge(0), Le(5)] = 0.9  # 0 = greedy
    top_p: Annotated[float, Gt(0), Le(1)] = 0.95
    top_k: Annotated[int, Ge(0), Le(1_000_000)] = 40  # 0 = off
    max_new_tokens: Annotated[int, Ge(1), Le(32_768)] = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRequest:
    """One completion to draw. Requests with the same prompt share its prefill inside an engine."""

    prompt: Prompt
    seed: int
    sampling: Sampling = Sampling()
    grammar: str = ""  # GBNF that the answer must follow; "" = free


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What the model wrote. `ended` is false where the token limit cut it."""

    text: str
    n_tokens: int
    ended: bool
    n_prompt_tokens: int = 0  # as an endpoint counted them, for its bill; 0 = not said


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A completion that is not there, and why."""

    reason: Reason
    detail: str = ""


# ---------------------------------------------------------------- backtranslation


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One description of one poem as the model wrote it; `failure` says why it cannot be used, "" when it can."""

    id: str
    poem_id: str
    text: str
    raw: str  # with thinking, untrimmed
    iteration: int
    slot: int  # which of the N places it fills
    attempt: int  # 0 = first try for the slot
    seed: int
    n_tokens: int
    failure: str  # a Reason value or ""
    model: str  # digest of the base model
    adapter: str  # digest of the describer's adapter, "" = base
    prompt_digest: str


# ---------------------------------------------------------------- scoring


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Negative loglikelihood of a target, token by token, in nats."""

    nll_T: tuple[float, ...]

    @property
    def nll_nats(self) -> float:
        """Sum over the T target tokens."""
        return math.fsum(self.nll_T)

    @property
    def n_tokens(self) -> int:
        """T."""
        return len(self.nll_T)

    @property
    def mean_nats(self) -> float:
        """Nats per token."""
        return self.nll_nats / self.n_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Unscored:
    """A score that is not there, and why."""

    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """What a description shares with the title and poem it describes."""

    longest_run_words: int  # longest common run of consecutive words
    ngram_share: float  # share of the poem's distinct word 4-grams that are in the description
    spans: tuple[Span, ...]  # characters of the target text that lie in copied runs
    is_leak: bool
    says: Literal["", "title", "first line"] = ""  # what it gives outright: the title is to be inferred, not read


_SOFTNESS = 0.05  # τ of the contrast, nats per token: a lead of so much counts e to one


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredCandidate:
    """A candidate with everything that is known about its worth. All losses in nats, sums over the tokens named.

    Gains are baseline minus loss: positive = the description helps.
    """

    id: str  # of this score: the same candidate may be scored under other weights too
    candidate_id: str
    poem_id: str
    iteration: int
    unscored: str  # a Reason value or ""
    n_tokens: int  # T, tokens of the target
    nll_nats: float  # with the description
    baseline_nats: float  # with the matched prompt that holds no description
    n_guarded: int  # target tokens outside runs of words that the description shares
    guarded_gain_nats: float  # gain summed over those
    other_gain: float  # mean guarded gain per token that it brings to M other poems; 0.0 where M = 0
    n_others: int  # M
    longest_run_words: int
    ngram_share: float
    is_leak: bool
    copied_spans: tuple[Span, ...]
    n_words: int  # length of the description
    scorer: str  # digest of the scoring weights (base + adapter)
    nll_T: tuple[float, ...] = ()  # per token, with the description
    baseline_T: tuple[float, ...] = ()
    gains_M: tuple[float, ...] = ()  # guarded gain per token on each of the M other poems
    gains_J: tuple[float, ...] = ()  # the same on J further ones, which take no part in the choice
    says: Literal["", "title", "first line"] = ""  # why it is a leak where it copies no run of words

    @property
    def gain(self) -> float:
        """Plain gain over the baseline, nats per target token."""
        return (self.baseline_nats - self.nll_nats) / self.n_tokens if self.n_tokens else 0.0

    @property
    def guarded_gain(self) -> float:
        """Gain per token on the tokens that the description does not give away."""
        return self.guarded_gain_nats / self.n_guarded if self.n_guarded else 0.0

    @property
    def specificity(self) -> float:
        """Guarded gain on its own poem minus mean guarded gain on M other poems, nats per token."""
        return self.guarded_gain - self.other_gain

    @property
    def contrast(self) -> float:
        """Guarded gain minus the soft maximum of the gains on the M others, nats per token; InfoNCE ranks likewise.

            contrast = g − τ log [ Σ exp(g_m / τ) / M ]          InfoNCE = − log [ 1 + M exp(− contrast / τ) ]

        τ → ∞ gives specificity, τ → 0 the lead over the poem that is hardest to tell apart.
        """
        if not self.gains_M:
            return self.specificity
        most = max(self.gains_M)
        total = math.fsum(math.exp((gain - most) / _SOFTNESS) for gain in self.gains_M)
        return self.guarded_gain - most - _SOFTNESS * math.log(total / len(self.gains_M))

    @property
    def judged_specificity(self) -> float | None:
        """Specificity by the J poems that did not choose; None where there are none."""
        return self.guarded_gain - math.fsum(self.gains_J) / len(self.gains_J) if self.gains_J else None

    @property
    def picks_its_poem(self) -> bool | None:
        """Whether it helps its own poem more than any of the M + J others; chance is 1 / (1 + M + J)."""
        others = self.gains_M + self.gains_J
        return self.guarded_gain > max(others) if others else None


# ---------------------------------------------------------------- selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a person said about a candidate; the newest of a reviewer counts (verdicts.py)."""

    id: str
    candidate_id: str
    poem_id: str
    verdict: Literal["approve", "reject", "edit", "skip", "withdrawn"]
    edited_text: str = ""
    reviewer: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairVerdict:
    """What a person said about two candidates of one poem, seen side by side without names or scores."""

    id: str
    poem_id: str
    a: str  # candidate ids, as they were shown: left, right
    b: str
    verdict: Literal["a", "b", "tie", "both bad", "skip", "withdrawn"]
    reviewer: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What selection decided about one candidate, and why."""

    id: str
    candidate_id: str
    poem_id: str
    iteration: int
    arm: str  # top, random, bottom, shuffled
    rank: int  # 1 = best; 0 = not ranked
    is_winner: bool
    why: str  # "rank 1 of 4", "copies the poem", "approved by a person", …
    description: str  # the text to train on (a person's edit where there is one)


Task = Literal["follower", "describer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One training example: a prompt and the answer that it should lead to."""

    id: str
    poem_id: str
    candidate_id: str
    task: str  # follower: description → title + poem; describer: poem → description; of a fine-tuning: the row's task
    prompt: Prompt
    target: str
    rejected_for: str = ""  # of a preference pair's rejected answer: the chosen example's id


# ---------------------------------------------------------------- training


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """What one optimizer step did. Loss is a sum over its target tokens."""

    loss_nats: float
    n_tokens: int
    gradient_norm: float | None  # before clipping; None where a server does not say it


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One optimizer step of a run."""

    id: str
    arm: str
    iteration: int
    step: int  # counts from 1 over the whole run
    learning_rate: float
    loss_nats: float
    n_tokens: int
    gradient_norm: float | None  # before clipping; None where a server does not say it
    examples: tuple[str, ...]  # ids, in the order in which they were seen


# ---------------------------------------------------------------- evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One figure on held-out poems with its interval over poems (intervals.py); None where nothing was measured."""

    id: str
    arm: str
    iteration: int  # 0 = before training
    weights: str  # which weights scored: base or current
    metric: str
    value: float | None  # None: no poem has a value
    low: float | None  # 95 % interval; None: too few poems for one
    high: float | None
    n_poems: int  # that have a value
    per_poem: tuple[float | None, ...] = ()  # in the order of the held-out poems; None = nothing to measure on it


def sums(scores: Iterable[Score]) -> tuple[float, int]:
    """Total nats and total tokens of some scores."""
    listed = list(scores)
    return math.fsum(score.nll_nats for score in listed), sum(score.n_tokens for score in listed)
