"""The spot-check without its page: what a reviewer sees before and after a verdict, what is stored, what is refused."""

import csv
import io
import re
from dataclasses import replace

import pytest

from tests.ui.made_runs import make_run
from workbench.errors import InputError
from workbench.types import Candidate, Choice, Poem, ScoredCandidate
from workbench.ui.folders import AppFolders
from workbench.ui.spotcheck import review, tab, verdicts


@pytest.fixture
def folders(tmp_path):
    (tmp_path / "poems" / "good").mkdir(parents=True)
    return AppFolders(runs=tmp_path / "runs", poems=tmp_path / "poems")


@pytest.fixture
def asked(folders):
    make_run(folders.runs, "made")
    return review.Review(run="made", reviewer="ann", n=20)


def test_stratum_and_score_are_hidden_until_judged(folders, asked):
    view = review.next_view(folders, asked)
    assert not re.search(r"winner|specificity|copies|gain|\d\.\d\d", view.item)
    said = review.give(folders, asked, view.key, "approve") + verdicts.sitting_html(folders, asked)
    assert not re.search(r"winner|specificity|precision", said), "it would sway what is judged next"


def test_what_the_run_thought_comes_when_the_sitting_ends(folders, asked):
    short = replace(asked, n=2)
    for _ in range(2):
        review.give(folders, short, review.next_view(folders, short).key, "approve")
    page = verdicts.sitting_html(folders, short)
    assert len(re.findall(r"specificity [+-]\d", page)) == 2
    assert "precision" in page
    other = replace(short, reviewer="bo")
    assert "after 2 more" in verdicts.sitting_html(folders, other), "nobody is shown another person's table"


def test_the_end_of_a_sitting_in_pairs_tells_nothing_of_what_is_still_judged_alone(folders, asked):
    review.give(folders, asked, review.next_view(folders, asked).key, "approve")
    pairs = replace(asked, mode=review.PAIRS, n=2)
    while (view := review.next_view(folders, pairs)).key:
        review.give(folders, pairs, view.key, "a")
    page = verdicts.sitting_html(folders, pairs)
    assert "the left one" in page
    assert not re.search(r"specificity [+-]\d", page), "19 are still to be judged alone"
    assert "after 19 more" in verdicts.sitting_html(folders, asked)


def test_an_edit_stays_while_its_description_is_the_next_one_and_a_note_until_it_is_stored(folders, asked):
    form = (asked.run, asked.reviewer, asked.mode, asked.n)
    look, judged = tab.looking(folders), tab.judging(folders, "edit")
    key, _, _, text, *_ = look("", *form)
    again = look(key, *form)[3]
    assert ("value" in again.constructor_args, text.value) == (False, review.next_view(folders, asked).text)
    *_, told, sent = judged(key, text.value, "a doubt", *form)
    assert ("Change the text first" in told, sent) == (True, [])
    after, *_, sent = judged(key, "Another description", "a doubt", *form)
    assert (after != key, sent) == (True, ["a doubt"])


def test_an_edit_that_changes_nothing_is_no_edit(folders, asked):
    view = review.next_view(folders, asked)
    assert "Change the text first" in review.give(folders, asked, view.key, "edit", text=view.text)
    assert review.next_view(folders, asked) == view


def test_a_reload_goes_on_where_it_was(folders, asked):
    first = review.next_view(folders, asked)
    review.give(folders, asked, first.key, "reject")
    second = review.next_view(folders, asked)
    assert second.key != first.key
    assert second == review.next_view(folders, asked)
    assert "1 of 20 judged" in second.progress


def test_a_second_press_on_the_same_item_judges_nothing_else(folders, asked):
    first = review.next_view(folders, asked)
    for _ in range(3):
        review.give(folders, asked, first.key, "reject")
    assert "1 of 20 judged" in review.next_view(folders, asked).progress


def test_undo_shows_the_item_again(folders, asked):
    first = review.next_view(folders, asked)
    review.give(folders, asked, first.key, "approve")
    assert "Taken back" in review.take_back(folders, asked)
    assert review.next_view(folders, asked) == first
    assert "nothing to take back" in review.take_back(folders, asked)


def test_who_does_not_say_who_they_are_judges_nothing(folders, asked):
    nobody = review.Review(run="made", reviewer="")
    assert "Say who you are" in review.next_view(folders, nobody).item
    key = review.next_view(folders, replace(nobody, reviewer="ann")).key
    assert "Say who you are" in review.give(folders, nobody, key, "approve")


def test_all_verdicts_can_be_taken_home(folders, asked):
    review.give(folders, asked, review.next_view(folders, asked).key, "approve", note="ünïcode <b>")
    answer = verdicts.export(folders, "made")
    assert b'"verdict": "approve"' in answer.body
    assert "ünïcode <b>".encode() in answer.body
    assert answer.headers["content-disposition"] == 'attachment; filename="verdicts-made.jsonl"'
    rows = list(csv.DictReader(io.StringIO(verdicts.export(folders, "made", "csv").body.decode())))
    with folders.records("made") as records:
        texts = {one.text for one in records.all(Candidate)}
        titles = {poem.title for poem in records.all(Poem)}
    judged = [row for row in rows if row["verdict"] == "approve"]
    assert judged
    assert {row["candidate"] for row in judged} <= texts
    assert {row["poem"] for row in judged} <= titles
    assert verdicts.export(folders, "../made").status_code == 404


def test_verdicts_can_be_given_while_a_process_works_on_the_run(folders, asked):
    from workbench.storage.runs import Run

    with Run.open(folders.runs, "made"):
        assert "You approved" in review.give(folders, asked, review.next_view(folders, asked).key, "approve")


def test_a_new_run_begins_with_the_verdicts_of_an_earlier_one(folders, asked, tmp_path, monkeypatch):
    """The base model's files are not asked for: only what the run begins with is looked at."""
    from types import SimpleNamespace

    from workbench.improvement import run as loop_run
    from workbench.types import Verdict

    review.give(folders, asked, review.next_view(folders, asked).key, "approve")
    base = SimpleNamespace(name="words", digest="d")
    engines = SimpleNamespace(base=base, close=lambda: None)
    monkeypatch.setattr(loop_run, "Engines", lambda *_, **__: engines)
    monkeypatch.setattr(loop_run, "_n_tokens", lambda _, text: len(text.split()))
    make_poems = [f"Title: {n}\n\n{n} harbour {'lamp ' * n}\n" for n in range(1, 4)]
    for number, text in enumerate(make_poems):
        (tmp_path / "poems" / "good" / f"p{number}.txt").write_text(text)
    settings = loop_run.settings_from(
        {"runs": str(folders.runs), "corpus": {"poems": str(tmp_path / "poems" / "good")}}
    )
    with loop_run.new_run(settings, name="next", verdicts_of="made") as opened:
        assert [verdict.verdict for verdict in opened.run.records.all(Verdict)] == ["approve"]
        assert opened.run.facts["corpus"]["n_read"] == 3
    with pytest.raises(InputError, match="no run 'nobody'"), loop_run.new_run(settings, verdicts_of="nobody"):
        pass


def test_the_sample_of_a_sitting_stays_while_the_run_chooses_more(folders, asked):
    first = review.next_view(folders, asked)
    review.give(folders, asked, first.key, "approve")
    before = review.next_view(folders, asked)
    with folders.judging("made") as records:
        old = records.all(Choice, arm="top")[0]
        like = next(score for score in records.all(ScoredCandidate) if score.candidate_id == old.candidate_id)
        text = next(one for one in records.all(Candidate) if one.id == old.candidate_id)
        for n in range(30):
            name = f"new {n}"
            records.put([replace(text, id=name)], [replace(like, id=name, candidate_id=name)],
                        [replace(old, id=name, candidate_id=name)])  # fmt: skip
    after = review.next_view(folders, asked)
    assert (after.key, after.item) == (before.key, before.item)
    assert "30 more since you began" in after.progress
    anew = review.next_view(folders, replace(asked, n=60))
    assert "since you began" not in anew.progress
