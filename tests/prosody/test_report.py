"""The report of one poem, for people, pages and prompts."""

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.work import n_calls
from workbench.errors import InputError
from workbench.prosody.form_checks import check_form
from workbench.prosody.report import prosody_report

POEM = (
    "The ferry leaves at ten past nine.\nI watch it from the shore.\nThe rope is yours, the knot is mine,\n"
    "the tide wants something more.\n\nYou wave. I lift the empty cup.\nA gull has found the bread.\n"
    "I tie the morning's papers up.\nThere's nothing to be said."
)
HOSTILE = '<script>alert("x")</script> the day\n& <b onclick=\'y\'>the</b> way\n" onload="evil'


class Tags(HTMLParser):
    """Collects tags, and whether each that opens also closes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert all(name in ("class", "lang", "scope") for name, _ in attrs), attrs
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_report_says_what_is_heard_line_by_line() -> None:
    report = prosody_report(POEM)
    assert report.form == "common meter"
    assert report.scheme == "ABAB CDCD"
    assert [line.n_syllables for line in report.lines] == [8, 6, 8, 6, 8, 6, 8, 6]
    assert report.lines[0].marks == "x/|x/|x/|x/"
    assert [line.stanza for line in report.lines] == [1] * 4 + [2] * 4
    assert report.strict_density == 1.0 > report.expected_by_chance


def test_the_text_shows_every_line_and_the_deviations() -> None:
    text = prosody_report(POEM, form="ballad").to_text()
    assert all(line in text for line in POEM.split("\n"))
    assert "ABAB CDCD" in text


def test_a_form_that_is_asked_for_is_the_one_checked() -> None:
    report = prosody_report(POEM, form="sonnet")
    assert report.check is not None
    assert (report.is_form_asked, report.check.passed, report.form) == (True, False, "common meter")
    assert "14 lines; this has 8" in report.to_prompt()


def test_an_unknown_form_is_an_error_even_for_a_text_that_is_not_judged() -> None:
    with pytest.raises(InputError):
        prosody_report("Дождь", form="sonet")


def test_guessed_words_are_counted_and_named() -> None:
    report = prosody_report(POEM.replace("the empty cup", "the blorfinated cup"))
    assert report.n_guessed_words == 1
    assert "blorfinated" in report.to_text()
    assert report.lines[4].guesses == ("blorfinated",)


@pytest.mark.parametrize("text", [POEM, HOSTILE, "Дождь <b>уснул</b>"])
def test_the_html_is_well_formed_and_nothing_of_the_poem_becomes_markup(text: str) -> None:
    tags = Tags()
    tags.feed(prosody_report(text).to_html())
    assert tags.open == []
    assert tags.seen.isdisjoint({"script", "b"})


def test_the_html_table_has_headings() -> None:
    html = prosody_report(POEM).to_html()
    assert html.count('scope="row"') == 8
    assert "<caption>" in html
    assert html.count("<tbody>") == 2


@pytest.mark.parametrize("limit", [0, 1, 40, 120, 400, 1200, 10_000])
def test_a_prompt_never_passes_its_limit_and_never_cuts_a_fact(limit: int) -> None:
    report = prosody_report(POEM, form="limerick")
    prompt = report.to_prompt(limit)
    assert len(prompt) <= limit
    assert set(prompt.split("\n")) - {""} <= set(report.to_prompt(100_000).split("\n"))


def test_the_dict_is_plain_json() -> None:
    report = json.loads(json.dumps(prosody_report(POEM, form="ballad").to_dict()))
    assert report["check"]["form"] == "ballad"
    assert report["check"]["passed"] in (True, False)
    assert report["lines"][0]["letter"] == "A"


@pytest.mark.parametrize("text", ["", "\n \n", "Дождь уснул.", "雨が降る\n静かに", "🌧🌧🌧", "1234 5678"])
def test_what_is_not_judged_says_so_in_each_rendering(text: str) -> None:
    report = prosody_report(text)
    if report.unsupported:
        assert "not supported" in report.to_text()
        assert "not supported" in report.to_prompt()
        assert "not supported" in report.to_html()
    assert report.to_dict()["unsupported"] == report.unsupported


@given(st.text())
def test_no_text_is_too_strange_to_report(text: str) -> None:
    report = prosody_report(text)
    assert len(report.to_prompt(300)) <= 300
    assert isinstance(report.to_text() + report.to_html() + json.dumps(report.to_dict()), str)


@settings(max_examples=50)
@given(
    st.lists(
        st.sampled_from(["rain", "pain", "", "o'er", "—", "I", "🦊", "naïve", "x" * 200, "the a the a"]), max_size=60
    )
)
def test_odd_lines_keep_their_number(lines: list[str]) -> None:
    report = prosody_report("\n".join(lines))
    if not report.unsupported:
        assert [line.text for line in report.lines] == [line for line in lines if line]


def test_a_long_poem_is_reported_with_work_in_proportion() -> None:
    words = ["rain", "stone", "wall", "pain", "bone", "fall"]
    lines = [f"the cat and number {at % 89} saw the {words[at % 6]}" for at in range(5_000)]
    rendered = prosody_report("\n".join(lines)).to_text()
    assert len(re.findall(r"\n", rendered)) >= 5_000
    short, long = (n_calls(lambda n=n: prosody_report("\n".join(lines[:n]))) for n in (1_000, 5_000))
    assert long < 7 * short  # five times the lines; quadratic would be twenty-five


PROSE = "\n".join(
    f"{opening} and then the umbrella was left behind on {day}"
    for opening in ("Nobody remembered the key", "The office telephoned twice", "There were eleven chairs in the hall")
    for day in ("Tuesday", "a bench", "the ferry", "purpose")
)


def test_every_line_outside_the_meter_is_a_place_that_breaks_the_form() -> None:
    found = check_form(PROSE, "heroic couplets")
    assert found.n_places > len(PROSE.split("\n")) > len(found.faults)
    assert f"broken in {found.n_places} places" in prosody_report(PROSE, form="heroic couplets").to_text()


def test_a_poem_with_other_lines_than_the_form_is_not_broken_in_one_place() -> None:
    assert "not kept: without its number of lines" in prosody_report(PROSE, form="villanelle").to_text()


def test_of_a_family_the_variant_with_as_many_lines_counts() -> None:
    fourteen = PROSE + "\nand so on\nto the end of the corridor"
    assert check_form(fourteen, "sonnet").variant != "curtal sonnet"


def test_a_form_that_nobody_asked_for_is_not_said_to_be_asked_for() -> None:
    held = prosody_report(POEM, form="sonnet", is_asked=False).to_text()
    assert "asked for" not in held
    assert "held against it; it looks like common meter" in held
    assert "held against" not in prosody_report(POEM).to_text()


def test_two_lines_without_a_rhyme_have_a_name() -> None:
    report = prosody_report("The cat sat on the mat all day\nand watched the rain come through the door")
    assert (report.form, report.meter) == ("unrhymed meter", "iambic tetrameter")
