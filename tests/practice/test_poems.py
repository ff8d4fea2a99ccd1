"""A poem of a practice: when it counts as kept, and how it lies on the disk."""

from pathlib import Path

import pytest

from workbench.practice.poems import PoemFile, PracticePoem, example_of, n_lines, of_answer
from workbench.practice.settings import PracticeSettings, Request
from workbench.types import Completion, Failed, Reason

_REQUEST = Request(subject="a gate", form="couplets", is_practised=False)
_GOOD = "The gate has learned the weight of rain.\nIt will not let me in again."


def _poem(text: str, *, number: int = 0) -> PracticePoem:
    answer = Completion(text=f"Title: Gate\nPoem: {text}", n_tokens=20, ended=True)
    return of_answer("base 0", _REQUEST, number, answer, n_lines=2)


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [
        (_GOOD, True),
        (_GOOD.replace("again", "at all"), False),
        (f"{_GOOD}\n\n{_GOOD.replace('gate', 'lane')}", False),
        ("The gate.", False),
    ],
    ids=["rhymes", "does not", "more lines than were asked for", "too short"],
)
def test_kept_is_a_poem_without_a_fault_and_with_the_lines_asked_for(text: str, is_kept: bool) -> None:
    assert _poem(text).is_kept is is_kept


def test_rhymes_may_be_named_before_the_lines_and_come_off_again() -> None:
    taught = example_of(_REQUEST, "Gate", _GOOD, rhymes_first=True).target
    assert taught == f"Title: Gate\nRhymes: rain, again\nPoem: {_GOOD}"
    read = of_answer("base 0", _REQUEST, 0, Completion(text=taught, n_tokens=30, ended=True), n_lines=2)
    assert (read.text, read.rhymes, read.is_kept) == (_GOOD, "rain, again", True)


def test_a_form_without_rhymes_names_none() -> None:
    haiku = Request(subject="a gate", form="haiku", is_practised=True)
    assert "Rhymes:" not in example_of(haiku, "Gate", "one\ntwo\nthree", rhymes_first=True).target


def test_a_model_that_fails_wrote_no_poem() -> None:
    poem = of_answer("base 0", _REQUEST, 0, Failed(reason=Reason.BAD_TEXT, detail=""), n_lines=2)
    assert (poem.text, poem.problem, poem.is_kept) == ("", "the model failed", False)


def test_a_request_asks_for_one_unit() -> None:
    settings = PracticeSettings()
    asked = {form: n_lines(Request(subject="x", form=form, is_practised=True), settings) for form in settings.forms}
    assert asked == {"haiku": 3, "couplets": 2, "quatrains AABB": 4, "quatrains ABAB": 4, "limerick": 5}


def test_poems_are_read_again_and_a_torn_line_is_left_out(tmp_path: Path) -> None:
    path, poems = tmp_path / "poems.jsonl", [_poem("one\u2028two\nthree"), _poem(_GOOD, number=1)]
    for poem in poems:
        PoemFile(path).add(poem)
    path.write_bytes(path.read_bytes() + b'{"id": "torn')
    assert PoemFile(path).of("base 0", [_REQUEST], n=3) == poems
    PoemFile(path).add(_poem(_GOOD, number=2))
    assert len(PoemFile(path).of("base 0", [_REQUEST], n=3)) == 3
