import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.revision.replies import GLUED, VERSE
from workbench.prompts.templates import poem_target
from workbench.revision.labels import title_from
from workbench.revision.replies import parse_poem_reply
from workbench.types import Poem

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


POEM_OF_TWO = "Nobody oiled the weathercock,\nso it kept pointing at us."


@pytest.mark.parametrize(("written", "text"), [
    ("**Oh** the pan leans back,\nthe __rope__ is *wet*.", "Oh the pan leans back,\nthe rope is wet."),
    ("*The pan leans back,\nthe rope is wet.*", "The pan leans back,\nthe rope is wet."),
    ("***The pan leans back,***\n***the rope is wet.***", "The pan leans back,\nthe rope is wet."),
    ("The pan ** leans,\n5 * 3 ropes.", "The pan ** leans,\n5 * 3 ropes."),
    (" 1  The pan leans back,\n 2  the rope is wet.", "The pan leans back,\nthe rope is wet."),
    ("1) The pan leans back,\n2) the rope is wet.", "The pan leans back,\nthe rope is wet."),
    ("The pan leans back,<br>the rope is wet.", "The pan leans back,\nthe rope is wet."),
    ("- The pan leans back,\n- the rope is wet.", "The pan leans back,\nthe rope is wet."),
    ('{"title": "S", "poem": "The pan leans back,\\nthe rope is wet."}', "The pan leans back,\nthe rope is wet."),
])  # fmt: skip
def test_marks_come_off_and_words_stay(written, text):
    assert parse_poem_reply(written).text == text


@pytest.mark.parametrize("answer", [
    VERSE.replace("\n\n", " // ").replace("\n", " / "),
    VERSE.replace("\n\n", "\u2029").replace("\n", "\u2028"),
    VERSE.replace("\n", "\\n"),
    "<p>" + VERSE.replace("\n\n", "</p>\n<p>").replace("\n", "<br>\n").replace("</p><br>", "</p>") + "</p>",
    "\n".join(f'"{line}"' if line else "" for line in VERSE.split("\n")),
    'Here you go:\n```json\n{"title": "F", "poem": "' + VERSE.replace("\n", "\\n") + '"}\n```\nEnjoy!',
    '{"poem": {"lines": ["The rope is wet.", "Nobody waves.", "", "The engine counts", "its one idea."]}}',
    '{"reasoning": "ropes", "answer": "' + VERSE.replace("\n", "\\n") + '"}',
    '{"revised_poem": "' + VERSE.replace("\n", "\\n") + '"}',
    "```diff\n-The rope was old.\n" + "\n".join(f"+{line}" for line in VERSE.split("\n")) + "\n```",
    "Here it is:\n\n" + "\n".join(f"> {line}".rstrip() for line in VERSE.split("\n")) + "\n\nEnjoy!",
    "\n".join(f"{line} ({len(line.split())} words)" if line else "" for line in VERSE.split("\n")),
    "\n".join(f"{line}  // a" if line else "" for line in VERSE.split("\n")),
    "\n".join(f"{line} (A)" if line else "" for line in VERSE.split("\n")),
    "Here is your poem: " + VERSE.replace("\n\n", " // ").replace("\n", " / "),
    "[Verse 1]\n" + VERSE.replace("\n\n", "\n\n[Chorus]\n"),
    '{"stanzas": [["The rope is wet.", "Nobody waves."], ["The engine counts", "its one idea."]]}',
])  # fmt: skip
def test_lines_are_found_in_every_spelling_of_a_line_s_end(answer):
    assert parse_poem_reply(answer).text == VERSE


@pytest.mark.parametrize("title", ["*Scales*", "“Scales”", '"Scales"', "Scales\n======", "**Scales**", "## Scales"])
def test_a_title_alone_is_the_title(title):
    found = parse_poem_reply(f"{title}\n\n{GLUED}")
    assert (found.title, found.text) == ("Scales", GLUED)


def test_what_is_left_out_is_said():
    found = parse_poem_reply(f"Sure! Here is the poem:\n\n{VERSE}\n\nLet me know if you'd like any changes!")
    assert [remark[:17] for remark in found.remarks] == ["left out as talk:"] * 2


def test_of_two_poems_the_last_is_taken_and_it_is_said():
    found = parse_poem_reply(f"Title: Old\nPoem: a rope\na pan\n\nTitle: New\nPoem: {VERSE}")
    assert (found.title, found.text) == ("New", VERSE)
    assert "2 poems" in found.remarks[0]


def test_of_two_versions_the_last_is_taken_and_it_is_said():
    found = parse_poem_reply(f"**Version 1**\n\na rope\na pan\n\n**Version 2**\n\n{VERSE}")
    assert found.text == VERSE
    assert "2 versions" in found.remarks[0]


@pytest.mark.parametrize("table", [
    "| # | Line |\n|---|---|\n| 1 | A rope, |\n| 2 | a pan. |", "| A rope, |\n| a pan. |",
    "+-----+\n| A rope, |\n| a pan. |\n+-----+",
    "| 1 | A rope, |\n| 2 | a pan. |", "Here it is:\n\n| Line | Text |\n|:-:|---|\n| 1 | A rope, |\n| 2 | a pan. |",
])  # fmt: skip
def test_a_poem_in_a_table_is_read(table):
    assert parse_poem_reply(table).text == "A rope,\na pan."


def test_a_table_of_changes_is_no_poem():
    assert parse_poem_reply("| Line | Change |\n|---|---|\n| 1 | a shorter verb |\n| 2 | no article |").problem


def test_every_line_that_is_left_out_is_said():
    found = parse_poem_reply(
        f"Sure!\nA rope for you.\n\nTitle: Ferry\nPoem: {VERSE}\n\nUser: thanks\nAssistant: gladly"
    )
    told = " ".join(found.remarks)
    assert all(line in told for line in ("Sure!", "A rope for you.", "User: thanks", "Assistant: gladly"))


@pytest.mark.parametrize("last", ["And still the tide.", "— for the night nurse", "Title idea 2: Ladders"])
def test_a_line_alone_after_stanzas_is_kept_and_said(last):
    found = parse_poem_reply(f"{VERSE}\n\n{last}")
    assert found.text == f"{VERSE}\n\n{last}"
    assert found.remarks == (f"kept, though it may be talk: “{last}”",)


def test_lines_that_look_like_titles_are_not_lost():
    verse = "Title: to the house.\nTitle: to the land.\nThe clerk, no bigger than a mouse,\nholds out his hand."
    assert parse_poem_reply(verse).text == verse


def test_a_mark_that_may_be_a_thought_s_is_said():
    found = parse_poem_reply(f"{VERSE}\n</think>")
    assert (found.text, found.problem) == (VERSE, "")
    assert "may be a thought" in found.remarks[0]


def test_an_answer_cut_in_its_afterword_loses_no_line_of_the_poem():
    assert parse_poem_reply(f"{VERSE}\n\nI kept the strongest line and", ended=False).text == VERSE


def test_an_answer_cut_at_the_end_of_a_line_keeps_the_line():
    found = parse_poem_reply(f"Title: F\nPoem: {VERSE}\n", ended=False)
    assert (found.text, found.remarks) == (VERSE, ())


def test_a_cut_says_so():
    found = parse_poem_reply(f"Title: F\nPoem: {VERSE}\nand th", ended=False)
    assert found.remarks == (
        "the answer was cut short (by the token limit, or a broken connection); its unfinished last line was left out",
    )


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


def test_the_line_that_was_left_out_is_the_one_that_is_named():
    found = parse_poem_reply(
        "I'm sorry I can't help you with the cart.\nThe wheel is off.\nThe spokes are in the barn."
    )
    left = [remark for remark in found.remarks if remark.startswith("left out")]
    assert all(line in found.text or any(line[:30] in remark for remark in left) for line in (
        "I'm sorry I can't help you with the cart.", "The wheel is off.", "The spokes are in the barn."))  # fmt: skip
    assert not any("spokes" in remark for remark in left)


@pytest.mark.parametrize(
    ("answer", "title", "text"),
    [
        (f"Let me give this a shot:\n\n**Weathercock**\n\n{POEM_OF_TWO}", "Weathercock", POEM_OF_TWO),
        (f"Poem follows.\n\n{POEM_OF_TWO}", "", POEM_OF_TWO),
        ("# Till\n\nthe meter ticks,\\\nthe clerk goes home.", "Till", "the meter ticks,\nthe clerk goes home."),
    ],
)
def test_what_leads_to_a_title_and_what_breaks_a_line_come_off(answer, title, text):
    found = parse_poem_reply(answer)
    assert (found.title, found.text, found.problem) == (title, text, "")


def test_a_verse_that_announces_what_another_told_is_kept_and_said_to_be_in_doubt():
    verse = "Here is the version that the miller told:\na pinch of rye, a thread of red,\nthe ticket for a show."
    found = parse_poem_reply(verse)
    assert found.text == verse
    assert found.remarks == ("kept, though it may be talk: “Here is the version that the miller told:”",)
    asked = parse_poem_reply(f"Here is the version that you asked for:\n{verse.partition(chr(10))[2]}")
    assert asked.text == verse.partition("\n")[2]
