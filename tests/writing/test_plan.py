"""The plan of a form is the form: what `check_form` asks of a poem, slot by slot."""

import pytest

from workbench.errors import InputError
from workbench.prosody.forms import FORMS
from workbench.writing.meter_automaton import templates_of
from workbench.writing.plan import OPEN_KINDS, plan, with_wishes


def letters(form, **options):
    return [slot.letter for slot in plan(form, **options)]


def test_a_sonnet_has_the_letters_of_its_row():
    first = list(dict.fromkeys(letters("shakespearean sonnet")))
    assert [first.index(letter) for letter in letters("shakespearean sonnet")] == [
        0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 6,
    ]  # fmt: skip


def test_a_villanelle_brings_its_lines_back():
    slots = plan("villanelle")
    assert [number for number, slot in enumerate(slots) if slot.copy_of == 0] == [5, 11, 17]
    assert [number for number, slot in enumerate(slots) if slot.copy_of == 2] == [8, 14, 18]


def test_a_pantoum_closes_its_circle():
    slots = plan("pantoum", units=3)
    assert [slot.copy_of for slot in slots] == [None] * 4 + [1, None, 3, None] + [5, 2, 7, 0]


def test_a_sestina_turns_its_end_words_and_gathers_them_in_the_envoi():
    slots = plan("sestina")
    assert [slot.end_of for slot in slots[6:12]] == [5, 0, 4, 1, 3, 2]
    envoi = {slot.end_of for slot in slots[36:]} | {slot.holds_end_of for slot in slots[36:]}
    assert envoi == set(range(6))


def test_a_rondeau_brings_back_its_opening_words():
    assert [number for number, slot in enumerate(plan("rondeau")) if slot.opening_of == 0] == [8, 14]


def test_a_stanza_form_is_repeated_with_rhymes_of_its_own():
    first, second = letters("quatrains ABAB", units=2)[:4], letters("quatrains ABAB", units=2)[4:]
    assert not set(first) & set(second)


def test_every_form_in_lines_has_a_plan():
    planned = [form.name for form in FORMS if form.kind not in OPEN_KINDS]
    assert planned
    for name in planned:
        assert plan(name), name


def test_prose_is_refused_in_one_line():
    with pytest.raises(InputError, match=r"^a prose poem has no lines, and poems are written here line by line"):
        plan("prose poem")


def test_a_tail_begins_with_a_short_line_that_rhymes_with_the_sonnet():
    slots = plan("caudate sonnet")
    assert len(slots) == 17
    assert slots[14].law == ("iambic 3", 0)
    assert slots[14].letter == slots[13].letter


def test_stanzas_of_one_pattern_have_rhymes_of_their_own():
    first, second = letters("rhymed stanzas")[:5], letters("rhymed stanzas")[5:]
    assert [first.index(letter) for letter in first] == [second.index(letter) for letter in second]
    assert not set(first) & set(second)


def test_an_ode_speaks_to_its_subject():
    assert plan("ode")[0].holds == "you"


def test_an_iambic_line_may_turn_its_first_foot_or_end_softly():
    assert templates_of("iambic 3", 0) == ("x/x/x/", "/xx/x/", "x/x/x/x")


def test_meter_goes_round_line_by_line():
    assert [len(templates_of("iambic 4 3", place)[0]) for place in range(4)] == [8, 6, 8, 6]


def test_lines_of_a_person_stand_in_their_place():
    slots = with_wishes(plan("haiku"), lines={0: "The gate is open"})
    assert [slot.text for slot in slots] == ["The gate is open", "", ""]


def test_end_words_and_acrostic_go_line_by_line():
    slots = with_wishes(plan("quatrains ABAB", units=1), end_words=["rain", "stone"], acrostic="Salt!")
    assert [slot.end_word for slot in slots] == ["rain", "stone", "", ""]
    assert [slot.initial for slot in slots] == ["S", "A", "L", "T"]


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"lines": {7: "x"}}, "there is no line 8: the form has 3 lines"),
        ({"end_words": ["a"] * 4}, "4 end words, but the form has 3 lines"),
        ({"acrostic": "tides"}, "5 letters of the acrostic, but the form has 3 lines"),
    ],
)
def test_wishes_that_do_not_fit_are_refused(wishes, message):
    with pytest.raises(InputError, match=message):
        with_wishes(plan("haiku"), **wishes)
