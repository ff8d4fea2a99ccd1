"""Everything that can be heard in one poem, in one value: lines, scheme, meter, form, deviations, guesses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache

from workbench.prosody import rendering
from workbench.prosody.detection import detect_form
from workbench.prosody.deviations import Deviation, FormCheck, FormGuess
from workbench.prosody.form_checks import check_form
from workbench.prosody.forms import FORM_BY_NAME, forms_named
from workbench.prosody.lexicon import pronounce
from workbench.prosody.measures import measure, settled_meter
from workbench.prosody.open_laws import is_hardly_metrical
from workbench.prosody.reading import Reading, is_guessed
from workbench.prosody.types import PoemMeter, RhymePair, Sound, Unsupported

_GUESSERS = {Sound.ESPEAK: "espeak-ng", Sound.GUESS: "the letters"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """One line of the poem as it was heard."""

    number: int  # from 1, blank lines not counted
    stanza: int  # from 1
    text: str
    n_syllables: int  # the preferred count
    marks: str  # x unstressed, / stressed, | between feet; "" where no meter is heard
    meter: str  # "iambic pentameter" or "none"
    letter: str  # of the strict scheme
    slant_letter: str  # of the scheme that also binds slant rhymes
    guesses: tuple[str, ...]  # words whose sound is only guessed


@dataclass(frozen=True, slots=True, kw_only=True)
class ProsodyReport:
    """The prosody of one poem. A poem that is not judged has only its `unsupported` reason."""

    unsupported: str  # why the text is not judged; "" when it is
    lines: tuple[ReportLine, ...]
    scheme: str  # full rhymes only: "ABAB CDCD"
    slant_scheme: str
    stanza_schemes: tuple[str, ...]  # each stanza lettered by itself, full rhymes only
    pairs: tuple[RhymePair, ...]  # each line with the nearest earlier line that it fully rhymes with; lines from 0
    density: float  # share of lines that rhyme, slant rhymes included
    strict_density: float  # share of lines that rhyme fully with another word
    expected_by_chance: float  # the strict density of as many end words drawn at random
    meter: str
    meter_agreement: float
    guesses: tuple[FormGuess, ...]  # best first
    check: FormCheck | None  # against the form asked for, or else the best guess
    is_form_asked: bool
    n_words: int
    n_guessed_words: int
    guessed_by: tuple[str, ...]  # who guessed: "espeak-ng", "the letters"; () where no word is guessed
    said: tuple[str, ...]  # words that a person has said how to say

    @property
    def form(self) -> str:
        """The best guess, "" when there is none."""
        return self.guesses[0].form if self.guesses else ""

    @property
    def deviations(self) -> tuple[Deviation, ...]:
        """Where the poem leaves the form that it was held against."""
        return self.check.deviations if self.check else ()

    def to_text(self) -> str:
        """The report for a terminal."""
        return rendering.as_text(self)

    def to_html(self) -> str:
        """The report as one HTML section; every word of the poem is escaped, nothing runs."""
        return rendering.as_html(self)

    def to_prompt(self, limit_chars: int = 1200) -> str:
        """The facts for a model's prompt, in at most so many characters; what matters most comes first."""
        return rendering.as_prompt(self, limit_chars)

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        passed = {} if self.check is None else {"passed": self.check.passed}
        return {"form": self.form, **asdict(self), "check": {**asdict(self.check), **passed} if self.check else None}


def prosody_report(text: str | Reading, *, form: str = "", is_asked: bool = True) -> ProsodyReport:
    r"""Read a poem once and say everything that is heard in it.

    Args:
        text: the poem, or a reading of it.
        form: hold it against this form instead of the one it seems to be in.
        is_asked: a person asked for that form; False where it comes from elsewhere, a model's brief say.

    Raises:
        InputError: no form has this name.

    >>> poem = "The cat has gone to bed.\nThe dog is on the mat.\nThe bird is on my head.\nAnd that, my dear, is that."
    >>> report = prosody_report(poem)
    >>> report.scheme, report.form, [line.n_syllables for line in report.lines]
    ('ABAB', 'quatrains ABAB', [6, 6, 6, 6])
    """
    reading = text if isinstance(text, Reading) else Reading(text)
    if form:
        forms_named(form)  # an unknown name is an error whatever the poem
    unsupported = reading.unsupported
    if unsupported is not None or not reading.lines:
        return _unjudged(reading, unsupported or Unsupported(reason="not supported: there are no lines"))
    return _judged(reading, form, is_asked=is_asked)


def _judged(reading: Reading, form: str, *, is_asked: bool) -> ProsodyReport:
    guesses = detect_form(reading)
    held_against = form or (guesses[0].form if guesses else "")
    check = check_form(reading, held_against) if held_against else None
    meter = _meter_in_its_light(reading, check)
    strict, lines = reading.scheme, _lines(reading, meter)
    return ProsodyReport(
        unsupported="",
        lines=lines,
        scheme=strict.text,
        slant_scheme=reading.slant_scheme.text,
        stanza_schemes=strict.stanza_schemes,
        pairs=strict.pairs,
        density=reading.slant_scheme.density,
        strict_density=strict.strict_density,
        expected_by_chance=strict.expected_by_chance,
        meter=meter.name,
        meter_agreement=meter.agreement,
        guesses=guesses,
        check=check,
        is_form_asked=bool(form) and is_asked,
        n_words=sum(map(len, reading.words)),
        n_guessed_words=sum(len(line.guesses) for line in lines),
        guessed_by=_guessers(line.guesses for line in lines),
        said=tuple(dict.fromkeys(word for words in reading.words for word in words if _source_of(word) is Sound.SAID)),
    )


def _meter_in_its_light(reading: Reading, check: FormCheck | None) -> PoemMeter:
    """The poem's meter: of a form that is kept and has lengths of its own by these, of free verse none by chance."""
    if check is not None and check.variant == "free verse" and reading.meter.n_feet:
        none = replace(reading.meter, name="none", meter="none", n_feet=(), agreement=0.0)
        return none if is_hardly_metrical(reading) else reading.meter
    form = FORM_BY_NAME[check.variant] if check is not None and check.passed else None
    if form is None or form.kind not in ("stanzas", "couplets") or not form.meter or form.loose_meter:
        return reading.meter
    return settled_meter(reading, measure(form.meter))


def _lines(reading: Reading, meter: PoemMeter) -> tuple[ReportLine, ...]:
    stanza_of = [number for number, length in enumerate(reading.stanza_lengths, 1) for _ in range(length)]
    heard = zip(reading.lines, meter.lines, reading.scheme.letters, reading.slant_scheme.letters, strict=True)
    return tuple(
        ReportLine(
            number=index + 1,
            stanza=stanza_of[index],
            text=text,
            n_syllables=line.n_syllables,
            marks=line.best.marks if line.best else "",
            meter=line.name,
            letter=letter,
            slant_letter=slant_letter,
            guesses=tuple(word for word in reading.words[index] if is_guessed(word)),
        )
        for index, (text, line, letter, slant_letter) in enumerate(heard)
    )


@lru_cache(maxsize=65536)
def _source_of(word: str) -> Sound:
    ways = pronounce(word)
    return ways[0].source if ways else Sound.GUESS


def _guessers(guesses: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Who guessed the words of each line; a word that cannot be said at all is the letters' business."""
    found = {_source_of(word) for words in guesses for word in words}
    return tuple(name for sound, name in _GUESSERS.items() if sound in found)


def _unjudged(reading: Reading, unsupported: Unsupported) -> ProsodyReport:
    return ProsodyReport(
        unsupported=unsupported.reason,
        lines=(),
        scheme="",
        slant_scheme="",
        stanza_schemes=(),
        pairs=(),
        density=0.0,
        strict_density=0.0,
        expected_by_chance=0.0,
        meter="none",
        meter_agreement=0.0,
        guesses=(),
        check=None,
        is_form_asked=False,
        n_words=sum(map(len, reading.words)),
        n_guessed_words=0,
        guessed_by=(),
        said=(),
    )
