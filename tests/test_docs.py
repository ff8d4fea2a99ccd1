"""The site's pages are there: every entry of its navigation is a file, every name of the front is on a page of it."""

import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

import yaml

from workbench import FRONT
from workbench.places import ROOT

SITE = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))


@cache
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("site_files", ROOT / "docs" / "site_files.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def entries(nav: Any) -> Iterator[str]:
    """The pages of a navigation, however deep."""
    if isinstance(nav, str):
        yield nav
    else:
        for each in nav.values() if isinstance(nav, dict) else nav:
            yield from entries(each)


def test_every_entry_of_the_navigation_is_a_page_and_every_page_an_entry():
    pages = {name for name in hook().sources() if name.endswith((".md", ".ipynb"))} | set(hook().api_pages())
    listed = list(entries(SITE["nav"]))
    assert len(listed) > 20
    assert sorted(listed) == sorted(pages)


def test_links_of_its_pages_lead_to_pages_and_pictures_of_it():
    sources = hook().sources()
    known = set(sources.values())
    pages = [path for name, path in sources.items() if name.endswith(".md")]
    links = {
        (path.name, link): (path.parent / link).resolve()
        for path in pages
        for link in re.findall(r"\]\(([\w./-]+)\)", re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL))
    }
    assert links
    assert [link for link, target in links.items() if target not in known] == []


def test_every_name_of_the_front_has_a_page():
    text = "\n".join(hook().api_pages().values())
    assert [module for module in FRONT if f"::: workbench.{module}\n" not in text] == []
