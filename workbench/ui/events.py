"""Answers to a page that come in order, and none that stays when a newer one was there before.

A page asks many things at once: a person clicks on while the last click is answered, and the page looks by itself
besides. Two rules keep it true.

- Handlers that fill the same part of a page share one queue (`in_turn`): they are answered in the order in which they
  were asked.
- What a page that looks by itself (`poll`) showed last travels with what is shown, in a hidden component, and is no
  `gr.State` of the server: where two answers overtake one another all the same, the page looks again because of what
  it holds. The looks go around Gradio's queue: an answer lost between the closing of its event stream and the next
  opening would stop the timer for good, since a tick waits for the one before.
- Only the tab that is seen looks (`rest_unseen`): an open page costs what that tab costs.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

Seen = dict[str, Any]

#: The timers of each tab, from the layout of its page to that of the whole.
_TIMERS: WeakKeyDictionary[Any, list[Any]] = WeakKeyDictionary()


def in_turn(part: str) -> dict[str, Any]:
    """What all events share that fill a part of the page; they are not part of the API.

    Args:
        part: a name of the part; those of several pages must differ.
    """
    return {
        "concurrency_id": part, "concurrency_limit": 1, "show_progress": "hidden", "api_visibility": "private",
    }  # fmt: skip


def on_input(parts: list[Any], answer: Callable[..., Any], inputs: Any, outputs: Any, **shared: Any) -> Any:
    """One event for any change of these components: while it is answered, only the last change waits.

    Args:
        parts: the components.
        answer: the handler.
        inputs: what it is given.
        outputs: what it fills.
        shared: as `in_turn` says.

    Returns:
        The event, to continue with `.then`.
    """
    import gradio as gr

    return gr.on([part.input for part in parts], answer, inputs, outputs, trigger_mode="always_last", **shared)


def seen_place() -> Any:
    """The component that holds what the page shows; its value is a dict, {} at first."""
    import gradio as gr

    return gr.JSON({}, visible="hidden", label="seen")


def seen_by(told: Any) -> Seen:
    """What the page says it shows; whatever is not a dict counts as nothing."""
    return told if isinstance(told, dict) else {}


def poll(tab: Any, seconds: float, look: Callable[..., Any], inputs: Any, outputs: Any, **named: Any) -> None:
    """Calls `look` every so many seconds while the tab is seen, and never twice at once.

    Args:
        tab: on which the outputs are.
        seconds: between two looks.
        look: the handler; quick, and without side effects.
        inputs: its components, or None.
        outputs: what it fills.
        named: of the event, such as `api_name`; without any it is not part of the API.
    """
    import gradio as gr

    named = named or {"api_visibility": "private"}
    timer = gr.Timer(seconds, active=False)
    timer.tick(look, inputs, outputs, queue=False, show_progress="hidden", **named)
    _TIMERS.setdefault(tab, []).append(timer)


#: Which tab is seen once the page has come to rest: at first two are chosen at once, and which is told last is chance.
_SEEN_TAB = """() => new Promise((told) => setTimeout(() =>
    told([document.querySelector("#tabs [role=tab][aria-selected=true]")?.dataset.tabId || ""]), 100))"""


def rest_unseen(tabs: Sequence[Any]) -> None:
    """The timers of a tab run from the moment at which it is chosen to the one at which another one is.

    Args:
        tabs: all tabs of `#tabs`, each with its id, once their pages are laid out.
    """
    import gradio as gr

    owners = [(tab, timer) for tab in tabs for timer in _TIMERS.get(tab, [])]
    seen = gr.Textbox("", visible="hidden", label="the tab that is seen")

    def seen_is(id_: str) -> list[Any]:
        return [gr.Timer(active=not id_ or tab.id == id_) for tab, _ in owners]

    for tab in tabs:
        tab.select(seen_is, seen, [timer for _, timer in owners], js=_SEEN_TAB, queue=False, show_progress="hidden",
                   api_visibility="private")  # fmt: skip


#: A field is emptied of what was sent; other words, typed since, are the next thing that the person wants to say.
_OF_SENT = "(sent, ...now) => now.map((text, at) => text && text === (sent || [])[at] ? '' : text)"


def sent_place() -> Any:
    """The component that holds what was taken from the fields of `empty_sent`, in their order; [] where nothing was."""
    import gradio as gr

    return gr.JSON([], visible="hidden", label="sent")


def empty_sent(event: Any, sent: Any, fields: list[Any]) -> Any:
    """Empties fields of what an event has taken from them, decided in the browser: its answer may come late.

    Args:
        event: fills `sent` with the texts that it took.
        sent: made by `sent_place`.
        fields: in the same order.

    Returns:
        The event, to continue with `.then`.
    """
    return event.then(None, [sent, *fields], fields, js=_OF_SENT, api_visibility="private", show_progress="hidden")


#: A field takes the value that an answer gives it if it holds what it held when that was asked for. A field for a
#: number that was never filled is told as nothing and holds 0.
_UNTYPED = """({ asked = [], given = [] }, ...now) => {
  const bare = (value) => JSON.stringify(value || null);
  return now.map((value, at) => at in given && bare(value) === bare(asked[at]) ? given[at] : value);
}"""


def filling(asked: Sequence[Any], given: Sequence[Any]) -> Seen:
    """What a handler returns for `fill_untyped`: the values of the fields as it was asked, and those to put in."""
    return {"asked": list(asked), "given": list(given)}


def fill_untyped(event: Any, told: Any, fields: list[Any]) -> Any:
    """Fills fields where nobody has typed since; the answer may come late.

    Args:
        event: fills `told` with a `filling`.
        told: made by `seen_place`.
        fields: in the order of the filling.

    Returns:
        The event, to continue with `.then`.
    """
    return event.then(None, [told, *fields], fields, js=_UNTYPED, api_visibility="private", show_progress="hidden")


def keep_typed(gr: Any, tab: Any, field: Any) -> None:
    """Keeps a text field; it is kept as it stands, so an emptied field stays empty."""
    name = json.dumps(field.elem_id)
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    field.change(None, field, None, js=f"(text) => window.wbKeep({name}, text)", **quiet)
    tab.select(None, field, field, js=f"(text) => text || window.wbKept({name})", **quiet)
