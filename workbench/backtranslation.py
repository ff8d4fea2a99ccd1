"""Backtranslation: a poem becomes N candidate descriptions of it.

The wording of the request is `config/prompts/describe.*.txt`. An answer that is empty, too short, endless, a duplicate
or still thinking is recorded with its reason and its slot is tried again with another seed, up to `retries` times; a
slot that stays empty stays empty, so fewer than N candidates may come back and nobody downstream counts on N.

Seeds depend on run, poem, iteration, slot and attempt only. Knows nothing of how good a description is.

Source: instruction backtranslation (Li et al. 2023), applied to poems.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from annotated_types import Ge, Gt, Le

from workbench.engines.protocols import Cancelled, Sampler, never
from workbench.prompts.renderers import Renderer
from workbench.prompts.templates import PromptTemplate, describe_prompt, load_prompt
from workbench.types import (
    Candidate,
    Completion,
    Failed,
    Poem,
    Prompt,
    Reason,
    SampleRequest,
    Sampling,
    content_id,
    seed_for,
)

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# control characters, half characters, and what replaced bytes that were not UTF-8
_BROKEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffd]")


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktranslationSettings:
    """How candidates are drawn; the defaults are those of the published loop."""

    prompt: str = "describe"
    other_prompts: tuple[str, ...] = ()  # further wordings: N candidates take turns, what is learnt answers `prompt`
    words: Annotated[int, Ge(10), Le(1000)] = 100  # length asked for
    n_candidates: Annotated[int, Ge(1), Le(256)] = 4
    temperature: Annotated[float, Ge(0), Le(5)] = 0.9
    other_temperatures: tuple[Annotated[float, Ge(0), Le(5)], ...] = ()  # further ones, in turn for each wording
    top_p: Annotated[float, Gt(0), Le(1)] = 0.95
    top_k: Annotated[int, Ge(0), Le(1_000_000)] = 40
    max_new_tokens: Annotated[int, Ge(16), Le(32768)] = 320
    thinking_tokens: Annotated[int, Ge(0), Le(131072)] = 4096  # beside them, where the model thinks before it answers
    keep_endless: bool = False  # true: cut an answer that hits the token limit at its last full sentence
    min_words: Annotated[int, Ge(1), Le(1000)] = 8
    retries: Annotated[int, Ge(0), Le(20)] = 2

    @property
    def sampling(self) -> Sampling:
        """The same settings as the engines want them."""
        return Sampling(
            temperature=self.temperature, top_p=self.top_p, top_k=self.top_k, max_new_tokens=self.max_new_tokens
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Describer:
    """A sampler with the prompt and settings by which it describes poems."""

    sampler: Sampler
    renderer: Renderer
    settings: BacktranslationSettings
    seed: int
    is_learner: bool = True  # it writes with the weights that are trained; another engine keeps its own

    @property
    def sampling(self) -> Sampling:
        """How its answers are drawn, with room for the thoughts of a model that thinks."""
        sampling = self.settings.sampling
        if self.renderer.name != "thinking":
            return sampling
        return replace(sampling, max_new_tokens=sampling.max_new_tokens + self.settings.thinking_tokens)

    @property
    def template(self) -> PromptTemplate:
        """The request's wording."""
        return load_prompt(self.settings.prompt, self.renderer.name)

    @property
    def plainly(self) -> "Describer":
        """The same with its first wording and temperature alone: how it is measured and used."""
        return replace(self, settings=replace(self.settings, other_prompts=(), other_temperatures=()))

    def in_turn(self, slot: int) -> "Describer":
        """The same with the wording and the temperature of one slot."""
        settings = self.settings
        prompts = (settings.prompt, *settings.other_prompts)
        temperatures = (settings.temperature, *settings.other_temperatures)
        own = replace(
            settings, prompt=prompts[slot % len(prompts)], other_prompts=(),
            temperature=temperatures[slot // len(prompts) % len(temperatures)], other_temperatures=(),
        )  # fmt: skip
        return replace(self, settings=own)

    def asked_for(self, poem: Poem) -> Prompt:
        """The request for one poem."""
        return describe_prompt(self.template, poem, words=self.settings.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slot:
    poem: Poem
    iteration: int
    number: int
    attempt: int = 0


def describe_poems(
    describer: Describer,
    poems: Sequence[Poem],
    *,
    iteration: int,
    n_candidates: int = 0,
    on_candidate: Callable[[Candidate], None] = lambda _: None,
    cancelled: Cancelled = never,
) -> list[Candidate]:
    """Candidates for every poem, usable or not, by poem, slot and attempt.

    Args:
        describer: sampler, prompt and settings.
        poems: P poems; may be empty.
        iteration: 0 before training; part of every seed.
        n_candidates: N; 0 takes the settings' N.
        on_candidate: called with each candidate as soon as it is judged.
        cancelled: asked between tokens; what was unfinished is recorded as cancelled.

    Returns:
        At least P × N records where nothing was retried; those with an empty `failure` can be used.

    Raises:
        EngineError: the model itself failed.
    """
    n = n_candidates or describer.settings.n_candidates
    open_slots = [_Slot(poem=poem, iteration=iteration, number=slot) for poem in poems for slot in range(n)]
    seen: dict[str, set[str]] = {poem.id: set() for poem in poems}
    candidates: list[Candidate] = []
    for attempt in range(describer.settings.retries + 1):
        slots = [_Slot(poem=s.poem, iteration=iteration, number=s.number, attempt=attempt) for s in open_slots]
        tried = _try_slots(describer, slots, seen, cancelled)
        for candidate in tried:
            on_candidate(candidate)
        candidates += tried
        open_slots = [slot for slot, candidate in zip(slots, tried, strict=True) if candidate.failure]
        if not open_slots or cancelled():
            break
    order = {poem.id: place for place, poem in enumerate(poems)}
    return sorted(candidates, key=lambda c: (order[c.poem_id], c.slot, c.attempt))


def usable(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those that hold a description."""
    return [candidate for candidate in candidates if not candidate.failure]


def _try_slots(
    describer: Describer, slots: Sequence[_Slot], seen: dict[str, set[str]], cancelled: Cancelled
) -> list[Candidate]:
    requests = [_request(describer, slot) for slot in slots]
    results = describer.sampler.sample(requests, cancelled=cancelled)
    judged = []
    for slot, request, result in zip(slots, requests, results, strict=True):
        text, failure = judge_answer(result, describer.renderer, describer.settings)
        if not failure and text.casefold() in seen[slot.poem.id]:
            failure = Reason.DUPLICATE.value
        if not failure:
            seen[slot.poem.id].add(text.casefold())
        judged.append(_candidate(describer, slot, request.seed, result=result, text=text, failure=failure))
    return judged


def judge_answer(result: Completion | Failed, renderer: Renderer, settings: BacktranslationSettings) -> tuple[str, str]:
    """The description in an answer and why it cannot be used ("" when it can)."""
    if isinstance(result, Failed):
        return "", result.reason.value
    if _BROKEN.search(result.text):
        return "", Reason.BAD_TEXT.value
    answer = renderer.answer(result.text)
    if isinstance(answer, Failed):
        return "", answer.reason.value
    if not result.ended:
        if not settings.keep_endless:
            return answer, Reason.ENDLESS.value
        answer = _to_last_sentence(answer)
        if not answer:
            return "", Reason.ENDLESS.value
    if not answer:
        return "", Reason.EMPTY.value
    return answer, Reason.TOO_SHORT.value if len(_WORD.findall(answer)) < settings.min_words else ""


def _storable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _to_last_sentence(text: str) -> str:
    ends = [match.end() for match in re.finditer(r"[.!?][\"'”’)]*(?=\s|$)", text)]
    return text[: ends[-1]] if ends else ""


def _request(describer: Describer, slot: _Slot) -> SampleRequest:
    seed = seed_for(describer.seed, "describe", slot.poem.id, f"{slot.iteration}.{slot.number}.{slot.attempt}")
    own = describer.in_turn(slot.number)
    return SampleRequest(prompt=own.asked_for(slot.poem), seed=seed, sampling=own.sampling)


def _candidate(
    describer: Describer, slot: _Slot, seed: int, *, result: Completion | Failed, text: str, failure: str
) -> Candidate:
    sampler = describer.sampler
    where = f"{slot.iteration}.{slot.number}.{slot.attempt}"
    return Candidate(
        id=content_id("candidate", slot.poem.id, where, sampler.adapter_digest, text),
        poem_id=slot.poem.id,
        text=text,
        raw=_storable(result.text if isinstance(result, Completion) else result.detail),
        iteration=slot.iteration,
        slot=slot.number,
        attempt=slot.attempt,
        seed=seed,
        n_tokens=result.n_tokens if isinstance(result, Completion) else 0,
        failure=failure,
        model=sampler.digest,
        adapter=sampler.adapter_digest,
        prompt_digest=describer.in_turn(slot.number).template.digest,
    )
