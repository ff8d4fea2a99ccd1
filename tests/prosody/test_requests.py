"""Which form a request asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.prosody.forms import FAMILIES, FORMS
from workbench.prosody.requests import form_named_in

ASKED = {
    "a villanelle about rain": "villanelle",
    "haiku": "haiku",
    "ABAB": "quatrains ABAB",
    "Petrarchan": "petrarchan sonnet",
    "in the manner of a limerick": "limerick",
    "not a sonnet but a ballad": "ballad",
    "sonnet": "sonnet",
    "Write me a sonnet about my dog": "sonnet",
    "a Shakespearean sonnet on tax returns": "shakespearean sonnet",
    "a sonnet, Shakespearean": "shakespearean sonnet",
    "an Italian sonnet": "petrarchan sonnet",
    "three haiku about buses": "haiku",
    "I'd like terza rima": "terza rima",
    "rhyme royal, please": "rhyme royal",
    "something in rime royal": "rhyme royal",
    "write about rain as a villanelle": "villanelle",
    "a poem about my father in ballad form": "ballad",
    "a poem about rain, haiku": "haiku",
    "a poem about the sea in blank verse": "blank verse",
    "rhymed couplets about soup": "couplets",
    "heroic couplets": "heroic couplets",
    "a poem rhyming abab": "quatrains ABAB",
    "rhyme scheme ABAB, not AABB": "quatrains ABAB",
    "ABAB CDCD EFEF GG": "shakespearean sonnet",
    "ABBAABBA CDECDE": "petrarchan sonnet",
    "AABBA": "limerick",
    "ABCB quatrains": "ballad",
    "a haiku, no, a tanka": "tanka",
    "a sonnet. Actually, make that a villanelle": "villanelle",
    "no rhyme: free verse": "free verse",
    "free verse, no rhymes": "free verse",
    "a prose poem about keys": "prose poem",
    "not just any ode, a great one": "ode",
    "why not a sestina": "sestina",
    "I can't wait to read a pantoum": "pantoum",
    "no longer than a haiku": "haiku",
    "a villanelle rather than a sonnet": "villanelle",
    "instead of a sonnet, try a ghazal": "ghazal",
    "I don't want a sonnet; a triolet would do": "triolet",
    "nothing but heroic couplets": "heroic couplets",
    "rubaiyat for a baker": "quatrains AABA",
    "quatrains, please": "quatrains",
    "common metre, like a hymn": "common meter",
    "a love poem in Spenserian stanzas": "spenserian stanza",
    "a Spenserian sonnet": "spenserian sonnet",
    "a cinquain or a haiku": "cinquain",
    "a poem that isn't a limerick but a rondeau": "rondeau",
}
UNASKED = [
    "",
    "no sonnet, please",
    "No sonnets!",
    "anything but a sonnet",
    "please don't write a sonnet",
    "no sonnets, haiku or limericks",
    "neither a sonnet nor a villanelle",
    "a poem about rain",
    "a poem about writing a sonnet",
    "a poem called Ode",
    "without haiku",
    "never a limerick",
    "a poem, not in sonnet form",
    "something other than free verse",
    "I hate limericks",
    "sonnetary",
    "a modern episode",
    "a ballade",
    "ABC",
]


@pytest.mark.parametrize(("request_text", "form"), ASKED.items())
def test_a_request_names_its_form(request_text: str, form: str) -> None:
    assert form_named_in(request_text) == form


@pytest.mark.parametrize("request_text", UNASKED)
def test_a_refusal_or_a_subject_names_no_form(request_text: str) -> None:
    assert form_named_in(request_text) is None


@pytest.mark.parametrize("name", [*(form.name for form in FORMS), *FAMILIES])
def test_every_name_of_the_registry_is_understood(name: str) -> None:
    assert form_named_in(f"Write {name} about a ladder.") == name


@pytest.mark.parametrize("name", [*(form.name for form in FORMS), *FAMILIES])
def test_every_name_of_the_registry_can_be_refused(name: str) -> None:
    assert form_named_in(f"Please, no {name}.") is None


@given(st.text())
def test_no_text_is_too_strange_to_read(text: str) -> None:
    form_named_in(text)


def test_a_very_long_request_is_read_in_reasonable_time() -> None:
    assert form_named_in("no sonnet but " * 5000 + "a haiku") is None  # only its first 20,000 characters count
