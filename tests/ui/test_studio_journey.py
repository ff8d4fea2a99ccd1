"""In a real browser: a poem revised with one line taken and one refused, the page reloaded in between; words of one's
own stay where they were typed, whatever comes.
"""

import time
from contextlib import closing
from urllib.parse import urlencode

import pytest

from tests.revision.scripts import APPROVE, BRIEF, FIRST, NOTE, REVISE
from tests.ui.conftest import app_at, free_port
from tests.ui.scripted_endpoint import Script, endpoint
from workbench.revision.store import SessionStore
from workbench.ui.folders import AppFolders
from workbench.ui.studio.data import SessionForm, Studio
from workbench.writing.asked_lines import N_ANSWERS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

SECONDS = 240_000
NEW_LINE = "A broom with three teeth left"  # for the one that the critique cites


@pytest.fixture
def studio(tmp_path):
    """The app with models that read from a script; its address and its studio."""
    folders = AppFolders(runs=tmp_path / "runs", poems=tmp_path / "poems")
    made, port = Studio(folders), free_port()
    answers = {"educator": [BRIEF, REVISE, APPROVE, NOTE], "poet": [FIRST, *[NEW_LINE] * N_ANSWERS]}
    with endpoint(Script(answers)) as url:
        for model in ("educator", "poet"):
            made.catalog.add_endpoint(url, model)
        with app_at(folders, port, tmp_path / "log"):
            yield f"http://127.0.0.1:{port}", made
            made.queue.end()


def test_a_poem_is_revised_with_one_line_taken_and_one_refused(studio, chromium):
    url, made = studio
    page = chromium.new_page()
    page.set_default_timeout(SECONDS)
    voices = {model: next(one.engine for one in made.catalog.models() if one.engine.endswith(f"#{model}"))
              for model in ("educator", "poet")}  # fmt: skip
    page.goto(f"{url}/?{urlencode({'tab': 'studio', **voices})}")  # the address behind “try it in the studio”
    page.get_by_label("What is the poem to be?").fill("a railway station")
    page.get_by_role("button", name="Begin", exact=True).click()

    page.locator(".wb-said").wait_for()
    assert "sweeps" in page.locator(".wb-strong").inner_text()
    page.wait_for_function("document.getElementById('wb-told').textContent.includes('The critique is here')")
    _write_on_it(page)
    page.get_by_role("button", name="Write the next draft").click()
    _finds_ones_own_words(page)

    cut = page.get_by_role("group", name="Line 2: cut")
    cut.get_by_label("keep it").check()
    page.get_by_text("Your choices are stored.").wait_for()
    page.reload()
    page.get_by_role("group", name="Line 2: cut").wait_for()
    page.get_by_role("button", name="Write on it yourself").click()
    _finds_ones_own_words(page)
    assert page.get_by_role("group", name="Line 2: cut").get_by_label("keep it").is_checked()
    assert page.get_by_role("group", name="Line 2: new").get_by_label("take it").is_checked()
    page.get_by_role("button", name="Settle these lines").click()
    page.get_by_text("It came to rest because the educator approved the poem").wait_for()
    page.locator("#studio-page").get_by_text("Carry the broom on.").wait_for()  # the educator is that before the reload

    with closing(SessionStore(made.sessions)) as store:
        trace, _ = store.open("railway-station")
    assert trace.rounds[-1].draft.author == "person"
    assert trace.rounds[-1].draft.lines[1:3] == ("the dust goes where dust goes,", "a broom with three teeth left,")

    _makes_a_draft_of_them(page)
    with closing(SessionStore(made.sessions)) as store:
        assert store.open("railway-station")[0].rounds[-1].draft.lines[-1] == "I hold the door."
    page.close()


def test_an_answer_that_was_overtaken_does_not_stay_on_the_page(studio, chromium):
    url, made = studio
    engines = {one.engine.rpartition("#")[2]: one.engine for one in made.catalog.models() if "#" in one.engine}
    filled = SessionForm(educator=engines["educator"], poet=engines["poet"])
    name = made.begin("a railway station", "", filled)
    _rests(made, name)
    page = chromium.new_page()
    page.set_default_timeout(SECONDS)
    page.goto(f"{url}/?tab=studio&session={name}")
    page.locator(".wb-said").wait_for()

    looks = _Looks(page)
    looks.hold("Line 2: cut")
    made.go_on(name, filled)
    _rests(made, name)
    looks.wait()
    made.go_on(name, filled)
    _rests(made, name)
    page.get_by_role("tab", name="Home").click()
    page.get_by_role("tab", name="Studio").click()
    page.get_by_text("It came to rest").wait_for()
    looks.release(then_hold="It came to rest")
    page.get_by_role("group", name="Line 2: cut").wait_for()  # overtaken: the older answer is what is seen
    looks.wait()
    looks.release()
    page.get_by_text("It came to rest").wait_for()
    page.close()


class _Looks:
    """The answers to the looks that a page takes by itself; one of them can be kept back."""

    def __init__(self, page):
        self._page, self._text, self._held = page, "", None
        page.route("**/gradio_api/run/**", self._on_look)

    def hold(self, text):
        """The first answer that says this."""
        self._text = text

    def release(self, *, then_hold=""):
        route, answer = self._held
        self._held, self._text = None, then_hold
        route.fulfill(response=answer)

    def wait(self):
        for _ in range(6000):
            if self._held:
                return
            self._page.wait_for_timeout(100)
        pytest.fail(f"no look was answered with {self._text!r}")

    def _on_look(self, route):
        answer = route.fetch()
        if self._text and self._held is None and self._text in answer.text():
            self._held = (route, answer)
        else:
            route.fulfill(response=answer)


def _rests(made, name):
    for _ in range(6000):
        if not made.queue.live(name).is_at_work:
            return
        time.sleep(0.1)
    pytest.fail(f"still at work: {made.queue.live(name)}")


def _write_on_it(page):
    page.get_by_role("button", name="Write on it yourself").click()
    own = page.get_by_label("The poem, yours to change")
    assert own.input_value().startswith("Hall\n\nHe sweeps"), "the field holds the draft that is shown"
    own.press("Control+End")
    own.press_sequentially("\nI hold the door.")


def _finds_ones_own_words(page):
    """A new draft does not touch them, nor does a reload."""
    page.get_by_text("Draft 2 has come since; your words stay").wait_for()
    assert page.get_by_label("The poem, yours to change").input_value().endswith("I hold the door.")


def _makes_a_draft_of_them(page):
    page.get_by_role("button", name="Make this the newest draft").click()
    page.get_by_text("Stored as the newest draft.").wait_for()
    page.locator("#studio-page").get_by_text("Draft 4 of 4").wait_for()  # it is also announced, outside of the page
    page.get_by_text("has come since").wait_for(state="hidden")  # words that are a draft are kept no longer
