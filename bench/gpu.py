"""The product's own commands on one CUDA card beside what a user would use instead: `python -m bench.gpu [SHAPE]`.

    sample    8 prompts × 16 completions, new tokens a second: ours by vLLM, ours by transformers, transformers'
              `generate`, its continuous batching, and vLLM alone
    score     128 targets under their contexts, tokens read a second: ours, and plain transformers in batches of 32
    step      64 sequences, one optimizer step of a LoRA of rank 32: ours (PEFT, Unsloth where it is), and plain
              transformers with PEFT

SHAPE is 135m, 1b or 8b: a Llama of that shape with random weights, made here, so that nothing is fetched; speed does
not ask what weights say. `--small` is the way of all of it on a CPU with a tiny shape: a check, no figures. Each case
has a process of its own and is warmed up first; tokens are counted, not assumed. A case that cannot run here is a line
that says why. Writes bench/results/gpu-SHAPE.json with the card, the commit and the share of the card's arithmetic.

Not here: TRL's trainers (SFT with Unsloth, GRPO with vLLM) and the whole iteration.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.side_by_side import ROOT
from workbench.types import Message, Rendered, SampleRequest, Sampling

RESULTS = ROOT / "bench" / "results"
SHAPES = {  # hidden size, of the feed-forward part, layers, heads, of keys, words
    "tiny": (64, 96, 2, 4, 2, 0), "135m": (576, 1536, 30, 9, 3, 49152), "1b": (2048, 8192, 16, 32, 8, 128256),
    "8b": (4096, 14336, 32, 32, 8, 128256),
}  # fmt: skip
LIMITS = {"H100": 989e12, "H200": 989e12, "A100": 312e12, "L4": 121e12}  # bfloat16 FLOP/s, by the maker's data sheets


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


def made(shape: str, folder: Path) -> Path:
    """A checkpoint of random weights, with the tests' tokenizer of a few hundred words."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from tests.engines.families import family_checkpoint

    family_checkpoint(folder, "llama")
    hidden, inner, layers, heads, kv_heads, words = SHAPES[shape]
    if words:
        config = LlamaConfig(
            vocab_size=words, hidden_size=hidden, intermediate_size=inner, num_hidden_layers=layers,
            num_attention_heads=heads, num_key_value_heads=kv_heads, max_position_embeddings=4096, eos_token_id=2,
            bos_token_id=1, pad_token_id=0, tie_word_embeddings=shape == "135m",
        )  # fmt: skip
        with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
            model = LlamaForCausalLM(config).to(torch.bfloat16)
        model.save_pretrained(folder)
    return folder


# ---------------------------------------------------------------- what is done, the same for all


def requests(sizes: Sizes) -> list[SampleRequest]:
    """Completions of each prompt, none of which ends early in a model of random weights."""
    sampling = Sampling(temperature=1.0, top_p=1.0, top_k=0, max_new_tokens=sizes.new_tokens)
    prompts = [f"Write about ferry {number}, a lamp and the tide. " * 8 for number in range(sizes.prompts)]
    return [SampleRequest(prompt=(Message(role="user", content=text),), seed=seed, sampling=sampling)
            for text in prompts for seed in range(sizes.each)]  # fmt: skip


def items(n: int) -> list[Rendered]:
    """Contexts of about 170 tokens, targets of about 150."""
    rng = random.Random(0)  # noqa: S311 - lengths, not secrets

    def ids(length: int) -> tuple[int, ...]:
        return tuple(rng.randrange(10, 500) for _ in range(length))

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
            batch, attention_mask=torch.ones_like(batch), do_sample=True, top_k=0, eos_token_id=None,
            num_return_sequences=sizes.each, max_new_tokens=sizes.new_tokens,
        )  # fmt: skip
        return int(out.shape[0] * (out.shape[1] - batch.shape[1]))

    return run


def _continuous(folder: Path, sizes: Sizes) -> Callable[[], int]:
    """Its manager: `generate_batch` gives one result for several of one prompt (transformers 5.17)."""
    from transformers import GenerationConfig

    model, ids = _plain_model(folder), _prompt_ids(folder, sizes)
    config = GenerationConfig(do_sample=True, max_new_tokens=sizes.new_tokens, eos_token_id=-1, pad_token_id=0)

    def run() -> int:
        found: dict[str, int] = {}
        with model.continuous_batching_context_manager(generation_config=config) as manager:
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
    drawn = SamplingParams(n=sizes.each, max_tokens=sizes.new_tokens, ignore_eos=True)
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


def measured(case: str, folder: Path, sizes: Sizes) -> dict[str, Any]:
    """Tokens a second after a first run that is not counted, and the most memory of the card."""
    import torch

    has_card = torch.cuda.is_available()
    run = CASES[case](folder, sizes)
    run()
    if has_card:
        torch.cuda.reset_peak_memory_stats()
    begun = time.perf_counter()
    n_tokens = sum(run() for _ in range(sizes.repeats))
    seconds = time.perf_counter() - begun
    peak = torch.cuda.max_memory_allocated() / 2**30 if has_card else 0.0
    return {"tokens": n_tokens, "tokens_per_second": round(n_tokens / seconds), "peak_gib": round(peak, 2)}


def refusal(shape: str) -> str:
    """Why nothing can be measured here; "" = it can."""
    import torch

    if not torch.cuda.is_available():
        return f"bench.gpu {shape}: there is no CUDA card; --small runs all of it on a CPU as a check"
    return ""


def shares(shape: str, card: str, found: dict[str, Any]) -> dict[str, float]:
    """Share of the card's arithmetic: 2 FLOP a weight and token to read, 4 for a LoRA step without recomputation."""
    limit = next((limits for name, limits in LIMITS.items() if name in card), None)
    hidden, inner, layers, heads, kv_heads, words = SHAPES[shape]
    weights = layers * (hidden * hidden * (2 + 2 * kv_heads / heads) + 3 * hidden * inner) + hidden * words
    flop = {"score": 2 * weights, "step": 4 * weights}
    return {case: round(one["tokens_per_second"] * flop[case.split()[0]] / limit, 3)
            for case, one in found.items() if limit and "tokens" in one and case.split()[0] in flop}  # fmt: skip


def main() -> None:
    """Runs all cases, each in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m bench.gpu")
    parser.add_argument("shape", nargs="?", default="135m", choices=[each for each in SHAPES if each != "tiny"])
    parser.add_argument("--small", action="store_true", help="a tiny shape on whatever is here: a check, no figures")
    parser.add_argument("--case", default="", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case:
        print(json.dumps(measured(given.case, given.folder, SMALL if given.small else Sizes())))
        return
    if not given.small and (why := refusal(given.shape)):
        sys.exit(why)
    shape = "tiny" if given.small else given.shape
    with tempfile.TemporaryDirectory() as folder:
        made(shape, Path(folder))
        found = {case: _in_a_process(case, folder, small=given.small) for case in CASES}
    whole: dict[str, Any] = {"shape": shape, **_where(), "results": found}
    whole["share_of_arithmetic"] = shares(shape, whole["card"], found)
    text = json.dumps(whole, indent=1)
    if not given.small:
        (RESULTS / f"gpu-{shape}.json").write_text(text + "\n")
    print(text)


def _in_a_process(case: str, folder: str, *, small: bool) -> dict[str, Any]:
    words = [sys.executable, "-m", "bench.gpu", "--case", case, "--folder", folder, *(["--small"] if small else [])]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"not_run": (done.stderr.strip().splitlines() or ["?"])[-1][-300:]}
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def _where() -> dict[str, str]:
    import torch

    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    card = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    return {"card": card, "commit": commit.stdout.strip(), "torch": torch.__version__}


if __name__ == "__main__":
    main()
