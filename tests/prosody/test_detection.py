"""Which form a poem is in."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.work import n_calls
from workbench.places import ROOT
from workbench.prosody.detection import detect_form

GOOD = ROOT / "data" / "poems" / "good"
FREE = """I keep the receipt
for the umbrella
that the wind took apart on Fell Street
in under a minute
with everyone looking."""
PROSE = (
    "The bus had stopped for no reason that anyone could name, and the driver had taken off his cap, and a woman "
    "near the back began, without looking up, to hand round her sandwiches.\n\nNobody said thank you in time."
)
RECORDS = [
    json.loads(line) for path in sorted(GOOD.glob("*.jsonl")) for line in path.read_text("utf-8").split("\n") if line
]


def best(text: str) -> str:
    return detect_form(text)[0].form


def test_there_are_own_poems_to_try() -> None:
    assert len(RECORDS) >= 100


@pytest.mark.parametrize("form", sorted({record["form"] for record in RECORDS}))
def test_own_poems_are_found_in_their_form(form: str) -> None:
    poems = [record for record in RECORDS if record["form"] == form]
    missed = [record["title"] for record in poems if best(record["poem"]) != form]
    assert len(missed) <= len(poems) // 10, missed


def test_lines_without_rhyme_or_meter_are_free_verse() -> None:
    assert best(FREE) == "free verse"


def test_paragraphs_are_a_prose_poem() -> None:
    assert best(PROSE) == "prose poem"


def test_a_broken_villanelle_is_still_found_and_said_to_be_broken() -> None:
    poem = next(record["poem"] for record in RECORDS if record["form"] == "villanelle")
    lines = poem.split("\n")
    lines[-1] = "and nothing else was said of it in Perth"
    guess = detect_form("\n".join(lines))[0]
    assert (guess.form, guess.passed) == ("villanelle", False)
    assert any("Line 19" in reason for reason in guess.reasons)


def test_a_guess_gives_reasons() -> None:
    poem = next(record["poem"] for record in RECORDS if record["form"] == "shakespearean sonnet")
    reasons = " ".join(detect_form(poem)[0].reasons)
    assert "14 lines" in reasons
    assert "ABAB CDCD EFEF GG" in reasons
    assert "iambic pentameter" in reasons


def test_guesses_of_kept_patterns_come_before_open_forms() -> None:
    for record in RECORDS[:40]:
        passed = [guess.passed for guess in detect_form(record["poem"], n_guesses=20) if guess.confidence == 1.0]
        assert all(passed)


def test_a_text_that_is_not_judged_has_no_guesses() -> None:
    assert detect_form("Дождь уснул.\nИ снег уснул.") == ()
    assert detect_form("") == ()


@pytest.mark.parametrize(
    "lines", [["the rain", "a pain", "the day", "to stay"], ["I keep the receipt for it", "umbrella"]]
)
def test_a_very_long_poem_takes_work_in_proportion(lines: list[str]) -> None:
    def work(n_lines: int) -> int:
        text = "\n".join(
            f"{lines[at % len(lines)]} {at % 97}" if at % 3 else lines[at % len(lines)] for at in range(n_lines)
        )
        return n_calls(lambda: detect_form(text))

    work(500)  # the words are looked up once
    assert work(5_000) < 7 * work(1_000)  # five times the lines; quadratic would be twenty-five


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    for guess in detect_form(text):
        assert 0.0 <= guess.confidence <= 1.0
