"""The handlers as plain functions: what they show, what they store, what they refuse."""

from dataclasses import asdict

import gradio as gr
import pytest

from tests.ui.made_runs import ATTACKS, make_run
from tests.ui.markup import is_ours
from workbench.corpus.load import CorpusSettings, prepare_corpus
from workbench.errors import InputError
from workbench.ui import candidates, pages, poems
from workbench.ui.html import link, poem_html
from workbench.ui.improve import shelf, view
from workbench.ui.improve import tab as improve
from workbench.ui.spotcheck import review, verdicts


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
        is_ours(page)
        assert 'class="wb-t wb-' in page, "the heat-map was drawn"


def test_attacks_are_text_in_the_spot_check(attacked):
    for mode in (review.SINGLE, review.PAIRS):
        asked = review.Review(run="made", reviewer="ann", mode=mode, n=30)
        while (view := review.next_view(attacked, asked)).key:
            is_ours(view.item)
            is_ours(review.give(attacked, asked, view.key, "skip", note=ATTACKS[0]))
    is_ours(verdicts.figures_html(attacked, "made"))


def test_attacks_are_text_in_progress_report_and_poems(attacked):
    head, *_, body, settings, _seen = improve.look(attacked, "made", {})
    for page in (head, body, settings, pages.runs_html(attacked)):
        is_ours(page)
    assert "&lt;" in body
    for attack in ATTACKS:
        is_ours(poems.add_text(attacked, attack, attack, author=attack)[0])
    for poem in poems.search(attacked, "mine", "")[0]:
        is_ours(poems.reading_html(attacked, "mine", poem.id))


def test_attacks_as_names_are_refused_in_words(attacked):
    for name in ("../made", "<script>", "a/../../b", "x" * 300):
        blind = review.Review(run=name, reviewer="ann")
        for page in (
            improve.look(attacked, name, {})[0],
            candidates.view_html(attacked, name, "p", "", ""),
            verdicts.figures_html(attacked, name),
            review.next_view(attacked, blind).item,
        ):
            is_ours(page)
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


def test_an_empty_desk_says_what_to_do(own_folders):
    assert "None yet" in pages.runs_html(own_folders)
    assert improve.look(own_folders, None, {})[0]
    assert "Start one in Teach" in review.next_view(own_folders, review.Review(run="", reviewer="me")).item


def test_what_is_missing_has_its_fix(own_folders):
    assert "Built-in model" in pages.state_html_of_machine(own_folders)


def test_search_asks_title_form_and_words(own_folders):
    assert [poem.title for poem in poems.search(own_folders, "good", "BOATS tide")[0]] == ["Tide"]
    assert poems.search(own_folders, "good", "mountain")[0] == []


@pytest.mark.parametrize("folder", ["../..", "/etc", None, "none"])
def test_only_collections_of_the_list_are_read(own_folders, folder):
    assert poems.search(own_folders, folder, "") == ([], "no such collection; choose one from the list")


def test_a_poem_is_shown_with_what_is_heard(own_folders):
    (poem,), _ = poems.search(own_folders, "good", "")
    page = poems.reading_html(own_folders, "good", poem.id)
    assert "The sea is low,\nthe boats" in page
    assert "scheme" in page
    assert "unknown form" in poems.reading_html(own_folders, "good", poem.id, "sonet")


def test_the_loaders_message_names_the_file_and_not_where_it_was_put(own_folders, tmp_path):
    good, bad = tmp_path / "good.txt", tmp_path / "bad.jsonl"
    good.write_text("one line\n")
    bad.write_text('{"title": 1}\n')
    said, _ = poems.add_files(own_folders, [str(good), str(bad)])
    assert "good.txt: 1 poem added (good)." in said
    assert "bad.jsonl:1:" in said
    assert str(tmp_path) not in said
    assert "mine" in poems.collections_of(own_folders)


def test_the_list_shows_what_was_added(own_folders, tmp_path):
    two = tmp_path / "two.md"
    two.write_text("# Quay\n\nthe quay is dry\n\n# Boats\n\nthe boats lie over\n")
    assert "two.md: 2 poems added (Quay; Boats)." in poems.add_files(own_folders, [str(two)])[0]
    collection, words, listed, said = poems.after_adding(own_folders)
    assert (collection.value, words) == ("mine", "")
    assert [label for label, _ in listed.choices] == ["Boats", "Quay"]
    assert "the boats lie over" in poems.reading_html(own_folders, "mine", listed.value)
    assert "2 poems" in said


def test_rows_that_are_left_out_are_named_beside_a_collection(own_folders, with_a_bad_row):
    found = poems.search(own_folders, "good", "")
    assert len(found[0]) == 2
    assert with_a_bad_row in poems.in_list(*found)[1]


def test_rows_that_are_left_out_are_named_when_a_file_is_added(own_folders, with_a_bad_row):
    said, _ = poems.add_files(own_folders, [str(own_folders.poems / "good" / "table.csv")])
    assert "1 poem added (Quay)." in said
    assert "table.csv:3: the poem is empty" in said
    assert str(own_folders.poems) not in said


def test_a_run_keeps_and_shows_what_was_left_out_of_its_poems(own_folders, with_a_bad_row):
    settings = CorpusSettings(poems=str(own_folders.poems / "good"))
    report = prepare_corpus(settings, seed=1, count_tokens=len).report
    make_run(own_folders.runs, "made", corpus=asdict(report))
    assert with_a_bad_row in improve.settings_html(own_folders, "made")


def test_a_run_is_noted_renamed_removed_and_brought_back(own_folders):
    make_run(own_folders.runs, "made", n_poems=1)
    told = shelf._told
    assert "kept" in told(shelf.note_kept, own_folders)("made", "the one with <b>rain</b>")[0]
    assert "the one with &lt;b&gt;rain" in view.head_html(own_folders, "made")
    said, shown = told(shelf.renamed, own_folders)("made", "rainy")
    assert ("rainy" in said, shown.value) == (True, "rainy")
    assert "already" in told(shelf.renamed, own_folders)("rainy", "rainy")[0]
    assert "MB" in shelf.room_html(own_folders, "rainy")
    assert shelf.shelf(own_folders, "rainy")[1].strip() == "the one with <b>rain</b>"
    assert shelf.shelf(own_folders, "rainy", "made")[1].strip() == "the one with <b>rain</b>"
    assert shelf.shelf(own_folders, "rainy", "rainy")[1] == gr.skip(), "a note that is being typed stays"
    told(shelf.removed, own_folders)("rainy")
    assert own_folders.names() == []
    assert shelf.shelf(own_folders, None)[2].value == "rainy"
    told(shelf.brought_back, own_folders)("rainy")
    assert own_folders.names() == ["rainy"]
    assert "no run is chosen" in told(shelf.removed, own_folders)(None)[0]
