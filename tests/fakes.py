"""Engines whose answers are arithmetic: a sampler that reads from a script, a scorer with a loss in closed form.

A token is a word with the white space before it; what follows the last word belongs to it. The loss of a token is one
nat where its word does not stand in the context and nothing where it does; the labels "Title:" and "Poem:" and the end
of turn never cost anything. So every sum can be done by hand.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from workbench.engines.protocols import Cancelled, OnCompletion, never
from workbench.types import (
    Candidate,
    Completion,
    Failed,
    Poem,
    Prompt,
    Reason,
    Rendered,
    SampleRequest,
    Score,
    ScoredCandidate,
    StepResult,
    TokenIds,
    Unscored,
)
from workbench.words import words_of

END, TITLE, POEM = 0, 1, 2  # ids of the end-of-turn token and of the labels
_PIECE = re.compile(r"\s*\S+\s*$|\s*\S+|\s+")


class WordRenderer:
    """One id a word; equal words have equal ids, so that a scorer can see what the context holds."""

    name = "chat"
    digest = "words"

    def __init__(self) -> None:
        self._ids = {"title": TITLE, "poem": POEM}

    def context(self, prompt: Prompt) -> TokenIds:
        return tuple(self._id(word.folded) for message in prompt for word in words_of(message.content))

    def render(self, prompt: Prompt, target: str) -> Rendered:
        spans = [match.span() for match in _PIECE.finditer(target)]
        ids = [self._id(" ".join(word.folded for word in words_of(target[start:end]))) for start, end in spans]
        spans.append((len(target), len(target)))
        return Rendered(context_ids=self.context(prompt), target_ids=(*ids, END), target=target, offsets_T=tuple(spans))

    def answer(self, text: str) -> str | Failed:
        if "<think>" in text and "</think>" not in text:
            return Failed(reason=Reason.UNCLOSED_THINKING)
        return text.rpartition("</think>")[2].strip()

    def _id(self, word: str) -> int:
        return self._ids.setdefault(word, len(self._ids) + 1)


Answer = str | Completion | Failed


class ScriptedSampler:
    """Answers the requests in order from a list, or each one by a function of its place and request."""

    digest = "scripted"

    def __init__(self, script: Sequence[Answer] | Callable[[int, SampleRequest], Answer]) -> None:
        self._script = script
        self.adapter_digest = ""
        self.requests: list[SampleRequest] = []
        self.batches: list[int] = []
        self.last: Completion | Failed | None = None

    def sample(
        self,
        requests: Sequence[SampleRequest],
        *,
        on_completion: OnCompletion | None = None,
        cancelled: Cancelled = never,
    ) -> list[Completion | Failed]:
        self.batches.append(len(requests))
        results = []
        for index, request in enumerate(requests):
            place = len(self.requests)
            self.requests.append(request)
            answer = self._script(place, request) if callable(self._script) else self._script[place]
            results.append(Failed(reason=Reason.CANCELLED) if cancelled() else _completed(answer))
            if on_completion:
                on_completion(index, results[-1])
        return results

    def stream(self, request: SampleRequest, *, cancelled: Cancelled = never) -> Iterator[str]:
        self.last = None
        (result,) = self.sample([request], cancelled=cancelled)
        yield from getattr(result, "text", "")
        self.last = result

    def use_adapter(self, folder: Path | None) -> None:
        self.adapter_digest = folder.name if folder else ""

    def close(self) -> None:
        pass


def _completed(answer: Answer) -> Completion | Failed:
    return Completion(text=answer, n_tokens=len(answer.split()), ended=True) if isinstance(answer, str) else answer


class WordScorer:
    """One nat for each target word that does not stand in the context.

    As a learner it becomes surer by `step`: losses are multiplied by `factor` outside `frozen`.
    """

    digest = "base weights"

    def __init__(self, *, strike: Callable[[Rendered], Score | Unscored | None] = lambda _: None) -> None:
        self.adapter_digest = ""
        self.factor = 1.0
        self.batches: list[list[Rendered]] = []
        self._strike = strike

    def score(self, rendered: Sequence[Rendered], *, cancelled: Cancelled = never) -> list[Score | Unscored]:
        self.batches.append(list(rendered))
        return [self._strike(each) or self._loss(each) for each in rendered]

    def _loss(self, rendered: Rendered) -> Score:
        known = {*rendered.context_ids, END, TITLE, POEM}
        return Score(nll_T=tuple(0.0 if id_ in known else self.factor for id_ in rendered.target_ids))

    @contextmanager
    def frozen(self) -> Iterator[None]:
        factor, adapter, self.factor, self.adapter_digest = self.factor, self.adapter_digest, 1.0, ""
        yield
        self.factor, self.adapter_digest = factor, adapter

    def step(
        self, batch: Sequence[Rendered], *, learning_rate: float, weights: Sequence[float] | None = None
    ) -> StepResult:
        self.factor, self.adapter_digest = self.factor / 2, self.adapter_digest + "+"
        n_tokens = sum(len(each.target_ids) for each in batch)
        return StepResult(loss_nats=float(n_tokens), n_tokens=n_tokens, gradient_norm=1.0)

    def reset(self, seed: int) -> None:
        self.factor, self.adapter_digest = 1.0, ""

    def save_adapter(self, folder: Path) -> str:
        (folder / "adapter_config.json").write_text(str(self.factor))
        return self.adapter_digest

    def save_state(self, folder: Path) -> None:
        self.save_adapter(folder)

    def load_state(self, folder: Path) -> None:
        self.factor = float((folder / "adapter_config.json").read_text())


def candidate(poem: Poem, text: str, *, slot: int = 0, failure: str = "", iteration: int = 1) -> Candidate:
    """A candidate by hand."""
    return Candidate(
        id=f"{poem.id}.{iteration}.{slot}", poem_id=poem.id, text=text, raw=text, iteration=iteration, slot=slot,
        attempt=0, seed=1, n_tokens=len(text.split()), failure=failure, model="m", adapter="", prompt_digest="p",
    )  # fmt: skip


def scored(of: Candidate, **changes: object) -> ScoredCandidate:
    """A score by hand: a clean description of ten words, which gains .5 on each of 100 tokens and .1 elsewhere."""
    values: dict[str, object] = {
        "id": f"s-{of.id}", "candidate_id": of.id, "poem_id": of.poem_id, "iteration": of.iteration, "unscored": "",
        "n_tokens": 100, "nll_nats": 250.0, "baseline_nats": 300.0, "n_guarded": 100, "guarded_gain_nats": 50.0,
        "other_gain": 0.1, "n_others": 2, "longest_run_words": 2, "ngram_share": 0.0, "is_leak": False,
        "copied_spans": (), "n_words": 10, "scorer": "w",
    }  # fmt: skip
    return ScoredCandidate(**(values | changes))
