"""The notebooks as they lie here: run from top to bottom, short, small, asserting, and naming no place of a machine.

What they compute is checked by running them: `make test` does so with nbval.
"""

import ast
import json
import re
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import pytest

import workbench
from workbench.notebook import PLOTLY
from workbench.places import ROOT
from workbench.ui.pages import TABS

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

MOST_LINES, MEDIAN_LINES, PARAMETER_LINES, MOST_BYTES = 15, 6, 8, 300_000
LEAST_COMPARED = 0.6  # of all outputs; the others are texts and losses of a model, which differ between processors
HERO = "Speed Chess, Cobb Park"
_ELSEWHERE = re.compile(r"(?<![\w.~<])/(?:work|home|root|tmp|Users|mnt|opt|usr|var)/|[A-Za-z]:\\\\")
_EVERY = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@cache
def cells_of(path: Path) -> list[dict[str, Any]]:
    """Its cells as plain data."""
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def code_of(path: Path) -> list[dict[str, Any]]:
    """Code that a reader sees."""
    return [cell for cell in all_code_of(path) if "check" not in tags(cell)]


def all_code_of(path: Path) -> list[dict[str, Any]]:
    """With the cells of assertions, whose source is folded away."""
    return [cell for cell in cells_of(path) if cell["cell_type"] == "code"]


def tags(cell: dict[str, Any]) -> list[str]:
    found: list[str] = cell["metadata"].get("tags", [])
    return found


def prose_of(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in cells_of(path) if cell["cell_type"] == "markdown"]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def n_lines(cell: dict[str, Any]) -> int:
    return len([line for line in source(cell).split("\n") if line.strip() and not line.lstrip().startswith("#")])


def assertions(text: str) -> int:
    return sum(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(text)))


def test_there_is_one_notebook_a_phase_numbered_without_a_gap():
    numbers = [int(path.stem.split("_")[0]) for path in NOTEBOOKS]
    assert len(numbers) > 5
    assert numbers == list(range(len(numbers)))


@_EVERY
def test_it_opens_with_a_title_one_sentence_and_what_it_costs_and_gives(path):
    title, promise, gain = prose_of(path)[0].strip().split("\n\n")
    assert title.startswith("# ")
    assert promise.endswith(".")
    assert promise.count(". ") == 0
    assert re.match(r"About \d+ seconds", gain)
    assert "You will know " in gain


@_EVERY
def test_a_result_is_in_its_first_three_cells(path):
    assert cells_of(path)[1]["cell_type"] == "code"
    assert any(cell.get("outputs") for cell in cells_of(path)[:3])


@_EVERY
def test_it_ends_with_an_exercise_something_to_change_and_where_to_go_next(path):
    *_, exercise, last = prose_of(path)
    assert "## Exercise" in exercise
    assert "<details><summary>Answer</summary>\n\n" in exercise
    assert last.startswith("## Change this")
    assert re.search(r"\]\(\d\d_\w+\.ipynb\)", last)
    assert re.search(r"\]\(http://127\.0\.0\.1:7860/\?tab=\w+\)", last)


@_EVERY
def test_its_links_lead_somewhere(path):
    tabs = {tab.id for tab in TABS}
    text = "\n".join(prose_of(path))
    assert [name for name in re.findall(r"\]\(([\w./]+)\)", text) if not (path.parent / name).is_file()] == []
    assert set(re.findall(r"\?tab=(\w+)", text)) - tabs == set()


def test_one_poem_goes_through_all_of_them():
    without = [path.stem for path in NOTEBOOKS if HERO not in path.read_text(encoding="utf-8")]
    assert without == ["10_revflux", "13_study"]  # drafts of the same poem; a record of figures without a text


@_EVERY
def test_it_imports_the_package_by_its_short_front(path):
    nodes = [node for cell in all_code_of(path) for node in ast.walk(ast.parse(source(cell)))]
    imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    assert not any((module or "").startswith("workbench") for module in imported)
    attributes = [node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)]
    used = {node.attr for node in attributes if node.value.id == "wb"}
    assert used
    assert used <= set(dir(workbench))


@_EVERY
def test_its_parameters_stand_together_at_the_top(path):
    parameters = code_of(path)[0]
    assert parameters["metadata"]["tags"] == ["parameters"]
    assert n_lines(parameters) <= PARAMETER_LINES
    assert all(isinstance(node, ast.Assign) for node in ast.parse(source(parameters)).body)


@_EVERY
def test_it_was_run_once_from_top_to_bottom(path):
    assert [cell["execution_count"] for cell in all_code_of(path)] == list(range(1, len(all_code_of(path)) + 1))


@_EVERY
def test_no_cell_failed_or_complained(path):
    outputs = [output for cell in all_code_of(path) for output in cell["outputs"]]
    assert outputs
    assert [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"] == []


@_EVERY
def test_its_cells_are_plain_python_and_short(path):
    for cell in code_of(path):
        ast.parse(source(cell))  # a magic is not Python
        assert "get_ipython" not in source(cell)
        assert n_lines(cell) <= MOST_LINES, source(cell)
    assert median(map(n_lines, code_of(path))) <= MEDIAN_LINES


@_EVERY
def test_it_defines_nothing_that_the_package_should_hold(path):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    defined = [node for cell in code_of(path) for node in ast.walk(ast.parse(source(cell))) if isinstance(node, kinds)]
    assert [node.name for node in defined] == []


@_EVERY
def test_it_asserts_what_it_says_in_cells_that_are_folded_away(path):
    checks = [cell for cell in all_code_of(path) if "check" in tags(cell)]
    assert sum(assertions(source(cell)) for cell in checks) >= 3
    assert all(cell["metadata"]["jupyter"]["source_hidden"] and not cell["outputs"] for cell in checks)
    assert sum(assertions(source(cell)) for cell in code_of(path)) == 0


@_EVERY
def test_it_explains_as_much_as_it_computes(path):
    assert len(prose_of(path)) >= len(code_of(path))


@_EVERY
def test_it_is_small_and_names_no_place_of_the_machine_it_was_run_on(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) <= MOST_BYTES
    assert _ELSEWHERE.findall(text) == []


@_EVERY
def test_its_cells_have_ids_of_their_own(path):
    ids = [cell["id"] for cell in cells_of(path)]
    assert len(set(ids)) == len(ids)


@_EVERY
def test_it_shows_a_frame_and_a_figure(path):
    outputs = [output.get("data", {}) for cell in code_of(path) for output in cell["outputs"]]
    assert any('class="dataframe"' in "".join(data.get("text/html", "")) for data in outputs)
    assert any(PLOTLY in data for data in outputs)


@_EVERY
def test_each_figure_has_a_still_picture_and_its_numbers_in_words(path):
    figures = [output["data"] for cell in code_of(path) for output in cell["outputs"]
               if PLOTLY in output.get("data", {})]  # fmt: skip
    assert all("image/png" in data and "text/html" not in data for data in figures)
    assert all("".join(data["text/plain"]).endswith(".") for data in figures)


def test_most_outputs_are_compared_when_the_notebooks_are_run():
    outputs = [(path.stem, cell) for path in NOTEBOOKS for cell in code_of(path) if cell["outputs"]]
    compared = [stem for stem, cell in outputs if "nbval-ignore-output" not in tags(cell)]
    assert len(compared) >= LEAST_COMPARED * len(outputs)
    assert {path.stem for path in NOTEBOOKS} - set(compared) == set()


def test_what_is_not_compared_comes_from_a_model():
    """A notebook that opens no model is compared whole."""
    silent = [path.stem for path in NOTEBOOKS if not any("nbval-ignore-output" in tags(cell) for cell in code_of(path))]
    assert silent == ["01_poems_and_prosody", "07_synthetic_education", "10_revflux", "13_study"]
