"""The letter-to-sound guess, measured on words that the dictionary has and the guess does not see."""

import random

import pytest

from workbench.prosody.dictionary import dictionary_phones, reference_words
from workbench.prosody.letters import guess_phones


@pytest.mark.parametrize(
    ("word", "phones"),
    [("brillig", "B R IH1 L IH0 G"), ("mome", "M OW1 M"), ("slithy", "S L IH1 TH IY0"), ("thrant", "TH R AE1 N T")],
)
def test_invented_words_are_read_by_their_letters(word: str, phones: str) -> None:
    assert " ".join(guess_phones(word)) == phones


def test_what_has_no_latin_letter_has_no_guess() -> None:
    assert guess_phones("月") == ()


def test_nine_guesses_in_ten_have_as_many_syllables_as_the_dictionary() -> None:
    draw = random.Random(7)  # noqa: S311 - a sample, not a secret
    words = [word for word in draw.sample(reference_words(), 1500) if len(word) > 3]
    counts = [sum(phone[-1].isdigit() for phone in guess_phones(word)) for word in words]
    allowed = [{sum(p[-1].isdigit() for p in way) for way in dictionary_phones(word)} for word in words]
    right = sum(count in ways for count, ways in zip(counts, allowed, strict=True))
    assert right / len(words) > 0.9
