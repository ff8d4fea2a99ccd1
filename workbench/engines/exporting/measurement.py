"""What a model is asked so that two forms of it can be compared, what it answers, and the answers of the trained form.

A probe holds token ids, so that every form reads the very same; the answers lie beside one another in one folder:

PREFIX.json           losses token by token, the greedy answer, and what the form's own tokenizer makes of the texts
PREFIX.npy            K × V log-probabilities after the first K target tokens' contexts
PREFIX.greedy.npy     G × V log-probabilities along the greedy answer

The trained model is asked by `python -m workbench.engines.exporting.measurement PROBE CHECKPOINT ADAPTER MERGED`: by
plain transformers and PEFT, without the learner's own kernels, so that what the export is held against was not made by
the code that made the export. Writes `adapter.*` and, where MERGED is a folder, `merged.*` beside the probe.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What every form of the model is asked."""

    texts: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]  # context and target of each held-out text
    greedy: tuple[int, ...]  # context of the greedy answer
    end_ids: tuple[int, ...]  # tokens that end an answer
    plain: tuple[str, ...] = ()  # texts for the form's own tokenizer, without control tokens
    conversations: tuple[tuple[tuple[str, str], ...], ...] = ()  # (role, content) for its own chat template
    thinks: bool = False  # what the template is told
    markup: tuple[str, ...] = ()  # texts with control tokens, for its own tokenizer
    n_kept: int = 256  # K, target tokens whose whole distribution is kept
    n_greedy: int = 48  # G, most tokens of the greedy answer

    def write(self, path: Path) -> None:
        """As JSON."""
        path.write_text(json.dumps(asdict(self)), "utf-8")

    @classmethod
    def read(cls, path: Path) -> "Probe":
        """What `write` wrote."""
        return cls(**json.loads(path.read_text("utf-8")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What one form of the model answered."""

    nll_P_T: list[list[float]]  # nats of each target token of each text
    greedy_ids: list[int]
    greedy_text: str = ""
    plain_ids: list[list[int]] = field(default_factory=list)
    conversation_ids: list[list[int]] = field(default_factory=list)
    conversation_error: str = ""
    markup_ids: list[list[int]] = field(default_factory=list)
    ends: list[bool] = field(default_factory=list)  # whether it stops at each of the probe's end_ids
    worst_tensor: str = ""  # the tensor that is furthest from the merged checkpoint
    worst_error: float = 0.0  # its distance, relative to its own size
    n_bytes: int = 0


class AnswerWriter:
    """Collects the answers of one form and writes them."""

    def __init__(self, probe: Probe) -> None:
        self._room = probe.n_kept
        self._nll_P_T: list[list[float]] = []
        self._kept: list[Table] = []

    def add_text(self, logits_T_V: Table, target_ids: Sequence[int]) -> None:
        """The logits before each target token of the next text."""
        logp_T_V = log_softmax(logits_T_V)
        self._nll_P_T.append((-logp_T_V[np.arange(len(target_ids)), list(target_ids)]).tolist())
        if self._room > 0:
            self._kept.append(logp_T_V[: self._room])
            self._room -= len(self._kept[-1])

    def write(self, folder: Path, prefix: str, *, greedy_logits_G_V: Table, **facts: Any) -> None:
        """Writes the three files; `facts` are the other fields of `Answers`."""
        np.save(folder / f"{prefix}.npy", np.concatenate(self._kept))
        np.save(folder / f"{prefix}.greedy.npy", log_softmax(greedy_logits_G_V))
        answers = Answers(nll_P_T=self._nll_P_T, greedy_ids=greedy_logits_G_V.argmax(-1).tolist(), **facts)
        (folder / f"{prefix}.json").write_text(json.dumps(asdict(answers)), "utf-8")


def read_answers(folder: Path, prefix: str) -> Answers:
    """What one form answered."""
    return Answers(**json.loads((folder / f"{prefix}.json").read_text("utf-8")))


def log_softmax(logits_N_V: Table) -> Table:
    """Log-probabilities of each row."""
    shifted = logits_N_V - logits_N_V.max(-1, keepdims=True)
    result: Table = (shifted - np.log(np.exp(shifted, dtype=np.float64).sum(-1, keepdims=True))).astype(np.float32)
    return result


def mean_kl_nats(folder: Path, prefix: str, *, reference: str) -> float:
    """Mean KL(reference ‖ form) over the kept tokens: nats by which the form's next-word chances are off; 0 = none."""
    expected, found = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in (reference, prefix))
    total = 0.0
    for p, q in zip(expected, found, strict=True):
        total += float((np.exp(p, dtype=np.float64) * (p.astype(np.float64) - q)).sum())
    return total / len(expected)


def greedy_parting(folder: Path, prefix: str, *, reference: str) -> tuple[int, float]:
    """Where a greedy answer leaves the reference's, and how much less likely the reference thinks its word there.

    Returns:
        Tokens that agree, and the nats between the reference's choice and the form's; 0.0 where they never part.
    """
    expected, found = (read_answers(folder, name).greedy_ids for name in (reference, prefix))
    n_alike = next((i for i, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b), -1)
    if n_alike < 0:
        return min(len(expected), len(found)), 0.0
    logp_V = np.load(folder / f"{reference}.greedy.npy", mmap_mode="r")[n_alike]
    return n_alike, float(logp_V.max() - logp_V[found[n_alike]])


def measure_trained(probe_file: Path, checkpoint: Path, adapter: Path, *, merged: Path | None) -> None:
    """Answers of the base with its adapter, and of the merged checkpoint."""
    from peft import PeftModel

    probe, folder = Probe.read(probe_file), probe_file.parent
    trained = PeftModel.from_pretrained(_load(checkpoint), adapter).eval()
    _answer(trained, probe, folder, prefix="adapter")
    del trained
    if merged is not None:
        _answer(_load(merged), probe, folder, prefix="merged")


def _load(checkpoint: Path) -> Any:
    """In float32 on a CPU, where the reference should not be blurred by rounding; on CUDA as it is stored."""
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    on_cuda = torch.cuda.is_available()
    place = {"local_files_only": True, "trust_remote_code": False, "use_safetensors": True}
    model = AutoModelForCausalLM.from_pretrained(checkpoint, dtype="auto" if on_cuda else torch.float32, **place)
    return model.to("cuda" if on_cuda else "cpu").eval()


def _answer(model: Any, probe: Probe, folder: Path, *, prefix: str) -> None:
    import torch

    writer = AnswerWriter(probe)
    with torch.inference_mode():
        for context, target in probe.texts:
            ids = torch.tensor([[*context, *target][:-1]], device=model.device)
            logits = model(input_ids=ids, use_cache=False, logits_to_keep=len(target)).logits[0]
            writer.add_text(logits.float().cpu().numpy(), target)
        greedy = np.stack(list(_greedy(model, probe)))
    writer.write(folder, prefix, greedy_logits_G_V=greedy)


def _greedy(model: Any, probe: Probe) -> Iterator[Table]:
    """Logits of the greedy answer, token by token, its end included."""
    import torch

    ids, memory = torch.tensor([list(probe.greedy)], device=model.device), None
    for _ in range(probe.n_greedy):
        output = model(input_ids=ids, past_key_values=memory, use_cache=True, logits_to_keep=1)
        logits_V, memory = output.logits[0, -1].float(), output.past_key_values
        yield logits_V.cpu().numpy()
        ids = logits_V.argmax().view(1, 1)
        if int(ids) in probe.end_ids:
            return


if __name__ == "__main__":
    probe_file_, checkpoint_, adapter_ = map(Path, sys.argv[1:4])
    measure_trained(probe_file_, checkpoint_, adapter_, merged=Path(sys.argv[4]) if sys.argv[4] else None)
