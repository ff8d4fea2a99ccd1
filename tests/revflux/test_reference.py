"""The reference's definitions, by hand; what is wrong with them is part of them."""

import pytest

from bench import quadratic
from workbench.revflux.reference import concatenated, reference_rounds, stable_rounds, structural_growth

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
