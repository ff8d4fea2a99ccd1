"""The prompts of a study: `data/revflux/prompts.jsonl`, or a user's own file.

.jsonl   one object a line: {"prompt": "…", "category": "…"}; the category may be left out
.txt     one prompt a line

The three categories of the reference: `canonical` (a well-known poem described, never quoted: will the model fall into
it?), `generic` (a subject and nothing else), `cliche` (a subject that comes with its clichés).
"""

from dataclasses import dataclass
from pathlib import Path

from workbench.storage.input_files import quoted, read_text, refusal
from workbench.storage.strict_json import JsonRefusedError, json_value
from workbench.types import content_id

YOURS = "yours"
MAX_CHARACTERS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPrompt:
    """What the models are asked for."""

    text: str
    category: str

    @property
    def id(self) -> str:
        """Content identity; the category is not part of it."""
        return content_id("study prompt", self.text)


def read_prompts(path: Path) -> list[StudyPrompt]:
    """The prompts of a file, in order; one that is there twice counts once.

    Raises:
        InputError: `file:line: reason, what to do`.
    """
    if path.suffix not in (".jsonl", ".txt"):
        raise refusal(path, "prompts come as .jsonl or .txt, rename or convert the file")
    found: dict[str, StudyPrompt] = {}
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if line.strip():
            prompt = _prompt(path, line, number) if path.suffix == ".jsonl" else (line.strip(), YOURS)
            if len(prompt[0]) > MAX_CHARACTERS:
                raise refusal(path, f"the prompt is longer than {MAX_CHARACTERS} characters, shorten it", number)
            one = StudyPrompt(text=prompt[0], category=prompt[1])
            found.setdefault(one.id, one)
    if not found:
        raise refusal(path, "there is no prompt in it, write one a line")
    return list(found.values())


def of_each_category(prompts: list[StudyPrompt], limit: int) -> list[StudyPrompt]:
    """The first `limit` prompts of every category; all of them for 0."""
    seen: dict[str, int] = {}
    kept = []
    for prompt in prompts:
        seen[prompt.category] = seen.get(prompt.category, 0) + 1
        if not limit or seen[prompt.category] <= limit:
            kept.append(prompt)
    return kept


def _prompt(path: Path, line: str, number: int) -> tuple[str, str]:
    try:
        value = json_value(line, line=number)
    except JsonRefusedError as exc:
        raise refusal(path, str(exc), exc.line) from exc
    if not isinstance(value, dict) or not isinstance(value.get("prompt"), str) or not value["prompt"].strip():
        raise refusal(path, 'no text under the key "prompt", write {"prompt": "…", "category": "…"}', number)
    category = value.get("category", YOURS)
    if not isinstance(category, str) or not category.strip():
        raise refusal(path, f"the category {quoted(category)} is no name, write a word or leave it out", number)
    text = value["prompt"].strip()
    if any("\ud800" <= char <= "\udfff" for char in text + category):
        raise refusal(path, "half of a character pair (a lone surrogate), write the whole character", number)
    return text, category.strip()
