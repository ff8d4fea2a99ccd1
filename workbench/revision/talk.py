r"""What a model says about its poem, told from the poem: by what the words do, never by how they begin.

A preface, an offer, a note or a list of changes speaks of the poem as a piece of work, to the person who asked. A line
of verse may begin with the same words ("I have kept …", "This poem …", "Let me know …") and does none of that.
Several short lines are verse unless every one of them is talk. Where a block is talk is for the reader of replies.
"""

import re
from collections.abc import Sequence

from workbench.revision.talk_words import (
    ABOUT_THE_USER,
    ABROAD,
    BARE_HERE,
    CONSENT,
    DID,
    DISCOURSE,
    ERROR,
    FOREIGN_OFFER,
    HELP,
    HERE,
    I_DID,
    LABELLED,
    NO_HELP,
    NOTE,
    OF_A_TASK,
    OF_ITS_DRAFT,
    OFFER,
    REPORT,
    SPEAKS_OF,
    TASK,
    TRADE,
    WORK,
)

#: A line longer than this is prose, unless prose was asked for.
MOST_LINE_WORDS = 24

#: A model that continues and writes the next turn of the talk too, in the person's name.
_NEXT_TURN = re.compile(r"\W*(?:User|Human|Assistant|System|USER|HUMAN|ASSISTANT|SYSTEM)\s*:\s")
_CELLS = re.compile(r"\s*[|│║].*[|│║]\s*")
_MARKED = re.compile(r"\s*(?:\*\*|#|__)")
BULLET = re.compile(r"^\s*(?:[-*•–+]|\d{1,2}[.)]|[\u25a0-\u25ff\u2700-\u27bf☐☑\U0001f300-\U0001f9ff]\ufe0f?)\s+")
_TICK = re.compile(r"^\s*[-*•]?\s*(?:[✓✔✅☑✗✘❌☐]\ufe0f?|\[[xX ]\])\s+")
_ASKED = re.compile(r"\b\d+(?:-\d+)* (?:lines?|words?|syllables?|beats?)\b|\b[A-G]{4,}\b|\bno [“\"]", re.IGNORECASE)
_PICTURES = re.compile(r"^[^\w\s\x20-\x7e–—“”‘’¡¿•…]+\s*|\s*[^\w\s\x20-\x7e–—“”‘’…]+$")
_LEAST_ABROAD = 0.12  # share of the words
#: A maker's name below a poem, and what a player does beside it: (clears throat), *bows*.
_SIGNED = re.compile(
    r"\W*(?:(?:poem |written |composed |generated |created )?by )?(?:your |an? |the )?(?:AI|artificial intelligence|"
    r"language model|assistant|chatbot)\b[^\n]{0,30}|\s*(?:©|\(c\)|copyright)\W*\d{4}[^\n]{0,40}",
    re.IGNORECASE,
)
_LABELLED_ITEM = re.compile(r"\s*\S{1,3}\s+(?:\*\*|__)[^*_\n]{2,40}(?::(?:\*\*|__)|(?:\*\*|__)\s*[:–—-])")
_GREETING = re.compile(
    r"(?:all the )?(?:best|kind regards|regards|sincerely|cheers|warmly|yours)\b.{0,20},", re.IGNORECASE
)
_STAGED = re.compile(
    r"[(*_\[]+(?:\w+ly )?(?:clears? (?:\w+ )?throat|pauses?|bows?|smiles?|sighs?|sips|coughs?|ahem|deep breath|winks?|"
    r"curtsies|applause|drum ?roll|leans|nods?|grins?|(?:long |short |dramatic )pause|end scene)\b[^\n()*]{0,60}"
    r"[)*_\]]+",
    re.IGNORECASE,
)
_FEW_WORDS = 6
_MARKUP = '*_#>`~()[] \t"“”'


def is_talk(lines: Sequence[str], *, is_first: bool = False) -> bool:
    """Whether a block, without empty lines, is the model's talk.

    Args:
        lines: of the block.
        is_first: it is before the poem, where consent and announcements are talk too.

    >>> is_talk(["I have made a raft of chairs to row you to the door,"]), is_talk(["I kept your strongest image."])
    (False, True)
    >>> is_talk(["Let me know if you'd like any changes!"]), is_talk(["Here is the poem:"], is_first=True)
    (True, True)
    """
    if len(lines) == 1 and (_SIGNED.fullmatch(lines[0].strip()) or _STAGED.fullmatch(lines[0].strip())):
        return True
    if len(lines) == 2 and _GREETING.fullmatch(lines[0].strip()) and _SIGNED.fullmatch(lines[1].strip()):
        return True
    if _is_note(lines) or _is_report(lines) or _are_tags(lines) or all(_CELLS.fullmatch(line) for line in lines):
        return True
    if is_first and ABOUT_THE_USER.match(_bare(lines[0])):
        return True
    if len(lines) > 1 and is_list(lines[1:]) and _bare(lines[0]).endswith(":"):
        return introduces(lines[0]) or is_talk(lines[1:])
    if _is_ticked(lines):
        return True
    if is_list(lines):
        n_told = sum(_is_change(BULLET.sub("", line)) or bool(_LABELLED_ITEM.match(line)) for line in lines)
        return 2 * n_told > len(lines)
    return all(_is_talking_line(line, is_first=is_first) for line in lines)


def introduces(line: str) -> bool:
    """Whether a line with a colon at its end leads to a list of what the model did, or could do.

    >>> introduces("In this poem:"), introduces("**Do you want me to:**"), introduces("She packed:")
    (True, True, False)
    """
    plain = _bare(line)
    is_said = WORK.search(plain) or TRADE.search(plain) or OFFER.match(plain)
    return plain.endswith(":") and bool(is_said)


def is_doubtful(lines: Sequence[str]) -> bool:
    """Whether a block that is kept may be talk all the same: its first line is, the others are not; or it is a note."""
    plain = _bare(lines[0])
    return (len(lines) > 1 and _is_talking_line(lines[0], is_first=True)) or bool(NOTE.match(plain) and ":" in plain)


def may_be_talk(lines: Sequence[str]) -> bool:
    """Whether a first block that is kept may be talk: one closed line that consents, announces or reports."""
    plain = _bare(lines[0])
    begins = CONSENT.match(plain) or HERE.match(plain) or I_DID.match(plain)
    return len(lines) == 1 and bool(begins) and plain[-1:] in ".:!"


def is_offer(line: str) -> bool:
    """Whether a line begins as an offer or a question to the person; where no verse can be that is talk."""
    return bool(OFFER.match(_bare(line)))


def is_note(line: str) -> bool:
    """Whether one line is a note with its label."""
    return _is_note([line])


def is_list(lines: Sequence[str]) -> bool:
    """Whether every line is an item."""
    return all(BULLET.match(line) for line in lines)


def is_glued_consent(line: str) -> bool:
    """Whether a first line of a block of verse is said to the person, and so was never a line of it.

    >>> is_glued_consent("Understood. I'll keep the strongest image."), is_glued_consent("Of course the title went.")
    (True, False)
    """
    plain = _bare(line)
    consent = CONSENT.match(plain)
    is_said = bool(consent and plain[consent.end() :][:1] in "!.,:") or bool(re.search(r"\byour?\b", plain, re.I))
    is_refusal = bool(NO_HELP.search(plain))  # after which no verse follows, so that it is verse
    return is_said and not is_refusal and plain[-1:] in ".:!" and is_talk([line], is_first=True)


def is_glued_note(lines: Sequence[str]) -> bool:
    """Whether the end of a block is not verse: a heading of notes, or their label with its list."""
    is_marked = bool(_MARKED.match(lines[0]))
    return _is_note(lines) and (is_marked or (len(lines) > 1 and is_list(lines[1:])))


def may_be_verse(lines: Sequence[str], verse: Sequence[str]) -> bool:
    """Whether talk may be verse beside this verse: lines like its own, or as foreign as it is; no poem is named.

    >>> may_be_verse(["Would you like to wait?", "Do you want me to go?"], ["Who keeps the gate?", "What does he owe?"])
    True
    """
    is_listed = is_list(lines) or (len(lines) > 1 and is_list(lines[1:]))
    if is_listed or WORK.search(" ".join(lines)) or _SIGNED.fullmatch(lines[-1].strip()):
        return False
    said = " ".join(verse)
    is_abroad = len(ABROAD.findall(said)) >= _LEAST_ABROAD * len(said.split())
    longest = max(len(line.split()) for line in verse)
    is_like = len(lines) > 1 < len(verse) and all(len(line.split()) <= longest + 2 for line in lines)
    has_label = any(NOTE.match(_bare(line)) or REPORT.match(_bare(line)) or _is_boxed(line) for line in lines)
    return (is_like and not has_label) or (is_abroad and bool(FOREIGN_OFFER.match(_bare(lines[0]))))


def _is_boxed(line: str) -> bool:
    return bool(_CELLS.fullmatch(line) or _MARKED.match(line) or line.lstrip().startswith("#"))


def is_next_turn(line: str) -> bool:
    """Whether a line begins a turn of the talk: `Human: …`; a poem may be such a talk itself."""
    return bool(_NEXT_TURN.match(line))


def is_prose(lines: Sequence[str]) -> bool:
    """Whether a block is one paragraph in one line, too long for verse."""
    return len(lines) == 1 and len(lines[0].split()) > MOST_LINE_WORDS


def is_label(line: str) -> bool:
    """Whether a line only says that a poem follows.

    >>> is_label("**Revised Poem:**"), is_label("### Draft 2"), is_label("The last poem:")
    (True, True, False)
    """
    label = r"(?:(?:the |my |your )?(?:revised|final|new|updated|rewritten|second|third|improved) )?"
    label += (
        r"(?:poem|version|draft|revision|rewrite|output|answer|response)(?: \d+| below| follows)?|"
        r"(?:option|version|variant|alternative|attempt|take|poem|draft) (?:\d+|[a-d]|one|two|three)|"
        r"revised|rewritten|updated|improved|final"
    )
    plain = re.sub(r"(?<=below|llows)\.$", "", _bare(line))
    return bool(re.fullmatch(rf"(?:{label})\s*:?", plain.rstrip(":*! ") + ":", re.IGNORECASE))


# ---------------------------------------------------------------- private


def _bare(line: str) -> str:
    return " ".join(_PICTURES.sub("", line).strip(_MARKUP).split()).lstrip("-–—•").strip(_MARKUP)


def _are_tags(lines: Sequence[str]) -> bool:
    """Whether a block is nothing but several #tags, as posts end."""
    words = " ".join(lines).split()
    return len(words) > 1 and all(re.fullmatch(r"#\w+", word) for word in words)


def _is_ticked(lines: Sequence[str]) -> bool:
    """Whether a block is a list that ticks off what was asked, with its heading or without."""
    items = lines[1:] if _bare(lines[0]).endswith(":") else lines
    is_of_work = any(WORK.search(line) or TRADE.search(line) or _ASKED.search(line) for line in items)
    return len(items) > 1 and all(map(_TICK.match, items)) and is_of_work


def _is_report(lines: Sequence[str]) -> bool:
    """Whether every line is a label with a value, and one of them scores the poem or most are labels of the trade."""
    plain = [_bare(line) for line in lines]
    found = [match for line in plain if (match := REPORT.match(line))]
    has_score = any(match["score"] or "/" in match[0] for match in found)
    is_of_trade = 1 < len(found) == len(lines)
    return is_of_trade or (has_score and 2 * len(found) > len(lines) and all(LABELLED.match(line) for line in plain))


def _is_note(lines: Sequence[str]) -> bool:
    """A note has its label, and speaks of the work or is a list under a label that stands alone."""
    plain = _bare(lines[0])
    found = NOTE.match(plain)
    if not found:
        return False
    rest = plain[found.end() :].strip(_MARKUP + "-–—:")
    is_marked = bool(_MARKED.match(lines[0]))
    if rest and is_marked and found["colon"]:
        return all(_MARKED.match(line) or BULLET.match(line) or is_prose([line]) for line in lines[1:])
    if not rest:
        others = lines[1:]
        return is_marked or (bool(found["colon"]) and bool(others) and (is_list(others) or is_prose(others)))
    is_count = bool(re.search(r"count|syllable", found[0], re.IGNORECASE) and re.search(r"\d", rest))
    is_scheme = bool(re.search(r"\b[A-G]{4,}\b", rest) or re.search(r"\b\d+-\d+-\d+\b", rest))
    return bool(found["colon"]) and (is_count or is_scheme or bool(WORK.search(rest))) and (
        len(lines) == 1 or is_list(lines[1:]) or all(_is_talking_line(line, is_first=False) for line in lines[1:])
    )  # fmt: skip


def _is_change(item: str) -> bool:
    plain = _bare(item)
    is_act = I_DID.match(plain) or DID.match(plain) or re.match(r"(?:lines?|stanzas?) \d", plain, re.IGNORECASE)
    return bool(is_act) or len(WORK.findall(plain)) > 0


def _is_talking_line(line: str, *, is_first: bool) -> bool:
    """Whether the sentences of a line are talk: the first, a question at the end, or most of them."""
    plain = re.sub(r"^p\.?\s?s\.?:?\s+", "", _bare(line), flags=re.IGNORECASE)
    if line.strip(_MARKUP)[-1:] != plain[-1:] and plain[-1:] not in ".!?:":
        plain += "!"  # a picture at the end closes a line
    sentences = [one for one in re.split(r"(?<=[.!?:])\s+", plain) if one.strip(_MARKUP)]
    if not sentences:
        return False
    told = [_is_talking(one, whole=plain, is_first=is_first) for one in sentences]
    return told[0] or (told[-1] and plain.endswith("?")) or 2 * sum(told) > len(told)


def _is_talking(sentence: str, *, whole: str, is_first: bool) -> bool:
    has_work = bool(WORK.search(whole))
    if ERROR.search(sentence):
        return True
    if NO_HELP.search(sentence) and HELP.search(whole):
        return True
    if OFFER.match(sentence):
        is_closed = whole[-1:] in ".!?:)…" or len(whole.split()) > MOST_LINE_WORDS
        return (bool(TASK.search(whole)) and is_closed) or sentence.casefold().strip(" !") == "enjoy"
    if I_DID.match(sentence):
        return has_work
    if OF_ITS_DRAFT.match(sentence) and len(WORK.findall(sentence)) > 1:
        return True
    if SPEAKS_OF.match(sentence):
        return (
            len(DISCOURSE.findall(sentence)) > 0 and len(WORK.findall(sentence)) + len(DISCOURSE.findall(sentence)) > 1
        )
    return is_first and _is_announcing(sentence, whole, has_work=has_work)


def _is_announcing(sentence: str, whole: str, *, has_work: bool) -> bool:
    """Consent, or an announcement of the poem; these are talk before a poem only."""
    if BARE_HERE.fullmatch(sentence) or is_label(whole):
        return True
    consent = CONSENT.match(sentence)
    if consent:
        rest = whole[consent.end() :].strip(" ,.!:—–-")
        return not rest or has_work or (bool(HERE.match(rest)) and whole.endswith(":"))
    is_closed = whole[-1:] in ":.!"
    is_short = whole.endswith(":") or len(whole.split()) <= _FEW_WORDS
    return bool(HERE.match(sentence)) and is_closed and (has_work or (is_short and bool(OF_A_TASK.search(whole))))
