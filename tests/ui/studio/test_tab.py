"""The studio's handlers with its real process and models that read from a script over HTTP; and what they refuse."""

import json
import re
import threading
import time
from dataclasses import replace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.revision.scripts import BRIEF, FIRST, REVISE, poem
from tests.revision.test_own_hand import edited
from tests.ui.made_runs import ATTACKS
from tests.ui.markup import is_ours
from tests.ui.scripted_endpoint import Script, endpoint
from tests.ui.studio.scripted_room import Room, form, part
from workbench.errors import InputError
from workbench.revision.settings import RevisionSettings
from workbench.ui.folders import AppFolders
from workbench.ui.routes import add_routes
from workbench.ui.studio import handlers, own_words
from workbench.ui.studio.data import SessionForm, download

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


def _html_of(screen):
    return [part(screen, name) for name in ("live", "page", "decided", "history")]


def _is_skipped(update):
    return isinstance(update, dict) and update.get("__type__") == "update" and len(update) == 1


@pytest.mark.parametrize("room", [{
    "educator": [BRIEF, REVISE], "poet": [f"{FIRST}\n\nLet me know if you'd like <b>changes</b> to the poem!"],
}], indirect=True)  # fmt: skip
def test_what_was_left_out_of_an_answer_is_on_the_page_and_in_the_record(room):
    handlers.begin_session(room.studio, "a railway station", "", "", *form(room.filled))
    room.rest("railway-station")
    page = part(handlers.look(room.studio, "railway-station", None, {}), "page")
    assert "left out as talk: “Let me know if you&#x27;d like changes" in page
    assert "left out as talk" in download(room.studio, "railway-station", "md")[0]


@pytest.mark.parametrize("room", [{
    "educator": [BRIEF, REVISE], "poet": [f"{FIRST}\n\n— Typed & signed"],
}], indirect=True)  # fmt: skip
def test_a_line_that_may_be_talk_is_taken_off_with_a_click(room):
    handlers.begin_session(room.studio, "a railway station", "", "", *form(room.filled))
    room.rest("railway-station")
    page = part(handlers.look(room.studio, "railway-station", None, {}), "page")
    assert "Not part of the poem: take off line" in page
    assert "— Typed &amp; signed" in page
    (place,) = re.findall('data-off="([^"]+)"', page)
    assert "Taken off" in handlers.taken_off(room.studio, "railway-station", place)
    trace = room.studio.view("railway-station").trace
    assert trace.rounds[1].draft.text == trace.rounds[0].draft.text.removesuffix("\n\n— Typed & signed")
    assert "data-off" not in part(handlers.look(room.studio, "railway-station", None, {}), "page")
    assert "not in doubt" in handlers.taken_off(room.studio, "railway-station", place)


def test_a_poem_is_revised_step_by_step(room):
    said, _, *_ = handlers.begin_session(room.studio, "a railway station", "", "", *form(room.filled))
    assert said == ""
    name = "railway-station"
    assert room.rest(name).button == "Write the next draft"
    room.studio.go_on(name, room.filled)
    trace = room.rest(name).trace
    screen = handlers.look(room.studio, name, None, {})
    assert "take it" in part(screen, "page")
    assert "Prosody" in part(screen, "decided")

    cut = next(change for change in trace.rounds[-1].changes if change.kind == "cut")
    told = {"session": name, "draft": trace.rounds[-1].draft.id, "lines": {cut.id: ["rejected", ""]}}
    said, decided, *_ = handlers.decided_lines(room.studio, name, json.dumps(told))
    assert "stored" in said
    assert "the dust goes where dust goes," in decided
    assert 'value="rejected" checked' in part(handlers.look(room.studio, name, None, {}), "page")

    room.studio.go_on(name, room.filled)
    trace = room.rest(name).trace
    assert trace.rounds[-1].draft.lines[1:3] == ("the dust goes where dust goes,", "a broom with three teeth left,")
    assert trace.rounds[-1].critique is not None
    assert "1 refused" not in part(handlers.look(room.studio, name, None, {}), "page")

    assert "newest draft again" in handlers.gone_back(room.studio, name, 0)
    assert "your" in part(handlers.look(room.studio, name, None, {}), "history")
    for kind, inside in (("txt", "He sweeps"), ("md", "## Draft 4"), ("json", '"rounds"')):
        assert inside in download(room.studio, name, kind)[0]


def test_a_draft_that_comes_is_shown_whichever_was_looked_at(room):
    name = room.studio.begin("a railway station", "", room.filled)
    room.rest(name)
    before = part(handlers.look(room.studio, name, None, {}), "seen")
    room.studio.go_on(name, room.filled)
    room.rest(name)
    after = handlers.look(room.studio, name, 0, before)
    assert "Draft 2 of 2" in part(after, "page")
    chosen = handlers.look(room.studio, name, 0, {})
    assert "Draft 1 of 2" in part(chosen, "page")
    room.studio.go_on(name, room.filled)
    room.rest(name)
    still = handlers.look(room.studio, name, None, part(chosen, "seen"))
    assert "Draft 1 of 2" in part(still, "page"), "a critique takes nobody away from the draft that they read"


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
    assert "&lt;p class" not in part(handlers.look(room.studio, name, None, {}), "page")


def test_an_idle_page_is_sent_nothing(room):
    name = room.studio.begin("a railway station", "", room.filled)
    room.rest(name)
    first = handlers.look(room.studio, name, None, {})
    again = handlers.look(room.studio, name, None, part(first, "seen"))
    assert not any(_is_skipped(part) for part in first[:1])
    assert all(_is_skipped(part) for part in again)


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


def _is_studio(page):
    """As `is_ours`, with the elements that only the studio makes."""
    page = re.sub(r'<button type="button" data-verdict="\w+" aria-pressed="false">', "<button>", page)
    page = re.sub(r'(<li [^<>]*tabindex="0")[^<>]*>', r"\1>", page)  # what is kept with a remark: quoted, escaped
    for ours in ("ol", "del", "ins", "fieldset", "legend", "label", "input", "button", "b", "u"):
        page = _without(page, ours)
    is_ours(page)


def _without(page, tag):
    return re.sub(
        rf"</?{tag}(?: (?:class|role|type|name|value|data-\w+|aria-label|maxlength)=\"[^\"<>]*\"| checked)*>", "", page
    )
