"""How a person says a word: corrections that come before the dictionary, for one poem or for good.

    Niger=N AY1 JH ER0     the phones of the dictionary, a digit after each vowel (1 stressed, 2 half, 0 not)
    Niger=NYE-jer          its syllables as an English reader would say them, the stressed one in capitals
    Niger=~tiger           it rhymes with this word, and begins as it is spelled
    Niger=x/               the stresses alone: x weak, / stressed

What is corrected for good is kept in `data/said.txt`, one `word = how` a line, `#` before a remark: a plain file, to be
edited by hand, that nothing else reads or writes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from workbench.errors import InputError
from workbench.places import located, written
from workbench.prosody.guesses import guess_phones
from workbench.prosody.lexicon import pronounce
from workbench.prosody.nearness import CONSONANTS, VOWELS
from workbench.prosody.words import dictionary_phones, normalised, replace_said, said_now, words_of
from workbench.storage.atomic import disk_errors, write_file
from workbench.storage.input_files import read_text, refusal

Phones = tuple[str, ...]

_PATTERN = re.compile(r"[x/\s]+")
_PACKAGE = "workbench.prosody"
_HOW = "write Niger=N AY1 JH ER0, Niger=NYE-jer, Niger=~tiger or Niger=/x"
_one_at_a_time = RLock()  # the table and the caches belong to the whole process


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One correction."""

    word: str  # in small letters
    how: str  # as the person wrote it
    phones: Phones


def saying(text: str) -> Saying:
    """A correction as a person writes it.

    Raises:
        InputError: one line that says what is wrong with it and how to write it.

    >>> for text in ("Niger=N AY1 JH ER0", "Niger=NYE-jer", "Niger=~tiger", "July=/x"):
    ...     print(" ".join(saying(text).phones))
    N AY1 JH ER0
    N AY1 JH ER0
    N AY1 G ER0
    JH UW1 L AY0
    """
    word, sign, how = (part.strip() for part in text.partition("="))
    names = words_of(word)
    if not sign or len(names) != 1 or len(names[0]) != len(word):
        raise InputError(f"{text.strip()[:60]!r}: not a word and how it is said; {_HOW}")
    key = normalised(word).lower()
    try:
        phones = _phones(key, how)
    except ValueError as exc:
        raise InputError(f"{text.strip()[:60]!r}: {exc}") from exc
    return Saying(word=key, how=how, phones=phones)


@contextmanager
def said_so(sayings: Iterable[Saying]) -> Iterator[None]:
    """While it lasts, these words are said so, besides those that are said so already.

    The sounds of words are remembered by the whole process: inside, every thread hears the corrected words, and what
    was remembered is forgotten at both ends. One correction waits for another.
    """
    new = {one.word: (one.phones,) for one in sayings}
    if not new:
        yield
        return
    with _one_at_a_time:
        before = said_now()
        say_for_good({**before, **new})
        try:
            yield
        finally:
            say_for_good(before)


def say_for_good(table: dict[str, tuple[Phones, ...]]) -> None:
    """From now on these words are said so in this process, and no other corrections hold."""
    with _one_at_a_time:
        replace_said(table)
        for name, module in list(sys.modules.items()):
            if name.startswith(_PACKAGE):
                _forget(module)


def _forget(module: object) -> None:
    """Drop what a module remembers of words; tables that are read from files once have no limit and stay."""
    for thing in list(vars(module).values()):
        info = getattr(thing, "cache_info", None)
        if info is not None and info().maxsize is not None:
            thing.cache_clear()


# ---------------------------------------------------------------- reading how


def _phones(word: str, how: str) -> Phones:
    """How, in whichever of the four ways it is written; ValueError with the reason where in none."""
    if not how:
        raise ValueError(f"nothing after '='; {_HOW}")
    tokens = tuple(how.split())
    if all(token.rstrip("012") in VOWELS | CONSONANTS for token in tokens):
        return _spelled_out(tokens)
    if _PATTERN.fullmatch(how):
        return _stressed_so(word, "".join(tokens))
    if how.startswith(("~", "rhymes with ")):
        return _rhyming(word, how.removeprefix("~").removeprefix("rhymes with ").strip())
    return _by_syllables(how)


def _spelled_out(tokens: Phones) -> Phones:
    for token in tokens:
        if (token.rstrip("012") in VOWELS) != token[-1].isdigit() or len(token) > 3:
            raise ValueError(f"{token!r} needs one digit 0, 1 or 2 if it is a vowel and none if not: N AY1 JH ER0")
    if not any(token[-1] == "1" for token in tokens):
        raise ValueError("no vowel carries the stress 1: N AY1 JH ER0")
    return tokens


def _stressed_so(word: str, marks: str) -> Phones:
    ways = [way.phones for way in pronounce(word)]
    fitting = next((way for way in ways if sum(phone[-1].isdigit() for phone in way) == len(marks)), None)
    if fitting is None or "/" not in marks:
        counts = " or ".join(map(str, sorted({sum(phone[-1].isdigit() for phone in way) for way in ways}))) or "no"
        raise ValueError(f"{marks!r} is for {len(marks)}, {word!r} has {counts} syllables; one mark a syllable, one /")
    digits = iter("1" if mark == "/" else "0" for mark in marks)
    return tuple(phone[:-1] + next(digits) if phone[-1].isdigit() else phone for phone in fitting)


def _rhyming(word: str, model: str) -> Phones:
    """The beginning of a word with the rhyming part of another."""
    theirs = dictionary_phones(model.lower())
    if not theirs:
        raise ValueError(f"the dictionary does not have {model[:40]!r}; name a word that it has: ~tiger")
    main = max(place for place, phone in enumerate(theirs[0]) if phone[-1] == "1")
    rime = theirs[0][main:]
    mine = pronounce(word)[0].phones if pronounce(word) else ()
    vowels = [place for place, phone in enumerate(mine) if phone[-1].isdigit()]
    n_rhyming = min(sum(phone[-1].isdigit() for phone in rime), len(vowels))
    head = mine[: vowels[-n_rhyming]] if vowels else mine
    return (*(phone[:-1] + "0" if phone[-1].isdigit() else phone for phone in head), *rime)


def _by_syllables(how: str) -> Phones:
    """NYE-jer: each part by the dictionary or by its letters, the one in capitals stressed."""
    parts = [part for part in re.split(r"[-\s]+", how) if part]
    if len(parts) > 1 and sum(part.isupper() for part in parts) != 1:
        raise ValueError("write its syllables with hyphens and the stressed one in capitals: NYE-jer")
    phones: list[str] = []
    for part in parts:
        ways = [] if not part.isalpha() else [*dictionary_phones(part.lower()), guess_phones(part)]
        one = next((way for way in ways if sum(phone[-1].isdigit() for phone in way) == 1), None)
        if one is None:
            raise ValueError(f"{part[:40]!r} is not one syllable that can be said; cut it with hyphens: NYE-jer")
        stress = "1" if part.isupper() or len(parts) == 1 else "0"
        phones += [phone[:-1] + stress if phone[-1].isdigit() else phone for phone in one]
    return tuple(phones)


SAID_FILE = Path("data/said.txt")
_HEAD = "# How words are said here, before what the dictionary has: word = N AY1 JH ER0, NYE-jer, ~tiger or /x"


def use_said() -> None:
    """From now on this process says the words as the file has them; without a file nothing changes.

    Raises:
        InputError: `file:line: reason` for a line that is not a correction.
    """
    path = located(SAID_FILE)
    if path.is_file():
        say_for_good({one.word: (one.phones,) for one in read_said(path)})


def read_said(path: Path) -> list[Saying]:
    """The corrections of a file, in its order; of two for one word the later holds.

    Raises:
        InputError: `file:line: reason` for a line that is not a correction.
    """
    found: dict[str, Saying] = {}
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                one = saying(line)
            except InputError as exc:
                raise refusal(path, str(exc), number) from exc
            found[one.word] = one
    return list(found.values())


def keep_said(one: Saying) -> Path:
    """Write a correction into the file, in the place of an older one of the same word; every other line stays.

    Returns:
        The file.

    Raises:
        StoreError: the disk.
    """
    return _rewrite(one.word, [f"{one.word} = {one.how}"])


def forget_said(word: str) -> Path:
    """Take the correction of a word out of the file.

    Raises:
        InputError: the file does not correct this word.
    """
    path = located(SAID_FILE)
    if not path.is_file() or word.lower() not in [one.word for one in read_said(path)]:
        raise InputError(f"{path}: no correction of {word[:40]!r} in it; `prosody said` lists those that hold")
    return _rewrite(word.lower(), [])


def _rewrite(word: str, new: list[str]) -> Path:
    old = located(SAID_FILE)
    lines = read_text(old).rstrip("\n").split("\n") if old.is_file() else [_HEAD]
    kept = [line for line in lines if line.startswith("#") or line.partition("=")[0].strip().lower() != word]
    path = written(SAID_FILE)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, ("\n".join([*kept, *new]) + "\n").encode())
    return path
