"""Poems that a model writes for education: from a wish, or from a form and a topic; its brief first, its critique last.

A row holds the whole chain: request, brief, poem, critique. A poem is taken only where the reader of replies is sure
that all of it is verse: what may be talk is never taught. Whether it keeps its form, and whether its critique is sound,
is for the gates. Asks nobody; `questions` puts these into steps.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from workbench.education.gates.cases import lines_of
from workbench.education.rows import Personas
from workbench.education.types import Provenance, Row
from workbench.errors import InputError
from workbench.prompts import roles
from workbench.prosody import FORMS, check_form, scheme
from workbench.revision.labels import title_from
from workbench.revision.replies import parse_poem_reply
from workbench.types import Poem, Prompt, seed_for

POEM, RHYME = "written_poem", "written_rhyme"
#: Rhyming forms that a poem is asked for in where none are named: short ones that most models know.
DEFAULT_FORMS = (
    "couplets", "quatrains ABAB", "quatrains AABB", "quatrains ABBA", "quatrains ABCB", "ballad", "limerick",
    "common meter", "terza rima", "triolet", "shakespearean sonnet", "villanelle",
)  # fmt: skip
_END_WORDS = 4  # that the rhyme poet is shown in training
_ABOUT = re.compile(r"^(?:please )?(?:write )?(?:me )?(?:an? |the )?(?:\w+ ){0,3}?(?:about|on|of|for) ", re.IGNORECASE)
_SCHEMES = {form.name: form.rhyme.partition("|")[0] for form in FORMS if form.rhyme.strip(".")}


def rows_of_forms(forms: Sequence[str], topics: Sequence[str]) -> list[Row]:
    """An open row for each form and topic.

    Args:
        forms: names of the registry; none = `DEFAULT_FORMS`.
        topics: what the poems are about, or whole wishes.

    Raises:
        InputError: a form that has no rhyme scheme.

    >>> rows_of_forms(["villanelle"], ["a poem about the night bus"])[0].request
    'a villanelle about the night bus'
    """
    for form in forms:
        if form not in _SCHEMES:
            raise InputError(f"{form!r} is not a form that rhymes; they are {', '.join(_SCHEMES)}")
    about = list(dict.fromkeys(_ABOUT.sub("", topic).rstrip(" .") for topic in topics))
    return [
        Row(task=RHYME, request=_wish(form, topic), form=form, scheme=_SCHEMES[form])
        for form in forms or DEFAULT_FORMS
        for topic in about
        if topic
    ]


def open_poems(rows: Sequence[Row]) -> list[Row]:
    """An open row for each wish that is in rows."""
    return [
        Row(task=POEM, request=row.request, provenance=Provenance(parents=(row.id,))) for row in rows if row.request
    ]


def open_rhymes(rows: Sequence[Row]) -> list[Row]:
    """The open rows that are there, or those of the wishes of other rows in the forms that most models know."""
    given = [row for row in rows if row.task == RHYME and not row.brief]
    return given or rows_of_forms((), [row.request for row in rows if row.request])


def ask_poem(row: Row, _: tuple[Poem, ...], personas: Personas) -> Prompt:
    """The poem of a brief, asked for in the same words as when the model is used."""
    if row.task == POEM:
        return roles.ask_draft(row.brief, poet=personas.poet)
    return roles.ask_rhyme_draft(row.brief, form=row.form, scheme=row.scheme, end_words="", poet=personas.poet)


def read_poem(row: Row, answer: str) -> Row:
    """The row with its poem; without one where the answer has none, or may have talk in it."""
    found = parse_poem_reply(answer, given=row.brief, form=row.form)
    if found.problem or any(remark.startswith("kept") for remark in found.remarks):
        return row
    poem = Poem(title=found.title or title_from(found.text), text=found.text)
    written = replace(row, revised_title=poem.title, revised_poem=poem.text)
    return _with_rhymes(written, poem) if row.task == RHYME else written


def _with_rhymes(row: Row, poem: Poem) -> Row:
    """The scheme that a poem keeps, and some of the words that rhyme, as the rhyme poet will be given them."""
    check = check_form(poem.text, row.form)
    heard = scheme(poem.text.split("\n"))
    ends = list(dict.fromkeys(heard.end_words[pair.first] for pair in heard.pairs if heard.end_words[pair.first]))
    drawn = Random(seed_for(0, "ends", poem.id)).sample(ends, min(_END_WORDS, len(ends)))  # noqa: S311 - no secret
    kept = check.scheme if check.passed and lines_of(poem) else row.scheme
    return replace(row, scheme=kept, end_words=tuple(drawn))


def _wish(form: str, topic: str) -> str:
    article = "" if form.startswith(("couplets", "quatrains", "triplets", "terza", "common")) else "a "
    return f"{article}{form} about {topic}"
