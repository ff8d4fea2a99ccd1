"""Lines written anew in a poem that is otherwise left alone; the model's preferences are random."""

from dataclasses import replace

import pytest

from tests.writing.test_write import FAST, model, table, written
from workbench.errors import InputError
from workbench.prosody import check_form, rhymes
from workbench.writing.poem_search import line_of
from workbench.writing.rewriting import as_in, rewrite_lines, slots_around
from workbench.writing.types import LineOrder

POEM = """The kettle ticks beside the light,
my brother's coat is on the stair.
The moths go round it half the night
and no one sees that I am there.

  A bus comes in without a sound;
the driver turns the wheel with care.
I count the coins that I have found
and buy a ticket, not a chair."""
FREE = """I keep the letters
in a tin that once held our best tea leaves,

under the stairs
where nobody, not even the cat, would look for you."""


def rewritten(text=POEM, numbers=(3,), settings=FAST, **order):
    prompts = tuple(tuple(model().tokens(f"{word}\n")) for word in ("Rain", "Stone"))
    told = LineOrder(title="Bus", text=text, numbers=numbers, **order)
    return rewrite_lines(model(), table(), told, settings, prompts=prompts)


def _lines(text):
    return [line for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("numbers", [(1,), (3,), (5,), (8,), (2, 7)])
def test_only_the_lines_asked_for_change(numbers):
    new = rewritten(numbers=numbers)
    changed = [number for number, (old, line) in enumerate(zip(POEM.split("\n"), new.text.split("\n"), strict=True))
               if old != line]  # fmt: skip
    places = [number for number, line in enumerate(POEM.split("\n")) if line.strip()]
    assert changed == [places[number - 1] for number in numbers]
    assert set(new.lines) == set(numbers)


def test_a_form_that_was_kept_is_kept():
    assert check_form(POEM, "quatrains ABAB").faults == ()
    for numbers in ((3,), (2, 4), (5, 7)):
        assert check_form(rewritten(numbers=numbers, form="quatrains ABAB").text, "quatrains ABAB").faults == ()


def test_without_a_named_form_the_poems_own_rhyme_is_kept():
    new = _lines(rewritten(numbers=(3,)).text)[2]
    assert rhymes(line_of(new).end, "light")


def test_free_verse_owes_no_rhyme_and_about_its_syllables():
    slots = slots_around(LineOrder(title="", text=FREE, numbers=(2,)))
    assert slots[1].letter == ""
    assert {len(template) for template in slots[1].templates} == {9, 10, 11}
    assert slots[1].gap


def test_indentation_first_letter_and_closing_mark_stay():
    new = rewritten(numbers=(4, 5)).lines
    assert new[4][0].islower() or new[4].startswith("I")
    assert new[4].endswith(".")
    assert new[5].startswith("  ")
    assert new[5].endswith(";")


def test_words_found_wrong_do_not_come_back():
    plain = rewritten(numbers=(3,)).lines[3]
    word = line_of(plain).said[1]
    barred = rewritten(numbers=(3,), barred={3: ((word,),)}).lines[3]
    assert word not in line_of(barred).said


def test_a_line_that_comes_back_changes_wherever_it_stands():
    triolet = written("triolet").text
    asked = [bool(slot.instead_of) for slot in slots_around(LineOrder(title="", text=triolet, numbers=(4,),
                                                                      form="triolet"))]  # fmt: skip
    assert asked == [True, False, False, True, False, False, True, False]


def test_a_line_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="there is no line 9: the poem has 8 lines"):
        rewritten(numbers=(9,))


def test_where_nothing_fits_the_poem_stays():
    everything = tuple((chr(letter),) for letter in range(97, 123)) + tuple((word,) for word in _words_of_the_model())
    new = rewritten(text=FREE, numbers=(2,), barred={2: everything}, settings=replace(FAST, n_steps=5))
    assert (new.text, new.unchanged, new.lines) == (FREE, (2,), {})


def _words_of_the_model():
    pieces = (model().piece(token).decode().strip().lower() for token in range(model().n_vocab))
    return {piece for piece in pieces if piece.isalpha()}


def test_a_new_line_looks_like_the_old_one():
    assert as_in("  and so, ", line_of("The rain")) == "  the rain,"
    assert as_in("And so", line_of("I wait")) == "I wait"
    assert as_in("and so —", line_of("I wait")) == "I wait —"


def test_stanzas_that_share_a_sound_are_no_obstacle():
    assert rhymes("stair", "care")  # in both stanzas, under two letters of the form
    new = rewritten(numbers=(8,), form="quatrains ABAB")
    assert rhymes(line_of(new.lines[8]).end, "care")


def test_a_line_that_cannot_be_found_does_not_keep_the_others():
    everything = tuple((word,) for word in _words_of_the_model())
    new = rewritten(numbers=(3, 5), barred={5: everything}, settings=replace(FAST, n_steps=8))
    assert (set(new.lines), new.unchanged) == ({3}, (5,))


def test_a_far_line_that_shares_the_sound_of_a_rhyme_is_no_obstacle():
    ends = ["light", "stone", "kettle", "rain", "stair", "water", "night", "wall", "bright"]
    text = "\n".join(f"the {word} was near the {end}" for word, end in zip(_FIRST_WORDS, ends, strict=True))
    slots = slots_around(LineOrder(title="", text=text, numbers=(9,)))
    assert [bool(slot.letter) for slot in slots] == [False] * 6 + [True, False, True]
    assert set(rewritten(text=text, numbers=(9,)).lines) == {9}


_FIRST_WORDS = ("dog", "cup", "hand", "moon", "road", "boat", "door", "bell", "tree")
