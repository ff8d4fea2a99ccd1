"""espeak NG's opinion of a word, where it is installed; otherwise silence.

The optional package `espeakng-loader` is asked first (`pip install poetry-workbench[espeak]`), then the library of the
system (Debian: `apt-get install libespeak-ng1`). Only the shared library is called, through ctypes, one word at a time;
nothing is loaded until the first unknown word asks.
"""

from __future__ import annotations

import ctypes
import importlib
import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from threading import Lock

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
