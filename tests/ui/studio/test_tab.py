"""The studio's handlers with its real process and models that read from a script over HTTP; and what they refuse."""

import html
import inspect
import json
import re
import threading
import time
from contextlib import closing
from dataclasses import replace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.revision.scripts import APPROVE, BRIEF, FIRST, NOTE, REVISE, SECOND, START_OVER, THIRD, poem, sampler
from tests.revision.test_own_hand import edited
from tests.studio.test_steps import OWN, held_to_a_haiku
from tests.ui.made_runs import ATTACKS
from tests.ui.scripted_endpoint import Script, endpoint
from tests.ui.test_handlers import _is_ours
from workbench.errors import InputError
from workbench.revision.ledger import refused_round
from workbench.revision.settings import RevisionSettings
from workbench.revision.store import SessionStore
from workbench.studio.chats import Chat, Chats, Turn
from workbench.studio.own_poems import OwnPoems
from workbench.studio.queue import Live
from workbench.studio.steps import StepModels, begin, own_draft, settled, take_step
from workbench.ui.folders import AppFolders
from workbench.ui.routes import add_routes
from workbench.ui.studio import chat, handlers, own_words, trust, view
from workbench.ui.studio.data import SessionForm, Studio, download
from workbench.ui.studio.diff import word_diff

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


class Room:
    """A studio whose educator and poet read from a script."""

    def __init__(self, folder, url):
        self.studio = Studio(AppFolders(runs=folder / "runs", config=folder / "config"))
        engines = [self.studio.catalog.add_endpoint(url, model).engine for model in ("educator", "poet")]
        self.filled = SessionForm(educator=engines[0], poet=engines[1])

    def rest(self, name):
        """Waits until nothing is at work, at most ten minutes on an idle machine."""
        for _ in range(6000):
            if not self.studio.queue.live(name).is_at_work:
                return None if "." in name else self.studio.view(name)
            time.sleep(0.1)
        pytest.fail(f"still at work: {self.studio.queue.live(name)}")


@pytest.fixture
def room(tmp_path, request):
    """Ended with its process."""
    script = getattr(request, "param", None) or {
        "educator": [BRIEF, REVISE, REVISE, APPROVE, NOTE], "poet": [FIRST, SECOND, THIRD],
    }  # fmt: skip
    with endpoint(Script(script)) as url:
        made = Room(tmp_path, url)
        yield made
        made.studio.queue.end()


def _part(screen, name):
    return screen[handlers.PARTS.index(name)]


def _html_of(screen):
    return [_part(screen, name) for name in ("live", "page", "decided", "history")]


def _is_skipped(update):
    return isinstance(update, dict) and update.get("__type__") == "update" and len(update) == 1


@pytest.mark.parametrize("room", [{
    "educator": [BRIEF, REVISE], "poet": [f"{FIRST}\n\nLet me know if you'd like <b>changes</b> to the poem!"],
}], indirect=True)  # fmt: skip
def test_what_was_left_out_of_an_answer_is_on_the_page_and_in_the_record(room):
    handlers.begin_session(room.studio, "a railway station", "", "", *_form(room.filled))
    room.rest("railway-station")
    page = _part(handlers.look(room.studio, "railway-station", None, {}), "page")
    assert "left out as talk: “Let me know if you&#x27;d like changes" in page
    assert "left out as talk" in download(room.studio, "railway-station", "md")[0]


@pytest.mark.parametrize("room", [{
    "educator": [BRIEF, REVISE], "poet": [f"{FIRST}\n\n— Typed & signed"],
}], indirect=True)  # fmt: skip
def test_a_line_that_may_be_talk_is_taken_off_with_a_click(room):
    handlers.begin_session(room.studio, "a railway station", "", "", *_form(room.filled))
    room.rest("railway-station")
    page = _part(handlers.look(room.studio, "railway-station", None, {}), "page")
    assert "Not part of the poem: take off line" in page
    assert "— Typed &amp; signed" in page
    (place,) = re.findall('data-off="([^"]+)"', page)
    assert "Taken off" in handlers.taken_off(room.studio, "railway-station", place)
    trace = room.studio.view("railway-station").trace
    assert trace.rounds[1].draft.text == trace.rounds[0].draft.text.removesuffix("\n\n— Typed & signed")
    assert "data-off" not in _part(handlers.look(room.studio, "railway-station", None, {}), "page")
    assert "not in doubt" in handlers.taken_off(room.studio, "railway-station", place)


def test_a_poem_is_revised_step_by_step(room):
    said, _, *_ = handlers.begin_session(room.studio, "a railway station", "", "", *_form(room.filled))
    assert said == ""
    name = "railway-station"
    assert room.rest(name).button == "Write the next draft"
    room.studio.go_on(name, room.filled)
    trace = room.rest(name).trace
    screen = handlers.look(room.studio, name, None, {})
    assert "take it" in _part(screen, "page")
    assert "Prosody" in _part(screen, "decided")

    cut = next(change for change in trace.rounds[-1].changes if change.kind == "cut")
    told = {"session": name, "draft": trace.rounds[-1].draft.id, "lines": {cut.id: ["rejected", ""]}}
    said, decided, *_ = handlers.decided_lines(room.studio, name, json.dumps(told))
    assert "stored" in said
    assert "the dust goes where dust goes," in decided
    assert 'value="rejected" checked' in _part(handlers.look(room.studio, name, None, {}), "page")

    room.studio.go_on(name, room.filled)
    trace = room.rest(name).trace
    assert trace.rounds[-1].draft.lines[1:3] == ("the dust goes where dust goes,", "a broom with three teeth left,")
    assert trace.rounds[-1].critique is not None
    assert "1 refused" not in _part(handlers.look(room.studio, name, None, {}), "page")

    assert "newest draft again" in handlers.gone_back(room.studio, name, 0)
    assert "your" in _part(handlers.look(room.studio, name, None, {}), "history")
    for kind, inside in (("txt", "He sweeps"), ("md", "## Draft 4"), ("json", '"rounds"')):
        assert inside in download(room.studio, name, kind)[0]


def test_a_draft_that_comes_is_shown_whichever_was_looked_at(room):
    name = room.studio.begin("a railway station", "", room.filled)
    room.rest(name)
    before = _part(handlers.look(room.studio, name, None, {}), "seen")
    room.studio.go_on(name, room.filled)
    room.rest(name)
    after = handlers.look(room.studio, name, 0, before)
    assert "Draft 2 of 2" in _part(after, "page")
    chosen = handlers.look(room.studio, name, 0, {})
    assert "Draft 1 of 2" in _part(chosen, "page")
    room.studio.go_on(name, room.filled)
    room.rest(name)
    still = handlers.look(room.studio, name, None, _part(chosen, "seen"))
    assert "Draft 1 of 2" in _part(still, "page"), "a critique takes nobody away from the draft that they read"


def test_an_educator_that_only_asks_offers_no_words(room):
    name = room.studio.begin("a railway station", "", replace(room.filled, asks_only=True))
    (item,) = room.rest(name).trace.rounds[0].critique.items
    assert item.direction.endswith("?")
    assert "cut it" in room.rest(name).trace.rounds[0].critique.text  # what it said is on record, and not shown
    page = str(handlers.look(room.studio, name, None, {}))
    assert item.direction in page
    assert "cut it" not in page


def test_a_style_note_is_shown_before_a_poet_is_told_and_then_told_with_every_draft(room):
    skipped, said = own_words.style_read(room.studio)
    assert _is_skipped(skipped)
    assert "0 drafts" in said
    with room.studio.store() as store:
        for name in ("one", "two"):
            store.save(replace(edited(), id=store.begin(name, RevisionSettings()).id))
    note, said = own_words.style_read(room.studio)
    assert "Use no exclamation marks." in note
    assert "out of 10 lines" in said
    app = FastAPI()
    add_routes(app, AppFolders(runs=room.studio.sessions.parent / "runs"))
    rows = [json.loads(line) for line in TestClient(app).get("/desk/edits.jsonl").text.splitlines()]
    assert sorted(row["session"] for row in rows) == ["one", "two"]
    name = room.studio.begin("a railway station", "", replace(room.filled, style=note))
    room.rest(name)
    with room.studio.store() as store:
        assert store.open(name)[1].style == note
    with pytest.raises(InputError, match="1001 characters"):
        room.studio.begin("a railway station", "", replace(room.filled, style="x" * 1001))


def test_a_session_that_is_opened_again_goes_on_with_its_own_voices(room):
    name = room.studio.begin("a railway station", "", room.filled)
    room.rest(name)
    _, educator, poet = handlers.open_tab(room.studio, None, (None, None), {"session": name})
    assert (educator.value, poet.value) == (room.filled.educator, room.filled.poet)
    assert "&lt;p class" not in _part(handlers.look(room.studio, name, None, {}), "page")


def test_an_idle_page_is_sent_nothing(room):
    name = room.studio.begin("a railway station", "", room.filled)
    room.rest(name)
    first = handlers.look(room.studio, name, None, {})
    again = handlers.look(room.studio, name, None, _part(first, "seen"))
    assert not any(_is_skipped(part) for part in first[:1])
    assert all(_is_skipped(part) for part in again)


def test_a_talk_is_answered_by_both_voices_and_remembers(room):
    said, _, emptied = chat.ask(room.studio, None, "educator", room.filled.educator, "alone", "What is a line?")
    assert (said, emptied) == ("", "")
    room.rest("talk.1")
    chat.ask(room.studio, "talk.1", "educator", room.filled.educator, "alone", "And a stanza?")
    room.rest("talk.1")
    talk = Chats(room.studio.sessions).open("talk.1")
    assert [turn.answers for turn in talk.turns] == [(BRIEF,), (REVISE,)]
    assert Chats(room.studio.sessions).titles() == [("What is a line?", "talk.1")]
    assert [message.role for message in talk.prompt(0, "p")] == ["system", "user", "assistant", "user"]


def test_each_voice_has_a_chat_of_its_own_with_what_is_being_written():
    turns = (Turn(asked="one?", answers=("first", "base")), Turn(asked="two?", answers=("", "")))
    talk = Chat(name="talk.1", role="poet", engines=("a+b", "a"), turns=turns)
    live = Live(state="writing", kind="talk", text="so far", place=1)
    first, second = ([said["content"] for said in chat.messages(talk, live, place)] for place in (0, 1))
    assert first == ["one?", "first", "two?", "…"]
    assert second == ["one?", "base", "two?", "so far"]
    assert chat.messages(talk, Live(state="stopped"), 0)[-1]["content"] == "(no answer)"


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_said_in_a_chat_is_text_and_keeps_its_lines(attack):
    talk = Chat(name="talk.1", role="poet", engines=("a",), turns=(Turn(asked=attack, answers=(f"{attack}\n  b",)),))
    for said in chat.messages(talk, Live(state="done"), 0):
        assert not set("<>") & set(said["content"])
        assert html.unescape(said["content"]) == (attack if said["role"] == "user" else f"{attack}\n  b")
        assert inspect.cleandoc(said["content"]) == said["content"], "Gradio cleans what it is given like a docstring"


def test_the_last_question_can_be_asked_again(room):
    chat.ask(room.studio, None, "educator", room.filled.educator, "alone", "What is a line?")
    room.rest("talk.1")
    assert chat.again(room.studio, "talk.1") == ""
    room.rest("talk.1")
    turns = Chats(room.studio.sessions).open("talk.1").turns
    assert [turn.asked for turn in turns] == ["What is a line?"] * 2
    assert turns[1].answers == (REVISE,)
    assert "wb-bad" in chat.again(room.studio, None)


def test_trained_and_base_are_two_voices():
    assert chat.voices("built-in+models/poet", beside=True) == ("built-in+models/poet", "built-in")
    assert chat.voices("built-in", beside=True) == ("built-in",)


def test_a_chat_that_is_opened_says_who_answers_in_it_and_another_voice_leaves_it(room):
    chats = Chats(room.studio.sessions)
    chats.save(chats.begin("poet", ("built-in+models/gone", "built-in")).asked("Two lines?").answered(0, "A lamp."))
    role, engine, beside = chat.who_answers(room.studio, "talk.1")
    assert (role, engine.value, beside) == ("poet", "built-in+models/gone", "beside")
    assert "built-in+models/gone" in [name for _, name in engine.choices]  # it is not here any more, and is shown
    assert chat.another_voice("talk.1")[0] is None
    assert "a new chat" in chat.another_voice("talk.1")[1]
    assert chat.another_voice(None) == (None, "")


def test_a_question_that_is_changed_begins_another_chat_with_what_was_said_before(room):
    chats = Chats(room.studio.sessions)
    begun = chats.begin("educator", (room.filled.educator,))
    for question in ("What is a line?", "And a stanza?", "And a poem?"):
        begun = begun.asked(question).answered(0, f"About: {question}")
    chats.save(begun)
    said, opened = chat.branched(room.studio, "talk.1", 2, "And a &lt;tercet&gt;?")
    assert "A new chat" in said
    assert [turn.asked for turn in chats.open(opened.value).turns] == ["What is a line?", "And a <tercet>?"]
    assert chats.open("talk.1") == begun
    assert "wb-bad" in chat.branched(room.studio, "talk.1", 2, "  ")[0]


@pytest.mark.parametrize(
    "room",
    [{"educator": [f"ANGLE: {attack}\nTURN: {attack}", f'STRONGEST line 1: {attack}\nLINE 2 (padding): {attack} TRY: '
      f"{attack}\nVERDICT revise: {attack}"],
      "poet": [poem(attack, "two lines", "three lines", title=attack),
               poem("one", "two", "three", attack, title=attack)]}
     for attack in ATTACKS[:2]],
    indirect=True,
)  # fmt: skip
def test_attacks_are_text_everywhere_in_the_studio(room):
    name = room.studio.begin(ATTACKS[0], "", room.filled)
    room.rest(name)
    pages = _html_of(handlers.look(room.studio, name, None, {}))
    room.studio.go_on(name, SessionForm(educator=room.filled.educator, poet=room.filled.poet, direction=ATTACKS[1]))
    room.rest(name)
    pages += _html_of(handlers.look(room.studio, name, None, {}))
    assert "&lt;" in "".join(pages)
    for page in pages:
        _is_studio(page)


def test_a_stop_ends_the_step_and_keeps_what_was_done(tmp_path):
    script = Script({"educator": [BRIEF, REVISE], "poet": [FIRST]}, hold=threading.Event())
    with endpoint(script) as url:
        room = Room(tmp_path, url)
        name = room.studio.begin("a railway station", "", room.filled)
        for _ in range(6000):
            if room.studio.queue.live(name).state == "writing":
                break
            time.sleep(0.1)
        with pytest.raises(InputError, match="being worked on"):
            room.studio.go_on(name, room.filled)
        assert "stops with the next word" in handlers.stopped(room.studio, name)
        script.hold.set()
        assert room.rest(name).live.state == "stopped"
        room.studio.go_on(name, room.filled)
        assert len(room.rest(name).trace.rounds) == 1
        room.studio.queue.end()


def test_a_process_that_was_killed_is_told_and_the_session_goes_on(tmp_path):
    script = Script({"educator": [BRIEF, REVISE], "poet": [FIRST]}, hold=threading.Event())
    with endpoint(script) as url:
        room = Room(tmp_path, url)
        name = room.studio.begin("a railway station", "", room.filled)
        for _ in range(6000):
            if room.studio.queue.live(name).state == "writing":
                break
            time.sleep(0.1)
        room.studio.queue.end()
        for _ in range(6000):
            if not room.studio.queue.is_alive():
                break
            time.sleep(0.1)
        live = room.rest(name).live
        assert (live.state, "process ended" in live.note) == ("failed", True)
        script.hold.set()
        room.studio.go_on(name, room.filled)
        assert len(room.rest(name).trace.rounds) == 1
        room.studio.queue.end()


# ---------------------------------------------------------------- without the process


@pytest.fixture
def studio(tmp_path):
    return Studio(AppFolders(runs=tmp_path / "runs", config=tmp_path / "config"))


@pytest.mark.parametrize(
    "told", ["", "[]", '{"session": 1}', "[" * 5000, '{"session":"x","draft":"y","lines":{"a":"b"}}']
)
def test_choices_that_cannot_be_read_are_one_line(studio, told):
    said, *_ = handlers.decided_lines(studio, "nobody", told)
    assert "wb-bad" in said
    assert said.count("\n") == 0


def test_a_model_that_is_not_at_hand_is_refused_and_nothing_stored(studio):
    said, *_ = handlers.begin_session(studio, "a poem", "", "", "/etc/passwd.gguf", "built-in", "", "", 1)
    assert "not among the models" in said
    with closing(SessionStore(studio.sessions)) as store:
        assert store.sessions() == []


def test_another_language_is_said_before_any_model_speaks(studio):
    german = "Ich ging hinüber in den alten Garten\nund hörte, wie der Regen mit den Blättern sprach."
    said, *_, button = handlers.begin_session(studio, "", german, handlers.BEGIN, *_form(studio.defaults()))
    assert "German" in said
    assert button.value == handlers.ALL_THE_SAME
    with closing(SessionStore(studio.sessions)) as store:
        assert store.sessions() == []


def test_what_the_built_in_model_is_worth_stays_on_the_page_while_it_speaks():
    assert "is a toy" in trust.toy_html("built-in+models/educator", "remote:http://127.0.0.1:1/v1#m")
    assert trust.toy_html("remote:http://127.0.0.1:1/v1#m", "remote:http://127.0.0.1:1/v1#m") == ""


def test_words_that_are_refused_are_not_shown_while_they_come():
    shown = view.live_html(Live(state="writing", kind="critique", text="Try: Put the woman in the oven", began=1.0))
    assert "oven" not in shown
    assert "left out" in shown


def test_a_persons_own_lines_are_kept_by_default_on_the_page(studio):
    with studio.store() as store:
        trace = held_to_a_haiku(store, REVISE)
        own = own_draft(trace, "Dock\n\nThe rope is wet.\nNobody waves.\nThe gulls keep time.", form="haiku")
        judged = replace(own.rounds[-1], critique=trace.rounds[0].critique)
        own = replace(own, rounds=(*own.rounds[:-1], judged))
        models = StepModels(educator=sampler(), poet=sampler(SECOND))
        store.save(take_step(own, RevisionSettings(), "draft", models=models))
    page = _part(handlers.look(studio, trace.id, None, {}), "page")
    assert "a line of yours stays" in page
    assert 'value="rejected" checked' in page
    assert 'value="accepted" checked' not in page
    screen = handlers.look(studio, trace.id, None, {})
    assert _part(screen, "text") == "Dock\n\nThe rope is wet.\nNobody waves.\nThe gulls keep time.\n"
    assert json.loads(_part(screen, "given"))["text"] == _part(screen, "text"), "what is written on is one's own poem"
    assert _part(screen, "run").visible is False, "nothing of one's own is rewritten without asking"


def test_a_persons_draft_is_the_best_one_where_nothing_speaks_for_the_poets(studio):
    with studio.store() as store:
        trace = begin(store, "", RevisionSettings(), poem="Dock\n\nThe rope is wet and slow.\nNobody waves.")
        assert handlers.look(studio, trace.id, None, {})  # one draft: there is none to be better than
        assert "the best so far" not in _part(handlers.look(studio, trace.id, None, {}), "history")
        models = StepModels(educator=sampler(REVISE), poet=sampler(SECOND))
        trace = take_step(trace, RevisionSettings(), "critique", models=models)
        trace = take_step(trace, RevisionSettings(), "draft", models=models)
        store.save(trace)
    assert [one.draft.author for one in trace.rounds] == ["person", "poet"]
    assert '<strong>Draft 1</strong> · <strong class="wb-best">' in _part(
        handlers.look(studio, trace.id, None, {}), "history"
    )


def test_sessions_are_listed_by_the_title_of_a_persons_poem_and_numbered_where_it_returns(studio):
    with studio.store() as store:
        for _ in range(2):
            begin(store, "", RevisionSettings(), poem="Dock\n\nThe rope is wet and slow.\nNobody waves.")
        begin(store, "a poem about frost", RevisionSettings())
    assert sorted(title for title, _ in studio.choices()) == ["Dock", "Dock (2)", "a poem about frost"]


def test_what_was_decided_is_counted_against_the_draft_that_the_poet_was_given(studio):
    with studio.store() as store:
        trace = begin(store, "", RevisionSettings(), poem="Dock\n\nThe rope is wet and slow.\nNobody waves.")
        models = StepModels(educator=sampler(REVISE), poet=sampler(SECOND))
        for step in ("critique", "draft"):
            trace = take_step(trace, RevisionSettings(), step, models=models)
        refused = refused_round(trace.rounds[-1])
        changes = (replace(refused.changes[0], decision="edited", after="The rope is dry."), *refused.changes[1:])
        trace = settled(replace(trace, rounds=(*trace.rounds[:-1], replace(refused, changes=changes))), form="")
        store.save(trace)
    assert "beside draft 1: 1 kept, 1 edited" in _part(handlers.look(studio, trace.id, None, {}), "history")


def test_a_form_that_is_only_the_poems_own_is_not_called_asked_for():
    haiku = "The ladder leans on\na tree that is not there now.\nSnow on every rung."
    assert "asked for" not in view.heard_html(haiku, "haiku")
    assert "asked for" in view.heard_html(haiku, "couplets")
    assert "is not counted as a line" in view.heard_html(f"(for Ann)\n\n{haiku}", "haiku")


def test_a_remark_that_is_called_wrong_is_not_told_to_the_poet(room):
    name = room.studio.begin("a railway station", "", room.filled)
    trace = room.rest(name).trace
    (item,) = trace.rounds[0].critique.items
    words = OwnPoems(room.studio.sessions.parent / "own_poems.sqlite")
    remark = {"session": trace.rounds[0].draft.id, "item": item.id, "poem": "", "text": item.note}
    words.judge_remark("wrong", remark)
    room.studio.go_on(name, room.filled)
    trace = room.rest(name).trace
    assert trace.rounds[0].critique.items[0].refused
    assert trace.rounds[1].responses == ()
    assert "the poet was not told" in _part(handlers.look(room.studio, name, 0, {}), "page")


@pytest.mark.parametrize("name", ["../x", "nobody", "", "A b"])
def test_a_session_that_is_not_there_is_a_line(studio, name):
    with pytest.raises(InputError):
        download(studio, name, "txt")
    assert "wb-bad" in handlers.gone_back(studio, name, 0)


def test_best_draft_and_download_go_by_the_form_of_the_session(studio):
    with studio.store() as store:
        trace = held_to_a_haiku(store, START_OVER)
        store.save(trace)
    name = trace.id
    studio.write_own(name, OWN)
    page = _part(handlers.look(studio, name, 0, {}), "page")
    assert "held against the form: haiku" in page
    assert "★ the best so far" in page
    assert "The gulls keep the time." in download(studio, name, "txt")[0]
    assert "Nobody waves.\n" in download(studio, name, "txt", 2)[0], "the draft that is asked for"
    with pytest.raises(InputError, match="it has 2"):
        download(studio, name, "txt", 3)


@pytest.mark.parametrize("filled", ["", '{"session": "another", "number": 1, "filled": ""}'])
def test_words_that_belong_to_another_poem_are_not_stored_with_this_one(studio, filled):
    with studio.store() as store:
        trace = held_to_a_haiku(store, REVISE)
        store.save(trace)
    assert "another poem" in own_words.saved_own(studio, trace.id, OWN, filled)[0]
    assert len(studio.view(trace.id).trace.rounds) == 1


def test_words_that_differ_are_marked_and_escaped():
    assert word_diff("a <b> rope", "a <i> rope") == ("a <u>&lt;b&gt;</u> rope", "a <u>&lt;i&gt;</u> rope")


def _form(filled):
    return filled.educator, filled.poet, filled.direction, filled.form, filled.seed


def _is_studio(page):
    """As `_is_ours`, with the elements that only the studio makes."""
    page = re.sub(r'<button type="button" data-verdict="\w+" aria-pressed="false">', "<button>", page)
    page = re.sub(r'(<li [^<>]*tabindex="0")[^<>]*>', r"\1>", page)  # what is kept with a remark: quoted, escaped
    for ours in ("ol", "del", "ins", "fieldset", "legend", "label", "input", "button", "b", "u"):
        page = _without(page, ours)
    _is_ours(page)


def _without(page, tag):
    return re.sub(
        rf"</?{tag}(?: (?:class|role|type|name|value|data-\w+|aria-label|maxlength)=\"[^\"<>]*\"| checked)*>", "", page
    )


def test_a_session_called_talk_is_no_talk(studio):
    with closing(SessionStore(studio.sessions)) as store:
        names = [store.begin("talk", RevisionSettings()).id for _ in range(2)]
    assert not {*names} & {Chats(studio.sessions).begin("poet", ("built-in",)).name, "talk.2"}
