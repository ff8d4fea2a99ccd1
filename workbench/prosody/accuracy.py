"""Accuracy against the hand-checked gold set: ``python -m workbench.prosody.accuracy [FOLDER] [--misses]``.

A gold cell may hold several answers, separated by ``|``: any of them is right. Every split that the rows name has a
column of its own; how each split was used is in ``data/gold/README.md``. This module reads the gold files and prints.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.places import ROOT
from workbench.prosody.detection import detect_form
from workbench.prosody.form_checks import check_form
from workbench.prosody.meter import line_meter
from workbench.prosody.reading import Reading
from workbench.prosody.rhyme import rhyme_class
from workbench.prosody.syllables import syllable_counts

_GOLD = ROOT / "data" / "gold"
#: Splits whose wrong rows may be listed, which is all that the rules were tuned on; every other split is only counted.
SEEN = ("tune", "held")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One gold row and what we said of it."""

    table: str  # rhyme pairs, word syllables, line syllables, line type
    group: str  # the class it counts under: the first gold answer
    item: str
    split: str  # tune, held, fresh
    expected: tuple[str, ...]
    got: str

    @property
    def is_right(self) -> bool:
        """Whether any of the gold answers was given."""
        return self.got in self.expected


def judge_pairs(folder: Path) -> Iterator[Judgement]:
    """rhyme_pairs.tsv: the class of each pair."""
    for row in _rows(folder / "rhyme_pairs.tsv"):
        got = rhyme_class(row["word_a"], row["word_b"]).value
        yield _judgement("rhyme pairs", row, expected=row["class"], got=got, item=f"{row['word_a']} / {row['word_b']}")


def judge_words(folder: Path) -> Iterator[Judgement]:
    """words.tsv: the preferred syllable count of each word."""
    for row in _rows(folder / "words.tsv"):
        got = str(syllable_counts(row["word"])[0])
        yield _judgement("word syllables", row, expected=row["syllables"], got=got, item=row["word"])


def judge_lines(folder: Path) -> Iterator[Judgement]:
    """lines.tsv: the preferred syllable count, and the type (meter and feet) of the best parse."""
    for row in _rows(folder / "lines.tsv"):
        heard = line_meter(row["line"])
        got = str(heard.n_syllables)
        yield _judgement("line syllables", row, expected=row["syllables"], got=got, item=row["line"])
        meters, n_feet = row["meter"].split("|"), row["feet"].split("|")
        types = "|".join(f"{meter} {n}" for meter in meters for n in n_feet)
        best = heard.best
        got = f"{best.meter} {best.n_feet}" if best else "none 0"
        yield _judgement("line type", row, expected=types, got=got, item=row["line"])


def judge_poems(folder: Path) -> Iterator[Judgement]:
    """poems.jsonl: whole poems, each read once.

    Sound poems: the best guess of their form, whether they keep it, and their rhyme scheme (a match with full rhymes or
    with slant ones counts; poems without rhyme have no scheme to match). Broken poems: whether the claimed form fails.
    """
    path = folder / "poems.jsonl"
    for line in path.read_text(encoding="utf-8").split("\n") if path.is_file() else ():
        if line:
            row = json.loads(line)
            yield from _judge_poem(row, Reading(row["poem"]))


def _judge_poem(row: dict[str, str], reading: Reading) -> Iterator[Judgement]:
    def judged(table: str, expected: str, got: str) -> Judgement:
        return Judgement(
            table=table, group=row["form"], item=row["id"], split=row["split"], expected=(expected,), got=got
        )

    check = check_form(reading, row["form"])
    kept = "kept" if check.passed else "broken: " + " ".join(fault.sentence for fault in check.faults[:2])
    if row["broken"]:
        yield judged("broken caught", "broken", kept.split(":")[0])
        return
    guesses = detect_form(reading)
    yield judged("poem form", row["form"], guesses[0].form if guesses else "none")
    yield judged("form kept", "kept", kept)
    if "." not in row["scheme"]:
        gold = _from_a(row["scheme"])
        schemes = [_from_a(reading.scheme.text), _from_a(reading.slant_scheme.text)]
        yield judged("poem scheme", gold, gold if gold in schemes else " or ".join(dict.fromkeys(schemes)))


def _from_a(scheme: str) -> str:
    """A scheme with its letters in order of first appearance, so that two spellings of one scheme are equal."""
    letters: dict[str, str] = {}
    return "".join(" " if char == " " else letters.setdefault(char, chr(ord("A") + len(letters))) for char in scheme)


#: Every table, in the order in which it is printed. Add a judge here.
JUDGES: list[Callable[[Path], Iterable[Judgement]]] = [judge_pairs, judge_words, judge_lines, judge_poems]


def judge_all(folder: Path) -> tuple[Judgement, ...]:
    """Every row of every table that the folder holds."""
    return tuple(judgement for judge in JUDGES for judgement in judge(folder))


def table_of(judgements: Sequence[Judgement]) -> str:
    """The accuracy per table and class, a column a split: those tuned on first, then the others by name."""
    found = {judgement.split for judgement in judgements}
    splits = [*filter(found.__contains__, SEEN), *sorted(found.difference(SEEN))]
    counts: dict[tuple[str, str], dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for judgement in judgements:
        counts[judgement.table, "ALL"][judgement.split].append(judgement.is_right)
        counts[judgement.table, judgement.group][judgement.split].append(judgement.is_right)
    lines = [f"{'table':<16}{'class':<22}" + "".join(f"{split:>18}" for split in splits)]
    tables = list(dict.fromkeys(table for table, _group in counts))
    for (table, group), rights in sorted(counts.items(), key=lambda item: tables.index(item[0][0])):
        lines.append(f"{table:<16}{group:<22}" + "".join(f"{_share(rights[split]):>18}" for split in splits))
    return "\n".join(lines)


def misses_of(judgements: Iterable[Judgement]) -> Iterator[str]:
    """A line for each wrong row of the splits that were tuned on; rows of other splits stay unread."""
    for miss in judgements:
        if miss.split in SEEN and not miss.is_right:
            yield f"{miss.split} {miss.table}: {miss.item}: expected {'|'.join(miss.expected)}, got {miss.got}"


def main(arguments: list[str] | None = None) -> int:
    """Print the table; with --misses also each wrong row of tune and held."""
    parser = argparse.ArgumentParser(prog="python -m workbench.prosody.accuracy", description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=_GOLD, help="the gold set (default: data/gold)")
    parser.add_argument("--misses", action="store_true", help="list the wrong rows of tune and held")
    chosen = parser.parse_args(arguments)
    if not chosen.folder.is_dir():
        sys.stderr.write(f"{chosen.folder}: no such folder; give the folder that holds rhyme_pairs.tsv\n")
        return 2
    judgements = judge_all(chosen.folder)
    lines = [table_of(judgements), *(misses_of(judgements) if chosen.misses else ())]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _judgement(table: str, row: dict[str, str], *, expected: str, got: str, item: str) -> Judgement:
    answers = tuple(expected.split("|"))
    group = answers[0] if table in ("rhyme pairs", "line type") else "counts"
    return Judgement(table=table, group=group, item=item, split=row["split"], expected=answers, got=got)


def _share(rights: list[bool]) -> str:
    return f"{sum(rights)}/{len(rights)} {100 * sum(rights) / len(rights):.1f} %" if rights else "-"


if __name__ == "__main__":
    sys.exit(main())
