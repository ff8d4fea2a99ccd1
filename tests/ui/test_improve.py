"""The tab that teaches: form, cost, names, and the page of a run, as its handlers give them."""

import html
import re
from dataclasses import replace

import pytest

from tests.ui.made_runs import make_run, word_tokenizer
from workbench.errors import InputError
from workbench.jobs import find_job
from workbench.storage.runs import FINE_TUNING, Run, RunSummary
from workbench.ui import pages
from workbench.ui.folders import said_by
from workbench.ui.improve import form as filled
from workbench.ui.improve import preflight, view
from workbench.ui.improve import tab as improve


def test_rows_that_are_left_out_are_named_before_a_run_is_started(own_folders, with_a_bad_row):
    shown = filled.preview(own_folders, *_form(own_folders, poems=str(own_folders.poems / "good")))[0]
    assert "2 poems are there" in shown
    assert with_a_bad_row in shown


def _form(folders, **changes):
    before, *values = filled.values_of(folders, "demo.yaml")
    names = [key for _, key, _ in filled.CONTROLS]
    values = [changes.get(name, value) for name, value in zip(names, values, strict=True)]
    return ["demo.yaml", changes.get("poems", before), changes.get("name", ""), changes.get("verdicts", ""), *values]


def test_an_untouched_form_is_the_plain_command(own_folders):
    arguments = filled.arguments_of(own_folders, *_form(own_folders))
    assert arguments == ["improve", "config/demo.yaml", "--runs", str(own_folders.runs)]


def test_only_what_was_changed_is_said_and_read_back(own_folders):
    form = _form(
        own_folders, **{"corpus.limit": 6.0, "selection.rule": "gain", "poems": "my poems: all", "verdicts": "earlier"}
    )
    arguments = filled.arguments_of(own_folders, *form)
    assert "corpus.limit=6" in arguments
    assert arguments[arguments.index("--verdicts") + 1] == "earlier"
    settings = filled.settings_of(arguments)
    assert (settings.corpus.limit, settings.selection.rule, settings.corpus.poems) == (6, "gain", "my poems: all")


def test_a_value_that_does_not_fit_is_one_line(own_folders):
    cost, command, yaml = filled.preview(own_folders, *_form(own_folders, **{"selection.top_k": 0}))
    assert "“Winners of each (K)”" in cost
    assert ".yaml" not in cost
    assert (command, yaml) == ("", "")
    assert "“Winners of each (K)”" in improve.begin(own_folders, *_form(own_folders, **{"selection.top_k": 9}))[0]
    assert own_folders.names() == []


def test_a_list_of_settings_that_was_only_looked_at_leaves_the_form_as_it_is(own_folders):
    _, same = improve.refilled(own_folders, "demo.yaml", "demo.yaml", ["good", 7])
    assert same["given"] == []
    other = improve.refilled(own_folders, "improve.yaml", "demo.yaml", ["good", 7])
    given = {"asked": ["good", 7], "given": filled.values_of(own_folders, "improve.yaml")}
    assert other == ["improve.yaml", given], "what was typed since it was asked is not what it held then, and stays"


def test_a_run_that_goes_on_does_not_say_that_it_stopped():
    stopped = RunSummary(
        name="tide", created=0, state="stopped", note="stopped at 0 of 15; continue with: x", heartbeat=0
    )
    assert said_by(stopped) == "stopped at 0 of 15"
    assert said_by(replace(stopped, state="running")).startswith("continuing")
    assert "opening the model" in said_by(replace(stopped, state="running", note="created"))


def test_three_rows_are_shown_with_the_tokens_that_carry_loss(own_folders, tmp_path):
    source = word_tokenizer(tmp_path / "words")
    shown = preflight.preflight_html(own_folders, *_form(own_folders, **{"model.source": str(source)}))
    assert preflight.STAND_IN in html.unescape(shown)
    n_read, n_loss = map(int, re.search(r"(\d+) tokens are read, (\d+) carry loss", shown).groups())
    assert n_read > 0
    first = shown.partition("</article>")[0]
    assert first.count('class="wb-loss"') == n_loss
    assert re.findall(r'<span class="wb-loss">(.*?)</span>', first)[0] == "Title"


def test_cost_command_and_yaml_are_shown(own_folders):
    cost, command, yaml = filled.preview(own_folders, *_form(own_folders))
    assert re.search(r"\d+ descriptions.*about .*GiB", cost)
    assert command.startswith("workbench improve config/demo.yaml")
    assert "backtranslation:" in yaml


def test_a_form_can_begin_with_the_settings_of_a_run(own_folders):
    make_run(own_folders.runs, "made")
    form = ["as made", *_form(own_folders)[1:4], *filled.values_of(own_folders, "as made")[1:]]
    arguments = filled.arguments_of(own_folders, *form)
    assert arguments[1].endswith("made/settings.yaml")
    assert filled.settings_of(arguments).model.source.endswith("words")


@pytest.mark.parametrize("config", ["../app.py", "as ../made", "/etc/passwd", "as nobody"])
def test_only_settings_of_the_list_are_read(own_folders, config):
    with pytest.raises(InputError, match="choose one from the list"):
        filled.config_file(own_folders, config)


def test_a_name_that_is_taken_or_none_starts_nothing(own_folders):
    make_run(own_folders.runs, "made")
    assert "exists already" in improve.begin(own_folders, *_form(own_folders, name="made"))[0]
    assert "run name" in improve.begin(own_folders, *_form(own_folders, name="../up"))[0]
    assert own_folders.names() == ["made"]


def test_a_finished_run_is_not_resumed_and_none_is_not_ended(own_folders):
    make_run(own_folders.runs, "made")
    assert "nothing left to do" in improve.resume(own_folders, "made")
    with pytest.raises(InputError, match="no job"):
        improve.end(own_folders, "made")


def test_a_fine_tuning_is_shown_where_it_belongs_and_goes_on_as_what_it_is(own_folders):
    make_run(own_folders.runs, "made")
    Run.create(own_folders.runs, "tuned", {"kind": FINE_TUNING, "settings": {}}).close()
    assert own_folders.loops() == ["made"]
    page = pages.runs_html(own_folders)
    assert "tab=improve&amp;run=tuned" in page
    assert "tab=candidates&amp;run=made" in page
    assert "tab=candidates&amp;run=tuned" not in page
    improve.resume(own_folders, "tuned")
    assert find_job(own_folders.runs, "tuned").command[:3] == ("train", "--resume", "tuned")


def test_the_page_of_a_run_holds_charts_samples_and_report(own_folders):
    make_run(own_folders.runs, "made")
    head, *plots, body, settings, mark = improve.look(own_folders, "made", {})
    assert "4 of 4 actions" in head
    assert [plot.visible for plot in plots] == [True] * 4
    assert "Loss on the winners while training. top: 3.000 to 2.200; random: 3.000 to 2.200." in body
    assert "Report" in body
    assert "What it wrote at its latest refreshes" in body
    assert "backtranslation:" in settings
    assert improve.look(own_folders, "made", mark)[1] != body, "nothing is sent again while nothing is new"


def test_a_run_is_set_beside_another(own_folders):
    for name in ("made", "other"):
        make_run(own_folders.runs, name, held_out=list("abcdef"))
    page = view.compared_html(own_folders, "made", "other")
    told = ("The settings are the same.", "other minus made", "no measurable difference")
    assert [line in page for line in told] == [True] * 3
    assert "no run" in view.compared_html(own_folders, "made", "nobody")


def test_a_run_without_data_shows_no_chart(own_folders):
    assert not any(plot.visible for plot in improve.look(own_folders, None, {})[1:-3])
