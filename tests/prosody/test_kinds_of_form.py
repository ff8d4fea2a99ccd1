"""Forms beyond the well-known: each on lines written for it."""

import pytest

from tests.prosody.verse_of_every_kind import FORMS, POEMS
from workbench.prosody.detection import detect_form
from workbench.prosody.form_checks import check_form
from workbench.prosody.reading import Reading
from workbench.prosody.report import prosody_report


@pytest.mark.parametrize("poem", FORMS)
def test_a_poem_is_named_after_the_form_that_it_keeps(poem: str) -> None:
    best = detect_form(POEMS[poem])[0]
    assert (best.form, best.passed) == (FORMS[poem], True)


@pytest.mark.parametrize(
    ("poem", "meter"),
    [
        ("hexameter", "dactylic hexameter"),
        ("bridge", "dactylic dimeter"),
        ("hymn slant", "common meter"),
        ("short", "iambic 3-3-4-3"),
        ("couplet", "iambic pentameter"),
        ("accentual", "accentual, 4 beats"),
    ],
)
def test_the_meter_is_that_of_all_lines_together(poem: str, meter: str) -> None:
    assert Reading(POEMS[poem]).meter.name == meter


@pytest.mark.parametrize(
    ("poem", "form", "at"),
    [
        ("chained", "chained rubaiyat", 4),
        ("burns", "burns stanza", 2),
        ("onegin", "onegin stanza", 10),
        ("sestet cddece", "petrarchan sonnet", 11),
        ("short", "short meter", 3),
        ("triplets", "triplets", 1),
        ("caudate", "caudate sonnet", 16),
    ],
)
def test_a_lost_rhyme_still_breaks_it(poem: str, form: str, at: int) -> None:
    places = [place for place, line in enumerate(POEMS[poem].split("\n")) if line.strip()]
    lines = POEMS[poem].split("\n")
    lines[places[at]] = lines[places[at]].rsplit(" ", 1)[0] + " wolf"
    assert not check_form("\n".join(lines), form).passed


@pytest.mark.parametrize(
    ("poem", "form"), [("sapphics", "sapphics"), ("onegin", "onegin stanza"), ("short", "short meter")]
)
def test_a_lost_line_breaks_it(poem: str, form: str) -> None:
    assert not check_form(POEMS[poem].rsplit("\n", 1)[0], form).passed


def test_a_pattern_without_a_name_is_said_as_a_pattern() -> None:
    text = prosody_report(POEMS["pattern"]).to_text()
    assert "no form that has a name, but one pattern: rhymed stanzas ABABB" in text
    assert "ode" not in text.split("because")[0]


def test_what_verse_allows_is_a_note() -> None:
    poem = POEMS["couplet"].replace("in the rain", "in the weather").replace("every train", "every tether")
    check = check_form(poem, "heroic couplets")
    assert check.passed
    assert any("feminine ending" in one.sentence for one in check.deviations)


def test_three_short_rhymed_lines_are_no_haiku() -> None:
    assert not check_form(POEMS["haiku444"], "haiku").passed


def test_a_freer_haiku_is_counted_as_it_is() -> None:
    best = detect_form("crows again\non the wet wire, counting\nnothing")[0]
    assert (best.form, best.passed) == ("haiku", True)
    assert not any("5, 7, 5" in reason for reason in best.reasons)


def test_a_sonnet_in_an_order_of_its_own_is_a_nonce_sonnet() -> None:
    lines = POEMS["sestet cddece"].split("\n")
    mixed = "\n".join([*lines[4:6], *lines[2:4], lines[6], lines[0], lines[7], lines[1], *lines[8:]])
    assert detect_form(mixed)[0].form == "nonce sonnet"
    assert check_form(mixed, "sonnet").passed


def test_stanzas_that_half_rhyme_by_habit_may_miss_a_rhyme() -> None:
    assert check_form(POEMS["hymn slant"].replace("upon the stove", "upon the hob"), "common meter").passed


def test_a_line_as_well_heard_with_a_foot_less_is_too_short() -> None:
    lines = [
        "The porter locked the gate and lost the key,",
        "the roses had to wait another day,",
        "the ferry with the lanterns went to sea,",
        "and nobody had anything to say.",
    ]
    poem = "\n".join(lines)
    assert check_form(poem, "quatrains ABAB").passed
    royal = "\n".join([*lines, "The kettle sang, the cat was in the hay,", "the baker swept the flour from the floor,",
                       "and winter leaned a shoulder on the door."])  # fmt: skip
    assert check_form(royal, "rhyme royal").passed
    assert not check_form(royal.replace("had to wait another", "waited one more"), "rhyme royal").passed


SONNET = """The kettle sang, the cat was in the hay,
the roses had to wait beside the door,
the baker swept the flour from the floor,
and nobody had anything to say.
The ferry with the lanterns went away,
the gulls were counting herring on the shore,
the porter rang his bell at half past four,
and closed the gate behind another day.
I kept the window open for the rain,
I kept a candle burning in the hall,
I kept a chair, a letter and a light.
But nothing came that evening but the train,
and nothing moved but ivy on the wall,
and all the clocks went walking through the night."""


def test_a_sonnet_with_one_slip_keeps_its_name() -> None:
    slipped = SONNET.replace("in the hall", "in the snow").replace("open for the rain", "open for the snow")
    assert detect_form(slipped)[0].form == "petrarchan sonnet"


def test_a_sonnet_in_no_meter_is_named_by_its_rhymes() -> None:
    lines = SONNET.split("\n")
    loose = "\n".join("and suddenly, " * (number * number % 3 * 2 % 3) + line for number, line in enumerate(lines))
    loose = loose.replace("walking", "quite unexpectedly walking").replace("the gulls", "gulls")
    assert prosody_report(loose).meter != "iambic pentameter"
    assert detect_form(loose)[0].form == "petrarchan sonnet"


CROSSED = [
    ("stone", "day", "bone", "way"), ("light", "sea", "night", "tree"), ("rain", "floor", "cup", "door"),
    ("mouse", "hill", "house", "mill"),
]  # fmt: skip


def test_quatrains_that_mostly_cross_their_rhymes_are_abab_with_slips() -> None:
    poem = "\n\n".join("\n".join(f"the cat went by the {word}" for word in words) for words in CROSSED)
    best = detect_form(poem)[0]
    assert best.form == "quatrains ABAB"


def test_stanzas_whose_order_is_missed_once_each_are_still_of_one_pattern() -> None:
    stanzas = [("hay", "stone", "way", "tree", "bone"), ("rain", "mouse", "train", "cup", "house")]
    poem = "\n\n".join("\n".join(f"the cat went by the {word}" for word in words) for words in stanzas)
    assert "rhymed stanzas" in [one.form for one in detect_form(poem)]


HYMN = """The baker set his loaves to cool
upon the window stone,
the sparrows came as if from school
and had them to themselves again.

The porter set his lamp to burn
beside the river gate,
the ferry would not now return
until the tide was out."""


def test_a_hymn_may_half_rhyme_all_through_by_its_last_consonants() -> None:
    hymn = HYMN.replace("and had them to themselves again", "and ate them in the rain")
    best = detect_form(hymn)[0]
    assert (best.form, best.passed) == ("common meter", True)


def test_one_half_rhyme_is_no_fault_in_a_hymn_and_one_in_a_ballad_is() -> None:
    poem = HYMN.replace("and had them to themselves again", "and ate them to the bone").replace("school", "town")
    assert check_form(poem, "common meter").passed
    assert not check_form(poem, "ballad").passed
