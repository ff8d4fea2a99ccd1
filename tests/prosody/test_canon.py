"""The reader of the canon and its tables, on texts of our own."""

import re
from pathlib import Path

import pytest

from bench import canon
from bench.canon import CanonPoem, Fact, canon_poems, facts, verdicts
from bench.canon_meter import _drawn
from bench.canon_rhyme import judge_rhymes, misses, rhyme_table

ANTHOLOGY = """THE kettle hums beside the sill,
The window holds the hill.

The clock has nothing more to say
About the day.

WHEN I was late, the road was long    5
and no one knew the song.
"""


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    """A folder that looks as the one inside the package does."""
    for file in canon.FILES.values():
        (tmp_path / file).write_text("A line of ours,\n    and its end.\n", encoding="utf-8")
    (tmp_path / canon.FILES["yeats-early"]).write_text(ANTHOLOGY, encoding="utf-8")
    (tmp_path / canon.FILES["hopkins"]).write_text(
        "\n#\n\n1\nOne line here,\n\n#\n\nAnother poem\nof two lines.\n", "utf-8"
    )
    return tmp_path


def by_id(poems: list[CanonPoem]) -> dict[str, CanonPoem]:
    return {poem.id: poem for poem in poems}


def test_a_poem_opens_with_a_word_in_capitals(corpora: Path) -> None:
    poems = by_id(canon_poems(corpora))
    assert [len(poems[name].lines) for name in ("yeats-early 1", "yeats-early 2")] == [4, 2]
    assert "yeats-early 3" not in poems


def test_numbers_in_the_margin_are_no_words_of_the_line(corpora: Path) -> None:
    assert by_id(canon_poems(corpora))["yeats-early 2"].lines[0].endswith("the road was long")


def test_poems_between_hashes_lose_their_numbers(corpora: Path) -> None:
    poems = by_id(canon_poems(corpora))
    assert (poems["hopkins 1"].text, len(poems["hopkins 2"].lines)) == ("One line here,", 2)


def test_a_wrapped_line_is_one_line_again(corpora: Path) -> None:
    assert by_id(canon_poems(corpora))["browning 1"].lines == ["A line of ours, and its end."]


def test_every_row_of_the_table_has_a_scheme_of_letters_and_a_known_split() -> None:
    known = facts()
    assert len(known) > 300
    assert {fact.split for fact in known.values()} == {"seen", "held", "fresh"}
    assert all(re.fullmatch(r"[A-Za-z. ]*", fact.scheme) for fact in known.values())


def test_every_verdict_is_about_a_poem_of_the_table_and_says_yes_no_or_open() -> None:
    found = verdicts("rhyme")
    assert len(found) >= 50
    assert {verdict.truth for verdict in found.values()} == {"yes", "no", "open"}
    assert all(verdict.poem in facts() for verdict in found.values())


FACT = Fact(poem="ours 1", split="seen", scheme="ABAB", form="", meter="")


def test_pairs_are_judged_beside_the_dictionary_alone() -> None:
    poem = CanonPoem(id="ours 1", text="so temperate\nthe door\nthe date\nthe desk")
    pairs = judge_rhymes([poem], {"ours 1": FACT})
    table = rhyme_table(pairs)
    assert table["rhymes found"]["seen, ours"] == "1/2 50.0 %"
    assert table["rhymes found"]["seen, pronouncing"] == "0/2 0.0 %"
    assert list(misses(pairs)) == ["ours 1\t2,4\tdoor / desk\trhymes"]


def test_a_poem_of_another_length_than_its_row_stops_the_bench() -> None:
    with pytest.raises(ValueError, match="another edition"):
        judge_rhymes([CanonPoem(id="ours 1", text="one line\nand two")], {"ours 1": FACT})


def test_every_verdict_on_a_line_names_its_beats_and_no_line_that_is_held_back() -> None:
    found, known = verdicts("meter"), facts()
    assert len(found) >= 50
    assert all(set(verdict.truth.split("|")) <= set("12345678") for verdict in found.values())
    assert {known[verdict.poem].split for verdict in found.values()} == {"seen"}


def test_the_lines_that_are_asked_about_are_always_the_same_twelfth() -> None:
    poem = CanonPoem(id="ours 1", text="\n".join(["A line of ours"] * 600))
    drawn = _drawn(poem)
    assert drawn == _drawn(poem)
    assert 30 <= len(drawn) <= 70
