import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.prompts.templates import poem_target
from workbench.revision.replies import parse_poem_reply, title_from
from workbench.types import Poem

VERSE = "The rope is wet.\nNobody waves.\n\nThe engine counts\nits one idea."
_LINE = st.lists(st.from_regex(r"[a-z]{2,7}", fullmatch=True), min_size=1, max_size=6).map(" ".join)
_POEM = st.lists(_LINE, min_size=2, max_size=12, unique=True).map("\n".join)


@given(_LINE, _POEM)
def test_reading_undoes_the_spelling_of_training(title, text):
    found = parse_poem_reply(poem_target(Poem(title=title, text=text)))
    assert (found.title, found.text) == (title, text)
    assert not found.problem or "again and again" in found.problem  # letters drawn at random may repeat a line


@given(st.text(max_size=300))
def test_any_answer_is_a_poem_or_has_a_problem(answer):
    found = parse_poem_reply(answer)
    assert found.problem or len([line for line in found.text.split("\n") if line.strip()]) >= 2


@pytest.mark.parametrize("answer", [
    f"Sure! Here is the poem:\n\nTitle: Ferry\nPoem:\n{VERSE}",
    f"**Title:** Ferry\n\n**Poem:**\n{VERSE}",
    f"```\nTitle: \"Ferry\"\nPoem: {VERSE}\n```",
    f"# Ferry\n\n{VERSE}",
    f"Title: Ferry\n\n{VERSE}\n\nI changed the second line so that it says less than it did before.",
    "Title: Title: Ferry.\nPoem: 1. The rope is wet.\n2. Nobody waves.\n\n3. The engine counts\n4. its one idea.",
])  # fmt: skip
def test_what_is_not_the_poem_comes_off(answer):
    found = parse_poem_reply(answer)
    assert (found.title, found.text, found.problem) == ("Ferry", VERSE, "")


@pytest.mark.parametrize(("answer", "why"), [
    ("", "no words"),
    ("Title: Ferry\nPoem:", "no words"),
    ("One line only.", "single line"),
    ("I am sorry, but I would need to know " + "very " * 20 + "much more.\nThank you.", "prose"),
    ("Title: F\nPoem: the light\nthe light\nthe light\nthe light\nthe dark", "again and again"),
    ("ANGLE: the rope\nAVOID: waves\nFORM: ballad", "given"),
    ("STRONGEST line 1: good\nLINE 2 (padding): thin\nVERDICT revise", "given"),
])  # fmt: skip
def test_what_is_no_poem_says_why(answer, why):
    assert why in parse_poem_reply(answer).problem


def test_the_brief_given_back_is_no_poem():
    brief = "the person who sweeps the platform after the last train\nfrom the empty hall to the glove"
    assert "given" in parse_poem_reply(f"Title: T\nPoem: {brief}", given=f"ANGLE: {brief}").problem


def test_a_poem_cut_by_the_limit_loses_its_unfinished_line():
    assert parse_poem_reply(f"Title: F\nPoem: {VERSE}\nand th", ended=False).text == VERSE


def test_prose_is_a_poem_where_prose_was_asked_for():
    assert parse_poem_reply("Title: F\nPoem: " + "the rope and the water " * 9, form="prose poem").problem == ""


def test_a_triolet_may_repeat_its_lines():
    text = "a one\nb two\nc three\na one\nd four\ne five\na one\nb two"
    assert parse_poem_reply(f"Title: T\nPoem: {text}").problem == ""


def test_an_indented_poem_keeps_its_shape():
    assert parse_poem_reply("Title: F\nPoem: one rope\n    two ropes\nthree").text == "one rope\n    two ropes\nthree"


def test_an_untitled_poem_goes_by_its_first_words():
    assert title_from("\nThe rope is wet, nobody knows why.\nx") == "The rope is wet, nobody knows"
