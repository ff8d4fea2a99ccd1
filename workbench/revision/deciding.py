"""A person's word between rounds, asked at the terminal: each changed line accepted, rejected, edited; then a wish."""

from collections.abc import Callable
from dataclasses import replace

from workbench.revision.exchange import Direction, Event
from workbench.revision.showing import diff
from workbench.trace import LineChange, Round

Ask = Callable[[str], str]  # a question, the answer
Say = Callable[[object], None]

QUESTION = "[a]ccept, [r]eject, [e]dit, or [!] accept all that is left"


def decide(event: Event, *, ask: Ask, say: Say) -> Direction | None:
    """What the person says to an event; None where there is nothing to say.

    After a revision each line that changed is shown and asked for; after a verdict comes the wish for the next draft.
    """
    if event.kind == "changes" and isinstance(event.data, Round):
        return Direction(lines=decide_lines(event.data.changes, ask=ask, say=say))
    if event.kind == "verdict":
        wish = ask("Your wish for the next draft (Enter = none)").strip()
        return Direction(text=wish) if wish else None
    return None


def decide_lines(changes: tuple[LineChange, ...], *, ask: Ask, say: Say) -> tuple[LineChange, ...]:
    """The changes with the person's decisions; an answer that is none of the letters is asked for again."""
    decided: list[LineChange] = []
    takes_rest = False
    for change in changes:
        if change.kind == "kept":
            decided.append(change)
            continue
        if not takes_rest:
            say(diff([change]))
        answer = "!" if takes_rest else _letter(ask)
        takes_rest = answer == "!"
        if answer == "r":
            decided.append(replace(change, decision="rejected"))
        elif answer == "e":
            words = ask("The line as you want it (empty = without it)")
            decided.append(replace(change, decision="edited", after=words))
        else:
            decided.append(replace(change, decision="accepted"))
    return tuple(decided)


def _letter(ask: Ask) -> str:
    while (answer := ask(QUESTION).strip()[:1].lower()) not in ("a", "r", "e", "!"):
        pass
    return answer
