"""Poems that people add."""

import random
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.corpus.duplicates import similarity
from workbench.corpus.load import CorpusSettings, add_poems, describe_report, load_poems, prepare_corpus, write_poems
from workbench.errors import InputError
from workbench.places import ROOT
from workbench.storage.input_files import read_bytes
from workbench.types import Poem

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
POEM_TEXT = TEXT.filter(lambda text: any(c.isprintable() and not c.isspace() for c in text))
POEMS = st.lists(
    st.builds(Poem, title=TEXT, text=POEM_TEXT, author=TEXT, form=TEXT, licence=TEXT, failure=TEXT),
    min_size=1,
    max_size=4,
)
NAUGHTY = [
    "a\u2028b\u2029c\u0085d\x0b\x0ce",
    "one\r\ntwo\rthree\n",
    "trailing   \n  leading\t",
    "\n\nlines around\n\n",
    "👩‍👩‍👧 zero\u200dwidth",
    "مرحبا \u202eright to left\u202c",
    "e\u0301 is not é",
    '{"poem": "no"}',
    "</s><|im_end|>{{ title }}",
    "=cmd|' /C calc'!A0",
    '"quoted", "twice""',
    "\ufeffmark",
]


def without_source(poems):
    return [(p.title, p.text, p.author, p.form, p.licence, p.failure) for p in poems]


def count_words(text):
    return len(text.split())


def words(seed, n=40):
    return " ".join(f"w{random.Random(seed * 1000 + i).randrange(5000)}" for i in range(n))  # noqa: S311 - test data, no secret


def settings_for(path, **changes):
    return CorpusSettings(poems=str(path), **changes)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(POEMS)
def test_any_poem_comes_back_exactly(tmp_path, poems):
    write_poems(tmp_path / "a.jsonl", poems)
    assert without_source(load_poems(tmp_path / "a.jsonl")) == without_source(poems)


@pytest.mark.parametrize("text", NAUGHTY)
def test_awkward_characters_stay_in_the_poem(tmp_path, text):
    write_poems(tmp_path / "a.jsonl", [Poem(title=text, text=text)])
    (poem,) = load_poems(tmp_path / "a.jsonl")
    assert (poem.title, poem.text) == (text, text)


def test_a_poem_that_could_not_be_read_back_is_not_written(tmp_path):
    for text in ("", " \n", "\ud800", "a\0"):
        with pytest.raises(InputError, match=r"a\.jsonl:1: "):
            write_poems(tmp_path / "a.jsonl", [Poem(title="t", text=text)])
    assert not (tmp_path / "a.jsonl").exists()


# ---------------------------------------------------------------- thinning out and splitting


@pytest.fixture
def folder(tmp_path):
    """30 poems, a copy of one and a near-copy of another, in three files."""
    poems = [Poem(title=f"p{i}", text=words(i)) for i in range(30)]
    poems += [poems[3], Poem(title="again", text=words(7) + " more")]
    for number in range(3):
        write_poems(tmp_path / f"{number}.jsonl", poems[number::3])
    return tmp_path


def ids(poems):
    return [poem.id for poem in poems]


def test_the_same_seed_gives_the_same_split(folder):
    one, two = (prepare_corpus(settings_for(folder), seed=1, count_tokens=count_words) for _ in range(2))
    assert one == two


def test_another_seed_gives_another_split(folder):
    one, two = (prepare_corpus(settings_for(folder), seed=s, count_tokens=count_words) for s in (1, 2))
    assert set(ids(one.held_out)) != set(ids(two.held_out))


def test_the_order_of_files_and_poems_changes_nothing(folder, tmp_path_factory):
    one = prepare_corpus(settings_for(folder), seed=1, count_tokens=count_words)
    poems = load_poems(folder)
    random.Random(0).shuffle(poems)  # noqa: S311 - test data, no secret
    other = tmp_path_factory.mktemp("other") / "all.jsonl"
    write_poems(other, poems)
    two = prepare_corpus(settings_for(other), seed=1, count_tokens=count_words)
    assert (ids(one.training), ids(one.held_out)) == (ids(two.training), ids(two.held_out))


def test_no_near_duplicates_remain_and_none_stands_on_both_sides(folder):
    corpus = prepare_corpus(settings_for(folder), seed=1, count_tokens=count_words)
    poems = corpus.training + corpus.held_out
    assert len(poems) == 30
    assert max(similarity(a.text, b.text) for a in poems for b in poems if a is not b) < 0.85


def test_the_report_says_which_poem_was_kept(folder):
    report = prepare_corpus(settings_for(folder), seed=1, count_tokens=count_words).report
    text = describe_report(report)
    assert {item.reason for item in report.left_out} == {"duplicate", "near-duplicate"}
    assert "like 'again'" in text
    assert "the same as 'p3'" in text


def test_long_poems_are_left_out_and_named(tmp_path):
    write_poems(tmp_path / "a.jsonl", [Poem(title=f"n{n}", text=words(n, n)) for n in (10, 20, 90)])
    corpus = prepare_corpus(settings_for(tmp_path, max_tokens=50), seed=1, count_tokens=count_words)
    (out,) = corpus.report.left_out
    assert (out.title, out.reason) == ("n90", "too long")


@pytest.mark.parametrize("share", [0.01, 0.5, 0.9])
@pytest.mark.parametrize("n", [2, 3, 10])
def test_both_sides_hold_a_poem(tmp_path, share, n):
    write_poems(tmp_path / "a.jsonl", [Poem(title="t", text=words(i)) for i in range(n)])
    corpus = prepare_corpus(settings_for(tmp_path, held_out=share), seed=1, count_tokens=count_words)
    assert len(corpus.training) >= 1
    assert len(corpus.held_out) >= 1
    assert len(corpus.training) + len(corpus.held_out) == n


def test_one_poem_cannot_be_split(tmp_path):
    write_poems(tmp_path / "a.jsonl", [Poem(title="t", text="alone")])
    with pytest.raises(InputError, match="1 of 1 poems can be used and 2 are needed"):
        prepare_corpus(settings_for(tmp_path), seed=1, count_tokens=count_words)


def test_one_file_that_looks_like_several_poems_is_told_how_to_cut_it(tmp_path):
    (tmp_path / "two.txt").write_text("Salt\n\nsalt on rope\nand hand\n\n\nTar\n\ntar on rope\nand hand\n")
    with pytest.raises(InputError, match=r"1 of 1 poems .*“Title: ” before each title"):
        prepare_corpus(settings_for(tmp_path / "two.txt"), seed=1, count_tokens=count_words)


def test_too_few_poems_are_said_with_what_became_of_the_others(tmp_path):
    write_poems(tmp_path / "a.jsonl", [Poem(title="t", text=words(1)), Poem(title="u", text=words(1))])
    with pytest.raises(InputError, match=r"are needed \(1 are nearly the same as another\), add poems"):
        prepare_corpus(settings_for(tmp_path), seed=1, count_tokens=count_words)


def test_a_limit_draws_by_the_seed(folder):
    corpus = prepare_corpus(settings_for(folder, limit=10), seed=1, count_tokens=count_words)
    assert (len(corpus.training), len(corpus.held_out), corpus.report.n_over_limit) == (8, 2, 20)


@pytest.mark.parametrize(("kind", "least"), [("good", 150), ("bad", 60)])
def test_the_poems_of_the_project_have_every_field(kind, least):
    poems = load_poems(ROOT / "data" / "poems" / kind)
    assert len(poems) >= least
    for poem in poems:
        assert all((poem.title, poem.text, poem.author, poem.form, poem.licence, poem.source)), poem.source
        assert bool(poem.failure) == (kind == "bad"), poem.source


def test_a_large_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "big.jsonl"
    with path.open("wb") as file:
        file.truncate(2**30)  # sparse: takes no disk
    with pytest.raises(InputError, match="larger than 64 MiB"):
        read_bytes(path)


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


def test_a_path_that_fills_pages_is_named_in_one_short_line():
    with pytest.raises(InputError) as caught:
        load_poems(Path("a/" * 3000))
    assert len(str(caught.value)) < 600
