"""A line heard in a meter that its poem asks for, with the licences that this takes."""

import pytest

from workbench.prosody.templates import heard_as, prices_of


@pytest.mark.parametrize(
    ("line", "meter", "n_feet", "marks", "licences"),
    [
        ("The tedious clerk had many a plan to sell", "iambic", 5, "x/|x/|x/|x/|x/", ("elision", "elision")),
        ("Th' unopened letter lay beneath the lamp", "iambic", 5, "x/|x/|x/|x/|x/", ()),
        ("The expense of lamp and oil was never mine", "iambic", 5, "x/|x/|x/|x/|x/", ("elision",)),
        ("And even the gulls had gone inside to sleep", "iambic", 5, "x/|x/|x/|x/|x/", ("elision",)),
        ("The kettle that the banished baker filled", "iambic", 5, "x/|x/|x/|x/|x/", ()),
        ("The banished cook was beloved by the crew", "iambic", 5, "x/|x/|xx/|xx/", None),
        ("Ropes on the harbor, ropes upon the quay", "iambic", 5, "/x|x/|x/|x/|x/", ("inversion",)),
        ("The tide, turning, had taken half the pier", "iambic", 5, "x/|/x|x/|x/|x/", ("inversion",)),
        ("To pour the tea, that is the only question", "iambic", 5, "x/|x/|x/|x/|x/x", ("feminine ending",)),
        ("Ring the bell and pour the coffee out", "iambic", 5, "/|x/|x/|x/|x/", ("headless",)),
        ("Ladles and porridge bowls", "dactylic", 2, "/xx|/xx", ()),
        ("Tell her to bring us the", "dactylic", 2, "/xx|/xx", ()),
        ("Lantern, lantern, burning low", "trochaic", 4, "/x|/x|/x|/", ("catalectic",)),
        ("Could any baker shape thy flame", "trochaic", 4, "x/x|/x|/x|/", ("anacrusis", "catalectic")),
        ("With a spoon in his hand and a pan on his head", "anapestic", 4, "xx/|xx/|xx/|xx/", ()),
        (
            "This is the kettle my grandmother carried from Bergen to Boston",
            "dactylic",
            6,
            "/xx|/xx|/xx|/xx|/xx|/x",
            ("catalectic",),
        ),
    ],
)
def test_a_line_takes_the_licences_that_its_meter_asks_for(
    line: str, meter: str, n_feet: int, marks: str, licences: tuple[str, ...] | None
) -> None:
    parse = heard_as(line, meter, n_feet)
    if licences is None:
        assert parse is None or parse.marks != marks
    else:
        assert parse is not None
        assert (parse.marks, parse.violations) == (marks, licences)


def test_a_syllabic_ed_fills_a_pentameter() -> None:
    parse = heard_as("The curved ferry left the harbor late", "iambic", 5)
    assert parse is not None
    assert "syllabic -ed" in parse.violations


def test_an_ending_spreads_over_two_syllables() -> None:
    parse = heard_as("In bold and bitter imagination", "iambic", 5)
    assert parse is not None
    assert "expansion" in parse.violations


@pytest.mark.parametrize(
    "line", ["The porter locked the garden gate", "The porter locked the garden gate and lost the only key"]
)
def test_licences_do_not_make_four_or_seven_feet_five(line: str) -> None:
    prices = prices_of(line, "iambic")
    assert prices.get(5, 9.0) - min(prices.values()) > 1.0


def test_every_reading_has_as_many_feet_as_it_says() -> None:
    for meter in ("iambic", "trochaic", "anapestic", "dactylic"):
        for n_feet in prices_of("Under the bridge the patient heron had many a meal", meter):
            parse = heard_as("Under the bridge the patient heron had many a meal", meter, n_feet)
            assert parse is not None
            assert len(parse.feet) == n_feet


def test_old_verse_moves_a_stress() -> None:
    for line in ("The porter sat in supreme comfort there", "The cold aspect of every shuttered house"):
        parse = heard_as(line, "iambic", 5)
        assert parse is not None
        assert "moved stress" in parse.violations


def test_a_name_that_nobody_knows_is_stressed_as_the_meter_asks() -> None:
    first, second = (f"{name} had sold the lamp and kept the oil" for name in ("The Drabosk", "Old Drabosk's"))
    assert min(prices_of(line, "iambic")[5] for line in (first, second)) < 1.0
    assert prices_of("And so Drabosk was never seen again", "iambic")[5] < 0.8
    assert prices_of("And Drabosk's lamp was never seen again", "iambic")[5] < 0.8


def test_michael_may_have_three_syllables() -> None:
    parse = heard_as("The lantern and the boat of Michael", "iambic", 5)
    assert parse is not None
    assert "expansion" in parse.violations
