"""Generation against an endpoint that fails: nothing lost, doubled or paid twice, never past the budget."""

import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.education.endpoint import ANSWER_TOKENS, PROMPT_TOKENS, Endpoint, serving
from tests.education.rows import BRIEF
from workbench.education.generation.answers import AnswerStore, Budget, Price
from workbench.education.generation.folder import GenerateSettings, generate
from workbench.education.generation.generate import answers_path
from workbench.education.rows import load_rows, write_rows
from workbench.education.tasks import TASK_FIELDS
from workbench.education.types import Row
from workbench.errors import ConfigError, EngineError, LockedError
from workbench.places import ROOT
from workbench.types import Sampling

N = 12
KEY = "canary-key-2718281828"
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ASKED = re.compile(r"Somebody asks for: (a poem about .*)")


def brief_for(question):
    """A sound brief that is like no other: its clichés and trade hold the number asked about."""
    number = NUMBERS.index(_ASKED.search(question)[1].split()[-1]) + 1
    cliches = "; ".join(f"cliche {letter}{number}{letter}" for letter in "abcdefghijklmnop")
    brief = BRIEF.replace(BRIEF.split("\n")[1], f"AVOID: {cliches}")
    return brief.replace("a grocer's shop", " ".join(f"ledger{number}x{place}" for place in range(30)))


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Twelve requests and no waiting; the endpoint's URL is put in by the test."""
    for kind in ("good", "bad"):
        (tmp_path / "poems" / kind).mkdir(parents=True)
        poem = {"title": kind, "poem": f"a {kind} line of words\nand then another one"}
        (tmp_path / "poems" / kind / "p.jsonl").write_text(json.dumps(poem))
    given = [Row(task="brief", request=f"a poem about thing number {number}", text=brief_for(
        f"Somebody asks for: a poem about thing number {number}").replace("ledger", f"seed{place}")
        .replace("cliche", f"old{place}")) for place, number in enumerate(NUMBERS)]  # fmt: skip
    (tmp_path / "rows").mkdir()
    write_rows(tmp_path / "rows" / "brief.jsonl", given, TASK_FIELDS["brief"])
    monkeypatch.setattr("workbench.engines.remote._BACK_OFF_SECONDS", 0.001)
    return GenerateSettings(
        tasks=("brief",), name="x", rows=(str(tmp_path / "rows"),), poems=str(tmp_path / "poems"),
        out=str(tmp_path / "out"), prices={"tiny": Price(prompt=1000, answer=10_000)}, n_parallel=3,
        sampling=Sampling(max_new_tokens=60), budget=Budget(tokens=0, money=0),
    )  # fmt: skip


def _at(settings, endpoint, **changes):
    return replace(settings, source=f"{endpoint.url}#tiny", **changes)


def _rows(done):
    return load_rows(done.folder / "brief.jsonl", TASK_FIELDS)


def _records(done):
    store = AnswerStore(answers_path(done.folder))
    try:
        return store.all()
    finally:
        store.close()


FAILING = {
    "number one": ["429", "429"], "number two": ["500"], "number three": ["half", "half"], "number five": ["endless"],
    "number six": ["empty"], "number seven": ["cut"], "number eight": ["nonsense"],
    "number nine": ["429", "half", "500"],
}  # fmt: skip


def test_an_endpoint_that_fails_in_every_way_loses_and_doubles_nothing(settings):
    with serving(Endpoint(answer=brief_for, plan=FAILING)) as endpoint:
        done = generate(_at(settings, endpoint))
    requests = Counter(row.request.split()[-1] for row in _rows(done))
    assert requests == Counter(set(NUMBERS) - {"five", "six", "seven", "eight"})
    failures = {answer.failure for answer in _records(done) if answer.failure}
    assert failures == {"engine", "empty", "endless"}
    assert (done.n_rows, done.n_failed, done.n_unasked) == (8, 4, 0)


def test_resume_asks_only_what_was_not_paid(settings):
    with serving(Endpoint(answer=brief_for, plan=FAILING)) as endpoint:
        generate(_at(settings, endpoint))
        before = Counter(endpoint.billed)
        done = generate(_at(settings, endpoint))
        again = Counter(endpoint.billed) - before
    asked = {question.split("number ")[1].split()[0].rstrip(".") for question in again}
    assert asked == {"five", "eight"}  # the endless one and the one that was no answer at all
    assert max(endpoint.billed.values()) <= 1 + ("nonsense" in FAILING["number eight"])
    assert {row.request.split()[-1] for row in _rows(done)} == set(NUMBERS) - {"six", "seven"}


def test_a_third_run_asks_nothing_and_writes_the_same_bytes(settings):
    with serving(Endpoint(answer=brief_for)) as endpoint:
        first = generate(_at(settings, endpoint))
        data = (first.folder / "brief.jsonl").read_bytes()
        n_asked = endpoint.asked.total()
        again = generate(_at(settings, endpoint))
    assert (n_asked, endpoint.asked.total()) == (N, N)
    assert (again.folder / "brief.jsonl").read_bytes() == data


def test_no_failed_answer_becomes_a_row(settings):
    always = {f"number {number}": ["empty"] for number in NUMBERS}
    with serving(Endpoint(answer=brief_for, plan=always)) as endpoint:
        done = generate(_at(settings, endpoint))
    assert (_rows(done), done.n_failed) == ([], N)
    assert len((done.folder / "report" / "failed.jsonl").read_text().split("\n")) == N + 1


def test_the_budget_is_never_passed_and_the_rest_is_asked_when_it_is_raised(settings):
    price = settings.prices["tiny"].of(PROMPT_TOKENS, ANSWER_TOKENS)
    with serving(Endpoint(answer=brief_for)) as endpoint:
        poor = generate(_at(settings, endpoint, budget=Budget(tokens=0, money=6 * price), n_parallel=1))
        n_paid = endpoint.billed.total()
        rich = generate(_at(settings, endpoint))
    assert poor.is_over_budget
    assert 0 < n_paid < 6
    assert poor.money == pytest.approx(n_paid * price)
    assert poor.n_unasked == N - n_paid
    assert (endpoint.billed.total(), rich.n_rows) == (N, N)
    assert rich.money == pytest.approx(N * price)


def test_a_budget_in_tokens_holds_too(settings):
    with serving(Endpoint(answer=brief_for)) as endpoint:
        done = generate(_at(settings, endpoint, budget=Budget(tokens=1000, money=0)))
    assert done.is_over_budget
    assert 0 < done.tokens <= 1000


def test_the_estimate_is_said_before_anything_is_asked(settings):
    said = []
    with serving(Endpoint(answer=brief_for)) as endpoint:
        generate(_at(settings, endpoint), say=lambda line: said.append((line, endpoint.asked.total())))
    assert said[0][1] == 0
    assert said[0][0].startswith(f"{N} questions, at most ")


def test_a_model_without_a_price_is_not_asked_while_money_is_limited(settings):
    with pytest.raises(ConfigError, match="no price for 'tiny'"):
        generate(replace(settings, source="https://api.invalid/v1#tiny", prices={}, budget=Budget(money=1)))


def test_an_endpoint_on_this_machine_is_free(settings):
    with serving(Endpoint(answer=brief_for)) as endpoint:
        done = generate(_at(settings, endpoint, prices={}, budget=Budget(money=1)))
    assert (done.n_rows, done.money) == (N, 0)


def test_requests_of_a_file_are_asked_instead_of_those_of_the_rows(settings, tmp_path):
    (tmp_path / "wishes.txt").write_text("a poem about thing number four\n\na poem about thing number five\n")
    with serving(Endpoint(answer=brief_for)) as endpoint:
        done = generate(_at(settings, endpoint, requests=str(tmp_path / "wishes.txt")))
    asked = {"a poem about thing number four", "a poem about thing number five"}
    assert {row.request for row in _rows(done)} == asked


def test_a_limit_of_a_task_goes_before_the_limit_of_all(settings):
    with serving(Endpoint(answer=brief_for)) as endpoint:
        done = generate(_at(settings, endpoint, limit=7, limits={"brief": 2}))
    assert done.n_rows == 2


def test_another_seed_asks_anew_and_its_rows_replace_the_others(settings):
    with serving(Endpoint(answer=brief_for)) as endpoint:
        first = generate(_at(settings, endpoint, limit=3))
        again = generate(_at(settings, endpoint, limit=3, seed=settings.seed + 1))
    assert len(_records(again)) == 6
    assert {row.provenance.seed for row in _rows(again)}.isdisjoint({one.seed for one in _records(again)[:3]})
    assert first.folder == again.folder


def test_as_many_questions_are_under_way_as_was_said(settings):
    with serving(Endpoint(answer=brief_for)) as endpoint:
        generate(_at(settings, endpoint))
    assert endpoint.most_at_once <= 3


def test_stopped_in_the_middle_keeps_what_was_answered(settings):
    seen = []
    with serving(Endpoint(answer=brief_for)) as endpoint:
        stopped = generate(_at(settings, endpoint, n_parallel=1), watch=seen.append, cancelled=lambda: len(seen) >= 4)
        n_paid = endpoint.billed.total()
        rest = generate(_at(settings, endpoint))
    assert stopped.n_unasked == N - n_paid > 0
    assert stopped.n_rows == n_paid
    assert (endpoint.billed.total(), rest.n_rows) == (N, N)


KILLED = """
import os, sys
from pathlib import Path
from workbench.config import job_from
from workbench.education.command import EducateSettings
from workbench.education.generation.folder import generate
import json
settings = job_from(EducateSettings, {"generate": json.loads(sys.argv[1])}).generate
n_kept = 0
def watch(progress):
    global n_kept
    n_kept += 1
    print(n_kept, flush=True)
    if n_kept == int(sys.argv[2]):
        os.kill(os.getpid(), 9)
generate(settings, watch=watch)
"""


def test_killed_after_an_answer_that_answer_is_not_paid_again(settings):
    n_answers = 5
    with serving(Endpoint(answer=brief_for)) as endpoint:
        at = _at(settings, endpoint, n_parallel=1)
        data = {"tasks": ["brief"], "source": at.source, "name": "x", "rows": list(at.rows), "poems": at.poems,
                "out": at.out, "n_parallel": 1, "sampling": {"max_new_tokens": 60},
                "budget": {"tokens": 0, "money": 0}}  # fmt: skip
        child = subprocess.run([sys.executable, "-c", KILLED, json.dumps(data), str(n_answers)], cwd=ROOT,
                               capture_output=True, text=True, check=False)  # fmt: skip
        shown = int(child.stdout.split()[-1])
        kept_before = {question for question, n in endpoint.billed.items() if n}
        done = generate(at)
    assert child.returncode == -9
    assert shown == n_answers
    # at most the one question that was under way when the process died is asked a second time
    assert endpoint.billed.total() - N <= len(kept_before) - shown
    assert done.n_rows == N


def test_two_processes_cannot_fill_one_folder(settings, tmp_path):
    store = AnswerStore(answers_path(tmp_path / "out" / "x"))
    with serving(Endpoint(answer=brief_for)) as endpoint, pytest.raises(LockedError, match="another process"):
        generate(_at(settings, endpoint))
    store.close()
    assert endpoint.asked.total() == 0


def test_a_near_copy_of_a_row_that_is_there_is_rejected(settings):
    copy = load_rows(Path(settings.rows[0]) / "brief.jsonl", TASK_FIELDS)[0].text
    with serving(Endpoint(answer=lambda _: copy)) as endpoint:
        done = generate(_at(settings, endpoint))
    assert _rows(done) == []
    assert done.report.to_data()["tasks"]["brief"]["reasons"] == {"near_duplicate": N}


def test_rows_say_where_they_come_from(settings):
    with serving(Endpoint(answer=brief_for)) as endpoint:
        done = generate(_at(settings, endpoint))
    given = {row.id for row in load_rows(Path(settings.rows[0]), TASK_FIELDS)}
    for row in _rows(done):
        told = row.provenance
        assert (told.source, len(told.prompt_digest), len(told.persona_digest)) == ("tiny", 16, 16)
        assert told.model
        assert told.seed
        assert set(told.parents) <= given


def test_the_key_comes_from_dotenv_and_is_written_nowhere(settings, tmp_path, monkeypatch):
    (tmp_path / ".env").write_text(f"# mine\nexport TEST_DOTENV_KEY='{KEY}'\n")
    monkeypatch.setattr("workbench.engines.names._LOCAL_HOSTS", ())  # as if it were far away
    monkeypatch.setattr("workbench.engines.endpoint.DOTENV", tmp_path / ".env")
    monkeypatch.setenv("TEST_DOTENV_KEY", "")
    with serving(Endpoint(answer=brief_for, plan={"number one": ["500"] * 9})) as endpoint:
        done = generate(_at(settings, endpoint, key="TEST_DOTENV_KEY", retries=0))
    assert endpoint.keys == {f"Bearer {KEY}"}
    written = b"".join(path.read_bytes() for path in done.folder.rglob("*") if path.is_file())
    assert KEY.encode() not in written


def test_a_far_endpoint_without_a_key_is_one_line(settings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with pytest.raises(EngineError, match=r"set NO_SUCH_KEY in the environment or in \.env"):
        generate(replace(settings, source="https://api.invalid/v1#tiny", key="NO_SUCH_KEY"))


def test_the_seed_set_itself_can_stand_in_for_a_model(settings):
    done = generate(replace(settings, source="seed"))
    assert [row.id for row in _rows(done)] == [row.id for row in load_rows(Path(settings.rows[0]), TASK_FIELDS)]


def test_an_unknown_task_is_refused_with_the_known_ones(settings):
    with pytest.raises(ConfigError, match=r"unknown task 'haiku'; tasks are critique, approval"):
        generate(replace(settings, tasks=("haiku",)))
