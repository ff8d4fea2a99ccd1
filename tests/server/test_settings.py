"""config/serve.yaml and what it offers."""

import logging
from pathlib import Path

import pytest

from tests.engines.families import family_checkpoint
from workbench.config import as_data
from workbench.engines.sources import ModelSettings
from workbench.errors import ConfigError
from workbench.improvement.settings import Settings
from workbench.places import ROOT
from workbench.server import ollama_api
from workbench.server.settings import (
    ServedModelSettings,
    ServeSettings,
    base_facts,
    load_serve_settings,
    of_run,
    served_models,
)
from workbench.storage.runs import Run


def written(folder: Path, text: str) -> Path:
    path = folder / "serve.yaml"
    path.write_text(text)
    return path


def test_the_shipped_file_is_complete_and_says_the_defaults() -> None:
    settings = load_serve_settings(ROOT / "config" / "serve.yaml")
    assert list(settings.models) == ["base", "educator", "poet", "rhyme_poet"]
    assert (settings.host, settings.port, settings.limits) == ("127.0.0.1", 11435, ServeSettings().limits)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot: 1", "unknown setting 'prot'; did you mean 'port'"),
        ("port: high", "port: "),
        ("limits: {wait: 1}", "did you mean 'waiting'"),
        ("models: {poet: {adaptor: x}}", "unknown setting 'models.poet.adaptor'; did you mean 'adapter'"),
        ("models: {../poet: {}}", "is not a usable name"),
        ("models: {Poet: {}}", "is not a usable name"),
        ("models: [poet]", "models: "),
        ("models: {poet: 3}", "poet"),
        ("models: {poet: }", "poet"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_serve_settings(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_name_without_its_adapter_is_left_out_with_a_line(caplog: pytest.LogCaptureFixture) -> None:
    settings = ServeSettings(
        models={"base": ServedModelSettings(), "poet": ServedModelSettings(adapter="models/not-there")}
    )
    with caplog.at_level(logging.WARNING):
        assert list(served_models(settings)) == ["base"]
    assert caplog.messages == ["poet is left out: no adapter in models/not-there"]


def test_what_a_run_taught_is_served_with_the_system_message_of_its_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    with Run.create(Path("data/runs"), "tide", {"settings": as_data(Settings())}) as run:
        run.records.note("saved", text="saved")
        adapter = run.adapter_folder("top-1")
        adapter.mkdir(parents=True)
        for name in ("adapter_config.json", "adapter_model.safetensors"):
            (adapter / name).write_text("{}")
    models = served_models(of_run(ServeSettings(), "tide"))
    assert {name: model.system for name, model in models.items()} == {"tide": "You are a poet.", "base": ""}
    own = ServeSettings(models={"tide": ServedModelSettings(run="tide", persona="mentor_short")})
    assert served_models(own)["tide"].system.startswith("You are")
    assert served_models(own)["tide"].system != "You are a poet."


def test_a_hugging_face_folder_is_listed_with_its_size_and_family(tmp_path: Path) -> None:
    folder = family_checkpoint(tmp_path / "tiny", "qwen2")
    settings = ServeSettings(model=ModelSettings(source=str(folder)))
    (model,) = served_models(settings).values()
    assert model.size_bytes == (folder / "model.safetensors").stat().st_size
    shown = ollama_api.shown(model, base_facts(settings.model), 512)
    assert (shown["details"]["format"], shown["details"]["family"]) == ("safetensors", "qwen2")
    assert shown["model_info"]["qwen2.context_length"] == 512
    assert "<|im_start|>" in shown["template"]


def test_nothing_to_serve_is_said() -> None:
    with pytest.raises(ConfigError, match="no model can be served"):
        served_models(ServeSettings(models={"poet": ServedModelSettings(adapter="models/not-there")}))
