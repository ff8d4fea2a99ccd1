"""A session at the terminal: pieces while they are written, then each one as prose, drafts as a diff of aligned lines.

Every line of a diff has its mark, so that colour is never alone:  + new   - cut   ~ edited   > moved   (blank) kept
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from rich.console import Console
from rich.live import Live
from rich.rule import Rule
from rich.text import Text

from workbench.revision.brief_text import FIELDS
from workbench.revision.critique_text import critique_prose
from workbench.revision.types import Ask, Brief, Critique, Direction, Draft, Event, LineChange, Rejected, Round, Trace

_WRITING = {
    "brief": "the educator writes the brief", "draft": "the poet writes", "critique": "the educator reads",
    "revise": "the poet revises", "control": "the poet writes the control", "final_note": "the educator's last word",
}  # fmt: skip
_MARKS = {
    "new": ("+", "green"),
    "cut": ("-", "red"),
    "edited": ("~", "yellow"),
    "moved": (">", "cyan"),
    "kept": (" ", ""),
}
_TAIL_LINES = 16
AskPerson = Callable[[str], str]  # a question, the answer
Say = Callable[[object], None]
QUESTION = "[a]ccept, [r]eject, [e]dit, or [!] accept all that is left"


class Transcript:
    """Prints a session as it happens; give its methods to `run_session`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._asked: tuple[str, int, int] | None = None
        self._text = ""

    def piece(self, ask: Ask, piece: str) -> None:
        """The text while it is written; on a terminal only, where it is taken away again for what it became."""
        if not self._console.is_terminal:
            return
        if self._asked != (asked := (ask.kind, ask.round, ask.attempt)):
            self.rest()
            self._asked, self._text = asked, ""
            self._live = Live(console=self._console, transient=True, refresh_per_second=12)
            self._live.start()
        self._text += piece
        if self._live:
            tail = "\n".join(self._text.split("\n")[-_TAIL_LINES:])
            self._live.update(Text.assemble((f"… {_WRITING[ask.kind]}\n", "dim italic"), (tail, "dim")))

    def event(self, event: Event) -> None:
        """What is now so."""
        self.rest()
        data = event.data
        if isinstance(data, Brief):
            self._brief(data)
        elif isinstance(data, Rejected):
            self._say(f"({_WRITING[data.kind]}: not used, because {data.why}; asked again)", "dim")
        elif isinstance(data, Draft):
            self._heading(data, "new start" if data.number and data.author == "poet" else "")
            self._console.print(Text(data.text))
            self._remarks(data)
        elif isinstance(data, Round):
            self._revision(data)
        elif isinstance(data, Critique) and event.kind == "verdict":
            self._critique(data, event.round)
        elif isinstance(data, Trace):
            self._end(data, is_note=event.kind == "final_note")

    def rest(self) -> None:
        """Takes the text in writing away; call it before anything else is printed, and at the end."""
        if self._live:
            with suppress(KeyError, IndexError):  # rich may have let go of it already
                self._live.stop()
        self._live, self._asked = None, None

    # ------------------------------------------------------------ private

    def _say(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style=style))

    def _rule(self, title: str) -> None:
        self._console.print()
        self._console.print(Rule(Text(title), align="left", style="dim"))

    def _brief(self, brief: Brief) -> None:
        self._rule("Brief")
        values = {"avoid": "; ".join(brief.avoid), "form": brief.form or brief.form_name}
        for label, field in FIELDS.items():
            value = values.get(field, getattr(brief, field))
            if value:
                self._say(f"{label.capitalize() + ':':<13} {value}")
        if brief.missing:
            names = ", ".join(label.lower() for label, field in FIELDS.items() if field in brief.missing)
            self._say(f"(the educator left out or cut short: {names})", "dim")

    def _heading(self, draft: Draft, how: str = "") -> None:
        author = {"person": "yours", "control": "control, without the critique"}.get(draft.author, how)
        self._rule(f"Draft {draft.number + 1}" + f" ({author})" * bool(author))
        self._say(draft.title + "\n", "bold")

    def _remarks(self, draft: Draft) -> None:
        """What the poet wrote beside the poem."""
        for remark in draft.remarks:
            self._say(f"({remark})", "dim")

    def _revision(self, one: Round) -> None:
        self._heading(one.draft)
        self._console.print(diff(one.changes))
        counts = [f"{sum(change.kind == kind for change in one.changes)} {kind}" for kind in _MARKS]
        self._say("\n" + " · ".join(counts), "dim")
        self._remarks(one.draft)
        for number, response in enumerate(one.responses, 1):
            self._say(f"  asked for, {number}: {response.outcome}. {response.evidence}", "dim")

    def _critique(self, critique: Critique, number: int) -> None:
        self._rule(f"Critique of draft {number + 1}")
        self._say(critique_prose(critique))
        if critique.verdict not in (critique.said, "none"):
            self._say(f"(the educator said {critique.said!r}; the form check does not agree)", "yellow")

    def _end(self, trace: Trace, *, is_note: bool) -> None:
        if is_note:
            self._rule("Final note")
            self._say(trace.final_note)
            return
        best = next((one.draft for one in trace.rounds if one.number == trace.best), None)
        if best:
            self._rule(f"The best draft: {best.number + 1}")
            self._say(best.title + "\n", "bold")
            self._console.print(Text(best.text))
        if trace.stop:
            detail = f" ({trace.stop_detail})" if trace.stop_detail else ""
            self._say(f"\nIt ended because {trace.stop.sentence}{detail}; {trace.elapsed_seconds:.0f} s.", "dim")


def diff(changes: Sequence[LineChange]) -> Text:
    """Aligned lines with their marks; an edited line shows below it what it was."""
    shown = Text()
    for number, change in enumerate(changes):
        mark, style = _MARKS[change.kind]
        line = change.before if change.kind == "cut" else change.after
        shown.append("\n" * bool(number) + f"{mark} {line}", style)
        if change.kind == "edited":
            shown.append(f"\n    was: {change.before}", "dim")
    return shown


def decide(event: Event, *, ask: AskPerson, say: Say) -> Direction | None:
    """What the person says to an event; None where there is nothing to say.

    After a revision each line that changed is shown and asked for; after a verdict comes the wish for the next draft.
    """
    if event.kind == "changes" and isinstance(event.data, Round):
        return Direction(lines=decide_lines(event.data.changes, ask=ask, say=say))
    if event.kind == "verdict":
        wish = ask("Your wish for the next draft (Enter = none)").strip()
        return Direction(text=wish) if wish else None
    return None


def decide_lines(changes: tuple[LineChange, ...], *, ask: AskPerson, say: Say) -> tuple[LineChange, ...]:
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


def _letter(ask: AskPerson) -> str:
    while (answer := ask(QUESTION).strip()[:1].lower()) not in ("a", "r", "e", "!"):
        pass
    return answer
