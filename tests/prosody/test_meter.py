"""Lines heard as meter, and what a poem's lines agree on."""

import pytest

from workbench.prosody.feet import cuts
from workbench.prosody.meter import line_meter, parse_line, poem_meter
from workbench.prosody.types import PoemMeter


@pytest.mark.parametrize(
    ("line", "name", "licences"),
    [
        ("The porter locked the gate and lost the key", "iambic pentameter", ()),
        ("Pardon the noise, the porter lost the key", "iambic pentameter", ("inversion",)),
        ("The porter locked the gate upon the garden", "iambic pentameter", ("feminine ending",)),
        ("Porters lock the garden gate", "trochaic tetrameter", ("catalectic",)),
        ("Yellow porters lock the garden", "trochaic tetrameter", ()),
        ("At the back of the shop was a bear", "anapestic trimeter", ()),
        ("The back of the shop was a bear", "anapestic trimeter", ("headless",)),
        ("Butter and marmalade, trumpets and bicycles", "dactylic tetrameter", ()),
        ("The baker sleeps", "iambic dimeter", ()),
    ],
)
def test_lines_are_named_with_their_licences(line: str, name: str, licences: tuple[str, ...]) -> None:
    best = parse_line(line)[0]
    assert (best.name, best.violations) == (name, licences)


def test_headless_iambs_and_cut_off_trochees_are_both_offered() -> None:
    assert {parse.meter for parse in parse_line("Porters lock the garden gate")[:2]} == {"iambic", "trochaic"}


@pytest.mark.parametrize(
    "line",
    [
        "Please forward any outstanding invoices to the accounts department by Friday",
        "The committee unanimously approved several amendments to the regulations",
        "Passengers are reminded that unattended luggage will be removed",
    ],
)
def test_prose_has_no_parse(line: str) -> None:
    assert parse_line(line) == ()


def test_marks_have_a_mark_a_syllable() -> None:
    best = parse_line("The porter locked the gate and lost the key")[0]
    assert best.marks == "x/|x/|x/|x/|x/"


def test_an_elision_is_taken_when_the_meter_asks_for_it() -> None:
    best = parse_line("The heaven above the chimneys turned to slate")[0]
    assert (best.name, "elision" in best.violations) == ("iambic pentameter", True)


def test_a_longer_fit_never_costs_less_than_a_flawless_one() -> None:
    assert cuts("0303030303", frozenset())[0].cost == 0


def test_parses_come_cheapest_first() -> None:
    costs = [parse.cost for parse in parse_line("Porters lock the garden gate")]
    assert costs == sorted(costs)


def test_one_word_has_no_meter() -> None:
    assert line_meter("Rain").name == "none"


def heard(text: str) -> PoemMeter:
    return poem_meter(text.split(" / "))


def test_common_meter_alternates_four_and_three() -> None:
    poem = heard(
        "The porter locked the garden gate / and lost the only key, / so now the roses have to wait"
        " / for someone such as me."
    )
    assert (poem.name, poem.n_feet) == ("common meter", (4, 3))


def test_a_limerick_alternates_three_and_two() -> None:
    poem = heard(
        "A porter who worked at the gate / had a habit of turning up late / with a goat and a drum"
        " / and a bucket of rum, / and a note to excuse him till eight."
    )
    assert (poem.meter, poem.n_feet) == ("anapestic", (3, 3, 2, 2, 3))


def test_a_haiku_is_syllabic() -> None:
    assert (
        heard("a crow on the wire / counts the coins of this evening / and keeps none of them").name == "syllabic 5-7-5"
    )


def test_company_decides_what_a_doubtful_line_is() -> None:
    poem = heard("Porters lock the garden gate / Bakers set the yellow plate / Sailors love to sleep too late")
    assert poem.name == "trochaic tetrameter"
    assert all(line.parses[0].meter == "trochaic" for line in poem.lines)


def test_free_verse_has_no_meter() -> None:
    poem = heard(
        "I am cataloguing / the refrigerator's several moods, its hum, its / sudden"
        " / unexplained remorse at three in the morning"
    )
    assert poem.meter == "none"


def test_no_lines_have_no_meter() -> None:
    assert (poem_meter([]).name, poem_meter(["", "  "]).name) == ("none", "none")


def test_every_parse_names_its_feet() -> None:
    for line in ("Pardon the noise upon the garden", "Porters lock the garden gate", "The back of the shop was a bear"):
        for parse in parse_line(line):
            assert len(parse.feet) == parse.n_feet


def test_two_weak_and_two_strong_stand_for_two_iambs() -> None:
    best = parse_line("The light on the wet roof was thin and cold")[0]
    assert (best.name, best.marks) == ("iambic pentameter", "x/|xx|//|x/|x/")


@pytest.mark.parametrize(
    "line",
    [
        "The printer on the second floor is out of toner for the moment",
        "Next week's programme opens with a talk about the harbour",
    ],
)
def test_long_prose_that_falls_into_step_by_chance_is_not_verse(line: str) -> None:
    assert parse_line(line) == ()


def test_a_plain_line_of_seven_feet_is_still_verse() -> None:
    assert parse_line("The porter swept the empty hall and locked the iron gate")[0].name == "iambic heptameter"


def test_headless_lines_among_full_ones_stay_what_most_lines_are() -> None:
    poem = heard(
        "Kettle, kettle, on the coal, / what has put you in control? / Who has set you there to boil,"
        " / black with water, bright with oil? / And who will lift you from the heat?"
        " / Who will pour you, strong and sweet?"
    )
    assert (poem.name, poem.agreement) == ("trochaic tetrameter", 1.0)


def test_the_count_of_a_line_is_that_of_its_scansion() -> None:
    poem = heard(
        "The tedious clerk had many a plan to sell / and no one in the harbor bought a thing"
        " / The expense of lamp and oil was never mine / but all the sisters liked to hear him sing"
    )
    assert poem.n_syllables == (10, 10, 10, 10)
    assert all(line.n_syllables == line.parses[0].n_syllables for line in poem.lines)


def test_a_syllabic_ed_is_heard_where_the_other_lines_are_pentameter() -> None:
    poem = heard(
        "The porter locked the gate and lost the key / and all the roses waited in the rain"
        " / The curved and crooked ferry left the quay / The crooked, curved lantern burned in vain"
        " / and nobody was ever seen again"
    )
    assert (poem.name, poem.agreement) == ("iambic pentameter", 1.0)
    assert "syllabic -ed" in poem.lines[3].parses[0].violations


def test_lines_that_open_with_a_turned_foot_throughout_are_dactyls() -> None:
    assert (
        heard("Carry it carefully / over the sill, / speak to it prayerfully, / let it be still.").name
        == "dactylic dimeter"
    )


def test_a_line_with_a_foot_less_is_not_stretched_into_the_meter() -> None:
    poem = heard(
        "The porter locked the gate and lost the key / and all the roses waited in the rain"
        " / The crooked ferry left the quay / and nobody was ever seen again"
    )
    assert poem.lines[2].parses[0].n_feet == 4
