"""What single words sound like, and where it comes from."""

import pytest

from workbench.prosody.lexicon import pronounce
from workbench.prosody.types import Sound
from workbench.prosody.words import dictionary_phones


def first(word: str) -> str:
    return " ".join(pronounce(word)[0].phones)


def test_every_variant_of_the_dictionary_is_kept() -> None:
    assert [way.stresses for way in pronounce("tomato")] == ["012", "012"]


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("lov'd", "L AH1 V D"),
        ("kiss'd", "K IH1 S T"),
        ("think'st", "TH IH1 NG K S T"),
        ("maketh", "M EY1 K IH0 TH"),
        ("happiest", "HH AE1 P IY0 AH0 S T"),
        ("o'er", "AO1 R"),
        ("'tis", "T IH1 Z"),
        ("heav'n", "HH EH1 V N"),
        ("flow'r", "F L AW1 R"),
        ("wand'ring", "W AA1 N D R IH0 NG"),
        ("blessèd", "B L EH1 S AH0 D"),
        ("th'eternal", "DH IH0 T ER1 N AH0 L"),
        ("king's", "K IH1 NG Z"),
        ("sea-foam", "S IY1 F OW1 M"),
        ("moonglow", "M UW1 N G L OW2"),
        ("résumé", "R EH1 Z AH0 M EY2"),
        ("shan't", "SH AE1 N T"),
    ],
)
def test_verse_spellings_are_derived_by_rule(word: str, phones: str) -> None:
    assert first(word) == phones


@pytest.mark.parametrize(("word", "n_syllables"), [("1849", 5), ("21st", 3), ("3,000", 3), ("7", 2), ("1805", 4)])
def test_numbers_are_read_aloud(word: str, n_syllables: int) -> None:
    assert pronounce(word)[0].n_syllables == n_syllables


def test_a_typographic_apostrophe_is_an_apostrophe() -> None:
    assert pronounce("o’er") == pronounce("o'er")


def test_sources_are_told_apart() -> None:
    assert pronounce("moon")[0].source is Sound.DICTIONARY
    assert pronounce("lov'd")[0].source is Sound.RULE
    assert pronounce("plovish")[0].source in (Sound.GUESS, Sound.ESPEAK)


def test_another_script_is_not_pronounced() -> None:
    assert pronounce("月") == ()


def test_fire_is_one_syllable_first_and_two_second() -> None:
    assert [way.n_syllables for way in pronounce("fire")] == [1, 2]


def test_higher_is_two_syllables_first() -> None:
    assert pronounce("higher")[0].n_syllables == 2


def test_a_final_y_is_never_half_stressed() -> None:
    assert dictionary_phones("company")[0][-1] == "IY0"


@pytest.mark.parametrize(
    ("word", "n_syllables"), [("quarrelling", 3), ("labelling", 3), ("sparkling", 2), ("uproarious", 4), ("o'dole", 2)]
)
def test_a_derived_word_keeps_the_syllables_of_its_stem(word: str, n_syllables: int) -> None:
    assert pronounce(word)[0].n_syllables == n_syllables


@pytest.mark.parametrize(
    ("word", "n_syllables"),
    [
        ("impiety", 4), ("sobriety", 4), ("sepulchres", 3), ("theatres", 3), ("poesy", 3),
        ("noosphere", 3), ("oolite", 3), ("whereto", 2), ("hereof", 2), ("thereabouts", 3),
    ],
)  # fmt: skip
def test_seams_and_silent_letters_are_counted(word: str, n_syllables: int) -> None:
    assert pronounce(word)[0].n_syllables == n_syllables


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("magnificence", "M AE0 G N IH1 F AH0 S AH0 N S"), ("modesties", "M AA1 D AH0 S T IY0 Z"),
        ("canopies", "K AE1 N AH0 P IY0 Z"), ("leafmeal", "L IY1 F M IY2 L"),
        ("doomfire", "D UW1 M F AY2 R"),
    ],
)  # fmt: skip
def test_a_word_is_made_from_its_kin_and_not_from_names_that_it_holds(word: str, phones: str) -> None:
    way = pronounce(word)[0]
    assert (way.source, " ".join(way.phones)) == (Sound.RULE, phones)


@pytest.mark.parametrize("word", ["jocund", "hummock", "chanticleer", "parches", "sallows"])
def test_a_word_that_only_looks_like_two_is_no_compound(word: str) -> None:
    assert pronounce(word)[0].source is not Sound.RULE


def test_a_hyphen_between_marks_is_no_word_and_a_part_that_can_be_said_is() -> None:
    assert pronounce("月-月") == ()
    assert " ".join(pronounce("月-stone")[0].phones) == "S T OW1 N"


@pytest.mark.parametrize(
    ("old", "now"),
    [
        ("ordaind", "ordained"), ("finisht", "finished"), ("plac't", "placed"), ("progenie", "progeny"),
        ("returne", "return"), ("publick", "public"), ("supream", "supreme"), ("sphear", "sphere"),
        ("joyne", "join"), ("starr", "star"), ("chearful", "cheerful"), ("imbellisht", "embellished"),
    ],
)  # fmt: skip
def test_a_spelling_of_the_seventeenth_century_sounds_as_the_word_does_now(old: str, now: str) -> None:
    assert pronounce(old)[0].phones == pronounce(now)[0].phones


@pytest.mark.parametrize(("word", "n_syllables"), [("threatning", 2), ("glistring", 2), ("shuddring", 2)])
def test_a_vowel_that_is_not_written_is_not_counted(word: str, n_syllables: int) -> None:
    assert pronounce(word)[0].n_syllables == n_syllables


@pytest.mark.parametrize(("word", "whole"), [("d-eep", "deep"), ("f-ellows", "fellows"), ("leav-es", "leaves")])
def test_a_hyphen_inside_a_word_leaves_its_sound_alone(word: str, whole: str) -> None:
    assert pronounce(word)[0].phones == pronounce(whole)[0].phones


def test_a_hyphen_before_ed_makes_it_sound() -> None:
    assert pronounce("forg-ed")[0].n_syllables == 2


@pytest.mark.parametrize("word", ["brillig", "clime", "weal"])
def test_a_word_that_is_merely_rare_is_not_taken_for_an_old_spelling(word: str) -> None:
    assert pronounce(word)[0].source is not Sound.RULE
