"""The Tinker API as engine: against a server in this process with real weights, and against a real one where there is.

TINKER_TEST=tinker:http://127.0.0.1:8124#FOLDER pytest tests/engines/test_tinker.py -k real
"""

import json
import math
import os

import pytest

pytest.importorskip("tinker", reason="the Tinker SDK is not installed (extra: tinker)")

import tinker
import torch
from tinker import types

from tests.engines.contract_cases import ITEMS, asking
from tests.engines.families import family_checkpoint
from tests.engines.tinker_server import URL, SamplingClient, Trainer, done, served
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.names import EngineName, is_far, parse_engine, tinker_place
from workbench.engines.opening import Engines, open_sampler
from workbench.engines.sources import ModelSettings
from workbench.engines.tinker_api import learner as tinker_learner
from workbench.engines.tinker_api.service import Service
from workbench.errors import ConfigError, DivergedError, EngineError
from workbench.selection.examples import PairLoss, pair_weights
from workbench.types import Completion, Reason, Score, Unscored

RANK = LearnerSettings(lora_rank=4)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return family_checkpoint(tmp_path_factory.mktemp("models") / "tiny", "llama")


@pytest.fixture
def server(checkpoint):
    with served(checkpoint) as own:
        yield own


@pytest.fixture
def engines(server):
    opened = Engines(ModelSettings(source=f"tinker:{URL}#{server.checkpoint}"), RANK, seed=4)
    yield opened
    opened.close()


def test_losses_are_those_of_the_learner_here(engines, checkpoint):
    own = Engines(ModelSettings(source=str(checkpoint)), LearnerSettings(dtype="float32", lora_rank=4), seed=4).learner
    with own.frozen(), engines.learner.frozen():
        for theirs, ours in zip(engines.learner.score(ITEMS), own.score(ITEMS), strict=True):
            assert theirs.nll_T == pytest.approx(ours.nll_T, abs=1e-4)
    first = engines.learner.step(ITEMS, learning_rate=1e-3)
    ours = own.step(ITEMS, learning_rate=1e-3)
    assert (first.loss_nats, first.n_tokens) == (pytest.approx(ours.loss_nats, abs=1e-3), ours.n_tokens)
    assert first.gradient_norm > 0


def test_a_step_sends_the_shift_by_one_and_weights_on_the_target_alone():
    datum = tinker_learner._datum(ITEMS[0], 0.5)
    assert datum.model_input.to_ints() == [40, 41, 42, 43]
    assert datum.loss_fn_inputs["target_tokens"].data == [41, 42, 43, 44]
    assert datum.loss_fn_inputs["weights"].data == [0.0, 0.0, 0.5, 0.5]


def test_weights_of_a_pair_are_what_the_sdk_makes_of_the_pair_loss():
    """`forward_backward_custom` differentiates a loss and sends −dC/dlog p; we send the pair's weights at once."""
    beta, base, now = 0.7, (5.0, 4.0), (3.5, 4.5)
    pair = ITEMS[0], ITEMS[2]
    data = [tinker_learner._datum(each, 1.0) for each in pair]
    logprobs = [torch.full((len(d.model_input.to_ints()),), -nll / len(each.target_ids))
                for d, each, nll in zip(data, pair, now, strict=True)]  # fmt: skip

    def loss(_, logprobs_list):
        chosen, rejected = (lp[-len(each.target_ids) :].sum() for lp, each in zip(logprobs_list, pair, strict=True))
        margin = beta * ((chosen + base[0]) - (rejected + base[1]))
        return -torch.nn.functional.logsigmoid(margin), {}

    outputs = [{"logprobs": types.TensorData.from_torch(each)} for each in logprobs]
    made = tinker.TrainingClient._compute_custom_loss(data, loss, types.ForwardBackwardOutput("", outputs))
    ((chosen, rejected),) = pair_weights(
        [PairLoss(chosen=now[0], rejected=now[1], base_chosen=base[0], base_rejected=base[1])], beta=beta
    )
    for linear, each, weight in zip(made.data, pair, (chosen, rejected), strict=True):
        ours = tinker_learner._datum(each, weight).loss_fn_inputs["weights"].data
        assert linear.loss_fn_inputs["weights"].data == pytest.approx(ours, abs=1e-6)


def test_what_was_learned_samples_after_it_was_saved(engines, tmp_path):
    for _ in range(4):
        engines.learner.step(ITEMS, learning_rate=3e-2)
    digest = engines.learner.save_adapter(tmp_path)
    request = asking("a lamp", temperature=0, n=8)
    before = engines.sampler.sample([request])
    engines.sampler.use_adapter(tmp_path)
    after = engines.sampler.sample([request])
    assert (engines.sampler.adapter_digest, after == before) == (digest, False)
    for name in (f"tinker:{URL}#{engines.checkpoint}+{tmp_path}", str(tmp_path)):
        opened = open_sampler(name)
        assert opened.sample([request]) == after
        assert opened.adapter_digest == digest
        opened.close()


def test_an_untrained_learner_costs_no_place_at_the_server(engines, server, tmp_path):
    engines.learner.score(ITEMS)
    engines.learner.save_state(tmp_path)
    engines.learner.load_state(tmp_path)
    assert server.n_trainers == 0
    assert json.loads((tmp_path / "tinker.json").read_text())["state"] == ""


def test_a_request_that_the_server_refuses_is_a_value(engines, server):
    server.most_tokens = 100
    long, short = asking("lamp " * 300), asking("a lamp")
    failed, done_ = engines.sampler.sample([long, short])
    assert (failed.reason, "too long for this server" in failed.detail) == (Reason.ENGINE, True)
    assert isinstance(done_, Completion)


def test_a_server_that_cannot_be_reached_is_one_line(engines, monkeypatch):
    import httpx

    def gone(*_):
        raise tinker.APIConnectionError(request=httpx.Request("POST", URL))

    monkeypatch.setattr(SamplingClient, "sample", gone)
    with pytest.raises(EngineError, match=rf"at {URL}: Connection error"):
        engines.sampler.sample([asking("a lamp")])


def test_an_older_server_without_the_first_token_is_read_from_the_end(engines, monkeypatch):
    with engines.learner.frozen():
        expected = engines.learner.score(ITEMS)
    whole = SamplingClient.compute_logprobs
    monkeypatch.setattr(SamplingClient, "compute_logprobs", lambda self, prompt: done(whole(self, prompt).result()[1:]))
    with engines.learner.frozen():
        assert engines.learner.score(ITEMS) == expected
    monkeypatch.setattr(SamplingClient, "compute_logprobs", lambda self, prompt: done([-1.0]))
    with engines.learner.frozen():
        assert [type(each) for each in engines.learner.score(ITEMS)] == [Unscored, Score, Unscored]


def test_a_loss_that_is_not_finite_stops_and_a_checkpoint_goes_on(engines, monkeypatch, tmp_path):
    engines.learner.step(ITEMS, learning_rate=1e-2)
    engines.learner.save_state(tmp_path)
    broken = [{"logprobs": types.TensorData(data=[math.nan] * 4, dtype="float32", shape=[4])}] * len(ITEMS)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "forward_backward", lambda *_: done(types.ForwardBackwardOutput("", broken)))
        with pytest.raises(DivergedError, match="weights are as before"):
            engines.learner.step(ITEMS, learning_rate=1e-2)
    with pytest.raises(EngineError, match="load a checkpoint"):
        engines.learner.step(ITEMS, learning_rate=1e-2)
    engines.learner.load_state(tmp_path)
    assert math.isfinite(engines.learner.step(ITEMS, learning_rate=1e-2).loss_nats)


def test_what_was_learned_on_another_model_is_refused_by_name(engines, tmp_path):
    engines.learner.save_adapter(tmp_path)
    saved = json.loads((tmp_path / "tinker.json").read_text())
    (tmp_path / "tinker.json").write_text(json.dumps(saved | {"base": "other"}))
    with pytest.raises(EngineError, match=f"{tmp_path}: learned at another server"):
        engines.sampler.use_adapter(tmp_path)
    with pytest.raises(EngineError, match=f"{tmp_path}: its weights are at a Tinker server"):
        open_sampler(f"transformers:{engines.checkpoint}+{tmp_path}").sample([asking("a lamp")])


@pytest.mark.parametrize(
    ("setting", "named"),
    [({"lora_alpha": 8.0}, "alpha"), ({"load_in_4bit": True}, "4bit"), ({"target_modules": ("q_proj",)}, "modules")],
)
def test_a_setting_that_would_do_nothing_is_refused(server, setting, named):
    engines = Engines(ModelSettings(source=f"tinker:{URL}#{server.checkpoint}"), LearnerSettings(**setting), seed=4)
    with pytest.raises(ConfigError, match=named):
        _ = engines.learner


def test_a_server_elsewhere_wants_a_key_and_costs_money(monkeypatch, tmp_path, checkpoint):
    monkeypatch.setattr("workbench.engines.endpoint.DOTENV", tmp_path / ".env")
    monkeypatch.delenv("TINKER_API_KEY", raising=False)
    with pytest.raises(EngineError, match="set TINKER_API_KEY"):
        Service(parse_engine(f"tinker:{checkpoint}"))
    assert is_far("tinker:https://models.invalid#m")
    assert not is_far(f"tinker:{URL}#m")


@pytest.mark.parametrize("source", ["http://127.0.0.1:8000", "#", "here#m"])
def test_a_name_without_its_parts_says_how_it_is_written(source):
    with pytest.raises(EngineError, match="write tinker:MODEL"):
        tinker_place(EngineName(kind="tinker", source=source))


@pytest.mark.slow
def test_a_real_server_trains_saves_resumes_scores_and_samples(tmp_path, record_property):
    """Fixed shapes, so that a server that compiles does so once."""
    if not (name := os.environ.get("TINKER_TEST")):
        pytest.skip("no Tinker server is named in TINKER_TEST")
    opened = Engines(ModelSettings(source=name), RANK, seed=4)
    learner = opened.learner
    with learner.frozen():
        base = learner.score(ITEMS)
    assert all(isinstance(each, Score) for each in base)
    losses = [learner.step(ITEMS, learning_rate=1e-2).loss_nats for _ in range(2)]
    assert losses[0] == pytest.approx(sum(each.nll_nats for each in base), rel=0.02)
    assert losses[1] < losses[0]
    learner.save_state(tmp_path)
    expected = learner.step(ITEMS, learning_rate=1e-2).loss_nats
    learner.load_state(tmp_path)
    assert learner.step(ITEMS, learning_rate=1e-2).loss_nats == pytest.approx(expected, rel=0.02)
    (tmp_path / "adapter").mkdir()
    learner.save_adapter(tmp_path / "adapter")
    learned = learner.score(ITEMS)
    assert sum(each.nll_nats for each in learned) < sum(each.nll_nats for each in base)
    opened.sampler.use_adapter(tmp_path / "adapter")
    first, again = (opened.sampler.sample([asking("a lamp", n=8)])[0] for _ in range(2))
    assert isinstance(first, Completion), first
    assert first == again
    record_property("base", [round(each.mean_nats, 3) for each in base])
    record_property("steps", losses)
    record_property("learned", [round(each.mean_nats, 3) for each in learned])
    record_property("sampled", first.text)
    opened.close()
