"""Where a remark belongs: in the lines that it quotes, whatever number it gives.

Models miscount lines and quote them well. So the quotation is looked for; its place replaces the number. A remark whose
quotation is nowhere in the poem speaks of another poem and is dropped. One that quotes nothing keeps its number.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from workbench.revision.types import CritiqueItem
from workbench.words import holds_run, words_of

_QUOTED = re.compile(r"[“\"]([^“”\"\n]{1,300})[”\"]|(?<!\w)[‘']([^‘’'\n](?:[^\n]{0,298}?[^\s\n])?)[’'](?!\w)")
_PARTS = re.compile(r"\s*(?:…|\.\.\.|\s/\s)\s*")  # "the gate … the key", "the gate / is shut"
_SENTENCE = re.compile(r"[^.!?]*(?:[.!?]+[”\"’']?|$)\s*")
_SPEAKS = 2  # words from which on a quotation is one, and not a word that is doubted
_NEAR, _NEAR_WORDS = 0.8, 4  # share of words that a misquotation has right, and how long it must be


def quotations(text: str) -> list[tuple[str, ...]]:
    """What a text quotes, as folded words; parts of a shortened quotation stand alone.

    >>> quotations("'the old gate' is slack, and “cold … as a key” too")
    [('the', 'old', 'gate'), ('cold',), ('as', 'a', 'key')]
    """
    runs = [double or single for double, single in _QUOTED.findall(text)]
    parts = [part for run in runs for part in _PARTS.split(run)]
    return [words for part in parts if (words := tuple(word.folded for word in words_of(part)))]


def place_of(quoted: Sequence[str], lines: Sequence[str], *, near: int = 1) -> tuple[int, int] | None:
    """First and last line, from 1, of the words of a quotation; None where they are nowhere.

    Args:
        quoted: folded words.
        lines: the non-empty lines of the poem.
        near: of several places the one nearest to this line.

    >>> place_of(("is", "shut", "the", "key"), ["The gate is shut,", "the key is lost."])
    (1, 2)
    """
    told = [(word.folded, number) for number, line in enumerate(lines, 1) for word in words_of(line)]
    exact = [
        (told[at][1], told[at + len(quoted) - 1][1]) for at in range(len(told) - len(quoted) + 1)
        if [word for word, _ in told[at : at + len(quoted)]] == list(quoted)
    ]  # fmt: skip
    found = exact or (_misquoted(quoted, lines) if len(quoted) >= _NEAR_WORDS else [])
    return min(found, key=lambda place: (place[1] - place[0], abs(place[0] - near), place), default=None)


def placed(item: CritiqueItem, lines: Sequence[str]) -> tuple[CritiqueItem | None, str]:
    """The remark where its quotation is, and a sentence about what was done; None = it quotes what is nowhere."""
    quoted = quotations(item.note)
    places = [place_of(words, lines, near=item.first_line) for words in quoted]
    known = [place for place in places if place]
    if not known:
        lost = next((words for words in quoted if len(words) >= _SPEAKS), None)
        if lost is None:
            return item, ""
        return None, f'a remark on line {item.first_line} quotes "{" ".join(lost)}", which is nowhere in the poem'
    if any(item.first_line <= first and last <= item.last_line for first, last in known):
        return item, ""
    first, last = known[0]
    return replace(item, first_line=first, last_line=last), (
        f"a remark on line {item.first_line} quotes line {first}; it was put there"
    )


def barred_by(item: CritiqueItem, lines: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The words that a remark finds wrong: what it quotes of its own lines, short of whole lines."""
    own = [tuple(word.folded for word in words_of(line)) for line in lines[item.first_line - 1 : item.last_line]]
    for words in quotations(item.note):
        if any(holds_run(line, words) and len(words) < len(line) for line in own):
            yield words


def only_asked(item: CritiqueItem, lines: Sequence[str]) -> CritiqueItem:
    """The remark as one who writes nothing of the poem makes it: what it points at, then a question.

    Sentences that quote words which are not in the poem offer words; they are left out. A direction stays where it
    asks and offers nothing, else the question of the item's failure (`questions.tsv`) takes its place.
    """
    note = " ".join(part for part in _SENTENCE.findall(item.note) if not _offers(part, lines)).strip()
    asks = item.direction.rstrip(" ”\"'").endswith("?") and not _offers(item.direction, lines)
    question = _questions().get(item.failure, "")  # the strongest moment is pointed at, and nothing is asked
    return replace(item, note=note, direction=item.direction if asks and question else question)


def _offers(text: str, lines: Sequence[str]) -> bool:
    return any(place_of(words, lines) is None for words in quotations(text))


@lru_cache(maxsize=1)
def _questions() -> dict[str, str]:
    rows = Path(__file__).with_name("questions.tsv").read_text(encoding="utf-8").strip().split("\n")[1:]
    return dict(row.split("\t") for row in rows)


def _misquoted(quoted: Sequence[str], lines: Sequence[str]) -> list[tuple[int, int]]:
    """Places of lines, or of two lines together, that have most of the words in order."""
    windows = [(line, number, number) for number, line in enumerate(lines, 1)]
    windows += [(f"{one} {two}", number, number + 1) for number, (one, two) in enumerate(pairwise(lines), 1)]
    return [
        (first, last) for text, first, last in windows
        if _share(quoted, [word.folded for word in words_of(text)]) >= _NEAR
    ]  # fmt: skip


def _share(quoted: Sequence[str], words: Sequence[str]) -> float:
    """Share of the quoted words that are in the words, in order."""
    matcher = SequenceMatcher(None, quoted, words, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / len(quoted)
