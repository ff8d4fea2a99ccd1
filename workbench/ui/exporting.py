"""Export of a run from the page: started in a process of its own, told as what it is, running, finished or failed.

What came of it is taken away as files: the model, its Modelfile for Ollama, its passport.
"""

import time
from html import escape
from pathlib import Path
from typing import Any

from workbench.errors import InputError, WorkbenchError
from workbench.export.passport import MODEL, PARTS, PASSPORT, read_passport
from workbench.improvement.estimate import duration
from workbench.jobs import find_job, last_words, log_tail, start_job
from workbench.storage.run_names import checked_name
from workbench.ui.folders import AppFolders
from workbench.ui.html import html_area, note_html, size_text, state_html
from workbench.ui.studio.data import Studio

QUANTIZATIONS = ("Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0", "F16")
EXPORT = "export."  # an export runs beside its run, under a name of its own


def lay_out_export(gr: Any) -> tuple[Any, ...]:
    """The run, the quantization, the button; what is said, how it goes."""
    with gr.Accordion("Export a run as a GGUF file with its passport", open=False):
        with gr.Row(equal_height=True):
            run = gr.Dropdown([], label="Run", allow_custom_value=True, elem_id="export-run", scale=2)
            quantize = gr.Dropdown(
                list(QUANTIZATIONS),
                value="Q8_0",
                elem_id="export-quantize",
                label="Quantization: Q8_0 for small models, Q4_K_M from about 1 billion parameters",
            )
            export = gr.Button("Export it", elem_id="export-start", scale=0, min_width=160)
        told, going = html_area(elem_id="export-said"), html_area(elem_id="export-log")
    return run, quantize, export, told, going


def export_run(folders: AppFolders, studio: Studio, run: str | None, quantize: str) -> str:
    """Starts the export of a run's newest adapter, in a process of its own."""
    if not run:
        return note_html("Choose a run first; one is listed as soon as it has trained something.", "bad")
    try:
        name = checked_name(run or "")
        adapters = folders.runs / name / "adapters"
        if not any(adapters.glob("*/adapter_config.json")):
            raise InputError(f"run {name!r} has no adapter yet; let it train first")
        arguments = ["export", name, "--quantize", quantize, "--runs", str(folders.runs.resolve())]
        start_job(studio.sessions, EXPORT + name[:56], [*arguments, "--out", str((studio.models / "gguf").resolve())])
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    return note_html(f"The export of {name} has started; it continues without this page.", "good")


def export_html(studio: Studio, run: str | None) -> str:
    """How the export of a run goes, or how it ended: by the file and its passport, which only a good export leaves."""
    name = EXPORT + (run or "")[:56]
    job = find_job(studio.sessions, name) if run else None
    if job is None:
        return ""
    tail = escape(log_tail(studio.sessions, name, n_characters=2500))
    log = f'<pre tabindex="0" aria-label="Log of the export">{tail}</pre>'
    log = f'<details class="wb-log"><summary>Log</summary>{log}</details>'
    if job.is_alive:
        return f"<p>{state_html('running')}</p>{note_html(_stage(last_words(studio.sessions, name), job.started))}{log}"
    made = [path for path in (studio.models / "gguf").glob(f"*{PASSPORT}") if path.stat().st_mtime >= job.started]
    if made and all(passport.passed for path in made if (passport := read_passport(path))):
        stem = made[0].name.removesuffix(PASSPORT)
        told = note_html(f"{stem} is among the models, with its passport.", "good")
        return f"<p>{state_html('finished')}</p>{told}{files_html(studio.models, stem)}{log}"
    why = last_words(studio.sessions, name).strip() or "its process ended without a word"
    again = "" if "Q8_0" in job.command else " Choose Q8_0 above: it changes a small model least."
    return f"<p>{state_html('failed')}</p>{note_html(f'It failed: {why}.{again}', 'bad')}{log}"


def files_html(models: Path, stem: str) -> str:
    """Links to what an export left: the model and its size, what Ollama needs beside it, the passport."""
    there = [(ending, path) for ending in PARTS if (path := models / "gguf" / f"{stem}{ending}").is_file()]
    links = " · ".join(
        f'<a href="models/{escape(path.name)}" download>{escape(path.name)}</a> '
        f"<small>{size_text(path.stat().st_size, places=0 if ending == MODEL else 3)}</small>"
        for ending, path in there
    )
    return f'<p class="wb-files">Take it away: {links}</p>' if links else ""


def exported_file(models: Path, name: str) -> tuple[Path, str]:
    """A file that an export left, and its media type.

    Raises:
        InputError: there is none of this name.
    """
    kind = next((media for ending, media in PARTS.items() if name.endswith(ending)), "")
    path = models / "gguf" / name
    if not kind or path.parent.resolve() != path.resolve().parent or not path.is_file():
        raise InputError(f"no model file {name[:80]!r} here; the tab Models lists those that are")
    return path, kind


def _stage(words: str, started: float) -> str:
    """What an export does now, and how long it has been at it.

    >>> _stage("… asking the f16 file", time.time() - 123)
    'Asking the f16 file … 2 min so far; a small model takes a few minutes, most of them for the passport.'
    """
    said = words.removeprefix("… ").strip()
    doing = f"{said[0].upper()}{said[1:]}" if words.startswith("… ") and said else "Reading the run"
    so_far = duration(max(int(time.time() - started), 0) // 5 * 5)  # seldom another text for a page that looks often
    return f"{doing} … {so_far} so far; a small model takes a few minutes, most of them for the passport."


def runs_with_adapters(folders: AppFolders) -> list[str]:
    """Runs that can be exported."""
    return [name for name in folders.names() if any((folders.runs / name / "adapters").glob("*/adapter_config.json"))]
