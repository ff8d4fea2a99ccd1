"""A poet that is opened and asked: which model, by which prompt, from a person's wishes to the poem on disk.

with open_poet(job) as poet:
written = poet.write(Wishes(subject="the first frost", form="haiku"))
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from workbench.config import Seed
from workbench.engines.protocols import Cancelled, never
from workbench.engines.token_models import OpenedTokens, open_token_model
from workbench.errors import InputError
from workbench.places import written as written_place
from workbench.prompts.roles import ask_rhyme_draft, load_persona
from workbench.prosody.forms import forms_named
from workbench.storage.atomic import write_json
from workbench.types import Prompt, content_id
from workbench.writing.plan import free_plan, plan, with_wishes
from workbench.writing.poem_search import OnLine, WritingTask
from workbench.writing.rewriting import rewrite_lines
from workbench.writing.rhyme_table import RhymeTable
from workbench.writing.settings import WritingSettings
from workbench.writing.types import LineOrder, Rewritten, Slot, Written
from workbench.writing.write import write_poem

_NO_SUBJECT = ("A poem.", "Poem")  # brief and title of the prompt that says nothing
_MOST_SUBJECT_CHARS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteJob:
    """config/write.yaml."""

    poems: str = "data/written"  # each poem is a JSON file there, with its runners-up
    poet: str = "built-in+models/rhyme_poet"  # an engine with logits: built-in, a GGUF, with an adapter or without
    seed: Seed = 42
    writing: WritingSettings = field(default_factory=WritingSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a person asks for."""

    subject: str
    form: str = ""  # "" = no form
    title: str = ""  # "" = the subject
    lines: Mapping[int, str] = field(default_factory=dict)  # by number from 0; kept byte for byte
    end_words: tuple[str, ...] = ()
    acrostic: str = ""
    refrain: str = ""
    seed: int = 42

    def slots(self, settings: WritingSettings) -> list[Slot]:
        """The plan of the form with the person's own lines and words in it.

        Raises:
            InputError: the form cannot be written, or the wishes do not fit it.
        """
        slots = (
            plan(self.form, meter=settings.meter, units=settings.units, seed=self.seed)
            if self.form
            else free_plan(settings.units or max(8, 1 + max(self.lines, default=0)))
        )
        return with_wishes(
            slots, lines=self.lines, end_words=self.end_words, acrostic=self.acrostic, refrain=self.refrain
        )


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
        task = self.task(wishes)
        poem = write_poem(
            self._opened.model, self._table, task, self._job.writing, on_line=on_line, cancelled=cancelled
        )
        save_poem(poem, Path(self._job.poems))
        return poem

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

    def task(self, wishes: Wishes) -> WritingTask:
        """What the search is given."""
        subject = " ".join(wishes.subject.split())
        if not subject or len(subject) > _MOST_SUBJECT_CHARS:
            raise InputError(f"say what the poem is about, in at most {_MOST_SUBJECT_CHARS} characters")
        title = wishes.title or subject[:1].upper() + subject[1:]
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
        scheme = forms_named(form)[0].rhyme.split("|")[0] if form else ""
        asked = ask_rhyme_draft(
            brief, form=form or "free verse", scheme=scheme or "none", end_words="", poet=load_persona("poet")
        )
        return self._begun(asked, title)

    def _begun(self, asked: Prompt, title: str) -> tuple[int, ...]:
        return (*self._opened.renderer.context(asked), *self._opened.model.tokens(f"Title: {title}\nPoem:"))


def open_writer(job: WriteJob) -> OpenPoet:
    """Opens the model; close the poet when done.

    Raises:
        EngineError: the model cannot be found, or gives no logits.
    """
    return OpenPoet(open_token_model(job.poet), job)


@contextmanager
def open_poet(job: WriteJob) -> Iterator[OpenPoet]:
    """Opens the model and closes it at the end.

    Raises:
        EngineError: the model cannot be found, or gives no logits.
    """
    poet = open_writer(job)
    try:
        yield poet
    finally:
        poet.close()


def save_poem(poem: Written, folder: Path) -> Path:
    """Writes a poem as JSON, named by its content; the same poem twice is one file."""
    return write_json(written_place(folder) / f"{content_id(poem.title, poem.text, poem.form)}.json", poem)
