"""In a real browser: a poem is written with its gloss under it, rhymed, kept in versions, and found again on Home."""

import pytest

from workbench.studio.own_poems import OwnPoems

POEM = "The kettle ticks beside the light,\nmy brother's coat is on the stair."
#: A letter typed at the end, and how far the text of the first line moved by it.
_MOVED = """() => { const row = () => document.querySelector(".wb-row span").getBoundingClientRect();
    const before = row(); document.execCommand("insertText", false, "x"); const after = row();
    return [after.top - before.top, after.left - before.left]; }"""


_GLOSSES = "told => [...document.querySelectorAll('.wb-row i')].map(each => each.innerText).join() === told"


def test_a_poem_is_written_and_kept_and_found_on_home(page, url, folders):
    page.goto(f"{url}/?tab=write")
    page.wait_for_selector("#page[data-open]")
    page.get_by_label("Title", exact=True).fill("The stair")
    page.locator("#page-text").click()
    page.keyboard.insert_text(POEM)
    page.wait_for_function("document.querySelectorAll('.wb-row .wb-beat').length === 8")
    assert page.locator(".wb-row i").all_inner_texts() == ["8", "8"]
    assert page.evaluate(_MOVED) == [0, 0], "nothing moves while one types"
    page.keyboard.press("Backspace")

    page.keyboard.insert_text("\n")
    page.locator("[data-word=chair]").click()
    page.wait_for_function(
        "[...document.querySelectorAll('.wb-row i')].map(e => e.innerText).join() === '8,8 · A,1 · A'"
    )
    page.get_by_role("button", name="Keep this version").click()
    page.get_by_role("button", name="a version").wait_for()
    _put_the_cursor(page, "kettle")
    page.locator("#page-synonyms", has_text="no entry for ‘kettle’").wait_for()
    _put_the_cursor(page, "light")
    page.locator("#page-synonyms [data-word=lantern]").click()
    page.wait_for_function(
        "document.getElementById('page-text').value.startsWith('The kettle ticks beside the lantern,')"
    )
    page.locator("#page-text").press("Control+z")
    page.locator("#page-text").press("Control+z")
    page.get_by_text("Saved.").wait_for()
    page.get_by_role("button", name="a version").click()
    page.locator("#page-beside u", has_text="chair").wait_for()
    page.get_by_role("button", name="Bring this version back").click()
    page.wait_for_function("document.getElementById('page-text').value.endsWith('chair')")
    page.get_by_text("Saved.").wait_for()
    assert _axe(page) == []
    _what_is_typed_outlasts_late_answers(page)

    page.get_by_role("tab", name="Home").click()
    page.get_by_label("Search titles, words and folders").fill("chair")
    page.get_by_role("link", name="The stair").wait_for()
    page.get_by_role("button", name="Delete The stair").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("link", name="The stair").wait_for()
    kept = OwnPoems(folders.runs.parent / "own_poems.sqlite").all()
    assert [poem.text for poem in kept] == [f"{POEM}\nchair no more, no less"]
    assert page.faults == []


#: The page's own questions are answered half a second late.
_LATE = """() => { const ask = window.fetch;
    window.fetch = async (...told) => { const answer = await ask(...told);
        if (String(told[0]).startsWith("desk/")) await new Promise((done) => setTimeout(done, 500));
        return answer; }; }"""


def _what_is_typed_outlasts_late_answers(page):
    """A poem that is on its way to the disk when another one is begun, and words that come before its answer."""
    page.evaluate(_LATE)
    text = page.locator("#page-text")
    text.press("End")
    page.keyboard.insert_text(" no more")
    page.wait_for_timeout(800)  # it is being saved, and its answer is late
    page.keyboard.insert_text(", no less")
    page.get_by_role("button", name="A new poem").click()
    page.wait_for_function("document.getElementById('page-text').value === ''")
    assert "own" not in page.url


def _put_the_cursor(page, word):
    page.locator("#page-text").focus()
    page.evaluate(
        """word => { const field = document.getElementById("page-text"), at = field.value.indexOf(word) + 2;
        field.setSelectionRange(at, at); }""",
        word,
    )


def _axe(page):
    from axe_playwright_python.sync_playwright import Axe

    return [
        f"{each['id']} {[node['target'] for node in each['nodes']][:4]}"
        for each in Axe().run(page).response["violations"]
    ]


def test_a_page_that_is_open_asks_for_what_is_seen_alone(page, url):
    """Home looks every five seconds, the studio twice a second; nothing of the other tabs is asked for meanwhile."""
    asked: list[int] = []
    page.on(
        "request", lambda request: asked.append(request.post_data_json["fn_index"]) if "/run/" in request.url else 0
    )
    page.goto(f"{url}/?tab=studio")
    _wait_for(page, lambda: len(asked) > 8 and len({*asked[-6:]}) == 1)
    studio = asked[-1]
    page.get_by_role("tab", name="Home").click()
    _wait_for(page, lambda: studio not in asked[-3:])
    assert len({*asked[-2:]}) == 1
    assert page.url.endswith("?tab=home"), "the address follows the tabs, so that a reload stays"


def _wait_for(page, is_there):
    for _ in range(6000):
        if is_there():
            return
        page.wait_for_timeout(100)
    pytest.fail("the page never came to rest")


#: Every tab that was chosen since the page began to come up.
_WATCHED = """
window.chosenTabs = [];
new MutationObserver(() => {
  const chosen = document.querySelector("#tabs [role=tab][aria-selected=true]");
  if (chosen && window.chosenTabs.at(-1) !== chosen.innerText) window.chosenTabs.push(chosen.innerText);
}).observe(document, { childList: true, subtree: true, attributes: true, characterData: true });
"""


@pytest.mark.parametrize(
    ("named", "title"), [("write", "Write"), ("Spot-check", "Spot-check"), ("teach", "Teach"), ("nope", "Home")]
)
def test_an_address_opens_its_tab_and_shows_no_other_first(page, url, named, title):
    page.add_init_script(_WATCHED)
    page.goto(f"{url}/?tab={named}")
    page.get_by_role("heading", level=1).first.wait_for()
    page.locator("#home-runs table, #page[data-open], #spot-item p, #progress .wb-run").first.wait_for()
    assert page.evaluate("window.chosenTabs") == [title]
    if title == "Teach":
        page.locator("#cost").get_by_text("poem").first.wait_for()
        assert page.get_by_label("Descriptions of each (N)").input_value() == "4", "the form is filled"
