"""A poem held against a form."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.prosody.made_verse import ENDS, poems_in, verse
from workbench.errors import InputError
from workbench.prosody.deviations import DeviationKind, FormCheck, Severity
from workbench.prosody.form_checks import check_form
from workbench.prosody.forms import FAMILIES, FORMS, forms_named


def kinds(check: FormCheck) -> set[DeviationKind]:
    return {fault.kind for fault in check.faults}


# ---------------------------------------------------------------- rhymes that must and must not be


@pytest.mark.parametrize("scheme", ["ABAB", "AABB", "ABBA"])
def test_quatrains_keep_their_own_scheme_and_no_other(scheme: str) -> None:
    passing = [form for form in ("ABAB", "AABB", "ABBA") if check_form(verse(scheme), f"quatrains {form}").passed]
    assert passing == [scheme]


@pytest.mark.parametrize(
    "form", ["quatrains ABAB", "quatrains AABB", "quatrains ABBA", "quatrains AABA", "ballad", "common meter"]
)
def test_four_rhymes_in_a_row_pass_no_quatrain(form: str) -> None:
    check = check_form(verse("AAAA AAAA", n_feet=4), form)
    assert DeviationKind.CLASH in kinds(check)


@pytest.mark.parametrize("words", [("stone", "gone", "done", "one"), ("come", "home", "tomb", "room")])
def test_four_half_rhymes_in_a_row_are_not_abab_either(words: tuple[str, ...]) -> None:
    text = "\n".join(f"The cat is near the {word}" for word in words)
    assert not check_form(text, "quatrains ABAB").passed


ALIKE = [
    *(words.split() for words in ENDS.values()),
    ["time", "line", "knife", "side"],  # nearly alike to the ear
    ["stone", "home", "coat", "soap"],
    ["night", "gate", "boat", "wet", "cut"],  # the last consonant only
    ["singing", "being", "making", "going"],  # weak endings
    ["drofane", "plofane", "grofane", "vofane"],  # guessed
    ["wolf", "month", "silver", "orange", "depth"],  # nothing alike at all
    ["day", "day", "day", "day"],
    ["company", "memory", "sea", "eternity"],
]


@settings(max_examples=300)
@given(st.sampled_from(ALIKE).flatmap(lambda words: st.lists(st.sampled_from(words), min_size=4, max_size=4)))
def test_four_ends_of_one_kind_never_pass_abab(ends: list[str]) -> None:
    text = "\n".join(f"The cat is sitting near the {end}" for end in ends)
    assert not check_form(text, "quatrains ABAB").passed


def test_a_missing_rhyme_names_both_lines_and_both_words() -> None:
    text = verse("ABAB").replace("sight", "gate").replace("the light", "the gate")
    (fault,) = check_form(text, "quatrains ABAB").faults
    assert fault.lines == (4, 2)
    assert fault.sentence == "Line 4 should rhyme with line 2: 'gate' against 'night'."


def test_one_half_rhyme_in_a_sonnet_is_a_note() -> None:
    text = verse("ABAB CDCD EFEF GG").replace("the light", "the ride")
    check = check_form(text, "shakespearean sonnet")
    assert check.passed
    assert [note.kind for note in check.deviations if note.kind is DeviationKind.RHYME] == [DeviationKind.RHYME]


def test_a_rhyme_by_repeating_the_word_is_a_note_once_and_a_fault_as_a_habit() -> None:
    once = verse("ABAB CDCD").replace("the light", "the night")
    assert check_form(once, "quatrains ABAB").passed
    habit = once.replace("the way", "the day").replace("the tree", "the sea").replace("the bone", "the stone")
    assert not check_form(habit, "quatrains ABAB").passed


# ---------------------------------------------------------------- sonnets


SONNETS = {
    "shakespearean sonnet": ["ABAB CDCD EFEF GG", "ABABCDCDEFEFGG", "ABABCDCD EFEFGG"],
    "petrarchan sonnet": ["ABBAABBA CDECDE", "ABBAABBA CDCDCD", "ABBA ABBA CDE CDE"],
    "spenserian sonnet": ["ABAB BCBC CDCD EE"],
}


@pytest.mark.parametrize(
    ("form", "scheme"), [(form, scheme) for form, schemes in SONNETS.items() for scheme in schemes]
)
def test_each_sonnet_passes_as_itself_and_as_a_sonnet_and_as_no_other(form: str, scheme: str) -> None:
    text = verse(scheme)
    assert [name for name in SONNETS if check_form(text, name).passed] == [form]
    generic = check_form(text, "sonnet")
    assert (generic.passed, generic.form, generic.variant) == (True, "sonnet", form)


def test_a_sonnet_of_thirteen_lines_is_told_its_count() -> None:
    check = check_form(verse("ABAB CDCD EFEF G"), "sonnet")
    assert check.faults[0].sentence.endswith("has 14 lines; this has 13.")


def test_a_sonnet_in_tetrameter_is_told_so_and_stays_a_sonnet() -> None:
    check = check_form(verse("ABAB CDCD EFEF GG", n_feet=4), "shakespearean sonnet")
    assert (check.passed, check.deviations[0].kind) == (True, DeviationKind.METER)
    assert "tetrameter" in check.deviations[0].sentence


def test_ottava_rima_in_tetrameter_leaves_its_meter() -> None:
    assert kinds(check_form(verse("ABABABCC", n_feet=4), "ottava rima")) == {DeviationKind.METER}


# ---------------------------------------------------------------- syllables and the rest


def test_a_haiku_with_one_syllable_too_many_is_told_where() -> None:
    text = "The old kettle clicks\nand nobody gets up to pour it\nMonday, with the rain"
    (fault,) = check_form(text, "haiku").faults
    assert fault.sentence == "Line 2 has 9 syllables, not 7."


def test_a_short_free_haiku_is_a_note() -> None:
    check = check_form("wet bus stop\nmy father's hat\non another man", "haiku")
    assert check.passed
    assert check.deviations[0].severity is Severity.NOTE


def test_rhymed_pentameter_is_not_blank_verse() -> None:
    assert DeviationKind.CLASH in kinds(check_form(verse("AABBCCDDEE"), "blank verse"))


def test_blank_verse_is_not_free_verse() -> None:
    for poem in poems_in("blank verse")[:3]:
        assert not check_form(poem, "free verse").passed


def test_lines_are_not_a_prose_poem() -> None:
    assert not check_form(verse("ABAB"), "prose poem").passed


def test_another_script_is_one_clear_deviation() -> None:
    (fault,) = check_form("Дождь уснул.\nИ снег уснул.", "haiku").deviations
    assert fault.kind is DeviationKind.UNSUPPORTED
    assert "English" in fault.sentence


def test_an_unknown_form_offers_the_nearest_name() -> None:
    with pytest.raises(InputError, match="did you mean 'villanelle'"):
        check_form("a line", "villanele")


def test_every_family_names_forms_of_the_registry() -> None:
    assert {form.name for family in FAMILIES for form in forms_named(family)} <= {form.name for form in FORMS}


@given(st.text(), st.sampled_from([form.name for form in FORMS]))
def test_no_text_is_too_strange_to_check(text: str, form: str) -> None:
    check = check_form(text, form)
    assert all(one.sentence for one in check.deviations)


ODD_LINES = ["", "day", "café", "🌧", "x", "'", "Москва", "o'er", "—", "night"]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(ODD_LINES), max_size=45), st.sampled_from([form.name for form in FORMS]))
def test_one_word_lines_are_checked_like_any_other(words: list[str], form: str) -> None:
    check = check_form("\n".join(words), form)
    n_lines = sum(1 for word in words if word)
    assert all(1 <= line <= n_lines for one in check.deviations for line in one.lines if n_lines)


# ---------------------------------------------------------------- chance, habit and doubt


def test_two_letters_may_once_be_one_sound_in_a_sonnet() -> None:
    lines = verse("ABAB CDCD EFEF GG").replace("the sea", "the bone", 1)
    stray = lines.replace("the tree", "the groan", 1)
    check = check_form(stray, "shakespearean sonnet")
    assert (check.passed, DeviationKind.CLASH in {one.kind for one in check.deviations}) == (True, True)


def test_two_rhymes_too_many_are_another_scheme() -> None:
    assert not check_form(verse("AAAA CCCC EFEF GG"), "shakespearean sonnet").passed


def test_the_last_consonants_may_do_by_habit_in_a_long_poem() -> None:
    poem = verse("ABAB CDCD EFEF ABAB")
    once = poem.replace("the bone", "the pain")
    twice = once.replace("the light", "the gate")
    assert not check_form(once, "quatrains ABAB").passed
    assert check_form(twice, "quatrains ABAB").passed


def test_a_line_with_a_guessed_word_and_a_syllable_over_is_a_doubt() -> None:
    lines = ["The porter locked the garden gate at nine", "and nobody remembered where he went"] * 7
    doubtful = "\n".join([*lines, "the Vrulk had sold the lamp and kept the"])
    check = check_form(doubtful, "blank verse")
    said = [one.sentence for one in check.deviations if one.lines == (15,)]
    assert said
    assert all("if I say 'Vrulk' right" in one for one in said)
    assert not any(one.lines == (15,) for one in check.faults)


def test_a_clean_line_with_a_foot_less_is_a_fault_however_few_there_are() -> None:
    lines = ["The porter locked the garden gate at nine", "and nobody remembered where he went"] * 25
    assert not check_form("\n".join([*lines, "the baker sold the lamp and oil"]), "blank verse").passed
