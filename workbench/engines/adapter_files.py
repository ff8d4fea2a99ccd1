"""A PEFT LoRA folder in its other forms: as the GGUF adapter that llama.cpp puts over the base, and as it is shipped.

FOLDER/adapter.gguf                 cached beside the adapter. A LoRA layer is W + alpha/rank · B·A; rows of B belong
                                    to the rows of W, so where the base GGUF has its q and k rows in llama.cpp's order,
                                    B gets the same. Checked against PEFT in tests/engines/test_adapter_files.py
TARGET/adapter_model.safetensors    given away: bfloat16
TARGET/adapter_config.json          as PEFT reads it, without the paths of this machine
TARGET/README.md                    the card

What was learned at a Tinker server stays there: its folder holds `tinker.json` in place of the weights.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from workbench.engines.gguf_checkpoint import gguf_namer, heads_to_permute, module_of, permuted
from workbench.errors import EngineError, InputError
from workbench.places import made_of
from workbench.storage.atomic import disk_errors, locked, new_folder, sha256_file, sync

WEIGHTS = "adapter_model.safetensors"
FAR_FILE = "tinker.json"
_PREFIX = "base_model.model."
_SIDES = {"A.weight": "a", "B.weight": "b"}
_SOURCE_KEY = "workbench.adapter_sha256"


def adapter_digest(folder: Path) -> str:
    """sha256 of the adapter's weights.

    Raises:
        EngineError: the folder holds no PEFT adapter.
    """
    if (folder / FAR_FILE).is_file():
        raise EngineError(f"{folder}: its weights are at a Tinker server; name the engine that learned them before it")
    if not (folder / WEIGHTS).is_file() or not (folder / "adapter_config.json").is_file():
        raise EngineError(f"{folder}: no LoRA adapter here (adapter_config.json with {WEIGHTS}); give a PEFT folder")
    return sha256_file(folder / WEIGHTS)


def far_digest(folder: Path) -> str:
    """Digest of what was learned at a server, as the folder says.

    Raises:
        EngineError: the folder holds no such thing.
    """
    try:
        return str(json.loads((folder / FAR_FILE).read_text("utf-8"))["digest"])
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise EngineError(f"{folder}: nothing that was learned at a Tinker server ({FAR_FILE})") from exc


def learned_digest(folder: Path) -> str:
    """Of an adapter wherever its weights are; see the two above."""
    return far_digest(folder) if (folder / FAR_FILE).is_file() else adapter_digest(folder)


def adapter_gguf(folder: Path, *, architecture: str, n_heads: int, n_kv_heads: int) -> Path:
    """The adapter as GGUF; made again when the weights beside it are others.

    Args:
        folder: PEFT's adapter_config.json and adapter_model.safetensors.
        architecture: of the base GGUF.
        n_heads: of the base GGUF.
        n_kv_heads: of the base GGUF.

    Raises:
        EngineError: no adapter, or one with parts that llama.cpp cannot apply.
        StoreError: the folder cannot be written.
    """
    digest = adapter_digest(folder)
    place = made_of(folder)
    target = place / "adapter.gguf"
    if _source(target) == digest:
        return target
    heads = heads_to_permute(architecture, n_heads, n_kv_heads)
    partial = place / ".adapter.gguf.partial"
    with locked(place / ".adapter.gguf.lock"), disk_errors(target):
        if _source(target) != digest:
            _write(folder, partial, heads=heads, architecture=architecture, digest=digest)
            sync(partial)
            partial.rename(target)
    return target


def _source(gguf_file: Path) -> str:
    """Digest of the weights that the GGUF was made from; "" where there is none."""
    import gguf

    if not gguf_file.is_file():
        return ""
    try:
        field = gguf.GGUFReader(gguf_file).get_field(_SOURCE_KEY)
    except (ValueError, IndexError, OSError):
        return ""
    return str(field.contents()) if field else ""


def _write(folder: Path, target: Path, *, heads: dict[str, int], architecture: str, digest: str) -> None:
    import gguf
    from safetensors import safe_open

    config = json.loads((folder / "adapter_config.json").read_text("utf-8"))
    if config.get("peft_type") != "LORA" or config.get("use_dora") or config.get("bias", "none") != "none":
        raise EngineError(f"{folder}: llama.cpp applies plain LoRA only (no DoRA, no trained bias)")
    writer = gguf.GGUFWriter(target, architecture)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", _alpha(config))
    writer.add_string(_SOURCE_KEY, digest)
    with safe_open(folder / WEIGHTS, "pt") as tensors:
        for key in tensors.keys():  # noqa: SIM118 - safe_open is not a mapping
            name, module, side = _name(folder, key, architecture)
            value = tensors.get_tensor(key).float().numpy()
            if side == "b" and module in heads:
                value = permuted(value, heads[module])
            writer.add_tensor(f"{name}.lora_{side}", value.copy(order="C"))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _alpha(config: dict[str, Any]) -> float:
    """llama.cpp divides alpha by the rank; rank-stabilised LoRA divides by its root."""
    alpha, rank = float(config["lora_alpha"]), int(config["r"])
    return alpha * rank**0.5 if config.get("use_rslora") else alpha


def _name(folder: Path, key: str, architecture: str) -> tuple[str, str, str]:
    """GGUF name, module and side (a or b) of a tensor like model.layers.0.mlp.up_proj.lora_A.weight."""
    weight, _, side = key.removeprefix(_PREFIX).rpartition(".lora_")
    name = gguf_namer(architecture)(f"{weight}.weight") if side in _SIDES else ""
    if not name:
        raise EngineError(f"{folder}: llama.cpp cannot apply the adapter's {key}; train the layers' projections only")
    return name, module_of(f"{weight}.weight"), _SIDES[side]


FILES = ("adapter_model.safetensors", "adapter_config.json", "README.md")


def ship_adapter(source: Path, target: Path, *, base: str, card: str, max_bytes: int = 0) -> int:
    """Writes the shipped form of a PEFT adapter in place of the one before; returns the size of its weights in bytes.

    Args:
        source: PEFT adapter folder.
        target: folder to make; what was there before goes only when the new one is whole.
        base: name of the base model for the config.
        card: Markdown.
        max_bytes: refuse a larger adapter; 0 = any.

    Raises:
        InputError: it is larger than allowed; the message says which rank would fit.
        EngineError: the source is not an adapter.
        StoreError: the disk.
    """
    import safetensors.torch
    import torch

    try:
        tensors = safetensors.torch.load_file(source / FILES[0])
        config = json.loads((source / FILES[1]).read_text(encoding="utf-8"))
    except (OSError, ValueError, safetensors.SafetensorError) as exc:
        raise EngineError(f"{source}: no LoRA adapter here ({exc})") from exc
    data = safetensors.torch.save({name: tensor.to(torch.bfloat16) for name, tensor in tensors.items()})
    if max_bytes and len(data) > max_bytes:
        fits = int(config["r"]) * max_bytes // len(data)
        raise InputError(f"{source}: {len(data) / 1e6:.1f} MB in 16 bits; a rank of {fits} would fit")
    fresh = target.with_name(f".{target.name}.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    with new_folder(fresh) as partial:
        (partial / FILES[0]).write_bytes(data)
        (partial / FILES[1]).write_text(
            json.dumps(config | {"base_model_name_or_path": base}, indent=1) + "\n", encoding="utf-8"
        )
        (partial / FILES[2]).write_text(card.rstrip() + "\n", encoding="utf-8")
    with disk_errors(target):
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    return len(data)
