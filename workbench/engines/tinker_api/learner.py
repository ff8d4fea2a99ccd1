"""A model at a Tinker server as learner: scores by `compute_logprobs`, steps by `forward_backward` and `optim_step`.

    Datum     model_input = tokens without the last, target_tokens = tokens without the first (the shift by one),
              weights = 0 on the context, weight / T on the target, T being all target tokens of the step
    loss      the server's cross_entropy, which sums weight · −log p
    pairs     their weights on the same loss. A loss of one's own, C, goes to a server as −dC/dlog p in place of the
              weights (so `forward_backward_custom` of the SDK); for our pair loss those are the weights that
              `selection.examples.pair_weights` has, so one forward pass of theirs is saved
    scores    under the base and under what was learned by the same kind of client, so that both are of one engine

The weights cannot be seen from here. The digest of what was learned is that of its history: seed, settings and every
step, and so the same after a resume. That a server repeats itself to the byte is not promised.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from itertools import islice
from pathlib import Path
from typing import Any

from workbench.engines.base_model import BaseModel
from workbench.engines.drawn_text import longest
from workbench.engines.learning.settings import PROJECTIONS, LearnerSettings
from workbench.engines.protocols import Cancelled, never
from workbench.engines.tinker_api.sampler import DEFAULT_CONTEXT, UNDER_WAY
from workbench.engines.tinker_api.service import Saved, Service
from workbench.errors import ConfigError, DivergedError, EngineError
from workbench.types import Failed, Reason, Rendered, Score, StepResult, Unscored, content_id

_ATTENTION, _MLP = frozenset(PROJECTIONS[:4]), frozenset(PROJECTIONS[4:])
_FOLLOWED = {"lora_rank", "target_modules", "adam_betas", "adam_epsilon", "weight_decay", "clip_norm", "token_budget",
             "threads"}  # fmt: skip  # the last is of this machine, where nothing is computed
_CANCELLED = Unscored(reason=Reason.CANCELLED)


class TinkerLearner:
    """Implements `BatchingLearner`; a client that trains is made with the first step.

    Args:
        service: the server and its model.
        base: the model's configuration, as it is here.
        settings: those that the API has; another one that is set is refused.
        seed: of the fresh adapter.

    Attributes:
        digest: of the server and its model.

    Raises:
        ConfigError: a setting would do nothing there.
    """

    def __init__(self, service: Service, base: BaseModel, settings: LearnerSettings, *, seed: int) -> None:
        self.digest, self.settings = service.digest, settings
        self._service, self._shape = service, _shape(settings)
        self._longest = longest(base.checkpoint, DEFAULT_CONTEXT)
        self._is_frozen = False
        self._base: Any = None  # client that scores as the base
        self._client: Any = None  # client that trains
        self._learned: tuple[Any, str] | None = None  # client that scores as learned, and the digest of its weights
        self._begun_at = self._now = Saved(base="", digest="", seed=seed)
        self._with_optimizer, self._n_steps, self._is_lost = True, 0, False
        self.reset(seed)

    @property
    def adapter_digest(self) -> str:
        """Of the history of the present weights; "" inside `frozen`."""
        return "" if self._is_frozen else self._now.digest

    def score(self, rendered: Sequence[Rendered], *, cancelled: Cancelled = never) -> list[Score | Unscored]:
        """See `Scorer`; equal items are scored once."""
        results: dict[Any, Score | Unscored] = {_key(each): self._refusal(each) or _CANCELLED for each in rendered}
        left = iter({_key(each): each for each in rendered if results[_key(each)] is _CANCELLED}.values())
        while some := list(islice(left, UNDER_WAY)):
            if cancelled():
                break
            client = self._scoring()
            asked = [(each, self._asked(client, each)) for each in some]
            results |= {_key(each): self._scored(client, each, future) for each, future in asked}
        return [results[_key(each)] for each in rendered]

    def batches(self, rendered: Sequence[Rendered]) -> list[list[Rendered]]:
        """See `BatchingLearner`."""
        from workbench.engines.learning.packing import micro_batches

        fit = list({_key(each): each for each in rendered if not self._refusal(each)}.values())
        return micro_batches(fit, token_budget=self.settings.token_budget, share_contexts=True)

    def step(
        self, batch: Sequence[Rendered], *, learning_rate: float, weights: Sequence[float] | None = None
    ) -> StepResult:
        """See `Learner`; there is no norm of the gradient where the server does not say it."""
        from tinker import types

        n_tokens = self._n_trainable(batch)
        weight_B = [1.0] * len(batch) if weights is None else list(weights)
        data = [_datum(each, weight / n_tokens) for each, weight in zip(batch, weight_B, strict=True)]
        client = self._training()
        output = self._service.wait(lambda: client.forward_backward(data, "cross_entropy"))
        nll_B = [_target_nll(each, found) for each, found in zip(batch, output.loss_fn_outputs, strict=True)]
        loss_nats = math.fsum(weight * nll for weight, nll in zip(weight_B, nll_B, strict=True))
        if not math.isfinite(loss_nats):
            self._client = None  # the gradient lies at the server and would go into the next step
            self._is_lost = True
            raise DivergedError(
                f"training stopped: loss {loss_nats / n_tokens:g}; the weights are as before this step: resume from "
                "the last checkpoint with a lower learning rate, or look at the batch"
            )
        adam = self._adam(types, learning_rate)
        done = self._service.wait(lambda: client.optim_step(adam))
        told = [(each.context_ids, each.target_ids, weight) for each, weight in zip(batch, weight_B, strict=True)]
        digest = content_id(self._now.digest, repr(learning_rate), repr(told))
        self._now = replace(self._now, digest=digest, state="", sampler="")
        self._n_steps += 1
        return StepResult(loss_nats=loss_nats, n_tokens=n_tokens, gradient_norm=_norm(done))

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Inside, `score` uses the base weights."""
        before, self._is_frozen = self._is_frozen, True
        try:
            yield
        finally:
            self._is_frozen = before

    def reset(self, seed: int) -> None:
        """A fresh adapter and optimizer; the server learns of it with the first step."""
        digest = content_id("tinker adapter", self.digest, str(seed), repr(self._shape), repr(self.settings))
        self._begin(Saved(base=self.digest, digest=digest, seed=seed))

    def save_adapter(self, folder: Path) -> str:
        """Saves at the server what samples and what trains on, and writes their paths; returns the digest."""
        self._save(sampler=True)
        self._service.write(folder, self._now, rank=self.settings.lora_rank)
        return self._now.digest

    def load_adapter(self, folder: Path) -> None:
        """Takes the weights of a folder that `save_adapter` wrote, with a fresh optimizer."""
        self._begin(self._service.read(folder), with_optimizer=False)

    def save_state(self, folder: Path) -> None:
        """Saves weights and optimizer at the server, and writes their path."""
        self._save(sampler=False)
        self._service.write(folder, self._now, rank=self.settings.lora_rank)

    def load_state(self, folder: Path) -> None:
        """Takes back what `save_state` saved."""
        self._begin(self._service.read(folder))

    # ------------------------------------------------------------ private

    def _begin(self, saved: Saved, *, with_optimizer: bool = True) -> None:
        self._begun_at = self._now = saved
        self._with_optimizer, self._n_steps, self._is_lost = with_optimizer, 0, False
        self._client = self._learned = None

    def _training(self) -> Any:
        if self._is_lost:
            raise EngineError("training has diverged; load a checkpoint or begin again before the next step")
        if self._client is None:
            path = self._begun_at.state
            if path:
                self._client = self._service.again(path, with_optimizer=self._with_optimizer)
            else:
                self._client = self._service.fresh(**self._shape, seed=self._begun_at.seed)
        return self._client

    def _save(self, *, sampler: bool) -> None:
        """Whatever is not yet saved of the present weights; of an untrained adapter there is nothing to save."""
        if not self._n_steps and not self._begun_at.state:
            return
        name, client = self._now.digest, self._training()
        if not self._now.state:
            self._now = replace(self._now, state=self._service.wait(lambda: client.save_state(name)).path)
        if sampler and not self._now.sampler:
            found = self._service.wait(lambda: client.save_weights_for_sampler(name))
            self._now = replace(self._now, sampler=found.path)

    def _scoring(self) -> Any:
        """The client that scores under the present weights; an untrained adapter changes nothing."""
        if self._is_frozen or not (self._n_steps or self._begun_at.state):
            self._base = self._base or self._service.sampling()
            return self._base
        if self._learned is None or self._learned[1] != self._now.digest:
            self._save(sampler=True)
            self._learned = self._service.sampling(self._now.sampler), self._now.digest
        return self._learned[0]

    def _asked(self, client: Any, rendered: Rendered) -> Any:
        from tinker import types

        prompt = types.ModelInput.from_ints([*rendered.context_ids, *rendered.target_ids])
        last = {"prompt_logprobs_last_n": len(rendered.target_ids)}  # the context is then read once for all its targets
        named = last if self._service.takes(client.compute_logprobs, *last) else {}
        return self._service.begun(lambda: client.compute_logprobs(prompt, **named))

    def _scored(self, client: Any, rendered: Rendered, future: Any) -> Score | Unscored:
        """Aligned from the end: some servers leave out the first token, of which there is no probability."""
        found = self._service.result(lambda: future)
        if isinstance(found, Failed):
            return Unscored(reason=found.reason, detail=found.detail)
        logprobs_T = list(found)[-len(rendered.target_ids) :]
        if len(logprobs_T) < len(rendered.target_ids) or None in logprobs_T:
            return Unscored(reason=Reason.ENGINE, detail="the server gave fewer log-probabilities than the target has")
        nll_T = tuple(-float(value) for value in logprobs_T)
        return Score(nll_T=nll_T) if all(map(math.isfinite, nll_T)) else Unscored(reason=Reason.NOT_FINITE)

    def _refusal(self, rendered: Rendered) -> Unscored | None:
        if not rendered.target_ids:
            return Unscored(reason=Reason.NO_TARGET)
        if not rendered.context_ids:
            return Unscored(reason=Reason.NO_TARGET, detail="there is nothing before the target to predict it from")
        n_read = len(rendered.context_ids) + len(rendered.target_ids)
        if n_read > self._longest:
            return Unscored(reason=Reason.PROMPT_TOO_LONG, detail=f"{n_read} tokens")
        return None

    def _n_trainable(self, batch: Sequence[Rendered]) -> int:
        for refusal in filter(None, map(self._refusal, batch)):
            raise EngineError(f"cannot train on an example: {refusal.reason.sentence} {refusal.detail}".rstrip())
        if not batch:
            raise EngineError("cannot train on an empty batch; leave the step out")
        return sum(len(rendered.target_ids) for rendered in batch)

    def _adam(self, types: Any, learning_rate: float) -> Any:
        beta1, beta2 = self.settings.adam_betas
        return types.AdamParams(
            learning_rate=learning_rate, beta1=beta1, beta2=beta2, eps=self.settings.adam_epsilon,
            weight_decay=self.settings.weight_decay, grad_clip_norm=self.settings.clip_norm,
        )  # fmt: skip


def _shape(settings: LearnerSettings) -> dict[str, Any]:
    """The adapter as the API describes it.

    Raises:
        ConfigError: a setting that it has no word for.
    """
    usual = LearnerSettings()
    for name in (each.name for each in fields(settings)):
        if name not in _FOLLOWED and getattr(settings, name) != getattr(usual, name):
            raise ConfigError(f"learner.{name}={getattr(settings, name)}: does nothing at Tinker; leave it out")
    modules = frozenset(settings.target_modules)
    for part in (_ATTENTION, _MLP):
        if modules & part not in (frozenset(), part):
            raise ConfigError(f"learner.target_modules: at a Tinker server all or none of {', '.join(sorted(part))}")
    return {"rank": settings.lora_rank, "train_attn": bool(modules & _ATTENTION), "train_mlp": bool(modules & _MLP),
            "train_unembed": False}  # fmt: skip


def _datum(rendered: Rendered, weight: float) -> Any:
    from tinker import types

    ids, n_context = [*rendered.context_ids, *rendered.target_ids], len(rendered.context_ids)
    weights = [0.0] * (n_context - 1) + [weight] * len(rendered.target_ids)
    return types.Datum(
        model_input=types.ModelInput.from_ints(ids[:-1]),
        loss_fn_inputs={
            "target_tokens": types.TensorData(data=ids[1:], dtype="int64", shape=[len(ids) - 1]),
            "weights": types.TensorData(data=weights, dtype="float32", shape=[len(weights)]),
        },
    )


def _target_nll(rendered: Rendered, output: Any) -> float:
    """Nats of the target's tokens, of those that the server gives for the whole sequence."""
    return -math.fsum(output["logprobs"].data[-len(rendered.target_ids) :])


def _norm(done: Any) -> float | None:
    """Of the whole gradient before clipping, where a server says it under a name that holds `grad_norm`."""
    metrics = getattr(done, "metrics", None) or {}
    return next((float(value) for name, value in metrics.items() if "grad_norm" in name), None)


def _key(rendered: Rendered) -> tuple[object, ...]:
    return rendered.context_ids, rendered.target_ids
