from typing import ClassVar

import pytest

from tests.fakes import ScriptedSampler
from workbench.engines import opening
from workbench.engines.names import EngineName, available, parse_engine
from workbench.engines.opening import WithoutGrammar, open_pair
from workbench.errors import EngineError
from workbench.places import ROOT
from workbench.types import Message, SampleRequest

REQUEST = SampleRequest(prompt=(Message(role="user", content="r"),), seed=1, grammar='root ::= "x"')


@pytest.mark.parametrize(("name", "expected"), [
    ("built-in", EngineName(source="built-in")),
    ("built-in+models/poet", EngineName(source="built-in", adapter="models/poet")),
    ("a b/c.gguf+x", EngineName(source="a b/c.gguf", adapter="x")),
    ("remote:http://[::1]:1/v1#llama3.1:8b", EngineName(source="http://[::1]:1/v1", model="llama3.1:8b")),
])  # fmt: skip
def test_names_are_taken_apart(name, expected):
    assert parse_engine(name) == expected


@pytest.mark.parametrize("name", ["", "llama", "built-in+", "remote:http://x/v1", "remote:ftp://x#m", "remote:#m"])
def test_another_name_shows_what_may_be_written(name):
    with pytest.raises(EngineError, match="write"):
        parse_engine(name)


def test_an_adapter_that_is_not_there_is_replaced_and_it_says_so(tmp_path):
    assert available("built-in+models/nobody")[0] == "built-in"
    assert "models/nobody" in available("built-in+models/nobody")[1]
    (tmp_path / "adapter_config.json").write_text("{}")
    assert available(f"built-in+{tmp_path}") == (f"built-in+{tmp_path}", "")


class Base(ScriptedSampler):
    made: ClassVar[list[str]] = []
    closed: ClassVar[list[str]] = []
    swaps: ClassVar[list[str]] = []

    def __init__(self, source):
        super().__init__(lambda _, request: f"{source}+{self.adapter_digest}")
        self.source = source
        self.made.append(source)

    def use_adapter(self, folder):
        self.swaps.append(str(folder))
        super().use_adapter(folder)

    def close(self):
        self.closed.append(self.source)


@pytest.fixture
def bases(monkeypatch):
    for log in (Base.made, Base.closed, Base.swaps):
        log.clear()
    monkeypatch.setattr(opening.Bases, "_load", lambda self, source: Base(source))
    return Base


def _said(sampler):
    return sampler.sample([REQUEST])[0].text, "".join(sampler.stream(REQUEST))


def test_two_adapters_share_a_base_that_is_loaded_once(bases):
    with open_pair("built-in+a", "built-in+b") as pair:
        assert bases.made == []
        assert _said(pair.educator) == ("built-in+a",) * 2
        assert _said(pair.poet) == ("built-in+b",) * 2
        assert _said(pair.educator) == ("built-in+a",) * 2
    assert (bases.made, bases.swaps, bases.closed) == (["built-in"], ["a", "b", "a"], ["built-in"])


def test_two_models_are_both_kept_or_swapped(bases):
    for one_at_a_time, made in ((False, ["a.gguf", "b.gguf"]), (True, ["a.gguf", "b.gguf", "a.gguf"])):
        bases.made.clear()
        with open_pair("a.gguf", "b.gguf", one_at_a_time=one_at_a_time) as pair:
            for sampler in (pair.educator, pair.poet, pair.educator):
                _said(sampler)
        assert bases.made == made


def test_an_endpoint_that_takes_no_grammar_is_asked_without_one():
    inner = ScriptedSampler(["x", "y"])
    free = WithoutGrammar(inner)
    assert _said(free) == ("x", "y")
    assert {request.grammar for request in inner.requests} == {""}


def test_a_key_is_asked_for_only_where_the_endpoint_is_not_on_this_machine(monkeypatch):
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with (
        open_pair("remote:https://models.invalid/v1#m", "built-in", key="NO_SUCH_KEY") as pair,
        pytest.raises(EngineError, match="NO_SUCH_KEY"),
    ):
        pair.educator.sample([REQUEST])


def test_the_shipped_settings_name_engines_that_can_be_used():
    from workbench.config import load_job
    from workbench.revision.command import CONFIG, ReviseJob

    job = load_job(ReviseJob, ROOT / CONFIG)
    assert {available(name)[0].partition("+")[0] for name in (job.revision.educator, job.revision.poet)} == {"built-in"}
