import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ConfigError
from workbench.prompts.roles import (
    ask_brief,
    ask_comparison,
    ask_critique,
    ask_draft,
    ask_final_note,
    ask_revise,
    ask_rhyme_draft,
    load_persona,
    numbered,
    prompt_id,
)
from workbench.revision.types import Draft


def test_lines_are_counted_as_critiques_cite_them():
    text = "a\n\n  b\n \nc"
    draft = Draft(id="d", number=0, title="T", text=text, parent_id="", critique_id="", author="poet", engine="e",
                  prompt_digest="", seed=0)  # fmt: skip
    shown = numbered("T", text).split("\n")
    assert [line[4:] for line in shown if line[:2].strip().isdigit()] == list(draft.lines)


@given(st.lists(st.text(alphabet="ab \n", max_size=8), max_size=30))
def test_every_line_that_is_not_empty_gets_its_number(lines):
    text = "\n".join(lines)
    shown = numbered("T", text)
    assert sum(line[:3].strip().isdigit() for line in shown.split("\n")[1:]) == sum(
        bool(line.strip()) for line in text.split("\n")
    )


def test_what_is_empty_leaves_no_trace_in_the_prompt():
    full = ask_critique("T", "a line", mentor="M", brief_text="B", report="R", direction="D")[1].content
    bare = ask_critique("T", "a line", mentor="M")[1].content
    assert bare.startswith("Title: T\n 1  a line\n\nWrite")
    assert "\n\n\n" not in full + bare
    for label in ("The brief was", "Measured", "reader asks"):
        assert label in full
        assert label not in bare


def test_the_control_is_asked_without_the_critique():
    bare = ask_revise("T", "a", brief_text="B", critique="", poet="P")
    assert "mentor says" not in bare[1].content
    assert bare[0].content == "P"


def test_a_request_that_looks_like_a_template_stays_a_request():
    assert "{{ mentor }}" in ask_brief("{{ mentor }}", mentor="M")[1].content


def test_every_question_is_a_system_and_a_user_turn():
    asked = (
        ask_brief("r", mentor="M"),
        ask_draft("b", poet="P"),
        ask_final_note("T", "a", mentor="M"),
        ask_comparison(("A", "a"), ("B", "b"), mentor="M"),
        ask_rhyme_draft("b", form="f", scheme="ABAB", end_words="", poet="P"),
    )
    assert {tuple(message.role for message in prompt) for prompt in asked} == {("system", "user")}


def test_prompts_that_differ_have_other_ids():
    assert prompt_id(ask_draft("b", poet="P")) != prompt_id(ask_draft("b", poet="Q"))


@pytest.mark.parametrize("name", ["mentor", "mentor_short", "poet"])
def test_the_personas_are_there(name):
    assert load_persona(name).startswith("You are")


def test_an_unknown_persona_names_the_known_ones():
    with pytest.raises(ConfigError, match="mentor_short"):
        load_persona("../prompts/brief")
