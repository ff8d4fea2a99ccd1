"""Writes a poem line by line; only lines that keep the form are committed. Goes back where nothing fits.

    slots ─▶ for each line: which words may close it ─▶ line search ─▶ the best is committed, the next best are kept
             nothing fits twice ─▶ back to the line that set the rhyme, on with its next best

The same seed gives the same poem on one machine. `check_form` has the last word and is never bent to the decoder.
"""

from dataclasses import replace

from workbench.engines.protocols import Cancelled, TokenModel, never
from workbench.prosody import check_form
from workbench.prosody.deviations import Severity
from workbench.types import seed_for
from workbench.writing.poem_search import CannotWriteError, OnLine, PoemSearch, WritingTask, trunks_of
from workbench.writing.rhyme_table import RhymeTable
from workbench.writing.settings import WritingSettings
from workbench.writing.trunks import Trunks
from workbench.writing.types import Slot, Written

_TRIES = 3  # poems written before a form that was not kept is handed over with its faults


def write_poem(
    model: TokenModel, table: RhymeTable, task: WritingTask, settings: WritingSettings, *,
    on_line: OnLine = lambda _, __: None, cancelled: Cancelled = never,
) -> Written:  # fmt: skip
    """The best of `settings.best_of` poems; each keeps the form, or says where it does not.

    Args:
        model: gives logits; one poem at a time.
        table: of the model's vocabulary.
        task: what to write.
        settings: how.
        on_line: called with each line as it is committed, and again from an earlier number where the poem goes back.
        cancelled: asked before every token.

    Raises:
        CannotWriteError: no line fits; nothing is half done.
        Stopped: `cancelled` said so.
    """
    before = model.n_rows
    poems, trunks = [], trunks_of(model, task, settings)
    for number in range(settings.best_of):
        seed = task.seed if not number else seed_for(task.seed, "poem", str(number))
        poems.append(_kept_poem(model, table, replace(task, seed=seed), settings, trunks, on_line, cancelled))
    written, _ = max(poems, key=lambda pair: (pair[0].is_kept, pair[1]))
    return replace(written, seed=task.seed, n_tokens=model.n_rows - before)


def _kept_poem(
    model: TokenModel, table: RhymeTable, task: WritingTask, settings: WritingSettings, trunks: Trunks,
    on_line: OnLine, cancelled: Cancelled,
) -> tuple[Written, float]:  # fmt: skip
    """A poem whose form `check_form` finds kept, within a few tries; and its worth beside other poems."""
    for attempt in range(_TRIES):
        seed = task.seed if not attempt else seed_for(task.seed, "again", str(attempt))
        poem = PoemSearch(model, table, replace(task, seed=seed), settings, trunks=trunks)
        try:
            poem.write(on_line, cancelled)
        except CannotWriteError:
            if attempt + 1 == _TRIES or any(_is_bound(slot) for slot in task.slots):
                raise
            continue  # a rhyme that was chosen first may have too few others
        text = poem.text
        found = check_form(text, task.form).deviations if task.form else ()
        faults = tuple(each.sentence for each in found if each.severity is Severity.FAULT)
        if not faults or any(slot.text for slot in task.slots):
            break
    written = Written(
        title=task.title, text=text, form=task.form, subject=task.subject, seed=task.seed, model=task.model,
        faults=faults, notes=tuple(each.sentence for each in found if each.severity is Severity.NOTE),
        is_enforced=bool(task.form), runners_up_L=tuple(poem.runners_up), n_tokens=0,
        n_returns=poem.n_returns,
    )  # fmt: skip
    return written, poem.worth


def _is_bound(slot: Slot) -> bool:
    """Whether a person's own words or letters are in the way, whatever the seed."""
    return bool(slot.text or slot.end_word or slot.holds or slot.initial)
