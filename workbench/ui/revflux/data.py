"""The sessions that RevFlux shows: those of the studio and of studies, a choice of them measured, and as files."""

import contextlib
import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import urlencode

from workbench.engines.names import display_name
from workbench.errors import InputError, WorkbenchError
from workbench.figures import on_page
from workbench.intervals import FEWEST_POEMS, Estimate
from workbench.places import ROOT
from workbench.revflux import dashboard, study
from workbench.revflux.measures import BANDS, MEASURES, read_bands
from workbench.revflux.study import StudySession
from workbench.revflux.study_results import StudyResults, study_results, summary_data
from workbench.revflux.tables import session_rows
from workbench.revision.store import SessionStore
from workbench.storage.run_names import NAME
from workbench.ui.folders import AppFolders
from workbench.ui.html import facts_html, note_html, table_html

ALL = "all"
STUDIO = "studio"  # the studio's own sessions, as if they were a study
_SHOWN = ("verbatim", "line_change", "stability", "returned", "approved", "adherence", "strongest_kept", "aim",
          "form_faults_change", "n_revisions", "n_words")  # fmt: skip
_BANDS_FILE = ROOT / "data" / "revflux" / "bands.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which sessions are looked at."""

    study: str
    configurations: tuple[str, ...] = ()  # none = all
    category: str = ALL
    revisions: int | None = None  # None = as many as there are


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What can be chosen from."""

    configurations: tuple[str, ...]
    categories: tuple[str, ...]
    revisions: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Studies:
    """Where sessions lie."""

    folders: AppFolders
    cache: dict[Any, StudyResults] = field(default_factory=dict)

    def names(self) -> list[tuple[str, str]]:
        """Titles and names: the studio first, then the studies."""
        folder = self.folders.runs / "revflux"
        found = sorted(path.parent.name for path in folder.glob("*/traces") if NAME.fullmatch(path.parent.name))
        return [("the studio", STUDIO), *((f"study: {name}", name) for name in found)]

    def held(self, name: str) -> list[StudySession]:
        """The sessions of the studio, or of a study; those without a draft have nothing to measure.

        Raises:
            InputError: there are none.
        """
        if name != STUDIO:
            if not NAME.fullmatch(name):
                raise InputError("choose one of the studies in the list")
            found = study.sessions(self.folders.runs / "revflux" / name)
        else:
            found = self._of_studio()
        kept = [one for one in found if one.trace.rounds]
        if not kept:
            where = "revise a poem in the Studio" if name == STUDIO else "workbench revflux run"
            raise InputError(f"There is no session with a draft yet: {where}.")
        return kept

    def chosen(self, choice: Choice) -> list[StudySession]:
        """The sessions of a choice.

        Raises:
            InputError: there are none.
        """
        held = [
            one for one in self.held(choice.study)
            if (not choice.configurations or one.configuration in choice.configurations)
            and choice.category in (ALL, one.category)
        ]  # fmt: skip
        if not held:
            raise InputError("No session matches these filters; remove one of them.")
        return held

    def results(self, choice: Choice) -> StudyResults:
        """A choice of sessions, measured; kept until other sessions are there.

        Raises:
            InputError: there are none.
        """
        held = self.chosen(choice)
        key = (choice, tuple((one.id, len(one.trace.rounds), str(one.trace.stop)) for one in held))
        if key not in self.cache:
            self.cache.clear()
            revisions = [n for n in _revisions(held) if choice.revisions is None or n <= choice.revisions]
            self.cache[key] = study_results(choice.study, held, revisions or [0], _bands())
        return self.cache[key]

    def _of_studio(self) -> list[StudySession]:
        sessions = self.folders.runs.parent / "sessions"
        if not (sessions / "sessions.db").is_file():
            return []
        with contextlib.closing(SessionStore(sessions)) as store:
            opened = [store.open(one.name) for one in store.sessions() if one.n_drafts]
        return [StudySession(id=trace.id, configuration=f"{display_name(trace.educator)} → {display_name(trace.poet)}",
                             category="studio", sample=0, trace=trace, form=settings.form)
                for trace, settings in opened]  # fmt: skip


def choices_in(studies: Studies, name: str) -> Choices:
    """What can be chosen from in a study.

    Raises:
        InputError: there is nothing.
    """
    held = studies.held(name)
    return Choices(
        configurations=tuple(sorted({one.configuration for one in held})),
        categories=tuple(sorted({one.category for one in held if one.category})),
        revisions=tuple(_revisions(held)),
    )


def overview_html(results: StudyResults) -> str:
    """What was measured, with intervals, beside what known pairs of texts reach."""
    summary = results.summary
    facts = [("sessions", str(summary.n_sessions)), ("prompts", str(summary.n_prompts)),
             ("revisions at most", str(max(summary.revisions, default=0)))]  # fmt: skip
    few = "Fewer than six prompts: too few for intervals." if summary.n_prompts < FEWEST_POEMS else ""
    rows = [row for measure in _SHOWN if (row := _row(results, measure))]
    columns = ("measured", *summary.configurations, *(f"known: {band}" for band in BANDS))
    caption = "Means over prompts" if few else "Means over prompts, with 95 % intervals"
    table = table_html(columns, rows, caption=caption) if rows else ""
    return facts_html(facts) + note_html(few) + table + _ends(results)


def figures_of(results: StudyResults) -> list[tuple[str, str]]:
    """Titles and names of what can be drawn."""
    names = [name for name, _, _ in dashboard.drawn(results)]
    return [(name.replace("_", " "), name) for name in names]


def figure_of(results: StudyResults, name: str) -> tuple[Any, str]:
    """One figure, without a ground of its own.

    Raises:
        InputError: there is no such figure.
    """
    for each, figure, note in dashboard.drawn(results):
        if each == name:
            return on_page(figure), note
    raise InputError(f"no figure {name!r} of these sessions")


def downloads_html(choice: Choice) -> str:
    """Links to the same choice as files."""
    query = {"study": choice.study, "category": choice.category, "pairs": json.dumps(choice.configurations)}
    if choice.revisions is not None:
        query["revisions"] = str(choice.revisions)
    kinds = (("html", "the whole dashboard"), ("csv", "figures of every session"), ("json", "the summary"))
    links = " · ".join(
        f'<a href="revflux.{kind}?{escape(urlencode(query))}" download>{said}</a>' for kind, said in kinds
    )
    return f'<p class="wb-files">Download: {links}</p>'


def download(studies: Studies, choice: Choice, kind: str) -> tuple[str, str]:
    """A choice as a file: content and media type.

    Raises:
        InputError: nothing fits, or there is no such kind.
    """
    results = studies.results(choice)
    if kind == "html":
        return dashboard.page(results, list(dashboard.drawn(results))), "text/html"
    if kind == "json":
        data = summary_data(results.summary, study=asdict(choice))
        return json.dumps(data, indent=1, allow_nan=False), "application/json"
    if kind == "csv":
        return as_csv(session_rows(results.fluxes)), "text/csv"
    raise InputError(f"{kind}: download as html, csv or json")


def flux_response(studies: Studies, request: Any) -> Any:
    """The same as an answer over HTTP."""
    from starlette.responses import JSONResponse, Response

    kind = request.path_params["kind"]
    try:
        content, media = download(studies, _choice(dict(request.query_params)), kind)
    except WorkbenchError as exc:
        return JSONResponse({"error": str(exc)}, 404)
    headers = {"Content-Disposition": f'attachment; filename="revflux.{kind}"', "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=f"{media}; charset=utf-8", headers=headers)


# ---------------------------------------------------------------- private


def _choice(query: dict[str, str]) -> Choice:
    try:
        pairs = tuple(map(str, json.loads(query.get("pairs", "[]"))))
        limit = int(query["revisions"]) if query.get("revisions") else None
    except (ValueError, TypeError, RecursionError) as exc:
        raise InputError("the address of this download is damaged; take it from the page again") from exc
    return Choice(
        study=query.get("study", ""), configurations=pairs, category=query.get("category", ALL), revisions=limit
    )


def _revisions(held: Sequence[StudySession]) -> list[int]:
    return list(range(max(len(one.trace.rounds) for one in held)))


@lru_cache(maxsize=1)
def _bands() -> Any:
    return read_bands(_BANDS_FILE)


def _row(results: StudyResults, measure: str) -> list[str]:
    summary, about = results.summary, MEASURES[measure]
    found = [summary.estimate(name, measure) for name in summary.configurations]
    if not any(found):
        return []
    known = [summary.bands.get(measure, {}).get(band) for band in BANDS]
    label = f"{escape(about.label)}, {escape(about.unit)}"
    told = f"<br><small>{escape(about.about)}</small>" if about.about else ""
    return [label + told, *map(_cell, found), *(f"{one.mean:.1f}" if one else "–" for one in known)]


def _cell(estimate: Estimate | None) -> str:
    if estimate is None:
        return "–"
    has_interval = estimate.low is not None and estimate.high is not None
    spread = f"<br><small>{estimate.low:.1f} to {estimate.high:.1f}</small>" if has_interval else ""
    return f"{estimate.value:.1f}{spread}"


def _ends(results: StudyResults) -> str:
    frame = dashboard.stops_frame(results.summary.stops)
    rows = [[escape(str(cell)) for cell in row] for row in frame.itertuples(index=False)]
    return table_html(list(frame.columns), rows, caption="How the sessions ended")


def as_csv(rows: Sequence[dict[str, Any]]) -> str:
    """Rows as CSV, the columns in the order in which they first come; no cell can be taken for a formula."""
    out = io.StringIO()
    columns = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    for row in rows:
        writer.writerow({key: _plain(value) for key, value in row.items()})
    return out.getvalue()


def _plain(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is held off by a quote."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" else value
