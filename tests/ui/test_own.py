"""My poems without a browser: what the page asks, what it is answered, what can be taken away."""

import io
import zipfile
from base64 import b64encode

import pytest

from tests.ui.made_runs import ATTACKS
from workbench.corpus.load import load_poems
from workbench.errors import InputError
from workbench.prosody.sayings import say_for_good
from workbench.prosody.words import said_now
from workbench.ui.folders import AppFolders
from workbench.ui.own import poem_file, poems_html
from workbench.ui.write.desk_page import DeskPage, answered, page_html

TEXT = "The rope is *wet*.\n   Nobody waves.\n\n# is no heading"


@pytest.fixture
def desk(tmp_path):
    return DeskPage.of(AppFolders(runs=tmp_path / "runs", config=tmp_path / "config"))


def ask(desk, what, **told):
    answer, status = answered(desk, what, told)
    assert status == 200, answer
    return answer


def test_a_poem_goes_from_the_page_to_home_and_back(desk):
    saved = ask(desk, "save", title="Ferry", text=TEXT, form="haiku")
    assert "?tab=write&amp;own=1" in ask(desk, "list", words="rope")["html"]
    assert ask(desk, "open", id=saved["id"])["text"] == TEXT
    ask(desk, "rename", id=saved["id"], title="Boat")
    assert "Boat" in ask(desk, "list")["html"]
    ask(desk, "delete", id=saved["id"])
    assert "None yet" in ask(desk, "list")["html"]
    ask(desk, "delete", id=saved["id"], undo=True)
    assert "Boat" in ask(desk, "list")["html"]


def test_two_versions_stand_side_by_side_with_what_differs(desk):
    saved = ask(desk, "save", title="Ferry", text="The rope is wet.\nNobody waves.")
    shown = ask(desk, "keep", id=saved["id"], name="before the <cut>")["html"]
    assert "before the &lt;cut&gt;" in shown
    ask(desk, "save", title="Ferry", text="The rope is dry.\nNobody waves.", id=saved["id"], base=saved["revision"])
    beside = ask(desk, "beside", id=saved["id"], version=1)
    assert "<u>wet.</u>" in beside["html"]
    assert "<u>dry.</u>" in beside["html"]
    assert beside["text"] == "The rope is wet.\nNobody waves."


@pytest.mark.parametrize(("what", "told"), [
    ("open", {"id": 9}), ("open", {"id": "x"}), ("beside", {"id": 1, "version": 3}), ("nothing", {}),
    ("heard", {"text": "x" * 20_001}), ("said", {"word": "two words", "how": "~x"}), ("ways", {"poet": "/etc/passwd"}),
    ("mark", {"verdict": "nice"}), ("save", {"text": "\ud800"}),
])  # fmt: skip
def test_what_cannot_be_is_one_line(desk, what, told):
    answer, status = answered(desk, what, told)
    assert status == 400
    assert answer["error"]
    assert "\n" not in answer["error"]


def test_poems_of_files_are_brought_in_and_what_parts_them_is_seen(desk):
    text = "Gate\n\nit swung\nand swung\n---\nShed\n\nit leaned\non us\n---\nno title here\nat all"
    found = ask(desk, "import", name="../three.txt", data=b64encode(text.encode()).decode())
    assert found["titles"] == ["Gate", "Shed", "no title here"]
    assert ask(desk, "open", id=found["ids"][1])["text"] == "it leaned\non us"
    again = ask(desk, "import", name="three.txt", data=b64encode(text.encode()).decode())
    assert again["ids"] == []
    assert "“Gate” is among your poems already, word for word: not added again" in again["said"]
    answer, status = answered(desk, "import", {"name": "poem.pdf", "data": "AAAA"})
    assert status == 400
    assert answer["error"].startswith("poem.pdf: a PDF does not keep the lines")
    assert answered(desk, "import", {"name": "x.txt", "data": "no base64!"})[1] == 400


def test_a_draft_of_the_studio_becomes_a_poem_with_its_title(desk):
    found = ask(desk, "take-in", poem="Ferry\n\nThe rope is wet.\nNobody waves.")
    assert found["title"] == "Ferry"
    assert ask(desk, "open", id=found["id"])["text"] == "The rope is wet.\nNobody waves."


def test_folders_are_shown_after_what_is_in_none_and_deleted_poems_can_be_brought_back(desk):
    ids = [ask(desk, "save", title=title, text="It swung.")["id"] for title in ("Gate", "Shed", "Barn")]
    ask(desk, "move", id=ids[0], folder="farm <1>")
    ask(desk, "delete", id=ids[1])
    shown = ask(desk, "list")["html"]
    assert shown.index("Barn") < shown.index('data-folder="farm &lt;1&gt;"') < shown.index(">Gate<")
    assert 'data-own="back" data-id="2"' in shown
    assert "data-at=" in shown


def test_poems_of_home_are_a_collection_for_reading_and_teaching(desk, tmp_path):
    folders = AppFolders(runs=tmp_path / "runs", poems=tmp_path / "poems", config=tmp_path / "config")
    assert "my_poems" not in folders.collections()
    saved = ask(desk, "save", title="Gate", text="It swung.\n")
    ask(desk, "save", title="empty", text="")
    assert [poem.title for poem in load_poems(folders.collections()["my_poems"])] == ["Gate"]
    ask(desk, "rename", id=saved["id"], title="Barn")
    assert [poem.title for poem in load_poems(folders.collections()["my_poems"])] == ["Barn"]
    ask(desk, "delete", id=saved["id"])
    assert "my_poems" not in folders.collections()


@pytest.mark.parametrize("attack", ATTACKS)
def test_titles_and_words_are_escaped(desk, attack):
    saved = ask(desk, "save", title=attack, text=attack)
    ask(desk, "move", id=saved["id"], folder=attack)
    ask(desk, "delete", id=ask(desk, "save", title=attack, text=attack)["id"])
    ask(desk, "keep", id=saved["id"], name=attack)
    pages = [ask(desk, "list")["html"], ask(desk, "versions", id=saved["id"])["html"]]
    pages += [ask(desk, "beside", id=saved["id"], version=1)["html"], poems_html(desk.poems, attack)]
    pages += [poem_file(desk.poems, saved["id"], "html")[0].decode()]
    for page in pages:
        assert "<script>" not in page
        assert "<img" not in page
        assert "<iframe" not in page


def test_a_poem_is_taken_away_as_text_markdown_and_word(desk, tmp_path):
    saved = ask(desk, "save", title="Ferry & Co", text=TEXT)
    files = {kind: poem_file(desk.poems, saved["id"], kind)[0] for kind in ("txt", "md", "docx")}
    assert files["txt"].decode() == f"Ferry & Co\n\n{TEXT}\n"
    assert r"The rope is \*wet\*." in files["md"].decode()
    assert r"\# is no heading" in files["md"].decode()
    assert "word/document.xml" in zipfile.ZipFile(io.BytesIO(files["docx"])).namelist()
    (tmp_path / "poem.docx").write_bytes(files["docx"])
    (read,) = load_poems(tmp_path / "poem.docx")
    assert "The rope is *wet*." in read.text
    with pytest.raises(InputError, match="there is txt"):
        poem_file(desk.poems, saved["id"], "exe")


def test_a_word_that_is_said_otherwise_holds_at_once_and_is_written_down(desk, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    before = said_now()
    try:
        assert "as you have said it" in ask(desk, "said", word="lorikeetle", how="~beetle")["html"]
        assert "lorikeetle = ~beetle" in (tmp_path / "data" / "said.txt").read_text()
    finally:
        say_for_good(before)


def test_a_word_on_a_remark_is_kept_and_found_again(desk):
    remark = {"session": "draft-1", "item": "r1", "poem": TEXT, "text": "thin."}
    ask(desk, "mark", verdict="useful", **remark)
    ask(desk, "mark", verdict="later", **remark)
    assert ask(desk, "marks", session="draft-1")["marks"] == {"r1": "later"}
    assert ask(desk, "marks", session="another")["marks"] == {}


def test_every_field_of_the_page_has_a_name():
    page = page_html()
    assert page.count("<label") + page.count("aria-label=") >= page.count("<input") + page.count("<select") + 1
    assert "<h1" in page
