"""Any Hugging Face checkpoint, on tiny random ones: sampled, turned into GGUF, scored, taught, improved."""

import json
from dataclasses import replace

import pytest

from tests.education.endpoint import Endpoint, serving
from tests.engines.families import FAMILIES, as_hub_cache, family_checkpoint, thinking_checkpoint
from tests.fakes import ScriptedSampler
from workbench.backtranslation import BacktranslationSettings, Describer
from workbench.config import as_data
from workbench.engines.base_files import cuts_alike, prove_gguf, spells_alike
from workbench.engines.base_model import base_model
from workbench.engines.gguf_header import make_gguf
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.llama.weights import seconds_a_prompt
from workbench.engines.opening import Engines
from workbench.engines.sources import ModelSettings, find_source
from workbench.engines.token_models import open_token_model
from workbench.errors import ConfigError, EngineError
from workbench.improvement.actions import LoopActions
from workbench.improvement.improve import improve
from workbench.improvement.plan import Action
from workbench.improvement.run import new_run
from workbench.improvement.settings import Settings, settings_from
from workbench.prompts.renderers import renderer_for
from workbench.types import (
    Candidate,
    Completion,
    Measurement,
    Message,
    SampleRequest,
    Sampling,
    Score,
    StepRecord,
    content_id,
)
from workbench.writing.rhyme_table import RhymeTable

PROMPT = (Message(role="user", content="a lamp and a door"),)
TARGETS = ("the harbour says it twice", "we kept the kettle for the sake of steam")
VERSES = ("The {0} counts its {1} and finds one short.\n", "A {1} is still a {1} when no one reads,\n",
          "and salt on the {0} is salt on the hand:\n", "what the {0} says it says for the {1}.")  # fmt: skip
THINGS = (("ferry", "rope"), ("kettle", "lamp"), ("door", "hand"), ("harbour", "talk"),
          ("steam", "car"), ("tar", "sake"))  # fmt: skip


@pytest.fixture(scope="module", params=FAMILIES)
def checkpoint(request, tmp_path_factory):
    return family_checkpoint(tmp_path_factory.mktemp(request.param), request.param)


def test_a_family_samples_scores_and_learns(checkpoint):
    settings = LearnerSettings(dtype="float32", lora_rank=4)
    engines = Engines(ModelSettings(source=str(checkpoint), weights="checkpoint"), settings, seed=1)
    request = SampleRequest(prompt=PROMPT, seed=3, sampling=Sampling(max_new_tokens=8))
    (completion,) = engines.sampler.sample([request])
    assert isinstance(completion, Completion)
    items = [engines.renderer.render(PROMPT, target) for target in TARGETS]
    before = engines.learner.score(items)
    steps = [engines.learner.step(items, learning_rate=1e-2) for _ in range(2)]
    after = engines.learner.score(items)
    assert steps[1].loss_nats < steps[0].loss_nats
    assert all(isinstance(score, Score) for score in before)
    assert sum(score.nll_nats for score in after) < sum(score.nll_nats for score in before)
    engines.close()


def test_a_gguf_of_a_family_is_the_same_model_with_the_same_tokens(checkpoint, tmp_path):
    make_gguf(checkpoint, tmp_path / "made.gguf")
    prove_gguf(tmp_path / "made.gguf", checkpoint)
    assert cuts_alike(tmp_path / "made.gguf", checkpoint)


def test_nothing_is_kept_beside_a_folder_of_ones_own(tmp_path):
    folder, cache = family_checkpoint(tmp_path / "theirs" / "model", "qwen2"), tmp_path / "cache"
    opened = open_token_model(str(folder), settings=ModelSettings(cache=str(cache)))
    RhymeTable(opened.model, memory=opened.memory)
    opened.model.close()
    assert [path.name for path in folder.parent.iterdir()] == ["model"]
    assert [path.parent.parent for path in cache.rglob("closers-*.json")] == [cache]


def test_a_model_of_few_words_is_measured_too(tmp_path):
    make_gguf(family_checkpoint(tmp_path / "llama", "llama"), tmp_path / "few.gguf")
    assert seconds_a_prompt(tmp_path / "few.gguf", threads=1) > 0


def test_a_tokenizer_that_transformers_read_out_of_a_gguf_is_spelt_in_bytes(tmp_path):
    folder = family_checkpoint(tmp_path / "llama", "llama")
    definition = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    definition["model"]["byte_fallback"] = True  # as it is written there for every kind
    (folder / "tokenizer.json").write_text(json.dumps(definition), "utf-8")
    make_gguf(folder, tmp_path / "made.gguf")
    assert spells_alike(tmp_path / "made.gguf", folder)


def test_a_gguf_with_other_words_is_not_believed(tmp_path, monkeypatch):
    folder = family_checkpoint(tmp_path / "llama", "llama")
    monkeypatch.setattr("workbench.engines.gguf_header.joins_bytes", lambda _: False)
    make_gguf(folder, tmp_path / "made.gguf")
    with pytest.raises(EngineError, match="spells its tokens otherwise"):
        prove_gguf(tmp_path / "made.gguf", folder)


def test_a_gguf_of_another_model_is_not_believed(tmp_path):
    one, other = (family_checkpoint(tmp_path / name, name) for name in ("qwen2", "llama"))
    make_gguf(one, tmp_path / "made.gguf")
    with pytest.raises(EngineError, match="another model"):
        prove_gguf(tmp_path / "made.gguf", other)


def test_rows_in_the_wrong_order_are_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.engines.gguf_checkpoint._ROTATES_NEIGHBOURS", ())
    folder = family_checkpoint(tmp_path / "llama", "llama")
    make_gguf(folder, tmp_path / "made.gguf")
    with pytest.raises(EngineError, match="nats a token apart"):
        prove_gguf(tmp_path / "made.gguf", folder)


def test_a_hub_id_is_taken_from_the_cache_and_fetched_only_where_allowed(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    as_hub_cache(family_checkpoint(tmp_path / "tiny", "llama"), tmp_path / "hub", "org/tiny")
    found = find_source(ModelSettings(source="org/tiny"))
    assert (found / "config.json").is_file()
    base = base_model(ModelSettings(source="org/tiny", weights="checkpoint"))
    assert (base.name[:5], base.gguf_file) == ("tiny-", None)
    with pytest.raises(EngineError, match=r"not on this machine; set model\.allow_download=true"):
        find_source(ModelSettings(source="org/other"))


def test_half_a_download_is_not_taken_for_a_model(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    folder = family_checkpoint(tmp_path / "tiny", "llama")
    index = '{"weight_map": {"a": "model.safetensors", "b": "model-00002.safetensors"}}'
    (folder / "model.safetensors.index.json").write_text(index)
    as_hub_cache(folder, tmp_path / "hub", "org/tiny")
    with pytest.raises(EngineError, match="allow_download"):
        find_source(ModelSettings(source="org/tiny"))


def test_the_kind_is_found_from_the_template_and_can_be_set(tmp_path):
    folder = thinking_checkpoint(tmp_path)
    assert renderer_for(folder).name == "thinking"
    engines = Engines(ModelSettings(source=str(folder), kind="base"), LearnerSettings(), seed=1)
    assert engines.renderer.name == "base"


def settings_for(folder, root, **model: str) -> Settings:
    (root / "poems").mkdir()
    for first, second in THINGS:
        (root / "poems" / f"{first}.txt").write_text("".join(verse.format(first, second) for verse in VERSES))
    changes = {
        "runs": str(root / "runs"),
        "model": {"source": str(folder), "cache": str(root / "cache"), **model},
        "corpus": {"poems": str(root / "poems"), "held_out": 0.34},
        "backtranslation": {"n_candidates": 4, "words": 10, "max_new_tokens": 40, "min_words": 1, "retries": 1,
                            "keep_endless": True},
        "scoring": {"others": 1},
        "selection": {"top_k": 1},
        "learner": {"lora_rank": 4, "dtype": "float32"},
        "improvement": {"iterations": 1, "poems_per_batch": 4, "evals_per_iteration": 1, "saves_per_iteration": 1},
        "evaluation": {"n_candidates": 1, "arms": ["top"]},
    }  # fmt: skip
    data = as_data(Settings())
    for section, values in changes.items():
        data[section] = {**data[section], **values} if isinstance(values, dict) else values
    return settings_from(data)


@pytest.mark.parametrize(("family", "weights"), [
    ("llama", "bf16"), ("qwen3", "checkpoint"), ("gemma3_text", "checkpoint"), ("phi3", "bf16"),
])  # fmt: skip
def test_the_loop_runs_from_a_folder_alone_to_its_report(family, weights, tmp_path):
    folder = family_checkpoint(tmp_path / "model", family, repeats=True)
    with new_run(settings_for(folder, tmp_path, weights=weights)) as run:
        improve(run.loop())
        run.report()
        assert run.run.records.all(Candidate)
        assert {measurement.iteration for measurement in run.run.records.all(Measurement)} == {0, 1}
        assert (run.run.folder / "report.md").is_file()


def test_a_model_that_thinks_has_room_for_its_thoughts(tmp_path):
    settings = BacktranslationSettings(max_new_tokens=100)
    for folder, room in (
        (thinking_checkpoint(tmp_path / "a"), 4196),
        (family_checkpoint(tmp_path / "b", "llama"), 100),
    ):
        renderer = renderer_for(folder)
        describer = Describer(sampler=ScriptedSampler([]), renderer=renderer, settings=settings, seed=1)
        assert describer.sampling.max_new_tokens == room


def test_another_engine_writes_and_the_loop_scores_and_trains(tmp_path):
    answer = "A lamp is left on in the harbour and the ferry counts its rope twice."
    with serving(Endpoint(answer=lambda question: f"{answer} {len(question)}.")) as endpoint:
        folder = family_checkpoint(tmp_path / "model", "llama", repeats=True)
        settings = settings_for(folder, tmp_path, sampler=f"{endpoint.url}#far")
        with new_run(settings) as run:
            actions = LoopActions(run.loop())
            ids = tuple(poem.id for poem in run.training[:2])
            actions.learner.reset(1)
            actions.describe(Action(kind="describe", iteration=1, poem_ids=ids))
            actions.train(Action(kind="train", iteration=1, poem_ids=ids, step=1, total=1))
            actions.refresh(Action(kind="refresh", iteration=1), 3)
            written, steps = (run.run.records.all(kind) for kind in (Candidate, StepRecord))
    assert len(steps) == 1
    assert {candidate.model for candidate in written} == {content_id("remote", endpoint.url, "far")}
    assert endpoint.keys == {""}  # an endpoint on this machine is sent no key


def test_a_describer_that_keeps_its_weights_cannot_be_the_one_that_is_taught(tmp_path):
    settings = settings_for(family_checkpoint(tmp_path / "model", "llama"), tmp_path, sampler="ollama:far")
    with (
        pytest.raises(ConfigError, match=r"training\.task=both.*model\.sampler"),
        new_run(replace(settings, training=replace(settings.training, task="both"))),
    ):
        pass
