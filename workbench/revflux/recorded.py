"""Sessions recorded elsewhere, such as the published reference's JSON files, read so that they can be measured here.

A file is a list of sessions, or an object that holds it under "results", "sessions", "runs" or "prompts" (other keys of
the object are defaults for its sessions: "model", "category"). A session is an object with

    prompt     (or "user_request", "request", "user_prompt"): what was asked for
    drafts     a list, the first draft first; or the first under "draft" ("initial_draft", "initial") and the others in
               a list under "revisions". A draft is its text, or an object with the text under "poem", "text" or "draft"
               and maybe "critique", the words said about it
    category, model    may be left out
    approved   true or false, maybe: the last draft was approved

Only the drafts are measured: critiques of other systems name no lines that could be followed.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.errors import InputError
from workbench.revflux.study import StudySession
from workbench.revision.types import Critique, Draft, Round, StopReason, Trace, VerdictKind
from workbench.storage.input_files import quoted, read_text, refusal
from workbench.storage.strict_json import JsonRefusedError, json_value
from workbench.types import content_id

_LISTS = ("results", "sessions", "runs", "prompts")
_PROMPTS = ("prompt", "user_request", "request", "user_prompt")
_FIRST = ("draft", "initial_draft", "initial")
_TEXTS = ("poem", "text", "draft")
MAX_CHARACTERS = 1_000_000
MAX_DRAFTS = 200

Record = Mapping[str, Any]


def read_recorded(path: Path) -> list[StudySession]:
    """The sessions of a recorded file; those of one prompt and model are counted as its samples.

    Raises:
        InputError: one line: file, which session, what is wrong, what to do.
    """
    try:
        data = json_value(read_text(path))
    except JsonRefusedError as exc:
        raise refusal(path, str(exc), exc.line) from exc
    defaults, records = _records(path, data)
    held: list[StudySession] = []
    samples: dict[tuple[str, str], int] = {}
    for number, record in enumerate(records, 1):
        where = f"{path}: session {number}"
        if not isinstance(record, Mapping):
            raise InputError(f'{where}: not an object, write {{"prompt": …, "drafts": […]}}')
        one = {**defaults, **record}
        model, prompt = _name(one, "model", "recorded", where), _text(one, _PROMPTS, where)
        sample = samples[model, prompt] = samples.get((model, prompt), -1) + 1
        id_ = content_id("recorded", model, prompt, str(sample))
        trace = _trace(one, id_=id_, model=model, where=where)
        category = _name(one, "category", "recorded", where)
        held.append(StudySession(id=id_, configuration=model, category=category, sample=sample, trace=trace))
    return held


def _records(path: Path, data: object) -> tuple[Record, Sequence[object]]:
    if isinstance(data, list):
        records, defaults = data, {}
    elif isinstance(data, dict):
        key = next((key for key in _LISTS if isinstance(data.get(key), list)), "")
        if not key:
            raise refusal(path, f"no list of sessions under any of {', '.join(_LISTS)}, put them under one of these", 1)
        records, defaults = data[key], {name: data[name] for name in ("model", "category") if name in data}
    else:
        raise refusal(path, "neither a list of sessions nor an object that holds one, see the format in the docs", 1)
    if not records:
        raise refusal(path, "there is no session in it, name another file", 1)
    return defaults, records


def _trace(one: Record, *, id_: str, model: str, where: str) -> Trace:
    texts, said = _drafts(one, where)
    approved = one.get("approved")
    if approved not in (None, True, False):
        raise InputError(f"{where}: approved is {quoted(approved)}, write true or false or leave it out")
    rounds: list[Round] = []
    for number, text in enumerate(texts):
        draft = Draft(
            id=content_id(id_, str(number), text), number=number, title="", text=text, author="poet", engine=model,
            parent_id=rounds[-1].draft.id if rounds else "", critique_id="", prompt_digest="", seed=0,
        )  # fmt: skip
        is_last = number == len(texts) - 1
        judged = approved is not None or any(said)
        critique = _critique(draft, said[number], is_approved=bool(approved) and is_last) if judged else None
        rounds.append(Round(number=number, draft=draft, critique=critique))
    return Trace(
        id=id_, request=_text(one, _PROMPTS, where), seed=0, educator="", poet=model, brief=None, rounds=tuple(rounds),
        best=-1, final_note="", stop=StopReason.APPROVED if approved else StopReason.LIMIT,
    )  # fmt: skip


def _critique(draft: Draft, said: str, *, is_approved: bool) -> Critique:
    verdict: VerdictKind = "approve" if is_approved else "revise"
    return Critique(
        id=content_id("recorded critique", draft.id), draft_id=draft.id, text=said, strongest=None, items=(),
        verdict=verdict, said=verdict, reason="", form_passed=None, engine="", prompt_digest="", seed=0,
    )  # fmt: skip


def _drafts(one: Record, where: str) -> tuple[list[str], list[str]]:
    """Texts of the drafts and what was said about each."""
    listed = one.get("drafts")
    if listed is None:
        first = next((one[key] for key in _FIRST if one.get(key) is not None), None)
        others = one.get("revisions", [])
        listed = None if first is None or not isinstance(others, list) else [first, *others]
    if not isinstance(listed, list) or not listed:
        raise InputError(f'{where}: no drafts, write a list of texts under "drafts"')
    if len(listed) > MAX_DRAFTS:
        raise InputError(f"{where}: {len(listed)} drafts are more than {MAX_DRAFTS}, split the session")
    texts, said = [], []
    for number, draft in enumerate(listed, 1):
        record = draft if isinstance(draft, Mapping) else {"poem": draft}
        texts.append(_text(record, _TEXTS, f"{where}, draft {number}"))
        critique = record.get("critique")
        said.append(critique if isinstance(critique, str) else "")
    return texts, said


def _text(record: Record, keys: Sequence[str], where: str) -> str:
    text = next((record[key] for key in keys if record.get(key) is not None), None)
    if not isinstance(text, str) or not text.strip():
        raise InputError(f'{where}: no text under "{keys[0]}", add it')
    if len(text) > MAX_CHARACTERS or any("\ud800" <= char <= "\udfff" for char in text):
        raise InputError(f'{where}: the text under "{keys[0]}" is too long or holds half a character: fix this text')
    return text.replace("\r\n", "\n")


def _name(record: Record, key: str, default: str, where: str) -> str:
    name = record.get(key, default)
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"{where}: the {key} is {quoted(name)}, write a name or leave it out")
    return name.strip()
