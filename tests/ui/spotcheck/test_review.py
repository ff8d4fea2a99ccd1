"""The spot-check without its page: what a reviewer sees before and after a verdict, what is stored, what is refused."""

import re

import pytest

from tests.ui.made_runs import make_run
from workbench.errors import InputError
from workbench.ui.folders import Desk
from workbench.ui.spotcheck import review


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "poems" / "good").mkdir(parents=True)
    return Desk(runs=tmp_path / "runs", poems=tmp_path / "poems")


@pytest.fixture
def asked(desk):
    make_run(desk.runs, "made")
    return review.Review(run="made", reviewer="ann", n=20)


def test_stratum_and_score_are_hidden_until_judged(desk, asked):
    view = review.next_view(desk, asked)
    assert not re.search(r"winner|specificity|copies|gain|\d\.\d\d", view.item)
    assert re.search(r"specificity [+-]\d", review.give(desk, asked, view.key, "approve"))


def test_a_reload_goes_on_where_it_was(desk, asked):
    first = review.next_view(desk, asked)
    review.give(desk, asked, first.key, "reject")
    second = review.next_view(desk, asked)
    assert second.key != first.key
    assert second == review.next_view(desk, asked)
    assert "1 of 20 judged" in second.progress


def test_a_second_press_on_the_same_item_judges_nothing_else(desk, asked):
    first = review.next_view(desk, asked)
    for _ in range(3):
        review.give(desk, asked, first.key, "reject")
    assert "1 of 20 judged" in review.next_view(desk, asked).progress


def test_undo_shows_the_item_again(desk, asked):
    first = review.next_view(desk, asked)
    review.give(desk, asked, first.key, "approve")
    assert "Taken back" in review.take_back(desk, asked)
    assert review.next_view(desk, asked) == first
    assert "nothing to take back" in review.take_back(desk, asked)


def test_who_does_not_say_who_they_are_judges_nothing(desk, asked):
    nobody = review.Review(run="made", reviewer="")
    view = review.next_view(desk, nobody)
    assert "Say who you are" in review.give(desk, nobody, view.key, "approve")


def test_all_verdicts_can_be_taken_home(desk, asked):
    review.give(desk, asked, review.next_view(desk, asked).key, "approve", note="ünïcode <b>")
    answer = review.export(desk, "made")
    assert b'"verdict": "approve"' in answer.body
    assert "ünïcode <b>".encode() in answer.body
    assert answer.headers["content-disposition"] == 'attachment; filename="verdicts-made.jsonl"'
    assert review.export(desk, "../made").status_code == 404


def test_verdicts_can_be_given_while_a_process_works_on_the_run(desk, asked):
    from workbench.storage.runs import Run

    with Run.open(desk.runs, "made"):
        assert "You approved" in review.give(desk, asked, review.next_view(desk, asked).key, "approve")


def test_a_new_run_begins_with_the_verdicts_of_an_earlier_one(desk, asked, tmp_path, monkeypatch):
    """The base model's files are not asked for: only what the run begins with is looked at."""
    from types import SimpleNamespace

    from workbench.improvement import run as loop_run
    from workbench.types import Verdict

    review.give(desk, asked, review.next_view(desk, asked).key, "approve")
    base = SimpleNamespace(name="words", digest="d")
    engines = SimpleNamespace(base=base, close=lambda: None)
    monkeypatch.setattr(loop_run, "Engines", lambda *_, **__: engines)
    monkeypatch.setattr(loop_run, "_n_tokens", lambda _, text: len(text.split()))
    make_poems = [f"Title: {n}\n\n{n} harbour {'lamp ' * n}\n" for n in range(1, 4)]
    for number, text in enumerate(make_poems):
        (tmp_path / "poems" / "good" / f"p{number}.txt").write_text(text)
    settings = loop_run.settings_from({"runs": str(desk.runs), "corpus": {"poems": str(tmp_path / "poems" / "good")}})
    with loop_run.new_run(settings, name="next", verdicts_of="made") as opened:
        assert [verdict.verdict for verdict in opened.run.records.all(Verdict)] == ["approve"]
    with pytest.raises(InputError, match="no run 'nobody'"), loop_run.new_run(settings, verdicts_of="nobody"):
        pass
