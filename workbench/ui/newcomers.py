"""A stronger model in two clicks: Ollama on this computer, an open model to fetch, a file to send, an account.

Nothing is listed before it has answered; until then it is shown here, with how far it is and why it was refused.
"""

from collections.abc import Callable
from html import escape
from typing import Any

from workbench.errors import InputError, WorkbenchError
from workbench.model_fit import count, this_machine
from workbench.storage.atomic import disk_errors
from workbench.studio.fetching import about_bytes, is_fetching, offered, start_fetching
from workbench.studio.newcomers import Newcomer, Newcomers, ollama_address, ollama_models
from workbench.ui.html import html_area, note_html
from workbench.ui.studio.data import Studio

_MAGIC = b"GGUF"
# a key leaves its field when it was sent; another one, typed since, stays
_KEY_GOES = "(...told) => { window.wbSentKey = told[2]; return told; }"
_KEY_GONE = "(now) => now === window.wbSentKey ? '' : now"
_WORDS = {
    "ollama": "<h3>Ollama on this computer</h3>",
    "fetch": "<h3>An open model</h3>",
    "file": """<h3>A model file of yours</h3>
<p><label for="gguf-file">A GGUF file (any instruction-tuned model that llama.cpp runs) </label>
<input type="file" id="gguf-file" accept=".gguf"></p>
<p><progress id="gguf-progress" max="1" value="0" aria-label="How much has come" hidden></progress></p>
<p id="gguf-said" class="wb-note" role="status"></p>""",
    "account": """<h3>An account elsewhere, or another server</h3><p class="wb-note">Any address that speaks OpenAI’s
protocol: vLLM, llama-server, a company’s API. What you write is sent there. The key is kept in the memory of this app
until it ends, and is written nowhere.</p>""",
}


def lay_out_newcomers(gr: Any, studio: Studio, shared: dict[str, Any]) -> tuple[Any, Any]:
    """The four ways; where models on their way are shown, and the component that says that something has changed."""
    public = shared | {"api_visibility": "undocumented"}
    html_area("<h2>Bring a stronger model</h2>" + note_html(f"This computer has {this_machine().sentence}."))
    said = html_area(elem_id="newcomers-said")
    coming = html_area(elem_id="newcomers")
    with gr.Row(elem_classes="wb-ways-in"):
        with gr.Column(min_width=320):
            html_area(_WORDS["ollama"])
            look = gr.Button("Look for Ollama on this computer", elem_id="ollama-look", variant="primary")
            found = gr.Radio([], label="What Ollama has", elem_id="ollama-found", visible=False)
            take = gr.Button("Test it and add it", elem_id="ollama-take", visible=False)
            html_area(_WORDS["file"])
        with gr.Column(min_width=320):
            html_area(_WORDS["fetch"])
            models = gr.Radio(_offers(), label="Three sizes; the file comes from huggingface.co", elem_id="get-model")
            get = gr.Button("Get it", elem_id="get-start")
    with gr.Accordion("An account elsewhere, or another server", open=False):
        form = _account(gr)
        add = gr.Button("Test it and add it", elem_id="endpoint-add", scale=0, min_width=200)
    look.click(look_for_ollama, None, [said, found, take], **public)
    take.click(lambda name: try_endpoint(studio, f"{ollama_address()}/v1", name or ""), found, said, **public)
    get.click(lambda model: get_one(studio, model), models, said, **public)
    add.click(
        lambda *told: try_endpoint(studio, *told), form, said, js=_KEY_GOES, api_name="add-endpoint", **public
    ).then(None, form[2], form[2], js=_KEY_GONE, api_visibility="private")
    return said, coming


def look_for_ollama() -> tuple[str, Any, Any]:
    """What Ollama has, to choose from; or one line that says that there is none."""
    import gradio as gr

    try:
        found = ollama_models()
    except WorkbenchError as exc:
        return note_html(str(exc), "bad"), gr.Radio([], visible=False), gr.Button(visible=False)
    if not found:
        empty = f"Ollama answers at {ollama_address()} and has no model yet: type “ollama pull qwen3:4b” in a terminal."
        return note_html(empty), gr.Radio([], visible=False), gr.Button(visible=False)
    choices = [(f"{one.name} · {one.n_bytes / 1e9:.1f} GB", one.name) for one in found]
    told = note_html(f"Ollama is here, with {len(found)} model{'s' * (len(found) != 1)}. Choose one.", "good")
    return told, gr.Radio(choices, value=choices[0][1], visible=True), gr.Button(visible=True)


def try_endpoint(studio: Studio, url: str, model: str, key: str = "", key_variable: str = "") -> str:
    """Has an endpoint tested; it is listed when it has answered."""
    try:
        checked = studio.catalog.checked_endpoint(url or "", model or "", key_variable or "")
        if (key or "").strip() and not checked.is_local:
            key_variable = studio.newcomers.keep_key(checked.url, key)
        studio.newcomers.try_endpoint(url, model, key_variable or "")
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    where = "It stays on this machine." if checked.is_local else "What you write will be sent there."
    return note_html(f"{checked.model} is asked for four lines; it is listed when it has answered. {where}")


def get_one(studio: Studio, model: str | None) -> str:
    """Starts to fetch an open model."""
    try:
        if not model:
            return note_html("Choose one of the three first.", "bad")
        start_fetching(model, studio.catalog, studio.queue)
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    return note_html("It is being fetched; that continues without this page. It is tested when it is here.")


def newcomers_html(studio: Studio) -> str:
    """All that is on its way, each with what can be done."""
    rows = "".join(f"<li>{_row(studio, one)}</li>" for one in studio.newcomers.all())
    return f'<ul class="wb-newcomers" aria-label="On their way">{rows}</ul>' if rows else ""


def settle_one(studio: Studio, what: str, engine: str) -> str:
    """Tests a newcomer once more, continues to fetch it, or removes it; what to say.

    Raises:
        InputError: it is not there, or cannot be done now.
    """
    one = studio.newcomers.find(engine)
    if what == "remove":
        studio.newcomers.remove(engine)
        return f"{one.title} is removed."
    if one.is_coming:
        start_fetching(one.source, studio.catalog, studio.queue)
        return f"{one.title} is being fetched."
    studio.newcomers.test(one)
    return f"{one.title} is tested once more."


async def arrive(newcomers: Newcomers, request: Any) -> str:
    """A file that a browser sends, written piece by piece, then tested; what to say.

    Raises:
        InputError: it cannot be a model, there is one of this name, or there is no room.
        StoreError: the disk.
    """
    from starlette.requests import ClientDisconnect

    told = request.headers.get("content-length", "")
    one, part = newcomers.expect_file(request.path_params["name"], int(told) if told.isdigit() else 0)
    is_whole, n_bytes = False, 0
    try:
        with disk_errors(part), part.open("wb") as out:
            async for piece in request.stream():
                if not n_bytes and piece and not piece.startswith(_MAGIC[: len(piece)]):
                    raise InputError("this is not a GGUF file; look at the page of the model for one that is")
                out.write(piece)
                n_bytes += len(piece)
        is_whole = n_bytes > 0
    except ClientDisconnect as exc:
        raise InputError("the page went away before the file was here; send it again") from exc
    finally:
        if not is_whole:
            newcomers.remove(one.engine)
    if not is_whole:
        raise InputError("the file is empty")
    newcomers.arrived(one, part)
    return f"{one.title} is here and is tested now; it is listed when it has answered."


# ---------------------------------------------------------------- private


def _offers() -> list[tuple[str, str]]:
    return [
        (f"{name} · {count(found.model.shape.parameters)} · about {about_bytes(found.model) / 1e9:.1f} GB · "
         f"{_fits(found.best_answer)} · {found.model.good_for}", found.model.id)
        for found in offered() if (name := found.model.id.rpartition("/")[2])
    ]  # fmt: skip


def _fits(best: str) -> str:
    return "fits here" if best else "too large for this computer"


def _account(gr: Any) -> list[Any]:
    html_area(_WORDS["account"].partition("</h3>")[2])
    place: Callable[..., Any] = gr.Textbox
    with gr.Row():
        url = place(label="Address", placeholder="https://api.example.org/v1", max_lines=1, elem_id="endpoint-url")
        name = place(label="The model's name there", placeholder="llama3.1", max_lines=1, elem_id="endpoint-model")
    with gr.Row():
        key = place(label="Key, for this session", type="password", max_lines=1, elem_id="endpoint-secret")
        variable = place(label="or the variable that holds it", placeholder="OPENAI_API_KEY", max_lines=1,
                         elem_id="endpoint-key")  # fmt: skip
    return [url, name, key, variable]


def _row(studio: Studio, one: Newcomer) -> str:
    live, title = studio.newcomers.live(one), f"<strong>{escape(one.title)}</strong>"
    is_at_it = bool(one.source) and is_fetching(one.source, studio.queue)
    if one.is_coming and (is_at_it or not (one.source or one.trouble)):
        share = f"{one.n_bytes / 1e9:.2f} of {one.of_bytes / 1e9:.2f} GB"
        bar = f'<progress max="{one.of_bytes}" value="{one.n_bytes}" aria-label="{escape(one.title)}"></progress>'
        return f"{title} is coming: {bar} {share} {'' if is_at_it else _buttons(one, again='')}"
    if one.is_coming:
        why = one.trouble or "it was interrupted; what has come is kept"
        return f"{title}: {note_html(why, 'bad')}{_buttons(one, again='Continue' if one.source else '')}"
    if live.is_at_work:
        return f"… {title} is tested: {escape(live.text[:200]) or 'it is being loaded'}"
    why = live.note if live.kind == "test" and live.state != "done" else "it was not tested"
    refused = note_html(f"not listed, for it failed its test: {why}", "bad")
    return f"{title}: {refused}{_buttons(one, again='Test again')}"


def _buttons(one: Newcomer, *, again: str) -> str:
    ways = [("again", again)] * bool(again) + [("remove", "Remove")]
    return "".join(
        f'<button type="button" class="wb-all" data-newcomer="{what}" data-engine="{escape(one.engine)}" '
        f'aria-label="{said} {escape(one.title)}">{said}</button>'
        for what, said in ways
    )
