"""A page that looks again by itself, and knows what it shows.

What was shown last travels with what is shown, in a hidden component, and not as a `gr.State` of the server: two
answers may overtake one another, and the page must then look again because of what it holds, not because of what was
sent. The looks go around Gradio's queue: an answer lost between the closing of its event stream and the next opening
would stop the timer for good, since a tick waits for the one before.
"""

from collections.abc import Callable
from typing import Any

Seen = dict[str, Any]


def seen_place() -> Any:
    """The component that holds what the page shows; its value is a dict, {} at first."""
    import gradio as gr

    return gr.JSON({}, visible="hidden", label="seen")


def seen_by(told: Any) -> Seen:
    """What the page says it shows; whatever is no dict counts as nothing."""
    return told if isinstance(told, dict) else {}


def poll(seconds: float, look: Callable[..., Any], inputs: Any, outputs: Any, **named: Any) -> None:
    """Calls `look` every so many seconds, and never twice at once.

    Args:
        seconds: between two looks.
        look: the handler; quick, and without side effects.
        inputs: its components, or None.
        outputs: what it fills.
        named: of the event, such as `api_name`; without any it is not part of the API.
    """
    import gradio as gr

    named = named or {"api_visibility": "private"}
    gr.Timer(seconds).tick(look, inputs, outputs, queue=False, show_progress="hidden", **named)
