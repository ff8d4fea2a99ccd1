from typing import ClassVar

import pytest

from tests.fakes import ScriptedSampler
from workbench.engines import endpoint
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.names import EngineName, available
from workbench.engines.opening import ENGINES, Engines, Kind, Options, kind_of, open_sampler
from workbench.engines.pair import open_pair
from workbench.engines.protocols import Can
from workbench.engines.remote import RemoteSampler
from workbench.engines.shared_bases import WithoutGrammar, free_of_grammar
from workbench.engines.sources import ModelSettings
from workbench.errors import ConfigError, EngineError
from workbench.places import ROOT
from workbench.types import Message, SampleRequest

REQUEST = SampleRequest(prompt=(Message(role="user", content="r"),), seed=1, grammar='root ::= "x"')


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
    kind = Kind(can=Can(samples=True, grammar=True, adapters=True), sampler=lambda name, _: Base(name.source))
    for name in ("built-in", "gguf"):
        monkeypatch.setitem(ENGINES, name, kind)
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


def test_an_engine_that_follows_a_grammar_is_asked_with_it():
    inner = ScriptedSampler(["x"])
    assert free_of_grammar(inner) is inner


def test_a_key_is_asked_for_only_where_the_endpoint_is_not_on_this_machine(monkeypatch, tmp_path):
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    monkeypatch.setattr(endpoint, "DOTENV", tmp_path / ".env")
    with pytest.raises(EngineError, match=r"models\.invalid.*NO_SUCH_KEY"):
        open_pair("remote:https://models.invalid/v1#m", "built-in", key="NO_SUCH_KEY")
    open_pair("ollama:m", "built-in", key="NO_SUCH_KEY").close()


def test_a_key_is_found_in_the_dotenv_file(monkeypatch, tmp_path):
    monkeypatch.setenv("DOTENV_KEY", "")
    monkeypatch.setattr(endpoint, "DOTENV", tmp_path / ".env")
    (tmp_path / ".env").write_text("# keys\nexport DOTENV_KEY='k-1'\n")
    assert endpoint.key_variable("https://models.invalid/v1", "DOTENV_KEY") == "DOTENV_KEY"


def test_a_kind_that_is_not_in_the_table_names_those_that_are():
    with pytest.raises(EngineError, match="there are built-in, gguf"):
        open_sampler("sglang:tiny")


def test_an_engine_is_added_by_one_line(monkeypatch):
    monkeypatch.setitem(
        ENGINES, "scripted", Kind(can=Can(samples=True), sampler=lambda n, _: ScriptedSampler([n.source]))
    )
    assert open_sampler("scripted:hello").sample([REQUEST])[0].text == "hello"


def test_an_engine_that_takes_no_adapter_refuses_one_by_name():
    with pytest.raises(EngineError, match=r"'remote' takes no adapter \(models/poet\)"):
        open_sampler("ollama:m+models/poet")


def test_what_cannot_be_taught_is_refused_as_the_model():
    engines = Engines(ModelSettings(source="ollama:m"), LearnerSettings(), seed=1)
    with pytest.raises(EngineError, match=r"model\.sampler"):
        _ = engines.learner


def test_a_setting_that_would_do_nothing_is_an_error():
    for model in (ModelSettings(sampler="ollama:m", weights="bf16"), ModelSettings(sampler_key="X"),
                  ModelSettings(sampler="ollama:m", engine="vllm"),
                  ModelSettings(sampler="built-in", sampler_key="X")):  # fmt: skip
        with pytest.raises(ConfigError, match="leave"):
            Engines(model, LearnerSettings(), seed=1)


def test_every_line_of_the_table_says_what_it_can():
    assert all(kind.can.samples for kind in ENGINES.values())
    assert {name for name, kind in ENGINES.items() if kind.can.learns} == {
        name for name, kind in ENGINES.items() if kind.learner
    }
    assert kind_of(EngineName(kind="remote", source="http://x", model="m")).can == RemoteSampler.can


def test_an_option_of_an_endpoint_reaches_it():
    sampler = open_sampler("ollama:m", Options(retries=9, seconds=7))
    assert (sampler._retries, sampler._endpoint._seconds) == (9, 7)


def test_the_shipped_settings_name_engines_that_can_be_used():
    from workbench.config import load_job
    from workbench.revision.command import CONFIG, ReviseJob

    job = load_job(ReviseJob, ROOT / CONFIG)
    assert {available(name)[0].partition("+")[0] for name in (job.revision.educator, job.revision.poet)} == {"built-in"}
