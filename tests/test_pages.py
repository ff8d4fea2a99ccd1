"""Pages and tables: every value is escaped, and a name that is missing is an error."""

import pandas as pd
import pytest
from jinja2 import UndefinedError

from workbench.figures import line_chart
from workbench.pages import TEMPLATES, drawings, markdown_table, render

ATTACK = "</script><script>alert(1)</script>"


def a_figure(title="T"):
    return line_chart(title, {title: [(0, 1.0)]}, x="x", y="y")


def test_there_are_templates_and_each_extends_the_one_frame():
    found = {path.name: path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.jinja")}
    assert len(found) >= 3
    assert all('{% extends "page.html.jinja" %}' in text for name, text in found.items() if name != "page.html.jinja")
    assert not any("|safe" in text or "| safe" in text for text in found.values())


def test_a_value_that_a_template_lacks_is_an_error():
    with pytest.raises(UndefinedError):
        render("report.html.jinja", title="x")


def test_plotlys_script_is_in_the_first_figure_only():
    first, second = drawings([a_figure(), a_figure()])
    assert "plotly.js v" in first.drawing
    assert "plotly.js v" not in second.drawing


def test_text_in_a_figure_ends_no_script():
    (drawn,) = drawings([a_figure(ATTACK)])
    assert ATTACK not in drawn.drawing
    assert "<script>alert" not in drawn.drawing


def test_a_markdown_table_keeps_its_shape_whatever_is_in_a_cell():
    frame = pd.DataFrame({"a|b": ["one\ntwo | three", "007"], "n": [1, 2]})
    lines = markdown_table(frame).split("\n")
    assert len(lines) == 4
    assert lines[0].startswith("| a\\|b ")
    assert "one two \\| three" in lines[2]
    assert "| 007 " in lines[3]


def test_an_empty_table_has_its_head():
    assert markdown_table(pd.DataFrame(columns=["a", "b"])).startswith("| a")
