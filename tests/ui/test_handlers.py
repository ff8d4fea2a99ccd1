"""The handlers as plain functions: what they show, what they store, what they refuse."""

import html
import re
from dataclasses import asdict, replace

import pytest

from tests.ui.made_runs import ATTACKS, make_run, word_tokenizer
from workbench.corpus.load import CorpusSettings, prepare_corpus
from workbench.errors import InputError
from workbench.jobs import find_job
from workbench.storage.runs import FINE_TUNING, Run, RunSummary
from workbench.ui import all_candidates, candidates, pages, poems
from workbench.ui.candidates import degree, heat_html
from workbench.ui.folders import AppFolders, said_by
from workbench.ui.html import link, poem_html
from workbench.ui.improve import form as filled
from workbench.ui.improve import preflight, shelf, view
from workbench.ui.improve import tab as improve
from workbench.ui.spotcheck import review, verdicts

TAG = re.compile(r"<\s*/?\s*([a-z0-9]+)", re.IGNORECASE)
_OURS = (
    "section h1 h2 h3 h4 p a div span table caption thead tbody tr th td dl dt dd ul li article strong em small pre "
    "details summary progress figure figcaption svg line text g polyline hr q kbd br blockquote"
)
OURS = set(_OURS.split())


@pytest.fixture
def folders(tmp_path):
    (tmp_path / "poems" / "good").mkdir(parents=True)
    (tmp_path / "poems" / "good" / "one.txt").write_text("Title: Tide\n\nThe sea is low,\nthe boats don't go.\n")
    return AppFolders(runs=tmp_path / "runs", poems=tmp_path / "poems")


@pytest.fixture
def attacked(folders):
    make_run(folders.runs, "made", n_poems=2, attacks=ATTACKS)
    return folders


def _is_ours(page):
    """Only elements that this app makes, no handler attribute, and no address that is a script."""
    assert {tag.lower() for tag in TAG.findall(page)} <= OURS
    inside = " ".join(re.findall(r"<[^>]*>", page))
    assert not re.search(r"href=\"?javascript", inside, re.IGNORECASE)
    names = re.sub(r'"[^"]*"', '""', inside)  # what stands in quotes is a value
    assert not re.search(r"\son\w+\s*=|srcdoc", names, re.IGNORECASE)


def test_spaces_of_a_poem_are_kept_and_its_marks_are_text():
    assert "a   b\n  &lt;b&gt;c" in poem_html("T", "a   b\n  <b>c")


def test_a_link_cannot_be_broken_out_of():
    assert link("<x>", run='"><script>') == '<a href="?run=%22%3E%3Cscript%3E">&lt;x&gt;</a>'


# ---------------------------------------------------------------- every field shown holds an attack


def test_attacks_are_text_in_the_list_of_candidates_and_in_the_heat_map(attacked):
    listed = candidates.poems_with(attacked, "made", "all")
    assert len(listed) == 2 + len(ATTACKS)
    for _, poem_id in listed:
        with attacked.records("made") as records:
            first, second = candidates.candidates_of(records, poem_id)[:2]
        page = candidates.view_html(attacked, "made", poem_id, first.candidate.id, second.candidate.id)
        _is_ours(page)
        assert 'class="wb-t wb-' in page, "the heat-map was drawn"


def test_attacks_are_text_in_the_spot_check(attacked):
    for mode in (review.SINGLE, review.PAIRS):
        asked = review.Review(run="made", reviewer="ann", mode=mode, n=30)
        while (view := review.next_view(attacked, asked)).key:
            _is_ours(view.item)
            _is_ours(review.give(attacked, asked, view.key, "skip", note=ATTACKS[0]))
    _is_ours(verdicts.figures_html(attacked, "made"))


def test_attacks_are_text_in_progress_report_and_poems(attacked):
    head, *_, body, settings, _seen = improve.look(attacked, "made", {})
    for page in (head, body, settings, pages.runs_html(attacked)):
        _is_ours(page)
    assert "&lt;" in body
    for attack in ATTACKS:
        _is_ours(poems.add_text(attacked, attack, attack, author=attack)[0])
    for poem in poems.search(attacked, "mine", "")[0]:
        _is_ours(poems.reading_html(attacked, "mine", poem.id))


def test_attacks_as_names_are_refused_in_words(attacked):
    for name in ("../made", "<script>", "a/../../b", "x" * 300):
        blind = review.Review(run=name, reviewer="ann")
        for page in (
            improve.look(attacked, name, {})[0],
            candidates.view_html(attacked, name, "p", "", ""),
            verdicts.figures_html(attacked, name),
            review.next_view(attacked, blind).item,
        ):
            _is_ours(page)
            assert "wb-bad" in page
        with pytest.raises(InputError), attacked.judging(name):
            pass


# ---------------------------------------------------------------- home, poems


@pytest.mark.parametrize(("query", "said"), [
    ({"tab": "nope"}, "no page ‘nope’"), ({"tab": "improve", "run": "<b>"}, "no run ‘&lt;b&gt;’"),
    ({"tab": "improve", "run": "made"}, ""), ({}, ""),
])  # fmt: skip
def test_an_address_that_names_nothing_says_so(attacked, query, said):
    shown = pages.lost_html(attacked, query)
    assert said in shown
    assert bool(shown) == bool(said)


def test_an_empty_desk_says_what_to_do(folders):
    assert "None yet" in pages.runs_html(folders)
    assert improve.look(folders, None, {})[0]
    assert "Start one in Teach" in review.next_view(folders, review.Review(run="", reviewer="me")).item


def test_what_is_missing_has_its_fix(folders):
    assert "Built-in model" in pages.state_html_of_machine(folders)


def test_search_asks_title_form_and_words(folders):
    assert [poem.title for poem in poems.search(folders, "good", "BOATS tide")[0]] == ["Tide"]
    assert poems.search(folders, "good", "mountain")[0] == []


@pytest.mark.parametrize("folder", ["../..", "/etc", None, "none"])
def test_only_collections_of_the_list_are_read(folders, folder):
    assert poems.search(folders, folder, "") == ([], "no such collection; choose one from the list")


def test_a_poem_is_shown_with_what_is_heard(folders):
    (poem,), _ = poems.search(folders, "good", "")
    page = poems.reading_html(folders, "good", poem.id)
    assert "The sea is low,\nthe boats" in page
    assert "scheme" in page
    assert "unknown form" in poems.reading_html(folders, "good", poem.id, "sonet")


def test_the_loaders_message_names_the_file_and_not_where_it_was_put(folders, tmp_path):
    good, bad = tmp_path / "good.txt", tmp_path / "bad.jsonl"
    good.write_text("one line\n")
    bad.write_text('{"title": 1}\n')
    said, _ = poems.add_files(folders, [str(good), str(bad)])
    assert "good.txt: 1 poem added (good)." in said
    assert "bad.jsonl:1:" in said
    assert str(tmp_path) not in said
    assert "mine" in poems.collections_of(folders)


def test_the_list_shows_what_was_added(folders, tmp_path):
    two = tmp_path / "two.md"
    two.write_text("# Quay\n\nthe quay is dry\n\n# Boats\n\nthe boats lie over\n")
    assert "two.md: 2 poems added (Quay; Boats)." in poems.add_files(folders, [str(two)])[0]
    collection, words, listed, said = poems.after_adding(folders)
    assert (collection.value, words) == ("mine", "")
    assert [label for label, _ in listed.choices] == ["Boats", "Quay"]
    assert "the boats lie over" in poems.reading_html(folders, "mine", listed.value)
    assert "2 poems" in said


@pytest.fixture
def with_a_bad_row(folders):
    """The collection has a table with a row that cannot be used, named by place and reason."""
    table = folders.poems / "good" / "table.csv"
    table.write_text("title,poem\nQuay,the quay is dry\nLost,\n")
    return "good/table.csv:3: the poem is empty, write it or remove the entry: left out"


def test_rows_that_are_left_out_are_named_beside_a_collection(folders, with_a_bad_row):
    found = poems.search(folders, "good", "")
    assert len(found[0]) == 2
    assert with_a_bad_row in poems.in_list(*found)[1]


def test_rows_that_are_left_out_are_named_when_a_file_is_added(folders, with_a_bad_row):
    said, _ = poems.add_files(folders, [str(folders.poems / "good" / "table.csv")])
    assert "1 poem added (Quay)." in said
    assert "table.csv:3: the poem is empty" in said
    assert str(folders.poems) not in said


def test_rows_that_are_left_out_are_named_before_a_run_is_started(folders, with_a_bad_row):
    shown = filled.preview(folders, *_form(folders, poems=str(folders.poems / "good")))[0]
    assert "2 poems are there" in shown
    assert with_a_bad_row in shown


def test_a_run_keeps_and_shows_what_was_left_out_of_its_poems(folders, with_a_bad_row):
    settings = CorpusSettings(poems=str(folders.poems / "good"))
    report = prepare_corpus(settings, seed=1, count_tokens=len).report
    make_run(folders.runs, "made", corpus=asdict(report))
    assert with_a_bad_row in improve.settings_html(folders, "made")


# ---------------------------------------------------------------- improve


def _form(folders, **changes):
    before, *values = filled.values_of(folders, "demo.yaml")
    names = [key for _, key, _ in filled.CONTROLS]
    values = [changes.get(name, value) for name, value in zip(names, values, strict=True)]
    return ["demo.yaml", changes.get("poems", before), changes.get("name", ""), changes.get("verdicts", ""), *values]


def test_an_untouched_form_is_the_plain_command(folders):
    arguments = filled.arguments_of(folders, *_form(folders))
    assert arguments == ["improve", "config/demo.yaml", "--runs", str(folders.runs)]


def test_only_what_was_changed_is_said_and_read_back(folders):
    form = _form(
        folders, **{"corpus.limit": 6.0, "selection.rule": "gain", "poems": "my poems: all", "verdicts": "earlier"}
    )
    arguments = filled.arguments_of(folders, *form)
    assert "corpus.limit=6" in arguments
    assert arguments[arguments.index("--verdicts") + 1] == "earlier"
    settings = filled.settings_of(arguments)
    assert (settings.corpus.limit, settings.selection.rule, settings.corpus.poems) == (6, "gain", "my poems: all")


def test_a_value_that_does_not_fit_is_one_line(folders):
    cost, command, yaml = filled.preview(folders, *_form(folders, **{"selection.top_k": 0}))
    assert "“Winners of each (K)”" in cost
    assert ".yaml" not in cost
    assert (command, yaml) == ("", "")
    assert "“Winners of each (K)”" in improve.begin(folders, *_form(folders, **{"selection.top_k": 9}))[0]
    assert folders.names() == []


def test_a_list_of_settings_that_was_only_looked_at_leaves_the_form_as_it_is(folders):
    same = improve.refilled(folders, "demo.yaml", "demo.yaml")
    assert not any("value" in update for update in same)
    other = improve.refilled(folders, "improve.yaml", "demo.yaml")
    assert other == ["improve.yaml", *filled.values_of(folders, "improve.yaml")]


def test_a_run_that_goes_on_does_not_say_that_it_stopped():
    stopped = RunSummary(
        name="tide", created=0, state="stopped", note="stopped at 0 of 15; continue with: x", heartbeat=0
    )
    assert said_by(stopped) == "stopped at 0 of 15"
    assert said_by(replace(stopped, state="running")).startswith("continuing")
    assert "opening the model" in said_by(replace(stopped, state="running", note="created"))


def test_three_rows_are_shown_with_the_tokens_that_carry_loss(folders, tmp_path):
    source = word_tokenizer(tmp_path / "words")
    shown = preflight.preflight_html(folders, *_form(folders, **{"model.source": str(source)}))
    assert preflight.STAND_IN in html.unescape(shown)
    n_read, n_loss = map(int, re.search(r"(\d+) tokens are read, (\d+) carry loss", shown).groups())
    assert n_read > 0
    first = shown.partition("</article>")[0]
    assert first.count('class="wb-loss"') == n_loss
    assert re.findall(r'<span class="wb-loss">(.*?)</span>', first)[0] == "Title"


def test_cost_command_and_yaml_are_shown(folders):
    cost, command, yaml = filled.preview(folders, *_form(folders))
    assert re.search(r"\d+ descriptions.*about .*GiB", cost)
    assert command.startswith("workbench improve config/demo.yaml")
    assert "backtranslation:" in yaml


def test_a_form_can_begin_with_the_settings_of_a_run(folders):
    make_run(folders.runs, "made")
    form = ["as made", *_form(folders)[1:4], *filled.values_of(folders, "as made")[1:]]
    arguments = filled.arguments_of(folders, *form)
    assert arguments[1].endswith("made/settings.yaml")
    assert filled.settings_of(arguments).model.source.endswith("words")


@pytest.mark.parametrize("config", ["../app.py", "as ../made", "/etc/passwd", "as nobody"])
def test_only_settings_of_the_list_are_read(folders, config):
    with pytest.raises(InputError, match="choose one from the list"):
        filled.config_file(folders, config)


def test_a_name_that_is_taken_or_none_starts_nothing(folders):
    make_run(folders.runs, "made")
    assert "exists already" in improve.begin(folders, *_form(folders, name="made"))[0]
    assert "run name" in improve.begin(folders, *_form(folders, name="../up"))[0]
    assert folders.names() == ["made"]


def test_a_finished_run_is_not_resumed_and_none_is_not_ended(folders):
    make_run(folders.runs, "made")
    assert "nothing left to do" in improve.resume(folders, "made")
    with pytest.raises(InputError, match="no job"):
        improve.end(folders, "made")


def test_a_fine_tuning_is_shown_where_it_belongs_and_goes_on_as_what_it_is(folders):
    make_run(folders.runs, "made")
    Run.create(folders.runs, "tuned", {"kind": FINE_TUNING, "settings": {}}).close()
    assert folders.loops() == ["made"]
    page = pages.runs_html(folders)
    assert "tab=improve&amp;run=tuned" in page
    assert "tab=candidates&amp;run=made" in page
    assert "tab=candidates&amp;run=tuned" not in page
    improve.resume(folders, "tuned")
    assert find_job(folders.runs, "tuned").command[:3] == ("train", "--resume", "tuned")


def test_the_page_of_a_run_holds_charts_samples_and_report(folders):
    make_run(folders.runs, "made")
    head, *plots, body, settings, mark = improve.look(folders, "made", {})
    assert "4 of 4 actions" in head
    assert [plot.visible for plot in plots] == [True] * 4
    assert "Loss on the winners while training. top: 3.000 to 2.200; random: 3.000 to 2.200." in body
    assert "Report" in body
    assert "What it wrote at its latest refreshes" in body
    assert "backtranslation:" in settings
    assert improve.look(folders, "made", mark)[1] != body, "nothing is sent again while nothing is new"


def test_a_run_is_set_beside_another(folders):
    for name in ("made", "other"):
        make_run(folders.runs, name, held_out=list("abcdef"))
    page = view.compared_html(folders, "made", "other")
    told = ("The settings are the same.", "other minus made", "no measurable difference")
    assert [line in page for line in told] == [True] * 3
    assert "no run" in view.compared_html(folders, "made", "nobody")


def test_a_run_without_data_shows_no_chart(folders):
    assert not any(plot.visible for plot in improve.look(folders, None, {})[1:-3])


# ---------------------------------------------------------------- candidates


@pytest.mark.parametrize(
    ("wanted", "n"), [("all", 4), ("winners", 2), ("copies", 1), ("close calls", 0), ("unusable", 0)]
)
def test_a_filter_keeps_poems_with_such_a_candidate(folders, wanted, n):
    make_run(folders.runs, "made", n_poems=3)
    found = candidates.poems_with(folders, "made", wanted)
    assert len(found) == (3 if n else 0)
    assert all(label.endswith(f"({n})") for label, _ in found)


def test_an_address_opens_the_view_it_was_copied_from(folders):
    make_run(folders.runs, "made", n_poems=3)
    poem_id = candidates.poems_with(folders, "made", "all")[2][1]
    with folders.records("made") as records:
        a, b = (shown.candidate.id for shown in candidates.candidates_of(records, poem_id)[1:3])
    query = dict(part.split("=") for part in candidates.address_of("made", a, b).removeprefix("/?").split("&"))
    poem, first, second = candidates.choices(folders, query["run"], "all", query)
    assert (poem.value, first.value, second.value) == (poem_id, a, b)


@pytest.mark.parametrize(
    ("nats", "expected"), [(0.0, ""), (0.04, ""), (0.3, "wb-h2"), (5, "wb-h4"), (-0.06, "wb-x1"), (-2, "wb-x4")]
)
def test_degrees_of_help(nats, expected):
    assert degree(nats) == expected


def test_a_heat_map_says_its_numbers_without_colour(folders):
    from workbench.scoring.heatmap import TokenHelp

    page = heat_html([TokenHelp(text=" rain", help_nats=1.25, is_copied=True)], label="x")
    said = "+1.25 nats, copied"
    word = f'<span class="wb-t wb-h3 wb-copied" data-said="{said}" title="{said}">rain</span>'
    assert f"> {word}</div></div>" in page


# ---------------------------------------------------------------- all candidates in one table


def test_all_candidates_are_searched_and_sorted_in_one_table(attacked):
    rows = all_candidates.rows_of(attacked, "made")
    assert len(rows) == 4 * (2 + len(ATTACKS))
    page = all_candidates.table_of(attacked, "made", "harbour variant 3", "words")
    assert "2 of 32" in page
    assert "variant 2" not in page
    page = all_candidates.table_of(attacked, "made", "", "specificity")
    shown = re.findall(r'data-of="specificity">([+-][\d.]+)', page)
    assert len(shown) == 32
    assert shown == sorted(shown, key=float, reverse=True)
    _is_ours(all_candidates.table_of(attacked, "made", "", "poem"))
    assert "wb-bad" in all_candidates.table_of(attacked, "../made", "", "gain")


def test_all_candidates_are_a_file_without_formulas(attacked):
    text = all_candidates.csv_of(attacked, "made").body.decode()
    assert text.startswith("poem,description,iteration,state,gain")
    assert not re.search(r"(?m)^[=@]", text)
    assert all_candidates.csv_of(attacked, "nobody").status_code == 404


def test_a_run_is_noted_renamed_removed_and_brought_back(folders):
    make_run(folders.runs, "made", n_poems=1)
    told = shelf._told
    assert "kept" in told(shelf.note_kept, folders)("made", "the one with <b>rain</b>")[0]
    assert "the one with &lt;b&gt;rain" in view.head_html(folders, "made")
    said, shown = told(shelf.renamed, folders)("made", "rainy")
    assert ("rainy" in said, shown.value) == (True, "rainy")
    assert "already" in told(shelf.renamed, folders)("rainy", "rainy")[0]
    assert "MB" in shelf.room_html(folders, "rainy")
    told(shelf.removed, folders)("rainy")
    assert folders.names() == []
    assert shelf.shelf(folders, None)[2].value == "rainy"
    told(shelf.brought_back, folders)("rainy")
    assert folders.names() == ["rainy"]
    assert "choose a run first" in told(shelf.removed, folders)(None)[0]
