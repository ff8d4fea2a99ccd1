"""Poems that people add: checked by the loader's rules, kept as .jsonl, none twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.corpus.load import load_poems, write_poems
from workbench.corpus.poem_rows import checked
from workbench.storage.locks import locked
from workbench.types import Poem


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of the poems."""

    n_added: int
    n_known: int  # were there already
    n_total: int


def add_poems(file: Path, poems: Sequence[Poem]) -> Added:
    """Adds poems to a .jsonl file, all or nothing; two who add at once wait for one another.

    Raises:
        InputError: a poem cannot be used; the message names it.
        StoreError: the disk.
    """
    for number, poem in enumerate(poems, start=1):
        checked(poem, Path(poem.source or "the form"), number)
    with locked(file.parent / ".lock"):
        kept = load_poems(file, is_exact=True) if file.is_file() else []
        known = {poem.id for poem in kept}
        new = list({poem.id: poem for poem in poems if poem.id not in known}.values())
        if new:
            write_poems(file, [*kept, *new])
    return Added(n_added=len(new), n_known=len(poems) - len(new), n_total=len(kept) + len(new))
