"""Gates for what the educator says: its voice, and whether what it points at is there.

A gate is a function from a case to findings; which gates a task goes through is in `tasks.TASKS`.
"""

import re
from collections.abc import Iterator, Sequence

from workbench.education.gates.cases import Case, Part, Speech, StrictCritique, lines_of, read_cached
from workbench.education.gates.quotations import Quotation, cited_lines, is_quoted_from, quotations, sentences_of
from workbench.education.gates.voice import VoiceFault, check_voice
from workbench.education.types import Finding, Gate, GateReason
from workbench.prosody import unsupported
from workbench.revision.critique_text import parse_critique
from workbench.revision.types import FAILURES
from workbench.types import Poem
from workbench.words import words_of

Findings = Iterator[Finding]

_REASONS = {
    VoiceFault.BANNED: (Gate.VOICE, GateReason.BANNED_PHRASE),
    VoiceFault.SCORE: (Gate.VOICE, GateReason.SCORE),
    VoiceFault.RUBRIC: (Gate.RUBRIC, GateReason.RUBRIC),
}
_LEAST_DIRECTION = 3  # words
#: Words with which one person tells another what to do next.
_DIRECTION = re.compile(
    r"\b(?:let|leave|keep|cut|find|take|try|move|begin|start|end|read|write|look|ask|give|make|put|set|go|stay|stop|"
    r"drop|strip|trust|listen|choose|open|close|break|say|name|show|hold|bring|turn|work|return|save|spend|remove|"
    r"replace|rebuild|restore|carry|pull|press|count|protect|walk|test|swap|could|might|would)\b",
    re.IGNORECASE,
)


def plain_voice(case: Case) -> Findings:
    """Nothing that the mentor never says, no scores; a brief may be a list, other prose may not."""
    for speech in case.speeches:
        poem = "\n".join(shown.text for shown in (*speech.about, *speech.also)) or None
        for found in check_voice(speech.prose, poem=poem).findings:
            if found.fault in _REASONS and not (speech.kind == "brief" and found.fault is VoiceFault.RUBRIC):
                gate, reason = _REASONS[found.fault]
                yield Finding(gate=gate, reason=reason, detail=_short(found.text))


def strength_first(case: Case) -> Findings:
    """The first judging sentence praises; or what comes first, down to words quoted from the poem, blames nothing.

    Words of praise are many, so an opening that shows words of the poem is taken for praise unless it finds fault. The
    poem's own words judge nothing: a cut loaf is not advice to cut.
    """
    for speech in case.speeches:
        if not _is_fault_first(speech.prose):
            continue
        opening = _opening(speech)
        if not opening or _is_fault_first(_without_words_of(speech.about, opening)):
            yield Finding(gate=Gate.STRENGTH, reason=GateReason.FAULT_FIRST, detail=_short(speech.prose))


def _opening(speech: Speech) -> str:
    """The first sentences, three at most, down to the one that quotes the poem; "" where none does."""
    sentences = sentences_of(speech.prose)[:3]
    for place, sentence in enumerate(sentences):
        if any(is_quoted_from(quote, _whole(poem)) for quote in quotations(sentence) for poem in speech.about):
            return " ".join(sentences[: place + 1])
    return ""


def _is_fault_first(prose: str) -> bool:
    return any(found.fault is VoiceFault.FAULT_FIRST for found in check_voice(prose).findings)


def _without_words_of(poems: Sequence[Poem], prose: str) -> str:
    own = {word.folded for poem in poems for word in words_of(poem.text)}
    for word in reversed(words_of(prose)):
        if word.folded in own:
            prose = f"{prose[: word.span[0]]}…{prose[word.span[1] :]}"
    return prose


def specific(case: Case) -> Findings:
    """A critique quotes from its strongest line; other prose quotes, or names a line, of each poem it is about."""
    for speech in case.speeches:
        if speech.kind == "critique":
            part = speech.critique.strongest
            if part and not any(_is_at(quote, part, speech) for quote in quotations(part.note)):
                detail = f"nothing is quoted from line {part.first_line}, which it calls the strongest"
                yield Finding(gate=Gate.SPECIFIC, reason=GateReason.NOT_SPECIFIC, detail=detail)
        elif speech.kind == "prose":
            yield from _points_at_each(speech)


def _points_at_each(speech: Speech) -> Findings:
    quotes = quotations(speech.prose)
    if not speech.about:
        if not quotes and not cited_lines(speech.prose) and "\n" not in speech.prose.strip():
            yield Finding(gate=Gate.SPECIFIC, reason=GateReason.NOT_SPECIFIC, detail="no example is given in it")
        return
    is_line_named = len(speech.about) == 1 and any(n <= speech.n_lines for n, _ in cited_lines(speech.prose))
    for poem in speech.about:
        if not is_line_named and not any(is_quoted_from(quote, _whole(poem)) for quote in quotes):
            yield Finding(
                gate=Gate.SPECIFIC, reason=GateReason.NOT_SPECIFIC, detail=f"nothing of '{poem.title}' is quoted"
            )


def direction(case: Case) -> Findings:
    """Each failure of a critique has its TRY; a revision brief tells what to do."""
    for speech in case.speeches:
        if speech.kind == "critique":
            for part in speech.critique.parts:
                if len(words_of(part.direction)) < _LEAST_DIRECTION:
                    detail = f"line {part.first_line} ({part.kind}) has no TRY"
                    yield Finding(gate=Gate.DIRECTION, reason=GateReason.NO_DIRECTION, detail=detail)
        elif speech.kind == "prose" and not _DIRECTION.search(speech.prose):
            yield Finding(gate=Gate.DIRECTION, reason=GateReason.NO_DIRECTION)


def length(case: Case) -> Findings:
    """As many words as the task allows."""
    for field, (least, most) in case.words.items():
        n_words = len(words_of(getattr(case.row, field)))
        if n_words < least:
            detail = f"{field} has {n_words} words, at least {least} are wanted"
            yield Finding(gate=Gate.LENGTH, reason=GateReason.TOO_SHORT, detail=detail)
        if n_words > most:
            detail = f"{field} has {n_words} words, at most {most} are wanted"
            yield Finding(gate=Gate.LENGTH, reason=GateReason.TOO_LONG, detail=detail)


def language(case: Case) -> Findings:
    """English; what the mentor quotes is judged with it."""
    for speech in case.speeches:
        found = unsupported(speech.prose)
        if found is not None:
            yield Finding(gate=Gate.LANGUAGE, reason=GateReason.NOT_ENGLISH, detail=found.reason)


def true_quotes(case: Case) -> Findings:
    """Quotations of two words and more are in the poem or its title; some of a critique's are in the line named."""
    for speech in case.speeches:
        if not speech.about:
            continue
        sources = [_whole(poem) for poem in (*speech.about, *speech.also)]
        for quote in quotations(speech.prose):
            if len(words_of(quote.text)) >= 2 and not any(is_quoted_from(quote, source) for source in sources):
                yield Finding(gate=Gate.QUOTES, reason=GateReason.FALSE_QUOTE, detail=f'"{_short(quote.text)}"')
        if speech.kind == "critique":
            yield from _quotes_at_their_lines(speech)


def _quotes_at_their_lines(speech: Speech) -> Findings:
    for part in speech.critique.parts:
        quotes = [quote for quote in quotations(part.note) if _is_anywhere(quote, speech)]
        is_named = any(number != part.first_line for number, _ in cited_lines(part.note))
        if quotes and not is_named and not any(_is_at(quote, part, speech) for quote in quotes):
            detail = f'"{_short(quotes[0].text)}" is not in line {part.first_line}'
            yield Finding(gate=Gate.QUOTES, reason=GateReason.QUOTE_ELSEWHERE, detail=detail)


def true_lines(case: Case) -> Findings:
    """Every line named is there, in the critique's parts and in the sentences."""
    for speech in case.speeches:
        if not speech.about:
            continue
        n_lines = max([speech.n_lines, *(len(lines_of(poem)) for poem in speech.also)])
        named = {number for number, _ in cited_lines(speech.prose)}
        wrong = {number for number in named if number > n_lines}
        if speech.kind == "critique":
            strongest = speech.critique.strongest
            for part in (*([strongest] if strongest else []), *speech.critique.parts):
                is_there = 1 <= part.first_line <= part.last_line <= speech.n_lines
                wrong |= set() if is_there else {part.last_line}
        for number in sorted(wrong):
            detail = f"line {number}, the poem has {speech.n_lines}"
            yield Finding(gate=Gate.LINES, reason=GateReason.FALSE_LINE, detail=detail)


def critique_format(case: Case) -> Findings:
    """Critiques are written as the format has it, with failures from the list."""
    for speech in case.speeches:
        if speech.kind == "critique":
            yield from critique_complaints(speech.text)


_ANY_LINE = 10**4  # lines that do not exist are the business of another gate


def critique_complaints(text: str) -> Findings:
    """What is wrong with the form of one critique."""
    critique = read_cached(text)
    for complaint in critique.complaints:
        yield Finding(gate=Gate.FORMAT, reason=GateReason.BAD_FORMAT, detail=complaint)
    for part in critique.parts:
        if part.kind not in FAILURES:
            yield Finding(gate=Gate.FORMAT, reason=GateReason.UNKNOWN_FAILURE, detail=part.kind)
    if not critique.complaints and not _is_read_alike(critique, text):
        detail = "the revision loop reads other parts out of it: no sentence may begin like a part (Line 3: …)"
        yield Finding(gate=Gate.FORMAT, reason=GateReason.BAD_FORMAT, detail=detail)


def _is_read_alike(critique: StrictCritique, text: str) -> bool:
    """Whether the forgiving parser of the revision loop finds the same parts."""
    found = parse_critique(text, n_lines=_ANY_LINE)
    heard = [(item.first_line, item.last_line, item.note, item.direction) for item in found.items]
    meant = [(part.first_line, part.last_line, part.note, part.direction) for part in critique.parts]
    is_same_best = bool(found.strongest and critique.strongest and found.strongest.note == critique.strongest.note)
    return heard == meant and is_same_best and found.verdict == critique.verdict


def _is_at(quote: Quotation, part: Part, speech: Speech) -> bool:
    """Whether the quotation lies in the lines of the part."""
    return any(
        is_quoted_from(quote, "\n".join(lines_of(poem)[part.first_line - 1 : part.last_line])) for poem in speech.about
    )


def _is_anywhere(quote: Quotation, speech: Speech) -> bool:
    return any(is_quoted_from(quote, poem.text) for poem in speech.about)


def _whole(poem: Poem) -> str:
    return f"{poem.title}\n\n{poem.text}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"{line[:60]}…" if len(line) > 60 else line
