"""Sessions recorded elsewhere."""

import json

import pytest

from workbench.errors import InputError
from workbench.revflux.flux import measure_session
from workbench.revflux.recorded import read_recorded

SESSION = {"prompt": "a poem", "drafts": ["The salt\nroad", "The malt\nroad"]}


def read(tmp_path, data):
    file = tmp_path / "old.json"
    file.write_text(data if isinstance(data, str) else json.dumps(data))
    return read_recorded(file)


@pytest.mark.parametrize(
    "data",
    [
        [SESSION],
        {"results": [SESSION]},
        {"model": "recorded", "sessions": [SESSION]},
        [{"user_request": "a poem", "draft": "The salt\nroad", "revisions": ["The malt\nroad"]}],
        [
            {
                "request": "a poem",
                "initial_draft": {"text": "The salt\nroad"},
                "revisions": [{"poem": "The malt\r\nroad"}],
            }
        ],
    ],
)
def test_every_shape_gives_the_same_session(tmp_path, data):
    (one,) = read(tmp_path, data)
    assert [each.draft.text for each in one.trace.rounds] == SESSION["drafts"]
    assert (one.configuration, one.category, one.trace.request) == ("recorded", "recorded", "a poem")


def test_its_old_numbers_come_out_again(tmp_path):
    (one,) = read(tmp_path, [SESSION])
    figures = measure_session(one.trace, revisions=5).figures
    assert figures["index_line_change"] == pytest.approx((100 / 8 + 0) / 2)


def test_sessions_of_one_prompt_are_samples(tmp_path):
    assert [one.sample for one in read(tmp_path, [SESSION, SESSION, {**SESSION, "model": "other"}])] == [0, 1, 0]


def test_an_approved_session_was_approved_at_its_last_draft(tmp_path):
    (one,) = read(tmp_path, [{**SESSION, "approved": True, "category": "cliche"}])
    assert measure_session(one.trace, revisions=5).approved_at == 1


def test_a_session_that_says_nothing_of_approval_was_not_judged(tmp_path):
    (one,) = read(tmp_path, [SESSION])
    assert measure_session(one.trace, revisions=5).figures["approved"] is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("{", ":1: not valid JSON"),
        ("3", ":1: neither a list"),
        ("[]", ":1: there is no session"),
        ({"other": []}, ":1: no list of sessions"),
        ([3], ": session 1: not an object"),
        ([SESSION, {"drafts": ["a"]}], ': session 2: no text under "prompt"'),
        ([{"prompt": "a"}], ": session 1: no drafts"),
        ([{"prompt": "a", "drafts": []}], ": session 1: no drafts"),
        ([{"prompt": "a", "drafts": ["x", 3]}], ': session 1, draft 2: no text under "poem"'),
        ([{"prompt": "a", "draft": "x", "revisions": 3}], ": session 1: no drafts"),
        ([{**SESSION, "approved": "yes"}], ": session 1: approved is 'yes'"),
        ([{**SESSION, "model": 3}], ": session 1: the model is '3.0'"),
        ([{"prompt": "a", "drafts": ["x"] * 300}], ": session 1: 300 drafts are more"),
    ],
)
def test_bad_input_gets_one_line(tmp_path, data, said):
    with pytest.raises(InputError) as caught:
        read(tmp_path, data)
    assert str(caught.value).startswith(f"{tmp_path}/old.json{said}")
    assert "\n" not in str(caught.value)
