"""What makes a poem an ode: it speaks to its subject, at length, in lines or stanzas that a song does not have.

The name is of a kind of poem more than of a shape, and half of all lyrics say "thou". So an address alone is not
enough: heroic lines, long stanzas or a shape of its own must go with it, and where lines return it is a song.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import median

from workbench.prosody.deviations import Deviation, DeviationKind, fault, note
from workbench.prosody.open_laws import METRICAL, RHYMED, is_rhymed
from workbench.prosody.reading import NONE, Reading

#: Lines below which a single stanza that calls out is a song, and the length of a song's stanzas.
_SHORTEST_ALONE, _QUATRAIN = 10, 4
_HEROIC = 5  # feet from which a line is more than a song's
_OFTEN = 0.4  # share of stanzas that speak to the subject where their shape does the rest
_PAIRED = 0.6  # share of pairs of lines that rhyme from which they are couplets
_ADDRESS = frozenset(["you", "your", "yours", "thee", "thou", "thy", "thine", "o", "oh", "praise", "ode"])


def check_ode(reading: Reading) -> Iterator[Deviation]:
    """An ode speaks to something, and takes its time."""
    if len(reading.lines) < 8:
        yield fault(DeviationKind.LINES, f"An ode takes its time; this has {len(reading.lines)} lines.")
    if reading.is_prose:
        yield fault(DeviationKind.SHAPE, "An ode is in lines; this is prose.")
    address = [word for words in reading.words for word in words if word.lower() in _ADDRESS]
    regular = len(reading.stanzas) > 1 and len(set(reading.stanza_lengths)) == 1 and is_rhymed(reading)
    if not address and not regular:
        yield fault(
            DeviationKind.SHAPE, "An ode speaks to its subject, or sings in matching stanzas; this does neither."
        )
    elif not address:
        yield note(DeviationKind.SHAPE, "An ode speaks to its subject; this one never says 'you' or 'O'.")


def is_marked_ode(reading: Reading) -> bool:
    """Whether a rhymed poem shows itself an ode, in which no line returns as a song's do.

    It calls its subject "O …", or addresses it from the first lines on in stanzas of a shape of their own: long ones,
    or such as come back to it and have shorter lines in fixed places without being a ballad's.
    """
    if len(reading.lines) < 8 or reading.scheme.density < RHYMED or _has_a_refrain(reading):
        return False
    calls = [line for line, words in enumerate(reading.words) if "O" in words[:-1]]
    is_song = set(reading.stanza_lengths) == {4} or len(reading.lines) < _SHORTEST_ALONE  # these call out as songs do
    if len(calls) >= 2 and calls[0] < 2 and not is_song:
        return True
    lengths = set(reading.stanza_lengths)
    if not _opens_with_address(reading) or len(reading.stanzas) < 2 or len(lengths) > 1:
        return False
    return min(lengths) >= 10 or (_own_shape(reading) and _share_spoken_to(reading) >= _OFTEN)


def is_addressed_throughout(reading: Reading) -> bool:
    """Whether rhymed stanzas of heroic lines speak to their subject, each in so many words.

    Quatrains and couplets do that in every hymn, shorter lines and lines that return in every song.
    """
    is_rhymed = len(reading.stanzas) > 1 and reading.slant_scheme.density >= RHYMED
    if len(reading.lines) < 8 or not is_rhymed or max(reading.stanza_lengths) <= _QUATRAIN or _is_paired(reading):
        return False
    if _has_a_refrain(reading) or min(reading.meter.n_feet, default=0) < _HEROIC:
        return False
    return _opens_with_address(reading) and _share_spoken_to(reading) == 1.0


def _opens_with_address(reading: Reading) -> bool:
    return any(word.lower() in _ADDRESS for words in reading.words[:2] for word in words)


def _share_spoken_to(reading: Reading) -> float:
    """Share of the stanzas that speak to somebody."""
    spoken = [
        any(word.lower() in _ADDRESS for words in reading.words[start : start + length] for word in words)
        for start, length in zip(reading.starts, reading.stanza_lengths, strict=True)
    ]
    return sum(spoken) / len(spoken)


def _has_a_refrain(reading: Reading) -> bool:
    """Whether a line of one stanza comes back whole in another."""
    stanzas = [
        {tuple(map(str.lower, words)) for words in reading.words[start : start + length]}
        for start, length in zip(reading.starts, reading.stanza_lengths, strict=True)
    ]
    n_stanzas_with = Counter(line for stanza in stanzas for line in stanza if line)
    return max(n_stanzas_with.values(), default=0) > 1


def _is_paired(reading: Reading) -> bool:
    """Whether most lines of a poem rhyme two by two."""
    pairs = [(line, line + 1) for line in range(0, len(reading.lines) - 1, 2)]
    return sum(reading.rhyme_level(*pair) > NONE for pair in pairs) >= _PAIRED * len(pairs)


def _own_shape(reading: Reading) -> bool:
    """Whether stanza after stanza the same lines are shorter, other than by turns as in a ballad."""
    if len(set(reading.meter.n_feet)) == 1 and reading.meter.agreement >= METRICAL:
        return False
    size = reading.stanza_lengths[0]
    counts = [have[0] for have in reading.syllables]
    by_place = [median(counts[place::size]) for place in range(size)]
    is_ballad = size % 2 == 0 and min(by_place[0::2]) > max(by_place[1::2])
    return size >= 4 and max(by_place) - min(by_place) >= 2 and not is_ballad
