"""An adapter as it is given away: 16-bit, with its card and without the paths of this machine.

TARGET/adapter_model.safetensors    bfloat16
TARGET/adapter_config.json          as PEFT reads it
TARGET/README.md                    the card
"""

import json
import shutil
from pathlib import Path

from workbench.errors import EngineError, InputError
from workbench.storage.atomic import disk_errors, new_folder

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
        EngineError: the source is no adapter.
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
