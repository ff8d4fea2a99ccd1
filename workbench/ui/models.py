"""Models: who is at hand and what each is good for, passports, one-click tests, stronger models, export of a run."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from workbench.errors import InputError, WorkbenchError
from workbench.export.passport import Passport
from workbench.model_fit import fit, known_models, row_of, this_machine
from workbench.studio.models import ModelEntry
from workbench.studio.queue import Live
from workbench.types import content_id
from workbench.ui.events import Seen, in_turn, on_input, poll, seen_by, seen_place
from workbench.ui.exporting import export_html, export_run, files_html, lay_out_export, runs_with_adapters
from workbench.ui.folders import AppFolders
from workbench.ui.html import facts_html, html_area, link, note_html, prose_html, size_text, table_html
from workbench.ui.newcomers import lay_out_newcomers, newcomers_html
from workbench.ui.studio.data import Studio

INTRODUCTION = (
    "<h1 class='wb-name'>Models</h1>"
    "<p class='wb-note'>Who can be educator or poet in the studio. The built-in model is very small and "
    "shows how everything works; for judgement worth arguing with, bring a stronger one.</p>"
)
FOLDERS = note_html(
    "A GGUF file put into models/gguf/ and a Hugging Face folder put into models/ are listed as well; "
    "7 to 14 billion parameters in Q4_K_M make a fair educator."
)
_ASK = "(chosen) => confirm('Remove this model? A file is deleted for good, with its passport.') ? chosen : null"
_KINDS = {"built-in": "built in", "adapter": "adapter", "file": "GGUF file", "folder": "Hugging Face folder",
          "endpoint": "endpoint"}  # fmt: skip


def build(folders: AppFolders, tab: Any) -> None:
    """Lays the tab out."""
    import gradio as gr

    studio = Studio(folders)
    html_area(INTRODUCTION)
    shared = in_turn("models")
    _, coming = lay_out_newcomers(gr, studio, shared)
    listed = html_area(elem_id="models-list")
    with gr.Row(equal_height=True):
        model = gr.Dropdown([], label="Model", elem_id="model-chosen", scale=3)
        test = gr.Button("Test it", variant="primary", elem_id="model-test", scale=0, min_width=160)
        forget = gr.Button("Remove", elem_id="model-forget", scale=0, min_width=200, visible=False)
    said, shown = html_area(elem_id="model-said"), html_area(elem_id="model-shown")
    with gr.Accordion("All models that are known here, and what fits", open=False):
        html_area(fits_html() + FOLDERS)
    run, quantize, export, told, going = lay_out_export(gr)
    public = shared | {"api_visibility": "undocumented"}

    def opened(chosen: str | None, picked: str | None) -> tuple[Any, ...]:
        names = runs_with_adapters(folders)
        value = picked if picked in names else next(iter(names), None)
        return *listing(studio, chosen), gr.Dropdown(names, value=value)

    seen = seen_place()
    places: dict[str, Any] = {
        "inputs": [model, run, seen],
        "outputs": [listed, shown, going, coming, forget, model, run, seen],
    }

    def look_again(chosen: str | None, picked: str | None, before: Any) -> list[Any]:
        return look(studio, chosen, picked, seen_by(before), runs=runs_with_adapters(folders))

    looked: dict[str, Any] = shared | {"fn": look_again, **places}
    tab.select(opened, [model, run], [listed, model, run], **shared).then(**looked)
    poll(tab, 1.5, look_again, **places)
    on_input([model], look_again, *places.values(), **shared)
    test.click(lambda chosen: test_model(studio, chosen), model, said, api_name="test-model", **public).then(**looked)
    forget.click(lambda chosen: remove_model(studio, chosen), model, said, js=_ASK, **shared).then(**looked)
    export.click(lambda *form: export_run(folders, studio, *form), [run, quantize], told, **shared).then(**looked)


def listing(studio: Studio, chosen: str | None) -> tuple[str, Any]:
    """The models at hand, to read and to choose from."""
    import gradio as gr

    choices = [(each.title, each.engine) for each in studio.catalog.models()]
    engines = [engine for _, engine in choices]
    return models_html(studio), gr.Dropdown(choices, value=chosen if chosen in engines else engines[0])


def look(studio: Studio, chosen: str | None, run: str | None, seen: Seen, *, runs: Sequence[str] = ()) -> list[Any]:
    """All models, the chosen one, the export of a run, what can be forgotten and exported; only what is new."""
    import gradio as gr

    now = {"models": models_html(studio), "model": model_html(studio, chosen), "export": export_html(studio, run),
           "newcomers": newcomers_html(studio)}  # fmt: skip
    marks = {key: content_id("shown", html) for key, html in now.items()}
    news = [gr.skip() if seen.get(key) == marks[key] else html for key, html in now.items()]
    choices = gr.skip() if seen.get("models") == marks["models"] else listing(studio, chosen)[1]
    forget = gr.Button(visible=bool(removable(studio, chosen)), value=f"Remove {removable(studio, chosen)}")
    marks["runs"] = content_id("shown", *runs)
    named = run if run in runs else next(iter(runs), None)
    exported = gr.skip() if seen.get("runs") == marks["runs"] else gr.Dropdown(list(runs), value=named)
    return [*news, forget, choices, exported, gr.skip() if seen == marks else marks]


def models_html(studio: Studio) -> str:
    """All models at hand: what each is good for, whether it was tested, and the way into the studio."""
    rows = []
    for one in studio.catalog.models():
        rows.append([
            f"<strong>{escape(one.title)}</strong><br><small>{escape(one.where or one.engine)}</small>",
            escape(_KINDS[one.kind]) + (f"<br><small>{size_text(one.n_bytes)}</small>" if one.n_bytes else ""),
            f'<span class="wb-good-for">{escape(one.good_for)}</span>{note_html(one.trouble, "bad")}',
            _tested(studio.queue.live(one.test_name)), "" if one.trouble else _ways(one),
        ])  # fmt: skip
    columns = ("model", "kind", "good for", "tested", "try it in the studio")
    return table_html(columns, rows, caption="Models at hand")


def model_html(studio: Studio, engine: str | None) -> str:
    """One model in full: the answer to its test, its passport."""
    try:
        one = studio.catalog.find(engine or "")
    except WorkbenchError:
        return note_html("Choose a model.")
    live = studio.queue.live(one.test_name)
    head = f"<h2>{escape(one.title)}</h2>{note_html(one.good_for)}{note_html(one.trouble, 'bad')}"
    files = files_html(studio.models, Path(one.engine).stem) if one.passport else ""
    return (
        f'<section class="wb-card">{head}{_test_html(live)}{files}</section>'
        f"{passport_html(one.passport) if one.passport else ''}"
    )


def passport_html(passport: Passport) -> str:
    """The passport as two tables: the model step by step on its way into the file, and every check."""
    forms = [
        [escape(form.name), f"{form.nll_nats / form.n_tokens:.4f}", f"{form.perplexity:.3f}",
         f"{form.worse_percent:+.2f} %", escape(form.worse_between), f"{form.kl_nats:.5f}",
         f"{form.greedy_alike} tokens",
         size_text(form.n_bytes) if form.n_bytes else ""]
        for form in passport.forms
    ]  # fmt: skip
    checks = [["✓ passed" if check.passed else "✕ failed", escape(check.name), escape(check.detail)]
              for check in passport.checks]  # fmt: skip
    facts = [(str(name).replace("_", " "), str(value)[:120]) for name, value in passport.facts.items()]
    said = "This file is the model that was trained." if passport.passed else f"It failed: {passport.failures}"
    columns = ("form", "nats a token", "perplexity", "worse by", "95 % interval", "KL, nats", "greedy alike", "size")
    return (
        f'<section class="wb-card"><h2>Passport of {escape(passport.file)}</h2>'
        f"{note_html(said, 'good' if passport.passed else 'bad')}"
        f"{table_html(columns, forms, caption='On held-out text')}"
        f"{table_html(('', 'check', 'found'), checks, caption='Checks')}{facts_html(facts)}</section>"
    )


def test_model(studio: Studio, engine: str | None) -> str:
    """Starts the test of a model; the page shows how it goes."""
    try:
        one = studio.catalog.find(engine or "")
        if one.trouble:
            raise InputError(one.trouble)
        studio.queue.ask(one.test_name, {"kind": "test", "engine": one.engine})
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    return note_html(f"{one.title} is loaded and asked for four lines …")


def removable(studio: Studio, engine: str | None) -> str:
    """What can be removed here of a model: “this address”, “this file”; "" = nothing."""
    one = next((each for each in studio.catalog.models() if each.engine == engine), None)
    return {"endpoint": "this address", "file": "this file"}.get(one.kind, "") if one else ""


def remove_model(studio: Studio, engine: str | None) -> str:
    """Forgets an endpoint, or deletes a file with its passport; what to say. The page asks before."""
    if not engine:
        return note_html("Nothing was removed.")
    what = removable(studio, engine)
    if not what:
        return note_html("Only addresses and GGUF files are removed here; a folder is removed as a folder.", "bad")
    one = studio.catalog.find(engine)
    try:
        if studio.queue.is_at_work():
            raise InputError("a model is at work; remove this one when it has finished")
        studio.catalog.remove(one)
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    freed = f" {size_text(one.n_bytes)} of the disk are free again." if one.n_bytes else ""
    return note_html(f"{one.title} is removed.{freed}", "good")


def fits_html() -> str:
    """Open models of the registry and what this machine can do with each."""
    machine = this_machine()
    rows = []
    for model in known_models():
        name, weights, answers, taught, here = row_of(fit(model, machine))
        told = f"<strong>{escape(name)}</strong><br><small>{escape(model.good_for)} · {escape(model.licence)}</small>"
        rows.append([told, *(escape(cell) for cell in (weights, answers, taught, here))])
    columns = ("open model", "weights", "GiB to answer (Q4 / Q8 / bf16)", "GiB to teach (LoRA / QLoRA)", "here")
    return table_html(columns, rows, caption=f"What fits here: {machine.sentence}")


# ---------------------------------------------------------------- private


def _ways(one: ModelEntry) -> str:
    if one.is_describer:
        return f"<code>workbench describe POEM --model {escape(one.engine)}</code>"
    talk = f'<a href="?{escape(urlencode({"tab": "studio", "talk": one.engine}))}">talk</a>'
    educator, poet = (link(f"as {role}", tab="studio", **{role: one.engine}) for role in ("educator", "poet"))
    return f"{educator} · {poet} · {talk}"


def _tested(live: Live) -> str:
    if live.kind != "test":
        return "not yet"
    if live.is_at_work:
        return "… at work"
    return "✓ it answers" if live.state == "done" else f"✕ {escape(live.note[:140])}"


def _test_html(live: Live) -> str:
    if live.kind != "test":
        return note_html("Not tested yet: “Test it” loads it in a process of its own and asks it for four lines.")
    if live.state == "failed":
        return note_html(live.note, "bad")
    if live.is_at_work:
        return note_html("It is loaded and asked …") + prose_html(live.text)
    return note_html(f"It answers: {live.note}.", "good") + prose_html(live.text)
