"""What canonical verse that no rule was made on showed: each kind on lines written for it."""

import pytest

from workbench.prosody.detection import detect_form
from workbench.prosody.deviations import Severity
from workbench.prosody.form_checks import check_form
from workbench.prosody.lexicon import pronounce
from workbench.prosody.reading import NEAR, NONE, TRADITION, Reading
from workbench.prosody.templates import prices_of
from workbench.prosody.traditions import Tradition, tradition

HYMN = """The porter keeps a lamp for me
beside the harbor gate,
and never asks where I may be
or why I am so late.

He pours a cup of tea and waits
until the ferry bar
has lifted, and the yellow {snares}
are lit, or nearly are."""
SPENT = """The winter came and took the roof,
it left the yellow door,
and no one ever saw the proof
of what was there before.

The baker has a loaf to sell,
the porter has a key,
and neither ever wished to tell
the winter where to be.

{odd}
and nobody will come,
they say the ferry lost an oar
and never hit a drum."""


@pytest.mark.parametrize(
    ("one", "two"), [("horse", "moss"), ("awe", "drawer"), ("fork", "hawk"), ("morning", "dawning")]
)
def test_a_silent_r_rhymes_by_tradition(one: str, two: str) -> None:
    assert tradition(one, two) is Tradition.NO_R


def test_a_silent_r_is_said_to_be_one_and_parts_no_letters() -> None:
    found = check_form("The porter rode a horse\nacross a field of moss", "couplets")
    assert [(one.severity, "r is silent" in one.sentence) for one in found.deviations] == [(Severity.NOTE, True)]
    apart = "a horse\nthe sea\nof course\nand me\n\na moss\na door\nacross\nno more"
    assert check_form(
        "\n".join(f"The cat is near {end}" if end else "" for end in apart.split("\n")), "quatrains ABAB"
    ).passed


@pytest.mark.parametrize(("one", "two"), [("witnesses", "cheerfulness"), ("stillnesses", "tenderness")])
def test_two_lifted_endings_that_hiss_half_rhyme(one: str, two: str) -> None:
    assert Reading(f"The porter brings his {one}\nto every kind of {two}").rhyme_level(0, 1) >= NEAR


def test_thou_and_low_rhyme_by_tradition_and_house_and_lose_do_not() -> None:
    assert Reading("I wonder whether it is thou\nwho keeps the winter light so low").rhyme_level(0, 1) == TRADITION
    assert Reading("The porter has a house\nthat nobody would choose").rhyme_level(0, 1) == NONE


def test_a_hymn_may_leave_an_s_of_its_last_sound() -> None:
    assert check_form(HYMN.format(snares="flares"), "common meter").passed


def test_an_odd_line_of_a_hymn_may_rhyme_once_by_chance() -> None:
    assert check_form(SPENT.format(odd="The lamp is lit upon the drum,"), "common meter").passed
    assert check_form(SPENT.format(odd="The lamp is lit upon the shore,"), "common meter").passed


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("dunce", "D AH1 N S"), ("loue", "L AH1 V"), ("heauen", "HH EH1 V AH0 N"), ("vpon", "AH0 P AA1 N"),
        ("myrth", "M ER1 TH"), ("kynde", "K AY1 N D"), ("wandred", "W AA1 N D ER0 D"), ("farre", "F AA1 R"),
        ("deare", "D IH1 R"), ("frae", "F R EY1"), ("theatre", "TH IY1 AH0 T ER0"),
    ],
)  # fmt: skip
def test_old_and_scots_spellings_are_heard(word: str, phones: str) -> None:
    assert " ".join(pronounce(word)[0].phones) == phones


def test_an_article_runs_into_an_h_before_a_weak_vowel() -> None:
    assert prices_of("and sang the heroic porter and his bell", "iambic")[5] < 1.0


def test_a_weak_word_may_take_the_beat_between_iambs_of_anapests() -> None:
    assert prices_of("in a village by the sea", "anapestic")[3] < 1.3


CROSSED = """There was never a baker so quick with the bread
as the baker who lived by the bay,
there was never a porter so late to his bed
as the porter who slept in the hay.

And the kettle was singing the whole of the night
of a ferry that never would land,
of a village, a harbor, a window alight
and a lantern held up in a hand."""


def test_crossed_rhymes_in_every_stanza_are_no_ballad() -> None:
    assert detect_form(CROSSED)[0].form == "quatrains ABAB"


def test_stanzas_of_one_length_are_no_sonnet_with_tails() -> None:
    ends = [
        "bay day hay way say",
        "land hand sand band stand",
        "light night sight bite might",
        "bed bread red head said",
    ]
    text = "\n\n".join("\n".join(f"the porter sings a song of {end}" for end in row.split()) for row in ends)
    names = [guess.form for guess in detect_form(text)]
    assert names[0] == "rhymed stanzas"
    assert "caudate sonnet" not in names


def test_quatrains_that_half_rhyme_are_not_called_unrhymed() -> None:
    text = """The porter keeps a yellow book
beneath the winter coat
and nobody has ever read
the things that he has met

The baker has a kettle now
that sings of other rooms
and every evening, when it sings,
he sees the harbor flames"""
    assert detect_form(text)[0].form != "unrhymed meter"


BLANK = """The porter sets the kettle on the stove
and waits until the window turns to grey;
the ferry has not answered to the bell,
and no one in the village is awake.
{half}

A baker leaves his oven to the cat
and carries seven loaves along the pier,
because a man who has no bed to find
will find a loaf of bread if there is one,
and that is all the story that I know."""


def test_a_half_line_that_closes_a_paragraph_of_blank_verse_is_a_note() -> None:
    found = check_form(BLANK.format(half="It rains upon the roof."), "blank verse")
    assert found.passed
    assert "Line 5 is a half line." in [one.sentence for one in found.deviations]


def test_two_speakers_may_share_a_line_of_blank_verse() -> None:
    lines = BLANK.format(half="And then the kettle sings until the tide.").split("\n")
    shared = [*lines[:2], "Is it the tide?", "It never was the tide,", *lines[2:]]
    assert check_form("\n".join(shared), "blank verse").passed


def test_a_line_of_four_feet_is_no_half_line() -> None:
    lines = BLANK.format(half="And then the kettle sings until the tide.").split("\n")
    lines[2] = "the ferry never heard the bell,"
    assert not check_form("\n".join(lines), "blank verse").passed


@pytest.mark.parametrize(("one", "two"), [("creator", "creature"), ("out", "heart"), ("name", "room")])
def test_quatrains_may_half_rhyme_by_their_last_consonants(one: str, two: str) -> None:
    text = f"""The winter has a yellow book
in which it keeps the {one},
and nobody has ever seen
the middle of the {two}.

The baker has a loaf to sell,
the porter has a key,
and neither of them wishes now
for winter or the sea."""
    assert check_form(text, "quatrains ABCB").passed
    assert not check_form(text.replace(two, "wolf"), "quatrains ABCB").passed


def test_a_spoiled_rhyme_is_caught_where_the_odd_lines_of_a_ballad_nearly_meet() -> None:
    text = """The porter was a patient man,
he never left the bay,
and nobody had seen him run
or heard him going away.

The baker baked a yellow bread
and gave it to the wind,
and nobody remembered what
the winter hid {behind}.

The kettle and the lamp are out
in every house but ours,
the porter and the baker wait
and count the little hours."""
    assert check_form(text.format(behind="behind"), "common meter").passed
    assert not check_form(text.format(behind="wolf"), "common meter").passed
