"""Shapes without a model; that llama.cpp takes the grammars is shown in test_on_the_built_in_model."""

import pytest

from workbench.revision.grammars import brief_grammar, critique_grammar, note_grammar, poem_grammar

LINES = ['He said "no" \\ yes', "two", "three"]


@pytest.mark.parametrize("close", [True, False])
def test_only_the_lines_of_the_poem_can_be_cited(close):
    grammar = critique_grammar(LINES, close=close)
    assert '"3' in grammar
    assert '"4' not in grammar


@pytest.mark.parametrize("close", [True, False])
def test_who_must_ask_cannot_approve_and_names_a_line(close):
    asks, judges = (critique_grammar(LINES, close=close, must_ask=must_ask) for must_ask in (True, False))
    assert "approve" in judges
    assert "approve" not in asks
    assert close or "failure{1,3}" in asks


def test_quotes_and_backslashes_of_a_poem_stay_out_of_the_grammar():
    assert "He said no yes" in critique_grammar(LINES, close=True)


@pytest.mark.parametrize(("form", "n_lines"), [("haiku", 3), ("shakespearean sonnet", 14), ("villanelle", 19)])
def test_a_form_fixes_the_lines_of_its_poem(form, n_lines):
    poem = poem_grammar(form).split("poem ::= ")[1].split("\n")[0].split("(")[0]
    assert poem.split().count("line") == n_lines


def test_the_form_that_was_asked_for_is_the_form_of_the_brief():
    assert 'form ::= "villanelle"' in brief_grammar(form="villanelle", close=True)


@pytest.mark.parametrize("grammar", [
    critique_grammar(LINES), critique_grammar(LINES, close=True), critique_grammar(LINES, close=True, must_ask=True),
    poem_grammar(), poem_grammar("ballad", close=True),
    brief_grammar(), brief_grammar(close=True), note_grammar(), note_grammar(LINES, close=True),
])  # fmt: skip
def test_every_name_that_is_used_is_told(grammar):
    import re

    bare = re.sub(r'"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]', " ", grammar)
    told = set(re.findall(r"^([a-z0-9-]+) ::=", bare, re.MULTILINE))
    used = set(re.findall(r"[a-z][a-z0-9-]*", re.sub(r"\{[^}]*\}", " ", bare)))
    assert used == told | {"root"} or used - told == set()
