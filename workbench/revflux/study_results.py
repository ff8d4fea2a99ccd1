"""What a study found: every figure by configuration, category and number of revisions, with interval and bands.

The prompt is the unit: samples of one prompt are averaged first, and the interval is over prompts. So it says
how much a figure depends on which prompts were asked; configurations are compared prompt by prompt. `StudyResults` is
what figures, tables and pages are made of, put together once from the sessions of a study.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from workbench.intervals import FEWEST_POEMS, Estimate, difference_of, mean_of
from workbench.revflux.flux import OUTCOMES, SessionFlux, measure_session
from workbench.revflux.measures import MEASURES, Bands
from workbench.revflux.study import StudySession
from workbench.revflux.tables import line_rows

ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One figure of one configuration, over the prompts of one category, up to one number of revisions."""

    configuration: str
    category: str  # "all" = every prompt
    revisions: int
    measure: str
    estimate: Estimate  # over the prompts that have a value


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One configuration minus another, prompt by prompt."""

    configuration: str
    other: str
    revisions: int
    measure: str
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A study's figures."""

    configurations: tuple[str, ...]
    categories: tuple[str, ...]
    revisions: tuple[int, ...]
    n_sessions: int
    n_prompts: int
    cells: tuple[Cell, ...]
    differences: tuple[Difference, ...]
    stops: dict[str, dict[str, int]]  # configuration → why its sessions ended → how many
    approvals: dict[str, list[int]]  # configuration → sessions approved at draft 0, 1, …
    outcomes: dict[str, dict[str, int]]  # configuration → what became of critique items → how many
    bands: Bands

    def cell(
        self, configuration: str, measure: str, *, category: str = ALL, revisions: int | None = None
    ) -> Cell | None:
        """One figure; at the most revisions where no number is given. None: no prompt has a value."""
        limit = max(self.revisions) if revisions is None else revisions
        wanted = (configuration, category, limit, measure)
        for cell in self.cells:
            if (cell.configuration, cell.category, cell.revisions, cell.measure) == wanted:
                return cell
        return None

    def estimate(self, configuration: str, measure: str) -> Estimate | None:
        """One figure over all prompts at the most revisions; None where nothing was measured."""
        cell = self.cell(configuration, measure)
        return cell.estimate if cell else None


def measure_sessions(held: Sequence[StudySession], revisions: Sequence[int]) -> list[SessionFlux]:
    """Every session measured once for each number of revisions."""
    return [
        measure_session(
            one.trace, revisions=limit, session=one.id, configuration=one.configuration, category=one.category,
            sample=one.sample, form=one.form,
        )
        for one in held for limit in revisions
    ]  # fmt: skip


def summarise(fluxes: Sequence[SessionFlux], bands: Bands) -> Summary:
    """All figures of a study."""
    configurations = tuple(dict.fromkeys(flux.configuration for flux in fluxes))
    categories = tuple(dict.fromkeys(flux.category for flux in fluxes))
    revisions = tuple(sorted({flux.revisions for flux in fluxes}))
    whole = [flux for flux in fluxes if flux.revisions == max(revisions, default=0)]
    by_name = {name: [flux for flux in whole if flux.configuration == name] for name in configurations}
    return Summary(
        configurations=configurations,
        categories=categories,
        revisions=revisions,
        n_sessions=len({flux.session for flux in fluxes}),
        n_prompts=len({flux.prompt for flux in fluxes}),
        cells=tuple(_cells(fluxes, configurations, categories)),
        differences=tuple(_differences(whole, configurations)),
        stops={name: dict(Counter(flux.stop or "open" for flux in own)) for name, own in by_name.items()},
        approvals={name: _approvals(own) for name, own in by_name.items()},
        outcomes={name: _outcomes(own) for name, own in by_name.items()},
        bands=bands,
    )


def summary_data(summary: Summary, *, study: dict[str, Any]) -> dict[str, Any]:
    """The summary as plain data: what summary.json holds."""
    return {
        "study": study,
        "unit": f"the prompt; no interval from fewer than {FEWEST_POEMS} of them",
        "interval": "95 %, Student's t over prompts",
        "n_sessions": summary.n_sessions,
        "n_prompts": summary.n_prompts,
        "measures": {name: asdict(about) for name, about in MEASURES.items()},
        "bands": {name: {band: asdict(one) for band, one in bands.items()} for name, bands in summary.bands.items()},
        "cells": [_flat(cell) for cell in summary.cells],
        "differences": [_flat(difference) for difference in summary.differences],
        "stops": summary.stops,
        "approvals": summary.approvals,
        "outcomes": summary.outcomes,
    }


def per_prompt(fluxes: Sequence[SessionFlux], measure: str) -> dict[str, float | None]:
    """Prompt → mean of its samples that have a value; None where none has."""
    values: dict[str, list[float]] = {}
    for flux in fluxes:
        values.setdefault(flux.prompt, [])
        value = flux.figures.get(measure)
        if value is not None:
            values[flux.prompt].append(value)
    return {prompt: sum(own) / len(own) if own else None for prompt, own in values.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyResults:
    """A study measured."""

    name: str
    held: tuple[StudySession, ...]
    fluxes: tuple[SessionFlux, ...]  # every session once for each number of revisions
    lines: tuple[dict[str, Any], ...]  # as in lines.parquet
    summary: Summary

    @property
    def whole(self) -> tuple[SessionFlux, ...]:
        """The sessions with all of their revisions."""
        most = max(self.summary.revisions, default=0)
        return tuple(flux for flux in self.fluxes if flux.revisions == most)

    @property
    def revising(self) -> tuple[str, ...]:
        """The configurations that do more than draft."""
        revised = {one.configuration for one in self.held if len(one.trace.rounds) > 1}
        return tuple(name for name in self.summary.configurations if name in revised)

    def example(self, configuration: str) -> StudySession | None:
        """The session with the most revisions, the first of equals: the one to show line by line."""
        own = [one for one in self.held if one.configuration == configuration and len(one.trace.rounds) > 1]
        return max(own, key=lambda one: len(one.trace.rounds), default=None)


def study_results(name: str, held: Sequence[StudySession], revisions: Sequence[int], bands: Bands) -> StudyResults:
    """Measures a study."""
    fluxes = measure_sessions(held, revisions)
    return StudyResults(
        name=name,
        held=tuple(held),
        fluxes=tuple(fluxes),
        lines=tuple(line_rows(held)),
        summary=summarise(fluxes, bands),
    )


def _cells(fluxes: Sequence[SessionFlux], configurations: Sequence[str], categories: Sequence[str]) -> Iterator[Cell]:
    for configuration in configurations:
        for revisions in sorted({flux.revisions for flux in fluxes}):
            own = [flux for flux in fluxes if (flux.configuration, flux.revisions) == (configuration, revisions)]
            for category in (ALL, *categories):
                of_category = [flux for flux in own if category in (ALL, flux.category)]
                for measure in MEASURES:
                    estimate = mean_of(list(per_prompt(of_category, measure).values()), within=MEASURES[measure].within)
                    if estimate:
                        yield Cell(configuration=configuration, category=category, revisions=revisions,
                                   measure=measure, estimate=estimate)  # fmt: skip


def _differences(whole: Sequence[SessionFlux], configurations: Sequence[str]) -> Iterator[Difference]:
    pairs = [(a, b) for i, a in enumerate(configurations) for b in configurations[i + 1 :]]
    for one, other in pairs:
        for measure in MEASURES:
            mine, theirs = (
                per_prompt([flux for flux in whole if flux.configuration == name], measure) for name in (one, other)
            )
            shared = [prompt for prompt in mine if prompt in theirs]
            estimate = difference_of([mine[p] for p in shared], [theirs[p] for p in shared])
            if estimate:
                yield Difference(configuration=one, other=other, revisions=whole[0].revisions, measure=measure,
                                 estimate=estimate)  # fmt: skip


def _approvals(own: Sequence[SessionFlux]) -> list[int]:
    """Sessions approved at draft 0, 1, … up to the limit; empty where nobody judged."""
    if all(flux.figures.get("approved") is None for flux in own):
        return []
    counted = Counter(flux.approved_at for flux in own)
    return [counted[number] for number in range(max(flux.revisions for flux in own) + 1)]


def _outcomes(own: Sequence[SessionFlux]) -> dict[str, int]:
    return {name: sum(flux.outcomes[i] for flux in own) for i, name in enumerate(OUTCOMES)}


def _flat(of: Cell | Difference) -> dict[str, Any]:
    data = asdict(of)
    estimate: dict[str, Any] = data.pop("estimate")
    return data | estimate
