"""Every gate: sound rows pass, and a row broken in one place is rejected for just that."""

import pytest

from tests.education.rows import (
    APPROVAL,
    AUTOPSY,
    BRIEF,
    COMPARISON,
    CRITIQUE,
    FERRY,
    FOLLOW_UP,
    LESSON,
    LIBRARY,
    MOONS,
    SOUND,
    broken,
)
from workbench.education.gate_report import judge_row, judge_rows
from workbench.education.gates.rhyme_claims import rhyme_claims
from workbench.education.tasks import TASKS, gates_of
from workbench.education.types import Gate, GateReason

R = GateReason


def _reasons(row):
    return {finding.reason for finding in judge_row(row, LIBRARY)}


def test_there_is_a_sound_row_of_every_task():
    assert list(SOUND) != []
    assert set(SOUND) == set(TASKS)


@pytest.mark.parametrize("task", SOUND)
def test_a_sound_row_passes(task):
    assert judge_row(SOUND[task], LIBRARY) == ()


def _critique(old, new):
    assert old in CRITIQUE
    return broken("critique", text=CRITIQUE.replace(old, new))


def _brief(old, new):
    assert old in BRIEF
    return broken("brief", text=BRIEF.replace(old, new))


PLANTED = {
    "an empty answer": (broken("critique", text="  \n"), R.EMPTY),
    "no poem of this title": (broken("critique", poem="Fairy"), R.UNKNOWN_POEM),
    "a quote that the poem does not say": (
        _critique('"as if it held the wires"', '"as if it held the wires", after "the second truck",'), R.FALSE_QUOTE),
    "a replacement line in quotes": (
        _critique("its lid or its stamp", 'say "the lid was stamped with ink"'), R.FALSE_QUOTE),
    "a quote from another line": (
        _critique('"as if it held the wires"', '"The rope is wet"'), R.QUOTE_ELSEWHERE),
    "a line that is not there": (_critique("it held the wires\" explains", "it held the wires\" in line 9 explains"),
                                 R.FALSE_LINE),
    "a part at a line that is not there": (
        _critique('LINE 4 (other): "as if it held the wires" explains', "LINE 12 (other): It explains"), R.FALSE_LINE),
    "a rubric": (broken("autopsy", text=f"{AUTOPSY}\nImagery: weak.\nRhythm: even.\nVoice: borrowed."), R.RUBRIC),
    "a list": (broken("lesson", text=f"{LESSON}\n- read it aloud\n- cut it"), R.RUBRIC),
    "a score": (_critique("The trouble", "Four out of ten. The trouble"), R.SCORE),
    "a banned phrase": (_critique("The trouble", "It's worth noting that the trouble"), R.BANNED_PHRASE),
    "a part without a direction": (
        _critique("TRY: stay with the box itself, its lid or its stamp.", "It is already there in the box."),
        R.NO_DIRECTION),
    "a revision brief that asks for nothing": (
        broken("revision_brief", text=
               'The comparison in line 4 is a pity. "A woman in the second car has eggs" is the best of it, and the '
               "box in her hands is nearly as good. The crossing is quiet, the rope is wet, and that is the whole "
               "of it for me, now and tomorrow morning."), R.NO_DIRECTION),
    "no verdict": (
        broken("critique", text=CRITIQUE.split("\nVERDICT")[0] + "\nSo it goes, all in all."), R.BAD_FORMAT),
    "prose instead of the format": (broken("critique", text=AUTOPSY), R.BAD_FORMAT),
    "a part inside a part": (
        _critique("explains her hands, and", "explains. Line 2: here too. And"), R.BAD_FORMAT),
    "a failure of its own naming": (_critique("(other)", "(wobbly)"), R.UNKNOWN_FAILURE),
    "a strongest line that is not quoted": (
        _critique('"A woman in the second car has eggs" puts', "It puts"), R.NOT_SPECIFIC),
    "an autopsy that quotes nothing": (
        broken("autopsy", text=AUTOPSY.replace('"an open door"', "that door").replace("in line 2", "soon")
               .replace("in line 4 ", "")), R.NOT_SPECIFIC),
    "a comparison that quotes one poem only": (
        broken("comparison", text=COMPARISON.replace('"an open door"', "its door")), R.NOT_SPECIFIC),
    "an autopsy that opens with a fault": (
        broken("autopsy", text=f"This poem fails because it is dull and stale. {AUTOPSY}"), R.FAULT_FIRST),
    "a lesson of twenty words": (broken("lesson", text=LESSON.split(" If nothing")[0]), R.TOO_SHORT),
    "an endless autopsy": (broken("autopsy", text=f"{AUTOPSY} {AUTOPSY}"), R.TOO_LONG),
    "another language": (
        broken("lesson", text="Ein Vers ist nicht nur eine Zeile, und das ist gut so, denn wer schreibt, hört. " * 9),
        R.NOT_ENGLISH),
    "an invented rhyme": (_critique("The trouble", '"Comes" rhymes with "tyres". The trouble'), R.FALSE_RHYME),
    "a rhyme denied": (_critique("The trouble", '"Tyres" and "wires" do not rhyme. The trouble'), R.FALSE_RHYME),
    "an invented rhyme by line number": (_critique("The trouble", "Lines 1 and 3 rhyme. The trouble"), R.FALSE_RHYME),
    "an invented scheme": (
        broken("approval", text=APPROVAL.replace("It has", "It rhymes ABBA and has")), R.FALSE_SCHEME),
    "a scheme that the poem has not": (
        broken("poet_pair", brief=BRIEF.replace("ABAB", "AABB")), R.FALSE_SCHEME),
    "a forced rhyme where nothing rhymes": (
        _critique('LINE 4 (other): "as if it held the wires"', 'LINE 3 (forced rhyme): "A woman in the second car"'),
        R.FALSE_RHYME),
    "a brief without its turn": (_brief("TURN: from what", "SOUND: from what"), R.BRIEF_FIELD),
    "five clichés": (_brief("; hand in hand; dancing shadows; a sigh of wind", ""), R.FEW_CLICHES),
    "a cliché said twice": (_brief("hand in hand", "starry eyes"), R.FEW_CLICHES),
    "a copied poem": (broken("poet_pair", brief=f"{BRIEF}, as in: ate our apples from a bag"), R.COPIES_POEM),
    "a request that quotes the poem": (
        broken("rhyme_pair", request="we walked beneath a yellow moon, go on from there"), R.COPIES_POEM),
    "an end word that ends no line": (broken("rhyme_pair", end_words=("moon", "apples")), R.FALSE_END_WORD),
    "a form that the poem does not keep": (broken("rhyme_pair", form="limerick"), R.BROKEN_FORM),
    "a form that is none": (broken("rhyme_pair", form="sonetto"), R.BROKEN_FORM),
    "a scheme that is none": (broken("rhyme_pair", scheme="ABCA"), R.FALSE_FORM_SCHEME),
    "a last line that names the other poem": (broken("comparison", stronger="B"), R.CHOICE_DIFFERS),
    "a comparison without its last line": (
        broken("comparison", text=COMPARISON.replace("\nSTRONGER: A", " The first is stronger.")), R.BAD_FORMAT),
    "a failed poem called the stronger": (
        broken("comparison", poem_a="Hearts", poem_b="Ferry"), R.WEAKER_CHOSEN),
    "an autopsy of a sound poem": (broken("autopsy", poem="Ledger"), R.WRONG_POEM),
    "a poet pair with a failed poem": (broken("poet_pair", poem="Hearts"), R.WRONG_POEM),
    "an approval with the verdict revise": (
        broken("approval", text=APPROVAL.replace("VERDICT approve", "VERDICT revise")), R.WRONG_VERDICT),
    "a rejection that approves": (broken("rejection", verdict="approve"), R.WRONG_VERDICT),
    "a revision of one line": (
        broken("dialogue", revised_poem="The rope is wet before the morning comes."), R.NOT_A_POEM),
    "a revision that changes nothing": (
        broken("dialogue", revised_poem=FERRY.text.replace("wet", "damp"),
               follow_up=FOLLOW_UP.replace('"The lid says Thursday"', '"She holds the box"')), R.UNCHANGED),
    "a revision that is another poem": (
        broken("dialogue", critique=CRITIQUE.replace("VERDICT", 'LINE 1 (other): "The rope is wet" is a slow way in. '
               "TRY: begin with the count.\nVERDICT"),
               revised_poem="The rope is wet before the morning comes.\nA gull steps over bolts.\nNobody owns the "
               "sound it makes.\nThe lid says Thursday, large."), R.REWRITTEN),
}  # fmt: skip


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_bad_row_is_rejected_for_its_reason(what):
    row, reason = PLANTED[what]
    assert reason in _reasons(row)


#: Breaking these in one place breaks a second thing too.
ALSO = {
    "prose instead of the format": {R.FALSE_QUOTE, R.FALSE_LINE},
    "a copied poem": {R.BAD_FORMAT},
    "a brief without its turn": {R.BAD_FORMAT},
    "a form that the poem does not keep": {R.FALSE_FORM_SCHEME},
    "a last line that names the other poem": {R.WEAKER_CHOSEN},
    "an autopsy of a sound poem": {R.FALSE_QUOTE, R.FALSE_LINE},
    "an approval with the verdict revise": {R.BAD_FORMAT},
    "another language": {R.NOT_SPECIFIC},
    "a revision of one line": {R.FALSE_LINE, R.FALSE_QUOTE, R.NOT_SPECIFIC},
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_bad_row_is_rejected_for_nothing_else(what):
    row, reason = PLANTED[what]
    assert _reasons(row) - {reason} <= ALSO.get(what, set())


def test_every_reason_is_planted():
    planted = {reason for _, reason in PLANTED.values()} | {R.NEAR_DUPLICATE}
    assert set(GateReason) - planted == set()


def test_without_its_gates_a_planted_row_would_pass(monkeypatch):
    row, _ = PLANTED["an invented rhyme"]
    monkeypatch.setattr("workbench.education.gate_report.gates_of", lambda task: gates_of(task)[:-1])
    assert judge_row(row, LIBRARY) == ()


def test_of_two_rows_that_say_nearly_the_same_the_first_is_kept():
    twice = [SOUND["critique"], _critique("a breakable thing", "a fragile thing"), SOUND["approval"]]
    found = judge_rows(twice, LIBRARY)
    assert [one.passed for one in found] == [True, False, True]
    assert found[1].findings[0].reason is R.NEAR_DUPLICATE


def test_rows_of_different_tasks_are_no_duplicates_of_one_another():
    assert all(one.passed for one in judge_rows([SOUND["critique"], SOUND["rejection"]], LIBRARY))


def test_what_is_asked_of_a_rhyme_is_no_claim():
    row = _critique("The trouble", 'The form wants "comes" to rhyme with "tyres". The trouble')
    assert judge_row(row, LIBRARY) == ()


@pytest.mark.parametrize(
    ("sentence", "claims"),
    [
        ('"Moon" rhymes with "tune".', [("Moon", "tune", "full")]),
        ('"Moon" does not rhyme with "tomb".', [("Moon", "tomb", "none")]),
        ('"Moon" and "tomb" are half rhymes.', [("Moon", "tomb", "near")]),
        ('The rhyme "moon / tune" is paid for.', [("moon", "tune", "full")]),
        ('Nobody minds the rhyme of "moon" and "tune".', [("moon", "tune", "full")]),
        ('"the lamp is out" and "a door in the wall" wait for a rhyme.', []),
        ('A live one, among the rhymes: "leans like a fence / that no one\'s propped a bike upon".', []),
        ('The form wants "moon" to rhyme with "flag".', []),
        ('"Moon" and "flag" are plain words.', []),
    ],
)
def test_claims_about_rhyme_are_understood_and_others_left_alone(sentence, claims):
    assert [(claim.a, claim.b, claim.claimed) for claim in rhyme_claims(sentence)] == claims


def test_an_opening_that_quotes_the_poem_and_blames_nothing_is_strength():
    opening = 'Between the loaf and the light this has its heart. A sister with "an open door"! '
    row = broken("autopsy", text=opening + AUTOPSY.replace("What was alive was the shape of", "It fails after"))
    assert judge_row(row, LIBRARY) == ()


def test_a_true_near_rhyme_passes_and_is_no_full_one():
    near = broken("approval", text=APPROVAL.replace("and I take", 'where "moon" and "tomb" are a slant rhyme; I take'))
    full = broken("approval", text=APPROVAL.replace("and I take", 'where "moon" and "tomb" are a full rhyme; I take'))
    assert (_reasons(near), _reasons(full)) == (set(), {R.FALSE_RHYME})


def test_the_title_may_be_quoted():
    poem = MOONS.title
    row = broken("approval", text=APPROVAL.replace("It has", f'"{poem}" is the right name. It has'))
    assert judge_row(row, LIBRARY) == ()


def test_a_finding_says_gate_and_words():
    row, _ = PLANTED["an invented rhyme"]
    found = judge_row(row, LIBRARY)[0]
    assert found.gate is Gate.RHYME
    assert "'comes' and 'tyres' are called a rhyme" in found.sentence.lower()
