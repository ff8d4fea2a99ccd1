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

# The floor plan: every entry of workbench/ in order; an import may go to the left only. No entry is exempt.
FLOORS = [
    "types", "errors", "places", "words", "intervals", "storage", "config", "terminal", "figures", "pages",
    "prompts", "corpus", "prosody", "local_guard", "engines",
    "backtranslation", "scoring", "selection", "training", "evaluation", "improvement",
    "study", "taught_model", "describing", "writing", "revision", "composing", "practice", "export", "education",
    "revflux", "notebook", "jobs", "model_fit", "capacity", "doctor", "studio", "server", "ui", "cli", "__main__",
]  # fmt: skip

# Phases do not know one another; these make a whole of them and use what they name.
PHASES = {
    "backtranslation": set(),
    "scoring": set(),
    "selection": set(),
    "training": {"selection"},
    "evaluation": {"backtranslation", "scoring", "selection"},
    "improvement": {"backtranslation", "scoring", "selection", "training", "evaluation"},
    "study": {"training", "evaluation", "improvement"},
    "taught_model": {"training", "improvement"},
    "describing": {"backtranslation", "scoring", "selection", "taught_model"},
    "writing": set(),
    "revision": {"writing"},
    "composing": {"scoring", "revision", "taught_model"},
    "practice": {"writing", "revision", "training", "improvement"},
    "export": {"training", "improvement", "taught_model"},
    "education": {"revision", "scoring", "training", "evaluation", "export", "improvement"},
    "revflux": {"revision"},
}  # fmt: skip

MODEL_LIBRARIES = {"torch", "transformers", "peft", "unsloth", "llama_cpp", "trl", "bitsandbytes", "gguf", "accelerate",
                   "ray"}  # fmt: skip
HEAVY = MODEL_LIBRARIES | {"gradio", "datasets", "plotly", "pandas", "fastapi"}
NO_NOUNS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "core", "shared", "tools"}

MOST_LINES, MOST_FUNCTION_LINES = 300, 40
LONG_MODULES = {"types": "the map of every value that flows, one comment a field: it is read as one piece"}
LEAST_LINES = 60
SHORT_MODULES = {
    "words": "words of a text, below every folder that counts them",
    "engines.llama.gguf_probe": "runs in a child process, which must not load anything else",
    "practice.command": "a command's options, in the file where every command is looked for",
    "storage.run_names": "names of runs, for those who open none",
    "training.command": "a command's options, in the file where every command is looked for",
    "writing.settings": "the YAML section of the phase, where settings are looked for",
    "ui.command": "a command's options, in the file where every command is looked for",
}


@cache
def _modules() -> dict[str, ast.Module]:
    """Syntax trees by dotted name inside the package; "" is the package itself."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip(".")
        found[name] = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    return found


def _floor(module: str) -> str:
    """The entry of workbench/ that a module lies in."""
    return module.partition(".")[0]


def _imports(tree: ast.Module) -> Iterator[str]:
    """Dotted names of everything imported anywhere in a module, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _run(tree: ast.Module) -> ast.Module:
    """A module without what only a type checker reads; imports inside functions stay."""
    read = [node for node in tree.body if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")]
    return ast.Module(body=read, type_ignores=[])


def _own(name: str) -> str | None:
    """The module of the package that an imported name lies in; None for another package's."""
    head, _, rest = name.partition(".")
    if head != "workbench":
        return None
    while rest not in _modules():
        rest = rest.rpartition(".")[0]
    return rest


@cache
def _edges() -> list[tuple[str, str]]:
    found = {(module, _own(name)) for module, tree in _modules().items() for name in _imports(tree)}
    return sorted((module, other) for module, other in found if other)


def test_the_walk_sees_the_package():
    assert len(_modules()) > 40
    assert ("writing.run", "prompts.roles") in _edges()
    assert ("engines.opening", "prompts.renderers") in _edges()


def test_the_floor_plan_names_every_entry_once():
    entries = {_floor(module) for module in _modules()} - {""}
    assert sorted(FLOORS) == sorted(entries), "give a new folder or file of workbench/ its floor in FLOORS"


def test_imports_go_down_only():
    floor = {name: number for number, name in enumerate(["", *FLOORS])}
    up = [f"{module} imports {other}" for module, other in _edges() if floor[_floor(module)] < floor[_floor(other)]]
    assert up == []


def test_phases_do_not_import_one_another():
    edges = {(_floor(module), _floor(other)) for module, other in _edges()}
    sideways = [f"{phase} imports {other}" for phase, other in sorted(edges)
                if phase in PHASES and other in PHASES and phase != other and other not in PHASES[phase]]  # fmt: skip
    assert sideways == []


def test_only_engines_touch_a_model_library():
    touched = [
        f"{module} imports {name}" for module, tree in _modules().items() for name in _imports(tree)
        if name.partition(".")[0] in MODEL_LIBRARIES and not module.startswith("engines.")
    ]  # fmt: skip
    assert touched == []


@cache
def _running_edges() -> set[tuple[str, str]]:
    """Who imports whom when it runs."""
    found = {(module, _own(name)) for module, tree in _modules().items() for name in _imports(_run(tree))}
    return {(module, other) for module, other in found if other and other != module}


def _folders() -> list[str]:
    """Dotted names of all folders of the package; "" is the package itself."""
    return sorted({module.rpartition(".")[0] for module in _modules()})


def _beside(module: str, folder: str) -> str:
    """The entry of a folder that a module lies in; "" where it lies elsewhere."""
    inside = module if not folder else module.removeprefix(f"{folder}.") if module.startswith(f"{folder}.") else ""
    return inside.partition(".")[0]


def _has_circle(edges: set[tuple[str, str]]) -> list[str]:
    """The nodes that are on a circle or above one."""
    pending = {node for edge in edges for node in edge}
    while free := {m for m in pending if not any(a == m and b in pending and b != m for a, b in edges)}:
        pending -= free
    return sorted(pending)


def test_imports_make_no_circle():
    assert _has_circle(_running_edges()) == []


def test_folders_make_no_circle():
    folders = {(module.rpartition(".")[0], other.rpartition(".")[0]) for module, other in _edges()}
    apart = {(a, b) for a, b in folders if a and b and a != b and not f"{a}.".startswith(f"{b}.")}
    assert _has_circle({(a, b) for a, b in apart if not f"{b}.".startswith(f"{a}.")}) == []


def test_no_folder_is_on_a_circle_with_what_lies_beside_it():
    """A file beside a folder is below it or above it, at every depth: `ui.html` below `ui.studio`, `ui.pages` above."""
    for folder in _folders():
        inside = {(_beside(a, folder), _beside(b, folder)) for a, b in _running_edges()}
        assert _has_circle({(a, b) for a, b in inside if a and b and a != b}) == [], folder or "workbench"


@pytest.mark.parametrize("module", ["workbench", "workbench.cli", "workbench.config", "workbench.improvement.run"])
def test_importing_is_light_and_silent(module):
    code = f"import json, sys, {module}; print(json.dumps(sorted({{m.partition('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert set(json.loads(done.stdout)) & HEAVY == set()


def test_every_name_of_the_front_is_there_and_says_what_it_is():
    code = "import workbench as wb; print(*(n for names in wb.FRONT.values() for n in names.split()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    names = done.stdout.split()
    assert len(names) == len(set(names)) > 100
    assert set(names) & {_floor(module) for module in _modules()} == set()  # a folder of that name would hide it
    import workbench

    objects = {name: getattr(workbench, name) for name in names}
    undocumented = {name for name, value in objects.items() if callable(value) and not value.__doc__}
    assert undocumented == set()


@pytest.mark.parametrize("module", _modules())
def test_a_module_is_small_and_a_noun(module):
    path = PACKAGE / (module.replace(".", "/") or "__init__")
    path = path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
    n_lines = len(path.read_text(encoding="utf-8").split("\n")) - 1
    assert n_lines <= MOST_LINES or module in LONG_MODULES, f"{n_lines} lines"
    assert not set(module.split(".")) & NO_NOUNS
    assert not any(part.endswith(("_utils", "_helpers", "_manager", "_base")) for part in module.split("."))


def test_a_short_module_says_why():
    n_lines = {
        module: path.read_text(encoding="utf-8").count("\n")
        for path in PACKAGE.rglob("*.py")
        if (module := ".".join(path.relative_to(PACKAGE).with_suffix("").parts)).rpartition(".")[2] != "__init__"
    }
    short = {module for module, n in n_lines.items() if n < LEAST_LINES}
    assert short - SHORT_MODULES.keys() == set(), "merge it with a neighbour, or give the reason in SHORT_MODULES"
    assert SHORT_MODULES.keys() - short == set(), "not short any more, or gone: take it out of SHORT_MODULES"


def _functions() -> Iterator[tuple[str, int]]:
    for module, tree in _modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{module}.{node.name}", (node.end_lineno or 0) - node.lineno + 1


def test_no_function_is_long():
    assert {name: n_lines for name, n_lines in _functions() if n_lines > MOST_FUNCTION_LINES} == {}


def test_no_file_beside_the_package_is_long():
    places = ("bench", "cloud", "docs", "tests")
    beside = [ROOT / "app.py", *(path for name in places for path in (ROOT / name).rglob("*.py"))]
    assert len(beside) > 250
    lengths = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n") for path in beside}
    assert {name: n for name, n in lengths.items() if n > MOST_LINES} == {}


def test_no_import_is_relative():
    assert [m for m, tree in _modules().items() for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.level] == []  # fmt: skip


def test_every_public_module_says_what_it_is():
    assert [module for module, tree in _modules().items() if not ast.get_docstring(tree)] == []
