"""What verse that no rule was made on is called, and what is no fault in it: each kind on lines of our own."""

from pathlib import Path

import pytest

from workbench.corpus.load import load_poems
from workbench.prosody.detection import detect_form
from workbench.prosody.deviations import DeviationKind, Severity
from workbench.prosody.form_checks import check_form
from workbench.prosody.lexicon import pronounce
from workbench.prosody.meter import poem_meter
from workbench.prosody.reading import NEAR, NONE, TRADITION, Reading
from workbench.prosody.traditions import tradition

POEMS = Path(__file__).parents[2] / "data" / "poems" / "good"
TETRAMETER = "the porter counts the bread and {}"
PENTAMETER = "the porter counts the bread and finds the {}"


def verse(ends: str, line: str) -> str:
    """Stanzas parted by "/", each a line for every end word."""
    return "\n\n".join("\n".join(line.format(end) for end in stanza.split()) for stanza in ends.split("/"))


def level(one: str, two: str) -> int:
    """How two ends rhyme at the close of a line."""
    return Reading(f"I never saw the {one}\nand nothing of the {two}").rhyme_level(0, 1)


def name_of(text: str) -> str:
    """What a poem is called."""
    return detect_form(text)[0].form


# ---------------------------------------------------------------- rhymes


@pytest.mark.parametrize(
    ("one", "two"),
    [("return", "born"), ("mourn", "urn"), ("heav'n", "ev'n"), ("birth", "forth"), ("lower", "hour")],
)
def test_these_rhymed_when_they_were_said_otherwise(one: str, two: str) -> None:
    assert tradition(one, two) is not None


@pytest.mark.parametrize(("one", "two"), [("distraction", "stone"), ("messenger", "near"), ("messenger", "there")])
def test_a_lifted_ending_of_older_verse_half_rhymes(one: str, two: str) -> None:
    assert level(one, two) == NEAR
    assert tradition(one, two) is None


@pytest.mark.parametrize(("one", "two"), [("shadow", "meadow"), ("early", "rarely"), ("bitter", "butter")])
def test_weak_endings_after_the_same_consonants_half_rhyme(one: str, two: str) -> None:
    assert level(one, two) == NEAR


def test_the_same_consonants_alone_do_not() -> None:
    assert level("gate", "night") == NONE


def test_an_ending_es_after_a_hiss_is_a_syllable() -> None:
    assert level("canvases", "loveliness") == NEAR


@pytest.mark.parametrize(("one", "two"), [("the glory", "before thee"), ("the tutor", "to toot, or")])
def test_a_word_rhymes_with_two_that_are_slurred(one: str, two: str) -> None:
    assert Reading(f"I sing of {one}\nand never {two}").rhyme_level(0, 1) == TRADITION


@pytest.mark.parametrize(("word", "phones"), [("espied", "IH0 S P AY1 D"), ("deil", "D IY1 L"), ("gie", "G IY1")])
def test_old_and_scots_words_are_said_as_they_were(word: str, phones: str) -> None:
    assert " ".join(pronounce(word)[0].phones) == phones


def test_what_rhymes_before_a_word_that_returns_is_no_repetition() -> None:
    text = "The kettle and the cat, they call to me,\nthe lamp is lit, and that is all to me."
    assert check_form(text, "couplets").deviations == ()


def test_a_refrain_takes_its_licence_once() -> None:
    refrain = "Little cat, who fed you?\nSay, my cat, who fed you?"
    inside = "Was it bread upon a plate?\nWas it someone at the gate?"
    assert check_form(f"{refrain}\n{inside}\n{refrain}", "couplets").passed
    others = "Who has left you bread?\nLittle cat, he said.\nIs the bread for you?\nIt is bread for you."
    assert not check_form(f"{refrain}\n{others}", "couplets").passed


OPEN = """The ferry leaves without a bell,
the lamp is put {one},
and what the porter has in hand
is nothing any {two}.

The baker has a loaf to sell,
the kettle has a song,
and neither of them has a wish
for winters that are long."""


@pytest.mark.parametrize(("one", "two"), [("below", "who"), ("today", "company")])
def test_neighbouring_open_vowels_half_rhyme_once_in_quatrains(one: str, two: str) -> None:
    assert check_form(OPEN.format(one=one, two=two), "quatrains ABCB").passed


def test_distant_open_vowels_do_not() -> None:
    assert not check_form(OPEN.format(one="below", two="day"), "quatrains ABCB").passed


# ---------------------------------------------------------------- names

TROCHAIC = """Bring the porter bread and barley,
set the kettle on the stove,
call the baker, he is early,
bring him apples, bring him clove,
light the lantern in the harbor,
let the ferry find the shore,
sweep the garden, sweep the arbor,
leave a candle at the door."""


def test_trochees_of_eight_and_seven_are_no_hymn_in_iambs() -> None:
    assert name_of(TROCHAIC) == "quatrains ABAB"


SPOKEN_TO = """Leave, leave, leave
thy rope on the stones, O sea,
and I would that the bell of the harbor
were rung for the likes of me.

O well for the baker's cat,
who sleeps by the oven all day,
O well for the ferry men
who sing as they row in the bay.

And thy ferry has gone to the north
with a lamp and a loaf and a bell,
and O for the sound of thy wheels
and the song that they used to tell."""


def test_quatrains_that_speak_to_their_subject_are_no_ode() -> None:
    assert name_of(SPOKEN_TO) == "quatrains ABCB"


def test_couplets_that_speak_to_their_subject_are_no_ode() -> None:
    text = verse(
        "bread head sea key stone alone / gate late light night door floor", "I bring thy salt, my lamp, to {}"
    )
    assert name_of(text) == "couplets"


def test_one_stanza_that_calls_out_is_no_ode() -> None:
    ends = "bread gate said late / floor bed door red".replace("/ ", "")
    assert name_of(verse(ends, "O lamp, O kettle, O the {}")) != "ode"


LOOSE_BALLAD = """The porter came to the harbor gate
with a lantern in his hand,
and never a man in the village knew
that the ferry had come to land.

"O who will carry my bread for me,
and who will carry my salt?"
"The baker carries the bread for you,
but the salt is the porter's fault."

He walked for a mile and he walked for a day
till he came to the miller's {end},
and the miller gave him a cup of tea
and a blanket for his sleep."""


@pytest.mark.parametrize("end", ["street", "sheep"])
def test_a_loose_ballad_with_one_half_rhyme_is_a_ballad(end: str) -> None:
    assert name_of(LOOSE_BALLAD.format(end=end)) == "ballad"


def test_the_common_order_of_two_stanzas_is_the_pattern() -> None:
    text = verse("bread stone said alone wolf bone / kettle door sand floor winter shore", TETRAMETER)
    assert check_form(text, "rhymed stanzas").scheme == "ABCBDB"


def test_crossed_quatrains_with_one_slip_are_no_ballad() -> None:
    line = ["there was never a song in the village or {}", "or a bell or a light in the {}"]
    ends = ["hall day wall way", "night land light sand", "green door bone floor"]
    text = "\n\n".join("\n".join(line[place % 2].format(end) for place, end in enumerate(row.split())) for row in ends)
    assert name_of(text) == "quatrains ABAB"


SEVEN_COUPLETS = "bread said stone alone day way sea key gate wolf cup up door floor"


def test_seven_couplets_with_one_slip_are_no_sonnet() -> None:
    assert name_of(verse(SEVEN_COUPLETS, TETRAMETER)) == "couplets"


def test_four_lines_of_heroic_couplets_are_heroic_couplets() -> None:
    assert name_of(verse("bread dead stone bone", PENTAMETER)) == "heroic couplets"
    assert name_of(verse("bread dead stone bone", TETRAMETER)) == "quatrains AABB"


def test_two_stanzas_of_seven_are_no_sonnet() -> None:
    text = verse("bread stone said alone day way gray / cup door up floor tree sea key", PENTAMETER)
    assert name_of(text) == "rhymed stanzas"


def test_long_stanzas_in_one_order_come_before_a_form_that_is_broken() -> None:
    stanzas = "far stone car bone day way night light white / red key bed sea door floor hand land band"
    assert name_of(verse(stanzas, TETRAMETER)) == "rhymed stanzas"


def test_a_stanza_that_ends_in_couplets_is_no_quatrain_twice() -> None:
    assert name_of(verse("bread stone said alone day way sea key", TETRAMETER)) != "quatrains ABCB"


def test_lines_that_half_rhyme_throughout_are_not_called_unrhymed() -> None:
    assert name_of(verse("is bliss have crave love move", TETRAMETER)) != "unrhymed meter"


def test_one_pair_of_a_nonce_sonnet_may_share_its_last_consonants() -> None:
    ends = "bread stone said town sea key gate late floor up cup door light night"
    found = check_form(verse(ends, PENTAMETER), "nonce sonnet")
    assert found.passed
    assert [one.severity for one in found.deviations if one.kind is DeviationKind.RHYME] == [Severity.NOTE]
    assert not check_form(verse(ends.replace("town", "wolf"), PENTAMETER), "nonce sonnet").passed


# ---------------------------------------------------------------- meter


def test_the_long_line_of_a_single_spenserian_stanza_is_heard() -> None:
    text = verse("bread stone said alone bone gate own late", PENTAMETER)
    close = "and nothing but the bread and salt is on the plate"
    assert poem_meter([*text.split("\n"), close]).name == "iambic 5-5-5-5-5-5-5-5-6"


def test_two_stanzas_of_burns_are_heard_in_their_two_lengths() -> None:
    stanza = "I never saw a porter {}\nwho had a basket for his {}\nand carried salt and barley {}\nto any {}\nand never slept upon a {}\nor locked a {}"  # noqa: E501 - one stanza
    text = stanza.format("fed", "bread", "red", "gate", "bed", "grate")
    text += "\n" + stanza.format("stand", "land", "and", "door", "strand", "store")
    assert poem_meter(text.split("\n")).name == "iambic 4-4-4-2-4-2"


BLANK = """The porter sets the kettle on the stove
and waits until the window turns to grey;
{line}
and no one in the village is awake.
A baker leaves his oven to the cat
and carries seven loaves along the pier,
because a man who has no bed to find
will find a loaf of bread if there is one."""


def test_one_line_of_blank_verse_may_be_a_foot_longer() -> None:
    found = check_form(BLANK.format(line="the ferry has not answered to the bell upon the harbor wall,"), "blank verse")
    assert not found.passed  # two feet longer
    found = check_form(BLANK.format(line="the ferry has not answered to the bell of water,"), "blank verse")
    assert "Line 3 is a foot longer than the rest." in [one.sentence for one in found.deviations]
    assert found.passed


@pytest.mark.parametrize("gap", ["", "\n"], ids=["in one block", "in fours"])
@pytest.mark.parametrize(
    "title", ["For Scale", "Crossing the Square", "Yokohama Method", "Bootleg", "Mental Arithmetic"]
)
def test_lines_without_rhyme_are_no_stanzas_though_some_end_alike_and_no_pantoum_without_returns(
    title: str, gap: str
) -> None:
    lines = next(poem.text for poem in load_poems(POEMS) if poem.title == title).replace("\n\n", "\n").split("\n")[:12]
    fours = ("\n".join(lines[start : start + 4]) for start in (0, 4, 8))
    assert not {guess.form for guess in detect_form(f"\n{gap}".join(fours))} & {"quatrains ABCB", "pantoum"}
