"""Documents and data sets of other people: Word, Markdown, chats and instructions, and what was put together."""

import io
import json
import zipfile

import pytest

from tests.corpus.found import GATE, SHED, quoted, read, said
from workbench.errors import InputError


@pytest.mark.parametrize("row", [
    {"instruction": "Write of a gate.", "input": "", "output": GATE},
    {"instruction": "Write of a gate.", "text": "### Instruction …", "output": GATE},
    {"messages": [{"role": "user", "content": "a gate?"}, {"role": "assistant", "content": GATE}]},
    {"conversations": [{"from": "human", "value": "a gate?"}, {"from": "gpt", "value": GATE}]},
    {"conversation": [{"role": "user", "content": "a gate?"}, {"role": "assistant", "content": GATE}]},
    {"prompt": [{"role": "user", "content": "a gate?"}], "output": [{"role": "assistant", "content": GATE}]},
])  # fmt: skip
def test_rows_of_instructions_and_chats_are_poems_with_a_word_of_doubt(tmp_path, row):
    poems = read(tmp_path, "a.jsonl", json.dumps(row))
    assert [poem.text for poem in poems] == [GATE]
    assert poems.remarks == [f"{tmp_path / 'a.jsonl'}: output, in 1 of 1 poems"]


def test_pairs_of_preference_may_be_chats(tmp_path):
    chosen = [{"role": "user", "content": "a gate?"}, {"role": "assistant", "content": GATE}]
    row = {"chosen": chosen, "rejected": [{"role": "assistant", "content": SHED}]}
    assert [poem.text for poem in read(tmp_path, "a.jsonl", json.dumps(row))] == [GATE]


def word_file(*paragraphs, style="", headings=(0,)):
    made = "".join(
        f"<w:p>{f'<w:pPr><w:pStyle w:val={chr(34)}{style}{chr(34)}/></w:pPr>' if n in headings and style else ''}"
        + "".join(f"<w:r><w:t xml:space='preserve'>{part}</w:t></w:r>" for part in text.split("|"))
        + "</w:p>"
        for n, text in enumerate(paragraphs)
    ).replace("\n", "</w:t><w:br/><w:t>")
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{space}"><w:body>{made}</w:body></w:document>')
    return out.getvalue()


def test_a_paragraph_of_word_is_a_line_and_its_title_style_a_title(tmp_path):
    data = word_file("Gate", "The gate for|got its latch,", "", "and swung.", style="Title")
    assert said(read(tmp_path, "a.docx", data)) == [("Gate", "The gate forgot its latch,\n\nand swung.")]


def test_headings_of_one_level_in_word_are_a_poem_each(tmp_path):
    data = word_file("Gate", "the gate", "", "swings", "", "Shed", "the shed", style="Heading1", headings=(0, 5))
    assert said(read(tmp_path, "a.docx", data)) == [("Gate", "the gate\n\nswings"), ("Shed", "the shed")]


def test_a_word_file_that_is_all_headings_is_one_poem_and_its_lines_are_kept(tmp_path):
    poems = read(tmp_path, "a.docx", word_file("Gate", "the gate", "swings", style="Heading1", headings=(0, 1, 2)))
    assert said(poems) == [("Gate", "the gate\nswings")]
    assert "with 2 headings inside it ('the gate', 'swings')" in poems.remarks[0]


def test_lines_broken_inside_paragraphs_of_word_make_stanzas(tmp_path):
    assert said(read(tmp_path, "a.docx", word_file("one\ntwo", "three\nfour"))) == [("a", "one\ntwo\n\nthree\nfour")]


def test_a_word_file_with_entities_or_damage_is_refused_in_one_line(tmp_path):
    whole = word_file("one")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    for data in (out.getvalue(), whole[:-30], whole[:40], b"PK\x03\x04"):
        with pytest.raises(InputError, match=r"a\.docx: ") as caught:
            read(tmp_path, "a.docx", data)
        assert "\n" not in str(caught.value)


def test_markdown_has_its_title_in_a_heading(tmp_path):
    assert said(read(tmp_path, "a.md", f"# Gate\n\n{GATE}\n")) == [("Gate", GATE)]
    assert said(read(tmp_path, "b.md", GATE)) == [("b", GATE)]


@pytest.mark.parametrize("name", ["a.pdf", "a.doc", "a.rtf", "a.odt", "a.xlsx", "a.html"])
def test_what_cannot_be_read_says_what_to_do(tmp_path, name):
    with pytest.raises(InputError, match=r": .*(copy the text into a \.txt|save the text as \.txt|save the table as)"):
        read(tmp_path, name, b"x")


def test_a_chat_whose_answer_came_in_parts_is_read(tmp_path):
    turn = {"role": "assistant", "content": [{"type": "text", "text": GATE}, {"type": "image_url", "image_url": {}}]}
    assert said(read(tmp_path, "a.jsonl", json.dumps({"messages": [turn]}))) == [("", GATE)]


def test_all_lists_of_an_export_are_read_and_a_list_that_is_not_is_said(tmp_path):
    rows = [{"title": "Gate", "poem": GATE}], [{"title": "Shed", "poem": SHED}]
    both = read(tmp_path, "a.json", json.dumps({"train": rows[0], "test": rows[1]}))
    assert said(both) == [("Gate", GATE), ("Shed", SHED)]
    one = read(tmp_path, "b.json", json.dumps({"train": rows[0], "more": rows[1]}))
    assert said(one) == [("Gate", GATE)]
    assert "the list 'more' is not read" in one.remarks[0]


def test_a_header_in_the_middle_of_a_table_is_no_poem(tmp_path):
    part = f"title,poem\nGate,{quoted(GATE)}\n"
    poems = read(tmp_path, "a.csv", part + "\ufeff" + part.replace("Gate", "Shed").replace(GATE, SHED))
    assert [poem.title for poem in poems] == ["Gate", "Shed"]


@pytest.mark.parametrize("row", [
    {"conversations": [{"from": "gpt", "value": f"<think>a plan</think>\n{GATE}"}]},
    {"instruction": "write", "output": f"<think>a plan</think>\n{GATE}"},
    {"prompt": "write", "completion": f"<think>a plan</think>\n{GATE}"},
])  # fmt: skip
def test_a_machine_s_poem_has_no_thoughts_in_it(tmp_path, row):
    poems = read(tmp_path, "a.jsonl", json.dumps(row))
    assert said(poems) == [("", GATE)]
    assert any("thoughts" in remark for remark in poems.remarks)


@pytest.mark.parametrize("name", ["completion", "chosen"])
def test_the_answer_of_a_pair_is_the_poem(tmp_path, name):
    assert said(read(tmp_path, "a.jsonl", json.dumps({"prompt": "write", name: GATE}))) == [("", GATE)]
