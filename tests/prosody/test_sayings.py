"""Corrections of single words."""

import pytest

from workbench.errors import InputError
from workbench.prosody.lexicon import pronounce
from workbench.prosody.report import prosody_report
from workbench.prosody.rhyme import rhymes
from workbench.prosody.sayings import said_so, saying
from workbench.prosody.types import Sound


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("Niger=N AY1 JH ER0", "N AY1 JH ER0"),
        ("niger = NYE-jer", "N AY1 JH ER0"),
        ("Goethe=GUR-tuh", "G ER1 T AH0"),
        ("blorf=morph", "M AO1 R F"),
        ("plonger=~finger", "P L IH1 NG G ER0"),
        ("plonger=rhymes with hunger", "P L AH1 NG G ER0"),
        ("July=/x", "JH UW1 L AY0"),
        ("balcony=x / x", "B AE0 L K AH1 N IY0"),
        ("o'erwhelm=OH-verr-welm", "OW1 V ER0 R W EH0 L M"),
    ],
)
def test_a_correction_is_read_in_each_way_that_it_may_be_written(text: str, phones: str) -> None:
    assert " ".join(saying(text).phones) == phones


@pytest.mark.parametrize(
    "text",
    ["", "=", "word", "word=", "two words=TOO-wurdz", "word=1 2", "word=WORD-WORD", "word=word-word", "word=N",
     "word=AH0", "word=AH3", "word=//////", "word=~", "word=~zzz", "word=月", "月=", "word=\ud800"],
)  # fmt: skip
def test_what_is_not_a_correction_says_so_in_one_line(text: str) -> None:
    with pytest.raises(InputError) as raised:
        saying(text)
    assert "\n" not in str(raised.value)


def test_a_correction_holds_while_it_lasts_and_leaves_no_trace() -> None:
    before = pronounce("niger")
    assert not rhymes("niger", "tiger")
    with said_so([saying("Niger=~tiger")]):
        assert pronounce("Niger")[0].source is Sound.SAID
        assert rhymes("niger", "tiger")
    assert pronounce("niger") == before
    assert not rhymes("niger", "tiger")


def test_the_forms_of_a_corrected_word_follow_it() -> None:
    with said_so([saying("Niger=~tiger")]):
        assert rhymes("niger's", "tigers")
        assert pronounce("nigers")[0].source is Sound.RULE


def test_corrections_inside_corrections_add_up() -> None:
    with said_so([saying("Niger=~tiger")]), said_so([saying("July=/x")]):
        assert pronounce("July")[0].stresses == "10"
        assert rhymes("niger", "tiger")


def test_a_report_says_which_words_a_person_corrected() -> None:
    with said_so([saying("Niger=~tiger")]):
        report = prosody_report("We sailed upon the Niger.\nWe never saw a tiger.")
    assert (report.said, report.scheme) == (("Niger",), "AA")
    assert "as you said: Niger" in report.to_text()
