"""The values that flow: identity is content, means are derived, absence has a reason."""

import dataclasses
import inspect
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import candidate, scored
from workbench import types
from workbench.types import Poem, Reason, Score, content_id, seed_for, sums

_text = st.text(max_size=20)


@given(a=st.lists(_text, max_size=4), b=st.lists(_text, max_size=4))
def test_ids_are_equal_exactly_when_the_parts_are(a, b):
    assert (content_id(*a) == content_id(*b)) == (a == b)


def test_an_id_is_the_same_on_every_machine():
    assert content_id("a", "b") == "3c9d591045bc8876"  # sha256sum of both, each behind its length in 8 bytes
    assert content_id() == "e3b0c44298fc1c14"  # of nothing
    assert len(content_id("\ud800")) == 16


def test_seeds_fit_31_bits_and_differ_by_what_they_are_for():
    seeds = {seed_for(42, "describe", str(n)) for n in range(500)}
    assert len(seeds) == 500
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert seed_for(42, "a") != seed_for(43, "a")


def test_a_poem_is_itself_whatever_its_accents_and_trailing_white_space():
    poem = Poem(title="Café", text="a\nb")
    assert poem.id == Poem(title="Cafe\u0301 ", text="a\nb\n\n", author="x", form="ode").id
    assert poem.id != Poem(title="Café", text="a\n b").id
    assert Poem(title="ab", text="c").id != Poem(title="a", text="bc").id


def test_every_value_is_frozen_and_named():
    values = [cls for _, cls in inspect.getmembers(types, dataclasses.is_dataclass) if cls.__module__ == types.__name__]
    assert len(values) > 15
    for cls in values:
        assert cls.__dataclass_params__.frozen
        assert hasattr(cls, "__slots__")
        assert all(field.kw_only for field in dataclasses.fields(cls))


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_one_sentence(reason):
    assert reason.sentence
    assert "\n" not in reason.sentence


@given(nll_T=st.lists(st.floats(0, 50), min_size=1, max_size=20))
def test_a_score_keeps_sums_and_derives_means(nll_T):
    score = Score(nll_T=tuple(nll_T))
    assert score.nll_nats == math.fsum(nll_T)
    assert score.mean_nats * score.n_tokens == pytest.approx(score.nll_nats)
    assert sums([score, score]) == (pytest.approx(2 * score.nll_nats), 2 * len(nll_T))


def test_gains_by_hand():
    score = scored(
        candidate(Poem(title="a", text="b"), "c"), nll_nats=80.0, baseline_nats=100.0, n_tokens=40, n_guarded=30,
        guarded_gain_nats=6.0, other_gain=0.05,
    )  # fmt: skip
    assert (score.gain, score.guarded_gain, score.specificity) == (0.5, 0.2, pytest.approx(0.15))


def test_gains_of_what_was_not_scored_are_nought_and_not_an_error():
    score = scored(
        candidate(Poem(title="a", text="b"), "c"), n_tokens=0, n_guarded=0, guarded_gain_nats=0.0, other_gain=0
    )
    assert (score.gain, score.guarded_gain, score.specificity) == (0.0, 0.0, 0.0)
