"""What is printed with a poem and is not verse, on lines written for it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from workbench.prosody.command import app
from workbench.prosody.front_matter import verse_of

SONG = """The kettle sang the whole night long
and would not let me sleep,
and every verse of every song
was borrowed from a sheep."""
OTHER = """The porter came to drink his tea
before the day began,
and said that he would rather be
a cup than any man."""


@pytest.mark.parametrize(
    ("printed", "passed_over"),
    [
        (f"# The Kettle\nfor the porter\n\n{SONG}", ("# The Kettle", "for the porter")),
        (f"THE KETTLE\n\n{SONG}", ("THE KETTLE",)),
        (f"(For my aunt)\n\n{SONG}", ("(For my aunt)",)),
        (f"for my aunt\n\n{SONG}", ("for my aunt",)),
        (f"*for Ann and Ben*\n\n{SONG}", ("*for Ann and Ben*",)),
        (f"in memory of the old ferry\n\n{SONG}", ("in memory of the old ferry",)),
        (f"The Kettle\nfor Ann\n\n{SONG}", ("The Kettle", "for Ann")),
        (f"The Old Kettle\n\nfor Ann\n\n{SONG}", ("The Old Kettle", "for Ann")),
        (f"A kettle is a clock\n-- Tea Almanac\n\n{SONG}", ("A kettle is a clock", "-- Tea Almanac")),
        (f"* * *\n\n{SONG}", ("* * *",)),
        (f"1\n{SONG}", ("1",)),
        (f"IV.\n\n{SONG}", ("IV.",)),
    ],
)  # fmt: skip
def test_what_is_not_verse_is_passed_over(printed: str, passed_over: tuple[str, ...]) -> None:
    found = verse_of(printed)
    assert (found.text, found.passed_over) == (SONG, passed_over)


def test_numbers_of_stanzas_are_passed_over_wherever_they_stand() -> None:
    for printed in (f"I\n\n{SONG}\n\nII\n\n{OTHER}", f"I.\n{SONG}\r\n\r\nII.\n{OTHER}"):
        assert verse_of(printed).text == f"{SONG}\n\n{OTHER}"


@pytest.mark.parametrize(
    "text",
    [
        SONG,
        f"{SONG}\n\n{OTHER}",
        f"I\n\n{SONG}",  # a person
        f"The winter is a yellow door,\n\n{SONG}",
        f"the winter is a door\n\n{SONG}",
        f"Sing, Kettle\n\n{SONG}\nSing, kettle.",  # a refrain
        f"for winter is a door\n\n{SONG}",
        f"to the kettle\n\n{SONG}",
        f"for Ann\n\n{SONG}\nfor Ann.",  # a refrain
        "The Rain\n\nfalls\non it",
        "I",
        "* * *",
        "",
    ],
)
def test_what_may_be_verse_stays(text: str) -> None:
    assert (verse_of(text).text, verse_of(text).passed_over) == (text, ())


def test_the_command_judges_the_verse_and_says_what_it_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "songs.txt"
    file.write_text(f"# Two Songs\n\nI\n\n{SONG}\n\nII\n\n{OTHER}", "utf-8")
    shown = CliRunner().invoke(app, ["report", str(file)])
    assert "not judged as verse: # Two Songs / I / II" in shown.stderr
    assert "common meter, kept" in shown.stdout
    answer = json.loads(CliRunner().invoke(app, ["report", str(file), "--json"]).stdout)
    assert answer["passed_over"] == ["# Two Songs", "I", "II"]


def test_a_line_that_was_turned_over_is_read_as_one() -> None:
    printed = """The porter came to drink his tea and keep the
    company
of seven geese that told him where the winter ought
    to be,
and then he sang a song to every one of them,
and then he hung his coat upon the moon."""
    found = verse_of(printed)
    assert found.n_joined == 2
    assert found.text.split("\n")[0] == "The porter came to drink his tea and keep the company"


def test_short_lines_that_are_set_in_are_lines() -> None:
    printed = f"""{SONG}
   but never
and nobody has ever heard a kettle sing
   a longer song than this."""
    assert verse_of(printed).text == printed
