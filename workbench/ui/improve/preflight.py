"""Three rows of a run before it begins: what the model reads, and which tokens carry loss. No model is loaded.

The descriptions are not written yet, so a stand-in is shown in their place; template, tokens and boundary are those of
the run. Only the tokenizer is read; where the model's files are not made yet, that is said.
"""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from workbench.corpus.load import load_poems
from workbench.engines.names import BUILT_IN
from workbench.errors import InputError, WorkbenchError
from workbench.improvement.settings import Settings
from workbench.places import located, written
from workbench.prompts.renderers import Renderer, renderer_for
from workbench.prompts.templates import describe_prompt, load_prompt, poem_target
from workbench.types import Message, Poem, Prompt, Span
from workbench.ui.folders import AppFolders
from workbench.ui.html import note_html
from workbench.ui.improve.form import arguments_of, in_words, settings_of

N_ROWS = 3
MOST_TOKENS = 400  # of a row that are shown
STAND_IN = "(a description of this poem that the run will have chosen)"
_BUILT_IN_FILES = "smollm2"  # the folder of the built-in model's files begins so


def preflight_html(folders: AppFolders, *form: Any) -> str:
    """The rows of a filled form, or the one line that says why there are none."""
    try:
        settings = settings_of(arguments_of(folders, *form))
        poems = load_poems(located(settings.corpus.poems), separator=settings.corpus.separator)[:N_ROWS]
        renderer = renderer_for(checkpoint_of(settings), kind=settings.model.kind,
                                keep_thinking=settings.model.keep_thinking)  # fmt: skip
        rows = [_row(renderer, settings, poem) for poem in poems]
    except WorkbenchError as exc:
        return note_html(in_words(exc), "bad")
    told = "Grey is read and costs nothing. Boxed tokens carry loss: the model is trained to write them, and its end."
    return note_html(told) + "".join(rows)


def checkpoint_of(settings: Settings) -> Path:
    """Where the tokenizer of a run's model lies; nothing is made.

    Raises:
        InputError: the model's files are not there yet.
    """
    source = located(settings.model.source)
    if (source / "tokenizer.json").is_file():
        return source
    made = written(settings.model.cache or "models/base").glob("*/checkpoint/tokenizer.json")
    if settings.model.source == BUILT_IN:
        for file in made:
            if file.parent.parent.name.startswith(_BUILT_IN_FILES):
                return file.parent
    raise InputError("the tokens can be shown when the model's files are made, which its first run does")


def asked_of(settings: Settings, poem: Poem, style: str) -> tuple[Prompt, str]:
    """Prompt and target of a poem's first row, as the task of the settings has them."""
    if settings.training.task == "describer":
        template = load_prompt(settings.backtranslation.prompt, style)
        return describe_prompt(template, poem, words=settings.backtranslation.words), STAND_IN
    return load_prompt(settings.scoring.prompt, style).fill(description=STAND_IN), poem_target(poem)


def _row(renderer: Renderer, settings: Settings, poem: Poem) -> str:
    prompt, target = asked_of(settings, poem, renderer.name)
    rendered = renderer.render(prompt, target)
    n_read, n_loss = len(rendered.context_ids), len(rendered.target_ids)
    spans = [span for span in rendered.offsets_T if span[1] > span[0]]
    rest = f" … {len(spans) - MOST_TOKENS} more" if len(spans) > MOST_TOKENS else ""
    end = "" if rest else '<span class="wb-loss">‹end›</span>' * (n_loss - len(spans))
    return (
        f'<article class="wb-card"><p class="wb-by">{escape(poem.title or "untitled")} · {n_read} tokens are read, '
        f"{n_loss} carry loss</p>{''.join(map(_message, prompt))}"
        f'<div class="wb-lines">{_tokens(target, spans[:MOST_TOKENS])}{end}{rest}</div></article>'
    )


def _tokens(target: str, spans: Sequence[Span]) -> str:
    """The target as far as these tokens go, each boxed; what no token stands for is between them."""
    shown, place = [], 0
    for start, end in spans:
        shown.append(f'{escape(target[place:start])}<span class="wb-loss">{escape(target[start:end])}</span>')
        place = end
    return "".join(shown)


def _message(message: Message) -> str:
    return f'<p class="wb-note wb-read"><strong>{escape(message.role)}:</strong> {escape(message.content)}</p>'
