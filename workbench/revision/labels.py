"""The labels of an answer: `Title: …`, `Poem: …`, a heading, a title alone, and those that only count stanzas.

Where there is no label, the answer is what it is; no line of verse is taken for one.
"""

import re
from collections.abc import Sequence

from workbench.revision.blocks import Block, blocks_of, is_verse
from workbench.revision.talk import is_label, is_prose

_TITLE_CHARS = 80
_TITLE = re.compile(
    r"^[\s*#_>\"“]*(?:\d[.)]\s+)?(?:new |revised |poem )?(?:title|titel|titre|titolo|t[ií]tulo)[*_]*\s*"
    r"[:=]\s*(?P<title>.*)$",
    re.IGNORECASE,
)
_POEM = re.compile(
    r"^[\s*#_>]*(?:\d[.)]\s+)?(?:the |my )?(?:revised |new |final )?(?:poem|gedicht|poema|po[eè]me|poesia)[*_]*\s*"
    r"[:=][*_]*[ \t]*",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^[^\w*#]*(?:#{1,4}\s+(?P<hash>.+)|\*\*(?P<stars>[^*\n]+)\*\*:?)[^\w*]*$")
_ALONE = re.compile(r"""^\s*(?:(?P<mark>[*_"])|“)(?P<title>[^*_"“”.,;:!?]+)(?(mark)(?P=mark)|”)\s*$""")
#: A line with a label, such as an item of a catalogue in verse: Weight: nine grams.
LABELLED = re.compile(r"\w[\w' -]{0,24}:\s")
_SUBTITLED = re.compile(
    r"^\W*(?P<title>\w[^–—:\n]{0,60}?)[\"”*_]*\s*[–—:-]\s*[*_]*an? (?:\w+ ){0,2}(?:poem|haiku|sonnet|ballad|"
    r"villanelle|ode|elegy|limerick|sestina|ghazal|pantoum)\W*$", re.IGNORECASE,
)  # fmt: skip
_BYLINE = re.compile(r"\W*(?:by|von|par):?\s+\S.{0,40}$", re.IGNORECASE)
_PICTURES = re.compile(r"^[^\w\s\x20-\x7e–—“”‘’¡¿…]+\s*|\s*[^\w\s\x20-\x7e–—“”‘’…]+$")
_SECTION = re.compile(r"(?:part |canto |section )?(?:[ivxlc]+|\d+)[.):]?", re.IGNORECASE)
_SMALL_WORD = 3  # letters: "of", "the" and "and" are not capitals in a title
_TITLE_WORDS = 8  # at most, of a title that only stars or quotes tell from verse
_LABEL = re.compile(
    r"^\W*(?:(?:stanza|verse|quatrain|tercet|couplet)\s+(?:\d+|[ivx]+)|end of (?:the )?poem|\[\s*(?:the )?end\s*\]|"
    r"[\[(*]+\s*(?:pre-)?(?:chorus|refrain|bridge|intro|outro|hook|interlude)(?:\s+\d+)?\s*[\])*:]+|"
    r"\d+ (?:lines|words|syllables|characters)(?:, \d+ (?:lines|words|syllables|characters))*)\W*$", re.IGNORECASE,
)  # fmt: skip

_END = re.compile(
    r"^\s*[*_#~\[({–—-]+\s*(?:the )?(?:end|fin|finis)\b[\s.!*_#~\])}–—-]*$|"
    r"^\s*(?-i:THE END|FIN)\W*$",
    re.IGNORECASE,
)
_SCANNED = re.compile(r"\s*[(\[]?\s*(?=[^\n]*[/´ˈ])(?=[^\n]*[xu˘×-])(?:[xu˘×´ˈ/|\\‖-]+\s*){3,}[)\]]?\s*", re.IGNORECASE)


def heading_of(lines: Sequence[str], verse: Sequence[Block]) -> tuple[str, int]:
    """The title over verse and its number of lines: a heading, or alone as a title is; ("", 0) where there is none."""
    start, end = verse[0]
    if _LABEL.match(lines[start]):
        return "", 0
    is_alone = end - start == 1
    if len(verse) > 1 and (is_alone or (end - start == 2 and _BYLINE.match(lines[start + 1]))):
        below = lines[verse[1][0] : verse[1][1]]
        others = [lines[first] for first, last in verse[1:] if last - first == 1]
        has_one = len(below) > 1 or is_prose(below) or not any(map(_bare_title, others))
        if has_one and (title := _bare_title(lines[start])) and (len(below) > 1 or " " in title):
            return title, end - start
    if is_alone and len(verse) > 1 and (found := _SUBTITLED.match(lines[start])):
        return found["title"], 1
    if (found := _HEADING.match(lines[start])) and (is_alone or not _HEADING.match(lines[start + 1])):
        return found["hash"] or found["stars"], 1
    found = _ALONE.match(lines[start]) if is_alone and len(verse) > 1 else None
    return (found["title"], 1) if found and len(found["title"].split()) <= _TITLE_WORDS else ("", 0)


def is_byline(line: str) -> bool:
    """Whether a line under a title names who made it, with marks around it: verse may begin with "by" as well."""
    return bool(_BYLINE.match(line)) and (line.strip()[0] in "*_—–-(" or ":" in line[:5])


def _bare_title(line: str) -> str:
    """A line without marks that is written as titles are: capitals and no stop at its end; "" for any other."""
    plain = re.sub(r"^[\[«‹](?=[^\]»›]*[\]»›]$)|(?<=\w)[\]»›]$|\s+[–—]$", "", _PICTURES.sub("", line).strip())
    plain = plain.removesuffix(":") if " " in plain else plain
    words = re.findall(r"[^\W\d_]+(?:[’'][^\W\d_]+)*", plain)
    large = [word for word in words if len(word) > _SMALL_WORD]
    is_titled = bool(words) and words[0][0].isupper() and all(word[0].isupper() for word in large)
    is_short = len(words) <= _TITLE_WORDS and plain[-1:] not in ".,;:—–-…"
    is_shaped = is_titled and is_short and not _SECTION.fullmatch(plain) and re.match(r"[\w“\"‘']", plain)
    return plain if is_shaped and not plain.startswith(("“", '"')) else ""


def title_from(text: str) -> str:
    """What an untitled poem goes by: the first words of its first line."""
    words = next((line.split() for line in text.split("\n") if line.strip()), [])
    return " ".join(words[:6]).strip(' ,;:.!?—–-"“”')[:_TITLE_CHARS]


def labelled_poem(lines: list[str], remarks: list[str]) -> tuple[str, list[str]]:
    """The title and the lines under the labels; "" and all lines where there are none."""
    pairs = [(one, two) for one, line in enumerate(lines) if _TITLE.match(line)
             for two in [_poem_label(lines, one + 1)] if two >= 0]  # fmt: skip
    if pairs:
        if len(pairs) > 1:
            remarks.append(f"the answer has {len(pairs)} poems; the last one was taken")
        title, poem = pairs[-1]
        _say_left(lines[: pairs[0][0]], remarks)
        return _title_at(lines, title), _after_label(lines, poem)
    for place, line in enumerate(lines):
        is_free = not any(is_verse(lines[start:end]) for start, end in blocks_of(lines, 0, place))
        if is_free and (found := _TITLE.match(line)) and not _is_among_titles(lines, place):
            _say_left(lines[:place], remarks)
            if later := [other for other in _later_labels(lines, place) if _TITLE.match(lines[other])]:
                remarks.append(f"the answer has {len(later) + 1} poems; the last one was taken")
            return _title_at(lines, (later or [place])[-1]), lines[(later or [place])[-1] + 1 :]
        if (_is_alone(lines, place) and is_label(line)) or (is_free and _POEM.match(line)):
            versions = [place, *_later_labels(lines, place)]
            if len(versions) > 1:
                remarks.append(f"the answer has {len(versions)} versions; the last one was taken")
                _say_left(lines[:place], remarks)
                return "", lines[versions[-1] + 1 :]
            if not is_free:
                remarks.append("the answer has two poems; the one after its label was taken")
            else:
                _say_left(lines[:place], remarks)
            return "", _after_label(lines, place)
    full = [place for place, line in enumerate(lines) if line.strip()]
    if len(full) > 2 and (found := _TITLE.match(lines[full[-1]])):
        return found["title"], lines[: full[-1]]
    return "", lines


def _is_among_titles(lines: Sequence[str], place: int) -> bool:
    """Whether a line beside it begins with "Title:" too, or most lines have a label, so that all are verse."""
    full = [line for line in lines[place:] if line.strip()]
    n_labels = sum(bool(LABELLED.match(line)) and not _POEM.match(line) for line in full)
    beside = lines[place + 1 : place + 2]
    value = _title_at(lines, place)
    if _bare_title(value) and len(value.split()) <= _TITLE_WORDS and not any(map(_TITLE.match, beside)):
        return False
    if 2 * n_labels > len(full) > 2 and beside and LABELLED.match(beside[0]):
        return True
    return any(_TITLE.match(line) for line in (*lines[max(0, place - 1) : place], *lines[place + 1 : place + 2]))


def _say_left(lines: Sequence[str], remarks: list[str]) -> None:
    """Says what is before a label and is left out with it."""
    told = [line.strip() for line in lines if re.search(r"\w", line)]
    remarks += [f"left out as talk: “{' / '.join(told)[:120]}”"] * bool(told)


def _later_labels(lines: Sequence[str], place: int) -> list[int]:
    """Labels after a label, each with verse before and after it."""
    found: list[int] = []
    for other in range(place + 1, len(lines)):
        if _is_alone(lines, other) and (is_label(lines[other]) or _TITLE.match(lines[other])):
            before, after = blocks_of(lines, ([place, *found])[-1] + 1, other), blocks_of(lines, other + 1)
            if all(any(is_verse(lines[start:end]) for start, end in blocks) for blocks in (before, after)):
                found.append(other)
    return found


def _poem_label(lines: Sequence[str], start: int) -> int:
    """The line of "Poem:" among the next three that are not empty; -1 where there is none."""
    full = [place for place in range(start, len(lines)) if lines[place].strip()][:3]
    return next((place for place in full if _POEM.match(lines[place])), -1)


def _title_at(lines: Sequence[str], place: int) -> str:
    found = _TITLE.match(lines[place])
    return found["title"] if found else ""


def _after_label(lines: Sequence[str], place: int) -> list[str]:
    """What follows a label, in its line and after it; the mark of a block of YAML is not a line."""
    first = _POEM.sub("", lines[place], count=1) if _POEM.match(lines[place]) else ""
    return ["" if first.strip() in ("|", "|-", ">", ">-") else first, *lines[place + 1 :]]


def _is_alone(lines: Sequence[str], place: int) -> bool:
    """Whether a line begins its block and ends with a colon or is a heading, with verse after it."""
    begins = not place or not lines[place - 1].strip()
    line = lines[place].strip()
    is_marked = (
        line.rstrip("*_").endswith((":", "]")) or line.isupper() or bool(_HEADING.match(line) or _TITLE.match(line))
    )
    return begins and is_marked and any(line.strip() for line in lines[place + 1 :])


def without_labels(body: list[str], remarks: list[str]) -> list[str]:
    """The lines without those that only count stanzas or words, scan the line above, or say that this is the end."""
    last = max((place for place, line in enumerate(body) if line.strip()), default=-1)
    places = [
        place
        for place, line in enumerate(body)
        if _LABEL.match(line) or _SCANNED.fullmatch(line) or (place == last and _END.match(line))
    ]
    if places:
        remarks.append(f"left out as labels: {'; '.join(body[place].strip() for place in places)[:60]}")
    return [line for place, line in enumerate(body) if place not in places]


def clean_title(title: str, remarks: list[str]) -> str:
    """A title without marks and its own label, not too long; what is cut off is said."""
    plain = re.sub(r"^(?:\W*title\s*:)+", "", title, flags=re.IGNORECASE)
    plain = " ".join(plain.strip(' *_#"“”').split())
    plain = plain.rstrip(".,;:").strip()
    if len(plain) > _TITLE_CHARS:
        remarks.append(f"left out of the title, which is long: “{plain[_TITLE_CHARS:]}”")
    return plain[:_TITLE_CHARS].strip()
