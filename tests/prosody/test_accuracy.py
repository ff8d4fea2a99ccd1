"""The figures that the project promises, on the rows that the rules were tuned on."""

import pytest

from workbench.places import ROOT
from workbench.prosody.accuracy import SEEN, Judgement, judge_lines, judge_pairs, judge_words, misses_of, table_of

GOLD = ROOT / "data" / "gold"
LEAST = {"rhyme pairs": 0.97, "word syllables": 0.98, "line syllables": 0.98, "line type": 0.92}


@pytest.fixture(scope="module")
def tuned() -> list[Judgement]:
    rows = [*judge_pairs(GOLD), *judge_words(GOLD), *judge_lines(GOLD)]
    return [row for row in rows if row.split in SEEN]


@pytest.mark.parametrize("table", LEAST)
def test_the_tuned_rows_are_as_right_as_promised(tuned: list[Judgement], table: str) -> None:
    rights = [row.is_right for row in tuned if row.table == table]
    assert len(rights) >= 150
    assert sum(rights) / len(rights) >= LEAST[table]


def test_any_gold_answer_is_right_and_no_other() -> None:
    row = Judgement(table="t", group="g", item="i", split="held", expected=("slant", "eye"), got="eye")
    assert row.is_right
    assert not Judgement(table="t", group="g", item="i", split="held", expected=("slant",), got="eye").is_right


def test_the_table_keeps_the_splits_apart() -> None:
    rows = [
        Judgement(table="t", group="g", item="i", split=split, expected=("yes",), got=got)
        for split, got in (("tune", "yes"), ("tune", "no"), ("held", "yes"))
    ]
    assert "1/2 50.0 %" in table_of(rows)
    assert "1/1 100.0 %" in table_of(rows)


def _row(split: str, got: str) -> Judgement:
    return Judgement(table="t", group="g", item=f"row of {split}", split=split, expected=("yes",), got=got)


def test_every_split_that_the_rows_name_has_a_column() -> None:
    header, *_ = table_of([_row("fresh", "yes"), _row("held", "yes"), _row("tune", "yes")]).split("\n")
    assert header.split() == ["table", "class", "tune", "held", "fresh"]


def test_a_split_without_rows_has_no_column() -> None:
    assert "held" not in table_of([_row("tune", "yes")])


def test_misses_of_an_unread_split_are_never_listed() -> None:
    listed = list(misses_of([_row("tune", "no"), _row("held", "no"), _row("fresh", "no"), _row("tune", "yes")]))
    assert [line.split()[0] for line in listed] == ["tune", "held"]
