import random

import pytest

from workbench.prompts.thinking import answer_after_thinking, mark_left_in, without_thinking
from workbench.types import Failed, Reason

VERSE = "The scales came back from the mender,\nthe brass still warm at one end.\n\nNobody weighed anything."
THOUGHT = "Plan: a shop, short lines.\nNo rhyme < slant rhyme."
MARKS = [
    ("<think>", "</think>"), ("<thinking>", "</thinking>"), ("<THINK>", "</THINK>"), ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"), ("<|begin_of_thought|>", "<|end_of_thought|>"), ("[THINK]", "[/THINK]"),
    ("<seed:think>", "</seed:think>"), ("◁think▷", "◁/think▷"), ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|thinking|>", "<|/thinking|>"), ("<|start_think|>", "<|end_think|>"), ("<unused94>thought", "<unused95>"),
    ("Thinking...\n", "\n...done thinking."), ("<plan>", "</plan>"), ("<inner_monologue>", "</inner_monologue>"),
    ("&lt;think&gt;", "&lt;/think&gt;"), ("＜think＞", "＜/think＞"), ("<start_of_thought>", "</end_of_thought>"),
    ("<｜begin▁of▁thinking｜>", "<｜end▁of▁thinking｜>"), ("[THOUGHTS]", "[/THOUGHTS]"), ('<think id="1">', "</think>"),
    ("<internal_thoughts>", "</internal_thoughts>"), ("<|thinking_start|>", "<|thinking_end|>"),
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


@pytest.mark.parametrize("thought", [
    "```thinking\n{}\n```", "~~~reasoning\n{}\n~~~",
    "<details>\n<summary>Thought for 12 seconds</summary>\n\n{}\n\n</details>",
    '<details type="reasoning" done="true">\n<summary>12 s</summary>\n{}\n</details>',
    "Here is my thought process:\n{}\nHere is my response:", "Thought for 12 seconds\n",
    "*Thought for a few seconds*\n",
    "<details open>\n<summary><b>Reasoning</b></summary>\n{}\n</details>", "**Thought process:**\n\n{}\n\n---",
    "> **Reasoning**\n> a rope\n", "/no_think", "analysisThe user wants {}assistantfinal", "<think/>",
])  # fmt: skip
def test_a_thought_that_is_marked_in_other_ways_is_taken_out(thought):
    assert without_thinking(f"{thought.format(THOUGHT)}\n{VERSE}") == VERSE


@pytest.mark.parametrize("verse", [
    "I think <of> thinking,\nthe thought of a [thinking] chair.",
    "I <think> therefore the cursor waits,\nI am </think> and then gone.",
    "The shell said <think> and I did not.\nThe shell said so again.",
    "They wrote </think> above the door\nand nobody came in.",
    "Thought for a second he was here.\n\nThe coat fell off the chair.",
])  # fmt: skip
def test_verse_with_such_words_stays(verse):
    assert without_thinking(verse) == verse


def test_a_closing_mark_after_everything_closes_nothing():
    assert without_thinking(f"{VERSE}\n</think>\n</think>") == VERSE


def test_a_thought_between_two_lines_leaves_no_gap():
    assert without_thinking(f"A rope.\n<think>\n{THOUGHT}\n</think>\nA pan.") == "A rope.\nA pan."


def test_a_mark_that_was_kept_can_be_named():
    verse = "They wrote </think> above the door\nand nobody came in."
    assert mark_left_in(verse, verse) == "</think>"
    assert mark_left_in(f"<think>{THOUGHT}</think>\n{VERSE}", VERSE) == ""


def test_10000_answers_keep_every_character_outside_their_thoughts():
    drawn = random.Random(12)  # noqa: S311 - no secret
    for _ in range(10_000):
        opening, closing = drawn.choice(MARKS)
        thoughts = "".join(
            f"{opening}{drawn.choice((THOUGHT, '', '?'))}{closing}\n" for _ in range(drawn.randint(0, 3))
        )
        answer = "".join(drawn.choice("ab <>/\n|thik[]'é") for _ in range(drawn.randint(0, 40))).strip()
        assert without_thinking(thoughts + answer) == answer
