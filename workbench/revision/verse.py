"""Which lines of an answer are verse: what is talk before and after it is left out and said, what may be talk as well.

Talk is left out only before the first and after the last block of verse, by what it is (`talk`) and by what speaks for
it there (`edges`). A line glued to a stanza goes where nothing else can be meant. Pure.
"""

import re
from collections.abc import Sequence

from workbench.revision.blocks import Block, is_closing, is_material, may_follow
from workbench.revision.edges import verse_between
from workbench.revision.labels import heading_of
from workbench.revision.talk import (
    introduces,
    is_doubtful,
    is_glued_consent,
    is_glued_note,
    is_list,
    is_next_turn,
    is_talk,
    may_be_talk,
    may_be_verse,
)

KEPT = "kept"  # how a remark begins on what was kept in doubt
MOST_SHOWN = 120  # characters of what was left out, or may be talk
_TRANSLATED = re.compile(
    r"[^\w\n]*(?:(?:english|literal|spanish|german|french) )?(?:translation|traducci[oó]n|traduction|übersetzung|"
    r"tradução|traduzione)\b(?: \w+){0,3}[^\w\n]*(?:\([^()\n]*\))?[^\w\n]*$", re.IGNORECASE,
)  # fmt: skip
#: Models that were trained on exercises continue with the next one.
_OTHER_TASK = re.compile(
    r"\s*#{1,4}\s+\W*(?:[^\n]*:\W*$|[^\n]*\byour\b|(?:task|exercise|instruction|question|solution|answer|problem)s?\b)",
    re.IGNORECASE,
)
_NEXT_POEM = re.compile(r"[\s*#_>]*poem[*_]*\s*:", re.IGNORECASE)
_HEADED = re.compile(r"\s*(?:#|\*\*|__)")
_SECTION = re.compile(r"\W*(?:part |canto |section )?(?:[ivxlc]+|\d+)\W*", re.IGNORECASE)
#: What a line of verse announces: the version that the miller told.
_TOLD = re.compile(
    r"\b(?:that|which) (?:he|she|they|we|(?:the|an?|his|her|our) (?!(?:brief|prompt|critique|mentor|user|person|poem|"
    r"reader)s?\b)\w+)\b[^,;]*:\W*$", re.IGNORECASE,
)  # fmt: skip
_FEW_ALONE = 2  # lines alone, first or last, in a poem that has stanzas otherwise

Told = Sequence[Sequence[str]]  # the lines of each block


def verse_in(lines: Sequence[str], blocks: Sequence[Block], remarks: list[str]) -> list[Block]:
    """The blocks from the first to the last one that is not talk; what is left out or in doubt goes to the remarks."""
    told = [lines[start:end] for start, end in blocks]
    first, last = 0, len(told)
    while first < last and _is_before_verse(told[first:last]):
        first += 1
    is_dialogue = _is_dialogue(told, first)
    last = _end_of_verse(told, first, is_dialogue=is_dialogue)
    doubted: list[Sequence[str]] = []
    if last - first > 1:
        start, end, doubtful = verse_between(told[first:last], is_chatty=first > 0 or last < len(told))
        doubted = [told[first + place] for place in doubtful]
        first, last = first + start, first + end
    inner = list(blocks[first:last])
    if inner:
        inner[0] = _without_glued_start(lines, inner[0])
        first_line = lines[inner[0][0]]
        remarks += [_in_doubt([first_line])] * bool(_TOLD.search(first_line) and may_be_talk([first_line]))
        inner[-1] = _without_glued_end(lines, inner[-1], is_dialogue=is_dialogue)
    _tell(told, blocks, inner, remarks)
    remarks += [said for block in doubted if (said := _in_doubt(block)) not in remarks]
    return inner


# ---------------------------------------------------------------- private


def _is_dialogue(told: Told, first: int) -> bool:
    """Whether turns of a talk are the poem's own."""
    return any(is_next_turn(block[0]) for block in told[first : first + 1]) or any(
        sum(map(is_next_turn, block)) > 1 and not is_next_turn(block[0]) for block in told[first:]
    )


def _end_of_verse(told: Told, first: int, *, is_dialogue: bool) -> int:
    """The first block from which on all is talk, with the heading over it."""
    last = len(told)
    for place in range(first + 1, last):
        block, below = told[place], (told[place + 1 :] or [[""]])[0]
        is_end = is_material(block) or (is_next_turn(block[0]) and not is_dialogue)
        is_said = (is_talk(block) and not may_be_verse(block, told[first])) or (
            len(block) == 1
            and is_list(below)
            and (introduces(block[0]) or (is_talk(below) and block[0].rstrip(" *_").endswith(":")))
        )
        if any(mark.match(block[0]) for mark in (_TRANSLATED, _OTHER_TASK, _NEXT_POEM)):
            return place
        is_headed = len(block) == 1 and bool(_HEADED.match(block[0]))  # paragraphs may follow then
        if (is_end or is_said) and all(may_follow(one) or (is_headed and len(one) == 1) for one in told[place + 1 :]):
            last = place
            break
    while first + 1 < last < len(told) and len(told[last - 1]) == 1 and _HEADED.match(told[last - 1][0]):
        last -= 1
    return last


def _without_glued_start(lines: Sequence[str], block: Block) -> Block:
    """The first block without a line that announces it, titles it, or consents."""
    start, end = block
    if end - start > 1 and lines[start].rstrip(" *_").endswith(":"):
        is_said = is_talk([lines[start]], is_first=True) and not _TOLD.search(lines[start])
        is_glued = is_said or bool(heading_of(lines, [(start + 1, end)])[0])
    else:
        is_glued = end - start > 2 and is_glued_consent(lines[start])
    return (start + 1, end) if is_glued else block


def _without_glued_end(lines: Sequence[str], block: Block, *, is_dialogue: bool) -> Block:
    """The last block without notes, turns and offers at its end."""
    start, end = block
    end = next((place for place in range(start + 2, end) if is_glued_note(lines[place:end])
                or (is_next_turn(lines[place]) and not is_dialogue)), end)  # fmt: skip
    while end - start > 1 and is_closing(lines[end - 1], lines[start : end - 1]):
        end -= 1
    return start, end


def _is_before_verse(told: Told) -> bool:
    """Whether the first of these blocks is talk, material, what was asked, or a long line said to the person."""
    if is_talk(told[0], is_first=True) or is_material(told[0]):
        return True
    if len(told) < 2 or len(told[0]) > 1:
        return False
    line, below = told[0][0], told[1]
    if line.endswith(":") and len(told) > 2 and len(below) == 1 and _HEADED.match(below[0]):
        return not _HEADED.match(line) and not _SECTION.fullmatch(below[0])  # it leads to a title
    longest = max((len(other.split()) for block in told[1:] if len(block) > 1 for other in block), default=99)
    is_long = len(line.split()) >= max(7, 1.4 * longest)
    is_said = may_be_talk(told[0]) and re.search(r"\byou(?:r|['’]\w+)?\b", line, re.IGNORECASE)
    return is_next_turn(line) or bool(is_long and is_said)


def _tell(told: Told, blocks: Sequence[Block], inner: Sequence[Block], remarks: list[str]) -> None:
    if not inner:
        return
    for block, (start, _) in zip(told, blocks, strict=True):
        before, after = block[: max(0, inner[0][0] - start)], block[max(0, inner[-1][1] - start) :]
        remarks += [f"left out as talk: “{_shown(part)}”" for part in (before, after) if part]
    if len(inner) > 1 and inner[0] in blocks and may_be_talk(told[list(blocks).index(inner[0])]):
        remarks.append(_in_doubt(told[list(blocks).index(inner[0])][:1]))
    if len(inner) > 1 and inner[-1] in blocks and is_doubtful(told[list(blocks).index(inner[-1])]):
        remarks.append(_in_doubt(told[list(blocks).index(inner[-1])][:1]))
    kept = [block for block, place in zip(told, blocks, strict=True) if place in inner]
    verse = [line for block in kept if len(block) > 1 for line in block]
    alone = [block for block in kept if len(block) == 1]
    edges = [block for block in alone if block in (kept[0], kept[-1]) and len(alone) <= _FEW_ALONE]
    for block in edges if verse else []:
        if (said := _in_doubt(block)) not in remarks:
            remarks.append(said)


def _in_doubt(lines: Sequence[str]) -> str:
    return f"{KEPT}, though it may be talk: “{_shown(lines)}”"


def _shown(lines: Sequence[str]) -> str:
    return " / ".join(line.strip() for line in lines)[:MOST_SHOWN]
