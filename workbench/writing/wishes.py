"""What a person asks for, where poems go, and the YAML of the phase: what every poet is given, whatever writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workbench.config import Seed
from workbench.errors import InputError
from workbench.places import written as written_place
from workbench.storage.atomic import write_json
from workbench.types import content_id
from workbench.writing.plan import free_plan, plan, with_wishes
from workbench.writing.settings import WritingSettings
from workbench.writing.types import Slot, Written

MOST_SUBJECT_CHARS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteJob:
    """config/write.yaml."""

    poems: str = "data/written"  # each poem is a JSON file there, with its runners-up
    poet: str = "built-in+models/rhyme_poet"  # any engine; one with logits keeps forms best
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


def subject_of(wishes: Wishes) -> tuple[str, str]:
    """Subject and title.

    Raises:
        InputError: there is no subject, or it is too long.
    """
    subject = " ".join(wishes.subject.split())
    if not subject or len(subject) > MOST_SUBJECT_CHARS:
        raise InputError(f"say what the poem is about, in at most {MOST_SUBJECT_CHARS} characters")
    return subject, wishes.title or subject[:1].upper() + subject[1:]


def save_poem(poem: Written, folder: Path) -> Path:
    """Writes a poem as JSON, named by its content; the same poem twice is one file."""
    return write_json(written_place(folder) / f"{content_id(poem.title, poem.text, poem.form)}.json", poem)
