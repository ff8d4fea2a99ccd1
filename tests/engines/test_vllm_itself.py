"""vLLM itself, on a card or by its build for processors: the contract, seeds, adapters, and its end.

One server answers all of the file: it takes a minute of a processor to start. Skipped where vLLM is not found; how an
environment with its build for processors was made is in bench/results/vllm-cpu-loop.txt.
"""

import time
from pathlib import Path

import pytest

from tests.engines.families import family_checkpoint
from tests.engines.test_contract import (  # the contract runs here on the real server
    ITEMS,
    asking,
    test_a_batch_comes_back_in_order_and_untouched,  # noqa: F401
    test_a_closed_engine_refuses_work,  # noqa: F401
    test_a_grammar_is_followed_or_refused,  # noqa: F401
    test_a_stop_leaves_what_was_not_done,  # noqa: F401
    test_a_stream_joins_to_the_sampled_text,  # noqa: F401
    test_an_adapter_is_taken_or_refused_by_name,  # noqa: F401
    test_an_empty_batch_is_no_work,  # noqa: F401
    test_each_completion_is_reported_once,  # noqa: F401
    test_it_is_a_sampler,  # noqa: F401
    test_its_name_goes_round,  # noqa: F401
    test_no_adapter_can_always_be_asked_for,  # noqa: F401
    test_one_that_fails_is_a_value_and_the_others_go_on,  # noqa: F401
    test_the_same_seed_gives_the_same_text,  # noqa: F401
)
from tests.engines.test_vllm import is_alive
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.names import resolve
from workbench.engines.opening import Engines, Options, kind_of, open_sampler
from workbench.engines.sources import ModelSettings
from workbench.engines.vllm_process import VllmProcess, is_for_processors, lacks
from workbench.engines.vllm_sampler import VllmSampler
from workbench.types import Completion

WHY = lacks()
pytestmark = [pytest.mark.vllm, pytest.mark.skipif(bool(WHY), reason=WHY)]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return family_checkpoint(tmp_path_factory.mktemp("models") / "tiny", "llama", repeats=True)  # heads of 64 numbers


@pytest.fixture(scope="module")
def case(checkpoint):
    return f"vllm:{checkpoint}", Options(n_ctx_per_seq=512)


@pytest.fixture(scope="module")
def sampler(case):
    engine = resolve(case[0])
    opened = kind_of(engine).sampler(engine, case[1])
    assert isinstance(opened, VllmSampler)
    yield opened
    opened.close()


def test_candidates_of_one_prompt_differ_by_their_seeds(sampler):
    requests = [asking("a lamp", seed=seed, n=16) for seed in range(8)]
    said = sampler.sample(requests)
    assert all(isinstance(each, Completion) for each in said)
    assert len({each.text for each in said}) > 2
    assert sampler.sample(requests) == said


def test_a_likeliest_answer_is_the_one_that_transformers_gives(sampler, checkpoint):
    beside = open_sampler(f"transformers:{checkpoint}")
    requests = [asking(text, temperature=0, n=8) for text in ("a lamp", "the ferry", "salt on the rope")]
    assert sampler.sample(requests) == beside.sample(requests)
    beside.close()


def test_adapters_of_a_training_are_swapped_and_the_base_comes_back(sampler, checkpoint, tmp_path):
    settings = LearnerSettings(dtype="float32", lora_rank=4)
    learner = Engines(ModelSettings(source=str(checkpoint)), settings, seed=4).learner
    folders = tmp_path / "one", tmp_path / "two"
    for folder in folders:
        folder.mkdir()
        for _ in range(4):
            learner.step(ITEMS, learning_rate=3e-2)
        learner.save_adapter(folder)
    beside, said, expected = open_sampler(f"transformers:{checkpoint}"), [], []
    for folder in (None, *folders, folders[0], None):
        for engine, answers in ((sampler, said), (beside, expected)):
            engine.use_adapter(folder)
            answers += engine.sample([asking("a lamp", temperature=0, n=8)])
    beside.close()
    assert said == expected
    assert len({each.text for each in said[:3]}) == 3
    assert (said[3], said[4]) == (said[1], said[0])


def test_it_sleeps_between_two_calls_where_it_can(sampler):
    server = sampler._process
    assert isinstance(server, VllmProcess)
    asleep = server.http.get("/is_sleeping").json()["is_sleeping"]
    assert asleep == (not is_for_processors())
    assert isinstance(sampler.sample([asking("a lamp")])[0], Completion)


def test_its_end_is_the_end_of_all_its_processes(sampler):
    """Last, as the server is gone after it."""
    below = descendants(sampler._process._guard.pid)
    assert len(below) > 1  # the server and its engine
    sampler.close()
    end = time.monotonic() + 10
    while any(map(is_alive, below)) and time.monotonic() < end:
        time.sleep(0.1)
    assert [pid for pid in below if is_alive(pid)] == []


def descendants(pid: int) -> list[int]:
    """Processes that this one started, theirs with them."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    own = [int(word) for each in lists for word in each.read_text("ascii").split()]
    return [each for child in own for each in (child, *descendants(child))]
