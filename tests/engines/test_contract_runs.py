"""The list of what the contract runs on: a class of the package with a sampler's or a learner's methods is on it, with
the file in which the contract runs on it or the reason why there is none.

What cannot run on a CPU at all is a setting or a program behind one of these classes; it is named with the tests that
wait for a card.
"""

import ast
import importlib
import inspect
from functools import cache

import pytest

from tests.engines import test_contract
from workbench.places import ROOT

SAMPLES = frozenset({"sample", "stream", "use_adapter"})
LEARNS = frozenset({"step", "frozen", "save_state", "load_state"})
HERE = "engines.test_contract"
FLEET, RAY = "engines.test_fleet_engines", "engines.test_ray_engines"  # workers in this process, and those of a cluster
VLLM = "engines.test_vllm_itself"  # the other run on it is over a stand-in
RANKS, UNSLOTH = "engines.learning.test_ranks", "engines.learning.unsloth_contract"

RUNS = {
    "LlamaCppSampler": (HERE,), "TransformersSampler": (HERE,), "RemoteSampler": (HERE,), "TinkerSampler": (HERE,),
    "VllmSampler": (HERE, VLLM), "Adapted": (HERE,), "_Owning": (HERE,), "FleetSampler": (FLEET, RAY),
    "TorchLearner": (HERE, UNSLOTH), "TinkerLearner": (HERE,), "LeadingLearner": (RANKS,), "FleetLearner": (FLEET, RAY),
}  # fmt: skip
WITHOUT = {
    "Sampler": "the contract itself",
    "Learner": "the contract itself",
    "BatchingLearner": "the contract itself",
    "LocalSampler": "what the samplers of this process share; it opens nothing",
    "WithoutGrammar": "takes the grammar out of a request, and is another sampler in all else",
    "LinePoet": "asks the sampler that it was given",
}
NEEDS_A_CARD = {
    "the learner on CUDA, in 4 bits, and with Unsloth there": "engines/learning/test_on_a_gpu.py",
}
NOT_THERE = {  # tests of the contract that a file elsewhere does without
    "test_a_stop_leaves_what_was_not_done": "a fleet's own is of its sampler and its learner together",
    "test_a_closed_engine_refuses_work": "opens a line of the table; a fleet has its own",
    "test_an_adapter_is_taken_or_refused_by_name": "opens a line of the table",
    "test_an_adapter_that_was_learned_writes_through_the_door": "opens lines of the table",
    "test_a_grammar_is_followed_or_refused": "asks a line of the table what it can",
}


@cache
def classes(methods: frozenset[str]) -> set[str]:
    """Classes of the package that have these methods, or inherit them from a class that has."""
    trees = [ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "workbench").rglob("*.py"))]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found = {node.name for node in nodes if methods <= {getattr(each, "name", "") for each in node.body}}
    while new := {node.name for node in nodes if {getattr(base, "id", "") for base in node.bases} & found} - found:
        found |= new
    return found


def contract(fixture: str) -> set[str]:
    """Tests of the contract that want a sampler, or a learner."""
    return {name for name, test in vars(test_contract).items()
            if name.startswith("test_") and fixture in inspect.signature(test).parameters}  # fmt: skip


def test_every_sampler_and_learner_of_the_package_is_on_the_list():
    there = classes(SAMPLES) | classes(LEARNS)
    assert len(there) > 10
    assert sorted(there) == sorted([*RUNS, *WITHOUT]), "give a new engine a run of the contract, or its reason"


def test_a_class_of_the_table_is_one_that_a_case_opens():
    opened = {*test_contract.OPENS.values(), *test_contract.LEARNS.values(), "Adapted", "_Owning"}
    assert opened == {name for name, files in RUNS.items() if HERE in files}


@pytest.mark.parametrize(("name", "file"), [(name, file) for name, files in RUNS.items() for file in files])
def test_a_file_on_the_list_has_the_whole_contract(name, file):
    fixture = "sampler" if name in classes(SAMPLES) else "learner"
    there = vars(importlib.import_module(f"tests.{file}"))
    assert len(contract(fixture)) > 8
    assert contract(fixture) - set(there) <= (set() if file == HERE else set(NOT_THERE))


def test_what_needs_a_card_has_tests_that_wait_for_one():
    for file in NEEDS_A_CARD.values():
        assert "pytest.mark.gpu" in (ROOT / "tests" / file).read_text("utf-8")
