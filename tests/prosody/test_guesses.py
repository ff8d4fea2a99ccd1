"""The letter-to-sound guess, measured on words that the dictionary has and the guess does not see."""

import random
from threading import Thread

import pytest

from workbench.prosody import guesses, lexicon
from workbench.prosody.guesses import arpabet, espeak_phones, espeak_version, guess_phones
from workbench.prosody.lexicon import pronounce
from workbench.prosody.types import Sound
from workbench.prosody.words import dictionary_phones, reference_words


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


installed = pytest.mark.skipif(not espeak_version(), reason="espeak NG is not installed: pip install espeakng-loader")


@installed
def test_a_word_that_no_dictionary_has_is_said_with_its_stress() -> None:
    assert espeak_phones("blorfination")[-5:] == ("N", "EY1", "SH", "AH0", "N")


@installed
def test_an_unknown_word_comes_from_espeak_and_says_so() -> None:
    assert pronounce("plovish")[0].source is Sound.ESPEAK


@installed
def test_many_threads_may_ask_at_once() -> None:
    words = [f"{head}{tail}" for head in ("blor", "crin", "spov", "quam") for tail in ("dish", "fel", "gant", "mot")]
    alone = {word: espeak_phones.__wrapped__(word) for word in words}
    heard: list[dict[str, tuple[str, ...]]] = []
    threads = [
        Thread(target=lambda: heard.append({word: espeak_phones.__wrapped__(word) for word in words})) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == [alone] * 6


@installed
def test_letters_of_another_script_do_not_change_how_the_next_word_is_said() -> None:
    before = espeak_phones.__wrapped__("gloaming")
    for word in ("aa\u173bc\u0db4b", "a\u0915b", "a月b", "naïf", "a\u0301"):
        espeak_phones.__wrapped__(word)
    assert espeak_phones.__wrapped__("gloaming") == before


def test_without_espeak_the_letter_rules_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "espeak_phones", lambda _word: ())
    (way,) = pronounce.__wrapped__("plovish")
    assert (way.source, way.phones) == (Sound.GUESS, guess_phones("plovish"))


def test_a_library_that_is_missing_is_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guesses, "_SYSTEM_LIBRARIES", ("libno-such-espeak.so",))
    monkeypatch.setattr(guesses, "_of_the_package", guesses._of_the_system("libno-such-espeak.so"))
    assert guesses._library.__wrapped__() is None


@pytest.mark.parametrize("word", ["", "月", "123", "'"])
def test_what_is_no_word_is_not_said(word: str) -> None:
    assert espeak_phones(word) == ()


@pytest.mark.parametrize(
    ("ipa", "phones"), [("ɡɜːvˈeɪzɪoʊ", "G ER0 V EY1 Z IY0 OW0"), ("ˈhæpi", "HH AE1 P IY0"), ("¿ø", "")]
)
def test_the_phonetic_alphabet_becomes_that_of_the_dictionary(ipa: str, phones: str) -> None:
    assert " ".join(arpabet(ipa)) == phones
