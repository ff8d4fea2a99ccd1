"""Tiny checkpoints of eight families, the rest of the way: write, revise, compose, describe, export, serve.

Sampling, scoring, two steps of learning and the loop are in `tests/engines/test_families.py`. Here each step is the
command that a person types. What it does in child processes is done in this one, since a start costs more than the work
(`tests/export` starts them); the server's model has a process of its own. The weights are random, so what they write is
nonsense: whatever keeps a form is the search's doing, and what is not a poem is said in one line.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from starlette.testclient import TestClient
from typer.testing import CliRunner

from tests.engines.families import FAMILIES, family_checkpoint
from tests.tiny_exports import tiny_adapter
from workbench.cli import app
from workbench.config import load_job
from workbench.corpus.load import load_poems
from workbench.engines.base_files import make_base_files
from workbench.engines.exporting.export_files import make_export_files, merge_adapter
from workbench.engines.exporting.gguf_measurement import measure_gguf
from workbench.engines.exporting.measurement import measure_trained
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.opening import Engines
from workbench.engines.sources import ModelSettings
from workbench.engines.token_models import open_token_model
from workbench.export.adapters import ExportJob, find_source
from workbench.export.passport import is_done, read_passport
from workbench.export.texts import questions
from workbench.places import HOME_VARIABLE, ROOT
from workbench.prosody import check_form
from workbench.selection.select import SelectionSettings
from workbench.server.app import build_app
from workbench.server.settings import ServedModelSettings, ServeSettings
from workbench.types import Rendered, Score

pytestmark = pytest.mark.model

WHOLE = tuple(name for name in FAMILIES if name != "gemma2")  # random, it repeats one mark without end
EXPORT = "n_texts: 6\nn_calibration: 2\n"
SHORT = ("brief", "draft", "critique", "revise")


@dataclass(frozen=True, kw_only=True)
class Case:
    """A family's model and an adapter on it, and a home for what is made of them."""

    home: Path
    model: Path
    adapter: Path

    @property
    def taught(self) -> str:
        return f"{self.model}+{self.adapter}"


def in_this_process(module: str, *arguments: str | Path, about: Path, seconds: float | None = None) -> str:
    """What `run_module` has done by a child process."""
    paths: list[Any] = [Path(each) if each else None for each in arguments]
    match module.rpartition(".")[2], len(arguments):
        case "base_files", _:
            make_base_files(paths[0], paths[1])
        case "export_files", 4:
            merge_adapter(paths[1], paths[2], paths[3])
        case "export_files", _:
            make_export_files(*paths[:3], target=paths[3], kind=str(arguments[4]), texts=str(arguments[5]))
        case "measurement", _:
            measure_trained(*paths[:3], merged=paths[3])
        case "gguf_measurement", _:
            measure_gguf(paths[0], paths[2], prefix=str(arguments[1]), adapter=paths[3], merged=paths[4])
        case unknown:
            raise AssertionError(unknown)
    return ""


@pytest.fixture(scope="module", autouse=True)
def one_process() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        for place in ("engines.base_model", "export.export", "export.passport"):
            patch.setattr(f"workbench.{place}.run_module", in_this_process)
        yield patch


@pytest.fixture(scope="module")
def words() -> list[str]:
    """Of our own poems, each with the space before it."""
    return [word for poem in load_poems(ROOT / "data/poems/good") for word in re.findall(r"\n| ?\S+", f" {poem.text}")]


@pytest.fixture(scope="module", params=WHOLE)
def case(
    request: Any, words: list[str], one_process: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Case:
    home = tmp_path_factory.mktemp(request.param)
    one_process.setenv(HOME_VARIABLE, str(home))
    model = family_checkpoint(home / "model", request.param, words=words)
    return Case(home=home, model=model, adapter=tiny_adapter(model, home / "adapter"))


def command(*said: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in said])


def test_a_haiku_is_written_and_keeps_its_form(case: Case) -> None:
    done = command("write", "a kettle", "--form", "haiku", "--model", case.model, "--json")
    assert done.exit_code == 0, done.output
    poem = json.loads(done.stdout)
    assert check_form(poem["text"], "haiku").passed, poem["text"]
    assert (poem["is_enforced"], poem["model"]) == (True, str(case.model))


def test_a_poem_is_revised_only_where_it_was_asked(case: Case) -> None:
    short = [f"--set=revision.sampling.{kind}.max_new_tokens=120" for kind in SHORT]
    both = ("--educator", case.model, "--poet", case.model, "--max-revisions", "1", "--direction", "change only line 2")
    told = ("--set=revision.min_revisions=1", "--set=revision.final_note=false", *short)
    done = command("revise", "a haiku about a kettle", *both, *told, "--json")
    assert done.exit_code == 0, done.output
    trace = json.loads(done.stdout)
    assert trace["stop"] in ("limit", "approved")
    drafts = [one["draft"]["text"] for one in trace["rounds"]]
    assert [check_form(text, "haiku").passed for text in drafts] == [True, True]
    before, after = (text.split("\n") for text in drafts)
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, True]
    assert all(one["critique"]["strongest"]["note"] for one in trace["rounds"])


def test_what_is_composed_is_measured_or_one_line_says_why_it_is_not_a_poem(case: Case) -> None:
    done = command("compose", "a ferry in fog", "--model", case.taught, "-n", "2", "--json")
    tries = json.loads(done.stdout)["tries"]
    assert len(tries) == 2
    assert all(one["raw"] and bool(one["problem"]) == (one["given_back"] is None) for one in tries)
    assert done.exit_code == (0 if tries[0]["rank"] == 1 else 3), done.output
    refused = re.fullmatch(r"no answer is a poem \(.*\); try another --seed, or more --tries\n", done.stderr)
    assert bool(refused) == (done.exit_code == 3)


def test_a_poem_is_described_with_its_evidence(case: Case) -> None:
    done = command("describe", "Marking", "--model", case.taught, "-n", "2", "--json")
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert record["description"] == record["candidates"][0]["description"] != ""
    assert len(record["candidates"]) >= 2
    assert isinstance(record["candidates"][0]["gain"], float)
    assert 1 <= record["identified"]["place"] <= record["identified"]["n_poems"] == 5


def test_an_export_passes_and_sampler_scorer_and_export_agree(case: Case) -> None:
    (case.home / "export.yaml").write_text(EXPORT)
    settings = ("--config", case.home / "export.yaml", "--out", case.home / "out", "--quantize", "Q8_0")
    done = command("export", case.adapter, "--model", case.model, *settings)
    assert done.exit_code == 0, done.output
    (file,) = (case.home / "out").glob("*.gguf")
    assert is_done(file, file.with_suffix(".passport.json"))
    forms = read_passport(file.with_suffix(".passport.json")).forms
    losses = {form.name: form.nll_nats / form.n_tokens for form in forms}
    source = find_source(str(case.adapter), load_job(ExportJob, case.home / "export.yaml", []), runs=case.home,
                         model=str(case.model))  # fmt: skip
    asked = questions(case.model, source.held_out, ()).rendered
    losses |= {"scorer": scorer_loss(case, asked), "sampler": sampler_loss(case, asked)}
    assert max(losses.values()) - min(losses.values()) < SelectionSettings().noise_floor, losses


def scorer_loss(case: Case, asked: Sequence[Rendered]) -> float:
    """Nats a token by the learner, over the base with the adapter merged in it."""
    engines = Engines(ModelSettings(source=case.taught), LearnerSettings(dtype="float32", lora_rank=1), seed=1)
    scores = engines.learner.score(asked)
    engines.close()
    assert all(isinstance(score, Score) for score in scores)
    return sum(score.nll_nats for score in scores) / sum(len(each.target_ids) for each in asked)


def sampler_loss(case: Case, asked: Sequence[Rendered]) -> float:
    """The same by llama.cpp, over the base's GGUF with the adapter beside it."""
    model, nats = open_token_model(case.taught).model, 0.0
    for each in asked:
        ids, first = [*each.context_ids, *each.target_ids], len(each.context_ids)
        model.open(1, len(ids))
        rows = model.read([(0, token, place) for place, token in enumerate(ids[:-1])])
        nats -= sum(float(rows[place - 1, ids[place]]) for place in range(first, len(ids)))
    model.close()
    return nats / sum(len(each.target_ids) for each in asked)


def test_the_server_answers_what_clients_send(case: Case) -> None:
    models = {"base": ServedModelSettings(), "taught": ServedModelSettings(adapter=str(case.adapter))}
    settings = ServeSettings(model=ModelSettings(source=str(case.model)), threads=1, models=models)
    asked = {"messages": [{"role": "user", "content": "Name one sea."}], "stream": False,
             "options": {"temperature": 0, "num_predict": 6}}  # fmt: skip
    with TestClient(build_app(settings), base_url="http://127.0.0.1") as client:
        said = [client.post("/api/chat", json=body) for body in (asked, asked | {"model": "taught"})]
    assert [each.status_code for each in said] == [200, 200]
    base, taught = (each.json() for each in said)
    assert base["message"]["content"]
    assert taught["message"]["content"] not in ("", base["message"]["content"])
    assert (base["done"], base["eval_count"], base["model"], taught["model"]) == (True, 6, "base", "taught")


def test_without_a_gguf_no_line_is_searched_for_and_the_reason_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    model = family_checkpoint(tmp_path / "model", "granite")
    done = command("write", "a kettle", "--form", "haiku", "--model", model)
    assert done.exit_code == 3
    assert re.search(r"verified writing reads a GGUF, and there is none of this model \(.*'granite'", done.stderr)
    assert len(done.stderr.strip().splitlines()) == 1
