"""The page of Write without a browser: what is shown, what is asked, what a person's words are safe from."""

import html
import re
import time

import pytest

from workbench.corpus.load import load_poems
from workbench.errors import InputError
from workbench.prosody import check_form
from workbench.studio.models import ModelCatalog
from workbench.studio.own_poems import OwnPoems
from workbench.studio.queue import Live, WorkQueue
from workbench.studio.sheets import Sheet, SheetLine, Sheets
from workbench.ui.folders import AppFolders
from workbench.ui.write.desk import ASKED, PARTS, Desk, begun, fitting, look
from workbench.ui.write.view import about_html, form_choices, form_html, gallery_html, kept_html, live_html, sheet_html

WRONG, RIGHT = "The kettle ticks beside the door,", "The kettle sings beside the light,"
LINES = (
    SheetLine(text="The kettle ticks beside the light,", others=(WRONG, RIGHT)),
    SheetLine(text="my brother's coat is on the stair.", is_locked=True),
    SheetLine(text="The moths go round it half the night"),
    SheetLine(text="and no one sees that I am there."),
)


def sheet(**given):
    return Sheet(
        **{"name": "sheet.1", "subject": "the last bus", "poet": "built-in", "form": "quatrains ABAB", "lines": LINES}
        | given
    )


@pytest.fixture
def desk(tmp_path):
    folders = AppFolders(runs=tmp_path / "runs", poems=tmp_path / "poems", config=tmp_path / "config")
    sessions = tmp_path / "sessions"
    return Desk(
        folders=folders, sheets=Sheets(sessions), queue=WorkQueue(sessions, models=tmp_path / "models"),
        catalog=ModelCatalog(tmp_path / "models", sessions=sessions),
    )  # fmt: skip


def asked(**given):
    return [given.get(name, "") for name in ASKED]


def test_each_line_has_its_syllables_its_rhyme_and_its_lock_beside_it():
    rows = re.findall(r"<tr.*?</tr>", sheet_html(sheet(), is_busy=False))[1:]
    assert [re.findall(r"<td>(.*?)</td>", row) for row in rows] == [["8", "A"], ["8", "B"], ["8", "A"], ["8", "B"]]
    assert ["locked" in row for row in rows] == [False, True, False, False]


def test_a_form_is_told_with_an_example_that_keeps_it():
    for shown in (form_html("villanelle"), about_html("villanelle")):
        assert "Nineteen lines" in shown or "nineteen lines" in shown
        poem = html.unescape(re.search(r'<div class="wb-lines">(.*?)</div>', shown, re.DOTALL)[1])
        assert check_form(poem, "villanelle").faults == ()
    assert about_html("free verse")
    assert about_html("no such form") == ""


def test_words_of_a_poem_are_escaped():
    attack = sheet(lines=(SheetLine(text="<img src=x onerror=alert(1)>"),), form="", title="<b>")
    assert "<img" not in sheet_html(attack, is_busy=False)
    assert "<b>" not in sheet_html(attack, is_busy=False)


def test_a_form_that_is_left_is_said_line_by_line():
    broken = sheet(lines=(*LINES[:3], SheetLine(text="and no one sees that I am gone.")))
    assert "every law of the form is kept" in kept_html(sheet())
    assert "Line 4" in kept_html(broken)


def test_only_others_that_keep_the_form_are_offered():
    assert fitting(sheet(), 1) == [RIGHT]


def test_without_a_form_every_other_is_offered():
    assert fitting(sheet(form=""), 1) == list(LINES[0].others)


def test_every_form_of_the_list_can_be_written_and_explained():
    names = [name for _, name in form_choices()]
    assert len(names) > 40
    assert "prose poem" not in names
    assert all(name in form_html(name) for name in names if name)
    assert gallery_html().count("<tr>") == len(names)


def test_a_poem_without_a_subject_is_not_begun(desk):
    said, _ = begun(desk, *asked(subject="  ", form="haiku"))
    assert "say what the poem is about" in said
    assert desk.sheets.names() == []


def test_wishes_that_no_poem_can_meet_are_said_before_a_model_is_loaded(desk):
    said, _ = begun(desk, *asked(subject="rain", form="haiku", refrain="again"))
    assert "no line of this form comes back" in said
    assert desk.sheets.names() == []


def test_nothing_is_changed_while_the_poet_writes(desk, monkeypatch):
    desk.sheets.save(sheet())
    monkeypatch.setattr(WorkQueue, "live", lambda *_: Live(state="writing"))
    with pytest.raises(InputError, match="the poet is writing"):
        desk.change("sheet.1", lambda old: old.with_line(1, "Mine"))
    assert desk.sheets.open("sheet.1") == sheet()


def test_a_kept_poem_is_among_ones_own_with_who_wrote_it(desk):
    desk.sheets.save(sheet())
    assert "among your poems now" in desk.keep("sheet.1")
    (poem,) = load_poems(desk.folders.own_poems)
    assert (poem.title, poem.form, poem.text) == ("The last bus", "quatrains ABAB", sheet().text)
    assert poem.author.endswith(" and a person")
    assert "among your poems already" in desk.keep("sheet.1")
    own = OwnPoems(desk.folders.runs.parent / "own_poems.sqlite").all()
    assert [(one.title, one.text) for one in own] == [("The last bus", sheet().text)], "Home shows it, once"


def test_the_words_of_a_line_are_given_to_the_page_and_never_put_into_the_field_itself(desk):
    desk.sheets.save(sheet())
    seen = dict(zip(PARTS, look(desk, "sheet.1", 2, {}), strict=True))["seen"]
    desk.sheets.save(sheet().with_line(3, "The moths are gone"))
    parts = dict(zip(PARTS, look(desk, "sheet.1", 2, seen), strict=True))
    assert "The moths are gone" in parts["page"]
    assert parts["given"] == sheet().lines[1].text
    assert "own" not in PARTS, "what a person types there is left alone"


def test_a_look_at_what_has_not_changed_costs_nothing(desk):
    desk.sheets.save(sheet())
    seen = dict(zip(PARTS, look(desk, "sheet.1", 1, {}), strict=True))["seen"]
    assert all(part == {"__type__": "update"} for part in look(desk, "sheet.1", 1, seen))


def test_a_failure_says_that_the_lines_are_as_they_were():
    assert "Your lines are as they were." in live_html(Live(state="failed", note="no line was found"), sheet())


def test_what_is_being_written_is_said():
    began = time.time()
    assert "line 2" in live_html(Live(state="writing", began=began), sheet(coming=LINES[:1]), now=began)
