"""Prompts of a study."""

from collections import Counter

import pytest

from workbench.errors import InputError
from workbench.places import ROOT
from workbench.revflux.study import of_each_category, read_prompts

OURS = ROOT / "data" / "revflux" / "prompts.jsonl"


def test_ours_are_three_categories_of_eight():
    assert Counter(prompt.category for prompt in read_prompts(OURS)) == {"canonical": 8, "generic": 8, "cliche": 8}


def test_a_limit_takes_the_first_of_each_category():
    prompts = read_prompts(OURS)
    assert [prompt.category for prompt in of_each_category(prompts, 1)] == ["canonical", "generic", "cliche"]
    assert of_each_category(prompts, 0) == prompts


def test_plain_lines_are_the_users_own(tmp_path):
    file = tmp_path / "mine.txt"
    file.write_text("a poem about mud\n\n  a poem about tin \na poem about mud\n")
    assert [(one.text, one.category) for one in read_prompts(file)] == [
        ("a poem about mud", "yours"), ("a poem about tin", "yours"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.jsonl", '{"prompt": "x"}\n{"prompt": 3}', ":2: no text under the key"),
        ("a.jsonl", '{"prompt": "x", "category": ""}', ":1: the category '' is not a valid name"),
        ("a.jsonl", '{"prompt": "x"', ":1: not valid JSON"),
        ("a.jsonl", '{"prompt": "\\ud800"}', ":1: half of a character pair"),
        ("a.txt", "\n \n", ": there is no prompt in it"),
        ("a.txt", "x" * 5000, ":1: the prompt is longer"),
        ("a.csv", "x", ": prompts come as .jsonl or .txt"),
    ],
)
def test_what_cannot_be_used_gets_one_line(tmp_path, name, text, said):
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        read_prompts(file)
    assert str(caught.value).startswith(f"{file}{said}")
    assert "\n" not in str(caught.value)
