"""The frozen base split over the processes of one training, for a model that a single card does not hold.

    layers of the decoder       each process keeps its part of every matrix; the parts are gathered for as long as the
                                layer works, forward and backward (FSDP2 of torch)
    embedding, last norm, head  whole in every process
    adapter and its moments     whole in every process, as without splitting

What is gathered is what was cut, so losses, checkpoints and a resume are those of `ranks.py` to the last bit.
Gathering takes all processes at once: each makes as many passes through the model as any other (`Ranks.turns`).

A checkpoint is read on the CPU and goes to a card layer by layer, so that no card ever holds more than its parts and
one whole layer. On cards this was never run.
"""

import logging
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from workbench.engines.causal_model import torch_dtype
from workbench.engines.learning.ranks import Ranks
from workbench.engines.learning.settings import LearnerSettings
from workbench.errors import ConfigError, EngineError

MOST_OF_A_CARD = 0.7  # for base weights; the adapter, activations and losses want the rest. Assumed, never measured
_GIB = 1024**3
_log = logging.getLogger(__name__)


def is_to_be_split(settings: LearnerSettings, checkpoint: Path, ranks: Ranks) -> bool:
    """Whether the base of this training is split; all processes say the same.

    Raises:
        ConfigError: it is asked for and cannot be.
    """
    lack = _lack(settings, ranks)
    if settings.split == "always":
        if lack:
            raise ConfigError(f"learner.split=always: {lack}; or leave learner.split out")
        return True
    if settings.split == "never" or lack or not torch.cuda.is_available():
        return False
    _, most = torch.cuda.mem_get_info()
    is_small = base_bytes(checkpoint, torch_dtype(settings.dtype)) <= most * MOST_OF_A_CARD
    return not all(ranks.gathered({ranks.place: is_small}).values())


def _lack(settings: LearnerSettings, ranks: Ranks) -> str:
    """Why a base cannot be split; "" = it can."""
    if ranks.size == 1:
        return "one process has nobody to share with; start several with torchrun --nproc-per-node N -m workbench train"
    if settings.load_in_4bit:
        return "weights in 4 bits cannot be split; set learner.load_in_4bit=false"
    return "what Unsloth has loaded cannot be split; set learner.engine=peft" if settings.engine == "unsloth" else ""


def base_bytes(checkpoint: Path, dtype: torch.dtype) -> int:
    """Bytes of all weights in a number format, by the files' headers.

    Raises:
        EngineError: a file is damaged.
    """
    n_weights = 0
    for path in sorted(checkpoint.glob("*.safetensors")):
        try:
            with safe_open(path, "pt") as tensors:
                n_weights += sum(math.prod(tensors.get_slice(name).get_shape()) for name in tensors.keys())  # noqa: SIM118 - safe_open is not a mapping
        except (OSError, SafetensorError) as exc:
            raise EngineError(f"{path}: cannot be read ({exc}); fetch the model again") from exc
    return dtype.itemsize * n_weights


def split_layers(causal: Any, adapter: Iterable[torch.nn.Parameter], ranks: Ranks) -> None:
    """Cuts every layer of a model on the CPU, and moves what is left of it to this process's card, where there is one.

    Args:
        causal: the language model, with an adapter in its layers.
        adapter: the adapter's parameters, which stay whole and stay the same objects.
        ranks: the processes to share with.

    Raises:
        EngineError: the model has no list of layers.
    """
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    layers = getattr(causal.model, "layers", None)
    if not isinstance(layers, torch.nn.ModuleList):
        raise EngineError(f"{type(causal).__name__}: its layers are not where they are looked for; learner.split=never")
    kind = "cuda" if torch.cuda.is_available() else "cpu"
    mesh = init_device_mesh(kind, (ranks.size,))
    kept, n_bytes = set(adapter), held_bytes(causal)
    for layer in layers:
        fully_shard(layer, mesh=mesh, reshard_after_forward=True, ignored_params=kept)
    in_layers = {id(parameter) for parameter in layers.parameters()}
    whole: set[torch.nn.Parameter] = {each for each in causal.parameters() if id(each) not in in_layers} | kept
    fully_shard(causal.model, mesh=mesh, ignored_params=whole)  # cuts nothing more; orders what is gathered when
    for parameter in whole:
        parameter.data = parameter.data.to(kind)
    _log.info("%.2f of the base's %.2f GiB are here, the rest at %d others", *(
        each / _GIB for each in (held_bytes(causal), n_bytes)), ranks.size - 1)  # fmt: skip


def held_bytes(causal: Any) -> int:
    """Bytes of the frozen weights that this process keeps between two passes."""
    from torch.distributed.tensor import DTensor

    frozen = {each for each in causal.parameters() if not each.requires_grad}
    return sum((each.to_local() if isinstance(each, DTensor) else each).nbytes for each in frozen)
