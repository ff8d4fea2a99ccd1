"""Letters, pairs and densities."""

import random
from importlib import resources

import pytest

from tests.work import n_calls
from workbench.prosody.scheme import expected_by_chance, scheme
from workbench.prosody.types import RhymeClass

COUPLETS = ["the pan", "a man", "the door", "the floor"]
FILLING = tuple(f"the {end}" for end in ("salt", "door", "desk", "lamp", "rope", "ink", "milk", "coat", "frog", "bus"))


@pytest.mark.parametrize(
    ("ends", "letters"),
    [
        ("pan door man floor", "ABAB"), ("pan man door floor", "AABB"), ("pan door floor man", "ABBA"),
        ("pan man ran can", "AAAA"), ("pan door salt floor", "ABCB"), ("pan man door man", "AABA"),
    ],
)  # fmt: skip
def test_quatrains_get_their_letters(ends: str, letters: str) -> None:
    assert scheme([f"the {end}" for end in ends.split()]).text == letters


def test_a_blank_line_ends_a_stanza() -> None:
    assert scheme([*COUPLETS[:2], "", *COUPLETS[2:]]).stanzas == ("AA", "BB")


def test_stanzas_are_also_lettered_by_themselves() -> None:
    assert scheme([COUPLETS[:2], COUPLETS[2:]]).stanza_schemes == ("AA", "AA")


def test_lines_and_stanzas_give_the_same_scheme() -> None:
    assert scheme([*COUPLETS[:2], " ", *COUPLETS[2:]]) == scheme([COUPLETS[:2], COUPLETS[2:]])


def test_slant_rhymes_bind_only_when_asked_for() -> None:
    lines = ["an empty room", "the door", "a yellow moon", "the floor"]
    assert (scheme(lines).text, scheme(lines, slant=True).text) == ("ABCB", "ABAB")


def test_a_sound_out_of_hearing_gets_a_new_letter() -> None:
    apart = ["the pan", *FILLING, "the man"]
    assert scheme(apart).letters[0] != scheme(apart).letters[-1]


def test_a_repeated_line_keeps_its_letter_at_any_distance() -> None:
    apart = ["the pan", *FILLING, "The pan."]
    assert scheme(apart).letters[0] == scheme(apart).letters[-1]


def test_a_lifted_ending_binds() -> None:
    assert scheme(["a cup of tea", "for company"]).text == "AA"


def test_densities_tell_repeated_words_from_rhymes() -> None:
    heard = scheme(["the pan", "the pan", "the door", "the floor"])
    assert (heard.density, heard.strict_density) == (1.0, 0.5)
    assert [pair.rhyme_class for pair in heard.pairs] == [RhymeClass.IDENTICAL, RhymeClass.PERFECT]


def test_guessed_end_words_are_reported() -> None:
    assert set(scheme(["a thrombling", "the glorp"]).guesses) <= {"thrombling", "glorp"}


def test_no_lines_make_an_empty_scheme() -> None:
    assert (scheme([]).text, scheme([]).density, scheme([]).expected_by_chance) == ("", 0.0, 0.0)


def test_letters_go_on_after_z() -> None:
    letters = scheme([f"{'x' * (n % 7)} 月{n}" for n in range(60)]).letters
    assert len(set(letters)) == 60
    assert letters[26] == "a"


def test_chance_agrees_with_drawing_at_random() -> None:
    words = _vocabulary()
    draw = random.Random(3)  # noqa: S311 - a sample, not a secret
    shares = [scheme([draw.choice(words) for _ in range(14)]).strict_density for _ in range(300)]
    assert sum(shares) / len(shares) == pytest.approx(expected_by_chance(14), abs=0.02)


def test_ten_thousand_lines_take_work_in_proportion() -> None:
    words = _vocabulary()
    draw = random.Random(5)  # noqa: S311 - a sample, not a secret
    lines = [f"the {draw.choice(words)}" for _ in range(10_000)]
    assert len(scheme(lines, slant=True).letters) == 10_000
    short, long = (n_calls(lambda n=n: scheme(lines[:n], slant=True)) for n in (2_000, 10_000))
    assert long < 10 * short  # five times the lines; quadratic would be twenty-five


def _vocabulary() -> list[str]:
    text = (resources.files("workbench.prosody") / "end_words.txt").read_text(encoding="utf-8")
    return sorted({word for line in text.split("\n") if not line.startswith("#") for word in line.split()})


def test_a_sound_that_returns_after_more_than_six_lines_gets_a_new_letter() -> None:
    between = ["a cup", "a door", "a hand", "a moon", "a fish", "a clock"]
    assert scheme(["the day", *between[:5], "we stay"]).letters[-1] == "A"
    assert scheme(["the day", *between, "we stay"]).letters[-1] != "A"


SLANT_ENDS = ("the light is gone", "a heavy stone", "a broken bone", "a shut gate", "the road is wet", "a yellow moon",
              "an empty room", "the clock is late")  # fmt: skip


def groups(lines: list[str]) -> set[frozenset[str]]:
    letters = scheme(lines, slant=True).letters
    return {frozenset(line for line, letter in zip(lines, letters, strict=True) if letter == one) for one in letters}


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (1, 2, 0), (2, 1, 0)])
def test_a_slant_rhyme_is_found_in_any_order_of_the_lines(order: tuple[int, ...]) -> None:
    assert scheme([SLANT_ENDS[place] for place in order], slant=True).text == "AAA"


@pytest.mark.parametrize("seed", range(8))
def test_the_slant_groups_do_not_depend_on_the_order_within_hearing(seed: int) -> None:
    lines = list(SLANT_ENDS[:7])
    random.Random(seed).shuffle(lines)  # noqa: S311 - an order, not a secret
    assert groups(lines) == groups(list(SLANT_ENDS[:7]))


def test_a_lifted_ending_and_the_long_y_bind_in_the_strict_scheme() -> None:
    assert scheme(["how temperate", "the harbour", "the date", "a doorknob"]).text == "ABAC"
    assert scheme(["an open eye", "the harbour", "a family", "a doorknob"]).text == "ABAC"


def test_the_long_y_binds_no_line_that_rhymes_already() -> None:
    assert scheme(["the sky", "a memory", "the fly", "to the sea"]).text == "ABAB"


def test_a_refrain_that_returns_still_rhymes_by_the_long_y() -> None:
    frame = ["a lamp with a single eye", "and no other family"]
    assert scheme([*frame, "", "the salt", "the door", "the desk", "", *frame]).stanzas == ("AA", "BCD", "AA")
