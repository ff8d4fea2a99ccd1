"""A person's own poems as HTML and as files: the list on Home, versions, two side by side, print, Markdown, Word.

Every text is escaped. The file for Word is the smallest that Word and LibreOffice open: a zip with one document.
"""

import io
import re
import unicodedata
import zipfile
from html import escape
from typing import Any

from workbench.errors import InputError, WorkbenchError
from workbench.pages import render
from workbench.revision.alignment import align
from workbench.studio.own_poems import OwnPoem, OwnPoems
from workbench.ui.html import note_html, since_html
from workbench.ui.studio.diff import word_diff

KINDS = {
    "txt": "text/plain; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
}


MOST_DELETED = 30  # that are shown, to be brought back


def poems_html(poems: OwnPoems, words: str = "") -> str:
    """The list on Home: by title, each with what can be done to it."""
    try:
        found, gone = poems.all(words), poems.all(words, deleted=True)[:MOST_DELETED]
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    folders = sorted({one.folder for one in found}, key=lambda name: (bool(name), name.casefold()))
    parts = [_folder_html(name, [one for one in found if one.folder == name]) for name in folders]
    none = f"No poem has “{words}” in it." if words else "None yet. What you write on the page Write is here."
    return ("".join(parts) or note_html(none)) + _deleted_html(gone)


def versions_html(poems: OwnPoems, id_: int) -> str:
    """What a poem was, each to be looked at beside what it is."""
    rows = "".join(
        f'<li><button type="button" class="wb-all" data-version="{one.id}">{escape(one.name or "kept by itself")}'
        f"</button> <small>{since_html(one.made)}, {_n_lines(one.text)}</small></li>"
        for one in poems.versions(id_)
    )
    return f'<ul class="wb-history">{rows}</ul>' if rows else note_html("No version yet.")


def beside_html(poems: OwnPoems, id_: int, version: int) -> dict[str, Any]:
    """A version and the poem as it is, side by side, words that differ underlined; and the version's own text.

    Raises:
        InputError: there is no such poem or version.
    """
    now = poems.get(id_)
    old = next((one for one in poems.versions(id_) if one.id == version), None)
    if old is None:
        raise InputError("this version is not there any more; choose one from the list")
    sides = _sides(old.text, now.text)
    left, right = (
        f'<div class="wb-poem"><h3 class="wb-title">{escape(title)}</h3><div class="wb-lines">{side}</div></div>'
        for title, side in zip((f"{old.title} · {old.name or 'earlier'}", f"{now.title} · now"), sides, strict=True)
    )
    back = f'<button type="button" class="wb-all" data-back="{version}">Bring this version back</button>'
    close = '<button type="button" class="wb-all" data-close="1">Close</button>'
    return {
        "html": f'<div class="wb-two">{left}{right}</div><p>{back}{close}</p>',
        "title": old.title,
        "text": old.text,
    }


def poem_file(poems: OwnPoems, id_: int, kind: str) -> tuple[bytes, str]:
    """A poem as a file, or as a page with nothing but the poem, for printing: its bytes and media type.

    Raises:
        InputError: there is no such poem or kind.
    """
    one = poems.get(id_)
    if kind not in KINDS:
        raise InputError(f"{kind[:20]}: there is {', '.join(KINDS)}")
    if kind == "docx":
        return as_docx(one.title, one.text), KINDS[kind]
    if kind == "html":
        page = render("poem.html.jinja", title=title_of(one), is_titled=bool(one.title), text=one.text,
                      picture=file_name(one, "png"))  # fmt: skip
        return page.encode(), KINDS[kind]
    head = f"# {one.title}\n\n" if kind == "md" and one.title else f"{one.title}\n\n" if one.title else ""
    body = as_markdown(one.text) if kind == "md" else one.text
    return f"{head}{body.rstrip()}\n".encode(), KINDS[kind]


def file_name(poem: OwnPoem, kind: str) -> str:
    """A name that every system takes, of the words of its title.

    >>> from workbench.studio.own_poems import OwnPoem
    >>> file_name(OwnPoem(id=3, title="Élise's stair!", text="", form="", revision=1, changed=0.0), "docx")
    'elises-stair.docx'
    """
    plain = unicodedata.normalize("NFKD", poem.title).encode("ascii", "ignore").decode().lower().replace("'", "")
    words = re.findall(r"[a-z0-9]+", plain)
    return f"{'-'.join(words)[:60] or f'poem-{poem.id}'}.{kind}"


def as_markdown(text: str) -> str:
    r"""Lines that stay lines: two spaces at their ends; marks that Markdown would read are held off.

    >>> as_markdown("one\n\n# two")
    'one  \n\n\\# two  '
    """
    shown = []
    for line in text.split("\n"):
        bare = line.lstrip(" ")
        held = "".join(f"\\{char}" if char in "\\`*_[]<>#" else char for char in bare)
        shown.append("&nbsp;" * (len(line) - len(bare)) + held + "  " if bare else "")
    return "\n".join(shown)


def as_docx(title: str, text: str) -> bytes:
    """A Word file: the title, then one paragraph per line."""
    head = f'<w:p><w:r><w:rPr><w:b/><w:sz w:val="32"/></w:rPr>{_run(title)}</w:r></w:p><w:p/>' if title else ""
    lines = "".join(f"<w:p><w:r>{_run(line)}</w:r></w:p>" for line in text.split("\n"))
    space = "http://schemas.openxmlformats.org"
    body = f'<w:document xmlns:w="{space}/wordprocessingml/2006/main"><w:body>{head}{lines}</w:body></w:document>'
    kinds = (
        f'<Types xmlns="{space}/package/2006/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
        f'PartName="/word/document.xml" ContentType="{KINDS["docx"]}.main+xml"/></Types>'
    )
    links = (
        f'<Relationships xmlns="{space}/package/2006/relationships"><Relationship Id="r1" '
        f'Type="{space}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in (("[Content_Types].xml", kinds), ("_rels/.rels", links), ("word/document.xml", body)):
            file.writestr(name, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{content}')
    return out.getvalue()


def _run(text: str) -> str:
    plain = "".join(char for char in text if char >= " ")
    return f'<w:t xml:space="preserve">{escape(plain)}</w:t>'


def title_of(one: OwnPoem) -> str:
    """A poem in a list: by its title, or by its first line."""
    return one.title or one.text.strip().partition("\n")[0][:60] or "untitled"


def _folder_html(name: str, poems: list[OwnPoem]) -> str:
    rows = f'<ul class="wb-own-list">{"".join(map(_row, poems))}</ul>'
    head = f"<summary><strong>{escape(name)}</strong> <small>{len(poems)}</small></summary>"
    return f'<details open class="wb-own-folder" data-folder="{escape(name)}">{head}{rows}</details>' if name else rows


def _deleted_html(gone: list[OwnPoem]) -> str:
    rows = "".join(
        f'<li>{escape(title_of(one))} <button type="button" class="wb-all" data-own="back" data-id="{one.id}" '
        f'aria-label="Bring back {escape(title_of(one))}">Bring back</button></li>'
        for one in gone
    )
    return f'<details class="wb-own-gone"><summary>Deleted: {len(gone)}</summary><ul>{rows}</ul></details>' * bool(rows)


def _row(one: OwnPoem) -> str:
    title = escape(title_of(one))
    links = " · ".join(f'<a href="{to}"{more}>{name}</a>' for to, name, more in (
        (f"?tab=studio&amp;own={one.id}", "critique", ""),
        (f"desk/poem/{one.id}.html", "print, picture", ' target="_blank"'),
        (f"desk/poem/{one.id}.docx", "Word", " download"), (f"desk/poem/{one.id}.md", "Markdown", " download"),
    ))  # fmt: skip
    buttons = "".join(
        f'<button type="button" class="wb-all" data-own="{act}" data-id="{one.id}" aria-label="{said} {title}">'
        f"{said}</button>"
        for act, said in (("rename", "Rename"), ("move", "Folder"), ("delete", "Delete"))
    )
    return (
        f'<li><a class="wb-own-title" href="?tab=write&amp;own={one.id}">{title}</a> <small>{_n_lines(one.text)}, '
        f'changed {since_html(one.changed)}</small><span class="wb-own-acts">{links} {buttons}</span></li>'
    )


def _n_lines(text: str) -> str:
    n = sum(bool(line.strip()) for line in text.split("\n"))
    return f"{n} line{'s' * (n != 1)}"


def _sides(before: str, after: str) -> tuple[str, str]:
    """Two texts as HTML, the words that differ underlined line by line; stanzas as they are."""
    old, new = ([line for line in text.split("\n") if line.strip()] for text in (before, after))
    changes = align(old, new, of=("before", "after"))
    olds = {one.before_line: word_diff(one.before, one.after if one.kind == "edited" else "")[0]
            for one in changes if one.before_line and one.kind in ("edited", "cut")}  # fmt: skip
    news = {one.after_line: word_diff(one.before if one.kind == "edited" else "", one.after)[1]
            for one in changes if one.after_line and one.kind in ("edited", "new")}  # fmt: skip
    return _side(before, olds), _side(after, news)


def _side(text: str, changed: dict[int, str]) -> str:
    number, shown = 0, []
    for line in text.split("\n"):
        number += bool(line.strip())
        shown.append(changed.get(number, escape(line)) if line.strip() else "")
    return "\n".join(shown)
