r"""GBNF grammars that keep an engine to the shape of a brief, a critique and a poem.

They bind the shape and leave the words: only lines that exist can be cited, a sentence ends at a word, a poem has as
many lines as its form. The `close` ones are for models that were never taught the formats: the words of the cited line
are quoted for them, and they choose what to say of it from `menu.tsv`: what an untaught model says itself is noise.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from workbench.prosody.forms import FORM_BY_NAME
from workbench.revision.types import FAILURES

#: Failures that a critique may hold: three are enough for one revision.
MOST_FAILURES = 3
#: Lines of a poem whose form does not say; shape and close.
_FREE_LINES = {False: (2, 40), True: (6, 12)}

# What an untaught model chooses from; taught ones write their own.
_TRADES = (
    "a tailor's workroom", "a bakery before dawn", "a clockmaker's bench", "the engine room of a ferry",
    "a beekeeper's shed", "a piano tuner's bag", "a surveyor's notebook", "a laundry at noon", "a glazier's van",
    "the drawers of a seed merchant", "a railway signal box", "a dentist's tray", "a bank's counting house",
)  # fmt: skip
_SOUNDS = (
    "short words and hard stops", "long vowels, slow lines", "a soft s that keeps returning", "plain speech",
    "consonants that click shut", "two beats and a rest", "open vowels at the line ends",
)  # fmt: skip
_FORMS = ("free verse", "free verse in short stanzas", "free verse in one stanza")
#: What an untaught educator may find, one of each at most.
_IN_THE_WORDS = (
    "abstraction", "cliche", "dead metaphor", "unclear image", "greeting-card sentiment", "explained ending",
)  # fmt: skip
_IN_THE_LINE = ("padding", "weak line break", "slack verb")
_MENU = Path(__file__).with_name("menu.tsv")

_WORDS = r"""
capital ::= [A-Z] [a-z’']{0,17}
word ::= "a" | "A" | "I" | "O" | [A-Za-z] [a-z’']{1,17} ("-" [a-z]{2,15})?
piece ::= word [,;]? | quote ","?
quote ::= "\"" word ([,;’-]? " " word){0,9} [.,!?]? "\""
"""


# ---------------------------------------------------------------- critique


def critique_grammar(lines: Sequence[str], *, close: bool = False, must_ask: bool = False) -> str:
    """The critique format for a poem of these lines; a line that is not there cannot be cited.

    Args:
        lines: of the poem.
        close: for models that were never taught the format.
        must_ask: at least one failure and no approval: of an educator whose approvals tell nothing.
    """
    if close:
        return _close_critique(lines, must_ask=must_ask)
    verdicts = ("revise", "start over") if must_ask else ("approve", "revise", "start over")
    return (
        'root ::= "STRONGEST line " number ": " said "\\n" failure{%d,%d} "VERDICT " verdict ": " said\n'
        'failure ::= ("LINE " number | "LINES " number "-" number) " (" kind "): " said " TRY: " said "\\n"\n'
        f"verdict ::= {_any(verdicts)}\n"
        'said ::= sentence (" " sentence){0,2}\n'
        'sentence ::= (capital ","? | quote) (" " piece){3,30} [.?]\n'
        f"number ::= {_any(range(1, len(lines) + 1))}\n"
        f"kind ::= {_any(FAILURES)}"
        f"{_WORDS}"
    ) % (must_ask, MOST_FAILURES)


def _close_critique(lines: Sequence[str], *, must_ask: bool) -> str:
    said, parts = _menu(), []
    for number, line in enumerate(lines, 1):
        quote = f'"{number}: {_quoted(line)} "'
        parts.append(f"strong-{number} ::= {quote} praise")
        for place, kinds in enumerate((_IN_THE_WORDS, _IN_THE_LINE), 1):
            cited = (quote.replace(":", f" ({kind}):", 1) + f" {kind.replace(' ', '-')}" for kind in kinds)
            parts.append(f"weak-{place}-{number} ::= {' | '.join(cited)}")
    for kind in (*_IN_THE_WORDS, *_IN_THE_LINE):
        parts.append(f"{kind.replace(' ', '-')} ::= {_any(f'{note} TRY: {way}' for note, way in said[kind])}")
    strong, first, second = (
        " | ".join(f"{name}-{n + 1}" for n in range(len(lines))) for name in ("strong", "weak-1", "weak-2")
    )
    approve, revise = (_any(f"{kind}: {note}" for note, _ in said[kind]) for kind in ("approve", "revise"))
    praised = "" if must_ask else f' | "VERDICT " ({approve})'
    root = f'root ::= "STRONGEST line " ({strong}) "\\n" (failures "VERDICT " ({revise}){praised})'
    failures = f'failures ::= "LINE " ({first}) "\\n" ("LINE " ({second}) "\\n")?'
    praise = f"praise ::= {_any(note for note, _ in said['strongest'])}"
    return "\n".join([root, failures, praise, *parts])


@lru_cache(maxsize=1)
def _menu() -> dict[str, list[tuple[str, str]]]:
    """What may be said of a line, by kind: notes with their directions."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in _MENU.read_text(encoding="utf-8").split("\n")[1:]:
        if row.strip():
            kind, note, direction = (*row.split("\t"), "")[:3]
            found.setdefault(kind, []).append((note, direction))
    return found


def _quoted(line: str) -> str:
    """The line as a quotation inside a GBNF string: at most its first ten words, without quotes of its own."""
    words = re.sub(r"[\"“”\\]", "", line).split()[:10]
    return '\\"' + " ".join(words).rstrip(" .,;:!?—–-") + '\\"'


# ---------------------------------------------------------------- poem


def poem_grammar(form: str = "", *, close: bool = False) -> str:
    """A title and a poem; lines and stanzas are the form's where it fixes them."""
    line = (
        'line ::= (capital | "I" | "A") (" " verse){2,7} [.,;!?]?\nverse ::= word [,;]?'
        if close
        else 'line ::= mark{1,20} (" " mark{1,20}){0,16}\nmark ::= [^ \\n]'
    )
    title = "{0,4}" if close else "{0,9}"
    return (
        f'root ::= "Title: " title "\\nPoem: " poem\n'
        f"title ::= [A-Z] [A-Za-z’']{{0,15}} (\" \" [A-Za-z0-9] [A-Za-z’'-]{{0,15}}){title}\n"
        f"poem ::= {_layout(form, close=close)}\n"
        f"{line}"
        f"{_WORDS}"
    )


def _layout(form: str, *, close: bool) -> str:
    row = FORM_BY_NAME.get(form)
    if row is None or not row.n_lines or row.kind not in ("whole", "stanzas"):
        fewest, most = _FREE_LINES[close]
        return f'line ("\\n" "\\n"? line){{{fewest - 1},{most - 1}}}'
    units = [' "\\n" '.join(["line"] * len(unit)) for unit in row.schemes[0]]
    whole = ' "\\n\\n" '.join(units)
    if row.kind == "whole":
        return whole
    fewest, most = row.min_units, max(row.min_units, 1 if row.syllables else 3 if close else 10)
    return f'{whole} ("\\n\\n" {whole}){{{fewest - 1},{most - 1}}}'


# ---------------------------------------------------------------- brief


def brief_grammar(*, form: str = "", close: bool = False) -> str:
    """The six lines of a brief; `form` is what the request names already."""
    if close:
        body = (
            'root ::= "ANGLE: " angle "\\nIMAGES FROM: " trade "\\nFORM: " form "\\nSOUND: " sound "\\nTURN: " turn\n'
            'angle ::= ("The" | "A" | "One" | "What" | "How") (" " word){3,9}\n'
            f"turn ::= {_any(note for note, _ in _menu()['turn'])}\n"
            f"trade ::= {_any(_TRADES)}\n"
            f"form ::= {_any([form] if form else _FORMS)}\n"
            f"sound ::= {_any(_SOUNDS)}"
        )
    else:
        body = (
            'root ::= "ANGLE: " said "\\nAVOID: " phrase ("; " phrase){7} "\\nIMAGES FROM: " said '
            '"\\nFORM: " said "\\nSOUND: " said "\\nTURN: " said\n'
            'said ::= piece (" " piece){1,30} "."?\n'
            'phrase ::= word (" " word){0,6}'
        )
    return body + _WORDS


# ---------------------------------------------------------------- final note


def note_grammar(lines: Sequence[str] = (), *, close: bool = False) -> str:
    """Three or four whole sentences; an untaught model chooses the line that stays, and what to carry on."""
    if close:
        stays = " | ".join(f'"{_quoted(line)}"' for line in lines)
        carry = _any(note for note, _ in _menu()["final"])
        return f'root ::= "What stays with me is " ({stays}) ". " ({carry})'
    return f'root ::= sentence (" " sentence){{1,3}}\nsentence ::= capital (" " piece){{4,30}} [.?]{_WORDS}'


def _any(words: Iterable[object]) -> str:
    return " | ".join(f'"{word}"' for word in words)
