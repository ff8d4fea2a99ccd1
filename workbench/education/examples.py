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
class Voices:
    """What stands in the prompts besides the row."""

    mentor: str  # text of the persona
    poet: str
    report_chars: int = 0  # of the prosody report that a critique is asked with; 0 = none


def examples_of(row: Row, library: Library, voices: Voices) -> list[ChatExample]:
    """What one sound row teaches.

    Args:
        row: of any task; its poems are in the library.
        library: the poems.
        voices: personas and the size of the report.
    """
    poems = library.of(row)
    pairs = _MAKERS[row.task](row, poems, voices)
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
_Maker = Callable[[Row, tuple[Poem, ...], Voices], _Pairs]


def _critique(row: Row, poems: tuple[Poem, ...], voices: Voices) -> _Pairs:
    return [(row.task, "educator", ask_critique_of(poems[0], voices), row.text)]


def _revision_brief(row: Row, poems: tuple[Poem, ...], voices: Voices) -> _Pairs:
    poem = poems[0]
    prompt = roles.ask_revision_brief(poem.title, poem.text, critique=row.critique, mentor=voices.mentor)
    return [(row.task, "educator", prompt, row.text)]


def _comparison(row: Row, poems: tuple[Poem, ...], voices: Voices) -> _Pairs:
    a, b = poems
    prompt = roles.ask_comparison((a.title, a.text), (b.title, b.text), mentor=voices.mentor)
    return [(row.task, "educator", prompt, row.text)]


def _brief(row: Row, _: tuple[Poem, ...], voices: Voices) -> _Pairs:
    return [(row.task, "educator", roles.ask_brief(row.request, mentor=voices.mentor), row.text)]


def _autopsy(row: Row, poems: tuple[Poem, ...], voices: Voices) -> _Pairs:
    prompt = roles.ask_autopsy(poems[0].title, poems[0].text, mentor=voices.mentor)
    return [(row.task, "educator", prompt, row.text)]


def _lesson(row: Row, _: tuple[Poem, ...], voices: Voices) -> _Pairs:
    return [(row.task, "educator", roles.ask_lesson(row.question, mentor=voices.mentor), row.text)]


def _dialogue(row: Row, poems: tuple[Poem, ...], voices: Voices) -> _Pairs:
    poem, revised = poems[0], Poem(title=row.revised_title, text=row.revised_poem)
    revise = roles.ask_revise(poem.title, poem.text, brief_text="", critique=row.critique, poet=voices.poet)
    return [
        (row.task, "educator", ask_critique_of(poem, voices), row.critique),
        (row.task, "educator", ask_critique_of(revised, voices), row.follow_up),
        (row.task, "poet", revise, poem_target(revised)),
    ]


def _poet_pair(row: Row, poems: tuple[Poem, ...], voices: Voices) -> _Pairs:
    prompt = roles.ask_draft(row.brief, poet=voices.poet)
    return [(row.task, "poet", prompt, poem_target(poems[0])), _brief_of(row, voices)]


def _rhyme_pair(row: Row, poems: tuple[Poem, ...], voices: Voices) -> _Pairs:
    ends = ", ".join(row.end_words)
    prompt = roles.ask_rhyme_draft(row.brief, form=row.form, scheme=row.scheme, end_words=ends, poet=voices.poet)
    target = poem_target(poems[0])
    plain = (row.task, "poet", roles.ask_draft(row.brief, poet=voices.poet), target)  # its brief alone, for the poet
    return [(row.task, "rhyme poet", prompt, target), plain, _brief_of(row, voices)]


def _brief_of(row: Row, voices: Voices) -> tuple[str, str, Prompt, str]:
    return "brief", "educator", roles.ask_brief(row.request, mentor=voices.mentor), row.brief


def ask_critique_of(poem: Poem, voices: Voices) -> Prompt:
    """A critique as revision asks for it: with the measured facts."""
    report = prosody_report(poem.text).to_prompt(voices.report_chars) if voices.report_chars else ""
    return roles.ask_critique(poem.title, poem.text, report=report, mentor=voices.mentor)


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
