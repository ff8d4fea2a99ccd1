"""Leaks: what a description shares with the poem it describes, word for word.

A description that quotes lowers the loss by giving the answer away, so plain loss selects plagiarists. Two guards:
a candidate that copies (a common run of `leak_run` words, a share of the poem's 4-grams, or a list of its words) is out
before ranking, and gain is not counted on words that the description holds (alone, or in runs of `guard_run` or more).
The title is part of what the follower has to write, and is inferred: a description that says it outright is out too, as
is one with the first line's words, and a single word of a title earns nothing on the title.

Words are compared case-folded, without punctuation. Knows no model: pure text. Near-copies that change every fourth
word pass the run test, but earn nothing on the words they give away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from workbench.types import Leak, Span
from workbench.words import holds_run, words_of

_GRAM = 4
_LONG = 4  # letters from which a word says something
_ENOUGH = 8  # long words from which their share says something
_RUN_OF_A_TITLE = 3  # words from which a whole title is not said by chance
_COMMON_WORDS = """
about after again against along also among another around away back because been before behind being below beneath
beside between beyond both could does down during each else even ever every first from have having here inside
into just last like made make many more most much must near never next none nothing once only onto other outside
over same shall should since some something still such than that their them then there these they thing things
this those though through till toward towards under until upon very want were what when where which while whose
will with within without would your yours
"""
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakSettings:
    """When a description counts as a copy."""

    leak_run: Annotated[int, Ge(2), Le(50)] = 5  # words in a row shared with title + poem
    leak_share: Annotated[float, Gt(0), Le(1)] = 0.08  # share of the poem's distinct 4-grams
    leak_words: Annotated[float, Gt(0), Le(1)] = 0.5  # share of the poem's distinct long words: a list is a copy too
    shown_run: Annotated[int, Ge(2), Le(50)] = 3  # runs from this length on are shown as copied
    guard_run: Annotated[int, Ge(1), Le(50)] = 1  # runs from this length on earn nothing; 1 = every shared word
    guard_budget: Annotated[int, Ge(0), Le(50)] = 0  # of a poem's telling words so many may be named; 0 = any number
    guard_title: bool = True  # a description that says the title or the first line is a leak


def find_leak(description: str, target: str, settings: LeakSettings = LeakSettings()) -> Leak:
    """Compares a description with a target (title + poem).

    >>> find_leak("a barn at dusk, and the cold hinge sings of rain", "The cold hinge sings of iron").longest_run_words
    5
    """
    target_words = words_of(target)
    ours, theirs = [w.folded for w in words_of(description)], [w.folded for w in target_words]
    run_L = _run_lengths(ours, theirs)
    longest = max(run_L, default=0)
    share = _ngram_share(ours, theirs)
    spans = [
        (target_words[end - length + 1].span[0], target_words[end].span[1])
        for end, length in enumerate(run_L)
        if length >= settings.shown_run
    ]
    # a poem shorter than leak_run words is copied when all of it is there
    is_whole = bool(theirs) and longest >= min(settings.leak_run, len(theirs))
    is_list = _word_share(ours, theirs) >= settings.leak_words
    return Leak(
        longest_run_words=longest,
        ngram_share=share,
        spans=_merge(spans),
        is_leak=is_whole or is_list or share >= settings.leak_share,
    )


def said_outright(description: str, title: str, text: str) -> Literal["", "title", "first line"]:
    """Whether a description says a poem's title, or the words of its first line, in whatever order.

    A title of one telling word is named by whoever says what the poem is about: that is not counted.

    >>> said_outright("A salt road under the wind", "The Salt Road", "Nobody walked it.")
    'title'
    >>> said_outright("A road by the sea", "The Salt Road", "Nobody walked it.")
    ''
    """
    ours = [word.folded for word in words_of(description)]
    name = [word.folded for word in words_of(title)]
    if _holds_most(ours, name, least=2, share=2 / 3) or (len(name) >= _RUN_OF_A_TITLE and holds_run(ours, name)):
        return "title"
    first = next((line for line in text.splitlines() if line.strip()), "")
    return "first line" if _holds_most(ours, [word.folded for word in words_of(first)], least=4, share=3 / 4) else ""


def _holds_most(ours: Sequence[str], theirs: Sequence[str], *, least: int, share: float) -> bool:
    """Whether such a share of their telling words, and at least so many, are among ours."""
    telling = {word for word in theirs if _is_telling(word)}
    n_shared = len(telling.intersection(ours))
    return n_shared >= max(least, share * len(telling))


def given_away(
    description: str, target: str, run: int = 1, *, strict_until: int = 0, budget: int = 0
) -> tuple[Span, ...]:
    """Characters of the target's words that the description shares in runs of at least `run` words.

    Before `strict_until` characters every shared word counts: a title is to be inferred. With a budget the longest
    telling words, so many of them, stay named; every further one counts. Long ones are mostly rare ones.

    >>> given_away("rust and rain", "Rain on the rust.")
    ((0, 4), (12, 16))
    >>> given_away("rust and rain", "The rust and the rain", run=2)
    ((4, 12),)
    >>> given_away("a ferry, a lantern, fog over gulls", "Gulls by the lantern of a ferry", run=3, budget=2)
    ((0, 5),)
    """
    words = words_of(target)
    run_L = _run_lengths([word.folded for word in words_of(description)], [word.folded for word in words])
    telling = {word.folded for word, length in zip(words, run_L, strict=True) if length and _is_telling(word.folded)}
    beyond = set(sorted(telling, key=lambda word: (-len(word), word))[budget:]) if budget else set()
    ends = [
        (end, 1 if length < run else length)
        for end, length in enumerate(run_L)
        if length >= run or (length and (words[end].span[1] <= strict_until or words[end].folded in beyond))
    ]
    if run == 1:
        return tuple(words[end].span for end, _ in ends)
    return _merge([(words[end - length + 1].span[0], words[end].span[1]) for end, length in ends])


def _is_telling(word: str) -> bool:
    return len(word) >= _LONG and word not in _COMMON


def is_outside(offsets_T: Sequence[Span], spans: Sequence[Span]) -> list[bool]:
    """For each token, whether none of its characters lies in one of the (sorted, disjoint) spans."""
    outside, at = [], 0
    for start, end in offsets_T:
        while at < len(spans) and spans[at][1] <= start:
            at += 1
        outside.append(not any(a < end and start < b for a, b in spans[at : at + 2]) if end > start else True)
    return outside


def _run_lengths(ours: Sequence[str], theirs: Sequence[str]) -> list[int]:
    """For each word of the target the longest common run that ends there; O(words × matches)."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(ours):
        places.setdefault(word, []).append(place)
    before: dict[int, int] = {}
    longest = []
    for word in theirs:
        now = {place: before.get(place - 1, 0) + 1 for place in places.get(word, ())}
        longest.append(max(now.values(), default=0))
        before = now
    return longest


def _word_share(ours: Sequence[str], theirs: Sequence[str]) -> float:
    """Share of the target's distinct long words that are in the description; 0 where the target has too few."""
    long_words = {word for word in theirs if len(word) >= _LONG}
    return len(long_words & set(ours)) / len(long_words) if len(long_words) >= _ENOUGH else 0.0


def _ngram_share(ours: Sequence[str], theirs: Sequence[str]) -> float:
    grams = {tuple(theirs[i : i + _GRAM]) for i in range(len(theirs) - _GRAM + 1)}
    if not grams:
        return 0.0
    return len(grams & {tuple(ours[i : i + _GRAM]) for i in range(len(ours) - _GRAM + 1)}) / len(grams)


def _merge(spans: Sequence[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
