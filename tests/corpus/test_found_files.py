"""Poem files as people find them: exports of tables, data sets, documents; nothing is lost without a word."""

import json
import random
import unicodedata

import pytest

from bench import foreign_files
from tests.corpus.found import GATE, SHED, quoted, read, said
from workbench.corpus.load import CorpusSettings, add_poems, describe_report, load_poems, prepare_corpus, write_poems
from workbench.corpus.poem_files import Poems
from workbench.errors import InputError
from workbench.prompts.templates import poem_target
from workbench.types import Poem

N_FILES = 300
PADDED = "\r\r\n                    {}\r\r\n                "
KAGGLE = (
    ",Title,Poem,Poet,Tags\r\n"
    + "".join(
        f'{n},"{PADDED.format(title)}","\r\r\n{text.replace(chr(10), chr(13) * 2 + chr(10))}\r\r\n",Ann Made,Nature\r\n'
        for n, (title, text) in enumerate([("Gate", GATE), ("Shed", SHED)])
    )
).encode()


def table(*rows, separator=","):
    return "\n".join(separator.join(row) for row in rows) + "\n"


# ---------------------------------------------------------------- tables


def test_line_ends_and_padding_of_an_exported_table_are_mended_and_said(tmp_path):
    poems = read(tmp_path, "poems.csv", KAGGLE)
    assert said(poems) == [("Gate", GATE), ("Shed", SHED)]
    assert poem_target(poems[0]).startswith("Title: Gate\nPoem: The gate forgot")
    path = tmp_path / "poems.csv"
    assert poems.remarks == [
        f"{path}: line ends, in 2 of 2 poems", f"{path}: the column 'Tags' is not read, in 2 of 2 poems",
    ]  # fmt: skip


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("title", ["title", "Poem Name", "poem_name", "POEM-TITLE", " Name "])
def test_separators_and_names_of_columns_are_recognised(tmp_path, separator, title):
    rows = table([title, "Poem"], ["Gate", quoted(GATE)], ["Shed", quoted(SHED)], separator=separator)
    assert said(read(tmp_path, "a.csv", rows)) == [("Gate", GATE), ("Shed", SHED)]


def test_the_first_line_of_a_spreadsheet_may_name_its_separator(tmp_path):
    rows = "sep=;\n" + table(["title", "poem"], ["Gate", quoted(GATE)], separator=";")
    assert said(read(tmp_path, "a.csv", rows)) == [("Gate", GATE)]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.json"])
def test_a_poem_may_be_longer_than_a_cell_of_python(tmp_path, name):
    text = "the long road\n" * 12_000
    separator = "\t" if name == "a.tsv" else ","
    data = json.dumps({"title": "Road", "poem": text.rstrip("\n")})
    if name.endswith("sv"):
        data = table(["title", "poem"], ["Road", quoted(text)], separator=separator)
    ((title, found),) = said(read(tmp_path, name, data))
    assert (title, found) == ("Road", text.rstrip("\n"))


def test_lines_of_an_old_macintosh_are_lines(tmp_path):
    assert said(read(tmp_path, "a.csv", f"title,poem\rGate,{quoted('one line')}\r")) == [("Gate", "one line")]


def test_one_bad_row_among_thousands_is_left_out_and_named(tmp_path):
    rows = [["title", "poem"], *([f"n{n}", quoted(f"{GATE} {n}")] for n in range(3000))]
    rows[1500] = ["Lost", ""]
    rows[2000] = ["Torn", "a", "b"]
    poems = read(tmp_path, "a.csv", table(*rows))
    assert len(poems) == 2998
    assert [remark.split(": ", 1)[1] for remark in poems.remarks] == [
        "the poem is empty, write it or remove the entry: left out",
        "3 cells under 2 columns, put quotes around cells that hold commas: left out",
    ]


def test_bad_lines_of_jsonl_are_left_out_and_named(tmp_path):
    good = json.dumps({"title": "Gate", "poem": GATE})
    path = tmp_path / "a.jsonl"
    poems = read(
        tmp_path, "a.jsonl", "\n".join([good, "{", '{"title": "no poem"}', good.replace("Gate", "Again"), good])
    )
    assert [poem.title for poem in poems] == ["Gate", "Again", "Gate"]
    assert [remark.partition(": ")[0] for remark in poems.remarks] == [f"{path}:2", f"{path}:3"]


def test_a_file_of_which_most_is_bad_is_refused_with_the_first_reason(tmp_path):
    with pytest.raises(InputError, match=r"a\.jsonl:2: no poem"):
        read(tmp_path, "a.jsonl", '{"poem": "a"}\n{"x": 1}\n{"x": 2}\n')


def test_numbers_are_text_and_nan_is_nothing(tmp_path):
    poems = read(tmp_path, "a.jsonl", '{"title": 1914, "poem": "a\\nb"}\n{"title": NaN, "poem": "c", "tags": NaN}\n')
    assert said(poems) == [("1914", "a\nb"), ("", "c")]


def test_the_report_names_what_was_left_out_and_mended(tmp_path):
    read(tmp_path, "a.csv", table(["title", "poem"], ["Gate", quoted(GATE)], ["Shed", quoted(SHED)], ["Lost", ""]))
    read(tmp_path, "b.csv", KAGGLE.replace(b"gate", b"door").replace(b"shed", b"barn"))
    report = prepare_corpus(CorpusSettings(poems=str(tmp_path)), seed=1, count_tokens=len).report
    told = describe_report(report)
    assert "a.csv:6: the poem is empty, write it or remove the entry: left out" in told
    assert "b.csv: line ends, in 2 of 2 poems" in told


# ---------------------------------------------------------------- what machines leave in texts


@pytest.mark.parametrize(("found", "right", "word"), [
    ("a gate<br>a shed", "a gate\na shed", "HTML"),
    ("a gate<br />\na shed", "a gate\na shed", "HTML"),
    ("<p>a gate</p><p>a shed</p>", "a gate\na shed", "HTML"),
    ("salt &amp; bread &#8212; &quot;ours&quot;", 'salt & bread — "ours"', "HTML"),
    ("&nbsp;&nbsp;indented", "  indented", "HTML"),
    ("a gate\\na shed", "a gate\na shed", "\\n"),
    ("a gate\\r\\na shed", "a gate\na shed", "\\n"),
    ("a gate\r\r\na shed\r\n", "a gate\na shed", "line ends"),
])  # fmt: skip
@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.json", "a.csv", "a.parquet"])
def test_what_a_machine_left_in_a_text_is_mended_and_said_in_one_word(tmp_path, name, found, right, word):
    if name == "a.parquet":
        pa = pytest.importorskip("pyarrow")
        from pyarrow import parquet

        parquet.write_table(pa.table({"poem": [found]}), tmp_path / name)
        poems = load_poems(tmp_path / name)
    else:
        data = table(["poem"], [quoted(found)]) if name == "a.csv" else json.dumps({"poem": found})
        poems = read(tmp_path, name, data)
    assert poems[0].text.strip("\n") == right.strip("\n")
    assert poems.remarks == [f"{tmp_path / name}: {word}, in 1 of 1 poems"]


@pytest.mark.parametrize("text", ["a < b and c > d", "AT&T; no", "1 &c 2", "a\\b", "path\\names\nwith a line"])
def test_what_only_looks_like_a_machine_s_is_kept(tmp_path, text):
    poems = read(tmp_path, "a.jsonl", json.dumps({"poem": text}))
    assert (poems[0].text, poems.remarks) == (text, [])


def test_tags_in_a_text_file_are_kept_and_said(tmp_path):
    text = "The gate sings,<br>\nthe postman has to wait."
    (tmp_path / "gate.txt").write_text(text)
    poems = load_poems(tmp_path / "gate.txt")
    assert poems[0].text == text
    assert "<br> is kept as text" in poems.remarks[0]


@pytest.mark.parametrize("text", ["a<br>b", "&amp;", "a\\nb", "a\r\r\nb", "\n\n a \n\n"])
@pytest.mark.parametrize("name", ["a.txt", "own.jsonl"])
def test_a_person_s_text_stays_byte_for_byte(tmp_path, text, name):
    poem = Poem(title="t", text=text)
    if name == "a.txt":
        assert read(tmp_path, name, text + "\n")[0].text == text
    else:
        add_poems(tmp_path / name, [poem])
        add_poems(tmp_path / name, [Poem(title="u", text="other")])
        assert [(one.title, one.text) for one in load_poems(tmp_path / name)] == [("t", text), ("u", "other")]


def test_own_poems_with_a_bad_line_are_never_written_over(tmp_path):
    path = tmp_path / "own.jsonl"
    write_poems(path, [Poem(title="t", text="one"), Poem(title="u", text="two")])
    before = path.read_bytes() + b"{torn\n"
    path.write_bytes(before)
    with pytest.raises(InputError, match=r"own\.jsonl:3"):
        add_poems(path, [Poem(title="v", text="three")])
    assert path.read_bytes() == before


# ---------------------------------------------------------------- what counts as the same


def test_of_duplicates_the_cleanest_is_kept(tmp_path):
    dirty = Poem(title="Gate", text=GATE.replace("\n", "\r\r\n") + "\r\r\n\r\r\n")
    tagged = Poem(title="Gate", text=GATE.replace("\n", "<br>") + " <br>")
    for number, poems in enumerate(([dirty, Poem(title="Gate", text=GATE)], [Poem(title="Gate", text=GATE), tagged])):
        path = tmp_path / f"{number}.jsonl"
        write_poems(path, [*poems, Poem(title="Shed", text=SHED)])
        corpus = prepare_corpus(CorpusSettings(poems=str(path)), seed=1, count_tokens=len)
        assert GATE in {poem.text for poem in (*corpus.training, *corpus.held_out)}


@pytest.mark.parametrize("text", ["Café naïve, garçon élan über", "é", "ő\nű"])
def test_composed_and_decomposed_letters_are_the_same_text(tmp_path, text):
    forms = [
        Poem(title=unicodedata.normalize(form, "É"), text=unicodedata.normalize(form, text)) for form in ("NFC", "NFD")
    ]
    assert forms[0].id == forms[1].id
    write_poems(tmp_path / "a.jsonl", [*forms, Poem(title="Shed", text=SHED)])
    corpus = prepare_corpus(CorpusSettings(poems=str(tmp_path)), seed=1, count_tokens=len)
    assert [item.reason for item in corpus.report.left_out] == ["duplicate"]
    assert add_poems(tmp_path / "own.jsonl", forms).n_added == 1


# ---------------------------------------------------------------- damage


def test_whole_files_of_every_dialect_are_read_whole(tmp_path):
    for seed in range(N_FILES):
        made = foreign_files.whole_file(random.Random(seed))  # noqa: S311 - no secret
        (tmp_path / made.name).write_bytes(made.data)
        poems = load_poems(tmp_path / made.name, separator="***" if made.name[-3:] in ("txt", ".md") else "")
        assert [poem.text for poem in poems] == list(made.texts), (seed, made.data)


def test_damaged_files_lose_nothing_without_a_word(tmp_path):
    """`python -m bench.foreign files 10000` for more."""
    found = [foreign_files.trial(seed, tmp_path) for seed in range(N_FILES)]
    assert [one for one in found if one.outcome in ("lost", "traceback")] == []
    assert {one.outcome for one in found} == {"read", "named", "refused"}


def test_a_loss_without_a_word_would_be_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(Poems, "remarks", [])
    assert any(foreign_files.trial(seed, tmp_path).outcome == "lost" for seed in range(N_FILES))


# ---------------------------------------------------------------- what cannot be seen


@pytest.mark.parametrize("hidden", ["\u200b", "\ufeff", "\u2060", "\u200e", "\u00ad"])
def test_a_header_with_characters_that_cannot_be_seen_is_its_name(tmp_path, hidden):
    poems = read(tmp_path, "a.csv", f"{hidden}title{hidden},po{hidden}em\nGate,{quoted(GATE)}\n")
    assert said(poems) == [("Gate", GATE)]


@pytest.mark.parametrize("end", ["\u2028", "\x85", "\x0b"])
def test_other_ends_of_lines_in_rows_are_mended_and_said(tmp_path, end):
    row = json.dumps({"title": "Gate", "poem": GATE.replace("\n", end)}, ensure_ascii=False)
    poems = read(tmp_path, "a.jsonl", row)
    assert said(poems) == [("Gate", GATE)]
    assert "line ends" in poems.remarks[0]


def test_other_ends_of_lines_in_a_text_are_kept_and_said(tmp_path):
    poems = read(tmp_path, "a.txt", GATE.replace("\n", "\u2028") + "\n")
    assert poems[0].text == GATE.replace("\n", "\u2028")
    assert "U+2028" in poems.remarks[0]
    assert "save it" in poems.remarks[0]


def test_of_entries_on_one_line_the_bad_one_is_named_by_its_number(tmp_path):
    rows = [{"title": "Gate", "poem": GATE}, {"title": "Shed", "poem": SHED}, {"title": "None", "poem": None}]
    poems = read(tmp_path, "a.json", json.dumps(rows))
    assert len(poems) == 2
    assert ":1: entry 3: the field 'poem' is empty" in poems.remarks[0]


def test_a_mark_of_byte_order_in_the_middle_of_joined_files_is_no_part_of_a_title(tmp_path):
    file = tmp_path / "joined.csv"
    file.write_text("\ufefftitle,poem\nRope,It is wet.\n\ufeffBoat,It is out.\n", encoding="utf-8")
    found = load_poems(file)
    assert [poem.title for poem in found] == ["Rope", "Boat"]
    assert found.remarks == [f"{file}: byte order mark, in 1 of 2 poems"]


@pytest.mark.parametrize(("data", "reason"), [
    (b"\0" * 500, "it holds nothing but NUL bytes, restore it from a copy"),
    ("title,poem\nRope,wet".encode("utf-32"), "this is UTF-32, save it as UTF-8"),
    (b"title,poem\n" + b"T" * 10_001 + b",It is wet.\n", "the title is longer than 10000 characters, shorten it"),
])  # fmt: skip
def test_a_file_that_cannot_be_used_says_what_it_is(tmp_path, data, reason):
    file = tmp_path / "poems.csv"
    file.write_bytes(data)
    with pytest.raises(InputError, match=reason):
        load_poems(file)
