"""The measurement on a card, as far as a CPU goes: every case counts its tokens, and a missing card is a line."""

import pytest
import torch

from bench import gpu
from bench.gpu import made, measured, shares
from bench.gpu_cases import CASES, SMALL, items, n_read


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return made("tiny", tmp_path_factory.mktemp("gpu") / "tiny")


HERE = sorted(case for case in CASES if "vllm" not in case and "unsloth" not in case)


@pytest.mark.parametrize("case", HERE)
def test_a_case_does_all_of_its_work(case, folder):
    found = measured(case, folder, SMALL)
    n_drawn = SMALL.prompts * SMALL.each * SMALL.new_tokens
    assert found["tokens"] == (n_drawn if case.startswith("sample") else n_read(items(SMALL.scored)))
    assert found["tokens_per_second"] > 0


def test_without_a_card_it_is_one_line(monkeypatch):
    if torch.cuda.is_available():
        pytest.skip("there is a card")
    monkeypatch.setattr("sys.argv", ["bench.gpu", "8b"])
    with pytest.raises(SystemExit, match=r"^bench\.gpu 8b: there is no CUDA card; --small runs all of it on a CPU"):
        gpu.main()


def test_the_share_of_a_card_is_two_operations_a_weight_and_token():
    found = {"score ours": {"tokens_per_second": 61_600, "tokens": 1}, "score transformers": {"not_run": "why"}}
    share = shares("8b", "NVIDIA H100 80GB HBM3", found)
    assert share == {"score ours": pytest.approx(0.94, abs=0.02)}  # 8.03e9 weights less the embeddings, 989 TFLOP/s
    assert shares("8b", "an unknown card", found) == {}
