"""The page on which a person writes: its layout, and what it asks for while somebody writes. Models are only asked.

The page is plain HTML with a script of its own (`page.js`), beside Gradio and not through it: a key has to be answered
within a few hundredths of a second, and nothing that is typed may wait for a model. It asks by `POST desk/WHAT`, JSON
in and out; a complaint is `{"error": "one line"}`.
"""

import base64
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.errors import InputError, WorkbenchError
from workbench.prosody import FORMS
from workbench.prosody.sayings import keep_said, say_for_good, saying
from workbench.prosody.words import said_now
from workbench.studio.models import ModelCatalog
from workbench.studio.own_poems import OwnPoems
from workbench.studio.queue import WorkQueue
from workbench.studio.steps import titled
from workbench.ui.folders import AppFolders
from workbench.ui.own import beside_html, poems_html, title_of, versions_html
from workbench.ui.poems import brought
from workbench.ui.studio.trust import toy_html, usable
from workbench.ui.write.heard import common_words, heard, rhymes_html, synonyms_html, word_html
from workbench.ui.write.view import about_html
from workbench.writing.wishes import WriteJob

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPage:
    """What the page is served from."""

    poems: OwnPoems
    queue: WorkQueue
    catalog: ModelCatalog

    @classmethod
    def of(cls, folders: AppFolders) -> "DeskPage":
        """The page of an app."""
        data = folders.runs.parent
        return cls(
            poems=folders.my_poems, queue=WorkQueue(data / "sessions", models=folders.models),
            catalog=ModelCatalog(folders.models, sessions=data / "sessions", runs=folders.runs),
        )  # fmt: skip

    def answer(self, what: str, told: Told) -> dict[str, Any]:
        """What the page asked for.

        Raises:
            InputError: there is no such thing to ask for, or it cannot be done.
            StoreError: the disk.
        """
        if what not in ASKED:
            raise InputError(f"the page asked for {what[:40]!r}, which is not there; load it again")
        return ASKED[what](self, told)


def _choices(page: DeskPage, told: Told) -> dict[str, Any]:
    usual = WriteJob().poet
    poets = usable(page.catalog, page.queue)
    chosen = next((engine for _, engine in poets if engine.endswith(usual.removeprefix("built-in+"))), "")
    toys = {engine: toy_html(engine) for _, engine in poets}
    return {"forms": sorted(form.name for form in FORMS), "poets": poets, "poet": chosen, "toys": toys}


def _save(page: DeskPage, told: Told) -> dict[str, Any]:
    saved = page.poems.save(
        _text(told, "title"), _text(told, "text"), form=_text(told, "form"), id_=_number(told, "id"),
        base=_number(told, "base"),
    )  # fmt: skip
    return asdict(saved)


def _said(page: DeskPage, told: Told) -> dict[str, Any]:
    """A correction, for good: it is written down, and holds at once."""
    one = saying(f"{_text(told, 'word')}={_text(told, 'how')}")
    keep_said(one)
    say_for_good({**said_now(), one.word: (one.phones,)})
    return {"html": word_html(one.word)}


def _rhymes(page: DeskPage, told: Told) -> dict[str, Any]:
    word, line = _text(told, "word")[:80], _text(told, "line")[:300]
    said = word_html(word) if word.strip() else ""
    synonyms = synonyms_html(word, line) if told.get("is_there") else ""  # another can take its place
    return {"html": rhymes_html(word, line), "said": said, "synonyms": synonyms}


def _ways(page: DeskPage, told: Told) -> dict[str, Any]:
    """Asks for other ways to say one line; how it goes is `way`."""
    poet = _text(told, "poet") or WriteJob().poet
    if trouble := page.catalog.find(poet).trouble:
        raise InputError(trouble)
    task = {"kind": "ways", "poet": poet, "line": _number(told, "line"), "title": _text(told, "title") or "A poem",
            "text": _text(told, "text"), "form": _text(told, "form")}  # fmt: skip
    page.queue.ask(WAYS, task)
    return {}


def _way(page: DeskPage, told: Told) -> dict[str, Any]:
    return asdict(page.queue.live(WAYS))


def _stop(page: DeskPage, told: Told) -> dict[str, Any]:
    page.queue.stop(WAYS)
    return {}


def _keep(page: DeskPage, told: Told) -> dict[str, Any]:
    page.poems.keep(_number(told, "id"), _text(told, "name") or "a version")
    return {"html": versions_html(page.poems, _number(told, "id"))}


def _delete(page: DeskPage, told: Told) -> dict[str, Any]:
    gone = page.poems.delete(_number(told, "id"), undo=bool(told.get("undo")))
    return asdict(gone) | {"title": title_of(gone)}


def _take_in(page: DeskPage, told: Told) -> dict[str, Any]:
    """A poem as one text, its title first: a draft of the studio."""
    title, text = titled(_text(told, "poem"))
    one = page.poems.take_in(title, text)
    return {"id": one.id, "title": title_of(one)}


def _import(page: DeskPage, told: Told) -> dict[str, Any]:
    """The poems of a file of the person's, each of its own; what is to be said of it, and their numbers."""
    name, data = Path(_text(told, "name")).name or "poem.txt", _text(told, "data")
    with tempfile.TemporaryDirectory(prefix="workbench-import-") as folder:
        file = Path(folder) / name
        try:
            file.write_bytes(base64.b64decode(data, validate=True))
        except (ValueError, OSError) as exc:
            raise InputError(f"{name[:80]}: the file could not be read; choose it again") from exc
        try:
            found = brought(file)
        except InputError as exc:
            raise InputError(str(exc).replace(str(file), name)) from exc
        said = [word.replace(str(file), name) for word in found.told]
    there = {(one.title, one.text.strip("\n")) for one in page.poems.all()}
    saved = []
    for title, text in ((poem.title, poem.text.strip("\n")) for poem in found):
        if (title, text) in there:
            said.append(
                f"“{title or text.split(chr(10))[0]}” is among your poems already, word for word: not added again"
            )
            continue
        there.add((title, text))
        saved.append(page.poems.save(title, text))
    return {"ids": [one.id for one in saved], "titles": [title_of(one) for one in saved], "said": said}


def _mark(page: DeskPage, told: Told) -> dict[str, Any]:
    """A word of the person's on a remark of the studio's educator."""
    names = ("session", "item", "poem", "text")
    page.poems.judge_remark(_text(told, "verdict"), {name: _text(told, name) for name in names})
    return {}


def _marks(page: DeskPage, told: Told) -> dict[str, Any]:
    """What was said of the remarks on one draft."""
    return {"marks": {remark["item"]: verdict for verdict, remark in page.poems.remarks(_text(told, "session"))}}


WAYS = "ways"  # one line at a time is asked for
ASKED: dict[str, Callable[[DeskPage, Told], dict[str, Any]]] = {
    "choices": _choices,
    "heard": lambda _, told: heard(_text(told, "text"), _text(told, "form")),
    "form": lambda _, told: {"html": about_html(_text(told, "form"))},
    "rhymes": _rhymes,
    "warm": lambda _, __: {"n": len(common_words()), "html": rhymes_html("light", "")},
    "said": _said,
    "save": _save,
    "open": lambda page, told: asdict(page.poems.get(_number(told, "id"))),
    "list": lambda page, told: {"html": poems_html(page.poems, _text(told, "words"))},
    "rename": lambda page, told: asdict(page.poems.rename(_number(told, "id"), _text(told, "title"))),
    "move": lambda page, told: asdict(page.poems.move(_number(told, "id"), _text(told, "folder"))),
    "take-in": _take_in,
    "import": _import,
    "delete": _delete,
    "keep": _keep,
    "versions": lambda page, told: {"html": versions_html(page.poems, _number(told, "id"))},
    "beside": lambda page, told: beside_html(page.poems, _number(told, "id"), _number(told, "version")),
    "ways": _ways,
    "way": _way,
    "stop": _stop,
    "mark": _mark,
    "marks": _marks,
}


def _text(told: Told, name: str) -> str:
    return str(told.get(name) or "")


def _number(told: Told, name: str) -> int:
    try:
        return int(told.get(name) or 0)
    except (TypeError, ValueError) as exc:
        raise InputError(f"{name}: the page sent no number; load it again") from exc


def answered(page: DeskPage, what: str, told: Told) -> tuple[dict[str, Any], int]:
    """The answer to the page and its status: 200, or 400 with one line that says what to do."""
    try:
        return page.answer(what, told), 200
    except WorkbenchError as exc:
        return {"error": str(exc)}, 400


def page_html() -> str:
    """The layout; everything in it is filled by `page.js`."""
    return (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
