"""The ledger: what the next draft did about each item of a critique, line by line, with the evidence.

    done       every line that was cited is edited or cut
    partly     some of them are; or a line only moved, or changed by no more than a comma
    elsewhere  none of them is touched, but a line next to them is, or a line was put in between
    ignored    all of them stand as they stood

It judges that something happened at the place, not that it was right: that is for the next critique, and for people.
Whether the strongest moment was left alone is asked apart, by `keeps_strongest`.
"""

from collections.abc import Sequence

from workbench.revision.types import Critique, CritiqueItem, LineChange, Response

TOUCHED = frozenset({"edited", "cut"})
#: An edit that changes a smaller share of the line's characters does nothing about a critique.
SLIGHT = 0.05


def responses_to(critique: Critique, changes: Sequence[LineChange]) -> tuple[Response, ...]:
    """One response to each failure that the critique names, in its order."""
    return tuple(respond(item, changes) for item in critique.items)


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
    """Whether the line that was to be protected still stands, here or elsewhere; None = none was named."""
    if critique.strongest is None:
        return None
    return all(one.kind in ("kept", "moved") for one in changes if one.before_line == critique.strongest.first_line)


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
    return f'line {change.before_line} "{change.before}" stands as it stood'
