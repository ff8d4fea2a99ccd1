"""Descriptions of very many poems in a folder of Parquet files, each whole and with its hash.

    FOLDER.parquet/part-000000.parquet    4,096 rows, in the order of the poems
    FOLDER.parquet/_shards.jsonl          one line per file: its sha256, its rows, the job

    pandas.read_parquet("FOLDER.parquet")

Rows come as in `collection.py` and wait in the same SQLite file. When those of a shard are all there it is written,
whole or not at all, noted with its hash, and they leave the SQLite file, which so never holds more than a few shards.
The same command continues: what is noted and has its hash stays, any other shard is made again. A poem that is there
twice has one row.
"""

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from workbench.describing.collection import (
    BLOCK,
    Asked,
    Blocks,
    Done,
    Row,
    RowStore,
    blocks_of,
    clear,
    job_id,
    open_rows,
    row_of,
)
from workbench.describing.describe import pool_of
from workbench.engines.protocols import Cancelled, never
from workbench.errors import EngineError, InputError, Stopped
from workbench.storage.atomic import append_json, json_lines, sha256_file, write_file
from workbench.storage.execution import Progress, Watch
from workbench.types import Poem, content_id

SUFFIX = ".parquet"
SHARD = 256 * BLOCK  # poems; whole blocks, so that a shard that is made again has the blocks that it had
INDEX = "_shards.jsonl"  # readers of a folder pass over names with an underscore


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """A line of the index."""

    file: str
    sha256: str
    rows: int
    described: int  # rows with a description
    job: str  # poems in their order, who describes, and how many go into a file


def describe_into_shards(
    poems: Sequence[Poem], asked: Asked, work: Callable[[Blocks, Cancelled], Done], *, others: Sequence[Poem],
    out: Path, watch: Watch = lambda _: None, tell: Callable[[str], None] = lambda _: None,
    cancelled: Cancelled = never,
) -> int:  # fmt: skip
    """Describes what is not yet described, shard by shard.

    Args: as of `describe_collection`, and
        out: the folder.
        tell: told of each shard that is not as it was written.

    Returns:
        How many of the rows have a description.

    Raises:
        InputError: the folder holds something else.
        Stopped: `cancelled` said so; the same call continues.
    """
    if not find_spec("pyarrow"):
        raise EngineError(f"{out}: pyarrow is not installed; pip install 'poetry-workbench[train]'")
    some, pool = pool_of(poems, ()), pool_of(poems, others)
    rows_job = job_id(asked, pool)
    job = content_id("shards", rows_job, str(SHARD), *(text for poem in some for text in (poem.id, poem.source)))
    with open_rows(out) as store:
        folder = _Folder(out, store, some, rows_job=rows_job, job=job)
        folder.open(tell)
        missing = folder.missing()
        n_done = len(some) - len(missing)
        for tasks, rows in work(blocks_of(missing, pool, asked.job), cancelled):
            folder.put([(task.poem, row_of(task, row, asked.job)) for task, row in zip(tasks, rows, strict=True)])
            n_done += len(tasks)
            watch(Progress(position=n_done - 1, n_actions=len(some), text=tasks[-1].poem.title))
        if cancelled():
            raise Stopped(f"stopped with {n_done} of {len(some)} poems; the same command continues")
    clear(out)
    return sum(shard.described for shard in folder.kept.values())


class _Folder:
    """The shards, and the rows on their way to them.

    Attributes:
        kept: shards that are whole, by number.
    """

    def __init__(self, out: Path, store: RowStore, poems: Sequence[Poem], *, rows_job: str, job: str) -> None:
        self.kept: dict[int, Shard] = {}
        self._out, self._store, self._poems = out, store, poems
        self._rows_job, self._job = rows_job, job
        self._number = {poem.id: place // SHARD for place, poem in enumerate(poems)}
        self._left: dict[int, int] = {}  # rows that are wanted, of each shard that is not whole

    def open(self, tell: Callable[[str], None]) -> None:
        """Looks at what is there.

        Raises:
            InputError: the folder holds something else.
        """
        noted = self._noted()
        for number in range(-(-len(self._poems) // SHARD)):
            name = _name(number)
            shard, file = noted.get(name), self._out / name
            if shard and file.is_file() and sha256_file(file) == shard.sha256:
                self.kept[number] = shard
            elif shard:
                tell(f"{file}: {'not as it was written' if file.is_file() else 'is gone'}; it is made again")

    def missing(self) -> list[Poem]:
        """Poems that are not yet described; writes shards of which all are."""
        there, found = self._store.keys(), []
        for number in range(-(-len(self._poems) // SHARD)):
            if number not in self.kept:
                own = [poem for poem in self._of(number) if self._key(poem) not in there]
                found += own
                self._left[number] = len(own)
                if not own:
                    self._write(number)
        return found

    def put(self, rows: Sequence[tuple[Poem, Row]]) -> None:
        """Keeps rows, and writes each shard that they make whole."""
        self._store.put([(self._key(poem), row) for poem, row in rows])
        for poem, _ in rows:
            number = self._number[poem.id]
            self._left[number] -= 1
            if not self._left[number]:
                self._write(number)

    def _write(self, number: int) -> None:
        poems, name = self._of(number), _name(number)
        rows = [self._store.get(self._key(poem)) | {"source": poem.source} for poem in poems]
        data = _parquet(rows)
        write_file(self._out / name, data)
        shard = Shard(
            file=name, sha256=hashlib.sha256(data).hexdigest(), rows=len(rows),
            described=sum(bool(row["description"]) for row in rows), job=self._job,
        )  # fmt: skip
        append_json(self._out / INDEX, shard)
        self.kept[number] = shard
        self._store.drop(self._key(poem) for poem in poems)

    def _noted(self) -> dict[str, Shard]:
        """The index; of a file that was made again the last line counts."""
        if self._out.exists() and not self._out.is_dir():
            raise InputError(f"{self._out}: a file; name a folder for the shards that is not there yet")
        self._out.mkdir(parents=True, exist_ok=True)
        try:
            noted = {line["file"]: Shard(**line) for line in json_lines(self._out / INDEX)}
        except (TypeError, KeyError) as exc:
            raise InputError(f"{self._out / INDEX}: not an index of shards ({exc}); name another folder") from exc
        if any(shard.job != self._job for shard in noted.values()):
            raise InputError(f"{self._out}: holds rows of other poems or settings; name another folder")
        own = {INDEX, *map(_name, range(len(self._poems)))}
        for file in sorted(self._out.iterdir()):
            if file.name not in own and not file.name.startswith("."):
                raise InputError(f"{file}: not a shard of this collection; name a folder that is not there yet")
        return noted

    def _of(self, number: int) -> Sequence[Poem]:
        return self._poems[number * SHARD : (number + 1) * SHARD]

    def _key(self, poem: Poem) -> str:
        return content_id(self._rows_job, poem.id)


def _name(number: int) -> str:
    return f"part-{number:06d}{SUFFIX}"


def _parquet(rows: Sequence[Row]) -> bytes:
    """Rows as a Parquet file; every file has the same columns, whatever its rows lack."""
    import pyarrow as pa
    from pyarrow import parquet

    figures: list[tuple[str, Any]] = [
        ("specificity", pa.float64()), ("gain", pa.float64()), ("guarded gain", pa.float64()),
        ("longest run", pa.int64()), ("copies", pa.bool_()),
    ]  # fmt: skip
    candidate = [("title", pa.string()), ("rank", pa.int64()), ("description", pa.string()), *figures,
                 ("why", pa.string())]  # fmt: skip
    schema = pa.schema([
        *((name, pa.string()) for name in ("title", "source", "poem_id", "model")), ("seed", pa.int64()),
        ("description", pa.string()), ("is_specific", pa.bool_()), ("problem", pa.string()), *figures,
        ("identified", pa.struct([("place", pa.int64()), ("n_poems", pa.int64())])),
        ("candidates", pa.list_(pa.struct(candidate))),
    ])  # fmt: skip
    file = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(list(rows), schema=schema), file)
    return file.getvalue()
