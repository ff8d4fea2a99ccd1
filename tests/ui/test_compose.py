"""Compose in the app: who can be asked, the command behind the button, and what a record looks like."""

import json
from dataclasses import replace

import pytest

from workbench.ui.compose import ComposeForm, composing, made_html, voices
from workbench.ui.folders import AppFolders

FORM = ComposeForm(description="a ferry in fog", voice="built-in")
GIVEN = {"nll_nats": 20.0, "others_nats": 25.0, "n_tokens": 10, "n_all_tokens": 11, "n_others": 4,
         "longest_run_words": 2, "is_copy": False}  # fmt: skip


def one_try(**changes):
    usual = {"voice": "trained", "rank": 1, "title": "Ferry", "text": "The rope is wet.\nNobody waves.", "problem": "",
             "unscored": "", "given_back": GIVEN}  # fmt: skip
    return usual | changes


@pytest.fixture
def folders(tmp_path):
    adapter = tmp_path / "runs" / "tide" / "adapters" / "top-1"
    adapter.mkdir(parents=True)
    (adapter / "adapter_config.json").write_text("{}")
    (tmp_path / "runs" / "tide" / "run.json").write_text(json.dumps({"settings": {}}))
    return AppFolders(runs=tmp_path / "runs")


def test_runs_that_have_learned_something_come_first(folders):
    known = voices(folders)
    assert known[0] == ("run tide", "run:tide")
    assert "built-in" in [name for _, name in known]


def test_the_command_is_the_one_that_a_person_would_type(folders):
    words = replace(FORM, voice="run:tide", beside_base=True).arguments(folders)
    assert words[:4] == ["compose", "--json", "--run", "tide"]
    assert "--beside-base" in words
    assert words[-2:] == ["--", "a ferry in fog"]


def test_a_description_is_never_read_as_an_option(folders):
    assert replace(FORM, description="--help").arguments(folders)[-2:] == ["--", "--help"]


@pytest.mark.parametrize(
    ("change", "said"), [({"voice": "/etc/passwd"}, "not at hand"), ({"description": " "}, "first")]
)
def test_what_cannot_be_asked_starts_nothing(folders, change, said):
    assert said in list(composing(folders, replace(FORM, **change)))[-1]


def test_a_mistake_is_the_line_that_the_command_says(folders):
    first, *_, shown = composing(folders, replace(FORM, voice="run:tide"))  # its run.json holds no run
    assert "“Stop” ends it" in first
    assert "wb-bad" in shown
    assert "Traceback" not in shown


def test_base_and_trained_are_side_by_side_with_their_measures():
    base = one_try(voice="base", title="Fog", given_back={**GIVEN, "others_nats": 15.0})
    shown = made_html({"tries": [one_try(), base], "notes": ["a note"]}, command="workbench compose")
    assert shown.index("Ferry") < shown.index("Fog")
    assert "+0.500" in shown
    assert "-0.500" in shown
    assert "a note" in shown


def test_what_is_no_poem_is_in_the_table_alone():
    talk = one_try(rank=0, title="", text="", problem="it talks about a poem and has none", given_back=None)
    shown = made_html({"tries": [talk], "notes": []})
    assert "wb-poem" not in shown
    assert "it talks about a poem" in shown


def test_a_models_words_are_text():
    shown = made_html({"tries": [one_try(title="<script>x</script>", text="<b>a</b>\nb")], "notes": []})
    assert "<script>" not in shown
    assert "<b>" not in shown


def test_a_poem_can_be_kept_and_every_answer_be_read():
    talk = one_try(rank=0, title="", text="", problem="it is a single line", given_back=None, raw="All on <one> line.")
    shown = made_html({"tries": [one_try(title='A "ferry"'), talk], "notes": []})
    assert 'data-title="A &quot;ferry&quot;" data-poem="The rope is wet.&#10;Nobody waves."' in shown
    assert "All on &lt;one&gt; line." in shown
    assert 'data-poem=""' not in shown  # what is no poem is not offered


def test_harm_in_an_answer_that_is_no_poem_is_not_shown():
    harm = one_try(rank=0, title="", text="", problem="it is prose", given_back=None, raw="Put the woman in the oven.")
    assert "oven" not in made_html({"tries": [harm], "notes": []})
