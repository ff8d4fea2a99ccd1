"""The heat-map: every value is in the drawing, and a poem in it is text and nothing else."""

import xml.etree.ElementTree as ET

from workbench.notebook.heat_map import HeatMap, heat_map

SVG = "{http://www.w3.org/2000/svg}"
TEXT = "Title: Rust\nPoem: a <b>gate</b>  & rain"


def tokens(text: str) -> list[tuple[int, int]]:
    """Four characters a token."""
    return [(start, min(start + 4, len(text))) for start in range(0, len(text), 4)]


def drawn_heat_map(help_T: list[float], **rest: object) -> HeatMap:
    return heat_map("Heat", TEXT, help_T, offsets_T=tokens(TEXT), **rest)  # type: ignore[arg-type]


def test_a_heat_map_is_one_well_formed_drawing_that_says_what_it_shows():
    figure = drawn_heat_map([1.0] * len(tokens(TEXT)))
    root = ET.fromstring(figure._repr_svg_())  # noqa: S314 - our own drawing
    assert root.tag == f"{SVG}svg"
    assert root.findtext(f"{SVG}title") == figure.caption == repr(figure)


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
