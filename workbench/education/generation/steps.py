"""How a model fills a row: the questions of each task in their order, and what is read out of each answer.

Most tasks are one question, the one of use. A dialogue is three: critique, revision, second critique. The briefs of
pairs are asked for with the poem in hand (`config/prompts/pair.chat.txt`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from workbench.education.examples import Voices, ask_critique_of
from workbench.education.gates.critique_form import read_strictly
from workbench.education.types import Library, Row
from workbench.prompts import roles
from workbench.prompts.templates import load_prompt
from workbench.revision.replies import parse_poem_reply
from workbench.types import Poem, Prompt

_STRONGER = re.compile(r"STRONGER: ([AB])\s*$")
_REQUEST = re.compile(r"^REQUEST:\s*(?P<request>\S.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One question about a row."""

    ask: Callable[[Row, tuple[Poem, ...], Voices], Prompt]
    read: Callable[[Row, str], Row]  # the row with what the answer says; what it does not say stays empty
    role: str = "educator"


def steps_of(task: str) -> tuple[Step, ...]:
    """The questions of a task."""
    return _STEPS[task]


def ask_step(step: Step, row: Row, library: Library, voices: Voices) -> Prompt:
    """The prompt of one question."""
    return step.ask(row, library.of(row), voices)


# ---------------------------------------------------------------- questions


def _ask_critique(_: Row, poems: tuple[Poem, ...], voices: Voices) -> Prompt:
    return ask_critique_of(poems[0], voices)


def _ask_follow_up(row: Row, _: tuple[Poem, ...], voices: Voices) -> Prompt:
    return ask_critique_of(Poem(title=row.revised_title, text=row.revised_poem), voices)


def _ask_revise(row: Row, poems: tuple[Poem, ...], voices: Voices) -> Prompt:
    poem = poems[0]
    return roles.ask_revise(poem.title, poem.text, brief_text="", critique=row.critique, poet=voices.poet)


def _ask_revision_brief(row: Row, poems: tuple[Poem, ...], voices: Voices) -> Prompt:
    poem = poems[0]
    return roles.ask_revision_brief(poem.title, poem.text, critique=row.critique, mentor=voices.mentor)


def _ask_comparison(_: Row, poems: tuple[Poem, ...], voices: Voices) -> Prompt:
    a, b = poems
    return roles.ask_comparison((a.title, a.text), (b.title, b.text), mentor=voices.mentor)


def _ask_autopsy(_: Row, poems: tuple[Poem, ...], voices: Voices) -> Prompt:
    return roles.ask_autopsy(poems[0].title, poems[0].text, mentor=voices.mentor)


def _ask_pair(_: Row, poems: tuple[Poem, ...], voices: Voices) -> Prompt:
    shown = roles.numbered(poems[0].title, poems[0].text)
    return load_prompt("pair").fill(mentor=voices.mentor, poem=shown)


# ---------------------------------------------------------------- answers


def _text(row: Row, answer: str) -> Row:
    return replace(row, text=answer)


def _verdict(row: Row, answer: str) -> Row:
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
    return replace(row, request=found["request"].strip() if found else "", brief=brief)


_CRITIQUE = (Step(ask=_ask_critique, read=_text),)
_JUDGEMENT = (Step(ask=_ask_critique, read=_verdict),)
_PAIR = (Step(ask=_ask_pair, read=_pair),)
_STEPS: dict[str, tuple[Step, ...]] = {
    "critique": _CRITIQUE,
    "approval": _JUDGEMENT,
    "rejection": _JUDGEMENT,
    "revision_brief": (Step(ask=_ask_revision_brief, read=_text),),
    "comparison": (Step(ask=_ask_comparison, read=_choice),),
    "brief": (Step(ask=lambda row, _, voices: roles.ask_brief(row.request, mentor=voices.mentor), read=_text),),
    "autopsy": (Step(ask=_ask_autopsy, read=_text),),
    "lesson": (Step(ask=lambda row, _, voices: roles.ask_lesson(row.question, mentor=voices.mentor), read=_text),),
    "dialogue": (
        Step(ask=_ask_critique, read=lambda row, answer: replace(row, critique=answer)),
        Step(ask=_ask_revise, read=_revised, role="poet"),
        Step(ask=_ask_follow_up, read=lambda row, answer: replace(row, follow_up=answer)),
    ),
    "poet_pair": _PAIR,
    "rhyme_pair": _PAIR,
}
