"""config/serve.yaml and what it offers."""

import logging
from pathlib import Path

import pytest

from workbench.errors import ConfigError
from workbench.places import ROOT
from workbench.server.settings import ServedModelSettings, ServeSettings, load_serve_settings, served_models


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


def test_nothing_to_serve_is_said() -> None:
    with pytest.raises(ConfigError, match="no model can be served"):
        served_models(ServeSettings(models={"poet": ServedModelSettings(adapter="models/not-there")}))
