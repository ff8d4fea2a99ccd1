"""Every value of the prosody package, in the order in which it flows: sound → word → line → rhyme → scheme → meter.

Who makes which (all pure functions; no string makes them raise):

    lexicon.pronounce(word) -> tuple[Pronunciation, ...]       every way to say a word, best first; () if unsayable
    language.unsupported(text) -> Unsupported | None           why a text is not judged: other script or language
    syllables.scan_words(line) -> Line
    syllables.syllable_counts(line) -> tuple[int, ...]         preferred count first, then a poet's alternatives
    rhyme.rhyme_class(a, b) -> RhymeClass                      words, or phrases with spaces (mosaic)
    rhyme.verse_rhyme_class(a, b) -> RhymeClass                where the beat lifts weak endings: company / sea
    rhyme.rhyme_distance(a, b) -> float                        0 the same rhyming part … 1 nothing in common
    rhyme.rhymes(a, b, *, slant=False) -> bool
    rhyme.internal_rhymes(line) -> tuple[InternalRhyme, ...]
    scheme.scheme(lines_or_stanzas, *, slant=False) -> Scheme
    meter.parse_line(line) -> tuple[Parse, ...]                       best first; () for prose
    meter.line_meter(line) -> LineMeter
    meter.poem_meter(lines) -> PoemMeter
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sound(StrEnum):
    """Where a pronunciation came from, most trusted first."""

    SAID = "said"  # a person said so
    DICTIONARY = "dictionary"
    RULE = "rule"
    ESPEAK = "espeak"  # guessed by espeak NG
    GUESS = "guess"  # guessed from the letters alone


#: The sounds that nobody vouches for.
GUESSED = frozenset({Sound.ESPEAK, Sound.GUESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsupported:
    """A text that is not judged, and the reason in one sentence."""

    reason: str
    language: str = ""  # what it reads as: "French", "Middle English", "Cyrillic script"; "" where that is unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Pronunciation:
    """One way to say a word."""

    phones: tuple[str, ...]  # ARPAbet; each vowel ends in its stress: 0 none, 1 primary, 2 secondary
    source: Sound

    @property
    def stresses(self) -> str:
        """One stress digit a syllable: ``"010"`` for *eternal*."""
        return "".join(phone[-1] for phone in self.phones if phone[-1].isdigit())

    @property
    def n_syllables(self) -> int:
        """Vowels, which is syllables."""
        return len(self.stresses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Syllable:
    """One syllable of a word as it is said."""

    phones: tuple[str, ...]
    stress: int  # 0 none, 1 primary, 2 secondary
    text: str  # the word that it belongs to
    source: Sound


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a line with every way to say it; an unsayable word has none."""

    text: str
    pronunciations: tuple[Pronunciation, ...]

    @property
    def is_guess(self) -> bool:
        """Whether nothing better than a guess, or nothing at all, is behind it."""
        return not self.pronunciations or self.pronunciations[0].source in GUESSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of verse cut into words."""

    text: str
    words: tuple[Word, ...]

    @property
    def guesses(self) -> tuple[str, ...]:
        """The words whose sound is only guessed."""
        return tuple(word.text for word in self.words if word.is_guess)


class RhymeClass(StrEnum):
    """How two line ends sound together."""

    PERFECT = "perfect"  # one syllable: equal from the last stressed vowel on, onsets differ: day / stay
    IDENTICAL = "identical"  # the same word: day / day
    RICH = "rich"  # different words that sound the same from the onset on: sea / see
    SLANT = "slant"  # nearly a rhyme: moon / tomb
    ASSONANCE = "assonance"  # the stressed vowel only: lake / fate
    CONSONANCE = "consonance"  # the consonants after it only: ghost / lost
    EYE = "eye"  # spelled alike, said apart: cough / bough
    FEMININE = "feminine"  # perfect over two syllables: making / taking
    TRIPLE = "triple"  # perfect over three or more: tenderly / slenderly
    MOSAIC = "mosaic"  # perfect over several words: poet / know it
    TRADITIONAL = "traditional"  # rhymes in verse though not in speech: symmetry / eye, were / near
    UNSTRESSED = "unstressed"  # a last unstressed syllable only: singing / being
    NONE = "none"


#: The classes that a strict ear takes as full rhymes.
PERFECT_CLASSES = frozenset({RhymeClass.PERFECT, RhymeClass.FEMININE, RhymeClass.TRIPLE, RhymeClass.MOSAIC})
#: The classes that bind two lines under the same letter in a strict scheme: a repeated word or sound binds too.
STRICT_CLASSES = PERFECT_CLASSES | {RhymeClass.IDENTICAL, RhymeClass.RICH}
#: What a scheme with slant rhymes also binds.
SLANT_CLASSES = STRICT_CLASSES | {RhymeClass.SLANT, RhymeClass.CONSONANCE, RhymeClass.TRADITIONAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalRhyme:
    """Two words of one line that rhyme; positions count words from 0."""

    first: int
    second: int
    words: tuple[str, str]
    rhyme_class: RhymeClass


@dataclass(frozen=True, slots=True, kw_only=True)
class RhymePair:
    """Two lines that share a letter, each with the nearest earlier line of that letter; lines count from 0."""

    first: int
    second: int
    words: tuple[str, str]
    rhyme_class: RhymeClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """Which lines rhyme. Blank lines are not lines here; indices count non-blank lines from 0."""

    letters: tuple[str, ...]  # one a line: A … Z, a … z, then AA, AB …; a line without partner has its own
    stanzas: tuple[str, ...]  # the poem's letters, cut at the stanzas: ("ABAB", "CDCD")
    stanza_schemes: tuple[str, ...]  # each stanza lettered by itself: ("ABAB", "ABAB")
    end_words: tuple[str, ...]  # the last word of each line, as written; "" where a line has none
    pairs: tuple[RhymePair, ...]
    density: float  # share of lines that rhyme with another line, at the strictness asked for
    strict_density: float  # the same with full rhymes of different words only
    expected_by_chance: float  # the strict density that as many end words drawn at random would have
    guesses: tuple[str, ...]  # end words whose sound is a guess

    @property
    def text(self) -> str:
        """The scheme as people write it: ``"ABAB CDCD"``."""
        return " ".join(self.stanzas)


class Foot(StrEnum):
    """A foot, by its stresses."""

    IAMB = "iamb"  # x/
    TROCHEE = "trochee"  # /x
    SPONDEE = "spondee"  # //
    PYRRHIC = "pyrrhic"  # xx
    ANAPEST = "anapest"  # xx/
    DACTYL = "dactyl"  # /xx
    STRESS = "stress"  # /, a headless or cut-off foot


_FOOT_BY_MARKS = {
    "x/": Foot.IAMB,
    "/x": Foot.TROCHEE,
    "//": Foot.SPONDEE,
    "xx": Foot.PYRRHIC,
    "xx/": Foot.ANAPEST,
    "/xx": Foot.DACTYL,
    "/": Foot.STRESS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parse:
    """One way to hear a line as meter."""

    meter: str  # iambic, trochaic, anapestic, dactylic
    n_feet: int  # 1–8
    marks: str  # / stressed, x unstressed, | between feet: "x/|x/|x/"
    violations: tuple[str, ...]  # licences taken, in line order: "inversion", "feminine ending", "headless", …
    cost: float  # 0 is flawless; comparable between lines

    @property
    def name(self) -> str:
        """``"iambic pentameter"``."""
        return f"{self.meter} {LINE_NAMES[self.n_feet - 1]}"

    @property
    def n_syllables(self) -> int:
        """Syllables as they are said in it."""
        return len(self.marks) - self.marks.count("|")

    @property
    def feet(self) -> tuple[Foot, ...]:
        """The feet by name, as performed; syllables over at the head or the end of the line are left out.

        >>> parse = Parse(meter="iambic", n_feet=3, marks="/x|x/|x/x", violations=(), cost=0.0)
        >>> [foot.value for foot in parse.feet]
        ['trochee', 'iamb', 'iamb']
        """
        first, *others = self.marks.split("|")
        if self.meter in ("trochaic", "dactylic"):
            first = first.lstrip("x")
        *inner, last = first, *others
        while last not in _FOOT_BY_MARKS:
            last = last[:-1]
        return tuple(_FOOT_BY_MARKS[marks] for marks in (*inner, last))


LINE_NAMES = ("monometer", "dimeter", "trimeter", "tetrameter", "pentameter", "hexameter", "heptameter", "octameter")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMeter:
    """A line and what meter it can be heard in; no parse means prose, free verse, or nothing to say."""

    text: str
    n_syllables: int  # of the scansion in front; the preferred count where there is none
    parses: tuple[Parse, ...]  # best first

    @property
    def best(self) -> Parse | None:
        """The cheapest parse, if there is one."""
        return self.parses[0] if self.parses else None

    @property
    def name(self) -> str:
        """The best parse's name, or ``"none"``."""
        return self.parses[0].name if self.parses else "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoemMeter:
    """What meter the lines of a poem agree on."""

    name: str  # "iambic pentameter", "common meter", "ballad meter", "syllabic 5-7-5", "mixed iambic", "none"
    meter: str  # iambic, trochaic, anapestic, dactylic, syllabic, accentual or none
    n_feet: tuple[int, ...]  # the repeating pattern of feet a line: (5,), (4, 3); () for none and syllabics
    agreement: float  # share of lines that can be heard in it, 0 … 1
    n_syllables: tuple[int, ...]  # of each line, as it is scanned
    lines: tuple[LineMeter, ...]  # each line, with the parse that agrees with the poem first
