"""Makes a base model's files: `python -m workbench.engines.base_files SOURCE TARGET all|words`, in its own process.

From a GGUF: checkpoint/ (Hugging Face, bf16), then bf16.gguf and q8_0.gguf with the checkpoint's weights. From a
Hugging Face folder, which is used as it is: the GGUF files, or no_gguf.txt with the reason where none can be made that
is the same model. `words`: of a GGUF only checkpoint/ with its tokenizer and template, without a weight being read.

Whether a GGUF is the same model as its checkpoint is measured before anything is kept: losses token by token, the cut
of a text into tokens, and what the tokens spell.
"""

import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.engines.gguf_checkpoint import write_gguf
from workbench.engines.gguf_header import PRE_TOKENIZERS, joins_bytes, make_gguf, write_vocabulary
from workbench.engines.llama.weights import quantize
from workbench.errors import EngineError, WorkbenchError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase
import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from workbench.engines.llama.kv_batch import llama_library
from workbench.engines.threads import n_processors
from workbench.prompts.tokenizer import TextTokenizer

NO_GGUF = "no_gguf.txt"
CONVERTER = "LLAMA_CPP_DIR"  # environment variable with the folder of llama.cpp's sources
_Q8_0 = 7  # LLAMA_FTYPE_MOSTLY_Q8_0


def make_base_files(source: Path, target: Path) -> None:
    """Fills the target folder.

    Raises:
        EngineError: the source is not a model that can be turned into both forms.
    """
    if source.is_file():
        write_checkpoint(source, target / "checkpoint")
        write_gguf(source, target / "checkpoint", target / "bf16.gguf")
    else:
        try:
            _write_proven(source, target / "bf16.gguf")
        except EngineError as exc:  # transformers samples instead; the reason is kept for whoever asks for a GGUF
            (target / "bf16.gguf").unlink(missing_ok=True)
            (target / NO_GGUF).write_text(str(exc), "utf-8")
            return
    quantize(target / "bf16.gguf", target / "q8_0.gguf", file_type=_Q8_0)


def _write_proven(source: Path, target: Path) -> None:
    """With the GGUF that lies in the folder, else with a header of our own, else with llama.cpp's own converter.

    Raises:
        EngineError: none of these makes the same model.
    """
    beside = next(iter(sorted(source.glob("*.gguf"))), None)
    if beside:
        write_gguf(beside, source, target)
        return prove_gguf(target, source)
    try:
        make_gguf(source, target, pre=_pre_tokenizer(source, target))
        return prove_gguf(target, source)
    except EngineError as exc:
        folder = os.environ.get(CONVERTER, "")
        if not folder:
            hint = f"set {CONVERTER} to a folder of llama.cpp's sources to use its converter"
            raise EngineError(f"{exc}; {hint}") from exc
        _convert(Path(folder), source, target)
        return prove_gguf(target, source)


def _pre_tokenizer(source: Path, target: Path) -> str:
    """The first that cuts a text as the checkpoint's tokenizer does; the plain one where none does."""
    if not joins_bytes(source):
        return PRE_TOKENIZERS[0]
    probe = target.with_suffix(".words")
    try:
        for pre in PRE_TOKENIZERS:
            write_vocabulary(source, probe, pre=pre)
            if cuts_alike(probe, source):
                return pre
    finally:
        probe.unlink(missing_ok=True)
    return PRE_TOKENIZERS[0]


def _convert(folder: Path, source: Path, target: Path) -> None:
    """By the converter in llama.cpp's sources."""
    script = folder / "convert_hf_to_gguf.py"
    if not script.is_file():
        raise EngineError(f"{CONVERTER}={folder}: no convert_hf_to_gguf.py there")
    command = [sys.executable, str(script), str(source), "--outfile", str(target), "--outtype", "bf16"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 - the person's own llama.cpp
    if done.returncode or not target.is_file():
        said = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        raise EngineError(f"{script} cannot convert {source} ({said[-300:]})")


def write_checkpoint(gguf_file: Path, folder: Path) -> None:
    """Reads the GGUF with transformers and saves it as an ordinary bf16 checkpoint."""
    import torch
    from transformers import AutoModelForCausalLM

    tokenizer = write_tokenizer(gguf_file, folder)
    with _alone(gguf_file) as place:
        model = AutoModelForCausalLM.from_pretrained(**place, dtype=torch.bfloat16, trust_remote_code=False)
    # transformers still believes that these plain numbers are quantized, and would refuse to save them
    model.hf_quantizer, model.is_quantized = None, False
    del model.config.quantization_config
    model.config.eos_token_id = model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.config.pad_token_id = model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.save_pretrained(folder)


def write_tokenizer(gguf_file: Path, folder: Path) -> "PreTrainedTokenizerBase":
    """Saves tokenizer and template of the GGUF with the right end-of-turn token; reads no weights.

    Raises:
        EngineError: transformers knows no such architecture or tokenizer, or the file names no end of a turn.
    """
    import gguf
    from transformers import AutoTokenizer

    try:
        with _alone(gguf_file) as place:
            tokenizer = AutoTokenizer.from_pretrained(**place, trust_remote_code=False)
    except (ValueError, KeyError, NotImplementedError) as exc:
        reason = f"its tokenizer cannot be read here ({str(exc)[:160]})"
        raise EngineError(f"{gguf_file}: {reason}; serve the file with Ollama and add that as an endpoint") from exc
    head = gguf.GGUFReader(gguf_file)
    if (pre := head.get_field("tokenizer.ggml.pre")) and pre.contents() == "smollm":
        _split_digits(tokenizer)
    # said by the GGUF: transformers takes the first special token for it
    if (end := head.get_field("tokenizer.ggml.eos_token_id")) is None:
        raise EngineError(f"{gguf_file}: it names no end-of-turn token; use another conversion of this model")
    tokenizer.eos_token = tokenizer.convert_ids_to_tokens(int(end.contents()))
    tokenizer.pad_token = _padding(tokenizer)
    tokenizer.save_pretrained(folder)
    return tokenizer


def _read_heads_once() -> None:
    """For this process: transformers reads a GGUF's head four times and its names once a layer, seconds each time."""
    import gguf

    read = functools.cache(gguf.GGUFReader)
    gguf.GGUFReader = lambda path, mode="r": read(Path(path).resolve(), mode)
    gguf.get_tensor_name_map = functools.cache(gguf.get_tensor_name_map)


@contextmanager
def _alone(gguf_file: Path) -> Iterator[dict[str, str]]:
    """Where transformers finds the file, and nothing else: beside tokenizer files it would mix the two."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / gguf_file.name).symlink_to(gguf_file.resolve())
        yield {"pretrained_model_name_or_path": folder, "gguf_file": gguf_file.name}


def _split_digits(tokenizer: Any) -> None:
    """Each digit by itself before anything else, as the model was taught and llama.cpp does.

    transformers leaves this step out when it reads a GGUF; then the lines before "1." end in other tokens.
    """
    from tokenizers import pre_tokenizers

    digits, letters = pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, letters])


def _padding(tokenizer: object) -> str:
    """A token that no text ends with, so that ends are never taken for padding."""
    for name in ("pad_token", "unk_token", "bos_token"):
        token = getattr(tokenizer, name, None)
        if token and token != tokenizer.eos_token:  # type: ignore[attr-defined]  # a transformers tokenizer
            return str(token)
    raise EngineError("the model has no token that could serve as padding")


MOST_NATS = 0.1  # a token in the mean; rounding to bfloat16 moves it by less than .02, a wrong order of rows by more
_SHORTEST, _LONGEST = 96, 1200  # tokens read; past the sliding window where that is possible
TEXT = (
    "The lighthouse keeps its one long word for rain,\nand every boat pretends it has been told.\n\n"
    "I counted 1, 20, 345 gulls — naïve arithmetic, 詩 — then lost my place;\n  they're all the same.\tOld\n\n\nrope "
    "remembers hands. We'd left the kettle on; it hadn't minded. Don't you think so? \U0001f339 'TIS LATE, it's Late.\n"
)


def prove_gguf(file: Path, checkpoint: Path) -> None:
    """Compares the losses of both on the same tokens, and what the tokens spell.

    Raises:
        EngineError: llama.cpp cannot load the file, or its losses or words are not the checkpoint's.
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
    if not spells_alike(file, checkpoint):
        raise EngineError(f"the GGUF made of {checkpoint} spells its tokens otherwise")


def cuts_alike(vocabulary: Path, checkpoint: Path) -> bool:
    """Whether llama.cpp cuts a text as the checkpoint's tokenizer does."""
    llama, data = llama_library(), TEXT.encode()
    buffer = (llama.llama_token * (len(data) + 8))()
    with _vocabulary(vocabulary) as vocab:
        n_tokens = llama.llama_tokenize(vocab, data, len(data), buffer, len(buffer), False, False) if vocab else 0
    return tuple(buffer[: max(n_tokens, 0)]) == TextTokenizer(checkpoint).contents(TEXT)[0]


def spells_alike(vocabulary: Path, checkpoint: Path) -> bool:
    """Whether the checkpoint's tokens of a text are that text again, as llama.cpp spells them."""
    llama, said = llama_library(), b""
    buffer = ctypes.create_string_buffer(512)
    with _vocabulary(vocabulary) as vocab:
        for token in TextTokenizer(checkpoint).contents(TEXT)[0] if vocab else ():
            length = llama.llama_token_to_piece(vocab, token, buffer, len(buffer), 0, False)
            said += buffer.raw[: max(length, 0)]
    return said == TEXT.encode()


@contextmanager
def _vocabulary(file: Path) -> Iterator[Any]:
    """The words of a GGUF without its weights; None where llama.cpp cannot read it."""
    llama = llama_library()
    params = llama.llama_model_default_params()
    params.vocab_only = True
    model = llama.llama_model_load_from_file(str(file).encode(), params)
    try:
        yield llama.llama_model_get_vocab(model) if model else None
    finally:
        if model:
            llama.llama_model_free(model)


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


if __name__ == "__main__":
    os.environ["HF_HUB_OFFLINE"] = "1"
    _read_heads_once()
    try:
        if sys.argv[3] == "words":
            write_tokenizer(Path(sys.argv[1]), Path(sys.argv[2]) / "checkpoint")
        else:
            make_base_files(Path(sys.argv[1]), Path(sys.argv[2]))
    except WorkbenchError as failure:
        sys.exit(str(failure))
