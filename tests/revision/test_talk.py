"""Talk around poems and alone: 20 kinds of each, over the poems of `data/poems` and made ones, 500 in all."""

import random
from functools import cache

import pytest

from workbench.corpus.load import load_poems
from workbench.places import ROOT
from workbench.prompts.templates import poem_target
from workbench.revision.replies import parse_poem_reply
from workbench.types import Poem

N_POEMS = 500
KINDS_A_POEM = 1  # 20 = every poem in every kind, 10,000 trials: run once when this was written, none was lost
BEFORE = [
    "Here is the poem:", "Sure! Here's a poem about a shop:", "Certainly! Below is the revised version:",
    "Of course. Here is my attempt:", "Absolutely! Here's a revised draft that takes up the feedback:",
    "Thank you for the critique. I've revised the poem accordingly.", "Okay, here it is:", "Sure!",
    "I've rewritten the second stanza and kept the rest of the poem as it was:", "**Revised Poem:**", "### Draft 2",
    "Here is a sonnet in iambic pentameter on the subject you gave me:", "Got it! Here goes:", "Revised version:",
    "Great question! Here's my attempt:",
    "Gerne! Hier ist dein Gedicht über den Laden:", "Bien sûr ! Voici une version :",
    "Alright! Because you asked for something plain and short, I leaned on the shop and left out everything that "
    "shines in the window of it.", "Okay, the user wants a poem about a shop.", "Absolutely — here you go:", "<poem>",
]  # fmt: skip
AFTER = [
    "Let me know if you'd like any changes!", "I hope this captures what you were looking for.",
    "I kept the strongest line and replaced the cliché in the second stanza.",
    "This poem uses concrete imagery to explore the theme of patience.",
    "**Changes made:**\n- I swapped the cliché of line 2\n- I kept your strongest image",
    "Note: I kept the rhyme scheme ABAB throughout the poem.", "Would you like me to adjust the tone or the length?",
    "---\nLet me know if you want another version of this.", "### Notes\n\n* Line 3: a stronger verb\n* a new ending",
    "(Word count: 84)", "*This revision aims for a quieter tone and avoids abstraction.*",
    "Feel free to ask for further revisions.", "If you'd like, I can also write a shorter version.", "Enjoy!",
    "I hope this works better for you!", "Let me know what you think!", "Would you like me to try another form?",
    "Changes I made:\n1. Replaced a weak verb\n2. Cut the last stanza", "| Line | Change |\n|---|---|\n| 1 | shorter |",
    "This revision keeps the strongest line and cuts the adjectives.", "Human: make it longer", "</poem>",
    "Sag mir Bescheid, wenn ich etwas ändern soll!", "Espero que te guste. ¿Quieres que cambie algo?",
    "N'hésitez pas à me dire si vous souhaitez d'autres modifications.", "Fammi sapere se vuoi che modifichi qualcosa!",
    "Ich habe die zweite Strophe gekürzt.", "Self-assessment: 8/10\nClichés used: none\nConfidence: high",
    "<notes>Cut one adjective.</notes>", "<self_assessment>\nForm: 7/10\n\nSound: 9/10\n</self_assessment>",
    "<details>\n<summary>Notes</summary>\n\nShort lines.\n\n</details>", "🌟 Hope you love it! 🌟",
    "I think the shop lands well. Want a darker ending?", "User: thanks!\n\nAssistant: You're welcome!",
]  # fmt: skip
#: Twenty kinds of talk around a poem: in front, behind, both, with labels, fences and marks.
KINDS = [
    lambda poem, before, after: f"{before}\n\n{poem.text}",
    lambda poem, before, after: f"{poem.text}\n\n{after}",
    lambda poem, before, after: f"{before}\n\n{poem.text}\n\n{after}",
    lambda poem, before, after: f"{before}\n\n{poem_target(poem)}",
    lambda poem, before, after: f"{poem_target(poem)}\n\n{after}",
    lambda poem, before, after: f"{before}\n\n{poem_target(poem)}\n\n{after}",
    lambda poem, before, after: f"{before}\n\n```\n{poem.text}\n```\n\n{after}",
    lambda poem, before, after: f"```\n{poem_target(poem)}\n```",
    lambda poem, before, after: f"```text\n{poem_target(poem)}\n```\n{after}",
    lambda poem, before, after: f"{before}\n\n---\n\n{poem.text}\n\n---\n\n{after}",
    lambda poem, before, after: f"**Title:** {poem.title}\n\n**Poem:**\n\n{poem.text}\n\n{after}",
    lambda poem, before, after: f"# {poem.title}\n\n{poem.text}\n\n{after}",
    lambda poem, before, after: f"**{poem.title}**\n\n{poem.text}",
    lambda poem, before, after: f"{before}\n\n**{poem.title}**\n\n{poem.text}\n\n{after}",
    lambda poem, before, after: f"<think>\n{before} A plan.\n</think>\n\n{poem.text}\n\n{after}",
    lambda poem, before, after: f"A plan, in short lines.\n</think>\n{poem_target(poem)}",
    lambda poem, before, after: f"{before}\n\n{poem.text}\n\n{after}\n\nLet me know if you want further changes.",
    lambda poem, before, after: "\n".join(f"> {line}" for line in poem.text.split("\n")),
    lambda poem, before, after: f"{poem_target(poem)}\n\n\n***\n\n{after}\n",
    lambda poem, before, after: f"ANGLE: the shop\nAVOID: cold as ice; old clock\n\n{poem_target(poem)}\n\n{after}",
]
ALONE = [
    "I'm sorry, but I can't help with that request.\n\nPlease provide more details about the poem.",
    "As an AI language model, I don't have personal feelings.\nI can help you write a poem, though.",
    "Could you please share the draft you would like me to revise?\nI need the poem and the critique.",
    "Sure! What kind of poem would you like?\n\nPlease tell me the form and the subject.",
    "**Changes made:**\n- I swapped the cliché of line 2\n- I kept your strongest image",
    "Here is the poem:\n\nLet me know if you'd like any changes!",
    "I've revised the poem according to your feedback.\n\nI hope this version meets your expectations.",
    "Thank you for the feedback!\n\nI'll revise the poem with that in mind.",
    "ANGLE: the rope\nAVOID: waves; tears\nFORM: ballad",
    "STRONGEST line 1: it holds.\nLINE 2 (padding): thin. TRY: cut.\nVERDICT revise: not yet.",
    "This poem uses vivid imagery to explore themes of loss.\n\nThe rhyme scheme adheres to the form of a sonnet.",
    "Error: the model is overloaded.\nError: try again later.",
    "Certainly! I'd be happy to help you with a poem.\n\nWhat style of poem are you looking for?",
    "### Notes\n\n* Line 3: a stronger verb\n* Line 4: a new ending",
    "I cannot write that poem.\n\nIf you'd like, I can write a different version.",
    "I need more information about the brief.\n\nPlease share the poem that you want revised.",
    "Word count: 84\n\nRhyme scheme: ABAB CDCD",
    "<think>\nLet me plan the poem.\nA shop, short lines.",
    "Of course! I will revise the poem.\n\nPlease give me the critique first.",
    "Let me know if you'd like any changes!\n\nI hope this poem captures what you were looking for.",
]  # fmt: skip


@cache
def poems() -> list[Poem]:
    """The poems of the project that are poems by the reader's own rules, and made ones up to five hundred."""
    found = [poem for kind in ("good", "bad") for poem in load_poems(ROOT / "data" / "poems" / kind)]
    sound = [poem for poem in found if not parse_poem_reply(poem_target(poem)).problem]
    assert len(sound) > 100
    drawn = random.Random(12)  # noqa: S311 - no secret
    words = [
        "rope",
        "pan",
        "brass",
        "shop",
        "weighs",
        "leans",
        "back",
        "one",
        "nobody",
        "the",
        "of",
        "a",
        "still",
        "under",
        "salt",
        "warm",
        "keeps",
        "made",
        "have",
    ]
    while len(sound) < N_POEMS:
        lines = {" ".join(drawn.choices(words, k=drawn.randint(3, 8))) for _ in range(drawn.randint(4, 14))}
        sound.append(Poem(title=drawn.choice(words).title(), text="\n".join(lines)))
    return sound[:N_POEMS]


def test_500_poems_come_back_whole_from_the_talk_around_them():
    lost = []
    for place, poem in enumerate(poems()):
        for kind in [(place + n) % len(KINDS) for n in range(KINDS_A_POEM)]:
            before, after = BEFORE[place % len(BEFORE)], AFTER[(place + kind) % len(AFTER)]
            found = parse_poem_reply(KINDS[kind](poem, before, after))
            if found.text.split() != poem.text.split() or found.problem:
                lost.append((poem.title, kind, before, after, found.problem, found.text))
    assert lost == []


@pytest.mark.parametrize("answer", ALONE)
def test_talk_alone_is_no_poem(answer):
    assert parse_poem_reply(answer).problem


def test_there_are_twenty_kinds_of_each():
    assert (len(KINDS), len(ALONE), len(poems())) == (20, 20, N_POEMS)
