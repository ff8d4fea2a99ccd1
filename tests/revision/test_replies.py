import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.prompts.templates import poem_target
from workbench.revision.labels import title_from
from workbench.revision.replies import parse_poem_reply
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


@pytest.mark.parametrize("verse", [
    "The cellar's cold,\nthe shelf is full.\n\nI have kept one for the one who comes,\nand one for who repairs.",
    "The scales are true.\nSo is the dust.\n\nI made the bed the way you made it when you left,\nand lay.",
    "The rope was hemp.\nThe rope was long.\n\nThis poem is the only knot that I have ever tied,\nand it gave.",
    "A rope, a pan.\nA pan, a rope.\n\nLet me know if the river comes as far as the door,\nand I will come.",
    "Below the quay the winter sang:\nlie down, lie down in me,\nmy sheets are washed, my pillow white.",
    "Here is the hour the ferry keeps:\none rope, one bell, one oar.\nSure as the tide, it sleeps.",
    "1 for the lock,\n2 for the key,\n3 for the clerk who forgot\n4 to see.",
    "The usher called us one by one,\nVerdict in a folded note,\nthe wet hat on the usher's knee.",
    "Line 9 is where the tram turns round,\nSound: a coin inside a shoe,\nForm: whatever form I found.",
    "Notes: a bell, a rope, a bell.\nTitle deeds in a biscuit tin.\nAngle of the lamp at two.",
    "Sure, the rope is wet.\nCertainly, the pan leans back.",
    "one\n\n* * *\n\ntwo ropes\nthree",
    "- Who goes?\n- A rope.\nNo more was said.",
    "Human: a word for what is left\nwhen all the rest is gone.\nAssistant: one who holds the rope\nand hums a song.",
    "User: the tide.\nPassword: salt.\n\nUser: the tide.\nStill wrong.",
    "I'm sorry I can't help you with the pan.\nIts lid is lost.\nThe handle ran.",
    "*\n\na rope\na pan\n\n*\n\na pan\na rope\n\n*\n\nno one",
    "Sag mir, wohin das Seil gegangen ist.\nEs hing am Haken.\n\nWenn du mich fragst, so weiß es nur der Rost\n"
    "in seinem Laken.",
    "The assistant at the counter weighs the rope.\nAssistant: it is all he is.\nHuman: all he hopes\n"
    "to come to is this.",
    "Okay, the user of this bench has gone.\nThe bench remembers knees.",
    "Der Hafen schläft, das Seil ist nass.\nDie Möwe zählt das Geld.\n\n"
    "Sag mir, soll ich noch etwas ändern an der Welt?",
    "Grief: 9/10.\nWeather: 2.\nThe men\nwho came with the van: 0 of them knew.",
    "They wrote </think> above the door\nand nobody came in.",
    "Weight: one stone.\nHeight: of the door.\nThe scales alone\nwant more.",
])  # fmt: skip
@pytest.mark.parametrize("label", ["", "Title: Scales\nPoem: "])
def test_verse_that_begins_like_talk_is_verse(label, verse):
    found = parse_poem_reply(label + verse)
    assert (found.text, found.problem) == (verse, "")


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
    "<scratchpad>\nA rope, short lines.\n</scratchpad>\n{}",
    "<|channel>thought\nA rope.\n<channel|>{}",
    "{}</s>", "{}<|im_end|>", "{}\n<|endoftext|>", "Assistant: {}",
    "<poem>\n{}\n</poem>", "<title>Ferry</title>\n<poem>\n{}\n</poem>", '"""\n{}\n"""',
    "✨ Here's your poem! ✨\n\n{}", "🌧️ **Ferry** 🌧️\n\n{}", "Voilà!\n\n{}",
    "Hier ist das Gedicht:\n\n{}", "Voici le poème révisé :\n\n{}", "Aquí tienes el poema:\n\n{}",
    "\\begin{{verse}}\n{}\n\\end{{verse}}", "[Verse 1]\n{}", "Stanza 1:\n{}", "title: Ferry\npoem: |\n{}",
    "Natuurlijk! Hier is je gedicht:\n\n{}", "Original:\nThe rope was old.\n\nRevised:\n{}",
    '<artifact title="Ferry">\n{}\n</artifact>', "<!-- plan: a rope -->\n{}", "{}\n\n#poetry #sea",
    "{}\n\n## Why this works\n\nThe poem trusts its nouns.", "{}\n\nChecklist:\n- [x] four lines\n- [ ] rhyme",
    "\\boxed{{{}}}", "Poem below ↓\n\n{}", "{}\n\n[End]", "{}\n\nTokens used: 48", "{}\n\nWould love your thoughts!",
    "{}\n\nP.S. I avoided the word as the brief asked.",
    "Draft:\nA rope.\nA pan.\n\nSelf-critique: thin.\n\nFinal:\n{}",
    "{}\n\nI hope you like it! 😊", "{}\n\n[4 lines, 14 words]", "{}\n\n(End of poem)",
])  # fmt: skip
def test_what_models_put_around_a_poem_comes_off(answer):
    found = parse_poem_reply(answer.format(VERSE))
    assert (found.text, found.problem) == (VERSE, "")


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


@pytest.mark.parametrize("answer", [
    "The server is currently overloaded.\nPlease try again later.",
    "You are over your current quota.\nFor more information, read the docs.",
    "As a language model I cannot write about this topic.\nPlease choose another one.",
    "What form would you like?\nShould it rhyme?",
])  # fmt: skip
def test_refusals_and_errors_are_no_verse(answer):
    assert parse_poem_reply(answer).problem


@pytest.mark.parametrize("verse", [
    '"Who goes?"\nNobody said a word.', "a rope / a pan\na pan / a rope", "verse upon verse\nupon the wet rope",
    "hope you like it cold\nhe said, and shut the door",
    "The service is busy with bells,\nthe ringers are out of breath.",
    "10 lines in the ledger,\n3 words for the rope.",
])  # fmt: skip
def test_verse_with_such_marks_and_words_is_verse(verse):
    found = parse_poem_reply(verse)
    assert (found.text, found.problem) == (verse, "")


GLUED = "The pan comes back,\nthe brass is warm,\nnobody weighs a thing."


@pytest.mark.parametrize("before", [
    "I've tightened the second line as you asked.", "Understood. I'll keep the strongest image.", "FINAL POEM",
    "[Poem]", "<poem>", "Certainly. Below is the updated version:", "Draft 2:",
])  # fmt: skip
def test_talk_glued_to_the_first_line_comes_off(before):
    found = parse_poem_reply(f"{before}\n{GLUED}")
    assert (found.text, found.problem) == (GLUED, "")


@pytest.mark.parametrize("after", [
    "Key changes:\n- line 1: shorter\n- line 2: a new verb", "What I changed:\n* verbs\n* the ending",
    "VERDICT approve", "Would you like another one?",
    "### Summary of Changes\nI cut two adjectives and kept the rhyme.", "(I swapped the cliché in the third line.)",
    "Word count: 14", "I cut the second stanza because it repeated the first.", "User: thanks",
    "**Form:** free verse\n**Meter:** loose iambic", "This version is tighter, with stronger verbs and a clearer turn.",
])  # fmt: skip
def test_talk_glued_to_the_last_line_comes_off_and_is_said(after):
    found = parse_poem_reply(f"Title: Scales\nPoem: {GLUED}\n{after}")
    assert (found.text, found.problem) == (GLUED, "")
    assert found.remarks


@pytest.mark.parametrize("title", ["*Scales*", "“Scales”", '"Scales"', "Scales\n======", "**Scales**", "## Scales"])
def test_a_title_alone_is_the_title(title):
    found = parse_poem_reply(f"{title}\n\n{GLUED}")
    assert (found.title, found.text) == ("Scales", GLUED)


@pytest.mark.parametrize("verse", [
    "Of course the title went to him.\nOf course the last line broke.\nNobody weighs a thing.",
    "*Slowly* the lamp is trimmed,\nthe brass is warm,\nnobody weighs.",
    "“Come in,” she said,\nthe brass is warm,\nsit down.",
    "The critic sat among the ferns,\nhis feedback was a cough.\nThe last line of the river turns\nand goes off.",
    "Changes: the milk,\nchanges: the mail,\nchanges: the silk\nof the sea in the pail.",
    "They read the summary at noon:\nNote: it is late,\nnote the closed gate,\nnote the moon.",
])  # fmt: skip
def test_verse_that_is_like_glued_talk_is_verse(verse):
    found = parse_poem_reply(f"Title: Scales\nPoem: {verse}")
    assert (found.text.split(), found.problem) == (verse.replace("*", "").split(), "")


def test_what_is_left_out_is_said():
    found = parse_poem_reply(f"Sure! Here is the poem:\n\n{VERSE}\n\nLet me know if you'd like any changes!")
    assert [remark[:17] for remark in found.remarks] == ["left out as talk:"] * 2


def test_what_may_be_talk_is_kept_and_said():
    found = parse_poem_reply(f"{VERSE}\n\nLet me know if you want more changes.\nThe rope will not mind.")
    assert found.text.endswith("The rope will not mind.")
    assert "kept, though" in found.remarks[0]


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
