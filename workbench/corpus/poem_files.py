r"""Poem files of every kind become `Poem`s, or one line says why not.

.json, .jsonl, .ndjson     an object a poem, a chat, or instruction and output
.csv, .tsv                 a header row; commas, semicolons, tabs or | between cells, quotes around a line break
.parquet                   `source` counts rows, from 1
.txt, .md, .docx           one poem a file, or several between separator lines (documents.py)

What fields mean and what is mended in rows is said in `poem_rows`. A row that cannot be used is left out and named; a
file of which more is left out than kept is refused, and so is one whose rows cannot be told apart.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from workbench.corpus.documents import text_poems
from workbench.corpus.poem_tables import TABLES, Row
from workbench.errors import InputError
from workbench.storage.input_files import quoted, refusal, shown
from workbench.types import Poem

MAX_POEMS = 200_000  # in one file

MOST_TOLD = 10  # remarks
_ADVICE = {  # kinds of files that people try, and what helps
    "a PDF does not keep the lines of a poem apart, copy the text into a .txt file": (".pdf",),
    "its lines cannot be read here, save the text as .txt or .docx": (
        ".doc", ".odt", ".rtf", ".pages", ".epub", ".html", ".htm",
    ),
    "its cells cannot be read here, save the table as .csv": (".xlsx", ".xls", ".ods", ".numbers"),
}  # fmt: skip

DOCUMENTS = (".txt", ".md", ".docx")
READERS = (*TABLES, *DOCUMENTS)  # the endings of poem files
IN_FOLDERS = tuple(ending for ending in READERS if ending != ".md")  # a folder's Markdown tells of its poems


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
        found, doubts = text_poems(path, separator)
        poems = Poems(found, words=doubts)
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
