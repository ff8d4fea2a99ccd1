"""Workers of a real Ray cluster on this machine: one cluster for the file, since its start takes seconds."""

import os
from importlib.util import find_spec

import pytest

from workbench.engines.fleet import Fleet, Lost
from workbench.engines.ray_crew import hire_on
from workbench.errors import ConfigError, EngineError, WorkbenchError

# a Ray that could not start in its 30 seconds leaves processes that nobody waits for: a skip, no error
pytestmark = [
    pytest.mark.filterwarnings("ignore:subprocess:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class Words:
    """Upper-cases words; what it is given may make it die, or raise."""

    def __call__(self, work):
        if isinstance(work, tuple):
            prefix, work = work
            return [prefix + word for word in work]
        for word in work:
            if word.endswith("fatal") and os.path.exists(word):
                os.unlink(word)
                os._exit(9)
            if word == "broken":
                raise ValueError("no such word")
            if word == "refused":
                raise EngineError("the model refuses")
        return [word.upper() for word in work]


def hired(make):
    """Two workers of a cluster on this machine; a skip where there can be none."""
    if not find_spec("ray"):
        pytest.skip("ray is not installed (extra: scale)")
    try:
        return hire_on("ray", 2)(make)
    except EngineError as exc:
        if "timed out during startup" not in str(exc):
            raise
        pytest.skip(f"too busy a machine for Ray's own limit of 30 s: {exc}")


@pytest.fixture(scope="module")
def fleet():
    opened = hired(Words)
    yield opened
    opened.close()


def done(fleet: Fleet, blocks, **options):
    return dict(pair for items, results in fleet.work(blocks, **options) for pair in zip(items, results, strict=True))


def test_a_worker_that_dies_costs_nothing_and_one_that_raises_its_item(fleet, tmp_path):
    fatal = tmp_path / "fatal"
    fatal.touch()
    found = done(fleet, [["a", str(fatal), "b"], ["c"], ["broken", "d"]], ask=list)
    assert found.pop("broken") == Lost(why="ValueError: no such word")
    assert found == {"a": "A", str(fatal): str(fatal).upper(), "b": "B", "c": "C", "d": "D"}
    assert fleet.n_deaths == 1


def test_what_is_shared_arrives_as_its_value(fleet):
    prefix = fleet.crew.share("the ")
    assert done(fleet, [["lamp"], ["door"]], ask=lambda words: (prefix, list(words))) == {
        "lamp": "the lamp", "door": "the door",
    }  # fmt: skip


def test_an_error_of_ours_arrives_as_it_was_raised(fleet):
    with pytest.raises(EngineError, match="the model refuses"):
        done(fleet, [["refused"]], ask=list)


def test_the_cluster_listens_on_this_machine_only(fleet):
    import ray

    assert ray.get_runtime_context().gcs_address.startswith("127.0.0.1:")
    assert {node["NodeManagerAddress"] for node in ray.nodes()} == {"127.0.0.1"}


@pytest.mark.parametrize("on", ["rays", "ray:", "dask"])
def test_another_place_is_refused_by_name(on):
    with pytest.raises(ConfigError, match=f"--on {on}: write ray"):
        hire_on(on)


def test_no_place_is_no_fleet_and_workers_need_one():
    assert hire_on("") is None
    with pytest.raises(WorkbenchError, match="--on ray"):
        hire_on("", 3)
