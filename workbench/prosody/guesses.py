"""Guesses at how a word sounds that no dictionary has: our own by its letters, and espeak NG's where it is installed.

The rules are in `letter_rules.txt` and are tried in order at each letter; the first that fits consumes its letters.
Then one syllable is chosen to bear the stress and the short vowels elsewhere are weakened. There is no word list behind
them. Measured on dictionary words that they are not shown: see `python -m workbench.prosody.accuracy`.

For espeak the optional package `espeakng-loader` is asked first (`pip install poetry-workbench[espeak]`), then the
library of the system (Debian: `apt-get install libespeak-ng1`). Only the shared library is called, through ctypes, one
word at a time; nothing is loaded until the first unknown word asks. Where there is none, it is silent.
"""

from __future__ import annotations

import ctypes
import importlib
import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock

_VOWEL_PHONES = frozenset(["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"])
_WEAKENED = {"AE": "AH", "EH": "AH", "AA": "AH", "AO": "AO", "IH": "IH", "EY": "EY"}
_PULLS_STRESS = re.compile(r"(?:tion|sion|cian|ic|ics|ical|ity|ial|ian|ious|eous|ify|logy|graphy)s?$")
_LIGHT_PREFIX = re.compile(
    r"(?:a(?=[^aeiou]{2})|be|de|re|un|in|im|en|em|ex|con|com|dis|mis|pre|pro|sub|for|per)[^aeiouy].*[aeiouy]"
)


@cache
def _compiled() -> dict[str, list[tuple[int, str, re.Pattern[str], re.Pattern[str] | None, tuple[str, ...]]]]:
    """Rules by first letter: length, letters, pattern from here on, pattern of what comes before, phones."""
    table: dict[str, list[tuple[int, str, re.Pattern[str], re.Pattern[str] | None, tuple[str, ...]]]] = {}
    for line in _rules():
        graphs, before, after, *phones = line.split(" ")
        sounds = tuple(phone for phone in phones if phone != "-")
        for graph in graphs.split("|"):
            ahead = re.compile(re.escape(graph) + (f"(?={_classes(after)})" if after != "-" else ""))
            behind = re.compile(f"(?:{_classes(before)})$") if before != "-" else None
            table.setdefault(graph[0], []).append((len(graph), graph, ahead, behind, sounds))
    return table


def _rules() -> list[str]:
    text = Path(__file__).with_name("letter_rules.txt").read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line and not line.startswith("#")]


def _classes(pattern: str) -> str:
    return pattern.replace("V", "[aeiouy]").replace("C", "[^aeiouy]")


def guess_phones(word: str) -> tuple[str, ...]:
    """A guess at how a word sounds; empty where it holds no letter from a to z.

    >>> " ".join(guess_phones("brillig"))
    'B R IH1 L IH0 G'
    """
    plain = unicodedata.normalize("NFD", word.lower())
    letters = "".join(char for char in plain if "a" <= char <= "z")[:60]
    phones: list[str] = []
    place = 0
    while place < len(letters):
        length, sounds = _first_rule(letters, place)
        phones += sounds
        place += length
    return _stressed(letters, _without_doubles(phones))


def _first_rule(letters: str, place: int) -> tuple[int, tuple[str, ...]]:
    for length, _graph, ahead, behind, sounds in _compiled()[letters[place]]:
        if ahead.match(letters, place) and (behind is None or behind.search(letters[:place])):
            return length, sounds
    return 1, ()


def _without_doubles(phones: list[str]) -> list[str]:
    return [phone for place, phone in enumerate(phones) if place == 0 or phone != phones[place - 1]]


def _stressed(letters: str, phones: list[str]) -> tuple[str, ...]:
    """Put the digits on: one main stress, weak vowels elsewhere; () for a word without a vowel."""
    vowels = [place for place, phone in enumerate(phones) if phone in _VOWEL_PHONES]
    if not vowels:
        return ()
    main = vowels[_main_stress(letters, len(vowels))]
    for place in vowels:
        weak = _WEAKENED.get(phones[place], phones[place]) if place != vowels[-1] or phones[place] != "EY" else "EY"
        phones[place] = phones[place] + "1" if place == main else weak + "0"
    return tuple(phones)


def _main_stress(letters: str, n_vowels: int) -> int:
    """Which vowel: before the suffixes that pull it, else the first of two, else the third from the end."""
    if n_vowels == 1:
        return 0
    if _PULLS_STRESS.search(letters):
        back = 3 if re.search(r"(?:ity|ical|ify|logy|graphy|ious|eous|ial|ian)s?$", letters) else 2
        if re.search(r"(?:cious|tious|cial|tial|cian|xious)s?$", letters):
            back = 2
        return max(0, n_vowels - back)
    if n_vowels == 2:
        return 1 if _LIGHT_PREFIX.match(letters) else 0
    return max(0, n_vowels - 3)


_SYNCHRONOUS, _UTF8, _IPA = 2, 1, 2
_DO_NOT_EXIT = 0x8000  # without its data the library would end the process
_STRESS = {"ˈ": "1", "ˌ": "2"}
_SYSTEM_LIBRARIES = ("libespeak-ng.so.1", "libespeak-ng.so", "libespeak-ng.dylib", "libespeak-ng.dll")

#: IPA of the voice en-us → ARPAbet, longest first. Vowels carry no digit here.
_PHONES = {
    "aɪə": "AY AH", "aɪɚ": "AY ER", "aʊə": "AW AH", "oːɹ": "AO R", "ɔːɹ": "AO R", "ɑːɹ": "AA R", "ʊɹ": "UH R",
    "ɪɹ": "IH R", "ɛɹ": "EH R", "iə": "IY AH", "əl": "AH L", "tʃ": "CH", "dʒ": "JH", "aɪ": "AY", "aʊ": "AW",
    "eɪ": "EY", "oʊ": "OW", "ɔɪ": "OY", "iː": "IY", "uː": "UW", "ɑː": "AA", "ɔː": "AO", "ɜː": "ER", "oː": "AO",
    "ɚ": "ER", "ɪ": "IH", "ᵻ": "IH", "ɛ": "EH", "æ": "AE", "ʌ": "AH", "ə": "AH", "ɐ": "AH", "ʊ": "UH",
    "ɔ": "AO", "ɑ": "AA", "i": "IY", "u": "UW", "a": "AE", "e": "EH", "o": "OW", "θ": "TH", "ð": "DH",
    "ʃ": "SH", "ʒ": "ZH", "ŋ": "NG", "ɡ": "G", "g": "G", "ɹ": "R", "r": "R", "j": "Y", "h": "HH", "ɾ": "T",
    "ʔ": "T", "x": "K", "b": "B", "d": "D", "f": "F", "k": "K", "l": "L", "m": "M", "n": "N", "p": "P",
    "s": "S", "t": "T", "v": "V", "w": "W", "z": "Z", "n̩": "AH N", "l̩": "AH L", "ɬ": "L",
}  # fmt: skip
#: Two vowel letters that are two syllables, which espeak takes for one: noosphere, poesy.
_SEAM = re.compile(r"(?<=o)(?=o(?:sph|lo|li|pe|rdi|pt|the))|(?<=^po)(?=e[st])")
_VOWELS = frozenset(["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"])
_ENGLISH = re.compile(r"[a-z']*[a-z][a-z']*")  # letters of another script would change the voice for all later words
_one_at_a_time = Lock()  # the library keeps its state in global variables


@lru_cache(maxsize=65536)
def espeak_phones(word: str) -> tuple[str, ...]:
    """The word as espeak says it, in ARPAbet; () where espeak is not installed or says nothing usable."""
    letters = "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))
    if not _ENGLISH.fullmatch(letters):
        return ()
    with _one_at_a_time:
        library = _library()
        if library is None:
            return ()
        text = ctypes.c_char_p(_SEAM.sub("-", letters).encode())
        spoken = library.espeak_TextToPhonemes(ctypes.byref(text), _UTF8, _IPA)
    phones = arpabet(spoken.decode("utf-8", "replace")) if spoken else ()
    return _with_one_stress(phones) if _SEAM.search(word) else phones


def _with_one_stress(phones: tuple[str, ...]) -> tuple[str, ...]:
    """A word that was cut at a seam is said with a stress on either side; the second is ours."""
    main = next((place for place, phone in enumerate(phones) if phone[-1] == "1"), len(phones))
    return tuple(phone.replace("1", "0") if place > main else phone for place, phone in enumerate(phones))


def espeak_version() -> str:
    """Which espeak answers, as "1.51"; "" where none does."""
    with _one_at_a_time:
        library = _library()
        return str(library.espeak_Info(None).decode("ascii", "replace").split()[0]) if library else ""


def arpabet(ipa: str) -> tuple[str, ...]:
    """IPA with stress marks → ARPAbet with stress digits.

    >>> " ".join(arpabet("ˈlʌvlɔːɹn"))
    'L AH1 V L AO0 R N'
    """
    phones: list[str] = []
    stress, place = "0", 0
    while place < len(ipa):
        stress = _STRESS.get(ipa[place], stress)
        length = next((size for size in (3, 2, 1) if ipa[place : place + size] in _PHONES), 0)
        for phone in _PHONES[ipa[place : place + length]].split() if length else ():
            if phone in _VOWELS and phones and phones[-1] == "IH0":  # hardier, not hardyer: a high vowel before another
                phones[-1] = "IY0"
            phones.append(phone + stress if phone in _VOWELS else phone)
            stress = "0" if phone in _VOWELS else stress
        place += length or 1
    return tuple(phones)


@cache
def _library() -> ctypes.CDLL | None:
    """The shared library, started once; None where it is missing or will not start."""
    for find in (_of_the_package, *(_of_the_system(name) for name in _SYSTEM_LIBRARIES)):
        try:
            library, data = find()
            library.espeak_TextToPhonemes.restype = ctypes.c_char_p
            library.espeak_Info.restype = ctypes.c_char_p
            rate = library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DO_NOT_EXIT)
        except (ImportError, OSError, AttributeError):
            continue
        if rate > 0 and library.espeak_SetVoiceByName(b"en-us") == 0:
            return library
    return None


def _of_the_package() -> tuple[ctypes.CDLL, bytes | None]:
    loader = importlib.import_module("espeakng_loader")
    return ctypes.CDLL(str(loader.get_library_path())), str(loader.get_data_path()).encode()


def _of_the_system(name: str) -> Callable[[], tuple[ctypes.CDLL, bytes | None]]:
    return lambda: (ctypes.CDLL(name), None)
