"""Rows → chat examples: each row becomes what its learner will be asked in use, and the answer it should give.

The questions are made by `prompts.roles`, which revision, server and app call too. A dialogue teaches three things:
its critique and its second critique to the educator, its revision to the poet. The brief of a pair also teaches the
educator to write briefs, and a rhyme pair also teaches the poet, who gets the brief without the scheme.
"""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.education.types import ChatExample, Library, Row
from workbench.prompts import roles
from workbench.prompts.templates import poem_target
from workbench.prosody import prosody_report
from workbench.types import Poem, Prompt

#: The prompt files that each task is asked with.
PROMPTS = ("critique", "revision_brief", "comparison", "brief", "autopsy", "lesson", "draft", "revise", "rhyme_draft")


@dataclass(frozen=True, slots=True, kw_only=True)
class Personas:
    """What the prompts say besides the row."""

    mentor: str  # text of the persona
    poet: str
    report_chars: int = 0  # of the prosody report that a critique is asked with; 0 = none


def examples_of(row: Row, library: Library, personas: Personas) -> list[ChatExample]:
    """What one sound row teaches.

    Args:
        row: of any task; its poems are in the library.
        library: the poems.
        personas: how educator and poet are addressed, and the size of the report.
    """
    poems = library.of(row)
    pairs = _MAKERS[row.task](row, poems, personas)
    return [
        ChatExample(
            task=task,
            learner=learner,
            messages=prompt,
            target=target.strip(),
            poem_ids=tuple(poem.id for poem in poems),
            row_id=row.id,
            provenance=row.provenance,
        )
        for task, learner, prompt, target in pairs
    ]


_Pairs = list[tuple[str, str, Prompt, str]]  # task, learner, prompt, target
_Maker = Callable[[Row, tuple[Poem, ...], Personas], _Pairs]


def _critique(row: Row, poems: tuple[Poem, ...], personas: Personas) -> _Pairs:
    return [(row.task, "educator", ask_critique_of(poems[0], personas), row.text)]


def _revision_brief(row: Row, poems: tuple[Poem, ...], personas: Personas) -> _Pairs:
    poem = poems[0]
    prompt = roles.ask_revision_brief(poem.title, poem.text, critique=row.critique, mentor=personas.mentor)
    return [(row.task, "educator", prompt, row.text)]


def _comparison(row: Row, poems: tuple[Poem, ...], personas: Personas) -> _Pairs:
    a, b = poems
    prompt = roles.ask_comparison((a.title, a.text), (b.title, b.text), mentor=personas.mentor)
    return [(row.task, "educator", prompt, row.text)]


def _brief(row: Row, _: tuple[Poem, ...], personas: Personas) -> _Pairs:
    return [(row.task, "educator", roles.ask_brief(row.request, mentor=personas.mentor), row.text)]


def _autopsy(row: Row, poems: tuple[Poem, ...], personas: Personas) -> _Pairs:
    prompt = roles.ask_autopsy(poems[0].title, poems[0].text, mentor=personas.mentor)
    return [(row.task, "educator", prompt, row.text)]


def _lesson(row: Row, _: tuple[Poem, ...], personas: Personas) -> _Pairs:
    return [(row.task, "educator", roles.ask_lesson(row.question, mentor=personas.mentor), row.text)]


def _dialogue(row: Row, poems: tuple[Poem, ...], personas: Personas) -> _Pairs:
    poem, revised = poems[0], Poem(title=row.revised_title, text=row.revised_poem)
    revise = roles.ask_revise(poem.title, poem.text, brief_text="", critique=row.critique, poet=personas.poet)
    return [
        (row.task, "educator", ask_critique_of(poem, personas), row.critique),
        (row.task, "educator", ask_critique_of(revised, personas), row.follow_up),
        (row.task, "poet", revise, poem_target(revised)),
    ]


def _poet_pair(row: Row, poems: tuple[Poem, ...], personas: Personas) -> _Pairs:
    prompt = roles.ask_draft(row.brief, poet=personas.poet)
    return [(row.task, "poet", prompt, poem_target(poems[0])), _brief_of(row, personas)]


def _rhyme_pair(row: Row, poems: tuple[Poem, ...], personas: Personas) -> _Pairs:
    ends = ", ".join(row.end_words)
    prompt = roles.ask_rhyme_draft(row.brief, form=row.form, scheme=row.scheme, end_words=ends, poet=personas.poet)
    target = poem_target(poems[0])
    plain = (row.task, "poet", roles.ask_draft(row.brief, poet=personas.poet), target)  # its brief alone, for the poet
    return [(row.task, "rhyme poet", prompt, target), plain, _brief_of(row, personas)]


def _brief_of(row: Row, personas: Personas) -> tuple[str, str, Prompt, str]:
    return "brief", "educator", roles.ask_brief(row.request, mentor=personas.mentor), row.brief


def ask_critique_of(poem: Poem, personas: Personas) -> Prompt:
    """A critique as revision asks for it: with the measured facts."""
    report = prosody_report(poem.text).to_prompt(personas.report_chars) if personas.report_chars else ""
    return roles.ask_critique(poem.title, poem.text, report=report, mentor=personas.mentor)


_MAKERS: dict[str, _Maker] = {
    "critique": _critique,
    "approval": _critique,
    "rejection": _critique,
    "revision_brief": _revision_brief,
    "comparison": _comparison,
    "brief": _brief,
    "autopsy": _autopsy,
    "lesson": _lesson,
    "dialogue": _dialogue,
    "poet_pair": _poet_pair,
    "rhyme_pair": _rhyme_pair,
}
