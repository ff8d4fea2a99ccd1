import json
import os
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.corpus.load import load_poems
from workbench.errors import InputError

GOOD = b'{"title": "t", "poem": "p"}'
BAD = {
    "empty.json": (b"", "1"),
    "empty.jsonl": (b"", ""),
    "truncated.json": (b'[{"title": "t",\n "poem": "p"', "2"),
    "comma.json": (b"[" + GOOD + b",]", "1"),
    "no_comma.json": (b"[" + GOOD + b"\n" + GOOD + b"]", "2"),
    "trailing.json": (GOOD + GOOD, "1"),
    "not_utf8.jsonl": (b'{"poem": "\xff"}', "1"),
    "latin.csv": (b"title,poem\na,caf\xe9\n", "2"),
    "utf16_without_mark.txt": ("poem".encode("utf-16-le"), "1"),
    "pdf_inside.txt": (b"%PDF-1.4\n", "1"),
    "rich_inside.txt": (b"{\\rtf1\\ansi a\\par b}", "1"),
    "page_inside.csv": (b"<!DOCTYPE html><html><body>a</body></html>", "1"),
    "sheet_inside.csv": (b"PK\x03\x04\x14", "1"),
    "packed_inside.jsonl": (b"\x1f\x8b\x08", "1"),
    "overlong.txt": (b"a\n\xc0\xaf", "2"),
    "surrogate_bytes.txt": (b"\xed\xa0\x80", "1"),
    "utf16.txt": ("poem".encode("utf-16"), "1"),
    "nul.txt": (b"a\nb\0c", "2"),
    "nul.jsonl": (b'{"poem": "a\\u0000b"}', "1"),
    "surrogate.jsonl": (b'{"poem": "a\\ud800b"}', "1"),
    "surrogate_key.jsonl": (b'{"\\ud800": 1, "\\ud800": 2}', "1"),
    "duplicate.json": (b'[\n{"poem": "a", "poem": "b"}]', "2"),
    "duplicate_case.jsonl": (b'{"poem": "a", "Poem": "b"}', "1"),
    "deep.jsonl": (b'{"poem": "a", "x": ' + b"[" * 65 + b"]" * 65 + b"}", "1"),
    "very_deep.json": (b"[" * 200_000, "1"),
    "very_deep_object.json": (b'{"a":' * 200_000, "1"),
    "number.jsonl": (b'{"poem": 5}', "1"),
    "mixed_lines.jsonl": (b'{"lines": ["a", 5]}', "1"),
    "array.jsonl": (b'["a"]', "1"),
    "string.json": (b'["a"]', "1"),
    "missing.jsonl": (b'{"title": "t"}', "1"),
    "null.jsonl": (b'{"poem": null}', "1"),
    "blank.jsonl": (b'{"poem": " \\n\\u200b"}', "1"),
    "blank.txt": (b"\n \n", "1"),
    "title_only.txt": (b"Title: a\n", "1"),
    "control.jsonl": (b'{"poem": "a\x01b"}', "1"),
    "no_poems.json": (b"[]", ""),
    "digits.jsonl": (b'{"poem": ' + b"9" * 10_000 + b"}", "1"),
    "long_line.jsonl": (b'{"poem": "' + b"a" * 1_000_001 + b'"}', "1"),
    "no_header.csv": (b"a,b\n", "1"),
    "same_columns.csv": (b"poem,Poem\na,b\n", "1"),
    "quotes.csv": (b'title,poem\nt,p\nt,"never\nclosed\n', "3"),
    "after_quote.csv": (b'title,poem\nt,"a"b\n', "2"),
    "cells.csv": (b"title,poem\nt,p,q\n", "2"),
    "lone_return.csv": (b"title,poem\nt,a\rb\n", "2"),
    "poem.docx": (b"poem", ""),
    "poem.pdf": (b"%PDF-1.4", ""),
    "poem.rtf": (b"{\\rtf1", ""),
    "header_only.csv": (b"title,poem\n", ""),
    "broken.parquet": (b"PAR1 no PAR1", ""),
}


def refusal_of(path, **options):
    with pytest.raises(InputError) as caught:
        load_poems(path, **options)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert message.isprintable()
    assert len(message) < 400
    return message


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gets_one_line_with_its_place(tmp_path, name):
    data, line = BAD[name]
    path = tmp_path / name
    path.write_bytes(data)
    where = f"{path}:{line}: " if line else f"{path}: "
    message = refusal_of(path)
    assert message.startswith(where), message
    assert ", " in message[len(where) :]  # what to do


def test_what_is_not_a_regular_file_is_never_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "device.txt").symlink_to("/dev/zero")
    (tmp_path / "loop.json").symlink_to("loop.json")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket.csv"))
        names = ("pipe.json", "folder.json", "device.txt", "loop.json", "socket.csv", "nothing.json", "a\0.json")
        kinds = ("named pipe", "folder", "device", "leads back", "socket", "no such", "possible path")
        for name, kind in zip(names, kinds, strict=True):
            assert kind in refusal_of(tmp_path / name)


def test_a_file_of_far_too_many_poems_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.corpus.poem_files.MAX_POEMS", 3)
    for name, data in (("a.jsonl", GOOD + b"\n"), ("a.txt", b"poem\n***\n")):
        (tmp_path / name).write_bytes(data * 3)
        assert len(load_poems(tmp_path / name, separator="***")) == 3
        (tmp_path / name).write_bytes(data * 4)
        assert "more than 3 poems" in refusal_of(tmp_path / name, separator="***")


def test_an_unreadable_file_is_named(tmp_path, monkeypatch):
    (tmp_path / "a.json").write_bytes(GOOD)

    def refuse(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)  # root, as which tests may run, may read everything
    assert "permission denied" in refusal_of(tmp_path / "a.json")


def test_an_empty_folder_and_a_folder_of_folders_are_refused(tmp_path):
    assert "no poem file" in refusal_of(tmp_path)
    (tmp_path / "good").mkdir()
    assert "name this one" in refusal_of(tmp_path)


def test_a_folder_is_read_by_name_and_what_explains_it_is_passed_over(tmp_path):
    for name in ("README.md", "SOURCES", ".hidden.json", "notes.md", "LICENSE.txt"):
        (tmp_path / name).write_bytes(b"\xff")
    (tmp_path / "b.txt").write_bytes(b"second")
    (tmp_path / "a.jsonl").write_bytes(GOOD)
    assert [poem.text for poem in load_poems(tmp_path)] == ["p", "second"]


def test_a_name_that_is_no_text_stays_on_one_line(tmp_path):
    path = tmp_path / os.fsdecode(b"a\xff\nb.txt")
    path.write_bytes(b"poem")
    (poem,) = load_poems(path)
    assert poem.source.isprintable()
    assert poem.title.isprintable()


# ---------------------------------------------------------------- what is accepted


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.json", b'[{"title": "t", "poem": "p"}]', ("t", "p")),
        ("a.json", b'{"poems": [{"Name": "t", "TEXT": "p"}]}', ("t", "p")),
        ("a.json", b'\xef\xbb\xbf{"heading": "t", "lines": ["a", "", "b"]}', ("t", "a\n\nb")),
        ("a.jsonl", b'\r\n{"title": null, "content": "p", "tags": [{}]}\r\n', ("", "p")),
        ("a.txt", b"first\r\nlone\rreturn \r\n", ("a", "first\r\nlone\rreturn ")),
        ("a.txt", "x\u2028y\u0085z\n\n".encode(), ("a", "x\u2028y\u0085z\n")),
        ("a.txt", b"Title: Rain \n\none\ntwo\n", ("Rain", "one\ntwo")),
        ("a.csv", b'Title,Poem,Poet\r\n"a, b","one\r\n""two""\r",me\r\n', ("a, b", 'one\n"two"')),
    ],
)
def test_the_usual_shapes_are_read(tmp_path, name, data, expected):
    (tmp_path / name).write_bytes(data)
    (poem,) = load_poems(tmp_path / name)
    assert (poem.title, poem.text) == expected


def test_sources_are_the_lines_on_which_poems_begin(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"about": {"poems": []}, "poems": [{"poem": "a"}, {"poem": "b"}]}, indent=1))
    assert [poem.source for poem in load_poems(path)] == [f"{path}:6", f"{path}:9"]


def test_a_separator_parts_poems_in_one_text_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"***\r\none\r\n***\n\nTitle: Two\ntwo\n***\nthree\n***\n")
    poems = load_poems(path, separator="***")
    assert [(p.title, p.text, p.source) for p in poems] == [
        ("a 1", "one", f"{path}:2"),
        ("Two", "two", f"{path}:4"),
        ("a 3", "three", f"{path}:8"),
    ]


def test_an_empty_poem_between_separators_is_named_with_its_line(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"one\n***\n\n***\ntwo\n")
    assert "a.txt:3: the poem is empty" in refusal_of(tmp_path / "a.txt", separator="***")


def test_parquet_holds_strings_or_lists_of_lines(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = pa.table({"title": ["a", "b"], "poem": [None, "two"], "lines": [["x", "y"], None], "other": [1, 2]})
    parquet.write_table(table, tmp_path / "a.parquet")
    assert [(p.title, p.text) for p in load_poems(tmp_path / "a.parquet")] == [("a", "x\ny"), ("b", "two")]


def test_a_damaged_parquet_file_is_refused_or_read_but_never_breaks(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"poem": ["one", "two"] * 9}), path)
    data = path.read_bytes()
    n_refused = 0
    for place in range(0, len(data), 7):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x41]) + data[place + 1 :])
        try:
            load_poems(path)
        except InputError:
            n_refused += 1
    assert n_refused > 0


PUNCTUATION = [b'"', b"{", b"}", b"[", b"]", b",", b":", b"\n", b"\r", b"\\", b" ", b"***", b"\xff", b"\0"]
WORDS = [b"poem", b'"poem"', b'"title"', b"a", b"1e999", b"NaN", b"null", b"\\ud800", b"Title:", b"\xe2\x80\xa8", GOOD]
PIECES = st.sampled_from([*PUNCTUATION, *WORDS, b"\xef\xbb\xbf"])


@settings(max_examples=600, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, max_size=14).map(b"".join), st.sampled_from(["json", "jsonl", "txt", "csv"]))
def test_any_bytes_are_poems_or_one_line(tmp_path, data, ending):
    path = tmp_path / f"a.{ending}"
    path.write_bytes((b"title,poem\n" if ending == "csv" else b"") + data)
    try:
        poems, message = load_poems(path, separator="***"), ""
    except InputError as exc:
        poems, message = [], str(exc)
    assert bool(poems) != message.startswith(f"{path}:")
    assert not message or message.isprintable()
    assert all(poem.text.strip() and poem.source for poem in poems)


@pytest.mark.parametrize(("name", "text", "poems"), [
    ("underlined.md", "Gate\n====\n\nIt swung\nshut.\n\nShed\n====\n\nIt leaned.\n",
     [("Gate", "It swung\nshut."), ("Shed", "It leaned.")]),
    ("breaks.md", "# Gate\n\nIt swung  \nshut.\n", [("Gate", "It swung\nshut.")]),
    ("rule.md", "# Gate\n\nIt swung\n\n====\n\nshut.\n", [("Gate", "It swung\n\n====\n\nshut.")]),
])  # fmt: skip
def test_markdown_headings_and_breaks_are_marks_and_no_text(tmp_path, name, text, poems):
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert [(poem.title, poem.text) for poem in load_poems(tmp_path / name)] == poems


def test_titles_in_bold_are_said_to_be_several_poems(tmp_path):
    (tmp_path / "bold.md").write_text(
        "**Gate**\n\nIt swung\nshut.\n\n---\n\n**Shed**\n\nIt leaned\nin.\n", encoding="utf-8"
    )
    assert "may hold 2 ('Gate', 'Shed')" in " ".join(load_poems(tmp_path / "bold.md").words)


def test_paragraphs_of_html_with_several_lines_are_stanzas(tmp_path):
    rows = '{"title": "Gate", "poem": "<p>It swung<br>shut.</p><p>It leaned<br>in.</p>"}\n'
    (tmp_path / "rows.jsonl").write_text(rows, encoding="utf-8")
    assert load_poems(tmp_path / "rows.jsonl")[0].text == "It swung\nshut.\n\nIt leaned\nin."
