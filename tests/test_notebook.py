"""What a notebook stores of a figure: plotly's own form, a still picture, its caption."""

import base64
import json
import logging
import shutil
import sys

import pandas as pd
import pytest

from workbench import notebook
from workbench.errors import EngineError
from workbench.figures import line_chart
from workbench.notebook import PLOTLY, set_up, show


def shown():
    return show(line_chart("Loss", {"top": [(1, 3.0), (2, 2.5)]}, x="step", y="nats"))


def test_it_is_stored_for_plotly_and_in_words_and_holds_no_script(monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", "none")  # its picture is the next test's
    bundle = shown()._repr_mimebundle_(include=None, exclude=None)
    assert bundle[PLOTLY]["data"][0]["y"] == [3.0, 2.5]
    assert bundle["text/plain"] == repr(shown()) == "Loss. top: 3.000 to 2.500."
    assert "text/html" not in bundle
    json.dumps(bundle, allow_nan=False)


@pytest.mark.skipif(not shutil.which("chromium"), reason="PNG files are drawn by a browser and chromium is not here")
def test_the_still_picture_is_a_small_png():
    picture = base64.b64decode(shown().bundle["image/png"])
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 60_000


def test_what_the_browser_complains_of_is_not_kept(monkeypatch, capsys):
    def complain(*_, **__):
        logging.getLogger("choreographer").error("resorting to an unclean end")
        sys.stderr.write("slow")
        raise EngineError("no picture")

    monkeypatch.setattr(notebook, "write_pngs", complain)
    assert "image/png" not in shown().bundle
    assert capsys.readouterr().err == ""
    assert logging.root.manager.disable == logging.NOTSET


def test_without_a_browser_there_is_no_picture_and_no_complaint(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "none"))
    assert set(shown().bundle) == {PLOTLY, "text/plain"}


def test_frames_show_texts_whole_and_numbers_rounded():
    with pd.option_context("display.precision", 6, "display.max_colwidth", 50, "display.max_rows", 60):
        set_up()
        page = pd.DataFrame({"poem": ["x" * 300 + "<b>"], "gain": [0.123456]})._repr_html_()
    assert "x" * 300 + "&lt;b&gt;" in page
    assert "<td>0.123</td>" in page
