"""Rows in and out: what is refused, and that nothing changes on the way."""

import json

import pytest

from tests.education.rows import SOUND
from workbench.education.rows import load_library, load_rows, write_rows
from workbench.education.tasks import TASK_FIELDS
from workbench.education.types import Provenance, Row
from workbench.errors import InputError


def _load(tmp_path, text, name="critique.jsonl"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return load_rows(tmp_path / name, TASK_FIELDS)


@pytest.mark.parametrize("task", SOUND)
def test_rows_come_back_as_they_went(tmp_path, task):
    row = SOUND[task]
    path = tmp_path / f"{task}.jsonl"
    write_rows(path, [row], TASK_FIELDS[task])
    found = load_rows(path, TASK_FIELDS)
    assert [(one.id, one.provenance) for one in found] == [(row.id, row.provenance)]


def test_provenance_comes_back(tmp_path):
    told = Provenance(source="a model", model="m", prompt_digest="p", persona_digest="q", seed=7, parents=("x", "y"))
    write_rows(
        tmp_path / "lesson.jsonl", [Row(task="lesson", question="q", text="t", provenance=told)], ["question", "text"]
    )
    assert load_rows(tmp_path / "lesson.jsonl", TASK_FIELDS)[0].provenance == told


def test_a_folder_is_read_file_by_file_with_places(tmp_path):
    _load(tmp_path, '{"poem": "A", "text": "t"}\n\n{"poem": "B", "text": "u"}\n')
    _load(tmp_path, '{"question": "q", "text": "t"}', "lesson.frontier.jsonl")
    rows = load_rows(tmp_path, TASK_FIELDS)
    assert [(row.task, row.place.rpartition("/")[2]) for row in rows] == [
        ("critique", "critique.jsonl:1"),
        ("critique", "critique.jsonl:3"),
        ("lesson", "lesson.frontier.jsonl:1"),
    ]


def test_a_line_separator_of_unicode_stays_in_its_row(tmp_path):
    assert _load(tmp_path, '{"poem": "A", "text": "one\u2028two"}')[0].text == "one\u2028two"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"poem": "A", "txt": "t"}', ":1: unknown key 'txt'"),
        ('{"poem": "A", "poem": "B"}', "given twice"),
        ('\n["A"]', ":2: not an object"),
        ('{"poem": 3}', "the value of 'poem' is not text"),
        ('{"poem": "A"', ":1: not valid JSON"),
        ('{"poem": "A", "text": "\\ud800"}', "half of a character pair"),
        ('{"poem": "A", "provenance": {"key": "s"}}', "`provenance` is not"),
        ('{"poem": "A", "provenance": {"seed": "seven"}}', "`provenance`"),
    ],
)
def test_what_is_no_row_is_refused_with_its_line(tmp_path, text, complaint):
    with pytest.raises(InputError) as caught:
        _load(tmp_path, text)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_named_after_no_task_is_refused(tmp_path):
    with pytest.raises(InputError, match="not named after a task"):
        _load(tmp_path, "{}", "poems.jsonl")


def test_two_poems_of_one_title_are_refused(tmp_path):
    for kind in ("good", "bad"):
        (tmp_path / kind).mkdir()
        poem = json.dumps({"title": "Twice", "poem": f"a {kind} line\nand another"})
        (tmp_path / kind / "poems.jsonl").write_text(poem)
    with pytest.raises(InputError, match="two poems are called 'Twice'"):
        load_library(tmp_path)


def test_own_poems_in_a_folder_bad_count_as_failed_and_the_folder_may_be_missing(tmp_path):
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "lamp.txt").write_text("The lamp is lit.\nNobody reads.\n")
    assert [poem.failure for poem in load_library(tmp_path).by_title.values()] == [""]
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "heart.txt").write_text("My heart, o heart!\nIt is a heart.\n")
    library = load_library(tmp_path)
    assert [bool(poem.failure) for poem in library.by_title.values()] == [False, True]
    assert len(library.good) == 1
