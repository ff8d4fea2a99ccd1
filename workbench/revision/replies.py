"""What a poet answered, read as a poem: `Title: …` then `Poem: …`, or what models make of that.

Thoughts, fences, marks and talk come off; then the answer is a poem, or it says in one sentence why it is none. Talk is
left out only before the first and after the last block of verse (`talk`); what was left out, and what may be talk and
was kept, is in `remarks`. Nothing is judged by taste here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.prompts.thinking import without_thinking
from workbench.revision.circles import circles_from, n_distinct
from workbench.revision.foreign_formats import is_fence, is_rule, plain_lines, poem_in_json, unmarked
from workbench.revision.talk import MOST_LINE_WORDS, is_doubtful, is_label, is_list, is_prose, is_talk
from workbench.words import words_of

#: Share of lines that are no other line again. Refrains come back: a triolet has five different lines of eight (.625);
#: in a pantoum every line comes twice.
FEWEST_DISTINCT = 0.6
FEWEST_DISTINCT_OF = {"pantoum": 0.4}
_TITLE_CHARS = 80
_TITLE = re.compile(r"^[\s*#_>\"“]*(?:new |revised )?title[*_]*\s*:\s*(?P<title>.*)$", re.IGNORECASE)
_POEM = re.compile(r"^[\s*#_>]*(?:revised |new |final )?poem[*_]*\s*:[*_]*[ \t]*", re.IGNORECASE)
_HEADING = re.compile(r"^[^\w*#]*(?:#{1,4}\s+(?P<hash>.+)|\*\*(?P<stars>[^*\n]+)\*\*:?)[^\w*]*$")
_OF_A_BRIEF = re.compile(r"^\W*(?:ANGLE|AVOID|IMAGES FROM|FORM|SOUND|TURN)\s*:")
_OF_A_CRITIQUE = re.compile(
    r"^\W*(?:STRONGEST lines? \d+[^:]{0,12}:|LINES? \d+(?:-\d+)? \([a-z -]+\)\s*:|VERDICT (?:approve|"
    r"revise|start over)\b)"
)
_LABEL = re.compile(
    r"^\W*(?:(?:stanza|verse|quatrain|tercet|couplet)\s+(?:\d+|[ivx]+)|end of (?:the )?poem|"
    r"\d+ (?:lines|words|syllables)(?:, \d+ (?:lines|words|syllables))*)\W*$", re.IGNORECASE,
)  # fmt: skip
_PROMPTED = re.compile(
    r"^\W*(?:the mentor says|the reader asks|the brief was|measured,? and true|somebody asks for)\s*:", re.I
)
_END = re.compile(r"[.!?][\"”’')]*(?=\s|$)")
_CUT = "the answer was cut short (by the token limit, or a broken connection)"

Block = tuple[int, int]  # lines [start, end), none of them empty


@dataclass(frozen=True, slots=True, kw_only=True)
class PoemReply:
    """A poem, or why it is none; `problem` is "" for a poem."""

    title: str
    text: str
    problem: str
    remarks: tuple[str, ...] = ()  # what was left out, and what was kept in doubt, a sentence each


def parse_poem_reply(answer: str, *, ended: bool = True, given: str = "", form: str = "") -> PoemReply:
    r"""Reads an answer.

    Args:
        answer: what the model wrote.
        ended: false where the token limit or the endpoint cut it; an unfinished last line is left out then.
        given: what the poet was given and must not give back, such as the brief.
        form: what was asked for: long lines are no fault of a prose poem, nor repeated ones of a pantoum.

    >>> found = parse_poem_reply("Sure, here it is:\n**Ferry**\n\n1. The rope is wet.\n2. Nobody waves.")
    >>> found.title, found.text, found.problem
    ('Ferry', 'The rope is wet.\nNobody waves.', '')
    """
    said = without_thinking(answer)
    object_ = poem_in_json(said)
    remarks: list[str] = []
    if object_ and object_[2]:
        remarks.append(f"left out as talk: “{object_[2][:60]}”")
    title, lines = (object_[0], plain_lines(object_[1])) if object_ else _labelled(plain_lines(said), remarks)
    blocks = _blocks(lines)
    inner = _verse(lines, blocks, remarks)
    heading = _HEADING.match(lines[inner[0][0]]) if inner and not title else None
    if heading and not _is_emphasised_verse(lines, inner):
        title = heading["hash"] or heading["stars"]
        inner = _verse(lines, _blocks(lines, inner[0][0] + 1, inner[-1][1]), remarks)
    if not ended and inner and inner[-1] == blocks[-1] and not answer.endswith("\n"):
        remarks.append(f"{_CUT}; its unfinished last line was left out")
        inner = _without_last_line(inner)
    body = _without_labels(lines[inner[0][0] : inner[-1][1]] if inner else [], remarks)
    text = _tidy(unmarked([line for line in body if not is_fence(line)]))
    problem = _problem(text, given=given, form=form)
    if not inner and blocks:
        problem = _NO_VERSE[all(_is_material(lines[start:end]) for start, end in blocks)]
    elif circles_from(said + "\n") >= 0:
        problem = "it goes in circles: the same words again and again, to no end"
    elif problem and not ended:
        problem = f"{_CUT}, and what is left of it is no poem: {problem}"
    title = _clean_title(title, remarks)
    return PoemReply(title=title, text=text, problem=problem, remarks=tuple(remarks))


_NO_VERSE = {True: "it repeats what the poet was given to work from", False: "it talks about a poem and has none"}


def title_from(text: str) -> str:
    """What an untitled poem goes by: the first words of its first line."""
    words = next((line.split() for line in text.split("\n") if line.strip()), [])
    return " ".join(words[:6]).strip(' ,;:.!?—–-"“”')[:_TITLE_CHARS]


# ---------------------------------------------------------------- labels


def _labelled(lines: list[str], remarks: list[str]) -> tuple[str, list[str]]:
    """The title and the lines under the labels; "" and all lines where there are none."""
    pairs = [(one, two) for one, line in enumerate(lines) if _TITLE.match(line)
             for two in [_poem_label(lines, one + 1)] if two >= 0]  # fmt: skip
    if pairs:
        if len(pairs) > 1:
            remarks.append(f"the answer has {len(pairs)} poems; the last one was taken")
        title, poem = pairs[-1]
        return _title_at(lines, title), _after_label(lines, poem)
    for place, line in enumerate(lines):
        is_free = not any(_is_verse(lines[start:end]) for start, end in _blocks(lines, 0, place))
        if is_free and (found := _TITLE.match(line)):
            return found["title"], lines[place + 1 :]
        if (_is_alone(lines, place) and is_label(line)) or (is_free and _POEM.match(line)):
            if not is_free:
                remarks.append("the answer has two poems; the one after its label was taken")
            return "", _after_label(lines, place)
    full = [place for place, line in enumerate(lines) if line.strip()]
    if len(full) > 2 and (found := _TITLE.match(lines[full[-1]])):
        return found["title"], lines[: full[-1]]
    return "", lines


def _poem_label(lines: Sequence[str], start: int) -> int:
    """The line of "Poem:" among the next three that are not empty; -1 where there is none."""
    full = [place for place in range(start, len(lines)) if lines[place].strip()][:3]
    return next((place for place in full if _POEM.match(lines[place])), -1)


def _title_at(lines: Sequence[str], place: int) -> str:
    found = _TITLE.match(lines[place])
    return found["title"] if found else ""


def _after_label(lines: Sequence[str], place: int) -> list[str]:
    """What follows a label, in its line and after it; the mark of a block of YAML is no line."""
    first = _POEM.sub("", lines[place], count=1) if _POEM.match(lines[place]) else ""
    return ["" if first.strip() in ("|", "|-", ">", ">-") else first, *lines[place + 1 :]]


def _is_alone(lines: Sequence[str], place: int) -> bool:
    """Whether a line begins its block and ends with a colon or is a heading, with verse after it."""
    begins = not place or not lines[place - 1].strip()
    is_marked = lines[place].rstrip().rstrip("*_").endswith(":") or bool(_HEADING.match(lines[place]))
    return begins and is_marked and any(line.strip() for line in lines[place + 1 :])


def _without_labels(body: list[str], remarks: list[str]) -> list[str]:
    """The lines without those that only count stanzas or words, or say that this is the end."""
    if labels := [line.strip() for line in body if _LABEL.match(line)]:
        remarks.append(f"left out as labels: {'; '.join(labels)[:60]}")
    return [line for line in body if not _LABEL.match(line)]


# ---------------------------------------------------------------- what is verse and what is not


def _blocks(lines: Sequence[str], start: int = 0, end: int | None = None) -> list[Block]:
    """The blocks of lines between empty lines, rules and fences."""
    found: list[Block] = []
    begins = -1
    stop = len(lines) if end is None else end
    for place in range(start, stop + 1):
        is_gap = place == stop or not lines[place].strip() or is_rule(lines[place]) or is_fence(lines[place])
        if is_gap and begins >= 0:
            found.append((begins, place))
            begins = -1
        elif not is_gap and begins < 0:
            begins = place
    return found


def _verse(lines: Sequence[str], blocks: Sequence[Block], remarks: list[str]) -> list[Block]:
    """The blocks from the first to the last one that is not talk."""
    told = [lines[start:end] for start, end in blocks]
    first, last = 0, len(told)
    while first < last and (is_talk(told[first], is_first=True) or _is_material(told[first])):
        first += 1
    ends = [place for place in range(first, last) if is_talk(told[place]) or _is_material(told[place])]
    for place in ends:
        if all(_may_follow(block) for block in told[place:]):
            last = place
            break
    inner = list(blocks[first:last])
    if inner and len(told[first]) > 1 and lines[inner[0][0]].rstrip(" *_").endswith(":"):
        start, end = inner[0]
        if is_talk([lines[start]], is_first=True) or _HEADING.match(lines[start + 1]):
            inner[0], first = (start + 1, end), first + 1
    while inner and inner[-1][1] - inner[-1][0] > 1 and _is_closing(lines[inner[-1][1] - 1]):
        inner[-1] = (inner[-1][0], inner[-1][1] - 1)
        last -= 1
    _tell(told, blocks, inner, remarks)
    return inner


def _tell(told: Sequence[Sequence[str]], blocks: Sequence[Block], inner: Sequence[Block], remarks: list[str]) -> None:
    if not inner:
        return
    for block, (start, end) in zip(told, blocks, strict=True):
        if end <= inner[0][0] or start >= inner[-1][1] or start < inner[0][0] or end > inner[-1][1]:
            line = block[-1] if start < inner[-1][1] <= end else block[0]
            remarks.append(f"left out as talk: “{line.strip()[:60]}”")
    if len(inner) > 1 and inner[-1] in blocks and is_doubtful(told[list(blocks).index(inner[-1])]):
        remarks.append(f"kept, though it may be talk: “{told[list(blocks).index(inner[-1])][0].strip()[:60]}”")


def _may_follow(block: Sequence[str]) -> bool:
    return is_talk(block) or is_list(block) or is_prose(block) or _is_material(block)


def _is_closing(line: str) -> bool:
    """A last line of a block that cannot be verse: a part of a critique, or an offer."""
    return bool(_OF_A_CRITIQUE.match(line)) or (is_talk([line]) and bool(re.search(r"\byou\b|^\W*notes?:", line, re.I)))


def _is_verse(block: Sequence[str]) -> bool:
    return len(block) > 1 and not is_talk(block, is_first=True) and not _is_material(block) and not is_list(block)


def _is_material(block: Sequence[str]) -> bool:
    """Whether a block is of what the poet was given: parts of a brief, a critique or a question."""
    n_told = sum(bool(_OF_A_BRIEF.match(line) or _PROMPTED.match(line)) for line in block)
    return any(_OF_A_CRITIQUE.match(line) for line in block) or 2 * n_told > len(block)


def _is_emphasised_verse(lines: Sequence[str], inner: Sequence[Block]) -> bool:
    """Whether a first line in bold is followed by another one in its block."""
    start, end = inner[0]
    return end - start > 1 and bool(_HEADING.match(lines[start + 1]))


def _without_last_line(inner: Sequence[Block]) -> list[Block]:
    start, end = inner[-1]
    return [*inner[:-1], (start, end - 1)] if end - start > 1 else list(inner[:-1])


def _tidy(lines: Sequence[str]) -> str:
    """Stanzas separated by one empty line, nothing empty at either end; the margin shared by all lines is taken off."""
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(line if line.strip() else "" for line in lines)).strip("\n")
    full = [line for line in text.split("\n") if line]
    margin = min((len(line) - len(line.lstrip()) for line in full), default=0)
    return "\n".join(
        line[margin:] if index or not margin else line.lstrip() for index, line in enumerate(text.split("\n"))
    )


def _clean_title(title: str, remarks: list[str]) -> str:
    plain = re.sub(r"^(?:\W*title\s*:)+", "", title, flags=re.IGNORECASE)
    plain = " ".join(plain.strip(' *_#"“”').split())
    plain = plain.rstrip(".,;:").strip()
    if len(plain) > _TITLE_CHARS:
        remarks.append(f"left out of the title, which is long: “{plain[_TITLE_CHARS:]}”")
    return plain[:_TITLE_CHARS].strip()


def _problem(text: str, *, given: str, form: str) -> str:
    is_prose = form == "prose poem"
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not any(char.isalpha() for char in text):
        return "there are no words in it"
    if len(lines) < 2 and not is_prose:
        return "it is a single line"
    if any(_OF_A_CRITIQUE.match(line) for line in lines) or sum(bool(_OF_A_BRIEF.match(line)) for line in lines) > 1:
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
