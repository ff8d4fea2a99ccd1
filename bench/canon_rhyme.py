"""Rhyme pairs of the canon, ours beside those of the dictionary alone (`pronouncing`).

A pair that should rhyme is a line with the nearest earlier line of its letter in `canon.tsv`, at most `REACH` lines
back. A pair that should not is two lines at most `NEIGHBOURS` apart with other letters. Where such a pair rhymes by
chance, or a letter is in doubt, `canon_verdicts.tsv` has the last word.

Found: ours calls it a rhyme, full, by tradition or near. Bound: or its slant scheme would bind the two, as it does with
equal consonants (Yeats, Dickinson). Wrongly called: full or by tradition alone, for two neighbours that sound nearly
alike are no claim.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pronouncing

from bench.canon import CanonPoem, Fact, verdicts
from workbench.prosody.reading import NONE, TRADITION, Reading
from workbench.prosody.rhyme import verse_rhyme_class
from workbench.prosody.types import SLANT_CLASSES

REACH, NEIGHBOURS = 8, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPair:
    """Two lines, whether they rhyme, and who says so; lines count from 1."""

    poem: str
    split: str
    lines: tuple[int, int]
    words: tuple[str, str]
    is_rhyme: bool
    ours: bool
    is_bound: bool  # ours, or by the slant scheme
    plain: bool  # the dictionary alone
    is_settled: bool  # a verdict was given, or a scheme says that it rhymes


def judge_rhymes(poems: Sequence[CanonPoem], known: dict[str, Fact]) -> list[JudgedPair]:
    """Every pair of every poem whose scheme is known."""
    settled = {key: verdict.truth for key, verdict in verdicts("rhyme").items()}
    found: list[JudgedPair] = []
    for poem in poems:
        fact = known.get(poem.id)
        if fact is None or not fact.scheme.strip(". "):  # in blank verse a chance rhyme is no claim of anybody's
            continue
        reading = Reading(poem.text)
        for lines, is_rhyme in _pairs(fact, n_lines=len(reading.lines)):
            truth = settled.get((poem.id, (lines[0] + 1, lines[1] + 1)))
            if truth != "open":
                found.append(_judge(poem.id, fact, reading, lines=lines, is_rhyme=is_rhyme, truth=truth))
    return found


def rhyme_table(pairs: Sequence[JudgedPair]) -> dict[str, dict[str, str]]:
    """What is right, a column a split and reader: measure → column → figure."""
    rows: dict[str, dict[str, str]] = {}
    for split in ("seen", "held", "fresh"):
        rhymes = [one for one in pairs if one.split == split and one.is_rhyme]
        others = [one for one in pairs if one.split == split and not one.is_rhyme]
        for reader, name in (("ours", "ours"), ("plain", "pronouncing")):
            found = [getattr(one, reader) for one in rhymes]
            apart = [not getattr(one, reader) for one in others]
            column = f"{split}, {name}"
            rows.setdefault("rhymes found", {})[column] = _share(found)
            rows.setdefault("no rhyme, left apart", {})[column] = _share(apart)
            rows.setdefault("both", {})[column] = _share(found + apart)
        differ = [one for one in (*rhymes, *others) if one.ours != one.plain]
        for reader, name in (("ours", "ours"), ("plain", "pronouncing")):
            right = [getattr(one, reader) == one.is_rhyme for one in differ]
            rows.setdefault("the two differ, right", {})[f"{split}, {name}"] = _share(right)
        rows.setdefault("rhymes found or bound", {})[f"{split}, ours"] = _share([one.is_bound for one in rhymes])
    return rows


def _share(rights: Sequence[bool]) -> str:
    return f"{sum(rights)}/{len(rights)} {100 * sum(rights) / max(1, len(rights)):.1f} %"


def misses(pairs: Sequence[JudgedPair]) -> Iterator[str]:
    """A line for each pair of a seen poem that ours gets wrong; held poems stay unread."""
    for one in pairs:
        if one.split == "seen" and one.ours != one.is_rhyme:
            truth = "rhymes" if one.is_rhyme else "does not rhyme"
            yield f"{one.poem}\t{one.lines[0]},{one.lines[1]}\t{' / '.join(one.words)}\t{truth}"


def _pairs(fact: Fact, *, n_lines: int) -> Iterator[tuple[tuple[int, int], bool]]:
    letters = fact.scheme.replace(" ", "")
    if len(letters) != n_lines:
        raise ValueError(f"{fact.poem}: {n_lines} lines, {len(letters)} letters in canon.tsv; another edition?")
    for second, letter in enumerate(letters):
        earlier = [first for first in range(max(0, second - REACH), second) if letter == letters[first] != "."]
        if earlier:
            yield (earlier[-1], second), True
        for first in range(max(0, second - NEIGHBOURS), second):
            if letters[first] != letter or letter == ".":
                yield (first, second), False


def _judge(
    poem: str, fact: Fact, reading: Reading, *, lines: tuple[int, int], is_rhyme: bool, truth: str | None
) -> JudgedPair:
    level, words = reading.rhyme_level(*lines), (reading.ends[lines[0]], reading.ends[lines[1]])
    return JudgedPair(
        poem=poem,
        split=fact.split,
        lines=(lines[0] + 1, lines[1] + 1),
        words=words,
        is_rhyme=is_rhyme if truth is None else truth == "yes",
        ours=level != NONE if is_rhyme else level >= TRADITION,
        is_bound=level != NONE or verse_rhyme_class(*(reading.rhyming_ends[line] for line in lines)) in SLANT_CLASSES,
        plain=_plain_rhyme(*words),
        is_settled=is_rhyme or truth is not None,
    )


def _plain_rhyme(a: str, b: str) -> bool:
    """Whether two words share a rhyming part of the dictionary."""
    return a.lower() == b.lower() or not _plain_parts(a).isdisjoint(_plain_parts(b))


def _plain_parts(word: str) -> set[str]:
    return {pronouncing.rhyming_part(phones) for phones in pronouncing.phones_for_word(word.lower())}
