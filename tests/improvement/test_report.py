"""The report says what the records hold, and no more."""

import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tests.fakes import candidate, scored
from workbench.errors import InputError
from workbench.improvement.comparison import changed, compare_arms
from workbench.improvement.report import build_report
from workbench.improvement.report_pages import figures, find_poem, print_poem, print_report, to_html, to_markdown
from workbench.storage.records import RecordStore
from workbench.types import Choice, Example, Measurement, Poem, StepRecord

NASTY = "<script>alert('poem')</script> | [red]not a colour[/red]"
POEM = Poem(title="Hinge " + NASTY, text="The cold hinge sings of iron\nand the gate of rain")
OTHER = Poem(title="Salt", text="The sea is in the bread")


def measured(arm: str, iteration: int, metric: str, weights: str, values: list[float | None]) -> Measurement:
    there = [value for value in values if value is not None]
    mean = sum(there) / len(there) if there else None
    return Measurement(
        id=f"{arm}{iteration}{metric}{weights}", arm=arm, iteration=iteration, weights=weights, metric=metric,
        value=mean, low=min(there, default=None), high=max(there, default=None), n_poems=len(there),
        per_poem=tuple(values),
    )  # fmt: skip


@pytest.fixture
def records(memory_disk: Path) -> RecordStore:
    store = RecordStore(memory_disk / "records.sqlite")
    good = candidate(POEM, "a gate that complains in the wet, heard at night", slot=0)
    copy = candidate(POEM, "it says the cold hinge sings of iron " + NASTY, slot=1)
    empty = candidate(POEM, "", slot=2, failure="empty")
    store.put([POEM, OTHER], [good, copy, empty])
    store.put([
        scored(good),
        scored(copy, is_leak=True, longest_run_words=6, ngram_share=0.4, nll_nats=100.0, copied_spans=((7, 30),)),
    ])  # fmt: skip
    store.put([
        Choice(id="c1", candidate_id=good.id, poem_id=POEM.id, iteration=1, arm="top", rank=1, is_winner=True,
               why="rank 1 of 1 by specificity", description=good.text),
        Choice(id="c2", candidate_id=copy.id, poem_id=POEM.id, iteration=1, arm="top", rank=0, is_winner=False,
               why="copies the poem", description=copy.text),
    ])  # fmt: skip
    store.put([StepRecord(id="s1", arm="top", iteration=1, step=1, learning_rate=1e-4, loss_nats=300.0, n_tokens=100,
                          gradient_norm=1.0, examples=("e1", "e2"))])  # fmt: skip
    before, after, chance = [4.0] * 8, [3.5, 3.6, 3.5, 3.4, 3.5, 3.6, 3.5, 3.4], [3.9] * 8
    store.put([
        measured("top", 0, "loss_fixed", "current", before),
        measured("top", 1, "loss_fixed", "current", after),
        measured("random", 1, "loss_fixed", "current", chance),
        measured("top", 1, "specificity", "base", [0.1, -0.1, None, 0.05, -0.05, 0.2, -0.2, 0.0]),
        measured("random", 1, "specificity", "base", [0.0, 0.0, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0]),
    ])  # fmt: skip
    return store


def test_leaks_are_counted_and_the_gain_of_copies_is_shown(records: RecordStore):
    report = build_report("run", records)
    assert "3 answers gave 2 descriptions of 1 poems; 1 of them (50%) copy the poem" in report.headline[0]
    assert any("The copy with the highest gain (+2.000)" in what for what, _ in report.samples)


def test_copies_that_won_are_said_to_have_won(records: RecordStore):
    copy = next(each for each in records.all(Choice) if each.why == "copies the poem")
    records.put([replace(copy, id="c3", is_winner=True, rank=1, why="rank 1 of 2 by loss")])
    assert "and 1 of these won: nothing guards against them" in build_report("run", records).headline[0]


def test_a_planted_cheat_that_would_win_is_in_the_report(records: RecordStore):
    records.note("warning", text="planted cheat: a description that pastes the poem would win")
    assert "pastes the poem would win" in build_report("run", records).headline[-1]


def test_a_clear_difference_between_arms_is_called_help(records: RecordStore):
    said = " ".join(build_report("run", records).headline)
    assert "held-out loss: -0.400" in said
    assert "choosing helped" in said


def test_an_interval_that_holds_zero_is_called_no_measurable_difference(records: RecordStore):
    said = " ".join(build_report("run", records).headline)
    assert "held-out specificity" in said
    assert "no measurable difference on 7 poems" in said


def _said(memory_disk: Path, *measurements: Measurement, steps: tuple[StepRecord, ...] = ()) -> str:
    store = RecordStore(memory_disk / "made.sqlite")
    store.put(measurements, steps)
    report = build_report("made", store)
    return "\n".join(
        [*report.headline, *(" | ".join(row) for table in report.tables for row in table.frame.itertuples(index=False))]
    )


def test_what_was_not_measured_is_said_and_never_a_zero(memory_disk: Path):
    said = _said(
        memory_disk,
        measured("top", 0, "specificity", "base", [-0.05] * 7 + [-0.06]),
        measured("top", 1, "specificity", "base", [None] * 8),
        measured("random", 1, "specificity", "base", [None] * 8),
    )
    assert "Held-out specificity of leak-free descriptions: not measured after training" in said
    assert "Top-K against random-K, held-out specificity: not measured." in said
    assert "random | specificity (base weights) | – | not measured" in said
    assert "0.000" not in said


def test_one_held_out_poem_has_no_other_to_be_told_from_and_the_report_says_so(memory_disk: Path):
    said = _said(
        memory_disk,
        measured("top", 0, "identification", "base", [None]),
        measured("top", 1, "identification", "base", [None]),
    )
    assert "pick their poem: not measured, for no held-out poem has usable answers and another held-out poem" in said
    assert "could be used" not in said


def test_a_step_without_examples_has_no_loss(memory_disk: Path):
    empty = StepRecord(id="s", arm="top", iteration=1, step=1, learning_rate=1e-4, loss_nats=0.0, n_tokens=0,
                       gradient_norm=0.0, examples=())  # fmt: skip
    assert "top | 1 | 0 | 0 | 0 | –" in _said(memory_disk, steps=(empty,))


@pytest.mark.parametrize("n", [1, 5])
def test_too_few_poems_give_no_interval_and_no_reading(memory_disk: Path, n: int):
    said = _said(
        memory_disk,
        measured("top", 1, "loss_fixed", "current", [3.0] * n),
        measured("random", 1, "loss_fixed", "current", [4.0 + place / 10 for place in range(n)]),
    )
    assert f"too few poems to tell ({n}; 6 are needed)" in said
    assert "too few poems to tell\n" in f"{said}\n"
    assert "[" not in said


def test_a_collapse_is_said(memory_disk: Path):
    said = _said(
        memory_disk,
        measured("top", 0, "loss_fixed", "current", [3.0, 3.1, 3.2, 3.1, 3.0, 3.2]),
        measured("top", 1, "loss_fixed", "current", [46.0, 45.0, 47.0, 46.0, 45.5, 46.5]),
    )
    assert "Training broke the model: lower its learning rate." in said


def test_arms_are_compared_on_the_poems_that_both_have(records: RecordStore):
    compared = compare_arms(records.all(Measurement))
    assert compared["random", "specificity", "base"].n == 7
    assert compared["random", "loss_fixed", "current"].value == pytest.approx(-0.4)


def test_poems_and_model_text_are_never_markup(records: RecordStore):
    report = build_report("run", records)
    page = to_html(report, records)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    console = Console(record=True, width=200, file=StringIO())
    print_report(report, console)
    print_poem(records, POEM.id, console)
    assert "[red]not a colour[/red]" in console.export_text()


def test_the_markdown_keeps_its_tables_whole(records: RecordStore):
    rows = [line for line in to_markdown(build_report("run", records)).split("\n") if line.startswith("|")]
    assert len(rows) > 6
    assert all(line.endswith("|") for line in rows)


def test_the_page_has_each_figure_with_its_numbers_and_needs_no_network(records: RecordStore):
    page = to_html(build_report("run", records), records)
    assert page.count("plotly-graph-div") == page.count("<figcaption>") == len(figures(records)) == 5
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=", page)


def test_it_opens_with_what_was_done_and_measured(records: RecordStore):
    opening = build_report("run", records).opening
    assert opening.startswith("A model described 1 poems and was trained on the best descriptions. On 8 poems")
    assert "an improvement; choosing descriptions helped" in opening


def test_of_a_describer_it_opens_with_what_its_descriptions_pick(records: RecordStore):
    records.put([Example(id="e", poem_id=POEM.id, candidate_id="", task="describer", prompt=(), target="a gate")])
    assert "the loss shows" in build_report("run", records).opening, "nothing else was measured"
    some = [0.5, 0.6, 0.4, 0.5, 0.6, 0.4, 0.5, 0.6]
    records.put([
        measured("top", 0, "identification", "base", [0.0] * 8),
        measured("top", 1, "identification", "base", some),
        measured("random", 1, "identification", "base", some[::-1]),
    ])  # fmt: skip
    opening = build_report("run", records).opening
    assert (
        "the share of descriptions that pick their poem shows an improvement; choosing descriptions made no" in opening
    )


def test_an_empty_run_has_a_report_that_says_that_nothing_was_measured(memory_disk: Path):
    store = RecordStore(memory_disk / "records.sqlite")
    report = build_report("new", store)
    assert report.tables == ()
    for text in (to_html(report, store), to_markdown(report)):
        assert "Nothing was measured on held-out poems" in text


def test_a_poem_is_found_by_part_of_its_title(records: RecordStore):
    assert find_poem(records, "hinge") == POEM
    assert find_poem(records, "SALT") == OTHER


@pytest.mark.parametrize("wanted", ["zebra", "", "a"])
def test_a_title_that_fits_none_or_several_names_some(records: RecordStore, wanted: str):
    with pytest.raises(InputError, match="titles are, for example"):
        find_poem(records, wanted)


def test_show_stars_the_winner_and_marks_the_copy(records: RecordStore):
    console = Console(record=True, width=200, file=StringIO())
    print_poem(records, POEM.id, console)
    shown = console.export_text()
    assert "★ iteration 1, candidate 1" in shown
    assert "COPIES" in shown
    assert "the model answered with nothing" in shown


def test_from_where_to_where_is_over_the_poems_that_have_both():
    before = measured("top", 0, "specificity", "base", [0.5, 0.0, 0.1])
    after = measured("top", 1, "specificity", "base", [None, 0.2, 0.2])
    told = changed(before, after)
    assert told.startswith("0.050 → 0.200 nats per token, change +0.150 on the 2 of 3 poems measured both times: ")
    assert "of 3 poems" not in changed(before, before)
