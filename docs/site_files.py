"""What the site is made of: files of the repository at their own places, and pages of docstrings made of `FRONT`.

A hook of mkdocs. README.md is the first page; every other file keeps its path, so a link that works in the repository
works on the site. Nothing is copied.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PLACES = (
    "README.md", "CONTRIBUTING.md", "DECISIONS.md", "CHANGELOG.md", "docs/architecture.md", "models/README.md",
    "data/gold/README.md", "bench/results/writing.md", "notebooks/*.ipynb", "data/pictures/*.png", "docs/site.css",
)  # fmt: skip
API = {  # page → title and the modules of FRONT on it; each folder of the package is on one
    "poems": ("Poems and prosody", ("types", "corpus", "prosody", "intervals", "places", "config")),
    "loop": ("The loop", ("backtranslation", "scoring", "selection", "training", "evaluation", "improvement", "study")),
    "use": ("Use what was taught", ("taught_model", "describing", "composing", "export")),
    "writing": ("Writing and revision", ("writing", "revision", "revflux")),
    "education": ("Education", ("education", "prompts")),
    "engines": ("Engines, records, figures", ("engines", "storage", "figures", "notebook")),
}


def sources() -> dict[str, Path]:
    """Page or picture of the site → file of the repository."""
    found = [path for place in PLACES for path in sorted(ROOT.glob(place))]
    names = {path: path.relative_to(ROOT).as_posix() for path in found}
    return {"index.md" if name == "README.md" else name: path for path, name in names.items()}


def api_pages() -> dict[str, str]:
    """Page of the reference → its Markdown, which mkdocstrings fills with docstrings."""
    return {f"api/{page}.md": "\n".join(_api_page(title, folders)) for page, (title, folders) in API.items()}


def _api_page(title: str, folders: tuple[str, ...]) -> Iterator[str]:
    from workbench import FRONT

    yield f"# {title}\n"
    yield "Each name is reached as `workbench.NAME`.\n"
    for module, names in FRONT.items():
        if module.partition(".")[0] in folders:
            members = ", ".join(names.split())
            yield f"## workbench.{module}\n\n::: workbench.{module}\n    options:\n      members: [{members}]\n"


def _early(event: Any) -> Any:
    """Before the plugins, so that notebooks are there when mkdocs-jupyter looks for them."""
    event.mkdocs_priority = 100
    return event


@_early
def on_files(files: Any, config: Any) -> Any:
    """Puts the repository's files and the reference in the place of this folder's own."""
    from mkdocs.structure.files import File

    for own in list(files):
        if (ROOT / "docs") in Path(own.abs_src_path or "/").parents:
            files.remove(own)
    for uri, path in sources().items():
        if path.suffix == ".ipynb":  # mkdocs-jupyter asks in which folder the page's name begins
            files.append(File(uri, str(ROOT), config.site_dir, config.use_directory_urls))
        else:
            files.append(File.generated(config, uri, abs_src_path=str(path)))
    for uri, text in api_pages().items():
        files.append(File.generated(config, uri, content=text))
    return files


def on_page_content(html: str, **_: Any) -> str:
    """Links between notebooks lead to their pages, not to the files to download."""
    return re.sub(r'href="(\d\d_\w+)\.ipynb"', r'href="\1.html"', html)
