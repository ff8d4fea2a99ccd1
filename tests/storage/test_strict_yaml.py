"""YAML that may be hostile is text, a number, a list, a mapping, or one line that says why not."""

import os
from pathlib import Path

import pytest

from workbench.errors import ConfigError
from workbench.storage.strict_yaml import MAX_YAML_BYTES, MAX_YAML_DEPTH, parsed_yaml, read_yaml

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: !!int x", "tag"),
        ("a: !!bool perhaps", "tag"),
        ("a: !!timestamp now", "tag"),
        ("a: !!float x", "tag"),
        ("a: !!null x", "tag"),
        ("a: !!binary '%%%'", "tag"),
        ("a: !!set {x}", "tag"),
        ("a: !!omap [x]", "tag"),
        ("a: !!python/object/apply:os.system ['true']", "tag"),
        ("a: !local x", "tag"),
        ("a: ! x", "tag"),
        (BOMB, "repeats a whole section"),
        ("a: &a {b: *a}", "repeats a whole section"),
        ("a: &x [*x]", "repeats a whole section"),
        ("<<: &m {a: 1}\nb: {<<: *m}", "repeats a whole section"),
        ("a: *nobody", "undefined alias"),
        ("a: " + "9" * 5000, "not usable"),
        ("[" * (MAX_YAML_DEPTH + 1), "in one another"),
        ("- " * 5000, "in one another"),
        ("? " * 5000, "in one another"),
        ("{a: " * 5000, "in one another"),
        ("a: 1\na: 2", "given twice"),
        ("1: a", "not a word"),
        ("[a]: b", "not a word"),
        ("{a: b}: c", "not a word"),
        ("~: c", "not a word"),
        ("yes: c", "not a word"),
        ("a: 'open", ""),
        ("a: b: c", ""),
        ("\ta: b", ""),
        ("a: \x07", ""),
        ("\x00", ""),
        ("%YAML 9.9\n---\na: 1", ""),
        ("%TAG ! tag:x,2000:\n---\na: !b c", "tag"),
        ("a: 1\n---\nb: 2", ""),
        ("a: |9\n x", ""),
        ("a: @b", ""),
        ("a: `b`", ""),
        ("- a\nb: c", ""),
        ("a: 1\n" * 30_000, ""),
    ],
)
def test_hostile_yaml_is_one_line(text: str, said: str):
    with pytest.raises(ConfigError) as caught:
        parsed_yaml(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_date_is_text_even_where_it_is_none():
    assert parsed_yaml("[2024-01-01, 2024-99-99, 2024-01-01T99:99:99Z]") == [
        "2024-01-01", "2024-99-99", "2024-01-01T99:99:99Z"]  # fmt: skip


@pytest.mark.parametrize(("written", "read"), [
    ("12:30:45", "12:30:45"), ("1:30.5", "1:30.5"), ("012", "012"), ("0o17", "0o17"), ("1:2:3e999", "1:2:3e999"),
    ("1_000", 1000), ("0x1F", 31), ("+7", 7), ("-3", -3), ("0", 0), ("1e-5", 1e-5), (".5", 0.5), ("2.", 2.0),
])  # fmt: skip
def test_only_what_looks_like_one_is_a_number(written: str, read: object):
    assert parsed_yaml(f"a: {written}") == {"a": read}


def test_an_alias_of_a_text_is_that_text():
    assert parsed_yaml("a: &words whole sentences\nb: *words") == {"a": "whole sentences", "b": "whole sentences"}


def test_the_message_names_the_line(tmp_path: Path):
    path = tmp_path / "odd.yaml"
    path.write_text("a: 1\nb: !!int x\n")
    with pytest.raises(ConfigError, match=r"odd\.yaml:2: "):
        read_yaml(path)


@pytest.mark.parametrize("name", ["none.yaml", ".", "x" * 5000, "a\0b"])
def test_what_is_not_a_file_is_one_line(tmp_path: Path, name: str):
    with pytest.raises(ConfigError) as caught:
        read_yaml(tmp_path / name)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_file_of_another_kind_or_size_is_refused_before_it_is_parsed(tmp_path: Path):
    path = tmp_path / "odd.yaml"
    for raw in (b"a: \xff\xfe", b"# " + b"x" * MAX_YAML_BYTES, b"- a"):
        path.write_bytes(raw)
        with pytest.raises(ConfigError, match=r"odd\.yaml"):
            read_yaml(path)
    with pytest.raises(ConfigError, match="zero"):
        read_yaml(Path("/dev/zero"))


def test_a_byte_order_mark_is_not_a_key(tmp_path: Path):
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfseed: 7\n")
    assert read_yaml(path) == {"seed": 7}


def test_a_named_pipe_is_named_and_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "job.yaml")
    with pytest.raises(ConfigError, match="it is a named pipe, name a file"):
        read_yaml(tmp_path / "job.yaml")


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "\ufeff", "null\n"])
def test_a_file_without_a_setting_asks_for_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="no setting in it; write one, or"):
        read_yaml(path)


def test_an_empty_mapping_asks_for_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.write_text("{}\n", encoding="utf-8")
    assert read_yaml(path) == {}


@pytest.mark.parametrize("text", ["seed = 7", "seed\uff1a 7", "seed:\u00a07"])
def test_other_signs_than_a_colon_and_a_blank_are_shown_with_what_to_write(tmp_path: Path, text: str) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"found 'seed.*; write `name: value`"):
        read_yaml(path)
