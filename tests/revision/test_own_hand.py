"""What a person's changes in drafts tell: pairs that can be trained on, habits that can be counted, nothing else."""

import json
from contextlib import closing
from dataclasses import replace

import pytest

from tests.revision.scripts import APPROVE, BRIEF, NOTE, REVISE, poem, session
from workbench.errors import InputError
from workbench.revision.own_hand import edits_in, habits_in, pair_of, style_note, told_of, write_pairs
from workbench.revision.session import new_trace
from workbench.revision.settings import RevisionSettings
from workbench.revision.store import SessionStore
from workbench.revision.types import Draft, Round, Trace
from workbench.studio.steps import begin, brought_back, own_draft
from workbench.training.step import read_examples

POETS = (
    "The clock is softly ticking on the wall!", "the rain is softly falling in the yard!",
    "a dog is softly barking at the gate!", "the train is slowly leaving from the town!",
    "the night is quickly coming to the hall!",
)  # fmt: skip
PERSONS = (
    "The clock ticks on the wall.", "Rain falls in the yard.", "A dog barks at the gate.", "The train leaves town.",
    "Night comes to the hall.",
)  # fmt: skip


def drafted(number: int, author: str, lines: tuple[str, ...], parent: str = "") -> Draft:
    return Draft(
        id=f"d{number}", number=number, title="Hall", text="\n".join(lines), parent_id=parent, critique_id="",
        author=author, engine=author, prompt_digest="", seed=0,
    )  # fmt: skip


def trace_of(*drafts: Draft, name: str = "hall") -> Trace:
    begun = new_trace("a station", RevisionSettings(), id_=name)
    return replace(begun, rounds=tuple(Round(number=one.number, draft=one) for one in drafts))


def edited(name: str = "hall") -> Trace:
    return trace_of(drafted(0, "poet", POETS), drafted(1, "person", PERSONS, "d0"), name=name)


def test_a_version_of_ones_own_is_a_pair_with_what_the_poet_was_asked():
    taught = RevisionSettings(poet_guidance="shape")
    answers = [poem(*POETS), poem(*reversed(POETS))]
    trace, _, poets = session([BRIEF, REVISE, APPROVE, NOTE], answers, settings=taught)
    mine = own_draft(trace, "Hall\n\n" + "\n".join(PERSONS), form="")
    (edit,) = edits_in(mine)
    pair = pair_of(edit)
    asked = [message.content for message in poets.requests[1].prompt]
    assert [turn["content"] for turn in pair["prompt"]] == asked, "word for word what the poet was asked in the session"
    assert "Rain falls in the yard." in pair["chosen"][0]["content"]
    assert "softly" in pair["rejected"][0]["content"]


def test_a_draft_that_was_only_brought_back_teaches_nothing():
    trace, _, _ = session([BRIEF, REVISE, APPROVE, NOTE], [poem(*POETS), poem(*reversed(POETS))])
    assert list(edits_in(brought_back(trace, 0, form=""))) == []


def test_a_persons_own_first_draft_is_no_answer_to_the_poet(memory_disk):
    with closing(SessionStore(memory_disk)) as store:
        trace = begin(store, "", RevisionSettings(), poem="Hall\n\n" + "\n".join(PERSONS))
    assert list(edits_in(trace)) == []


def test_what_was_done_again_and_again_becomes_a_note_with_its_figures():
    edits = list(edits_in(edited()))
    habits = habits_in(edits)
    assert style_note(habits) == ("Keep lines near 5 words. Use no exclamation marks. Use few adverbs in -ly.")
    told = told_of(edits, habits)
    assert "5 of 5 lines that you changed became shorter" in told
    assert "You took exclamation marks out of 5 lines and put them into 0." in told
    assert "You took out 5 adverbs in -ly and put in 0." in told


def test_what_goes_both_ways_is_no_habit():
    there = trace_of(drafted(0, "poet", PERSONS), drafted(1, "person", POETS, "d0"), name="back")
    edits = [*edits_in(edited()), *edits_in(there)]
    assert habits_in(edits) == []
    assert "no habit shows yet" in told_of(edits, [])


def test_pairs_are_files_that_training_reads_with_sessions_apart(tmp_path):
    edits = [edit for name in ("one", "two", "three") for edit in edits_in(edited(name))]
    folder = tmp_path / "new" / "pairs"
    assert write_pairs(folder, edits) == (2, 1)
    train, valid = (read_examples(folder / f"{side}.jsonl") for side in ("train", "valid"))
    assert [bool(example.rejected_for) for example in train] == [False, True, False, True]
    assert train[1].rejected_for == train[0].id
    assert not {example.poem_id for example in train} & {example.poem_id for example in valid}


def test_pairs_of_one_session_leave_nothing_to_measure_by(tmp_path):
    with pytest.raises(InputError, match="pairs need two sessions"):
        write_pairs(tmp_path, list(edits_in(edited())))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"prompt": "Write.", "chosen": "A line.", "rejected": "A line."}, "the same text"),
        ({"prompt": "Write.", "chosen": "A line."}, "rejected"),
        ({"prompt": [], "chosen": "A line.", "rejected": "Another."}, "a prompt of system, user"),
    ],
)
def test_a_pair_that_cannot_be_learnt_from_is_refused_by_its_line(tmp_path, row, said):
    file = tmp_path / "train.jsonl"
    file.write_text(json.dumps(row) + "\n")
    with pytest.raises(InputError, match=rf"train\.jsonl:1: .*{said}"):
        read_examples(file)


def test_pairs_of_strings_and_of_whole_conversations_are_read_too(tmp_path):
    file = tmp_path / "train.jsonl"
    talk = [{"role": "user", "content": "Write."}]
    rows = [
        {"prompt": "Write.", "chosen": "A line.", "rejected": "Another."},
        {"prompt": talk, "chosen": [*talk, {"role": "assistant", "content": "A line."}],
         "rejected": [*talk, {"role": "assistant", "content": "Another."}]},
    ]  # fmt: skip
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [example.target for example in read_examples(file)] == ["A line.", "Another."] * 2


def test_the_poet_is_told_the_style_note_and_the_educator_is_not():
    settings = RevisionSettings(style="Keep lines near 5 words.", max_revisions=1)
    _, teacher, writer = session([BRIEF, REVISE, REVISE, NOTE], [poem(*POETS), poem(*PERSONS)], settings=settings)
    told = ["Keep lines near 5 words." in "".join(m.content for m in asked.prompt) for asked in writer.requests]
    assert told == [True] * len(told) != []
    assert not any("Keep lines near" in message.content for asked in teacher.requests for message in asked.prompt)
