"""The grammar of engine names; the disk is looked at by `resolve` and `available` alone."""

import json

import pytest

from workbench.engines.names import EngineName, available, base_of_adapter, is_local, parse_engine, resolve
from workbench.errors import EngineError

NAMES = {
    "built-in": EngineName(kind="built-in", source="built-in"),
    "built-in+models/poet": EngineName(kind="built-in", source="built-in", adapter="models/poet"),
    "a b/c.gguf+x": EngineName(kind="gguf", source="a b/c.gguf", adapter="x"),
    "odd+name.gguf": EngineName(kind="gguf", source="odd+name.gguf"),
    "models/mine": EngineName(kind="checkpoint", source="models/mine"),
    "org/name+models/x": EngineName(kind="checkpoint", source="org/name", adapter="models/x"),
    "remote:http://[::1]:1/v1#llama3.1:8b": EngineName(kind="remote", source="http://[::1]:1/v1", model="llama3.1:8b"),
    "https://x.example/v1#m": EngineName(kind="remote", source="https://x.example/v1", model="m"),
    "ollama:qwen3:8b": EngineName(kind="remote", source="http://127.0.0.1:11434/v1", model="qwen3:8b"),
    "transformers:/models/x": EngineName(kind="transformers", source="/models/x"),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_taken_apart(name):
    assert parse_engine(name) == NAMES[name]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_put_together_again_is_the_same_engine(name):
    assert parse_engine(str(parse_engine(name))) == NAMES[name]


@pytest.mark.parametrize("name", ["", " ", "built-in+", "+x", "remote:http://x/v1", "remote:ftp://x#m", "remote:#m",
                                  "http://[::1#m"])  # fmt: skip
def test_another_name_shows_what_may_be_written(name):
    with pytest.raises(EngineError, match="write"):
        parse_engine(name)


@pytest.mark.parametrize(("url", "expected"), [
    ("http://127.0.0.1:11434/v1", True), ("http://localhost/v1", True), ("http://[::1]:8080", True),
    ("http://127.0.0.1.example.org/v1", False), ("https://localhost.example/v1", False), ("http://u@evil/v1", False),
    ("http://127.0.0.1@evil.example/v1", False),
])  # fmt: skip
def test_an_endpoint_is_local_by_its_parsed_host(url, expected):
    assert is_local(url) is expected


def test_an_adapter_that_is_not_there_is_replaced_and_it_says_so(tmp_path):
    assert available("built-in+models/nobody")[0] == "built-in"
    assert "models/nobody" in available("built-in+models/nobody")[1]
    (tmp_path / "adapter_config.json").write_text("{}")
    assert available(f"built-in+{tmp_path}") == (f"built-in+{tmp_path}", "")


def test_a_word_that_is_no_folder_is_no_engine():
    with pytest.raises(EngineError, match="no such engine"):
        resolve("llama")


@pytest.mark.parametrize(("base", "expected"), [
    ("smollm2-135m-instruct", "built-in"), ("/x/models/base/smollm2-135m-instruct/checkpoint", "built-in"),
    ("org/name", "org/name"), ("", "built-in"),
])  # fmt: skip
def test_an_adapters_folder_goes_over_the_base_that_it_names(tmp_path, base, expected):
    (tmp_path / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": base}))
    assert base_of_adapter(tmp_path) == expected
    assert str(resolve(str(tmp_path))) == f"{expected}+{tmp_path}"


def test_an_adapter_whose_base_is_gone_says_which(tmp_path):
    (tmp_path / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "/gone/model"}))
    with pytest.raises(EngineError, match=r"/gone/model.*BASE\+"):
        resolve(str(tmp_path))
