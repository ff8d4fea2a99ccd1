r"""Stock phrases and stock moves in a poem, by topic, each with where it comes from and what to try instead.

The list is text: `cliches.tsv` beside this module (columns kind, topic, pattern, where, instead). A phrase is one
sighting. A move is a habit of a whole poem, told by its cues (`name: cue, cue`): two cues make a move, or one long cue,
or one in the right place where the name says "ending" or "opening". It knows words only; a cliché said on purpose is
found all the same.

A `PhraseIndex` finds phrases as people write them, `a heart of (gold|stone)`, `sea of *`, in any text. ``(a|b)``
stands for either alternative, an empty one for nothing, and a lone ``*`` for any one word. Capitals, punctuation,
hyphens and line breaks do not matter, but a phrase never runs on over the end of a sentence.

>>> index = PhraseIndex([("heart of (gold|stone)", "a tired heart")])
>>> [(hit.text, hit.value) for hit in index.find("He had a heart\nof stone.")]
[('heart\nof stone', 'a tired heart')]
>>> index.find("He lost heart. Of gold he had none.")
()
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar

from workbench.errors import InputError

CLICHES = Path(__file__).with_name("cliches.tsv")
#: Topic of the rows that suit any poem.
GENERAL = "general"
_COLUMNS = ("kind", "topic", "pattern", "where", "instead")
#: A cue of so many words is a move by itself.
_TELLING_WORDS = 4
#: Lines from either end in which an opening or an ending is looked for.
_EDGE_LINES = 3


class ClicheKind(StrEnum):
    """A run of words, or a habit of the whole poem."""

    PHRASE = "phrase"
    MOVE = "move"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cliche:
    """One row of the list."""

    kind: ClicheKind
    topic: str
    name: str  # the phrase as listed, or the name of the move
    patterns: tuple[str, ...]  # the phrase, or the cues of the move
    where: str  # where it comes from
    instead: str  # what to try


@dataclass(frozen=True, slots=True, kw_only=True)
class ClicheFound:
    """A cliché in a poem."""

    cliche: Cliche
    lines: tuple[int, ...]  # from 1, blank lines not counted
    words: tuple[str, ...]  # what gave it away, as it stands in the poem

    @property
    def sentence(self) -> str:
        """What a mentor could say."""
        shown = "', '".join(" ".join(words.split()) for words in self.words)
        line = f"Line{'s' * (len(self.lines) > 1)} {', '.join(map(str, self.lines))}"
        what = f"the move '{self.cliche.name}'" if self.cliche.kind is ClicheKind.MOVE else "a stock phrase"
        return f"{line}: '{shown}' is {what} of {self.cliche.where}; {self.cliche.instead}."


def find_cliches(poem: str, *, topics: Collection[str] | None = None) -> tuple[ClicheFound, ...]:
    r"""The clichés of a poem, in line order.

    Args:
        poem: any text; it is read as lines.
        topics: only these topics and the general rows; all when None.

    >>> [found.cliche.name for found in find_cliches("Lost in your\nsmile, I checked the oil.")]
    ['lost in your (eyes|arms|smile)']
    """
    starts = _line_starts(poem)
    cues: dict[Cliche, list[Hit[Cliche]]] = {}
    found: list[tuple[int, ClicheFound]] = []
    for hit in _index().find(poem):
        if topics is not None and hit.value.topic not in topics and hit.value.topic != GENERAL:
            continue
        if hit.value.kind is ClicheKind.PHRASE:
            found.append((hit.start, _found([hit], starts)))
        else:
            cues.setdefault(hit.value, []).append(hit)
    for hits in cues.values():
        telling = _telling(hits, starts)
        if telling:
            found.append((telling[0].start, _found(telling, starts)))
    return tuple(one for _, one in sorted(found, key=lambda pair: pair[0]))


def cliches_of(topic: str, *, kind: ClicheKind | None = None) -> tuple[Cliche, ...]:
    """The rows of a topic, for a brief that names what to avoid.

    >>> len(cliches_of("death", kind=ClicheKind.PHRASE)) >= 8
    True
    """
    return tuple(row for row in load_cliches() if row.topic == topic and kind in (None, row.kind))


def topics() -> tuple[str, ...]:
    """Every topic of the list, in its order."""
    return tuple(dict.fromkeys(row.topic for row in load_cliches()))


@lru_cache(maxsize=4)
def load_cliches(path: Path = CLICHES) -> tuple[Cliche, ...]:
    """The rows of a list.

    Raises:
        InputError: the list cannot be read, or a row has the wrong columns: `file:line: what`.
    """
    try:
        head, *lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"{path}: cannot be read ({exc}); restore the list from the repository") from exc
    if tuple(head.split("\t")) != _COLUMNS:
        raise InputError(f"{path}:1: the first line must be {', '.join(_COLUMNS)}, separated by tabs")
    return tuple(_row(line, place=f"{path}:{number}") for number, line in enumerate(lines, 2) if line.strip())


def _row(line: str, *, place: str) -> Cliche:
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) != len(_COLUMNS) or cells[0] not in list(ClicheKind) or not all(cells):
        raise InputError(f"{place}: a row is phrase or move, topic, pattern, where, instead, separated by tabs")
    kind, topic, pattern, where, instead = cells
    name, _, listed = pattern.rpartition(": ") if kind == ClicheKind.MOVE else (pattern, "", pattern)
    patterns = tuple(cue.strip() for cue in listed.split(",")) if kind == ClicheKind.MOVE else (pattern,)
    if not all(readings(cue) for cue in patterns):
        raise InputError(f"{place}: the pattern '{pattern}' holds no words")
    return Cliche(kind=ClicheKind(kind), topic=topic, name=name, patterns=patterns, where=where, instead=instead)


@lru_cache(maxsize=1)
def _index() -> PhraseIndex[Cliche]:
    return PhraseIndex((pattern, row) for row in load_cliches() for pattern in row.patterns)


def _telling(hits: Sequence[Hit[Cliche]], starts: Sequence[int]) -> list[Hit[Cliche]]:
    """The cues that make the move, none when they do not."""
    name, n_lines = hits[0].value.name, len(starts)
    if "ending" in name:
        return [hit for hit in hits if _line_of(hit.start, starts) > n_lines - _EDGE_LINES]
    if "opening" in name:
        return [hit for hit in hits if _line_of(hit.start, starts) <= _EDGE_LINES]
    apart = [hit for index, hit in enumerate(hits) if index == 0 or hit.start >= hits[index - 1].end]
    if len(apart) >= 2 or len(hits[0].text.split()) >= _TELLING_WORDS:
        return apart
    return []


def _found(hits: Sequence[Hit[Cliche]], starts: Sequence[int]) -> ClicheFound:
    lines = dict.fromkeys(_line_of(hit.start, starts) for hit in hits)
    return ClicheFound(cliche=hits[0].value, lines=tuple(lines), words=tuple(hit.text for hit in hits[:6]))


def _line_starts(poem: str) -> list[int]:
    """Where each non-blank line begins."""
    starts, at = [], 0
    for line in poem.split("\n"):
        if line.strip():
            starts.append(at)
        at += len(line) + 1
    return starts


def _line_of(character: int, starts: Sequence[int]) -> int:
    return bisect_right(starts, character)


Value = TypeVar("Value")

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_PATTERN_WORD = re.compile(r"\*|[^\W_]+(?:['’][^\W_]+)*")
_ALTERNATIVES = re.compile(r"\(([^()]*)\)")
_SENTENCE_END = re.compile(r"[.!?]")
#: A phrase with more readings than this is a slip of the pen, not a phrase.
MAX_READINGS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit(Generic[Value]):
    """A phrase found in a text."""

    start: int  # characters [start, end) of the text
    end: int
    text: str  # as it stands there
    value: Value  # whatever was filed under the phrase


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    start: int
    end: int


class PhraseIndex(Generic[Value]):
    """Many phrases, filed by their first word so that a search costs one look-up a word of the text."""

    def __init__(self, phrases: Iterable[tuple[str, Value]]) -> None:
        """File each phrase with the value to hand back where it is found."""
        self._by_first: dict[str, list[tuple[tuple[str, ...], Value]]] = {}
        for pattern, value in phrases:
            for words in readings(pattern):
                self._by_first.setdefault(words[0], []).append((words, value))
        for filed in self._by_first.values():
            filed.sort(key=lambda pair: -len(pair[0]))  # the longest reading of a phrase is the one to report

    def find(self, text: str) -> tuple[Hit[Value], ...]:
        """Every phrase of the index in the text, in text order; one value is not reported twice in one place."""
        tokens = _tokens(text)
        hits: list[Hit[Value]] = []
        for at, token in enumerate(tokens):
            seen: list[Value] = []
            for words, value in (*self._by_first.get(token.word, ()), *self._by_first.get("*", ())):
                if value not in seen and _matches(words, tokens[at : at + len(words)], text):
                    seen.append(value)
                    end = tokens[at + len(words) - 1].end
                    hits.append(Hit(start=token.start, end=end, text=text[token.start : end], value=value))
        return tuple(hits)


def readings(pattern: str) -> tuple[tuple[str, ...], ...]:
    """Every word sequence that a phrase stands for.

    >>> readings("whisper(s|ed|) of *")
    (('whispers', 'of', '*'), ('whispered', 'of', '*'), ('whisper', 'of', '*'))
    """
    pieces = [piece.split("|") if index % 2 else [piece] for index, piece in enumerate(_ALTERNATIVES.split(pattern))]
    spelled = ("".join(choice) for choice in itertools.islice(itertools.product(*pieces), MAX_READINGS))
    found = (tuple(_PATTERN_WORD.findall(_plain(text))) for text in spelled)
    return tuple(dict.fromkeys(words for words in found if words))


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in small letters, without punctuation.

    >>> words_of("O’er the wide—wide sea!")
    ("o'er", 'the', 'wide', 'wide', 'sea')
    """
    return tuple(_WORD.findall(_plain(text)))


def _plain(text: str) -> str:
    return text.replace("’", "'").lower()


def _tokens(text: str) -> list[_Token]:
    return [_Token(_plain(match[0]), match.start(), match.end()) for match in _WORD.finditer(text)]


def _matches(words: tuple[str, ...], tokens: Sequence[_Token], text: str) -> bool:
    if len(tokens) < len(words) or any(w not in ("*", t.word) for w, t in zip(words, tokens, strict=True)):
        return False
    gaps = itertools.pairwise(tokens)
    return not any(_SENTENCE_END.search(text, left.end, right.start) for left, right in gaps)
