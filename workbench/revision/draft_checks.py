"""What can be said of a draft without a model: form, clichés, whether it is new, which draft is the best so far.

The best draft, in this order and nothing else: (1) it keeps the form, where one is asked for; (2) it has as many lines
as the form wants, without which no other law can be looked at; (3) it has fewer faults against the form; (4) it has
fewer of the clichés that the brief says to avoid; (5) the educator's own verdict, where it counts: approve before
revise before start over; (6) it is a person's own; (7) it is the later one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from workbench.prosody import FormCheck, check_form, detect_form
from workbench.prosody.deviations import DeviationKind
from workbench.prosody.forms import forms_named
from workbench.prosody.front_matter import verse_of
from workbench.revision.critique_text import ParsedCritique, parse_critique
from workbench.revision.quotations import only_asked
from workbench.revision.types import Brief, Critique, Draft, Round, StopReason, VerdictKind
from workbench.types import content_id
from workbench.words import words_of

_RANKS: dict[str, int] = {"approve": 3, "revise": 2, "start over": 0}
_UNJUDGED = 1
_LAWLESS = frozenset(["ode", "free", "prose", "pattern", "rhymed", "metrical"])  # kinds that any poem may fall into
_FEWEST_LINES = 3
_OF_A_BRIEF = re.compile(r"\b(?:the|this|that|your|our) brief\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormVerdict:
    """A draft held against the form that was asked for."""

    passed: bool | None  # None = no form that can be checked
    n_faults: int = 0
    has_its_lines: bool = True  # False = the number of lines is not the form's, which hides every other fault
    reason: str = ""  # the first fault, a sentence


def judge_form(text: str, form: str) -> FormVerdict:
    """Holds a draft against a form; a language that is not judged is not the draft's fault.

    A family such as "sonnet" is held against each of its variants, and the nearest counts.
    """
    if not form:
        return FormVerdict(passed=None)
    check = _check(text, form)
    if any(fault.kind is DeviationKind.UNSUPPORTED for fault in check.faults):
        return FormVerdict(passed=None, reason=check.faults[0].sentence)
    reason = f"As {check.variant}: {check.faults[0].sentence}" if check.faults else ""
    return FormVerdict(
        passed=check.passed, n_faults=check.n_places, has_its_lines=check.has_its_lines, reason=reason
    )  # fmt: skip


def plain_form(text: str) -> str:
    """The form that a draft plainly is in: every law of it kept, and laws there are; "" = none.

    >>> plain_form("A lamp is burning in the hall,"), plain_form("The kettle's on. I stay. It's late. I pay my way.")
    ('', '')
    """
    best = next(iter(detect_form(text, n_guesses=1)), None)
    if best is None or forms_named(best.form)[0].kind in _LAWLESS or len(text.split("\n")) < _FEWEST_LINES:
        return ""
    return best.form if not _check(text, best.form).deviations else ""


def gated(said: VerdictKind, form: FormVerdict) -> VerdictKind:
    """The educator's verdict after the form check: nothing is approved that breaks the form asked for."""
    return "revise" if said == "approve" and form.passed is False else said


def judge(
    draft: Draft, text: str, *, form: str, engine: str, prompt_digest: str, seed: int, verdict_counts: bool = True,
    asks_only: bool = False,
) -> Critique:  # fmt: skip
    """A critique out of its text, with the verdict after the form check; `form` "" = no check."""
    found, held = parse_critique(text, n_lines=len(draft.lines), lines=draft.lines), judge_form(draft.text, form)
    if asks_only:
        items = (only_asked(item, draft.lines) for item in found.items)
        strongest = only_asked(found.strongest, draft.lines) if found.strongest else None
        found = replace(found, items=tuple(items), strongest=strongest, reason="")
    verdict = gated(found.verdict, held) if verdict_counts else "none"
    id_ = content_id("critique", draft.id, text)
    return Critique(
        id=id_, draft_id=draft.id, text=text,
        strongest=replace(found.strongest, id=content_id(id_, "strongest")) if found.strongest else None,
        items=tuple(replace(item, id=content_id(id_, str(index))) for index, item in enumerate(found.items)),
        verdict=verdict, reason=_reason(verdict, found, held), said=found.verdict,
        form_passed=held.passed, engine=engine, prompt_digest=prompt_digest, seed=seed, dropped=found.dropped,
    )  # fmt: skip


def without_brief(said: Critique) -> Critique:
    """A critique of a poem that was written to no brief: what it says of one is untrue, and is left out."""
    gone = [item.first_line for item in said.items if _OF_A_BRIEF.search(item.note)]
    told = tuple(f"a remark on line {line} was left out: it speaks of a brief, and there is none" for line in gone)
    items = (item for item in said.items if not _OF_A_BRIEF.search(item.note))
    return replace(
        said, dropped=said.dropped + told, reason="" if _OF_A_BRIEF.search(said.reason) else said.reason,
        items=tuple(replace(one, direction="") if _OF_A_BRIEF.search(one.direction) else one for one in items),
        strongest=None if said.strongest and _OF_A_BRIEF.search(said.strongest.note) else said.strongest,
    )  # fmt: skip


def n_avoided_cliches(text: str, avoid: Sequence[str]) -> int:
    """How many of the brief's clichés, of two words or more, are in the text.

    >>> n_avoided_cliches("Snow falls softly on the hill.", ["snow falls softly", "winter"])
    1
    """
    told = f" {' '.join(word.folded for word in words_of(text))} "
    phrases = (" ".join(word.folded for word in words_of(phrase)) for phrase in avoid)
    return sum(" " in phrase and f" {phrase} " in told for phrase in phrases)


def best_round(rounds: Sequence[Round], brief: Brief | None, form: str) -> int:
    """Number of the best draft by the rule above; -1 where there is none."""
    avoid = brief.avoid if brief else ()
    ranked = [(_rank(one, avoid, form), one.number) for one in rounds]
    return max(ranked)[1] if ranked else -1


def staleness(text: str, earlier: Sequence[Draft]) -> StopReason | None:
    """Whether a text was there before: as the last draft (NO_CHANGE), or as one before that (CYCLE).

    White space and capitals make no new poem.
    """
    same = [draft.number for draft in earlier if _plain(draft.text) == _plain(text)]
    if not same:
        return None
    return StopReason.NO_CHANGE if earlier[-1].number in same else StopReason.CYCLE


def _rank(one: Round, avoid: Sequence[str], form: str) -> tuple[int, ...]:
    held = judge_form(one.draft.text, form)
    critique = one.critique
    verdict = _RANKS[critique.said] if critique and critique.verdict != "none" else _UNJUDGED
    n_cliches = n_avoided_cliches(one.draft.text, avoid)
    is_own = one.draft.author == "person"
    return (held.passed is not False, held.has_its_lines, -held.n_faults, -n_cliches, verdict, is_own, one.number)


def _reason(verdict: VerdictKind, found: ParsedCritique, held: FormVerdict) -> str:
    if verdict == "none":
        return "Measured on planted drafts, this educator's approvals do not tell good poems from spoiled ones."
    return found.reason if verdict == found.verdict else held.reason


@lru_cache(maxsize=256)
def _check(text: str, form: str) -> FormCheck:
    return check_form(verse_of(text).text, form)


def _plain(text: str) -> list[list[str]]:
    return [line.casefold().split() for line in text.split("\n") if line.strip()]
