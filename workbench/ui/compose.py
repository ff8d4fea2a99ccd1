"""Compose: a description becomes poems, by the model that a run taught or any other at hand, beside its base.

What is asked here is what `workbench compose … --json` does, in a process of its own: the page stays free of models,
and the command that a person could type is shown with the poems.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from workbench.jobs import shown_command
from workbench.places import child_environment, home
from workbench.revision.refusals import fit_to_show
from workbench.studio.models import ModelCatalog
from workbench.ui.events import in_turn, keep_typed
from workbench.ui.folders import AppFolders
from workbench.ui.html import html_area, note_html, poem_html, prose_html, table_html

INTRODUCTION = (
    "<h1 class='wb-name'>Use what was taught</h1>"
    "<p class='wb-note'>Describe a poem. The model writes several; the one that gives your "
    "description back best comes first: it makes the description likelier than other poems do. No figure here says "
    "that a poem is good.</p>"
)
_RUN = "run:"
_STOPPED = """() => { const said = document.querySelector("#compose-shown .wb-note");
  if (said && said.textContent.includes("Stop")) said.textContent = "Stopped."; }"""
_IN_WORDS = {"try another --seed, or more --tries": "try another seed or more tries; what came is below"}
_COLUMNS = ("model", "rank", "title", "gives back, nats a token", "words copied", "why not")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeForm:
    """What a person asked for."""

    description: str
    voice: str  # an engine's name, or run:NAME
    beside_base: bool = False
    tries: int = 4
    seed: int = 42

    def arguments(self, folders: AppFolders) -> list[str]:
        """The command that does it."""
        who = ["--run", self.voice.removeprefix(_RUN), "--runs", str(folders.runs)]
        if not self.voice.startswith(_RUN):
            who = ["--model", self.voice]
        beside = ["--beside-base"] if self.beside_base else []
        counts = ["--tries", str(self.tries), "--seed", str(self.seed)]
        return ["compose", "--json", *who, *counts, *beside, "--", self.description]


def build(folders: AppFolders, tab: Any) -> None:
    """Lays the tab out."""
    import gradio as gr

    html_area(INTRODUCTION)
    description = gr.Textbox(label="What the poem is to be", lines=2, elem_id="compose-description")
    with gr.Row():
        voice = gr.Dropdown([], label="Who writes", elem_id="compose-voice")
        tries = gr.Slider(1, 16, value=4, step=1, label="Tries")
        seed = gr.Number(42, label="Seed", precision=0, minimum=0)
    beside = gr.Checkbox(label="Show the model without what it was taught beside it")
    with gr.Row():
        button = gr.Button("Compose", variant="primary", elem_id="compose-go", scale=0, min_width=200)
        stop = gr.Button("Stop", elem_id="compose-stop", scale=0, min_width=120)
    shown = html_area(elem_id="compose-shown")

    def opened(chosen: str | None) -> Any:
        known = voices(folders)
        names = [name for _, name in known]
        return gr.Dropdown(known, value=chosen if chosen in names else names[0])

    def asked(text: str | None, who: str | None, n: float | None, number: float | None, both: bool) -> Iterator[str]:
        form = ComposeForm(
            description=text or "", voice=who or "built-in", beside_base=both, tries=int(n or 4), seed=int(number or 0)
        )
        yield from composing(folders, form)

    tab.select(opened, voice, voice, **in_turn("compose-voices"))
    keep_typed(gr, tab, description)
    going = button.click(asked, [description, voice, tries, seed, beside], shown, **in_turn("compose"))
    stop.click(None, None, None, cancels=going, js=_STOPPED, api_visibility="private")


def voices(folders: AppFolders) -> list[tuple[str, str]]:
    """Who can write: runs with an adapter, the newest first, then every model at hand."""
    taught = [(f"run {name}", f"{_RUN}{name}") for name in folders.names()
              if any((folders.runs / name / "adapters").glob("*/adapter_config.json"))]  # fmt: skip
    catalog = ModelCatalog(folders.models, sessions=home() / "data" / "sessions")
    return [*taught, *catalog.choices()]


def composing(folders: AppFolders, form: ComposeForm) -> Iterator[str]:
    """How long it takes so far, then poems and measures, or why there are none; closed, it ends its process."""
    if form.voice not in [name for _, name in voices(folders)]:
        yield note_html("That model is not at hand any more; choose another one.", "bad")
        return
    if not form.description.strip():
        yield note_html("Describe the poem first.", "bad")
        return
    arguments, began = form.arguments(folders), time.monotonic()
    with tempfile.TemporaryFile("w+", errors="replace") as out, tempfile.TemporaryFile("w+", errors="replace") as err:
        child = subprocess.Popen(  # noqa: S603 - our own command line, as a list
            [sys.executable, "-m", "workbench", *arguments], cwd=home(), env=child_environment(),
            stdin=subprocess.DEVNULL, stdout=out, stderr=err,
        )  # fmt: skip
        try:
            while child.poll() is None:
                seconds = time.monotonic() - began
                yield note_html(f"The model is opened and writes {form.tries} poems … {seconds:.0f} s; “Stop” ends it.")
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(1)
        finally:
            child.kill()
            child.wait()
        out.seek(0)
        err.seek(0)
        said = (err.read().strip().splitlines() or [""])[-1]
        for option, words in _IN_WORDS.items():
            said = said.replace(option, words)
        try:
            made: dict[str, Any] = json.loads(out.read())
        except ValueError:
            yield note_html(said or "nothing came back", "bad")
            return
    yield made_html(made, command=shown_command(arguments), trouble=said if child.returncode else "")


def made_html(made: dict[str, Any], *, command: str = "", trouble: str = "") -> str:
    """The best poem of each voice side by side, then all tries.

    Args:
        made: the record of `compose --json`.
        command: that makes it again.
        trouble: a line of the command.
    """
    tries = made["tries"]
    firsts = {one["voice"]: one for one in reversed(tries) if not one["problem"] and one["rank"] in (0, 1)}
    cards = "".join(
        f'<div class="wb-card">{poem_html(one["title"], one["text"], by=voice if len(firsts) > 1 else "")}'
        f"{''.join(note_html(f'In the answer: {remark}') for remark in one.get('remarks', ()))}{_keep_html(one)}</div>"
        for voice, one in sorted(firsts.items(), reverse=True)
    )
    notes = "".join(note_html(note) for note in made["notes"])
    table = table_html(_COLUMNS, [_row(one) for one in tries], caption="All tries")
    again = f'<p class="wb-note">The same again: <code>{escape(command)}</code></p>' if command else ""
    whole = f'<details class="wb-log"><summary>What each try says</summary>{"".join(map(_whole_html, tries))}</details>'
    return f'{note_html(trouble, "bad")}<div class="wb-cards">{cards}</div>{table}{whole}{notes}{again}'


def _whole_html(one: dict[str, Any]) -> str:
    """A try with its own words, what is not a poem as it came; what no page shows is left out."""
    place = f"rank {one['rank']}" if one["rank"] else one["problem"] or "not ranked"
    head = f"{one['voice']}: {place}"
    if one["problem"]:
        return f"<section><p><strong>{escape(head)}</strong></p>{prose_html(fit_to_show(one.get('raw', '')))}</section>"
    return f"<section>{poem_html(one['title'], fit_to_show(one['text']), by=head)}{_keep_html(one)}</section>"


def _keep_html(one: dict[str, Any]) -> str:
    """The button that puts a poem among the person's own; the page's script says where it is then."""
    title, text = escape(one["title"]), escape(one["text"]).replace("\n", "&#10;")
    told = f'data-take-in="1" data-title="{title}" data-poem="{text}"'
    return f'<p><button type="button" class="wb-all" {told}>Put it into My poems</button></p>'


def _row(one: dict[str, Any]) -> Sequence[str]:
    found = one["given_back"]
    value = (found["others_nats"] - found["nll_nats"]) / found["n_tokens"] if found and found["n_tokens"] else None
    why = one["problem"] or one["unscored"] or ("it recites its description" if found and found["is_copy"] else "")
    return [
        escape(one["voice"]), str(one["rank"] or "–"), escape(one["title"]), "–" if value is None else f"{value:+.3f}",
        str(found["longest_run_words"]) if found else "–", escape(why),
    ]  # fmt: skip
