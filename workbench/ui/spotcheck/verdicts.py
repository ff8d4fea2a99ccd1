"""What the verdicts of a spot-check say once a sitting has ended: beside the run, in figures, as a file."""

import json
from dataclasses import asdict
from html import escape
from typing import Any

from workbench.errors import WorkbenchError
from workbench.intervals import Estimate, shown
from workbench.selection.spotcheck import Figures, Item, figures, read_pool
from workbench.selection.verdicts import given_singly, standing, standing_pairs
from workbench.storage.records import RecordStore
from workbench.storage.run_names import checked_name
from workbench.types import Candidate, PairVerdict, Poem, Verdict
from workbench.ui.folders import AppFolders
from workbench.ui.html import facts_html, link, note_html, table_html
from workbench.ui.revflux.data import as_csv
from workbench.ui.spotcheck.review import PAIRS, Review, still_open

_MEDIA = {"jsonl": "application/jsonl", "csv": "text/csv"}
_SIDES = {"a": "the left one", "b": "the right one"}


def sitting_html(folders: AppFolders, review: Review) -> str:
    """What the verdicts say, once this reviewer has judged all they were to judge: before, it would sway them."""
    if not review.run or not review.reviewer:
        return ""
    try:
        with folders.records(review.run) as records:
            left, n_all = still_open(records, review)
            rows = [] if left else (_pair_rows if review.mode == PAIRS else _single_rows)(records, review)
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    if left or not n_all:
        when = f"after {len(left)} more" if left else "when there is something to judge"
        return note_html(f"What the run thought of them, and how often you agreed, comes when you are done: {when}.")
    yours = table_html(("poem", "you", "the run", "look"), rows, caption="Your verdicts beside the run's")
    return figures_html(folders, review.run) + (yours if rows else "")


def figures_html(folders: AppFolders, name: str) -> str:
    """What all verdicts of a run say."""
    if not name:
        return ""
    try:
        with folders.records(name) as records:
            found = figures(read_pool(records), records.all(Verdict), records.all(PairVerdict))
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    winners, losers = found.n_more
    rows = [
        ("precision", "winners that people find good", _shown(found.precision)),
        ("recall", "good descriptions that won", _shown(found.recall)),
        (
            "prediction (AUC)",
            "how often a good one has the higher specificity; 0.5 = chance",
            _shown(found.foretelling),
        ),
        ("pairs", "the winner was preferred", _shown(found.pairs_won)),
        (
            "κ of two reviewers",
            " and ".join(found.reviewers[:2]) if found.kappa else "nothing that two reviewers judged so far",
            _shown(found.kappa),
        ),
    ]
    needed = [f"{n} more {what}{'s' * (n != 1)}" for n, what in ((winners, "winner"), (losers, "loser")) if n]
    more = f"To know them to ±0.1, judge {' and '.join(needed)}." if needed else (
        "Precision and recall are known to ±0.1."
    )  # fmt: skip
    table = table_html(("figure", "meaning", "value [95 % interval]"), [tuple(map(escape, row)) for row in rows],
                       caption="Selection and people")  # fmt: skip
    return table + note_html(more) + _strata_html(found) + _use_html(name)


def export(folders: AppFolders, name: str, kind: str = "jsonl") -> Any:
    """All verdicts of a run for download: JSON lines to use again, or a table with poems and descriptions to read."""
    from fastapi.responses import PlainTextResponse

    try:
        with folders.records(checked_name(name)) as records:
            listed: list[Verdict | PairVerdict] = [*records.all(Verdict), *records.all(PairVerdict)]
            rows = [{"kind": type(one).__name__, **asdict(one)} for one in listed]
            said = {each.id: each.text for each in records.all(Candidate)}
            said |= {poem.id: poem.known_by for poem in records.all(Poem)}
    except WorkbenchError as exc:
        return PlainTextResponse(f"{exc}\n", status_code=404)
    if kind == "csv":
        text = as_csv([{key.removesuffix("_id"): said.get(value, value) for key, value in row.items()} for row in rows])
    else:
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="verdicts-{name}.{kind}"'}
    return PlainTextResponse(text, media_type=f"{_MEDIA[kind]}; charset=utf-8", headers=headers)


def _single_rows(records: RecordStore, review: Review) -> list[list[str]]:
    """Each description that was judged alone: its poem, the verdict, what the run did with it."""
    pool = {item.candidate.id: item for item in read_pool(records)}
    mine = [v for v in standing(given_singly(records.all(Verdict))) if v.reviewer == review.reviewer]
    return [
        [escape(pool[v.candidate_id].poem.known_by), escape(v.verdict), escape(_standing(pool[v.candidate_id])),
         _door(review.run, v.candidate_id)]
        for v in mine if v.candidate_id in pool
    ]  # fmt: skip


def _pair_rows(records: RecordStore, review: Review) -> list[list[str]]:
    """Each pair that was judged; of descriptions that are still to be judged alone nothing is told."""
    pool = {item.candidate.id: item for item in read_pool(records)}
    mine = [v for v in standing_pairs(records.all(PairVerdict)) if v.reviewer == review.reviewer]
    rows = []
    for verdict in mine:
        if verdict.a in pool and verdict.b in pool:
            winner = "a" if pool[verdict.a].stratum == "winner" else "b"
            rows.append([
                escape(pool[verdict.a].poem.known_by), _SIDES.get(verdict.verdict, verdict.verdict), _SIDES[winner],
                _door(review.run, {"a": verdict.a, "b": verdict.b}[winner]),
            ])  # fmt: skip
    return rows


def _door(run: str, candidate: str) -> str:
    return link("look closer", tab="candidates", run=run, candidate=candidate)


def _standing(item: Item) -> str:
    names = {"winner": "★ winner", "close": "close call", "out": "not chosen", "copy": "out, copies the poem"}
    return f"{names[item.stratum]}, specificity {item.score.specificity:+.3f}"


def _shown(estimate: Estimate | None) -> str:
    if estimate is None:
        return "too few verdicts"
    return f"{shown(estimate, places=2)} of {estimate.n}"


def _strata_html(found: Figures) -> str:
    names = {"winner": "winners", "close": "close calls", "out": "not chosen", "copy": "copies"}
    return facts_html((names[s.name], f"{s.n_good} good of {s.n_judged} judged, {s.size} in all") for s in found.strata)


def _use_html(name: str) -> str:
    begin = link("begin a new run with these verdicts", tab="improve", like=name, verdicts=name)
    return (
        f"<p>Use them: {begin}. Approved and edited descriptions win there, rejected ones are out; it needs the same "
        f"seed and poems, so that the same descriptions come again. "
        f'All verdicts: <a href="verdicts/{escape(name)}.csv" download>a table</a>, '
        f'<a href="verdicts/{escape(name)}.jsonl" download>JSON lines</a>.</p>'
    )
