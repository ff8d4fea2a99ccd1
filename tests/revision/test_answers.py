"""A hundred and twenty answers as models write them, each with its poem: `python -m bench.foreign talk 120`.

They were written before any of them was read by the code: talk in all its places, and verse that begins as talk does.
In `answers.txt` an answer begins at `####`; its poem is between the brackets, or below `====` where marks are on it.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from workbench.revision.replies import parse_poem_reply
from workbench.revision.verse import KEPT

N_ANSWERS, LEAST_WHOLE = 120, 100
PROSE = ("108",)  # asked for as a prose poem
ENGLISH = [
    "I have the keys to every door in town,\nand none to mine. The rain is coming down.",
    "My house is on the hill above the shop.\nThe chimney leans, the door is painted brown.",
]
LAST = [
    "That's where I live, and I can smell the top.", "Now I can read it, I must say, by name.",
    "They tell me I've been sick.", "If you want, even though it's sick.", "There's nothing else to do.",
    "Please put in it anything you've finished with.", "I can't own you, but I can say it's right.",
    "and there you are again.",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came, and the poem in it."""

    name: str
    text: str
    poem: str


@cache
def answers() -> list[Answer]:
    """All of them, in their order."""
    found = []
    text = Path(__file__).with_name("answers.txt").read_text(encoding="utf-8")
    for part in re.split(r"(?m)^#### ", text)[1:]:
        name, _, body = part.rstrip("\n").partition("\n")
        told, _, below = body.partition("\n====\n")
        poem = below or told[told.index("⟦") + 1 : told.index("⟧")]
        found.append(Answer(name=name, text=told.replace("⟦", "").replace("⟧", ""), poem=poem.strip()))
    return found


def outcome(answer: Answer) -> str:
    """read: the poem and nothing else; named: with more, which is said; lost: a line is missing, or more is unsaid."""
    found = parse_poem_reply(answer.text, form="prose poem" if answer.name in PROSE else "")
    if found.text == answer.poem and not found.problem:
        return "read"
    words, read = re.findall(r"[^\W\d_]+", answer.poem), re.findall(r"[^\W\d_]+", found.text)
    is_there = f" {' '.join(words)} " in f" {' '.join(read)} "
    is_said = any(remark.startswith((KEPT, "left out as marks")) for remark in found.remarks)
    return "named" if is_there and is_said and not found.problem else "lost"


def test_no_poem_loses_a_line_and_what_stays_beside_it_is_said():
    assert [answer.name for answer in answers() if outcome(answer) == "lost"] == []


def test_most_poems_come_out_of_their_answers_alone():
    assert len(answers()) == N_ANSWERS
    assert sum(outcome(answer) == "read" for answer in answers()) >= LEAST_WHOLE


@pytest.mark.parametrize("last", LAST)
@pytest.mark.parametrize("stanza", ENGLISH)
def test_a_last_line_alone_stays_in_though_there_was_talk_before_the_poem(stanza, last):
    found = parse_poem_reply(f"Sure! Here is the poem:\n\n{stanza}\n\n{last}")
    assert found.text == f"{stanza}\n\n{last}"


@pytest.mark.parametrize("verse", [
    "Here is the ladder. Here is the roof.\n\nHere is the moss with its million small hands.\nHere is the gutter.",
    "Here's your answer to the question forever.\n\nThe rope is wet, the boat is gone,\nthe lamp was never lit.",
    "Warning: contents may be hot.\n\nWarning: contents may be cold.\nWarning: what you have is not.",
    "Der Regen hat den Tisch gedeckt\nmit Tellern, die zerrinnen.\n\nWir sitzen innen.",
    "La silla sola en la acera\nespera que alguien se canse.\n\npasa la tarde. Nadie se sienta.",
])  # fmt: skip
def test_a_line_alone_in_the_manner_or_the_language_of_its_poem_stays_in(verse):
    found = parse_poem_reply(f"Sure! Here is the poem:\n\n{verse}\n\nLet me know if you'd like any changes!")
    assert (found.text, found.problem) == (verse, "")


@pytest.mark.parametrize(("answer", "poem"), [
    ("**Version 1 (rhymed):**\n\nA rope, a boat,\na coat.\n\n**Version 2 (free):**\n\nThe rope is wet,\nno one waves.",
     "The rope is wet,\nno one waves."),
    ("Here are two options.\n\n1\n\nA rope, a boat,\na coat.\n\n2\n\nThe rope is wet,\nno one waves.",
     "The rope is wet,\nno one waves."),
    ("Option A\n\nA rope, a boat,\na coat.\n\nOption B\n\nThe rope is wet,\nno one waves.\n\nOption B is braver.",
     "The rope is wet,\nno one waves."),
    ("1\n\nA rope, a boat,\na coat.\n\n2\n\nThe rope is wet,\nno one waves.",
     "1\n\nA rope, a boat,\na coat.\n\n2\n\nThe rope is wet,\nno one waves."),
    ("A one-line poem, as you asked:\n\nSundays the dead get up and mow.", "Sundays the dead get up and mow."),
])  # fmt: skip
def test_of_versions_the_last_is_taken_and_parts_of_a_poem_are_none(answer, poem):
    found = parse_poem_reply(answer)
    assert (found.text, found.problem) == (poem, "")
