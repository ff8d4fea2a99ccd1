"""Asks a GGUF file: `python -m workbench.engines.exporting.gguf_measurement PROBE PREFIX FILE ADAPTER MERGED`.

A malformed file may abort the interpreter; then only this process ends. The file is taken by its own word: its own
tokenizer, its own chat template, its own tensors. ADAPTER is a GGUF adapter put over it, or ""; MERGED a checkpoint
that every tensor is held against, or "".
"""

import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from workbench.engines.exporting.measurement import AnswerWriter, Probe, Table
from workbench.engines.gguf_checkpoint import gguf_tensors
from workbench.engines.llama.kv_batch import last_error, llama_library
from workbench.engines.threads import free_processors
from workbench.errors import EngineError
from workbench.prompts.chat_template import ChatTemplate, Piece

_BLOCK = 128  # tokens read at once


def measure_gguf(probe_file: Path, file: Path, *, prefix: str, adapter: Path | None, merged: Path | None) -> None:
    """Writes what the file answers.

    Raises:
        EngineError: it cannot be loaded or read, or its numbers are not finite.
    """
    probe, folder = Probe.read(probe_file), probe_file.parent
    longest = max(len(context) + len(target) for context, target in probe.texts)
    model = _GgufModel(file, n_ctx=max(longest, len(probe.greedy) + probe.n_greedy), adapter=adapter)
    writer = AnswerWriter(probe)
    for context, target in probe.texts:
        writer.add_text(model.logits([*context, *target][:-1], n_last=len(target)), target)
    greedy = np.stack(list(_greedy(model, probe)))
    ids = greedy.argmax(-1).tolist()
    conversations, trouble = _conversations(model, probe)
    worst, error = _worst_tensor(file, merged) if merged else ("", 0.0)
    writer.write(
        folder,
        prefix,
        greedy_logits_G_V=greedy,
        greedy_text=b"".join(model.piece(id_, special=False) for id_ in ids).decode("utf-8", "replace"),
        plain_ids=[model.tokens(text, special=False) for text in probe.plain],
        conversation_ids=conversations,
        conversation_error=trouble,
        markup_ids=[model.tokens(text, special=True) for text in probe.markup],
        ends=[model.is_end(id_) for id_ in probe.end_ids],
        worst_tensor=worst,
        worst_error=error,
        n_bytes=(adapter or file).stat().st_size,
    )


def _greedy(model: "_GgufModel", probe: Probe) -> Iterator[Table]:
    """Logits of the greedy answer, token by token, its end included."""
    logits_V = model.logits(probe.greedy, n_last=1)[0]
    for position in range(len(probe.greedy), len(probe.greedy) + probe.n_greedy):
        yield logits_V
        best = int(logits_V.argmax())
        if best in probe.end_ids:
            return
        logits_V = model.logits([best], n_last=1, start=position)[0]


def _conversations(model: "_GgufModel", probe: Probe) -> tuple[list[list[int]], str]:
    """Token ids of the conversations in the file's own template; where it has none or a broken one, why."""
    special = {f"{name}_token": model.piece(model.special(name), special=True).decode() for name in ("bos", "eos")}
    template = ChatTemplate(model.field("tokenizer.chat_template"), special)
    ids = []
    try:
        for conversation in probe.conversations:
            roles = tuple(role for role, _ in conversation)
            pieces = template.pieces(roles, is_answered=False, thinks=probe.thinks)
            text = "".join(_text(piece, conversation) for piece in pieces)
            ids.append(model.tokens(text.removeprefix(special["bos_token"] * model.adds_bos), special=True))
    except EngineError as error:
        return [], str(error)
    return ids, ""


def _text(piece: Piece, conversation: Sequence[Sequence[str]]) -> str:
    if isinstance(piece, str):
        return piece
    content = conversation[piece.message][1]
    return content.strip() if piece.is_trimmed else content


def _worst_tensor(file: Path, merged: Path) -> tuple[str, float]:
    """The tensor furthest from the merged checkpoint's: ‖found − expected‖ / ‖expected‖."""
    import gguf

    reader = gguf.GGUFReader(file)
    found = {tensor.name: tensor for tensor in reader.tensors}
    worst, error = "", -1.0
    for name, tensor in gguf_tensors(merged, str(reader.fields["general.architecture"].contents())):
        expected = tensor.float().numpy()
        if name not in found:
            return name, math.inf
        values = gguf.dequantize(found[name].data, found[name].tensor_type)
        if values.shape != expected.shape:
            return name, math.inf
        distance = float(np.linalg.norm(values - expected)) / max(float(np.linalg.norm(expected)), 1e-12)
        if not distance <= error:
            worst, error = name, distance
    return worst, error


class _GgufModel:
    """llama-cpp-python's own `Llama` with the logits of every token, which a sampler never needs.

    With flash attention, as the sampler computes: without it the losses of bfloat16 files differ by up to .16 nats.
    """

    def __init__(self, file: Path, *, n_ctx: int, adapter: Path | None) -> None:
        llama_library()  # its log is kept, not printed
        from llama_cpp import Llama

        threads = free_processors()
        try:
            self._llama = Llama(
                str(file), n_ctx=n_ctx + 8, n_batch=_BLOCK, n_ubatch=_BLOCK, n_threads=threads,
                n_threads_batch=threads, logits_all=True, flash_attn=True, no_perf=True, verbose=False,
                lora_path=str(adapter) if adapter else None,
            )  # fmt: skip
        except (ValueError, RuntimeError) as exc:
            raise EngineError(f"{adapter or file}: llama.cpp cannot load it ({last_error() or exc})") from exc
        self._vocab = llama_library().llama_model_get_vocab(self._llama.model)
        self.adds_bos = bool(llama_library().llama_vocab_get_add_bos(self._vocab))

    def logits(self, ids: Sequence[int], *, n_last: int, start: int = 0) -> Table:
        """Logits after each of the last tokens; a start of 0 begins a new text.

        Raises:
            EngineError: llama.cpp fails, or they are not finite.
        """
        if not start:
            self._llama.reset()
        try:
            self._llama.eval(ids)
        except (RuntimeError, ValueError) as exc:
            raise EngineError(f"llama.cpp could not read {len(ids)} tokens ({last_error() or exc})") from exc
        end = start + len(ids)
        result: Table = self._llama.scores[end - n_last : end].copy()
        if not np.isfinite(result).all():
            raise EngineError("its weights give numbers that are not finite")
        return result

    def tokens(self, text: str, *, special: bool) -> list[int]:
        """Ids by the file's own tokenizer; `special` reads control tokens, and puts the start in front where due."""
        return list(self._llama.tokenize(text.encode(), add_bos=special, special=special)) if text else []

    def piece(self, id_: int, *, special: bool) -> bytes:
        """The bytes of a token."""
        return self._llama.detokenize([id_], special=special) if id_ >= 0 else b""

    def special(self, name: str) -> int:
        """Id of the bos or eos token; -1 where there is none."""
        return int(getattr(self._llama, f"token_{name}")())

    def is_end(self, id_: int) -> bool:
        """Whether the token ends an answer."""
        return bool(llama_library().llama_vocab_is_eog(self._vocab, id_))

    def field(self, key: str) -> str:
        """A text field of the file; "" where it is missing."""
        return str(self._llama.metadata.get(key, ""))


if __name__ == "__main__":
    paths = [Path(word) if word else None for word in sys.argv[1:]]
    try:
        measure_gguf(Path(sys.argv[1]), Path(sys.argv[3]), prefix=sys.argv[2], adapter=paths[3], merged=paths[4])
    except EngineError as failure:
        sys.exit(str(failure))
