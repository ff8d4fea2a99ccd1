"""What the studio's process does with its models: steps of a session, answers in a talk, tests of a model."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.engines.llama.gguf_probe import probe_gguf
from workbench.engines.names import available, parse_engine
from workbench.engines.pair import Pair, open_pair
from workbench.engines.protocols import Sampler
from workbench.errors import EngineError, Stopped, WorkbenchError
from workbench.places import located, written
from workbench.prompts.roles import load_persona
from workbench.revision.approvals import as_measured
from workbench.revision.line_orders import LinePoet
from workbench.revision.store import SessionStore
from workbench.revision.types import Ask, Event, StopReason, Trace
from workbench.studio.chats import Chats
from workbench.studio.models import ModelCatalog
from workbench.studio.newcomers import Newcomers
from workbench.studio.other_lines import other_lines
from workbench.studio.queue import Showing, WorkQueue, work
from workbench.studio.sheets import SheetLine, Sheets
from workbench.studio.steps import StepModels, settled, take_step
from workbench.types import Message, Prompt, SampleRequest, Sampling
from workbench.writing.asked_poem import AskedPoet
from workbench.writing.run import OpenPoet, open_writer
from workbench.writing.types import Line, LineOrder
from workbench.writing.wishes import WriteJob

Cancelled = Callable[[], bool]
Task = dict[str, Any]

TEST_QUESTION = "Write four lines about a lamp that somebody left on."
_TEST_SAMPLING = Sampling(temperature=0.7, max_new_tokens=64)
_TALK_SAMPLING = Sampling(temperature=0.7, max_new_tokens=320)
_PERSONAS = {"educator": "mentor_short", "poet": "poet"}
N_WAYS = 3
_OUTCOMES = {StopReason.CANCELLED: "stopped", StopReason.ENGINE: "failed"}


def studio_models(
    sessions: Annotated[Path, typer.Argument(help="The folder of the sessions.")],
    models: Annotated[Path, typer.Option(help="The folder of the models.")] = Path("models"),
) -> None:
    """The models of the app's studio; the app starts it by itself."""
    models = written(models).resolve()
    tasks = StudioTasks(WorkQueue(sessions, models=models), ModelCatalog(models, sessions=sessions))
    work(tasks.queue, {"revise": tasks.revise, "talk": tasks.chat, "test": tasks.test, "write": tasks.write,
                       "ways": tasks.ways})  # fmt: skip


class StudioTasks:
    """The tasks with the models that they share: those of the last task stay loaded."""

    def __init__(self, queue: WorkQueue, catalog: ModelCatalog) -> None:
        self.queue, self._catalog = queue, catalog
        self._names: tuple[str, str] = ("", "")
        self._pairs: list[Pair] = []
        self._poet: LinePoet | None = None
        self._writer: tuple[str, OpenPoet | AskedPoet] | None = None

    def revise(self, task: Task, showing: Showing, cancelled: Cancelled) -> None:
        """One step of a session; everything that happens is stored at once."""
        with closing(SessionStore(self.queue.sessions)) as store:
            trace, settings = store.open(task["about"])
            educator, poet = self._usable((task["educator"], task["poet"]), showing)
            settings = as_measured(replace(settings, educator=educator, poet=poet))
            trace = settled(replace(trace, educator=educator, poet=poet), form=settings.form_for(trace.brief))
            store.save(trace)
            samplers = self._open(educator, poet)

            def stored(event: Event) -> None:
                store.save(event.trace)
                showing.stored()

            def piece(ask: Ask, text: str) -> None:
                showing.piece(text, kind=ask.kind, place=ask.round, attempt=ask.attempt)

            models = StepModels(
                educator=samplers[0], poet=samplers[1], on_piece=piece, on_event=stored, cancelled=cancelled
            )
            done = take_step(trace, settings, task["step"], models=models, direction=task["direction"],
                             n_rounds=int(task["n_rounds"]))  # fmt: skip
            store.save(done)
        showing.end(_outcome(done), note=_last_word(done))

    def chat(self, task: Task, showing: Showing, cancelled: Cancelled) -> None:
        """One answer of each voice of a talk."""
        chats = Chats(self.queue.sessions)
        chat = chats.open(task["about"])
        names = self._usable(chat.engines, showing)
        samplers = self._open(names[0], names[-1])
        for place, sampler in enumerate((samplers[0], samplers[1])[: len(names)]):
            request = SampleRequest(
                prompt=chat.prompt(place, load_persona(_PERSONAS[chat.role])), seed=len(chat.turns),
                sampling=_TALK_SAMPLING,
            )  # fmt: skip
            text = ""
            for piece in sampler.stream(request, cancelled=cancelled):
                text += piece
                showing.piece(piece, kind="talk", place=place)
            chat = chat.answered(place, text.strip())
            chats.save(chat)
            showing.stored()
        showing.end("stopped" if cancelled() else "done")

    def test(self, task: Task, showing: Showing, cancelled: Cancelled) -> None:
        """Loads a model, in a child process first where it is a file, and asks it for four lines."""
        name = str(task["engine"])
        engine = parse_engine(name)
        if engine.source.endswith(".gguf"):
            probe_gguf(located(engine.source))
        if engine.adapter and available(name)[0] != name:
            raise EngineError(available(name)[1])
        began = time.monotonic()
        sampler = self._open(name, name)[0]
        pieces, first = [], 0.0
        for piece in sampler.stream(_test_request(), cancelled=cancelled):
            first = first or time.monotonic()
            pieces.append(piece)
            showing.piece(piece, kind="test", place=0)
        answer = "".join(pieces).strip()
        if not answer and not cancelled():
            raise EngineError(f"{name}: it answered with nothing; choose another model, or another conversion of it")
        seconds = max(time.monotonic() - first, 1e-3)
        speed = f"first word after {first - began:.1f} s, then about {len(pieces) / seconds:.0f} parts a second"
        if not cancelled():
            Newcomers(self._catalog, self.queue).settle(name)
        showing.end("stopped" if cancelled() else "done", note=speed, text=answer)

    def write(self, task: Task, showing: Showing, cancelled: Cancelled) -> None:
        """The lines of a sheet that are not locked, stored one by one as they come."""
        sheets = Sheets(self.queue.sessions)
        sheet = sheets.open(task["about"])
        wishes = sheet.wishes()
        writer = self._writer_named(*self._usable((sheet.poet,), showing))
        gaps = [slot.gap for slot in writer.slots(wishes)]
        coming: list[SheetLine] = []

        def on_line(number: int, line: Line) -> None:
            coming[number:] = [SheetLine(text=line.text + line.stop, others=line.others, gap=gaps[number])]
            sheets.save(replace(sheet, coming=tuple(coming)))
            showing.stored()

        try:
            writer.write(wishes, on_line=on_line, cancelled=cancelled)
        except Stopped:
            sheets.save(replace(sheet, coming=tuple(coming)).stopped())
            showing.end("stopped")
            return
        except WorkbenchError:
            sheets.save(replace(sheet, sought=0, coming=()))
            raise
        sheets.save(sheet.finished(tuple(coming)))
        showing.end("done")

    def ways(self, task: Task, showing: Showing, cancelled: Cancelled) -> None:
        """Other ways to say one line of a person's poem, a JSON list; every one keeps what its place owes."""
        (name,) = self._usable((str(task["poet"]),), showing)
        poet = self._open(name, name)[1]
        order = LineOrder(title=str(task["title"]), text=str(task["text"]), numbers=(int(task["line"]),),
                          form=str(task["form"]))  # fmt: skip
        ways: list[str] = []
        for line in other_lines(poet, order, n=N_WAYS, cancelled=cancelled):
            ways.append(line)
            showing.piece(("," if ways[:-1] else "[") + json.dumps(line), kind="ways", place=1)
        showing.end("stopped" if cancelled() else "done", text=json.dumps(ways))

    # ------------------------------------------------------------ private

    def _writer_named(self, name: str) -> OpenPoet | AskedPoet:
        """A poet that writes line by line, that of the task before where it is the same."""
        if self._writer is None or self._writer[0] != name:
            self._close()
            self._writer = name, open_writer(WriteJob(poet=name), key=self._catalog.key_variable(name))
        return self._writer[1]

    def _usable(self, engines: Sequence[str], showing: Showing) -> tuple[str, ...]:
        found = [available(engine) for engine in engines]
        if notes := list(dict.fromkeys(note for _, note in found if note)):
            showing.note("; ".join(notes))
        return tuple(name for name, _ in found)

    def _open(self, first: str, second: str) -> tuple[Sampler, LinePoet]:
        """Two models by name, those of the task before where they are the same."""
        if self._names != (first, second):
            self._close()
            keys = [self._catalog.key_variable(name) for name in (first, second)]
            if keys[0] == keys[1]:
                self._pairs = [open_pair(first, second, key=keys[0])]
            else:  # two keys: at least one is an endpoint, so there is no base to share
                self._pairs = [open_pair(name, name, key=key) for name, key in zip((first, second), keys, strict=True)]
            self._poet, self._names = LinePoet(second, self._pairs[-1].poet), (first, second)
        if self._poet is None:
            raise AssertionError("opened above")
        return self._pairs[0].educator, self._poet

    def _close(self) -> None:
        if self._poet is not None:
            self._poet.close()
        for pair in self._pairs:
            pair.close()
        if self._writer is not None:
            self._writer[1].close()
            self._writer = None
        self._pairs, self._poet, self._names = [], None, ("", "")


def _test_request() -> SampleRequest:
    prompt: Prompt = (
        Message(role="system", content=load_persona("poet")),
        Message(role="user", content=TEST_QUESTION),
    )
    return SampleRequest(prompt=prompt, seed=7, sampling=_TEST_SAMPLING)


def _outcome(trace: Trace) -> Any:
    return _OUTCOMES.get(trace.stop, "done") if trace.stop else "done"


def _last_word(trace: Trace) -> str:
    if trace.stop in (None, StopReason.APPROVED, StopReason.LIMIT):
        return ""
    detail = f" ({trace.stop_detail})" if trace.stop_detail and trace.stop is not StopReason.CANCELLED else ""
    return f"{trace.stop.sentence}{detail}"
