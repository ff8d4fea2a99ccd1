"""Words that rhyme with a word, by kind: perfect, slant, to the eye, of several words; the commoner first.

Full rhymes are looked up by sound in the whole dictionary. Near ones and those to the eye are looked for among common
words alone: a slant rhyme that nobody knows helps nobody. What is common is said by whoever asks.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from workbench.prosody.lexicon import pronounce
from workbench.prosody.rhyme import rhyme_class
from workbench.prosody.rimes import heard, rhyme_parts
from workbench.prosody.types import PERFECT_CLASSES, RhymeClass
from workbench.prosody.words import dictionary_phones, headwords_with_phones, words_of

KINDS = ("perfect", "slant", "eye", "mosaic")
_LEANING = ("it", "her", "him", "me", "us", "you", "them", "in", "of", "is", "all", "to", "a", "at", "on")
_HEADS = 12  # of phrases with one weak word
_MOST = 400  # words of one sound that are looked at
_PLAIN = re.compile(r"[a-z]{2,}")  # a letter alone is none, whatever the dictionary says


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhyme:
    """A word or phrase that rhymes."""

    text: str
    kind: str  # one of KINDS
    n_syllables: int
    is_common: bool
    is_likeliest: bool = True  # it rhymes as both are most often said: “when” with “then”, and not with “in”


def rhymes_for(word: str, common: Sequence[str], *, most: int = 60) -> list[Rhyme]:
    """What rhymes with a word or phrase, kind by kind, common words first and at most so many of a kind.

    Those that rhyme only by another pronunciation than the first come last, and are counted by themselves.

    Args:
        word: one, or a phrase; its last stressed syllable counts.
        common: known words, the commonest first.
        most: of one kind.

    >>> found = rhymes_for("poet", ["it", "know", "go", "boat", "poem"])
    >>> [rhyme.text for rhyme in found if rhyme.kind == "mosaic"][:2]
    ['know it', 'go it']
    """
    said = " ".join(words_of(word.lower()))
    if not said or not rhyme_parts(said):
        return []
    rank = {each: place for place, each in enumerate(common)}
    ways = (_perfect(said), _near(said, tuple(common), RhymeClass.SLANT), _near(said, tuple(common), RhymeClass.EYE),
            _mosaic(said, rank))  # fmt: skip
    found = []
    for kind, texts in zip(KINDS, ways, strict=True):
        likeliest = {text: kind != "perfect" or _is_likeliest(said, text) for text in texts}
        by_rank = sorted(likeliest, key=lambda text: (_rank(text, rank), len(text), text))
        ordered = [
            text for is_first in (True, False) for text in [t for t in by_rank if likeliest[t] is is_first][:most]
        ]
        found += [Rhyme(text=text, kind=kind, n_syllables=_n_syllables(text), is_common=_rank(text, rank) < len(rank),
                        is_likeliest=likeliest[text]) for text in ordered]  # fmt: skip
    return found


@cache
def _by_sound() -> dict[str, tuple[str, ...]]:
    """Every plain word of the dictionary by how it sounds from its last stressed vowel on."""
    found: dict[str, list[str]] = {}
    for word, phones in headwords_with_phones():
        if not _PLAIN.fullmatch(word):
            continue
        stressed = [place for place, phone in enumerate(phones) if phone[-1] in "12"] or [
            place for place, phone in enumerate(phones) if phone[-1] == "0"
        ]
        if stressed:
            at = stressed[-1]
            key = " ".join(heard((phones[at][:-1] + "1", *phones[at + 1 :])))
            found.setdefault(key, []).append(word)
    return {key: tuple(words) for key, words in found.items()}


def _perfect(said: str) -> Iterator[str]:
    for key in dict.fromkeys(part.key for part in rhyme_parts(said) if not part.is_promoted):
        for word in _by_sound().get(key, ())[:_MOST]:
            if word != said and rhyme_class(said, word) in PERFECT_CLASSES:
                yield word


def _is_likeliest(said: str, word: str) -> bool:
    """Whether they rhyme by the first pronunciation of each."""
    ours, theirs = ({part.key for part in rhyme_parts(text) if not part.rank} for text in (said, word))
    return not ours.isdisjoint(theirs)


@lru_cache(maxsize=256)
def _near(said: str, common: tuple[str, ...], kind: RhymeClass) -> tuple[str, ...]:
    return tuple(word for word in common if rhyme_class(said, word) is kind)


def _mosaic(said: str, rank: dict[str, int]) -> Iterator[str]:
    """A word and one that leans on it: know it, find her."""
    for key in dict.fromkeys(part.key for part in rhyme_parts(said) if part.n_syllables > 1 and not part.is_promoted):
        for weak in _LEANING:
            tail = " ".join(heard(tuple(phone.replace("1", "0") for phone in dictionary_phones(weak)[0])))
            tail = tail.removeprefix("HH ")
            if not key.endswith(f" {tail}"):
                continue
            heads = _by_sound().get(key.removesuffix(f" {tail}"), ())
            for head in sorted(heads, key=lambda one: rank.get(one, len(rank)))[:_HEADS]:
                phrase = f"{head} {weak}"
                if rhyme_class(said, phrase) is RhymeClass.MOSAIC:
                    yield phrase


def _rank(text: str, rank: dict[str, int]) -> int:
    return max(rank.get(word, len(rank)) for word in text.split())


def _n_syllables(text: str) -> int:
    return sum(len(ways[0].stresses) for word in text.split() if (ways := pronounce(word)))
