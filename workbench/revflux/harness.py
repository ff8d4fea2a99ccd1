"""Holds the sessions of a study: each configuration's models are loaded once, and many sessions are asked side by side.

A session is held once, with the most revisions; the smaller numbers are its beginnings (see `flux`). It is stored the
moment it ends, so a study that was stopped loses only sessions under way, and continuing does nothing twice. A session
that ended because a model failed, or because somebody asked to stop, is not stored: it is held again next time.

Without an educator the poet drafts straight from the request; nothing is judged or revised. So an untaught model can be
set beside a taught pair as it would be used by itself. Prompt, grammar, attempts and seeds are those of the loop's
first draft, with the request in place of the brief.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path

from workbench.engines.protocols import Cancelled, Sampler, never
from workbench.errors import EngineError, Stopped
from workbench.prompts.roles import ask_draft, load_persona, prompt_id
from workbench.prosody import form_named_in
from workbench.revflux.study import Configuration, StudyItem, store, trace_path
from workbench.revision.drivers import run_sessions
from workbench.revision.grammars import poem_grammar
from workbench.revision.labels import title_from
from workbench.revision.line_orders import LinePoet
from workbench.revision.replies import PoemReply, parse_poem_reply
from workbench.revision.session import new_trace
from workbench.revision.types import Brief, Draft, Event, Round, StopReason, Trace
from workbench.types import Completion, Failed, Reason, SampleRequest, content_id, seed_for

Keep = Callable[[StudyItem, Trace], None]
Hold = Callable[[Sequence[StudyItem], Keep], None]  # holds a batch of sessions; each is kept as it ends
OpenModels = Callable[[Configuration], AbstractContextManager[Hold]]
Watch = Callable[[int, int, str], None]  # done, of, what
_NOT_DONE = (StopReason.ENGINE, StopReason.CANCELLED, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a run of the harness did."""

    n_held: int
    n_found: int  # lay there from an earlier run
    failures: tuple[str, ...]  # one line for each session that has to be held again


def hold_study(
    folder: Path,
    items: Sequence[StudyItem],
    open_models: OpenModels,
    *,
    batch: int,
    watch: Watch = lambda done, of, what: None,
    cancelled: Cancelled = never,
) -> Held:
    """Holds every session of the plan that is not there yet.

    Args:
        folder: of the study; see `study`.
        items: the plan.
        open_models: gives for a configuration what holds its sessions; called only where there is work.
        batch: sessions side by side.
        watch: is told of every session that was stored.
        cancelled: asked after every batch.

    Raises:
        EngineError: a whole batch failed; what was held before is stored.
        Stopped: on request; likewise.
    """
    pending = [item for item in items if not trace_path(folder, item.id).is_file()]
    keeper = _Keeper(folder, watch, n_items=len(items), n_found=len(items) - len(pending))
    for configuration, group in groupby(pending, key=lambda item: item.configuration):
        with open_models(configuration) as hold:
            for chunk in _chunks(list(group), batch):
                n_failures = len(keeper.failures)
                hold(chunk, keeper.keep)
                if cancelled():
                    raise Stopped(
                        f"stopped; {keeper.n_done} of {len(items)} sessions are stored, run it again to continue"
                    )
                if len(keeper.failures) - n_failures == len(chunk):
                    raise EngineError(f"every session of a batch failed, the last one: {keeper.failures[-1]}")
    n_found = len(items) - len(pending)
    return Held(n_held=keeper.n_done - n_found, n_found=n_found, failures=tuple(keeper.failures))


class _Keeper:
    """Stores sessions as they end, and remembers those that did not come to an end."""

    def __init__(self, folder: Path, watch: Watch, *, n_items: int, n_found: int) -> None:
        self._folder, self._watch, self._n_items = folder, watch, n_items
        self.n_done = n_found
        self.failures: list[str] = []

    def keep(self, item: StudyItem, trace: Trace) -> None:
        """One session that has ended."""
        about = f"{item.configuration.name}: {item.prompt.text[:60]}"
        if trace.stop in _NOT_DONE:
            self.failures.append(f"{about}: {trace.stop_detail or trace.stop}")
            return
        store(self._folder, item, trace)
        self.n_done += 1
        self._watch(self.n_done, self._n_items, about)


@contextmanager
def models(configuration: Configuration, *, cancelled: Cancelled = never) -> Iterator[Hold]:
    """The real models of a configuration, loaded once and freed at the end.

    Raises:
        EngineError: a model cannot be found or loaded.
    """
    from workbench.engines.pair import open_pair

    name = configuration.poet
    with open_pair(configuration.educator or name, name) as pair, closing(LinePoet(name, pair.poet)) as poet:
        educator = pair.educator if configuration.educator else None
        yield partial(hold_with, educator, poet, cancelled=cancelled)


def hold_with(
    educator: Sampler | None, poet: Sampler, items: Sequence[StudyItem], keep: Keep, *, cancelled: Cancelled = never
) -> None:
    """Holds a batch of sessions with these models; without an educator the poet only drafts."""
    if educator is None:
        for item, trace in zip(items, hold_drafts(poet, items, cancelled=cancelled), strict=True):
            keep(item, trace)
        return

    def listen(place: int, event: Event) -> None:
        if event.kind == "done":
            keep(items[place], event.trace)

    many = [(item.prompt.text, item.settings) for item in items]
    run_sessions(many, educator=educator, poet=poet, on_event=listen, cancelled=cancelled)


def hold_drafts(poet: Sampler, items: Sequence[StudyItem], *, cancelled: Cancelled = never) -> list[Trace]:
    """One draft per item, in their order; an answer that is not a poem is asked for again with another seed."""
    traces: dict[str, Trace] = {}
    for attempt in range(1 + max((item.settings.retries for item in items), default=0)):
        waiting = [item for item in items if item.id not in traces]
        requests = [_request(item, attempt) for item in waiting]
        for item, request, answer in zip(waiting, requests, poet.sample(requests, cancelled=cancelled), strict=True):
            is_last = attempt >= item.settings.retries
            if (trace := _trace(item, request, answer, is_last=is_last)) is not None:
                traces[item.id] = trace
        if len(traces) == len(items):
            break
    return [traces[item.id] for item in items]


def _chunks(items: Sequence[StudyItem], size: int) -> Iterator[Sequence[StudyItem]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]


def _request(item: StudyItem, attempt: int) -> SampleRequest:
    settings, request = item.settings, item.prompt.text
    is_close = settings.poet_guidance == "close"
    grammar = poem_grammar(_form(item), close=is_close) if settings.poet_guidance != "none" else ""
    return SampleRequest(
        prompt=ask_draft(request, poet=load_persona(settings.poet_persona), by_example=is_close),
        seed=seed_for(settings.seed, request, "draft", "0", str(attempt)),
        sampling=settings.sampling.draft,
        grammar=grammar,
    )


def _trace(item: StudyItem, request: SampleRequest, answer: Completion | Failed, *, is_last: bool) -> Trace | None:
    """The session that an answer makes; None = ask again."""
    if not isinstance(answer, Completion):
        stop = StopReason.CANCELLED if answer.reason is Reason.CANCELLED else StopReason.ENGINE
        return _ended(item, stop, detail=f"{answer.reason.sentence} {answer.detail}".strip())
    reply = parse_poem_reply(answer.text, ended=answer.ended, given=item.prompt.text, form=_form(item))
    if reply.problem:
        return _ended(item, StopReason.NOT_A_POEM, detail=reply.problem) if is_last else None
    return _ended(item, StopReason.LIMIT, rounds=(Round(number=0, draft=_draft(item, request, reply)),))


def _draft(item: StudyItem, request: SampleRequest, reply: PoemReply) -> Draft:
    title = reply.title or title_from(reply.text)
    return Draft(
        id=content_id("draft", item.id, title, reply.text), number=0, title=title, text=reply.text, parent_id="",
        critique_id="", author="poet", engine=item.settings.poet, prompt_digest=prompt_id(request.prompt),
        seed=request.seed, remarks=reply.remarks,
    )  # fmt: skip


def _ended(item: StudyItem, stop: StopReason, *, rounds: tuple[Round, ...] = (), detail: str = "") -> Trace:
    text = item.prompt.text
    brief = Brief(id=content_id("request as brief", text), request=text, text=text, form_name=_form(item))
    trace = new_trace(text, item.settings, id_=item.id)
    return replace(trace, educator="", brief=brief, rounds=rounds, best=len(rounds) - 1, stop=stop, stop_detail=detail)


def _form(item: StudyItem) -> str:
    return item.settings.form or form_named_in(item.prompt.text) or ""
