"""Which wording makes the built-in model describe best: `python -m bench.prompts [NAME …]`.

Sixteen poems, N = 4 descriptions of each under every wording of `config/prompts/`, scored by the base weights. Prints
for each wording: answers that could not be used, copies, and over the clean ones plain gain, guarded gain, specificity
and the specificity of a poem's best one, in nats per token. Not part of `make bench`: it compares quality, not speed.
"""

import sys
from typing import Any

from bench.side_by_side import ROOT, report
from workbench.backtranslation import BacktranslationSettings, Describer, describe_poems
from workbench.corpus.load import CorpusSettings, prepare_corpus
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.opening import Engines
from workbench.engines.sources import ModelSettings
from workbench.scoring.likelihood import LikelihoodScorer, ScoringSettings
from workbench.scoring.score import score_candidates
from workbench.types import Poem, ScoredCandidate

WORDINGS = ("describe", "describe_long", "describe_before")
N_POEMS = 16


def main(names: tuple[str, ...] = WORDINGS) -> dict[str, Any]:
    """Measures every wording, prints and writes bench/results/prompts.json."""
    engines = Engines(ModelSettings(), LearnerSettings(lora_rank=4), seed=0)
    settings = CorpusSettings(poems=str(ROOT / "data" / "poems" / "good"), limit=N_POEMS, held_out=0)
    poems = prepare_corpus(settings, seed=3, count_tokens=len).training
    likelihood = LikelihoodScorer(scorer=engines.learner, renderer=engines.renderer, settings=ScoringSettings(others=2))
    figures = {name: _figures(engines, likelihood, name, poems) for name in names}
    report("wordings of the describe prompt", figures, path=ROOT / "bench" / "results" / "prompts.json")
    print(f"{'wording':18}" + "".join(f"{key:>18}" for key in next(iter(figures.values()))))
    for name, row in figures.items():
        print(f"{name:18}" + "".join(f"{value:18.3f}" for value in row.values()))
    return figures


def _figures(engines: Engines, likelihood: LikelihoodScorer, name: str, poems: tuple[Poem, ...]) -> dict[str, float]:
    asked = BacktranslationSettings(prompt=name, words=60, max_new_tokens=120, keep_endless=True, retries=0)
    describer = Describer(sampler=engines.sampler, renderer=engines.renderer, settings=asked, seed=1)
    candidates = describe_poems(describer, poems, iteration=0)
    scores = [s for s in score_candidates(likelihood, candidates, poems) if not s.unscored]
    clean = [s for s in scores if not s.is_leak]
    best = [max(own, key=lambda s: s.specificity) for p in poems if (own := [s for s in clean if s.poem_id == p.id])]
    return {
        "unusable": 1 - len(scores) / len(candidates),
        "copies": 1 - len(clean) / len(scores),
        "gain": _mean(clean, "gain"),
        "guarded gain": _mean(clean, "guarded_gain"),
        "specificity": _mean(clean, "specificity"),
        "best specificity": _mean(best, "specificity"),
    }


def _mean(scores: list[ScoredCandidate], figure: str) -> float:
    return round(sum(float(getattr(score, figure)) for score in scores) / len(scores), 4)


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or WORDINGS)
