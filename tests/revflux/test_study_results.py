"""Summaries: the prompt is the unit, and every figure has its interval."""

import json
from dataclasses import replace

import pytest

from tests.revflux.traces import made_up_sessions
from workbench.revflux.flux import SessionFlux
from workbench.revflux.measures import read_bands
from workbench.revflux.study_results import per_prompt, study_results, summarise, summary_data
from workbench.revflux.tables import line_rows, round_rows, session_rows, stanzas, write_table


def flux(prompt: str, value: float | None, *, sample: int = 0, configuration: str = "one") -> SessionFlux:
    return SessionFlux(
        session=f"{configuration}{prompt}{sample}", configuration=configuration, category="generic", prompt=prompt,
        sample=sample, revisions=5, stop="limit", approved_at=None, outcomes=(0, 0, 0, 0),
        figures={"line_change": value},
    )  # fmt: skip


@pytest.fixture(scope="module")
def results():
    held = made_up_sessions(("quiet", "busy", "drafts only"), n_prompts=2)
    return study_results("made up", held, (0, 1, 5), read_bands())


def test_samples_are_averaged_before_prompts():
    fluxes = [flux("a", 0.0), flux("a", 0.0, sample=1), flux("a", 30.0, sample=2), flux("b", 50.0)]
    assert summarise(fluxes, {}).cell("one", "line_change").estimate.value == 30.0


def test_a_prompt_without_a_value_is_left_out_and_counted_so():
    estimate = summarise([flux("a", 10.0), flux("b", None)], {}).cell("one", "line_change").estimate
    assert (estimate.value, estimate.n) == (10.0, 1)
    assert per_prompt([flux("b", None)], "line_change") == {"b": None}


def test_differences_are_taken_prompt_by_prompt():
    fluxes = [flux(p, v) for p, v in (("a", 10.0), ("b", 90.0))]
    fluxes += [flux(p, v, configuration="two") for p, v in (("a", 5.0), ("b", 85.0), ("c", 0.0))]
    (difference,) = summarise(fluxes, {}).differences
    estimate = difference.estimate
    assert (estimate.value, estimate.low, estimate.high, estimate.n) == (5.0, None, None, 2)


def test_the_busier_poet_changes_more_and_the_interval_says_so(results):
    change = next(d for d in results.summary.differences if (d.other, d.measure) == ("busy", "line_change"))
    assert change.estimate.high < 0


def test_a_poet_that_only_drafts_has_words_and_no_change(results):
    assert results.summary.cell("drafts only", "n_words").estimate.n == 6
    assert results.summary.cell("drafts only", "line_change") is None
    assert results.summary.approvals["drafts only"] == []


def test_with_no_revision_allowed_nothing_changes(results):
    assert results.summary.cell("busy", "line_change", revisions=0) is None
    assert results.summary.cell("busy", "n_lines", revisions=0).estimate.value == 12.0


def test_approvals_and_stops_add_up(results):
    approved = sum(results.summary.approvals["quiet"])
    assert approved == results.summary.stops["quiet"]["approved"]
    assert sum(results.summary.stops["quiet"].values()) == 12


def test_order_of_the_sessions_changes_nothing(results):
    ours = {(c.configuration, c.category, c.revisions, c.measure): c.estimate.value for c in results.summary.cells}
    again = summarise(list(reversed(results.fluxes)), {})
    assert {(c.configuration, c.category, c.revisions, c.measure): c.estimate.value for c in again.cells} == (
        pytest.approx(ours)
    )


def test_the_summary_is_json_without_nan(results):
    text = json.dumps(summary_data(results.summary, study={"seed": 1}), allow_nan=False)
    cell = json.loads(text)["cells"][0]
    assert set(cell) == {"configuration", "category", "revisions", "measure", "value", "low", "high", "n"}


# ---------------------------------------------------------------- tables


def test_tables_read_back_as_they_were(results, tmp_path):
    import pyarrow.parquet as pq

    for name, rows in (
        ("sessions", session_rows(results.fluxes)),
        ("rounds", round_rows(results.held)),
        ("lines", line_rows(results.held)),
    ):
        write_table(tmp_path / f"{name}.parquet", rows)
        assert pq.read_table(tmp_path / f"{name}.parquet").to_pylist() == rows


def test_every_line_of_every_round_is_a_row_once(results):
    rows = [r for r in results.lines if r["pairing"] == "aligned" and r["round"] == 1]
    sessions = {one.id: one.trace.rounds for one in results.held if len(one.trace.rounds) > 1}
    after = sum(len(rounds[1].draft.lines) for rounds in sessions.values())
    assert sum(row["after_line"] > 0 for row in rows) == after


def test_a_new_start_has_no_line_rows(results):
    one = next(one for one in results.held if len(one.trace.rounds) > 2)
    rounds = list(one.trace.rounds)
    rounds[1] = replace(rounds[1], draft=replace(rounds[1].draft, parent_id=""))
    anew = replace(one, trace=replace(one.trace, rounds=tuple(rounds)))
    assert {row["round"] for row in line_rows([anew])} == set(range(2, len(rounds)))
    assert round_rows([anew])[0]["is_new_start"]


def test_stanzas_are_counted_over_any_number_of_blank_lines():
    assert stanzas("\na\nb\n\n \nc\n") == [1, 1, 2]
