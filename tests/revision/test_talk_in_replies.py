"""Talk around a poem comes off, verse that is like talk stays, and what is doubtful is said."""

import pytest

from tests.revision.replies import GLUED, VERSE
from workbench.revision.replies import parse_poem_reply


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


def test_what_may_be_talk_is_kept_and_said():
    found = parse_poem_reply(f"{VERSE}\n\nLet me know if you want more changes.\nThe rope will not mind.")
    assert found.text.endswith("The rope will not mind.")
    assert "kept, though" in found.remarks[0]
