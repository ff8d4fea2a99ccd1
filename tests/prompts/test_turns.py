"""Turns of a talk as chat templates mark them: the answer is the model's own first one."""

import pytest

from workbench.prompts.thinking import other_turns, without_thinking

SAID = "The rope is wet,\nnobody waves."


@pytest.mark.parametrize(("answer", "others"), [
    (f"{SAID}<|im_end|>\n<|im_start|>user\nLonger, please.<|im_end|>", "Longer, please."),
    (f"<|im_start|>assistant\n{SAID}<|im_end|>", ""),
    (f"[INST] Write the poem. [/INST] {SAID} </s>", "Write the poem."),
    (f"Write the poem. [/INST] {SAID}", "Write the poem."),
    (f"assistant\n\n{SAID}<|eot_id|>", ""),
    (f"<|start_header_id|>assistant<|end_header_id|>\n\n{SAID}assistant\n\nAnother?", "Another?"),
    (f"{SAID}<end_of_turn>\n<start_of_turn>user\nMore<end_of_turn>", "More"),
    (f"<|assistant|>\n{SAID}<|end|>\n<|user|>\nMore<|end|>", "More"),
    (f"{SAID}<｜end▁of▁sentence｜><｜User｜>More", "More"),
    (f"### Response:\n{SAID}\n\n### Instruction:\nMore", "More"),
    (f"<think>ropes</think>\n{SAID}<|im_end|>", ""),
    (f"{SAID}\n\nThe assistant\nwaits.", ""),
])  # fmt: skip
def test_the_answer_is_the_model_s_own_turn(answer, others):
    kept = SAID if "The assistant" not in answer else answer
    assert (without_thinking(answer), other_turns(answer)) == (kept, others)
