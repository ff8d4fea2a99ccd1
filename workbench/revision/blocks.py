"""The blocks of an answer: verse, talk, or parts of what the poet was given to work from.

A block is a run of lines between empty ones. The parts of a critique are blocks of their own, however they are glued
to a poem. What is done with a block depends on where it is: that is for `replies`.
"""

import re
from collections.abc import Sequence

from workbench.revision.poem_marks import is_fence, is_rule
from workbench.revision.talk import is_list, is_next_turn, is_note, is_prose, is_talk

OF_A_BRIEF = re.compile(r"^\W*(?:ANGLE|AVOID|IMAGES FROM|FORM|SOUND|TURN)\s*:")
_OF_A_CRITIQUE = re.compile(
    r"^\W*(?:STRONGEST lines? \d+[^:]{0,12}:|LINES? \d+(?:-\d+)? \([a-z -]+\)\s*:|VERDICT (?:approve|"
    r"revise|start over)\b)"
)
_PROMPTED = re.compile(
    r"^\W*(?:the mentor says|the reader asks|the brief was|measured,? and true|somebody asks for)\s*:", re.I
)

Block = tuple[int, int]  # lines [start, end), none of them empty


def blocks_of(lines: Sequence[str], start: int = 0, end: int | None = None) -> list[Block]:
    """The blocks of lines between empty lines, rules and fences; lines of a critique are blocks of their own."""
    found: list[Block] = []
    begins = -1
    stop = len(lines) if end is None else end
    for place in range(start, stop + 1):
        is_gap = place == stop or not lines[place].strip() or is_rule(lines[place]) or is_fence(lines[place])
        is_other = not is_gap and begins >= 0 and is_judging(lines[place]) != is_judging(lines[begins])
        if (is_gap or is_other) and begins >= 0:
            found.append((begins, place))
            begins = place if is_other else -1
        elif not is_gap and begins < 0:
            begins = place
    return found


def is_judging(line: str) -> bool:
    """Whether a line is a part of a critique."""
    return bool(_OF_A_CRITIQUE.match(line))


def is_material(block: Sequence[str]) -> bool:
    """Whether a block is of what the poet was given: parts of a brief, a critique or a question."""
    n_told = sum(bool(OF_A_BRIEF.match(line) or _PROMPTED.match(line)) for line in block)
    return any(is_judging(line) for line in block) or 2 * n_told > len(block)


def is_verse(block: Sequence[str]) -> bool:
    """Whether a block of several lines is neither talk nor material nor a list."""
    return len(block) > 1 and not is_talk(block, is_first=True) and not is_material(block) and not is_list(block)


def may_follow(block: Sequence[str]) -> bool:
    """Whether a block may come after talk that follows a poem; verse may not, so that it was not talk."""
    return is_talk(block) or is_next_turn(block[0]) or is_list(block) or is_prose(block) or is_material(block)


def is_closing(line: str, others: Sequence[str]) -> bool:
    """A last line of a block that cannot be verse: a part of a critique, a note, an offer, or long talk."""
    if is_judging(line):
        return True
    longest = max(len(other.split()) for other in others)
    is_aside = bool(re.match(r"\W*[(\[*]", line)) or len(line.split()) >= max(7, 1.4 * longest)
    return is_talk([line]) and (is_aside or is_note(line) or bool(re.search(r"\byou\b", line, re.IGNORECASE)))
