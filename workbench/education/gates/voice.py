"""Does a mentor's prose sound like the mentor? Banned phrases, scores, rubrics, vagueness, fault before strength.

What the mentor never says is text: `config/personas/never_says.txt`. The rest is stated here, rule by rule.
It does not know whether a judgement is right, only whether it is the kind of sentence that the mentor would say.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from workbench.education.gates.quotations import Quotation, cited_lines, is_quoted_from, quotations
from workbench.errors import InputError
from workbench.places import ROOT
from workbench.prosody.cliches import PhraseIndex

NEVER_SAYS = ROOT / "config" / "personas" / "never_says.txt"


class VoiceFault(StrEnum):
    """What can be wrong with the mentor's prose."""

    BANNED = "banned phrase"
    SCORE = "score"
    RUBRIC = "bullet rubric"
    VAGUE = "nothing cited"
    FALSE_QUOTE = "quotes what the poem does not say"
    FALSE_LINE = "cites a line that is not there"
    FAULT_FIRST = "opens with a fault"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceFinding:
    """One thing that the mentor would not have written."""

    fault: VoiceFault
    start: int  # characters [start, end) of the prose; (0, 0) when it is about the whole
    end: int
    text: str  # as it is there
    sentence: str  # what to do about it


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceReport:
    """What a voice check found."""

    findings: tuple[VoiceFinding, ...]
    quotes: tuple[str, ...]  # the quoted words, true or not
    cited_lines: tuple[int, ...]  # line numbers named, from 1; 0 = "the last line" and its kind
    opens_with_strength: bool

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def to_text(self) -> str:
        """One finding a line; one line of approval when there is none."""
        if self.passed:
            return "In voice: specific, strength first, nothing banned."
        return "\n".join(f"{finding.fault.value}: {finding.sentence}" for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prose:
    text: str
    poem: str | None
    never_says: PhraseIndex[str]
    quotes: tuple[Quotation, ...]
    lines: tuple[tuple[int, str], ...]


def check_voice(text: str, *, poem: str | None = None, never_says: PhraseIndex[str] | None = None) -> VoiceReport:
    r"""Check prose against the mentor's habits.

    Args:
        text: the mentor's prose.
        poem: the poem it speaks about; when given, quotes must be in it and cited line numbers must exist.
        never_says: the banned phrases; the project's own list when None.

    >>> report = check_voice("The strongest moment is 'rust' in line 9.", poem="Old rust\non the gate")
    >>> print(report.to_text())
    cites a line that is not there: 'line 9': the poem has 2 lines.
    """
    prose = _Prose(
        text=text,
        poem=poem,
        never_says=never_says or banned_phrases(),
        quotes=quotations(text),
        lines=cited_lines(text),
    )
    findings = [finding for check in _CHECKS for finding in check(prose)]
    return VoiceReport(
        findings=tuple(sorted(findings, key=lambda finding: finding.start)),
        quotes=tuple(quote.text for quote in prose.quotes),
        cited_lines=tuple(number for number, _ in prose.lines),
        opens_with_strength=_opening(text) is _Tone.STRENGTH,
    )


@lru_cache(maxsize=8)
def banned_phrases(path: Path = NEVER_SAYS) -> PhraseIndex[str]:
    """The phrases of a list such as `never_says.txt`: one a line, ``#`` for notes.

    Raises:
        InputError: the list cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"{path}: cannot be read ({exc}); restore the list from the repository") from exc
    phrases = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return PhraseIndex((phrase, phrase) for phrase in phrases)


def _finding(fault: VoiceFault, span: tuple[int, int], prose: str, *, sentence: str) -> VoiceFinding:
    return VoiceFinding(fault=fault, start=span[0], end=span[1], text=prose[span[0] : span[1]], sentence=sentence)


# ---------------------------------------------------------------- the rules, one function each


def _banned(prose: _Prose) -> Iterator[VoiceFinding]:
    """Words quoted from the poem are the poem's; without a poem any quotation might be."""
    exempt = [(q.start, q.end) for q in prose.quotes if prose.poem is None or is_quoted_from(q, prose.poem)]
    for hit in prose.never_says.find(prose.text):
        if not any(start <= hit.start and hit.end <= end for start, end in exempt):
            sentence = f"'{hit.text}' is a phrase the mentor never says; name the effect in plain words."
            yield _finding(VoiceFault.BANNED, (hit.start, hit.end), prose.text, sentence=sentence)


_AMOUNT = r"(?:\d{1,3}(?:[.,]\d)?|zero|one|two|three|four|five|six|seven|eight|nine|ten)"
_COUNTED = r"(?:lines?|words?|syllables?|stanzas?|poems?|rhymes?|readers?|times)"
_SCORES = re.compile(
    rf"\b{_AMOUNT}(?:\s*/\s*|\s+out\s+of\s+)(?:5|10|20|100|five|ten|twenty|a\s+hundred)\b(?!\s+{_COUNTED}\b)"
    rf"|\b(?:score|rating|grade|mark)\s*(?::|=|of|is)\s*{_AMOUNT}\b"
    rf"|\b(?:rate|give|score|grade)\s+(?:this|it|the\s+poem|your\s+poem|that)\s+(?:an?\s+)?{_AMOUNT}\b(?!\s+\w)"
    rf"|\b{_AMOUNT}[ -]stars?\b|[★⭐]{{2,}}",
    re.IGNORECASE,
)


def _scores(prose: _Prose) -> Iterator[VoiceFinding]:
    for match in _SCORES.finditer(prose.text):
        sentence = f"'{match[0]}' is a score; say what works and what would help instead."
        yield _finding(VoiceFault.SCORE, match.span(), prose.text, sentence=sentence)


_RUBRIC_LINE = re.compile(
    r"^[ \t]*(?:[-*•–+][ \t]+\S|\d{1,2}[.)][ \t]+\S|#{1,6}[ \t]+\S"  # list items, headings
    r"|\*\*[^*\n]{2,40}\*\*|[A-Z][\w&/]*(?:[ \t]+[\w&/]+){0,3}:[ \t]*(?:\S|$))[^\n]*",  # **Imagery**, Imagery: …
    re.MULTILINE,
)


def _rubrics(prose: _Prose) -> Iterator[VoiceFinding]:
    """One such line is a slip of the typewriter; two are a rubric."""
    lines = list(_RUBRIC_LINE.finditer(prose.text))
    if len(lines) >= 2:
        sentence = f"{len(lines)} lines are list items or headings; the mentor speaks in sentences."
        yield _finding(VoiceFault.RUBRIC, lines[0].span(), prose.text, sentence=sentence)


def _specific(prose: _Prose) -> Iterator[VoiceFinding]:
    """A true quotation or the number of a line that exists; without a poem any of the two will do."""
    poem = prose.poem
    points_at_words = any(poem is None or is_quoted_from(quote, poem) for quote in prose.quotes)
    points_at_line = any(poem is None or number <= _n_lines(poem) for number, _ in prose.lines)
    if prose.text.strip() and not points_at_words and not points_at_line:
        sentence = "nothing of the poem is quoted and no line is named; point at the words that made you say it."
        yield _finding(VoiceFault.VAGUE, (0, 0), prose.text, sentence=sentence)


def _true_to_poem(prose: _Prose) -> Iterator[VoiceFinding]:
    """A mentor may quote one word to suggest it, or a phrase of talk: only a run of two words must be the poem's."""
    if prose.poem is None:
        return
    for quote in prose.quotes:
        if len(quote.parts[0]) >= 2 and not is_quoted_from(quote, prose.poem):
            sentence = f"'{quote.text}' is not in the poem; quote it as it is, or leave the marks off."
            yield _finding(VoiceFault.FALSE_QUOTE, (quote.start, quote.end), prose.text, sentence=sentence)
    n_lines = _n_lines(prose.poem)
    for text in dict.fromkeys(text for number, text in prose.lines if number > n_lines):
        start = prose.text.find(text)
        sentence = f"'{text}': the poem has {n_lines} line{'s' * (n_lines != 1)}."
        yield _finding(VoiceFault.FALSE_LINE, (start, start + len(text)), prose.text, sentence=sentence)


def _n_lines(poem: str) -> int:
    return sum(1 for line in poem.split("\n") if line.strip())


class _Tone(StrEnum):
    STRENGTH = "strength"
    FAULT = "fault"
    NEITHER = "neither"


_STRENGTH = re.compile(
    r"\b(?:strongest|strong|best|works?|working|earns?|earned|alive|lives?|lands?|holds?|sharp(?:est)?|exact|precise|right|true|truest|"
    r"surpris\w+|fresh|vivid|keep|kept|trust\w*|believe|believed|love|admire|like\s+how|moved?|real|good|finest|fine|lovely|clever|funny|"
    r"brave|startl\w+|beautiful\w*|excellent|succeeds?|carries|arrives|wakes|stops\s+me|stays\s+with|remember|catches|pulls|promis\w+|"
    r"delight\w*|wonderful\w*|pleasure|heart\s+of\s+(?:the|this)\s+poem)\b",
    re.IGNORECASE,
)
_FAULT = re.compile(
    r"\b(?:problem|fails?|failed|failing|weak\w*|wrong|clich\S*|abstract\w*|vague\w*|generic|dull|flat|boring|confus\w+|awkward\w*|clumsy|"
    r"forced|stale|lazy|empty|unclear|doesn't|does\s+not|don't|do\s+not|isn't|is\s+not|never|lacks?|lacking|missing|needs?|should|cut|"
    r"trouble|mistake|bad|badly|worst|hollow|falter\w*|stumbl\w+|breaks\s+down|too\s+(?:many|much|long|abstract|easy|neat|general)|unfortunately)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?]+[.!?]*[\"'”’)]*")


def _opening(text: str) -> _Tone:
    """The tone of the first judging sentence among the first three; quoted words do not judge."""
    prose = _without_quotes(text)
    for sentence in [match[0] for match in _SENTENCE.finditer(prose[:2000])][:3]:
        strength, fault = _STRENGTH.search(sentence), _FAULT.search(sentence)
        if strength and (fault is None or strength.start() < fault.start()):
            return _Tone.STRENGTH
        if fault:
            return _Tone.FAULT
    return _Tone.NEITHER


def _without_quotes(text: str) -> str:
    """The text with quoted words replaced by an ellipsis sign, so that a quoted full stop ends no sentence."""
    for quote in reversed(quotations(text)):
        text = f"{text[: quote.start]}…{text[quote.end :]}"
    return text


def _strength_first(prose: _Prose) -> Iterator[VoiceFinding]:
    if _opening(prose.text) is _Tone.FAULT:
        sentence = "it opens with a fault; begin with the strongest moment, then say what would help."
        yield _finding(VoiceFault.FAULT_FIRST, (0, min(60, len(prose.text))), prose.text, sentence=sentence)


def _not_empty(prose: _Prose) -> Iterator[VoiceFinding]:
    if not prose.text.strip():
        yield _finding(VoiceFault.EMPTY, (0, 0), prose.text, sentence="there is no text; ask the mentor again.")


_CHECKS: tuple[Callable[[_Prose], Iterator[VoiceFinding]], ...] = (
    _not_empty,
    _banned,
    _scores,
    _rubrics,
    _specific,
    _true_to_poem,
    _strength_first,
)
