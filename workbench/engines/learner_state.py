"""What of a learner lies on disk: a PEFT adapter folder, and beside it what the next step needs. No pickle.

adapter_config.json, adapter_model.safetensors    the adapter, as PEFT reads it
optimizer.safetensors                             Adam's moments by parameter name, and torch's random state
state.json                                        steps taken, Python's random state, which base model it belongs to
"""

import hashlib
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from workbench.engines.lora_model import LoraModel
from workbench.errors import DamagedError, EngineError

ADAPTER_FILE = "adapter_model.safetensors"
_RANDOM_KEYS = ("random.cpu", "random.cuda")


def adapter_digest(parameters: Mapping[str, Tensor]) -> str:
    """sha256 of the adapter's safetensors file, were it written now."""
    return hashlib.sha256(_adapter_bytes(parameters)).hexdigest()


def save_adapter(folder: Path, lora: LoraModel) -> str:
    """Writes the adapter as PEFT reads it; returns the sha256 of its safetensors file."""
    data = _adapter_bytes(lora.parameters)
    (folder / ADAPTER_FILE).write_bytes(data)
    shape = lora.shape
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": str(lora.checkpoint),
        "r": shape.rank,
        "lora_alpha": shape.alpha,
        "lora_dropout": shape.dropout,
        "target_modules": sorted(shape.target_modules),
        "bias": "none",
        "inference_mode": True,
    }
    _write_json(folder / "adapter_config.json", config)
    return hashlib.sha256(data).hexdigest()


def load_adapter(folder: Path, lora: LoraModel) -> None:
    """Takes the adapter's numbers from a PEFT folder.

    Raises:
        EngineError: it is no adapter of this shape.
    """
    path = folder / ADAPTER_FILE
    tensors = _read_tensors(path)
    if tensors.keys() != lora.parameters.keys() or any(
        tensor.shape != lora.parameters[name].shape for name, tensor in tensors.items()
    ):
        raise EngineError(f"{path}: not an adapter of rank {lora.shape.rank} for this model; check lora_rank and model")
    for name, tensor in tensors.items():
        lora.parameters[name].data.copy_(tensor)


def save_state(folder: Path, lora: LoraModel, optimizer: torch.optim.Optimizer) -> None:
    """Writes everything that the next step depends on."""
    save_adapter(folder, lora)
    tensors = {"random.cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        tensors["random.cuda"] = torch.cuda.get_rng_state()
    n_steps = 0
    for name, parameter in lora.parameters.items():
        if state := optimizer.state.get(parameter):
            tensors |= {f"{moment}.{name}": state[moment].cpu().contiguous() for moment in _MOMENTS}
            n_steps = int(state["step"])
    safetensors.torch.save_file(tensors, folder / "optimizer.safetensors")
    version, numbers, gauss = random.getstate()
    state_json = {"base": lora.digest, "n_steps": n_steps, "python_random": [version, list(numbers), gauss]}
    _write_json(folder / "state.json", state_json)


def load_state(folder: Path, lora: LoraModel, optimizer: torch.optim.Optimizer) -> None:
    """Takes back what `save_state` wrote, bit for bit, into a fresh optimizer.

    Raises:
        DamagedError: a file is missing or unreadable.
        EngineError: it was written with another base model or another adapter shape.
    """
    state = _read_json(folder / "state.json")
    if state.get("base") != lora.digest:
        raise EngineError(f"{folder}: the state belongs to another base model ({state.get('base', 'unknown')[:16]})")
    load_adapter(folder, lora)
    tensors = _read_tensors(folder / "optimizer.safetensors")
    version, numbers, gauss = state["python_random"]
    random.setstate((version, tuple(numbers), gauss))
    torch.set_rng_state(tensors["random.cpu"])
    if "random.cuda" in tensors and torch.cuda.is_available():
        torch.cuda.set_rng_state(tensors["random.cuda"])
    for name, parameter in lora.parameters.items() if state["n_steps"] else ():
        optimizer.state[parameter] = {
            "step": torch.tensor(float(state["n_steps"]), device=parameter.device),
            **{moment: tensors[f"{moment}.{name}"].to(parameter.device) for moment in _MOMENTS},
        }


_MOMENTS = ("exp_avg", "exp_avg_sq")


def _adapter_bytes(parameters: Mapping[str, Tensor]) -> bytes:
    tensors = {name: parameters[name].detach().float().cpu().contiguous() for name in sorted(parameters)}
    return safetensors.torch.save(tensors, metadata={"format": "pt"})


def _read_tensors(path: Path) -> dict[str, Tensor]:
    try:
        return safetensors.torch.load_file(path)
    except (OSError, safetensors.SafetensorError) as exc:
        raise DamagedError(f"{path}: cannot be read ({exc}); resume from an older checkpoint") from exc


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise DamagedError(f"{path}: cannot be read ({exc}); resume from an older checkpoint") from exc
    if not isinstance(value, dict):
        raise DamagedError(f"{path}: expected an object; resume from an older checkpoint")
    return value


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n", encoding="utf-8")
