"""Before and after: answers judged by the gates and by prosody, differences paired."""

from workbench.education.types import Library, Row
from workbench.education.workflow.before_after import (
    EDUCATOR_FIGURES,
    POET_FIGURES,
    answered_row,
    as_table,
    judge_educator,
    judge_poet,
    means,
    side_by_side,
)
from workbench.types import Completion, Example, Message, Poem

FERRY = Poem(
    title="Ferry",
    text="The rope is wet and the morning is late\nNobody waves\nA gull stands guard\nThe tide turns hard",
)
GOOD = (
    'STRONGEST line 1: "The rope is wet" puts a hand on the thing before it says the hour, '
    "and the whole crossing hangs from it.\n"
    'LINE 3 (unclear image): "A gull stands guard" tells me that there is something to guard and looks away from it. '
    "TRY: say what the gull has its back to.\n"
    "VERDICT revise: The first two lines hold; the last two hurry. It is a trouble of revision."
)
LIBRARY = Library([FERRY])


def _example(task: str, content: str = "asked", target: str = "answer") -> Example:
    prompt = (Message(role="user", content=content),)
    return Example(id=f"{task}-{content}", poem_id="p", candidate_id="", task=task, prompt=prompt, target=target)


def _said(text: str) -> Completion:
    return Completion(text=text, n_tokens=3, ended=True)


def test_a_sound_critique_passes_and_an_invented_quote_does_not():
    examples = [_example("approval"), _example("critique")]
    rows = {e.id: Row(task=e.task, poem="Ferry", text="as it was", verdict="approve") for e in examples}
    answers = [_said(GOOD), _said(GOOD.replace("The rope is wet", "The moon is wet"))]
    sound, invented = judge_educator(examples, answers, rows, LIBRARY)
    assert (sound.figures["gates passed"], sound.findings) == (1.0, ())
    assert invented.figures["gates passed"] == 0.0
    assert invented.figures["quotes"] == 0.0
    assert invented.figures["format"] == 1.0


def test_no_answer_fails_everything():
    example = _example("critique")
    (judged,) = judge_educator([example], [None], {example.id: Row(task="critique", poem="Ferry")}, LIBRARY)
    assert set(judged.figures.values()) == {0.0}


def test_the_choice_of_a_comparison_is_read_from_its_last_line():
    row = Row(task="comparison", poem_a="Ferry", poem_b="Ferry", text="", stronger="A")
    assert answered_row(_example("comparison"), row, "Both cross.\nSTRONGER: B").stronger == "B"


def test_a_poem_is_read_and_held_against_the_form_that_its_brief_names():
    lines = ("The gutter sang the whole night long", "and would not finish with its song.",
             "The rain came walking down the street", "and set its buckets at my feet.")  # fmt: skip
    poem = "Title: Tin\nPoem: " + "\n".join(lines)
    kept, prose = judge_poet(
        [_example("draft", "FORM: quatrains AABB"), _example("draft", "FORM: free verse, any length")],
        [_said(poem), _said("I cannot write that.")],
    )
    assert (kept.figures["is a poem"], kept.figures["form kept"], kept.figures["strict density"]) == (1.0, 1.0, 1.0)
    assert prose.figures["is a poem"] == 0.0


def test_the_table_shows_the_paired_difference():
    example = _example("dialogue", "FORM: quatrains AABB")  # a task of both, here the poet's part
    poem = "Title: Tin\nPoem: one line of rain\nanother of pain"
    before, after = judge_poet([example], [_said("no")]), judge_poet([example], [_said(poem)])
    assert means(after, POET_FIGURES)["is a poem"].value == 1.0
    row = next(line for line in as_table(before, after, POET_FIGURES).split("\n") if "is a poem" in line)
    assert [cell.strip() for cell in row.split("|")[1:-1]] == ["is a poem", "0.00", "1.00", "+1.00", "1"]
    assert "gates passed" not in as_table(before, after, EDUCATOR_FIGURES)  # says nothing about poets
    assert "one line of rain" in side_by_side(before, after)
    assert "Gates" not in side_by_side(before, after)
