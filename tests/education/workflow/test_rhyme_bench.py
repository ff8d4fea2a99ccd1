"""The rhyme bench: known poems get known figures, failures count as nothing, and an answer is never asked for twice."""

from pathlib import Path

import pytest

from tests.fakes import ScriptedSampler
from workbench.education.workflow.rhyme_bench import (
    PROMPTS,
    RhymePrompt,
    answer_prompts,
    as_table,
    difference,
    estimates,
    load_rhyme_prompts,
    recorded,
)
from workbench.errors import InputError
from workbench.prosody import check_form

PROMPT = RhymePrompt(subject="rain", form="quatrains AABB", scheme="AABB", brief="ANGLE: rain on tin")
KEPT = """Title: Tin
Poem: The gutter sang the whole night long
and would not finish with its song.
The rain came walking down the street
and set its buckets at my feet."""
LOOSE = """Title: Tin
Poem: The gutter held a coat of rust,
the morning walked across the yard,
a kettle spoke of other towns,
and nobody came in."""


def _answers(script: list[str], path: Path, arm: str = "base", n_samples: int = 1):
    sampler = ScriptedSampler(script)
    prompts = [PROMPT]
    return answer_prompts(sampler, arm, prompts, poet="You are a poet.", path=path, n_samples=n_samples)


def test_a_poem_in_its_form_gets_full_marks(tmp_path: Path):
    (answer,) = _answers([KEPT], tmp_path / "a.jsonl")
    assert (answer.is_poem, answer.line_count, answer.strict_density, answer.form_kept) == (1, 1, 1, 1)
    assert 0 < answer.above_chance < 1


def test_a_poem_without_rhyme_gets_none(tmp_path: Path):
    (answer,) = _answers([LOOSE], tmp_path / "a.jsonl")
    assert (answer.is_poem, answer.strict_density, answer.form_kept) == (1, 0, 0)


def test_an_answer_that_is_no_poem_counts_as_nothing(tmp_path: Path):
    (answer,) = _answers(["I am sorry, I cannot."], tmp_path / "a.jsonl")
    assert answer.problem
    assert (answer.is_poem, answer.line_count, answer.strict_density, answer.form_kept) == (0, 0, 0, 0)


def test_what_is_on_record_is_not_asked_again(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    first = _answers([KEPT], path)
    with path.open("a") as file:
        file.write('{"torn')
    assert _answers([], path) == first  # a script without answers would fail if it were asked
    assert _answers([LOOSE], path, n_samples=2)[0] == first[0]
    assert len(recorded(path)) == 2


def test_the_difference_is_taken_prompt_by_prompt(tmp_path: Path):
    kept, loose = _answers([KEPT], tmp_path / "a.jsonl", "poet"), _answers([LOOSE], tmp_path / "b.jsonl")
    assert difference(kept, loose, "form_kept").value == 1
    assert estimates({"poet": kept})["poet"]["strict_density"].value == 1
    assert "poet minus base" in as_table({"base": loose, "poet": kept})


def test_own_prompts_name_forms_that_can_be_checked():
    prompts = load_rhyme_prompts(PROMPTS)
    assert len(prompts) == 24
    assert len({prompt.form for prompt in prompts}) == 8
    for prompt in prompts:
        check_form("a line\nanother line", prompt.form)  # raises for an unknown form


def test_a_bad_line_is_named(tmp_path: Path):
    (tmp_path / "p.jsonl").write_text('{"subject": "x"}\n')
    with pytest.raises(InputError, match=r"p\.jsonl:1: "):
        load_rhyme_prompts(tmp_path / "p.jsonl")
