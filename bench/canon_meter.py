"""Meter and form of the canon: poems against `canon.tsv`, lines beside `prosodic`, and lines damaged on purpose.

`form named`: the best guess is a name that the table allows; `kept`: and no fault is found in it. `broken caught`: the
same poems with one line changed (its rhyme spoiled, two weak words taken out, or the whole line lost) no longer keep
the form. `meter, poem` and `meter, line` count the table's meter: of a line whose poem has lines of one length, or a
pattern of lengths, whether it is heard in it.

`prosodic` is asked line by line in an environment of its own, where one is given, for one line in `EVERY`, drawn by a
hash of poem and line: `lines agree` counts those for which both say the same number of beats. Where they differ,
`canon_verdicts.tsv` says how many beats the line has, judged once by reading it, without the text.
"""

import json
import random
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from zlib import crc32

from bench.canon import CanonPoem, Fact, verdicts
from workbench.prosody.form_checks import check_form
from workbench.prosody.reading import Reading
from workbench.prosody.report import ProsodyReport, prosody_report
from workbench.prosody.syllables import syllable_counts
from workbench.prosody.words import words_of

SPLITS = ("seen", "held", "fresh")
PEER = Path(__file__).resolve().parent / "prosodic_peer.py"
EVERY = 12
LONE = "wolf"  # no English word rhymes with it
#: Forms whose lines all have five feet, so that a line without two weak words is too short.
FIVE_FEET = frozenset({"shakespearean sonnet", "petrarchan sonnet", "heroic couplets", "blank verse", "ottava rima"})
Table = dict[str, dict[str, str]]


def judge_forms(poems: Sequence[CanonPoem], known: dict[str, Fact]) -> tuple[Table, list[str]]:
    """Forms, meters and damaged poems: a table with a column a split, and what a seen poem is misheard as."""
    rights: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    missed: list[str] = []
    for poem in poems:
        fact = known.get(poem.id)
        if fact is None or not (fact.form or fact.meter):
            continue
        report = prosody_report(poem.text)
        for measure, right in _judged(report, fact):
            rights[measure][fact.split].append(right)
            if not right and fact.split == "seen":
                missed.append(f"{poem.id}\t{measure}\t{report.form}\t{report.meter}")
        if _keeps(report, fact):
            caught = [not check_form(text, report.form).passed for text in damaged(poem, report.form)]
            rights["broken caught"][fact.split] += caught
    return {measure: {split: _share(found[split]) for split in SPLITS} for measure, found in rights.items()}, missed


def _judged(report: ProsodyReport, fact: Fact) -> Iterator[tuple[str, bool]]:
    if fact.form:
        yield "form named", report.form in fact.form.split("|")
        yield "form named and kept", _keeps(report, fact)
    if fact.meter:
        names = fact.meter.split("|")
        yield "meter, poem", report.meter in names
        wanted = [feet for name in names if (feet := _feet(name))]
        for index, line in enumerate(report.lines if wanted else ()):
            yield "meter, line", any(line.meter == feet[index % len(feet)] for feet in wanted)


def _keeps(report: ProsodyReport, fact: Fact) -> bool:
    return report.form in fact.form.split("|") and report.check is not None and report.check.passed


def _feet(name: str) -> list[str]:
    """The names that the lines of a meter have, going round; [] for a meter that does not say."""
    lengths = ("monometer", "dimeter", "trimeter", "tetrameter", "pentameter", "hexameter", "heptameter", "octameter")
    if name in ("common meter", "ballad meter"):
        name = "iambic 4-3"
    kind, _, rest = name.partition(" ")
    if rest in lengths:
        return [name]
    return [f"{kind} {lengths[int(n) - 1]}" for n in rest.split("-")] if rest.replace("-", "").isdigit() else []


def damaged(poem: CanonPoem, form: str) -> Iterator[str]:
    """The poem with one line changed by chance, in each way that its form forbids."""
    chance = random.Random(poem.id)  # noqa: S311 - damage, not secrets
    rhymed, places = form != "blank verse", _places(poem.text)
    if rhymed and "ABCB" not in form and form not in ("ballad", "common meter", "irregular rhyme", "rhymed stanzas"):
        at = chance.choice(places)
        yield _with(poem.text, at, _head(poem.text.split("\n")[at]) + LONE)
    if form in FIVE_FEET:
        at = chance.choice(places)
        shorter = _without_two(poem.text.split("\n")[at], chance)
        if shorter:
            yield _with(poem.text, at, shorter)
    if rhymed and form not in ("irregular rhyme", "rhymed stanzas", "ode"):
        at = chance.choice(places)
        yield "\n".join(line for place, line in enumerate(poem.text.split("\n")) if place != at)


def _places(text: str) -> list[int]:
    return [place for place, line in enumerate(text.split("\n")) if line.strip()]


def _with(text: str, at: int, line: str) -> str:
    lines = text.split("\n")
    return "\n".join([*lines[:at], line, *lines[at + 1 :]])


def _head(line: str) -> str:
    words = words_of(line)
    return line.rpartition(words[-1])[0] if words and words[-1] in line else f"{line} "


def _without_two(line: str, chance: random.Random) -> str:
    words = line.split()
    pairs = [at for at in range(len(words) - 2) if syllable_counts(" ".join(words[at : at + 2])) == (2,)]
    if not pairs:
        return ""
    at = chance.choice(pairs)
    return " ".join([*words[:at], *words[at + 2 :]])


def _share(rights: Sequence[bool]) -> str:
    return f"{sum(rights)}/{len(rights)} {100 * sum(rights) / len(rights):.1f} %" if rights else "-"


# ---------------------------------------------------------------- beside prosodic


def judge_lines(poems: Sequence[CanonPoem], known: dict[str, Fact], python: str) -> tuple[Table, list[str]]:
    """Beats of each line drawn, ours and those of `prosodic`; where they differ, who is right by the verdicts."""
    judged = verdicts("meter")
    drawn = {poem: _drawn(poem) for poem in poems if poem.id in known and known[poem.id].meter}
    theirs = iter(_asked([poem.lines[number - 1] for poem, numbers in drawn.items() for number in numbers], python))
    counts: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    differing: list[str] = []
    for poem, numbers in drawn.items():
        split, heard = known[poem.id].split, Reading(poem.text).meter.lines
        for number in numbers:
            best, other = heard[number - 1].best, next(theirs)
            mine = len(best.feet) if best else 0
            counts["lines agree"][split].append(mine == other)
            if mine == other:
                continue
            verdict = judged.get((poem.id, (number,)))
            counts["differ, judged"][split].append(verdict is not None)
            if verdict is not None:
                truth = verdict.truth.split("|")
                counts["differ, ours right"][split].append(str(mine) in truth)
                counts["differ, theirs right"][split].append(str(other) in truth)
            differing.append(f"{poem.id}\t{number}\tours {mine}\tprosodic {other}")
    return {measure: {split: _share(found[split]) for split in SPLITS} for measure, found in counts.items()}, differing


def _drawn(poem: CanonPoem) -> list[int]:
    """The lines of a poem that are asked about, from 1."""
    return [number for number in range(1, len(poem.lines) + 1) if crc32(f"{poem.id} {number}".encode()) % EVERY == 0]


def _asked(lines: Sequence[str], python: str) -> list[int]:
    """The beats that `prosodic` hears in each line; 0 where it hears none."""
    with tempfile.TemporaryDirectory() as folder:
        task, answer = Path(folder) / "task.json", Path(folder) / "answer.json"
        task.write_text(json.dumps({"warm_up": [], "poems": [], "lines": list(lines)}), "utf-8")
        subprocess.run([python, str(PEER), str(task), str(answer)], check=True, cwd=folder)
        found = json.loads(answer.read_text("utf-8"))["lines"]
    return [((one.get("lines") or [None])[0] or {"n_feet": 0})["n_feet"] for one in found]
