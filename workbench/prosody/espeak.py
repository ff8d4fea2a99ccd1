"""espeak NG's opinion of a word, where the optional package `espeakng-loader` is installed; otherwise silence.

Only the shared library is called, through ctypes; nothing is loaded until the first unknown word asks.
"""

from __future__ import annotations

import ctypes
import importlib
from functools import cache, lru_cache

_SYNCHRONOUS, _UTF8, _IPA = 2, 1, 2
_STRESS = {"ˈ": "1", "ˌ": "2"}

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
_VOWELS = frozenset(["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"])


@lru_cache(maxsize=65536)
def espeak_phones(word: str) -> tuple[str, ...]:
    """The word as espeak says it, in ARPAbet; () where espeak is not installed or says nothing usable."""
    library = _library()
    if library is None or not any("a" <= char <= "z" for char in word):
        return ()
    text = ctypes.c_char_p(word.encode("utf-8"))
    spoken = library.espeak_TextToPhonemes(ctypes.byref(text), _UTF8, _IPA)
    return arpabet(spoken.decode("utf-8", "replace")) if spoken else ()


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
            phones.append(phone + stress if phone in _VOWELS else phone)
            stress = "0" if phone in _VOWELS else stress
        place += length or 1
    return tuple(phones)


@cache
def _library() -> ctypes.CDLL | None:
    """The shared library, started once; None where it is missing or will not start."""
    try:
        loader = importlib.import_module("espeakng_loader")
        library = ctypes.CDLL(str(loader.get_library_path()))
        data = str(loader.get_data_path()).encode()
    except (ImportError, OSError, AttributeError):
        return None
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    started = library.espeak_Initialize(_SYNCHRONOUS, 0, data, 0) > 0
    return library if started and library.espeak_SetVoiceByName(b"en-us") == 0 else None
