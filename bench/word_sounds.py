"""`python -m bench.prosody words`: how well a word is said that no dictionary has, by espeak NG and by the letters.

Words of the dictionary stand for words that it lacks: neither guesser is shown how the dictionary says them. A rhyming
part is right if it is that of any of the dictionary's ways; a count is right if it is that of any.
"""

import random

from workbench.prosody.guesses import espeak_phones, espeak_version, guess_phones
from workbench.prosody.rimes import Phones, heard
from workbench.prosody.words import dictionary_phones, reference_words

N_WORDS, SEED = 3000, 11


def main() -> dict[str, dict[str, float]]:
    """Measures both guessers on the same words, prints the table and returns it."""
    words = [word for word in reference_words() if len(word) > 3]
    random.Random(SEED).shuffle(words)  # noqa: S311 - a sample, not a secret
    guessers = {"the letters": guess_phones}
    if espeak_version():
        guessers[f"espeak-ng {espeak_version()}"] = espeak_phones
    found = {}
    for name, guess in guessers.items():
        known = [(dictionary_phones(word), guess(word)) for word in words[:N_WORDS]]
        found[name] = {
            "rhyming part": sum(_rime(said) in map(_rime, ways) for ways, said in known) / N_WORDS,
            "syllables": sum(_n_vowels(said) in map(_n_vowels, ways) for ways, said in known) / N_WORDS,
        }
    print(f"{N_WORDS} words of the dictionary, each guessed without it")
    for name, row in found.items():
        print(f"{name:20}" + "".join(f"{measure:>16} {share:.1%}" for measure, share in row.items()))
    if not espeak_version():
        print("espeak-ng: not installed")
    return found


def _rime(phones: Phones) -> Phones:
    vowels = [place for place, phone in enumerate(phones) if phone[-1].isdigit()]
    main = [place for place in vowels if phones[place][-1] == "1"][-1:] or vowels[-1:]
    return heard((phones[main[0]][:-1] + "1", *phones[main[0] + 1 :])) if main else ()


def _n_vowels(phones: Phones) -> int:
    return sum(phone[-1].isdigit() for phone in phones)
