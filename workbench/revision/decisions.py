"""A person's decisions about single line changes: accepted, rejected or edited, put together into a text."""

from collections.abc import Iterator, Sequence

from workbench.revision.types import LineChange


def apply_decisions(before: str, after: str, changes: Sequence[LineChange]) -> str:
    r"""The text that the decisions make: accepted or undecided lines as in `after`, rejected ones as in `before`.

    A rejected new line is left out, a rejected cut line comes back where it was, a rejected move goes back, an edited
    line has the change's own `after` (nothing: the line goes). Stanzas are those of `after`; a line that comes back
    joins the stanza of the line before it.

    >>> from dataclasses import replace
    >>> from workbench.revision.alignment import align
    >>> changes = align(["one rope", "two"], ["one rope", "three ships at sea"])
    >>> undone = tuple(replace(change, decision="rejected") for change in changes)
    >>> apply_decisions("one rope\ntwo", "one rope\nthree ships at sea", undone)
    'one rope\ntwo'
    """
    if changes and all(change.decision == "rejected" or change.kind == "kept" for change in changes):
        return before
    breaks = _breaks(after)
    shown: list[str] = []
    is_break = False
    for change in _in_place(changes):
        is_break = is_break or change.after_line in breaks  # also where the line that began the stanza goes
        line = _line(change, after)
        if line is None:
            continue
        if is_break and shown:
            shown.append("")
        shown.append(line)
        is_break = False
    return "\n".join(shown)


def is_decided(changes: Sequence[LineChange]) -> bool:
    """Whether the decisions make another text than the model's."""
    return any(change.decision == "edited" or (change.decision == "rejected" and change.kind != "kept")
               for change in changes)  # fmt: skip


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


def _in_place(changes: Sequence[LineChange]) -> Iterator[LineChange]:
    """Changes in the order of the decided text: a rejected move stands where it stood before."""
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
