"""A whole iteration on 8 poems: describe (N = 4), score with baselines, one training step: `python -m bench.iteration`.

    ours     the package's own phases, one after another in one process
    usual    the same numbers of tokens at the speeds that bench.generation, bench.scoring and bench.training have just
             measured for model.generate, one candidate at a time, and SFTTrainer + PEFT: those three put together

Run it after the other three (`python -m bench` does). Writes bench/results/iteration.json.
"""

import json
from typing import Any

from bench.side_by_side import ROOT, Work, contest, report
from bench.texts import checkpoint
from workbench.backtranslation import BacktranslationSettings, Describer, describe_poems, usable
from workbench.corpus.load import load_poems
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.opening import Engines
from workbench.engines.sources import ModelSettings
from workbench.prompts.templates import load_prompt
from workbench.scoring.likelihood import LikelihoodScorer, ScoringSettings
from workbench.scoring.score import score_candidates
from workbench.selection.examples import make_examples
from workbench.selection.select import SelectionSettings, pair_up, select_winners

N_POEMS, RESULTS = 8, ROOT / "bench" / "results"


def ours() -> Work:
    """One mini-batch of the loop, and how many tokens each phase worked on."""
    engines = Engines(ModelSettings(weights="bf16"), LearnerSettings(dtype="bfloat16"), seed=0)
    fitting = [p for p in load_poems(ROOT / "data" / "poems" / "good") if 10 <= p.text.count("\n") + 1 <= 20]
    poems = fitting[:: len(fitting) // N_POEMS][:N_POEMS]
    settings = BacktranslationSettings(words=60, max_new_tokens=140, keep_endless=True, retries=0)
    describer = Describer(sampler=engines.sampler, renderer=engines.renderer, settings=settings, seed=0)
    likelihood = LikelihoodScorer(scorer=engines.learner, renderer=engines.renderer, settings=ScoringSettings(others=0))
    selection = SelectionSettings(min_gain=-99.0)
    follow, describe = load_prompt("follow"), load_prompt("describe")

    def work() -> dict[str, Any]:
        engines.learner.reset(0)
        candidates = describe_poems(describer, poems, iteration=1)
        scores = score_candidates(likelihood, candidates, poems)
        chosen = select_winners(pair_up(candidates, scores), selection)
        examples = make_examples(chosen, poems, task="follower", follow=follow, describe=describe, words=60)
        batch = [engines.renderer.render(example.prompt, example.target) for example in examples]
        engines.learner.step(batch, learning_rate=1e-4)
        by_id = {poem.id: poem for poem in poems}
        scored = [likelihood.render(c.text, by_id[c.poem_id]) for c in usable(candidates)]
        scored += [likelihood.render("", poem) for poem in poems]
        return {
            "n_generated": sum(c.n_tokens for c in candidates),
            "n_scored": sum(len(r.context_ids) + len(r.target_ids) for r in scored),
            "n_trained": sum(len(r.context_ids) + len(r.target_ids) for r in batch),
        }

    return work


CONTENDERS = {"ours": ours}


def main() -> dict[str, Any]:
    """Measures ours, adds up the others, prints, writes and returns the results."""
    checkpoint()
    results = contest("bench.iteration", ["ours"], n_rounds=2)
    row = results["ours"]
    parts = {
        "generate": row["n_generated"] / _speed("generation", "transformers"),
        "score": row["n_scored"] / _speed("scoring", "one by one"),
        "train": row["n_trained"] / _speed("training", "trl"),
    }
    results["usual"] = {"seconds": round(sum(parts.values()), 2), "parts": {k: round(v, 2) for k, v in parts.items()}}
    ratio = round(results["usual"]["seconds"] / row["seconds"], 2)
    whole = report(
        f"one iteration on {N_POEMS} poems, N = 4", results, path=RESULTS / "iteration.json", ratios={"usual": ratio}
    )
    print(f"iteration: ours {row['seconds']:.1f} s, the usual three {results['usual']['seconds']:.1f} s: {ratio} x")
    return whole


def _speed(task: str, contender: str) -> float:
    measured = json.loads((RESULTS / f"{task}.json").read_text("utf-8"))
    return float(measured["results"][contender]["tokens_per_second"])


if __name__ == "__main__":
    main()
