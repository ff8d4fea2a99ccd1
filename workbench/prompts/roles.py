"""What educator and poet are asked, in one place: training builds its examples with the very functions that use calls.

The wording lies in `config/prompts/*.chat.txt`, the voices in `config/personas/`. A part that is empty (no brief, no
report, no direction) leaves no trace in the prompt. `mentor` and `poet` are the text of a persona.
"""

import re
from pathlib import Path

from workbench.errors import ConfigError
from workbench.places import ROOT
from workbench.prompts.templates import load_prompt, poem_target
from workbench.types import Poem, Prompt, content_id

PERSONAS = ROOT / "config" / "personas"


def load_persona(name: str, *, folder: Path = PERSONAS) -> str:
    """The text of a persona: mentor, mentor_short, poet, or a file of your own in the folder.

    Raises:
        ConfigError: there is no such file; the message names those that exist.
    """
    path = folder / f"{name}.txt"
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", name) or not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.txt")))
        raise ConfigError(f"no persona {name!r} in {folder}; there are {known}")
    return path.read_text(encoding="utf-8").strip()


def voice_for(persona: str, style: str) -> str:
    r"""A poet's persona with the style note of the person that it writes for, where there is one.

    >>> voice_for("You are a poet.", "Keep lines near 6 words.")
    'You are a poet.\n\nThe person you write for asks: Keep lines near 6 words.'
    """
    return f"{persona}\n\nThe person you write for asks: {style.strip()}" if style.strip() else persona


def prompt_id(prompt: Prompt) -> str:
    """Content identity of a prompt as it was asked."""
    return content_id(*(part for message in prompt for part in (message.role, message.content)))


def numbered(title: str, text: str) -> str:
    r"""How a poem is shown to the educator: its non-empty lines counted from 1, stanzas separated by an empty line.

    >>> print(numbered("Ferry", "The rope is wet.\n\nNobody waves."))
    Title: Ferry
     1  The rope is wet.
    <BLANKLINE>
     2  Nobody waves.
    """
    shown, number = [f"Title: {title}" if title else "(no title)"], 0
    for line in text.strip("\n").split("\n"):
        if line.strip():
            number += 1
            shown.append(f"{number:>2}  {line.rstrip()}")
        elif shown[-1]:
            shown.append("")
    return "\n".join(shown)


# ---------------------------------------------------------------- the educator


def ask_brief(request: str, *, mentor: str, by_example: bool = False) -> Prompt:
    """A brief out of a user's request."""
    return load_prompt(_name("brief", by_example)).fill(mentor=mentor, request=request)


def ask_critique(
    title: str, text: str, *, mentor: str, brief_text: str = "", report: str = "", direction: str = "",
    by_example: bool = False,
) -> Prompt:  # fmt: skip
    """A critique of a draft; `report` holds the measured facts, `direction` what a person asked for this round."""
    return load_prompt(_name("critique", by_example)).fill(
        mentor=mentor,
        brief=_part("The brief was:\n", brief_text),
        poem=numbered(title, text),
        report=_part("Measured, and true: ", report),
        direction=_part("Its reader asks: ", direction),
    )


def ask_revision_brief(title: str, text: str, *, critique: str, mentor: str) -> Prompt:
    """A few sentences that tell the poet what to do about a critique."""
    return load_prompt("revision_brief").fill(mentor=mentor, poem=numbered(title, text), critique=critique)


def ask_final_note(title: str, text: str, *, mentor: str) -> Prompt:
    """The last word on a finished poem."""
    return load_prompt("final_note").fill(mentor=mentor, poem=numbered(title, text))


def ask_autopsy(title: str, text: str, *, mentor: str) -> Prompt:
    """Why a poem failed."""
    return load_prompt("autopsy").fill(mentor=mentor, poem=numbered(title, text))


def ask_comparison(a: tuple[str, str], b: tuple[str, str], *, mentor: str) -> Prompt:
    """Which of two poems, each (title, text), is the stronger."""
    return load_prompt("comparison").fill(mentor=mentor, poem_a=numbered(*a), poem_b=numbered(*b))


def ask_lesson(question: str, *, mentor: str) -> Prompt:
    """A lesson on a question of craft."""
    return load_prompt("lesson").fill(mentor=mentor, question=question)


# ---------------------------------------------------------------- the poet


def ask_draft(brief_text: str, *, poet: str, request: str = "", by_example: bool = False) -> Prompt:
    """A first draft out of a brief; the user's `request` is only for models that were never taught to read one."""
    return load_prompt(_name("draft", by_example)).fill(poet=poet, brief=brief_text, request=request)


def ask_revise(
    title: str, text: str, *, brief_text: str, critique: str, poet: str, direction: str = "", request: str = "",
    by_example: bool = False,
) -> Prompt:  # fmt: skip
    """The next draft; without `critique` and `direction` it is the control, a plain second try."""
    return load_prompt(_name("revise", by_example)).fill(
        poet=poet,
        request=request,
        brief=_part("", brief_text),
        poem=numbered(title, text),
        answer=poem_target(Poem(title=title, text=text)),
        critique=_part("The mentor says:\n", critique),
        direction=_part("The reader asks: ", direction),
    )


def ask_rhyme_draft(brief_text: str, *, form: str, scheme: str, end_words: str, poet: str) -> Prompt:
    """A draft in a rhyming form, with words that end lines given."""
    return load_prompt("rhyme_draft").fill(
        poet=poet, brief=brief_text, form=form, scheme=scheme, end_words=end_words or "yours to find"
    )


def _name(name: str, by_example: bool) -> str:
    """The prompt that shows an example first is for models that were never taught the format."""
    return f"{name}_by_example" if by_example else name


def _part(label: str, text: str) -> str:
    """A labelled part with the empty line after it; nothing where there is no text."""
    return f"{label}{text.strip()}\n\n" if text.strip() else ""
