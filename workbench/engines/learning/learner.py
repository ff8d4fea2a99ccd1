"""One torch model that both scores and trains: the same weights, the same arithmetic, the exact state to continue from.

Row 2: knows tokens and losses, nothing of poems or runs. What the loss is, and which sequences go
through the model together, is in `packing.py`; what lies on disk in `state.py`.
"""

import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor

from workbench.engines.causal_model import torch_dtype
from workbench.engines.learning import state
from workbench.engines.learning.lora_model import LoraModel
from workbench.engines.learning.packing import labels_of, micro_batches, n_read, target_nll
from workbench.engines.learning.ranks import ALONE, Ranks
from workbench.engines.learning.settings import Engine, LearnerSettings, LoraShape
from workbench.engines.learning.splitting import is_to_be_split
from workbench.engines.protocols import Cancelled, never
from workbench.engines.threads import n_processors
from workbench.errors import DivergedError, EngineError
from workbench.types import Reason, Rendered, Score, StepResult, Unscored


class TorchLearner:
    """Implements `Learner` with torch and PEFT.

    Attributes:
        digest: of the base weights.
    """

    def __init__(self, checkpoint: Path, settings: LearnerSettings, *, seed: int, ranks: Ranks = ALONE) -> None:
        torch.set_num_threads(settings.threads or n_processors())
        self.settings, self._ranks = settings, ranks
        shape = LoraShape(
            rank=settings.lora_rank,
            alpha=settings.lora_alpha,
            dropout=settings.lora_dropout,
            target_modules=settings.target_modules,
        )
        is_split = is_to_be_split(settings, checkpoint, ranks)
        engine = "peft" if is_split else _engine(settings)
        dtype, in_4bit = torch_dtype(settings.dtype), settings.load_in_4bit
        self._lora = ranks.together(
            lambda: LoraModel(checkpoint, shape, dtype=dtype, engine=engine, in_4bit=in_4bit, is_split=is_split)
        )
        if is_split:
            self._lora.split(ranks)
        self._lora.check_losses(may_pack=settings.own_attention and engine == "peft")
        self.digest = self._lora.digest
        if settings.gradient_checkpointing:
            self._lora.model.gradient_checkpointing_enable({"use_reentrant": False})
        self._is_frozen = False
        self._adapter_digest = ""
        self.reset(seed)

    @property
    def adapter_digest(self) -> str:
        """Digest of the adapter's present weights, the same that `save_adapter` gives; "" inside `frozen`."""
        if self._is_frozen:
            return ""
        if not self._adapter_digest:
            self._adapter_digest = state.adapter_digest(self._lora.parameters)
        return self._adapter_digest

    def score(self, rendered: Sequence[Rendered], *, cancelled: Cancelled = never) -> list[Score | Unscored]:
        """See `Scorer`; equal items are scored once.

        A loss depends on what else is in the batch by rounding only. In bfloat16, nats a token, over 24 poems: .0003 in
        the mean and .005 at most for another batch, .004 and .015 against float32 (transformers' own: .003 and .025).
        """
        results: dict[tuple[object, ...], Score | Unscored] = {_key(each): self._refusal(each) for each in rendered}
        shares = self._shares
        for batch, counts in self._ranks.turns(self.batches(rendered), in_step=self._lora.is_split):
            is_stopped = cancelled()
            nll_B_T = [[]] * len(batch) if is_stopped else self._nll(batch, share_contexts=shares)
            for each, nll_T in zip(batch, nll_B_T, strict=True) if counts else ():
                results[_key(each)] = _CANCELLED if is_stopped else _scored(nll_T)
        results |= self._ranks.gathered({key: found for key, found in results.items() if found is not _PENDING})
        return [results[_key(each)] for each in rendered]

    def batches(self, rendered: Sequence[Rendered]) -> list[list[Rendered]]:
        """See `BatchingLearner`."""
        fit = list({_key(each): each for each in rendered if self._refusal(each) is _PENDING}.values())
        return micro_batches(fit, token_budget=self.settings.token_budget, share_contexts=self._shares)

    def step(
        self, batch: Sequence[Rendered], *, learning_rate: float, weights: Sequence[float] | None = None
    ) -> StepResult:
        """See `Learner`; the gradient is gathered over micro-batches of like length."""
        n_tokens = self._n_trainable(batch)
        weight_of = {id(each): 1.0 for each in batch} if weights is None else _by_identity(batch, weights)
        loss_nats = 0.0
        self._optimizer.zero_grad(set_to_none=True)
        self._lora.model.train()
        try:
            shares, n_all = self._shares, sum(map(n_read, batch))
            budget = self._ranks.budget(self.settings.token_budget, n_all)
            plan = micro_batches(batch, token_budget=budget, share_contexts=shares)
            for part, counts in self._ranks.turns(plan, in_step=self._lora.is_split):
                nll_N = self._losses(part, share_contexts=shares)  # the two answers of a pair have one context
                weight_N = [counts * weight_of[id(each)] for each in part for _ in each.target_ids]
                nll_nats = (nll_N * torch.tensor(weight_N, device=nll_N.device)).sum()
                (nll_nats / n_tokens).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
                loss_nats += nll_nats.item()
            loss_nats = self._ranks.add_up(self._lora.parameters.values(), loss_nats)
            gradient_norm = self._gradient_norm()
            if not (math.isfinite(loss_nats) and math.isfinite(gradient_norm)):
                raise DivergedError(
                    f"training stopped: loss {loss_nats / n_tokens:g}, gradient {gradient_norm:g}; "
                    "the weights are as before this step: lower the learning rate or look at the batch"
                )
            self._optimizer.param_groups[0]["lr"] = learning_rate
            self._optimizer.step()
        finally:
            self._lora.model.eval()
            self._optimizer.zero_grad(set_to_none=True)
            self._adapter_digest = ""
        return StepResult(loss_nats=loss_nats, n_tokens=n_tokens, gradient_norm=gradient_norm)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Inside, `score` uses the base weights without the adapter."""
        before, self._is_frozen = self._is_frozen, True
        try:
            with self._lora.without_adapter():
                yield
        finally:
            self._is_frozen = before

    def reset(self, seed: int) -> None:
        """A fresh adapter, optimizer and random state from this seed."""
        random.seed(seed)
        torch.manual_seed(seed)
        self._lora.reset_adapter(seed)
        self._optimizer = self._fresh_optimizer()
        self._adapter_digest = ""

    def save_adapter(self, folder: Path) -> str:
        """Writes a PEFT adapter folder and returns the sha256 of its safetensors file."""
        return state.save_adapter(folder, self._lora)

    def load_adapter(self, folder: Path) -> None:
        """Takes the adapter of a PEFT folder, with a fresh optimizer."""
        state.load_adapter(folder, self._lora)
        self._optimizer = self._fresh_optimizer()
        self._adapter_digest = ""

    def save_state(self, folder: Path) -> None:
        """Writes adapter, optimizer and random state."""
        state.save_state(folder, self._lora, self._optimizer)

    def load_state(self, folder: Path) -> None:
        """Takes back exactly what `save_state` wrote."""
        saved = state.read_state(folder, self._lora)
        self._optimizer = self._fresh_optimizer()
        state.use_state(saved, self._lora, self._optimizer)
        self._adapter_digest = ""

    @property
    def _shares(self) -> bool:
        """Whether sequences with the same context go through the model with one copy of it."""
        return self.settings.share_contexts and self._lora.is_packed

    def _nll(self, batch: Sequence[Rendered], *, share_contexts: bool) -> list[list[float]]:
        with self._lora.reading():
            nll_N = self._losses(batch, share_contexts=share_contexts)
        return [part.tolist() for part in torch.split(nll_N, [len(each.target_ids) for each in batch])]

    def _losses(self, batch: Sequence[Rendered], *, share_contexts: bool) -> Tensor:
        """Nats of all target tokens of the batch, one after another."""
        hidden_M_D = self._lora.target_hidden(batch, share_contexts=share_contexts)
        labels_M = torch.tensor(labels_of(batch), device=hidden_M_D.device)
        return target_nll(hidden_M_D, labels_M, self._lora.head)

    def _refusal(self, rendered: Rendered) -> Unscored:
        if not rendered.target_ids:
            return Unscored(reason=Reason.NO_TARGET)
        if not rendered.context_ids:
            return Unscored(reason=Reason.NO_TARGET, detail="there is nothing before the target to predict it from")
        if n_read(rendered) > self._lora.max_tokens:
            return Unscored(reason=Reason.PROMPT_TOO_LONG, detail=f"{n_read(rendered)} tokens")
        return _PENDING

    def _n_trainable(self, batch: Sequence[Rendered]) -> int:
        """Target tokens of the batch, each item being fit to train on."""
        for rendered in batch:
            refusal = self._refusal(rendered)
            if refusal is not _PENDING:
                raise EngineError(f"cannot train on an example: {refusal.reason.sentence} {refusal.detail}".rstrip())
        if not batch:
            raise EngineError("cannot train on an empty batch; leave the step out")
        return sum(len(rendered.target_ids) for rendered in batch)

    def _gradient_norm(self) -> float:
        """Norm before clipping; clips in place."""
        limit = self.settings.clip_norm or math.inf
        return float(torch.nn.utils.clip_grad_norm_(self._lora.parameters.values(), limit))

    def _fresh_optimizer(self) -> torch.optim.AdamW:
        return torch.optim.AdamW(
            [self._lora.parameters[name] for name in sorted(self._lora.parameters)],
            lr=0.0,
            betas=self.settings.adam_betas,
            eps=self.settings.adam_epsilon,
            weight_decay=self.settings.weight_decay,
            fused=True,
        )


_PENDING = Unscored(reason=Reason.ENGINE, detail="not scored yet")
_CANCELLED = Unscored(reason=Reason.CANCELLED)


def _scored(nll_T: list[float]) -> Score | Unscored:
    if all(math.isfinite(nll) for nll in nll_T):
        return Score(nll_T=tuple(nll_T))
    return Unscored(reason=Reason.NOT_FINITE)


def _by_identity(batch: Sequence[Rendered], weights: Sequence[float]) -> dict[int, float]:
    """A weight for each object of the batch, which may hold equal targets with different weights."""
    if len({id(each) for each in batch}) != len(batch):
        raise EngineError("the same object is in a weighted batch twice; give each place its own")
    return dict(zip(map(id, batch), weights, strict=True))


def _key(rendered: Rendered) -> tuple[object, ...]:
    return rendered.context_ids, rendered.target_ids


def _engine(settings: LearnerSettings) -> Engine:
    """`auto` takes Unsloth on CUDA and PEFT with our own products on a CPU, which is the faster of the two there.

    Tokens a processor-second on the built-in model, 4 sequences of 260-300 tokens, bfloat16, one thread: scoring 924
    against Unsloth's 506, a training step 355 against 208.
    """
    if settings.engine != "auto":
        return settings.engine
    return "unsloth" if torch.cuda.is_available() else "peft"
