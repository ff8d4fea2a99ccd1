"""The small steps between the matrix products, in fewer passes over memory: norms and rotary positions.

    norm     y = w · x / sqrt(mean(x²) + ε)
    rotary   (a, b) → (a·cos − b·sin, b·cos + a·sin), a and b the halves of each head

As transformers writes them, each makes a dozen tensors forward and as many for the gradient; here it is a handful.
The arithmetic is the same, but for one rounding where transformers has two. Only modules of the one model are changed,
and only those whose code is known; the caller checks that its losses stay what they were.
"""

from typing import Any

import torch
from torch import Tensor

from workbench.engines.learning.attention import packed_attention
from workbench.engines.learning.packing import Packed

NORMS = ("LlamaRMSNorm", "MistralRMSNorm", "Qwen2RMSNorm", "Qwen3RMSNorm")
ATTENTIONS = ("LlamaAttention", "MistralAttention", "Qwen2Attention", "Qwen3Attention")


class RmsNorm(torch.autograd.Function):
    """The norm, computed in float32; the weight is frozen."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
        """From x [..., D] to the same shape."""
        exact = x.float()
        inverse = torch.linalg.vector_norm(exact, dim=-1, keepdim=True)
        inverse = inverse.square_().div_(x.shape[-1]).add_(epsilon).rsqrt_()
        ctx.save_for_backward(x, weight, inverse)
        normal: Tensor = (exact * inverse).to(x.dtype)
        return normal.mul_(weight)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, None, None]:
        """For n = x · inverse: inverse · (g − n · mean(g · n))."""
        x, weight, inverse = ctx.saved_tensors
        normal = x.float().mul_(inverse)
        grad = (grad_outputs[0] * weight).float()
        along = (grad * normal).mean(-1, keepdim=True)
        return grad.addcmul_(normal, along, value=-1).mul_(inverse).to(x.dtype), None, None


class Rotary(torch.autograd.Function):
    """The rotation; its gradient is the rotation back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """From x [B, H, N, D] with cos and sin [B, 1, N, D], whose halves are equal."""
        ctx.save_for_backward(cos, sin)
        return _rotated(x, cos, sin)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, None, None]:
        """Minus the angle."""
        cos, sin = ctx.saved_tensors
        return _rotated(grad_outputs[0], cos, -sin), None, None


def use_quick_layers(causal: torch.nn.Module) -> None:
    """Puts both into the modules of a transformers model of the Llama family; leaves others alone."""
    for module in causal.modules():
        name = type(module).__name__
        if name in NORMS:
            module.forward = _NormForward(module)
        elif name in ATTENTIONS:
            module.forward = _AttentionForward(module)


def use_own_layers(causal: torch.nn.Module) -> None:
    """Takes back what `use_quick_layers` did."""
    for module in causal.modules():
        if isinstance(vars(module).get("forward"), (_NormForward, _AttentionForward)):
            del module.forward


def _rotated(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    half = x.shape[-1] // 2
    out = x * cos
    out[..., :half].addcmul_(x[..., half:], sin[..., :half], value=-1)
    out[..., half:].addcmul_(x[..., :half], sin[..., half:])
    return out


class _NormForward:
    """The new forward pass of one norm."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def __call__(self, hidden_states: Tensor) -> Tensor:
        module = self._module
        y: Tensor = RmsNorm.apply(hidden_states, module.weight, module.variance_epsilon)  # type: ignore[no-untyped-call]  # torch's apply
        return y


class _AttentionForward:
    """The new forward pass of one attention module, for packed sequences alone."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def __call__(
        self, hidden_states: Tensor, position_embeddings: tuple[Tensor, Tensor], *, packed: Packed, **_: object
    ) -> tuple[Tensor, None]:
        module = self._module
        cos, sin = (part.unsqueeze(1) for part in position_embeddings)
        q, k, v = (self._heads(hidden_states, name) for name in "qkv")
        q = Rotary.apply(q, cos, sin)  # type: ignore[no-untyped-call]  # torch's apply
        k = Rotary.apply(k, cos, sin)  # type: ignore[no-untyped-call]  # torch's apply
        mixed, _none = packed_attention(module, q, k, v, None, packed=packed, scaling=module.scaling)
        y: Tensor = module.o_proj(mixed.flatten(2))
        return y, None

    def _heads(self, hidden_states: Tensor, name: str) -> Tensor:
        """[1, N, width] → [1, heads, N, D]; Qwen3 has a norm on each head's queries and keys."""
        states = getattr(self._module, f"{name}_proj")(hidden_states).unflatten(-1, (-1, self._module.head_dim))
        norm = getattr(self._module, f"{name}_norm", None)
        heads: Tensor = (states if norm is None else norm(states)).transpose(1, 2)
        return heads
