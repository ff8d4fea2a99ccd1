"""Endpoints in the app: refused, tested, listed, and a key that is in memory alone."""

import json
import os
import threading
from pathlib import Path

import pytest

from tests.ui.models_at_hand import rest
from tests.ui.scripted_endpoint import Script, endpoint, served
from workbench.errors import InputError
from workbench.jobs import find_job
from workbench.studio.models import ModelCatalog
from workbench.studio.queue import JOB
from workbench.ui import models as models_tab
from workbench.ui import newcomers

CANARY = "sk-canary-1234567890"


@pytest.mark.parametrize(
    ("url", "model", "key", "said"),
    [
        ("http://127.0.0.1:1/v1", "m", CANARY, "never the key"),
        (f"http://me:{CANARY}@127.0.0.1/v1", "m", "", "keys and passwords out"),
        ("file:///etc/passwd", "m", "", "write an address"),
        ("http://127.0.0.1:1/v1", "", "", "write an address"),
        ("http://127.0.0.1:1/v1", "a b", "", "no spaces"),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused_and_no_key_is_kept(studio, url, model, key, said):
    page = newcomers.try_endpoint(studio, url, model, "", key)
    assert said in page
    assert CANARY not in page
    kept = [
        path for path in studio.sessions.rglob("*") if path.is_file() and CANARY in path.read_text("utf-8", "replace")
    ]
    assert kept == []


def test_an_endpoint_elsewhere_says_that_poems_leave(studio):
    studio.catalog.add_endpoint("https://api.example.org/v1", "big", "BIG_KEY")
    one = studio.catalog.find("remote:https://api.example.org/v1#big")
    assert "what you write goes there" in one.good_for
    assert "set BIG_KEY in the environment" in one.trouble
    models_tab.remove_model(studio, one.engine)
    with pytest.raises(InputError):
        studio.catalog.find(one.engine)


def test_a_damaged_list_of_endpoints_is_no_endpoint(tmp_path):
    (tmp_path / "endpoints.json").write_text("[1")
    assert ModelCatalog(tmp_path / "models", sessions=tmp_path).endpoints() == []


def test_an_endpoint_is_listed_when_it_has_answered_and_not_before(studio):
    script = Script({"m": ["The lamp stays on.\nNobody comes."]}, hold=threading.Event())
    with endpoint(script) as url:
        assert "asked for four lines" in newcomers.try_endpoint(studio, url, "m")
        engine = f"remote:{url}#m"
        assert engine not in [one.engine for one in studio.catalog.models()]
        assert "m at" in newcomers.newcomers_html(studio)
        script.hold.set()
        rest(studio, engine)
        assert "✓ it answers" in models_tab.models_html(studio)
        assert "The lamp stays on." in models_tab.model_html(studio, engine)
        assert newcomers.newcomers_html(studio) == ""


def test_an_endpoint_that_fails_its_test_is_not_listed_and_says_why(studio):
    newcomers.try_endpoint(studio, "http://127.0.0.1:9/v1", "m")
    engine = "remote:http://127.0.0.1:9/v1#m"
    rest(studio, engine)
    page = newcomers.newcomers_html(studio)
    assert "not listed, for it failed its test" in page
    assert "Test again" in page
    assert engine not in [one.engine for one in studio.catalog.models()]
    assert "removed" in newcomers.settle_one(studio, "remove", engine)
    assert newcomers.newcomers_html(studio) == ""


def test_a_typed_key_is_in_memory_alone_and_reaches_the_models(studio, monkeypatch):
    with pytest.raises(InputError, match="https"):
        studio.newcomers.keep_key("http://api.example.org/v1", CANARY)
    variable = studio.newcomers.keep_key("https://api.example.org/v1", CANARY)
    monkeypatch.setenv(variable, os.environ[variable])  # taken out again at the end
    studio.catalog.add_endpoint("https://api.example.org/v1", "big", variable)
    assert studio.catalog.find("remote:https://api.example.org/v1#big").trouble == ""
    studio.queue.ask("any", {"kind": "test", "engine": "built-in+/nowhere"})
    environment = Path(f"/proc/{find_job(studio.sessions, JOB).process}/environ").read_bytes()
    assert f"{variable}={CANARY}".encode() in environment
    assert CANARY not in "".join(path.read_text("utf-8", "replace") for path in studio.sessions.rglob("*.*"))
    monkeypatch.delenv(variable)
    assert "one session only" in studio.catalog.find("remote:https://api.example.org/v1#big").trouble


def test_ollama_is_found_with_its_models_and_its_absence_is_one_line(monkeypatch):
    has = {"models": [{"name": "small", "size": 1}, {"name": "big", "size": 9}]}
    with served({"/api/tags": json.dumps(has).encode()}) as url:
        monkeypatch.setenv("OLLAMA_HOST", url.removeprefix("http://"))
        said, found, take = newcomers.look_for_ollama()
        assert "with 2 models" in said
        assert [name for _, name in found.choices] == ["big", "small"]
        assert take.visible
    said, found, _ = newcomers.look_for_ollama()
    assert "no Ollama answers" in said
    assert found.choices == []
