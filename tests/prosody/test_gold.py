"""The gold set is well-formed: enough of every class, no impossible values, an honest split.

Nothing here judges the annotations themselves; that is done by ear (see ``data/gold/README.md``).
"""

import csv
import json
import string
from collections import Counter
from typing import Any

import pytest

from workbench.places import ROOT

GOLD = ROOT / "data" / "gold"
CLASSES = ["identical", "mosaic", "rich", "perfect", "feminine", "triple", "eye"]
CLASSES += ["slant", "consonance", "assonance", "unstressed", "none"]
METERS = ["iambic", "trochaic", "anapestic", "dactylic", "mixed", "none"]
LICENCES = ["inversion", "feminine", "headless", "catalectic", "elision", "spondee", "pyrrhic", "-"]
COLUMNS = {
    "rhyme_pairs": ["word_a", "word_b", "class", "split", "note"],
    "lines": ["line", "syllables", "marks", "meter", "feet", "licences", "split"],
    "words": ["word", "syllables", "split"],
}
SPLITS = {"tune", "held", "fresh"}
POEM_KEYS = ["id", "poem", "form", "scheme", "split", "broken", "what"]
FORMS = ["shakespearean sonnet", "petrarchan sonnet", "spenserian sonnet", "villanelle", "sestina", "pantoum", "ghazal"]
FORMS += ["ballad", "common meter", "quatrains AABB", "quatrains ABAB", "quatrains ABBA", "quatrains AABA"]
FORMS += ["heroic couplets", "couplets", "terza rima", "ottava rima", "rhyme royal", "spenserian stanza", "limerick"]
FORMS += ["haiku", "tanka", "cinquain", "ode", "triolet", "rondeau", "blank verse", "free verse", "prose poem"]
MAY_STAND_ALONE = {"blank verse", "free verse", "prose poem"}  # forms in which a line without a rhyme is a dot
FEWEST_LINES = {"iambic": 70, "trochaic": 25, "anapestic": 25, "dactylic": 15, "mixed": 10, "none": 25}


def read_rows(name: str) -> list[dict[str, str]]:
    with (GOLD / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def read_poems() -> list[dict[str, Any]]:
    return [
        json.loads(row) for row in (GOLD / "poems.jsonl").read_text(encoding="utf-8").removesuffix("\n").split("\n")
    ]


def held_share(rows: list[dict[str, Any]]) -> float:
    """Of the first two splits; rows that came later are drawn by themselves."""
    n_rows = Counter(row["split"] for row in rows)
    return n_rows["held"] / (n_rows["tune"] + n_rows["held"])


@pytest.mark.parametrize("name", COLUMNS)
def test_every_row_has_exactly_the_columns_of_its_file(name: str) -> None:
    rows = read_rows(name)
    assert rows
    assert [row for row in rows if list(row) != COLUMNS[name] or None in row.values()] == []


@pytest.mark.parametrize("name", COLUMNS)
def test_a_third_of_the_rows_is_held(name: str) -> None:
    rows = read_rows(name)
    assert {"tune", "held"} <= {row["split"] for row in rows} <= SPLITS
    assert held_share(rows) == pytest.approx(1 / 3, abs=0.02)


@pytest.mark.parametrize(("name", "key"), [("lines", "line"), ("words", "word")])
def test_no_entry_stands_twice(name: str, key: str) -> None:
    assert [entry for entry, n in Counter(row[key] for row in read_rows(name)).items() if n > 1] == []


def test_no_pair_stands_twice_in_either_order() -> None:
    pairs = Counter(tuple(sorted((row["word_a"], row["word_b"]))) for row in read_rows("rhyme_pairs"))
    assert [pair for pair, n in pairs.items() if n > 1] == []


def test_rhyme_classes_are_known() -> None:
    assert {part for row in read_rows("rhyme_pairs") for part in row["class"].split("|")} == set(CLASSES)


@pytest.mark.parametrize("rhyme_class", CLASSES)
def test_each_rhyme_class_has_enough_pairs_on_both_sides_of_the_split(rhyme_class: str) -> None:
    first = [row for row in read_rows("rhyme_pairs") if row["class"].split("|")[0] == rhyme_class]
    assert len(first) >= (60 if rhyme_class == "none" else 25)
    assert held_share(first) == pytest.approx(1 / 3, abs=0.05)


def test_mosaic_pairs_and_only_they_hold_a_phrase() -> None:
    rows = read_rows("rhyme_pairs")
    assert [r for r in rows if (" " in r["word_a"] + r["word_b"]) != ("mosaic" in r["class"])] == []


def test_marks_have_the_length_of_the_first_syllable_count() -> None:
    rows = read_rows("lines")
    assert [r["line"] for r in rows if len(r["marks"]) != int(r["syllables"].split("|")[0])] == []


def test_marks_are_strong_or_weak() -> None:
    assert {mark for row in read_rows("lines") for mark in row["marks"]} == {"/", "x"}


@pytest.mark.parametrize("meter", METERS)
def test_each_meter_has_enough_lines(meter: str) -> None:
    first = [row for row in read_rows("lines") if row["meter"].split("|")[0] == meter]
    assert len(first) >= FEWEST_LINES[meter]
    assert held_share(first) == pytest.approx(1 / 3, abs=0.06)


def test_feet_are_zero_in_prose_and_one_to_eight_in_verse() -> None:
    rows = read_rows("lines")
    assert [r["line"] for r in rows if (int(r["feet"]) == 0) != (r["meter"] == "none") or int(r["feet"]) > 8] == []


def test_licences_are_known() -> None:
    used = {part for r in read_rows("lines") for reading in r["licences"].split("|") for part in reading.split(",")}
    assert used == set(LICENCES)


def test_at_least_twenty_five_iambic_lines_take_a_licence() -> None:
    assert len([r for r in read_rows("lines") if r["meter"].startswith("iambic") and r["licences"] != "-"]) >= 25


@pytest.mark.parametrize("name", ["lines", "words"])
def test_syllable_counts_are_distinct_positive_numbers(name: str) -> None:
    counts = [row["syllables"].split("|") for row in read_rows(name)]
    assert [c for c in counts if len(set(c)) != len(c) or any(int(n) < 1 for n in c)] == []


def test_every_poem_has_exactly_the_keys_of_its_file() -> None:
    assert [poem["id"] for poem in read_poems() if list(poem) != POEM_KEYS] == []


def test_poem_ids_are_unique() -> None:
    poems = read_poems()
    assert len({poem["id"] for poem in poems}) == len(poems)


def test_there_are_at_least_190_poems_and_60_broken_ones() -> None:
    poems = read_poems()
    assert len(poems) >= 190
    assert len([poem for poem in poems if poem["broken"]]) >= 60


@pytest.mark.parametrize("form", FORMS)
def test_each_form_has_four_sound_examples_and_one_of_them_is_held(form: str) -> None:
    sound = [poem for poem in read_poems() if poem["form"] == form and not poem["broken"]]
    assert len(sound) >= 4
    assert "held" in {poem["split"] for poem in sound}


def test_poem_forms_are_known() -> None:
    assert {poem["form"] for poem in read_poems()} == set(FORMS)


def test_a_scheme_has_one_letter_for_each_line_of_each_stanza() -> None:
    poems = read_poems()
    shapes = {poem["id"]: [stanza.count("\n") + 1 for stanza in poem["poem"].split("\n\n")] for poem in poems}
    assert [p["id"] for p in poems if [len(part) for part in p["scheme"].split(" ")] != shapes[p["id"]]] == []


def test_no_poem_holds_an_empty_line_inside_a_stanza() -> None:
    stanzas = [(p["id"], line) for p in read_poems() for part in p["poem"].split("\n\n") for line in part.split("\n")]
    assert [poem_id for poem_id, line in stanzas if not line.strip()] == []


def test_scheme_letters_come_in_order_of_first_appearance() -> None:
    letters = string.ascii_uppercase + string.ascii_lowercase
    seen = {p["id"]: "".join(dict.fromkeys(p["scheme"].replace(" ", "").replace(".", ""))) for p in read_poems()}
    assert {poem_id: order for poem_id, order in seen.items() if not letters.startswith(order)} == {}


def test_dots_stand_only_in_forms_without_rhyme() -> None:
    assert [p["id"] for p in read_poems() if "." in p["scheme"] and p["form"] not in MAY_STAND_ALONE] == []


def test_each_broken_poem_says_at_which_line() -> None:
    broken = [poem for poem in read_poems() if poem["broken"]]
    assert [p["id"] for p in broken if "line" not in p["what"]] == []


def test_a_poem_and_its_broken_versions_stay_on_one_side() -> None:
    side = {poem["id"]: poem["split"] for poem in read_poems()}
    source = {poem_id: poem_id.removeprefix("x-").rsplit("-", 1)[0] for poem_id in side if poem_id.startswith("x-")}
    # fresh rows came last: their sound originals may have been tuned on, as the README of the gold set says
    compared = {poem_id: origin for poem_id, origin in source.items() if side[poem_id] != "fresh"}
    assert len(compared) >= 60
    assert {poem_id: side[poem_id] for poem_id, origin in compared.items() if side[origin] != side[poem_id]} == {}


def test_about_a_third_of_the_poems_is_held() -> None:
    poems = read_poems()
    assert {"tune", "held"} <= {poem["split"] for poem in poems} <= SPLITS
    assert held_share(poems) == pytest.approx(1 / 3, abs=0.04)
