"""How a Hugging Face checkpoint and a GGUF name and order the same weights, and the way from the first to the second.

Names are gguf's own (`get_tensor_name_map`); the order of rows and the few changed numbers are written here. With a
base GGUF its tokenizer, template and shape are copied and only the tensors are new; without one `gguf_header.py` writes
them. Whether the result is the same model is measured (`base_files.py`), not believed.

llama.cpp rotates neighbouring rows of q and k in the llama architecture where transformers rotates halves, so those
rows change places; Gemma's norms multiply by 1 + w in transformers and by w in llama.cpp.
"""

import functools
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from workbench.errors import EngineError

Precision = Literal["bf16", "f16"]  # how matrices are written; vectors are always f32

ARCHITECTURES = ("llama", "qwen2", "qwen3", "gemma2", "gemma3", "phi3", "smollm3", "olmo2")
_ROTATES_NEIGHBOURS = ("llama", "smollm3")
_NORMS_FROM_ONE = ("gemma2", "gemma3")
_OWN_FIELDS = {"general.architecture", "general.file_type", "general.quantization_version"}
_MADE_BY_ROPE = "rope_f"  # rope_freqs, rope_factors_…: tensors that only the GGUF has


def permuted(rows: Any, n_heads: int) -> Any:
    """Rows of q or k in llama.cpp's order: each head's halves interleaved. Works for arrays and tensors."""
    halves = rows.reshape(n_heads, 2, rows.shape[0] // n_heads // 2, *rows.shape[1:])
    return halves.swapaxes(1, 2).reshape(rows.shape)


def heads_to_permute(architecture: str, n_heads: int, n_kv_heads: int) -> dict[str, int]:
    """Module → number of heads, for the modules whose rows change places.

    Raises:
        EngineError: the architecture is not known here.
    """
    if architecture not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise EngineError(f"weights of the architecture {architecture!r} cannot be turned into GGUF; known: {known}")
    if architecture not in _ROTATES_NEIGHBOURS:
        return {}
    return {"self_attn.q_proj": n_heads, "self_attn.k_proj": n_kv_heads}


@functools.cache
def gguf_namer(architecture: str) -> Callable[[str], str]:
    """A function from a Hugging Face name, with or without .weight, to GGUF's; "" where it has none.

    >>> gguf_namer("llama")("model.layers.3.self_attn.q_proj.weight")
    'blk.3.attn_q.weight'

    Raises:
        EngineError: gguf knows no such architecture.
    """
    import gguf

    numbers = {name: number for number, name in gguf.MODEL_ARCH_NAMES.items()}
    if architecture not in numbers:
        raise EngineError(f"gguf knows no architecture {architecture!r}")
    names = gguf.get_tensor_name_map(numbers[architecture], 1)  # all layers are named alike, and 1000 take a second

    def named(name: str) -> str:
        layer = re.search(r"(?<=\.)\d+(?=\.)", name)
        of_first = name[: layer.start()] + "0" + name[layer.end() :] if layer else name
        found = str(names.get_name(of_first, (".weight", ".bias")) or "")
        return found.replace("blk.0.", f"blk.{layer.group()}.", 1) if layer else found

    return named


def architecture_of(gguf_file: Path) -> str:
    """The model family in GGUF's words."""
    import gguf

    return str(gguf.GGUFReader(gguf_file).fields["general.architecture"].contents())


def write_gguf(base_gguf: Path, checkpoint: Path, target: Path, *, precision: Precision = "bf16") -> None:
    """Writes the checkpoint's weights (vectors in f32) with everything else from the base GGUF.

    Raises:
        EngineError: the checkpoint has a tensor that the base GGUF has not, or the other way round.
    """
    import gguf

    reader = gguf.GGUFReader(base_gguf)
    architecture = str(reader.fields["general.architecture"].contents())
    writer = gguf.GGUFWriter(target, architecture)
    for key, field in reader.fields.items():
        if not key.startswith("GGUF.") and key not in _OWN_FIELDS:
            kind = field.types[0]
            is_array = kind == gguf.GGUFValueType.ARRAY
            writer.add_key_value(key, field.contents(), kind, sub_type=field.types[-1] if is_array else None)
    missing = {tensor.name for tensor in reader.tensors if not tensor.name.startswith(_MADE_BY_ROPE)}
    for tensor in reader.tensors:
        if tensor.name not in missing:
            writer.add_tensor(tensor.name, tensor.data)
    for name, weight in gguf_tensors(checkpoint, architecture):
        if name not in missing:
            raise EngineError(f"{checkpoint}: the tensor {name} has no place in {base_gguf.name}: not the same model")
        missing.discard(name)
        add_tensor(writer, name, weight, precision=precision)
    if missing:
        raise EngineError(f"{checkpoint}: no tensor {min(missing)}, which {base_gguf.name} has: not the same model")
    finish(writer, precision)


def gguf_tensors(checkpoint: Path, architecture: str) -> Iterator[tuple[str, Any]]:
    """GGUF name and torch tensor of every weight, rows in llama.cpp's order.

    Raises:
        EngineError: a weight has no name in GGUF.
    """
    from safetensors import safe_open

    config = json.loads((checkpoint / "config.json").read_text("utf-8"))
    n_heads = int(config["num_attention_heads"])
    heads = heads_to_permute(architecture, n_heads, int(config.get("num_key_value_heads") or n_heads))
    is_tied = bool(config.get("tie_word_embeddings", architecture in _NORMS_FROM_ONE))
    for path in sorted(checkpoint.glob("*.safetensors")):
        with safe_open(path, "pt") as tensors:
            for key in tensors.keys():  # noqa: SIM118 - safe_open is not a mapping
                if key == "lm_head.weight" and is_tied:
                    continue  # the embedding once more
                name = gguf_namer(architecture)(key)
                if not name:
                    raise EngineError(f"{checkpoint}: the weight {key} has no name in GGUF's {architecture}")
                yield name, _ordered(tensors.get_tensor(key), key, heads, architecture)


def module_of(key: str) -> str:
    """The module inside its layer: self_attn.q_proj of model.layers.0.self_attn.q_proj.weight.

    >>> module_of("model.layers.0.self_attn.q_proj.weight"), module_of("model.norm.weight")
    ('self_attn.q_proj', '')
    """
    parts = key.split(".")
    at = parts.index("layers") if "layers" in parts else len(parts)
    return ".".join(parts[at + 2 : -1])


def _ordered(tensor: Any, key: str, heads: dict[str, int], architecture: str) -> Any:
    if architecture in _NORMS_FROM_ONE and key.endswith("norm.weight"):
        return tensor.float() + 1
    module = module_of(key)
    return permuted(tensor, heads[module]) if module in heads else tensor


def add_tensor(writer: Any, name: str, tensor: Any, *, precision: Precision) -> None:
    """A matrix in 16 bits, a vector in 32."""
    import gguf
    import torch

    if tensor.ndim == 1:
        writer.add_tensor(name, tensor.float().contiguous().numpy())
    elif precision == "f16":
        writer.add_tensor(name, tensor.to(torch.float16).contiguous().numpy())
    else:
        raw = tensor.to(torch.bfloat16).contiguous().view(torch.uint8).numpy()
        writer.add_tensor(name, raw, raw_dtype=gguf.GGMLQuantizationType.BF16)


def finish(writer: Any, precision: Precision) -> None:
    """Writes everything that was added."""
    import gguf

    file_types = {"bf16": gguf.LlamaFileType.MOSTLY_BF16, "f16": gguf.LlamaFileType.MOSTLY_F16}
    writer.add_file_type(file_types[precision])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
