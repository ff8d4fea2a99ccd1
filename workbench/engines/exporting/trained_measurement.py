"""Asks the trained model: `python -m workbench.engines.exporting.trained_measurement PROBE CHECKPOINT ADAPTER MERGED`.

Plain transformers and PEFT, without the learner's own kernels, so that what the export is held against was not made by
the code that made the export. Writes `adapter.*` and, where MERGED is a folder, `merged.*` beside the probe.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from workbench.engines.exporting.measurement import AnswerWriter, Probe, Table


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
