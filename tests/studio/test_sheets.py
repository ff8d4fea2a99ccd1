"""Poems written with a person: what they locked or wrote stays, and everything can be undone."""

import pytest

from workbench.errors import DamagedError, InputError
from workbench.studio.sheets import Sheet, SheetLine, Sheets

FIRST = (
    SheetLine(text="The gate is shut,", others=("The gate was shut,",)),
    SheetLine(text="the keys are cut.", gap=True),
)
SECOND = (SheetLine(text="A kettle sings,"), SheetLine(text="the doorbell rings.", others=("the doorbell swings.",)))


def sheet(**given):
    return Sheet(
        **{"name": "sheet.1", "subject": "a gate", "poet": "built-in", "form": "couplets", "lines": FIRST} | given
    )


def test_a_sheet_comes_back_from_the_disk_as_it_was(memory_disk):
    kept = sheet(first_lines=("a",), end_words=("b", "c"), earlier=(SECOND,), coming=SECOND)
    Sheets(memory_disk).save(kept)
    assert Sheets(memory_disk).open("sheet.1") == kept


def test_a_name_that_nothing_has_is_said(memory_disk):
    with pytest.raises(InputError, match=r"no poem 'sheet\.7' is being written here"):
        Sheets(memory_disk).open("sheet.7")


def test_a_damaged_sheet_is_named(memory_disk):
    Sheets(memory_disk).save(sheet())
    Sheets(memory_disk).path("sheet.1").write_text("{}")
    with pytest.raises(DamagedError, match=r"sheet\.1\.json"):
        Sheets(memory_disk).open("sheet.1")


def test_a_new_name_is_not_taken(memory_disk):
    Sheets(memory_disk).save(sheet())
    assert Sheets(memory_disk).new_name() == "sheet.2"


def test_a_locked_line_is_asked_for_and_kept_byte_for_byte():
    locked = sheet().with_locked([2])
    assert locked.wishes().lines == {1: "the keys are cut."}
    assert locked.finished(SECOND).lines == (SECOND[0], locked.lines[1])


def test_a_line_of_ones_own_is_locked_and_the_old_one_offered():
    changed = sheet().with_line(1, "The door is shut,")
    assert changed.lines[0] == SheetLine(
        text="The door is shut,", others=("The gate is shut,", "The gate was shut,"), is_locked=True
    )


@pytest.mark.parametrize(("number", "text"), [(3, "a"), (0, "a"), (1, "  "), (1, "a\nb"), (1, "a" * 301)])
def test_what_is_not_a_line_is_refused(number, text):
    with pytest.raises(InputError):
        sheet().with_line(number, text)


def test_every_change_of_the_lines_can_be_undone():
    start = sheet()
    changed = start.with_line(1, "The door is shut,").finished(SECOND)
    assert changed.undone().undone().lines == start.lines


def test_there_is_nothing_to_undo_at_the_beginning():
    with pytest.raises(InputError, match="nothing to undo"):
        sheet().undone()


def test_the_lines_anew_are_those_of_another_seed():
    assert sheet(seed=3).asked_again().seed == 4


def test_lines_that_are_all_locked_are_not_written_anew():
    with pytest.raises(InputError, match="every line is locked"):
        sheet().with_locked([1, 2]).asked_again()


def test_others_are_found_for_one_line_which_stays():
    seeking = sheet().seeking(2)
    assert seeking.wishes().lines == {0: "The gate is shut,"}
    found = seeking.finished(SECOND)
    assert [line.text for line in found.lines] == [line.text for line in FIRST]
    assert found.lines[1].others == ("the doorbell rings.", "the doorbell swings.")


def test_first_lines_of_ones_own_are_locked_when_the_poem_comes():
    fresh = sheet(lines=(), first_lines=("A kettle sings,",))
    assert fresh.wishes().lines == {0: "A kettle sings,"}
    assert [line.is_locked for line in fresh.finished(SECOND).lines] == [True, False]


def test_a_stop_keeps_the_poem_that_was_there():
    assert sheet(coming=SECOND[:1]).stopped().lines == FIRST


def test_a_stop_of_the_first_poem_keeps_the_lines_that_came():
    assert sheet(lines=(), coming=SECOND[:1]).stopped().lines == SECOND[:1]
