"""One session measured: its drafts, its lines, its critiques, its form, once for every number of revisions asked for.

A session of five revisions holds those of 0, 1 and 3 as its beginnings, and they are measured as such. That is valid
because neither a prompt nor a seed of the loop knows the limit: the session with the smaller limit, run by itself with
the same seed, writes the same drafts (a test runs both). Only what comes after the last draft, the final note, is not
part of the beginning.

Did what was asked happen? The ledger answers, and a second measure asks nobody: where the change went.

    adherence        percent of critique items that the next draft did: done counts 1, partly ½ (the ledger's judgement)
    aim              mean change of the lines that the critique cites − that of the other lines, percentage points
    control_aim      the same for the re-roll that never saw the critique: what chance alone would hit
    strongest_kept   percent of the strongest moments that stayed stable (below 5 %)

Aim above control_aim is evidence that the critique steered the pen; adherence alone is not, since a draft that changes
everything answers everything.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from workbench.prosody import check_form
from workbench.revflux.cited import answered, cited_figures, line_changes
from workbench.revflux.lines import STABLE_PERCENT, follow, mean_stability, returned, words_and_marks
from workbench.revflux.rounds import (
    RoundFlux,
    concatenated,
    measure_round,
    reference_lines,
    reference_rounds,
    structural_growth,
)
from workbench.revision.types import Critique, Draft, Round, StopReason, Trace

Figures = Mapping[str, float | None]
_AVERAGED = (
    "verbatim", "line_change", "character_change", "word_change", "edited_change", "coverage", "head_preservation",
    "tail_attention", "entropy", "line_growth", "word_growth",
)  # fmt: skip
_KINDS = ("kept", "edited", "moved", "cut", "new")
OUTCOMES = ("done", "partly", "elsewhere", "ignored")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFlux:
    """The figures of one session up to a number of revisions; names as in `measures.MEASURES`."""

    session: str  # id of the study's item
    configuration: str
    category: str
    prompt: str  # the request
    sample: int
    revisions: int  # the limit
    stop: str  # a StopReason, "" while open
    approved_at: int | None  # number of the draft that was approved within the limit
    outcomes: tuple[int, ...]  # critique items by what became of them, in the order of adherence.OUTCOMES
    figures: Figures = field(default_factory=dict)


def beginning(trace: Trace, revisions: int) -> Trace:
    """The session as it would have been with this limit; the best draft and the final note are not part of it.

    A session that reached the limit exactly would not have tried another draft: whatever came of that try is left out.
    """
    if len(trace.rounds) <= revisions or (len(trace.rounds) == revisions + 1 and trace.stop == StopReason.APPROVED):
        return trace
    return replace(
        trace,
        rounds=trace.rounds[: revisions + 1],
        rejected=tuple(one for one in trace.rejected if one.round <= revisions),
        stop=StopReason.LIMIT,
        stop_detail="",
        final_note="",
        best=-1,
    )


def draft_figures(drafts: Sequence[str], *, new_starts: Sequence[int] = ()) -> dict[str, float | None]:
    """What the drafts alone say; figures a round are averaged over the rounds.

    Args:
        drafts: the texts, first to last.
        new_starts: numbers of the drafts that began anew; their rounds are not revisions and are left out.
    """
    lines_D = [reference_lines(draft) for draft in drafts]
    rounds = tuple(measure_round(*lines_D[i - 1 : i + 1], number=i) for i in range(1, len(drafts)))
    revised = [one for one in rounds if one.number not in new_starts]
    strands = follow(lines_D[0], [one.changes for one in rounds])
    figures = {name: _mean([getattr(one, name) for one in revised]) for name in _AVERAGED}
    figures |= {f"{kind}_share": _mean([_share(one, kind) for one in revised]) for kind in _KINDS}
    return figures | {
        "n_revisions": float(len(rounds)),
        "no_op": _mean([100.0 * (one.n_kept == len(one.changes)) for one in revised]),
        "stability": mean_stability(strands),
        "returned": returned(lines_D),
        "overall_verbatim": measure_round(lines_D[0], lines_D[-1]).verbatim if rounds else None,
        "n_lines": float(len(lines_D[-1])),
        "n_words": float(sum(len(words_and_marks(line)) for line in lines_D[-1])),
        **_reference_figures(drafts),
    }


def measure_session(
    trace: Trace, *, revisions: int, session: str = "", configuration: str = "", category: str = "", sample: int = 0,
    form: str = "",
) -> SessionFlux:  # fmt: skip
    """The figures of a session's beginning; a session without a draft has none.

    Args:
        trace: the whole session.
        revisions: the limit up to which it counts.
        session: id under which a study keeps it.
        configuration: name of the pair of models.
        category: of its prompt.
        sample: which of the prompt's samples it is.
        form: that the settings hold the poem against; "" = the one of the brief.
    """
    part = beginning(trace, revisions)
    approved_at = next((r.number for r in part.rounds if r.critique and r.critique.verdict == "approve"), None)
    followed = measure_adherence(part.rounds)
    return SessionFlux(
        session=session or trace.id,
        configuration=configuration,
        category=category,
        prompt=trace.request,
        sample=sample,
        revisions=revisions,
        stop=part.stop.value if part.stop else "",
        approved_at=approved_at,
        outcomes=followed.outcomes,
        figures=_figures(part, followed, form, is_approved=approved_at is not None) if part.rounds else {},
    )


def new_starts(trace: Trace) -> list[int]:
    """Numbers of the drafts that began anew instead of revising the one before."""
    return [one.number for one in trace.rounds[1:] if not one.draft.parent_id]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adherence:
    """What became of the critiques of a session."""

    outcomes: tuple[int, int, int, int]  # items, in the order of OUTCOMES
    adherence: float | None
    aim: float | None
    control_aim: float | None
    strongest_kept: float | None


def measure_adherence(rounds: Sequence[Round]) -> Adherence:
    """Adherence over the rounds of a session; None where no critique was answered."""
    counted = Counter[str](response.outcome for one in rounds for response in one.responses)
    done, partly, elsewhere, ignored = (counted[outcome] for outcome in OUTCOMES)
    n_items = done + partly + elsewhere + ignored
    pairs = list(answered(rounds))
    return Adherence(
        outcomes=(done, partly, elsewhere, ignored),
        adherence=100.0 * (done + partly / 2) / n_items if n_items else None,
        aim=_mean([aim_of(critique, before, one.draft) for before, critique, one in pairs]),
        control_aim=_mean([aim_of(critique, before, one.control) for before, critique, one in pairs if one.control]),
        strongest_kept=_mean([_strongest(critique, before, one.draft) for before, critique, one in pairs]),
    )


def aim_of(critique: Critique, before: Draft, after: Draft) -> float | None:
    """Mean change of the cited lines minus that of the others; None where the critique cites no line, or every one."""
    changes = line_changes(before, after)
    cited = {line for item in critique.items for line in range(item.first_line, item.last_line + 1)}
    on = [change for line, change in changes.items() if line in cited]
    off = [change for line, change in changes.items() if line not in cited]
    return sum(on) / len(on) - sum(off) / len(off) if on and off else None


def _figures(trace: Trace, followed: Adherence, form: str, *, is_approved: bool) -> dict[str, float | None]:
    figures = draft_figures([one.draft.text for one in trace.rounds], new_starts=new_starts(trace))
    form = form or (trace.brief.form_name if trace.brief else "")
    n_items = sum(followed.outcomes)
    return figures | {
        "rejected": float(len(trace.rejected)),
        "approved": 100.0 * is_approved if any(one.critique for one in trace.rounds) else None,
        "adherence": followed.adherence,
        "ignored": 100.0 * followed.outcomes[OUTCOMES.index("ignored")] / n_items if n_items else None,
        "aim": followed.aim,
        "control_aim": followed.control_aim,
        "strongest_kept": followed.strongest_kept,
        **cited_figures(trace.rounds, form),
        **_form_figures(trace, form),
    }


def _form_figures(trace: Trace, form: str) -> dict[str, float | None]:
    if not form:
        return {}
    first, last = (len(check_form(one.draft.text, form).faults) for one in (trace.rounds[0], trace.rounds[-1]))
    change = float(last - first) if len(trace.rounds) > 1 else None
    return {"form_faults_first": float(first), "form_faults_last": float(last), "form_faults_change": change}


def _reference_figures(drafts: Sequence[str]) -> dict[str, float | None]:
    rounds = reference_rounds(drafts)
    strung = concatenated(rounds)
    return {
        "index_line_change": _mean([one.mean_characters for one in rounds]),
        "index_word_change": _mean([one.mean_words for one in rounds]),
        "index_changed": _mean([100.0 * one.n_changed / len(one.pairs) if one.pairs else None for one in rounds]),
        "index_coverage": strung.coverage,
        "index_head_preservation": strung.head_preservation,
        "index_tail_attention": strung.tail_attention,
        "index_entropy": strung.entropy,
        "index_growth": structural_growth(drafts) if rounds else None,
    }


def _share(one: RoundFlux, kind: str) -> float | None:
    return 100.0 * sum(change.kind == kind for change in one.changes) / len(one.changes) if one.changes else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None


def _strongest(critique: Critique, before: Draft, after: Draft) -> float | None:
    if critique.strongest is None:
        return None
    changes = line_changes(before, after)
    lines = range(critique.strongest.first_line, critique.strongest.last_line + 1)
    return 100.0 * all(changes.get(line, 100.0) < STABLE_PERCENT for line in lines)
