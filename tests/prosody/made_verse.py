"""Verse put together out of rhyme words, to a scheme and a number of feet."""

import json
from collections.abc import Iterator

from workbench.places import ROOT

GOOD = ROOT / "data" / "poems" / "good"
ENDS = {
    "A": "day way say play may clay gray tray stay pay hay lay ray sleigh",
    "B": "night light sight white bright kite bite right tight height",
    "C": "sea tree free three bee knee key tea flea glee",
    "D": "stone bone throne phone cone loan groan moan drone zone",
    "E": "rain pain train chain plane brain crane drain grain stain",
    "F": "door floor store four more core shore roar pour war",
    "G": "mouse house blouse spouse louse grouse",
}


def verse(scheme: str, *, n_feet: int = 5) -> str:
    """Iambic lines whose ends sound as the scheme says; a space starts a stanza."""
    ends = {letter: iter(words.split()) for letter, words in ENDS.items()}
    stanzas = [[f"{'the cat ' * (n_feet - 1)}the {next(ends[letter])}" for letter in unit] for unit in scheme.split()]
    return "\n\n".join("\n".join(stanza) for stanza in stanzas)


def poems_in(form: str) -> list[str]:
    """The project's own poems that claim a form."""
    return [record["poem"] for record in records() if record["form"] == form]


def records() -> Iterator[dict[str, str]]:
    for path in sorted(GOOD.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line:
                yield json.loads(line)
