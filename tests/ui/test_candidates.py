"""Candidates: filters, addresses, the heat map, and all of them in one table."""

import re

import pytest

from tests.ui.made_runs import ATTACKS, make_run
from tests.ui.markup import is_ours
from workbench.ui import all_candidates, candidates
from workbench.ui.candidates import degree, heat_html


@pytest.mark.parametrize(
    ("wanted", "n"), [("all", 4), ("winners", 2), ("copies", 1), ("close calls", 0), ("unusable", 0)]
)
def test_a_filter_keeps_poems_with_such_a_candidate(own_folders, wanted, n):
    make_run(own_folders.runs, "made", n_poems=3)
    found = candidates.poems_with(own_folders, "made", wanted)
    assert len(found) == (3 if n else 0)
    assert all(label.endswith(f"({n})") for label, _ in found)


def test_an_address_opens_the_view_it_was_copied_from(own_folders):
    make_run(own_folders.runs, "made", n_poems=3)
    poem_id = candidates.poems_with(own_folders, "made", "all")[2][1]
    with own_folders.records("made") as records:
        a, b = (shown.candidate.id for shown in candidates.candidates_of(records, poem_id)[1:3])
    query = dict(part.split("=") for part in candidates.address_of("made", a, b).removeprefix("?").split("&"))
    poem, first, second = candidates.choices(own_folders, query["run"], "all", query)
    assert (poem.value, first.value, second.value) == (poem_id, a, b)


@pytest.mark.parametrize(
    ("nats", "expected"), [(0.0, ""), (0.04, ""), (0.3, "wb-h2"), (5, "wb-h4"), (-0.06, "wb-x1"), (-2, "wb-x4")]
)
def test_degrees_of_help(nats, expected):
    assert degree(nats) == expected


def test_a_heat_map_says_its_numbers_without_colour(own_folders):
    from workbench.scoring.heatmap import TokenHelp

    page = heat_html([TokenHelp(text=" rain", help_nats=1.25, is_copied=True)], label="x")
    said = "+1.25 nats, copied"
    word = f'<span class="wb-t wb-h3 wb-copied" data-said="{said}" title="{said}">rain</span>'
    assert f"> {word}</div></div>" in page


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
    is_ours(all_candidates.table_of(attacked, "made", "", "poem"))
    assert "wb-bad" in all_candidates.table_of(attacked, "../made", "", "gain")


def test_all_candidates_are_a_file_without_formulas(attacked):
    text = all_candidates.csv_of(attacked, "made").body.decode()
    assert text.startswith("poem,description,iteration,state,gain")
    assert not re.search(r"(?m)^[=@]", text)
    assert all_candidates.csv_of(attacked, "nobody").status_code == 404
