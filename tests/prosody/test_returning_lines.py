"""Refrains, and the end words of a sestina: what returns and what should have."""

import pytest

from tests.prosody.made_verse import poems_in, verse
from workbench.prosody.deviations import DeviationKind
from workbench.prosody.form_checks import check_form

VILLANELLE = verse("ABA ABA ABA ABA ABA ABAA").split("\n\n")


def villanelle() -> list[str]:
    """Nineteen lines with true refrains."""
    lines = [line for stanza in VILLANELLE for line in stanza.split("\n")]
    first, third = "the dog the cat the dog the cat the day", "a cat a dog a cat a dog a way"
    for at in (0, 5, 11, 17):
        lines[at] = first
    for at in (2, 8, 14, 18):
        lines[at] = third
    return lines


def as_villanelle(lines: list[str]) -> str:
    return "\n\n".join("\n".join(lines[at : at + 3 + (at == 15)]) for at in range(0, 18, 3))


def test_a_villanelle_with_true_refrains_passes() -> None:
    assert not check_form(as_villanelle(villanelle()), "villanelle").faults


def test_other_punctuation_in_a_refrain_is_a_note() -> None:
    lines = villanelle()
    lines[5] = f"{lines[5]}!"
    check = check_form(as_villanelle(lines), "villanelle")
    assert check.passed
    assert any(note.kind is DeviationKind.REFRAIN for note in check.deviations)


@pytest.mark.parametrize(("at", "feet"), [(0, 4), (7, 6)])
def test_a_line_with_a_foot_too_few_or_too_many_breaks_a_sonnet(at: int, feet: int) -> None:
    lines = verse("ABABCDCDEFEFGG").split("\n")
    other = verse("ABABCDCDEFEFGG", n_feet=feet).split("\n")
    (fault,) = check_form("\n".join([*lines[:at], other[at], *lines[at + 1 :]]), "shakespearean sonnet").faults
    assert fault.sentence.startswith(f"Line {at + 1} has {feet} feet, not 5")


def test_a_lost_refrain_is_named_with_its_line() -> None:
    lines = villanelle()
    lines[11] = "the bird the fish the bird the fish the tray"
    (fault,) = check_form(as_villanelle(lines), "villanelle").faults
    assert (fault.kind, fault.lines) == (DeviationKind.REFRAIN, (12, 1))


def sestina(words: list[str]) -> list[str]:
    order, lines = list(range(6)), []
    for _ in range(6):
        lines += [f"the cat beside the {words[at]}" for at in order]
        order = [order[at] for at in (5, 0, 4, 1, 3, 2)]
    return [*lines, *(f"the {words[at]} and the {words[at + 1]}" for at in (0, 2, 4))]


def as_sestina(lines: list[str]) -> str:
    return "\n\n".join("\n".join(lines[at : at + 6]) for at in range(0, 39, 6))


WORDS = ["river", "salt", "window", "hand", "orange", "clock"]


def test_a_sestina_with_its_words_in_rotation_passes() -> None:
    assert check_form(as_sestina(sestina(WORDS)), "sestina").passed


def test_two_end_words_that_change_places_break_a_sestina() -> None:
    lines = sestina(WORDS)
    lines[8], lines[9] = lines[9], lines[8]
    assert [fault.lines[0] for fault in check_form(as_sestina(lines), "sestina").faults] == [9, 10]


def test_an_envoi_without_one_of_the_words_is_told_which() -> None:
    lines = sestina(WORDS)
    lines[38] = "the orange and the bell"
    (fault,) = check_form(as_sestina(lines), "sestina").faults
    assert "'clock'" in fault.sentence


@pytest.mark.parametrize("form", ["pantoum", "ghazal", "triolet", "rondeau", "terza rima", "limerick", "ode"])
def test_own_poems_keep_the_form_they_claim(form: str) -> None:
    poems = poems_in(form)
    assert poems
    broken = [check_form(poem, form).faults[0].sentence for poem in poems if not check_form(poem, form).passed]
    assert len(broken) <= len(poems) // 10, broken


@pytest.mark.parametrize("form", ["pantoum", "ghazal", "triolet", "rondeau", "sestina", "villanelle"])
def test_a_line_that_should_return_and_does_not_is_caught(form: str) -> None:
    for poem in poems_in(form):
        lines = poem.split("\n")
        last = max(at for at, line in enumerate(lines) if line.strip())
        lines[last] = "And nothing of the kind was said in Perth."
        assert not check_form("\n".join(lines), form).passed or form == "pantoum"
