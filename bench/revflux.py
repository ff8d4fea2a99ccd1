"""RevFlux against plain Python, side by side in one run: `python -m bench.revflux`.

20 drafts of 40 lines, made by dice from the lines of data/poems; each draft edits, moves, cuts and adds some lines
of the one before.

    ours               every aligned measure of the 19 revisions (workbench.revflux.rounds)
    quadratic          the line changes alone, the same alignment and distances in pure Python (bench/quadratic.py)
    ours by index      the reference's measures, lines paired by index (workbench.revflux.rounds)
    quadratic by index the same in pure Python

Each round checks that both found the same figures. Writes bench/results/revflux.json.
"""

import json
import statistics
from random import Random
from typing import Any

from bench import quadratic
from bench.side_by_side import ROOT, Work, contest, ratio, report
from workbench.revflux.lines import words_and_marks
from workbench.revflux.rounds import measure_round, reference_lines, reference_rounds

N_DRAFTS, N_LINES, N_ROUNDS, SEED = 20, 40, 3, 7
N_REPEATS = 20  # of ours in one round, so that a round is long enough to time


def drafts() -> list[str]:
    """The drafts; the same every time."""
    random = Random(SEED)  # noqa: S311 - dice, not secrets
    paths = sorted((ROOT / "data" / "poems").glob("*/*.jsonl"))
    rows = [json.loads(row) for path in paths for row in path.read_text("utf-8").split("\n") if row]
    pool = sorted({line.strip() for row in rows for line in row["poem"].split("\n") if len(line.split()) > 3})
    lines, made = random.sample(pool, N_LINES), list[str]()
    for _ in range(N_DRAFTS):
        made.append("\n".join(lines))
        lines = _revised(lines, pool, random)
    return made


def _revised(lines: list[str], pool: list[str], random: Random) -> list[str]:
    after = list(lines)
    for place in random.sample(range(N_LINES), 12):
        words = after[place].split()
        words[random.randrange(len(words))] = random.choice(random.choice(pool).split())
        after[place] = " ".join(words)
    for place in random.sample(range(N_LINES), 3):
        after[place] = random.choice(pool)
    after.insert(random.randrange(N_LINES), after.pop(random.randrange(N_LINES)))
    after.insert(0, random.choice(pool))
    return after[:N_LINES]


def ours() -> Work:
    """Every aligned measure."""
    lines_D = [reference_lines(draft) for draft in drafts()]

    def work() -> dict[str, Any]:
        for _ in range(N_REPEATS):
            words_and_marks.cache_clear()  # every repeat is the first one
            rounds = [measure_round(*lines_D[i - 1 : i + 1], number=i) for i in range(1, N_DRAFTS)]
        return {"line_change": _mean([one.line_change or 0.0 for one in rounds])}

    return work


def plain() -> Work:
    """The same changes in pure Python."""
    made = drafts()
    return lambda: {"line_change": _mean([characters for characters, _ in quadratic.aligned(made)])}


def ours_by_index() -> Work:
    """The reference's measures."""
    made = drafts()

    def work() -> dict[str, Any]:
        for _ in range(N_REPEATS):
            words_and_marks.cache_clear()
            rounds = reference_rounds(made)
            changes = [one.mean_characters for one in rounds]
        return {"line_change": _mean(changes)}

    return work


def plain_by_index() -> Work:
    """The same in pure Python."""
    made = drafts()
    return lambda: {"line_change": _mean([characters for characters, _ in quadratic.by_index(made)])}


CONTENDERS = {
    "ours": ours,
    "quadratic": plain,
    "ours by index": ours_by_index,
    "quadratic by index": plain_by_index,
}


def main() -> dict[str, Any]:
    """Runs all contenders, prints the table, writes and returns the results."""
    results = contest("bench.revflux", list(CONTENDERS), n_rounds=N_ROUNDS)
    for name in ("ours", "ours by index"):
        for key in ("seconds", "cpu_seconds"):
            best = min(results[name]["rounds"]) if key == "seconds" else results[name][key]
            results[name][key] = round(best / N_REPEATS, 5)
    for mine, theirs in (("ours", "quadratic"), ("ours by index", "quadratic by index")):
        if results[mine]["line_change"] != results[theirs]["line_change"]:
            raise SystemExit(f"{mine} and {theirs} do not find the same changes: {results}")
    whole = report(
        f"{N_DRAFTS} drafts of {N_LINES} lines, every line's change between each and the next",
        results,
        path=ROOT / "bench" / "results" / "revflux.json",
        ratios={
            "quadratic": ratio(results, "quadratic", "ours"),
            "quadratic by index": ratio(results, "quadratic by index", "ours by index"),
        },
    )
    _print(whole)
    return whole


def _mean(values: list[float]) -> float:
    return round(statistics.fmean(values), 6)


def _print(whole: dict[str, Any]) -> None:
    print(f"{whole['task']}; {whole['machine']}; load {whole['load_average']}")
    print(f"{'':22}{'seconds':>10}{'cpu s':>10}{'mean change':>13}")
    for name, row in whole["results"].items():
        print(f"{name:22}{row['seconds']:10.4f}{row['cpu_seconds']:10.4f}{row['line_change']:13.3f}")
    print("times longer than ours:", whole["ratios"])


if __name__ == "__main__":
    main()
