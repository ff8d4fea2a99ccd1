"""Runs that wait for one another, and those that spread their work over a cluster, as the tab that teaches has them."""

from importlib.util import find_spec

from tests.work import jobs_in, until
from workbench.jobs import end_job, find_job, start_job
from workbench.ui import pages
from workbench.ui.improve import form as filled
from workbench.ui.improve import tab as improve


def test_a_second_run_waits_for_the_first_and_says_so(own_folders, tmp_path):
    runs, waits = own_folders.runs, ["studio-models", str(tmp_path / "s"), "--models", str(tmp_path / "models")]
    start_job(runs, "first", waits, in_turn=True)
    try:
        before, *values = filled.values_of(own_folders, "demo.yaml")
        told = improve.begin(own_folders, "demo.yaml", before, "second", "", *values)[0]
        assert "second waits until first has ended" in told
        until(lambda: own_folders.summary("second").state == "waiting")
        assert "in the queue: it starts when first has ended" in pages.runs_html(own_folders)
        assert "takes it out" in improve.look(own_folders, "second", {})[0]
        assert "in the queue already" in improve.resume(own_folders, "second")
        assert "has left the queue" in improve.stop(own_folders, "second")
        until(lambda: own_folders.summary("second").state == "stopped")
        assert "into the queue again" in improve.look(own_folders, "second", {})[0]
        assert "second waits until first has ended" in improve.resume(own_folders, "second")
        assert find_job(runs, "second").command[:2] == ("improve", "config/demo.yaml")
    finally:
        for job in jobs_in(runs)[::-1]:
            if job.is_alive:
                end_job(runs, job.name)
                until(lambda job=job: not find_job(runs, job.name).is_alive)


def test_a_job_that_failed_before_it_began_is_started_again_and_promises_no_checkpoint(own_folders):
    runs = own_folders.runs
    start_job(runs, "early", ["improve", "none.yaml", "--runs", str(runs)])
    until(lambda: own_folders.summary("early").state == "failed")
    head = improve.look(own_folders, "early", {})[0]
    assert "failed before it began" in head
    assert "checkpoint" not in head
    assert "early has started" in improve.resume(own_folders, "early")
    until(lambda: not find_job(runs, "early").is_alive)


def test_the_preset_for_a_cluster_spreads_the_work_and_says_what_that_needs(own_folders):
    config = next(name for name in filled.configs(own_folders) if filled.ON in name)
    poems, *values = filled.values_of(own_folders, config)
    arguments = filled.arguments_of(own_folders, config, poems, "far", "", *values)
    assert arguments[:2] == ["improve", "config/improve_gpu.yaml"]
    assert filled.place_of(arguments) == ["--on", "ray:auto"]
    cost, command, _ = filled.preview(own_folders, config, poems, "far", "", *values)
    assert "ray start --head" in cost
    assert "--on ray:auto" in command
    if find_spec("ray") is None:
        assert "pip install" in cost
        assert "pip install" in improve.begin(own_folders, config, poems, "far", "", *values)[0]
        assert own_folders.names() == []
