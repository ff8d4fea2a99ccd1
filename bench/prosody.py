"""Prosody side by side in one run: `python -m bench.prosody [PYTHON-WITH-PROSODIC]`.

The same gold poems, lines and pairs (data/gold) for each:

    ours         workbench.prosody: the full report of a poem (scheme, meter, form with its deviations)
    pronouncing  the dictionary alone: syllables by count, rhymes by equal rhyming parts; no meter
    prosodic     meter and rhyme of a poem, in an environment of its own (PYTHON-WITH-PROSODIC, or $PROSODIC_PYTHON):
                 `python -m venv /tmp/p && /tmp/p/bin/pip install prosodic espeakng-loader phonemizer` makes one

Speed is poems a second on one core, each poem new to the reader, after a warm-up on other poems. Accuracy counts a gold
row as right when any of its answers was given. Writes bench/results/prosody.json.

`python -m bench.prosody canon [PYTHON-WITH-PROSODIC] [--misses]` reads canonical verse instead, see `bench.canon`;
`python -m bench.prosody words` measures the guessers of unknown words, see `bench.word_sounds`.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import pronouncing

from bench import canon_report, word_sounds
from workbench.prosody import line_meter, poem_meter, rhymes, scheme
from workbench.prosody.report import prosody_report
from workbench.prosody.words import words_of

ROOT = Path(__file__).resolve().parent.parent
GOLD = ROOT / "data" / "gold"
RESULTS = ROOT / "bench" / "results" / "prosody.json"
N_WARM_UP = 40
FULL = {"perfect", "feminine", "triple", "rich", "identical"}
METERS = {"iambic", "trochaic", "anapestic", "dactylic"}
PENTAMETERS = {"sonnet", "blank verse", "heroic couplets", "ottava rima", "rhyme royal", "terza rima"}

ONE_THREAD = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

Row = dict[str, Any]


def table(name: str) -> list[Row]:
    """The rows of a gold table."""
    head, *lines = (GOLD / name).read_text("utf-8").rstrip("\n").split("\n")
    return [dict(zip(head.split("\t"), line.split("\t"), strict=False)) for line in lines]


def gold_poems() -> list[Row]:
    """The gold poems that are what they claim to be."""
    rows = [json.loads(line) for line in (GOLD / "poems.jsonl").read_text("utf-8").split("\n") if line]
    return [row for row in rows if not row["broken"]]


# ---------------------------------------------------------------- ours


def ours(poems: Sequence[Row]) -> Row:
    """Our answers to everything, and the speed of the full report: poems new to it, and the same ones read again."""
    for row in poems[:N_WARM_UP]:
        prosody_report(row["poem"])
    fresh = speed(poems[N_WARM_UP:], prosody_report)
    again = speed(poems[N_WARM_UP:], prosody_report)
    lines = table("lines.tsv")
    meters = [line_meter(row["line"]) for row in lines]
    best = [(one.best.meter, one.best.n_feet, one.best.marks.replace("|", "")) if one.best else None for one in meters]
    letters = [scheme(row["poem"].split("\n")).letters for row in poems]
    heard = [poem_meter(row["poem"].split("\n")) for row in poems]
    pentameter = [one.meter == "iambic" and one.n_feet == (5,) for one in heard]
    return {
        "version": "this commit",
        **fresh,
        "poems_per_cpu_second_again": again["poems_per_cpu_second"],
        **line_accuracy(best, [one.n_syllables for one in meters]),
        "scheme": share(map(same_scheme, letters, poems)),
        "pentameter": share(said for said, row in zip(pentameter, poems, strict=True) if is_pentameter(row)),
        "full_rhyme_or_not": pair_accuracy(lambda a, b: a.lower() == b.lower() or rhymes(a, b)),
    }


# ---------------------------------------------------------------- pronouncing


def plain(poems: Sequence[Row]) -> Row:
    """What the dictionary alone can say: counts, stresses and rhyming parts."""
    for row in poems[:N_WARM_UP]:
        plain_poem(row["poem"])
    fresh = speed(poems[N_WARM_UP:], plain_poem)
    counts = [plain_count(row["line"]) for row in table("lines.tsv")]
    return {
        "version": metadata.version("pronouncing"),
        **fresh,
        "line_syllables": line_accuracy([None] * len(counts), counts)["line_syllables"],
        "scheme": share(same_scheme(plain_poem(row["poem"])[1], row) for row in poems),
        "full_rhyme_or_not": pair_accuracy(plain_rhyme),
    }


def plain_poem(poem: str) -> tuple[list[int], list[str]]:
    """Syllables of each line, and its letter by rhyming part."""
    lines = [line for line in poem.split("\n") if line.strip()]
    letters: list[str] = []
    seen: dict[str, str] = {}
    for line in lines:
        parts = plain_parts((words_of(line) or ("",))[-1])
        letter = next((seen[part] for part in parts if part in seen), f"letter {len(letters)}")
        seen.update(dict.fromkeys(parts, letter))
        letters.append(letter)
    return [plain_count(line) for line in lines], letters


def plain_count(line: str) -> int:
    """Syllables of a line; a word that the dictionary lacks has none."""
    ways = [pronouncing.phones_for_word(word.lower()) for word in words_of(line)]
    return sum(pronouncing.syllable_count(way[0]) for way in ways if way)


def plain_parts(word: str) -> list[str]:
    """Every rhyming part of a word."""
    return [pronouncing.rhyming_part(phones) for phones in pronouncing.phones_for_word(word.lower())]


def plain_rhyme(a: str, b: str) -> bool:
    """Whether two words share a rhyming part."""
    return bool(set(plain_parts(a)) & set(plain_parts(b)))


# ---------------------------------------------------------------- prosodic


def prosodic(poems: Sequence[Row], python: str) -> Row:
    """The peer in its own environment."""
    lines = table("lines.tsv")
    with tempfile.TemporaryDirectory() as folder:
        task, answer = Path(folder) / "task.json", Path(folder) / "answer.json"
        warm_up, timed_poems = poems[:N_WARM_UP], poems[N_WARM_UP:]
        asked = {"warm_up": warm_up, "poems": timed_poems, "lines": lines}
        keys = {"warm_up": "poem", "poems": "poem", "lines": "line"}
        task.write_text(json.dumps({name: [row[keys[name]] for row in rows] for name, rows in asked.items()}), "utf-8")
        subprocess.run(
            [python, str(ROOT / "bench" / "prosodic_peer.py"), str(task), str(answer)],
            check=True,
            cwd=folder,
            env=ONE_THREAD,
        )
        found = json.loads(answer.read_text("utf-8"))
    heard = [(one.get("lines") or [None])[0] for one in found["lines"]]
    best = [(one["meter"], one["n_feet"], one["marks"]) if one else None for one in heard]
    schemes = [[str(n or f"line {i}") for i, n in enumerate(one.get("rhyme_ids", []))] for one in found["poems"]]
    answered = list(zip(found["poems"], timed_poems, strict=True))
    return {
        "version": found["version"],
        **rates(len(timed_poems), found["seconds"], found["cpu_seconds"]),
        "errors": sum("error" in one for one in found["poems"] + found["lines"]),
        **line_accuracy(best, [one["n_syllables"] if one else 0 for one in heard]),
        "scheme": share(map(same_scheme, schemes, timed_poems)),
        "pentameter": share(_is_heard_as_pentameter(one) for one, row in answered if is_pentameter(row)),
    }


def _is_heard_as_pentameter(poem: Row) -> bool:
    feet = Counter(line["n_feet"] for line in poem.get("lines", []) if line)
    return bool(feet) and poem["meter"].get("type") == "iambic" and feet.most_common(1)[0][0] == 5


# ---------------------------------------------------------------- the same measures for all


def line_accuracy(best: Sequence[tuple[str, int, str] | None], counts: Sequence[int]) -> Row:
    """Line type and marks on verse of the four meters, syllables on all lines."""
    rows = table("lines.tsv")
    verse = [(row, one or ("none", 0, "")) for row, one in zip(rows, best, strict=True) if is_metrical(row)]
    counted = zip(rows, counts, strict=True)
    return {
        "line_type": share(one[0] in row["meter"].split("|") and str(one[1]) == row["feet"] for row, one in verse),
        "line_marks": share(one[2] == row["marks"] for row, one in verse),
        "line_syllables": share(str(n) in row["syllables"].split("|") for row, n in counted),
    }


def is_metrical(row: Row) -> bool:
    """Whether a gold line is in one of the four meters that all readers know."""
    return row["meter"].split("|")[0] in METERS


def pair_accuracy(judge: Callable[[str, str], bool]) -> float:
    """Full rhyme or not, on pairs of single words."""
    rows = [row for row in table("rhyme_pairs.tsv") if " " not in row["word_a"] + row["word_b"]]
    answers = [{kind in FULL for kind in row["class"].split("|")} for row in rows]
    return share(judge(row["word_a"], row["word_b"]) in answer for row, answer in zip(rows, answers, strict=True))


def same_scheme(letters: Sequence[str], row: Row) -> bool:
    """Whether the lines fall together as in the gold scheme; the names of the letters do not matter."""
    gold = row["scheme"].replace(" ", "")
    mine, theirs = (
        _first_places(list(letters)),
        _first_places([f". {i}" if c == "." else c for i, c in enumerate(gold)]),
    )
    return mine == theirs


def _first_places(letters: list[str]) -> list[int]:
    return [letters.index(letter) for letter in letters]


def is_pentameter(row: Row) -> bool:
    """Whether a poem's form asks for five feet."""
    return any(name in row["form"] for name in PENTAMETERS)


def share(rights: Any) -> float:
    """The share of what is right."""
    kept = [bool(right) for right in rights]
    return round(sum(kept) / len(kept), 4) if kept else 0.0


def speed(poems: Sequence[Row], read: Callable[[str], Any]) -> Row:
    """Poems a second by the clock, and by the processor: a busy machine slows only the first."""
    started, started_cpu = time.perf_counter(), time.process_time()
    for row in poems:
        read(row["poem"])
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - started_cpu
    return rates(len(poems), seconds, cpu_seconds)


def rates(n_poems: int, seconds: float, cpu_seconds: float) -> Row:
    """The two speeds as they stand in the results."""
    return {"poems_per_second": round(n_poems / seconds, 1), "poems_per_cpu_second": round(n_poems / cpu_seconds, 1)}


def main(python: str | None) -> Row:
    """Runs all three on the same rows, prints the table, writes and returns the results."""
    poems = gold_poems()
    load = os.getloadavg()[0]
    results = {"ours": ours(poems), "pronouncing": plain(poems)}
    if python:
        results["prosodic"] = prosodic(poems, python)
    report = {
        "machine": f"{platform.machine()}, {_cpu()}, one core of {os.cpu_count()}, load before {load:.1f}",
        "commit": subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, cwd=ROOT).stdout.strip(),
        "task": f"{len(poems)} gold poems, {N_WARM_UP} to warm up; {len(table('lines.tsv'))} lines; pairs of words",
        "results": results,
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    _print(report)
    return report


def _print(report: Row) -> None:
    print(f"{report['task']}\n{report['machine']}")
    measures = list(dict.fromkeys(name for row in report["results"].values() for name in row))
    print(f"{'':30}" + "".join(f"{name:>16}" for name in report["results"]))
    for measure in measures:
        cells = [report["results"][name].get(measure, "-") for name in report["results"]]
        print(f"{measure:30}" + "".join(f"{cell!s:>16}" for cell in cells))
    if "prosodic" in report["results"]:
        by_cpu = {name: row["poems_per_cpu_second"] for name, row in report["results"].items()}
        print(f"ours: {by_cpu['ours'] / by_cpu['prosodic']:.1f} x prosodic by processor time")
    else:
        print("prosodic: not measured; give the Python of an environment that has it")


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").split("\n") if Path("/proc/cpuinfo").is_file() else []
    return next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), "unknown processor")


if __name__ == "__main__":
    if sys.argv[1:2] == ["canon"]:
        canon_report.main(sys.argv[2:])
        sys.exit()
    if sys.argv[1:2] == ["words"]:
        word_sounds.main()
        sys.exit()
    main(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("PROSODIC_PYTHON"))
