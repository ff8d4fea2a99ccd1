"""Copied words are found, whatever they are dressed in."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.scoring.leaks import LeakSettings, find_leak, given_away, is_outside, said_outright
from workbench.words import words_of

POEM = "Title: The Hinge\nPoem: The cold hinge sings of iron,\nof rain in the seams of the door."


def _words(text: str) -> list[str]:
    return [word.folded for word in words_of(text)]


def _longest_run(ours: list[str], theirs: list[str]) -> int:
    """The slow way: every pair of starts."""
    return max(
        (n for i in range(len(ours)) for j in range(len(theirs)) for n in range(1, len(ours) + 1)
         if i + n <= len(ours) and j + n <= len(theirs) and ours[i : i + n] == theirs[j : j + n]),
        default=0,
    )  # fmt: skip


_prose = st.lists(st.sampled_from(["a", "b", "B", "c’d", "c'D", "é", ",", "—", "\n"]), max_size=14).map(" ".join)


@given(description=_prose, target=_prose)
def test_the_longest_run_is_that_of_the_slow_reference(description, target):
    assert find_leak(description, target).longest_run_words == _longest_run(_words(description), _words(target))


@given(description=_prose, target=_prose)
def test_the_share_of_4_grams_is_that_of_the_slow_reference(description, target):
    ours, theirs = _words(description), _words(target)
    grams = {tuple(theirs[i : i + 4]) for i in range(len(theirs) - 3)}
    copied = [gram for gram in grams if any(tuple(ours[i : i + 4]) == gram for i in range(len(ours)))]
    assert find_leak(description, target).ngram_share == (len(copied) / len(grams) if grams else 0.0)


@given(description=st.text(max_size=60), target=st.text(max_size=60), both=st.text(max_size=30))
def test_spans_lie_on_word_borders_inside_the_text_and_apart(description, target, both):
    target += both
    starts = {word.span[0] for word in words_of(target)}
    ends = {word.span[1] for word in words_of(target)}
    copied = find_leak(description + both, target, LeakSettings(shown_run=2)).spans
    for spans in (copied, given_away(description + both, target)):
        for start, end in spans:
            assert start in starts
            assert end in ends
            assert 0 <= start < end <= len(target)
        assert all(a[1] <= b[0] for a, b in pairwise(spans))


@given(target=st.text(max_size=80))
def test_a_text_copies_itself_wholly(target):
    leak = find_leak(target, target)
    n_words = len(words_of(target))
    assert leak.longest_run_words == n_words
    assert leak.is_leak == (n_words > 0)
    assert given_away(target, target) == tuple(word.span for word in words_of(target))


def test_known_answers():
    leak = find_leak("It says: the cold hinge SINGS of old iron.", POEM)
    assert leak.longest_run_words == 5
    assert leak.is_leak
    assert [POEM[start:end] for start, end in leak.spans] == ["The cold hinge sings of"]
    assert leak.ngram_share == pytest.approx(2 / 15)  # 18 words make 15 4-grams, all different


def test_four_words_in_a_row_of_a_long_poem_are_no_leak():
    poem = " ".join(f"word{n}" for n in range(60))
    assert not find_leak("it has word7 word8 word9 word10 in it", poem).is_leak
    assert find_leak("it has word7 word8 word9 word10 word11 in it", poem).is_leak


def test_scattered_quotations_are_a_leak_by_their_share():
    poem = " ".join(f"word{n}" for n in range(60))
    quoted = ", then ".join(" ".join(f"word{n}" for n in range(i, i + 4)) for i in range(0, 50, 10))
    leak = find_leak(quoted, poem)
    assert (leak.longest_run_words, leak.is_leak) == (4, True)
    assert leak.ngram_share == pytest.approx(5 / 57)


def test_shown_runs_may_be_shorter_than_leaks():
    leak = find_leak("rain in the gutters, seams of the coat", POEM)
    assert not leak.is_leak
    assert [POEM[start:end] for start, end in leak.spans] == ["rain in the", "seams of the"]


@pytest.mark.parametrize("apostrophe", list("'’‘ʼ＇"))
def test_apostrophes_are_one(apostrophe):
    assert _words(f"the bell{apostrophe}s toll") == ["the", "bell's", "toll"]


@pytest.mark.parametrize(
    ("a", "b"), [("café noir", "cafe\u0301 noir"), ("ﬁne", "fine"), ("STRASSE", "straße"), ("Ｒain", "rain")]
)
def test_one_word_in_two_spellings_of_unicode_is_one(a, b):
    assert _words(a) == _words(b)


def test_a_poem_copied_in_another_unicode_form_is_a_leak():
    poem = "Le café gelé était fermé à midi"
    decomposed = "Le cafe\u0301 gele\u0301 e\u0301tait ferme\u0301 a\u0300 midi"
    assert find_leak(decomposed, poem).longest_run_words == 7


@pytest.mark.parametrize("text", ["a_b", "a-b", "a—b", "a…b", "a\u2028b", "a\u200bb", "_a_ *b*", "'a' \"b\""])
def test_punctuation_parts_words_and_is_none(text):
    assert _words(text) == ["a", "b"]


@pytest.mark.parametrize("target", ["Rain", "Rain falls", "wet stone, sun"])
def test_a_tiny_poem_is_copied_when_all_of_it_is_there(target):
    assert find_leak(f"it reads {target.upper()} and no more", target).is_leak
    assert not find_leak("it reads rain or stone", "wet stone, sun").is_leak


@pytest.mark.parametrize(("description", "target"), [("", POEM), (POEM, ""), ("", ""), ("—", "…"), ("...", POEM)])
def test_nothing_copies_nothing(description, target):
    leak = find_leak(description, target)
    assert (leak.longest_run_words, leak.ngram_share, leak.spans, leak.is_leak) == (0, 0.0, (), False)


def test_the_threshold_is_a_setting():
    assert find_leak("the cold hinge", POEM, LeakSettings(leak_run=3)).is_leak
    assert not find_leak("the cold hinge", POEM, LeakSettings(leak_run=4)).is_leak


def test_a_token_is_outside_unless_it_touches_a_copied_word():
    text = "Rain on the rust."
    spans = given_away("rust and rain", text)
    assert spans == ((0, 4), (12, 16))
    tokens = [(0, 2), (2, 4), (4, 7), (7, 11), (11, 13), (13, 16), (16, 17), (17, 17)]
    assert is_outside(tokens, spans) == [False, False, True, True, False, False, True, True]


@given(
    offsets=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6)), max_size=12),
    cuts=st.lists(st.integers(0, 36), max_size=8, unique=True),
)
def test_outside_is_that_of_the_slow_reference(offsets, cuts):
    offsets_T = sorted((start, start + length) for start, length in offsets)
    cuts = sorted(cuts)
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    slow = [not any(start <= at < end for at in range(a, b) for start, end in spans) for a, b in offsets_T]
    assert is_outside(offsets_T, spans) == slow


def test_a_long_poem_takes_no_long_time():
    poem = "the rain and the rain " * 2000
    assert find_leak("the rain " * 50, poem).is_leak


def test_a_list_of_the_poems_words_is_a_copy():
    poem = "The cold hinge sings of iron while seven crates of lemons travel through winter towards the harbour"
    listed = "harbour winter towards lemons crates seven iron sings hinge cold"
    assert find_leak(listed, poem).longest_run_words < 5
    assert find_leak(listed, poem).is_leak
    assert not find_leak("fruit goes by rail to the harbour in winter, past a noisy gate", poem).is_leak


def test_a_looser_guard_counts_single_shared_words():
    target = "The rust and the rain on a gate"
    assert given_away("rust, rain and a gate", target, run=1) == ((4, 8), (9, 12), (17, 21), (25, 26), (27, 31))
    assert given_away("rust, rain and a gate", target, run=2) == ((25, 31),)


# ---------------------------------------------------------------- what is to be inferred


@pytest.mark.parametrize(
    ("description", "said"),
    [
        ("A salt road under the wind, where somebody waits", "title"),
        ("A road by the sea, and salt on it", "title"),
        ("A road by the sea", ""),
        ("Nobody walked far: the lantern swung above their ferry", "first line"),
        ("A lantern and somebody who walks", ""),
    ],
)
def test_a_title_and_a_first_line_are_not_to_be_said(description, said):
    text = "Nobody walked; a lantern swung\nover the ferry and the stones."
    assert said_outright(description, "The Salt Road", text) == said


def test_a_title_of_one_telling_word_may_be_said_and_earns_nothing_on_the_title():
    assert said_outright("Rain on a roof", "The Rain", "It falls.") == ""
    target = "Title: The Rain\nPoem: rain on slate"
    ends = len("Title: The Rain\nPoem: ")
    assert given_away("some rain falls", target, run=3, strict_until=ends) == ((11, 15),)
    assert given_away("some rain falls", target, run=3) == ()


def test_of_named_words_the_longest_stay_within_the_budget():
    target, told = "Gulls over the ferry,\na lantern, the fog, a ferry", "the ferry with a lantern, gulls, fog"
    assert given_away(told, target, run=3, budget=3) == ()  # fog is too short to tell
    assert given_away(told, target, run=3, budget=2) == ((0, 5),)
    assert given_away(told, target, run=3, budget=1) == ((0, 5), (15, 20), (44, 49))
    assert given_away(told, target, run=1, budget=1) == given_away(told, target, run=1)


def test_a_whole_title_of_small_words_is_said_where_they_stand_in_a_row():
    assert said_outright("it is what it is and no more", "What It Is", "Stone.") == "title"
    assert said_outright("it says what is on the table", "What It Is", "Stone.") == ""
