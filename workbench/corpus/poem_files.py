r"""Poem files of every kind become `Poem`s, or one line says why not.

.json, .jsonl, .ndjson     an object a poem, a chat, or instruction and output
.csv, .tsv                 a header row; commas, semicolons, tabs or | between cells, quotes around a line break
.parquet                   `source` counts rows, from 1
.txt, .md, .docx           one poem a file, or several between separator lines (documents.py)

What fields mean and what is mended in rows is said in `poem_rows`. A row that cannot be used is left out and named; a
file of which more is left out than kept is refused, and so is one whose rows cannot be told apart.
"""

import csv
import io
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from workbench.corpus.documents import text_poems
from workbench.corpus.poem_rows import KINDS, MAX_POEM_CHARACTERS, SYNONYMS, mended, plain_name, poem_from
from workbench.errors import InputError
from workbench.storage.input_files import MAX_FILE_BYTES, quoted, read_bytes, read_text, refusal, shown
from workbench.storage.strict_formats import JsonRefusedError, json_records, json_value
from workbench.types import Poem

MAX_POEMS = 200_000  # in one file
MAX_LINE_CHARACTERS = 8 * MAX_POEM_CHARACTERS  # of a .jsonl file: everything may be written \u0061

MOST_TOLD = 10  # remarks
_SEPARATORS = (",", ";", "\t", "|")
_ADVICE = {  # kinds of files that people try, and what helps
    "a PDF does not keep the lines of a poem apart, copy the text into a .txt file": (".pdf",),
    "its lines cannot be read here, save the text as .txt or .docx": (
        ".doc", ".odt", ".rtf", ".pages", ".epub", ".html", ".htm",
    ),
    "its cells cannot be read here, save the table as .csv": (".xlsx", ".xls", ".ods", ".numbers"),
}  # fmt: skip

Row = tuple[Poem, set[str]] | InputError


class Poems(list[Poem]):
    """Poems with what is to be said about their files."""

    def __init__(self, poems: Iterable[Poem] = (), *, left_out: Iterable[InputError] = (), words: Iterable[str] = ()):
        super().__init__(poems)
        self.left_out = list(left_out)  # rows that cannot be used, with their places
        self.words = list(words)  # what was mended or is in doubt, one line a file

    @property
    def remarks(self) -> list[str]:
        """Everything that a person should read, one line each."""
        return [*(f"{error}: left out" for error in self.left_out), *self.words]

    @property
    def told(self) -> list[str]:
        """The same for a page or a terminal: the first of them, and how many more there are."""
        return in_short(self.remarks)


def in_short(remarks: Sequence[str]) -> list[str]:
    """The first ten remarks and a line that counts the others."""
    n_more = len(remarks) - MOST_TOLD
    return [*remarks[:MOST_TOLD], *([f"and {n_more} more remarks"] if n_more > 0 else [])]


def read_poems(path: Path, *, separator: str = "", is_exact: bool = False) -> Poems:
    """The poems of one file, in their order.

    Args:
        path: a file with one of the endings of `READERS`.
        separator: the line between several poems of one .txt, .md or .docx file; "" = the file is one poem.
        is_exact: nothing is mended and nothing left out.

    Raises:
        InputError: one line, `file:line: reason, what to do`.
    """
    ending = path.suffix.lower()
    if advice := next((text for text, endings in _ADVICE.items() if ending in endings), ""):
        raise refusal(path, advice)
    if ending in DOCUMENTS:
        poems = Poems(text_poems(path, separator))
    elif ending in TABLES:
        poems = _kept(TABLES[ending](path, is_exact), path, is_exact=is_exact)
    else:
        known = ", ".join(READERS)
        raise refusal(path, f"{quoted(ending or path.name)} is not a kind of poem file, choose one from {known}")
    if len(poems) > MAX_POEMS:
        raise refusal(path, f"there are more than {MAX_POEMS} poems in it, keep fewer")
    if not poems:
        raise refusal(path, "there is no poem in it, add one or remove the file")
    return poems


def _kept(rows: Iterator[Row], path: Path, *, is_exact: bool) -> Poems:
    found = list(itertools.islice(rows, MAX_POEMS + 1))
    out = [row for row in found if isinstance(row, InputError)]
    kept = [row for row in found if not isinstance(row, InputError)]
    if out and (is_exact or len(out) > len(kept)):
        raise out[0]
    counted = Counter(word for _, words in kept for word in words)
    words = [f"{shown(path)}: {word}, in {n} of {len(kept)} poems" for word, n in sorted(counted.items())]
    return Poems((poem for poem, _ in kept), left_out=out, words=words)


def _row(value: object, path: Path, line: int, is_exact: bool) -> Row:
    try:
        if not isinstance(value, dict):
            kind = KINDS.get(type(value), type(value).__name__)
            return refusal(path, f'expected a poem as an object, found {kind}, write {{"title": …, "poem": …}}', line)
        return poem_from(value, path, line, is_exact=is_exact)
    except InputError as exc:
        return exc


def _json_rows(path: Path, is_exact: bool) -> Iterator[Row]:
    text = read_text(path)
    try:
        for record in json_records(text, "poems", nan_is_null=True):
            yield _row(record.value, path, record.line, is_exact)
    except JsonRefusedError as exc:
        raise refusal(path, str(exc), exc.line) from exc


def _jsonl_rows(path: Path, is_exact: bool) -> Iterator[Row]:
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if len(line) > MAX_LINE_CHARACTERS:
            yield refusal(path, f"the line is longer than {MAX_LINE_CHARACTERS} characters, shorten it", number)
        elif line.strip(" \t\r"):
            try:
                yield _row(json_value(line, line=number, nan_is_null=True), path, number, is_exact)
            except JsonRefusedError as exc:
                yield refusal(path, str(exc), exc.line)


def _csv_rows(path: Path, is_exact: bool) -> Iterator[Row]:
    text = read_text(path)
    if "\n" not in text:
        text = text.replace("\r", "\n")  # an old Macintosh's
    csv.field_size_limit(MAX_FILE_BYTES)
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=_separator_of(text), strict=True)
    header: list[str] | None = None
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as exc:
            raise refusal(
                path, f"not valid CSV in the row that begins here ({shown(str(exc))}), correct its quotes", number
            ) from exc
        if cells is None:
            return
        if not any(map(str.strip, cells)) or cells[0].startswith("sep="):
            continue
        if header is None:
            header = _checked_header(cells, path, number)
        elif len(cells) != len(header):
            reason = f"{len(cells)} cells under {len(header)} columns, put quotes around cells that hold commas"
            yield refusal(path, reason, number)
        else:
            words: set[str] = set()
            row = dict(zip(header, cells, strict=True))
            made = _row(row if is_exact else _unpadded(row, words), path, number, is_exact)
            yield made if isinstance(made, InputError) else (made[0], made[1] | words)


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

    known = {name for names in SYNONYMS.values() for name in names} | {"instruction", "messages", "conversations"}
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
DOCUMENTS = (".txt", ".md", ".docx")
READERS = (*TABLES, *DOCUMENTS)  # the endings of poem files
IN_FOLDERS = tuple(ending for ending in READERS if ending != ".md")  # a folder's Markdown tells of its poems
