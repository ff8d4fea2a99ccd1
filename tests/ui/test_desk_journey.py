"""In a real browser: runs are renamed, removed and brought back, a sitting ends, and a phone sees every page."""

import re

import pytest

from tests.ui.made_runs import make_run
from workbench.studio.own_poems import OwnPoems
from workbench.ui.pages import TABS


@pytest.fixture
def phone(chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    yield context.new_page()
    context.close()


def test_a_run_is_noted_renamed_removed_and_brought_back_and_the_page_follows(page, url, folders):
    make_run(folders.runs, "shelved")
    page.goto(f"{url}/?tab=improve&run=shelved")
    page.locator("#progress").get_by_text("shelved").wait_for()
    page.get_by_role("button", name="Note, name, disk, delete").click()
    page.get_by_text(re.compile(r"^shelved takes [\d.]+ MB")).wait_for()
    page.get_by_label("Note on this run").fill("the small corpus")
    page.get_by_role("button", name="Keep the note").click()
    page.get_by_text("The note is kept.").wait_for()
    page.get_by_label("Another name").fill("kept-run")
    page.get_by_role("button", name="Rename it").click()
    page.locator("#progress").get_by_text("kept-run").wait_for()
    assert page.locator("#progress .wb-bad").count() == 0, "it is not looked for under its old name"
    page.get_by_role("button", name="Remove this run").click()
    page.get_by_text("kept-run is removed").wait_for()
    page.wait_for_function("!document.querySelector('#progress').innerText.includes('kept-run')")
    assert page.locator("#progress .wb-bad").count() == 0
    page.get_by_role("button", name="Undo: bring it back").click()
    page.locator("#progress").get_by_text("kept-run").wait_for()
    page.wait_for_function("document.querySelector('#run-note textarea').value.trim() === 'the small corpus'")
    page.get_by_role("button", name="Remove this run").click()
    page.get_by_text("kept-run is removed").wait_for()
    assert page.faults == []


@pytest.mark.parametrize(("mode", "key"), [("one at a time", "a"), ("pairs", "1")])
def test_when_a_sitting_ends_there_is_nothing_to_press_and_the_figures_are_open(page, url, folders, mode, key):
    page.goto(f"{url}/?tab=spotcheck&run=made")
    page.get_by_text("Say who you are first").wait_for()
    page.get_by_label("How many to judge").fill("2")
    page.get_by_label(mode).check()
    page.get_by_label("Reviewer").fill(f"end of {mode}")
    page.get_by_label("Reviewer").press("Enter")
    page.get_by_text(re.compile(r"^0 of \d+ judged$")).wait_for()
    assert page.locator("#spot-edit").is_visible() is (mode == "one at a time")
    for n in (1, 2):
        page.locator("body").press(key)
        page.get_by_text(re.compile(rf"^{n} of \d+ judged$")).wait_for()
    page.get_by_text("All judged. Thank you.").wait_for()
    page.locator("#spot-figures").get_by_text("Your verdicts beside the run's").wait_for()
    assert page.locator(".wb-judge button:visible").count() == 0
    assert page.locator("#judge-undo").is_visible()
    page.locator("body").press("u")
    page.locator(".wb-judge button:visible").first.wait_for()


def test_a_phone_sees_every_page_and_nothing_is_cut_off(phone, url):
    phone.goto(f"{url}/?tab=home")
    phone.locator("#home-runs table").wait_for()
    shown = phone.locator("#tabs > * [role=tab]:visible").all_inner_texts()
    assert [title for title in shown if title in {tab.title for tab in TABS}] == [tab.title for tab in TABS]
    phone.get_by_role("tab", name="Write").click()
    phone.wait_for_selector("#page[data-open]")
    assert phone.get_by_role("tab", name="In a form, line by line").is_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_poem_without_a_title_is_deleted_under_the_name_that_the_list_gave_it(page, url, folders):
    poems = OwnPoems(folders.runs.parent / "own_poems.sqlite")
    made = poems.save("", "Nobody rang the harbour bell.")
    page.goto(f"{url}/?tab=home")
    page.get_by_role("button", name="Delete Nobody rang the harbour bell.").click()
    page.get_by_text("“Nobody rang the harbour bell.” is deleted.").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("link", name="Nobody rang the harbour bell.").wait_for()
    poems.delete(made.id)  # other journeys look at all that is there
