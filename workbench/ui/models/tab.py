"""Models: what is at hand and what it is good for, passports, one-click tests, stronger models, export of a run."""

from typing import Any

from workbench.types import content_id
from workbench.ui.events import Seen, in_turn, on_input, poll, seen_by, seen_place
from workbench.ui.folders import Desk
from workbench.ui.html import html_area
from workbench.ui.models.data import (
    add_endpoint,
    export_html,
    export_run,
    is_endpoint,
    model_html,
    models_html,
    remove_endpoint,
    runs_with_adapters,
    test_model,
)
from workbench.ui.studio.data import Studio

INTRODUCTION = (
    "<h2>Models</h2><p class='wb-note'>Who can be educator or poet in the studio. The built-in model is very small and "
    "shows how everything works; for judgement worth arguing with, bring a stronger one (below).</p>"
)
BRINGING = """
<ul class="wb-history">
<li><strong>A GGUF file</strong>: put it into <code>models/gguf/</code>. Every instruction-tuned model that
llama.cpp runs will do; 7 to 14 billion parameters in Q4_K_M make a fair educator. It is opened in a
process of its own first.</li>
<li><strong>A Hugging Face folder</strong>: put it into <code>models/</code>, with a GGUF of the same model in it.</li>
<li><strong>An endpoint</strong>: Ollama (<code>http://127.0.0.1:11434/v1</code>), vLLM, llama-server, or a
frontier API. The key stays in an environment variable that you set before you start the
app; only its name is kept.</li>
</ul>
"""
QUANTIZATIONS = ("Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0", "F16")


def build(desk: Desk, tab: Any) -> None:
    """Lays the tab out."""
    import gradio as gr

    studio = Studio(desk)
    html_area(INTRODUCTION)
    listed = html_area(elem_id="models-list")
    with gr.Row(equal_height=True):
        model = gr.Dropdown([], label="One of them", elem_id="model-chosen", scale=3)
        test = gr.Button("Test it", variant="primary", elem_id="model-test", scale=0, min_width=160)
        forget = gr.Button("Forget this endpoint", elem_id="model-forget", scale=0, min_width=200, visible=False)
    said, shown = html_area(elem_id="model-said"), html_area(elem_id="model-shown")
    url, name, key, add = _bringing(gr)
    run, quantize, export, told, going = _exporting(gr)
    shared = in_turn("models")
    public = shared | {"api_visibility": "undocumented"}

    def opened(chosen: str | None, picked: str | None) -> tuple[Any, ...]:
        names = runs_with_adapters(desk)
        value = picked if picked in names else next(iter(names), None)
        return *listing(studio, chosen), gr.Dropdown(names, value=value)

    def added(*form: str) -> tuple[Any, ...]:
        spoken, engine = add_endpoint(studio, *form)
        return spoken, *listing(studio, engine or None)

    seen = seen_place()
    places: dict[str, Any] = {"inputs": [model, run, seen], "outputs": [listed, shown, going, forget, seen]}

    def look_again(chosen: str | None, picked: str | None, before: Any) -> list[Any]:
        return look(studio, chosen, picked, seen_by(before))

    looked: dict[str, Any] = shared | {"fn": look_again, **places}
    tab.select(opened, [model, run], [listed, model, run], **shared).then(**looked)
    poll(1.5, look_again, **places)
    on_input([model], look_again, *places.values(), **shared)
    test.click(lambda chosen: test_model(studio, chosen), model, said, api_name="test-model", **public).then(**looked)
    forget.click(lambda chosen: remove_endpoint(studio, chosen), model, said, **shared).then(
        lambda chosen: listing(studio, chosen), model, [listed, model], **shared
    )
    add.click(added, [url, name, key], [said, listed, model], api_name="add-endpoint", **public).then(**looked)
    export.click(lambda *form: export_run(desk, studio, *form), [run, quantize], told, **shared).then(**looked)


def listing(studio: Studio, chosen: str | None) -> tuple[str, Any]:
    """The models at hand, to read and to choose from."""
    import gradio as gr

    choices = [(each.title, each.engine) for each in studio.shelf.models()]
    engines = [engine for _, engine in choices]
    return models_html(studio), gr.Dropdown(choices, value=chosen if chosen in engines else engines[0])


def look(studio: Studio, chosen: str | None, run: str | None, seen: Seen) -> list[Any]:
    """All models, the chosen one, the export of a run, whether the model can be forgotten; only what is new."""
    import gradio as gr

    now = {"models": models_html(studio), "model": model_html(studio, chosen), "export": export_html(studio, run)}
    marks = {key: content_id("shown", html) for key, html in now.items()}
    news = [gr.skip() if seen.get(key) == marks[key] else html for key, html in now.items()]
    return [*news, gr.Button(visible=is_endpoint(studio, chosen)), gr.skip() if seen == marks else marks]


def _bringing(gr: Any) -> tuple[Any, ...]:
    with gr.Accordion("Bring a stronger educator or poet", open=False):
        html_area(BRINGING)
        with gr.Row():
            url = gr.Textbox(label="Address of an endpoint", placeholder="http://127.0.0.1:11434/v1", max_lines=1,
                             elem_id="endpoint-url", scale=2)  # fmt: skip
            name = gr.Textbox(
                label="The model's name there", placeholder="llama3.1", max_lines=1, elem_id="endpoint-model"
            )
            key = gr.Textbox(label="Variable with the key (if it wants one)", placeholder="OPENAI_API_KEY", max_lines=1,
                             elem_id="endpoint-key")  # fmt: skip
        add = gr.Button("Add and test it", elem_id="endpoint-add", scale=0, min_width=200)
    return url, name, key, add


def _exporting(gr: Any) -> tuple[Any, ...]:
    with gr.Accordion("Export a run as a GGUF file with its passport", open=False):
        with gr.Row(equal_height=True):
            run = gr.Dropdown([], label="Run", allow_custom_value=True, elem_id="export-run", scale=2)
            quantize = gr.Dropdown(list(QUANTIZATIONS), value="Q4_K_M", label="Quantization", elem_id="export-quantize")
            export = gr.Button("Export it", elem_id="export-start", scale=0, min_width=160)
        told, going = html_area(elem_id="export-said"), html_area(elem_id="export-log")
    return run, quantize, export, told, going
