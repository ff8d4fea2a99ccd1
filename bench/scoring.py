"""Scoring, side by side in one run: `python -m bench.scoring`.

4 poems x 4 descriptions, bf16, the same weights and threads for each contender:

    ours         workbench.engines.learning.learner: no padding, the head on target positions only
    one by one   transformers, `model(**inputs, labels=…)`, one candidate at a time
    batched      transformers, padded batches, full logits, in the best of a few batch sizes
    matmul       the forward pass's matrix products alone: the machine's limit

and ours again with each description also before the 3 other poems (specificity), with contexts shared and not. Writes
bench/results/scoring.json.
"""

import time
from typing import Any

import torch

from bench.matmul_peak import matmuls
from bench.side_by_side import ROOT, THREADS, Work, contest, ratio, report
from bench.texts import checkpoint, follower_items, n_targets, n_tokens
from workbench.engines.learning.learner import TorchLearner
from workbench.engines.learning.settings import LearnerSettings
from workbench.types import Rendered, Score

N_POEMS, N_DESCRIPTIONS, N_OTHERS, N_ROUNDS = 4, 4, 3, 3
BATCHES = (4, 8, 16)
PADDING = 0


def ours() -> Work:
    """Our learner."""
    learner = TorchLearner(checkpoint(), LearnerSettings(dtype="bfloat16", threads=THREADS), seed=0)
    items = follower_items(N_POEMS, N_DESCRIPTIONS)
    return lambda: {"mean_nats": _mean(learner, items)}


def shared() -> Work:
    """Our learner, each description before all four poems, with one copy of it."""
    learner = TorchLearner(checkpoint(), LearnerSettings(dtype="bfloat16", threads=THREADS), seed=0)
    items = follower_items(N_POEMS, N_DESCRIPTIONS // 2, n_others=N_OTHERS)
    return lambda: {"mean_nats": _mean(learner, items)}


def unshared() -> Work:
    """The same, the description read again for each poem."""
    settings = LearnerSettings(dtype="bfloat16", threads=THREADS, share_contexts=False)
    learner = TorchLearner(checkpoint(), settings, seed=0)
    items = follower_items(N_POEMS, N_DESCRIPTIONS // 2, n_others=N_OTHERS)
    return lambda: {"mean_nats": _mean(learner, items)}


def one_by_one() -> Work:
    """What a reader of the documentation writes."""
    model, items = _transformers(), follower_items(N_POEMS, N_DESCRIPTIONS)

    def work() -> dict[str, Any]:
        with torch.inference_mode():
            sums = [float(model(**_inputs([item])).loss) * len(item.target_ids) for item in items]
        return {"mean_nats": sum(sums) / n_targets(items)}

    return work


def batched() -> Work:
    """The same in padded batches of like length, in the batch size that was fastest at the first round."""
    model = _transformers()
    items = sorted(follower_items(N_POEMS, N_DESCRIPTIONS), key=lambda item: len(item.context_ids + item.target_ids))

    def run(size: int) -> float:
        total = 0.0
        with torch.inference_mode():
            for at in range(0, len(items), size):
                batch = items[at : at + size]
                total += float(model(**_inputs(batch)).loss) * n_targets(batch)
        return total / n_targets(items)

    tried = {size: _seconds(run, size) for size in BATCHES}
    best = min(tried, key=tried.__getitem__)
    return lambda: {"mean_nats": run(best), "batch": best}


def matmul() -> Work:
    """The limit."""
    items = follower_items(N_POEMS, N_DESCRIPTIONS)
    return matmuls(str(checkpoint()), n_tokens=n_tokens(items), n_targets=n_targets(items))


CONTENDERS = {
    "ours": ours,
    "one by one": one_by_one,
    "batched": batched,
    "matmul": matmul,
    "ours, shared contexts": shared,
    "ours, not shared": unshared,
}


def main() -> dict[str, Any]:
    """Runs all contenders, prints the table, writes and returns the results."""
    results = contest("bench.scoring", list(CONTENDERS), n_rounds=N_ROUNDS)
    items = follower_items(N_POEMS, N_DESCRIPTIONS)
    for name in ("ours", "one by one", "batched", "matmul"):
        results[name]["tokens_per_second"] = round(n_tokens(items) / results[name]["seconds"], 1)
    whole = report(
        f"{N_POEMS} poems x {N_DESCRIPTIONS} descriptions, {n_tokens(items)} tokens, {n_targets(items)} targets, bf16",
        results,
        path=ROOT / "bench" / "results" / "scoring.json",
        ratios={name: ratio(results, name, "ours") for name in ("one by one", "batched")}
        | {"not sharing contexts": ratio(results, "ours, not shared", "ours, shared contexts")},
        share_of_matmul_peak=ratio(results, "matmul", "ours"),
    )
    _print(whole)
    return whole


def _mean(learner: TorchLearner, items: list[Rendered]) -> float:
    scores = [score for score in learner.score(items) if isinstance(score, Score)]
    return sum(score.nll_nats for score in scores) / sum(score.n_tokens for score in scores)


def _transformers() -> Any:
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(THREADS)
    return AutoModelForCausalLM.from_pretrained(checkpoint(), dtype=torch.bfloat16).eval()


def _inputs(batch: list[Rendered]) -> dict[str, torch.Tensor]:
    rows = [[*item.context_ids, *item.target_ids] for item in batch]
    width = max(map(len, rows))
    masked = [[-100] * len(item.context_ids) + list(item.target_ids) for item in batch]
    return {
        "input_ids": torch.tensor([row + [PADDING] * (width - len(row)) for row in rows]),
        "attention_mask": torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows]),
        "labels": torch.tensor([row + [-100] * (width - len(row)) for row in masked]),
    }


def _seconds(run: Any, size: int) -> float:
    started = time.perf_counter()
    run(size)
    return time.perf_counter() - started


def _print(whole: dict[str, Any]) -> None:
    print(f"{whole['task']}; {whole['machine']}; load {whole['load_average']}")
    print(f"{'':24}{'seconds':>9}{'cpu s':>8}{'tok/s':>8}{'peak MB':>9}  rounds")
    for name, row in whole["results"].items():
        speed = row.get("tokens_per_second", "")
        print(f"{name:24}{row['seconds']:9.2f}{row['cpu_seconds']:8.2f}{speed:>8}{row['peak_mb']:9}  {row['rounds']}")
    print("times longer than ours:", whole["ratios"], "share of matmul peak:", whole["share_of_matmul_peak"])


if __name__ == "__main__":
    main()
