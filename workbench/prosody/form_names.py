"""Where two names fit a poem, the one that people would say.

Ballads, hymns and quatrains share their lines; what parts them is which of these rhyme, and how well.
"""

from __future__ import annotations

from workbench.prosody.deviations import Deviation, DeviationKind, FormCheck
from workbench.prosody.form_checks import check_form
from workbench.prosody.reading import NONE, Reading

_FEW_QUATRAINS, _MOSTLY = 3, 0.6  # quatrains, and the share of them, that say which rhymes are meant
_PLAINLY, _BY_TURNS = 0.85, (4, 3)  # share of lines in one meter; feet of a hymn's or ballad's lines
_LONG_HYMN = 8  # lines from which a strict ballad stanza tells a story


def has_a_better_name(reading: Reading, check: FormCheck) -> bool:
    """Where two names fit, the one that people would say.

    A hymn crosses its rhymes: where only the short lines rhyme, all in full and stanza after stanza, it is a ballad,
    however even the feet. Couplets printed four lines at a time are quatrains, and quatrains AABB printed without a
    break are couplets.
    """
    if check.variant in ("common meter", "short meter") and _is_of_one_length(reading):
        return True
    if check.variant == "common meter":
        return (
            check.scheme != "ABAB"
            and (len(reading.lines) >= _LONG_HYMN or reading.meter.name != "common meter")
            and not _is_half_rhymed(reading, check)
            and (check_form(reading, "ballad").passed or not check.passed)
        )
    if check.variant == "short meter" and reading.meter.n_feet == _BY_TURNS:
        return True
    if check.variant == "ballad" and (_crosses_in_full(reading) or _is_crossed_but_once(reading)):
        return True
    if check.variant == "ballad":
        is_hymn = reading.meter.name == "common meter" and len(reading.lines) < _LONG_HYMN
        return is_hymn or _is_half_rhymed(reading, check)
    if check.variant in _ASK_LITTLE:
        return _ASK_LITTLE[check.variant](reading, check)
    if check.variant == "nonce sonnet":  # seven couplets are couplets, with one slip too; two stanzas are not a sonnet
        return reading.stanza_lengths == (7, 7) or len(check_form(reading, "couplets").faults) <= 1
    if check.variant == "quatrains AABB":
        is_heroic = len(reading.lines) == 4 and check_form(reading, "heroic couplets").passed
        return is_heroic or (len(reading.lines) > 4 and set(reading.stanza_lengths) != {4})
    if "couplets" in check.variant and _is_on_one_rhyme(reading):
        return True
    return (
        "couplets" in check.variant
        and not (check.variant == "heroic couplets" and len(reading.stanzas) == 1)
        and set(reading.stanza_lengths) == {4}
        and check_form(reading, "quatrains AABB").passed
    )


def _is_kept_by_chance(reading: Reading, check: FormCheck) -> bool:
    """Whether quatrains ABCB are not stanzas, or cross their rhymes, or hardly rhyme."""
    return _is_no_stanza(reading, check) or _crosses_its_rhymes(reading) or _rhymes_by_chance(reading)


def _is_no_stanza(reading: Reading, check: FormCheck) -> bool:
    """Whether lines that are not printed in fours keep ABCB, which asks for so little, only with rhymes too many."""
    clashes = [one for one in check.deviations if one.kind is DeviationKind.CLASH]
    n_open = sum(_is_of_open_lines(one) for one in clashes)
    is_plain = check.passed and n_open == len(clashes) and 8 * n_open <= len(reading.lines)  # in half the quatrains
    return not is_plain and set(reading.stanza_lengths) != {4}


def _is_of_one_length(reading: Reading) -> bool:
    """Whether nearly all lines have one number of feet, though some may be heard with another, or feet of three."""
    found = reading.meter
    return (len(set(found.n_feet)) == 1 and found.agreement >= _PLAINLY) or found.meter in ("anapestic", "dactylic")


def _is_on_one_rhyme(reading: Reading) -> bool:
    """Whether several stanzas of four lines and more have one rhyme each: AAAA BBBB."""
    spans = list(zip(reading.starts, reading.stanza_lengths, strict=True))
    return len(spans) > 1 and all(
        length > 2 and all(reading.rhyme_level(start, start + place) > NONE for place in range(1, length))
        for start, length in spans
    )


def _is_of_open_lines(clash: Deviation) -> bool:
    """Whether a rhyme too many of quatrains ABCB is one of their odd lines, or only a word said again."""
    return len(set(map(str.lower, clash.words))) == 1 or all(line % 2 for line in clash.lines)


def _crosses_its_rhymes(reading: Reading) -> bool:
    """Whether the odd lines of most quatrains rhyme too, and the even ones: ABAB with slips, not ABCB by chance."""
    n_quatrains = len(reading.lines) // 4
    n_odd, n_even = (
        sum(reading.rhyme_level(start + first, start + first + 2) > NONE for start in range(0, 4 * n_quatrains, 4))
        for first in (0, 1)
    )
    return n_quatrains >= _FEW_QUATRAINS and n_odd >= _MOSTLY * n_quatrains and n_even >= _MOSTLY * n_quatrains


def _rhymes_by_chance(reading: Reading) -> bool:
    """Whether the even lines of quatrains hardly rhyme: of unrhymed lines some always end nearly alike.

    Printed in fours, most of them rhyme at least nearly, or half in full and the others as in hymns, and of one or two
    quatrains one in full; else half in full.
    """
    pairs = [(start + 1, start + 3) for start in range(0, len(reading.lines) - 3, 4)]
    n_full = sum(reading.is_full_rhyme(*pair) for pair in pairs)
    if set(reading.stanza_lengths) != {4}:
        return 2 * n_full < len(pairs)
    n_near = sum(reading.rhyme_level(*pair) > NONE for pair in pairs)
    n_alike = sum(_is_alike(reading, pair) for pair in pairs)
    is_meant = n_near >= _MOSTLY * len(pairs) or (2 * n_full >= len(pairs) and n_alike >= _MOSTLY * len(pairs))
    return not is_meant or (len(pairs) < _FEW_QUATRAINS and not n_full)


def _is_alike(reading: Reading, pair: tuple[int, int]) -> bool:
    """Whether two lines rhyme at least as hymns may: by their last consonants, or on a y that the beat lifts."""
    by_habit = reading.shares_last_consonants(*pair) or reading.meets_a_lifted_y(*pair)
    return reading.rhyme_level(*pair) > NONE or by_habit


def _hardly_returns(reading: Reading, check: FormCheck) -> bool:
    """Whether so few of the lines that a pantoum brings back are there that none may be meant."""
    n_missing = sum(one.kind is DeviationKind.REFRAIN and len(one.lines) > 1 for one in check.faults)
    return n_missing > _MOSTLY * (len(reading.lines) // 2 - 2)


def _crosses_in_full(reading: Reading) -> bool:
    """Whether the odd lines of every quatrain rhyme in full as well as the even ones."""
    starts = range(0, len(reading.lines) - 3, 4)
    return all(reading.is_full_rhyme(start + one, start + one + 2) for start in starts for one in (0, 1))


def half_rhymes_by_fours(reading: Reading) -> bool:
    """Whether the even lines of most quatrains rhyme, if only by their last consonants: a hymn, and not unrhymed."""
    if set(reading.stanza_lengths) != {4}:
        return False
    pairs = [(start + 1, start + 3) for start in reading.starts]
    n_alike = sum(_is_alike(reading, pair) for pair in pairs)
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


#: Forms that lines keep, or nearly, without meaning to.
_ASK_LITTLE = {"quatrains ABCB": _is_kept_by_chance, "pantoum": _hardly_returns}
