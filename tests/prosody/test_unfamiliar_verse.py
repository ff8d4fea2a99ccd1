"""What verse that nobody had tuned to showed: each kind on lines written for it."""

import pytest

from workbench.prosody.detection import detect_form
from workbench.prosody.form_checks import check_form
from workbench.prosody.language import unsupported
from workbench.prosody.lexicon import pronounce
from workbench.prosody.meter import poem_meter
from workbench.prosody.reading import Reading
from workbench.prosody.syllables import shapes
from workbench.prosody.templates import prices_of
from workbench.prosody.traditions import tradition
from workbench.prosody.words import words_of

HEADLESS = """Paint the kettle, paint the chair,
sweep the ashes off the stair,
hang the onions, salt the bread,
shake the feathers in the bed,
for winter comes to us again
with nothing in its hands but rain.

Shut the window, bar the gate,
count the apples on the plate,
call the children, call the cat,
wipe your feet upon the mat,
for winter comes to us again
with nothing in its hands but rain."""
ONE_LENGTH = """The ferry left at seven
without a word to me,
the gulls went up to heaven,
the herring went to sea.

The porter lost the letter
that told me where to go,
I should have asked a better
or looked before the snow."""
COUPLETS = """The porter set the lantern on the floor
and hung his coat behind the kitchen door,
he poured the tea and cut the yellow cheese
and shook the snow in feathers from his knees,
he told us of the ferry and the tide,
of seven geese that crossed the other side,
of how the captain, looking for his hat,
had found it underneath the baker's cat,
and how the baker, looking for his bread,
had found the captain sleeping in his bed,
and when the kettle sang a second time
he sang along and found a second rhyme,
and no one said a word of going home
until the night had whitened into foam."""
CALLED = """O hang your coat and take a chair,
the bread is on the table,
the wind has gone to comb its hair
behind the farmer's stable.

O pour the tea and cut the cheese,
the winter is not over,
and shake the snowflakes from your knees
and dream a while of clover."""
ODD = """The kettle sang the whole day long
a low and half-forgotten song
and never got the verses wrong
or hurried,
but always singing, always strong,
it sang as in the village throng
the worried.

The baker came to drink his tea
and set the cat upon his knee
and said that all he hoped to see
was butter,
and when at last the clock struck three
he let the cat and kettle be
to mutter."""


@pytest.mark.parametrize(
    "line", ["I bought a barrel: an enormous cask,", "And later, polishing the machines with oil,"]
)
def test_an_article_between_two_weak_syllables_may_take_the_beat(line: str) -> None:
    assert prices_of(line, "iambic")[5] < 1.2


@pytest.mark.parametrize("line", ["The the the the the the the the the the", "Stones in a stove and a bell in a boat"])
def test_an_article_beside_a_strong_syllable_does_not_take_the_beat(line: str) -> None:
    assert prices_of(line, "iambic").get(5, 9.0) > 1.2


def test_lines_that_mostly_open_on_the_beat_are_trochees() -> None:
    assert poem_meter(HEADLESS.split("\n")).name == "trochaic tetrameter"


def test_short_unrhymed_lines_that_fall_into_feet_by_themselves_have_no_meter() -> None:
    lines = ["Shut up, rain—", "shut your yellow doors,", "drop your grey keys", "on our floor,",
             "drum your nails on the tin,", "bury us in your heap of coins."]  # fmt: skip
    assert poem_meter(lines).name == "none"


def test_a_poem_in_lines_of_one_length_is_no_hymn_in_two() -> None:
    assert not check_form(ONE_LENGTH, "common meter").passed


def test_seven_couplets_are_couplets_and_no_sonnet() -> None:
    assert detect_form(COUPLETS)[0].form == "heroic couplets"


def test_quatrains_that_call_out_are_songs_and_no_odes() -> None:
    assert detect_form(CALLED)[0].form != "ode"


def test_stanzas_of_seven_lines_are_no_couplets() -> None:
    assert "couplets" not in [guess.form for guess in detect_form(ODD)]


def test_a_new_one_and_a_true_one_are_no_repeated_word() -> None:
    text = "The porter wished to have a coat, a new one,\nhe had a coat already and a true one."
    assert check_form(text, "couplets").deviations == ()


def test_the_same_words_before_a_repeated_word_make_no_rhyme() -> None:
    text = "The porter has to catch the time\nbefore the others catch the time"
    assert "only by repeating" in check_form(text, "couplets").deviations[0].sentence


@pytest.mark.parametrize(("spaced", "whole"), [("but-ter-ing", "buttering"), ("to-day", "today")])
def test_a_word_spaced_out_by_hyphens_sounds_as_it_does_whole(spaced: str, whole: str) -> None:
    assert pronounce(spaced)[0].phones == pronounce(whole)[0].phones


def test_a_prefix_before_a_hyphen_keeps_its_own_sound() -> None:
    assert pronounce("re-cover")[0].phones != pronounce("recover")[0].phones


@pytest.mark.parametrize(
    ("one", "two"), [("sojourn", "urn"), ("torment", "went"), ("ever", "giver"), ("spirit", "merit")]
)
def test_old_stresses_and_old_vowels_rhyme_by_tradition(one: str, two: str) -> None:
    assert tradition(one, two) is not None


def test_an_ending_ed_may_be_a_syllable_before_a_possessive() -> None:
    assert "syllabic -ed" in [shape.licence for shape in shapes("drowned's")]


def test_paragraphs_of_the_same_length_have_no_meter() -> None:
    paragraph = "The bus had stopped for no reason that anyone could name, and nobody said a word about the tea. " * 3
    assert Reading("\n\n".join([paragraph] * 4)).meter.name == "none"


def test_marks_piled_on_letters_are_passed_over() -> None:
    assert words_of("T\u0334\u0321he ra\u0337in") == ("The", "rain")


@pytest.mark.parametrize(
    ("text", "language"), [("雨がふる\nねこがねむる", "Japanese script"), ("猫在雨里睡", "Chinese script")]
)
def test_a_script_is_named_as_people_name_it(text: str, language: str) -> None:
    found = unsupported(text)
    assert found is not None
    assert found.language == language


def test_the_opening_of_a_long_poem_rules_out_forms() -> None:
    ends = ["day", "way", "say", "play", "night", "light", "sight", "bite", "sea", "tree", "bee", "knee"]
    reading = Reading("\n".join(f"the porter counts the apples by the {ends[n % 12]}" for n in range(480)))
    assert detect_form(reading)[0].form == "heroic couplets"
    assert "terza rima" not in reading.checks


ANAPESTS = """There was never a baker so quick with the bread,
there was never a porter so late to his bed,
and the kettle was singing the whole of the night
of a ferry at sea and a village alight."""


def test_anapests_are_no_heroic_couplets() -> None:
    assert detect_form(ANAPESTS)[0].form != "heroic couplets"


def test_the_first_anapest_may_open_on_a_strong_syllable() -> None:
    assert prices_of("Better stay in the barn with the bees", "anapestic")[3] < 1.5
