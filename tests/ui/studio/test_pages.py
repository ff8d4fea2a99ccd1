"""Pages of the studio without its process: choices, refusals, lists, forms and a person’s own lines."""

import json
from contextlib import closing
from dataclasses import replace

import pytest

from tests.revision.scripts import REVISE, SECOND, START_OVER, sampler
from tests.studio.test_steps import OWN, held_to_a_haiku
from tests.ui.studio.scripted_room import form, part
from workbench.errors import InputError
from workbench.revision.ledger import refused_round
from workbench.revision.settings import RevisionSettings
from workbench.revision.store import SessionStore
from workbench.studio.own_poems import OwnPoems
from workbench.studio.queue import Live
from workbench.studio.steps import StepModels, begin, own_draft, settled, take_step
from workbench.ui.studio import handlers, own_words, trust, view
from workbench.ui.studio.data import download
from workbench.ui.studio.diff import word_diff

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


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
    said, *_, button = handlers.begin_session(studio, "", german, handlers.BEGIN, *form(studio.defaults()))
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
    page = part(handlers.look(studio, trace.id, None, {}), "page")
    assert "a line of yours stays" in page
    assert 'value="rejected" checked' in page
    assert 'value="accepted" checked' not in page
    screen = handlers.look(studio, trace.id, None, {})
    assert part(screen, "text") == "Dock\n\nThe rope is wet.\nNobody waves.\nThe gulls keep time.\n"
    assert json.loads(part(screen, "given"))["text"] == part(screen, "text"), "what is written on is one's own poem"
    assert part(screen, "run").visible is False, "nothing of one's own is rewritten without asking"


def test_a_persons_draft_is_the_best_one_where_nothing_speaks_for_the_poets(studio):
    with studio.store() as store:
        trace = begin(store, "", RevisionSettings(), poem="Dock\n\nThe rope is wet and slow.\nNobody waves.")
        assert handlers.look(studio, trace.id, None, {})  # one draft: there is none to be better than
        assert "the best so far" not in part(handlers.look(studio, trace.id, None, {}), "history")
        models = StepModels(educator=sampler(REVISE), poet=sampler(SECOND))
        trace = take_step(trace, RevisionSettings(), "critique", models=models)
        trace = take_step(trace, RevisionSettings(), "draft", models=models)
        store.save(trace)
    assert [one.draft.author for one in trace.rounds] == ["person", "poet"]
    assert '<strong>Draft 1</strong> · <strong class="wb-best">' in part(
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
    assert "beside draft 1: 1 kept, 1 edited" in part(handlers.look(studio, trace.id, None, {}), "history")


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
    assert "the poet was not told" in part(handlers.look(room.studio, name, 0, {}), "page")


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
    page = part(handlers.look(studio, name, 0, {}), "page")
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
