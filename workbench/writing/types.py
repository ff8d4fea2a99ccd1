"""What flows in verified writing: the plan's slots, the lines that fit them, the poem.

subject + form ─ plan ─▶ slots ─ line search ─▶ lines with runners-up ─ check_form ─▶ Written
poem + LineOrder ─▶ slots ─ line search ─▶ Rewritten
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

_USUAL_SYLLABLES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What one line owes the form and the person."""

    letter: str = ""  # lines of one letter rhyme; "" = no rhyme law
    templates: tuple[str, ...] = ()  # x weak, / strong, . either: one mark a syllable, any of them will do
    law: tuple[str, int] | None = None  # the meter of the registry ("iambic 5") and the line's place in its unit
    gap: bool = False  # a stanza ends after it
    copy_of: int | None = None  # a refrain: the whole line of that number comes back
    opening_of: int | None = None  # a rentrement: only the opening words of that line come back
    end_of: int | None = None  # a sestina: ends on the last word of that line
    holds_end_of: int | None = None  # an envoi: has the last word of that line within it
    holds: str = ""  # a word in small letters that is within it
    tail: str = ""  # a ghazal's radif, after the rhyming word
    text: str = ""  # a line that a person wrote or locked; it is kept byte for byte
    end_word: str = ""  # bouts-rimés: the word that a person gave
    initial: str = ""  # acrostic: the letter that the line begins with
    instead_of: str = ""  # the line that is there now; the new one has other words
    barred: tuple[tuple[str, ...], ...] = ()  # runs of words, in small letters, that the line may not have

    @property
    def breadth(self) -> float:
        """Length of its line beside one of eight syllables."""
        return sum(map(len, self.templates)) / len(self.templates) / _USUAL_SYLLABLES if self.templates else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that keeps its slot."""

    text: str  # with its punctuation
    tokens: tuple[int, ...]  # of the words; () for a line that was given
    said: tuple[str, ...]  # its words in small letters
    end: str  # the word that rhymes; before the tail, where there is one
    logp_nats: float = 0.0  # of its tokens, given the poem so far
    closing_nats: float = 0.0  # log-probability of the closing word alone
    subject_nats: float = 0.0  # what the subject adds, per token
    score: float = 0.0  # by which it was chosen; comparable within one slot
    stop: str = ""  # the mark that closes it
    others: tuple[str, ...] = ()  # the next best that fitted, where the line is told as it is committed


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A poem with what it came from. `is_enforced` says that the decoder kept the form, not the model."""

    title: str
    text: str
    form: str
    subject: str
    seed: int
    model: str
    faults: tuple[str, ...]  # of check_form, one sentence each; () = the form is kept
    notes: tuple[str, ...]
    runners_up_L: tuple[tuple[str, ...], ...]  # of each line, the next best that fitted its slot
    n_tokens: int  # that went through the model
    n_returns: int  # times the poem went back to an earlier line
    is_enforced: bool = True

    @property
    def is_kept(self) -> bool:
        """Whether the form is kept without a fault."""
        return not self.faults


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOrder:
    """Which lines of which poem are wanted anew. Lines are counted from 1 over the non-empty ones."""

    title: str
    text: str
    numbers: tuple[int, ...]
    form: str = ""  # "" = what the poem has of its own
    barred: Mapping[int, tuple[tuple[str, ...], ...]] = field(default_factory=dict)  # runs of folded words, by line
    notes: Mapping[int, str] = field(default_factory=dict)  # what was said of a line
    seed: int = 0

    @property
    def lines(self) -> tuple[str, ...]:
        """The non-empty lines."""
        return tuple(line for line in self.text.split("\n") if line.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """The poem with its new lines."""

    text: str
    lines: Mapping[int, str]  # the new ones, by number
    runners_up: Mapping[int, tuple[str, ...]]  # what else would have fitted
    unchanged: tuple[int, ...] = ()  # asked for, but nothing was found that keeps what the place owes
