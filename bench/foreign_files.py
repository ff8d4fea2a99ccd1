"""Poem files with known poems in them, damaged at known places: does every poem arrive, or is what is lost named?

Each line of a poem ends with a word that is nowhere else. So it can be seen of every line that is still in the bytes
whether it is in a poem that was read. The seed decides everything: poems, kind of file, dialect, damage.
"""

import csv
import io
import json
import random
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

from workbench.corpus.load import load_poems
from workbench.errors import InputError

KINDS = ("csv", "tsv", "json", "jsonl", "ndjson", "lines.json", "txt", "md", "docx")
DOCUMENTS = ("txt", "md", "docx")
SEPARATOR = "***"
NOISE = (
    b'"', b"'", b"\n", b"\r", b"\r\r\n", b",", b";", b"\t", b"|", b"{", b"}", b"[", b"]", b":", b"\\", b"<br>",
    b"&amp;", b"\xff", b"\xe9", b"\0", b"NaN", b"null", b"\xef\xbb\xbf", b"sep=;\n", b"\\n", b"# ", b"Title: ",
    b"\\ud800", b"<p>", b"***\n", b"---\n", b"%PDF-", b"\n\n\n", b'""', b',"', b"=1+1", b"\x1a", b"\xc2\xa0",
    b"\xe2\x80\xa8",
)  # fmt: skip
WORDS = ("the ferry", "a rope", "one pan", "wet brass", "no one's lamp", "salt, bread", "an émigré", "two; three", "x")
TITLES = ("title", "Title", "Poem Name", "name")

Outcome = Literal["read", "named", "refused", "lost", "traceback"]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A whole file."""

    name: str
    data: bytes
    texts: tuple[str, ...]
    spans: tuple[Span, ...]  # where each poem's row begins and ends; () where rows are not told apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one damaged file."""

    outcome: Outcome
    name: str
    data: bytes
    said: str  # the refusal, the remarks, or what was lost


def trial(seed: int, folder: Path) -> Result:
    """Makes, damages and reads one file."""
    drawn = random.Random(seed)  # noqa: S311 - no secret
    made = whole_file(drawn)
    data, touched = damaged(made, drawn)
    path = folder / made.name
    path.write_bytes(data)
    try:
        poems = load_poems(path, separator=SEPARATOR if made.name.endswith((".txt", ".md")) else "")
    except InputError as exc:
        said = str(exc)
        is_clear = said.isprintable() and said.startswith(f"{path}:") and ", " in said
        return Result(outcome="refused" if is_clear else "traceback", name=made.name, data=data, said=said)
    except Exception as exc:
        return Result(outcome="traceback", name=made.name, data=data, said=f"{type(exc).__name__}: {exc}")
    missing = _missing(made, data, touched, [(poem.title, poem.text) for poem in poems])
    outcome: Outcome = "read" if not missing else "named" if poems.remarks else "lost"
    return Result(outcome=outcome, name=made.name, data=data, said="; ".join(missing or poems.remarks))


def _missing(made: Made, data: bytes, touched: set[int], arrived: list[tuple[str, str]]) -> list[str]:
    """Poems whose rows are whole and that did not arrive as they are; words still in the file and in no poem."""
    whole = {text.strip() for _, text in arrived}
    lost = [f"poem {n}" for n, text in enumerate(made.texts)
            if made.spans and n not in touched and text not in whole]  # fmt: skip
    read = "\n".join(part for poem in arrived for part in poem)
    marks = (line.rpartition(" ")[2] for text in made.texts for line in text.split("\n") if line)
    seen = data if not made.name.endswith(".docx") else _inside(data)
    return lost + [mark for mark in marks if mark.encode() in seen and mark not in read]


def _inside(data: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.read("word/document.xml")
    except Exception:
        return b""


# ---------------------------------------------------------------- whole files


def whole_file(drawn: random.Random) -> Made:
    """A file of one to six poems in one of many dialects."""
    kind = drawn.choice(KINDS)
    n_poems = 1 if kind in ("docx",) else drawn.randint(1, 6)
    texts = tuple(_poem(drawn, number) for number in range(n_poems))
    name = f"a.{kind.rpartition('.')[2]}"
    if kind in ("csv", "tsv"):
        return _table(name, texts, drawn)
    if kind in DOCUMENTS:
        return _document(name, texts, drawn)
    rows = [json.dumps({"title": f"n{n}", drawn.choice(("poem", "text")): text}, ensure_ascii=drawn.random() < 0.5)
            for n, text in enumerate(texts)]  # fmt: skip
    if kind != "json":
        return _joined(name, texts, rows, between=drawn.choice(("\n", "\r\n")))
    opening, closing = drawn.choice((("[", "]"), ('{"poems": [', "]}"), ("[\n", "\n]\n")))
    return _joined(name, texts, rows, between=drawn.choice((",", ",\n", ",\n  ")), opening=opening, closing=closing)


def _poem(drawn: random.Random, number: int) -> str:
    lines = []
    for place in range(drawn.randint(1, 7)):
        mark = f"q{number}v{place}z"
        lines.append(f"{' '.join(drawn.choices(WORDS, k=drawn.randint(1, 4)))} {mark}")
        if drawn.random() < 0.15:
            lines.append("")
    return "\n".join(lines).strip("\n")


def _joined(
    name: str, texts: tuple[str, ...], rows: list[str], *, between: str, opening: str = "", closing: str = ""
) -> Made:
    data, spans = opening.encode(), []
    for row in rows:
        spans.append((len(data), len(data) + len(row.encode())))
        data += (row + between).encode()
    data = data.removesuffix(between.encode()) + closing.encode()
    return Made(name=name, data=data, texts=texts, spans=tuple(spans))


def _table(name: str, texts: tuple[str, ...], drawn: random.Random) -> Made:
    separator = "\t" if name.endswith("tsv") else drawn.choice(",;|")
    end, dialect = drawn.choice(("\n", "\r\n")), drawn.choice((csv.unix_dialect, csv.excel))  # all quoted, or few
    has_more, around = drawn.random() < 0.3, drawn.choice(("", "", "\n", "\n\n"))
    rows = [[drawn.choice(TITLES), "poem"], *([f"n{n}", f"{around}{text}{around}"] for n, text in enumerate(texts))]
    rows = [[*row, "tag"] for row in rows] if has_more else rows
    written = []
    for row in rows:
        out = io.StringIO(newline="")
        csv.writer(out, dialect, delimiter=separator, lineterminator="\n").writerow(row)
        written.append(out.getvalue().removesuffix("\n"))
    opening = drawn.choice(("", "\ufeff")) + written[0] + end
    return _joined(name, texts, written[1:], between=end, opening=opening)


def _document(name: str, texts: tuple[str, ...], drawn: random.Random) -> Made:
    if name.endswith("docx"):
        space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        body = "".join(f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>'
                       for line in texts[0].split("\n"))  # fmt: skip
        out = io.BytesIO()
        packing = drawn.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
        with zipfile.ZipFile(out, "w", packing) as archive:
            archive.writestr("word/document.xml", f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>')
        return Made(name=name, data=out.getvalue(), texts=texts, spans=())
    mark = "# {}\n\n" if name.endswith("md") else drawn.choice(("", "Title: {}\n\n"))
    data = f"\n{SEPARATOR}\n".join(mark.format(f"n{n}") + text for n, text in enumerate(texts))
    return Made(name=name, data=data.encode(), texts=texts, spans=())


# ---------------------------------------------------------------- damage


def damaged(made: Made, drawn: random.Random) -> tuple[bytes, set[int]]:
    """The bytes after up to four edits, and the numbers of the poems whose rows were touched."""
    data, touched = made.data, set()
    marks = [at for at, byte in enumerate(data) if byte in b'"{}[],:']
    places = {*drawn.sample(range(len(data)), k=min(len(data), drawn.randint(0, 3)))}
    gone = {*drawn.sample(marks, k=min(len(marks), drawn.choice((0, 0, 1, 2))))}
    limit = len(data)
    for at in sorted(places | gone, reverse=True):  # from the end, so that places in front stay where they were
        n_gone, noise = (1, b"") if at in gone else _edit(drawn, limit - at)
        touched |= {n for n, (start, end) in enumerate(made.spans) if start <= at + n_gone and at <= end}
        data = data[:at] + noise + data[at + n_gone :]
        limit = at
    return data, touched


def _edit(drawn: random.Random, n_left: int) -> tuple[int, bytes]:
    """How many bytes go, and what comes in their place."""
    kind = drawn.random()
    if kind < 0.45:
        return 0, drawn.choice(NOISE)
    if kind < 0.7:
        return min(n_left, drawn.randint(1, 6)), drawn.choice(NOISE)
    if kind < 0.85:
        return min(n_left, drawn.randint(1, 60)), b""
    if kind < 0.9:
        return n_left, b""  # everything up to the next edit, or the end
    return min(n_left, 1), bytes([drawn.randrange(256)])
