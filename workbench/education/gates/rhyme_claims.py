"""Gate: what a sentence says about rhyme is so.

Three kinds of claim are understood: two quoted words (or line ends) that rhyme, nearly rhyme or do not; two lines by
number; a scheme in letters. A sentence about what a form asks for, or about what might be, claims nothing. Whatever
else is said about sound is not judged.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from workbench.education.gates.cases import Case, Speech, lines_of
from workbench.education.gates.quotations import Quotation, quotations, sentences_of, without_quotations
from workbench.education.types import Finding, Gate, GateReason
from workbench.prosody import internal_rhymes, rhyme_class, rhymes, scheme
from workbench.prosody.rhyme import verse_rhyme_class
from workbench.prosody.scheme import rhyming_end
from workbench.prosody.types import STRICT_CLASSES, RhymeClass
from workbench.types import Poem
from workbench.words import words_of

Claimed = Literal["full", "near", "none"]

_RHYME = re.compile(r"\brhym\w*", re.IGNORECASE)
_AIM = re.compile(
    r"\b(?:asks?|asked|wants?|wanted|should|would|could|might|must|promis\w+|expects?|needs?|tr(?:y|ies|ied)|meant|intend\w*|"
    r"if|instead|let|find|look|rather|until|unless|without|claims?|pretends?|supposed)\b",
    re.IGNORECASE,
)
_NEAR = re.compile(
    r"\b(?:slant|near|nearly|half|almost|off|loose|imperfect|consonan\w+|assonan\w+|eye)\b", re.IGNORECASE
)
_NONE = re.compile(
    r"(?:\b(?:not|never|cannot|neither|hardly|barely|fails? to)|n['’]t)\b(?:\s+\w+){0,2}?\s+rhym"
    r"|\bno\s+(?:\w+\s+)?rhyme|\bunrhymed",
    re.IGNORECASE,
)
_WORDS = 2  # longest quotation that is taken for a word that rhymes, where no verb binds it
#: All that may stand between two quoted words: "moon" and "tune", "moon"/"tune", "moon" rhymes with "tune".
_LINKS = frozenset((
    "/", "–", "-", "—", ",", "and", "with", "to", "against", "for", "by", "a", "on", "only", "full", "fully", "rhyme",
    "rhymes", "rhymed", "does", "do", "doesn't", "don't", "doesn’t", "don’t", "not", "never", "nearly", "near",
    "almost", "half", "slant",
))  # fmt: skip
_LINK_TOKEN = re.compile(r"[\w'’]+|[^\w\s]")
_LINES = re.compile(
    r"\blines?\s+(\d{1,3})\s+(?:and|rhym\w+ with(?: line)?|with)\s+(?:line\s+)?(\d{1,3})", re.IGNORECASE
)
_SCHEME = re.compile(r"\b[A-H]{3,14}(?:[\s,-]+[A-H]{2,14})*\b")
_NEAR_CLASSES = frozenset({RhymeClass.SLANT, RhymeClass.CONSONANCE, RhymeClass.ASSONANCE, RhymeClass.EYE,
                           RhymeClass.UNSTRESSED})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RhymeClaim:
    """That two words or line ends rhyme, nearly rhyme or do not."""

    a: str
    b: str
    claimed: Claimed
    sentence: str

    @property
    def is_so(self) -> bool:
        """Whether prosody hears the same. A plain "rhymes" is taken for a full rhyme."""
        kinds = {rhyme_class(self.a, self.b), verse_rhyme_class(self.a, self.b)}
        is_full = rhymes(self.a, self.b) or bool(kinds & STRICT_CLASSES)
        if self.claimed == "near":
            return not is_full and bool(kinds & _NEAR_CLASSES)
        return is_full is (self.claimed == "full")


def true_rhymes(case: Case) -> Iterator[Finding]:
    """Every claim about rhyme agrees with prosody."""
    for speech in case.speeches:
        if speech.kind == "brief":
            yield from _false_schemes(speech.prose, case.poems)
            continue
        for claim in rhyme_claims(speech.prose, speech.about[0] if len(speech.about) == 1 else None):
            if not claim.is_so:
                heard = rhyme_class(claim.a, claim.b).value
                said = {"full": "a rhyme", "near": "a near rhyme", "none": "no rhyme"}[claim.claimed]
                detail = f"'{claim.a}' and '{claim.b}' are called {said}; measured: {heard}"
                yield Finding(gate=Gate.RHYME, reason=GateReason.FALSE_RHYME, detail=detail)
        yield from _false_schemes(speech.prose, speech.about)
        if speech.kind == "critique":
            yield from _unforced(speech)


def rhyme_claims(prose: str, poem: Poem | None = None) -> Iterator[RhymeClaim]:
    """The claims about two words or two lines, in the order of the sentences.

    >>> [(c.a, c.b, c.claimed) for c in rhyme_claims('"Moon" does not rhyme with "tomb".')]
    [('Moon', 'tomb', 'none')]
    """
    for sentence in sentences_of(prose):
        quotes = quotations(sentence)
        bare = without_quotations(sentence, quotes)
        if not _RHYME.search(bare) or _AIM.search(bare):
            continue
        claimed: Claimed = "near" if _NEAR.search(bare) else "none" if _NONE.search(bare) else "full"
        pairs = [*_quoted_pairs(sentence, quotes), *_line_pairs(bare, poem)]
        for a, b in pairs:
            yield RhymeClaim(a=a, b=b, claimed=claimed, sentence=sentence)


def _quoted_pairs(sentence: str, quotes: tuple[Quotation, ...]) -> Iterator[tuple[str, str]]:
    """Neighbouring quotations that a sentence about rhyme binds: "X" rhymes with "Y", "moon" and "tune", "moon / tune".

    Longer phrases that are only listed ("…" and "…") are not taken for a pair.
    """
    for quote in quotes:
        parts = [part.strip() for part in quote.text.split("/")]
        if len(parts) == 2 and all(0 < len(words_of(part)) <= _WORDS for part in parts):
            yield rhyming_end(parts[0]), rhyming_end(parts[1])
    for one, two in pairwise(quotes):
        between = _LINK_TOKEN.findall(sentence[one.end : two.start].lower())
        is_bound = any(word.startswith("rhym") for word in between)
        is_short = max(len(words_of(one.text)), len(words_of(two.text))) <= _WORDS
        if between and _LINKS.issuperset(between) and (is_bound or is_short):
            yield rhyming_end(one.text), rhyming_end(two.text)


def _line_pairs(bare: str, poem: Poem | None) -> Iterator[tuple[str, str]]:
    lines = lines_of(poem) if poem else ()
    for match in _LINES.finditer(bare):
        first, second = int(match[1]), int(match[2])
        if 1 <= first <= len(lines) and 1 <= second <= len(lines):
            yield rhyming_end(lines[first - 1]), rhyming_end(lines[second - 1])


def _unforced(speech: Speech) -> Iterator[Finding]:
    """A line blamed for a forced rhyme must rhyme, fully or nearly, with some other line, or inside itself."""
    for part in speech.critique.parts:
        for poem in speech.about if part.kind == "forced rhyme" else ():
            lines = lines_of(poem)
            heard = scheme(lines, slant=True).letters
            cited = range(part.first_line - 1, min(part.last_line, len(lines)))
            is_bound = any(heard.count(heard[place]) > 1 or internal_rhymes(lines[place]) for place in cited)
            if len(cited) and not is_bound:
                detail = f"line {part.first_line} is blamed for a forced rhyme and rhymes with no line"
                yield Finding(gate=Gate.RHYME, reason=GateReason.FALSE_RHYME, detail=detail)


def _false_schemes(prose: str, poems: Sequence[Poem]) -> Iterator[Finding]:
    for sentence in sentences_of(prose) if poems else ():
        bare = without_quotations(sentence, quotations(sentence))
        if _AIM.search(bare) or _NONE.search(bare):
            continue
        for match in _SCHEME.finditer(bare):
            claimed = "".join(filter(str.isalpha, match[0]))
            if _is_scheme(claimed) and not any(claimed in _heard(poem) for poem in poems):
                heard = " or ".join(scheme(poem.text.split("\n")).text for poem in poems)
                yield Finding(
                    gate=Gate.RHYME, reason=GateReason.FALSE_SCHEME, detail=f"{match[0]}; measured is {heard}"
                )


def _is_scheme(letters: str) -> bool:
    """Whether letters are a scheme and no word: each new letter is the next of the alphabet, and one comes back."""
    seen = list(dict.fromkeys(letters))
    return seen == [chr(ord("A") + place) for place in range(len(seen))] and len(seen) < len(letters)


def _heard(poem: Poem) -> set[str]:
    """The whole scheme and that of each stanza, with and without slant rhymes, and all beginnings of the whole."""
    found = [scheme(poem.text.split("\n"), slant=slant) for slant in (False, True)]
    wholes = ["".join(each.letters) for each in found]
    starts = {whole[:end] for whole in wholes for end in range(3, len(whole) + 1)}
    return starts | {stanza for each in found for stanza in each.stanza_schemes}
