"""What people do, in a real browser: judge by keyboard, follow a run from start to report, read what attacks them.

Skipped with a reason where Debian's chromium is not installed. Every wait is for a condition, none for a time.
"""

import io
import re
from urllib.parse import urlsplit

import pytest

from tests.engines.families import family_checkpoint
from tests.ui.conftest import LONG, app_at, free_port
from tests.ui.made_runs import ATTACKS
from tests.work import jobs_in
from workbench.corpus.load import load_poems, write_poems
from workbench.jobs import end_job
from workbench.places import ROOT
from workbench.storage.records import RecordStore
from workbench.studio.chats import Chats
from workbench.types import PairVerdict, Verdict
from workbench.ui.folders import AppFolders
from workbench.ui.pages import TABS
from workbench.ui.spotcheck.review import PAIRS, SINGLE, Review, next_view
from workbench.ui.studio.data import Studio

TABS_SHOWN = {
    "home": "#home-runs table",
    "write": "#page[data-open]",
    "studio": ".wb-decisions .wb-new",
    "poems": "#reading .wb-poem",
    "improve": "#progress .wb-run",
    "candidates": "#candidates .wb-heat",
    "spotcheck": "#spot-item p",
    "compose": "#compose-go",
    "revflux": "#flux-plot .main-svg",
    "models": "#models-list table",
}


# plotly's script comes after the page: until then a chart's place says that it is empty
DRAWN = "() => ![...document.querySelectorAll('.wb-plot .empty')].some(place => place.checkVisibility())"

COLOURS_ALONE = {"runOnly": ["color-contrast"]}  # all that another theme changes
IN_THEME = """theme => document.body.classList.contains("dark") === (theme === "dark")
    && !document.getAnimations().some(each => each instanceof CSSTransition)"""
WHOLE, ZOOMED = {"width": 1280, "height": 900}, {"width": 640, "height": 450}  # at 100 and at 200 %

# what is folded away is looked at too
FOLDED = "[...document.querySelectorAll('button.label-wrap:not(.open), .wb-card details:not([open]) > summary')]"


def _open(page, url, tab, **query):
    page.goto(f"{url}/?tab={tab}" + "".join(f"&{key}={value}" for key, value in query.items()))
    page.wait_for_selector(TABS_SHOWN[tab])
    page.wait_for_function(DRAWN)


def _review_as(page, folders, name, mode=SINGLE):
    """Says who reviews, and waits for the first item of that reviewer's own order."""
    key = next_view(folders, Review(run="made", reviewer=name, mode=mode)).key
    field = page.get_by_label("Reviewer")
    field.press_sequentially(name)
    field.press("Escape")
    if mode != SINGLE:
        page.get_by_label(mode).check()
    page.wait_for_function(
        "key => document.querySelector('#spot-key textarea, #spot-key input')?.value === key", arg=key
    )


def _judged(page, n):
    page.get_by_text(re.compile(rf"^{n} of \d+ judged$")).wait_for()


def _verdicts(folders, run, kind, reviewer):
    store = RecordStore(folders.runs / run / "records.sqlite", read_only=True)
    found = store.all(kind, reviewer=reviewer)
    store.close()
    return found


def test_ten_descriptions_are_judged_by_keyboard(page, url, folders):
    _open(page, url, "spotcheck", run="made")
    _review_as(page, folders, "kay")
    for number, key in enumerate("aarrsaara", start=1):
        page.locator("body").press(key)
        _judged(page, number)
    page.locator("body").press("u")
    _judged(page, 8)
    page.locator("body").press("n")
    page.keyboard.type("a note with a and r in it")
    page.keyboard.press("Escape")
    page.locator("body").press("r")
    _judged(page, 9)
    edit = page.locator("#spot-edit textarea")
    edit.fill("A better description of it")
    edit.press("Control+Enter")
    _judged(page, 10)
    given = [verdict.verdict for verdict in _verdicts(folders, "made", Verdict, "kay")]
    names = {"a": "approve", "r": "reject", "s": "skip"}
    assert given == [*(names[key] for key in "aarrsaara"), "withdrawn", "reject", "edit"]
    assert [v.note for v in _verdicts(folders, "made", Verdict, "kay") if v.note] == ["a note with a and r in it"]
    page.reload()
    page.wait_for_selector(TABS_SHOWN["spotcheck"])
    _review_as(page, folders, "kay")
    _judged(page, 10)
    assert page.faults == []


def test_pairs_are_judged_by_keyboard(page, url, folders):
    _open(page, url, "spotcheck", run="made")
    _review_as(page, folders, "pat", PAIRS)
    page.wait_for_selector("#spot-item .wb-sides")
    for number, key in enumerate("12tx", start=1):
        page.locator("body").press(key)
        _judged(page, number)
    assert [pair.verdict for pair in _verdicts(folders, "made", PairVerdict, "pat")] == ["a", "b", "tie", "both bad"]
    assert page.faults == []


def test_attacks_in_every_field_run_nowhere(page, url):
    for tab in ("improve", "candidates", "spotcheck"):
        _open(page, url, tab, run="attacked")
        _no_attack_ran(page)
    _open(page, url, "candidates", run="attacked")
    for number in range(len(ATTACKS)):
        page.get_by_label("Poem", exact=True).click()
        page.get_by_role("option").nth(number).click()
        page.wait_for_selector(TABS_SHOWN["candidates"])
    _no_attack_ran(page)
    _open(page, url, "poems")
    page.get_by_role("button", name="Add your own").click()
    attack = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"
    for name in ("own-title", "own-text", "own-author"):
        page.locator(f"#{name} textarea, #{name} input").first.fill(attack)
    page.locator("#own-add").click()
    page.get_by_text("Added to the collection").wait_for()
    _open(page, url, "poems", collection="mine")
    page.get_by_role("radio").last.check()
    _no_attack_ran(page)


def _no_attack_ran(page):
    assert page.evaluate("window.hacked") is None
    assert page.faults == []
    for tag in ("iframe", "img[src=x]", "svg[onload]", "a[href^=javascript]"):
        assert page.locator(f".gradio-container {tag}").count() == 0


def test_axe_finds_no_fault_in_both_themes_nothing_is_wider_at_200_percent_and_no_request_leaves(page, url):
    from axe_playwright_python.sync_playwright import Axe

    faults = []
    assert [tab.id for tab in TABS] == [*TABS_SHOWN]
    for tab in TABS_SHOWN:
        _open(page, url, tab, run="made", study="small")
        page.evaluate(FOLDED + ".forEach((each) => each.offsetParent && each.click())")
        page.wait_for_function(
            "![...document.querySelectorAll('button.label-wrap:not(.open)')].some(e => e.offsetParent)"
        )
        page.wait_for_function(  # a chart that has not come yet is a box without a name
            "![...document.querySelectorAll('.wb-plot .empty')].some(e => e.offsetParent)"
        )
        for theme, rules in (("light", {}), ("dark", COLOURS_ALONE)):
            page.emulate_media(color_scheme=theme)
            page.wait_for_function(IN_THEME, arg=theme)
            for each in Axe().run(page, options=rules).response["violations"]:
                faults.append(f"{tab}, {theme}: {each['id']} {[node['target'] for node in each['nodes']][:4]}")
        page.set_viewport_size(ZOOMED)
        if page.evaluate("document.documentElement.scrollWidth") > ZOOMED["width"]:
            faults.append(f"{tab}: wider than the window at 200 %")
        page.set_viewport_size(WHOLE)
        page.emulate_media(color_scheme="light")
    assert faults == []
    assert page.hosts - {""} == {urlsplit(url).netloc}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_figure_stands_out_from_the_page_in_both_themes(page, url, theme):
    from PIL import Image

    page.emulate_media(color_scheme=theme)
    _open(page, url, "revflux", study="small")
    page.locator("#flux-plot .xtick text").first.wait_for()
    picture = Image.open(io.BytesIO(page.locator("#flux-plot").screenshot())).convert("L")
    ground = picture.histogram().index(max(picture.histogram()))
    darkest, lightest = picture.getextrema()
    if theme == "light":
        assert (ground > 240, darkest < 60) == (True, True)
    else:
        assert (ground < 50, lightest > 190) == (True, True)


def test_a_deep_link_opens_its_candidate(page, url):
    _open(page, url, "candidates", run="made")
    page.locator("#candidates article a").nth(1).click()
    page.wait_for_selector(TABS_SHOWN["candidates"])
    wanted = re.search(r"candidate=([^&]+)", page.url)[1]
    page.wait_for_function(  # whole, with its host: it is copied to be pasted elsewhere
        "([url, id]) => (told => told.startsWith(`${url}/?`) && told.includes(id))"
        "(document.querySelector('#address textarea, #address input').value)",
        arg=[url, wanted],
    )


@pytest.mark.model
@pytest.mark.slow
def test_a_run_goes_from_start_to_report_over_a_reload_and_the_apps_death(page, tmp_path):
    """Started in the page; the app is killed while it works, started again, and the page finds the run and its end."""
    (tmp_path / "poems" / "good").mkdir(parents=True)
    write_poems(tmp_path / "poems" / "good" / "three.jsonl", load_poems(ROOT / "data/poems/good/short.jsonl")[:3])
    folders, port = AppFolders(runs=tmp_path / "runs", poems=tmp_path / "poems"), free_port()
    try:
        with app_at(folders, port, tmp_path / "first.log") as app:
            model = family_checkpoint(tmp_path / "model", "llama", repeats=True)
            _start_a_run(page, f"http://127.0.0.1:{port}", poems=folders.poems / "good", model=model)
            page.wait_for_selector("#progress .wb-state-running")
            page.reload()
            page.wait_for_selector("#progress .wb-state-running")
            app.kill()
            app.wait()
        assert [job.is_alive for job in jobs_in(folders.runs)] == [True]
        with app_at(folders, port, tmp_path / "second.log"):
            page.goto(f"http://127.0.0.1:{port}/?tab=improve")
            page.wait_for_selector("#progress .wb-state-finished", timeout=5 * LONG)
            page.wait_for_selector("#report h3")
            assert "held-out poems" in page.inner_text("#report")
    finally:
        for job in jobs_in(folders.runs):
            if job.is_alive:
                end_job(folders.runs, job.name)
    assert (folders.runs / folders.names()[0] / "report.html").is_file()


def _start_a_run(page, url, *, poems, model):
    page.goto(f"{url}/?tab=improve")
    page.get_by_label("Poems to use (0 = all)").wait_for()
    page.wait_for_function("document.querySelector('#config input').value.includes('demo.yaml')")
    for label, value in (("Descriptions of each (N)", "4"), ("Iterations", "6")):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="More settings").click()
    page.get_by_label("Model (built-in, a folder, a .gguf file)").fill(str(model))
    page.get_by_label("Poems", exact=True).fill(str(poems))
    page.get_by_label("Poems", exact=True).press("Enter")
    page.get_by_text("3 poems are there").wait_for()
    page.locator("#start").click()
    page.get_by_text("has started").wait_for()


def test_attacks_in_a_chat_are_read_as_text_by_both_voices(page, url, folders):
    chats = Chats(Studio(folders).sessions)
    chat = chats.begin("poet", ("built-in+models/poet", "built-in"))
    for attack in ATTACKS:
        chat = chat.asked(attack).answered(0, f"{attack}\n   - one *word*").answered(1, attack)
    chats.save(chat)
    page.goto(f"{url}/?tab=studio")
    page.get_by_role("tab", name="Chat").click()
    for place, answer in (("first", ATTACKS[-1] + "\n   - one *word*"), ("second", ATTACKS[-1])):
        shown = page.locator(f"#talk-{place} .md")
        shown.nth(2 * len(ATTACKS) - 1).wait_for()
        assert shown.nth(2 * len(ATTACKS) - 2).text_content() == ATTACKS[-1]
        assert shown.nth(2 * len(ATTACKS) - 1).text_content() == answer
        assert shown.first.evaluate("text => getComputedStyle(text).whiteSpace") == "pre-wrap"
    assert page.evaluate("window.hacked") is None
