"""What a person's own changes tell: training pairs, and a style note that is shown before a poet is told of it.

    the poet's draft → the person's version of it      an edit
    edit → pair     what the poet was asked, the person's version (chosen), the poet's draft (rejected)
    edits → habits  only what can be counted in the lines, each with its figures

An edit is a version that a person wrote or settled out of the poet's changes. A draft that was only brought back
teaches nothing here: its words are in the question already.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import InputError
from workbench.prompts.roles import ask_draft, ask_revise, load_persona
from workbench.prompts.templates import poem_target
from workbench.revision.alignment import align
from workbench.revision.brief_text import write_brief
from workbench.revision.critique_text import write_critique
from workbench.revision.types import Draft, LineChange, Round, Trace
from workbench.storage.atomic import disk_errors, write_file
from workbench.types import Poem, Prompt, content_id
from workbench.words import words_of

LEAST_LINES = 5  # changed lines that a habit of length has to show in
LEAST_TIMES = 3  # lines that a word or mark has to be taken out of
ONE_WAY = 0.75  # of the changed lines have to go the same way
_MARKS = {"!": "exclamation marks", "—": "dashes", ";": "semicolons", "…": "dots", "...": "dots"}
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A draft of the poet's, and what a person made of it."""

    session: str
    prompt: Prompt  # that the poet was asked
    poets: Draft
    persons: Draft
    changes: tuple[LineChange, ...]  # from the poet's lines to the person's


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """Something that a person's changes do again and again."""

    wish: str  # as the poet is told
    evidence: str  # what was counted


def edits_in(trace: Trace, *, poet: str = "poet") -> Iterator[Edit]:
    """The edits of a session, in order.

    Args:
        trace: the session.
        poet: persona of the poet.
    """
    by_id = {one.draft.id: one for one in trace.rounds}
    before: list[Draft] = []
    for last, one in zip(trace.rounds, trace.rounds[1:], strict=False):
        before.append(last.draft)
        is_edit = last.draft.author == "poet" and one.draft.author == "person"
        if is_edit and all(one.draft.text != earlier.text for earlier in before):
            changes = align(last.draft.lines, one.draft.lines, of=(last.draft.id, one.draft.id))
            prompt = _asked(trace, last, by_id.get(last.draft.parent_id), load_persona(poet))
            yield Edit(session=trace.id, prompt=prompt, poets=last.draft, persons=one.draft, changes=changes)


def pair_of(edit: Edit) -> dict[str, Any]:
    """An edit as a preference pair in the usual layout: prompt, chosen and rejected as chat messages."""
    poets, persons = (Poem(title=draft.title, text=draft.text) for draft in (edit.poets, edit.persons))
    return {
        "prompt": [{"role": message.role, "content": message.content} for message in edit.prompt],
        "chosen": [{"role": "assistant", "content": poem_target(persons)}],
        "rejected": [{"role": "assistant", "content": poem_target(poets)}],
        "session": edit.session,
    }


def habits_in(edits: Sequence[Edit]) -> list[Habit]:
    """What the edits have in common, as far as lines can be counted; nothing where there are too few of them."""
    changes = [change for edit in edits for change in edit.changes]
    found = [_length(changes), *_marks(changes), _words(changes), _adverbs(changes)]
    return [habit for habit in found if habit is not None]


def style_note(habits: Iterable[Habit]) -> str:
    """The habits as a poet is told them."""
    return " ".join(habit.wish for habit in habits)


def told_of(edits: Sequence[Edit], habits: Sequence[Habit]) -> str:
    """What was counted, for the person whose changes they are."""
    n_lines = sum(change.kind != "kept" for edit in edits for change in edit.changes)
    drafts = f"{len(edits)} draft{'s' if len(edits) != 1 else ''} of the poet's that you changed, {n_lines} lines"
    if not habits:
        return f"{drafts}: no habit shows yet. One is named when it shows in at least {LEAST_TIMES} lines."
    return f"{drafts}: " + " ".join(habit.evidence for habit in habits)


def write_pairs(folder: Path, edits: Sequence[Edit]) -> tuple[int, int]:
    """The pairs of the edits as train.jsonl and valid.jsonl, as `train` reads them; their numbers.

    About a fifth of the sessions is held out, by their names, so that a session stays on its side as others come.

    Raises:
        InputError: there are edits of fewer than two sessions.
        StoreError: the disk.
    """
    names = sorted({edit.session for edit in edits}, key=lambda name: content_id("held out", name))
    if len(names) < 2:
        raise InputError(
            f"{len(edits)} drafts of {len(names)} sessions were changed by hand; pairs need two sessions, one of "
            "them to measure by: change another poem's draft in the studio, or with revise --choose"
        )
    held = set(names[: max(1, len(names) // 5)])
    sides = {"train": [edit for edit in edits if edit.session not in held],
             "valid": [edit for edit in edits if edit.session in held]}  # fmt: skip
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for side, own in sides.items():
        lines = [json.dumps(pair_of(edit), ensure_ascii=False) + "\n" for edit in own]
        write_file(folder / f"{side}.jsonl", "".join(lines).encode("utf-8"))
    return len(sides["train"]), len(sides["valid"])


# ---------------------------------------------------------------- private


def _asked(trace: Trace, last: Round, parent: Round | None, voice: str) -> Prompt:
    """The question to which the poet's draft was the answer, in the wording that taught models know."""
    brief = write_brief(trace.brief) if trace.brief else ""
    if parent is None:
        return ask_draft(brief, poet=voice, request=trace.request)
    said = write_critique(parent.critique) if parent.critique else ""
    return ask_revise(
        parent.draft.title, parent.draft.text, brief_text=brief, critique=said, poet=voice, direction=last.direction,
        request=trace.request,
    )  # fmt: skip


def _length(changes: Sequence[LineChange]) -> Habit | None:
    sizes = [(len(words_of(one.before)), len(words_of(one.after))) for one in changes if one.kind == "edited"]
    shorter, longer = sum(a < b for b, a in sizes), sum(a > b for b, a in sizes)
    if max(shorter, longer) < max(LEAST_LINES, ONE_WAY * len(sizes)):
        return None
    before, after = (sum(size[side] for size in sizes) / len(sizes) for side in (0, 1))
    how, n = ("shorter", shorter) if shorter > longer else ("longer", longer)
    return Habit(
        wish=f"Keep lines near {after:.0f} words.",
        evidence=f"{n} of {len(sizes)} lines that you changed became {how}: {before:.1f} words, now {after:.1f}.",
    )


def _marks(changes: Sequence[LineChange]) -> Iterator[Habit]:
    for name in dict.fromkeys(_MARKS.values()):
        signs = [sign for sign, its_name in _MARKS.items() if its_name == name]
        out = sum(_has(one.before, signs) and not _has(one.after, signs) for one in changes)
        put = sum(_has(one.after, signs) and not _has(one.before, signs) for one in changes)
        if out >= LEAST_TIMES and out > 2 * put:
            yield Habit(wish=f"Use no {name}.", evidence=f"You took {name} out of {out} lines and put them into {put}.")


def _words(changes: Sequence[LineChange]) -> Habit | None:
    out, put = _moved_words(changes)
    often = [
        word for word, n in out.most_common()
        if n >= LEAST_TIMES and n > 2 * put[word] and len(word) > 3 and word not in _SMALL and not _is_adverb(word)
    ]  # fmt: skip
    if not often:
        return None
    counted = ", ".join(f"“{word}” ({out[word]})" for word in often[:_MOST_WORDS])
    return Habit(wish=f"Avoid these words: {', '.join(often[:_MOST_WORDS])}.",
                 evidence=f"Words that you took out, and in how many lines: {counted}.")  # fmt: skip


def _adverbs(changes: Sequence[LineChange]) -> Habit | None:
    out, put = (sum(n for word, n in words.items() if _is_adverb(word)) for words in _moved_words(changes))
    if out < LEAST_TIMES or out <= 2 * put:
        return None
    return Habit(wish="Use few adverbs in -ly.", evidence=f"You took out {out} adverbs in -ly and put in {put}.")


def _moved_words(changes: Sequence[LineChange]) -> tuple[Counter[str], Counter[str]]:
    """Words that lines lost and gained, with the number of lines."""
    out, put = Counter[str](), Counter[str]()
    for one in changes:
        before, after = ({word.folded for word in words_of(line)} for line in (one.before, one.after))
        out.update(before - after)
        put.update(after - before)
    return out, put


def _has(line: str, signs: Iterable[str]) -> bool:
    return any(sign in line for sign in signs)


def _is_adverb(word: str) -> bool:
    return bool(re.fullmatch(r"[a-z]{3,}ly", word)) and word not in _NO_ADVERBS


_SMALL_WORDS = """
about been from have into than that their them then there these they this were what when where which will with your
"""
#: Words in -ly that are none, and the commonest that a poem cannot do without.
_NO_ADVERB_WORDS = """
ally assembly belly bully butterfly chilly curly daily early family folly fully hilly holy jelly jolly july lily lonely
lovely only rally reply silly supply apply tally ugly woolly
"""
_SMALL, _NO_ADVERBS = frozenset(_SMALL_WORDS.split()), frozenset(_NO_ADVERB_WORDS.split())
