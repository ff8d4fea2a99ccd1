"""What a poet answered, read as a poem: `Title: …` then `Poem: …`, or what small models make of that.

Chatter, code fences, marks of emphasis and line numbers come off; then the answer is a poem, or it says in one sentence
why it is none. A poem is at least two lines of verse that are not the brief, not the critique and not one line again
and again. Nothing is judged by taste here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.prompts.thinking import without_thinking
from workbench.revision.circles import circles_from, n_distinct
from workbench.words import words_of

#: A line of verse longer than this is prose, unless prose was asked for.
MOST_LINE_WORDS = 24
#: Share of lines that are no other line again. Refrains come back: a triolet has five different lines of eight (.625);
#: in a pantoum every line comes twice.
FEWEST_DISTINCT = 0.6
FEWEST_DISTINCT_OF = {"pantoum": 0.4}
_TITLE_CHARS = 80
_TITLE = re.compile(r"^[\s*#_>\"“]*(?:new |revised )?title[*_]*\s*:\s*(?P<title>.*)$", re.IGNORECASE | re.MULTILINE)
_POEM = re.compile(r"^[\s*#_>]*(?:the |revised )?poem[*_]*\s*:[*_]*[ \t]*\n?", re.IGNORECASE | re.MULTILINE)
_FENCE = re.compile(r"^\s*```.*$", re.MULTILINE)
_HEADING = re.compile(r"^\s*(?:#{1,4}\s+(?P<hash>.+)|\*\*(?P<stars>[^*\n]+)\*\*:?)\s*$")
_NUMBER = re.compile(r"^\s*\d{1,3}(?:[.):]\s+|\s{1,4})(?=\S)")
_PREFACE = re.compile(
    r"\b(?:here|sure|certainly|of course|below|following|revised|version|draft|rewrit\w+)\b", re.IGNORECASE
)
_AFTERWORD = re.compile(
    r"^\W*(?:i (?:made|changed|kept|hope|have|tried|added|removed|replaced)|let me know|notes?\b.{0,20}:|"
    r"(?:in )?this (?:poem|version|revision|draft)|the (?:poem|changes|revision)\b)",
    re.IGNORECASE,
)
_MATERIAL = re.compile(
    r"^\W*(?:(?:ANGLE|AVOID|IMAGES FROM|FORM|SOUND|TURN)\s*:|STRONGEST line|LINES? \d|VERDICT\b|"
    r"(?:the )?(?:mentor says|reader asks|brief was)\b|measured,? and true|somebody asks)",
    re.IGNORECASE,
)
_END = re.compile(r"[.!?][\"”’')]*(?=\s|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoemReply:
    """A poem, or why it is none; `problem` is "" for a poem."""

    title: str
    text: str
    problem: str


def parse_poem_reply(answer: str, *, ended: bool = True, given: str = "", form: str = "") -> PoemReply:
    r"""Reads an answer.

    Args:
        answer: what the model wrote.
        ended: false where the token limit cut it; the unfinished last line is left out then.
        given: what the poet was given and must not give back, such as the brief.
        form: what was asked for: long lines are no fault of a prose poem, nor repeated ones of a pantoum.

    >>> parse_poem_reply("Sure, here it is:\n**Ferry**\n\n1. The rope is wet.\n2. Nobody waves.")
    PoemReply(title='Ferry', text='The rope is wet.\nNobody waves.', problem='')
    """
    title, body = _title_and_body(_FENCE.sub("", without_thinking(answer).replace("\r\n", "\n").replace("\r", "\n")))
    lines = [
        line.rstrip().strip("*_").rstrip() if line.lstrip().startswith(("*", "_")) else line.rstrip()
        for line in body.split("\n")
    ]
    lines = _without_afterword(_without_numbers(lines))
    if not ended and sum(bool(line.strip()) for line in lines) > 2:
        lines = lines[: max(index for index, line in enumerate(lines) if line.strip())]
    text = _tidy(lines)
    problem = _problem(text, given=given, form=form)
    if circles_from(without_thinking(answer) + "\n") >= 0:
        problem = "it goes in circles: the same words again and again, to no end"
    return PoemReply(title=_clean_title(title), text=text, problem=problem)


def title_from(text: str) -> str:
    """What an untitled poem goes by: the first words of its first line."""
    words = next((line.split() for line in text.split("\n") if line.strip()), [])
    return " ".join(words[:6]).strip(' ,;:.!?—–-"“”')[:_TITLE_CHARS]


# ---------------------------------------------------------------- what is poem and what is not


def _title_and_body(text: str) -> tuple[str, str]:
    found = _TITLE.search(text)
    marked = _POEM.search(text, found.end() if found else 0)
    if found:
        return found["title"], text[marked.end() if marked else found.end() :]
    if marked:
        return "", text[marked.end() :]
    lines = text.strip().split("\n")
    while len(lines) > 1 and (not lines[0].strip() or (lines[0].rstrip().endswith(":") and _PREFACE.search(lines[0]))):
        lines = lines[1:]
    heading = _HEADING.match(lines[0])
    if heading:
        return heading["hash"] or heading["stars"], "\n".join(lines[1:])
    return "", "\n".join(lines)


def _without_numbers(lines: Sequence[str]) -> list[str]:
    """Line numbers off, where nearly every line has one."""
    full = [line for line in lines if line.strip()]
    numbered = sum(bool(_NUMBER.match(line)) for line in full)
    return [_NUMBER.sub("", line) for line in lines] if full and numbered >= 0.8 * len(full) else list(lines)


def _without_afterword(lines: list[str]) -> list[str]:
    """What the model says about its poem after an empty line."""
    for index in range(1, len(lines)):
        if not lines[index - 1].strip() and _AFTERWORD.match(lines[index]) and len(lines[index].split()) > 8:
            return lines[:index]
    return lines


def _tidy(lines: Sequence[str]) -> str:
    """Stanzas separated by one empty line, nothing empty at either end; the margin shared by all lines is taken off."""
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(line if line.strip() else "" for line in lines)).strip("\n")
    full = [line for line in text.split("\n") if line]
    margin = min((len(line) - len(line.lstrip()) for line in full), default=0)
    return "\n".join(
        line[margin:] if index or not margin else line.lstrip() for index, line in enumerate(text.split("\n"))
    )


def _clean_title(title: str) -> str:
    plain = re.sub(r"^(?:\W*title\s*:)+", "", title, flags=re.IGNORECASE)
    plain = " ".join(plain.strip(' *_#"“”').split())
    return plain.rstrip(".,;:")[:_TITLE_CHARS].strip()


def _problem(text: str, *, given: str, form: str) -> str:
    is_prose = form == "prose poem"
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not any(char.isalpha() for char in text):
        return "there are no words in it"
    if len(lines) < 2 and not is_prose:
        return "it is a single line"
    if any(_MATERIAL.match(line) for line in lines):
        return "it repeats what the poet was given to work from"
    if given and _share_of(lines, given) >= 0.5:
        return "it repeats what the poet was given to work from"
    longest = max(len(line.split()) for line in lines)
    if longest > MOST_LINE_WORDS and not is_prose:
        return f"it is prose: a line of {longest} words"
    n_different = n_distinct(lines)
    if len(lines) >= 4 and n_different < FEWEST_DISTINCT_OF.get(form, FEWEST_DISTINCT) * len(lines):
        return f"it says the same line again and again: {n_different} different lines of {len(lines)}"
    return ""


def _share_of(lines: Sequence[str], given: str) -> float:
    """Share of lines that are in what was given, word for word; short ones prove nothing."""
    stock = " ".join(word.folded for word in words_of(given))
    told = [" ".join(word.folded for word in words_of(line)) for line in lines]
    return sum(len(line.split()) >= 4 and line in stock for line in told) / len(lines)


def whole_sentences(text: str) -> str:
    """The text up to its last finished sentence; "" where none is finished.

    >>> whole_sentences("It holds. The rope is")
    'It holds.'
    """
    ends = [match.end() for match in _END.finditer(text)]
    return text[: ends[-1]].strip() if ends else ""
