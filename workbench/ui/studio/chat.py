"""Chat: ask the educator or the poet, the trained one beside its base where both are available.

Who answers belongs to a chat: another model, or one beside its base, begins a new one. A question that is changed
begins a new one too, with all that was said before it.
"""

import re
from collections.abc import Callable
from html import escape, unescape
from typing import Any

from workbench.engines.names import display_name
from workbench.errors import WorkbenchError
from workbench.revision.refusals import fit_to_show
from workbench.studio.chats import Chat, Chats
from workbench.studio.queue import Live
from workbench.ui.events import (
    Seen,
    empty_sent,
    in_turn,
    keep_typed,
    on_input,
    poll,
    seen_by,
    seen_place,
    sent_place,
)
from workbench.ui.html import html_area, note_html
from workbench.ui.studio.data import Studio
from workbench.ui.studio.handlers import stopped
from workbench.ui.studio.trust import toy_html, usable
from workbench.ui.studio.view import live_html

INTRODUCTION = (
    "<h1 class='wb-unseen'>Chat</h1>"
    "<p class='wb-note'>Ask the educator what a line break does, show it a stanza, ask it which of two endings is "
    "false; ask the poet for eight lines. The models answer on this machine, unless you chose an endpoint.</p>"
)
_ANOTHER = "Another voice: the next message begins a new chat. The one before is among the earlier chats."
_NOTHING_SAID = "Nothing has been said yet."
_ALONE = ("one voice", "alone")
_BESIDE = ("beside its base, the model as it was before training", "beside")


def build(studio: Studio, tab: Any, part: Any) -> None:
    """Lays the part out."""
    import gradio as gr

    form, (asked, send, stop, fresh), (*shown, live, trust, said, seen) = _lay_out(gr)
    name, role, engine = form[:3]
    parts = [*shown, live, send, seen]
    shared = in_turn("talk")

    def opened(chosen: str | None, model: str | None, request: gr.Request) -> list[Any]:
        return open_part(studio, chosen, model, dict(request.query_params))

    def looked(chosen: str | None, before: Any) -> list[Any]:
        return look(studio, chosen, seen_by(before))

    def newest(chosen: str | None) -> list[Any]:
        return look(studio, chosen, {})

    def voices_of(chosen: str | None) -> list[Any]:
        return who_answers(studio, chosen)

    for event in (tab.select, part.select):
        event(opened, [name, engine], [name, engine], **shared).then(voices_of, name, form[1:], **shared).then(
            newest, name, parts, **shared
        )
    engine.change(toy_html, engine, trust, **in_turn("talk-trust"))
    poll(tab, 0.6, looked, [name, seen], parts)
    on_input([role], lambda chosen: usual_engine(studio, chosen), role, engine, **shared)
    on_input(form[1:], another_voice, name, [name, said], **shared).then(newest, name, parts, **shared)
    keep_typed(gr, part, asked)
    on_input([name], voices_of, name, form[1:], **shared).then(newest, name, parts, **shared)
    fresh.click(lambda: (gr.Dropdown(value=None), ""), None, [name, said], **shared).then(newest, name, parts, **shared)
    sent, named = sent_place(), shared | {"api_name": "talk", "api_visibility": "undocumented"}
    for event in (send.click, asked.submit):
        done = event(lambda *given: ask(studio, *given), [*form, asked], [said, name, sent], **named)
        empty_sent(done, sent, [asked])
        done.then(newest, name, parts, **shared)

    _reworked(studio, (shown, name, said), lambda event: event.then(newest, name, parts, **shared))
    stop.click(lambda chosen: stopped(studio, chosen), name, said, **shared)


def _reworked(studio: Studio, places: tuple[Any, ...], then: Callable[[Any], Any]) -> None:
    """What is done in a chatbot itself: a question is changed, the last answer is asked for again."""
    import gradio as gr

    (shown, name, said), shared = places, in_turn("talk")

    def changed(chosen: str | None, edited: gr.EditData) -> tuple[Any, ...]:
        return branched(studio, chosen, edited.index, edited.value)

    for bot in shown:
        then(bot.edit(changed, name, [said, name], **shared))
    then(shown[0].retry(lambda chosen: again(studio, chosen), name, said, **shared))


def _lay_out(gr: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """Who is asked, the question with its buttons, the answers."""
    html_area(INTRODUCTION)
    with gr.Row(equal_height=True):
        name = gr.Dropdown([], label="Earlier chats", elem_id="talk-name", scale=2)
        role = gr.Dropdown([("the educator", "educator"), ("the poet", "poet")], value="educator", label="With",
                           elem_id="talk-role")  # fmt: skip
        engine = gr.Dropdown([], label="Model", elem_id="talk-engine", scale=2)
        beside = gr.Dropdown([_ALONE, _BESIDE], value="alone", label="Compare", elem_id="talk-beside", scale=2)
    with gr.Row():
        # what a model writes is text, not Markdown, so that a poem keeps its lines; `messages` escapes it
        plain: dict[str, Any] = {"render_markdown": False, "latex_delimiters": [], "buttons": [], "height": 460,
                                 "editable": "user"}  # fmt: skip
        shown = [gr.Chatbot(label="Answers", elem_id="talk-first", placeholder=_NOTHING_SAID, **plain),
                 gr.Chatbot(label="Its base", elem_id="talk-second", visible=False, **plain)]  # fmt: skip
    live, trust = html_area(elem_id="talk-live"), html_area(elem_id="talk-trust")
    asked = gr.Textbox(label="Message (Enter sends it; Shift+Enter is a new line)", lines=3, elem_id="talk-asked",
                       placeholder="What makes an ending false?")  # fmt: skip
    with gr.Row():
        send = gr.Button("Send", variant="primary", elem_id="talk-send", min_width=200)
        stop = gr.Button("Stop", elem_id="talk-stop", min_width=120)
        fresh = gr.Button("A new chat", elem_id="talk-fresh", min_width=160)
    said, seen = html_area(elem_id="talk-said"), seen_place()
    return [name, role, engine, beside], [asked, send, stop, fresh], [*shown, live, trust, said, seen]


def open_part(studio: Studio, name: str | None, engine: str | None, query: dict[str, str]) -> list[Any]:
    """The lists as they are now; what was chosen stays."""
    import gradio as gr

    chats, models = Chats(studio.sessions).titles(), usable(studio.catalog, studio.queue)
    names, engines = [each for _, each in chats], [each for _, each in models]
    asked = engine or query.get("talk", "") or usual_engine(studio, "educator")
    chosen = name if name in names else (names[0] if names and not query.get("talk") else None)
    return [gr.Dropdown(chats, value=chosen), gr.Dropdown(models, value=asked if asked in engines else "built-in")]


def usual_engine(studio: Studio, role: str) -> str:
    """The model that a role is played by where nobody chose."""
    try:
        usual = studio.defaults()
    except WorkbenchError:
        return "built-in"
    return usual.educator if role == "educator" else usual.poet


def who_answers(studio: Studio, name: str | None) -> list[Any]:
    """Role, model and comparison as a chat has them; as they are where there is none."""
    import gradio as gr

    try:
        chat = Chats(studio.sessions).open(name or "")
    except WorkbenchError:
        return [gr.skip()] * 3
    models = usable(studio.catalog, studio.queue)
    gone = (
        []
        if chat.engines[0] in [engine for _, engine in models]
        else [(display_name(chat.engines[0]), chat.engines[0])]
    )
    beside = "beside" if len(chat.engines) > 1 else "alone"
    return [chat.role, gr.Dropdown([*models, *gone], value=chat.engines[0]), beside]


def another_voice(name: str | None) -> tuple[Any, str]:
    """A chat keeps the voices that it began with, so that another choice leaves it."""
    return None, note_html(_ANOTHER) if name else ""


def branched(studio: Studio, name: str | None, place: Any, text: Any) -> tuple[Any, ...]:
    """Asks a question of a chat otherwise, in a new chat with all that was said before it.

    Args:
        studio: with the chats.
        name: of the chat.
        place: of the message that was changed, among questions and answers.
        text: the question as it is now, as a chatbot has it.
    """
    import gradio as gr

    chats, number = Chats(studio.sessions), place[0] if isinstance(place, tuple | list) else int(place)
    try:
        chat = chats.open(name or "")
        if studio.queue.live(chat.name).is_at_work:
            return note_html("It still answers; wait for it, or stop it first.", "bad"), gr.skip()
        other = chat.branch(chats.free_name(), number // 2).asked(unescape(str(text)))
        chats.save(other)
        studio.queue.ask(other.name, {"kind": "talk"})
    except WorkbenchError as exc:
        return note_html(str(exc), "bad"), gr.skip()
    told = "A new chat, with your question as it is now; the one before is among the earlier chats."
    return note_html(told), gr.Dropdown(chats.titles(), value=other.name)


def ask(studio: Studio, name: str | None, *given: Any) -> tuple[Any, ...]:
    """Puts a question to the voices of a chat, or to those of the form in a new one; the last is what was sent."""
    import gradio as gr

    role, engine, beside, text = given
    chats = Chats(studio.sessions)
    try:
        if trouble := studio.catalog.find(engine or "built-in").trouble:
            return note_html(trouble, "bad"), gr.skip(), []
        chat = chats.open(name) if name else chats.begin(role, voices(engine or "built-in", beside=beside == "beside"))
        if studio.queue.live(chat.name).is_at_work:
            return note_html("It still answers; wait for it, or stop it first.", "bad"), gr.skip(), []
        chats.save(chat.asked(text or ""))
        studio.queue.ask(chat.name, {"kind": "talk"})
    except WorkbenchError as exc:
        return note_html(str(exc), "bad"), gr.skip(), []
    return "", gr.Dropdown(chats.titles(), value=chat.name), [text]


def voices(engine: str, *, beside: bool) -> tuple[str, ...]:
    """One voice, or an adapter's and its base's.

    >>> voices("built-in+models/poet", beside=True)
    ('built-in+models/poet', 'built-in')
    """
    base = engine.partition("+")[0]
    return (engine, base) if beside and base != engine else (engine,)


def look(studio: Studio, name: str | None, seen: Seen) -> list[Any]:
    """A chat as it is now; only what is new since `seen`."""
    import gradio as gr

    if not name:
        nothing = [*_shown(None, None), "", gr.Button(interactive=True), {"mark": "none"}]
        return [gr.skip()] * 5 if seen.get("mark") == "none" else nothing
    stamp, live = studio.queue.stamp(name), studio.queue.live(name)
    mark = [name, stamp, live.state]  # the clock of files is coarse: two states can have one stamp
    if seen.get("mark") == mark and not live.is_at_work:
        return [gr.skip()] * 5
    try:
        chat = Chats(studio.sessions).open(name)
    except WorkbenchError as exc:
        return [*_shown(None, None), note_html(str(exc), "bad"), gr.skip(), {"mark": mark}]
    status = "" if live.state == "writing" else live_html(live)
    keep = f'<p class="wb-files"><a href="chats/{escape(chat.name)}.md" download>This chat as text</a></p>'
    return [
        *_shown(chat, live),
        status if live.is_at_work else status + keep,
        gr.Button(interactive=not live.is_at_work),
        {"mark": mark},
    ]


def again(studio: Studio, name: str | None) -> str:
    """Asks the last question of a chat once more."""
    chats = Chats(studio.sessions)
    try:
        chat = chats.open(name or "")
        if studio.queue.live(chat.name).is_at_work:
            return note_html("It still answers; wait for it, or stop it first.", "bad")
        chats.save(chat.asked(chat.turns[-1].asked))
        studio.queue.ask(chat.name, {"kind": "talk"})
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    return ""


def messages(chat: Chat, live: Live, place: int) -> list[Any]:
    """Questions and answers of one voice; what is being written is the last answer, as far as it goes.

    Chatbots take text for HTML, with Markdown switched off too, so all of it is escaped here.
    """
    said = []
    for number, turn in enumerate(chat.turns):
        is_last = number == len(chat.turns) - 1
        writing = live.text if is_last and live.state == "writing" and live.place == place else ""
        answer = fit_to_show(turn.answers[place] or writing) or ("…" if is_last and live.is_at_work else "(no answer)")
        said += [{"role": "user", "content": turn.asked}, {"role": "assistant", "content": answer}]
    return [{"role": one["role"], "content": _as_html(one["content"])} for one in said]


def _as_html(text: str) -> str:
    """Text as a chatbot takes it; spaces at the start of a line are written out, for it would take them away."""
    return re.sub(r"^[ \t]+", lambda run: "".join(f"&#{ord(sign)};" for sign in run[0]), escape(text, quote=False),
                  flags=re.MULTILINE)  # fmt: skip


def _shown(chat: Chat | None, live: Live | None) -> list[Any]:
    """The voices' chatbots; the second is there where a second voice is."""
    import gradio as gr

    if chat is None or live is None:
        return [gr.Chatbot([], label="Answers"), gr.Chatbot([], visible=False)]
    bots = [gr.Chatbot(messages(chat, live, place), label=display_name(engine), visible=True)
            for place, engine in enumerate(chat.engines)]  # fmt: skip
    return [*bots, gr.Chatbot([], visible=False)][:2]
