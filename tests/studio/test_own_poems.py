"""Own poems are never lost: by two windows, by a delete, by an older version that comes back."""

import sqlite3
from contextlib import closing

import pytest

from workbench.errors import DamagedError, InputError
from workbench.studio.own_poems import OwnPoems

FIRST, SECOND = "The rope is wet.\nNobody waves.", "The rope is dry.\nNobody waves."


@pytest.fixture
def poems(tmp_path):
    return OwnPoems(tmp_path / "data" / "own.sqlite")


def test_a_poem_is_saved_in_place_and_found_by_its_words(poems):
    first = poems.save("Ferry", FIRST)
    second = poems.save("Ferry", SECOND, id_=first.id, base=first.revision)
    assert (second.id, second.revision) == (first.id, 2)
    assert [one.text for one in OwnPoems(poems.path).all("ferry DRY")] == [SECOND]
    assert poems.all("wet") == []


def test_the_same_again_is_no_new_revision(poems):
    first = poems.save("Ferry", FIRST)
    assert poems.save("Ferry", FIRST, id_=first.id, base=1) == first


def test_two_windows_do_not_overwrite_each_other(poems):
    one = poems.save("Ferry", FIRST)
    poems.save("Ferry", SECOND, id_=one.id, base=1)
    other = poems.save("Ferry", "written elsewhere", id_=one.id, base=1)
    assert other.id != one.id
    assert sorted(each.text for each in poems.all()) == sorted([SECOND, "written elsewhere"])


def test_a_deleted_poem_comes_back_whole(poems):
    one = poems.save("Ferry", FIRST)
    poems.keep(one.id, "before the cut")
    poems.delete(one.id)
    assert poems.all() == []
    poems.delete(one.id, undo=True)
    assert [each.text for each in poems.all()] == [FIRST]
    assert [each.name for each in poems.versions(one.id)] == ["before the cut"]


def test_a_file_from_before_there_were_folders_opens_with_all_that_was_in_it(tmp_path):
    path = tmp_path / "own_poems.sqlite"
    with closing(sqlite3.connect(path)) as old:
        old.execute(
            "CREATE TABLE poems (id INTEGER PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL, form TEXT NOT NULL, "
            "revision INTEGER NOT NULL, changed REAL NOT NULL, deleted INTEGER NOT NULL DEFAULT 0)"
        )
        old.execute("INSERT INTO poems VALUES (3, 'Ferry', 'The rope is wet.', 'haiku', 2, 7.0, 0)")
        old.commit()
    poems = OwnPoems(path)
    (one,) = poems.all()
    assert (one.id, one.title, one.form, one.revision, one.folder) == (3, "Ferry", "haiku", 2, "")
    assert poems.move(3, " the  sea ").folder == "the sea"
    assert poems.save("Ferry", "The rope is dry.", id_=3, base=2).folder == "the sea"


def test_a_draft_from_elsewhere_takes_the_place_of_the_poem_of_its_title_whose_words_stay_as_a_version(poems):
    poems.save("Ferry", "The rope is wet.")
    taken = poems.take_in("Ferry", "The rope is dry.")
    assert [one.text for one in poems.all()] == ["The rope is dry."]
    assert [one.text for one in poems.versions(taken.id)] == ["The rope is wet."]
    assert poems.take_in("Ferry", "The rope is dry.").revision == taken.revision
    assert poems.take_in("", "Nobody waves.").id != poems.take_in("", "Nobody waves.").id


def test_deleted_poems_are_found_apart(poems):
    kept, gone = poems.save("Ferry", "The rope is wet."), poems.save("Gate", "It swung.")
    poems.delete(gone.id)
    assert [one.id for one in poems.all()] == [kept.id]
    assert [one.id for one in poems.all(deleted=True)] == [gone.id]


def test_a_rename_leaves_the_text(poems):
    one = poems.save("Ferry", FIRST)
    assert (poems.rename(one.id, " Boat ").title, poems.get(one.id).text) == ("Boat", FIRST)


def test_what_was_there_before_a_new_sitting_is_kept_by_itself(poems):
    one = poems.save("Ferry", FIRST, now=1000.0)
    soon = poems.save("Ferry", FIRST + "\nYes.", id_=one.id, base=1, now=1100.0)
    assert poems.versions(one.id) == []
    poems.save("Ferry", SECOND, id_=one.id, base=soon.revision, now=90_000.0)
    assert [(each.text, each.name) for each in poems.versions(one.id)] == [(FIRST + "\nYes.", "")]


def test_what_cannot_be_is_one_line(poems):
    with pytest.raises(InputError, match="no poem number 7"):
        poems.get(7)
    with pytest.raises(InputError, match="invalid character"):
        poems.save("x", "half a character: \ud800")
    with pytest.raises(InputError, match="at most"):
        poems.save("x", "y" * 100_001)
    with pytest.raises(InputError, match="not a verdict"):
        poems.judge_remark("nice", {"session": "a", "item": "1", "poem": "p", "text": "t"})


def test_a_crash_in_the_middle_of_a_save_leaves_the_poem(poems):
    one = poems.save("Ferry", FIRST)
    connection = sqlite3.connect(poems.path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE poems SET text=''")
    connection.close()  # as a process that is killed: nothing was committed
    assert poems.get(one.id).text == FIRST


def test_a_damaged_file_is_said_and_not_written_over(poems):
    poems.path.parent.mkdir(parents=True)
    poems.path.write_bytes(b"not a database at all, but words of somebody's " * 40)
    before = poems.path.read_bytes()
    with pytest.raises(DamagedError):
        poems.save("Ferry", FIRST)
    assert poems.path.read_bytes() == before


def test_useful_and_wrong_remarks_on_one_draft_become_pairs(poems):
    told = {"session": "s", "poem": FIRST}
    poems.judge_remark("wrong", told | {"item": "1", "text": "There is no customer."})
    poems.judge_remark("useful", told | {"item": "2", "text": "“wet” is the whole poem."})
    poems.judge_remark("later", told | {"item": "3", "text": "Perhaps."})
    poems.judge_remark("useful", {"session": "t", "item": "1", "poem": SECOND, "text": "Another poem."})
    assert list(poems.pairs()) == [
        {"prompt": FIRST, "chosen": "“wet” is the whole poem.", "rejected": "There is no customer."}
    ]
    poems.judge_remark("useful", told | {"item": "1", "text": "There is no customer."})
    assert list(poems.pairs()) == [], "a later word on a remark stands"


def test_a_poem_is_found_by_the_folder_that_it_is_in(tmp_path):
    poems = OwnPoems(tmp_path / "own.sqlite")
    one, _ = poems.save("Ferry", "The rope is wet."), poems.save("Gate", "It sticks.")
    poems.move(one.id, "The Sea, grief")
    assert [found.title for found in poems.all("grief rope")] == ["Ferry"]
    assert poems.all("grief sticks") == []
