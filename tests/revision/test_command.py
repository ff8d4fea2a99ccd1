import json

import pytest
from typer.testing import CliRunner

from tests.fakes import ScriptedSampler
from tests.revision.scripts import APPROVE, BRIEF, FIRST, NOTE, REVISE, SECOND
from workbench.cli import app
from workbench.engines.pair import Pair
from workbench.errors import EngineError
from workbench.revision import command


class Voice(ScriptedSampler):
    """Breaks where its script ends."""

    def __init__(self, answers):
        super().__init__(list(answers))
        self._n = len(answers)

    def stream(self, request, **options):
        if len(self.requests) == self._n:
            raise EngineError("the model is gone")
        yield from super().stream(request, **options)


@pytest.fixture
def run(monkeypatch, tmp_path):
    """The command with scripted models: run(educator's answers, poet's answers, *arguments)."""

    def run_command(said, poet, *arguments, educator="ollama:mentor", **options):  # no record says what it approves
        pair = Pair(Voice(said), Voice(poet), close=lambda: None)
        monkeypatch.setattr(command, "open_pair", lambda *_, **__: pair)
        own = ["--educator", educator, "--set", f"sessions={tmp_path}/s"]
        return CliRunner().invoke(app, ["revise", *own, *arguments], **options)

    return run_command


FREE = ("--set", "revision.changes=free")  # the poet writes a whole draft, and no line is searched for


def test_a_session_reads_as_a_transcript(run):
    done = run([BRIEF, REVISE, APPROVE, NOTE], [FIRST, SECOND], "a railway station", *FREE)
    assert done.exit_code == 0, done.output
    for shown in ("a tailor's workroom", "Draft 1", "Line 2, padding: thin. Try this: cut it.", "- the dust goes",
                  "+ a broom with three teeth left,", "asked for, 1: done.", "The poem has found its shape.", NOTE,
                  "the educator approved the poem", "--resume railway-station"):  # fmt: skip
        assert shown in done.output
    assert "VERDICT" not in done.output


def test_json_is_one_object_and_nothing_else(run):
    done = run([BRIEF, REVISE, APPROVE, NOTE], [FIRST, SECOND], "a railway station", "--json", *FREE)
    trace = json.loads(done.stdout)
    assert (trace["stop"], len(trace["rounds"])) == ("approved", 2)
    assert trace["rounds"][1]["responses"][0]["outcome"] == "done"


def test_a_session_goes_on_where_an_engine_broke(run):
    broken = run([BRIEF], [FIRST], "a railway station")
    assert broken.exit_code == 3
    done = run([APPROVE, NOTE], [], "--resume", "railway-station")
    assert done.exit_code == 0, done.output
    assert "The best draft: 1" in done.output
    assert "railway-station" in run([], [], "--list").output


def test_lines_are_chosen_by_key(run):
    done = run([BRIEF, REVISE, APPROVE, NOTE], [FIRST, SECOND], "a railway station", "--choose", input="\nr\nr\n\n")
    assert "Draft 3 (yours)" in done.output, done.output


def test_max_revisions_is_a_limit(run):
    done = run([BRIEF, REVISE, NOTE], [FIRST], "a station", "--max-revisions", "0", "--json")
    assert json.loads(done.stdout)["stop"] == "limit"


@pytest.mark.parametrize(("arguments", "said"), [
    ([], "say what the poem is to be"),
    (["x", "--educator", "gpt"], "no such engine"),
    (["x", "--set", "revision.retrys=3"], "retries"),
    (["x", "--set", "revision.max_revisions=21"], "max_revisions"),
    (["x", "--set", "revision.form=sonet"], "sonnet"),
    (["--resume", "nothing"], "no session"),
])  # fmt: skip
def test_a_mistake_is_one_line(run, arguments, said):
    done = run([], [], *arguments)
    assert done.exit_code in (2, 3)
    assert said in done.stderr
    assert done.stderr.strip().count("\n") == 0


def test_an_educator_whose_approvals_were_found_to_tell_nothing_stops_no_session(run):
    praised = REVISE.replace("VERDICT revise: not yet.", "VERDICT approve: it has found its shape.")
    done = run([BRIEF, praised, REVISE, NOTE], [FIRST, SECOND], "a railway station", "--max-revisions", "1", *FREE,
               educator="built-in+models/educator")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert done.output.count("No verdict.") == 2
    assert "the number of revisions asked for was reached" in done.output


def test_approvals_are_measured_by_an_option(run, monkeypatch, tmp_path):
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    done = run([APPROVE] * 48, [], "--approvals")
    assert done.exit_code == 0, done.output
    assert "its approvals tell nothing, so it gives no verdict" in " ".join(done.output.split())
    (file,) = (tmp_path / "data/approvals").glob("*mentor*.jsonl")
    assert len(file.read_text().splitlines()) == 48
    assert file.name in "".join(done.output.split())
