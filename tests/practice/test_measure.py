"""What is measured of plain answers, on poems whose figures are known."""

import pytest

from workbench.intervals import mean_of
from workbench.practice.measure import figures_of, folded, is_named
from workbench.practice.poems import PracticePoem, of_answer
from workbench.practice.practice import sentences
from workbench.practice.settings import Request
from workbench.types import Completion, Measurement

_SUBJECTS = ("the gate", "wet rope", "old salt", "one kettle", "a field", "a lamp")
_REQUESTS = [Request(subject=s, form=form, is_practised=False) for s in _SUBJECTS for form in ("couplets", "triplets")]
_RHYMED = "The gate has learned the weight of rain.\nIt will not let me in again."
_PLAIN = "The gate has learned the weight of rain.\nIt will not open any more."


def _poems(texts: dict[str, str]) -> list[PracticePoem]:
    return [
        of_answer("v 1", r, 0, Completion(text=f"Title: T\nPoem: {texts[r.form]}", n_tokens=1, ended=True), n_lines=2)
        for r in _REQUESTS
    ]


def _means(texts: dict[str, str], trained: str = "") -> dict[str, float | None]:
    figures = figures_of(
        _poems(texts), _REQUESTS, forms=("couplets",), n_lines={"couplets": 2, "triplets": 3}, trained=folded(trained)
    )
    return {name: found.value if (found := mean_of(values)) else None for name, values in figures.items()}


def test_forms_that_were_practised_and_new_ones_are_counted_apart() -> None:
    means = _means({"couplets": _RHYMED, "triplets": _PLAIN})
    assert (means["kept"], means["kept, new forms"], means["kept: couplets"]) == (1.0, 0.0, 1.0)


def test_what_is_no_poem_counts_as_not_kept() -> None:
    assert _means({"couplets": "", "triplets": ""})["kept"] == 0.0


def test_a_line_of_a_poem_that_was_trained_on_is_a_copy_whatever_its_marks() -> None:
    trained = "the gate, has learned the weight of RAIN\nand something else"
    assert _means({"couplets": _RHYMED, "triplets": _RHYMED}, trained)["copied"] == 1.0
    assert _means({"couplets": _RHYMED, "triplets": _RHYMED}, "no such line")["copied"] == 0.0


def test_words_named_beforehand_are_held_against_each_other_and_against_the_lines() -> None:
    request = Request(subject="a gate", form="couplets", is_practised=False)
    said = f"Title: T\nRhymes: rain, lane\nPoem: {_RHYMED}"
    poem = of_answer("v 1", request, 0, Completion(text=said, n_tokens=1, ended=True), n_lines=2)
    figures = figures_of([poem], [request], forms=("couplets",), n_lines={"couplets": 2}, trained=frozenset())
    assert (figures["names rhyme"], figures["ends as named"]) == ([1.0], [0.5])
    figures = figures_of(_poems({"couplets": _RHYMED, "triplets": _RHYMED}), _REQUESTS, forms=("couplets",),
                         n_lines={"couplets": 2, "triplets": 3}, trained=frozenset())  # fmt: skip
    assert set(figures["names rhyme"]) == {None}


@pytest.mark.parametrize(("subject", "named"), [("two gates", True), ("the gate", True), ("a kettle", False)])
def test_a_subject_is_named_by_a_telling_word_of_it(subject: str, named: bool) -> None:
    request = Request(subject=subject, form="couplets", is_practised=False)
    answer = Completion(text=f"Title: T\nPoem: {_RHYMED}", n_tokens=1, ended=True)
    assert is_named(of_answer("v 1", request, 0, answer, n_lines=2)) is named


def test_the_sentence_says_better_only_where_the_interval_does() -> None:
    def measured(arm: str, round_: int, values: tuple[float, ...]) -> Measurement:
        return Measurement(
            id=f"{arm}{round_}", arm=arm, iteration=round_, weights="current", metric="kept", value=None, low=None,
            high=None, n_poems=6, per_poem=values,
        )  # fmt: skip

    ours = measured("verified", 1, (0.5, 1.0, 0.5, 1.0, 0.5, 1.0))
    said = sentences([measured("base", 0, (0.0,) * 6), ours, measured("shuffled", 1, (0.5, 0.5, 1.0, 1.0, 1.0, 0.5))])
    assert len(said) == 1
    assert "against before (better)" in said[0]
    assert "against shuffled (no measurable difference)" in said[0]
