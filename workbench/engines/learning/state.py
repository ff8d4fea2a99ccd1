"""What of a learner lies on disk: a PEFT adapter folder, and beside it what the next step needs. No pickle.

adapter_config.json, adapter_model.safetensors    the adapter, as PEFT reads it
optimizer.safetensors                             Adam's moments by parameter name, and torch's random state
state.json                                        steps taken, Python's random state, which base model it belongs to
"""

import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from workbench.engines.learning.lora_model import LoraModel
from workbench.errors import DamagedError, EngineError

ADAPTER_FILE = "adapter_model.safetensors"
_RANDOM_KEYS = ("random.cpu", "random.cuda")
_MOMENTS = ("exp_avg", "exp_avg_sq")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedState:
    """A state as it was read, before it is put to use."""

    adapter: dict[str, Tensor]
    moments: dict[str, dict[str, Tensor]]  # by parameter name; none before the first step
    n_steps: int
    torch_random: dict[str, Tensor]
    python_random: tuple[Any, ...]


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
        DamagedError: the file is missing or unreadable.
        EngineError: it is not an adapter of this shape.
    """
    _use_adapter(_adapter_tensors(folder, lora), lora)


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
    (folder / "optimizer.safetensors").write_bytes(safetensors.torch.save(tensors))  # save_file hides a full disk
    version, numbers, gauss = random.getstate()
    state_json = {"base": lora.digest, "n_steps": n_steps, "python_random": [version, list(numbers), gauss]}
    _write_json(folder / "state.json", state_json)


def read_state(folder: Path, lora: LoraModel) -> SavedState:
    """Reads and checks all that `save_state` wrote, and changes nothing yet.

    Raises:
        DamagedError: a file is missing or unreadable.
        EngineError: it was written with another base model or another adapter shape.
    """
    path = folder / "state.json"
    state = _read_json(path)
    if state.get("base") != lora.digest:
        raise EngineError(f"{folder}: the state belongs to another base model ({str(state.get('base'))[:16]})")
    adapter = _adapter_tensors(folder, lora)
    tensors = _read_tensors(folder / "optimizer.safetensors")
    try:
        version, numbers, gauss = state["python_random"]
        python_random = (version, tuple(numbers), gauss)
        moments = {
            name: {moment: tensors[f"{moment}.{name}"] for moment in _MOMENTS}
            for name in (lora.parameters if state["n_steps"] else ())
        }
        torch_random = {name: tensors[name] for name in tensors.keys() & set(_RANDOM_KEYS)}
        n_steps = int(state["n_steps"])
    except (KeyError, TypeError, ValueError) as exc:
        raise DamagedError(f"{path}: does not hold what it should ({exc!r}); resume from an older checkpoint") from exc
    return SavedState(
        adapter=adapter, moments=moments, n_steps=n_steps, torch_random=torch_random, python_random=python_random
    )


def use_state(saved: SavedState, lora: LoraModel, optimizer: torch.optim.Optimizer) -> None:
    """Puts everything back, bit for bit, into a fresh optimizer."""
    _use_adapter(saved.adapter, lora)
    for name, moments in saved.moments.items():
        parameter = lora.parameters[name]
        optimizer.state[parameter] = {
            "step": torch.tensor(float(saved.n_steps), device=parameter.device),
            **{moment: tensor.to(parameter.device) for moment, tensor in moments.items()},
        }
    random.setstate(saved.python_random)
    if "random.cpu" in saved.torch_random:
        torch.set_rng_state(saved.torch_random["random.cpu"])
    if "random.cuda" in saved.torch_random and torch.cuda.is_available():
        torch.cuda.set_rng_state(saved.torch_random["random.cuda"])


def _adapter_tensors(folder: Path, lora: LoraModel) -> dict[str, Tensor]:
    path = folder / ADAPTER_FILE
    tensors = _read_tensors(path)
    shapes = {name: parameter.shape for name, parameter in lora.parameters.items()}
    if {name: tensor.shape for name, tensor in tensors.items()} != shapes:
        raise EngineError(f"{path}: not an adapter of rank {lora.shape.rank} for this model; check lora_rank and model")
    return tensors


def _use_adapter(tensors: Mapping[str, Tensor], lora: LoraModel) -> None:
    for name, tensor in tensors.items():
        lora.parameters[name].data.copy_(tensor)


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
