"""Studies held by scripted models: planned, stored, interrupted, gone on with."""

from contextlib import contextmanager
from functools import partial

import pytest

from tests.fakes import ScriptedSampler
from tests.revflux.engines import educator, poet
from workbench.errors import ConfigError, DamagedError, EngineError, InputError, LockedError, Stopped, StoreError
from workbench.revflux.harness import hold_drafts, hold_study, hold_with
from workbench.revflux.study import (
    Configuration,
    StudyPrompt,
    StudySettings,
    check_settings,
    locked,
    plan,
    sessions,
    trace_path,
)
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import StopReason
from workbench.types import Completion, Failed, Reason

PROMPTS = [StudyPrompt(text=f"a poem about thing {i}", category="generic") for i in range(3)]
PAIR = Configuration(name="pair", educator="built-in", poet="built-in")
DRAFTS = Configuration(name="drafts only", poet="built-in")


def settings(*configurations: Configuration, **changes: object) -> StudySettings:
    revision = RevisionSettings(final_note=False, retries=1)
    return StudySettings(configurations=configurations or (PAIR,), revisions=(0, 1), revision=revision, **changes)


class Models:
    """Scripted models that count how often they are loaded, and what they held."""

    def __init__(self, *, dies_after: int = 1_000_000, fails: bool = False) -> None:
        self.loaded: list[str] = []
        self.held: list[str] = []
        self._dies_after, self._fails = dies_after, fails

    @contextmanager
    def open(self, configuration):
        self.loaded.append(configuration.name)
        writer = ScriptedSampler(lambda *_: Failed(reason=Reason.ENGINE, detail="gone")) if self._fails else poet()
        yield partial(self._hold, educator() if configuration.educator else None, writer)

    def _hold(self, teacher, writer, items, keep):
        def noted(item, trace):
            if len(self.held) >= self._dies_after:
                raise KeyboardInterrupt
            keep(item, trace)
            self.held.append(item.id)

        hold_with(teacher, writer, items, noted)


def test_a_plan_is_configurations_by_prompts_by_samples():
    items = plan(settings(PAIR, DRAFTS, samples=2), PROMPTS)
    assert len(items) == len({item.id for item in items}) == 2 * 3 * 2


def test_configurations_draw_with_the_same_seeds_and_samples_with_different_ones():
    items = plan(settings(PAIR, DRAFTS, samples=2), PROMPTS[:1])
    seeds = [item.settings.seed for item in items]
    assert seeds[:2] == seeds[2:]
    assert seeds[0] != seeds[1]


def test_a_study_stores_every_session(tmp_path):
    items = plan(settings(samples=2), PROMPTS)
    held = hold_study(tmp_path, items, Models().open, batch=4)
    assert (held.n_held, held.n_found, held.failures) == (6, 0, ())
    assert [one.id for one in sessions(tmp_path, [item.id for item in items])] == [item.id for item in items]


def test_what_is_done_is_never_done_again_and_loads_no_model(tmp_path):
    items, models = plan(settings(samples=2), PROMPTS), Models()
    hold_study(tmp_path, items, models.open, batch=4)
    again = hold_study(tmp_path, items, models.open, batch=4)
    assert (again.n_held, again.n_found, models.loaded) == (0, 6, ["pair"])


@pytest.mark.parametrize("dies_after", [0, 1, 3, 5])
def test_an_interrupted_study_goes_on_to_the_same_sessions(tmp_path, dies_after):
    items = plan(settings(samples=2), PROMPTS)
    killed = Models(dies_after=dies_after)
    with pytest.raises(KeyboardInterrupt):
        hold_study(tmp_path / "killed", items, killed.open, batch=4)
    going_on = Models()
    hold_study(tmp_path / "killed", items, going_on.open, batch=4)
    assert sorted(killed.held + going_on.held) == sorted(item.id for item in items)
    hold_study(tmp_path / "whole", items, Models().open, batch=3)
    ids = [item.id for item in items]
    ours, theirs = ([one.trace.rounds for one in sessions(tmp_path / name, ids)] for name in ("killed", "whole"))
    assert ours == theirs


def test_more_prompts_later_leave_the_first_ones_alone(tmp_path):
    models = Models()
    hold_study(tmp_path, plan(settings(), PROMPTS[:1]), models.open, batch=4)
    held = hold_study(tmp_path, plan(settings(), PROMPTS), models.open, batch=4)
    assert (held.n_found, held.n_held) == (2, 4)


def test_a_changed_setting_makes_new_sessions():
    before, after = (plan(settings(seed=seed), PROMPTS) for seed in (1, 2))
    assert not {item.id for item in before} & {item.id for item in after}


def test_a_model_that_fails_stores_nothing_and_says_so(tmp_path):
    with pytest.raises(EngineError, match=r"every session of a batch failed.*gone"):
        hold_study(tmp_path, plan(settings(), PROMPTS), Models(fails=True).open, batch=4)
    assert list(tmp_path.rglob("*.json")) == []


def test_asked_to_stop_it_keeps_what_it_has(tmp_path):
    items = plan(settings(samples=2), PROMPTS)
    with pytest.raises(Stopped, match="4 of 6 sessions are stored"):
        hold_study(tmp_path, items, Models().open, batch=4, cancelled=lambda: True)
    assert len(sessions(tmp_path)) == 4


def test_two_processes_do_not_work_on_one_study(tmp_path):
    with locked(tmp_path), pytest.raises(LockedError, match="another process"), locked(tmp_path):
        pass


def test_a_damaged_session_is_named(tmp_path):
    items = plan(settings(), PROMPTS[:1])
    hold_study(tmp_path, items, Models().open, batch=4)
    path = trace_path(tmp_path, items[0].id)
    path.write_text(path.read_text()[:200])
    with pytest.raises(DamagedError, match=items[0].id):
        sessions(tmp_path)


def test_a_full_disk_leaves_whole_sessions_only(tiny_disk):
    items = plan(settings(samples=20), PROMPTS)
    with pytest.raises(StoreError, match="disk is full"):
        hold_study(tiny_disk, items, Models().open, batch=4)
    assert 0 < len(sessions(tiny_disk)) < len(items)


def test_a_folder_without_a_study_says_how_to_begin(tmp_path):
    with pytest.raises(InputError, match="no study here"):
        sessions(tmp_path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"samples": 0}, "samples"), ({"batch": 0}, "batch"), ({"configurations": (PAIR, PAIR)}, "same name")],
)
def test_settings_out_of_range_are_one_line(changes, said):
    with pytest.raises(ConfigError, match=f"here: .*{said}"):
        check_settings(StudySettings(**{"configurations": (PAIR,), **changes}), where="here")


# ---------------------------------------------------------------- drafts alone


def test_drafts_alone_are_sessions_of_one_round_without_a_critique():
    traces = hold_drafts(poet(), plan(settings(DRAFTS), PROMPTS))
    assert {(len(one.rounds), one.rounds[0].critique, one.stop, one.educator) for one in traces} == {
        (1, None, StopReason.LIMIT, "")
    }


def test_an_answer_that_is_no_poem_is_asked_for_again():
    good = poet().sample
    writer = ScriptedSampler(lambda i, request: "Sure, I can do that." if i == 0 else good([request])[0])
    (trace,) = hold_drafts(writer, plan(settings(DRAFTS, samples=1), PROMPTS[:1]))
    assert len(trace.rounds) == 1
    assert writer.requests[0].seed != writer.requests[1].seed


def test_no_poem_at_all_is_a_session_without_a_draft():
    writer = ScriptedSampler(lambda *_: Completion(text="I cannot.", n_tokens=2, ended=True))
    (trace,) = hold_drafts(writer, plan(settings(DRAFTS, samples=1), PROMPTS[:1]))
    assert (trace.stop, trace.rounds) == (StopReason.NOT_A_POEM, ())
