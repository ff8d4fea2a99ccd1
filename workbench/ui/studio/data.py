"""What the studio's page asks for and shows, as plain functions: sessions, steps, decisions, roll-back, downloads."""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from workbench.config import load_job
from workbench.errors import InputError, WorkbenchError
from workbench.prosody.forms import forms_named
from workbench.revision.command import ReviseJob
from workbench.revision.ledger import without_refused
from workbench.revision.own_hand import Edit, edits_in
from workbench.revision.settings import MOST_STYLE_CHARACTERS
from workbench.revision.store import SessionStore
from workbench.revision.types import Trace
from workbench.studio.doubts import taken_off
from workbench.studio.models import ModelCatalog
from workbench.studio.newcomers import Newcomers
from workbench.studio.queue import Live, WorkQueue
from workbench.studio.steps import (
    Step,
    as_markdown,
    as_text,
    begin,
    brought_back,
    decide,
    is_open_to_decisions,
    next_step,
    own_draft,
)
from workbench.ui.folders import AppFolders
from workbench.ui.studio.trust import listed

N_ROUNDS = 3  # of a run without questions
MOST_DECISION_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionForm:
    """What the form says when a button is pressed."""

    educator: str
    poet: str
    direction: str = ""
    form: str = ""
    seed: int = 42
    asks_only: bool = False
    style: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """What there is to see of a session at this moment."""

    live: Live
    trace: Trace
    form: str = ""  # that the poem is held against

    @property
    def mark(self) -> str:
        """Changes when the page has to be drawn again; a decision on a line does not change it."""
        one, last = self.trace, self.trace.rounds[-1] if self.trace.rounds else None
        said = last.critique.id if last and last.critique else ""
        parts = (one.id, len(one.rounds), said, one.stop, one.best, bool(one.brief), one.final_note,
                 self.live.is_at_work, is_open_to_decisions(one))  # fmt: skip
        return repr(parts)

    @property
    def step(self) -> Step:
        """What is due."""
        return next_step(self.trace)

    @property
    def button(self) -> str:
        """What the first button does, in words."""
        if not self.trace.rounds:
            return "Continue: brief and first draft"
        if is_open_to_decisions(self.trace):
            return "Settle these lines and get the critique"
        return "Write the next draft" if self.step == "draft" else "Get the critique"


class Studio:
    """The studio of one app."""

    def __init__(self, folders: AppFolders) -> None:
        self.sessions = folders.runs.parent / "sessions"
        self.models = folders.models
        self._config = folders.config / "revise.yaml"
        self._words = folders.my_poems
        self.queue = WorkQueue(self.sessions, models=self.models)
        self.catalog = ModelCatalog(self.models, sessions=self.sessions, runs=folders.runs)
        self.newcomers = Newcomers(self.catalog, self.queue)

    @contextlib.contextmanager
    def store(self) -> Iterator[SessionStore]:
        """The sessions, to read and write.

        Raises:
            StoreError: they cannot be.
        """
        with contextlib.closing(SessionStore(self.sessions)) as store:
            yield store

    def choices(self) -> list[tuple[str, str]]:
        """All sessions, the newest first, as a list shows them."""
        with self.store() as store:
            found = store.sessions()
        asked = [listed(one.request) for one in found]
        again = [asked[place:].count(text) for place, text in enumerate(asked)]  # the oldest of one title is the first
        return [(f"{text} ({n})" if n > 1 else text, one.name)
                for text, n, one in zip(asked, again, found, strict=True)]  # fmt: skip

    def defaults(self) -> SessionForm:
        """Who writes where nobody chose: what revise.yaml says, or the built-in model where that is not there."""
        settings = load_job(ReviseJob, self._config if self._config.is_file() else None, []).revision
        usable = {engine for _, engine in self.catalog.choices()}
        names = [name if name in usable else "built-in" for name in (settings.educator, settings.poet)]
        return SessionForm(educator=names[0], poet=names[1], seed=settings.seed)

    def view(self, name: str) -> SessionView:
        """A session as it is now.

        Raises:
            InputError: there is none of this name.
            StoreError: it cannot be read.
        """
        live = self.queue.live(name)
        with self.store() as store:
            trace, settings = store.open(name)
        return SessionView(live=live, trace=trace, form=settings.form_for(trace.brief))

    def stamp(self, name: str) -> tuple[float, float]:
        """Changes whenever the session may have changed; costs two looks at the disk."""
        path = self.sessions / "sessions.db"
        return self.queue.stamp(name), path.stat().st_mtime if path.is_file() else 0.0

    # ------------------------------------------------------------ what a person does

    def begin(self, request: str, poem: str, filled: SessionForm) -> str:
        """A new session, and its first step; its name.

        Raises:
            InputError: nothing was asked for, or a model or form is not there.
        """
        self._check(filled)
        settings = load_job(ReviseJob, self._config if self._config.is_file() else None, []).revision
        settings = replace(settings, educator=filled.educator, poet=filled.poet, form=filled.form, seed=filled.seed,
                           direction="", asks_only=filled.asks_only or settings.asks_only,
                           style=_style(filled.style) or settings.style)  # fmt: skip
        with self.store() as store:
            trace = begin(store, request, settings, poem=poem)
        self._ask(trace.id, "critique", filled)
        return trace.id

    def go_on(self, name: str, filled: SessionForm, step: Step | None = None) -> None:
        """The next step of a session, or the one that is asked for."""
        self._check(filled)
        view = self.view(name)
        if not view.live.is_at_work:
            self._heed(view.trace)
        self._ask(name, step or view.step, filled)

    def _heed(self, trace: Trace) -> None:
        """What a person called wrong, or left for later, is not told to the poet."""
        told = self._words.remarks(trace.rounds[-1].draft.id) if trace.rounds else []
        heeded = without_refused(trace, [remark["item"] for verdict, remark in told if verdict in ("wrong", "later")])
        if heeded != trace:
            with self.store() as store:
                store.save(heeded)

    def decide(self, name: str, told: str) -> Trace:
        """Stores what was chosen for each line of the last draft.

        Args:
            name: of the session.
            told: JSON of the page: session, draft, lines as {id of the change: [decision, words]}.

        Raises:
            InputError: it is not such JSON, or of another draft.
        """
        session, draft, lines = _decisions(told)

        def decided(trace: Trace, _: str) -> Trace:
            if session != trace.id or draft != trace.rounds[-1].draft.id:
                raise InputError("these choices belong to another draft; load the page again")
            return decide(trace, lines)

        return self._change(name, decided)

    def bring_back(self, name: str, number: int) -> None:
        """An earlier draft becomes the newest one."""
        self._change(name, lambda trace, form: brought_back(trace, number, form=form))

    def write_own(self, name: str, poem: str) -> Trace:
        """A version of the person's own becomes the newest draft."""
        return self._change(name, lambda trace, form: own_draft(trace, poem, form=form))

    def take_off(self, name: str, told: str) -> None:
        """The newest draft without lines that may be talk becomes the newest draft; `told` names them."""
        self._change(name, lambda trace, form: taken_off(trace, told, form=form))

    def edits(self) -> list[Edit]:
        """What a person changed in the poet's drafts, in all sessions.

        Raises:
            StoreError: the sessions cannot be read.
        """
        with self.store() as store:
            opened = [store.open(one.name) for one in store.sessions()]
        return [edit for trace, settings in opened for edit in edits_in(trace, poet=settings.poet_persona)]

    def _change(self, name: str, act: Callable[[Trace, str], Trace]) -> Trace:
        view = self._resting(name)
        with self.store() as store:
            store.save(changed := act(view.trace, view.form))
        return changed

    def _ask(self, name: str, step: Step, filled: SessionForm) -> None:
        task = {"kind": "revise", "step": step, "educator": filled.educator, "poet": filled.poet,
                "direction": filled.direction, "n_rounds": N_ROUNDS}  # fmt: skip
        self.queue.ask(name, task)

    def _check(self, filled: SessionForm) -> None:
        for engine in (filled.educator, filled.poet):
            if trouble := self.catalog.find(engine).trouble:
                raise InputError(f"{engine}: {trouble}")
        if filled.form:
            forms_named(filled.form)

    def _resting(self, name: str) -> SessionView:
        view = self.view(name)
        if view.live.is_at_work:
            raise InputError("the models are at work on it; wait for them, or stop them first")
        if not view.trace.rounds:
            raise InputError("there is no draft yet; press “Continue” for the first one")
        return view


def download(studio: Studio, name: str, kind: str, draft: int | None = None) -> tuple[str, str]:
    """A session as a file: its content and media type.

    Args:
        studio: whose session it is.
        name: of the session.
        kind: txt (one draft), md or json (the whole session).
        draft: which one, from 1; None = the best.

    Raises:
        InputError: no such session, draft or kind.
    """
    trace = studio.view(name).trace
    if kind == "txt" and not trace.rounds:
        raise InputError(f"{name}: there is no draft yet")
    if kind == "txt":
        wanted = trace.best if draft is None else draft - 1
        one = next((one for one in trace.rounds if one.number == wanted), None)
        if one is None:
            raise InputError(f"{name} has no draft {wanted + 1}; it has {len(trace.rounds)}")
        return as_text(one.draft), "text/plain"
    if kind == "md":
        return as_markdown(trace), "text/markdown"
    if kind == "json":
        return json.dumps(asdict(trace), ensure_ascii=False, indent=1), "application/json"
    raise InputError(f"{kind}: download as txt, md or json")


def download_response(studio: Studio, name: str, kind: str, draft: int | None = None) -> Any:
    """The same as an answer over HTTP."""
    from starlette.responses import JSONResponse, Response

    try:
        content, media = download(studio, name, kind, draft)
    except WorkbenchError as exc:
        return JSONResponse({"error": str(exc)}, 404)
    which = f"-draft-{draft}" if draft else ""
    held = {
        "Content-Disposition": f'attachment; filename="{Path(name).name}{which}.{kind}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=f"{media}; charset=utf-8", headers=held)


def _style(note: str) -> str:
    if len(note) > MOST_STYLE_CHARACTERS:
        raise InputError(f"the style note has {len(note)} characters; {MOST_STYLE_CHARACTERS} are allowed, shorten it")
    return note.strip()


def _decisions(told: str) -> tuple[str, str, dict[str, tuple[str, str]]]:
    try:
        data = json.loads(told if len(told) <= MOST_DECISION_CHARACTERS else "")
        lines = {str(key): (str(one), str(two)) for key, (one, two, *_) in data["lines"].items()}
        return str(data["session"]), str(data["draft"]), lines
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as exc:
        raise InputError("the page sent choices that cannot be read; load it again") from exc
