"""Chat templates said again in Ollama's language give the same text."""

import pytest

from workbench.errors import EngineError
from workbench.export.modelfile import (
    Manner,
    modelfile_text,
    ollama_template,
    render,
    stop_words,
    stops_in,
    template_in,
)
from workbench.prompts.chat_template import ChatTemplate, Slot
from workbench.types import Sampling

CHATML = (
    "{% for m in messages %}{% if loop.first and m['role'] != 'system' %}<|s|>system\nBe good.<|e|>\n{% endif %}"
    "<|s|>{{ m['role'] }}\n{{ m['content'] }}<|e|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|s|>assistant\n{% endif %}"
)
LLAMA_2 = (
    "{% for m in messages %}{% if m['role'] == 'system' %}[INST] <<SYS>>\n{{ m['content'] }}\n<</SYS>>\n\n"
    "{% elif m['role'] == 'user' %}{% if loop.index0 == 0 or messages[loop.index0 - 1]['role'] == 'assistant' %}[INST] "
    "{% endif %}{{ m['content'] }} [/INST]{% else %} {{ m['content'] }} </s>{% endif %}{% endfor %}"
)
CONVERSATIONS = (
    (("user", "one"),),
    (("system", "zero"), ("user", "one")),
    (("user", "one"), ("assistant", "two"), ("user", "three")),
    (("system", "zero"), ("user", "one"), ("assistant", "two"), ("user", "three")),
)


def own(template: ChatTemplate, conversation) -> str:
    roles = tuple(role for role, _ in conversation)
    pieces = template.pieces(roles, is_answered=False, thinks=False)
    return "".join(conversation[piece.message][1] if isinstance(piece, Slot) else piece for piece in pieces)


@pytest.mark.parametrize("text", [CHATML, LLAMA_2], ids=["chatml", "llama-2"])
def test_ollamas_template_says_what_the_models_own_says(text: str) -> None:
    template = ChatTemplate(text, {})
    go = ollama_template(template)
    assert [render(go, each) for each in CONVERSATIONS] == [own(template, each) for each in CONVERSATIONS]


def test_a_thinking_model_is_given_the_empty_thought_it_was_trained_with() -> None:
    go = ollama_template(ChatTemplate(CHATML, {}), thinks=True)
    assert render(go, CONVERSATIONS[0]).endswith("<|s|>assistant\n<think>\n\n</think>\n\n")


def test_the_file_gives_back_its_template_and_stops() -> None:
    text = modelfile_text("./x.gguf", template="a\n{{ .Content }}", stops=["<|e|>", "<|s|>"], adapter="./y.gguf")
    assert template_in(text) == "a\n{{ .Content }}"
    assert stops_in(text) == ["<|e|>", "<|s|>"]


def test_stops_are_the_control_tokens_between_messages() -> None:
    assert stop_words(ChatTemplate(CHATML, {}), ["<|e|>", "<|s|>", "<|other|>"]) == ["<|e|>", "<|s|>"]


def test_a_template_that_ollama_cannot_hold_is_refused() -> None:
    odd = "{% for m in messages %}{{ '{{' }}{{ m['content'] }}{% endfor %}"
    with pytest.raises(EngineError, match="write TEMPLATE by hand"):
        ollama_template(ChatTemplate(odd, {}))


def test_a_word_that_cannot_be_checked_is_refused() -> None:
    with pytest.raises(EngineError, match="cannot be checked"):
        render("{{ .Tools }}", CONVERSATIONS[0])


def test_a_modelfile_says_how_the_model_wants_to_be_asked() -> None:
    manner = Manner(
        system="You are a poet.\nNo clichés.", sampling=Sampling(temperature=0.8, top_p=0.95, top_k=40),
        question="Description: {description}\n\nOutput:",
    )  # fmt: skip
    text = modelfile_text("./x.gguf", template="{{ .Content }}", stops=["<|e|>"], manner=manner)
    assert 'SYSTEM """You are a poet.\nNo clichés."""' in text
    assert "PARAMETER temperature 0.8\nPARAMETER top_p 0.95\nPARAMETER top_k 40\n" in text
    assert "\n#   Description: {description}\n#\n#   Output:\n" in text
    assert (template_in(text), stops_in(text)) == ("{{ .Content }}", ["<|e|>"])


def test_a_system_message_that_would_end_its_quotes_is_left_out() -> None:
    assert "SYSTEM" not in modelfile_text("x", template="", stops=[], manner=Manner(system='say """ often'))
