"""Rows in and out, and as chat examples: `data/education/TASK.jsonl`, one JSON object per line, read strictly.

What a row says is judged by the gates. Here only a line that is not a row at all is refused: not JSON, an unknown key,
a value of the wrong kind. A file is named after its task.

Each row becomes what its learner will be asked in use, and the answer it should give. The questions are made by
`prompts.roles`, which revision, server and app call too. A dialogue teaches three things: its critique and its second
critique to the educator, its revision to the poet. The brief of a pair also teaches the educator to write briefs, and a
rhyme pair also teaches the poet, who gets the brief without the scheme.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from workbench.corpus.load import load_poems
from workbench.education.types import CONTENT_FIELDS, ChatExample, Library, Provenance, Row
from workbench.errors import InputError
from workbench.places import located
from workbench.prompts import roles
from workbench.prompts.templates import poem_target
from workbench.prosody import prosody_report
from workbench.storage.atomic import write_file
from workbench.storage.input_files import files_in, quoted, read_text, refusal
from workbench.storage.strict_json import JsonRefusedError, json_value
from workbench.types import Poem, Prompt

SEED_SET = Path("data/education")
POEMS = Path("data/poems")
UNNAMED = "not named"  # the failure of a poem in bad/ that says none

_PROVENANCE_FIELDS = tuple(item.name for item in fields(Provenance))


def load_library(folder: Path = POEMS) -> Library:
    """The good and bad poems that rows may name: those of `good/`, and those of `bad/` where there is one.

    A poem of `bad/` counts as one that failed, whether or not its file says in what.

    Raises:
        InputError: a file cannot be used, or two poems share a title.
    """
    read = [load_poems(folder / kind) for kind in ("good", "bad") if kind == "good" or located(folder / kind).exists()]
    poems = [*read[0], *(replace(poem, failure=poem.failure or UNNAMED) for one in read[1:] for poem in one)]
    library = Library(poems, remarks=[remark for one in read for remark in one.told])
    if len(library) < len(poems):
        titles = [poem.title for poem in poems]
        double = next(title for title in titles if titles.count(title) > 1)
        raise InputError(f"{folder}: two poems are called {quoted(double)}, rows name poems by title: rename one")
    return library


def load_rows(path: Path, task_fields: Mapping[str, Sequence[str]]) -> list[Row]:
    """The rows of one file, or of all .jsonl files of a folder by name.

    Args:
        path: a file TASK.jsonl (or TASK.ANYTHING.jsonl), or a folder of such files.
        task_fields: the fields of each task by its name.

    Raises:
        InputError: one line, `file:line: reason, what to do`.
    """
    path = located(path)
    files = [file for file in files_in(path) if file.suffix == ".jsonl"] if path.is_dir() else [path]
    return [row for file in files for row in _rows_of(file, task_fields)]


def write_rows(path: Path, rows: Iterable[Row], names: Sequence[str]) -> None:
    """Writes rows of one task as .jsonl, all or nothing; `load_rows` gives them back, with a new `place`.

    Raises:
        StoreError: the disk.
    """
    lines = [json.dumps(row.data(names), ensure_ascii=False) + "\n" for row in rows]
    write_file(path, "".join(lines).encode("utf-8"))


def row_from(data: Mapping[str, Any], *, task: str, names: Sequence[str]) -> Row:
    """A row of a task from plain data; fields that are missing stay empty, for the gates to see.

    Raises:
        ValueError: an unknown key or a value of the wrong kind; the message is `reason, what to do`.
    """
    if unknown := sorted(data.keys() - {*names, "provenance"}):
        raise ValueError(f"unknown key {quoted(unknown[0])}, a {task} row has {', '.join(names)}")
    values: dict[str, Any] = {name: _value(name, data[name]) for name in names if name in data}
    return replace(Row(task=task, provenance=_provenance(data.get("provenance", {}))), **values)


def _rows_of(path: Path, task_fields: Mapping[str, Sequence[str]]) -> list[Row]:
    task = path.name.split(".")[0]
    if task not in task_fields or path.suffix != ".jsonl":
        raise refusal(path, f"not named after a task, call it TASK.jsonl; tasks are {', '.join(task_fields)}")
    rows = []
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            data = json_value(line, line=number)
            if not isinstance(data, dict):
                raise ValueError("not an object, write one {…} per line")
            row = row_from(data, task=task, names=task_fields[task])
        except JsonRefusedError as exc:
            raise refusal(path, str(exc), exc.line) from exc
        except ValueError as exc:
            raise refusal(path, str(exc), number) from exc
        rows.append(replace(row, place=f"{path}:{number}"))
    return rows


def _value(name: str, value: object) -> str | tuple[str, ...]:
    if name not in CONTENT_FIELDS:
        raise ValueError(f"{name!r} is not a field of a row")
    is_list = name == "end_words"
    if is_list and isinstance(value, list) and all(isinstance(word, str) for word in value):
        return tuple(_whole(word) for word in value)
    if not is_list and isinstance(value, str):
        return _whole(value)
    raise ValueError(f"the value of {name!r} is not {'a list of words' if is_list else 'text'}: fix this line")


def _whole(text: str) -> str:
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("half of a character pair (a lone surrogate), write the whole character")
    return text


def _provenance(data: object) -> Provenance:
    """Numbers come out of the JSON guard as floats; a seed is below 2^31, so none is lost."""
    kinds: dict[str, type] = {"seed": float, "parents": list}
    is_known = isinstance(data, dict) and not data.keys() - set(_PROVENANCE_FIELDS)
    if not is_known or not all(isinstance(value, kinds.get(key, str)) for key, value in _items(data)):
        raise ValueError(f"`provenance` is not an object of {', '.join(_PROVENANCE_FIELDS)}, leave it out or fix it")
    values: dict[str, Any] = dict(_items(data))
    if "seed" in values:
        values["seed"] = int(values["seed"])
    if "parents" in values:
        values["parents"] = tuple(str(parent) for parent in values["parents"])
    return Provenance(**values)


def _items(data: object) -> list[tuple[str, object]]:
    return list(data.items()) if isinstance(data, dict) else []


#: The prompt files that each task is asked with.
PROMPTS = ("critique", "revision_brief", "comparison", "brief", "autopsy", "lesson", "draft", "revise", "rhyme_draft")


@dataclass(frozen=True, slots=True, kw_only=True)
class Personas:
    """What the prompts say besides the row."""

    mentor: str  # text of the persona
    poet: str
    report_chars: int = 0  # of the prosody report that a critique is asked with; 0 = none


def examples_of(row: Row, library: Library, personas: Personas) -> list[ChatExample]:
    """What one sound row teaches.

    Args:
        row: of any task; its poems are in the library.
        library: the poems.
        personas: how educator and poet are addressed, and the size of the report.
    """
    poems = library.of(row)
    pairs = _MAKERS[row.task](row, poems, personas)
    return [
        ChatExample(
            task=task,
            learner=learner,
            messages=prompt,
            target=target.strip(),
            poem_ids=tuple(poem.id for poem in poems),
            row_id=row.id,
            provenance=row.provenance,
        )
        for task, learner, prompt, target in pairs
    ]


_Pairs = list[tuple[str, str, Prompt, str]]  # task, learner, prompt, target
_Maker = Callable[[Row, tuple[Poem, ...], Personas], _Pairs]


def _critique(row: Row, poems: tuple[Poem, ...], personas: Personas) -> _Pairs:
    return [(row.task, "educator", ask_critique_of(poems[0], personas), row.text)]


def _revision_brief(row: Row, poems: tuple[Poem, ...], personas: Personas) -> _Pairs:
    poem = poems[0]
    prompt = roles.ask_revision_brief(poem.title, poem.text, critique=row.critique, mentor=personas.mentor)
    return [(row.task, "educator", prompt, row.text)]


def _comparison(row: Row, poems: tuple[Poem, ...], personas: Personas) -> _Pairs:
    a, b = poems
    prompt = roles.ask_comparison((a.title, a.text), (b.title, b.text), mentor=personas.mentor)
    return [(row.task, "educator", prompt, row.text)]


def _brief(row: Row, _: tuple[Poem, ...], personas: Personas) -> _Pairs:
    return [(row.task, "educator", roles.ask_brief(row.request, mentor=personas.mentor), row.text)]


def _autopsy(row: Row, poems: tuple[Poem, ...], personas: Personas) -> _Pairs:
    prompt = roles.ask_autopsy(poems[0].title, poems[0].text, mentor=personas.mentor)
    return [(row.task, "educator", prompt, row.text)]


def _lesson(row: Row, _: tuple[Poem, ...], personas: Personas) -> _Pairs:
    return [(row.task, "educator", roles.ask_lesson(row.question, mentor=personas.mentor), row.text)]


def _dialogue(row: Row, poems: tuple[Poem, ...], personas: Personas) -> _Pairs:
    poem, revised = poems[0], Poem(title=row.revised_title, text=row.revised_poem)
    revise = roles.ask_revise(poem.title, poem.text, brief_text="", critique=row.critique, poet=personas.poet)
    return [
        (row.task, "educator", ask_critique_of(poem, personas), row.critique),
        (row.task, "educator", ask_critique_of(revised, personas), row.follow_up),
        (row.task, "poet", revise, poem_target(revised)),
    ]


def _poet_pair(row: Row, poems: tuple[Poem, ...], personas: Personas) -> _Pairs:
    prompt = roles.ask_draft(row.brief, poet=personas.poet)
    return [(row.task, "poet", prompt, poem_target(poems[0])), _brief_of(row, personas)]


def _rhyme_pair(row: Row, poems: tuple[Poem, ...], personas: Personas) -> _Pairs:
    ends = ", ".join(row.end_words)
    prompt = roles.ask_rhyme_draft(row.brief, form=row.form, scheme=row.scheme, end_words=ends, poet=personas.poet)
    target = poem_target(poems[0])
    plain = (row.task, "poet", roles.ask_draft(row.brief, poet=personas.poet), target)  # its brief alone, for the poet
    return [(row.task, "rhyme_poet", prompt, target), plain, _brief_of(row, personas)]


def _with_critique(made: _Maker) -> _Maker:
    """A model's own poem teaches what a pair teaches, and the educator its critique."""

    def pairs(row: Row, poems: tuple[Poem, ...], personas: Personas) -> _Pairs:
        critique = ("critique", "educator", ask_critique_of(poems[0], personas), row.critique)
        return [*made(row, poems, personas), critique]

    return pairs


def _brief_of(row: Row, personas: Personas) -> tuple[str, str, Prompt, str]:
    return "brief", "educator", roles.ask_brief(row.request, mentor=personas.mentor), row.brief


def ask_critique_of(poem: Poem, personas: Personas) -> Prompt:
    """A critique as revision asks for it: with the measured facts."""
    report = prosody_report(poem.text).to_prompt(personas.report_chars) if personas.report_chars else ""
    return roles.ask_critique(poem.title, poem.text, report=report, mentor=personas.mentor)


_MAKERS: dict[str, _Maker] = {
    "critique": _critique,
    "approval": _critique,
    "rejection": _critique,
    "revision_brief": _revision_brief,
    "comparison": _comparison,
    "brief": _brief,
    "autopsy": _autopsy,
    "lesson": _lesson,
    "dialogue": _dialogue,
    "poet_pair": _poet_pair,
    "rhyme_pair": _rhyme_pair,
    "written_poem": _with_critique(_poet_pair),
    "written_rhyme": _with_critique(_rhyme_pair),
}
