"""A step on preference pairs, side by side in one run: `python -m bench.pairs`.

One optimizer step by direct preference on the same 8 pairs, two of each of 4 poems, as the loop takes them (poem → a
chosen description and a rejected one), LoRA of rank 32 on all projections, bf16, β = .1, the same weights and threads:

    ours   workbench.training.step: equal prompts stand once in a batch
    trl    DPOTrainer + PEFT, the base as its reference by switching the adapter off, no gradient checkpointing, in the
           best of a few batch sizes with and without autocast (chosen at the first round)

TRL 1.15 takes log-probabilities of target tokens in a Triton kernel, which no CPU has. So torch does it here, on the
same tokens, and what TRL would only log (entropy and the like) is left out: both are in its favour.
Both give −log σ(0) = .693 a pair at the first step, and gradients of like norm (the adapter's A is drawn differently).
Writes bench/results/pairs.json.
"""

import tempfile
import time
from typing import Any

import torch
from torch import Tensor

from bench.side_by_side import ROOT, THREADS, Work, contest, ratio, report
from bench.texts import checkpoint, n_tokens, poems
from bench.training import at_its_best, peft_model, step_clock, timed
from workbench.engines.learning.learner import TorchLearner
from workbench.engines.learning.settings import LearnerSettings
from workbench.prompts.renderers import renderer_for
from workbench.prompts.templates import describe_prompt, load_prompt
from workbench.training.step import pair_losses, training_step
from workbench.types import Example, Poem

N_POEMS, N_ROUNDS, RATE, BETA, N_WORDS = 4, 3, 1e-4, 0.1, 35


def pairs() -> list[Example]:
    """Chosen, rejected, chosen, rejected: two pairs of each poem; their words are those of other poems."""
    words = " ".join(record["poem"] for record in poems(200)).split()
    template, found = load_prompt("describe"), []
    for place, record in enumerate(poems(N_POEMS)):
        poem = Poem(title=record["title"], text=record["poem"])
        prompt = describe_prompt(template, poem, words=N_WORDS)
        for number in range(4):
            start = (4 * place + number) * N_WORDS
            found.append(
                Example(
                    id=f"{place}.{number}",
                    poem_id=poem.id,
                    candidate_id="",
                    task="describer",
                    prompt=prompt,
                    target=" ".join(words[start : start + N_WORDS]),
                    rejected_for=f"{place}.{number - 1}" if number % 2 else "",
                )
            )
    return found


def ours() -> Work:
    """Our learner."""
    learner = TorchLearner(checkpoint(), LearnerSettings(dtype="bfloat16", threads=THREADS), seed=0)
    renderer, examples = renderer_for(checkpoint()), pairs()

    def work() -> dict[str, Any]:
        learner.reset(0)
        started, started_cpu = time.perf_counter(), time.process_time()
        result = training_step(learner, renderer, examples, learning_rate=RATE, beta=BETA)
        spent = {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - started_cpu}
        after = pair_losses(learner, [renderer.render(each.prompt, each.target) for each in examples])
        margin = sum(pair.margin for pair in after) / len(after)
        return spent | {"norm": result.gradient_norm if result else None, "margin_after": round(margin, 3)}

    return work


def trl() -> Work:
    """The usual stack at its best."""
    return at_its_best(_trl_step)


CONTENDERS = {"ours": ours, "trl": trl}


def main() -> dict[str, Any]:
    """Runs both contenders, prints the table, writes and returns the results."""
    results = contest("bench.pairs", list(CONTENDERS), n_rounds=N_ROUNDS)
    renderer, examples = renderer_for(checkpoint()), pairs()
    tokens = n_tokens([renderer.render(each.prompt, each.target) for each in examples])
    whole = report(
        f"one preference step on {len(examples) // 2} pairs, {tokens} tokens one by one, bf16, LoRA rank 32",
        results,
        path=ROOT / "bench" / "results" / "pairs.json",
        ratios={"trl": ratio(results, "trl", "ours")},
    )
    print(f"{whole['task']}; {whole['machine']}; load {whole['load_average']}")
    for name, row in results.items():
        print(f"{name:6} {row['seconds']:7.2f} s {row['cpu_seconds']:7.2f} cpu s {row['peak_mb']:6} MB {row['rounds']}")
    print("trl, processor seconds by batch:", results["trl"]["tried"], "times longer than ours:", whole["ratios"])
    return whole


class _LogProbs:
    """In place of TRL's kernel: log-probabilities of targets, and zeros where it has figures for its log."""

    @staticmethod
    def apply(
        hidden_N_D: Tensor, weight_V_D: Tensor, _bias: None, targets_N: Tensor, *_: Any
    ) -> tuple[Tensor | None, ...]:
        """See `trl.kernels.ChunkedLogProbFunction`."""
        logits = torch.nn.functional.linear(hidden_N_D, weight_V_D).float()
        found = -torch.nn.functional.cross_entropy(logits, targets_N, reduction="none")
        none = torch.zeros_like(found.detach())
        return found, none, none, none, none.bool()


def _trl_step(batch: int, autocast: bool) -> dict[str, Any]:
    """Seconds, loss and gradient norm of one optimizer step, timed inside the trainer."""
    from datasets import Dataset
    from transformers import AutoTokenizer
    from trl import DPOConfig, DPOTrainer
    from trl.trainer import utils

    utils._ChunkedLogProbFunction = _LogProbs
    torch.set_num_threads(THREADS)
    examples, clock = pairs(), step_clock()
    rows = [
        {
            "prompt": [{"role": turn.role, "content": turn.content} for turn in chosen.prompt],
            "chosen": [{"role": "assistant", "content": chosen.target}],
            "rejected": [{"role": "assistant", "content": rejected.target}],
        }
        for chosen, rejected in zip(examples[::2], examples[1::2], strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        settings = DPOConfig(
            output_dir=folder, per_device_train_batch_size=batch, gradient_accumulation_steps=len(rows) // batch,
            max_steps=1, learning_rate=RATE, adam_beta2=0.95, max_grad_norm=1.0, gradient_checkpointing=False,
            beta=BETA, bf16=autocast, use_cpu=True, report_to=[], save_strategy="no", logging_steps=1,
            disable_tqdm=True, seed=0,
        )  # fmt: skip
        tokenizer = AutoTokenizer.from_pretrained(checkpoint(), pad_token="<|im_end|>")  # noqa: S106 - no password
        trainer = DPOTrainer(
            model=peft_model(), args=settings, train_dataset=Dataset.from_list(rows), processing_class=tokenizer,
            callbacks=[clock],
        )  # fmt: skip
        return timed(trainer, clock)


if __name__ == "__main__":
    main()
