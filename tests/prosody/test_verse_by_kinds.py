"""What a fourth round of unseen verse showed: each kind on lines written for it."""

import pytest

from workbench.prosody.detection import detect_form
from workbench.prosody.deviations import Severity
from workbench.prosody.form_checks import check_form
from workbench.prosody.meter import poem_meter
from workbench.prosody.reading import NEAR, NONE, TRADITION, Reading
from workbench.prosody.rhyme import rhyme_class
from workbench.prosody.types import RhymeClass


def level(one: str, two: str) -> int:
    """How two ends rhyme at the close of a line."""
    return Reading(f"I never saw the {one}\nand nothing of the {two}").rhyme_level(0, 1)


def name_of(text: str) -> str:
    """What a poem is called."""
    return detect_form(text)[0].form


# ---------------------------------------------------------------- rhymes


@pytest.mark.parametrize(
    ("one", "two"), [("mountain", "plain"), ("silence", "thence"), ("moment", "went"), ("forest", "rest")]
)
def test_a_weak_last_syllable_after_a_strong_one_half_rhymes_when_lifted(one: str, two: str) -> None:
    assert level(one, two) == NEAR


@pytest.mark.parametrize(("one", "two"), [("moment", "moment"), ("mountain", "wolf"), ("silence", "rest")])
def test_it_meets_no_other_sound_and_not_itself(one: str, two: str) -> None:
    assert level(one, two) in (NONE, 3)


@pytest.mark.parametrize(("one", "two"), [("chariot", "hot"), ("two", "go"), ("pierce", "verse"), ("doth", "oath")])
def test_more_words_rhyme_as_they_once_sounded(one: str, two: str) -> None:
    assert level(one, two) >= TRADITION


def test_ies_is_as_near_to_es_as_neighbours_are() -> None:
    assert rhyme_class("posies", "roses") is RhymeClass.SLANT


def test_a_word_said_in_an_unusual_way_makes_no_rhyme_too_many() -> None:
    reading = Reading("you never get\nso much as it")
    assert reading.rhymes_otherwise_said(0, 1)
    assert not Reading("you never sit\nso much as it").rhymes_otherwise_said(0, 1)


# ---------------------------------------------------------------- meter

HEXAMETERS = """Late in the evening the porter went down to the edge of the harbor,
counting the lanterns that hung in a row by the door of the bakery,
stopped, for the ferry was late, and he heard how the bell of the warehouse
told him the hour, and slowly the snow came over the water,
over the roofs and the carts and the barrels of salt and of barley."""


def test_long_unrhymed_lines_with_threes_are_hexameters() -> None:
    assert poem_meter(HEXAMETERS.split("\n")).name == "dactylic hexameter"


PENTAMETERS = [f"The porter counts the apples by the {end}" for end in ["door", "sea", "floor", "key", "gate", "late"]]


def test_a_last_line_of_six_feet_is_a_note() -> None:
    closed = "\n".join([*PENTAMETERS[:5], "and then the baker's daughter counts the bread too late"])
    found = check_form(closed, "heroic couplets")
    assert [one.severity for one in found.deviations if "foot longer" in one.sentence] == [Severity.NOTE]


def test_a_long_line_inside_is_still_a_fault() -> None:
    inside = "\n".join([PENTAMETERS[0], "and then the baker's daughter counts the salt and sea", *PENTAMETERS[2:]])
    assert any(fault.lines == (2,) for fault in check_form(inside, "heroic couplets").faults)


RESTING = """The porter counts the loaves of bread
and sets them in a row,
the baker has the oven lit
and has not far to go.

And when they all are counted
the night is nearly done,
the porter gives the baker back
his apron and a bun."""


def test_a_weak_ending_may_stand_for_the_last_beat_of_a_hymn() -> None:
    found = check_form(RESTING, "ballad")
    assert found.passed
    assert any("ends weakly" in one.sentence and one.lines == (5,) for one in found.deviations)


def test_so_many_of_them_are_another_meter() -> None:
    text = RESTING.replace("The porter counts the loaves of bread", "The porter counts the barley")
    assert not check_form(text, "common meter").faults
    short = text.replace("the baker has the oven lit", "the baker lit").replace("the porter gives the baker back", "he")
    assert not check_form(short, "common meter").passed


# ---------------------------------------------------------------- names


def test_a_hymn_by_turns_is_no_short_meter() -> None:
    assert name_of(RESTING) in ("ballad", "common meter")
    assert "short meter" not in [guess.form for guess in detect_form(RESTING)]


def test_stanzas_on_one_rhyme_are_no_couplets() -> None:
    ends = "bread head said red / sea key tree knee"
    stanzas = ["\n".join(f"the porter counts the bread and {end}" for end in row.split()) for row in ends.split("/")]
    assert name_of("\n\n".join(stanzas)) == "rhymed stanzas"


def test_short_unrhymed_lines_are_free_though_they_fall_into_feet() -> None:
    lines = "Apples on barrels\nlanterns and ladders\nfeathers on kettles\nwind over water\nsnow in the orchard"
    assert name_of(lines) == "free verse"


def test_lines_that_all_rhyme_in_another_order_miss_no_couplets() -> None:
    ends = "awake strings springs take blow flow strong long main rain"
    assert name_of("\n".join(f"the porter counts the apples and {end}" for end in ends.split())) == "irregular rhyme"


def test_open_lines_that_rhyme_in_half_the_stanzas_leave_the_order_open() -> None:
    ends = "table red window bread stitch shirt pitch hurt"
    assert (
        name_of("\n".join(f"she wrapped the linen and she kept the {end}" for end in ends.split())) == "quatrains ABCB"
    )


def test_a_rondeau_may_be_printed_in_any_of_its_parts() -> None:
    first, last = "We count the bread", ["I never saw it {}"] * 5
    rows = ["bread", "head", "gate", "late", "said"], ["red", "fed", "wait"], ["led", "spread", "bait", "fate", "shed"]
    lines = ["We count the bread", *(last[0].format(end) for end in rows[0][1:])]
    nine = [*lines, *(last[0].format(end) for end in rows[1]), first]
    six = [*(last[0].format(end) for end in rows[2]), first]
    found = check_form("\n".join(nine) + "\n\n" + "\n".join(six), "rondeau")
    assert not any("stanzas have" in one.sentence for one in found.deviations)


def test_four_beats_throughout_are_no_hymn_by_turns() -> None:
    text = ("Dark porter, with thy yellow rust\nto rid the kettle of influence:\n"
            "grey porter, turning bread to dust\nand barley into innocence!")  # fmt: skip
    assert name_of(text) != "common meter"


def test_a_word_that_returns_at_every_end_is_no_unrhymed_verse() -> None:
    ends = ["the kettle sees thee", "the ladder needs thee", "the river fears thee", "the window leaves thee"]
    assert name_of("\n".join(f"O winter over all, {end}" for end in ends)) != "unrhymed meter"


def test_of_three_lines_of_one_letter_the_first_must_rhyme_too() -> None:
    lines = ["The kettle sang of heaven", "and no one counted years", "and someone told the porter"]
    text = "\n".join([*lines, "which loaf was mine or theirs"])
    found = check_form(text, "quatrains AABA")
    assert any(1 in one.lines for one in found.faults)


def test_a_few_unrhymed_lines_of_several_lengths_are_free() -> None:
    lines = [
        "The porter said to me:",
        "I know.",
        "And I replied to him: I never",
        "asked",
        "for so much snow above us.",
    ]
    assert name_of("\n".join(lines)) == "free verse"


def test_letters_that_are_themselves_said_otherwise_still_meet() -> None:
    ends = ["a Monday", "a Tuesday", "a Thursday", "a Friday"]
    assert not check_form("\n".join(f"and bread upon {end}" for end in ends), "quatrains AABA").passed
