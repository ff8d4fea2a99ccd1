"""A poet that is opened and asked: which model, by which prompt, from a person's wishes to the poem on disk.

with open_poet(job) as poet:
written = poet.write(Wishes(subject="the first frost", form="haiku"))
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.engines.names import KEY
from workbench.engines.opening import Options, open_sampler
from workbench.engines.protocols import Cancelled, never
from workbench.engines.token_models import OpenedTokens, gives_logits, open_token_model
from workbench.prompts.roles import ask_rhyme_draft, load_persona
from workbench.prosody.forms import forms_named
from workbench.types import Prompt
from workbench.writing.asked_poem import AskedPoet
from workbench.writing.poem_search import OnLine, WritingTask
from workbench.writing.rewriting import rewrite_lines
from workbench.writing.rhyme_table import RhymeTable
from workbench.writing.types import LineOrder, Rewritten, Slot, Written
from workbench.writing.wishes import Wishes, WriteJob, save_poem, subject_of
from workbench.writing.write import write_poem

_NO_SUBJECT = ("A poem.", "Poem")  # brief and title of the prompt that says nothing


class OpenPoet:
    """A model with its rhyme table, ready to write; not safe for two threads at once."""

    def __init__(self, opened: OpenedTokens, job: WriteJob) -> None:
        self._opened, self._job = opened, job
        self._table = RhymeTable(opened.model, memory=opened.memory)

    def write(self, wishes: Wishes, *, on_line: OnLine = lambda _, __: None, cancelled: Cancelled = never) -> Written:
        """A poem, saved before it is returned.

        Raises:
            InputError: the wishes cannot be met by any poem.
            CannotWriteError: no line was found for a place of the form.
            Stopped: `cancelled` said so.
        """
        poem = self.draft(wishes, on_line=on_line, cancelled=cancelled)
        save_poem(poem, Path(self._job.poems))
        return poem

    def draft(self, wishes: Wishes, *, on_line: OnLine = lambda _, __: None, cancelled: Cancelled = never) -> Written:
        """The same, for whoever keeps poems elsewhere: nothing is saved."""
        return write_poem(self._opened.model, self._table, self.task(wishes), self._job.writing, on_line=on_line,
                          cancelled=cancelled)  # fmt: skip

    def rewrite(
        self, order: LineOrder, *, prompt: Prompt, bare_prompt: Prompt, cancelled: Cancelled = never
    ) -> Rewritten:
        """Some lines of a poem anew; all others stay byte for byte.

        Args:
            order: the poem and its lines.
            prompt: with what was said of the lines; the answer begins with "Title:".
            bare_prompt: the same without it; what it adds to a line is the difference.
            cancelled: asked before every token.

        Raises:
            InputError: a line that the poem does not have.
            Stopped: `cancelled` said so.
        """
        first, second = (self._begun(asked, order.title) for asked in (prompt, bare_prompt))
        return rewrite_lines(
            self._opened.model, self._table, order, self._job.writing, prompts=(first, second), cancelled=cancelled
        )

    def slots(self, wishes: Wishes) -> list[Slot]:
        """The plan of a poem."""
        return wishes.slots(self._job.writing)

    def task(self, wishes: Wishes) -> WritingTask:
        """What the search is given."""
        subject, title = subject_of(wishes)
        return WritingTask(
            subject=subject, title=title, form=wishes.form, slots=tuple(wishes.slots(self._job.writing)),
            prompt=self._prompt(f"ANGLE: {subject}", title, wishes.form),
            bare_prompt=self._prompt(*_NO_SUBJECT, wishes.form), model=self._job.poet, seed=wishes.seed,
        )  # fmt: skip

    def close(self) -> None:
        """Frees the model."""
        self._opened.model.close()

    def _prompt(self, brief: str, title: str, form: str) -> tuple[int, ...]:
        """Token ids up to where the first line begins."""
        scheme = forms_named(form)[0].usual_rhyme if form else ""
        asked = ask_rhyme_draft(
            brief, form=form or "free verse", scheme=scheme or "none", end_words="", poet=load_persona("poet")
        )
        return self._begun(asked, title)

    def _begun(self, asked: Prompt, title: str) -> tuple[int, ...]:
        return (*self._opened.renderer.context(asked), *self._opened.model.tokens(f"Title: {title}\nPoem:"))


def open_writer(job: WriteJob, *, key: str = KEY) -> OpenPoet | AskedPoet:
    """A poet, by its logits where the engine gives some, else by its answers; close it when done.

    Args:
        job: who writes and how.
        key: environment variable with the key of an endpoint.

    Raises:
        EngineError: the engine cannot be found, or there is no key for it.
    """
    if gives_logits(job.poet):
        return OpenPoet(open_token_model(job.poet), job)
    return AskedPoet(open_sampler(job.poet, Options(key=key)), job)


@contextmanager
def open_poet(job: WriteJob) -> Iterator[OpenPoet]:
    """Opens the model and closes it at the end.

    Raises:
        EngineError: the model cannot be found, or gives no logits.
    """
    poet = OpenPoet(open_token_model(job.poet), job)
    try:
        yield poet
    finally:
        poet.close()
