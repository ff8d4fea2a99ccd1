"""Prepared datasets: no leak between the sides, the mix, what is left out, the same bytes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from workbench.cli import app
from workbench.corpus.duplicates import similarity
from workbench.corpus.load import load_poems
from workbench.education.datasets.dataset import MaxTokens, PrepareSettings
from workbench.education.datasets.prepared import load_prepared, prepare
from workbench.education.rows import write_rows
from workbench.education.tasks import TASK_FIELDS
from workbench.education.types import Finding, Gate, GateReason, Judged, Row
from workbench.errors import DamagedError, InputError
from workbench.prompts import roles

N_POEMS = 40
_NOUNS = ("anvil", "basin", "candle", "drawer", "engine", "feather", "gutter", "hammer", "inkwell", "jar")
_VERBS = ("lends", "drops", "carries", "forgets")
_RHYMES = (("moon", "tune"), ("bag", "flag"), ("light", "kite"), ("stone", "phone"))


def _poem(number):
    """A quatrain ABAB that shares few words with the others."""
    noun, verb = _NOUNS[number % 10], _VERBS[number // 10]
    (a, c), (b, d) = _RHYMES[number % 4], _RHYMES[(number + 1) % 4]
    return "\n".join((f"The {noun} {verb} the {a}", f"a {noun}'s number {number} {b},",
                      f"{verb} whatever {noun}s {c}", f"and {number} more to {d}."))  # fmt: skip


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Forty poems and a twin in rows of six tasks. Gates have their own tests; here every row but empty ones passes."""
    monkeypatch.setattr("workbench.education.datasets.dataset.judge_rows", _judge)
    (tmp_path / "good").mkdir()
    (tmp_path / "bad").mkdir()
    poems = [{"title": f"P{n}", "poem": _poem(n)} for n in range(N_POEMS)]
    poems.append({"title": "Twin", "poem": _poem(0).replace("more", "less")})
    _write(tmp_path / "good" / "poems.jsonl", poems)
    _write(tmp_path / "bad" / "poems.jsonl", [{"title": "Hearts", "poem": "My heart is a door\nthat closes."}])
    (tmp_path / "rows").mkdir()
    for task, rows in _rows().items():
        write_rows(tmp_path / "rows" / f"{task}.jsonl", rows, TASK_FIELDS[task])
    return PrepareSettings(
        rows=(str(tmp_path / "rows"),), poems=str(tmp_path), out=str(tmp_path / "prepared"), min_samples=4
    )


def _judge(rows, library, *, near_duplicate):
    empty = Finding(gate=Gate.FORMAT, reason=GateReason.EMPTY, detail="text")
    return [Judged(row=row, findings=() if row.text or row.brief else (empty,)) for row in rows]


def _write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def _rows():
    numbers = range(N_POEMS)
    rhymed = {"form": "quatrains ABAB", "scheme": "ABAB", "end_words": ("moon",)}
    return {
        "critique": [Row(task="critique", poem=title, text=text) for title, text in
                     [("Twin", "On it."), ("P30", ""), *((f"P{n}", f"On {n}.") for n in numbers[:20])]],
        "comparison": [Row(task="comparison", poem_a=f"P{n}", poem_b=f"P{n + 1}", text=f"{n}, by far.", stronger="A")
                       for n in range(24, 40, 2)],
        "lesson": [Row(task="lesson", question=f"What does a {noun} teach about the art of rhyme?", text=f"Of {noun}s.")
                   for noun in _NOUNS],
        "autopsy": [Row(task="autopsy", poem="Hearts", text="It died early.")],
        "poet_pair": [_pair("poet_pair", n) for n in numbers[:20]],
        "rhyme_pair": [replace(_pair("rhyme_pair", n), **rhymed) for n in numbers[10:40]],
    }  # fmt: skip


def _pair(task, n):
    asked = f"{_NOUNS[n % 10]} {_VERBS[n // 10]} for {task} {n}"
    return Row(task=task, poem=f"P{n}", request=asked, brief=f"ANGLE: {asked}, from below.")


def words(prompt, target):
    """The lengths that these tests count in."""
    return sum(len(message.content.split()) for message in prompt), len(target.split())


def _all(prepared):
    return [(learner, valid, example) for learner in prepared.learners for valid in (False, True)
            for example in prepared.examples(learner, valid=valid)]  # fmt: skip


def test_rejected_rows_are_counted_and_kept_apart_and_teach_nothing(settings):
    prepared = prepare(settings, count_tokens=words)
    gates = json.loads((prepared.folder / "gate_report.json").read_text())
    assert (gates["n_rows"], gates["n_passed"]) == (91, 90)
    assert [
        json.loads(line)["poem"] for line in (prepared.folder / "rejected.jsonl").read_text().split("\n") if line
    ] == ["P30"]
    assert all(example.target for _, _, example in _all(prepared))


def test_the_shipped_seed_set_passes_its_gates_and_is_prepared_without_a_leak(tmp_path):
    long = MaxTokens(educator=4096, poet=4096)
    prepared = prepare(PrepareSettings(out=str(tmp_path), max_tokens=long), count_tokens=words)
    assert (prepared.folder / "rejected.jsonl").read_text() == ""
    sides = [{poem for _, valid, example in _all(prepared) for poem in example.poem_ids if valid is side}
             for side in (False, True)]  # fmt: skip
    assert sides[0] & sides[1] == set()
    assert len(sides[1]) > 10


@pytest.mark.parametrize("seed", range(5))
def test_no_poem_stands_on_both_sides_of_any_model(settings, seed):
    found = _all(prepare(replace(settings, seed=seed), count_tokens=words))
    sides = [
        {poem for _, valid, example in found for poem in example.poem_ids if valid is side} for side in (False, True)
    ]
    assert sides[0] & sides[1] == set()
    assert sides[1] != set()


@pytest.mark.parametrize("seed", range(5))
def test_no_target_on_the_valid_side_is_nearly_one_that_was_trained_on(settings, seed):
    prepared = prepare(replace(settings, seed=seed), count_tokens=words)
    texts = [[example.target for example in prepared.examples("poet", valid=valid)] for valid in (False, True)]
    assert max(similarity(one, other) for one in texts[0] for other in texts[1]) < settings.near_duplicate


def test_a_split_by_row_would_leak(settings):
    """The check above bites: both sides of the plain order share poems."""
    examples = [example for _, _, example in _all(prepare(settings, count_tokens=words))]
    tenth = len(examples) // 10
    sides = [{poem for example in part for poem in example.poem_ids} for part in (examples[:tenth], examples[tenth:])]
    assert sides[0] & sides[1] != set()


def test_each_task_gives_about_a_tenth(settings):
    prepared = prepare(settings, count_tokens=words)
    valid, train = (prepared.examples("rhyme_poet", valid=side) for side in (True, False))
    n_rhymed = [sum(example.task == "rhyme_pair" for example in side) for side in (valid, train)]
    assert n_rhymed[0] in (2, 3, 4)
    assert sum(n_rhymed) == 30


def test_the_rhyme_poet_hears_four_rhymed_poems_to_one_other(settings):
    train = prepare(settings, count_tokens=words).examples("rhyme_poet")
    n_rhymed = sum(example.task == "rhyme_pair" for example in train)
    assert len(train) - n_rhymed == round(n_rhymed / 4)


def test_only_strong_rhymes_reach_the_rhyme_poet_where_that_is_wanted(settings):
    folder = Path(settings.poems)
    long = [
        {"title": f"L{n}", "poem": f"{_poem(n)}\n\n{_poem(n + 11)}"} for n in range(12)
    ]  # quatrains alone are short
    _write(folder / "good" / "long.jsonl", long)
    rows = [replace(_pair("rhyme_pair", n), poem=f"L{n}", form="quatrains ABAB") for n in range(12)]
    write_rows(folder / "rows" / "rhyme_pair.long.jsonl", rows, TASK_FIELDS["rhyme_pair"])
    prepared = prepare(replace(settings, strong_rhymes=True, min_samples=2), count_tokens=words)
    texts = {poem.text for poem in load_poems(prepared.folder / "strong_rhymes.jsonl")}
    rhymed = [one for one in prepared.examples("rhyme_poet") if one.task == "rhyme_pair"]
    assert 2 <= len(rhymed) < 30
    assert all(any(one.target.endswith(text) for text in texts) for one in rhymed)
    assert any("rhyme weakly" in remark for remark in prepared.manifest["remarks"])


def test_a_dataset_that_spells_the_rhyme_poet_in_two_words_is_read_under_todays_name(settings):
    made = prepare(settings, count_tokens=words)
    manifest = made.folder / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"rhyme_poet"', '"rhyme poet"'), "utf-8")
    old = load_prepared(made.folder)
    assert (old.learners, old.manifest["counts"]) == (made.learners, made.manifest["counts"])
    assert old.examples("rhyme poet") == made.examples("rhyme_poet")


def test_the_interim_mix_teaches_only_the_educator_and_no_lesson(settings):
    prepared = prepare(replace(settings, mix="interim"), count_tokens=words)
    assert prepared.learners == ("educator",)
    assert {example.task for example in prepared.examples("educator")} == {"critique", "comparison"}


def test_the_poets_alone_learn_what_they_learn_beside_the_educator(settings):
    whole, alone = prepare(settings), prepare(replace(settings, name="poets", only=("poet", "rhyme_poet")))
    assert alone.learners == ("poet", "rhyme_poet")
    ids = [{example.id for side in (False, True) for example in one.examples("poet", valid=side)}
           for one in (whole, alone)]  # fmt: skip
    assert ids[0] == ids[1] != set()
    assert not (alone.folder / "educator").exists()


def test_a_model_that_the_mix_does_not_have_is_refused(settings):
    with pytest.raises(ValueError, match="the mix interim has no poet"):
        replace(settings, mix="interim", only=("poet",))


def test_prompts_are_those_of_use(settings):
    prepared = prepare(replace(settings, report_chars=0), count_tokens=words)
    found = next(e for _, _, e in _all(prepared) if e.task == "lesson")
    question = found.messages[-1].content
    assert found.messages == roles.ask_lesson(question, mentor=roles.load_persona("mentor_short"))


def test_what_is_too_long_is_left_out_whole_and_counted(settings):
    everything = _all(prepare(settings, count_tokens=words))
    longest = max(sum(words(example.messages, example.target)) for _, _, example in everything)
    shorter = replace(settings, max_tokens=MaxTokens(educator=longest - 1, poet=longest))
    prepared = prepare(shorter, count_tokens=words)
    kept = {example.id for _, _, example in _all(prepared)}
    gone = {example.id for _, _, example in everything} - kept
    assert kept < {example.id for _, _, example in everything}
    assert len(gone) >= 1
    assert f"{len(gone)} examples of" in (prepared.folder / "card.md").read_text()


def test_too_few_examples_are_one_line_with_the_count(settings):
    with pytest.raises(InputError, match=r"examples to train the educator and \d+ to measure it, 999 and 1 are needed"):
        prepare(replace(settings, min_samples=999), count_tokens=words)


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


def test_the_command_says_an_unknown_mix_in_one_line():
    done = CliRunner().invoke(app, ["educate", "prepare", "--mix", "half"])
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert "prepare.mix" in done.stderr
