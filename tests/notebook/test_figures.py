"""Figures: every value stands in the drawing, and a poem in it is text and nothing else."""

import xml.etree.ElementTree as ET

import pytest

from workbench.intervals import Estimate
from workbench.notebook.figures import Figure, dot_plot, grid, heat_map, interval_plot, line_chart

SVG = "{http://www.w3.org/2000/svg}"
TEXT = "Title: Rust\nPoem: a <b>gate</b>  & rain"


def tokens(text: str) -> list[tuple[int, int]]:
    """Four characters a token."""
    return [(start, min(start + 4, len(text))) for start in range(0, len(text), 4)]


def drawn_heat_map(help_T: list[float], **rest: object) -> Figure:
    return heat_map("Heat", TEXT, help_T, offsets_T=tokens(TEXT), **rest)  # type: ignore[arg-type]


def all_figures() -> list[Figure]:
    estimate = Estimate(value=0.1, low=-0.1, high=0.3, n=8)
    return [
        line_chart("Loss <1>", {"train & co": [(0, 3.0), (1, 2.5)], "held out": [(0, 3.1)]}, x="step", y="nats"),
        dot_plot("Gains", {"copies": [0.4, 0.5], "others": [-0.1, 0.0], "none": []}, x="nats"),
        interval_plot("Arms", {"top": estimate}, x="nats"),
        grid("Strands", ["1", "2"], [("a line of a poem", [0.0, 100.0]), ("a cut line", [None, 5.0])]),
        drawn_heat_map([1.0] * len(tokens(TEXT))),
    ]


@pytest.mark.parametrize("figure", all_figures(), ids=lambda figure: figure.caption[:8])
def test_a_figure_is_one_well_formed_drawing_that_says_what_it_shows(figure):
    root = ET.fromstring(figure._repr_svg_())  # noqa: S314 - our own drawing
    assert root.tag == f"{SVG}svg"
    assert root.findtext(f"{SVG}title") == figure.caption == repr(figure)


def test_a_line_chart_says_first_and_last_values():
    figure = line_chart("Loss", {"train": [(0, 3.25), (1, 2.5)]}, x="step", y="nats")
    assert "train: 3.250 to 2.500" in figure.caption


def test_a_constant_line_is_drawn_too():
    figure = line_chart("Loss", {"train": [(1, 2.0), (1, 2.0)]}, x="step", y="nats")
    assert "nan" not in figure.svg


def test_a_dot_plot_has_one_dot_for_every_value_and_leaves_out_empty_groups():
    figure = dot_plot("Gains", {"copies": [0.4, 0.5], "others": [-0.1], "none": []}, x="nats")
    assert figure.svg.count("<circle") == 3
    assert "none" not in figure.caption


def test_the_letters_of_a_heat_map_are_the_poems_with_its_spaces():
    root = ET.fromstring(drawn_heat_map([0.0] * len(tokens(TEXT))).svg)  # noqa: S314
    rows = [node.text or "" for node in root.iter(f"{SVG}text") if node.get("textLength")]
    assert "\n".join(rows).replace("\u00a0", " ") == TEXT


def test_a_token_that_was_helped_has_a_solid_bar_and_one_that_was_hurt_a_hollow_one():
    n = len(tokens(TEXT))
    helped, hurt = (drawn_heat_map([value, *[0.0] * (n - 1)]).svg for value in (2.0, -2.0))
    assert helped.count('fill="none" stroke') == 0
    assert hurt.count('fill="none" stroke') == 1


def test_shared_words_are_framed():
    plain, framed = (drawn_heat_map([0.0] * len(tokens(TEXT)), outlined=spans).svg for spans in ([], [(7, 11)]))
    assert framed.count("<rect") == plain.count("<rect") + 1


def test_the_sum_over_the_tokens_is_told():
    values = [0.5] * len(tokens(TEXT))
    assert f"{sum(values):+.1f} nats over {len(values)} tokens" in drawn_heat_map(values).caption


def test_a_long_line_is_broken_and_nothing_of_it_is_lost():
    text = "word " * 60
    figure = heat_map("Heat", text, [0.0], offsets_T=[(0, len(text))])
    rows = [node.text or "" for node in ET.fromstring(figure.svg).iter(f"{SVG}text") if node.get("textLength")]  # noqa: S314
    assert len(rows) > 3
    assert "".join(rows).replace("\u00a0", " ") == text


def test_the_numbers_at_an_axis_are_round_ones():
    root = ET.fromstring(dot_plot("Gains", {"all": [-3.77, 0.4, 8.6]}, x="nats").svg)  # noqa: S314
    shown = [node.text for node in root.iter(f"{SVG}text") if (node.text or "").lstrip("-").isdigit()]
    assert shown == ["0", "5"]
