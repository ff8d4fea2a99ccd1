"""A run as Teach shows it: state, bar, heartbeat, what to do next, charts, samples, the report. No widgets."""

import contextlib
from html import escape
from typing import TYPE_CHECKING

from workbench.config import as_yaml
from workbench.corpus.load import describe_report, report_from
from workbench.errors import WorkbenchError
from workbench.figures import caption_of, on_page
from workbench.improvement.estimate import duration, seconds_left
from workbench.improvement.report import build_report
from workbench.improvement.report_pages import copy_rate, description_gains, held_out, training_loss
from workbench.improvement.settings import settings_of_run
from workbench.improvement.two_runs import side_by_side
from workbench.jobs import find_job, log_tail, shown_command
from workbench.storage.records import RecordStore
from workbench.storage.runs import Run, RunSummary
from workbench.storage.shelf import note_of
from workbench.types import Measurement, ScoredCandidate, StepRecord
from workbench.ui.folders import AppFolders, ago, said_by
from workbench.ui.html import note_html, prose_html, report_table, state_html

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

N_CHARTS = 4  # the places for charts on the page
_CHART_HEIGHT = 340  # pixels
_NEXT = {
    "stopped": "Everything up to its last checkpoint is saved. “Resume” continues from there.",
    "stopped, before it began": "“Resume” puts it into the queue again.",
    "failed": "It failed; the log below says why. Its records are kept; “Resume” continues from the last checkpoint.",
    "failed, before it began": "It failed before it began; the log below says why. “Resume” starts it again.",
    "finished": "Finished. Below: what was tried, what won, and whether the winners beat a random choice.",
    "finished, a fine-tuning": "Finished. Below: how its loss fell, and what it writes now.",
    "new": "It has not started yet. “Resume” starts it.",
    "waiting": "One run is at work at a time. You can close the page or end the app; “Stop and save” takes it out.",
    "starting": "The process is starting; loading its model takes a few seconds.",
    "ending": "It has saved everything; its process ends within a few seconds.",
    "running": "Running in a separate process; you can reload, close this page, or end the app.",
}


def head_html(folders: AppFolders, name: str) -> str:
    """State, bar, heartbeat and log of a run."""
    run = folders.summary(name)
    done, left = (0, 0), ""
    if (folders.runs / name / "run.json").is_file():
        with folders.records(name) as records:
            progress = [data for _, _, data in records.events("progress")]
        done = (int(progress[-1].get("position", 0)), int(progress[-1].get("of", 0))) if progress else done
    if run.state == "finished":
        done = (done[1], done[1])
    if run.state == "running" and run.is_loop and done[0]:  # before the first step nothing tells
        left = _time_left(folders, name)
    return _head(folders, run, done, left) + _log(folders, run)


def charts(folders: AppFolders, name: str) -> list["Figure"]:
    """The charts of a run for which there are data, at most `N_CHARTS`."""
    if not (folders.runs / name / "run.json").is_file():
        return []
    with folders.records(name) as records:
        scores = [score for score in records.all(ScoredCandidate) if not score.unscored and score.iteration]
        drawn = [training_loss(records.all(StepRecord)), description_gains(scores), copy_rate(scores),
                 held_out(records.all(Measurement))]  # fmt: skip
    return [on_page(figure).update_layout(height=_CHART_HEIGHT) for figure in drawn if figure.data]


def body_html(folders: AppFolders, name: str) -> str:
    """The charts in words, samples and the report, as far as the run has come."""
    if not (folders.runs / name / "run.json").is_file():
        return ""
    told = "".join(f"<li>{escape(caption_of(figure))}</li>" for figure in charts(folders, name))
    words = f'<details class="wb-log"><summary>The charts in words</summary><ul>{told}</ul></details>' if told else ""
    with folders.records(name) as records:
        samples = _samples(records)
    return f"{words}{samples}{report_html(folders, name)}"


def report_html(folders: AppFolders, name: str) -> str:
    """The report as far as the run has come."""
    if not (folders.runs / name / "run.json").is_file():
        return ""
    with folders.records(name) as records:
        report = build_report(name, records)
    if not report.tables:
        return ""
    lines = f"<p>{escape(report.opening)}</p><ul>{''.join(f'<li>{escape(line)}</li>' for line in report.headline)}</ul>"
    tables = "".join(report_table(table) for table in report.tables)
    samples = "".join(f"<h4>{escape(what)}</h4>{prose_html(text)}" for what, text in report.samples)
    file = folders.runs / name / "report.html"
    save = (
        f'<p><a href="runs/{escape(name)}/report.html" download>Download the report</a></p>' if file.is_file() else ""
    )
    return f'<section class="wb-report"><h3>Report</h3>{save}{lines}{tables}{samples}</section>'


def compared_html(folders: AppFolders, one: str, other: str) -> str:
    """Two runs side by side: where their settings differ, and their figures on the same held-out poems."""
    try:
        differences, table = side_by_side(folders.runs, one, other)
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    told = "".join(f"<li><code>{escape(line)}</code></li>" for line in differences)
    listed = f'<ul class="wb-history">{told}</ul>' if told else note_html("The settings are the same.")
    return listed + report_table(table)


def settings_html(folders: AppFolders, name: str) -> str:
    """What the run was started with: what became of its poems, and its own settings, not those of the form."""
    job = find_job(folders.runs, name)
    command = f"<pre>{escape(shown_command(job.command))}</pre>" if job else ""
    if not (folders.runs / name / "run.json").is_file():
        return command
    with contextlib.closing(Run.open(folders.runs, name, read_only=True)) as run:
        facts = run.facts
        yaml = as_yaml(settings_of_run(facts, where=f"{name}/run.json"))
    told = describe_report(report_from(facts["corpus"])) if "corpus" in facts else ""
    poems = f'<pre tabindex="0" aria-label="The poems">{escape(told)}</pre>' if told else ""
    return f'{command}{poems}<pre tabindex="0" aria-label="Settings as YAML">{escape(yaml)}</pre>'


def _time_left(folders: AppFolders, name: str) -> str:
    """How long it still takes, in words; "" where nothing tells."""
    with contextlib.closing(Run.open(folders.runs, name, read_only=True)) as run:
        seconds = seconds_left(run, runs=folders.runs)
    return "" if seconds is None else f" · about {duration(seconds)} left"


def _head(folders: AppFolders, run: RunSummary, done: tuple[int, int], left: str) -> str:
    job = find_job(folders.runs, run.name)
    process = f"process {job.process} at work" if job and job.is_alive else "no process of the app at work"
    at, of = done
    bar = (
        f'<progress max="{of}" value="{at}" aria-label="Progress of {escape(run.name)}"></progress>'
        f'<span class="wb-count">{at} of {of} actions{left}</span>'
        if of
        else ""
    )
    state = run.state if run.is_loop or run.state != "finished" else "finished, a fine-tuning"
    has_begun = (folders.runs / run.name / "run.json").is_file()
    state = "failed, before it began" if state == "failed" and not has_begun else state
    state = "stopped, before it began" if state == "stopped" and not has_begun else state
    note = note_of(folders.runs, run.name)
    return (
        f'<div class="wb-run"><div class="wb-run-head"><strong>{escape(run.name)}</strong> {state_html(run.state)} '
        f"{bar}</div>"
        f"<p>{escape(said_by(run))} <small>· updated {ago(run.heartbeat)} · {process}</small></p>"
        f"{note_html(_NEXT.get(state, ''))}{prose_html(note) if note else ''}</div>"
    )


def _log(folders: AppFolders, run: RunSummary) -> str:
    """Its last lines; open where it failed."""
    tail = log_tail(folders.runs, run.name, n_characters=2500)
    if not tail:
        return ""
    is_open = " open" if run.state == "failed" else ""
    return f'<details class="wb-log"{is_open}><summary>Log</summary><pre tabindex="0">{escape(tail)}</pre></details>'


def _samples(records: RecordStore) -> str:
    written = records.events("sample")[-3:]
    if not written:
        return ""
    shown = "".join(
        f'<div class="wb-card"><p class="wb-by">asked: {escape(str(data.get("description", "")))}</p>'
        f"{prose_html(str(data.get('text', '')))}</div>"
        for _, _, data in reversed(written)
    )
    return f'<h3>What it wrote at its latest refreshes</h3><div class="wb-cards">{shown}</div>'
