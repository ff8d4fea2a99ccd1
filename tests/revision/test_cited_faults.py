"""What a measure finds at the cited place, before and after; it asks no model."""

from dataclasses import replace

import pytest

from tests.revflux.traces import draft
from workbench.revision.cited_faults import is_gone
from workbench.revision.types import CritiqueItem

POEM = """The kettle ticks beside the light,
my brother's coat is on the stair.
The moths go round it half the night
and no one sees that I am there."""
FORM = "quatrains ABAB"


def _item(line, failure, note="it is so"):
    return CritiqueItem(id="i", first_line=line, last_line=line, failure=failure, note=note, direction="")


def _gone(item, new, *, poem=POEM, form="", line=3):
    lines = poem.split("\n")
    lines[line - 1] = new
    return is_gone(item, draft(0, poem), replace(draft(1, "\n".join(lines)), number=1), form=form)


@pytest.mark.parametrize(("item", "new", "gone"), [
    (_item(3, "padding", 'why "half the night" here'), "The moths go round it half the night again", False),
    (_item(3, "padding", 'why "half the night" here'), "The moths go round a thing so bright", True),
    (_item(3, "weak line break", 'after "half the night" nothing'), "The moths go round a thing so bright", None),
    (_item(3, "unclear image"), "The moths go round a thing so bright", None),
])  # fmt: skip
def test_quoted_words_are_gone_or_not(item, new, gone):
    assert _gone(item, new) is gone


def test_a_stock_phrase_gives_way_to_another_line_but_not_to_another_stock_phrase():
    poem = POEM.replace("The moths go round it half the night", "My heart of gold is worn tonight")
    item = _item(3, "cliche")
    assert _gone(item, "The moths go round it half the night", poem=poem) is True
    assert _gone(item, "Cold as ice, she left that night", poem=poem) is False
    assert _gone(item, "Cold as ice, she left that night") is None, "there was none in the line"


def test_a_plug_at_the_end_is_a_forced_rhyme():
    poem = POEM.replace("that I am there.", "me standing there.")
    item = _item(4, "forced rhyme")
    assert _gone(item, "and no one sees the empty chair.", poem=poem, form=FORM, line=4) is True
    assert _gone(item, "and no one asks why I am here.", poem=poem, form=FORM, line=4) is False


def test_a_line_that_leaves_the_poems_meter_comes_back_to_it():
    poem = POEM.replace("The moths go round it half the night", "The moths are always going round it half the night")
    item = _item(3, "broken meter")
    assert _gone(item, "The moths go round it half the night", poem=poem) is True
    assert _gone(item, "Moths", poem=poem) is False


def test_a_fault_of_the_form_counts_only_at_its_line():
    poem = POEM.replace("half the night", "half the day")
    item = _item(3, "broken form")
    assert _gone(item, "The moths go round it half the night", poem=poem, form=FORM) is True
    assert _gone(item, "The moths go round it half the week", poem=poem, form=FORM) is False


def test_a_line_that_was_cut_has_no_fault_left():
    item = _item(3, "padding", 'why "half the night" here')
    cut = "\n".join(line for line in POEM.split("\n") if "moths" not in line)
    assert is_gone(item, draft(0, POEM), draft(1, cut)) is True
