"""Verified writing: are forms kept, do others hear the rhymes, what does a poem cost?

    python -m bench.writing               every form of the registry with a law, on four subjects (about half an hour)
    python -m bench.writing --quick       three forms, one subject
    python -m bench.writing --prompts     the 24 prompts of data/rhyme_bench, two seeds

The judge of form is `check_form`, which the decoder cannot bend; the judge of rhymes is the `pronouncing` package,
which shares no code with this one. Processor seconds, since a busy machine makes the clock useless. Poems are kept in
bench/results/writing.json as they came, first seeds, unchosen.
"""

import argparse
import json
import time
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

import pronouncing
from rich.console import Console
from rich.table import Table

from bench.side_by_side import ROOT, report
from workbench.errors import WorkbenchError
from workbench.prosody.forms import FORMS
from workbench.writing.plan import OPEN_KINDS
from workbench.writing.run import OpenPoet, Wishes, WriteJob, open_poet
from workbench.writing.types import Written

SUBJECTS = ("the first frost on an allotment", "a night nurse on the way home", "the key to a house that was sold",
            "a ferry in fog")  # fmt: skip
QUICK = ("haiku", "quatrains ABAB", "limerick")


def asked(*, quick: bool, prompts: bool) -> list[tuple[str, str, int]]:
    """(form, subject, seed) of every poem."""
    if prompts:
        lines = (ROOT / "data" / "rhyme_bench" / "prompts.jsonl").read_text("utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        return [(row["form"], row["subject"], seed) for row in rows for seed in (0, 1)]
    forms = QUICK if quick else tuple(form.name for form in FORMS if form.kind not in OPEN_KINDS)
    return [(form, subject, 0) for form in forms for subject in (SUBJECTS[:1] if quick else SUBJECTS)]


def written(poet: OpenPoet, form: str, subject: str, seed: int) -> dict[str, Any]:
    """One poem with its figures; a form that could not be filled says so."""
    started, first = time.process_time(), []

    def on_line(*_: object) -> None:
        first.append(time.process_time() - started)

    try:
        poem = poet.write(Wishes(subject=subject, form=form, seed=seed), on_line=on_line)
    except WorkbenchError as error:
        return {
            "form": form, "subject": subject, "seed": seed, "kept": False, "faults": [str(error)], "text": "",
            "cpu_seconds": round(time.process_time() - started, 2), "first_line_cpu_seconds": None, "rhymes": [0, 0],
        }  # fmt: skip
    task = poet.task(Wishes(subject=subject, form=form, seed=seed))
    letters = [slot.letter if slot.copy_of is None and not slot.tail else "" for slot in task.slots]
    return {
        "form": form, "subject": subject, "seed": seed, "kept": poem.is_kept, "faults": list(poem.faults),
        "text": poem.text, "n_tokens": poem.n_tokens, "n_returns": poem.n_returns,
        "cpu_seconds": round(time.process_time() - started, 2), "first_line_cpu_seconds": round(first[0], 2),
        "rhymes": rhymes_heard(poem, letters),
    }  # fmt: skip


def rhymes_heard(poem: Written, letters: list[str]) -> list[int]:
    """Pairs of lines that should rhyme: how many the dictionary alone hears, and how many there are."""
    ends = [line.rstrip(".,;:!? ").split(" ")[-1] for line in poem.text.split("\n") if line.strip()]
    pairs = [
        (ends[a], ends[b]) for a, b in combinations(range(len(ends)), 2) if letters[a] and letters[a] == letters[b]
    ]
    return [sum(bool(_parts(one) & _parts(two)) for one, two in pairs), len(pairs)]


def _parts(word: str) -> set[str]:
    return {pronouncing.rhyming_part(phones) for phones in pronouncing.phones_for_word(word.lower())}


def main() -> dict[str, Any]:
    """Writes all poems, prints the table, writes and returns the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--prompts", action="store_true")
    chosen = parser.parse_args()
    job = replace(WriteJob(), poems=str(Path("data") / "written"))
    with open_poet(job) as poet:
        rows = [written(poet, *each) for each in asked(quick=chosen.quick, prompts=chosen.prompts)]
    forms = list(dict.fromkeys(row["form"] for row in rows))
    results = {form: _summary([row for row in rows if row["form"] == form]) for form in [*forms]}
    results["all"] = _summary(rows)
    table = Table("form", "kept", "rhymes heard", "CPU s a poem", "first line", "tokens")
    for form, row in results.items():
        table.add_row(form, *(str(row[key]) for key in ("kept", "rhymes", "cpu_seconds", "first_line", "n_tokens")))
    Console(width=120).print(table)
    name = "writing_prompts" if chosen.prompts else "writing_quick" if chosen.quick else "writing"
    return report("writing", results, path=ROOT / "bench" / "results" / f"{name}.json", poems=rows)


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    heard, pairs = (sum(row["rhymes"][place] for row in rows) for place in (0, 1))
    first = [row["first_line_cpu_seconds"] for row in rows if row["first_line_cpu_seconds"] is not None]
    return {
        "kept": f"{sum(row['kept'] for row in rows)} of {len(rows)}",
        "rhymes": f"{heard} of {pairs}",
        "cpu_seconds": round(median(row["cpu_seconds"] for row in rows), 1),
        "first_line": round(median(first), 1) if first else None,
        "n_tokens": round(median(row.get("n_tokens", 0) for row in rows)),
    }


if __name__ == "__main__":
    main()
