"""A Tinker server behind the Python surface of its SDK, with real weights: our own torch learner and sampler.

    with served(checkpoint) as server: …        `tinker.ServiceClient` is this server's for as long

Types, futures and errors are the SDK's own; only what it would send over HTTP is computed here. Losses are those of a
model that reads and learns, by another path than the engine's (weights and optimizer of `torch.optim`, one sequence at
a time), so that a wrong shift, weight or sign shows.
"""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import tinker
import torch
from tinker import types

URL = "http://127.0.0.1:9"


def done(value: Any) -> Future:
    future: Future = Future()
    future.set_result(value)
    return future


def refused(reason: str) -> Future:
    import httpx

    future: Future = Future()
    response = httpx.Response(400, request=httpx.Request("POST", URL))
    future.set_exception(tinker.BadRequestError(reason, response=response, body=None))
    return future


class Server:
    """What lies at the server: one base, and what was saved under a path."""

    def __init__(self, checkpoint: Path) -> None:
        self.checkpoint, self._base = checkpoint, None
        self.saved: dict[str, dict[str, Any]] = {}
        self.clients: list[Client] = []
        self.n_trainers = self.n_closed = 0
        self.most_tokens = 1024

    def model(self, rank: int = 4, seed: int | None = 0) -> Any:
        """A model with a fresh adapter on all projections."""
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM

        torch.manual_seed(seed or 0)
        if self._base is None:
            self._base = AutoModelForCausalLM.from_pretrained(self.checkpoint, dtype=torch.float32)
        return get_peft_model(
            deepcopy(self._base), LoraConfig(r=rank, lora_alpha=32, target_modules="all-linear")
        ).eval()

    def client(self, **settings: Any) -> "Client":
        self.clients.append(Client(self, **settings))
        return self.clients[-1]


class Client:
    """`tinker.ServiceClient`."""

    def __init__(self, server: Server, base_url: str | None = None, api_key: str | None = None) -> None:
        assert base_url == URL
        assert str(api_key).startswith("tml-")
        self.server = server

    def create_lora_training_client(
        self, base_model: str, rank: int = 32, seed: int | None = None,
        train_mlp: bool = True, train_attn: bool = True, train_unembed: bool = True,
    ) -> Any:  # fmt: skip
        assert base_model == str(self.server.checkpoint)
        assert (train_mlp, train_attn, train_unembed) == (True, True, False)
        return done(Trainer(self.server, self.server.model(rank, seed)))

    def create_training_client_from_state(self, path: str) -> Any:
        saved = self.server.saved[path]
        trainer = Trainer(self.server, self.server.model(saved["rank"]))
        trainer.model.load_state_dict(saved["weights"])
        return done(trainer)

    def create_training_client_from_state_with_optimizer(self, path: str) -> Any:
        trainer = self.create_training_client_from_state(path).result()
        trainer.adam.load_state_dict(self.server.saved[path]["adam"])
        return done(trainer)

    def create_sampling_client(self, model_path: str | None = None, base_model: str | None = None) -> Any:
        saved = self.server.saved[model_path] if model_path else None
        model = self.server.model(saved["rank"] if saved else 4)
        if saved:
            model.load_state_dict(saved["weights"])
        return done(SamplingClient(self.server, model))

    def close(self, status: str) -> Any:
        assert status == "success"
        self.server.n_closed += 1
        return done(None)


class Trainer:
    """`tinker.TrainingClient`."""

    def __init__(self, server: Server, model: Any) -> None:
        server.n_trainers += 1
        self.server, self.model, self._number = server, model, server.n_trainers
        self._parameters = [each for each in model.parameters() if each.requires_grad]
        self.adam = torch.optim.AdamW(self._parameters, lr=0.0)

    def forward_backward(self, data: list[types.Datum], loss_fn: str) -> Any:
        assert loss_fn == "cross_entropy"
        outputs, total = [], 0.0
        for datum in data:
            logprobs_N = logprobs(self.model, datum.model_input.to_ints(), datum.loss_fn_inputs["target_tokens"].data)
            loss = -(logprobs_N * torch.tensor(datum.loss_fn_inputs["weights"].data)).sum()
            loss.backward()
            total += loss.item()
            outputs.append({"logprobs": types.TensorData.from_torch(logprobs_N.detach())})
        return done(types.ForwardBackwardOutput("ArrayRecord", outputs, {"loss:sum": total}))

    def optim_step(self, adam: types.AdamParams) -> Any:
        group = self.adam.param_groups[0]
        group |= {"lr": adam.learning_rate, "betas": (adam.beta1, adam.beta2), "eps": adam.eps,
                  "weight_decay": adam.weight_decay}  # fmt: skip
        norm = torch.nn.utils.clip_grad_norm_(self._parameters, adam.grad_clip_norm or float("inf"))
        self.adam.step()
        self.adam.zero_grad()
        return done(types.OptimStepResponse(metrics={"grad_norm": float(norm)}))

    def save_state(self, name: str) -> Any:
        return done(types.SaveWeightsResponse(path=self._save("weights", name)))

    def save_weights_for_sampler(self, name: str) -> Any:
        return done(types.SaveWeightsForSamplerResponse(path=self._save("sampler_weights", name)))

    def _save(self, kind: str, name: str) -> str:
        path = f"tinker://run-{self._number}/{kind}/{name}"
        assert path not in self.server.saved, "a name is taken once"
        weights = {name: value.clone() for name, value in self.model.state_dict().items()}
        adam = torch.optim.AdamW(self._parameters, lr=0.0)
        adam.load_state_dict(self.adam.state_dict())
        state = {key: {k: v.clone() for k, v in each.items()} for key, each in adam.state_dict()["state"].items()}
        rank = self.model.peft_config["default"].r
        self.server.saved[path] = {"weights": weights, "adam": adam.state_dict() | {"state": state}, "rank": rank}
        return path


class SamplingClient:
    """`tinker.SamplingClient`."""

    def __init__(self, server: Server, model: Any) -> None:
        self.server, self.model = server, model

    def sample(self, prompt: types.ModelInput, num_samples: int, sampling_params: types.SamplingParams) -> Any:
        ids, drawn, asked = prompt.to_ints(), [], sampling_params
        if len(ids) > self.server.most_tokens:
            return refused("the prompt is too long for this server")
        generator, read, memory = torch.Generator().manual_seed(asked.seed), ids, None
        while len(drawn) < asked.max_tokens:
            with torch.inference_mode():
                output = self.model(torch.tensor([read]), past_key_values=memory, use_cache=True, logits_to_keep=1)
            logits_V, memory = output.logits[0, -1], output.past_key_values
            if asked.temperature:
                best_K, ids_K = (logits_V / asked.temperature).topk(asked.top_k if asked.top_k > 0 else len(logits_V))
                token = int(ids_K[torch.multinomial(best_K.softmax(-1), 1, generator=generator)])
            else:
                token = int(logits_V.argmax())
            drawn.append(token)
            read = [token]
            if token in asked.stop:
                break
        reason = "stop" if drawn[-1] in asked.stop else "length"
        sequence = types.SampledSequence(stop_reason=reason, sequence_id="s", _tokens_list=drawn)
        return done(types.SampleResponse(sequences=[sequence] * num_samples))

    def compute_logprobs(self, prompt: types.ModelInput, prompt_logprobs_last_n: int | None = None) -> Any:
        ids = prompt.to_ints()
        with torch.inference_mode():
            all_N = [None, *logprobs(self.model, ids[:-1], ids[1:]).tolist()]
        n = prompt_logprobs_last_n or len(ids) - 1
        return done([None] * (len(ids) - n) + all_N[-n:])


def logprobs(model: Any, read: list[int], expected: list[int]) -> torch.Tensor:
    """Log-probability of each expected token after what was read up to its place."""
    logits_N_V = model(torch.tensor([read])).logits[0]
    return logits_N_V.log_softmax(-1).gather(1, torch.tensor(expected).unsqueeze(1)).squeeze(1)


@contextmanager
def served(checkpoint: Path) -> Iterator[Server]:
    """Stands in for `tinker.ServiceClient`."""
    server = Server(checkpoint)
    torch.set_num_threads(1)  # for so small a model a second one only waits
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tinker, "ServiceClient", server.client)
        yield server
