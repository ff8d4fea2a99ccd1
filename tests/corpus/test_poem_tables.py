"""Dialects of tables and rows: what the content is counts, not what the file is called."""

import json

import pytest

from workbench.corpus.load import load_poems
from workbench.errors import InputError

ROWS = [{"title": "Gate", "poem": "the gate\nswings"}, {"title": "Shed", "poem": "the shed\nleans"}]
READ = [("Gate", "the gate\nswings"), ("Shed", "the shed\nleans")]
LINES = "\n".join(map(json.dumps, ROWS))


def read(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return load_poems(path)


@pytest.mark.parametrize(("name", "data"), [
    ("lines.json", LINES),
    ("array.jsonl", json.dumps(ROWS, indent=1)),
    ("data.json", json.dumps({"version": 2, "data": ROWS})),
    ("rows.json", json.dumps({"rows": ROWS})),
    ("put_together.jsonl", LINES.replace("\n", "\n\ufeff")),
    ("marked.ndjson", "\ufeff" + LINES),
    ("pandas.json", json.dumps({name: {str(n): row[name] for n, row in enumerate(ROWS)} for name in ROWS[0]})),
    ("columns.json", json.dumps({name: [row[name] for row in ROWS] for name in ROWS[0]})),
    ("viewer.json", json.dumps({"rows": [{"row_idx": n, "row": row} for n, row in enumerate(ROWS)]})),
    ("lines.jsonl", "\n".join(json.dumps({**row, "poem": row["poem"].split("\n")}) for row in ROWS)),
    ("with_commas.jsonl", LINES.replace("\n", ",\n") + ",\n"),
    ("returns.jsonl", LINES.replace("\n", "\r") + "\r"),
    ("spaced.csv", 'title, "poem"\nGate, "the gate\nswings"\nShed, "the shed\nleans"\n'),
])  # fmt: skip
def test_json_of_another_shape_than_its_name_is_read(tmp_path, name, data):
    poems = read(tmp_path, name, data)
    assert [(poem.title, poem.text) for poem in poems] == READ
    assert poems.remarks == []


def test_a_poem_that_is_null_is_said_to_be_empty_and_not_to_be_missing(tmp_path):
    with pytest.raises(InputError, match="the field 'poem' is empty"):
        read(tmp_path, "empty.json", '[{"title": "Gate", "poem": null}]')


def test_stanzas_of_lines_are_one_poem(tmp_path):
    (poem,) = read(
        tmp_path, "a.jsonl", json.dumps({"title": "Gate", "stanzas": [["the gate", "swings"], ["it rains"]]})
    )
    assert poem.text == "the gate\nswings\n\nit rains"


@pytest.mark.parametrize("word", ["NaN", "nan", "NULL", "None", "N/A", "<NA>", " null "])
def test_a_word_for_nothing_is_no_poem_and_is_named(tmp_path, word):
    poems = read(tmp_path, "a.csv", f"title,poem\nGate,the gate\nLost,{word}\nNone,the shed\nnan,a pan\n")
    assert [(poem.title, poem.text) for poem in poems] == [("Gate", "the gate"), ("None", "the shed"), ("", "a pan")]
    assert "3: the poem is only" in str(poems.left_out[0])


def test_quotes_with_backslashes_are_quotes_and_it_is_said(tmp_path):
    poems = read(tmp_path, "a.csv", 'title,poem\nGate,"the \\"gate\\", it\nswings"\n')
    assert poems[0].text == 'the "gate", it\nswings'
    assert poems.remarks == [f'{tmp_path / "a.csv"}: \\", in 1 of 1 poems']


def test_two_fields_for_the_poem_are_a_doubt_that_is_said(tmp_path):
    poems = read(tmp_path, "a.csv", "title,poem,text\nGate,the gate,about a gate\nShed,the shed,the shed\n")
    assert [poem.text for poem in poems] == ["the gate", "the shed"]
    assert poems.remarks == [f"{tmp_path / 'a.csv'}: “poem” is taken for the poem and not “text”, in 1 of 2 poems"]


def test_rows_swallowed_by_a_quote_are_a_doubt_that_is_said(tmp_path):
    poems = read(tmp_path, "a.csv", 'title,poem\nGate,"come in\nShed,the shed\nPan,says the pan"\n')
    assert len(poems) == 1
    assert "lines like rows inside a cell" in poems.remarks[0]


@pytest.mark.parametrize(("name", "data", "line"), [
    ("a.csv", "title,poem\nGate,the gate\nCaf\xe9,caf\xe9\n".encode("latin-1"), 3),
    ("a.jsonl", b'{"poem": "the gate"}\n{"poem": "caf\xe9"}\n', 2),
    ("a.csv", b"title,poem\nGate,the gate\nNul,a\0b\n", 3),
])  # fmt: skip
def test_a_row_with_bytes_that_are_no_text_is_left_out_and_named(tmp_path, name, data, line):
    poems = read(tmp_path, name, data)
    assert [poem.text for poem in poems] == ["the gate"]
    assert poems.remarks[0].startswith(f"{tmp_path / name}:{line}: ")


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"{\\rtf1 a}", b"PK\x03\x04", b"<html><body>a</body></html>"])
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl", "a.md"])
def test_another_kind_of_file_under_the_name_of_a_text_is_refused(tmp_path, name, data):
    with pytest.raises(InputError, match="under another name, save its text as UTF-8"):
        read(tmp_path, name, data)


def test_front_matter_of_markdown_is_its_title_and_author(tmp_path):
    poems = read(tmp_path, "a.md", "---\ntitle: The Gate\nauthor: Ann Made\ntags:\n  - iron\n---\n\nthe gate\nswings\n")
    assert [(poem.title, poem.author, poem.text) for poem in poems] == [("The Gate", "Ann Made", "the gate\nswings")]
    assert "front matter" in poems.remarks[0]


def test_verse_between_rules_is_no_front_matter(tmp_path):
    (poem,) = read(tmp_path, "a.md", "---\nthe gate\n---\nswings\n")
    assert poem.text == "---\nthe gate\n---\nswings"


def titles_and_texts(poems):
    return [(poem.title, poem.text) for poem in poems]


@pytest.mark.parametrize("mark", ["#", "##"])
def test_headings_of_one_level_in_markdown_are_a_poem_each(tmp_path, mark):
    poems = read(tmp_path, "a.md", f"{mark} Gate\n\nthe gate\n\nswings\n\n{mark} Shed\n\nthe shed\n")
    assert titles_and_texts(poems) == [("Gate", "the gate\n\nswings"), ("Shed", "the shed")]
    assert [poem.source[-6:] for poem in poems] == ["a.md:1", "a.md:7"]
    assert not poems.remarks


def test_titles_that_say_so_are_a_poem_each_in_a_text(tmp_path):
    poems = read(tmp_path, "a.txt", "Title: Gate\nthe gate\n\nTitle: Shed\n\nthe shed\n")
    assert titles_and_texts(poems) == [("Gate", "the gate"), ("Shed", "the shed")]


def test_a_rule_between_titled_poems_is_of_neither(tmp_path):
    poems = read(tmp_path, "two.txt", "Title: Salt\n\nsalt on rope\n***\nTitle: Tar\n\ntar on rope\n")
    assert (titles_and_texts(poems), poems.remarks) == ([("Salt", "salt on rope"), ("Tar", "tar on rope")], [])
    apart = load_poems(tmp_path / "two.txt", separator="***")
    assert (titles_and_texts(apart), apart.remarks) == (titles_and_texts(poems), [])


@pytest.mark.parametrize("text", [
    "# I\n\nthe gate\n\n# II\n\nthe shed\n",
    "# Yard\n\n## Gate\n\nthe gate\n\n## Shed\n\nthe shed\n",
    "for them all\n\n# Gate\n\nthe gate\n\n# Shed\n\nthe shed\n",
    "# Gate\n\n# Shed\n\nthe shed\n",
])  # fmt: skip
def test_headings_that_may_be_sections_stay_in_one_poem_and_it_is_said(tmp_path, text):
    (poem,) = poems = read(tmp_path, "a.md", text)
    assert "the shed" in poem.text
    (said,) = poems.remarks
    assert "read as one poem" in said
    assert "begin each with “# ”" in said


TWO = "Platform Four\n\nfrost on the rails\na pigeon walks\n\n\nThe Baker\n\na baker in Deal\nmade bread\n"


@pytest.mark.parametrize("text", [TWO, TWO.replace("\n\n\n", "\n\n")])
def test_a_text_that_may_hold_several_poems_is_one_and_it_is_said(tmp_path, text):
    (poem,) = poems = read(tmp_path, "a.txt", text)
    assert poem.text + "\n" == text
    (said,) = poems.remarks
    assert "it may hold 2 ('Platform Four', 'The Baker'); if so, put “Title: ” before each title" in said


@pytest.mark.parametrize("text", [
    "The Gate\n\nit swung all night\nand sang\n",
    "One chair, which floated.\n\nA piano keeps\na line\n\nMy daughter writes\n\non everything\nwith chalk\n",
    "the gate\n\nit swung\nall night\n\n\nThe Shed\n\nit leaned\nall day\n",
    "I\n\nit swung\nall night\n\nII\n\nit leaned\nall day\n",
])  # fmt: skip
def test_lines_alone_in_one_poem_raise_no_doubt(tmp_path, text):
    assert not read(tmp_path, "a.txt", text).remarks


def test_a_column_that_is_not_read_is_named(tmp_path):
    poems = read(tmp_path, "a.csv", 'id,Title,Poem,Pupil\n1,Gate,"the gate\nswings",Ann\n')
    assert [said.partition(": ")[2] for said in poems.remarks] == ["the column 'Pupil' is not read, in 1 of 1 poems"]


def test_carriage_returns_alone_are_kept_and_said(tmp_path):
    poems = read(tmp_path, "a.txt", "the gate\rswings\r")
    assert poems[0].text == "the gate\rswings\r"
    assert "counts as one line" in poems.remarks[0]
