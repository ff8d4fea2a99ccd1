"""Poems that people add."""

import threading

import pytest

from workbench.corpus.load import load_poems
from workbench.corpus.own_poems import add_poems
from workbench.errors import InputError
from workbench.types import Poem


def test_an_added_poem_comes_back_byte_for_byte(tmp_path):
    file = tmp_path / "mine" / "poems.jsonl"
    poem = Poem(title="  <b>Snow</b>", text="one\u2028two \n\n   three\t", author="me")
    assert add_poems(file, [poem]).n_added == 1
    (found,) = load_poems(file)
    assert (found.title, found.text, found.author) == (poem.title, poem.text, poem.author)


def test_none_is_added_twice(tmp_path):
    file = tmp_path / "poems.jsonl"
    poem, other = Poem(title="A", text="b"), Poem(title="C", text="d")
    add_poems(file, [poem])
    added = add_poems(file, [poem, other, other])
    assert (added.n_added, added.n_known, added.n_total) == (1, 2, 2)


def test_one_that_cannot_be_used_leaves_all_out(tmp_path):
    file = tmp_path / "poems.jsonl"
    with pytest.raises(InputError, match="the poem is empty"):
        add_poems(file, [Poem(title="A", text="b"), Poem(title="C", text=" \n")])
    assert not file.exists()


def test_two_who_add_at_once_lose_nothing(tmp_path):
    file = tmp_path / "poems.jsonl"
    threads = [threading.Thread(target=add_poems, args=(file, [Poem(title=str(n), text="x")])) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {poem.title for poem in load_poems(file)} == {str(n) for n in range(12)}
