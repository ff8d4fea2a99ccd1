"""Verified writing: are forms kept, do others hear the rhymes and the meter, what does a poem cost?

    python -m bench.writing               every form of the registry that has lines, on six subjects (about an hour)
    python -m bench.writing --quick       four forms on six subjects, for the clock (three minutes on a quiet machine)
    python -m bench.writing --prompts     the 24 prompts of data/rhyme_bench, two seeds
    python -m bench.writing --show        prints what there is, writes nothing anew
    python -m bench.writing --page        the same, and the first twenty poems as bench/results/writing.md

    --minutes 14    stop after so long; the same command again continues
    --again         forget what there is
    --prosodic PYTHON   of an environment that has `prosodic` (see `bench.prosody`), or $PROSODIC_PYTHON

The judge of form is `check_form`, which the decoder cannot bend. The judge of rhymes is the `pronouncing` package, that
of meter `prosodic`; neither shares code with this project. Time is in processor seconds of one thread, and by the
clock, of the poems beside which the load was below two; how many tokens such a second
holds (`tokens_a_cpu_second`) says how fast the machine was. Poems are kept in bench/results/writing.json as they came,
first seeds, unchosen.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

import pronouncing
from rich.console import Console
from rich.table import Table

from bench.prosody import ONE_THREAD
from bench.side_by_side import ROOT, report
from workbench.errors import WorkbenchError
from workbench.prosody.forms import FORMS
from workbench.writing.plan import OPEN_KINDS
from workbench.writing.run import OpenPoet, open_poet
from workbench.writing.types import Written
from workbench.writing.wishes import Wishes, WriteJob

SUBJECTS = (
    "the first frost on an allotment", "a night nurse on the way home", "the key to a house that was sold",
    "a ferry in fog", "my grandfather's tools", "the last bus of the night",
)  # fmt: skip
QUICK = ("quatrains ABAB", "shakespearean sonnet", "limerick", "haiku")
QUATRAINS = ("quatrains AABA", "quatrains ABBA", "quatrains ABAB", "quatrains AABB", "quatrains ABCB", "ballad",
             "common meter", "short meter", "long meter")  # fmt: skip
SONNETS = ("shakespearean sonnet", "petrarchan sonnet", "spenserian sonnet", "nonce sonnet")
PAGE_POEMS = 20
_QUIET = 2.0  # load below which the clock is believed
Row = dict[str, Any]


def asked(*, quick: bool, prompts: bool) -> list[tuple[str, str, int]]:
    """(form, subject, seed) of every poem; all forms once, from subject to subject, then once more."""
    if prompts:
        lines = (ROOT / "data" / "rhyme_bench" / "prompts.jsonl").read_text("utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        return [(row["form"], row["subject"], seed) for seed in (0, 1) for row in rows]
    forms = QUICK if quick else tuple(form.name for form in FORMS if form.kind not in OPEN_KINDS)
    return [
        (form, SUBJECTS[(number + turn) % len(SUBJECTS)], 0)
        for turn in range(len(SUBJECTS))
        for number, form in enumerate(forms)
    ]


def written(poet: OpenPoet, form: str, subject: str, seed: int) -> Row:
    """One poem with its figures; a form that could not be filled says so."""
    clock, started, first = time.monotonic(), time.process_time(), []
    wishes = Wishes(subject=subject, form=form, seed=seed)

    def on_line(*_: object) -> None:
        first.append((time.process_time() - started, time.monotonic() - clock))

    row: Row = {"form": form, "subject": subject, "seed": seed, "commit": _commit()}
    try:
        poem = poet.write(wishes, on_line=on_line)
    except WorkbenchError as error:
        spent = round(time.process_time() - started, 2)
        return row | {"kept": False, "faults": [str(error)], "text": "", "cpu_seconds": spent, "rhymes": [0, 0]}
    spent, seconds = round(time.process_time() - started, 2), round(time.monotonic() - clock, 2)
    slots = poet.task(wishes).slots
    letters = [slot.letter if slot.copy_of is None and not slot.tail else "" for slot in slots]
    return row | {
        "kept": poem.is_kept, "faults": list(poem.faults), "text": poem.text, "n_tokens": poem.n_tokens,
        "n_returns": poem.n_returns, "cpu_seconds": spent, "tokens_a_cpu_second": round(poem.n_tokens / spent, 1),
        "first_line_cpu_seconds": round(first[0][0], 2), "seconds": seconds,
        "first_line_seconds": round(first[0][1], 2), "load": round(os.getloadavg()[0], 1),
        "rhymes": rhymes_heard(poem, letters),
        "iambic_lines": [n for n, slot in enumerate(slots) if slot.law and slot.law[0].startswith("iambic")],
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


def with_meter(rows: list[Row], python: str) -> list[Row]:
    """The rows, each with `iambic`: of its lines that the form wants iambic, how many `prosodic` hears so.

    Args:
        rows: poems; those that have the figure already are not read again.
        python: of an environment that has `prosodic`.
    """
    new = [row for row in rows if row.get("iambic_lines") and "iambic" not in row]
    poems = _read([row["text"] for row in new], python)
    for row, poem in zip(new, poems, strict=True):
        lines = poem.get("lines", [])
        if len(lines) == len([line for line in row["text"].split("\n") if line.strip()]):
            heard = [lines[n] is not None and lines[n]["meter"] == "iambic" for n in row["iambic_lines"]]
            row["iambic"] = [sum(heard), len(heard)]
    return rows


def _read(texts: list[str], python: str) -> list[Row]:
    if not texts:
        return []
    with tempfile.TemporaryDirectory() as folder:
        task, answer = Path(folder) / "task.json", Path(folder) / "answer.json"
        task.write_text(json.dumps({"warm_up": [], "poems": texts, "lines": []}), "utf-8")
        subprocess.run(
            [python, str(ROOT / "bench" / "prosodic_peer.py"), str(task), str(answer)],
            check=True, cwd=folder, env=ONE_THREAD,
        )  # fmt: skip
        poems: list[Row] = json.loads(answer.read_text("utf-8"))["poems"]
    return poems


def main() -> Row:
    """Writes the poems that are not there yet, prints the table, writes and returns the results."""
    chosen = _arguments()
    name = "writing_prompts" if chosen.prompts else "writing_quick" if chosen.quick else "writing"
    path = ROOT / "bench" / "results" / f"{name}.json"
    rows: list[Row] = [] if chosen.again or not path.is_file() else json.loads(path.read_text("utf-8"))["poems"]
    if not chosen.show and not chosen.page:
        _write_missing(rows, asked(quick=chosen.quick, prompts=chosen.prompts), path, minutes=chosen.minutes)
    if chosen.prosodic:
        rows = with_meter(rows, chosen.prosodic)
    whole = _reported(rows, path)
    table = Table("form", *_COLUMNS)
    for form, figures in whole["results"].items():
        table.add_row(form, *(str(figures.get(key, "")) for key in _COLUMNS))
    Console(width=130).print(table)
    if chosen.page:
        there = {(row["form"], row["subject"], row["seed"]): row for row in rows}
        first = asked(quick=chosen.quick, prompts=chosen.prompts)[:PAGE_POEMS]
        path.with_suffix(".md").write_text(page([there[each] for each in first if each in there]), "utf-8")
    return whole


def page(rows: list[Row]) -> str:
    """Poems as they came, to read."""
    said = (
        f"# The first {len(rows)} poems of the bench\n\nIn the order of writing, first seeds, unchosen. "
        "The form was enforced, line by line. Made by `python -m bench.writing --page`.\n"
    )
    for row in rows:
        verse = "\n".join(f"> {line}  " if line else ">" for line in row["text"].split("\n"))
        kept = "kept" if row["kept"] else f"not kept: {row['faults'][0]}"
        said += f"\n## {row['form']}: {row['subject']} (seed {row['seed']}, {kept})\n\n{verse}\n"
    return said


# ---------------------------------------------------------------- private

_COLUMNS = ("kept", "rhymes", "iambic", "cpu_seconds", "seconds", "first_line", "n_tokens")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for option in ("--quick", "--prompts", "--again", "--show", "--page"):
        parser.add_argument(option, action="store_true")
    parser.add_argument("--minutes", type=float, default=0.0)
    parser.add_argument("--prosodic", default=os.environ.get("PROSODIC_PYTHON", ""))
    return parser.parse_args()


def _write_missing(rows: list[Row], wanted: list[tuple[str, str, int]], path: Path, *, minutes: float) -> None:
    """Adds the poems that are not among the rows, and keeps each."""
    have = {(row["form"], row["subject"], row["seed"]) for row in rows}
    with open_poet(WriteJob()) as poet:
        poet.write(Wishes(subject="rain", form="haiku", seed=0))  # warm: vocabulary, dictionary
        started = time.monotonic()
        for each in wanted:
            if each in have or (minutes and time.monotonic() - started > 60 * minutes):
                continue
            rows.append(written(poet, *each))
            _reported(rows, path)


def _reported(rows: list[Row], path: Path) -> Row:
    forms = list(dict.fromkeys(row["form"] for row in rows))
    groups = {form: [row for row in rows if row["form"] == form] for form in forms}
    groups |= {
        "quatrains": [row for row in rows if row["form"] in QUATRAINS],
        "sonnets": [row for row in rows if row["form"] in SONNETS], "all": rows,
    }  # fmt: skip
    results = {name: _summary(group) for name, group in groups.items() if group}
    speeds = [row["tokens_a_cpu_second"] for row in rows if "tokens_a_cpu_second" in row]
    speed = {"tokens_a_cpu_second": round(median(speeds), 1)} if speeds else {}
    return report("writing", results, path=path, poems=rows, **speed)


def _summary(rows: list[Row]) -> Row:
    heard, pairs = (sum(row["rhymes"][place] for row in rows) for place in (0, 1))
    quiet = [row for row in rows if row.get("load", _QUIET) < _QUIET]
    first, seconds = ([row[key] for row in quiet] for key in ("first_line_seconds", "seconds"))
    iambic = [sum(row["iambic"][place] for row in rows if "iambic" in row) for place in (0, 1)]
    return {
        "kept": f"{sum(row['kept'] for row in rows)} of {len(rows)}",
        "rhymes": f"{heard} of {pairs}",
        "cpu_seconds": round(median(row["cpu_seconds"] for row in rows), 1),
        "seconds": round(median(seconds), 1) if seconds else None,
        "first_line": round(median(first), 1) if first else None,
        "n_tokens": round(median(row.get("n_tokens", 0) for row in rows)),
    } | ({"iambic": f"{iambic[0]} of {iambic[1]}"} if iambic[1] else {})


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    main()
