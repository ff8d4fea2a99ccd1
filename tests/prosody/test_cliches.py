"""Stock phrases and moves."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.prosody.cliches import ClicheKind, cliches_of, find_cliches, load_cliches, readings, topics

HEAD = "kind\ttopic\tpattern\twhere\tinstead\n"


def names(poem: str) -> list[str]:
    return [found.cliche.name for found in find_cliches(poem)]


def test_the_list_is_as_long_as_promised() -> None:
    rows = load_cliches()
    assert sum(row.kind is ClicheKind.PHRASE for row in rows) >= 300
    assert sum(row.kind is ClicheKind.MOVE for row in rows) >= 20


@pytest.mark.parametrize(
    "row", [row for row in load_cliches() if row.kind is ClicheKind.PHRASE], ids=lambda row: row.name
)
def test_every_phrase_of_the_list_is_found_in_a_line_that_uses_it(row) -> None:  # type: ignore[no-untyped-def]  # a row
    words = " ".join("kettle" if word == "*" else word for word in readings(row.name)[0])
    assert row.name in names(f"Well: {words}, she said.")


def test_every_topic_has_eight_phrases_for_a_brief() -> None:
    few = {topic for topic in topics() if len(cliches_of(topic, kind=ClicheKind.PHRASE)) < 8}
    assert few <= {"family"}


def test_a_phrase_is_found_over_a_line_break_with_both_lines_places() -> None:
    (found,) = find_cliches("One line.\nI was lost in\nyour eyes.")
    assert found.lines == (2,)
    assert "lost in your eyes" in found.sentence


def test_a_phrase_does_not_run_over_the_end_of_a_sentence() -> None:
    assert names("I was lost. In your eyes I saw a bill.") == []


def test_one_short_cue_is_not_a_move_but_two_are() -> None:
    assert "phone still rings" not in names("I still call your sister.")
    assert "phone still rings" in names("Your voicemail fills.\nI still call your sister.")


def test_an_ending_counts_only_at_the_end() -> None:
    middle = "\n".join(["She said amen."] + ["A tram went by."] * 6)
    assert "amen ending" not in names(middle)
    assert "amen ending" in names("\n".join(["A tram went by."] * 6 + ["She said amen."]))


def test_other_topics_can_be_left_out() -> None:
    assert find_cliches("lost in your eyes", topics=["sea"]) == ()


@pytest.mark.parametrize("row", ["phrase\tlove\tx\there", "saying\tlove\tx\there\tthere", "phrase\tlove\t()\ta\tb"])
def test_a_bad_row_is_named_with_its_line(tmp_path: Path, row: str) -> None:
    path = tmp_path / "c.tsv"
    path.write_text(HEAD + row + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"c\.tsv:2: "):
        load_cliches(path)


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    for found in find_cliches(text):
        assert found.sentence
