"""What returns in a poem: whole lines, end words in rotation, the refrain of a ghazal, the opening of a rondeau."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.prosody.deviations import Deviation, DeviationKind, fault, note
from workbench.prosody.open_laws import RHYMED
from workbench.prosody.reading import FULL, NEAR, NONE, Reading, numbers
from workbench.prosody.rhyme import rhyme_class
from workbench.prosody.stress import is_weak_word
from workbench.prosody.types import SLANT_CLASSES, STRICT_CLASSES, RhymeClass

#: Where the end words of one sestina stanza are in the next.
ROTATION = (5, 0, 4, 1, 3, 2)
_ENDINGS = frozenset(["", "e", "s", "es", "d", "ed", "ing", "er", "ers", "y", "ies", "ied", "n", "en", "'s", "s'"])


def check_return(reading: Reading, first: int, again: int) -> Iterator[Deviation]:
    """Whether a line comes back: other punctuation, light words (a, the, but) and forms of a word are notes."""
    one, two = _plain(reading.words[first]), _plain(reading.words[again])
    lines = numbers((again, first))
    if one == two:
        if reading.lines[first].strip() != reading.lines[again].strip():
            text = f"Line {lines[0]} brings line {lines[1]} back with other punctuation or capitals."
            yield note(DeviationKind.REFRAIN, text, lines=lines)
        return
    changed = tuple(word for word in two if word not in one)
    if _says_the_same(one, two):
        text = f"Line {lines[0]} varies the refrain of line {lines[1]}."
        yield note(DeviationKind.REFRAIN, text, lines=lines, words=changed)
    else:
        text = f"Line {lines[0]} should bring line {lines[1]} back: '{reading.lines[first].strip()}'."
        yield fault(DeviationKind.REFRAIN, text, lines=lines, words=changed)


def _says_the_same(one: Sequence[str], two: Sequence[str]) -> bool:
    """Whether two lines have the same words of weight in the same order, and the same last word."""
    weighty = [[word for word in words[:-1] if not is_weak_word(word)] for words in (one, two)]
    if not one or not two or one[-1] != two[-1] or len(weighty[0]) != len(weighty[1]) or not weighty[0]:
        return False
    return all(a == b or _is_form_of(a, b) for a, b in zip(*weighty, strict=True))


def check_refrains(reading: Reading, symbols: Sequence[str]) -> Iterator[Deviation]:
    """Whole lines that return: the symbols with a number ("A1"), and R, the opening words of the first line."""
    first: dict[str, int] = {}
    for line, symbol in enumerate(symbols):
        if symbol[-1].isdigit():
            if symbol in first:
                yield from check_return(reading, first[symbol], line)
            first.setdefault(symbol, line)
        elif symbol == "R":
            opening, words = _plain(reading.words[0]), _plain(reading.words[line])
            if not words or opening[: len(words)] != words:
                text = f"Line {line + 1} should be the opening words of line 1: '{' '.join(reading.words[0][:4])} …'."
                yield fault(DeviationKind.REFRAIN, text, lines=(line + 1, 1), words=reading.words[line])


def check_pantoum(reading: Reading) -> Iterator[Deviation]:
    """Lines 2 and 4 of each quatrain return as 1 and 3 of the next; the last brings back the first's 3 and 1."""
    n_lines = len(reading.lines)
    for start in range(4, n_lines - 3, 4):
        yield from check_return(reading, start - 3, start)
        yield from check_return(reading, start - 1, start + 2)
    closing = {_plain(reading.words[line]) for line in (n_lines - 3, n_lines - 1)}
    missing = [opening for opening in (0, 2) if _plain(reading.words[opening]) not in closing]
    lost_rhyme = reading.scheme.density >= RHYMED and reading.rhyme_level(n_lines - 3, n_lines - 1) == NONE
    for opening in missing:
        # A circle that is half closed meant to close. An open one may be meant, and so may one that closes on line 1
        # alone, as long as another line answers it with its rhyme.
        say = fault if len(missing) == 1 and (opening == 0 or lost_rhyme) else note
        text = f"Line {opening + 1} does not return in the last stanza, where a pantoum closes its circle."
        yield say(DeviationKind.REFRAIN, text, lines=(opening + 1,))


def check_sestina(reading: Reading) -> Iterator[Deviation]:
    """Six end words in rotation 6 1 5 2 4 3 through six stanzas, then all six in the envoi."""
    order = list(range(6))
    for stanza in range(1, 6):
        order = [order[place] for place in ROTATION]
        for place, word in enumerate(order):
            yield from _end_word(reading, word, stanza * 6 + place)
    envoi = {word.lower() for line in (36, 37, 38) for word in reading.words[line]}
    for word in range(6):
        ending = reading.ends[word]
        if not any(_same_word(ending, other) for other in envoi):
            text = f"The envoi leaves out '{ending}', the end word of line {word + 1}."
            yield fault(DeviationKind.END_WORD, text, lines=(37, 38, 39), words=(ending,))


def _end_word(reading: Reading, first: int, line: int) -> Iterator[Deviation]:
    wanted, found = reading.ends[first], reading.ends[line]
    if wanted.lower() == found.lower():
        return
    say = note if _same_word(wanted, found) else fault
    text = f"Line {line + 1} should end on '{wanted}' as line {first + 1} does; it ends on '{found}'."
    yield say(DeviationKind.END_WORD, text, lines=numbers((line, first)), words=(found, wanted))


def _same_word(one: str, two: str) -> bool:
    """The same word, a form of it, a compound of it or one that sounds the same: a sestina may turn its words."""
    one, two = one.lower().removesuffix("'s"), two.lower().removesuffix("'s")
    short, long = sorted((one, two), key=len)
    if len(short) >= 3 and (long.startswith(short) or long.endswith(short)):
        return True
    return _is_form_of(one, two) or rhyme_class(one, two) in (RhymeClass.RICH, RhymeClass.IDENTICAL)


def _is_form_of(one: str, two: str) -> bool:
    """Waits, waited; city, cities: one stem, and what verbs and nouns add to it."""
    cuts = range(3, min(len(one), len(two)) + 1)
    return any(one[:cut] == two[:cut] and one[cut:] in _ENDINGS and two[cut:] in _ENDINGS for cut in cuts)


def check_ghazal(reading: Reading) -> Iterator[Deviation]:
    """The radif ends both lines of the first couplet and the second line of each other; the qafia rhymes before it."""
    closing = [0, 1, *range(3, len(reading.lines), 2)]
    words = [_plain(reading.words[line]) for line in closing]
    radif = _radif(words)
    if not radif:
        text = "The first couplet sets no radif: its two lines should end on the same word or words."
        yield fault(DeviationKind.REFRAIN, text, lines=(1, 2), words=(reading.ends[0], reading.ends[1]))
        return
    shown = " ".join(radif)
    keeps = [line for line, said in zip(closing, words, strict=True) if said[-len(radif) :] == radif]
    kept = set(keeps)
    for line in closing:
        if line not in kept:
            text = f"Line {line + 1} should end on the radif '{shown}'; it ends on '{reading.ends[line]}'."
            yield fault(DeviationKind.REFRAIN, text, lines=(line + 1,), words=(reading.ends[line],))
    yield from _qafia(reading, keeps, n_radif=len(radif))


def _radif(words: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The longest ending of the first couplet's lines that most of the other couplets keep."""
    shared: tuple[str, ...] = ()
    for length in range(1, min(len(words[0]), len(words[1])) + 1):
        ending = words[0][-length:]
        kept = sum(1 for said in words[2:] if said[-length:] == ending)
        if words[1][-length:] != ending or (length > 1 and 2 * kept < len(words) - 2):
            break
        shared = ending
    return shared


def _qafia(reading: Reading, keeps: Sequence[int], *, n_radif: int) -> Iterator[Deviation]:
    """The words before the radif rhyme with that of the first line; half rhymes are usual in English."""
    before = {line: reading.words[line][-n_radif - 1] for line in keeps if len(reading.words[line]) > n_radif}
    if len(before) < 2:
        return
    some = dict(list(before.items())[:12])  # enough to find the rhyme that the poem means
    first = max(some, key=lambda line: sum(_level(some[line], word) > NONE for word in some.values()))
    for line, word in before.items():
        level = FULL if line == first else _level(before[first], word)
        text = f"Line {line + 1} should rhyme before the radif: '{word}' against '{before[first]}' of line {first + 1}."
        if level == NONE:
            yield fault(DeviationKind.RHYME, text, lines=numbers((line, first)), words=(word, before[first]))
        elif level == NEAR:
            yield note(DeviationKind.RHYME, text, lines=numbers((line, first)), words=(word, before[first]))


def _level(one: str, two: str) -> int:
    kind = rhyme_class(one, two)
    return FULL if kind in STRICT_CLASSES else NEAR if kind in SLANT_CLASSES else NONE


def _plain(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word.lower().strip("'") for word in words)
