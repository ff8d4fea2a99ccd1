"""Prepared datasets: no leak between the sides, the mix, what is left out, the same bytes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.education.datasets.forty_poems import pair, poem, words, write
from workbench.cli import app
from workbench.corpus.duplicates import similarity
from workbench.corpus.load import load_poems
from workbench.education.datasets.dataset import MaxTokens, PrepareSettings
from workbench.education.datasets.prepared import load_prepared, prepare
from workbench.education.rows import write_rows
from workbench.education.tasks import TASK_FIELDS
from workbench.errors import InputError
from workbench.prompts import roles


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
    long = [{"title": f"L{n}", "poem": f"{poem(n)}\n\n{poem(n + 11)}"} for n in range(12)]  # quatrains alone are short
    write(folder / "good" / "long.jsonl", long)
    rows = [replace(pair("rhyme_pair", n), poem=f"L{n}", form="quatrains ABAB") for n in range(12)]
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


def test_the_command_says_an_unknown_mix_in_one_line():
    done = CliRunner().invoke(app, ["educate", "prepare", "--mix", "half"])
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert "prepare.mix" in done.stderr
