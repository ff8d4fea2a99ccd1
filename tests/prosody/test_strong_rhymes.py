"""Which poems rhyme strongly enough to teach rhyme."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.prosody.strong_rhymes import Weakness, strong_rhyme, strong_rhymes

STRONG = """The cat is on the wall
and will not come at all.
The rain is on the way.
I think that she will stay
and watch the gutter run
until the storm is done."""


def reasons(text: str) -> set[Weakness]:
    return {rejection.weakness for rejection in strong_rhyme(text).rejections}


def test_six_lines_in_full_couplets_are_strong() -> None:
    found = strong_rhyme(STRONG)
    assert found.is_strong
    assert (found.strict_density, found.n_perfect_pairs) == (1.0, 3)


def test_four_lines_are_too_few_and_have_too_few_rhymes() -> None:
    assert reasons("\n".join(STRONG.split("\n")[:4])) == {Weakness.TOO_SHORT, Weakness.FEW_PAIRS}


def test_repeated_words_are_no_rhymes() -> None:
    text = "\n".join(f"The cat is near the {word}" for word in ["wall", "wall", "day", "day", "sun", "sun"])
    assert {Weakness.TOO_LOOSE, Weakness.FEW_PAIRS} <= reasons(text)


def test_slant_rhymes_are_no_full_rhymes() -> None:
    text = "\n".join(f"The cat is near the {word}" for word in ["stone", "gone", "home", "come", "line", "time"])
    assert Weakness.TOO_LOOSE in reasons(text)


def test_one_loose_line_in_seven_is_allowed_and_two_are_not() -> None:
    one = f"{STRONG}\nAnd that was that, said Wolf."
    assert strong_rhyme(one).is_strong
    assert reasons(f"{one}\nThen came the silver month.") == {Weakness.TOO_LOOSE}


def test_lines_that_all_end_apart_are_told_that_no_letter_returns() -> None:
    text = "\n".join(f"The cat is near the {word}" for word in ["wolf", "month", "silver", "depth", "bulb", "orange"])
    assert Weakness.NO_LETTER_RETURNS in reasons(text)


def test_rhymes_on_guessed_words_alone_are_not_trusted() -> None:
    words = ["blorfane", "snarfane", "drimble", "plimble", "gromple", "fromple"]
    found = strong_rhyme("\n".join(f"The cat is near the {word}" for word in words))
    assert not found.is_strong


def test_another_language_is_rejected_as_such() -> None:
    assert reasons("Дождь уснул.\nИ снег уснул.") == {Weakness.UNSUPPORTED}


def test_many_poems_come_back_in_order_as_plain_json() -> None:
    found = list(strong_rhymes([("one", STRONG), ("two", "x")]))
    assert [one.title for one in found] == ["one", "two"]
    assert json.loads(json.dumps(found[1].to_dict()))["is_strong"] is False


@pytest.mark.parametrize("text", ["", "\n\n", "x"])
def test_nearly_nothing_is_rejected_not_refused(text: str) -> None:
    assert not strong_rhyme(text).is_strong


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    assert all(rejection.sentence for rejection in strong_rhyme(text).rejections)
