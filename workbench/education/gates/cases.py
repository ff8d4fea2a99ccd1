"""A row laid out for judging: every piece that the educator says in it, with the poems which that piece is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from workbench.education.gates.critique_form import StrictCritique, read_strictly
from workbench.education.types import Library, Row
from workbench.types import Poem

SpeechKind = Literal["critique", "prose", "brief"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """One piece of what the educator says."""

    field: str
    kind: SpeechKind
    text: str  # as it is written
    about: tuple[Poem, ...]  # the poems whose lines it counts and whose words it quotes; () = none
    also: tuple[Poem, ...] = ()  # earlier drafts, which it may quote too

    @property
    def critique(self) -> StrictCritique:
        """The text read as a critique."""
        return read_cached(self.text)

    @property
    def prose(self) -> str:
        """What a reader hears: a critique without its keywords, any other text as it is."""
        return self.critique.prose or self.text if self.kind == "critique" else self.text

    @property
    def n_lines(self) -> int:
        """Lines of the longest poem that it is about; 0 = it is about none."""
        return max((len(lines_of(poem)) for poem in self.about), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A row, the poems that it names as far as they exist, and what is said in it."""

    row: Row
    poems: tuple[Poem, ...]
    speeches: tuple[Speech, ...]
    words: Mapping[str, tuple[int, int]]  # least and most words of a field

    @property
    def revised(self) -> Poem:
        """The revised poem of a dialogue."""
        return Poem(title=self.row.revised_title, text=self.row.revised_poem)


def case_of(row: Row, library: Library, spoken: Mapping[str, SpeechKind], words: Mapping[str, tuple[int, int]]) -> Case:
    """Lays out a row.

    Args:
        row: of any task.
        library: where its poems are found.
        spoken: the fields in which the educator speaks, and how.
        words: least and most words of the fields that have a limit.
    """
    poems = library.of(row)
    revised = Poem(title=row.revised_title, text=row.revised_poem)
    speeches = []
    for field, kind in spoken.items():
        about = () if kind == "brief" else (revised,) if field == "follow_up" else poems
        also = poems if field == "follow_up" else ()
        speeches.append(Speech(field=field, kind=kind, text=getattr(row, field), about=about, also=also))
    return Case(row=row, poems=poems, speeches=tuple(speeches), words=words)


def lines_of(poem: Poem) -> tuple[str, ...]:
    """The non-empty lines; number n of a critique is `lines_of(poem)[n - 1]`."""
    return tuple(line for line in poem.text.split("\n") if line.strip())


@lru_cache(maxsize=256)
def read_cached(text: str) -> StrictCritique:
    """`read_strictly`, remembered: every gate asks for the same critique."""
    return read_strictly(text)
