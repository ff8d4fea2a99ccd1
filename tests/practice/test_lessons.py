"""What the arms learn of the same requests."""

from pathlib import Path

import pytest

from workbench.practice.lessons import Lessons
from workbench.practice.poems import PoemFile, asked, of_answer, of_written
from workbench.practice.settings import PracticeSettings, Request
from workbench.prosody import check_form
from workbench.types import Completion
from workbench.writing.types import Written

_COUPLETS = {
    "a gate": "The gate has learned the weight of rain.\nIt will not let me in again.",
    "wet rope": "The rope is wet, the boat is slow.\nNobody told the tide to go.",
    "old salt": "He salts the road before the light\nand walks it backward every night.",
}
_PLAIN = "A line that ends on orange here,\nanother that was never meant."
_KEPT = "I keep the lamp, I keep the key.\nThe sea keeps nothing more of me."


def _answer(text: str) -> Completion:
    return Completion(text=f"Title: One\nPoem: {text}", n_tokens=20, ended=True)


@pytest.fixture
def poems(tmp_path: Path) -> PoemFile:
    found = PoemFile(tmp_path / "poems.jsonl")
    for request in _requests():
        text = _COUPLETS[request.subject]
        found.add(of_written(request, Written(
            title=request.subject, text=text, form="couplets", subject=request.subject, seed=1, model="", faults=(),
            notes=(), runners_up_L=(), n_tokens=0, n_returns=0,
        )))  # fmt: skip
        for number, said in enumerate((_PLAIN, _KEPT if request.subject == "a gate" else _PLAIN)):
            found.add(of_answer("base 0", request, number, _answer(said), n_lines=2))
    return found


def _requests() -> list[Request]:
    return [Request(subject=subject, form="couplets", is_practised=True) for subject in _COUPLETS]


def _lessons(poems: PoemFile, arm: str) -> Lessons:
    return Lessons(poems, PracticeSettings(n_answers=2), _requests(), arm=arm, voice="base 0")


@pytest.mark.parametrize("arm", ["verified", "shuffled", "unverified"])
def test_every_arm_learns_one_poem_a_request_by_the_words_asked_at_use(poems: PoemFile, arm: str) -> None:
    examples = _lessons(poems, arm).examples(_requests())
    assert [example.prompt for example in examples] == [asked(request) for request in _requests()]


def test_what_is_verified_keeps_its_form(poems: PoemFile) -> None:
    for turn in range(4):
        for example in _lessons(poems, "verified").examples(_requests(), turn=turn):
            assert check_form(example.target.split("Poem: ")[1], "couplets").passed


def test_an_answer_of_its_own_that_kept_the_form_is_learned_too(poems: PoemFile) -> None:
    targets = {_lessons(poems, "verified").examples(_requests()[:1], turn=turn)[0].target for turn in range(8)}
    assert {target.split("Poem: ")[1] for target in targets} == {_COUPLETS["a gate"], _KEPT}


def test_shuffled_poems_have_the_same_lines_and_no_rhyme(poems: PoemFile) -> None:
    texts = [example.target.split("Poem: ")[1] for example in _lessons(poems, "shuffled").examples(_requests())]
    lines = sorted(line for text in texts for line in text.split("\n"))
    assert lines == sorted(line for text in _COUPLETS.values() for line in text.split("\n"))
    assert [check_form(text, "couplets").passed for text in texts] == [False] * 3


def test_a_pair_sets_what_kept_the_form_against_an_own_answer_that_did_not(poems: PoemFile) -> None:
    pairs = _lessons(poems, "verified").pairs(_requests())
    chosen, rejected = ([example.target.split("Poem: ")[1] for example in pairs[at::2]] for at in (0, 1))
    assert chosen == [_KEPT, _COUPLETS["wet rope"], _COUPLETS["old salt"]]
    assert rejected == [_PLAIN] * 3
    assert [example.rejected_for for example in pairs[1::2]] == [example.id for example in pairs[::2]]


def test_a_poem_that_could_not_be_written_teaches_no_arm_anything(poems: PoemFile, tmp_path: Path) -> None:
    other = PoemFile(tmp_path / "other.jsonl")
    request = _requests()[0]
    other.add(of_written(request, None, "no line fits"))
    other.add(of_answer("base 0", request, 0, _answer(_KEPT), n_lines=2))
    lessons = [
        Lessons(other, PracticeSettings(), [request], arm=arm, voice="base 0") for arm in PracticeSettings().arms
    ]
    assert [each.examples([request]) for each in lessons] == [[], [], []]
