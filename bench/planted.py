"""Planted faults: does a revision change the line that is quoted, and nothing else, and is the fault gone?

    python -m bench.planted                  12 of our own poems in a form × 4 faults, one revision each
    python -m bench.planted --minutes 14     stop after so long; the same command again continues
    python -m bench.planted --show           prints what there is

A line of a poem of data/gold that keeps its form is spoiled: a plug word at its rhyme, syllables too many, a word of
the line before, a stock phrase. A critique that was written beforehand quotes what is wrong; where the line's number is
even it names another line. `revise` answers with `changes: cited`, on the shipped poet. The judges ask no model:
`revision.cited_faults` for the fault, `check_form` for the form, bytes for all other lines.
Results: bench/results/planted.json.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.side_by_side import ROOT, report
from workbench.engines.opening import open_sampler
from workbench.engines.protocols import Cancelled, OnCompletion, never
from workbench.prosody import check_form, rhymes
from workbench.prosody.forms import forms_named
from workbench.prosody.stress import is_weak_word
from workbench.revision.cited_faults import is_gone
from workbench.revision.drivers import run_session
from workbench.revision.line_orders import LinePoet
from workbench.revision.session import new_trace
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import CritiqueItem, Draft, Round
from workbench.types import Completion, Failed, SampleRequest
from workbench.words import words_of
from workbench.writing.plan import OPEN_KINDS, plan
from workbench.writing.rhyme_table import PLUGS, levels_of

POET = "built-in+models/poet"
N_POEMS, MOST_LINES = 12, 20
STOCK = ("with heart of gold ", "as cold as ice, ", "as old as time, ", "as white as snow, ")
Row = dict[str, Any]
Planted = tuple[int, str, str, str]  # line from 1, the line as it is now, failure, what the critique says of it


class Scripted:
    """An educator that says what was written beforehand."""

    digest, adapter_digest, last = "scripted", "", None

    def __init__(self, said: str) -> None:
        self._said = said

    def sample(
        self, requests: Sequence[SampleRequest], *, on_completion: OnCompletion | None = None,
        cancelled: Cancelled = never,
    ) -> list[Completion | Failed]:  # fmt: skip
        """The same words to everything."""
        return [Completion(text=self._said, n_tokens=0, ended=True) for _ in requests]

    def stream(self, request: SampleRequest, *, cancelled: Cancelled = never) -> Iterator[str]:
        """The same words in one piece."""
        yield self._said

    def use_adapter(self, folder: Path | None) -> None:
        """It has none."""

    def close(self) -> None:
        """It has nothing."""


def plants(poem: str, form: str) -> Iterator[Planted]:
    """At most one spoiled line of each kind, the first place where one is found."""
    for plant in (_plug, _too_long, _said_before, _stock_phrase):
        lines = poem.split("\n")
        full = [place for place, line in enumerate(lines) if line.strip()]
        for number, place in enumerate(full, 1):
            before = lines[full[number - 2]] if number > 1 else ""
            found = plant(lines[place], before, number)
            if found is not None and _is_measured(poem, number, found, form):
                yield (number, *found)
                break


def spoiled(poem: str, number: int, line: str) -> str:
    """The poem with one of its non-empty lines exchanged."""
    lines = poem.split("\n")
    full = [place for place, old in enumerate(lines) if old.strip()]
    lines[full[number - 1]] = line
    return "\n".join(lines)


def revised(poet: LinePoet, form: str, poem: str, planted: Planted) -> Row:
    """One revision of a spoiled poem, with what became of it."""
    number, line, failure, note = planted
    text, n_lines = spoiled(poem, number, line), len([one for one in poem.split("\n") if one.strip()])
    named = number if number % 2 else 1 + number % n_lines  # remarks on even lines miscount
    said = f"LINE {named} ({failure}): {note} TRY: say it otherwise.\nVERDICT revise: not yet."
    settings = RevisionSettings(
        educator="scripted", poet=POET, max_revisions=1, changes="cited", form=form, final_note=False,
        verdict_counts=False, report_chars=0,
    )  # fmt: skip
    draft = Draft(id="planted", number=0, title="Planted", text=text, parent_id="", critique_id="", author="person",
                  engine="person", prompt_digest="", seed=0)  # fmt: skip
    start = new_trace("a poem", settings)
    started = time.process_time()
    trace = run_session("a poem", settings, educator=Scripted(said), poet=poet,
                        start=replace(start, rounds=(Round(number=0, draft=draft),)))  # fmt: skip
    after = trace.rounds[-1].draft
    others = [n for n, (a, b) in enumerate(zip(draft.lines, after.lines, strict=True), 1) if a != b and n != number]
    return {
        "form": form, "failure": failure, "line": number, "named": named, "was": line, "now": after.lines[number - 1],
        "changed": after.lines[number - 1] != line, "others_changed": len(others), "others": n_lines - 1,
        "gone": bool(is_gone(_item(number, failure, note), draft, after, form=form)),
        "kept": not check_form(after.text, form).faults, "cpu_seconds": round(time.process_time() - started, 1),
    }  # fmt: skip


def main() -> Row:
    """Revises what is not there yet, prints the table, writes and returns the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=0.0)
    parser.add_argument("--show", action="store_true")
    chosen = parser.parse_args()
    path = ROOT / "bench" / "results" / "planted.json"
    rows: list[Row] = json.loads(path.read_text("utf-8"))["revisions"] if path.is_file() else []
    if not chosen.show:
        _revise_missing(rows, path, minutes=chosen.minutes)
    whole = _reported(rows, path)
    table = Table("failure", *_COLUMNS)
    for failure, figures in whole["results"].items():
        table.add_row(failure, *(str(figures[key]) for key in _COLUMNS))
    Console(width=120).print(table)
    return whole


# ---------------------------------------------------------------- the four faults


def _plug(line: str, _: str, number: int) -> tuple[str, str, str] | None:
    end = words_of(line)[-1] if words_of(line) else None
    if end is None or end.folded in PLUGS:
        return None
    plug = next((one for one in sorted(PLUGS) if rhymes(one, end.folded) and len(levels_of(one)) == 1), "")
    if not plug or len(levels_of(end.folded)) != 1:
        return None
    now = line[: end.span[0]] + plug + line[end.span[1] :]
    return now, "forced rhyme", f'"{plug}" stands here for the rhyme alone.'


def _too_long(line: str, _: str, number: int) -> tuple[str, str, str] | None:
    words = line.split(" ")
    if number < 2 or len(words) < 4:
        return None
    now = " ".join([*words[:2], "really, truly, simply", *words[2:]])
    return now, "broken meter", f'"{" ".join(now.split(" ")[:6])}" runs on past its beats.'


def _said_before(line: str, before: str, number: int) -> tuple[str, str, str] | None:
    told = [word.folded for word in words_of(before) if not is_weak_word(word.folded) and len(word.folded) > 2]
    own = [word.folded for word in words_of(line)]
    for word in words_of(line)[1:-1]:
        for other in told:
            if not is_weak_word(word.folded) and levels_of(word.folded) == levels_of(other) and other not in own:
                now = line[: word.span[0]] + other + line[word.span[1] :]
                return now, "padding", f'"{other}" was said in the line before.'
    return None


def _stock_phrase(line: str, _: str, number: int) -> tuple[str, str, str] | None:
    words = line.split(" ")
    phrase = STOCK[number % len(STOCK)]
    n_syllables, keep = 4, len(words)
    while keep > 1 and sum(len(levels_of(word.folded)) for word in words_of(" ".join(words[-keep:]))) > n_syllables:
        keep -= 1
    if number < 2 or sum(len(levels_of(word.folded)) for word in words_of(" ".join(words[-keep:]))) != n_syllables:
        return None
    now = phrase + " ".join(words[-keep:])
    return now, "cliche", f'"{phrase.strip(" ,")}" came along by itself.'


def _is_measured(poem: str, number: int, found: tuple[str, str, str], form: str) -> bool:
    """Whether a measure finds the planted fault where it was planted."""
    line, failure, note = found
    text = spoiled(poem, number, line)
    draft = Draft(id="p", number=0, title="", text=text, parent_id="", critique_id="", author="person", engine="",
                  prompt_digest="", seed=0)  # fmt: skip
    return is_gone(_item(number, failure, note), draft, draft, form=form) is False


# ---------------------------------------------------------------- private

_COLUMNS = ("revisions", "cited changed", "fault gone", "other lines changed", "form kept", "cpu_seconds")


def _item(number: int, failure: str, note: str) -> CritiqueItem:
    return CritiqueItem(id="planted", first_line=number, last_line=number, failure=failure, note=note, direction="")


def _poems() -> Iterator[tuple[str, str]]:
    """Form and text of our own poems that keep a form in which no line comes back, two of each at most."""
    seen: dict[str, int] = {}
    for row in (ROOT / "data" / "gold" / "poems.jsonl").read_text("utf-8").splitlines():
        told = json.loads(row)
        form, poem = told["form"], told["poem"]
        is_long = len([line for line in poem.split("\n") if line.strip()]) > MOST_LINES
        if told["broken"] or is_long or seen.get(form, 0) >= 2 or forms_named(form)[0].kind in OPEN_KINDS:
            continue
        if not check_form(poem, form).faults and all(slot.copy_of is None and not slot.tail for slot in plan(form)):
            seen[form] = seen.get(form, 0) + 1
            yield form, poem


def _revise_missing(rows: list[Row], path: Path, *, minutes: float) -> None:
    have = {(row["form"], row["failure"], row["was"]) for row in rows}
    started = time.monotonic()
    with closing(open_sampler(POET)) as sampler, closing(LinePoet(POET, sampler)) as poet:
        for form, poem in list(_poems())[:N_POEMS]:
            for planted in plants(poem, form):
                if (form, planted[2], planted[1]) in have or (minutes and time.monotonic() - started > 60 * minutes):
                    continue
                rows.append(revised(poet, form, poem, planted))
                _reported(rows, path)


def _reported(rows: list[Row], path: Path) -> Row:
    kinds = dict.fromkeys(row["failure"] for row in rows)
    groups = {kind: [row for row in rows if row["failure"] == kind] for kind in kinds} | {"all": rows}
    return report("planted", {name: _summary(own) for name, own in groups.items() if own}, path=path, revisions=rows)


def _summary(rows: list[Row]) -> Row:
    n = len(rows)
    return {
        "revisions": n,
        "cited changed": f"{sum(row['changed'] for row in rows)} of {n}",
        "fault gone": f"{sum(row['gone'] for row in rows)} of {n}",
        "other lines changed": f"{sum(row['others_changed'] for row in rows)} of {sum(row['others'] for row in rows)}",
        "form kept": f"{sum(row['kept'] for row in rows)} of {n}",
        "cpu_seconds": round(sum(row["cpu_seconds"] for row in rows) / n, 1),
    }


if __name__ == "__main__":
    main()
