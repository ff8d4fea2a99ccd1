import random

import pytest

from workbench.prompts.thinking import answer_after_thinking, without_thinking
from workbench.types import Failed, Reason

VERSE = "The scales came back from the mender,\nthe brass still warm at one end.\n\nNobody weighed anything."
THOUGHT = "Plan: a shop, short lines.\nNo rhyme < slant rhyme."
MARKS = [
    ("<think>", "</think>"), ("<thinking>", "</thinking>"), ("<THINK>", "</THINK>"), ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"), ("<|begin_of_thought|>", "<|end_of_thought|>"), ("[THINK]", "[/THINK]"),
    ("<seed:think>", "</seed:think>"), ("◁think▷", "◁/think▷"), ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|thinking|>", "<|/thinking|>"), ("<|start_think|>", "<|end_think|>"), ("<unused94>thought", "<unused95>"),
    ("Thinking...\n", "\n...done thinking."), ("<plan>", "</plan>"), ("<inner_monologue>", "</inner_monologue>"),
    ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
]  # fmt: skip


@pytest.mark.parametrize(("opening", "closing"), MARKS)
def test_a_thought_is_taken_out_whatever_its_marks(opening, closing):
    assert answer_after_thinking(f"{opening}\n{THOUGHT}\n{closing}\n\n{VERSE}\n") == VERSE


@pytest.mark.parametrize(("opening", "closing"), MARKS)
def test_a_thought_whose_opening_the_prompt_wrote_is_taken_out(opening, closing):
    assert answer_after_thinking(f"{THOUGHT}\n{closing}\n{VERSE}") == VERSE


@pytest.mark.parametrize(("opening", "closing"), MARKS)
def test_a_thought_without_an_end_is_no_answer(opening, closing):
    assert answer_after_thinking(f"{opening}\n{THOUGHT}") == Failed(reason=Reason.UNCLOSED_THINKING)


@pytest.mark.parametrize("text", [
    f"<think>a</think>\n<think>b</think>\n{VERSE}",
    f"<think>a <think> b</think> c</think>\n{VERSE}",
    f"<think></think>{VERSE}",
    f"<think>a</think><answer>{VERSE}</answer>",
    VERSE,
])  # fmt: skip
def test_what_is_left_is_the_answer_alone(text):
    assert without_thinking(text) == VERSE


def test_verse_about_thinking_stays():
    verse = "I think <of> thinking,\nthe thought of a [thinking] chair."
    assert without_thinking(verse) == verse


def test_10000_answers_keep_every_character_outside_their_thoughts():
    drawn = random.Random(12)  # noqa: S311 - no secret
    for _ in range(10_000):
        opening, closing = drawn.choice(MARKS)
        thoughts = "".join(
            f"{opening}{drawn.choice((THOUGHT, '', '?'))}{closing}\n" for _ in range(drawn.randint(0, 3))
        )
        answer = "".join(drawn.choice("ab <>/\n|thik[]'é") for _ in range(drawn.randint(0, 40))).strip()
        assert without_thinking(thoughts + answer) == answer
