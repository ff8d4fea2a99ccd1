"""The loss is the right one, whatever the batch; a step does what it says or nothing."""

import copy
import dataclasses
import math
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.engines.tiny_models import VOCABULARY, copying_checkpoint, item, tiny_checkpoint, uniform_checkpoint
from workbench.engines.learning.learner import TorchLearner
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.protocols import Learner
from workbench.errors import ConfigError, DivergedError, EngineError
from workbench.types import Reason, Rendered, Score, Unscored

FLOAT32 = LearnerSettings(dtype="float32", lora_rank=4, lora_alpha=8.0, threads=1, engine="peft")
POEM = item("Rain on a roof", "the drops count coins")


def mixed(n: int, *, seed: int = 0) -> list[Rendered]:
    """Items of many lengths, some with the same context."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    contexts = [tuple(rng.randrange(VOCABULARY) for _ in range(rng.randint(1, 160))) for _ in range(max(1, n // 2))]
    targets = [tuple(rng.randrange(VOCABULARY) for _ in range(rng.randint(1, 60))) for _ in range(n)]
    return [item(rng.choice(contexts), target) for target in targets]


def nlls(scores: Sequence[Score | Unscored]) -> list[float]:
    return [nll for score in scores if isinstance(score, Score) for nll in score.nll_T]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoint(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def shared(checkpoint: Path) -> TorchLearner:
    """For tests that leave the weights alone."""
    return trained(TorchLearner(checkpoint, FLOAT32, seed=1))


def trained(learner: TorchLearner) -> TorchLearner:
    """With an adapter that does something."""
    learner.step(mixed(4), learning_rate=0.05)
    return learner


@pytest.fixture
def learner(checkpoint: Path) -> TorchLearner:
    return TorchLearner(checkpoint, FLOAT32, seed=1)


def poisoned(learner: TorchLearner, folder: Path) -> TorchLearner:
    """The learner with one number of its adapter lost."""
    learner.save_adapter(folder)
    path = folder / "adapter_model.safetensors"
    tensors = load_file(path)
    next(iter(tensors.values()))[0, 0] = math.nan
    save_file(tensors, path, metadata={"format": "pt"})
    learner.load_adapter(folder)
    return learner


# ---------------------------------------------------------------- known answers


def test_it_is_a_learner(shared: TorchLearner) -> None:
    assert isinstance(shared, Learner)


def test_a_uniform_model_gives_the_logarithm_of_the_vocabulary(tmp_path: Path) -> None:
    learner = TorchLearner(uniform_checkpoint(tmp_path / "uniform"), FLOAT32, seed=1)
    assert nlls(learner.score([POEM])) == pytest.approx([math.log(VOCABULARY)] * len(POEM.target_ids))


def test_a_model_that_copies_its_input_gets_a_high_loss(tmp_path: Path) -> None:
    learner = TorchLearner(copying_checkpoint(tmp_path / "copying"), FLOAT32, seed=1)
    (score,) = learner.score([item("abc", "defghi")])
    assert isinstance(score, Score)
    assert min(score.nll_T) > math.log(VOCABULARY)


def test_the_copying_model_is_right_where_a_token_repeats(tmp_path: Path) -> None:
    learner = TorchLearner(copying_checkpoint(tmp_path / "copying"), FLOAT32, seed=1)
    (score,) = learner.score([item("abc", "cccc")])
    assert isinstance(score, Score)
    assert max(score.nll_T) < 1e-6


def test_losses_are_those_of_transformers(checkpoint: Path) -> None:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32)
    items = mixed(12)
    expected = []
    for each in items:
        ids = torch.tensor([[*each.context_ids, *each.target_ids]])
        labels = torch.tensor([[*[-100] * len(each.context_ids), *each.target_ids]])
        with torch.inference_mode():
            expected.append(float(model(input_ids=ids, labels=labels).loss))
    scores = TorchLearner(checkpoint, FLOAT32, seed=1).score(items)
    assert [score.mean_nats for score in scores if isinstance(score, Score)] == pytest.approx(expected, abs=1e-5)


# ---------------------------------------------------------------- invariance


def test_the_order_of_the_items_changes_nothing(shared: TorchLearner) -> None:
    items = mixed(10)
    backwards = shared.score(items[::-1])[::-1]
    assert nlls(shared.score(items)) == pytest.approx(nlls(backwards), abs=1e-5)


@pytest.mark.parametrize("budget", [1, 150, 100_000])
def test_the_size_of_a_batch_changes_nothing(checkpoint: Path, shared: TorchLearner, budget: int) -> None:
    other = trained(TorchLearner(checkpoint, FLOAT32, seed=1))
    other.settings = dataclasses.replace(FLOAT32, token_budget=budget)
    assert nlls(other.score(mixed(10))) == pytest.approx(nlls(shared.score(mixed(10))), abs=1e-5)


def test_a_shared_context_gives_the_losses_of_its_own(shared: TorchLearner) -> None:
    family = [item("Rain on a roof", target) for target in ("drip", "the gutter sings", "o")]
    alone = [score for each in family for score in shared.score([each])]
    assert nlls(shared.score(family)) == pytest.approx(nlls(alone), abs=1e-5)


def test_equal_items_get_equal_scores(shared: TorchLearner) -> None:
    first, _, second = shared.score([POEM, item("x", "yz"), copy.deepcopy(POEM)])
    assert first == second


def test_the_input_is_left_alone(shared: TorchLearner) -> None:
    items = mixed(5)
    before = copy.deepcopy(items)
    shared.score(items)
    assert items == before


def test_rows_longer_than_a_block_of_attention_agree_with_the_model(checkpoint: Path) -> None:
    long = [item(tuple(i % VOCABULARY for i in range(300)), tuple(i * 7 % VOCABULARY for i in range(200))), POEM]
    plain = TorchLearner(checkpoint, dataclasses.replace(FLOAT32, own_attention=False), seed=1)
    fast = TorchLearner(checkpoint, FLOAT32, seed=1)
    assert nlls(fast.score(long)) == pytest.approx(nlls(plain.score(long)), abs=1e-4)


# ---------------------------------------------------------------- what cannot be scored


def test_an_empty_target_is_a_value_with_a_reason(shared: TorchLearner) -> None:
    empty, fine = shared.score([item("abc", ""), POEM])
    assert empty == Unscored(reason=Reason.NO_TARGET)
    assert isinstance(fine, Score)


def test_a_target_that_follows_nothing_cannot_be_scored(shared: TorchLearner) -> None:
    (result,) = shared.score([item("", "abc")])
    assert isinstance(result, Unscored)


def test_what_does_not_fit_the_model_is_not_cut(shared: TorchLearner) -> None:
    (result,) = shared.score([item((1,) * 600, (2,))])
    assert isinstance(result, Unscored)
    assert result.reason is Reason.PROMPT_TOO_LONG


def test_a_loss_that_is_not_finite_is_no_score(learner: TorchLearner, tmp_path: Path) -> None:
    assert poisoned(learner, tmp_path).score([POEM]) == [Unscored(reason=Reason.NOT_FINITE)]


def test_a_stop_leaves_the_rest_unscored(shared: TorchLearner) -> None:
    assert shared.score([POEM], cancelled=lambda: True) == [Unscored(reason=Reason.CANCELLED)]


def test_nothing_is_scored_as_nothing(shared: TorchLearner) -> None:
    assert shared.score([]) == []


# ---------------------------------------------------------------- training


def test_training_on_a_text_lowers_its_loss(learner: TorchLearner) -> None:
    losses = [learner.step([POEM], learning_rate=0.02).loss_nats for _ in range(8)]
    assert losses[-1] < 0.8 * losses[0]


def test_the_loss_of_a_step_is_the_sum_of_its_scores(learner: TorchLearner) -> None:
    items = mixed(6)
    expected = math.fsum(nlls(learner.score(items)))
    assert learner.step(items, learning_rate=1e-3).loss_nats == pytest.approx(expected, rel=1e-5)


def test_how_a_batch_is_split_changes_the_gradient_by_rounding_only(checkpoint: Path) -> None:
    whole = TorchLearner(checkpoint, FLOAT32, seed=1).step(mixed(8), learning_rate=0.01)
    split_up = dataclasses.replace(FLOAT32, token_budget=1)
    parts = TorchLearner(checkpoint, split_up, seed=1).step(mixed(8), learning_rate=0.01)
    assert parts.gradient_norm == pytest.approx(whole.gradient_norm, rel=1e-4)


def test_the_gradient_is_that_of_peft_and_transformers(checkpoint: Path) -> None:
    """Dropout of almost nothing makes the learner use PEFT's own layers; attention is the model's own."""
    plain = dataclasses.replace(FLOAT32, lora_dropout=1e-9, own_attention=False)
    reference = TorchLearner(checkpoint, plain, seed=1)
    ours = TorchLearner(checkpoint, FLOAT32, seed=1)
    for step in range(3):
        expected = reference.step(mixed(6, seed=step), learning_rate=0.01)
        got = ours.step(mixed(6, seed=step), learning_rate=0.01)
        assert got.gradient_norm == pytest.approx(expected.gradient_norm, rel=1e-3)
        assert got.loss_nats == pytest.approx(expected.loss_nats, rel=1e-5)


def test_gradient_checkpointing_changes_no_gradient(checkpoint: Path) -> None:
    plain = TorchLearner(checkpoint, FLOAT32, seed=1).step(mixed(6), learning_rate=0.01)
    saving = dataclasses.replace(FLOAT32, gradient_checkpointing=True)
    assert TorchLearner(checkpoint, saving, seed=1).step(mixed(6), learning_rate=0.01) == plain


def test_only_the_adapter_is_trained(learner: TorchLearner) -> None:
    with learner.frozen():
        before = learner.score([POEM])
    trained(learner)
    with learner.frozen():
        assert learner.score([POEM]) == before
    assert learner.score([POEM]) != before


def test_a_frozen_learner_has_no_adapter_digest(shared: TorchLearner) -> None:
    with shared.frozen():
        assert shared.adapter_digest == ""
    assert shared.adapter_digest != ""


def test_a_fresh_adapter_changes_nothing_yet(learner: TorchLearner) -> None:
    with learner.frozen():
        base = learner.score([POEM])
    assert learner.score([POEM]) == base


def test_the_same_seed_gives_the_same_bytes(checkpoint: Path) -> None:
    digests = {trained(TorchLearner(checkpoint, FLOAT32, seed=3)).adapter_digest for _ in range(2)}
    assert len(digests) == 1


def test_a_reset_learner_is_a_new_one(checkpoint: Path, learner: TorchLearner) -> None:
    trained(learner).reset(5)
    assert trained(learner).adapter_digest == trained(TorchLearner(checkpoint, FLOAT32, seed=5)).adapter_digest


def test_a_diverging_step_leaves_the_weights_as_they_were(learner: TorchLearner, tmp_path: Path) -> None:
    poisoned(learner, tmp_path)
    before = learner.adapter_digest
    with pytest.raises(DivergedError, match="as before this step"):
        learner.step([POEM], learning_rate=0.01)
    assert learner.adapter_digest == before


def test_an_absurd_learning_rate_is_noticed_at_the_next_step(learner: TorchLearner) -> None:
    learner.step([POEM], learning_rate=1e30)
    with pytest.raises(DivergedError):
        learner.step([POEM], learning_rate=1e30)


@pytest.mark.parametrize("batch", [[], [item("abc", "")], [item((1,) * 600, (2,))]])
def test_what_cannot_be_trained_on_is_refused(learner: TorchLearner, batch: list[Rendered]) -> None:
    with pytest.raises(EngineError, match="cannot train"):
        learner.step(batch, learning_rate=0.01)


def test_a_folder_without_a_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="prepare or fetch the model"):
        TorchLearner(tmp_path, FLOAT32, seed=1)


def test_an_unknown_number_format_is_named(checkpoint: Path) -> None:
    with pytest.raises(ConfigError, match="float8"):
        TorchLearner(checkpoint, dataclasses.replace(FLOAT32, dtype="float8"), seed=1)  # type: ignore[arg-type]  # on purpose
