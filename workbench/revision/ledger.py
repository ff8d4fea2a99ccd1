r"""The ledger of line changes: what they did about each item of a critique, and what a person decided about them.

    done       every line that was cited is edited or cut
    partly     some of them are; or a line only moved, or changed by no more than a comma
    elsewhere  none of them is touched, but a line next to them is, or a line was put in between
    ignored    all of them are as they were

It judges that something happened at the place, not that it was right: that is for the next critique, and for people.
Whether the strongest moment was left alone is asked apart, by `keeps_strongest`. A person accepts, rejects or edits
single changes; `apply_decisions` puts these together into a text.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from workbench.revision.types import Critique, CritiqueItem, LineChange, Response, Round, Trace

TOUCHED = frozenset({"edited", "cut"})
#: An edit that changes a smaller share of the line's characters does nothing about a critique.
SLIGHT = 0.05


def responses_to(critique: Critique, changes: Sequence[LineChange]) -> tuple[Response, ...]:
    """One response to each failure that the critique names and nobody refused, in its order."""
    return tuple(respond(item, changes) for item in critique.standing)


def respond(item: CritiqueItem, changes: Sequence[LineChange]) -> Response:
    """What the changes did about one item."""
    cited = [one for one in changes if one.before_line and item.first_line <= one.before_line <= item.last_line]
    touched = [one for one in cited if one.kind in TOUCHED and one.change >= SLIGHT]
    moved = [one for one in cited if one.kind in ("moved", "edited") and one not in touched]
    if touched and len(touched) == len(cited):
        instead = [one for one in _near(cited, changes) if one.kind == "new"]
        return _response(item, "done", touched + instead * any(one.kind == "cut" for one in touched))
    if touched or moved:
        return _response(item, "partly", touched + moved)
    near = _near(cited, changes)
    return _response(item, "elsewhere", near) if near else _response(item, "ignored", cited)


def keeps_strongest(critique: Critique, changes: Sequence[LineChange]) -> bool | None:
    """Whether the line that was to be protected is still there, here or elsewhere; None = none was named."""
    if critique.strongest is None:
        return None
    return all(one.kind in ("kept", "moved") for one in changes if one.before_line == critique.strongest.first_line)


def apply_decisions(before: str, after: str, changes: Sequence[LineChange]) -> str:
    r"""The text that the decisions make: accepted or undecided lines as in `after`, rejected ones as in `before`.

    A rejected new line is left out, a rejected cut line comes back where it was, a rejected move goes back, an edited
    line has the change's own `after` (nothing: the line goes). A stanza begins where it begins on the side that the
    line is taken from; lines that are on both sides follow the side that most of the other lines are taken from.

    >>> from dataclasses import replace
    >>> from workbench.revision.alignment import align
    >>> changes = align(["one rope", "two"], ["one rope", "three ships at sea"])
    >>> undone = tuple(replace(change, decision="rejected") for change in changes)
    >>> apply_decisions("one rope\ntwo", "one rope\nthree ships at sea", undone)
    'one rope\ntwo'
    """
    if changes and all(change.decision == "rejected" or change.kind == "kept" for change in changes):
        return before
    breaks = {"before": _breaks(before), "after": _breaks(after)}
    reached = {"before": 0, "after": 0}  # the last line shown, counted on either side
    usual = _usual_side(changes)
    shown: list[str] = []
    for change in _in_place(changes):
        line = _line(change, after)
        if line is None:
            continue
        places = {"before": change.before_line, "after": change.after_line}
        side = _side(change, usual)
        if shown and any(reached[side] < place <= places[side] for place in breaks[side]):
            shown.append("")
        shown.append(line)
        reached = {each: max(reached[each], place) for each, place in places.items()}
    return "\n".join(shown)


def is_decided(changes: Sequence[LineChange]) -> bool:
    """Whether the decisions make another text than the model's."""
    return any(change.decision == "edited" or (change.decision == "rejected" and change.kind != "kept")
               for change in changes)  # fmt: skip


def answers_a_person(rounds: Sequence[Round]) -> bool:
    """Whether the last draft is an answer to a draft of the person's own."""
    return len(rounds) > 1 and rounds[-2].draft.author == "person"


def is_of_a_person(rounds: Sequence[Round]) -> bool:
    """Whether the poem is a person's own: it began with theirs, or they have written on it since."""
    return any(one.draft.author == "person" for one in rounds)


def refused_round(one: Round) -> Round:
    """The same round, every change of it refused; kept lines have nothing to decide."""
    decided = (change if change.kind == "kept" else replace(change, decision="rejected") for change in one.changes)
    return replace(one, changes=tuple(decided))


def without_refused(trace: Trace, items: Collection[str]) -> Trace:
    """The session with these items of its last critique refused, and all others standing."""
    last = trace.rounds[-1] if trace.rounds else None
    if last is None or last.critique is None:
        return trace
    kept = tuple(replace(item, refused=item.id in items) for item in last.critique.items)
    return replace(trace, rounds=(*trace.rounds[:-1], replace(last, critique=replace(last.critique, items=kept))))


def _near(cited: Sequence[LineChange], changes: Sequence[LineChange]) -> list[LineChange]:
    """Changes that touch the neighbours of the cited lines, in the order of reading."""
    places = [index for index, one in enumerate(changes) if one in cited]
    if not places:
        return []
    beside = [changes[index] for index in (min(places) - 1, max(places) + 1) if 0 <= index < len(changes)]
    return [one for one in beside if one.kind in TOUCHED or one.kind == "new"]


def _response(item: CritiqueItem, outcome: str, changes: Sequence[LineChange]) -> Response:
    said = "; ".join(_sentence(change) for change in changes) or "the line is gone from the count"
    return Response(
        item_id=item.id,
        outcome=outcome,  # type: ignore[arg-type]  # one of the four words, by the callers above
        change_ids=tuple(change.id for change in changes),
        evidence=said[0].upper() + said[1:] + ".",
    )


def _sentence(change: LineChange) -> str:
    if change.kind == "edited":
        return f'line {change.before_line} "{change.before}" became line {change.after_line} "{change.after}"'
    if change.kind == "cut":
        return f'line {change.before_line} "{change.before}" was cut'
    if change.kind == "moved":
        return f"line {change.before_line} moved to line {change.after_line}"
    if change.kind == "new":
        return f'line {change.after_line} "{change.after}" is new there'
    return f'line {change.before_line} "{change.before}" is unchanged'


def _line(change: LineChange, after: str) -> str | None:
    """The line as it was decided; None = it is not there."""
    if change.decision == "edited":
        return change.after.rstrip() if change.after.strip() else None
    if change.decision == "rejected":
        return change.before if change.before_line else None
    if not change.after_line:
        return None
    lines = [line for line in after.split("\n") if line.strip()]
    return lines[change.after_line - 1]


def _usual_side(changes: Sequence[LineChange]) -> str:
    """Where most of the lines that are not the same on both sides are taken from: the poem that a person builds on."""
    n_old = sum(change.decision == "rejected" for change in changes if change.kind != "kept")
    n_new = sum(change.decision in ("accepted", "undecided") for change in changes if change.kind != "kept")
    return "after" if n_new >= max(1, n_old) else "before"


def _side(change: LineChange, usual: str) -> str:
    """The side that says whether a stanza begins with a line."""
    if not change.before_line or not change.after_line:
        return "before" if change.before_line else "after"
    if change.kind == "moved" and change.decision != "edited":
        return "before" if change.decision == "rejected" else "after"
    return usual


def _in_place(changes: Sequence[LineChange]) -> Iterator[LineChange]:
    """Changes in the order of the decided text: a rejected move is where it was before."""
    staying = [change for change in changes if not (change.kind == "moved" and change.decision == "rejected")]
    for moved in sorted(set(changes) - set(staying), key=lambda change: change.before_line):
        place = next((index for index, change in enumerate(staying) if change.before_line > moved.before_line), None)
        staying.insert(len(staying) if place is None else place, moved)
    return iter(staying)


def _breaks(text: str) -> set[int]:
    """Numbers of the lines that begin a stanza, the first apart."""
    number, is_open, found = 0, False, set()
    for line in text.strip("\n").split("\n"):
        if not line.strip():
            is_open = True
            continue
        number += 1
        if is_open:
            found.add(number)
        is_open = False
    return found
