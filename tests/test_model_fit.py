"""Which model fits: counts that their makers published, memory that was measured, and what a machine can and cannot."""

import json
import math
from pathlib import Path

import pytest

from tests.tiny_exports import tiny_model
from workbench.errors import InputError
from workbench.model_fit import GIB, KnownModel, Machine, Shape, fit, known_models, model_of, row_of
from workbench.places import ROOT

RESULTS = ROOT / "bench" / "results"
KNOWN = {model.id: model for model in known_models()}


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("built-in", 134_515_008),
        ("HuggingFaceTB/SmolLM2-1.7B-Instruct", 1_711_376_384),
        ("meta-llama/Llama-3.2-3B-Instruct", 3_212_749_824),
        ("meta-llama/Llama-3.1-8B-Instruct", 8_030_261_248),
        ("mistralai/Mistral-7B-Instruct-v0.3", 7_248_023_552),
    ],
)
def test_the_shape_gives_the_published_number_of_weights(name, parameters):
    assert KNOWN[name].shape.parameters == parameters


def test_a_folder_is_counted_as_its_own_weights_are(tmp_path):
    from transformers import AutoModelForCausalLM

    tiny_model(tmp_path / "tiny")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "tiny")
    counted = {id(weight): weight.numel() for weight in model.parameters()}
    assert model_of(tmp_path / "tiny").shape.parameters == sum(counted.values())


WHOLE = {"hidden_size": 8, "num_attention_heads": 2, "num_hidden_layers": 2, "intermediate_size": 8, "vocab_size": 8}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"hidden_size": "x"}', '{"hidden_size": 8, "num_attention_heads": 0}',
     json.dumps(WHOLE | {"vocab_size": math.inf}), json.dumps(WHOLE | {"num_hidden_layers": -2})],
)  # fmt: skip
def test_a_folder_without_such_a_shape_is_one_line(tmp_path, text):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(InputError, match=r"config\.json: not the config"):
        model_of(tmp_path)


def test_a_folder_without_a_model_says_what_to_name(tmp_path):
    with pytest.raises(InputError, match="no such file; name a folder with a Hugging Face model"):
        model_of(tmp_path)


def _measured(name: str) -> float:
    return json.loads((RESULTS / f"{name}.json").read_text())["results"]["ours"]["peak_mb"] / 1024


def test_memory_is_within_a_factor_of_what_was_measured():
    shape = KNOWN["built-in"].shape
    taught = shape.teaching(in_four_bits=False, tokens=2528) / GIB
    answered = shape.answers(16, context=64 * 400) / GIB  # 64 at once
    assert 1 / 1.5 < taught / _measured("training") < 1.5
    assert 1 / 1.5 < answered / _measured("generation") < 1.9


def test_what_fits_depends_on_memory_and_card():
    large = KNOWN["meta-llama/Llama-3.1-8B-Instruct"]
    laptop, card, small = (fit(large, machine) for machine in
                           (Machine(memory=8), Machine(memory=32, card=24), Machine(memory=4)))  # fmt: skip
    assert (laptop.best_answer, laptop.teaches) == ("Q4_K_M", "")
    assert (card.best_answer, card.teaches) == ("bf16", "LoRA on the card")
    assert fit(large, Machine(memory=16, card=16)).teaches == "QLoRA on the card"
    assert small.best_answer == ""
    assert "too large to answer; cannot be taught" in row_of(small)


def test_every_model_of_the_registry_says_licence_and_use():
    assert [model.id for model in KNOWN.values() if not (model.licence and model.good_for)] == []
    assert Path(ROOT / "config" / "models.yaml").is_file()


def test_a_model_that_no_card_holds_is_split_over_several():
    shape = Shape(layers=80, hidden=8192, heads=64, kv_heads=8, head=128, intermediate=28672, vocabulary=128256,
                  tied=False)  # fmt: skip
    assert shape.parameters == 70_553_706_496  # as published
    assert 35 < shape.teaching(in_four_bits=False, tokens=4096, cards=8) / GIB < 45
    eight, one = (fit(KnownModel(shape=shape), Machine(memory=64, card=40, cards=cards)).teaches for cards in (8, 1))
    assert (eight, one) == ("", "")
    machine = Machine(memory=64, card=48, cards=8)
    assert fit(KnownModel(shape=shape), machine).teaches == "LoRA split over 8 cards"
    assert machine.sentence == "64.0 GiB of memory, 8 cards with 48.0 GiB"
