r"""How much speaks for talk at the edge of an answer: where a block is, what it is, in proportion to the poem.

Word lists of talk are never whole. But a sentence to the person is prose beside verse: a closed sentence or several in
one line, longer than the poem's lines, about the work or its maker, quoting the poem, in another language, offering.
Each is one point or two, and a poem that does the same takes the point away. No single sign is enough.
Pure; what follows from the points is for `replies`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.revision.abroad import is_abroad
from workbench.revision.talk import BULLET, MOST_LINE_WORDS, is_list, is_talk, may_be_verse
from workbench.revision.talk_words import CONSENT, CRAFT, I_OFFER, MADE, MAY_OFFER, MEANT, OFFERS, TRADE
from workbench.words import words_of

#: From so many points on a block is talk; below, and above none, it is kept and said to be in doubt.
IS_TALK, MAY_BE_TALK = 3, 1
_IS_TALK_TOO = 2  # where the other end of the answer is talk as well
_KNOWN = 4  # points of what the words of `talk` know
_LONGER, _MUCH_LONGER = 1.5, 2.5  # times the longest line of the poem, in words
_FEW_LINES = 2  # of one block that stand for a stanza
_CLOSED = re.compile(r"[.!?:…。！？：؟।)\]”\"’*_]\s*$")
_SENTENCES = re.compile(r"[.!?…。！？؟।][)\"”’]*\s+(?=\S)|[。！？](?=.)")
_PICTURE = re.compile(r"[\u2190-\u21ff\u2600-\u27bf\U0001f000-\U0001faff]")
_QUOTED = re.compile(r"[“\"«„]([^“”\"«»„]{2,80})[”\"»“]|[*_]([^*_\n]{3,80})[*_]")
_YOU = re.compile(r"\b(?:you|your|yours|u|vous|votre|vos|tu|te|ton|dir|dich|deine?|ihnen|usted|tú|ti)\b", re.IGNORECASE)
_I = re.compile(r"\b(?:i|i['’](?:m|ve|d|ll)|ich|je|j['’]ai)\b", re.IGNORECASE)
_ACTED = re.compile(r"\*[A-Z][^*\n]{8,}[.:!?…]\*|\*[A-Z][^*\n]{8,}\*[.:!?…]")  # what a player does: *She bows.*
_ASIDE = re.compile(r"[(\[][A-Z][^()\[\]\n]{8,}[)\]]")
_DEED = re.compile(r"^\*[^*\n]{3,80}\*\s+(?=\W{0,3}\w)")  # of a player, before what they say
_DOES = re.compile(r"\*[a-z]+s [^*\n]{2,60}\*\s+[A-Z“\"][^*]*[.!?…]$")  # and at its beginning or end: *tips hat* More …
_DONE = re.compile(r"[.!?…]\s+\*[a-z]+s [^*\n]{2,60}\*$")
_LABELLED = re.compile(r"^[*_]{0,3}(?P<label>[A-Z][\w-]*(?: [\w-]+){0,3}?)(?:[*_]{0,3}:|:[*_]{1,3})\s+\S")
_OF_A_PART = re.compile(
    r"\b(?:first|second|third|last|final|closing|opening) (?:two )?(?:lines?|images?|stanzas?)\b|\blines? \d|"
    r"\b(?:the|your) (?:brief|request|prompt)\b",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"(?:the|this) (?P<noun>speaker|narrator|poem|piece|haiku|sonnet|ballad|poem's \w+|final line|last line|"
    r"last stanza) \w+s\b", re.IGNORECASE,
)  # fmt: skip
_QUOTED_SPEECH = re.compile(r"\b(?:said|says|say|asks?|asked|told)\b", re.IGNORECASE)
_FEW_WORDS = 12
_LEADS = re.compile(
    r"\b(?:this|these|here|below|following|one|it|write|offer|propose|suggest)(?: \w+)?\s*[:：]$", re.IGNORECASE
)
_CITED = re.compile(r"^\W*[“\"«„].*[”\"»“]\W*(?:[-–—~]\s*\S.{0,60})?$|^\s*[-–—]{1,2}\s*\S.{0,60}$")
_COUNTED = re.compile(r"\d+\s*[-/–]\s*\d+\s*[-/–]\s*\d+|\b[A-G]{4}\b(?:\s[A-G]{2,4}\b)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Poem:
    """What the block is measured against: the stanzas, without the block."""

    text: str
    others: str  # every other block, those of one line too
    longest: int  # words of the longest line
    n_words: int
    n_alone: int  # stanzas of one line
    n_stanzas: int
    is_listed: bool  # it has items itself
    has_stanzas: bool  # of several lines

    @property
    def is_of_single_lines(self) -> bool:
        """Whether stanzas of one line are this poem's manner."""
        return 2 * self.n_alone >= self.n_stanzas


def verse_between(blocks: Sequence[Sequence[str]], *, is_chatty: bool = False) -> tuple[int, int, list[int]]:
    """Where verse begins and ends among blocks, [first, last), and which of those inside may be talk all the same.

    Talk from an edge reaches up to the last block that surely is talk, where all before it may be. Who talks at one
    end mostly does at the other, so that less is asked of that one.

    Args:
        blocks: of the answer, without what is known to be talk.
        is_chatty: there was such.

    >>> verse_between([["Two lines, as you asked:"], ["The rope is wet,", "no one waves."], ["I hope it fits!"]])
    (1, 2, [])
    """
    are_stanzas = [len(block) >= _FEW_LINES and not is_talk(block) for block in blocks]
    before = _points_from(blocks, are_stanzas, range(len(blocks) - 1), is_first=True)
    after = _points_from(blocks, are_stanzas, range(len(blocks) - 1, 0, -1), is_first=False)
    are_both = bool(_n_up_to(before, _IS_TALK_TOO) and _n_up_to(after, _IS_TALK_TOO))
    least = _IS_TALK_TOO if is_chatty or are_both else IS_TALK
    first = _n_up_to(before, least)
    last = len(blocks) - min(_n_up_to(after, least), len(blocks) - first - 1)
    doubtful = [*range(first, len(before)), *range(max(first, len(blocks) - len(after)), last)]
    return first, last, sorted(set(doubtful))


def _points_from(
    blocks: Sequence[Sequence[str]], are_stanzas: Sequence[bool], places: range, *, is_first: bool
) -> list[int]:
    """Points from an edge inwards, up to the first block that cannot be talk."""
    found: list[int] = []
    for place in places:
        points = talk_points(blocks[place], poem_of(blocks, are_stanzas, place), is_first=is_first)
        if points < MAY_BE_TALK:
            break
        found.append(points)
    return found


def _n_up_to(points: Sequence[int], least: int) -> int:
    return max((place + 1 for place, one in enumerate(points) if one >= least), default=0)


def poem_of(blocks: Sequence[Sequence[str]], are_stanzas: Sequence[bool], place: int) -> Poem:
    """The stanzas around the block at `place`: those of several lines, or of one where there are no others."""
    others = [block for at, block in enumerate(blocks) if at != place]
    stanzas = [block for at, block in enumerate(blocks) if at != place and are_stanzas[at]]
    told = stanzas or sorted(others, key=lambda block: -len(block[0]))[: max(1, len(others) - 2)]
    lines = [line for block in told for line in block]
    counted = [len(line.split()) for line in lines]
    n_alone = len(told) if not stanzas and len(told) > 1 else 0
    return Poem(
        text="\n".join(lines), others="\n".join(line for block in others for line in block),
        longest=max(counted), n_words=sum(counted), n_alone=n_alone, n_stanzas=len(told),
        is_listed=any(map(is_list, told)), has_stanzas=bool(stanzas),
    )  # fmt: skip


def talk_points(block: Sequence[str], poem: Poem, *, is_first: bool) -> int:
    """Points for a block being talk: the mean of its lines, and one for a list where the poem is none.

    Args:
        block: lines without empty ones, at an edge of the answer.
        poem: the rest.
        is_first: the block is before the poem.

    >>> verse = poem_of([["The rope is wet,", "nobody waves."], ["x"]], [True, False], 1)
    >>> talk_points(["I left the ending open so that you can choose; shall I close it?"], verse, is_first=False)
    4
    >>> talk_points(["the engine counts its one idea"], verse, is_first=False)
    0
    """
    if is_talk(block, is_first=is_first):
        return MAY_BE_TALK if may_be_verse(block, poem.text.split("\n")) else _KNOWN
    if _is_cited(block, poem) or (len(block) >= _FEW_LINES and not poem.has_stanzas):
        return 0
    points = [_points(line, poem, is_first=is_first) for line in block]
    is_items = is_list(block) and not poem.is_listed
    if len(block) >= _FEW_LINES and ((min(points) < MAY_BE_TALK and not is_items) or not all(map(_is_told, block))):
        return 0
    listed = 2 * (is_items and len(block) >= _FEW_LINES)
    told = sum(points) // len(block) + listed
    is_shaped = listed or len(block) < _FEW_LINES or all(len(line.split()) > poem.longest for line in block)
    return told if is_shaped else min(told, MAY_BE_TALK)  # several lines as long as the poem's are a stanza


def _is_told(line: str) -> bool:
    return bool(_CLOSED.search(line) or _PICTURE.search(line[-3:]) or is_list([line]))


def _is_cited(block: Sequence[str], poem: Poem) -> bool:
    """Whether a block is an epigraph, or the name below one; words of the trade with a picture are neither."""
    said = " ".join(block)
    is_drawn = any(TRADE.fullmatch(word.folded) for word in words_of(said)) and _PICTURE.search(said.strip()[-3:])
    return bool(_CITED.match(said)) and not is_list(block) and (not is_drawn or bool(_PICTURE.search(poem.text)))


def _points(line: str, poem: Poem, *, is_first: bool) -> int:
    plain = _DEED.sub("", BULLET.sub("", line).strip()).strip("*_#`> ")
    if not is_first and _is_labelled(line.strip(), poem):
        return IS_TALK
    if not plain:
        return 0
    acted, other = _acted(line.strip(), poem, is_first=is_first), is_abroad(plain, poem.text)
    if not _is_told(plain) and not acted and not other:
        return 0
    said = _to_the_person(plain, poem)
    about, shape = _about_the_work(plain, poem, is_first=is_first, is_said=said > 0), _shape(plain, poem)
    agrees = 3 * (is_first and _agrees(plain, poem))
    told = about + shape + said + other + acted + agrees - plain[:1].islower()
    if poem.is_of_single_lines and shape < 1:
        told = min(told, max(told - 2, MAY_BE_TALK))
    is_told = bool(about and (shape or plain.endswith(":")) and (MADE.search(plain) or MEANT.search(plain)))
    is_sure = (
        about > 1 or other or acted or agrees or shape > 2 or is_told or OFFERS.search(plain)
    )  # verse, too, is long at times and says I and you
    is_bare = not (about or shape > 0 or other or acted or agrees)  # a line as short as verse, of nothing but you and I
    is_sure = is_sure and (not is_bare or bool(I_OFFER.search(plain)))
    return max(0, told if is_sure else min(told, MAY_BE_TALK))


def _agrees(plain: str, poem: Poem) -> bool:
    """Whether a short first line says yes to somebody: no stanza is one line, and the poem has no such word."""
    consent = CONSENT.match(plain)
    if not consent or poem.n_alone or not poem.has_stanzas or len(plain.split()) > _FEW_WORDS:
        return False
    is_apart = plain[consent.end() :][:1] in tuple(",.!") and plain[-1:] in tuple(".!:")
    return is_apart and consent[0].casefold() not in poem.others.casefold() and not _QUOTED_SPEECH.search(plain)


def _is_labelled(line: str, poem: Poem) -> bool:
    """Whether a line has a label of the trade, as **Internal rhymes:** is one; no line of the poem has any."""
    found = _LABELLED.match(line)
    if not found or any(map(_LABELLED.match, poem.text.split("\n"))):
        return False
    label = {word.folded for word in words_of(found["label"])} - {word.folded for word in words_of(poem.text)}
    is_marked = line.startswith(("**", "__")) or bool(_QUOTED.search(line))
    return any(TRADE.fullmatch(word) or (is_marked and CRAFT.fullmatch(word)) for word in label)


def _acted(line: str, poem: Poem, *, is_first: bool) -> int:
    """Beside the poem by its marks: what a player does, an aside in brackets or, after the poem, a quoted one."""
    if _ACTED.search(poem.text) or _ASIDE.search(poem.text):
        return 0
    is_quoted = not is_first and line.startswith("> ")
    is_acting = "*" not in poem.text and bool(_DOES.match(line) or _DONE.search(line))
    return 2 * bool(_ACTED.fullmatch(line) or is_quoted or is_acting) + bool(_ASIDE.fullmatch(line.strip("*_ ")))


def _shape(plain: str, poem: Poem) -> int:
    """Prose beside verse: longer, of several sentences, with pictures; what has more words than the poem is a part."""
    n_words = len(plain.split())
    n_ends = len(_SENTENCES.findall(plain))  # of sentences inside the line
    if n_words > poem.n_words:
        return int(n_ends > 0 and n_words < 2 * poem.n_words)
    is_long = (n_words >= max(6, _LONGER * poem.longest)) + (n_words >= max(10, _MUCH_LONGER * poem.longest))
    has_several = n_ends > max(len(_SENTENCES.findall(row)) for row in poem.text.split("\n"))
    is_prose = n_words > max(
        MOST_LINE_WORDS, _MUCH_LONGER / _LONGER * poem.longest
    )  # the whole would be refused for it
    is_drawn = bool(_PICTURE.search(plain)) and not _PICTURE.search(poem.text)
    return is_long + has_several + is_prose + 2 * is_drawn


def _about_the_work(plain: str, poem: Poem, *, is_first: bool, is_said: bool) -> int:
    """Quotes the poem, or uses words of the trade that the poem does not; one in other use too is not enough."""
    told = poem.text.casefold()
    here = {word.folded for word in words_of(poem.text)}
    quoted = [(one or two).casefold().strip(" .,;:!?…") for one, two in _QUOTED.findall(plain)]
    cited = max((len(one.split()) for one in quoted if len(one) > 2 and one in told), default=0)
    said = [word.folded for word in words_of(plain)]
    trade = {word for word in said if TRADE.fullmatch(word)} - here
    craft = {word for word in said if CRAFT.fullmatch(word)} - here
    announces = is_first and plain[-1:] in ":："
    n_craft = max(0, len(craft) - (not trade and not is_said and not _ASIDE.fullmatch(plain)))
    is_quoting = cited > 2 or (cited > 0 and (n_craft + len(trade) > 0))
    has_scheme = bool(_COUNTED.search(plain)) and not _COUNTED.search(poem.text)
    of_part = bool(_OF_A_PART.search(plain)) and not _OF_A_PART.search(poem.text)
    tells = _TELLS.match(plain)
    is_telling = bool(tells and tells["noun"].casefold() not in told)
    of_work = max(min(3, 2 * len(trade) + n_craft + of_part), 3 * is_telling)
    return (
        2 * is_quoting
        + of_work
        + 3 * has_scheme
        + announces * (1 + (of_work > 0 or (is_said and bool(_LEADS.search(plain)))))
    )


def _to_the_person(plain: str, poem: Poem) -> int:
    """Speaks as the one who wrote, to the one who asked; what the poem does as well is not a sign."""
    to_you = bool(_YOU.search(plain))
    from_me = bool(_I.search(plain))
    found = OFFERS.search(plain)
    offers = 2 * bool(found and found[0].casefold() not in poem.others.casefold())
    offers = offers or int(bool(MAY_OFFER.search(plain)))
    offers += bool(I_OFFER.search(plain)) and not I_OFFER.search(poem.others)
    asks = plain.rstrip(")*_ ").endswith("?") and (to_you or from_me or offers > 0)
    both = to_you and from_me
    new = (to_you and not _YOU.search(poem.text)) + (from_me and not _I.search(poem.text))
    made = bool(MADE.search(plain)) and new > 0
    return min(3, offers + asks + (new > 0) + (both and new > 0) + made)
