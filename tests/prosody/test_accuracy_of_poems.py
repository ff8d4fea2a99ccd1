"""Whole poems of the gold set: the figures that the package promises, and that a wrong answer lowers them."""

import json
from pathlib import Path

import pytest

from workbench.places import ROOT
from workbench.prosody.accuracy import SEEN, Judgement, judge_poems

GOLD = ROOT / "data" / "gold"
PROMISED = {"poem form": 0.95, "form kept": 0.95, "broken caught": 0.98, "poem scheme": 0.9}


@pytest.fixture(scope="module")
def judged() -> list[Judgement]:
    return list(judge_poems(GOLD))


@pytest.mark.parametrize("table", PROMISED)
def test_the_gold_poems_are_judged_as_promised(judged: list[Judgement], table: str) -> None:
    rows = [one for one in judged if one.table == table and one.split in SEEN]
    assert len(rows) >= 50
    wrong = [f"{one.item}: {one.got}" for one in rows if not one.is_right]
    assert len(wrong) <= (1 - PROMISED[table]) * len(rows), wrong


def test_a_sound_poem_that_is_called_broken_counts_as_a_miss(tmp_path: Path) -> None:
    row = {"id": "a", "poem": "the cat\nthe hat\nthe dog\nthe log", "form": "quatrains AABB", "scheme": "AABB",
           "split": "tune", "broken": True, "what": "nothing is wrong with it"}  # fmt: skip
    (tmp_path / "poems.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (judgement,) = judge_poems(tmp_path)
    assert not judgement.is_right


def test_the_scheme_of_a_poem_is_compared_whatever_letters_it_is_written_in(tmp_path: Path) -> None:
    row = {"id": "a", "poem": "the cat\nthe dog\nthe hat\nthe log", "form": "quatrains ABAB", "scheme": "CDCD",
           "split": "held", "broken": False, "what": ""}  # fmt: skip
    (tmp_path / "poems.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert all(one.is_right for one in judge_poems(tmp_path))
