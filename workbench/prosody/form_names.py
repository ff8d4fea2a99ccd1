"""Where two names fit a poem, the one that people would say.

Ballads, hymns and quatrains share their lines; what parts them is which of these rhyme, and how well.
"""

from __future__ import annotations

from workbench.prosody.deviations import Deviation, DeviationKind, FormCheck
from workbench.prosody.form_checks import check_form
from workbench.prosody.reading import NONE, Reading

_FEW_QUATRAINS, _MOSTLY = 3, 0.6  # quatrains, and the share of them, that say which rhymes are meant
_LONG_HYMN = 8  # lines from which a strict ballad stanza tells a story


def has_a_better_name(reading: Reading, check: FormCheck) -> bool:
    """Where two names fit, the one that people would say.

    A hymn crosses its rhymes: where only the short lines rhyme, all in full and stanza after stanza, it is a ballad,
    however even the feet. Couplets printed four lines at a time are quatrains, and quatrains AABB printed without a
    break are couplets.
    """
    if check.variant == "common meter":
        return (
            check.scheme != "ABAB"
            and (len(reading.lines) >= _LONG_HYMN or reading.meter.name != "common meter")
            and not _is_half_rhymed(reading, check)
            and (check_form(reading, "ballad").passed or not check.passed)
        )
    if check.variant == "ballad" and (_crosses_in_full(reading) or _is_crossed_but_once(reading)):
        return True
    if check.variant == "ballad":
        is_hymn = reading.meter.name == "common meter" and len(reading.lines) < _LONG_HYMN
        return is_hymn or _is_half_rhymed(reading, check)
    if check.variant == "quatrains ABCB":
        is_plain = check.passed and all(one.kind is not DeviationKind.CLASH for one in check.deviations)
        is_no_stanza = not is_plain and set(reading.stanza_lengths) != {4}  # it asks for so little
        return is_no_stanza or _crosses_its_rhymes(reading)
    if check.variant == "nonce sonnet":  # seven couplets are couplets, with one slip too, and two stanzas are no sonnet
        return reading.stanza_lengths == (7, 7) or len(check_form(reading, "couplets").faults) <= 1
    if check.variant == "quatrains AABB":
        is_heroic = len(reading.lines) == 4 and check_form(reading, "heroic couplets").passed
        return is_heroic or (len(reading.lines) > 4 and set(reading.stanza_lengths) != {4})
    return (
        "couplets" in check.variant
        and not (check.variant == "heroic couplets" and len(reading.stanzas) == 1)
        and set(reading.stanza_lengths) == {4}
        and check_form(reading, "quatrains AABB").passed
    )


def _crosses_its_rhymes(reading: Reading) -> bool:
    """Whether the odd lines of most quatrains rhyme too, and the even ones: ABAB with slips, not ABCB by chance."""
    n_quatrains = len(reading.lines) // 4
    n_odd, n_even = (
        sum(reading.rhyme_level(start + first, start + first + 2) > NONE for start in range(0, 4 * n_quatrains, 4))
        for first in (0, 1)
    )
    return n_quatrains >= _FEW_QUATRAINS and n_odd >= _MOSTLY * n_quatrains and n_even >= _MOSTLY * n_quatrains


def _crosses_in_full(reading: Reading) -> bool:
    """Whether the odd lines of every quatrain rhyme in full as well as the even ones."""
    starts = range(0, len(reading.lines) - 3, 4)
    return all(reading.is_full_rhyme(start + one, start + one + 2) for start in starts for one in (0, 1))


def half_rhymes_by_fours(reading: Reading) -> bool:
    """Whether the even lines of most quatrains rhyme, if only by their last consonants: a hymn, and not unrhymed."""
    if set(reading.stanza_lengths) != {4}:
        return False
    pairs = [(start + 1, start + 3) for start in reading.starts]
    n_alike = sum(reading.rhyme_level(*pair) > NONE or reading.shares_last_consonants(*pair) for pair in pairs)
    return len(pairs) > 1 and n_alike > _MOSTLY * len(pairs)


def _is_half_rhymed(reading: Reading, check: FormCheck) -> bool:
    """Whether rhymes are only half, a hymn's habit more than a ballad's; one is a slip where the feet are loose too."""
    n_half = sum(one.kind is DeviationKind.RHYME and not _is_guessed(reading, one) for one in check.deviations)
    return n_half > (reading.meter.name != "common meter")


def _is_guessed(reading: Reading, one: Deviation) -> bool:
    return any(reading.is_guess(line - 1) for line in one.lines)


def _is_crossed_but_once(reading: Reading) -> bool:
    """Whether the odd lines rhyme as well as the even ones, with one slip at most."""
    return _crosses_its_rhymes(reading) and len(check_form(reading, "quatrains ABAB").faults) <= 1
