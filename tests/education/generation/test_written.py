"""A model at an endpoint writes poems of its own: brief, poem, critique; what passes is taught."""

import json

import pytest

from tests.education.endpoint import Endpoint, serving
from workbench.education.datasets.dataset import group_rows
from workbench.education.generation.answers import Budget
from workbench.education.generation.folder import GenerateSettings, generate
from workbench.education.generation.written import rows_of_forms
from workbench.education.rows import Personas, examples_of, load_rows
from workbench.education.tasks import TASK_FIELDS
from workbench.education.types import Library
from workbench.errors import ConfigError, InputError

BRIEF = (
    "ANGLE: the man who sells umbrellas hopes for the weather that nobody else in the street wants to see\n"
    "AVOID: raining cats and dogs; every cloud has a silver lining; storm of emotion; tears from heaven; "
    "pitter patter; dark clouds gather; calm before the storm; singing in the rain\n"
    "IMAGES FROM: a dentist's waiting room\nFORM: plain quatrains\nSOUND: soft stops\nTURN: toward the one customer"
)
POEM = (
    "Title: Stock\nPoem: He keeps the handles facing out,\nthe ribs in alphabetical rows,\n"
    "and holds a certain private doubt\nof every forecast that he knows.\n\n"
    "A woman comes to wait for trams.\nShe does not buy. She shakes her hair.\n"
    "He dusts a shelf of little lambs\nand leaves the door propped with a chair."
)
CRITIQUE = (
    'STRONGEST line 8: "leaves the door propped with a chair" is an invitation that he would never say aloud, and the '
    "poem is right to stop on it.\n"
    'LINE 7 (unclear image): "little lambs" arrives from another shop and nothing in the poem has made room for it. '
    "TRY: name a thing that an umbrella seller would have to dust.\nVERDICT revise: one line is still borrowed."
)


def answer(question: str) -> str:
    if 'Begin with "Title:"' in question:
        return f"Sure! Here it is:\n\n{POEM}\n\nHope you like it!"
    return CRITIQUE if "He keeps the handles" in question else BRIEF


def settings(url: str, folder, **changes) -> GenerateSettings:
    (folder / "wishes.txt").write_text("a poem about a man who sells umbrellas\n")
    given = {"poems": "data/poems", "rows": (), "out": str(folder), "name": "w", "budget": Budget(tokens=0, money=0)}
    return GenerateSettings(**{"source": f"{url}#tiny", "requests": str(folder / "wishes.txt"), **given, **changes})


@pytest.mark.parametrize(("task", "learners"), [
    ("written_poem", ["poet", "educator", "educator"]),
    ("written_rhyme", ["rhyme_poet", "poet", "educator", "educator"]),
])  # fmt: skip
def test_a_poem_is_written_criticised_and_taught(task, learners, tmp_path):
    with serving(Endpoint(answer=answer)) as endpoint:
        done = generate(settings(endpoint.url, tmp_path, tasks=(task,), forms=("quatrains ABAB",)))
        again = generate(settings(endpoint.url, tmp_path, tasks=(task,), forms=("quatrains ABAB",)))
    assert done.report.to_data()["tasks"][task]["n_passed"] == 1, done.report.to_text()
    assert again.tokens == done.tokens, "nothing is asked twice"
    (row,) = load_rows(done.folder / f"{task}.jsonl", TASK_FIELDS)
    assert row.written is not None
    assert (row.written.title, row.written.text) == ("Stock", POEM.partition("Poem: ")[2])
    made = examples_of(row, Library([]), Personas(mentor="m", poet="p"))
    assert [one.learner for one in made] == learners
    assert {one.poem_ids for one in made} == {(row.written.id,)}
    assert group_rows([row], {}, threshold=0.8)[row.id]


def test_what_may_be_talk_is_not_taught(tmp_path):
    def talking(question: str) -> str:
        said = answer(question)
        return f"{POEM}\n\nThe lambs are a private joke of mine." if "Title:" in said else said

    with serving(Endpoint(answer=talking)) as endpoint:
        done = generate(settings(endpoint.url, tmp_path, tasks=("written_poem",)))
    assert done.n_rows == 0
    (line,) = (done.folder / "report" / "rejected.jsonl").read_text().splitlines()
    assert "empty" in json.dumps(json.loads(line))


def test_a_poem_that_breaks_its_form_is_rejected_by_name(tmp_path):
    with serving(Endpoint(answer=answer)) as endpoint:
        done = generate(settings(endpoint.url, tmp_path, tasks=("written_rhyme",), forms=("villanelle",)))
    assert done.n_rows == 0
    assert "villanelle" in (done.folder / "report" / "rejected.jsonl").read_text()


def test_each_form_is_asked_for_with_each_topic():
    rows = rows_of_forms(["limerick", "couplets"], ["a poem about fog", "the night bus"])
    assert [row.request for row in rows] == [
        "a limerick about fog", "a limerick about the night bus", "couplets about fog", "couplets about the night bus"
    ]  # fmt: skip
    with pytest.raises(InputError, match="'haiku' is not a form that rhymes"):
        rows_of_forms(["haiku"], ["fog"])


def test_guidance_of_one_question_is_that_of_a_task(tmp_path):
    with pytest.raises(ConfigError, match="unknown task 'lessson'"):
        generate(settings("http://127.0.0.1:9/v1", tmp_path, guidance={"lessson": "x"}))
