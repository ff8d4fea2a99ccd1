"""Chats of the studio: who answers, what is remembered, and a changed question."""

import html
import inspect
from contextlib import closing

import pytest

from tests.revision.scripts import BRIEF, REVISE
from tests.ui.made_runs import ATTACKS
from workbench.revision.settings import RevisionSettings
from workbench.revision.store import SessionStore
from workbench.studio.chats import Chat, Chats, Turn
from workbench.studio.queue import Live
from workbench.ui.studio import chat

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


def test_a_talk_is_answered_by_both_voices_and_remembers(room):
    said, _, sent = chat.ask(room.studio, None, "educator", room.filled.educator, "alone", "What is a line?")
    assert (said, sent) == ("", ["What is a line?"])
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


def test_a_session_called_talk_is_no_talk(studio):
    with closing(SessionStore(studio.sessions)) as store:
        names = [store.begin("talk", RevisionSettings()).id for _ in range(2)]
    assert not {*names} & {Chats(studio.sessions).begin("poet", ("built-in",)).name, "talk.2"}
