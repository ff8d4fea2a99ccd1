"""Charts: data in, traces out; foreign text is text; nothing to draw is said."""

import pytest

from workbench.figures import (
    COLOURS,
    canvas,
    caption_of,
    captioned,
    dot_plot,
    empty,
    grid,
    interval_plot,
    line_chart,
    marks,
    on_page,
)
from workbench.intervals import Estimate

ATTACK = "<img src=x onerror=alert(1)>"
SOME = Estimate(value=0.1, low=-0.1, high=0.4, n=8)
NONE = None


def text_of(figure):
    return figure.to_json()


def annotations(figure):
    return [each.text for each in figure.layout.annotations]


def test_a_line_chart_has_a_trace_for_each_line_with_its_points():
    figure = line_chart("Loss", {"top": [(1, 3.0), (2, 2.5)], "none": []}, x="step", y="nats")
    assert [trace.name for trace in figure.data] == ["top"]
    assert (tuple(figure.data[0].x), tuple(figure.data[0].y)) == ((1, 2), (3.0, 2.5))
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("step", "nats")


def test_lines_differ_in_dash_and_mark_and_not_in_colour_alone():
    drawn = [marks(number) for number in range(len(COLOURS))]
    assert len({one["line"]["dash"] for one in drawn}) == len({one["marker"]["symbol"] for one in drawn}) == len(drawn)


def test_the_caption_of_lines_tells_first_and_last_values():
    figure = line_chart("Loss", {"train": [(0, 3.25), (1, 2.5)]}, x="step", y="nats")
    assert caption_of(figure) == "Loss. train: 3.250 to 2.500."


def test_a_dot_plot_holds_every_value_and_leaves_out_empty_groups():
    figure = dot_plot("Gains", {"copies": [0.4, 0.5], "others": [-0.1], "none": []}, x="nats")
    assert [list(trace.x) for trace in figure.data] == [[0.4, 0.5], [-0.1]]
    assert all(trace.boxpoints == "all" for trace in figure.data)
    assert caption_of(figure) == "Gains. copies: mean +0.450 of 2; others: mean -0.100 of 1."


def test_an_interval_plot_draws_lengths_to_either_side():
    figure = interval_plot("Arms", {"top": SOME, "none": NONE}, x="nats", of=0.2)
    (trace,) = figure.data
    assert list(trace.x) == [0.1]
    assert trace.error_x.array[0] == pytest.approx(0.3)
    assert trace.error_x.arrayminus[0] == pytest.approx(0.2)
    assert figure.layout.shapes[0].x0 == 0.2
    assert "top: 0.100 [-0.100, 0.400]" in caption_of(figure)


def test_a_grid_shows_the_number_of_each_cell_and_leaves_out_what_has_none():
    figure = grid("Strands", ["1", "2"], [("a line of a poem", [0.0, 100.0]), ("x" * 60, [None, 5.0])])
    (trace,) = figure.data
    assert [list(row) for row in trace.z] == [[0.0, 100.0], [None, 5.0]]
    assert figure.layout.yaxis.ticktext[1] == "x" * 45 + "…"


@pytest.mark.parametrize("figure", [
    line_chart(ATTACK, {ATTACK: [(0, 1.0)], "two": [(0, 1.0)]}, x=ATTACK, y=ATTACK),
    dot_plot(ATTACK, {ATTACK: [0.4]}, x=ATTACK),
    interval_plot(ATTACK, {ATTACK: SOME}, x=ATTACK),
    grid(ATTACK, [ATTACK], [(ATTACK, [1.0])]),
    empty(ATTACK, ATTACK),
], ids=["lines", "dots", "intervals", "grid", "empty"])  # fmt: skip
def test_names_are_text_and_nothing_else(figure):
    figure.update_layout(meta=None)  # the caption is plain text, and whoever shows it escapes it
    assert "<img" not in text_of(figure).encode().decode("unicode_escape")


@pytest.mark.parametrize("figure", [
    line_chart("T", {"a": []}, x="x", y="y"), dot_plot("T", {"a": []}, x="x"), interval_plot("T", {"a": NONE}, x="x"),
    grid("T", [], []),
], ids=["lines", "dots", "intervals", "grid"])  # fmt: skip
def test_a_figure_without_a_value_says_so(figure):
    assert len(figure.data) == 0
    assert annotations(figure) == ["There is nothing to draw yet."]
    assert caption_of(figure) == "T. There is nothing to draw yet."


def test_a_figure_without_a_caption_has_none():
    assert caption_of(canvas("T")) == ""
    assert caption_of(captioned(canvas("A & B"), "")) == "A & B."


def test_on_a_page_a_figure_has_no_ground_of_its_own():
    figure = on_page(line_chart("T", {"a": [(0, 1.0)]}, x="x", y="y"))
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
