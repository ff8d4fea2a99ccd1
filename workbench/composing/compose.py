"""Composing: a description becomes a title and a poem, by the prompt that the loop trains its follower on.

    description ─ follower ─▶ N answers ─ read as poems ─▶ N tries ─ give the description back? ─▶ ranked

What a model says around its poem, and what it thought, is taken off as of a draft in a revision. Every try is kept with
its seed and its measure, those that are not poems or recite the description too, with the reason. Seeds depend on the
run's seed, the description and the number of the try: base and trained answer the same question with the same seeds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated

from annotated_types import Ge, Gt, Le

from workbench.composing.giving_back import DescriptionScorer, give_back
from workbench.composing.types import GivenBack, Try, Voice
from workbench.engines.protocols import Cancelled, Sampler, never
from workbench.errors import InputError, Stopped
from workbench.prompts.renderers import Renderer
from workbench.prompts.roles import load_persona
from workbench.prompts.templates import load_prompt
from workbench.revision.labels import title_from
from workbench.revision.replies import PoemReply, parse_poem_reply
from workbench.scoring.leaks import LeakSettings
from workbench.types import Completion, Failed, Poem, SampleRequest, Sampling, Unscored, content_id, seed_for

MOST_DESCRIPTION_CHARS = 4000
OnTry = Callable[[Voice, int, Completion | Failed], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposingSettings:
    """How a poem is composed; sampling as in the published loop."""

    tries: Annotated[int, Ge(1), Le(256)] = 4  # N
    others: Annotated[int, Ge(1), Le(64)] = 4  # M other poems that the measure is held against
    temperature: Annotated[float, Ge(0), Le(5)] = 0.9
    top_p: Annotated[float, Gt(0), Le(1)] = 0.95
    top_k: Annotated[int, Ge(0), Le(1_000_000)] = 40
    max_new_tokens: Annotated[int, Ge(16), Le(32768)] = 320
    thinking_tokens: Annotated[int, Ge(0), Le(131072)] = 4096  # beside them, where the model thinks before it answers
    leaks: LeakSettings = field(default_factory=lambda: LeakSettings(leak_share=0.5, leak_words=1.0, guard_run=3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """A sampler with the prompt and settings by which it writes poems."""

    sampler: Sampler
    renderer: Renderer
    prompt: str
    settings: ComposingSettings
    voice: Voice

    def requests(self, description: str, seed: int) -> list[SampleRequest]:
        """N requests with seeds of their own."""
        settings = self.settings
        thinking = settings.thinking_tokens if self.renderer.name == "thinking" else 0
        sampling = Sampling(
            temperature=settings.temperature, top_p=settings.top_p, top_k=settings.top_k,
            max_new_tokens=min(settings.max_new_tokens + thinking, 32_768),
        )  # fmt: skip
        template = load_prompt(self.prompt, self.renderer.name)
        persona = {"poet": load_persona("poet")} if "poet" in template.values else {}
        prompt = template.fill(description=description, **persona)
        about = content_id("description", description)
        return [
            SampleRequest(prompt=prompt, seed=seed_for(seed, "compose", about, str(number)), sampling=sampling)
            for number in range(settings.tries)
        ]


def write_tries(
    follower: Follower, description: str, *, seed: int,
    on_try: OnTry = lambda voice, number, result: None, cancelled: Cancelled = never,
) -> list[Try]:  # fmt: skip
    """N answers read as poems, in the order of their numbers; not measured yet.

    Args:
        follower: sampler, prompt, settings and which voice it is.
        description: a person's words.
        seed: the same seed gives the same poems.
        on_try: told of each answer as it ends.
        cancelled: asked between tokens.

    Raises:
        InputError: there is no description, or it is too long.
        EngineError: the model failed.
        Stopped: `cancelled` said so.
    """
    if not description.strip() or len(description) > MOST_DESCRIPTION_CHARS:
        raise InputError(f"describe the poem, in at most {MOST_DESCRIPTION_CHARS} characters")
    requests = follower.requests(description, seed)
    results = follower.sampler.sample(
        requests, on_completion=lambda number, result: on_try(follower.voice, number, result), cancelled=cancelled
    )
    if cancelled():
        raise Stopped("stopped while the poems were written")
    return [
        _try(follower, description, number, request.seed, result)
        for number, (request, result) in enumerate(zip(requests, results, strict=True))
    ]


def measure_tries(
    model: DescriptionScorer, description: str, tries: Sequence[Try], *, cancelled: Cancelled = never
) -> list[Try]:
    """The same tries with what each gives back, the best of each voice first; what is not a poem comes last, unranked.

    Raises:
        EngineError: the scorer failed.
        Stopped: `cancelled` said so.
    """
    poems = [as_poem(one) for one in tries if not one.problem]
    found = iter(give_back(model, description, poems, cancelled=cancelled))
    return ranked([one if one.problem else _measured(one, next(found)) for one in tries])


def ranked(tries: Sequence[Try]) -> list[Try]:
    """The trained voice before the base, of each the best first: more nats, then the earlier number."""
    ordered: list[Try] = []
    for voice in ("trained", "base"):
        own = [one for one in tries if one.voice == voice]
        good = sorted((one for one in own if one.is_good), key=lambda one: (-(one.value or 0.0), one.number))
        ordered += [replace(one, rank=place) for place, one in enumerate(good, start=1)]
        ordered += sorted((one for one in own if not one.is_good), key=lambda one: (bool(one.problem), one.number))
    return ordered


def as_poem(one: Try) -> Poem:
    """A try as a poem."""
    return Poem(title=one.title, text=one.text)


def _measured(one: Try, found: GivenBack | Unscored) -> Try:
    if isinstance(found, Unscored):
        return replace(one, unscored=found.reason.sentence)
    return replace(one, given_back=found, unscored="")


def _read(follower: Follower, result: Completion | Failed, description: str) -> PoemReply:
    """The poem in an answer, thoughts and talk taken off."""
    answer = follower.renderer.answer(result.text) if isinstance(result, Completion) else result
    if isinstance(answer, Failed):
        return PoemReply(title="", text="", problem=answer.detail or answer.reason.sentence)
    ended = isinstance(result, Completion) and result.ended
    reply = parse_poem_reply(answer, ended=ended, given=description)
    return replace(reply, title=reply.title or title_from(reply.text))


def _try(follower: Follower, description: str, number: int, seed: int, result: Completion | Failed) -> Try:
    reply = _read(follower, result, description)
    raw = result.text if isinstance(result, Completion) else result.detail
    sampler = follower.sampler
    return Try(
        id=content_id("try", description, follower.voice, str(seed), sampler.adapter_digest, raw),
        voice=follower.voice, number=number, seed=seed, title=reply.title, text=reply.text, problem=reply.problem,
        remarks=reply.remarks, raw=raw.encode("utf-8", "backslashreplace").decode("utf-8"),
        n_tokens=result.n_tokens if isinstance(result, Completion) else 0,
        ended=isinstance(result, Completion) and result.ended,
        given_back=None, unscored="" if reply.problem else "not measured",
        model=sampler.digest, adapter=sampler.adapter_digest,
        prompt_digest=load_prompt(follower.prompt, follower.renderer.name).digest,
    )  # fmt: skip
