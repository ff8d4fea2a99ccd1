"""Sound poems of the gold set, each damaged in one place by chance: the form must notice, wherever the damage falls."""

import json
import random

import pytest

from workbench.places import ROOT
from workbench.prosody.form_checks import check_form
from workbench.prosody.reading import stanzas_of
from workbench.prosody.syllables import syllable_counts
from workbench.prosody.words import words_of

GOLD = ROOT / "data" / "gold" / "poems.jsonl"
#: Forms in which every line rhymes, and forms in which every line has five feet.
ALL_RHYME = {"shakespearean sonnet", "petrarchan sonnet", "spenserian sonnet", "ottava rima", "rhyme royal",
             "spenserian stanza", "villanelle", "limerick", "heroic couplets", "quatrains ABAB"}  # fmt: skip
FIVE_FEET = {"shakespearean sonnet", "petrarchan sonnet", "spenserian sonnet", "ottava rima", "rhyme royal"}
LONE = "wolf"  # no English word rhymes with it


def sound_poems(forms: set[str]) -> list[tuple[str, str]]:
    rows = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").split("\n") if line]
    return [(row["form"], row["poem"]) for row in rows if row["form"] in forms and not row["broken"]]


def with_line(poem: str, at: int, line: str) -> str:
    """The poem with one line replaced; blank lines stay where they are."""
    place = [number for number, text in enumerate(poem.split("\n")) if text.strip()][at]
    lines = poem.split("\n")
    return "\n".join([*lines[:place], line, *lines[place + 1 :]])


def share_caught(damaged: list[tuple[str, str]]) -> float:
    return sum(not check_form(poem, form).passed for form, poem in damaged) / len(damaged)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_line_that_lost_its_rhyme_is_noticed(seed: int) -> None:
    damaged = []
    for form, poem in sound_poems(ALL_RHYME):
        lines = [line for stanza in stanzas_of(poem) for line in stanza]
        at = random.Random(f"{seed} {poem}").randrange(len(lines))  # noqa: S311 - damage, not secrets
        head, _, _ = lines[at].rpartition(words_of(lines[at])[-1])
        damaged.append((form, with_line(poem, at, head + LONE)))
    assert len(damaged) >= 40
    assert share_caught(damaged) >= 0.97  # a partner whose sound is only guessed gets the benefit of the doubt


@pytest.mark.parametrize("seed", [1, 2])
def test_a_line_that_lost_a_foot_is_nearly_always_noticed(seed: int) -> None:
    damaged = []
    for form, poem in sound_poems(FIVE_FEET):
        chance = random.Random(f"{seed} {poem}")  # noqa: S311 - damage, not secrets
        lines = [line for stanza in stanzas_of(poem) for line in stanza]
        at = chance.randrange(len(lines))
        words = lines[at].split()
        pairs = [
            place for place in range(len(words) - 2) if syllable_counts(" ".join(words[place : place + 2])) == (2,)
        ]
        if pairs:
            place = chance.choice(pairs)
            damaged.append((form, with_line(poem, at, " ".join([*words[:place], *words[place + 2 :]]))))
    assert len(damaged) >= 25
    assert share_caught(damaged) >= 0.9
