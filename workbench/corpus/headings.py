"""Several poems in one document: told apart by their headings, or only suspected and said.

Headings of the highest level part a document where it begins with one, each has text below it and they are more than
numbers: `I`, `II` are sections of one poem. Everything less sure stays one poem, with a line that says how to part it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.storage.input_files import quoted

_MARKDOWN = re.compile(r"(?P<level>#{1,6})[ \t]+(?P<title>\S.*?)(?:[ \t]+#+)?[ \t\r]*")
_TITLE = re.compile(r"(?P<level>)title:[ \t]*(?P<title>\S.*?)[ \t\r]*", re.IGNORECASE)
_NUMBER = re.compile(r"(?:[ivxlc]+|\d+)[.):]?", re.IGNORECASE)
_RULE = re.compile(r"\n[ \t]*(?:[*~=_-][ \t]*){3,}\Z")  # a line between poems, at the end of one
_TITLED = re.compile(r"\s*(?P<title>\S[^\n]{0,79})\n(?:[ \t\r]*\n)+(?=[ \t]*\S)")
_LONGEST_TITLE = 60  # characters; a longer line alone is a stanza
_SMALL_WORD = 3  # letters: "of", "the" and "and" are not capitals in a title
_NAMED = 3  # titles in a remark

Part = tuple[int, str]  # the line that a poem begins on, and its text with its heading


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heading:
    line: int  # from 0
    level: int
    title: str


def headed_parts(text: str, *, is_markdown: bool) -> list[Part]:
    r"""The poems under headings of the highest level; one part where that is not sure.

    >>> headed_parts("# Gate\n\nit swung\n\n# Shed\nit leaned\n", is_markdown=True)
    [(1, '# Gate\n\nit swung\n'), (5, '# Shed\nit leaned\n')]
    >>> len(headed_parts("# I\n\nit swung\n\n# II\nit leaned\n", is_markdown=True))
    1
    """
    found = _headings(text, is_markdown=is_markdown)
    top = [heading for heading in found if heading.level == min(each.level for each in found)]
    lines = text.split("\n")
    if len(top) < 2 or all(_NUMBER.fullmatch(each.title) for each in top) or any(lines[: top[0].line]):
        return [(1, text)]
    mark = "# " if is_markdown else "Title: "
    bodies = [
        "\n".join(lines[each.line + 1 : after.line if after else None])
        for each, after in zip(top, [*top[1:], None], strict=True)
    ]
    if not all(map(str.strip, bodies)):
        return [(1, text)]
    return [
        (each.line + 1, f"{mark}{each.title}\n{_RULE.sub('', body.rstrip()).rstrip()}\n")
        for each, body in zip(top, bodies, strict=True)
    ]


def several_poems(text: str, inner: Sequence[str], *, is_markdown: bool) -> str:
    """The doubt that a text that is read as one poem holds several; "" where nothing speaks for it.

    Args:
        text: the document.
        inner: headings inside it that the text does not show, as those of Word.
        is_markdown: whether a heading begins with #.
    """
    below = [*inner, *(each.title for each in _headings(text, is_markdown=is_markdown)[1:])]
    if below:
        how = "“# ”" if is_markdown else "“Title: ”"
        return (
            f"read as one poem, with {_n_headings(len(below))} inside it ({_named(below)}); "
            f"if these are titles of poems, begin each with {how}, or save a file for each poem"
        )
    titles = _likely_titles(text)
    if len(titles) < 2:
        return ""
    return (
        f"read as one poem, though it may hold {len(titles)} ({_named(titles)}); if so, put “Title: ” before "
        "each title, or save a file for each poem"
    )


def separator_in(text: str) -> str:
    r"""The line of dashes, stars or the like between the poems of a text; "" where that is not sure.

    It is sure where such lines are all alike and what is above and below them mostly begins with a title: one line that
    stands alone. A poem in sections has such lines too, and no titles below them.

    >>> separator_in("Gate\n\nit swung\n---\nShed\n\nit leaned"), separator_in("it swung\nand swung\n***\nit leaned")
    ('---', '')
    """
    lines = text.replace("\r\n", "\n").split("\n")
    rules = {line for line in lines if _RULE.fullmatch(f"\n{line}")}
    if len(rules) != 1:
        return ""
    (rule,) = rules
    parts = [part for part in re.split(rf"(?m)^{re.escape(rule)}$", "\n".join(lines)) if part.strip()]
    titled = [bool(_TITLED.match(part)) for part in parts]
    return rule if len(parts) > 1 and titled[0] and 2 * sum(titled) > len(titled) else ""


def first_line_title(text: str) -> tuple[str, str]:
    r"""A poem's first line where it stands alone above the others, and the rest; "" and the text where it does not.

    >>> first_line_title("Gate\n\nit swung\nand swung"), first_line_title("it swung\nand swung")
    (('Gate', 'it swung\nand swung'), ('', 'it swung\nand swung'))
    """
    found = _TITLED.match(text)
    return (found["title"].strip(), text[found.end() :].strip("\n")) if found else ("", text)


def _n_headings(n: int) -> str:
    return "1 heading" if n == 1 else f"{n} headings"


def _named(titles: list[str]) -> str:
    shown = ", ".join(map(quoted, titles[:_NAMED]))
    return f"{shown}, …" if len(titles) > _NAMED else shown


def _headings(text: str, *, is_markdown: bool) -> list[_Heading]:
    is_code, found = False, []
    for number, line in enumerate(text.split("\n")):
        is_code ^= is_markdown and line.startswith("```")
        match = (is_markdown and _MARKDOWN.fullmatch(line)) or _TITLE.fullmatch(line)
        if match and not is_code:
            found.append(_Heading(line=number, level=len(match["level"]), title=match["title"]))
    return found


def _likely_titles(text: str) -> list[str]:
    """Lines alone above a stanza that look like titles: after a wide gap, in capitals, or with a capital each word."""
    found = []
    blocks = re.split(r"((?:[ \t\r]*\n){2,})", text.strip())
    for place in range(0, len(blocks) - 2, 2):
        told, after = blocks[place].strip(), blocks[place + 2]
        line = told.strip("*_ ")
        gap = blocks[place - 1].count("\n") - 1 if place else 0
        is_alone = "\n" not in line and "\n" in after.strip() and len(line) <= _LONGEST_TITLE
        is_like_one = not _NUMBER.fullmatch(line) and line[:1].isupper() and line[-1] not in ".,;:—–-"
        is_set_off = place == 0 or gap > 1 or line.isupper() or _has_capitals(line) or line != told
        if is_alone and is_like_one and is_set_off:
            found.append(line)
        if not found:
            return []  # the first line of a file of titled poems is a title
    return found


def _has_capitals(line: str) -> bool:
    words = re.findall(r"[^\W\d_]+", line)
    return len(words) > 1 and all(word[0].isupper() for word in words if len(word) > _SMALL_WORD)
