"""Aligned measures with answers known beforehand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import quadratic
from tests.revflux.traces import NOUNS
from workbench.revflux.rounds import concatenated, measure_round, reference_rounds, stable_rounds, structural_growth

LINES = [f"The {noun} waits behind the {other}" for noun, other in zip(NOUNS[:10], NOUNS[2:], strict=True)]
ANY = st.lists(st.text("abc dé", min_size=1, max_size=8).map(str.strip).filter(bool), max_size=6)


def test_one_line_inserted_at_the_top_does_not_read_as_everything_changed():
    flux = measure_round(LINES, ["Once, before any of it", *LINES])
    assert (flux.n_kept, flux.n_new, flux.n_edited, flux.n_cut, flux.n_moved) == (10, 1, 0, 0, 0)
    assert flux.verbatim == 100.0
    assert flux.coverage == pytest.approx(100 / 11)


def test_a_new_line_at_the_top_takes_nothing_from_the_head():
    assert measure_round(LINES, ["Once, before any of it", *LINES]).head_preservation == 100.0


def test_a_new_first_line_in_the_place_of_the_old_one_halves_the_head():
    assert measure_round(LINES, ["Once, before any of it", *LINES[1:]]).head_preservation == 50.0


def test_the_same_draft_has_no_change_anywhere():
    flux = measure_round(LINES, LINES)
    assert (flux.line_change, flux.character_change, flux.word_change, flux.coverage) == (0.0, 0.0, 0.0, 0.0)
    assert (flux.tail_attention, flux.entropy, flux.edited_change) == (None, None, None)


def test_characters_weigh_long_lines_more_than_lines_do():
    flux = measure_round(["abcd", "abcdefghijklmnop"], ["abcx", "abcdefghijklmnop"])
    assert flux.line_change == 12.5
    assert flux.character_change == 5.0


def test_words_are_counted_in_words():
    assert measure_round(["the salt road"], ["the salt roads"]).word_change == pytest.approx(100 / 3)


def test_change_in_the_last_lines_is_tail_and_nothing_else():
    flux = measure_round(LINES, [*LINES[:8], *(line.replace("waits", "sings") for line in LINES[8:])])
    assert flux.tail_attention == 100.0
    assert flux.entropy == pytest.approx(0.0, abs=1e-9)


def test_change_everywhere_alike_is_even():
    flux = measure_round(["the oak stands"] * 10, ["the elm stands"] * 10)
    assert flux.entropy == pytest.approx(1.0)


def test_a_moved_line_is_untouched():
    flux = measure_round(LINES, [LINES[-1], *LINES[:-1]])
    assert (flux.n_moved, flux.verbatim, flux.line_change) == (1, 100.0, 0.0)


def test_growth_is_by_the_earlier_draft():
    assert measure_round(LINES, LINES[:5]).line_growth == -50.0


def test_an_empty_draft_is_survived():
    assert measure_round([], []).line_change is None


@given(ANY, ANY)
def test_changes_agree_with_the_quadratic_implementation(before, after):
    if before or after:
        flux = measure_round(before, after)
        ((characters, words),) = quadratic.aligned(["\n".join(before), "\n".join(after)])
        assert flux.line_change == pytest.approx(characters)
        assert flux.word_change == pytest.approx(words)


TEN = [f"{noun} and {noun} again" for noun in ["oak", "elm", "ash", "yew", "fir", "box", "bay", "fig", "pear", "plum"]]


def test_lines_are_paired_by_index_after_blank_ones_are_dropped():
    (one,) = reference_rounds(["salt\n\n  road ", "malt\nroad\nend"])
    assert [(pair.before, pair.after, pair.characters) for pair in one.pairs] == [
        ("salt", "malt", 25.0), ("road", "road", 0.0), ("", "end", 100.0),
    ]  # fmt: skip


def test_a_line_inserted_at_the_top_changes_everything_by_index():
    (one,) = reference_rounds(["\n".join(TEN), "\n".join(["A title line of another kind", *TEN])])
    assert (one.n_changed, one.n_stable, len(one.pairs)) == (11, 0, 11)


def test_a_change_of_half_a_percent_does_not_count():
    before = "a" * 200
    (one,) = reference_rounds([f"{before}\nb", f"{before[1:]}c\nb"])
    assert one.pairs[0].characters == 0.5
    assert one.n_changed == 0


def test_a_line_below_five_percent_is_changed_and_stable_at_once():
    before = "a" * 20
    (one,) = reference_rounds([before, before[1:] + "b"])
    assert (one.pairs[0].characters, one.n_changed, one.n_stable) == (5.0, 1, 0)
    (other,) = reference_rounds([before + "aa", before + "ab"])
    assert (other.n_changed, other.n_stable) == (1, 1)


def test_changed_words_are_counted_over_all_lines():
    (one,) = reference_rounds(["the salt road\nends here", "the old salt road\nends there."])
    assert one.n_words_changed == 1 + 2


def test_rounds_strung_together_mistake_the_second_round_for_the_tail():
    first = "\n".join(TEN)
    rounds = reference_rounds([first, first, first.replace("oak", "vine")])
    assert concatenated(rounds).tail_attention == 0.0  # line 11 of 20: the top of round 2 is "the middle"
    assert concatenated(rounds).coverage == 5.0


def test_stability_counts_rounds_by_index():
    assert stable_rounds(reference_rounds(["a\nb", "a\nc", "a\nc"])) == (2, 1)


def test_growth_compares_the_last_draft_with_the_first():
    assert structural_growth(["a\nb", "a\nb\nc", "a\nb\nc\nd"]) == 100.0


def test_a_session_of_one_draft_has_no_rounds():
    assert reference_rounds(["a"]) == ()
    assert concatenated(()).coverage is None


def test_it_agrees_with_the_quadratic_implementation():
    drafts = ["\n".join(TEN), "\n".join(TEN[1:]), "\n".join(line.title() for line in TEN)]
    found = [(one.mean_characters, one.mean_words) for one in reference_rounds(drafts)]
    assert found == [pytest.approx(pair) for pair in quadratic.by_index(drafts)]
