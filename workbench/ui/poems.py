"""Poems: browse and search, read one with its prosody, add your own."""

import re
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from workbench.corpus.headings import first_line_title, separator_in
from workbench.corpus.load import add_poems, load_poems, remove_poems
from workbench.corpus.poem_files import DOCUMENTS, READERS, Poems
from workbench.errors import WorkbenchError
from workbench.prosody import FAMILIES, FORMS, prosody_report
from workbench.prosody.front_matter import verse_of
from workbench.storage.input_files import read_text
from workbench.types import Poem
from workbench.ui.events import in_turn, on_input, seen_place
from workbench.ui.folders import AppFolders
from workbench.ui.html import facts_html, html_area, not_counted_html, note_html, poem_html

MOST_LISTED = 400
MOST_NAMED = 10  # titles of a file that was added
OWN = "mine"
READING = note_html("Reading the poems …")
INTRODUCTION = (
    "<h1 class='wb-name'>Poems</h1>"
    "<p class='wb-note'>Read a poem with its prosody: rhyme, syllables, feet, form. Add your own "
    "at the bottom of the page.</p>"
)


def build(folders: AppFolders, tab: Any) -> None:
    """Lays the tab out."""
    import gradio as gr

    html_area(INTRODUCTION)
    with gr.Row():
        with gr.Column(scale=1, min_width=280):
            collection = gr.Dropdown([], label="Collection", allow_custom_value=True, elem_id="collection")
            words = gr.Textbox(
                label="Search title, author, form and words", elem_id="search", placeholder="sonnet rain", max_lines=1
            )
            found = html_area(READING, elem_id="found")  # until they are here
            poem = gr.Radio([], label="Poems", elem_id="poem-list", elem_classes="wb-list")
        with gr.Column(scale=3):
            form = gr.Dropdown(_form_choices(), value="", label="Check it against the form", elem_id="form")
            reading = html_area(elem_id="reading")
    additions = _adding(gr, folders)

    def listed(folder: str, text: str) -> tuple[Any, str]:
        return in_list(*search(folders, folder, text or ""))

    def opened(folder: str | None, text: str | None, shown: str | None, wanted: str | None, request: gr.Request) -> Any:
        asked = folder or dict(request.query_params).get("collection", "")
        return open_tab(folders, asked, (text or "", shown or "", wanted or ""))

    shared = in_turn("poems")
    listing, read = ([collection, words], [poem, found]), ([collection, poem, form], reading)

    def heard(folder: str | None, poem_id: str | None, wanted: str | None) -> str:
        return reading_html(folders, folder, poem_id, wanted or "")

    tab.select(opened, [*listing[0], poem, form], [collection, poem, found, reading], **shared)
    on_input([collection, words], listed, *listing, **shared).then(heard, *read, **shared)
    on_input([poem, form], heard, *read, **shared)
    for added in additions:
        added.then(lambda: after_adding(folders), None, [collection, words, poem, found], **shared).then(
            heard, *read, **shared
        )


def after_adding(folders: AppFolders) -> tuple[Any, ...]:
    """The collection of one's own, its list with what was added last chosen, and no search that could hide it."""
    import gradio as gr

    names = collections_of(folders)
    if OWN not in names:  # nothing is there, or not any more
        first = names[0] if names else None
        return gr.Dropdown(names, value=first), "", *in_list(*search(folders, first, ""))
    last = load_poems(folders.collections()[OWN])[-1]
    choices, said = in_list(*search(folders, OWN, ""), chosen=last.id)
    return gr.Dropdown(names, value=OWN), "", choices, said


def open_tab(folders: AppFolders, asked: str, form: tuple[str, str, str]) -> tuple[Any, ...]:
    """The collections and the list of one, with its first poem; where one is read already, it stays."""
    import gradio as gr

    names, (text, shown, wanted) = collections_of(folders), form
    chosen = asked if asked in names else (names[0] if names else None)
    if shown:
        return gr.Dropdown(names, value=chosen), gr.skip(), gr.skip(), gr.skip()
    poems, complaint = search(folders, chosen, text)
    first = reading_of(folders, poems[0], wanted) if poems else note_html("Choose a poem.")
    return gr.Dropdown(names, value=chosen), *in_list(poems, complaint), first


def collections_of(folders: AppFolders) -> list[str]:
    """Names of the collections, the good ones first."""
    return sorted(folders.collections(), key=lambda name: (name != "good", name))


def search(folders: AppFolders, folder: str | None, text: str) -> tuple[Poems, str]:
    """The poems that hold all words somewhere, by title; or why the collection cannot be read."""
    if not folder or folder not in collections_of(folders):
        return Poems(), "no such collection; choose one from the list"
    try:
        poems = load_poems(folders.collections()[folder])
    except WorkbenchError as exc:
        return Poems(), str(exc)
    wanted = text.casefold().split()
    hits = [p for p in poems if all(word in f"{p.title} {p.author} {p.form} {p.text}".casefold() for word in wanted)]
    hits.sort(key=lambda p: (p.title.casefold(), p.id))
    return Poems(hits, left_out=poems.left_out, words=poems.words), ""


def in_list(poems: Poems, complaint: str, *, chosen: str = "") -> tuple[Any, str]:
    """The list of what was found, how many there are, and what of their files was left out or mended."""
    import gradio as gr

    choices = [(label_of(poem), poem.id) for poem in poems[:MOST_LISTED]]
    said = note_html(complaint, "bad") if complaint else note_html(poems_in_words(len(poems))) + told_html(poems)
    return gr.Radio(choices, value=chosen or (choices[0][1] if choices else None)), said


def poems_in_words(n: int) -> str:
    """How many poems.

    >>> poems_in_words(1), poems_in_words(0)
    ('1 poem', '0 poems')
    """
    return f"{n} poem" if n == 1 else f"{n} poems"


def told_html(poems: Poems) -> str:
    """What of their files was left out or mended, a line each."""
    return "".join(map(note_html, poems.told))


def label_of(poem: Poem) -> str:
    """A poem in a list."""
    title = poem.title or poem.text.strip().partition("\n")[0][:40]
    return f"{title} · {poem.form}" if poem.form else title


def reading_html(folders: AppFolders, folder: str | None, poem_id: str | None, form: str = "") -> str:
    """A poem of a collection and its prosody."""
    poem = next((p for p in search(folders, folder, "")[0] if p.id == poem_id), None)
    return reading_of(folders, poem, form) if poem else note_html("Choose a poem.")


def reading_of(folders: AppFolders, poem: Poem, form: str = "") -> str:
    """A poem and its prosody."""
    try:
        verse = verse_of(poem.text)
        report = prosody_report(verse.text, form=form or "")
    except WorkbenchError as exc:
        return poem_html(poem.title, poem.text, by=poem.author) + note_html(str(exc), "bad")
    facts = [("form given", poem.form), ("written to show", poem.failure), ("licence", poem.licence),
             ("from", _from(folders, poem))]  # fmt: skip
    return (
        f'<div class="wb-card">{poem_html(poem.title, poem.text, by=poem.author)}'
        f"{facts_html((name, value) for name, value in facts if value)}</div>"
        f'<div class="wb-card wb-heard"><h3>Prosody</h3>{not_counted_html(verse.passed_over)}{report.to_html()}'
        f'<p class="wb-note">/ stressed · x unstressed · | between feet. A letter after a slash binds half rhymes too.'
        f"</p></div>"
    )


def add_text(folders: AppFolders, title: str, text: str, *, author: str = "", form: str = "") -> tuple[str, list[str]]:
    """Adds one poem as it was typed; its id where it is new."""
    try:
        poem = Poem(title=title.strip(), text=text.strip("\n"), author=author.strip(), form=form, source="the form")
        added = add_poems(folders.own_poems, [poem])
    except WorkbenchError as exc:
        return note_html(str(exc), "bad"), []
    if not added.n_added:
        return note_html("That poem is there already, in the collection “mine”."), []
    return note_html(f"Added to the collection “mine”: {poems_in_words(added.n_total)} now.", "good"), list(added.ids)


def brought(path: Path) -> Poems:
    """The poems of a file as a person brings it: separator lines part them, a first line that stands alone is a title.

    Raises:
        InputError: one line, `file:line: reason, what to do`.
    """
    is_document = path.suffix.lower() in DOCUMENTS
    separator = separator_in(read_text(path)) if path.suffix.lower() in (".txt", ".md") else ""
    poems = load_poems(path, separator=separator)
    if not is_document:
        return poems
    named = [_titled(poem, path) for poem in poems]
    return Poems(named, left_out=poems.left_out, words=poems.words)


def _titled(poem: Poem, path: Path) -> Poem:
    """A poem that has only its file's name has its first line's, where that stands alone; in a file of many, none."""
    if not re.fullmatch(rf"{re.escape(path.stem)}( \d+)?", poem.title):
        return poem
    title, text = first_line_title(poem.text)
    if title:
        return replace(poem, title=title, text=text)
    return replace(poem, title="", text=poem.text.strip("\n")) if poem.title != path.stem else poem


def add_files(folders: AppFolders, paths: Sequence[str] | None) -> tuple[str, list[str]]:
    """Adds the poems of files, with the loader's words where one cannot be read, or a row of it; ids of what is new."""
    if not paths:
        return note_html(f"Choose a file first: {', '.join(READERS)}."), []
    said: list[str] = []
    ids: list[str] = []
    for path in map(Path, paths):
        try:
            poems = brought(path)
            added = add_poems(folders.own_poems, poems)
        except WorkbenchError as exc:
            said.append(note_html(str(exc).replace(str(path), path.name), "bad"))
            continue
        ids += added.ids
        known = f", {added.n_known} there already" if added.n_known else ""
        titles = "; ".join(label_of(poem) for poem in poems[:MOST_NAMED]) + ("; …" if len(poems) > MOST_NAMED else "")
        said.append(note_html(f"{path.name}: {poems_in_words(added.n_added)} added{known} ({titles}).", "good"))
        said.append(told_html(poems).replace(escape(str(path)), escape(path.name)))
    return "".join(said), ids


def taken_out(folders: AppFolders, ids: Sequence[str] | None) -> tuple[str, list[str]]:
    """Takes out again what was added last."""
    try:
        n = remove_poems(folders.own_poems, ids or [])
    except WorkbenchError as exc:
        return note_html(str(exc), "bad"), list(ids or [])
    return note_html(f"{poems_in_words(n)} taken out again.", "good"), []


def _adding(gr: Any, folders: AppFolders) -> tuple[Any, ...]:
    """The part in which one adds; the events after which something new may be there, or gone."""
    with gr.Accordion("Add your own", open=False):
        with gr.Row():
            with gr.Column(scale=2):
                title = gr.Textbox(label="Title", max_lines=1, elem_id="own-title")
                text = gr.Textbox(label="Poem", lines=8, elem_id="own-text", elem_classes="wb-typed")
                with gr.Row():
                    author = gr.Textbox(label="Author", max_lines=1, elem_id="own-author")
                    form = gr.Dropdown(_form_choices("not known"), value="", label="Form")
                button = gr.Button("Add this poem", variant="primary", elem_id="own-add", scale=0, min_width=200)
            with gr.Column(scale=1):
                file = gr.File(label="Or files of poems", file_count="multiple", file_types=list(READERS))
                load = gr.Button("Add these files", scale=0, min_width=200)
        said = html_area(elem_id="add-said")
        added = seen_place()  # ids of what was added last
        undo = gr.Button("Take them out again", visible=False, elem_id="add-undo", scale=0, min_width=200)

    def typed(title: str | None, text: str | None, author: str | None, form: str | None) -> tuple[str, list[str]]:
        return add_text(folders, title or "", text or "", author=author or "", form=form or "")

    shared, filled = in_turn("poems"), [said, added, undo]

    def with_undo(answer: tuple[str, list[str]]) -> tuple[str, list[str], Any]:
        return *answer, gr.Button(visible=bool(answer[1]))

    return (
        button.click(lambda *given: with_undo(typed(*given)), [title, text, author, form], filled,
                     **shared | {"api_name": "add-poem", "api_visibility": "public"}),
        load.click(lambda paths: with_undo(add_files(folders, paths)), file, filled, **shared),
        undo.click(lambda ids: with_undo(taken_out(folders, ids)), added, filled, **shared),
    )  # fmt: skip


def _form_choices(nothing: str = "the one it seems to have") -> list[tuple[str, str]]:
    return [(nothing, ""), *((name, name) for name in sorted({*FAMILIES, *(form.name for form in FORMS)}))]


def _from(folders: AppFolders, poem: Poem) -> str:
    """Where a poem comes from; of one's own only that it is."""
    own = str(folders.own_poems)
    return "" if poem.source.startswith(own) else poem.source.replace(f"{folders.poems}/", "")
