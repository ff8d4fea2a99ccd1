"""What the lines so far have said: what a new line may not say again, and whose voice the poem has. Pure."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from workbench.prosody.stress import is_weak_word
from workbench.writing.types import Line

#: Who speaks or is spoken of; a poem that changes its person between two lines loses its reader.
_PERSONS = {
    "first": frozenset(["i", "me", "my", "mine", "myself", "i'm", "i'd", "i've", "i'll"]),
    "plural": frozenset(["we", "us", "our", "ours", "ourselves", "we're", "we'd", "we've", "we'll"]),
    "second": frozenset(["you", "your", "yours", "yourself", "you're", "you'd", "you've", "you'll"]),
    "he": frozenset(["he", "him", "his", "himself", "he's", "he'd", "he'll"]),
    "she": frozenset(["she", "her", "hers", "herself", "she's", "she'd", "she'll"]),
}
_NEAR_LINES, _WORN = 3, 2  # lines looked back on, and how often a word may begin one of them
_SETTLED = 2  # lines after which the persons of a poem are known


class History:
    """The words of the lines so far, in small letters, by line."""

    def __init__(self, lines: Sequence[Line]) -> None:
        said = [line.said for line in lines]
        self.used = Counter(word for words in said for word in words)
        self._openings = {words[:2] for words in said}
        self._pairs = {pair for words in said for pair in pairwise(words)}
        self._threes = {three for words in said for three in zip(words, words[1:], words[2:], strict=False)}
        self._persons = persons_of(tuple(self.used)) if len(lines) >= _SETTLED else frozenset(_PERSONS)
        self._first_words = Counter(_stem(words[0]) for words in said)
        self._last_first_words = Counter(_stem(words[0]) for words in said[-_NEAR_LINES:])

    def repeats(self, said: tuple[str, ...]) -> bool:
        """Whether the last word makes three words, an opening, or two words with weight come again.

        >>> History([]).repeats(("the", "gate", "the", "gate"))
        True
        """
        if (
            said[-3:] in self._threes
            or (len(said) > 1 and (said[-2], said[-1]) in pairwise(said[:-1]))
            or said in self._openings
        ):
            return True
        if is_weak_word(said[-1]):
            return False
        return said[-1] in said[:-1] or self.used[said[-1]] > 1 or said[-2:] in self._pairs

    def n_openings(self, said: tuple[str, ...]) -> int:
        """Lines that began with the same word: one is chance, more are a litany that nobody asked for."""
        return self._first_words[_stem(said[0])]

    def is_worn(self, word: str) -> bool:
        """Whether two of the last three lines began with the word: a third is a litany.

        >>> History([]).is_worn("I")
        False
        """
        return self._last_first_words[_stem(word.lower())] >= _WORN

    def share_repeated(self, said: tuple[str, ...]) -> float:
        """Share of the line's words that have weight and were said before."""
        return sum(1 for word in set(said) if self.used[word] and not is_weak_word(word)) / len(said)

    def n_new_persons(self, said: tuple[str, ...]) -> int:
        """Persons that the line brings and the poem, once it has two lines, did not have."""
        return len(persons_of(said) - self._persons)


def _stem(word: str) -> str:
    """The word without what is joined to it: a line with "I've" begins as one with "I'd" does."""
    return word.partition("'")[0]


def persons_of(said: Sequence[str]) -> frozenset[str]:
    """The persons in some words.

    >>> sorted(persons_of(("she", "hid", "my", "key")))
    ['first', 'she']
    """
    return frozenset(person for person, words in _PERSONS.items() if not words.isdisjoint(said))
