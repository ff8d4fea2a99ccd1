"""What a great many poems take: counts by hand, rates that were measured, and rows as they really are."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from tests.fakes import candidate, scored
from workbench.capacity import MACHINES, POEM_TOKENS, Machines, plan_of, rates_for, tokens_of
from workbench.cli import app
from workbench.config import load_job
from workbench.errors import InputError
from workbench.improvement.settings import settings_from
from workbench.model_fit import GIB
from workbench.places import ROOT
from workbench.storage.records import RecordStore
from workbench.types import Choice, Poem

KNOWN = {machine.name: machine for machine in load_job(Machines, MACHINES, ()).machines}
TWO = KNOWN["two-cores"]
SETTINGS = settings_from({
    "backtranslation": {"n_candidates": 2, "words": 50, "max_new_tokens": 60}, "scoring": {"others": 3},
    "selection": {"top_k": 1}, "improvement": {"iterations": 1},
})  # fmt: skip


def test_tokens_are_those_counted_by_hand():
    assert tokens_of(SETTINGS, 10, 100) == {
        "read": 10 * (88 + 100), "sample": 10 * 2 * 60, "score": 10 * (2 * 82 + 3 * 4 * 100), "train": 10 * (82 + 100),
    }  # fmt: skip


def test_more_machines_take_less_time_but_one_trains_and_one_writes():
    one, four = (plan_of(SETTINGS, 1000, [(n, TWO, TWO.rates)]) for n in (1, 4))
    seconds = {phase.name: phase.seconds for phase in four.phases}
    for phase in one.phases:
        share = 1 if phase.name in ("train", "write") else 4
        assert seconds[phase.name] == pytest.approx(phase.seconds / share)
    assert (one.bottleneck.name, four.bottleneck.name) == ("score", "train")
    assert four.seconds == pytest.approx(sum(seconds.values()) - seconds["write"])


def test_every_machine_is_paid_for_the_whole_time():
    dear = replace(TWO, price=2.0)
    found = plan_of(SETTINGS, 1000, [(3, dear, dear.rates)])
    assert found.price == pytest.approx(found.seconds / 3600 * 6)


def test_rates_called_measured_are_those_of_the_benches():
    def rate(task, contender):
        return json.loads((ROOT / "bench" / "results" / f"{task}.json").read_text())["results"][contender][
            "tokens_per_second"
        ]

    measured = {"read": rate("generation", "prefill"), "sample": rate("generation", "ours"),
                "score": rate("scoring", "ours"), "train": rate("training", "ours")}  # fmt: skip
    assert TWO.source.startswith("measured")
    for task, value in measured.items():
        assert getattr(TWO.rates, task) == pytest.approx(value, rel=0.01)


def test_another_model_goes_by_its_weights_and_what_is_given_stays():
    rates = rates_for(TWO, "meta-llama/Llama-3.1-8B-Instruct", {"train": 7.0})
    assert rates.sample == pytest.approx(TWO.rates.sample * 134_515_008 / 8_030_261_248)
    assert rates.train == 7.0
    with pytest.raises(InputError, match="name one of read, sample, score, train"):
        rates_for(TWO, "", {"speed": 1.0})
    with pytest.raises(InputError, match="does not know it"):
        rates_for(TWO, "nobody/knows", {})


def test_rows_take_the_room_that_is_reckoned(tmp_path):
    n = 200
    losses = tuple(3.1415926535 + place / 7 for place in range(int(POEM_TOKENS)))
    store = RecordStore(tmp_path / "records.sqlite")
    poem = Poem(title="Lamp", text="a lamp")
    rows = [candidate(poem, "somebody waits by a lamp " * 12, slot=slot) for slot in range(n)]
    store.put(rows, [scored(row, nll_T=losses, baseline_T=losses) for row in rows],
              [Choice(id=f"{arm}{row.id}", candidate_id=row.id, poem_id=poem.id, iteration=1, arm=arm, rank=1,
                      is_winner=True, why="rank 1 of 4", description=row.text) for row in rows
               for arm in ("top", "random")])  # fmt: skip
    store.close()
    own = settings_from({"backtranslation": {"n_candidates": n}, "improvement": {"iterations": 1}})
    reckoned = plan_of(own, 1, [(1, TWO, TWO.rates)]).storage_gib * GIB
    assert reckoned == pytest.approx((tmp_path / "records.sqlite").stat().st_size, rel=0.3)


def planned(*options):
    return CliRunner().invoke(app, ["plan", "--config", str(ROOT / "config" / "improve.yaml"), *options])


@pytest.mark.parametrize("machines", ["8xh100", "8XH100", "h100", " 8xh100"])
def test_machines_are_taken_as_people_write_them(machines):
    done = planned("--poems", "1e6", "--machines", machines)
    assert (done.exit_code, "× h100: rates of meta-llama" in done.output) == (0, True)


@pytest.mark.parametrize(
    "machines", ["8", "8 h100", "0xh100", "-1xh100", "8.5xh100", "²xh100", "9" * 400 + "xh100", "", "x"]
)
def test_other_machines_are_one_line_that_says_what_to_write(machines):
    done = planned("--poems", "1e6", "--machines", machines)
    assert isinstance(done.exception, SystemExit)
    assert done.exit_code == 2
    assert "write NUMBERxNAME, such as 8xh100; config/machines.yaml has two-cores, h100" in done.output


@pytest.mark.parametrize("option", [("--poems", "inf"), ("--poem-tokens", "inf"), ("--rate", "sample=1e-300")])
def test_figures_without_a_bound_are_refused(option):
    done = planned("--poems", "1e6", "--machines", "h100", *option)
    assert (done.exit_code, "inf h" in done.output) == (2, False)


def test_a_long_time_is_in_days():
    assert "215 days" in planned("--poems", "1e6", "--machines", "two-cores").output
