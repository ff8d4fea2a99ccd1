"""What `bench.gpu` does, by ours and by others: each case makes what is timed, and that counts its tokens."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.types import Message, Rendered, SampleRequest, Sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is done."""

    prompts: int = 8
    each: int = 16
    new_tokens: int = 200
    scored: int = 128
    trained: int = 64
    repeats: int = 3


SMALL = Sizes(prompts=2, each=2, new_tokens=4, scored=4, trained=4, repeats=1)


# ---------------------------------------------------------------- what is done, the same for all


def requests(sizes: Sizes) -> list[SampleRequest]:
    """Completions of each prompt, of the likeliest tokens: none of them ends an answer."""
    sampling = Sampling(temperature=1.0, top_p=1.0, top_k=1, max_new_tokens=sizes.new_tokens)
    prompts = [f"Write about ferry {number}, a lamp and the tide. " * 8 for number in range(sizes.prompts)]
    return [SampleRequest(prompt=(Message(role="user", content=text),), seed=seed, sampling=sampling)
            for text in prompts for seed in range(sizes.each)]  # fmt: skip


def items(n: int) -> list[Rendered]:
    """Contexts of about 170 tokens, targets of about 150."""
    rng = random.Random(0)  # noqa: S311 - lengths, not secrets

    def ids(length: int) -> tuple[int, ...]:
        return tuple(rng.randrange(10, 250) for _ in range(length))

    return [Rendered(context_ids=ids(170 + rng.randrange(-40, 40)), target_ids=ids(150 + rng.randrange(-60, 60)),
                     target="", offsets_T=()) for _ in range(n)]  # fmt: skip


def n_read(batch: list[Rendered]) -> int:
    """Tokens of a batch."""
    return sum(len(each.context_ids) + len(each.target_ids) for each in batch)


# ---------------------------------------------------------------- cases: each makes what is timed, which counts tokens


def _ours(kind: str) -> Callable[[Path, Sizes], Callable[[], int]]:
    def case(folder: Path, sizes: Sizes) -> Callable[[], int]:
        from workbench.engines.opening import open_sampler

        sampler, asked = open_sampler(f"{kind}:{folder}"), requests(sizes)
        return lambda: sum(getattr(each, "n_tokens", 0) for each in sampler.sample(asked))

    return case


def _prompt_ids(folder: Path, sizes: Sizes) -> list[list[int]]:
    from workbench.prompts.renderers import renderer_for

    renderer = renderer_for(folder)
    return [list(renderer.context(request.prompt)) for request in requests(sizes)]


def _plain_model(folder: Path) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    return model.to("cuda" if torch.cuda.is_available() else "cpu").eval()


def _generate(folder: Path, sizes: Sizes) -> Callable[[], int]:
    import torch

    model, ids = _plain_model(folder), _prompt_ids(folder, sizes)[:: sizes.each]
    batch = torch.tensor(ids, device=model.device)

    def run() -> int:
        out = model.generate(
            batch, attention_mask=torch.ones_like(batch), do_sample=True, top_k=1, eos_token_id=None,
            num_return_sequences=sizes.each, max_new_tokens=sizes.new_tokens,
        )  # fmt: skip
        return int(out.shape[0] * (out.shape[1] - batch.shape[1]))

    return run


def _continuous(folder: Path, sizes: Sizes) -> Callable[[], int]:
    """Its manager: `generate_batch` gives one result for several of one prompt (transformers 5.17).

    By itself it takes nine tenths of all memory for its cache, of a CPU's too; here as much as the requests need.
    """
    from transformers import ContinuousBatchingConfig, GenerationConfig

    model, ids = _plain_model(folder), _prompt_ids(folder, sizes)
    config = GenerationConfig(do_sample=True, top_k=1, max_new_tokens=sizes.new_tokens, eos_token_id=-1, pad_token_id=0)
    n_tokens = sum(len(each) + sizes.new_tokens for each in ids)
    memory = ContinuousBatchingConfig(block_size=32, num_blocks=n_tokens // 32 + 2 * len(ids), max_batch_tokens=2048)

    def run() -> int:
        found: dict[str, int] = {}
        with model.continuous_batching_context_manager(
            generation_config=config, continuous_batching_config=memory
        ) as manager:
            manager.add_requests(inputs=ids, max_new_tokens=sizes.new_tokens)
            for result in manager:
                if result.is_finished():
                    found[result.request_id] = len(result.generated_tokens)
                if len(found) == len(ids):
                    break
        return sum(found.values())

    return run


def _vllm_alone(folder: Path, sizes: Sizes) -> Callable[[], int]:
    from vllm import LLM, SamplingParams

    model, ids = LLM(str(folder), generation_config="vllm"), _prompt_ids(folder, sizes)[:: sizes.each]
    drawn = SamplingParams(n=sizes.each, top_k=1, max_tokens=sizes.new_tokens, ignore_eos=True)
    prompts = [{"prompt_token_ids": each} for each in ids]
    return lambda: sum(len(one.token_ids) for each in model.generate(prompts, drawn) for one in each.outputs)


def _learner(engine: str, task: str) -> Callable[[Path, Sizes], Callable[[], int]]:
    def case(folder: Path, sizes: Sizes) -> Callable[[], int]:
        from workbench.engines.learning.settings import LearnerSettings
        from workbench.engines.opening import Engines
        from workbench.engines.sources import ModelSettings

        settings = LearnerSettings(engine=engine, token_budget=16384)  # type: ignore[arg-type] # one of its words
        learner = Engines(ModelSettings(source=str(folder)), settings, seed=1).learner
        batch = items(sizes.scored if task == "score" else sizes.trained)

        def run() -> int:
            learner.score(batch) if task == "score" else learner.step(batch, learning_rate=1e-5)
            return n_read(batch)

        return run

    return case


def _plain(task: str) -> Callable[[Path, Sizes], Callable[[], int]]:
    """Padded batches of 32, labels of the whole vocabulary: transformers, and PEFT for a step."""

    def case(folder: Path, sizes: Sizes) -> Callable[[], int]:
        import torch
        from peft import LoraConfig, get_peft_model

        model = _plain_model(folder)
        if task == "step":
            model = get_peft_model(model, LoraConfig(r=32, lora_alpha=32, target_modules="all-linear"))
        adam = torch.optim.AdamW([each for each in model.parameters() if each.requires_grad], lr=1e-5)
        batch = items(sizes.scored if task == "score" else sizes.trained)

        def run() -> int:
            with torch.set_grad_enabled(task == "step"):
                for start in range(0, len(batch), 32):
                    ids, labels = _padded(batch[start : start + 32], model.device)
                    loss = model(input_ids=ids, labels=labels).loss
                    if task == "step":
                        loss.backward()
                    loss.item()
            if task == "step":
                adam.step()
                adam.zero_grad()
            return n_read(batch)

        return run

    return case


def _padded(batch: list[Rendered], device: Any) -> tuple[Any, Any]:
    import torch

    width = max(len(each.context_ids) + len(each.target_ids) for each in batch)
    rows = [(*each.context_ids, *each.target_ids) for each in batch]
    labels = [(*[-100] * len(each.context_ids), *each.target_ids) for each in batch]
    return (torch.tensor([[*row, *[0] * (width - len(row))] for row in rows], device=device),
            torch.tensor([[*row, *[-100] * (width - len(row))] for row in labels], device=device))  # fmt: skip


CASES: dict[str, Callable[[Path, Sizes], Callable[[], int]]] = {
    "sample ours, vllm": _ours("vllm"), "sample ours, transformers": _ours("transformers"),
    "sample transformers.generate": _generate, "sample continuous batching": _continuous, "sample vllm": _vllm_alone,
    "score ours": _learner("peft", "score"), "score transformers": _plain("score"),
    "step ours": _learner("peft", "step"), "step ours, unsloth": _learner("unsloth", "step"),
    "step transformers + peft": _plain("step"),
}  # fmt: skip
