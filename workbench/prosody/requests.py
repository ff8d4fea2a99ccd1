"""Which form a person asks for: "a villanelle about rain", "not a sonnet but a ballad", "ABAB, please".

A mention counts unless it is refused ("no sonnet"), is what the poem should be *about*, or is taken back
("a haiku, no, make that a tanka"). It reads words, not intentions: irony is lost on it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from workbench.prosody.forms import FAMILIES, FORMS

#: Schemes by letters; a few are the signature of one form.
_BY_LETTERS = {
    "ABABCDCDEFEFGG": "shakespearean sonnet",
    "ABABBCBCCDCDEE": "spenserian sonnet",
    "ABBAABBACDECDE": "petrarchan sonnet",
    "ABBAABBACDCDCD": "petrarchan sonnet",
    "ABBAABBA": "petrarchan sonnet",
    "ABABBCBCC": "spenserian stanza",
    "ABABABCC": "ottava rima",
    "ABABBCC": "rhyme royal",
    "AABBA": "limerick",
    "ABABCC": "",  # a scheme without a name here: known, so that its first letters are not taken for another
    "ABABCDCD": "quatrains ABAB",
    "ABBACDDC": "quatrains ABBA",
    "AABBCCDD": "couplets",
    "AABBCC": "couplets",
    "ABAB": "quatrains ABAB",
    "AABB": "quatrains AABB",
    "ABBA": "quatrains ABBA",
    "AABA": "quatrains AABA",
    "ABCB": "ballad",
    "XAXA": "ballad",
    "ABABCB": "",
    "ABABCBCDC": "terza rima",
    "ABABCBCDCDED": "terza rima",
    "ABABCBCDCDEDEE": "terza rima",
}
_LETTERS = re.compile(r"(?<![\w])([A-Z](?:[- /,]{0,2}[A-Z]){3,20})(?![\w])")
_SMALL_LETTERS = re.compile(r"(?<![\w])([abcx]{4,14})(?![\w])(?=[^.!?]{0,40}\b(?:rhym|scheme|quatrain|stanza))|\b(?:rhym\w*|scheme)[^.!?]{0,30}?(?<![\w])([abcx]{4,14})(?![\w])")  # fmt: skip  # noqa: E501 - two mirror images
#: What ends a thought, so that a refusal or a subject does not reach beyond it.
_CLAUSE = re.compile(r"[.!?;:()\n—]|\s[-–]\s|\bbut\b|\bhowever\b|\bthough\b|\bplease\b", re.IGNORECASE)
_REFUSAL = re.compile(
    r"\b(?:no|not|never|without|avoid(?:ing)?|nothing|neither|nor|isn't|aren't|don't|doesn't|didn't|won't|can't|cannot|"
    r"anything but|other than|rather than|instead of|except(?: for)?|unlike|hates?|sick of|tired of|enough|skip|forget|"
    r"less like|far from)\b",
    re.IGNORECASE,
)
_ACCEPTS = re.compile(
    r"\bnot (?:only|just|merely|necessarily)\b|\bno (?:longer|shorter|more|fewer|less) than\b|\bwhy not\b|"
    r"\b(?:can't|cannot|couldn't) (?:wait|resist|imagine)\b|\bno (?:problem|rush|hurry|worries)\b|\bdon't forget\b|"
    r"\bdon't (?:mind|care) (?:if|whether)\b|\bnothing (?:but|like|beats)\b",
    re.IGNORECASE,
)
#: "no, a ballad": what came before is taken back.
_TAKEN_BACK = re.compile(
    r"\b(?:no|actually|wait|sorry|scratch that|make (?:that|it)|rather|on second thought)\b\s*[,:—–-]"
    r"|\b(?:scratch that|make (?:that|it)|on second thought)\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"\b(?:about|on the subject of|concerning|regarding|called|titled|entitled)\b", re.IGNORECASE)
_AS_FORM = re.compile(
    r"\b(?:as|in|using|into|like|with)\s+(?:the\s+|a\s+|an\s+|some\s+|strict\s+)*(?:(?:form|style|manner|shape)\s+of\s+"
    r"(?:the\s+|a\s+|an\s+)?)?(?:\w+\s+)?$",
    re.IGNORECASE,
)
#: Between two mentions that share one refusal: "no sonnets, haiku or limericks".
_LISTED = re.compile(r"^\w*\s*(?:,|/|&|\bor\b|\bnor\b|\band\b|\ba\b|\ban\b|\bany\b|\bthe\b|\bno\b|\s)*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Mention:
    form: str
    start: int
    end: int


def form_named_in(text: str) -> str | None:
    """The form or family that a request asks for; None when it names none, or only refuses some.

    >>> form_named_in("A villanelle about rain"), form_named_in("a sonnet in the Italian way: Petrarchan")
    ('villanelle', 'petrarchan sonnet')
    >>> form_named_in("No sonnet, please"), form_named_in("not a sonnet but a ballad")
    (None, 'ballad')
    """
    request = text[:20_000].replace("’", "'")
    wanted = _wanted(request, _mentions(request))
    if not wanted:
        return None
    first = wanted[0].form
    closer = (mention.form for mention in wanted if mention.form in FAMILIES.get(first, ()))
    return next(closer, first)


def _wanted(request: str, mentions: list[_Mention]) -> list[_Mention]:
    wanted: list[_Mention] = []
    refused_before: _Mention | None = None
    for mention in mentions:
        before = _clause_before(request, mention.start)
        between = request[refused_before.end : mention.start] if refused_before else "."
        is_listed = bool(_LISTED.match(between)) and not re.match(r"^\w*\s*,\s*an?\s+$", between)
        if _is_refused(before) or (refused_before is not None and is_listed):
            refused_before = mention
            continue
        refused_before = None
        if _is_subject(before):
            continue
        if wanted and _TAKEN_BACK.search(request[wanted[-1].end : mention.start]):
            wanted.clear()
        wanted.append(mention)
    return wanted


def _clause_before(request: str, start: int) -> str:
    """The words of the same thought before a mention."""
    before = request[max(0, start - 300) : start]
    cuts = [match.end() for match in _CLAUSE.finditer(before) if not _is_anything_but(before, match)]
    return before[cuts[-1] :] if cuts else before


def _is_anything_but(before: str, cut: re.Match[str]) -> bool:
    """The `but` of `anything but` and `nothing but` ends no clause."""
    return cut[0].lower() == "but" and bool(re.search(r"\b(?:any|no)thing\s+$", before[: cut.start()], re.IGNORECASE))


def _is_refused(clause: str) -> bool:
    """Whether a refusal reaches the mention: in the same clause, and no comma ends its reach."""
    clause = _ACCEPTS.sub(" ", clause)
    found = list(_REFUSAL.finditer(clause))
    if not found:
        return False
    reach = clause[found[-1].end() :]
    return "," not in reach and len(reach.split()) <= 8


def _is_subject(clause: str) -> bool:
    """Whether the form is what the poem is about: "a poem about a sonnet", not "about rain, in sonnet form"."""
    found = list(_SUBJECT.finditer(clause))
    if not found:
        return False
    reach = clause[found[-1].end() :]
    return "," not in reach and not _AS_FORM.search(reach)


def _mentions(request: str) -> list[_Mention]:
    """Every form named in the request, in order; where two names overlap the longer one counts."""
    pattern, names = _names()
    found = [_Mention(names[_key(match[0])], match.start(), match.end()) for match in pattern.finditer(request)]
    for match in (*_LETTERS.finditer(request), *_SMALL_LETTERS.finditer(request)):
        letters = next(group for group in match.groups() if group)
        form = _form_of_letters(re.sub(r"[^A-Z]", "", letters.upper()))
        if form and not any(one.start < match.end() and match.start() < one.end for one in found):
            found.append(_Mention(form, match.start(), match.end()))
    return sorted(found, key=lambda mention: mention.start)


def _form_of_letters(letters: str) -> str:
    """The form that a scheme names, by its longest known beginning; "" for a scheme without a name."""
    if letters in _BY_LETTERS:
        return _BY_LETTERS[letters]
    starts = (letters[:length] for length in range(min(len(letters), 14), 3, -1))
    return next((_BY_LETTERS[start] for start in starts if start in _BY_LETTERS), "")


@lru_cache(maxsize=1)
def _names() -> tuple[re.Pattern[str], dict[str, str]]:
    """One pattern of all names and their plurals, the longest first, and what each stands for."""
    names = {_key(form.name): form.name for form in FORMS}
    names |= {_key(other): form.name for form in FORMS for other in form.also}
    names |= {family: family for family in FAMILIES} | {"quatrain": "quatrains"}
    names |= {f"{name}s": form for name, form in list(names.items()) if not name.endswith("s")}
    names |= {"free form verse": "free verse"}
    spelled = (r"[\s-]+".join(map(re.escape, name.split())) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"\b(?:{'|'.join(spelled)})\b", re.IGNORECASE), names


def _key(name: str) -> str:
    return " ".join(name.lower().replace("-", " ").split())
