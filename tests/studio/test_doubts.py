"""Lines that may be talk: found again in the draft by what the remark quotes, and taken off one doubt at a time."""

from contextlib import closing

import pytest

from tests.revision.scripts import BRIEF, REVISE
from tests.studio.test_steps import stepped
from workbench.errors import InputError
from workbench.revision.settings import RevisionSettings
from workbench.revision.store import SessionStore
from workbench.studio.doubts import doubted_in, place_told, taken_off
from workbench.studio.steps import begin

VERSE = (
    "He pins the dust into one seam\nalong the yellow edge.\n\nThe clock unpicks a minute\nand hands it to the dark."
)
LONG = "— " + "machine-made, shelf-worn, unsigned-for, " * 4
ANSWER = f"Title: Sweep\nPoem: for the shelf machine\n\n{VERSE}\n\n{LONG}"


@pytest.fixture
def doubtful(memory_disk):
    """A session whose draft has a line in doubt before and one after its verse."""
    with closing(SessionStore(memory_disk)) as store:
        new = begin(store, "a railway station", RevisionSettings())
        yield stepped(new, educator=[BRIEF, REVISE], poet=[ANSWER])


def test_doubts_are_taken_off_one_at_a_time(doubtful):
    draft = doubtful.rounds[-1].draft
    assert doubted_in(draft) == [(1, 1), (6, 6)], draft.remarks
    without_end = taken_off(doubtful, place_told(draft, (6, 6)), form="")
    newest = without_end.rounds[-1].draft
    assert (newest.title, newest.text) == ("Sweep", f"for the shelf machine\n\n{VERSE}")
    assert doubted_in(newest) == [(1, 1)]
    bare = taken_off(without_end, place_told(newest, (1, 1)), form="")
    assert (bare.rounds[-1].draft.text, doubted_in(bare.rounds[-1].draft)) == (VERSE, [])


@pytest.mark.parametrize("told", ["", "x:1:1", "{id}:2:3", "{id}:1:1:1", "{id}:0:0"])
def test_only_what_is_in_doubt_is_taken_off(doubtful, told):
    with pytest.raises(InputError, match="not in doubt"):
        taken_off(doubtful, told.format(id=doubtful.rounds[-1].draft.id), form="")
