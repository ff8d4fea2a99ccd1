r"""Rows of named fields become `Poem`s: which name means what, what is mended, what cannot be used.

Fields go by their usual names (`SYNONYMS`, in any case, with blanks, _ or - between words); the first one present
counts, null and NaN count as absent. Only the poem itself must be there: one string, or a list of lines; of a row of
instruction and output it is the output, of a chat the last answer. A number is text.

Tables are made by machines, and what machines leave in them is mended and said in one word: \r\r\n, \r, U+2028 (`line
ends`), tags and entities (`HTML`), a backslash with an n where a line should end (`\n`), blank lines around. A row that
carries the mark of `write_poems` is taken byte for byte.
"""

import html
import math
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from workbench.prompts.thinking import without_thinking
from workbench.storage.input_files import quoted, refusal, shown
from workbench.types import Poem

MAX_POEM_CHARACTERS = 1_000_000
MAX_FIELD_CHARACTERS = 10_000  # of a title, an author and the like
EXACT = "workbench"  # a field of rows that the workbench wrote: their texts are as they should be

SYNONYMS = {
    "title": ("title", "name", "heading", "poem name", "poem title"),
    "text": (
        "poem",
        "text",
        "content",
        "body",
        "lines",
        "poem text",
        "poem content",
        "verse",
        "stanzas",
        "output",
        "response",
        "completion",
        "chosen",
    ),
    "author": ("author", "poet", "by", "poet name", "author name"),
    "form": ("form",),
    "licence": ("licence", "license"),
    "failure": ("failure",),
}  # fmt: skip
KINDS = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
    bytes: "bytes",
    type(None): "null",
}
CHATS = ("messages", "conversations", "conversation", "chat")
_ANSWERS = ("output", "response", "completion", "chosen")  # what models write, thoughts included
_ANSWERERS = ("assistant", "gpt", "model", "bot")
#: A paragraph of several lines is a stanza; one of one line may be a line.
_LINES_IN_P = re.compile(
    r"<p\b[^<>]*>(?:(?!</p>).)*?(?:<br|\S[ \t]*\n[ \t]*\S)(?:(?!</p>).)*</p>", re.IGNORECASE | re.DOTALL
)
_STANZA = re.compile(r"[ \t]*</p>\s*(?=<p\b)", re.IGNORECASE)
_BREAK = re.compile(r"[ \t]*<br\s*/?>[ \t]*\n?|[ \t]*</(?:p|div)>\s*", re.IGNORECASE)
_TAG = re.compile(r"</?(?:p|div|span|em|i|b|strong|center|pre)(?:\s[^<>]*)?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}\d?);", re.IGNORECASE)
_NOTHING = {"nan", "<na>", "null", "none", "nil", "n/a", "#n/a", "na", "undefined"}  # what exports write into a cell
_LINE_ENDS = re.compile("\r+\n|[\r\u2028\u2029\x0b\x85]")
_EDGES = re.compile(r"\A(?:[ \t]*\n)+|\s+\Z")


def checked(poem: Poem, path: Path, line: int) -> Poem:
    """The poem, if it can be used and written back.

    Raises:
        InputError: it is empty, too long, or holds NUL or a lone surrogate.
    """
    for field in SYNONYMS:
        text = getattr(poem, field)
        most = MAX_POEM_CHARACTERS if field == "text" else MAX_FIELD_CHARACTERS
        if len(text) > most:
            raise refusal(path, f"the {field} is longer than {most} characters, shorten it", line)
        if "\0" in text:
            raise refusal(path, f"the {field} holds a NUL character, remove it", line)
        if not text.isascii() and any("\udc80" <= c <= "\udcff" for c in text):  # how `read_text` brings them
            raise refusal(path, f"the {field} holds a byte that is not UTF-8, save the file as UTF-8", line)
        if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
            raise refusal(path, f"the {field} holds half of a character (a lone surrogate), write it whole", line)
    if not any(c.isprintable() and not c.isspace() for c in poem.text):
        raise refusal(path, "the poem is empty, write it or remove the entry", line)
    return poem


def plain_name(name: str) -> str:
    """A field's name as it is compared: without what cannot be seen.

    >>> plain_name(" Poem_Name "), plain_name("\ufeffTi\u200btle")
    ('poem name', 'title')
    """
    seen = "".join(letter for letter in name if unicodedata.category(letter) != "Cf")
    return " ".join(re.sub(r"[_\-]", " ", seen).casefold().split())


def poem_from(row: Mapping[str, object], path: Path, line: int, *, is_exact: bool = False) -> tuple[Poem, set[str]]:
    """A poem from named fields, and a word for each thing that was mended or is in doubt.

    Raises:
        InputError: the poem is missing, or a field is not text.
    """
    names = [plain_name(name) for name in row]
    known = {name for synonyms in SYNONYMS.values() for name in synonyms}
    twice = next((name for name in names if name in known and names.count(name) > 1), None)
    if twice is not None:
        raise refusal(path, f"the field {quoted(twice)} is given twice, remove one", line)
    values = _unfolded(dict(zip(names, row.values(), strict=True)))
    given = {field: _first(values, names) for field, names in SYNONYMS.items()}
    if given["text"] is None and (empty := next((name for name in names if name in SYNONYMS["text"]), None)):
        raise refusal(path, f"the field {quoted(empty)} is empty, fill it or remove the row", line)
    if given["text"] is None:
        raise refusal(path, f"no poem, add a field 'poem' (there are {quoted(', '.join(row) or 'no fields')})", line)
    texts = {field: _text(value, field, path, line) for field, value in given.items() if value is not None}
    words = {"output"} if values.get("poem") is None and given["text"] is values.get("output") else set()
    words |= _doubts(values, given["text"])
    if not is_exact and EXACT not in values:
        for field, text in texts.items():
            texts[field] = mended(text, words, is_line=field != "text")
        is_answer = any(given["text"] is values.get(name) for name in _ANSWERS)
        if is_answer and (answer := without_thinking(texts["text"])) != texts["text"].strip():
            texts["text"] = answer
            words.add("thoughts")
        if texts["text"].strip().casefold() in _NOTHING:
            raise refusal(path, f"the poem is only {quoted(texts['text'].strip())}, write it or remove the entry", line)
        texts["title"] = "" if texts.get("title") in ("nan", "NaN", "<NA>") else texts.get("title", "")
    return checked(Poem(**{"title": "", **texts}, source=f"{shown(path)}:{line}"), path, line), words


def mended(text: str, words: set[str], *, is_line: bool = False, is_padded: bool = False) -> str:
    r"""A text without what machines left in it; what was mended is added to `words`.

    >>> words = set()
    >>> mended("a wet gate<br />swings &amp; sings", words), words
    ('a wet gate\nswings & sings', {'HTML'})
    """
    found = text.lstrip("\ufeff")  # where files were put together, each began with one
    if found != text:
        words.add("byte order mark")
    if _LINE_ENDS.search(found):
        found = _LINE_ENDS.sub("\n", found.replace("\u2029", "\n\n"))
        words.add("line ends")
        is_padded = True
    if "\n" not in found and "\\n" in found:
        found = found.replace("\\r\\n", "\n").replace("\\n", "\n")
        words.add("\\n")
    if "<" in found or "&" in found:
        plain = _STANZA.sub("\n\n", found) if _LINES_IN_P.search(found) else found
        plain = _TAG.sub("", _BREAK.sub("\n", plain)) if _BREAK.search(plain) else plain
        plain = _ENTITY.sub(lambda match: html.unescape(match[0]).replace("\xa0", " "), plain)
        if plain != found:
            found, is_padded = plain, True
            words.add("HTML")
    if is_line and "\n" in found:
        return " ".join(found.split())
    return _EDGES.sub("", found) if is_padded else found


def _text(value: object, field: str, path: Path, line: int) -> str:
    if isinstance(value, list) and field == "text" and (text := _of_lines(value)) is not None:
        return text
    if isinstance(value, int | float) and not isinstance(value, bool) and field != "text" and math.isfinite(value):
        return str(int(value)) if value == int(value) else str(value)
    if not isinstance(value, str):
        kind = KINDS.get(type(value), type(value).__name__)
        raise refusal(path, f"the {field} is {kind}, write it as text in quotes", line)
    return value


def _of_lines(value: list[object]) -> str | None:
    """Lines, or stanzas of lines, as one text; None where they are neither."""
    parts = [_of_lines(part) if isinstance(part, list) else part for part in value]
    if not all(isinstance(part, str) for part in parts):
        return None
    has_stanzas = any(isinstance(part, list) or (isinstance(part, str) and "\n" in part) for part in value)
    return ("\n\n" if has_stanzas else "\n").join(map(str, parts))


def rows_of(value: object) -> list[object]:
    """The rows of one JSON value: itself, or, where it is a table by columns, each row of it.

    >>> rows_of({"title": {"0": "A", "1": "B"}, "poem": {"0": "a", "1": "b"}})
    [{'title': 'A', 'poem': 'a'}, {'title': 'B', 'poem': 'b'}]
    """
    if not isinstance(value, dict):
        return [value]
    columns = {name: _by_place(column) for name, column in value.items()}
    filled = [column for name, column in columns.items() if plain_name(name) in SYNONYMS["text"] and column]
    titles = [column for name, column in columns.items() if plain_name(name) in SYNONYMS["title"] and column]
    is_list = any(isinstance(value[name], list) for name in columns if plain_name(name) in SYNONYMS["text"])
    if not filled or (is_list and (not titles or titles[0].keys() != filled[0].keys())):
        return [value]
    return [{name: column[place] for name, column in columns.items() if place in column} for place in filled[0]]


def _by_place(column: object) -> dict[str, object]:
    if isinstance(column, list):
        return {str(place): cell for place, cell in enumerate(column)}
    return column if isinstance(column, dict) and all(str(name).isdecimal() for name in column) else {}


def _unfolded(values: dict[str, object]) -> dict[str, object]:
    """The answer of a chat, or of an instruction, under the name of the poem; a row inside the row unwrapped."""
    if isinstance(row := values.get("row"), dict) and _first(values, SYNONYMS["text"]) is None:
        values = values | {plain_name(str(name)): value for name, value in row.items()}
    chat = next((values[name] for name in CHATS if isinstance(values.get(name), list)), None)
    if isinstance(chat, list) and _first(values, SYNONYMS["text"]) is None:
        return values | {"output": _answer_in(chat)}
    values |= {name: _answer_in(turns) for name in _ANSWERS if _is_chat(turns := values.get(name))}
    if "instruction" in values and values.get("output") is not None:
        return {name: value for name, value in values.items() if name not in SYNONYMS["text"] or name == "output"}
    return values


def _is_chat(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(turn, dict) and "role" in turn for turn in value)


def _answer_in(chat: object) -> object:
    """The last answer of a chat; None where there is none."""
    turns = [turn for turn in chat if isinstance(turn, dict)] if isinstance(chat, list) else []
    said = [turn for turn in turns if turn.get("role", turn.get("from")) in _ANSWERERS]
    return _of_parts(said[-1].get("content", said[-1].get("value"))) if said else None


def _of_parts(content: object) -> object:
    """The text of a chat's turn that came in parts; other content as it is."""
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        return content
    return "".join(part["text"] for part in content if isinstance(part.get("text"), str)) or None


def _doubts(values: Mapping[str, object], taken: object) -> set[str]:
    """A word where another field could be the poem as well."""
    texts = [name for name in SYNONYMS["text"] if isinstance(values.get(name), str) and str(values[name]).strip()]
    if len({str(values[name]).strip() for name in texts}) < 2:
        return set()
    chosen = next((name for name in texts if values[name] is taken), texts[0])
    return {f"“{chosen}” is taken for the poem and not “{name}”" for name in texts if values[name] != values[chosen]}


def _first(values: Mapping[str, object], names: tuple[str, ...]) -> object:
    found = (values.get(name) for name in names)
    return next((value for value in found if value is not None and value == value), None)  # NaN is not itself
