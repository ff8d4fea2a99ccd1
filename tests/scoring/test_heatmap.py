"""Help per token by hand."""

import xml.etree.ElementTree as ET

import pytest

from tests.fakes import candidate, scored
from tests.ui.made_runs import word_tokenizer
from workbench.errors import InputError
from workbench.prompts.templates import poem_target
from workbench.scoring.heatmap import HeatMap, heat_map, token_helps, token_spans
from workbench.types import Poem

POEM = Poem(title="Rain", text="soft  rain\nfalls")
TARGET = poem_target(POEM)
DESCRIPTION = candidate(POEM, "about rain")


def _score(nll_T, baseline_T, **changes):
    return scored(DESCRIPTION, nll_T=nll_T, baseline_T=baseline_T, **changes)


def test_help_is_baseline_minus_loss_and_the_text_comes_back_whole(tmp_path):
    spans = token_spans(word_tokenizer(tmp_path), POEM)
    n = len(spans)
    tokens = token_helps(POEM, _score((1.0,) * n + (0.0,), (*map(float, range(n)), 9.0)), spans)
    assert "".join(token.text for token in tokens) == TARGET[: spans[-1][1]]
    words = [token for token in tokens if token.text.strip()]
    assert [token.help_nats for token in words] == [i - 1.0 for i in range(n)]


def test_labels_that_no_poet_wrote_are_told_apart(tmp_path):
    spans = token_spans(word_tokenizer(tmp_path), POEM)
    tokens = token_helps(POEM, _score((1.0,) * len(spans), (2.0,) * len(spans)), spans)
    assert [token.text.strip().strip(":") for token in tokens if token.is_label and token.text.strip(": \n")] == [
        "Title",
        "Poem",
    ]


def test_copied_spans_are_marked(tmp_path):
    spans = token_spans(word_tokenizer(tmp_path), POEM)
    start = TARGET.index("falls")
    score = _score((1.0,) * len(spans), (1.0,) * len(spans), copied_spans=((start, start + 5),))
    assert [token.text for token in token_helps(POEM, score, spans) if token.is_copied] == ["falls"]


def test_tokens_that_share_a_character_are_one_with_their_help_summed():
    poem = Poem(title="x", text="☂")
    place = poem_target(poem).index("☂")
    spans = ((0, place), (place, place + 1), (place, place + 1), (place, place + 1))
    tokens = token_helps(poem, _score((0.0, 0.0, 1.0, 1.0, 0.0), (0.0, 1.0, 2.0, 0.5, 0.0)), spans)
    assert [(token.text, token.help_nats) for token in tokens][-1] == ("☂", 1.5)


@pytest.mark.parametrize(("n_losses", "n_baseline"), [(2, 2), (30, 30), (5, 4)])
def test_losses_of_other_tokens_are_refused(n_losses, n_baseline):
    spans = ((0, 1), (1, 2), (2, 3), (3, 4))
    with pytest.raises(InputError, match="do not fit"):
        token_helps(POEM, _score((0.0,) * n_losses, (0.0,) * n_baseline), spans)


def test_a_missing_tokenizer_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="make demo"):
        token_spans(tmp_path, POEM)


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
