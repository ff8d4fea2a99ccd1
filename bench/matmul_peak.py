"""The machine's own limit: the model's matrix products alone, at the sizes in which they occur."""

import torch

from bench.side_by_side import THREADS, Work

ROWS = 2048  # tokens a product


def matmuls(checkpoint: str, *, n_tokens: int, n_targets: int) -> Work:
    """One forward pass's products for so many tokens, with the head for the targets; nothing else."""
    from transformers import AutoConfig

    torch.set_num_threads(THREADS)
    config = AutoConfig.from_pretrained(checkpoint)
    width, inner, heads = config.hidden_size, config.intermediate_size, config.num_attention_heads
    keys = width // heads * config.num_key_value_heads
    shapes = [
        (width, width),
        (keys, width),
        (keys, width),
        (width, width),
        (inner, width),
        (inner, width),
        (width, inner),
    ]
    layers = [[torch.randn(shape).bfloat16() for shape in shapes] for _ in range(config.num_hidden_layers)]
    head = torch.randn(config.vocab_size, width).bfloat16()
    inputs = {size: torch.randn(ROWS, size).bfloat16() for size in (width, inner)}

    def work() -> dict[str, float]:
        with torch.inference_mode():
            for start in range(0, n_tokens, ROWS):
                rows = min(ROWS, n_tokens - start)
                for layer in layers:
                    for weight in layer:
                        torch.mm(inputs[weight.shape[1]][:rows], weight.t())
            for start in range(0, n_targets, 256):
                torch.mm(inputs[width][: min(256, n_targets - start)], head.t())
        return {}

    work()
    return work
