"""The shape of the package: imports point down only, and what is small stays small.

A new module has to be given its row here: that is the moment to decide where it belongs.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "workbench"

# 0 values and contracts · 1 pure: text, prompts, arithmetic · 2 models and the bare disk · 3 poems and runs ·
# 4 phases · 5 what people touch. A package stands for all of its modules that have no row of their own.
ROWS = {
    "types": 0, "trace": 0, "errors": 0, "engines.protocols": 0,
    "prompts": 1, "renderers": 1, "chat_template": 1, "template_worker": 1, "tokenizer": 1, "prosody": 1, "leaks": 1,
    "intervals": 1, "plan": 1, "preference": 1, "lesson_plan": 1, "json_guard": 1, "asking": 1,
    "alignment": 1, "revision": 4, "revision.command": 5,
    "engines": 2, "atomic": 2,
    "corpus": 3, "duplicates": 3, "input_files": 3, "poem_files": 3, "runs": 3, "records": 3, "checkpoints": 3,
    "examples": 3,
    "backtranslation": 4, "scoring": 4, "selection": 4, "pairing": 4, "teaching": 4, "evaluation": 4,
    "actions": 4, "improvement": 4, "phases": 4,
    "training": 4, "rhymebench": 4,
    "education": 4, "education.command": 5,
    "training_session": 5, "training_command": 5,
    "schooling": 5, "schooling_steps": 5, "schooling_table": 5, "schooling_exams": 5, "schooling_command": 5,
    "config": 5, "session": 5, "report": 5, "report_pages": 5, "showing": 5, "doctor": 5, "cli": 5, "__main__": 5,
    "jobs": 5, "estimate": 5, "ui": 5, "spotcheck": 4, "heatmap": 4, "verdicts": 1, "agreement": 1, "own_poems": 3,
    "local_guard": 1, "processors": 1, "server": 5,
    "revflux": 1, "revflux.bands": 3, "revflux.requests": 3, "revflux.trace_files": 3,
    "revflux.study": 4, "revflux.drafting": 4, "revflux.harness": 4,
    "revflux.recorded": 4, "revflux.summary": 4, "revflux.tables": 4,
    "revflux.findings": 4, "revflux.canvas": 5, "revflux.figures": 5, "revflux.line_figures": 5,
    "revflux.dashboard": 5, "revflux.pictures": 5, "revflux.command": 5,
    "figures": 5, "tables": 5,
    "studio": 5, "studio_work": 5, "studio_tasks": 5, "talks": 5, "model_shelf": 5,
    "modelfile": 1, "passport": 4, "export_texts": 4, "export": 4, "export_command": 5,
    "": 0,
}  # fmt: skip

# Phases do not know one another; these make a whole of them and use what they name.
PHASES = {
    "evaluation": {"backtranslation", "scoring", "selection"},
    "pairing": {"selection"},
    "teaching": {"selection", "pairing"},
    "actions": {"backtranslation", "scoring", "selection", "teaching", "evaluation"},
    "improvement": {"actions"},
    "phases": {"actions", "improvement"},
    "education": {"revision"},
    "rhymebench": {"revision"},
    "revflux": {"revision"},
    "export": {"export_texts", "passport"},
    "export_texts": {"passport"},
}

MODEL_LIBRARIES = {"torch", "transformers", "peft", "unsloth", "llama_cpp", "trl", "bitsandbytes", "gguf", "accelerate"}
HEAVY = MODEL_LIBRARIES | {"gradio", "datasets", "plotly", "pandas", "fastapi"}
NO_NOUNS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "core", "shared", "tools"}

MOST_LINES, MOST_FUNCTION_LINES = 300, 40
LONG_MODULES = {"types": "the map of every value that flows, one comment a field: it is read as one piece"}
LONG_FUNCTIONS = {"prosody.report.prosody_report": "one return with a field a line; to be split by its author"} | {
    f"ui.{tab}.build": "the layout of a page, read from top to bottom: one line a control"
    for tab in ("improve", "models", "revflux", "spotcheck")
}


@cache
def _modules() -> dict[str, ast.Module]:
    """Syntax trees by dotted name inside the package; "" is the package itself."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip(".")
        found[name] = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    return found


def _row(module: str) -> int | None:
    """Of the module, or of the nearest package around it."""
    while module not in ROWS and "." in module:
        module = module.rpartition(".")[0]
    return ROWS.get(module)


def _imports(tree: ast.Module) -> Iterator[str]:
    """Dotted names of everything imported anywhere in a module, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _at_import(tree: ast.Module) -> ast.Module:
    """Only what runs when the module is imported."""
    kinds = (ast.Import, ast.ImportFrom)
    return ast.Module(body=[node for node in tree.body if isinstance(node, kinds)], type_ignores=[])


def _own(name: str) -> str | None:
    """The module of the package that an imported name lies in; None for another package's."""
    head, _, rest = name.partition(".")
    if head != "workbench":
        return None
    while rest not in _modules():
        rest = rest.rpartition(".")[0]
    return rest


def _edges() -> list[tuple[str, str]]:
    found = {(module, _own(name)) for module, tree in _modules().items() for name in _imports(tree)}
    return sorted((module, other) for module, other in found if other)


def test_the_walk_sees_the_package():
    assert len(_modules()) > 40
    assert ("selection", "prompts") in _edges()
    assert ("engines.loading", "renderers") in _edges()


@pytest.mark.parametrize("module", _modules())
def test_every_module_has_its_row(module):
    assert _row(module) is not None, (
        f"give workbench/{module.replace('.', '/')}.py its row in tests/test_architecture.py"
    )


def test_every_row_is_of_a_module_that_exists():
    assert sorted(ROWS.keys() - _modules().keys()) == []


def test_imports_point_down_only():
    up = [f"{module} (row {_row(module)}) imports {other} (row {_row(other)})" for module, other in _edges()
          if (_row(module) or 0) < (_row(other) or 0)]  # fmt: skip
    assert up == []


def test_phases_do_not_import_one_another():
    edges = [(module, other) for module, other in _edges() if _row(module) == _row(other) == 4]
    phases = {(module.partition(".")[0], other.partition(".")[0]) for module, other in edges}  # a package is one phase
    sideways = [f"{phase} imports {other}" for phase, other in sorted(phases)
                if phase != other and other not in PHASES.get(phase, ())]  # fmt: skip
    assert sideways == []


def test_only_engines_touch_a_model_library():
    touched = [
        f"{module} imports {name}" for module, tree in _modules().items() for name in _imports(tree)
        if name.partition(".")[0] in MODEL_LIBRARIES and not module.startswith("engines.")
    ]  # fmt: skip
    assert touched == []


def test_imports_make_no_circle():
    found = {(module, _own(name)) for module, tree in _modules().items() for name in _imports(_at_import(tree))}
    packages = {None, "", "engines", "prosody"}  # what they show of their modules is no circle
    edges = [(module, other) for module, other in found if other not in packages]
    pending = set(_modules())
    while free := {m for m in pending if not any(a == m and b in pending and b != m for a, b in edges)}:
        pending -= free
    assert sorted(pending) == []


@pytest.mark.parametrize("module", ["workbench", "workbench.cli", "workbench.config", "workbench.improvement.run"])
def test_importing_is_light_and_silent(module):
    code = f"import json, sys, {module}; print(json.dumps(sorted({{m.partition('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert set(json.loads(done.stdout)) & HEAVY == set()


@pytest.mark.parametrize("module", _modules())
def test_a_module_is_small_and_a_noun(module):
    path = PACKAGE / (module.replace(".", "/") or "__init__")
    path = path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
    n_lines = len(path.read_text(encoding="utf-8").split("\n")) - 1
    assert n_lines <= MOST_LINES or module in LONG_MODULES, f"{n_lines} lines"
    assert not set(module.split(".")) & NO_NOUNS
    assert not any(part.endswith(("_utils", "_helpers", "_manager", "_base")) for part in module.split("."))


def _functions() -> Iterator[tuple[str, int]]:
    for module, tree in _modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{module}.{node.name}", (node.end_lineno or 0) - node.lineno + 1


def test_no_function_is_long():
    long = {name: n_lines for name, n_lines in _functions() if n_lines > MOST_FUNCTION_LINES}
    assert {name: n for name, n in long.items() if name not in LONG_FUNCTIONS} == {}


def test_no_import_is_relative():
    assert [m for m, tree in _modules().items() for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.level] == []  # fmt: skip


def test_every_public_module_says_what_it_is():
    assert [module for module, tree in _modules().items() if not ast.get_docstring(tree)] == []
