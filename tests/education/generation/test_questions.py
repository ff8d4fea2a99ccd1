"""What each task asks and how answers become rows, with a sampler that answers from the sound rows."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.education.rows import BRIEF, CRITIQUE, FOLLOW_UP, HEARTS, LIBRARY, MOONS, REVISED, SOUND
from workbench.education.gate_report import judge_row
from workbench.education.generation.answers import AnswerStore, Budget, Price, Purse
from workbench.education.generation.generate import Writer, open_questions, write_rows_of
from workbench.education.generation.questions import inputs_of, steps_of
from workbench.education.rows import Personas, examples_of
from workbench.education.tasks import TASK_FIELDS, TASKS
from workbench.education.types import Library, Row
from workbench.engines.protocols import Can
from workbench.errors import InputError
from workbench.prompts.templates import poem_target
from workbench.revision.grammars import brief_grammar
from workbench.types import Completion, Poem, Sampling

VOICES = Personas(mentor="You are the mentor.", poet="You are the poet.")
_GIVEN = ("poem", "poem_a", "poem_b", "request", "question", "form", "scheme", "end_words")


class Script:
    """Implements `Sampler`: gives the answers of a list in turn and keeps what it was asked."""

    digest, adapter_digest = "script", ""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def sample(self, requests, *, on_completion=None, cancelled=None):
        results = []
        for index, request in enumerate(requests):
            self.asked.append(request.prompt)
            results.append(Completion(text=self.answers.pop(0), n_tokens=1, ended=True))
            on_completion(index, results[-1])
        return results


@pytest.fixture
def writer(tmp_path):
    store = AnswerStore(tmp_path / "answers.sqlite")
    yield Writer(
        sampler=Script(), name="script", store=store, purse=Purse(budget=Budget(tokens=0, money=0), price=Price()),
        personas=VOICES, sampling=Sampling(), seed=3,
    )  # fmt: skip
    store.close()


def _answers(task):
    row = SOUND[task]
    if task == "dialogue":
        revised = Poem(title=row.revised_title, text=row.revised_poem)
        return [CRITIQUE, f"Here is the poem again.\n\n{poem_target(revised)}", FOLLOW_UP]
    return [f"REQUEST: {row.request}\n{row.brief}"] if task.endswith("pair") else [row.text]


def _input(task):
    row = SOUND[task]
    kept = {name: getattr(row, name) for name in _GIVEN if getattr(row, name)}
    if task.endswith("pair"):
        kept.pop("request")
    if task == "revision_brief":
        kept["critique"] = row.critique
    return Row(task=task, verdict="approve" if task == "approval" else "", **kept)


#: A model's own poems are asked for in three steps: see test_written.py.
ONE_ROW = [task for task in TASKS if not task.startswith("written_")]


@pytest.mark.parametrize("task", ONE_ROW)
def test_a_good_answer_makes_the_whole_row(task, writer):
    script = Script(*_answers(task))
    written = write_rows_of(task, [_input(task)], LIBRARY, replace(writer, sampler=script))
    (row,) = written.rows
    assert {name: getattr(row, name) for name in TASK_FIELDS[task]} == {
        name: getattr(SOUND[task], name) for name in TASK_FIELDS[task]
    }
    assert judge_row(row, LIBRARY) == ()


@pytest.mark.parametrize("task", [task for task in ONE_ROW if not task.endswith("pair") and task != "dialogue"])
def test_what_is_asked_is_what_training_asks(task, writer):
    script = Script(*_answers(task))
    write_rows_of(task, [_input(task)], LIBRARY, replace(writer, sampler=script))
    assert script.asked == [example.messages for example in examples_of(SOUND[task], LIBRARY, VOICES)]


def test_a_dialogue_asks_mentor_poet_mentor_and_shows_each_what_was_said(writer):
    script = Script(*_answers("dialogue"))
    write_rows_of("dialogue", [_input("dialogue")], LIBRARY, replace(writer, sampler=script))
    first, second, third = script.asked
    assert [asked[0].content for asked in script.asked] == [VOICES.mentor, VOICES.poet, VOICES.mentor]
    assert "its lid or its stamp" in second[-1].content
    assert REVISED.split("\n")[-1] in third[-1].content
    assert third[-1].content != first[-1].content


def test_guidance_is_added_for_the_educator_and_never_for_the_poet(writer):
    script = Script(*_answers("dialogue"))
    guided = replace(writer, sampler=script, guidance={"dialogue": "Keep the form."})
    write_rows_of("dialogue", [_input("dialogue")], LIBRARY, guided)
    assert [asked[-1].content.endswith("Keep the form.") for asked in script.asked] == [True, False, True]


def test_thinking_is_no_part_of_an_answer(writer):
    script = Script(f"<think>Which one?</think>\n{SOUND['lesson'].text}")
    written = write_rows_of("lesson", [_input("lesson")], LIBRARY, replace(writer, sampler=script))
    assert written.rows[0].text == SOUND["lesson"].text


def test_thinking_that_never_ends_is_a_failure(writer):
    written = write_rows_of("lesson", [_input("lesson")], LIBRARY, replace(writer, sampler=Script("<think>Hm")))
    assert (written.rows, [answer.failure for answer in written.failed]) == ((), ["unclosed_thinking"])


def test_a_dialogue_teaches_the_educator_twice_and_the_poet_once():
    made = examples_of(SOUND["dialogue"], LIBRARY, VOICES)
    assert Counter(example.learner for example in made) == {"educator": 2, "poet": 1}
    assert next(e for e in made if e.learner == "poet").target == poem_target(Poem(title="Ferry", text=REVISED))


def test_a_pair_teaches_the_poem_and_its_brief():
    made = {example.learner: example for example in examples_of(SOUND["rhyme_pair"], LIBRARY, VOICES)}
    assert made["rhyme_poet"].target == poem_target(MOONS)
    assert "End words: moon, flag" in made["rhyme_poet"].messages[-1].content
    assert made["educator"].target == BRIEF


# ---------------------------------------------------------------- what is asked about


def _library(n):
    poems = [Poem(title=f"good {k}", text=f"line {k}\nline {k} again") for k in range(n)]
    return Library(
        [*poems, *(Poem(title=f"bad {k}", text=f"bad {k}\nbad {k} still", failure="cliche") for k in range(n))]
    )


def test_the_order_of_a_pair_is_drawn_and_recorded():
    pairs = inputs_of("comparison", _library(40), [], seed=1)
    n_bad_first = sum(pair.poem_a.startswith("bad") for pair in pairs)
    assert len(pairs) == 40
    assert 10 <= n_bad_first <= 30
    assert {(pair.poem_a[:3], pair.poem_b[:3]) for pair in pairs} == {("bad", "goo"), ("goo", "bad")}


def test_inputs_are_the_same_for_a_seed_and_others_for_another():
    drawn = [[row.poem for row in inputs_of("critique", _library(20), [], seed=seed, limit=5)] for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_only_poems_that_failed_get_an_autopsy_and_only_others_an_approval():
    assert [row.poem for row in inputs_of("autopsy", LIBRARY, [], seed=1)] == [HEARTS.title]
    assert HEARTS.title not in {row.poem for row in inputs_of("approval", LIBRARY, [], seed=1)}


def test_a_rhyme_pair_asks_with_scheme_and_true_end_words():
    (row,) = inputs_of("rhyme_pair", LIBRARY, [], seed=1)
    assert (row.poem, row.form, row.scheme) == ("Moons", "quatrains ABAB", "ABAB")
    whole = replace(row, request="four lines about children out late", brief=BRIEF)
    assert judge_row(whole, LIBRARY) == ()


def test_revision_briefs_answer_critiques_that_are_there():
    rows = inputs_of("revision_brief", LIBRARY, [SOUND["critique"], SOUND["lesson"]], seed=1)
    assert [(row.poem, row.critique, row.provenance.parents) for row in rows] == [
        ("Ferry", CRITIQUE, (SOUND["critique"].id,))
    ]


def test_nothing_to_ask_about_is_one_line():
    with pytest.raises(InputError, match="nothing to ask about for the task lesson"):
        inputs_of("lesson", LIBRARY, [], seed=1)


def test_a_critique_in_another_shape_is_kept_in_the_trained_one():
    (step,) = steps_of("critique")
    said = "**Strongest:** Line 1: it holds.\n- **Line 2 (padding):** x. **TRY:** cut.\n**Verdict:** Revise: not yet."
    read = step.read(Row(task="critique"), said)
    assert read.text == "STRONGEST line 1: it holds.\nLINE 2 (padding): x. TRY: cut.\nVERDICT revise: not yet."


def test_a_critique_of_which_something_would_be_lost_is_left_for_the_gates():
    (step,) = steps_of("critique")
    assert step.read(Row(task="critique"), "Line 2: thin.\nNo verdict.").text == "Line 2: thin.\nNo verdict."


def test_a_bulleted_brief_is_kept_with_its_labels():
    (step,) = steps_of("brief")
    said = "- **Angle:** a\n- **Avoid:** b; c\n- **Images from:** d\n- **Form:** e\n- **Sound:** f\n- **Turn:** g"
    read = step.read(Row(task="brief"), said)
    assert read.text == "ANGLE: a\nAVOID: b; c\nIMAGES FROM: d\nFORM: e\nSOUND: f\nTURN: g"


def test_an_engine_that_keeps_to_a_grammar_is_held_to_the_shape_of_a_brief(writer):
    (free,) = open_questions("brief", [_input("brief")], LIBRARY, writer)
    writer.sampler.can = Can(samples=True, grammar=True)
    (held,) = open_questions("brief", [_input("brief")], LIBRARY, writer)
    assert (free.grammar, held.grammar) == ("", brief_grammar())
