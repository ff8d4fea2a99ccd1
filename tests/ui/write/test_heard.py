"""What the page is told while somebody writes."""

import re

import pytest

from tests.ui.made_runs import ATTACKS
from workbench.errors import InputError
from workbench.prosody import prosody_report
from workbench.ui.write.heard import common_words, heard, rhymes_html, synonyms_html, word_html

POEM = (
    "The kettle ticks beside the light,\nmy brother's coat is on the stair.\n\n"
    "The moths go round it half the night\nand no one sees that I am there."
)


def test_each_line_has_its_syllables_and_its_letter_and_is_whole():
    told = heard(POEM)
    assert [(line["n"], line["letter"]) for line in told["lines"]] == [
        ("8", "A"),
        ("8", "B"),
        ("", ""),
        ("8", "A"),
        ("8", "B"),
    ]
    assert ["".join(text for text, _ in line["pieces"]) for line in told["lines"]] == POEM.split("\n")
    assert told["faults"] == []
    assert "iambic tetrameter" in told["told"]


def test_a_line_without_a_rhyme_has_no_letter():
    assert [line["letter"] for line in heard("The rope is wet.\nNobody waves.")["lines"]] == ["", ""]


def test_a_dedication_is_told_and_counted_as_no_line():
    told = heard(f"(for Ann, 1979)\n\n{POEM}")
    assert (told["lines"][0]["n"], told["lines"][0]["letter"]) == ("", "")
    assert [line["letter"] for line in told["lines"] if line["letter"]] == ["A", "B", "A", "B"]
    assert told["told"].startswith("4 lines")
    assert "“(for Ann, 1979)” is not counted" in told["told"]


def test_the_letters_of_many_rhymes_stay_single():
    told = """
        cat hat bee tree boot root kite site boat coat bed red car star door floor bird word out shout toy boy
        thumb drum book hook tale sail fin tin bike hike song long hand sand kind mind bell shell cold gold dark
        park dust rust moon noon rain lane ship lip dog fog hill mill top shop"""
    ends = told.split()
    poem = "\n".join(f"We saw the {end}" + "\n" * (place % 2) for place, end in enumerate(ends))
    letters = [line["letter"] for line in heard(poem)["lines"] if line["letter"]]
    assert len(set(letters)) == len(ends) // 2 > 26
    assert {len(letter) for letter in letters} == {1}


def test_faults_come_only_where_a_form_was_chosen_and_few_at_a_time():
    faults = heard(POEM, "shakespearean sonnet")["faults"]
    assert faults
    assert len(faults) <= 5
    with pytest.raises(InputError, match="form"):
        heard(POEM, "no such form")


def test_where_the_number_of_lines_is_wrong_the_other_laws_are_said_to_wait():
    assert heard(POEM, "villanelle")["faults"][-1] == "Its other laws are looked at when it has its lines."
    assert "not kept: without its number of lines" in prosody_report(POEM, form="villanelle").to_html()


def test_another_language_is_said_and_every_line_stays():
    told = heard("Ich ging hinüber in den alten Garten\nund hörte, wie der Regen mit den Blättern sprach.")
    assert "German" in told["told"]
    assert len(told["lines"]) == 2


def test_an_empty_page_and_one_too_long_are_no_fault():
    assert heard("")["lines"] == [{"text": "", "n": "", "pieces": [], "letter": ""}]
    with pytest.raises(InputError, match="kept whole"):
        heard("x" * 20_001)


def test_rhymes_that_keep_the_meter_of_the_line_are_marked_and_come_first():
    shown = re.findall(r'data-word="([^"]+)">(•?)', rhymes_html("light", "The kettle ticks beside the light,"))
    assert ("night", "•") in shown
    assert ("tonight", "") in shown
    assert shown[0][1] == "•"


def test_other_words_come_sense_by_sense_and_those_that_keep_the_meter_first():
    senses = synonyms_html("grief", "The grief beside the kitchen light,").split("<li>")[1:]
    shown = [re.findall(r'data-word="([^"]+)">(•?)', sense) for sense in senses]
    assert ("woe", "•") in shown[0]
    assert ("misery", "") in shown[0]
    assert [mark for _, mark in shown[0]] == sorted((mark for _, mark in shown[0]), reverse=True)
    assert "tragedy" in {word for sense in shown[1:] for word, _ in sense}


def test_a_form_of_a_word_is_looked_up_under_the_word_and_the_person_is_told():
    assert "Listed under ‘harbor’" in synonyms_html("harbours", "")
    assert "Listed under" not in synonyms_html("Harbor", "")
    assert "no entry for ‘brillig’" in synonyms_html("brillig", "")


@pytest.mark.parametrize("attack", ATTACKS)
def test_words_of_a_person_are_escaped(attack):
    for page in (rhymes_html(attack, attack), synonyms_html(attack, attack), word_html(attack)):
        assert "<script" not in page
        assert "<img" not in page
        assert "<svg" not in page


def test_how_a_word_is_said_and_whence_is_told():
    assert "2 syllables, the beat on number 2 (B IH0 F AO1 R)" in word_html("before")
    assert "one syllable" in word_html("tile")
    assert "dictionary" in word_html("before")
    assert "guessed" in word_html("brillig")


def test_words_that_rhyme_only_in_another_pronunciation_are_folded_away():
    shown, _, folded = rhymes_html("when", "").partition("<details>")
    assert 'data-word="then"' in shown
    assert 'data-word="in"' not in shown
    assert 'data-word="in"' in folded
    assert "rhyme only as some say these words" in folded


def test_common_words_are_words_and_not_names_or_halves_of_line_breaks():
    common = common_words()
    assert {"price", "door", "two"} <= set(common)
    assert not {"pryce", "nand", "nthe"} & set(common)
