r"""What a model says about its poem, told from the poem: by what the words do, never by how they begin.

A preface, an offer, a note or a list of changes speaks of the poem as a piece of work, to the person who asked. A line
of verse may begin with the same words ("I have kept …", "This poem …", "Let me know …") and does none of that.
Several short lines are verse unless every one of them is talk. Where a block is talk is for the reader of replies.
"""

import re
from collections.abc import Sequence

#: A line longer than this is prose, unless prose was asked for.
MOST_LINE_WORDS = 24

_OF_THE_WORK = (
    r"poems?|drafts?|versions?|revisions?|revise[ds]?|revising|rewr\w+|stanzas?|haikus?|sonnets?|"
    r"limericks?|couplets?|gedichte?|po[eè]mes?|poemas?|poesie|poes[ií]as?|"
    r"quatrains?|villanelles?|pantoums?|clich[eé]s?|critiques?|feedback|suggestions?|your brief|the brief|"
    r"briefs? asked|"
    r"rhyme schemes?|rhyming|iambic|pentameter|tetrameter|free verse|blank verse|enjambments?|alliteration|imagery|"
    r"metaphors?|syllables?|wording|phrasing|lines? \d+|title|tone|theme[sd]?|readers?|the request|as requested|"
    r"(?:first|second|third|fourth|fifth|last|closing|opening|strong|strongest|weak|weakest|"
    r"final) (?:two )?(?:lines?|images?|words?)"
)
_WORK = re.compile(rf"\b(?:{_OF_THE_WORK})\b", re.IGNORECASE)
_DONE = (
    r"made|changed|kept|tried|added|removed|replaced|revised|rewrote|rewritten|reworked|written|wrote|"
    r"crafted|composed|"
    r"created|adjusted|tightened|updated|incorporated|aimed|attempted|focused|avoided|used|cut|trimmed|preserved|"
    r"strengthened|addressed|shortened|fixed|swapped|altered|reordered|hoped|included"
)
_I_DID = re.compile(rf"^(?:i|we)(?:['’]ve| have)?(?: also| then| now| tried to| only)? (?:{_DONE})\b", re.IGNORECASE)
_DID = re.compile(rf"^(?:{_DONE})\b", re.IGNORECASE)
_OFFER = re.compile(
    r"^(?:please )?(?:let me know|feel free|would you like|do you want|shall i|should i|if you(?:['’]d|"
    r" would)? (?:like|"
    r"want|need|prefer)|if there(?:['’]s| is) anything|i(?:['’]d| would|['’]m| am) (?:be )?(?:happy|glad)|happy to|"
    r"(?:i (?:do )?)?hope you (?:like|enjoy)|i (?:do )?(?:hope|trust) (?:this|it|that|you|the)|"
    r"hope (?:this|it|you)|i can (?:also )?(?:revise|"
    r"adjust|make|write|"
    r"provide|try|change|offer)|i(?:['’]ll| will) (?:be happy|revise|adjust|try|write|do my best)|don['’]t hesitate|"
    r"is there anything|thank(?:s| you) for|what do you think|how does (?:this|that)|enjoy)\b",
    re.IGNORECASE,
)
_TASK = re.compile(
    rf"\b(?:{_OF_THE_WORK}|you (?:like|enjoy) (?:it|this)|changes?|adjust\w*|tweak\w*|edit\w*|help\w*|"
    rf"modif\w+|improve\w*|anything else|questions?|"
    r"different (?:form|style|direction|approach)|meets?|expectations?|looking for|further|another (?:one|try|take)|"
    r"adjustments?|refine\w*|vision|capture[sd]?|like this|sharing|approach|works? (?:\w+ )?for you|what you think|"
    r"try (?:another|a different))\b",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"^(?:sure(?: thing)?|certainly|of course|absolutely|okay|ok|alright|all right|got it|understood|"
    r"no problem|gladly|"
    r"great(?: idea| choice| question| prompt)?|wonderful|with pleasure|definitely|thank you|thanks|as requested|"
    r"happy to help|voil[aà]|claro|bien sûr|natürlich|gerne|por supuesto|certo)(?=\W|$)",
    re.IGNORECASE,
)
_HERE = re.compile(
    r"^(?:so,? |now,? )?(?:hier ist|voici|aqu[ií] (?:tienes|est[aá])|ecco|voil[aà]|here(?:['’]s| is|"
    r" are| it is| you go| goes)|below(?: is| are|,| you)|"
    r"(?:in )?the following|"
    r"this is (?:my|the|a) (?:revised|new|final)|i(?:['’]ve| have) (?:written|revised|made|tried|rewritten|crafted|"
    r"composed|created|reworked|prepared)|i(?:['’]ll| will)|let me|let['’]s|my (?:revised|new|final|"
    r"second)|based on)\b",
    re.IGNORECASE,
)
_BARE_HERE = re.compile(r"here(?: it is| you go| goes|['’]s my (?:attempt|take|try)|['’]s one)[.:!]*", re.IGNORECASE)
_OF_A_TASK = re.compile(r"\b(?:attempt|try|take|response|answer|result|piece|rewrite|text|verses?)\b", re.IGNORECASE)
_SPEAKS_OF = re.compile(
    r"^(?:in )?(?:this|the|my|each|these|overall,? (?:this|the))\s(?:\w+\s){0,2}?(?:poem|version|revision|"
    r"draft|piece|haiku|sonnet|"
    r"limerick|stanzas?|changes|lines?|imagery|title|rhyme scheme|verses|meter|form|structure|tone|ending|"
    r"poet|speaker)\b",
    re.IGNORECASE,
)
_OF_ITS_DRAFT = re.compile(r"this (?:revision|revised \w+|version|draft|rewrite) (?:\w+s|has|is|now)\b", re.IGNORECASE)
_DISCOURSE = re.compile(
    r"\b(?:uses|using|aims?|explores?|captures?|attempts?|employs?|evokes?|conveys?|maintains?|"
    r"address(?:es)?|reflects?|"
    r"emphasi[sz]es?|highlights?|adheres?|incorporates?|focus(?:es)?|follows|avoids?|sense of|emotions?|"
    r"structure[ds]?|"
    r"consists?|contrasts?|suggests|symboli[sz]es?|embodies|concrete|sensory|stronger|intended|were made|was made)\b",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"^(?:(?:author|poet|translator|editor)['’]?s |my |revision |final |brief |key |main |list of |summary of |a )*"
    r"(?:notes?|changes(?: made| i(?:['’]ve| have)? made)?|"
    r"what (?:i |i(?:['’]ve| have) |has )?changed|explanations?|commentary|analysis|rationale|reflections?|"
    r"summary|(?:word|line|syllable) counts?|syllables|rhyme scheme|meter|metre|form|structure|tone|themes?|style|"
    r"why (?:this|it) works|how (?:this|it) \w+[^:\n]{0,40}|feedback|critique|p\.?\s?s\.?|disclaimer|"
    r"revisions?|about (?:this|the) poem)"
    r"(?: on [^:\n]{0,40}| about [^:\n]{0,40}| made| for [^:\n]{0,30})?\s*(?P<colon>:|$)",
    re.IGNORECASE,
)
_NO_HELP = re.compile(
    r"\b(?:as an ai|language model|ai assistant|should (?:it|the poem) (?:rhyme|be)|please (?:choose|"
    r"select|wait) |i(?:['’]m| am) (?:sorry|unable|not able|afraid)|i apologi[sz]e|"
    r"i (?:cannot|can['’]t|can not|won['’]t|am not able to) (?:\w+ )?(?:write|help|assist|provide|create|"
    r"continue|fulfil\w*|"
    r"generate|do that|comply)|(?:please|could you|can you|would you)(?: please)? (?:provide|share|give|"
    r"send|tell|paste|clarify|"
    r"specify|describe)|(?:what|which) (?:kind|type|form|topic|subject|tone|style|theme)\b|"
    r"i can help you (?:write|with)|i (?:would |will |['’]d )?need (?:more|the|to know|some|a (?:bit|little)))",
    re.IGNORECASE,
)
_HELP = re.compile(
    rf"\b(?:{_OF_THE_WORK}|help|assist\w*|details?|information|provide|share|context|content|guidelines|"
    rf"topic|that for you|subject|would you like|rhyme|another one|"
    r"policy|comply|language model|an ai|mind|would like)\b",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"^(?:error|warning|traceback|http[ /]|\{\"error|<!doctype|<html)|\b(?:please )?try again later\b|current quota\b|"
    r"\brate limit\b|\b(?:server|model|service) is (?:currently )?(?:overloaded|unavailable|busy|loading)\b|"
    r"\bread the docs\b",
    re.IGNORECASE,
)
#: A model that goes on and writes the next turn of the talk too, in the person's name.
_NEXT_TURN = re.compile(r"\W*(?:User|Human|Assistant|System|USER|HUMAN|ASSISTANT|SYSTEM)\s*:\s")
_CELLS = re.compile(r"\s*\|.*\|\s*")
_MARKED = re.compile(r"\s*(?:\*\*|#|__)")
_BULLET = re.compile(r"^\s*(?:[-*•–+]|\d{1,2}[.)])\s+")
_PICTURES = re.compile(r"^[^\w\s\x20-\x7e–—“”‘’¡¿•…]+\s*|\s*[^\w\s\x20-\x7e–—“”‘’…]+$")
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
    if _is_note(lines) or _NEXT_TURN.match(lines[0]) or all(_CELLS.fullmatch(line) for line in lines):
        return True
    if is_list(lines):
        n_told = sum(_is_change(_BULLET.sub("", line)) for line in lines)
        return 2 * n_told > len(lines)
    return all(_is_talking_line(line, is_first=is_first) for line in lines)


def is_doubtful(lines: Sequence[str]) -> bool:
    """Whether a block that is kept may be talk all the same: its first line is, the others are not; or it is a note."""
    plain = _bare(lines[0])
    return (len(lines) > 1 and _is_talking_line(lines[0], is_first=True)) or bool(_NOTE.match(plain) and ":" in plain)


def may_be_talk(lines: Sequence[str]) -> bool:
    """Whether a first block that is kept may be talk: one closed line that consents, announces or reports."""
    plain = _bare(lines[0])
    begins = _CONSENT.match(plain) or _HERE.match(plain) or _I_DID.match(plain)
    return len(lines) == 1 and bool(begins) and plain[-1:] in ".:!"


def is_offer(line: str) -> bool:
    """Whether a line begins as an offer or a question to the person; where no verse can be that is talk."""
    return bool(_OFFER.match(_bare(line)))


def is_note(line: str) -> bool:
    """Whether one line is a note with its label."""
    return _is_note([line])


def is_list(lines: Sequence[str]) -> bool:
    """Whether every line is an item."""
    return all(_BULLET.match(line) for line in lines)


def is_glued_consent(line: str) -> bool:
    """Whether a first line of a block of verse is said to the person, and so was never a line of it.

    >>> is_glued_consent("Understood. I'll keep the strongest image."), is_glued_consent("Of course the title went.")
    (True, False)
    """
    plain = _bare(line)
    consent = _CONSENT.match(plain)
    is_said = bool(consent and plain[consent.end() :][:1] in "!.,:") or bool(re.search(r"\byour?\b", plain, re.I))
    return is_said and plain[-1:] in ".:!" and is_talk([line], is_first=True)


def is_glued_note(lines: Sequence[str]) -> bool:
    """Whether the end of a block is no verse: a heading of notes, or their label with its list, or the next turn."""
    is_marked = bool(_MARKED.match(lines[0]))
    return bool(_NEXT_TURN.match(lines[0])) or (
        _is_note(lines) and (is_marked or (len(lines) > 1 and is_list(lines[1:])))
    )


def is_prose(lines: Sequence[str]) -> bool:
    """Whether a block is one paragraph in one line, too long for verse."""
    return len(lines) == 1 and len(lines[0].split()) > MOST_LINE_WORDS


def is_label(line: str) -> bool:
    """Whether a line only says that a poem follows.

    >>> is_label("**Revised Poem:**"), is_label("### Draft 2"), is_label("The last poem:")
    (True, True, False)
    """
    label = r"(?:(?:the |my |your )?(?:revised|final|new|updated|rewritten|second|third|improved) )?"
    label += r"(?:poem|version|draft|revision|rewrite|output|answer|response)(?: \d+)?"
    return bool(re.fullmatch(label + r"\s*:?", _bare(line).rstrip(":* ") + ":", re.IGNORECASE))


# ---------------------------------------------------------------- private


def _bare(line: str) -> str:
    return " ".join(_PICTURES.sub("", line).strip(_MARKUP).split()).lstrip("-–—•").strip(_MARKUP)


def _is_note(lines: Sequence[str]) -> bool:
    """A note has its label, and speaks of the work or is a list under a label that stands alone."""
    plain = _bare(lines[0])
    found = _NOTE.match(plain)
    if not found:
        return False
    rest = plain[found.end() :].strip(_MARKUP + "-–—:")
    is_marked = bool(_MARKED.match(lines[0]))
    if rest and is_marked and found["colon"]:
        return all(_MARKED.match(line) or _BULLET.match(line) or is_prose([line]) for line in lines[1:])
    if not rest:
        others = lines[1:]
        return is_marked or (bool(found["colon"]) and bool(others) and (is_list(others) or is_prose(others)))
    is_count = bool(re.search(r"count|syllable", found[0], re.IGNORECASE) and re.search(r"\d", rest))
    is_scheme = bool(re.search(r"\b[A-G]{4,}\b", rest) or re.search(r"\b\d+-\d+-\d+\b", rest))
    return bool(found["colon"]) and (is_count or is_scheme or bool(_WORK.search(rest))) and (
        len(lines) == 1 or is_list(lines[1:]) or all(_is_talking_line(line, is_first=False) for line in lines[1:])
    )  # fmt: skip


def _is_change(item: str) -> bool:
    plain = _bare(item)
    is_act = _I_DID.match(plain) or _DID.match(plain) or re.match(r"(?:lines?|stanzas?) \d", plain, re.IGNORECASE)
    return bool(is_act) or len(_WORK.findall(plain)) > 0


def _is_talking_line(line: str, *, is_first: bool) -> bool:
    """Whether a line, as one or several sentences, is talk: its first sentence is, or most of them are."""
    plain = _bare(line)
    sentences = [one for one in re.split(r"(?<=[.!?:])\s+", plain) if one.strip(_MARKUP)]
    if not sentences:
        return False
    told = [_is_talking(one, whole=plain, is_first=is_first) for one in sentences]
    return told[0] or 2 * sum(told) > len(told)


def _is_talking(sentence: str, *, whole: str, is_first: bool) -> bool:
    has_work = bool(_WORK.search(whole))
    if _ERROR.search(sentence):
        return True
    if _NO_HELP.search(sentence) and _HELP.search(whole):
        return True
    if _OFFER.match(sentence):
        is_closed = whole[-1:] in ".!?:)…" or len(whole.split()) > MOST_LINE_WORDS
        return (bool(_TASK.search(whole)) and is_closed) or sentence.casefold().strip(" !") == "enjoy"
    if _I_DID.match(sentence):
        return has_work
    if _OF_ITS_DRAFT.match(sentence) and len(_WORK.findall(sentence)) > 1:
        return True
    if _SPEAKS_OF.match(sentence):
        return (
            len(_DISCOURSE.findall(sentence)) > 0
            and len(_WORK.findall(sentence)) + len(_DISCOURSE.findall(sentence)) > 1
        )
    return is_first and _is_announcing(sentence, whole, has_work=has_work)


def _is_announcing(sentence: str, whole: str, *, has_work: bool) -> bool:
    """Consent, or an announcement of the poem; these are talk before a poem only."""
    if _BARE_HERE.fullmatch(sentence) or is_label(whole):
        return True
    consent = _CONSENT.match(sentence)
    if consent:
        rest = whole[consent.end() :].strip(" ,.!:—–-")
        return not rest or has_work or (bool(_HERE.match(rest)) and whole.endswith(":"))
    is_closed = whole[-1:] in ":.!"
    return bool(_HERE.match(sentence)) and is_closed and (has_work or bool(_OF_A_TASK.search(whole)))
