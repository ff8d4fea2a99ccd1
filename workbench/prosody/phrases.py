r"""Phrases written by people, found in a text: `a heart of (gold|stone)`, `sea of *`.

``(a|b)`` stands for either alternative, an empty one for nothing, and a lone ``*`` for any one word. Capitals,
punctuation, hyphens and line breaks do not matter, but a phrase never runs on over the end of a sentence.

>>> index = PhraseIndex([("heart of (gold|stone)", "a tired heart")])
>>> [(hit.text, hit.value) for hit in index.find("He had a heart\nof stone.")]
[('heart\nof stone', 'a tired heart')]
>>> index.find("He lost heart. Of gold he had none.")
()
"""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

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
