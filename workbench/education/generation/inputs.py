"""What is asked about: for each task the rows with their inputs filled in and their answers still empty."""

from collections.abc import Callable, Sequence
from random import Random

from workbench.education.gates.cases import lines_of
from workbench.education.types import Library, Provenance, Row
from workbench.errors import InputError
from workbench.prosody import FORMS, check_form, scheme
from workbench.types import Poem, content_id, seed_for

_END_WORDS = 4


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


_Maker = Callable[[Library, Sequence[Row], int], list[Row]]


def _about(task: str, poems: Sequence[Poem], **fields: str) -> list[Row]:
    return [Row(task=task, poem=poem.title, provenance=Provenance(parents=(poem.id,)), **fields) for poem in poems]  # type: ignore[arg-type]  # fields are texts


def _bad(library: Library) -> list[Poem]:
    return [poem for poem in library.by_title.values() if poem.failure]


def _revision_briefs(_: Library, rows: Sequence[Row], __: int) -> list[Row]:
    critics = [row for row in rows if row.task in ("critique", "rejection")]
    return [Row(task="revision_brief", poem=row.poem, critique=row.text, provenance=Provenance(parents=(row.id,)))
            for row in critics]  # fmt: skip


def _comparisons(library: Library, _: Sequence[Row], seed: int) -> list[Row]:
    """Each failed poem beside the sound one nearest to it in length; which stands first is drawn."""
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
}
