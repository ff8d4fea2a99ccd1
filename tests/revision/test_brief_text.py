from hypothesis import given
from hypothesis import strategies as st

from workbench.revision.brief_text import parse_brief, topic_of, write_brief

TEXT = """ANGLE: the person who sweeps the hall
AVOID: a one; b two; c three; d four; e five; f six; g seven; h eight
IMAGES FROM: a tailor's workroom
FORM: a Petrarchan sonnet
SOUND: a soft s
TURN: from hall to glove"""


def test_a_whole_brief_is_read_and_written_back():
    brief = parse_brief(TEXT, request="a station")
    assert brief.missing == ()
    assert (len(brief.avoid), brief.images_from) == (8, "a tailor's workroom")
    assert write_brief(brief) == TEXT


def test_lacking_cliches_come_from_the_topic_and_are_recorded_as_missing():
    brief = parse_brief(TEXT.replace("; c three; d four; e five; f six; g seven; h eight", ""), request="winter light")
    assert brief.avoid[:2] == ("a one", "b two")
    assert len(brief.avoid) == 8
    assert any("winter" in phrase for phrase in brief.avoid)
    assert brief.missing == ("avoid",)


def test_the_request_asks_for_a_form_and_the_brief_only_proposes_one():
    assert parse_brief(TEXT, request="a villanelle about rain").form_name == "villanelle"
    proposed = parse_brief(TEXT, request="rain")
    assert (proposed.form_name, "sonnet" in proposed.form.lower()) == ("", True)


@given(st.text(max_size=300))
def test_whatever_was_written_the_poet_learns_what_is_asked_for(text):
    brief = parse_brief(text, request="a poem about tax law")
    assert len(brief.avoid) >= 8
    assert (brief.angle or "a poem about tax law") in write_brief(brief)


def test_a_topic_without_a_list_is_general():
    assert topic_of("the tide tables") == "sea"
    assert topic_of("") == "general"
