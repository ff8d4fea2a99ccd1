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
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.gpu_cases import CASES, SMALL, Sizes
from bench.side_by_side import ROOT

RESULTS = ROOT / "bench" / "results"
SHAPES = {  # hidden size, of the feed-forward part, layers, heads, of keys, words
    "tiny": (64, 96, 2, 4, 2, 640), "135m": (576, 1536, 30, 9, 3, 49152), "1b": (2048, 8192, 16, 32, 8, 128256),
    "8b": (4096, 14336, 32, 32, 8, 128256),
}  # fmt: skip
LIMITS = {"H100": 989e12, "H200": 989e12, "A100": 312e12, "L4": 121e12}  # bfloat16 FLOP/s, by the maker's data sheets


def made(shape: str, folder: Path) -> Path:
    """A checkpoint of random weights with the tests' tokenizer; only words have logits: every answer is text."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from tests.engines.families import family_checkpoint

    family_checkpoint(folder, "llama")
    vocabulary: dict[str, int] = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    hidden, inner, layers, heads, kv_heads, words = SHAPES[shape]
    config = LlamaConfig(
        vocab_size=words, hidden_size=hidden, intermediate_size=inner, num_hidden_layers=layers, eos_token_id=2,
        num_attention_heads=heads, num_key_value_heads=kv_heads, max_position_embeddings=4096, bos_token_id=1,
        pad_token_id=0, tie_word_embeddings=False,
    )  # fmt: skip
    torch.manual_seed(1)
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = LlamaForCausalLM(config).to(torch.bfloat16)
    spoken = [number for word, number in vocabulary.items() if word.strip("Ġ").isascii() and word.strip("Ġ").isalpha()]
    head = model.lm_head.weight.data
    kept = head[spoken].clone()
    head.zero_()[spoken] = kept
    model.save_pretrained(folder)
    return folder


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
