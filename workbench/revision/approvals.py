"""Do an educator's approvals mean anything? It is shown poems as they were written, and the same poems spoiled.

    as written       one of the project's own poems
    shuffled lines   its lines in another order
    nonsense         the letters of every word in another order
    digits           a digit in place of every letter

    difference = approved as written - share approved of its three spoiled versions        poem by poem

An educator whose difference is not above zero with its whole interval (intervals.py) gives no verdict: its remarks are
shown, and nothing is approved or started over because of it. One that was never measured is believed.

    data/approvals/EDUCATOR.jsonl          every answer: a measurement continues, its figures can be recomputed
    data/approvals/EDUCATOR.PERSONA.json   what they come to: a session asks this alone, and needs no statistics for it
"""

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast, get_args

from workbench.engines.base_model import is_untaught
from workbench.engines.names import parse_engine
from workbench.engines.protocols import Cancelled, Sampler, never
from workbench.errors import EngineError
from workbench.intervals import Estimate, Outcome, difference_of, few, mean_of, outcome, shown
from workbench.places import as_typed, located, written
from workbench.prompts.roles import load_persona
from workbench.revision.asking import Ended, Exchange
from workbench.revision.drivers import answer_ask
from workbench.revision.pieces import Pieces
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import Ask, Brief, Critique, Draft, Rejected, Reply, StopReason
from workbench.storage.atomic import append_json, json_lines, write_json
from workbench.types import Poem, content_id

Kind = Literal["as written", "shuffled lines", "nonsense", "digits"]

FOLDER = Path("data/approvals")
N_POEMS = 12
_LEAST_LINES, _MOST_LINES = 4, 16
_NO_BRIEF = Brief(id="", request="", text="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an educator said of one planted draft."""

    poem: str  # id
    kind: Kind
    said: str  # its own verdict, before any form check
    persona: str  # digest of the mentor's text: another voice is another measurement
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a measurement found, as sessions read it."""

    tell_apart: bool | None  # see `Approvals`
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """What the answers come to; shares are means over poems."""

    shares: dict[Kind, Estimate | None]  # approved, by kind of draft
    difference: Estimate | None  # as written minus spoiled, poem by poem; None = nothing to compare yet

    @property
    def tell_apart(self) -> bool | None:
        """Whether good drafts are approved more often than spoiled ones; None = too little was asked to say."""
        found = outcome(self.difference)
        return None if found in (Outcome.NOT_MEASURED, Outcome.TOO_FEW) else found is Outcome.BETTER

    @property
    def sentence(self) -> str:
        """For a person."""
        if self.difference is None:
            return "Its approvals were not measured."
        figures = ", ".join(f"{kind} {shown(share, places=2)}" for kind, share in self.shares.items() if share)
        told = f"Approved: {figures}; difference {shown(self.difference, places=2, sign=True)}"
        said = {None: few(self.difference), True: "its approvals tell good drafts from spoiled ones"}
        return f"{told}: {said.get(self.tell_apart, 'its approvals tell nothing, so it gives no verdict')}."


def spoiled(text: str, kind: Kind) -> str:
    r"""A poem as it is shown under this kind; the same each time.

    >>> spoiled("One.\nTwo.", "digits"), spoiled("One.\nTwo.", "as written")
    ('014.\n279.', 'One.\nTwo.')
    """
    chance = random.Random(text)  # noqa: S311 - an order, not a secret
    if kind == "digits":
        return re.sub(r"[^\W\d_]", lambda found: str(chance.randrange(10)), text)
    if kind == "nonsense":
        return re.sub(r"[^\W\d_]+", lambda word: "".join(chance.sample(word.group(), len(word.group()))), text.lower())
    if kind == "shuffled lines":
        lines = [line for line in text.split("\n") if line.strip()]
        order = iter(chance.sample(lines, len(lines)))
        return "\n".join(next(order) if line.strip() else line for line in text.split("\n"))
    return text


def poems_to_show(poems: Sequence[Poem], n: int = N_POEMS) -> list[Poem]:
    """Some of the poems that a small model can read whole, by a rule that looks at no word of them."""
    fitting = [poem for poem in poems if _LEAST_LINES <= len(_draft(poem, "as written").lines) <= _MOST_LINES]
    return sorted(fitting, key=lambda poem: poem.id)[:n]


def approvals_of(answers: Sequence[Answer]) -> Approvals:
    """The figures of a measurement, finished or not."""
    poems = list(dict.fromkeys(answer.poem for answer in answers))
    said = {(answer.poem, answer.kind): float(answer.said == "approve") for answer in answers}
    shares = {kind: [said.get((poem, kind)) for poem in poems] for kind in get_args(Kind)}
    bad = [_mean([said.get((poem, kind)) for kind in get_args(Kind)[1:]]) for poem in poems]
    means = {kind: mean_of(values) for kind, values in shares.items()}
    return Approvals(shares=means, difference=difference_of(shares["as written"], bad))


def measure(
    settings: RevisionSettings, educator: Sampler, poems: Sequence[Poem], *,
    on_answer: Callable[[int, int], None] = lambda done, of: None, cancelled: Cancelled = never,
) -> Approvals:  # fmt: skip
    """Asks the educator for a critique of every poem in every kind, those left out that it was asked before.

    Args:
        settings: of sessions; the educator's voice, guidance, sampling and seed count here.
        educator: answers.
        poems: that it is shown.
        on_answer: told after each answer how many there are, of how many.
        cancelled: asked between and within answers; what was answered is kept.

    Raises:
        EngineError: the educator failed; what it answered before is kept.
        StoreError: the answers cannot be kept.
    """
    file, digest = written(record_of(settings.educator)), _digest(settings)
    known = {(answer.poem, answer.kind) for answer in _answers(settings)}
    planted = [(poem, kind) for poem in poems for kind in get_args(Kind)]
    try:
        for number, (poem, kind) in enumerate(planted, 1):
            if (poem.id, kind) not in known:
                critique = _critique(settings, _draft(poem, kind), educator, cancelled)
                if critique is None:
                    break
                answer = Answer(poem=poem.id, kind=kind, said=critique.said, persona=digest, seed=settings.seed)
                append_json(file, answer)
            on_answer(number, len(planted))
    finally:
        found = approvals_of(_answers(settings))
        write_json(written(_finding_of(settings)), Finding(tell_apart=found.tell_apart, sentence=found.sentence))
    return found


def as_measured(settings: RevisionSettings, *, engine: str = "") -> RevisionSettings:
    """The settings, without verdicts where the educator's approvals were measured and tell nothing.

    One that was never measured is believed, but for a small model without an adapter: it keeps no format, let alone
    a standard.

    Args:
        settings: of a session.
        engine: the educator's engine name, where the settings call it by another.
    """
    educator = engine or settings.educator
    file = located(_finding_of(replace(settings, educator=educator)))
    try:
        tell_apart = Finding(**json.loads(file.read_text("utf-8"))).tell_apart
    except (OSError, ValueError, TypeError):
        tell_apart = None  # never measured
    return replace(settings, verdict_counts=not is_untaught(educator) if tell_apart is None else tell_apart)


def record_of(educator: str) -> Path:
    """The file of an educator's answers.

    >>> record_of("built-in+models/educator").name
    'built-in-models-educator-d0583897.jsonl'
    """
    name = parse_engine(educator)
    adapter = as_typed(located(name.adapter).absolute()) if name.adapter else ""
    whole = str(replace(name, adapter=adapter))
    return FOLDER / f"{re.sub(r'[^a-z0-9]+', '-', whole.lower()).strip('-')[-60:]}-{content_id(whole)[:8]}.jsonl"


# ---------------------------------------------------------------- private


def _finding_of(settings: RevisionSettings) -> Path:
    return record_of(settings.educator).with_suffix(f".{_digest(settings)}.json")


def _answers(settings: RevisionSettings) -> list[Answer]:
    rows = json_lines(located(record_of(settings.educator)))
    return [Answer(**row) for row in rows if row["persona"] == _digest(settings)]


def _digest(settings: RevisionSettings) -> str:
    return content_id(load_persona(settings.persona))[:8]


def _draft(poem: Poem, kind: Kind) -> Draft:
    text = spoiled(poem.text, kind)
    return Draft(
        id=content_id("planted", kind, text), number=0, title=spoiled(poem.title, kind), text=text, parent_id="",
        critique_id="", author="person", engine="", prompt_digest="", seed=0,
    )  # fmt: skip


def _critique(settings: RevisionSettings, draft: Draft, educator: Sampler, cancelled: Cancelled) -> Critique | None:
    """None = it was stopped."""

    def unusable(rejected: Rejected) -> Exchange[None]:
        yield from ()

    exchange = Pieces(settings, draft.id, on_rejected=unusable).critique(draft, _NO_BRIEF, direction="")
    reply: Reply | None = None
    try:
        while True:
            asked = exchange.send(reply)
            reply = answer_ask(asked, educator, cancelled) if isinstance(asked, Ask) else None
    except StopIteration as end:
        return cast("Critique", end.value)
    except Ended as end:
        if end.reason is StopReason.CANCELLED:
            return None
        raise EngineError(f"{settings.educator} gave no critique: {end}") from end


def _mean(values: Sequence[float | None]) -> float | None:
    found = [value for value in values if value is not None]
    return sum(found) / len(found) if len(found) == len(values) else None
