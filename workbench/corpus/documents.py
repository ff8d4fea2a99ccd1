"""Documents of one poem, or of several between separator lines or under headings: .txt, .md and .docx, byte for byte.

The title is the file's name (with a number where there are several), unless the first line with text is `Title: …`, in
Markdown `# …`, in Word a paragraph in the style of a title or heading. That line and one empty line after it are then
not part of the poem. Several such lines are several poems (headings.py). The line break that closes a poem is not part
of it either. In Word a paragraph is a line; where lines are broken inside paragraphs, a paragraph is a stanza. Front
matter at the top of Markdown is not of the poem; its title and author are taken. Doubts are said, nothing in the text
is changed for them.
"""

import io
import re
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from workbench.corpus.headings import headed_parts, several_poems
from workbench.corpus.poem_rows import checked
from workbench.storage.input_files import MAX_FILE_BYTES, read_bytes, read_text, refusal, shown
from workbench.types import Poem

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FRONT = re.compile(r"---[ \t]*\n(?P<about>(?:[A-Za-z_][\w -]*:.*\n|[ \t-].*\n|\n)+?)---[ \t]*\n(?:[ \t]*\n)?")
_OTHER_ENDS = {"\r": "\\r", "\u2028": "U+2028", "\u2029": "U+2029", "\x85": "U+0085", "\x0b": "U+000B"}  # of lines
_UNDERLINED = re.compile(r"(?:(?<=\n\n)|\A)(?P<title>[^\s#][^\n]*)\n={3,}[ \t]*\n")  # its line number stays
_HARD_BREAK = re.compile(r"(?<=\S) {2,}(?=\n[ \t]*\S)")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_SPACING = {f"{_WORD}tab": "\t", f"{_WORD}br": "\n", f"{_WORD}cr": "\n"}


def text_poems(path: Path, separator: str) -> tuple[list[Poem], list[str]]:
    """The poems of a .txt, .md or .docx file, and a line for each thing that is in doubt.

    Raises:
        InputError: one line, `file:line: reason, what to do`.
    """
    text, inner = _docx_text(path) if path.suffix.lower() == ".docx" else (read_text(path), [])
    is_markdown = path.suffix.lower() == ".md"
    about, text = _front_matter(text) if is_markdown and separator != "---" else ({}, text)
    text, n_breaks = _plain_markdown(text) if is_markdown else (text, 0)
    parts = _parts(text, separator) if separator else headed_parts(text, is_markdown=is_markdown)
    title = about.get("title", path.stem)
    poems = [
        _text_poem(part, path, line=line, title=title if len(parts) == 1 else f"{path.stem} {number}")
        for number, (line, part) in enumerate(parts, start=1)
    ]
    poems = [replace(poem, author=about.get("author", "")) for poem in poems]
    doubts = _doubts(text, about)
    doubts += [f"two blanks at the end of a line mean a line break in Markdown, taken off in {n_breaks}"] * bool(
        n_breaks
    )
    if len(parts) == 1 and (doubt := several_poems(text, inner, is_markdown=is_markdown)):
        doubts.append(doubt)
    return poems, [f"{shown(path)}: {doubt}" for doubt in doubts]


def _doubts(text: str, about: dict[str, str]) -> list[str]:
    found = ["front matter, read as title and author"] if about else []
    others = sorted({_OTHER_ENDS[end] for end in _OTHER_ENDS if end in text})
    if others and "\n" not in text.strip("\n"):
        found.append(
            f"its lines end with {' and '.join(others)} alone, so it counts as one line; save it with \\n at line ends"
        )
    elif others and others != ["\\r"]:
        found.append(f"{' and '.join(others)} in it is kept as text; where it ends a line, save it with \\n there")
    if _BREAK.search(text):
        found.append("<br> is kept as text; take the tags out if they are not the poem's")
    return found


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """What is between two lines of three dashes at the top of a Markdown file, and the text after it."""
    found = _FRONT.match(text)
    if not found:
        return {}, text
    pairs = (line.partition(":") for line in found["about"].split("\n") if ":" in line)
    about = {name.strip().lower(): value.strip().strip("\"'") for name, _, value in pairs}
    return about, text[found.end() :]


def _plain_markdown(text: str) -> tuple[str, int]:
    r"""The text with underlined headings as `# …`, without the blanks that only say that a line ends; their number.

    >>> _plain_markdown("Gate\n====\n\nIt swung  \nshut.")
    ('\n# Gate\n\nIt swung\nshut.', 1)
    """
    return _HARD_BREAK.subn("", _UNDERLINED.sub(r"\n# \g<title>\n", text))


def _parts(text: str, separator: str) -> list[tuple[int, str]]:
    """The texts between the separator lines with their first lines; nothing but space at either end is dropped."""
    parts: list[tuple[int, list[str]]] = [(1, [])]
    for number, line in enumerate(text.split("\n"), start=1):
        if separator and line.removesuffix("\r") == separator:
            parts[-1][1].append("")  # the break before the separator closes the poem
            parts.append((number + 1, []))
        else:
            parts[-1][1].append(line)
    texts = [(line, "\n".join(lines)) for line, lines in parts]
    if len(texts) > 1 and not texts[0][1].strip():
        texts = texts[1:]
    if len(texts) > 1 and not texts[-1][1].strip():
        texts = texts[:-1]
    return texts


def _text_poem(text: str, path: Path, *, line: int, title: str) -> Poem:
    body = text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text
    start = len(body) - len(body.lstrip())
    first, _, rest = body[start:].partition("\n")
    mark = "# " if path.suffix.lower() == ".md" and first.startswith("# ") else "title:"
    if first[: len(mark)].casefold() == mark:
        title, body = first[len(mark) :].strip(), rest
        empty, end, after = rest.partition("\n")
        body = after if end and not empty.strip() else rest
    return checked(Poem(title=shown(title), text=body, source=f"{shown(path)}:{line}"), path, line)


def _docx_text(path: Path) -> tuple[str, list[str]]:
    data = read_bytes(path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            about = archive.getinfo("word/document.xml")
            if about.file_size > MAX_FILE_BYTES:
                raise refusal(path, f"it unpacks to more than {MAX_FILE_BYTES // 2**20} MiB, split it")
            document = archive.read(about)
        if b"<!DOCTYPE" in document or b"<!ENTITY" in document:
            raise refusal(path, "it defines entities, save it anew as .docx or .txt")
        root = ElementTree.fromstring(document)  # noqa: S314 - without entities nothing in it can grow
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, OSError, NotImplementedError, RuntimeError,
            ElementTree.ParseError) as exc:  # fmt: skip
        raise refusal(path, "not a readable Word file, save it anew as .docx or .txt") from exc
    paragraphs = [(_style(node), _paragraph(node)) for node in root.iter(f"{_WORD}p")]
    return _with_headings(paragraphs)


def _with_headings(paragraphs: list[tuple[str, str]]) -> tuple[str, list[str]]:
    """The text with `Title: ` before the headings of its poems, and the headings that stayed in it as text."""
    verse = [text for style, text in paragraphs if not _is_heading(style)]
    has_stanzas = any("\n" in text.strip() for text in verse) and all(map(str.strip, verse))
    between, first = "\n\n" if has_stanzas else "\n", next((style for style, text in paragraphs if text.strip()), "")
    marked = [f"Title: {' '.join(text.split())}" if style == first and _is_heading(style) and text.strip() else text
              for style, text in paragraphs]  # fmt: skip
    if len(headed_parts(between.join(marked), is_markdown=False)) > 1:
        return between.join(marked), []
    place = next((n for n, (_, text) in enumerate(paragraphs) if text.strip()), 0)
    texts = [marked[n] if n == place else text for n, (_, text) in enumerate(paragraphs)]
    return between.join(texts), [text for style, text in paragraphs[place + 1 :] if _is_heading(style) and text.strip()]


def _is_heading(style: str) -> bool:
    return style.startswith(("Title", "Heading"))


def _style(paragraph: ElementTree.Element) -> str:
    style = paragraph.find(f"{_WORD}pPr/{_WORD}pStyle")
    return "" if style is None else style.get(f"{_WORD}val", "")


def _paragraph(paragraph: ElementTree.Element) -> str:
    return "".join((node.text or "") if node.tag == f"{_WORD}t" else _SPACING.get(node.tag, "")
                   for node in paragraph.iter() if node is not paragraph)  # fmt: skip
