"""The shelf of models and its tab: what is found, described, tested, refused."""

import json
import time
from pathlib import Path

import pytest

from tests.ui.models_at_hand import rest
from tests.ui.scripted_endpoint import served
from workbench.errors import EngineError, InputError
from workbench.jobs import find_job, start_job
from workbench.storage.atomic import sha256_file
from workbench.studio import fetching
from workbench.studio.models import good_for_bytes
from workbench.ui import exporting, newcomers
from workbench.ui import models as models_tab
from workbench.ui.folders import AppFolders
from workbench.ui.studio import trust


def test_everything_at_hand_is_listed_with_what_it_is_good_for(studio):
    found = {one.title: one for one in studio.catalog.models()}
    assert "shows how everything works" in found["the built-in model"].good_for
    assert found["tiny-poet-Q4_K_M"].good_for.startswith("writes and revises from a brief")
    assert "adapter_model.safetensors" in found["our poet"].trouble
    assert "not there yet" in found["our educator"].trouble
    assert "no *.safetensors" in found["whole"].trouble
    assert next(engine for _, engine in studio.catalog.choices()) == "built-in"


def test_a_passport_is_two_tables_of_text(studio):
    page = models_tab.model_html(studio, str((studio.models / "gguf" / "tiny-poet-Q4_K_M.gguf").resolve()))
    assert "7.389" in page, "perplexity = exp(2 nats a token)"
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


def test_a_file_goes_with_its_passport_and_its_modelfile_and_nothing_else(studio):
    folder = studio.catalog.folder / "gguf"
    (folder / "tiny-poet-Q4_K_M.Modelfile").write_text("FROM tiny-poet-Q4_K_M.gguf\n")
    (folder / "other.Modelfile").write_text("FROM other.gguf\n")
    one = next(each for each in studio.catalog.models() if each.kind == "file")
    models_tab.remove_model(studio, one.engine)
    assert [path.name for path in folder.iterdir()] == ["other.Modelfile"]


def test_an_open_model_is_fetched_checked_and_tested(studio, monkeypatch, tmp_path):
    """From a hub on this machine: half of the file is there already; the second time its bytes are damaged."""
    known = fetching.offered()[0].model
    source = tmp_path / "hub.gguf"
    source.write_bytes(b"GGUF" + bytes(3_000_000))
    tag = {"X-Linked-ETag": f'"{sha256_file(source)}"', "X-Linked-Size": str(source.stat().st_size)}
    repository, _, file = known.gguf.rpartition("/")
    with served({f"/{repository}/resolve/main/{file}": source.read_bytes()}, tag) as url:
        monkeypatch.setenv("HF_ENDPOINT", url)
        part = studio.models / "gguf" / f"{file}.part"
        part.write_bytes(source.read_bytes()[:1_000_000])
        one, whole = fetching.fetched(known, studio.newcomers)
        assert whole.read_bytes() == source.read_bytes()
        studio.newcomers.arrived(one, whole)
        rest(studio, one.engine)
        assert "not listed, for it failed its test" in newcomers.newcomers_html(studio), "zeros are no model"
        studio.newcomers.remove(one.engine)
        assert not list((studio.models / "gguf").glob(f"{file}*"))
        part.write_bytes(b"x" * 1_000_000)
        with pytest.raises(EngineError, match="came damaged"):
            fetching.fetched(known, studio.newcomers)


def test_without_a_network_fetching_says_so(studio, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    known = fetching.offered()[0].model
    fetching.start_fetching(known.id, studio.catalog, studio.queue)
    for _ in range(600):
        if not fetching.is_fetching(known.id, studio.queue):
            break
        time.sleep(0.1)
    page = newcomers.newcomers_html(studio)
    assert "look at the network" in page
    assert "Continue" in page


def test_a_file_that_is_no_model_is_tried_in_a_child_and_refused(studio):
    engine = str((studio.models / "gguf" / "tiny-poet-Q4_K_M.gguf").resolve())
    models_tab.test_model(studio, engine)
    rest(studio, engine)
    page = models_tab.model_html(studio, engine)
    assert "try another conversion" in page
    assert studio.queue.is_alive(), "the process that tried it goes on"


def test_a_model_that_is_not_at_hand_is_not_tested(studio):
    assert "not among the models" in models_tab.test_model(studio, "../../etc/passwd.gguf")


def test_a_run_without_adapter_is_not_exported(studio, tmp_path):
    folders = AppFolders(runs=tmp_path / "runs")
    assert "no adapter yet" in models_tab.export_run(folders, studio, "nobody", "Q8_0")
    assert "wb-bad" in models_tab.export_run(folders, studio, "../x", "Q8_0")
    assert "Choose a run first" in models_tab.export_run(folders, studio, "", "Q8_0")


def test_what_a_model_is_good_for_grows_with_it():
    said = [good_for_bytes(int(gigabytes * 1e9)) for gigabytes in (0.1, 1, 3, 8, 40)]
    assert len(set(said)) == 5


def test_the_shelf_is_plain_data(studio):
    studio.catalog.add_endpoint("http://127.0.0.1:9/v1/", "m")
    data = json.loads(Path(studio.sessions / "endpoints.json").read_text())
    assert data == [{"url": "http://127.0.0.1:9/v1", "model": "m", "key_variable": ""}]


def test_open_models_are_listed_with_what_this_machine_can_do_with_them():
    page = models_tab.fits_html()
    assert "What fits here:" in page
    assert "Qwen3-8B" in page
    assert "answers in" in page


def test_a_describer_is_at_hand_and_offered_as_neither_educator_nor_poet(studio):
    folder = studio.catalog.folder / "describer"
    folder.mkdir()
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (folder / name).write_text("{}")
    (found,) = [one for one in studio.catalog.models() if one.is_describer]
    assert (found.title, found.trouble) == ("our describer", "")
    assert found.engine not in [engine for _, engine in studio.catalog.choices()]
    assert "workbench describe POEM --model" in models_tab.models_html(studio)


def test_an_adapter_of_a_run_goes_over_its_own_base_and_is_called_by_what_it_was_taught(studio, tmp_path):
    base = tmp_path / "foreign"
    base.mkdir()
    (base / "config.json").write_text("{}")
    taught = {"tide": ("improvement", str(base)), "tuned": ("training", "built-in"), "lost": ("improvement", "/gone")}
    for run, (kind, name) in taught.items():
        folder = tmp_path / "runs" / run / "adapters" / "top-1"
        folder.mkdir(parents=True)
        (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": name}))
        (folder / "adapter_model.safetensors").write_text("{}")
        (tmp_path / "runs" / run / "run.json").write_text(json.dumps({"kind": kind, "settings": {"name": "educator"}}))
    found = {one.title: one for one in studio.catalog.models()}
    assert found["tide: top-1"].engine.startswith(f"{base}+")
    assert "no stronger than foreign" in found["tide: top-1"].good_for
    assert found["tuned: top-1"].good_for.startswith("reads drafts")
    assert "not on this machine" in found["lost: top-1"].trouble


def test_an_export_that_left_no_file_has_failed_and_says_why(studio):
    start_job(studio.sessions, "export.nobody", ["export", "nobody", "--quantize", "Q4_K_M"])
    for _ in range(600):
        if not find_job(studio.sessions, "export.nobody").is_alive:
            break
        time.sleep(0.1)
    page = exporting.export_html(studio, "nobody")
    assert "wb-state-failed" in page
    assert "finished" not in page
    assert "Choose Q8_0" in page
    assert "no run" in page


def test_a_model_that_failed_its_test_is_offered_to_nobody(studio):
    (added,) = [studio.catalog.add_endpoint("http://127.0.0.1:9/v1", "m")]
    assert added.engine in [engine for _, engine in trust.usable(studio.catalog, studio.queue)]
    models_tab.test_model(studio, added.engine)
    rest(studio, added.engine)
    assert added.engine not in [engine for _, engine in trust.usable(studio.catalog, studio.queue)]


def test_an_export_that_runs_says_what_it_does_and_how_long_already(studio):
    assert exporting._stage("$ workbench export tide", time.time()).startswith("Reading the run … 0 s so far")
    assert exporting._stage("… merging, converting", time.time() - 125).startswith("Merging, converting … 2 min so far")


def test_what_an_export_left_is_taken_away_by_links(studio):
    links = exporting.files_html(studio.models, "tiny-poet-Q4_K_M")
    names = [f"tiny-poet-Q4_K_M{ending}" for ending in (".gguf", ".passport.json")]
    assert [f'href="models/{name}"' in links for name in names] == [True, True]
    assert "Modelfile" not in links  # there is none
    assert links in models_tab.model_html(studio, str((studio.models / "gguf" / names[0]).resolve()))
    path, kind = exporting.exported_file(studio.models, names[1])
    assert json.loads(path.read_text())["file"] == names[0]
    assert kind == "application/json"


@pytest.mark.parametrize("name", ["../poet/adapter_config.json", "none.gguf", "../../x.gguf", "tiny-poet-Q4_K_M.txt"])
def test_no_other_file_is_taken_away(studio, name):
    with pytest.raises(InputError, match="no model file"):
        exporting.exported_file(studio.models, name)
