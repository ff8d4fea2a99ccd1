"""What an export is asked: held-out prompts and answers, conversations for its template, and the Modelfile it gets.

Made with the renderer of training, so that the passport holds the exported file against what the model was taught with.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from workbench.engines.exporting.measurement import Probe
from workbench.errors import EngineError
from workbench.export.modelfile import (
    Manner,
    modelfile_text,
    ollama_template,
    render,
    stop_words,
    stops_in,
    template_in,
)
from workbench.export.passport import Evidence
from workbench.prompts.chat_template import ChatTemplate, template_of, tokenizer_settings
from workbench.prompts.renderers import Renderer, renderer_for
from workbench.types import Message, Prompt, Rendered

_USER, _ANSWER, _AGAIN = "Name three sounds of a harbour.", "Rope, gull, chain.", "And one smell – naïve is fine?"
_SYSTEM = "You are a poet. Be brief."
CONVERSATIONS = (
    (("user", _USER),),
    (("system", _SYSTEM), ("user", _USER)),
    (("user", _USER), ("assistant", _ANSWER), ("user", _AGAIN)),
    (("system", _SYSTEM), ("user", _USER), ("assistant", _ANSWER), ("user", _AGAIN)),
)
_PLAIN = "O rose — naïve, 詩, \U0001f339\n\n  <|im_end|> [INST] 1234567  \n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportText:
    """A prompt and the answer that the model should give to it."""

    prompt: Prompt
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """The texts as token ids of training, and the model's template."""

    renderer: Renderer
    template: ChatTemplate
    rendered: tuple[Rendered, ...]
    greedy: tuple[int, ...]
    plain: tuple[str, ...]
    plain_ids: tuple[tuple[int, ...], ...]
    calibration_ids: tuple[tuple[int, ...], ...]
    words: dict[int, str]  # control tokens by id

    @property
    def has_template(self) -> bool:
        """Whether the model was taught in its chat template."""
        return self.renderer.name != "base"

    @property
    def end_ids(self) -> tuple[int, ...]:
        """The token that ends an answer."""
        return self.rendered[0].target_ids[-1:]

    @property
    def conversations(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """Those that the model's own template has a place for (some have none for a system message)."""
        if not self.has_template:
            return ()
        takes_system = self.template.holds_all(("system", "user"), thinks=self._thinks)
        return tuple(each for each in CONVERSATIONS if takes_system or each[0][0] != "system")

    @property
    def _thinks(self) -> bool:
        return self.renderer.name == "thinking"

    def ollama_template(self) -> str:
        """The template for the Modelfile; "" for a model without one."""
        return ollama_template(self.template, thinks=self._thinks) if self.has_template else ""

    def stops(self) -> list[str]:
        """The stop words for the Modelfile."""
        ends = [self.words[id_] for id_ in self.end_ids if id_ in self.words]
        between = stop_words(self.template, list(self.words.values())) if self.has_template else []
        return sorted({*between, *ends})

    def probe_for(self, modelfile: str) -> Probe:
        """Everything that each form of the model is asked."""
        template = template_in(modelfile)
        return Probe(
            texts=tuple((each.context_ids, each.target_ids) for each in self.rendered),
            greedy=self.greedy,
            end_ids=self.end_ids,
            plain=self.plain,
            conversations=self.conversations,
            thinks=self._thinks,
            markup=tuple(render(template, each) for each in CONVERSATIONS) if self.has_template else (),
        )

    def evidence(self, folder: Path, modelfile: str, **rest: Any) -> Evidence:
        """What the answers are held against; `rest` are further fields of `Evidence`."""
        own, opened = self.conversations, CONVERSATIONS if self.has_template else ()
        return Evidence(
            folder=folder,
            plain_ids=self.plain_ids,
            conversation_ids=tuple(self.renderer.context(_prompt(each)) for each in own),
            markup_ids=tuple(self.renderer.render(_prompt(each), "").context_ids for each in opened),
            end_words=tuple(self.words.get(id_, str(id_)) for id_ in self.end_ids),
            stops=tuple(stops_in(modelfile)),
            **rest,
        )


def questions(checkpoint: Path, texts: Sequence[ExportText], calibration: Sequence[ExportText]) -> Questions:
    """The questions for a model.

    Raises:
        EngineError: the checkpoint has no usable tokenizer or template.
    """
    renderer = renderer_for(checkpoint)
    rendered = tuple(renderer.render(text.prompt, text.answer) for text in texts)
    shown = [renderer.render(text.prompt, text.answer) for text in calibration]
    plain = (*(text.answer for text in texts), _PLAIN)
    prompt = _prompt(CONVERSATIONS[0])
    n_end = len(renderer.render(prompt, "").target_ids)
    return Questions(
        renderer=renderer,
        template=ChatTemplate(template_of(checkpoint), tokenizer_settings(checkpoint)),
        rendered=rendered,
        greedy=rendered[0].context_ids,
        plain=plain,
        plain_ids=tuple(renderer.render(prompt, text).target_ids[:-n_end] for text in plain),
        calibration_ids=tuple(each.context_ids + each.target_ids for each in shown),
        words=_control_words(checkpoint),
    )


def modelfile_of(asked: Questions, *, model: str, adapter: str = "", manner: Manner | None = None) -> str:
    """The Modelfile of an export; without a template where Ollama cannot say it, which the passport tells."""
    try:
        template = asked.ollama_template()
    except EngineError:
        template = ""
    return modelfile_text(model, template=template, stops=asked.stops(), adapter=adapter, manner=manner)


def _prompt(conversation: Sequence[tuple[str, str]]) -> Prompt:
    return tuple(Message(role=cast(Any, role), content=content) for role, content in conversation)


def _control_words(checkpoint: Path) -> dict[int, str]:
    definition = json.loads((checkpoint / "tokenizer.json").read_text("utf-8"))
    return {int(token["id"]): str(token["content"]) for token in definition.get("added_tokens", [])}
