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

from workbench.notebook import PLOTLY
from workbench.places import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

MOST_LINES, MEDIAN_LINES, PARAMETER_LINES, MOST_BYTES = 15, 5, 8, 300_000
_ELSEWHERE = re.compile(r"(?<![\w.~<])/(?:work|home|root|tmp|Users|mnt|opt|usr|var)/|[A-Za-z]:\\\\")
_EVERY = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@cache
def cells_of(path: Path) -> list[dict[str, Any]]:
    """Its cells as plain data."""
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def code_of(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in cells_of(path) if cell["cell_type"] == "code"]


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
def test_it_opens_with_a_title_and_one_sentence_and_ends_with_something_to_change(path):
    first, *_, last = prose_of(path)
    title, promise = (part.strip() for part in first.split("\n", maxsplit=1))
    assert title.startswith("# ")
    assert promise.endswith(".")
    assert promise.count(". ") == 0
    assert last.startswith("## Change this")
    assert cells_of(path)[1]["cell_type"] == "code"


@_EVERY
def test_its_parameters_stand_together_at_the_top(path):
    parameters = code_of(path)[0]
    assert parameters["metadata"]["tags"] == ["parameters"]
    assert n_lines(parameters) <= PARAMETER_LINES
    assert all(isinstance(node, ast.Assign) for node in ast.parse(source(parameters)).body)


@_EVERY
def test_it_was_run_once_from_top_to_bottom(path):
    assert [cell["execution_count"] for cell in code_of(path)] == list(range(1, len(code_of(path)) + 1))


@_EVERY
def test_no_cell_failed_or_complained(path):
    outputs = [output for cell in code_of(path) for output in cell["outputs"]]
    assert outputs
    assert [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"] == []


@_EVERY
def test_its_cells_are_plain_python_and_short(path):
    for cell in code_of(path):
        ast.parse(source(cell))  # a magic is no Python
        assert "get_ipython" not in source(cell)
        assert n_lines(cell) <= MOST_LINES, source(cell)
    assert median(map(n_lines, code_of(path))) <= MEDIAN_LINES


@_EVERY
def test_it_defines_nothing_that_the_package_should_hold(path):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    defined = [node for cell in code_of(path) for node in ast.walk(ast.parse(source(cell))) if isinstance(node, kinds)]
    assert [node.name for node in defined] == []


@_EVERY
def test_it_asserts_what_it_says(path):
    assert sum(assertions(source(cell)) for cell in code_of(path)) >= 3


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


def is_checked(cell: dict[str, Any]) -> bool:
    return "nbval-check-output" in cell["metadata"].get("tags", [])


def test_many_outputs_are_compared_when_the_notebooks_are_run():
    checked = {path.stem: sum(map(is_checked, code_of(path))) for path in NOTEBOOKS}
    assert sum(checked.values()) >= 40
    assert sum(map(bool, checked.values())) >= 9
    assert all(cell["outputs"] for path in NOTEBOOKS for cell in code_of(path) if is_checked(cell))
