"""Forty poems and a twin, and rows of six tasks about them."""

import json
from dataclasses import replace

from workbench.education.types import Finding, Gate, GateReason, Judged, Row

N_POEMS = 40
NOUNS = ("anvil", "basin", "candle", "drawer", "engine", "feather", "gutter", "hammer", "inkwell", "jar")
VERBS = ("lends", "drops", "carries", "forgets")
RHYMES = (("moon", "tune"), ("bag", "flag"), ("light", "kite"), ("stone", "phone"))


def poem(number):
    """A quatrain ABAB that shares few words with the others."""
    noun, verb = NOUNS[number % 10], VERBS[number // 10]
    (a, c), (b, d) = RHYMES[number % 4], RHYMES[(number + 1) % 4]
    return "\n".join((f"The {noun} {verb} the {a}", f"a {noun}'s number {number} {b},",
                      f"{verb} whatever {noun}s {c}", f"and {number} more to {d}."))  # fmt: skip


def all_but_empty_pass(rows, library, *, near_duplicate):
    empty = Finding(gate=Gate.FORMAT, reason=GateReason.EMPTY, detail="text")
    return [Judged(row=row, findings=() if row.text or row.brief else (empty,)) for row in rows]


def write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def rows_of_tasks():
    numbers = range(N_POEMS)
    rhymed = {"form": "quatrains ABAB", "scheme": "ABAB", "end_words": ("moon",)}
    return {
        "critique": [Row(task="critique", poem=title, text=text) for title, text in
                     [("Twin", "On it."), ("P30", ""), *((f"P{n}", f"On {n}.") for n in numbers[:20])]],
        "comparison": [Row(task="comparison", poem_a=f"P{n}", poem_b=f"P{n + 1}", text=f"{n}, by far.", stronger="A")
                       for n in range(24, 40, 2)],
        "lesson": [Row(task="lesson", question=f"What does a {noun} teach about the art of rhyme?", text=f"Of {noun}s.")
                   for noun in NOUNS],
        "autopsy": [Row(task="autopsy", poem="Hearts", text="It died early.")],
        "poet_pair": [pair("poet_pair", n) for n in numbers[:20]],
        "rhyme_pair": [replace(pair("rhyme_pair", n), **rhymed) for n in numbers[10:40]],
    }  # fmt: skip


def pair(task, n):
    asked = f"{NOUNS[n % 10]} {VERBS[n // 10]} for {task} {n}"
    return Row(task=task, poem=f"P{n}", request=asked, brief=f"ANGLE: {asked}, from below.")


def words(prompt, target):
    """The lengths that these tests count in."""
    return sum(len(message.content.split()) for message in prompt), len(target.split())
