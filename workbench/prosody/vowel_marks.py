"""Where the beats of a line are in its letters: each syllable's mark over the vowel that carries it.

Sounds come from the dictionary and letters from the page, and nothing says which letter is which sound. So the groups
of vowel letters of a word are told off one by one: silent e goes first, then groups are joined or cut until there are
as many as syllables. Most words come out right (“evening” has its two, “something” too); a wrong one is a letter off.
"""

import re
from functools import lru_cache
from itertools import pairwise

from workbench.prosody.lexicon import pronounce
from workbench.prosody.meter import line_meter
from workbench.prosody.stress import is_weak_word
from workbench.prosody.words import words_of

STRONG, WEAK = "/", "x"
Piece = tuple[str, str]  # letters, and the mark over the first of them; "" = none

_GROUP = re.compile(r"[aeiouyàáâäèéêëìíîïòóôöùúûü]+")
_GLIDE = re.compile(r"(?:^y(?=[aeiou])|(?<=q)u(?=[aeiou]))")
_SILENT = re.compile(
    r"(?<=[^aeiouy])e(?=s?$)|(?<=[^aeiouytd])e(?=d$)|(?<=[^aeiouy])e(?=(?:ly|less|ness|ful|ment|thing)$)"
)


@lru_cache(maxsize=4096)
def marked(line: str) -> tuple[Piece, ...]:
    """A line in pieces, each vowel that carries a syllable at the head of its piece; joined, they are the line.

    Where the line can be heard in a meter that says every syllable, the marks are its beats; else those of the words.

    >>> marked("The tide")
    (('Th', ''), ('e t', 'x'), ('ide', '/'))
    """
    words = words_of(line)
    stresses = [_stresses(word) for word in words]
    best = line_meter(line).best if words else None
    beats = best.marks.replace("|", "") if best else ""
    if len(beats) == sum(map(len, stresses)):
        at = 0
        for place, own in enumerate(stresses):
            stresses[place], at = beats[at : at + len(own)], at + len(own)
    places: dict[int, str] = {}
    end = 0
    for word, marks in zip(words, stresses, strict=True):
        start = line.find(word, end)
        if start < 0:  # written with other signs than it is read with
            continue
        end = start + len(word)
        places |= {start + at: mark for at, mark in zip(_vowels(word.lower(), len(marks)), marks, strict=False)}
    return _cut(line, places)


def _stresses(word: str) -> str:
    """One mark a syllable; small words are weak until a meter lifts them."""
    ways = pronounce(word)
    if not ways:
        return ""
    if len(ways[0].stresses) == 1:
        return WEAK if is_weak_word(word) else STRONG
    return "".join(STRONG if stress != "0" else WEAK for stress in ways[0].stresses)


@lru_cache(maxsize=16384)
def _vowels(word: str, n_syllables: int) -> tuple[int, ...]:
    """The places of the letters that carry the syllables of a word, at most so many.

    >>> _vowels("evening", 2), _vowels("violet", 3), _vowels("quiet", 2), _vowels("rhythm", 2)
    ((0, 4), (1, 2, 4), (2, 3), (2,))
    """
    spelled = _GLIDE.sub("_", word)
    groups = [(match.start(), match.end()) for match in _GROUP.finditer(spelled)]
    silent = {match.start() for match in _SILENT.finditer(spelled)}
    while len(groups) > n_syllables:
        single = [group for group in groups if group[0] in silent] or [
            group for group in groups[1:-1] if spelled[slice(*group)] == "e"
        ]
        groups.remove(single[-1] if single else groups[-1])
    while len(groups) < n_syllables:
        longest = max(groups, key=lambda group: group[1] - group[0], default=(0, 0))
        if longest[1] - longest[0] < 2:
            break
        at = groups.index(longest)
        groups[at : at + 1] = [(longest[0], longest[0] + 1), (longest[0] + 1, longest[1])]
    return tuple(start for start, _ in groups)


def _cut(line: str, places: dict[int, str]) -> tuple[Piece, ...]:
    """The line cut before each of the places."""
    bounds = [0, *sorted(place for place in places if place), len(line)]
    return tuple((line[start:end], places.get(start, "")) for start, end in pairwise(bounds) if start < end)
