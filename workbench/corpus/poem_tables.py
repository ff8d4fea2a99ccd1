r"""Tables and rows of named fields, read one by one: .json, .jsonl, .ndjson, .csv, .tsv, .parquet.

Each row is a poem with words for what was mended, or the error that says why it is none; what becomes of that is for
`poem_files`. Where the ending of a file and its content differ (lines of JSON called .json, an array called .jsonl),
the content counts. A file whose rows cannot be told apart is refused.
"""

import csv
import io
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from workbench.corpus.poem_rows import (
    CHATS,
    EXACT,
    KINDS,
    MAX_POEM_CHARACTERS,
    SYNONYMS,
    mended,
    plain_name,
    poem_from,
    rows_of,
)
from workbench.errors import InputError
from workbench.storage.input_files import MAX_FILE_BYTES, quoted, read_bytes, read_text, refusal, shown
from workbench.storage.strict_json import JsonRefusedError, is_list_of_objects, json_records, json_value
from workbench.types import Poem

MAX_LINE_CHARACTERS = 8 * MAX_POEM_CHARACTERS  # of a .jsonl file: everything may be written \u0061
_SEPARATORS = (",", ";", "\t", "|")
#: What exports call the list of all rows, or of some of them.
_LISTS = ("poems", "data", "rows", "items", "examples", "records", "train", "validation", "valid", "dev", "test")

Row = tuple[Poem, set[str]] | InputError
Cells = list[tuple[int, list[str]]]  # rows with the lines that they begin on


def _row(value: object, path: Path, line: int, is_exact: bool) -> Row:
    try:
        if not isinstance(value, dict):
            kind = KINDS.get(type(value), type(value).__name__)
            return refusal(path, f'expected a poem as an object, found {kind}, write {{"title": …, "poem": …}}', line)
        return poem_from(value, path, line, is_exact=is_exact)
    except InputError as exc:
        return exc


def _json_rows(path: Path, is_exact: bool) -> Iterator[Row]:
    text = read_text(path, is_of_rows=True)
    if _is_lines(text):
        yield from _rows_of_lines(text, path, is_exact)
        return
    is_packed = re.search(r"\}\s*,[ \t]*\{", text) is not None  # entries on one line
    entries = itertools.count(1)
    try:
        for record in json_records(text, _LISTS, nan_is_null=True):
            for row in [record.value] if is_exact else rows_of(record.value):
                made, entry = _row(row, path, record.line, is_exact), next(entries)
                yield _numbered(made, path, record.line, entry) if is_packed else made
        yield from _unread(text, path)
    except JsonRefusedError as exc:
        raise refusal(path, str(exc), exc.line) from exc


def _unread(text: str, path: Path) -> Iterator[Row]:
    """A refusal of each list in the object of a file that is not read beside those that are."""
    if not text.lstrip().startswith("{"):
        return
    value = json_value(text, nan_is_null=True)
    lists = [name for name in (value if isinstance(value, dict) else ()) if is_list_of_objects(value, name)]
    if set(lists) & set(_LISTS):
        for name in set(lists) - set(_LISTS):
            yield refusal(path, f"the list {quoted(name)} is not read, put its poems under 'poems'")


def _numbered(made: Row, path: Path, line: int, entry: int) -> Row:
    """A refusal that names the entry too, where several are on a line."""
    if not isinstance(made, InputError):
        return made
    return refusal(path, f"entry {entry}: {str(made).removeprefix(str(refusal(path, '', line)))}", line)


def _is_lines(text: str) -> bool:
    """Whether a text is an object a line: its first line is a whole one, and others follow."""
    first, _, rest = text.lstrip().partition("\n")
    if text.lstrip()[:1] == "[" or not (first.rstrip().endswith("}") and rest.strip()):
        return False
    try:
        return isinstance(json_value(first, nan_is_null=True), dict)
    except JsonRefusedError:
        return False


def _jsonl_rows(path: Path, is_exact: bool) -> Iterator[Row]:
    text = read_text(path, is_of_rows=True)
    if text.lstrip()[:1] == "[":
        yield from _json_rows(path, is_exact)
    else:
        yield from _rows_of_lines(text, path, is_exact)


def _rows_of_lines(text: str, path: Path, is_exact: bool) -> Iterator[Row]:
    text = text if "\n" in text else text.replace("\r", "\n")  # an old Macintosh's
    for number, whole in enumerate(text.split("\n"), start=1):
        line = whole.lstrip("\ufeff")  # files that were put together
        line = line.rstrip(" \t\r,") if line.rstrip(" \t\r").endswith("},") else line  # rows cut out of an array
        if len(line) > MAX_LINE_CHARACTERS:
            yield refusal(path, f"the line is longer than {MAX_LINE_CHARACTERS} characters, shorten it", number)
        elif line.strip(" \t\r"):
            try:
                yield _row(json_value(line, line=number, nan_is_null=True), path, number, is_exact)
            except JsonRefusedError as exc:
                yield refusal(path, str(exc), exc.line)


def _csv_rows(path: Path, is_exact: bool) -> Iterator[Row]:
    text = read_text(path, is_of_rows=True)
    if "\n" not in text:
        text = text.replace("\r", "\n")  # an old Macintosh's
    separator, said = _separator_of(text), set()
    rows, reason = _cells(text, separator)
    if reason and '\\"' in text:
        said, (rows, reason) = {'\\"'}, _cells(text.replace('\\"', '""'), separator)
    if reason:
        reason = f"not valid CSV in the row that begins here ({reason}), correct its quotes"
        raise refusal(path, reason, rows[-1][0])
    header: list[str] | None = None
    for number, cells in rows:
        if header is None:
            header = _checked_header(cells, path, number)
            said |= _unread_columns(header)
        elif [plain_name(cell) for cell in cells] == [plain_name(cell) for cell in header]:
            continue  # files that were put together
        elif len(cells) != len(header):
            reason = f"{len(cells)} cells under {len(header)} columns, put quotes around cells that hold commas"
            yield refusal(path, reason, number)
        else:
            words = said | _doubts(cells, separator)
            row = dict(zip(header, cells, strict=True))
            made = _row(row if is_exact else _unpadded(row, words), path, number, is_exact)
            yield made if isinstance(made, InputError) else (made[0], made[1] | words)


def _unread_columns(header: list[str]) -> set[str]:
    """A word for each named column that no field of a poem is filled from; row numbers have no name, or an id's."""
    known = {name for names in SYNONYMS.values() for name in names} | {"", "id", "index", "instruction", EXACT}
    return {f"the column {quoted(name)} is not read" for name in header if plain_name(name) not in known}


def _cells(text: str, separator: str) -> tuple[Cells, str]:
    """The rows that hold something; and why the last of them is none, or ""."""
    csv.field_size_limit(MAX_FILE_BYTES)
    is_spaced = re.match(rf'[^\n]*{re.escape(separator)} +"', text) is not None
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=separator, strict=True, skipinitialspace=is_spaced)
    rows: Cells = []
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as exc:
            return [*rows, (number, [])], shown(str(exc))
        if cells is None:
            return rows, ""
        if any(map(str.strip, cells)) and not cells[0].startswith("sep="):
            rows.append((number, cells))


def _doubts(cells: list[str], separator: str) -> set[str]:
    """A word where a cell has a line that looks like a row of its own: a quote may be missing before it."""
    lines = (line for cell in cells for line in cell.split("\n")[1:])
    n_inner = len(cells) - 1
    for line in lines:
        if n_inner and line.count(separator) == n_inner and not re.search(f"{re.escape(separator)}(\\s|$)", line):
            return {"lines like rows inside a cell (is a quote missing?)"}
    return set()


def _unpadded(row: dict[str, str], words: set[str]) -> dict[str, object]:
    """Cells without what surrounds them: blank lines around a poem, blanks around everything else."""
    return {
        name: mended(cell, words, is_padded=True) if plain_name(name) in SYNONYMS["text"]
        else mended(cell, words, is_line=True).strip()
        for name, cell in row.items()
    }  # fmt: skip


def _separator_of(text: str) -> str:
    """Whatever gives the header a column for the poem; a comma where nothing does."""
    lines = (line for line in text.split("\n") if line.strip() and not line.startswith("sep="))
    first = next(lines, "")
    for separator in _SEPARATORS:
        if {plain_name(cell.strip('\r"')) for cell in first.split(separator)} & {*SYNONYMS["text"]}:
            return separator
    return ","


def _checked_header(cells: list[str], path: Path, line: int) -> list[str]:
    names = [plain_name(cell) for cell in cells]
    if not set(names) & set(SYNONYMS["text"]):
        reason = f"no column 'poem' in the header {quoted(','.join(cells))}, name the columns in the first row"
        raise refusal(path, reason, line)
    known = [name for name in names if any(name in synonyms for synonyms in SYNONYMS.values())]
    if len(set(known)) < len(known):
        raise refusal(path, "two columns have the same name, rename one", line)
    return cells


def _parquet_rows(path: Path, is_exact: bool) -> Iterator[Row]:
    data = read_bytes(path)
    import pyarrow as pa  # here: it takes half a second, and few need it
    from pyarrow import parquet

    known = {name for names in SYNONYMS.values() for name in names} | {"instruction", *CHATS}
    try:
        file = parquet.ParquetFile(pa.BufferReader(data))
        groups = [file.metadata.row_group(index) for index in range(file.metadata.num_row_groups)]
        if sum(group.total_byte_size for group in groups) > MAX_FILE_BYTES:
            raise refusal(path, f"it unpacks to more than {MAX_FILE_BYTES // 2**20} MiB, split it")
        columns = [name for name in file.schema_arrow.names if plain_name(name) in known]
        rows: list[dict[str, object]] = file.read(columns=columns).to_pylist()
    except InputError:
        raise
    except Exception as exc:  # pyarrow raises many kinds for a broken file: here they become ours
        reason = quoted(str(exc).split("\n")[0])
        raise refusal(path, f"not a readable Parquet file ({reason}), write it anew") from exc
    for number, row in enumerate(rows, start=1):
        yield _row(row, path, number, is_exact)


TABLES: dict[str, Callable[[Path, bool], Iterator[Row]]] = {
    ".json": _json_rows,
    ".jsonl": _jsonl_rows,
    ".ndjson": _jsonl_rows,
    ".csv": _csv_rows,
    ".tsv": _csv_rows,
    ".parquet": _parquet_rows,
}
