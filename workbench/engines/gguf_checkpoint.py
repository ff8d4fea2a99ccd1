"""How a Hugging Face checkpoint and a GGUF name and order the same weights, and the way from the first to the second.

The tokenizer, template and shape of the GGUF are copied from the base model's GGUF; only the tensors are new.
Checked for the llama architecture: llama.cpp rotates neighbouring rows of q and k where transformers rotates halves,
so those rows change places. The qwen2 and qwen3 architectures rotate halves in both.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from workbench.errors import EngineError

Precision = Literal["bf16", "f16"]  # how matrices are written; vectors are always f32

ARCHITECTURES = ("llama", "qwen2", "qwen3")
MODULES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_NORMS = {
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
}
_TOP = {
    "embed_tokens.weight": "token_embd.weight",
    "norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}
_OWN_FIELDS = {"general.architecture", "general.file_type", "general.quantization_version"}


def permuted(rows: Any, n_heads: int) -> Any:
    """Rows of q or k in llama.cpp's order: each head's halves interleaved. Works for arrays and tensors."""
    halves = rows.reshape(n_heads, 2, rows.shape[0] // n_heads // 2, *rows.shape[1:])
    return halves.swapaxes(1, 2).reshape(rows.shape)


def heads_to_permute(architecture: str, n_heads: int, n_kv_heads: int) -> dict[str, int]:
    """Module → number of heads, for the modules whose rows change places.

    Raises:
        EngineError: the architecture's names are not known here.
    """
    if architecture not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise EngineError(f"weights of the architecture {architecture!r} cannot be turned into GGUF; known: {known}")
    if architecture != "llama":
        return {}
    return {"self_attn.q_proj": n_heads, "self_attn.k_proj": n_kv_heads}


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
    file_types = {"bf16": gguf.LlamaFileType.MOSTLY_BF16, "f16": gguf.LlamaFileType.MOSTLY_F16}
    writer.add_file_type(file_types[precision])
    missing = {tensor.name for tensor in reader.tensors} - {"rope_freqs.weight"}
    for name, tensor in gguf_tensors(checkpoint, architecture):
        if name not in missing:
            raise EngineError(f"{checkpoint}: the tensor {name} has no place in {base_gguf.name}: not the same model")
        missing.discard(name)
        _add_tensor(writer, name, tensor, precision=precision)
    if missing:
        raise EngineError(f"{checkpoint}: no tensor {min(missing)}, which {base_gguf.name} has: not the same model")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def gguf_tensors(checkpoint: Path, architecture: str) -> Iterator[tuple[str, Any]]:
    """GGUF name and torch tensor of every weight, rows in llama.cpp's order."""
    from safetensors import safe_open

    config = json.loads((checkpoint / "config.json").read_text("utf-8"))
    n_heads = int(config["num_attention_heads"])
    heads = heads_to_permute(architecture, n_heads, int(config.get("num_key_value_heads", n_heads)))
    for path in sorted(checkpoint.glob("*.safetensors")):
        with safe_open(path, "pt") as tensors:
            for key in tensors.keys():  # noqa: SIM118 - safe_open is no mapping
                name, module = _gguf_name(key.removeprefix("model."))
                tensor = tensors.get_tensor(key)
                yield name, permuted(tensor, heads[module]) if module in heads else tensor


def _gguf_name(name: str) -> tuple[str, str]:
    if name in _TOP:
        return _TOP[name], ""
    _, layer, rest = name.split(".", 2)
    module, kind = rest.rsplit(".", 1)
    gguf_module = MODULES.get(module) or _NORMS.get(module)
    if not gguf_module:
        raise EngineError(f"the weight {name} has no name in GGUF that is known here")
    return f"blk.{layer}.{gguf_module}.{kind}", module


def _add_tensor(writer: Any, name: str, tensor: Any, *, precision: Precision) -> None:
    import gguf
    import torch

    if tensor.ndim == 1:
        writer.add_tensor(name, tensor.float().contiguous().numpy())
        return
    if precision == "f16":
        writer.add_tensor(name, tensor.to(torch.float16).contiguous().numpy())
        return
    raw = tensor.to(torch.bfloat16).contiguous().view(torch.uint8).numpy()
    writer.add_tensor(name, raw, raw_dtype=gguf.GGMLQuantizationType.BF16)
