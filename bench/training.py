"""A training step, side by side in one run: `python -m bench.training`.

One optimizer step on the same 8 examples (description → title + poem), LoRA of rank 32 on all projections, bf16, the
same weights and threads:

    ours         workbench.engines.learning.learner
    trl          SFTTrainer + PEFT, loss on the completion only, no gradient checkpointing, in the best of a few batch
                 sizes with and without autocast (chosen at the first round)
    trl unsloth  the same trainer on a model of Unsloth's FastLanguageModel
    matmul       the frozen weights' matrix products alone, once forward: half of a step's least work

TRL 1.15 computes its loss in a Triton kernel, which no CPU has: SFTTrainer ends with an error. So `trl` takes the loss
of its parent, transformers' Trainer (the model's own, from full logits); Unsloth puts a kernel of its own in place.
Writes bench/results/training.json.
"""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from bench.matmul_peak import matmuls
from bench.side_by_side import ROOT, THREADS, Work, contest, ratio, report
from bench.texts import checkpoint, follower_items, n_targets, n_tokens
from workbench.engines.learning.learner import TorchLearner
from workbench.engines.learning.settings import PROJECTIONS, LearnerSettings, LoraShape
from workbench.engines.learning.unsloth_model import load_unsloth

N_EXAMPLES, N_ROUNDS, RATE = 8, 3, 1e-4
SETTINGS = ((1, False), (1, True), (4, True))  # batch size, autocast; larger batches only pad more


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
    return at_its_best(partial(_trl_step, with_unsloth=False))


def trl_unsloth() -> Work:
    """The same through Unsloth."""
    from workbench.engines.learning.unsloth_model import unsloth_can_import

    if not unsloth_can_import():  # before transformers
        raise SystemExit("Unsloth does not import here")
    return at_its_best(partial(_trl_step, with_unsloth=True))


def matmul() -> Work:
    """Half of the limit."""
    items = follower_items(N_EXAMPLES, 1)
    return matmuls(str(checkpoint()), n_tokens=n_tokens(items), n_targets=n_targets(items))


CONTENDERS = {"ours": ours, "trl": trl, "trl unsloth": trl_unsloth, "matmul": matmul}


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
        ratios={name: ratio(results, name, "ours") for name in ("trl", "trl unsloth")},
        share_of_matmul_peak={name: 2 * share for name, share in ratio(results, "matmul", "ours").items()},
    )
    _print(whole)
    return whole


def at_its_best(step: Callable[[int, bool], dict[str, Any]]) -> Work:
    """The step in the setting of `SETTINGS` that takes the least processor time, with what each took."""
    tried = {setting: step(*setting)["cpu_seconds"] for setting in SETTINGS}
    best = min(tried, key=tried.__getitem__)
    described = {f"{batch}{' autocast' if auto else ''}": round(s, 2) for (batch, auto), s in tried.items()}
    chosen = {"batch": best[0], "autocast": best[1], "tried": described}
    return lambda: step(*best) | chosen


def _trl_step(batch: int, autocast: bool, *, with_unsloth: bool) -> dict[str, Any]:
    """Seconds, loss and gradient norm of one optimizer step, timed inside the trainer."""
    from transformers import AutoTokenizer, Trainer
    from trl import SFTConfig, SFTTrainer

    class ModelLossTrainer(SFTTrainer):  # type: ignore[misc]  # an untyped library
        compute_loss = Trainer.compute_loss

    torch.set_num_threads(THREADS)
    clock = step_clock()
    with tempfile.TemporaryDirectory() as folder:
        settings = SFTConfig(
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
            remove_unused_columns=False,
            report_to=[],
            save_strategy="no",
            logging_steps=1,
            disable_tqdm=True,
            seed=0,
        )
        trainer = (SFTTrainer if with_unsloth else ModelLossTrainer)(
            model=_unsloth_model() if with_unsloth else peft_model(),
            args=settings,
            train_dataset=_dataset(),
            processing_class=AutoTokenizer.from_pretrained(checkpoint(), pad_token="<|im_end|>"),  # noqa: S106 - no password
            callbacks=[clock],
        )
        told = timed(trainer, clock)
    told["mean_nats"] = told.pop("loss")
    return told


def timed(trainer: Any, clock: Any) -> dict[str, Any]:
    """What the one step of a trainer took, its loss and the norm of its gradient."""
    trainer.train()
    logged = next(entry for entry in trainer.state.log_history if "loss" in entry)
    spent = {"seconds": clock.seconds, "cpu_seconds": clock.cpu_seconds}
    return spent | {"loss": float(logged["loss"]), "norm": float(logged["grad_norm"])}


def step_clock() -> Any:
    """A callback that times the optimizer step: its `seconds` and `cpu_seconds`."""
    from transformers import TrainerCallback

    class Clock(TrainerCallback):  # type: ignore[misc]  # an untyped library
        def on_step_begin(self, *_: Any, **__: Any) -> None:
            self.started, self.started_cpu = time.perf_counter(), time.process_time()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            self.seconds = time.perf_counter() - self.started
            self.cpu_seconds = time.process_time() - self.started_cpu

    return Clock()


def _dataset() -> Any:
    from datasets import Dataset

    items = follower_items(N_EXAMPLES, 1)
    return Dataset.from_list(
        [
            {
                "input_ids": [*item.context_ids, *item.target_ids],
                "labels": [-100] * len(item.context_ids) + list(item.target_ids),
            }
            for item in items
        ]
    )


def peft_model() -> Any:
    """The model as PEFT wraps it."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(checkpoint(), dtype=torch.bfloat16)
    config = LoraConfig(r=32, lora_alpha=32, target_modules=list(PROJECTIONS), task_type="CAUSAL_LM")
    return get_peft_model(model, config)


def _unsloth_model() -> Any:
    shape = LoraShape(rank=32, alpha=32.0, dropout=0.0, target_modules=PROJECTIONS)
    return load_unsloth(checkpoint(), shape, dtype=torch.bfloat16, in_4bit=False)


def _print(whole: dict[str, Any]) -> None:
    print(f"{whole['task']}; {whole['machine']}; load {whole['load_average']}")
    print(f"{'':14}{'seconds':>9}{'cpu s':>8}{'tok/s':>8}{'peak MB':>9}  rounds")
    for name, row in whole["results"].items():
        speed = row["tokens_per_second"]
        print(f"{name:14}{row['seconds']:9.2f}{row['cpu_seconds']:8.2f}{speed:8.0f}{row['peak_mb']:9}  {row['rounds']}")
    for name in ("trl", "trl unsloth"):
        print(f"{name}, processor seconds by batch size: {whole['results'][name]['tried']}")
    print("times longer than ours:", whole["ratios"], "share of matmul peak:", whole["share_of_matmul_peak"])


if __name__ == "__main__":
    main()
