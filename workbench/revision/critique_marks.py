"""Critiques in words of their own, marked as they were asked for: STRONGEST line 4, LINE 7 (cliche), VERDICT.

Models name lines by numbers of many spellings, by ordinals, by their words, by table or object, or in plain prose. Only
the names of parts and the places are rewritten here; what is said of them stays. What the marks mean is for
`critique_text`. Pure.
"""

import re
from collections.abc import Iterator, Sequence

from workbench.revision.foreign_formats import labelled
from workbench.revision.quotations import place_of, quotations
from workbench.revision.talk import is_offer, is_talk
from workbench.revision.types import FAILURES
from workbench.words import words_of

UNCLEAR_LINE = "a remark counts its line within a stanza; which line of the poem it means is not clear"
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ORDINAL = re.compile(
    rf"^(?P<before>[\W\d]*(?:strongest\s*[:(–—-]?\s*)?)(?:the )?(?P<word>{'|'.join(_ORDINALS)}|last|final) line\b",
    re.IGNORECASE | re.MULTILINE,
)
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SPELLED = re.compile(  # where a part begins; within a remark "lines one to four" stays as it was said
    rf"^(?P<head>[\W\d]*(?:strongest\W*)?lines?)\s+(?P<first>{'|'.join(_WORDS)})\b"
    rf"(?:(?P<join>\s*(?:to|and|&|-|–)\s*)(?P<second>{'|'.join(_WORDS)})\b)?",
    re.IGNORECASE | re.MULTILINE,
)
_ABROAD = re.compile(r"\b(?:zeilen?|lignes?|l[ií]neas?|versos?|regels?)\s+(?=\d)", re.IGNORECASE)
KINDS = "|".join(f"{kind[:-1]}[eé]d?" if kind == "cliche" else re.escape(kind) for kind in FAILURES)
_BY_WORDS = re.compile(
    rf"^(?P<before>[\W\d]*)(?:(?P<strongest>strongest(?: line| moment| image| part)?\b[^\w\n]*)|"
    rf"(?P<weak>weak(?:est)?(?: line| moment| image| part)?\b[^\w\n]*)|)[“\"](?P<words>[^“”\"\n]{{3,120}})[”\"]\s*"
    rf"(?P<kind>\((?:{KINDS})\))?(?=\s*[:–—-])",
    re.IGNORECASE | re.MULTILINE,
)
_ITEM_BY_NUMBER = re.compile(r"^\W*(?:\d+[.)]\s*)?lines?\s+\d", re.IGNORECASE | re.MULTILINE)
_IN_BRACKETS = re.compile(r"^[ \t]*\((\d{1,3})\)\s+(?!lines?\b)", re.IGNORECASE | re.MULTILINE)
_IN_STANZA = re.compile(
    r"\bstanza (?P<stanza>\d+)\s*,?\s*lines?\s+(?P<lines>\d+(?:\s*[-–]\s*\d+)?)(?P<said>[^\n]*)", re.IGNORECASE
)
_PART = re.compile(r"verdict|strongest|\blines? [\d#]", re.IGNORECASE)
_SPEAKS = 3  # words from which on a quotation alone names its line
_DECIDED = r"\b(?:approv|revis|start(?:ing)? over)"
_SHAPES = tuple((re.compile(shape, re.IGNORECASE | re.MULTILINE), mark) for shape, mark in (
    (r"^[ \t>]*#{1,6}[ \t]+", ""),
    (r"\b(lines?)\s+#(?=\d)", r"\1 "),
    (r"^\W*(?:\w+ )?(?:failures|weaknesses|weak (?:lines|spots|points)|problems)[ \t]*:?[ \t]*$", ""),
    (r"^([\W\d]*)(?:the )?strongest[^\n:]{0,20}:?\s*\n\s*([“\"][^“”\"\n]{3,120}[”\"])\s*\(lines?\s+(\d+)\)\s*[:–—-]?",
     r"\1STRONGEST line \3: \2"),
    (r"^([\W\d]*)lines?\s+(\d+)\s*[:(–—-]\s*strongest\b[ \t)]*\n", r"\1STRONGEST line \2: "),
    (r"^([\W\d]*)(?:the )?strongest(?: moment| line| part)?\s*[:(–—-]\s*\(?lines?\s+", r"\1STRONGEST line "),
    (r"^([\W\d]*)(?:the )?strongest(?: moment| line| part)?[ \t]*:?[ \t]*\n\W*lines?\s+", r"\1STRONGEST line "),
    (r"^[^\w\n]*line\s*:\s*(\d+)\s*\n\W*(?:failure|kind|type|problem)\s*:\s*([^\n]+)\n\W*(?:note|why|comment|issue)\s*:\s*",
     r"LINE \1 (\2): "),
    (r"^([\W\d]*)strongest(?: line| moment)?\s*[:–—-]\s*[#(]?(\d+)\b\)?[ \t]*\(?([^()\n]*)\)?",
     r"\1STRONGEST line \2: \3"),
    (r"^([\W\d]*)weak(?:est)?(?: line| moment)?\s*[:–—-]\s*#?(?=\d{1,3}\b)", r"\1LINE "),
    (r"^([\W\d]*)strongest (?:moment at |at )?line (\d+)[ \t]*$", r"\1STRONGEST line \2:"),
    (r"^([^\w\n]*)#(?=\d{1,3}\b)", r"\1LINE "),
    (r"^(\W*)[“\"]([^“”\"\n]{3,120})[”\"]\s*\((?:in )?lines?\s+(\d+(?:[-–]\d+)?)\)\s*[:–—-]", r'\1LINE \3: "\2"'),
    (r"^([\W\d]*?)lines?\s+(\d+)\s+(?:is|was)\s+(?:the |your )?strongest\b\W*", r"\1STRONGEST line \2: "),
    (rf"^([\W\d]*lines?\s+\d[\d–-]*)\s*[:–—-]\s+({KINDS})\s*[:–—-]\s", r"\1 (\2): "),
    (rf"^([\W\d]*lines?\s+\d[\d–-]*)\s*[–—-]\s+({KINDS})[ \t]*\n(?=[^\n])", r"\1 (\2): "),
    (rf"^(\W*)(\d{{1,3}})\s*(?=\((?:{KINDS})\))", r"\1LINE \2 "),
    (r"^((?:[^\w\n]|\d+[.)])*)lines?\s+(\d+)\s+(?=[a-z“\"])(?!to\b|and\b|through\b)", r"\1LINE \2: "),
    (r"^([\W\d]*)(?:my |final |the )*verdict[ \t]*:?[ \t]*\n+\s*", r"\1VERDICT "),
    (r"^([\W\d]*)(?:my |final |the )+verdict\b", r"\1VERDICT"),
    (rf"^(\W*)(?:(?:my|the|final|overall) )*(?:decision|recommendation|conclusion|judge?ment)\b(?=[^\n]*{_DECIDED})",
     r"\1VERDICT"),
))  # fmt: skip


def _without_offer(text: str) -> str:
    """The critique without what is said to the person under it."""
    blocks = [block.strip() for block in re.split(r"\n[ \t]*\n", text.strip())]
    while len(blocks) > 1 and not _PART.search(last := blocks[-1]) and (is_offer(last) or is_talk(last.split("\n"))):
        blocks.pop()
    return "\n\n".join(blocks)


def as_marked(text: str, n_lines: int, lines: Sequence[str]) -> str:
    """Other shapes as marks: objects, tables, bold labels, "Strongest: line 4", "the last line", words of a line."""
    plain = re.sub(r"\*\*|__|`", "", labelled(_without_offer(text)))
    plain = re.sub(r"(?<!\S)\*(?=\S)([^*\n]+?)(?<=\S)\*(?!\w)", r"\1", plain)
    plain = re.sub(r"\bL(?=\d{1,4}\b)|\bLn\.?\s+(?=\d)", "line ", plain)
    plain = _ABROAD.sub("line ", plain)
    plain = _SPELLED.sub(_in_figures, plain)
    plain = _ORDINAL.sub(lambda found: f"{found['before']}line {_counted(found['word'], n_lines)}", plain)
    plain = _IN_STANZA.sub(lambda found: _cleared(found, lines), plain)
    counted = [int(number) for number in _IN_BRACKETS.findall(plain)]
    if len(counted) > 1 and counted != list(range(1, len(counted) + 1)):  # else remarks are counted, not lines
        plain = _IN_BRACKETS.sub(r"LINE \1: ", plain)
    for shape, mark in _SHAPES:
        plain = shape.sub(mark, plain)
    if not re.search(r"\bverdict\b", plain, re.IGNORECASE):
        plain = re.sub(rf"^([^\w\n]*)(?={_DECIDED}[^\n]*\Z)", r"VERDICT ", plain.rstrip(), flags=re.I | re.M)
    has_numbers = bool(_ITEM_BY_NUMBER.search(plain))
    return _BY_WORDS.sub(lambda found: _by_number(found, lines, has_numbers=has_numbers), plain)


def _counted(word: str, n_lines: int) -> int:
    return n_lines if word.casefold() in ("last", "final") else _ORDINALS.index(word.casefold()) + 1


def _in_figures(found: re.Match[str]) -> str:
    first, second = (str(_WORDS.index(word.casefold()) + 1) if word else "" for word in found.group("first", "second"))
    return f"{found['head']} {first}{found['join'] or ''}{second}"


def _cleared(found: re.Match[str], lines: Sequence[str]) -> str:
    """A line counted within a stanza, by the number of the words that it quotes; 0 where that is not clear."""
    number = found["lines"] if int(found["stanza"]) == 1 else next(_places(found["said"], lines), "0")
    return f"line {number}{found['said']}"


def _by_number(found: re.Match[str], lines: Sequence[str], *, has_numbers: bool) -> str:
    """A part that names its line by the words in it, with their number; as it is where they are nowhere.

    Words alone begin a part where no part has a number; else they may be a remark's own second line.
    """
    words = [word.folded for word in words_of(found["words"])]
    place = place_of(words, lines)
    is_named = found["strongest"] or found["weak"] or found["kind"]
    if place is None or not (is_named or (not has_numbers and len(words) >= _SPEAKS)):
        return found[0]
    head = f"STRONGEST line {place[0]}" if found["strongest"] else f"LINE {place[0]} {found['kind'] or ''}".rstrip()
    return found["before"] + head + f': "{found["words"]}"' * (not is_named)


# ---------------------------------------------------------------- prose

_SENTENCE = re.compile(r"(?<=[.!?])[\"”’]?\s+|\n+")
_ANYWHERE = re.compile(rf"\b(?:the )?(?P<word>{'|'.join(_ORDINALS)}|opening|last|final|closing) line\b", re.IGNORECASE)
_NUMBERED = re.compile(r"\blines?\s+(?P<lines>\d{1,4}(?:\s*(?:-|–|to|and|&|,)\s*\d{1,4})*)", re.IGNORECASE)
_PRAISE = re.compile(r"\b(?:strongest|best|finest|stands out|shines|sings|you have it)\b", re.IGNORECASE)
_ADVICE = re.compile(
    r"\W*(?:try|consider|perhaps|maybe|instead|you (?:could|might)|why not|could you|cut|replace|ask|let)\b",
    re.IGNORECASE,
)


def from_prose(text: str, n_lines: int, lines: Sequence[str]) -> str:
    """Sentences that name a line, by number, ordinal or words, as its remark; "" where none does.

    A sentence that names none belongs to the one before it: as advice where it advises.

    >>> print(from_prose("The third line is padding. Try a verb. I would revise.", 4, ()))
    LINE 3 (padding): The third line is padding. TRY: Try a verb.
    VERDICT: I would revise.
    """
    parts: list[str] = []
    for sentence in filter(None, map(str.strip, _SENTENCE.split(text))):
        where = _line_in(sentence, n_lines, lines)
        if re.search(_DECIDED, sentence, re.IGNORECASE) and not where:
            parts.append(f"VERDICT: {re.sub(r'^verdict[^a-z]*', '', sentence, flags=re.IGNORECASE)}")
        elif where:
            kind = f" ({found[0]})" if (found := re.search(KINDS, sentence, re.IGNORECASE)) else ""
            head = f"STRONGEST line {where}" if _PRAISE.search(sentence) else f"LINE {where}{kind}"
            parts.append(f"{head}: {sentence}")
        elif parts and _ADVICE.match(sentence) and " TRY: " not in parts[-1]:
            parts[-1] += f" TRY: {sentence}"
        elif parts:
            parts[-1] += f" {sentence}"
    return "\n".join(parts) if any(not part.startswith("VERDICT") for part in parts) else ""


def _line_in(sentence: str, n_lines: int, lines: Sequence[str]) -> str:
    """The number of the line that a sentence speaks of; "" where it names none."""
    if found := _NUMBERED.search(sentence):
        return found["lines"]
    if found := _ANYWHERE.search(sentence):
        word = found["word"].casefold()
        return str({"opening": 1, "final": n_lines, "closing": n_lines}.get(word) or _counted(word, n_lines))
    return next(_places(sentence, lines), "")


def _places(sentence: str, lines: Sequence[str]) -> Iterator[str]:
    for words in quotations(sentence):
        if len(words) > 1 and (place := place_of(words, lines)):
            yield str(place[0])
