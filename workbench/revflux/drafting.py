"""Sessions without an educator: the poet drafts straight from the request; nothing is judged or revised.

So an untaught model can stand beside a taught pair as it would be used by itself. Prompt, grammar, tries and seeds are
those of the loop's first draft, with the request in the place of the brief.
"""

from collections.abc import Sequence
from dataclasses import replace

from workbench.engines.protocols import Cancelled, Sampler, never
from workbench.prompts.roles import ask_draft, load_persona, prompt_id
from workbench.prosody import form_named_in
from workbench.revflux.study import StudyItem
from workbench.revision.grammars import poem_grammar
from workbench.revision.replies import PoemReply, parse_poem_reply, title_from
from workbench.revision.session import new_trace
from workbench.revision.types import Brief, Draft, Round, StopReason, Trace
from workbench.types import Completion, Failed, Reason, SampleRequest, content_id, seed_for


def hold_drafts(poet: Sampler, items: Sequence[StudyItem], *, cancelled: Cancelled = never) -> list[Trace]:
    """One draft an item, in the order of the items; an answer that is no poem is asked for again with another seed."""
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
        seed=request.seed,
    )  # fmt: skip


def _ended(item: StudyItem, stop: StopReason, *, rounds: tuple[Round, ...] = (), detail: str = "") -> Trace:
    text = item.prompt.text
    brief = Brief(id=content_id("request as brief", text), request=text, text=text, form_name=_form(item))
    trace = new_trace(text, item.settings, id_=item.id)
    return replace(trace, educator="", brief=brief, rounds=rounds, best=len(rounds) - 1, stop=stop, stop_detail=detail)


def _form(item: StudyItem) -> str:
    return item.settings.form or form_named_in(item.prompt.text) or ""
