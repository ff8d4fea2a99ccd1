"""Candidate generation, side by side in one run: `python -m bench.generation`.

The same 16 poems, prompt, weights (bf16), sampling and threads for each; N = 4 completions a poem, at most 140 tokens.

    ours           workbench.engines.llama.sampler, all 64 requests at once
    transformers   model.generate(num_return_sequences=4) in bf16, at the best of a few batch sizes
    llama-cpp      llama-cpp-python's Llama, one prompt at a time, with the better of flash attention on and off

Each runs in a process of its own, so that its peak memory is its own. Prefill speed, the machine's limit for decoding,
is measured beside them. Writes bench/results/generation.json.

`python -m bench.generation composition` measures instead how often a completion changes with what else is in the batch.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from bench.side_by_side import ROOT, THREADS, report
from workbench.engines.base_model import BaseModel, base_model
from workbench.engines.llama.kv_batch import KvBatch
from workbench.engines.llama.sampler import LlamaCppSampler
from workbench.engines.sources import ModelSettings
from workbench.prompts.renderers import renderer_for
from workbench.prompts.templates import load_prompt
from workbench.types import Completion, Prompt, SampleRequest, Sampling, seed_for

RESULTS = ROOT / "bench" / "results" / "generation.json"
N_POEMS, N_EACH, MAX_NEW = 16, 4, 140
SAMPLING = Sampling(max_new_tokens=MAX_NEW)
BATCHES = (1, 2, 4, 8)  # prompts at once, for transformers
N_TRIAL, TRIAL_NEW = 4, 40  # prompts, and tokens of each answer, by which the peers' settings are chosen


def prompts() -> list[Prompt]:
    """The first poems of between 10 and 20 lines, in the order of the files, in the describer's prompt."""
    template = load_prompt("describe")
    found = []
    for file in sorted((ROOT / "data" / "poems" / "good").glob("*.jsonl")):
        for line in file.read_text("utf-8").split("\n"):
            record = json.loads(line) if line else {"poem": ""}
            if 10 <= record["poem"].count("\n") + 1 <= 20:
                found.append(template.fill(title=record["title"], poem=record["poem"], words="60"))
    return found[:: max(1, len(found) // N_POEMS)][:N_POEMS]


def requests(chosen: Sequence[Prompt]) -> list[SampleRequest]:
    """N completions of each prompt."""
    return [
        SampleRequest(prompt=prompt, seed=seed_for(0, str(p), str(n)), sampling=SAMPLING)
        for p, prompt in enumerate(chosen)
        for n in range(N_EACH)
    ]


# ---------------------------------------------------------------- the contenders


def ours(base: BaseModel) -> dict[str, Any]:
    """Our sampler."""
    sampler = LlamaCppSampler(base.gguf, renderer_for(base.checkpoint), threads=THREADS)
    sampler.sample(requests(prompts()[:1]))  # warm
    results, seconds = _timed(lambda: sampler.sample(requests(prompts())))
    return _figures(sum(r.n_tokens for r in results if isinstance(r, Completion)), seconds, setting="64 at once")


def transformers(base: BaseModel) -> dict[str, Any]:
    """`generate` with N sequences a prompt, in the batch size that was best on a few prompts."""
    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(THREADS)
    model = AutoModelForCausalLM.from_pretrained(base.checkpoint, dtype=torch.bfloat16)
    renderer = renderer_for(base.checkpoint)
    contexts = [list(renderer.context(prompt)) for prompt in prompts()]
    end, padding = model.config.eos_token_id, model.config.pad_token_id

    def run(chosen: list[list[int]], batch: int, limit: int = MAX_NEW) -> int:
        parts = (chosen[at : at + batch] for at in range(0, len(chosen), batch))
        return sum(_generate(model, part, end=end, padding=padding, limit=limit) for part in parts)

    run(contexts[:1], 1, TRIAL_NEW)  # warm
    tried = {batch: _speed(partial(run, contexts[: max(N_TRIAL, batch)], batch, TRIAL_NEW)) for batch in BATCHES}
    best = max(tried, key=tried.__getitem__)
    n_tokens, seconds = _timed(lambda: run(contexts, best))
    return _figures(n_tokens, seconds, setting=f"{best} prompts x {N_EACH}") | {"tried": tried}


def _generate(model: Any, contexts: list[list[int]], *, end: int, padding: int, limit: int) -> int:
    """Tokens written before each completion's end."""
    import torch

    longest = max(map(len, contexts))
    ids = torch.tensor([[padding] * (longest - len(context)) + context for context in contexts])
    torch.manual_seed(0)
    written = model.generate(
        ids,
        attention_mask=torch.tensor([[0] * (longest - len(c)) + [1] * len(c) for c in contexts]),
        do_sample=True,
        temperature=SAMPLING.temperature,
        top_k=SAMPLING.top_k,
        top_p=SAMPLING.top_p,
        max_new_tokens=limit,
        num_return_sequences=N_EACH,
        pad_token_id=padding,
        eos_token_id=end,
    )
    rows = written[:, longest:].tolist()
    return sum(row.index(end) if end in row else len(row) for row in rows)


def llama_cpp(base: BaseModel) -> dict[str, Any]:
    """The high-level `Llama`, one completion after another; it keeps the prompt's KV between the four of a prompt."""
    from llama_cpp import Llama

    renderer = renderer_for(base.checkpoint)
    contexts = [list(renderer.context(prompt)) for prompt in prompts()]

    def run(model: Any, chosen: list[list[int]], limit: int = MAX_NEW) -> int:
        return sum(_one_by_one(model, context, seed, limit=limit) for context in chosen for seed in range(N_EACH))

    tried: dict[bool, float] = {}
    models = {}
    for flash in (False, True):
        models[flash] = Llama(
            str(base.gguf), n_ctx=1024, n_threads=THREADS, n_threads_batch=THREADS, flash_attn=flash, verbose=False
        )
        run(models[flash], contexts[:1], TRIAL_NEW)
        tried[flash] = _speed(partial(run, models[flash], contexts[:N_TRIAL], TRIAL_NEW))
    best = max(tried, key=tried.__getitem__)
    n_tokens, seconds = _timed(lambda: run(models[best], contexts))
    setting = f"one at a time, flash attention {'on' if best else 'off'}"
    return _figures(n_tokens, seconds, setting=setting) | {"tried": {str(k): v for k, v in tried.items()}}


def _one_by_one(model: Any, context: list[int], seed: int, *, limit: int) -> int:
    answer = model.create_completion(
        context,
        max_tokens=limit,
        temperature=SAMPLING.temperature,
        top_k=SAMPLING.top_k,
        top_p=SAMPLING.top_p,
        min_p=0.0,
        repeat_penalty=1.0,
        seed=seed,
    )
    return int(answer["usage"]["completion_tokens"])


def prefill(base: BaseModel) -> dict[str, Any]:
    """How fast the same weights read: the limit that decoding together can come near to."""
    kv = KvBatch(base.gguf, threads=THREADS)
    speeds = []
    for _ in range(6):
        kv.open(1, 512)
        _, seconds = _timed(partial(kv.prefill, 0, range(100, 612), 0))
        speeds.append(512 / seconds)
    return {"tokens_per_second": round(sorted(speeds)[3], 1), "setting": "512 tokens of one prompt"}


def composition(base: BaseModel) -> dict[str, Any]:
    """How many completions change when the same requests are asked for in another company, or with one thread."""
    sampling = replace(SAMPLING, max_new_tokens=48)
    asked = [replace(request, sampling=sampling) for request in requests(prompts())]
    renderer = renderer_for(base.checkpoint)
    sampler = LlamaCppSampler(base.gguf, renderer, threads=THREADS)
    together = sampler.sample(asked)

    def changed(results: Sequence[object]) -> int:
        return sum(one != other for one, other in zip(together, results, strict=True))

    def in_calls_of(size: int) -> list[object]:
        return [result for at in range(0, len(asked), size) for result in sampler.sample(asked[at : at + size])]

    counts = {f"in calls of {size}": changed(in_calls_of(size)) for size in (1, 4, 16)}
    counts["in the opposite order"] = changed(sampler.sample(asked[::-1])[::-1])
    few = LlamaCppSampler(base.gguf, renderer, threads=1, n_seq=6)
    counts["with one thread on six sequences"] = changed(few.sample(asked))
    return {"n_completions": len(asked), "weights": base.weights, "n_changed": counts}


# ---------------------------------------------------------------- the run

CONTENDERS: dict[str, Callable[[BaseModel], dict[str, Any]]] = {
    "prefill": prefill,
    "ours": ours,
    "transformers": transformers,
    "llama-cpp": llama_cpp,
    "composition": composition,
}


def main() -> dict[str, Any]:
    """Runs all contenders, prints the table, writes and returns the results."""
    base_model(ModelSettings(weights="bf16"))
    results = {name: _in_own_process(name) for name in ("prefill", "ours", "transformers", "llama-cpp")}
    speed = {name: figures["tokens_per_second"] for name, figures in results.items()}
    whole = report(
        f"{N_POEMS} prompts x {N_EACH} completions, at most {MAX_NEW} tokens, bf16",
        results,
        path=RESULTS,
        ratios={name: round(speed["ours"] / speed[name], 2) for name in ("transformers", "llama-cpp")},
        share_of_prefill=round(speed["ours"] / speed["prefill"], 2),
    )
    _print(whole)
    return whole


def _in_own_process(name: str) -> dict[str, Any]:
    load_before = os.getloadavg()[0]
    environment = os.environ | {"OMP_NUM_THREADS": str(THREADS), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-m", "bench.generation", name]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=True)
    figures: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures | {"load_before": round(load_before, 2)}


def _figures(n_tokens: int, seconds: float, *, setting: str) -> dict[str, Any]:
    return {
        "tokens_per_second": round(n_tokens / seconds, 1),
        "n_tokens": n_tokens,
        "seconds": round(seconds, 2),
        "setting": setting,
    }


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    value = work()
    return value, time.perf_counter() - started


def _speed(work: Callable[[], int]) -> float:
    n_tokens, seconds = _timed(work)
    return round(float(n_tokens) / seconds, 1)


def _print(whole: dict[str, Any]) -> None:
    print(f"{whole['task']}; {whole['machine']}")
    print(f"{'':14}{'tok/s':>8}{'seconds':>9}{'peak MB':>9}  setting")
    for name, row in whole["results"].items():
        seconds = row.get("seconds", "")
        print(f"{name:14}{row['tokens_per_second']:8.0f}{seconds:>9}{row['peak_mb']:9.0f}  {row['setting']}")
    ratios = ", ".join(f"{ratio} x {name}" for name, ratio in whole["ratios"].items())
    print(f"ours: {ratios}; {whole['share_of_prefill']:.0%} of prefill speed")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        outcome = CONTENDERS[sys.argv[1]](base_model(ModelSettings(weights="bf16")))
        outcome["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        print(json.dumps(outcome))
