"""A training step, side by side in one run: `python -m bench.training`.

One optimizer step on the same 8 examples (description → title + poem), LoRA of rank 32 on all projections, bf16, the
same weights and threads:

    ours     workbench.engines.learner
    trl      SFTTrainer + PEFT, loss on the completion only, no gradient checkpointing, in the best of a few batch
             sizes with and without autocast (chosen at the first round)
    matmul   the frozen weights' matrix products alone, once forward: half of a step's least work

Writes bench/results/training.json.
"""

import tempfile
import time
from typing import Any

import torch

from bench.matmul_peak import matmuls
from bench.side_by_side import ROOT, THREADS, Work, contest, ratio, report
from bench.texts import checkpoint, follower_items, n_targets, n_tokens
from workbench.engines.learner import TorchLearner
from workbench.engines.learner_settings import PROJECTIONS, LearnerSettings

N_EXAMPLES, N_ROUNDS, RATE = 8, 3, 1e-4
SETTINGS = ((1, False), (4, False), (8, False), (1, True), (4, True), (8, True))  # batch size, autocast


def ours() -> Work:
    """Our learner."""
    learner = TorchLearner(checkpoint(), LearnerSettings(dtype="bfloat16", threads=THREADS), seed=0)
    items = follower_items(N_EXAMPLES, 1)

    def work() -> dict[str, Any]:
        learner.reset(0)
        started, started_cpu = time.perf_counter(), time.process_time()
        result = learner.step(items, learning_rate=RATE)
        spent = {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - started_cpu}
        return spent | {"mean_nats": result.loss_nats / result.n_tokens, "norm": result.gradient_norm}

    return work


def trl() -> Work:
    """The usual stack at its best."""
    tried = {setting: _trl_step(*setting)["cpu_seconds"] for setting in SETTINGS}
    best = min(tried, key=tried.__getitem__)
    described = {f"{batch}{' autocast' if auto else ''}": round(s, 2) for (batch, auto), s in tried.items()}
    return lambda: _trl_step(*best) | {"batch": best[0], "autocast": best[1], "tried": described}


def matmul() -> Work:
    """Half of the limit."""
    items = follower_items(N_EXAMPLES, 1)
    return matmuls(str(checkpoint()), n_tokens=n_tokens(items), n_targets=n_targets(items))


CONTENDERS = {"ours": ours, "trl": trl, "matmul": matmul}


def main() -> dict[str, Any]:
    """Runs all contenders, prints the table, writes and returns the results."""
    results = contest("bench.training", list(CONTENDERS), n_rounds=N_ROUNDS)
    items = follower_items(N_EXAMPLES, 1)
    for figures in results.values():
        figures["tokens_per_second"] = round(n_tokens(items) / figures["seconds"], 1)
    whole = report(
        f"one step on {N_EXAMPLES} examples, {n_tokens(items)} tokens, {n_targets(items)} targets, bf16, LoRA rank 32",
        results,
        path=ROOT / "bench" / "results" / "training.json",
        ratios={"trl": ratio(results, "trl", "ours")},
        share_of_matmul_peak={name: 2 * share for name, share in ratio(results, "matmul", "ours").items()},
    )
    _print(whole)
    return whole


def _trl_step(batch: int, autocast: bool) -> dict[str, Any]:
    """Seconds, loss and gradient norm of one optimizer step, timed inside the trainer."""
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    class Clock(TrainerCallback):  # type: ignore[misc]  # an untyped library
        def on_step_begin(self, *_: Any, **__: Any) -> None:
            self.started, self.started_cpu = time.perf_counter(), time.process_time()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            self.seconds = time.perf_counter() - self.started
            self.cpu_seconds = time.process_time() - self.started_cpu

    torch.set_num_threads(THREADS)
    items = follower_items(N_EXAMPLES, 1)
    rows = [
        {
            "input_ids": [*item.context_ids, *item.target_ids],
            "labels": [-100] * len(item.context_ids) + list(item.target_ids),
        }
        for item in items
    ]
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        trainer = SFTTrainer(
            model=AutoModelForCausalLM.from_pretrained(checkpoint(), dtype=torch.bfloat16),
            args=SFTConfig(
                output_dir=folder,
                per_device_train_batch_size=batch,
                gradient_accumulation_steps=N_EXAMPLES // batch,
                max_steps=1,
                learning_rate=RATE,
                adam_beta2=0.95,
                max_grad_norm=1.0,
                gradient_checkpointing=False,
                bf16=autocast,
                use_cpu=True,
                dataset_kwargs={"skip_prepare_dataset": True},
                report_to=[],
                save_strategy="no",
                logging_steps=1,
                disable_tqdm=True,
                seed=0,
            ),
            train_dataset=Dataset.from_list(rows),
            processing_class=AutoTokenizer.from_pretrained(checkpoint(), pad_token="<|im_end|>"),  # noqa: S106 - a token of text
            peft_config=LoraConfig(r=32, lora_alpha=32, target_modules=list(PROJECTIONS), task_type="CAUSAL_LM"),
            callbacks=[clock],
        )
        trainer.train()
    logged = next(entry for entry in trainer.state.log_history if "loss" in entry)
    spent = {"seconds": clock.seconds, "cpu_seconds": clock.cpu_seconds}
    return spent | {"mean_nats": float(logged["loss"]), "norm": float(logged["grad_norm"])}


def _print(whole: dict[str, Any]) -> None:
    print(f"{whole['task']}; {whole['machine']}; load {whole['load_average']}")
    print(f"{'':10}{'seconds':>9}{'cpu s':>8}{'tok/s':>8}{'peak MB':>9}  rounds")
    for name, row in whole["results"].items():
        speed = row["tokens_per_second"]
        print(f"{name:10}{row['seconds']:9.2f}{row['cpu_seconds']:8.2f}{speed:8.0f}{row['peak_mb']:9}  {row['rounds']}")
    trl_row = whole["results"]["trl"]
    print(f"trl at its best: batch {trl_row['batch']}, autocast {trl_row['autocast']} of {trl_row['tried']}")
    print("times longer than ours:", whole["ratios"], "share of matmul peak:", whole["share_of_matmul_peak"])


if __name__ == "__main__":
    main()
