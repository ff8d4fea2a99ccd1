"""Figures of a run: every record that is given is in them, and what was not measured is said."""

import pytest

from tests.fakes import candidate, scored
from workbench.figures import caption_of
from workbench.improvement.report_pages import (
    copy_rate,
    description_gains,
    gain_against_copying,
    held_out,
    training_loss,
)
from workbench.intervals import mean_of
from workbench.types import Measurement, Poem, StepRecord

POEM = Poem(title="Hinge", text="The cold hinge sings of iron")


def step(number: int, *, arm: str = "top", loss: float = 300.0) -> StepRecord:
    return StepRecord(id=f"{arm}{number}", arm=arm, iteration=1, step=number, learning_rate=1e-4, loss_nats=loss,
                      n_tokens=100, gradient_norm=1.0, examples=("e",))  # fmt: skip


def scores(n: int, **rest):
    return [scored(candidate(POEM, f"text {i}", slot=i), nll_nats=100.0, baseline_nats=150.0, n_tokens=100, **rest)
            for i in range(n)]  # fmt: skip


def measured(arm: str, iteration: int, value: float, metric: str = "loss_fixed", weights: str = "current"):
    return Measurement(id=f"{arm}{iteration}{metric}", arm=arm, iteration=iteration, weights=weights, metric=metric,
                       value=value, low=value - 1, high=value + 1, n_poems=8,
                       per_poem=(value - 1, value + 1) * 4)  # fmt: skip


def test_the_training_loss_has_a_line_for_each_arm_in_nats_per_token():
    figure = training_loss([step(1), step(2, loss=250.0), step(1, arm="random")])
    assert {trace.name: list(trace.y) for trace in figure.data} == {"top": [3.0, 2.5], "random": [3.0]}


def test_gains_are_means_of_parts_and_say_how_many_were_scored():
    figure = description_gains(scores(10))
    gain = next(trace for trace in figure.data if trace.name == "gain")
    assert (list(gain.x), list(gain.y)) == ([8.0, 10.0], [pytest.approx(0.5)] * 2)


def test_the_copy_rate_is_a_percentage():
    figure = copy_rate([*scores(4), *scores(4, is_leak=True)])
    assert list(figure.data[0].y) == [50.0]


def test_every_description_is_a_point_and_copies_have_a_mark_of_their_own():
    figure = gain_against_copying([*scores(3, ngram_share=0.0), *scores(2, is_leak=True, ngram_share=0.4)])
    assert [(trace.name, len(trace.x)) for trace in figure.data] == [
        ("clean", 3),
        ("copies, or says the title: out", 2),
    ]
    assert figure.data[0].marker.symbol != figure.data[1].marker.symbol


def test_held_out_figures_have_their_intervals_and_a_panel_for_each_measure():
    figure = held_out(
        [measured("top", 0, 4.0), measured("top", 1, 3.0), measured("top", 1, 0.2, "specificity", "base")]
    )
    loss, specificity = figure.data
    assert list(loss.y) == [4.0, 3.0]
    reach = mean_of([3.0, 5.0] * 4).reach[1]
    assert list(loss.error_y.array) == pytest.approx([reach, reach])
    assert list(loss.error_y.arrayminus) == pytest.approx([reach, reach])
    assert (loss.xaxis, specificity.xaxis) == ("x", "x2")
    assert "top: 4.000 to 3.000" in caption_of(figure)


def test_a_measure_that_no_figure_shows_draws_nothing():
    assert len(held_out([measured("top", 1, 3.0, "diversity")]).data) == 0


@pytest.mark.parametrize("draw", [training_loss, description_gains, copy_rate, gain_against_copying, held_out])
def test_without_a_record_it_says_so(draw):
    figure = draw([])
    assert len(figure.data) == 0
    assert figure.layout.annotations[0].text.endswith("yet.")
