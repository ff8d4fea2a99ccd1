"""The pages: self-contained, escaped, complete."""

import re
import shutil

import pytest

from tests.revflux.traces import made_up_sessions, trace
from workbench.errors import EngineError
from workbench.revflux.dashboard import SCALE, WIDTH, page, write_pages, write_pictures
from workbench.revflux.measures import read_bands
from workbench.revflux.study import StudySession
from workbench.revflux.study_results import study_results

FIGURES = {
    "models", "categories", "revision_lengths", "approval_timing", "answers", "histogram", "profile", "stanza_map",
    "line_survival", "line_bars_1", "line_bars_2",
}  # fmt: skip
ATTACK = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def bands():
    return read_bands()


@pytest.fixture(scope="module")
def pages(tmp_path_factory, bands):
    folder = tmp_path_factory.mktemp("study")
    held = made_up_sessions(("quiet", "busy", "drafts only"), n_prompts=1)
    return folder, write_pages(folder, study_results("made up", held, (0, 1, 3, 5), bands))


def test_every_figure_is_in_the_dashboard_and_a_file_of_its_own(pages):
    folder, files = pages
    text = files[0].read_text()
    assert set(re.findall(r'<section id="(\w+)">', text)) == FIGURES
    assert {path.stem for path in (folder / "figures").glob("*.html")} == FIGURES


def test_the_dashboard_holds_plotly_once_and_asks_no_network(pages):
    text = pages[1][0].read_text()
    assert text.count("plotly.js v") == 1
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=", text)


def test_the_figures_share_one_script_beside_them(pages):
    folder, _ = pages
    assert '<script charset="utf-8" src="plotly.min.js">' in (folder / "figures" / "models.html").read_text()
    assert (folder / "figures" / "plotly.min.js").stat().st_size > 1_000_000


@pytest.mark.skipif(not shutil.which("chromium"), reason="PNG files are drawn by a browser and chromium is not here")
def test_pictures_are_png_files_of_every_figure(tmp_path, bands):
    held = made_up_sessions(("quiet", "busy", "drafts only"), n_prompts=1)
    files = write_pictures(tmp_path, study_results("made up", held, (0, 1, 3, 5), bands))
    assert {path.stem for path in files} == FIGURES
    for path in files:
        head = path.read_bytes()[:24]
        assert head.startswith(b"\x89PNG")
        assert int.from_bytes(head[16:20]) == WIDTH * SCALE


def test_without_a_browser_the_pictures_are_refused_in_one_line(tmp_path, bands, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "none"))
    held = [StudySession(id="x", configuration="drafts", category="generic", sample=0, trace=trace(["a\nb"]))]
    with pytest.raises(EngineError, match="HTML only") as caught:
        write_pictures(tmp_path, study_results("drafts", held, (0, 1), bands))
    assert "\n" not in str(caught.value)


def test_text_of_poems_prompts_and_models_is_never_markup(tmp_path, bands):
    drafts = [f"{ATTACK}\na second line", f"{ATTACK} again\nanother line of it"]
    hostile = trace(drafts, [((1,), "revise")] * 2, request=ATTACK)
    held = [StudySession(id="x", configuration=ATTACK, category=ATTACK, sample=0, trace=hostile)]
    text = write_pages(tmp_path, study_results(ATTACK, held, (0, 1), bands))[0].read_text()
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "&lt;img src=x" in text


def test_drafts_alone_make_a_page_that_says_so(tmp_path, bands):
    held = [StudySession(id="x", configuration="drafts", category="generic", sample=0, trace=trace(["a\nb"]))]
    text = write_pages(tmp_path, study_results("drafts", held, (0, 1), bands))[0].read_text()
    assert "Drafts only: nothing was revised." in text


def test_few_prompts_are_said_to_be_few(pages):
    assert "Fewer than six prompts" in pages[1][0].read_text()


def test_the_same_study_gives_the_same_table(pages, bands):
    held = made_up_sessions(("quiet", "busy", "drafts only"), n_prompts=1)
    again = page(study_results("made up", held, (0, 1, 3, 5), bands), [])
    table = re.compile(r"<table>.*?</table>", re.DOTALL)
    assert table.findall(again) == table.findall(pages[1][0].read_text())
