"""The studio's handlers: what a button does, and what of the page is new since it was last looked at.

What concerns a person's own words is in `own_words`.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from workbench.errors import WorkbenchError
from workbench.prosody import unsupported
from workbench.revision.ledger import is_of_a_person
from workbench.revision.types import Trace
from workbench.storage.run_names import NAME
from workbench.studio.steps import as_text, is_open_to_decisions
from workbench.ui.events import Seen
from workbench.ui.html import note_html
from workbench.ui.studio.data import SessionForm, SessionView, Studio
from workbench.ui.studio.diff import decided_text
from workbench.ui.studio.trust import foreign_html, usable
from workbench.ui.studio.view import choices_html, history_html, is_starred, live_html, session_html

PARTS = ("live", "fresh", "desk", "page", "side", "decided", "history", "drafts", "go", "run", "stop", "more", "back",
         "text", "files", "given", "seen")  # fmt: skip
_FILES = (
    ("txt", "the best draft ★ as text"),
    ("md", "the whole session to read"),
    ("json", "the whole session as data"),
)
BEGIN, ALL_THE_SAME = "Begin", "Begin all the same"


def open_tab(
    studio: Studio, name: str | None, voices: tuple[str | None, str | None], query: dict[str, str]
) -> list[Any]:
    """The lists as they are now; what was chosen stays, else what the address says, else the newest session."""
    import gradio as gr

    models = usable(studio.catalog, studio.queue)
    try:
        known, usual = studio.choices(), studio.defaults()
    except WorkbenchError:
        known, usual = [], SessionForm(educator="built-in", poet="built-in")
    names, engines = [key for _, key in known], [engine for _, engine in models]
    wanted = name or query.get("session", "")
    chosen = (
        wanted
        if wanted in names
        else (names[0] if names and not (query.keys() & {"educator", "poet", "own"}) else None)
    )
    own = voices_of(studio, chosen)
    picked = []
    for given, key, default in zip(voices, ("educator", "poet"), (usual.educator, usual.poet), strict=True):
        wishes = (given, query.get(key, ""), own.get(key, ""), default)
        picked.append(next((engine for engine in wishes if engine in engines), "built-in"))
    return [gr.Dropdown(known, value=chosen), *(gr.Dropdown(models, value=engine) for engine in picked)]


def voices_of(studio: Studio, name: str | None) -> dict[str, str]:
    """Who wrote in a session so far: they continue it, unless others are chosen."""
    try:
        trace = studio.view(name).trace if name else None
    except WorkbenchError:
        return {}
    return {"educator": trace.educator, "poet": trace.poet} if trace else {}


def voices_again(studio: Studio, name: str | None) -> list[Any]:
    """The same for the lists of models, where another session is opened."""
    import gradio as gr

    own, engines = voices_of(studio, name), {engine for _, engine in usable(studio.catalog, studio.queue)}
    return [gr.Dropdown(value=own[key]) if own.get(key) in engines else gr.skip() for key in ("educator", "poet")]


def look(studio: Studio, name: str | None, number: int | None, seen: Seen) -> list[Any]:
    """Everything of a session; only what is new since `seen`, so that an idle page costs nothing.

    Args:
        studio: whose session it is.
        name: of the session; none = a new poem.
        number: of the draft that a person chose to look at; None = the one that is looked at. What the page's list of
            drafts holds is not asked: it may be older than what was sent to it.
        seen: as it was returned by the look before.

    Returns:
        One update for each of PARTS.
    """
    import gradio as gr

    skip = gr.skip()
    if not name:
        if seen.get("mark") == "none":
            return [skip] * len(PARTS)
        return _screen(gr, live="", fresh=gr.Column(visible=True), desk=gr.Column(visible=False), seen={"mark": "none"})
    stamp = list(studio.stamp(name))
    if seen.get("stamp") == stamp and not seen.get("busy"):
        return [skip] * len(PARTS)
    try:
        view = studio.view(name)
    except WorkbenchError as exc:
        if seen.get("trouble") == str(exc):
            return [skip] * len(PARTS)
        return _screen(gr, live=note_html(str(exc), "bad"), seen={"trouble": str(exc)})  # no stamp: it is tried again
    n_rounds = len(view.trace.rounds)
    at = seen.get("at") if number is None else number
    mark = {"mark": view.mark, "stamp": stamp, "busy": view.live.is_at_work, "n": n_rounds, "at": at}
    if seen.get("mark") == view.mark:
        return _screen(gr, live=live_html(view.live), seen=mark)
    is_new = "n" in seen and seen["n"] != n_rounds  # a draft has come: it is shown, whichever was looked at
    return _whole(gr, view, None if is_new else at, mark)


def begin_session(studio: Studio, request: str, poem: str, button: str, *filled: Any) -> tuple[Any, ...]:
    """A new session, and what was sent where it began. Another language than English has to be asked for twice."""
    import gradio as gr

    foreign = unsupported(poem or request or "-")
    if foreign is not None and foreign.language and button != ALL_THE_SAME:
        return foreign_html(foreign), gr.skip(), [], gr.Button(ALL_THE_SAME)
    try:
        name = studio.begin(request or "", poem or "", _filled(*filled))
    except WorkbenchError as exc:
        return note_html(str(exc), "bad"), gr.skip(), [], gr.skip()
    return "", gr.Dropdown(studio.choices(), value=name), [request, poem], gr.Button(BEGIN)


def go_on(studio: Studio, name: str | None, told: str, *filled: Any, is_run: bool = False) -> tuple[str, list[Any]]:
    """The next step, with the choices on the page; and the direction, once a draft uses it."""
    try:
        if not name:
            return note_html("choose a poem first", "bad"), []
        if told and is_open_to_decisions(studio.view(name).trace):
            studio.decide(name, told)
        step = "run" if is_run else studio.view(name).step
        form = _filled(*filled)
        studio.go_on(name, form, step)
    except WorkbenchError as exc:
        return note_html(str(exc), "bad"), []
    return "", [form.direction] if step != "critique" else []


def stopped(studio: Studio, name: str | None) -> str:
    """Asks the models to stop."""
    if not name or not studio.queue.live(name).is_at_work:
        return note_html("Nothing is at work.")
    studio.queue.stop(name)
    return note_html("It stops with the next word; what is done is kept.")


def decided_lines(studio: Studio, name: str | None, told: str) -> tuple[Any, ...]:
    """Stores the choices, and shows the poem that they make, to read, to copy and to write on."""
    import gradio as gr

    try:
        trace = studio.decide(name or "", told)
    except WorkbenchError as exc:
        return note_html(str(exc), "bad"), gr.skip(), gr.skip(), gr.skip()
    last = len(trace.rounds) - 1
    said, shown = note_html("Your choices are stored.", "good"), choices_html(trace, studio.view(trace.id).form)
    return said, shown, text_shown(trace, last), draft_told(trace, last)


def gone_back(studio: Studio, name: str | None, number: int | None) -> str:
    """An earlier draft becomes the newest."""
    return _spoken(lambda: studio.bring_back(name or "", -1 if number is None else int(number)),
                   f"Draft {int(number or 0) + 1} is the newest draft again; the others stay in the list.")  # fmt: skip


def taken_off(studio: Studio, name: str | None, told: str) -> str:
    """Lines that may be talk are no longer of the poem."""
    return _spoken(lambda: studio.take_off(name or "", told or ""),
                   "Taken off; the draft with these lines stays in the list.")  # fmt: skip


def files_html(name: str | None, number: int) -> str:
    """Links to the session as files, the draft that is shown first."""
    if not name or not NAME.fullmatch(name):
        return ""
    shown = f'<a href="sessions/{name}.txt?draft={number + 1}" download>this draft as text</a>'
    links = [shown, *(f'<a href="sessions/{name}.{kind}" download>{said}</a>' for kind, said in _FILES)]
    links.append('<a href="desk/remarks.jsonl" download>your words on remarks, as training pairs</a>')
    links.append('<a href="desk/edits.jsonl" download>what you changed in drafts, as training pairs</a>')
    keep = '<p><button type="button" class="wb-all" data-take-in="1">Put this draft into My poems</button></p>'
    return f'{keep}<p class="wb-files">Download: {" · ".join(links)}</p>'


def text_shown(trace: Trace, number: int) -> str:
    """The draft that is shown, as a person may take it away: while they decide, the poem that their choices make."""
    draft = trace.rounds[number].draft
    if number == len(trace.rounds) - 1 and is_open_to_decisions(trace):
        draft = replace(draft, title=trace.rounds[-2].draft.title, text=decided_text(trace))
    return as_text(draft)


def draft_told(trace: Trace, number: int) -> str:
    """What the page is told of the draft that is shown: JSON of session, number from 1, text, newest number."""
    text = text_shown(trace, number)
    return json.dumps({"session": trace.id, "number": number + 1, "text": text, "newest": len(trace.rounds)})


# ---------------------------------------------------------------- private


def _whole(gr: Any, view: SessionView, number: int | None, mark: dict[str, Any]) -> list[Any]:
    trace, live = view.trace, view.live
    n, busy = len(trace.rounds), live.is_at_work
    last = n - 1
    at = last if number is None or not 0 <= number < n else number
    is_deciding = n > 0 and at == last and is_open_to_decisions(trace) and not busy
    decided = choices_html(trace, view.form) if is_deciding else ""
    text = text_shown(trace, at) if n else ""
    return _screen(
        gr, live=live_html(live), fresh=gr.Column(visible=False), desk=gr.Column(visible=True),
        page=session_html(view, at, is_deciding=is_deciding), side=gr.Column(visible=is_deciding), decided=decided,
        history=history_html(trace), drafts=gr.Radio(_drafts(view), value=at if n else None),
        go=gr.Button(view.button, interactive=not busy),
        run=gr.Button(interactive=not busy, visible=not is_of_a_person(trace.rounds)),
        stop=gr.Button(interactive=busy), more=gr.Column(visible=n > 0),
        back=gr.Button(interactive=not busy and at != last), text=text, files=files_html(trace.id, at),
        given=draft_told(trace, at) if n else gr.skip(), seen=mark | {"at": at},
    )  # fmt: skip


def _screen(gr: Any, **parts: Any) -> list[Any]:
    return [parts.get(name, gr.skip()) for name in PARTS]


def _drafts(view: SessionView) -> list[tuple[str, int]]:
    return [(f"Draft {one.number + 1}{' ★' * is_starred(view.trace, one)}", one.number) for one in view.trace.rounds]


def _filled(
    educator: str, poet: str, direction: str, form: str, seed: float | None, asks_only: bool = False, style: str = ""
) -> SessionForm:  # fmt: skip
    return SessionForm(
        educator=educator or "built-in",
        poet=poet or "built-in",
        direction=direction or "",
        form=form or "",
        seed=int(seed or 0),
        asks_only=bool(asks_only),
        style=style or "",
    )


def _spoken(act: Callable[[], None], done: str) -> str:
    try:
        act()
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    return note_html(done, "good")
