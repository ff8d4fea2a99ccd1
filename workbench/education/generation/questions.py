"""What a model is asked to fill a row: the inputs of each task, its questions in order, and how each answer is read.

Inputs are rows whose answers are still empty. Most tasks are one question, worded as when the model is used. A
dialogue is three: critique, revision, second critique. The briefs of pairs are asked for with the poem in hand
(`config/prompts/pair.chat.txt`).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from workbench.education.gates.cases import lines_of, read_strictly
from workbench.education.generation import written
from workbench.education.rows import Personas, ask_critique_of
from workbench.education.types import Library, Provenance, Row
from workbench.errors import InputError
from workbench.prompts import roles
from workbench.prompts.templates import load_prompt
from workbench.prosody import FORMS, check_form, scheme
from workbench.revision.brief_text import with_labels
from workbench.revision.critique_text import parse_critique, write_critique
from workbench.revision.grammars import brief_grammar, critique_grammar
from workbench.revision.replies import parse_poem_reply
from workbench.types import Poem, Prompt, content_id, seed_for

_STRONGER = re.compile(r"STRONGER\W{1,6}([AB])\W*$")
_ANY_LINE = 10_000  # whether a line exists is for the gates


_REQUEST = re.compile(r"^[\W\d]*REQUEST\W*:[*_]*\s*(?P<request>\S.*)$", re.MULTILINE | re.IGNORECASE)


_END_WORDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One question about a row."""

    ask: Callable[[Row, tuple[Poem, ...], Personas], Prompt]
    read: Callable[[Row, str], Row]  # the row with what the answer says; what it does not say stays empty
    role: str = "educator"
    grammar: Callable[[Row, tuple[Poem, ...]], str] = lambda _, __: ""  # that holds its shape where an engine can
    is_whole: Callable[[Row], bool] = lambda _: True  # whether the next question can be asked


def steps_of(task: str) -> tuple[Step, ...]:
    """The questions of a task."""
    return _STEPS[task]


def ask_step(step: Step, row: Row, library: Library, personas: Personas) -> Prompt:
    """The prompt of one question."""
    return step.ask(row, library.of(row), personas)


def inputs_of(task: str, library: Library, rows: Sequence[Row], *, seed: int, limit: int = 0) -> list[Row]:
    """Inputs of a task in an order drawn by the seed.

    Args:
        task: its name.
        library: the poems that may be asked about.
        rows: sound rows that are there already: their critiques, requests and questions are asked about too.
        seed: decides order, pairs and their order.
        limit: so many; 0 = all.

    Raises:
        InputError: there is nothing to ask about.
    """
    found = _MAKERS[task](library, rows, seed)
    distinct = {row.id: row for row in found}
    ordered = sorted(distinct.values(), key=lambda row: content_id("input", str(seed), row.id))
    if not ordered:
        raise InputError(
            f"nothing to ask about for the task {task}: it wants poems, or rows of other tasks, to start from"
        )
    return ordered[: limit or None]


# ---------------------------------------------------------------- questions


def _ask_critique(_: Row, poems: tuple[Poem, ...], personas: Personas) -> Prompt:
    return ask_critique_of(poems[0], personas)


def _ask_follow_up(row: Row, _: tuple[Poem, ...], personas: Personas) -> Prompt:
    return ask_critique_of(Poem(title=row.revised_title, text=row.revised_poem), personas)


def _ask_revise(row: Row, poems: tuple[Poem, ...], personas: Personas) -> Prompt:
    poem = poems[0]
    return roles.ask_revise(poem.title, poem.text, brief_text="", critique=row.critique, poet=personas.poet)


def _ask_revision_brief(row: Row, poems: tuple[Poem, ...], personas: Personas) -> Prompt:
    poem = poems[0]
    return roles.ask_revision_brief(poem.title, poem.text, critique=row.critique, mentor=personas.mentor)


def _ask_comparison(_: Row, poems: tuple[Poem, ...], personas: Personas) -> Prompt:
    a, b = poems
    return roles.ask_comparison((a.title, a.text), (b.title, b.text), mentor=personas.mentor)


def _ask_autopsy(_: Row, poems: tuple[Poem, ...], personas: Personas) -> Prompt:
    return roles.ask_autopsy(poems[0].title, poems[0].text, mentor=personas.mentor)


def _ask_pair(_: Row, poems: tuple[Poem, ...], personas: Personas) -> Prompt:
    shown = roles.numbered(poems[0].title, poems[0].text)
    return load_prompt("pair").fill(mentor=personas.mentor, poem=shown)


def _brief_shape(_: Row, __: tuple[Poem, ...]) -> str:
    return brief_grammar()


def _critique_shape(row: Row, poems: tuple[Poem, ...]) -> str:
    """Of the poem that is asked about: the one written for the row where there is one."""
    text = row.revised_poem or poems[0].text
    return critique_grammar([line for line in text.split("\n") if line.strip()])


# ---------------------------------------------------------------- answers


def _text(row: Row, answer: str) -> Row:
    return replace(row, text=answer)


def _brief(row: Row, answer: str) -> Row:
    return replace(row, text=with_labels(answer))


def _critique(row: Row, answer: str) -> Row:
    return replace(row, text=_as_trained(answer))


def _as_trained(answer: str) -> str:
    """A critique that came in another shape, in the trained one; as it is where anything would be lost."""
    found = parse_critique(answer, n_lines=_ANY_LINE)
    is_whole = found.strongest and (found.items or found.verdict == "approve") and not found.dropped
    return write_critique(found) if is_whole and read_strictly(answer).complaints else answer


def _own_critique(row: Row, answer: str) -> Row:
    return replace(row, critique=_as_trained(answer))


def _verdict(row: Row, answer: str) -> Row:
    answer = _as_trained(answer)
    return replace(row, text=answer, verdict=row.verdict or read_strictly(answer).verdict)


def _choice(row: Row, answer: str) -> Row:
    found = _STRONGER.search(answer)
    return replace(row, text=answer, stronger=found[1] if found else "")


def _revised(row: Row, answer: str) -> Row:
    reply = parse_poem_reply(answer)
    return replace(row, revised_title=reply.title, revised_poem=reply.text)


def _pair(row: Row, answer: str) -> Row:
    found = _REQUEST.search(answer)
    brief = answer[found.end() :].strip() if found else ""
    return replace(row, request=found["request"].strip("* ") if found else "", brief=with_labels(brief))


def _about(task: str, poems: Sequence[Poem], **fields: str) -> list[Row]:
    return [Row(task=task, poem=poem.title, provenance=Provenance(parents=(poem.id,)), **fields) for poem in poems]  # type: ignore[arg-type]  # fields are texts


def _bad(library: Library) -> list[Poem]:
    return [poem for poem in library.by_title.values() if poem.failure]


def _revision_briefs(_: Library, rows: Sequence[Row], __: int) -> list[Row]:
    critics = [row for row in rows if row.task in ("critique", "rejection")]
    return [Row(task="revision_brief", poem=row.poem, critique=row.text, provenance=Provenance(parents=(row.id,)))
            for row in critics]  # fmt: skip


def _comparisons(library: Library, _: Sequence[Row], seed: int) -> list[Row]:
    """Each failed poem beside the sound one nearest to it in length; which comes first is drawn."""
    pairs = []
    for poem in _bad(library):
        near = min(
            library.good, key=lambda other: (abs(len(other.text) - len(poem.text)), content_id(other.id, poem.id))
        )
        a, b = (poem, near) if Random(seed_for(seed, "pair", poem.id)).random() < 0.5 else (near, poem)  # noqa: S311 - no secret
        told = Provenance(parents=(a.id, b.id))
        pairs.append(Row(task="comparison", poem_a=a.title, poem_b=b.title, provenance=told))
    return pairs


def _briefs(_: Library, rows: Sequence[Row], __: int) -> list[Row]:
    return [
        Row(task="brief", request=row.request, provenance=Provenance(parents=(row.id,))) for row in rows if row.request
    ]


def _lessons(_: Library, rows: Sequence[Row], __: int) -> list[Row]:
    asked = [row for row in rows if row.question]
    return [Row(task="lesson", question=row.question, provenance=Provenance(parents=(row.id,))) for row in asked]


def _rhyme_pairs(library: Library, _: Sequence[Row], seed: int) -> list[Row]:
    """Sound poems in rhyming forms, with the scheme that they keep and some of their end words."""
    rhyming = {form.name for form in FORMS if form.rhyme.strip(".")}
    pairs = []
    for poem in library.good:
        check = check_form(poem.text, poem.form) if poem.form in rhyming else None
        if check is None or not check.passed or not lines_of(poem):
            continue
        heard = scheme(poem.text.split("\n"))
        ends = list(dict.fromkeys(word for pair in heard.pairs for word in (heard.end_words[pair.first],) if word))
        drawn = Random(seed_for(seed, "ends", poem.id)).sample(ends, min(_END_WORDS, len(ends)))  # noqa: S311 - no secret
        told = Provenance(parents=(poem.id,))
        pairs.append(Row(task="rhyme_pair", poem=poem.title, form=poem.form, scheme=check.scheme,
                         end_words=tuple(drawn), provenance=told))  # fmt: skip
    return pairs


_CRITIQUE = (Step(ask=_ask_critique, read=_critique, grammar=_critique_shape),)


_JUDGEMENT = (Step(ask=_ask_critique, read=_verdict, grammar=_critique_shape),)


_PAIR = (Step(ask=_ask_pair, read=_pair),)


_WRITTEN = (
    Step(
        ask=lambda row, _, personas: roles.ask_brief(row.request, mentor=personas.mentor),
        read=lambda row, answer: replace(row, brief=with_labels(answer)),
        is_whole=lambda row: bool(row.brief.strip()),
        grammar=_brief_shape,
    ),
    Step(ask=written.ask_poem, read=written.read_poem, role="poet", is_whole=lambda row: row.written is not None),
    Step(ask=_ask_critique, read=_own_critique, grammar=_critique_shape),
)


_STEPS: dict[str, tuple[Step, ...]] = {
    "critique": _CRITIQUE,
    "approval": _JUDGEMENT,
    "rejection": _JUDGEMENT,
    "revision_brief": (Step(ask=_ask_revision_brief, read=_text),),
    "comparison": (Step(ask=_ask_comparison, read=_choice),),
    "brief": (
        Step(
            ask=lambda row, _, personas: roles.ask_brief(row.request, mentor=personas.mentor),
            read=_brief,
            grammar=_brief_shape,
        ),
    ),
    "autopsy": (Step(ask=_ask_autopsy, read=_text),),
    "lesson": (Step(ask=lambda row, _, personas: roles.ask_lesson(row.question, mentor=personas.mentor), read=_text),),
    "dialogue": (
        Step(ask=_ask_critique, read=_own_critique, grammar=_critique_shape),
        Step(ask=_ask_revise, read=_revised, role="poet"),
        Step(
            ask=_ask_follow_up,
            read=lambda row, answer: replace(row, follow_up=_as_trained(answer)),
            grammar=_critique_shape,
        ),
    ),
    "poet_pair": _PAIR,
    "rhyme_pair": _PAIR,
    written.POEM: _WRITTEN,
    written.RHYME: _WRITTEN,
}


_Maker = Callable[[Library, Sequence[Row], int], list[Row]]


_MAKERS: dict[str, _Maker] = {
    "critique": lambda library, _, __: _about("critique", list(library.by_title.values())),
    "approval": lambda library, _, __: _about("approval", library.good, verdict="approve"),
    "rejection": lambda library, _, __: _about("rejection", _bad(library)),
    "revision_brief": _revision_briefs,
    "comparison": _comparisons,
    "brief": _briefs,
    "autopsy": lambda library, _, __: _about("autopsy", _bad(library)),
    "lesson": _lessons,
    "dialogue": lambda library, _, __: _about("dialogue", list(library.by_title.values())),
    "poet_pair": lambda library, _, __: _about("poet_pair", library.good),
    "rhyme_pair": _rhyme_pairs,
    written.POEM: lambda _, rows, __: written.open_poems(rows),
    written.RHYME: lambda _, rows, __: written.open_rhymes(rows),
}
