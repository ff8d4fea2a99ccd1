"""What a poet answered, read as a poem: `Title: …` then `Poem: …`, or what models make of that.

Thoughts, fences, marks and talk come off; then the answer is a poem, or it says in one sentence why it is none. Talk is
left out only before the first and after the last block of verse (`talk`); what was left out, and what may be talk and
was kept, is in `remarks`. Nothing is judged by taste here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.prompts.thinking import mark_left_in, other_turns, without_thinking
from workbench.revision.blocks import OF_A_BRIEF, Block, blocks_of, is_judging, is_material, is_verse
from workbench.revision.circles import circles_from, n_distinct
from workbench.revision.labels import clean_title, heading_of, is_byline, labelled_poem, without_labels
from workbench.revision.poem_marks import in_table, is_fence, plain_lines, poem_in_json, split_line, unmarked
from workbench.revision.refusals import refused_verse
from workbench.revision.talk import BULLET, MOST_LINE_WORDS, is_talk
from workbench.revision.verse import KEPT, MOST_SHOWN, verse_in
from workbench.revision.versions import last_version, without_commentary, without_remarks
from workbench.words import words_of

#: Share of lines that repeat no other line. Refrains come back: a triolet has five different lines of eight (.625);
#: in a pantoum every line comes twice.
FEWEST_DISTINCT = 0.6
FEWEST_DISTINCT_OF = {"pantoum": 0.4}
_END = re.compile(r"[.!?][\"”’')]*(?=\s|$)")
_ONE_LINE = "one line"
_OF_ONE_LINE = re.compile(r"\b(?:one|single|1)[- ]line(?:r|d)?\b|\bmonostich", re.IGNORECASE)
_FEW_LONG = 3  # long lines, one below the other, are long-lined verse and no paragraphs
#: Elements that models put beside the poem.
_ASIDE = re.compile(
    r"<(?P<name>(?:\w+[_-])?(?:notes?|comments?|commentary|explanations?|changes|critique|feedback|rationale|remarks?|"
    r"metadata|self[_-]?assessment))\b[^<>]*>(?P<said>.*?)</(?P=name)>|<details\b[^<>]*>\s*<summary>[^<]*(?:note|change|"
    r"comment|explan|analysis|about|why)(?P<folded>[^<]*)</summary>.*?</details>|<!--(?P<hidden>.*?)-->",
    re.IGNORECASE | re.DOTALL,
)
_CUT = "the answer was cut short (by the token limit, or a broken connection)"


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
        form: what was asked for: long lines are not a fault of a prose poem, nor repeated ones of a pantoum.

    >>> found = parse_poem_reply("Sure, here it is:\n**Ferry**\n\n1. The rope is wet.\n2. Nobody waves.")
    >>> found.title, found.text, found.problem
    ('Ferry', 'The rope is wet.\nNobody waves.', '')
    """
    said = without_thinking(answer)
    others = other_turns(answer)
    remarks = [f"left out, since it is another turn of the talk: “{others[:MOST_SHOWN]}”"] * bool(others)
    title, lines = _read(said, remarks)
    if not verse_in(lines, blocks_of(lines), []):
        lines = in_table(lines) or lines
    blocks = blocks_of(lines)
    title, inner = _titled(title, lines, blocks, remarks)
    if not ended and inner and inner[-1] == blocks[-1] and not answer.endswith("\n"):
        remarks.append(f"{_CUT}; its unfinished last line was left out")
        inner = _without_last_line(inner)
    body = lines[inner[0][0] : inner[-1][1]] if inner else []
    text = _tidy(_plain(without_commentary(body, lines[: inner[0][0] if inner else 0], remarks), remarks))
    problem = _problem(text, given=given, form=_form(form, said + given, text))
    if not inner and blocks:
        problem = _NO_VERSE[all(is_material(lines[start:end]) for start, end in blocks)]
    elif circles_from(said + "\n") >= 0:
        problem = "it goes in circles: the same words again and again, to no end"
    elif problem and not ended:
        problem = f"{_CUT}, and what is left of it is not a poem: {problem}"
    if mark := mark_left_in(answer, said):
        remarks.append(f"{KEPT}, though it may be a thought: what is before “{mark[:30]}”")
    return PoemReply(title=clean_title(title, remarks), text=text, problem=problem, remarks=tuple(remarks))


_NO_VERSE = {True: "it repeats what the poet was given to work from", False: "it talks about a poem and has none"}


# ---------------------------------------------------------------- what is verse and what is not


def _read(said: str, remarks: list[str]) -> tuple[str, list[str]]:
    """Title and lines of an answer, as an object or as text; whether the lines are verse is not known yet."""
    if object_ := poem_in_json(said):
        title, text, around = object_
        remarks += [f"left out as talk: “{around[:60]}”"] * bool(around)
        return title, plain_lines(text)
    said = _without_asides(said, remarks)
    title, lines = labelled_poem(last_version(plain_lines(said), remarks), remarks)
    lines = _without_frame(split_line(lines), remarks)
    return title, lines if "\n" in said else _without_announcement(lines, remarks)


def _without_frame(lines: list[str], remarks: list[str]) -> list[str]:
    """The lines of an answer with its poem in one block of code, without what leads to that block and follows it."""
    fences = [place for place, line in enumerate(lines) if is_fence(line)]
    if len(fences) != 2:
        return lines
    first, last = fences
    inside, after = (blocks_of(lines, *span) for span in ((first + 1, last), (last + 1, len(lines))))
    is_framed = any(is_verse(lines[start:end]) for start, end in inside)
    if not is_framed or any(is_verse(lines[start:end]) for start, end in after):
        return lines
    before = blocks_of(lines, 0, first)
    leads = bool(before) and before[-1][1] - before[-1][0] == 1 and lines[before[-1][0]].rstrip(" *_").endswith(":")
    start = before[-1][1] if leads and before[-1][0] == 0 else 0
    told = [line.strip() for line in (*lines[:start], *lines[last + 1 :]) if line.strip()]
    remarks += [f"left out as talk: “{' / '.join(told)[:MOST_SHOWN]}”"] * bool(told)
    return lines[start:last]


def _without_asides(text: str, remarks: list[str]) -> str:
    """The text without elements such as <notes>, which say themselves that they are not verse."""
    for found in _ASIDE.finditer(text):
        remarks.append(
            f"left out as talk: “{' '.join((found['said'] or found['folded'] or found['hidden'] or '').split())[:60]}”"
        )
    return _ASIDE.sub("", text)


def _without_announcement(lines: list[str], remarks: list[str]) -> list[str]:
    """The lines of an answer in one line, "Here is your poem: …", without what announces them."""
    announced, colon, rest = lines[0].partition(": ") if lines else ("", "", "")
    if not (colon and len(lines) > 1 and is_talk([f"{announced}:"], is_first=True)):
        return lines
    remarks.append(f"left out as talk: “{announced[:60]}:”")
    return [rest, *lines[1:]]


def _titled(title: str, lines: Sequence[str], blocks: Sequence[Block], remarks: list[str]) -> tuple[str, list[Block]]:
    """The title, also where a heading has it, and the blocks of verse under it."""
    told: list[str] = []
    inner = verse_in(lines, blocks, told)
    heading, n_lines = heading_of(lines, inner) if inner and not title else ("", 0)
    if heading:
        told = [remark for remark in told if not remark.startswith(KEPT)]
        inner = verse_in(lines, blocks_of(lines, inner[0][0] + n_lines, inner[-1][1]), told)
    elif len(inner) > 1 and inner[0][1] - inner[0][0] == 1 and _is_title(lines[inner[0][0]], title):
        inner = inner[1:]
    if (heading or title) and len(inner) > 1 and inner[0][1] - inner[0][0] == 1 and is_byline(lines[inner[0][0]]):
        told = [remark for remark in told if not remark.endswith(f"“{lines[inner[0][0]].strip()}”")]
        told.append(f"left out as talk: “{lines[inner[0][0]].strip()}”")
        inner = inner[1:]
    remarks += told
    return heading or title, inner


def _plain(lines: list[str], remarks: list[str]) -> list[str]:
    """Lines of verse without labels and marks of the page; what is more than a mark of the page is said."""
    marked = [line for line in without_labels(lines, remarks) if not is_fence(line)]
    plain = unmarked(without_remarks(marked, remarks))
    full = [line for line in plain if line.strip()]
    if len(full) > 1 and re.fullmatch(r"[“\"][^“”\"]+[”\"]", "\n".join(plain).strip()):
        remarks.append("left out as marks: the quotation marks around the whole poem")
        plain = "\n".join(plain).strip()[1:-1].split("\n")
    item = next((mark[0].strip() for line in marked if (mark := BULLET.match(line))), "")
    if item and not any(BULLET.match(line) for line in plain):
        remarks.append(f"left out as marks of a list: “{item}” before each line")
    return plain


def _is_title(line: str, title: str) -> bool:
    """Whether a line alone says the title again."""
    return bool(title) and clean_title(line, []).casefold() == clean_title(title, []).casefold()


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


def _form(form: str, said: str, text: str) -> str:
    """The form; a poem of one line where the question or the talk beside the poem names that."""
    return form or (_ONE_LINE if _OF_ONE_LINE.search(said.replace(text, " ")) else "")


def _problem(text: str, *, given: str, form: str) -> str:
    is_prose = form == "prose poem"
    lines = [line.strip() for line in text.split("\n") if re.search(r"\w", line)]
    if not any(char.isalpha() for char in text):
        return "there are no words in it"
    if len(lines) < 2 and not is_prose and form != _ONE_LINE:
        return "it is a single line"
    if any(is_judging(line) for line in lines) or sum(bool(OF_A_BRIEF.match(line)) for line in lines) > 1:
        return "it repeats what the poet was given to work from"
    if given and _share_of(lines, given) >= 0.5:
        return "it repeats what the poet was given to work from"
    counted = sorted(len(line.split()) for line in lines)
    longest = counted[-1]
    is_long_lined = len(lines) >= _FEW_LONG and counted[len(lines) // 2] >= MOST_LINE_WORDS // 2 and "\n\n" not in text
    if longest > MOST_LINE_WORDS * (1 + is_long_lined) and not is_prose:
        return f"it is prose: a line of {longest} words"
    n_different = n_distinct(lines)
    if len(lines) >= 4 and n_different < FEWEST_DISTINCT_OF.get(form, FEWEST_DISTINCT) * len(lines):
        return f"it says the same line again and again: {n_different} different lines of {len(lines)}"
    return refused_verse(text)


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
