"""A prepared dataset as files: the same bytes, replaced whole, checked when read, with a card, of no machine."""

from dataclasses import replace

import pytest

from tests.education.datasets.forty_poems import words
from workbench.education.datasets.prepared import load_prepared, prepare
from workbench.errors import DamagedError


def _bytes(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_input_gives_the_same_bytes(settings):
    first, second = (_bytes(prepare(settings, count_tokens=words).folder) for _ in range(2))
    assert first == second


def test_the_order_of_rows_in_their_files_changes_no_example(settings, tmp_path):
    first = _bytes(prepare(settings, count_tokens=words).folder)
    for path in sorted((tmp_path / "rows").iterdir()):
        rows = [line for line in path.read_text().split("\n") if line]
        path.write_text("\n".join(rows[::-1]))
    second = _bytes(prepare(settings, count_tokens=words).folder)
    examples = [name for name in first if name.endswith(("train.jsonl", "valid.jsonl"))]
    assert len(examples) == 6
    assert {name for name in examples if first[name] != second[name]} == set()


def test_another_seed_gives_another_split(settings):
    one, other = (prepare(replace(settings, seed=seed), count_tokens=words).digest for seed in (1, 2))
    assert one != other


def test_a_dataset_is_replaced_whole(settings):
    prepare(replace(settings, name="x"), count_tokens=words)
    again = prepare(replace(settings, name="x", mix="interim"), count_tokens=words)
    assert sorted(path.name for path in again.folder.iterdir() if path.is_dir()) == ["educator"]
    assert [path.name for path in again.folder.parent.iterdir()] == ["x"]


def test_a_crash_between_the_renames_leaves_the_old_one(settings, monkeypatch):
    before = prepare(settings, count_tokens=words)
    monkeypatch.setattr("workbench.education.datasets.prepared.sync_folder", _crash)
    rename = type(before.folder).rename

    def once(path, target):
        if path.name == ".full.fresh":
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(type(before.folder), "rename", once)
    with pytest.raises(KeyboardInterrupt):
        prepare(replace(settings, seed=9), count_tokens=words)
    assert not before.folder.exists()
    monkeypatch.undo()
    assert load_prepared(before.folder).digest == before.digest


def _crash(_):
    raise AssertionError("not reached")


def test_a_changed_file_is_not_trained_on(settings):
    prepared = prepare(settings, count_tokens=words)
    path = prepared.file("poet")
    path.write_text(path.read_text().replace("moon", "noon"))
    with pytest.raises(DamagedError, match="not as it was written"):
        prepared.examples("poet")


def test_the_card_counts_what_the_files_hold(settings):
    prepared = prepare(settings, count_tokens=words)
    card = " ".join((prepared.folder / "card.md").read_text().split())  # without the padding of its columns
    for learner in prepared.learners:
        counts = [len(prepared.file(learner, valid=valid).read_text().strip().split("\n")) for valid in (False, True)]
        assert f"| **{learner}** | all | {counts[0]} | {counts[1]} |" in card


def test_no_path_of_this_machine_and_no_time_is_written(settings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    local = replace(settings, rows=("rows",), poems=".", out="prepared")
    told = b"".join(_bytes(prepare(local, count_tokens=words).folder).values())
    assert str(tmp_path).encode() not in told
