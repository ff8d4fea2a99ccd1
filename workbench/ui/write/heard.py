"""What is heard in a poem while it is written: a gloss for each line, and the words that rhyme. Values, no page.

It is asked at every key, so lines are remembered: a key costs the line that was changed, the scheme and the form.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from html import escape
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from workbench.errors import InputError, WorkbenchError
from workbench.places import ROOT
from workbench.prosody import Reading, check_form, line_meter, pronounce, syllable_counts
from workbench.prosody.deviations import DeviationKind
from workbench.prosody.front_matter import verse_of
from workbench.prosody.rhyme_finder import KINDS, Rhyme, rhymes_for
from workbench.prosody.synonyms import entry_of, is_there, senses_of
from workbench.prosody.types import GUESSED, Sound
from workbench.prosody.vowel_marks import marked
from workbench.prosody.words import is_headword, words_of
from workbench.storage.input_files import read_text
from workbench.ui.html import note_html

MOST_CHARACTERS = 20_000
_MOST_FAULTS = 4
_NAMES = ascii_uppercase + ascii_lowercase + "αβγδεζηθικλμνξοπρστυφχψω"
_AFTER_A_WORD = re.compile(r"^[\w’'-]+")
_KEEPS = note_html("• keeps the meter of this line.")
_TITLES = {"perfect": "Perfect", "slant": "Slant", "eye": "To the eye", "mosaic": "Of several words"}


def heard(text: str, form: str = "") -> dict[str, Any]:
    """The gloss of a poem: for each line of the text its syllables, marks and rhyme letter; then scheme and faults.

    Raises:
        InputError: no form has this name, or the text is longer than is read at every key.
    """
    if len(text) > MOST_CHARACTERS:
        raise InputError(f"glosses end at {MOST_CHARACTERS} characters; the poem itself is kept whole")
    lines = text.split("\n")
    verse, passed_over = _verse(lines)
    reading = Reading("\n".join(verse))
    if reading.unsupported is not None and any(line.strip() for line in lines):
        reason = reading.unsupported.reason.removeprefix("not supported: ")
        return {"lines": [_bare(line) for line in lines], "told": reason[:1].upper() + reason[1:] + ".", "faults": []}
    letters = iter(_letters(reading))
    glosses = [
        {"text": line, **_gloss(line), "letter": next(letters, "")} if is_verse.strip() else _bare(line)
        for line, is_verse in zip(lines, verse, strict=True)
    ]
    told = _told(reading, form) + "".join(f" · “{line}” is not counted as a line" for line in passed_over)
    return {"lines": glosses, "told": told, "faults": _faults(reading, form) if form else []}


def word_html(word: str) -> str:
    """How a word is said here, and where that comes from."""
    ways = pronounce(word)
    if not ways:
        return note_html(f"‘{word}’ cannot be said.")
    sources = {Sound.SAID: "as you have said it", Sound.DICTIONARY: "by the dictionary", Sound.RULE: "by rule"}
    source = sources.get(ways[0].source, "only guessed")
    kind = "bad" if ways[0].source in GUESSED else "note"
    vowels = [phone for phone in ways[0].phones if phone[-1].isdigit()]
    n, beat = len(vowels), next((place for place, phone in enumerate(vowels, 1) if phone[-1] == "1"), 0)
    told = "one syllable" if n == 1 else f"{n} syllables" + (f", the beat on number {beat}" if beat else "")
    return note_html(f"‘{word}’: {told} ({' '.join(ways[0].phones)}), {source}", kind)


def rhymes_html(word: str, line: str) -> str:
    """What rhymes with a word, kind by kind, as buttons; those that keep the meter of the line are marked.

    Args:
        word: that is to be rhymed.
        line: that the rhyme would end: its last word gives way. "" = none is known.
    """
    found = rhymes_for(word, common_words(), most=40)
    if not found:
        return note_html(f"Nothing rhymes with ‘{word}’ here." if word.strip() else "Put the cursor on a word.")
    words = words_of(line)
    fitting = _fitting([rhyme.text for rhyme in found], line, line.rfind(words[-1]) if words else -1)
    parts = []
    for kind in KINDS:
        all_of_kind = [rhyme for rhyme in found if rhyme.kind == kind]
        of_kind = [rhyme for rhyme in all_of_kind if rhyme.is_likeliest]
        otherwise = [rhyme for rhyme in all_of_kind if not rhyme.is_likeliest]
        common = [rhyme for rhyme in of_kind if rhyme.is_common] or of_kind[:8]
        rare = [rhyme for rhyme in of_kind if rhyme not in common]
        if not all_of_kind:
            continue
        more = f"{len(rare)} rarer", f"{len(otherwise)} that rhyme only as some say these words"
        folded = "".join(
            f"<details><summary>{name}</summary>{_rhyme_chips(rhymes, fitting)}</details>"
            for name, rhymes in zip(more, (rare, otherwise), strict=True) if rhymes
        )  # fmt: skip
        parts.append(f"<h3>{_TITLES[kind]}</h3>{_rhyme_chips(common, fitting)}{folded}")
    return "".join(parts) + (_KEEPS if fitting else "")


def synonyms_html(word: str, line: str) -> str:
    """Other words for a word, a row for each sense, as buttons; those that keep the meter of the line are marked.

    Args:
        word: that gives way, where the line has it.
        line: that it is in. "" = none is known.
    """
    if not word.strip():
        return ""
    if not is_there():
        return note_html("No thesaurus is installed: pip install 'poetry-workbench[app]'.")
    if not (senses := senses_of(word)):
        return note_html(f"The thesaurus has no entry for ‘{word}’.")
    place = re.search(rf"(?<![\w’'-]){re.escape(word)}(?![\w’'-])", line)
    texts = [text for sense in senses for text in sense]
    fitting = _fitting(texts, line, place.start() if place else -1)
    rows = "".join(f"<li>{_chips([(text, _n_syllables(text)) for text in sense], fitting)}</li>" for sense in senses)
    entry = entry_of(word)
    told = note_html(f"Listed under ‘{entry}’; put the ending to it yourself.") if entry != word.lower() else ""
    return f'<ul class="wb-senses">{rows}</ul>{told}{_KEEPS if fitting else ""}'


@lru_cache(maxsize=1)
def common_words() -> tuple[str, ...]:
    """Words of the verse and prose that is shipped, the commonest first: what a rhyme is first looked for among.

    What is only ever written with a capital is a name, and is not among them.
    """
    counted: Counter[str] = Counter()
    for path in (path for name in ("poems/good", "education") for path in (ROOT / "data" / name).glob("*.jsonl")):
        counted.update(re.findall(r"\b[a-z]+\b", read_text(path).replace("\\n", " ")))
    return tuple(word for word, _ in counted.most_common() if len(word) > 1 and is_headword(word))


@lru_cache(maxsize=4096)
def _gloss(line: str) -> Mapping[str, Any]:
    counts = syllable_counts(line)
    return {
        "n": str(counts[0]) if counts and counts[0] and line.strip() else "",
        "pieces": [list(piece) for piece in marked(line)],
    }


def _bare(line: str) -> dict[str, Any]:
    """A line in which nothing is counted."""
    return {"text": line, "n": "", "letter": "", "pieces": [[line, ""]] if line else []}


def _verse(lines: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The lines with those left empty that are printed with a poem and are none of it, a dedication say; and those."""
    passed_over = verse_of("\n".join(lines)).passed_over
    waiting, verse = list(passed_over), list(lines)
    for at, line in enumerate(lines):
        if waiting and line.strip() == waiting[0]:
            del waiting[0]
            verse[at] = ""
    return verse, passed_over


def _letters(reading: Reading) -> list[str]:
    """Rhyme letters, a line without partner without one."""
    letters = reading.scheme.letters
    counts = Counter(letters)
    order = [letter for letter in dict.fromkeys(letters) if counts[letter] > 1]
    names = {letter: _name(place) for place, letter in enumerate(order)}
    return [names.get(letter, "") for letter in letters]


def _name(place: int) -> str:
    """One letter a sound, however many there are: A to Z, then small and Greek ones, then all of them numbered."""
    turn, at = divmod(place, len(_NAMES))
    return _NAMES[at] + (str(turn + 1) if turn else "")


def _told(reading: Reading, form: str) -> str:
    if not reading.lines:
        return "Nothing to hear yet."
    n = len(reading.lines)
    parts = [f"{n} line{'s' * (n != 1)}", reading.meter.name if reading.meter.name != "none" else "no regular meter"]
    return " · ".join([*parts, form] if form else parts)


def _faults(reading: Reading, form: str) -> list[str]:
    try:
        found = check_form(reading, form).faults
    except WorkbenchError as exc:
        raise InputError(str(exc)) from exc
    faults = [fault.sentence for fault in found]
    if form != "ode" and any(fault.kind is DeviationKind.LINES for fault in found):
        faults.append("Its other laws are looked at when it has its lines.")
    more = len(faults) - _MOST_FAULTS
    return [*faults[:_MOST_FAULTS], *([f"{more} more places leave the form."] if more > 0 else [])]


def _fitting(found: Iterable[str], line: str, at: int) -> frozenset[str]:
    """The words with which the line keeps the meter and the syllables that it has; they stand for what begins there."""
    meter = line_meter(line)
    if at < 0 or meter.best is None:
        return frozenset()
    head, tail = line[:at], _AFTER_A_WORD.sub("", line[at:])
    return frozenset(
        text for text in found
        if (new := line_meter(head + text + tail)).name == meter.name and new.n_syllables == meter.n_syllables
    )  # fmt: skip


def _rhyme_chips(rhymes: Sequence[Rhyme], fitting: frozenset[str]) -> str:
    return _chips([(rhyme.text, rhyme.n_syllables) for rhyme in rhymes], fitting)


def _n_syllables(text: str) -> int:
    counts = syllable_counts(text)
    return counts[0] if counts else 0


def _chips(words: Sequence[tuple[str, int]], fitting: frozenset[str]) -> str:
    """Words and their syllables as buttons, those that keep the meter first."""
    shown = sorted(words, key=lambda word: word[0] not in fitting)
    return "".join(
        f'<button type="button" class="wb-chip" data-word="{escape(text)}">{"• " * (text in fitting)}'
        f"{escape(text)} <small>{n_syllables or ''}</small></button>"
        for text, n_syllables in shown
    )
