"""Is a GGUF the same model as its checkpoint? Losses token by token, and the cut of a text into tokens.

Runs in the child that makes base files, before anything is kept.
"""

import ctypes
from collections.abc import Sequence
from pathlib import Path

from workbench.engines.llama.kv_batch import llama_library
from workbench.engines.threads import n_processors
from workbench.errors import EngineError
from workbench.prompts.tokenizer import TextTokenizer

MOST_NATS = 0.1  # a token in the mean; rounding to bfloat16 moves it by less than .02, a wrong order of rows by more
_SHORTEST, _LONGEST = 96, 1200  # tokens read; past the sliding window where that is possible
TEXT = (
    "The lighthouse keeps its one long word for rain,\nand every boat pretends it has been told.\n\n"
    "I counted 1, 20, 345 gulls — naïve arithmetic, 詩 — then lost my place;\n  they're all the same.\tOld\n\n\nrope "
    "remembers hands. We'd left the kettle on; it hadn't minded. Don't you think so? \U0001f339 'TIS LATE, it's Late.\n"
)


def prove_gguf(file: Path, checkpoint: Path) -> None:
    """Compares the losses of both on the same tokens.

    Raises:
        EngineError: llama.cpp cannot load the file, or its losses are not the checkpoint's.
    """
    import torch
    from transformers import AutoModelForCausalLM

    causal = AutoModelForCausalLM.from_pretrained(
        checkpoint, dtype=torch.float32, local_files_only=True, trust_remote_code=False, use_safetensors=True
    ).eval()
    ids = _ids(checkpoint, window=int(getattr(causal.config, "sliding_window", 0) or 0))
    with torch.inference_mode():
        logits = causal(input_ids=torch.tensor([ids[:-1]]), use_cache=False).logits[0]
        expected = torch.nn.functional.cross_entropy(logits.float(), torch.tensor(ids[1:]), reduction="none")
    del causal, logits
    found = torch.nn.functional.cross_entropy(
        torch.tensor(_logits(file, ids[:-1])), torch.tensor(ids[1:]), reduction="none"
    )
    difference = float((found - expected).abs().mean())
    if not difference < MOST_NATS:
        raise EngineError(f"the GGUF made of {checkpoint} is another model: {difference:.2f} nats a token apart")


def cuts_alike(vocabulary: Path, checkpoint: Path) -> bool:
    """Whether llama.cpp cuts a text as the checkpoint's tokenizer does."""
    llama = llama_library()
    params = llama.llama_model_default_params()
    params.vocab_only = True
    model = llama.llama_model_load_from_file(str(vocabulary).encode(), params)
    if not model:
        return False
    data = TEXT.encode()
    room = len(data) + 8
    buffer = (llama.llama_token * room)()
    n_tokens = llama.llama_tokenize(llama.llama_model_get_vocab(model), data, len(data), buffer, room, False, False)
    found = tuple(buffer[: max(n_tokens, 0)])
    llama.llama_model_free(model)
    return found == TextTokenizer(checkpoint).contents(TEXT)[0]


def _ids(checkpoint: Path, *, window: int) -> list[int]:
    tokenizer = TextTokenizer(checkpoint)
    ids = tokenizer.contents(TEXT)[0]
    wanted = max(_SHORTEST, min(window + 64, _LONGEST) if window < _LONGEST else 0)
    return [*tokenizer.start_ids, *(ids * -(-wanted // len(ids)))[:wanted]]


def _logits(file: Path, ids: Sequence[int]) -> object:
    """Of every token, by llama.cpp with the kernels that sample."""
    llama_library()
    import llama_cpp

    try:
        model = llama_cpp.Llama(
            str(file), n_ctx=len(ids) + 8, logits_all=True, flash_attn=True, n_threads=n_processors(), verbose=False
        )
    except (ValueError, ctypes.ArgumentError) as exc:
        raise EngineError(f"llama.cpp cannot load the GGUF that was made ({exc})") from exc
    model.eval(list(ids))
    scores = model.scores[: len(ids)].copy()
    model.close()
    return scores
