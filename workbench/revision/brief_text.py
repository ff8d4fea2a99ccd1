"""A brief as the educator writes it, six labelled lines, parsed and written back.

    ANGLE: …        the one way in that is not the obvious one
    AVOID: …        eight clichés of the subject, separated by semicolons
    IMAGES FROM: …  a trade or place foreign to the subject
    FORM: …         a form that serves the feeling
    SOUND: …        what the ear should hear
    TURN: …         where the poem turns, from what to what

What a small model leaves out is named in `Brief.missing`; clichés that lack are taken from the list of the prosody
package, by the topic of the request.
"""

import re

from workbench.prompts.thinking import without_thinking
from workbench.prosody import form_named_in
from workbench.prosody.cliches import ClicheKind, cliches_of
from workbench.revision.foreign_formats import labelled
from workbench.revision.poem_marks import is_rule
from workbench.revision.talk import is_offer, is_talk
from workbench.revision.types import Brief
from workbench.types import content_id
from workbench.words import words_of

N_CLICHES = 8
FIELDS = {
    "ANGLE": "angle",
    "AVOID": "avoid",
    "IMAGES FROM": "images_from",
    "FORM": "form",
    "SOUND": "sound",
    "TURN": "turn",
}

_CLICHES = r"(?:clich[eé]s?|phrases|things|words)"
_NAMES = {
    "ANGLE": r"angle|perspective|point of view|way in|approach",
    "AVOID": rf"(?:{_CLICHES} )?(?:to )?avoid(?:ing)?(?: (?:these|the|{_CLICHES})){{0,2}}|clich[eé]s|"
    r"(?:do not|don['’]t) use|forbidden|banned",
    "IMAGES FROM": r"images?[ _]?(?:drawn )?from|images|imagery(?: (?:source|from))?|source of (?:images|imagery)|"
    r"image source|image domain",
    "FORM": r"form|shape",
    "SOUND": r"sounds?|music",
    "TURN": r"turn|volta|shift",
}
_ANY = "|".join(_NAMES.values())
_LABEL = re.compile(
    rf"^(?P<marks>[^\w\n]*(?:(?:\d|[A-Fa-f]|[IVivx]{{1,3}})[.):/]\s*)?[^\w\n]*)(?:the )?(?P<label>{_ANY})[*_]*"
    r"(?:\s*\([^)\n]{0,40}\))?"
    r"(?:\s*[:：][*_]*|(?<=[*_])\s*[–—-]|(?=[*_]*\s*$)|\s[–—-](?=\s))[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
#: What stands for the colon where three lines have it: arrows, the signs of TOML and CSV.
_SIGNS = tuple(
    re.compile(rf"^([^\w\n]*(?:{_ANY})[*_\"'`]*)[ \t]*{sign}[ \t]*(?=\S)", re.IGNORECASE | re.MULTILINE)
    for sign in ("(?:→|⇒|➔|➜|=>|->|-->)", ":=", "=", ",", "\t", r"\|", "~", r"\.{3,}", "…")
)
_FEW_LABELS = 3  # fewer that are plain, and those count too that have neither colon nor marks
#: A label in capitals, or a bold one, begins a line of its own, wherever it is.
_WITHIN = re.compile(
    r"(?<=[\w.,;:!?)\]\"”’'])(?<!\bTO)[ \t]+(?=(?:ANGLE|AVOID|IMAGES FROM|FORM|SOUND|TURN):|"
    rf"\*\*(?i:{_ANY})(?::\*\*|\*\*:))"
)
_NUMERAL = re.compile(r"\W*(?:\d{1,2}|[A-Fa-f]|[IVivx]{1,3})[.):]")
_PAGE = (
    (r"(?<=\|)[^\n]*<br[^\n]*", lambda row: re.sub(r"<br\s*/?>", "; ", row[0])),
    (r"</t[dh]>\s*(?=<t[dh])|</dt>\s*(?=<dd)", ": "),
    (r"<br\s*/?>|</(?:li|p|ul|ol|div|tr|dd)>", "\n"),
    (r"<li[^<>]*>", "\n- "),
    (r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?>", ""),
)
_ITEM = re.compile(r"^\s*(?:[^\w\s\"“‘'(\[…]{1,2}|\(?(?:\d{1,2}|[a-z])[.)])\s+(?:\[[ xX]?\]\s*)?(?=\S)")
_QUOTED = re.compile(r"[\"“]([^\"“”\n]{2,80})[\"”]")
_SEPARATORS = ("[;；]", r"\s[/|]\s|\|", r"(?:^|\s)\(?\d{1,2}[.)]\s", r"[，、]|,\s+(?:and\s+|or\s+)?")
_KEYED = re.compile(rf"^([^\w\n]*(?:{_ANY}))[\"'`][ \t]*:[ \t]*(.*?),?$", re.IGNORECASE | re.MULTILINE)  # lines of JSON
_MOST = 0.7  # share of the items that say why
_IN_QUOTES = re.compile(r"\"[^\"]*\"|'[^']*'|“[^“”]*”")
_NAMED = re.compile(r"^(?:\*\*?|__?|[\"“])(?P<phrase>[^*_\"“”]+)(?:\*\*?|__?|[\"”])\s*[-–—:(]")  # and why it is tired

#: Words of a request that tell which topic of the cliché list it has; the first that fits counts.
_TOPIC_WORDS = {
    "season": "winter spring summer autumn fall season seasons snow frost ice thaw harvest december january leaves",
    "night": "night moon moonlight stars star dark darkness midnight evening dusk sleep",
    "sea": "sea ocean wave waves shore tide beach sailor ship boat harbor harbour",
    "death": "death dead dying grief funeral grave mourning loss lost elegy died",
    "love": "love lover lovers beloved kiss romance marriage wedding valentine desire",
    "heart": "heart heartbreak heartbroken longing loneliness lonely sorrow",
    "childhood": "childhood child children mother father grandmother grandfather school toys",
    "family": "family brother sister son daughter home",
    "city": "city street streets town traffic subway train station neon",
    "time": "time clock clocks hour hours years memory memories past age aging",
    "war": "war soldier soldiers battle army peace",
    "religion": "god prayer church faith angel angels heaven soul",
    "body": "body hands eyes skin face hair illness hospital",
    "writing": "writing poem poet poetry words page pen ink",
    "nature": "nature tree trees forest river rain wind flower flowers garden bird birds mountain light sun sky",
}


def parse_brief(text: str, *, request: str, session_id: str = "") -> Brief:
    r"""Reads a brief; what lacks is named in `missing`, and lacking clichés are filled in.

    >>> brief = parse_brief("Angle: the ladder\nAvoid: falling leaves", request="a ballad about autumn")
    >>> brief.angle, len(brief.avoid), brief.form_name, brief.missing
    ('the ladder', 8, 'ballad', ('avoid', 'images_from', 'form', 'sound', 'turn'))
    """
    found = _fields(without_thinking(text))
    told = tuple(filter(None, found.get("AVOID", "").split("; ")))
    avoid = _filled(told, request)
    missing = [field for label, field in FIELDS.items() if field != "avoid" and not found.get(label)]
    missing = ["avoid"] * (len(told) < N_CLICHES) + missing
    form = found.get("FORM", "")
    return Brief(
        id=content_id("brief", session_id, request, text),
        request=request,
        text=text,
        angle=found.get("ANGLE", ""),
        avoid=avoid,
        images_from=found.get("IMAGES FROM", ""),
        form=form,
        sound=found.get("SOUND", ""),
        turn=found.get("TURN", ""),
        form_name=form_named_in(request) or "",  # FORM of the brief is a proposal to the poet
        missing=tuple(sorted(missing, key=list(FIELDS.values()).index)),
    )


def write_brief(brief: Brief) -> str:
    """The brief as the poet gets it: the labelled lines, clichés filled in, what lacks left out.

    Without an angle the request itself is there, so the poet always knows what is asked for.
    """
    values = {
        "ANGLE": brief.angle or brief.request,
        "AVOID": "; ".join(brief.avoid),
        "IMAGES FROM": brief.images_from,
        "FORM": brief.form or brief.form_name,
        "SOUND": brief.sound,
        "TURN": brief.turn,
    }
    return "\n".join(f"{label}: {value}" for label, value in values.items() if value)


def with_labels(text: str) -> str:
    r"""A brief that came in another shape as its six labelled lines; as it is where not all six are in it.

    >>> print(with_labels("Angle: a\n**Avoid:**\n* b\n* c\nImages from: d\nForm: e\nSound: f\nTurn: g"))
    ANGLE: a
    AVOID: b; c
    IMAGES FROM: d
    FORM: e
    SOUND: f
    TURN: g
    """
    found = _fields(text)
    lines = "\n".join(f"{label}: {found.get(label, '')}" for label in FIELDS)
    return lines if len(found) == len(FIELDS) else text


def topic_of(request: str) -> str:
    """The topic of the cliché list that a request is nearest to; "general" where none is.

    >>> topic_of("a poem about winter light"), topic_of("tax law")
    ('season', 'general')
    """
    words = {word.folded for word in words_of(request)}
    return next((topic for topic, told in _TOPIC_WORDS.items() if words & set(told.split())), "general")


def _fields(text: str) -> dict[str, str]:
    """The first text under each label, as one line; what is to be avoided is separated by semicolons."""
    text = _apart(_with_colons(labelled(_without_page(text))))
    every = list(_LABEL.finditer(text))
    plain = [mark for mark in every if _is_label(mark)]
    marks = plain if len(plain) >= _FEW_LABELS else every
    ends = [*(mark.start() for mark in marks), len(text)][1:]
    found: dict[str, str] = {}
    for mark, end, other in zip(marks, ends, [*marks[1:], None], strict=False):
        is_last = other is None or _name(other["label"]) in found  # a second brief may follow
        name, lines = _name(mark["label"]), _lines(text[mark.end() : end], is_last=is_last)
        body = "; ".join(_phrases(lines)) if name == "AVOID" else _joined(lines)
        if body:
            found.setdefault(name, body)
    return found


def _apart(text: str) -> str:
    """The text with each label at the beginning of a line, or after its number there."""

    def put(found: re.Match[str]) -> str:
        before = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        return found[0] if _NUMERAL.fullmatch(before) else "\n"

    return _WITHIN.sub(put, text)


def _without_page(text: str) -> str:
    """Markup of a web page as lines and items."""
    for pattern, text_of in _PAGE if re.search(r"<(?:br|li|b|p|td|dt)\b", text, re.IGNORECASE) else ():
        text = re.sub(pattern, text_of, text, flags=re.IGNORECASE)
    return text


def _with_colons(text: str) -> str:
    text = _KEYED.sub(r"\1: \2", text)
    for sign in _SIGNS:
        if len(sign.findall(text)) >= _FEW_LABELS:
            return sign.sub(r"\1: ", text)
    return text


def _is_label(mark: re.Match[str]) -> bool:
    """A label without a colon is one in capitals or with marks around it."""
    return ":" in mark[0] or "：" in mark[0] or mark["label"].isupper() or bool(mark["marks"].strip(" \n-"))


def _name(label: str) -> str:
    return next(name for name, words in _NAMES.items() if re.fullmatch(words, label, re.IGNORECASE))


def _lines(text: str, *, is_last: bool) -> list[str]:
    """What is said under one label, without what the model says or writes after its brief."""
    lines: list[str] = []
    for block in re.split(r"\n[ \t]*\n", text.strip()):
        told = [line for line in block.split("\n") if line.strip() and not is_rule(line)]
        if lines and told and (is_talk(told) or is_offer(told[0]) or (is_last and not _ITEM.match(told[0]))):
            break
        lines += told
    while is_last and len(lines) > 1 and (is_offer(lines[-1]) or is_talk(lines[-1:])):
        lines.pop()
    return lines


def _joined(lines: list[str]) -> str:
    """Lines as one; the items of a list are separated by semicolons."""
    is_listed = sum(bool(_ITEM.match(line)) for line in lines) > 1
    plain = [_ITEM.sub("", line).strip().strip("*_`").strip(" ;" if is_listed else " ") for line in lines]
    text = " ".join(("; " if is_listed else " ").join(part for part in plain if part).split()).strip("* ")
    return text[1:-1] if _IN_QUOTES.fullmatch(text) else text


def _phrases(lines: list[str]) -> tuple[str, ...]:
    """The clichés named, each once: items, lines, quotations, or what a separator parts, whichever there is."""
    is_listed = sum(bool(_ITEM.match(line)) for line in lines) > 1
    text = " ".join(line.strip() for line in lines)
    text = text[1:-1] if _IN_QUOTES.fullmatch(text) or re.fullmatch(r"\[.*\]", text) else text
    text = re.sub(r"(^|[;,]\s*)'([^'\n]{2,80})'(?=\s*(?:[;,]|$))", r'\1"\2"', text)
    quoted = _QUOTED.findall(text)
    if is_listed or (len(lines) > 1 and not re.search("[;,|]", text)):
        items = _without_reasons([_named(_ITEM.sub("", line).strip()) for line in lines])
        parts = [part for item in items for part in item.split(";")]
    elif len(quoted) > 1 and len(re.findall(r"\w+", _QUOTED.sub("", text))) <= len(quoted):
        parts = quoted
    else:
        parts = re.split(next((one for one in _SEPARATORS if re.search(one, text)), ";"), text)
    plain = [" ".join(_ITEM.sub("", part).strip().strip(".,\"“”'*_`-").split()) for part in parts]
    if len(plain) > 2 and plain[-1].count(" and ") == 1 and ";" not in text and "," in text:
        plain[-1:] = plain[-1].split(" and ")
    return tuple({part.casefold(): part for part in plain if part}.values())


def _without_reasons(items: list[str]) -> list[str]:
    """The phrases of a list where nearly each says, after a colon or in brackets, why it is tired."""
    found = [re.match(r"(?P<phrase>[^:(]{3,60}?)\s*(?::\s|\().+", item) for item in items]
    full = [match for match in found if match]
    if len(full) < max(2, _MOST * len(items)):
        return items
    return [match["phrase"] if match else item for match, item in zip(found, items, strict=True)]


def _named(item: str) -> str:
    """The phrase of an item that says, after the phrase, why it is tired."""
    found = _NAMED.match(item)
    return found["phrase"] if found else item


def _filled(told: tuple[str, ...], request: str) -> tuple[str, ...]:
    """The clichés named and, up to eight, those of the topic that share a word with the request, then the others."""
    asked = {word.folded for word in words_of(request)}
    topics = dict.fromkeys((topic_of(request), "general"))
    listed = [_spelled(row.name) for topic in topics for row in cliches_of(topic, kind=ClicheKind.PHRASE)]
    nearest = sorted(listed, key=lambda name: not asked & {word.folded.removesuffix("'s") for word in words_of(name)})
    known = {one.casefold() for one in told}
    lacking = dict.fromkeys(name for name in nearest if name.casefold() not in known)
    return (*told, *list(lacking)[: max(0, N_CLICHES - len(told))])


def _spelled(pattern: str) -> str:
    """A pattern of the list as a phrase: the first of its alternatives.

    >>> _spelled("winter's (chill|grip|embrace)")
    "winter's chill"
    """
    return " ".join(re.sub(r"\(([^|()]*)[^()]*\)", r"\1", pattern).replace("*", "…").split())
