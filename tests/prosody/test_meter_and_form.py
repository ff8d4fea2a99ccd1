"""Meter and form decided together, and names that go by more than one sign: each kind on lines written for it."""

import pytest

from workbench.prosody.detection import detect_form
from workbench.prosody.deviations import Severity
from workbench.prosody.form_checks import check_form
from workbench.prosody.reading import Reading
from workbench.prosody.report import prosody_report

FOUR_TWO = """The porter sets the kettle by the door
and counts the rain,
the baker never asks him what it's for
or where the train

has left the seven people of the town,
the empty coat,
the yellow lamp that nobody took down,
the little boat."""
SHORT = """The porter sets the lamp alight
beside the door,
and nobody who sees the light
will ask for more."""


def test_lines_of_four_and_two_feet_are_no_common_meter() -> None:
    assert not check_form(SHORT, "common meter").passed
    assert prosody_report(SHORT).form == "quatrains ABAB"


def test_lines_of_five_and_two_feet_are_no_hymn_either() -> None:
    assert prosody_report(FOUR_TWO).form == "quatrains ABAB"


SPENSERIAN = """The porter left his lantern on the pier
and walked across the sand to see the tide,
for nobody had told him in a year
what anybody on the other side
had said of him, or if the light had died.
He put his ear against the wooden wall
and heard the water, and the water lied
about the ships, about the summer, all
the winter nobody had waited for, the fall."""


def test_the_meter_of_one_spenserian_stanza_has_its_long_line() -> None:
    report = prosody_report(SPENSERIAN)
    assert report.form == "spenserian stanza"
    assert report.meter == "iambic 5-5-5-5-5-5-5-5-6"
    assert report.lines[8].meter == "iambic hexameter"


# ---------------------------------------------------------------- odes

SONG = """O kettle, thou art all I own,
thou singest when I sit alone
beside the yellow door,
and never was a better tone
than thine upon the floor.

O kettle, I have heard thee cry
when all the winter wind was high
beside the yellow door,
and thou hast never asked me why
I wanted nothing more."""


def test_a_song_that_speaks_to_its_subject_in_short_lines_is_no_ode() -> None:
    assert "ode" not in [guess.form for guess in detect_form(SONG)][:1]


HEROIC = """O kettle, you that sing upon the stove
and never ask the porter for his name,
you know what all the winter people drove
across the hills to see before the flame
had fallen, and you keep it as you keep
the water, and the morning, and my sleep.

You have no grief, you have no other sound
than that with which the evening rivers run,
and yet I think your little song has found
whatever in the world is like the sun,
and so I leave you here beside the bread
and take your quiet music up to bed."""


def test_heroic_stanzas_that_speak_to_their_subject_are_an_ode_and_with_a_refrain_they_are_not() -> None:
    assert detect_form(HEROIC)[0].form == "ode"
    first, second = (stanza.split("\n") for stanza in HEROIC.split("\n\n"))
    sung = "\n\n".join(
        "\n".join([*lines[:5], "the water, and the morning, and the bread."]) for lines in (first, second)
    )
    assert detect_form(sung.replace("beside the bread", "beside the dead"))[0].form != "ode"


# ---------------------------------------------------------------- couplets with a triplet

COUPLETS = """The porter took his lantern from the wall
and said that nobody had come to call;
the baker set a loaf upon the stone
and neither of them liked to eat alone;
the winter had no other thing to say,
it only took the lesser lights away
and left the two of them beside the {bay};
so when the morning came across the sand
each held the other gently by the hand."""


def test_couplets_may_have_a_triplet_which_is_a_note() -> None:
    report = prosody_report(COUPLETS.format(bay="bay"))
    assert report.form == "heroic couplets"
    assert report.check is not None
    assert report.check.passed
    notes = [one for one in report.deviations if one.sentence == "Lines 5, 6 and 7 are a triplet."]
    assert [(one.severity, one.lines) for one in notes] == [(Severity.NOTE, (5, 6, 7))]


def test_a_line_too_many_that_rhymes_with_nothing_is_no_triplet() -> None:
    assert not check_form(COUPLETS.format(bay="wolf"), "heroic couplets").passed


def test_a_lost_line_of_plain_couplets_is_still_caught() -> None:
    lines = COUPLETS.format(bay="bay").split("\n")
    del lines[0], lines[5]
    assert not check_form("\n".join(lines), "heroic couplets").passed


def test_heroic_couplets_with_a_slip_keep_their_name() -> None:
    lines = COUPLETS.format(bay="bay").split("\n")
    lines[6:7] = []
    lines[1] = "and said that nobody had seen the wolf;"
    assert detect_form("\n".join(lines))[0].form == "heroic couplets"


# ---------------------------------------------------------------- orders and half rhymes

REFRAIN = """The porter keeps a yellow light
in every window of the night,
and though he never learned to write
he knows the sea.

The baker has a loaf of bread
that nobody has ever read,
and when they told him he was dead
he said to me:

the winter is a wooden door,
I never saw the like before,
and no one ever asks for {more},
and nor do we."""


@pytest.mark.parametrize("more", ["more", "wine"])
def test_stanzas_in_an_order_without_a_name_keep_it_through_one_slip(more: str) -> None:
    assert detect_form(REFRAIN.format(more=more))[0].form == "rhymed stanzas"


def test_quatrains_with_one_full_rhyme_and_one_lifted_y_are_not_unrhymed() -> None:
    text = """The porter counts the lanterns
that nobody will need,
the winter has a window
in which the people read.

And none of them has asked him
what happened yesterday
or who has lit the lanterns
to keep the {company}."""
    assert detect_form(text.format(company="company"))[0].form == "quatrains ABCB"
    assert detect_form(text.format(company="wolf"))[0].form != "quatrains ABCB"


# ---------------------------------------------------------------- trochees, and free verse

TROCHEES = """Porter, porter, burning bread
in the chambers of the dead,
what the winter, what the light
keeps the window shut tonight?

When the baker took the flame
and never told us who he came
for, the kettle cried aloud
and left the ferry to the crowd."""


def test_trochees_with_a_weak_syllable_before_some_lines_are_trochees() -> None:
    assert Reading(TROCHEES).meter.name == "trochaic tetrameter"


def test_free_verse_whose_short_lines_fall_into_feet_has_no_meter() -> None:
    report = prosody_report("so little\nholds\n\nthe yellow\nboat\n\nupon the\nsand\n\nbeside the\nwolf")
    assert (report.form, report.meter) == ("free verse", "none")
