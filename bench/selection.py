"""Which rule of choosing teaches the describer anything: `python -m bench.selection`, about half an hour on two cores.

One pool of candidates is described and scored once; every variant trains a fresh adapter on what its rule chooses and
describes the same held-out poems. Measured under the base weights, so that the describer alone is judged:

    specificity (run 1)   guarded gain on its own poem minus that on another; every shared word earns nothing
    specificity (run 3)   the same, but only runs of three shared words and more earn nothing
    copies                share of descriptions that copy

Each variant stands beside the base model and beside random choice among the same eligible candidates, with the paired
difference over held-out poems and its interval. Interrupted, it goes on after the last finished variant.
Not part of `make bench`: it compares quality, not speed.
"""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from bench.side_by_side import ROOT
from workbench.backtranslation import BacktranslationSettings, Describer, describe_poems, usable
from workbench.corpus.load import CorpusSettings, prepare_corpus
from workbench.engines.learning.settings import LearnerSettings, learning_rate
from workbench.engines.opening import Engines
from workbench.engines.sources import ModelSettings
from workbench.intervals import mean_of, shown
from workbench.prompts.templates import load_prompt
from workbench.scoring.leaks import LeakSettings
from workbench.scoring.likelihood import LikelihoodScorer, ScoringSettings
from workbench.scoring.score import score_candidates
from workbench.selection.examples import choose_rejected, make_examples
from workbench.selection.select import SelectionSettings, pair_up, select_winners
from workbench.training.settings import LoopTrainingSettings
from workbench.training.step import training_step
from workbench.types import Candidate, Example, Message, Poem, Rendered, Score, ScoredCandidate, Unscored

RESULTS = ROOT / "bench" / "results" / "selection.json"
N_CANDIDATES, N_HELD, N_POEMS = 8, 4, 120
WORDS = 40
BATCH, EPOCHS = 16, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way to choose and to teach."""

    name: str
    arm: str = "top"  # of workbench.selection.select.ARMS; "" = no training
    guard_run: int = 3
    task: str = "describer"
    is_preference: bool = False
    top_k: int = 2


VARIANTS = (
    Variant(name="base", arm=""),
    Variant(name="top, run 3"),
    Variant(name="random, run 3", arm="random"),
    Variant(name="preference pairs, run 3", is_preference=True),
    Variant(name="random pairs, run 3", is_preference=True, arm="random"),
    Variant(name="describer and follower, run 3", task="both"),
    Variant(name="top, run 1", guard_run=1),
    Variant(name="random, run 1", guard_run=1, arm="random"),
)


class Remembering:
    """A scorer that gives a loss again instead of computing it twice."""

    def __init__(self, learner: Any) -> None:
        self.learner, self.digest = learner, learner.digest
        self._known: dict[Any, Score | Unscored] = {}

    @property
    def adapter_digest(self) -> str:
        """Of the learner."""
        return str(self.learner.adapter_digest)

    def score(self, rendered: Sequence[Rendered], **options: Any) -> list[Score | Unscored]:
        """See `Scorer`."""
        keys = [(self.adapter_digest, each.context_ids, each.target_ids) for each in rendered]
        new = {key: each for key, each in zip(keys, rendered, strict=True) if key not in self._known}
        self._known.update(zip(new, self.learner.score(list(new.values()), **options), strict=True))
        return [self._known[key] for key in keys]


class Study:
    """The pool, the engines and the figures of every variant."""

    def __init__(self) -> None:
        training = LearnerSettings(lora_rank=16)
        self.engines = Engines(ModelSettings(), training, seed=7)
        settings = CorpusSettings(poems=str(ROOT / "data" / "poems" / "good"), limit=N_POEMS, held_out=0.3)
        corpus = prepare_corpus(settings, seed=11, count_tokens=lambda text: len(self._ids(text)))
        self.training, self.held_out = corpus.training, corpus.held_out
        self.learner = self.engines.learner
        self.scorer = Remembering(self.learner)

    @cached_property
    def describer(self) -> Describer:
        """The sampler with the request."""
        asked = BacktranslationSettings(words=WORDS, max_new_tokens=90, keep_endless=True, retries=0)
        return Describer(sampler=self.engines.sampler, renderer=self.engines.renderer, settings=asked, seed=3)

    @cached_property
    def pool(self) -> list[Candidate]:
        """All candidates of the training poems, by the base model."""
        self.engines.sampler.use_adapter(None)
        return usable(describe_poems(self.describer, self.training, iteration=1, n_candidates=N_CANDIDATES))

    def scores(self, candidates: Sequence[Candidate], poems: Sequence[Poem], run: int) -> list[ScoredCandidate]:
        """Scores under the base weights with a guard of `run` words."""
        settings = ScoringSettings(others=1, weights="base", leaks=LeakSettings(guard_run=run))
        likelihood = LikelihoodScorer(scorer=self.scorer, renderer=self.engines.renderer, settings=settings)
        with self.learner.frozen():
            return score_candidates(likelihood, candidates, poems)

    def figures(self, variant: Variant) -> dict[str, Any]:
        """Trains the variant and measures its describer on the held-out poems."""
        n_examples = self._teach(variant) if variant.arm else 0
        candidates = usable(describe_poems(self.describer, self.held_out, iteration=2, n_candidates=N_HELD))
        found: dict[str, Any] = {"n_examples": n_examples}
        for run in (1, 3):
            scores = [s for s in self.scores(candidates, self.held_out, run) if not s.unscored]
            found["copies"] = sum(s.is_leak for s in scores) / len(scores)
            clean = {
                p.id: [s.specificity for s in scores if s.poem_id == p.id and not s.is_leak] for p in self.held_out
            }
            found[f"specificity_{run}"] = [sum(own) / len(own) if own else None for own in clean.values()]
            found[f"best_{run}"] = [max(own, default=None) for own in clean.values()]
        found["sample"] = candidates[0].text
        return found

    def _teach(self, variant: Variant) -> int:
        """Trains a fresh adapter and hands it to the sampler; how many targets were made likelier."""
        self.learner.reset(5)
        contenders = pair_up(self.pool, self.scores(self.pool, self.training, variant.guard_run))
        settings = SelectionSettings(top_k=variant.top_k)
        winners = [c for c in select_winners(contenders, settings, arm=variant.arm, seed=1) if c.is_winner]
        style = self.engines.renderer.name
        follow, describe = load_prompt("follow", style), load_prompt("describe", style)
        rejected = choose_rejected(contenders, winners, settings, seed=1) if variant.is_preference else None
        examples = make_examples(
            winners, self.training, task=variant.task, follow=follow, describe=describe, words=WORDS, rejected=rejected
        )
        size = 2 if variant.is_preference else 1  # a pair stays together
        lessons = [examples[i : i + size] for i in range(0, len(examples), size)]
        beta = LoopTrainingSettings().beta
        for batch, rate in _batches(lessons):
            training_step(self.learner, self.engines.renderer, batch, learning_rate=rate, beta=beta)
        folder = Path(tempfile.mkdtemp(prefix="selection-"))
        self.learner.save_adapter(folder)
        self.engines.sampler.use_adapter(folder)
        return len(lessons)

    def _ids(self, text: str) -> tuple[int, ...]:
        return self.engines.renderer.context((Message(role="user", content=text),))


def _batches(lessons: list[list[Example]]) -> list[tuple[list[Example], float]]:
    order = [each for epoch in range(EPOCHS) for each in Random(epoch).sample(lessons, len(lessons))]  # noqa: S311
    batches = [[e for lesson in order[i : i + BATCH] for e in lesson] for i in range(0, len(order), BATCH)]
    return [
        (batch, learning_rate(number, len(batches), start=3e-4, end=1e-4)) for number, batch in enumerate(batches, 1)
    ]


def show(found: dict[str, Any]) -> None:
    """One line a variant: specificity with its interval, the difference to random choice, copies."""
    heads = f"{'specificity, run 1':>26}{'specificity, run 3':>26}{'best of 4':>11}{'copies':>8}"
    print(f"{'variant':32}{'examples':>9}{heads}")
    for name, row in found.items():
        cells = [_interval(row[f"specificity_{run}"]) for run in (1, 3)]
        best = mean_of(row["best_3"])
        told = f"{best.value:.3f}" if best else "–"
        print(f"{name:32}{row['n_examples']:>9}{cells[0]:>26}{cells[1]:>26}{told:>11}{row['copies']:>8.0%}")
    for run in (1, 3):
        control = found.get(f"random, run {run}")
        for name, row in found.items() if control else ():
            gaps = [
                a - b if a is not None and b is not None else None
                for a, b in zip(row[f"specificity_{run}"], control[f"specificity_{run}"], strict=True)  # type: ignore[index]
            ]
            print(f"specificity (run {run}) of {name} minus random, run {run}: {_interval(gaps)}")


def _interval(values: Sequence[float | None]) -> str:
    return shown(mean_of(values), sign=True)


def main() -> None:
    """Measures every variant that is not on record and prints the table."""
    found: dict[str, Any] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    study = None
    for variant in VARIANTS:
        if variant.name not in found:
            study = study or Study()
            found[variant.name] = study.figures(variant)
            RESULTS.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
            show(found)
    show(found)


if __name__ == "__main__":
    main()
