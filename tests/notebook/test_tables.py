"""Tables: every cell is text, numbers are rounded and set to the right."""

from workbench.notebook.tables import table


def test_a_poem_in_a_cell_keeps_its_lines_and_runs_nothing():
    html = table([{"poem": "a gate\n<script>alert(1)</script>"}])._repr_html_()
    assert "a gate<br>&lt;script&gt;" in html


def test_floats_are_rounded_and_whole_numbers_are_left_as_they_are():
    assert repr(table([{"gain": 0.12345, "n": 7}], digits=2)) == "gain | n\n0.12 | 7"


def test_a_column_of_numbers_is_set_to_the_right():
    made = table([{"poem": "Rust", "gain": 0.1}])
    assert made.is_number == (False, True)
    assert '<td style="text-align:right;vertical-align:top">0.100</td>' in made._repr_html_()


def test_no_rows_make_an_empty_table():
    assert repr(table([])) == ""
