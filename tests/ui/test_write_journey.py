"""In a real browser, with the built-in model: a haiku comes line by line, one line is locked, one is changed by hand,
the rest is written anew, and the poem is found among one's own.
"""

import pytest

from tests.ui.conftest import app_at, free_port
from workbench.corpus.load import load_poems
from workbench.studio.queue import WorkQueue
from workbench.ui.folders import AppFolders

pytestmark = [
    pytest.mark.model,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
]

SECONDS = 240_000
_ANEW = """last => !document.querySelector("#write-again").disabled
    && !document.querySelector("#write-page").innerText.includes(last)"""
MINE = "Nobody has come to ask"


@pytest.fixture
def desk(tmp_path):
    """The app in a folder of its own; its address and its folders."""
    folders, port = AppFolders(runs=tmp_path / "runs", poems=tmp_path / "poems"), free_port()
    with app_at(folders, port, tmp_path / "log"):
        yield f"http://127.0.0.1:{port}", folders
        WorkQueue(tmp_path / "sessions", models=folders.models).end()


def test_a_poem_is_written_locked_changed_and_kept(desk, chromium):
    url, folders = desk
    page = chromium.new_page()
    page.set_default_timeout(SECONDS)
    page.goto(f"{url}/?tab=write")
    page.get_by_role("tab", name="In a form, line by line").click()
    page.get_by_label("What is it about?").fill("a ferry in fog")
    page.get_by_label("Form", exact=True).click()
    page.get_by_role("option", name="haiku").click()
    page.get_by_role("button", name="Write", exact=True).click()
    page.get_by_text("haiku: every law of the form is kept.").wait_for()
    first = _verses(page)[0]

    page.get_by_role("checkbox").first.check()
    page.locator("#write-page").get_by_text("locked").wait_for()
    page.get_by_label("In your own words").fill("half a thought")
    page.get_by_label("Line", exact=True).click()
    page.get_by_role("option").nth(2).click()
    page.get_by_text(_verses(page)[2]).nth(1).wait_for()
    assert page.get_by_label("In your own words").input_value() == "half a thought"
    page.get_by_label("In your own words").fill("")
    _choose_line(page, 2)
    page.get_by_label("In your own words").fill(MINE)
    page.get_by_role("button", name="Put it in").click()
    page.locator("#write-page").get_by_text(MINE).wait_for()
    assert _has_no_fault(page)

    last = _verses(page)[2]
    page.get_by_role("button", name="Write the unlocked lines anew").click()
    page.wait_for_function(_ANEW, arg=last)
    assert _verses(page)[:2] == [first, MINE]
    page.get_by_role("button", name="Keep this poem").click()
    page.get_by_text("It is among your poems now.").wait_for()
    (poem,) = load_poems(folders.own_poems)
    assert poem.text.split("\n")[:2] == [first, MINE]
    page.close()


def _verses(page):
    texts = page.locator("#write-page td.wb-verse").all_inner_texts()
    return [text.removesuffix(" locked") for text in texts]


def _choose_line(page, number):
    page.get_by_label("Line", exact=True).click()
    page.get_by_role("option").nth(number - 1).click()
    page.wait_for_function(
        "text => document.querySelector('#write-own textarea, #write-own input').value === text",
        arg=_verses(page)[number - 1],
    )


def _has_no_fault(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []
