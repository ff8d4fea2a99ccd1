"""What a form check says: where a poem leaves its form, in sentences that a mentor could say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether a deviation breaks the form or only bends it."""

    FAULT = "fault"
    NOTE = "note"  # normal licence: one slant rhyme, a loose foot, a refrain with other punctuation


class DeviationKind(StrEnum):
    """Which law of the form it concerns."""

    LINES = "line count"
    STANZAS = "stanzas"
    RHYME = "missing rhyme"
    CLASH = "rhyme too many"
    REFRAIN = "refrain"
    END_WORD = "end word"
    METER = "meter"
    SYLLABLES = "syllables"
    SHAPE = "shape"
    UNSUPPORTED = "not supported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One place where a poem leaves its form."""

    kind: DeviationKind
    lines: tuple[int, ...]  # from 1, blank lines not counted; () = the whole poem
    words: tuple[str, ...]  # the words in question, as written
    sentence: str
    severity: Severity = Severity.FAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCheck:
    """A poem held against one form."""

    form: str  # as asked for
    variant: str  # the row of the registry that came nearest: "petrarchan sonnet" for "sonnet"
    scheme: str  # of the schemes which the form accepts the one that came nearest; "" where it asks for none
    deviations: tuple[Deviation, ...]  # faults first, then notes, each in line order

    @property
    def faults(self) -> tuple[Deviation, ...]:
        """What breaks the form."""
        return tuple(deviation for deviation in self.deviations if deviation.severity is Severity.FAULT)

    @property
    def n_places(self) -> int:
        """The places that break the form: a fault that names all lines outside the meter is one place a line."""
        return sum(len(one.lines) if one.kind is DeviationKind.METER and one.lines else 1 for one in self.faults)

    @property
    def has_its_lines(self) -> bool:
        """Whether it has as many lines as the form: otherwise nothing else of the form was looked at."""
        return all(one.kind is not DeviationKind.LINES for one in self.faults)

    @property
    def passed(self) -> bool:
        """Whether the poem keeps the form, licences included."""
        return not self.faults


@dataclass(frozen=True, slots=True, kw_only=True)
class FormGuess:
    """A form that a poem may be in."""

    form: str
    confidence: float  # 0 … 1; 1 = every law kept
    passed: bool
    reasons: tuple[str, ...]  # what speaks for it, then what speaks against it


def fault(kind: DeviationKind, sentence: str, *, lines: tuple[int, ...] = (), words: tuple[str, ...] = ()) -> Deviation:
    """A deviation that breaks the form."""
    return Deviation(kind=kind, lines=lines, words=words, sentence=sentence)


def note(kind: DeviationKind, sentence: str, *, lines: tuple[int, ...] = (), words: tuple[str, ...] = ()) -> Deviation:
    """A deviation that only bends it."""
    return Deviation(kind=kind, lines=lines, words=words, sentence=sentence, severity=Severity.NOTE)
