"""Everything that figures and tables are made of, put together once from the sessions of a study."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.revflux.bands import Bands
from workbench.revflux.flux import SessionFlux
from workbench.revflux.study import StudySession
from workbench.revflux.summary import Summary, measure_sessions, summarise
from workbench.revflux.tables import line_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
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


def find(name: str, held: Sequence[StudySession], revisions: Sequence[int], bands: Bands) -> Findings:
    """Measures a study."""
    fluxes = measure_sessions(held, revisions)
    return Findings(
        name=name,
        held=tuple(held),
        fluxes=tuple(fluxes),
        lines=tuple(line_rows(held)),
        summary=summarise(fluxes, bands),
    )
