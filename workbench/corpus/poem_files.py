r"""Poem files: .json, .jsonl, .txt, .csv and .parquet become `Poem`s, byte for byte, or one line says why not.

Fields go by their usual names (`SYNONYMS`, in any case; the first one present counts, null counts as absent); only the
poem itself must be there. It is one string, or a list of lines. What stands in a field is kept as it is, white space
and \r included.

.txt    one poem a file, or several parted by a line that is exactly the separator. The title is the file's name (with
        a number where there are several), unless the first line with text is `Title: …`; that line and one empty line
        after it are then not part of the poem. The line break that closes a poem is not part of it either.
.csv    commas, a header row, double quotes around a cell that holds a comma or a line break.
.parquet  `source` counts rows, from 1.
"""

import csv
import io
import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from workbench.errors import InputError
from workbench.storage.input_files import MAX_FILE_BYTES, quoted, read_bytes, read_text, refusal, shown
from workbench.storage.strict_json import JsonRefusedError, json_records, json_value
from workbench.types import Poem

MAX_POEMS = 200_000  # in one file
MAX_POEM_CHARACTERS = 1_000_000
MAX_LINE_CHARACTERS = 8 * MAX_POEM_CHARACTERS  # of a .jsonl file: everything may be written \u0061

SYNONYMS = {
    "title": ("title", "name", "heading"),
    "text": ("poem", "text", "content", "body", "lines"),
    "author": ("author", "poet", "by"),
    "form": ("form",),
    "licence": ("licence", "license"),
    "failure": ("failure",),
}
_KINDS = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
    bytes: "bytes",
    type(None): "null",
}


def read_poems(path: Path, *, separator: str = "") -> list[Poem]:
    """The poems of one file, in the order in which they stand.

    Args:
        path: a file with one of the endings of `READERS`.
        separator: the line that parts several poems of one .txt file; "" = the file is one poem.

    Raises:
        InputError: one line, `file:line: reason, what to do`.
    """
    ending = path.suffix.lower()
    if ending not in READERS:
        raise refusal(path, f"{quoted(ending or path.name)} is no kind of poem file, known are {', '.join(READERS)}")
    reader = iter(_text_poems(path, separator)) if ending == ".txt" else READERS[ending](path)
    poems = list(itertools.islice(reader, MAX_POEMS + 1))
    if len(poems) > MAX_POEMS:
        raise refusal(path, f"there are more than {MAX_POEMS} poems in it, keep fewer")
    if not poems:
        raise refusal(path, "there is no poem in it, add one or remove the file")
    return poems


def checked(poem: Poem, path: Path, line: int) -> Poem:
    """The poem, if it can be used and written back.

    Raises:
        InputError: it is empty, too long, or holds NUL or a lone surrogate.
    """
    for field in SYNONYMS:
        text = getattr(poem, field)
        if len(text) > MAX_POEM_CHARACTERS:
            raise refusal(path, f"the {field} is longer than {MAX_POEM_CHARACTERS} characters, shorten it", line)
        if "\0" in text:
            raise refusal(path, f"the {field} holds a NUL character, remove it", line)
        if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
            raise refusal(path, f"the {field} holds half of a character (a lone surrogate), write it whole", line)
    if not any(c.isprintable() and not c.isspace() for c in poem.text):
        raise refusal(path, "the poem is empty, write it or remove the entry", line)
    return poem


def poem_from(row: Mapping[str, object], path: Path, line: int) -> Poem:
    """A poem from named fields.

    Raises:
        InputError: the poem is missing, or a field is not text.
    """
    names = [name.strip().casefold() for name in row]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise refusal(path, f"the field {quoted(twice)} is given twice, remove one", line)
    values = dict(zip(names, row.values(), strict=True))
    given = {field: _first(values, names) for field, names in SYNONYMS.items()}
    if given["text"] is None:
        raise refusal(path, f"no poem, add a field 'poem' (there are {quoted(', '.join(row) or 'no fields')})", line)
    if isinstance(given["text"], list) and all(isinstance(part, str) for part in given["text"]):
        given["text"] = "\n".join(given["text"])
    for field, value in given.items():
        if value is not None and not isinstance(value, str):
            kind = _KINDS.get(type(value), type(value).__name__)
            raise refusal(path, f"the {field} is {kind}, write it as text in quotes", line)
    texts = {field: str(value) for field, value in given.items() if value is not None}
    return checked(Poem(**{"title": "", **texts}, source=f"{shown(path)}:{line}"), path, line)


def _first(values: Mapping[str, object], names: tuple[str, ...]) -> object:
    return next((values[name] for name in names if values.get(name) is not None), None)


def _json_poems(path: Path) -> Iterator[Poem]:
    text = read_text(path)
    try:
        for record in json_records(text, "poems"):
            yield _record_poem(record.value, path, record.line)
    except JsonRefusedError as exc:
        raise refusal(path, str(exc), exc.line) from exc


def _jsonl_poems(path: Path) -> Iterator[Poem]:
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if len(line) > MAX_LINE_CHARACTERS:
            raise refusal(path, f"the line is longer than {MAX_LINE_CHARACTERS} characters, shorten it", number)
        if line.strip(" \t\r"):
            try:
                value = json_value(line, line=number)
            except JsonRefusedError as exc:
                raise refusal(path, str(exc), exc.line) from exc
            yield _record_poem(value, path, number)


def _record_poem(value: object, path: Path, line: int) -> Poem:
    if not isinstance(value, dict):
        kind = _KINDS.get(type(value), type(value).__name__)
        raise refusal(path, f'expected a poem as an object, found {kind}, write {{"title": …, "poem": …}}', line)
    return poem_from(value, path, line)


def _csv_poems(path: Path) -> Iterator[Poem]:
    lines = io.StringIO(read_text(path), newline="\n")  # ends lines at \n only, and keeps them
    reader = csv.reader(lines, strict=True)
    header: list[str] | None = None
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as exc:
            raise refusal(path, f"not valid CSV in the row that begins here ({exc}), mend its quotes", number) from exc
        if cells is None:
            return
        if not cells:
            continue
        if header is None:
            header = _checked_header(cells, path, number)
        elif len(cells) != len(header):
            reason = f"{len(cells)} cells under {len(header)} columns, put quotes around cells that hold commas"
            raise refusal(path, reason, number)
        else:
            yield poem_from(dict(zip(header, cells, strict=True)), path, number)


def _checked_header(cells: list[str], path: Path, line: int) -> list[str]:
    names = [cell.strip().casefold() for cell in cells]
    if not set(names) & set(SYNONYMS["text"]):
        reason = f"no column 'poem' in the header {quoted(','.join(cells))}, name the columns in the first row"
        raise refusal(path, reason, line)
    if len(set(names)) < len(names):
        raise refusal(path, "two columns have the same name, rename one", line)
    return cells


def _parquet_poems(path: Path) -> Iterator[Poem]:
    for number, row in enumerate(_parquet_rows(path), start=1):
        yield poem_from(row, path, number)


def _parquet_rows(path: Path) -> list[dict[str, object]]:
    data = read_bytes(path)
    import pyarrow as pa  # here: it takes half a second, and few need it
    from pyarrow import parquet

    known = {name for names in SYNONYMS.values() for name in names}
    try:
        file = parquet.ParquetFile(pa.BufferReader(data))
        groups = [file.metadata.row_group(index) for index in range(file.metadata.num_row_groups)]
        if sum(group.total_byte_size for group in groups) > MAX_FILE_BYTES:
            raise refusal(path, f"it unpacks to more than {MAX_FILE_BYTES // 2**20} MiB, split it")
        columns = [name for name in file.schema_arrow.names if name.strip().casefold() in known]
        rows: list[dict[str, object]] = file.read(columns=columns).to_pylist()
    except InputError:
        raise
    except Exception as exc:  # pyarrow raises many kinds for a broken file: here they become ours
        reason = quoted(str(exc).split("\n")[0])
        raise refusal(path, f"not a readable Parquet file ({reason}), write it anew") from exc
    return rows


def _text_poems(path: Path, separator: str) -> list[Poem]:
    parts = _parts(read_text(path), separator)
    return [
        _text_poem(text, path, line=line, title=path.stem if len(parts) == 1 else f"{path.stem} {number}")
        for number, (line, text) in enumerate(parts, start=1)
    ]


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
    if first[:6].casefold() == "title:":
        title, body = first[6:].strip(), rest
        empty, end, after = rest.partition("\n")
        body = after if end and not empty.strip() else rest
    return checked(Poem(title=shown(title), text=body, source=f"{shown(path)}:{line}"), path, line)


READERS: dict[str, Callable[[Path], Iterator[Poem]]] = {
    ".json": _json_poems,
    ".jsonl": _jsonl_poems,
    ".txt": lambda path: iter(_text_poems(path, "")),
    ".csv": _csv_poems,
    ".parquet": _parquet_poems,
}
