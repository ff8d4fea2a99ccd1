"""The rhyme bench: does the rhyme poet keep a scheme better than the poet, and than the base model?

Each prompt names a form and its scheme; every arm answers it with the same seeds. Measured of each answer:

    is a poem        share of answers that are poems at all                                     0 … 1
    line count       the form's number of lines is kept                                         0 or 1
    strict density   share of lines in a full rhyme of different words                          0 … 1
    above chance     strict density minus what random end words would give at this length
    form kept        `check_form` finds no fault                                                0 or 1

An answer that is not a poem counts as 0 everywhere: an arm cannot gain by failing. Means over a prompt's samples, then
over prompts; intervals over prompts, differences paired by prompt. Answers are kept line by line as they
come, so an interrupted bench continues. Says nothing about whether the poems are good.
"""

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.engines.protocols import Sampler
from workbench.errors import InputError
from workbench.intervals import Estimate, difference_of, mean_of, shown
from workbench.pages import markdown_table, text_frame
from workbench.places import ROOT
from workbench.prompts.roles import ask_rhyme_draft
from workbench.prosody import check_form, strong_rhyme
from workbench.revision.replies import parse_poem_reply
from workbench.storage.atomic import append_json, disk_errors, json_lines
from workbench.types import Completion, Prompt, SampleRequest, Sampling, content_id, seed_for

PROMPTS = ROOT / "data" / "rhyme_bench" / "prompts.jsonl"
FIGURES = ("is_poem", "line_count", "strict_density", "above_chance", "form_kept")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RhymePrompt:
    """One task: a form with its scheme, and what the poem is about."""

    subject: str
    form: str
    scheme: str  # letters, stanzas separated by a space
    brief: str

    @property
    def n_lines(self) -> int:
        """Lines that the scheme asks for."""
        return sum(not letter.isspace() for letter in self.scheme)

    @property
    def id(self) -> str:
        """Content identity."""
        return content_id("rhyme prompt", self.form, self.scheme, self.brief)


@dataclass(frozen=True, slots=True, kw_only=True)
class RhymeAnswer:
    """One answer, measured; figures as in the module's table."""

    id: str  # arm's model, prompt and seed: what is on record is not asked again
    arm: str
    prompt_id: str
    seed: int
    title: str
    text: str  # "" when it was not a poem
    problem: str
    is_poem: float
    line_count: float
    strict_density: float
    above_chance: float
    form_kept: float


def load_rhyme_prompts(path: Path = PROMPTS) -> tuple[RhymePrompt, ...]:
    """Prompts out of a JSON-lines file.

    Raises:
        InputError: a line cannot be used: file, line, what is wrong.
    """
    found = []
    with disk_errors(path):
        lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found.append(RhymePrompt(**json.loads(line)))
            except (ValueError, TypeError) as exc:
                raise InputError(f"{path}:{number}: expected subject, form, scheme and brief ({exc})") from exc
    return tuple(found)


def answer_prompts(
    sampler: Sampler,
    arm: str,
    prompts: Sequence[RhymePrompt],
    *,
    poet: str,
    path: Path,
    n_samples: int = 2,
    seed: int = 42,
    max_new_tokens: int = 260,
) -> list[RhymeAnswer]:
    """Answers of one arm, from the record where they are there, in the order of prompts and samples.

    Args:
        sampler: the arm's model, its adapter in use.
        arm: its name in the table.
        prompts: what to write.
        poet: text of the poet's persona.
        path: JSON lines; every answer is added and flushed as it is measured.
        n_samples: answers of each prompt; the seeds are the same for every arm.
        seed: of the bench.
        max_new_tokens: where an answer is cut.
    """
    known = {answer.id: answer for answer in recorded(path)}
    asked = [
        _asked(sampler, prompt, number, seed=seed, max_new_tokens=max_new_tokens)
        for prompt in prompts
        for number in range(n_samples)
    ]
    missing = [each for each in asked if each.id not in known]
    sampling = Sampling(temperature=0.8, max_new_tokens=max_new_tokens)
    requests = [SampleRequest(prompt=_ask(each.prompt, poet), seed=each.seed, sampling=sampling) for each in missing]

    def keep(index: int, result: object) -> None:
        each = missing[index]
        known[each.id] = measure(result, each.prompt, answer_id=each.id, arm=arm, seed=each.seed)
        append_json(path, known[each.id])

    sampler.sample(requests, on_completion=keep)
    return [known[each.id] for each in asked]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One answer that is wanted."""

    id: str
    prompt: RhymePrompt
    seed: int


def _asked(sampler: Sampler, prompt: RhymePrompt, number: int, *, seed: int, max_new_tokens: int) -> _Asked:
    parts = (sampler.digest, sampler.adapter_digest, prompt.id, str(number), str(seed), str(max_new_tokens))
    return _Asked(id=content_id("rhyme answer", *parts), prompt=prompt, seed=seed_for(seed, prompt.id, str(number)))


def measure(result: object, prompt: RhymePrompt, *, answer_id: str, arm: str, seed: int) -> RhymeAnswer:
    """All figures of one answer."""
    reply = None
    if isinstance(result, Completion):
        reply = parse_poem_reply(result.text, ended=result.ended, given=prompt.brief)
    if reply is None or reply.problem:
        problem = reply.problem if reply else "the model failed"
        return RhymeAnswer(
            id=answer_id, arm=arm, prompt_id=prompt.id, seed=seed, title="", text="", problem=problem,
            is_poem=0.0, line_count=0.0, strict_density=0.0, above_chance=0.0, form_kept=0.0,
        )  # fmt: skip
    rhymes = strong_rhyme(reply.text, title=reply.title)
    return RhymeAnswer(
        id=answer_id, arm=arm, prompt_id=prompt.id, seed=seed, title=reply.title, text=reply.text, problem="",
        is_poem=1.0,
        line_count=float(rhymes.n_lines == prompt.n_lines),
        strict_density=rhymes.strict_density,
        above_chance=rhymes.strict_density - rhymes.expected_by_chance,
        form_kept=float(check_form(reply.text, prompt.form).passed),
    )  # fmt: skip


def recorded(path: Path) -> list[RhymeAnswer]:
    """Answers on record; a line torn by a crash is left out and asked again."""
    found = []
    for row in json_lines(path):
        with contextlib.suppress(TypeError):  # of an older version: asked again
            found.append(RhymeAnswer(**row))
    return found


def estimates(answers: Mapping[str, Sequence[RhymeAnswer]]) -> dict[str, dict[str, Estimate | None]]:
    """Figures of each arm with intervals over prompts."""
    return {arm: {figure: mean_of(_by_prompt(own, figure)) for figure in FIGURES} for arm, own in answers.items()}


def difference(ours: Sequence[RhymeAnswer], theirs: Sequence[RhymeAnswer], figure: str) -> Estimate | None:
    """Ours minus theirs, prompt by prompt."""
    return difference_of(_by_prompt(ours, figure), _by_prompt(theirs, figure))


def as_table(answers: Mapping[str, Sequence[RhymeAnswer]]) -> str:
    """Markdown: a row an arm, and under it the differences to the first arm."""
    found, (first, *others) = estimates(answers), list(answers)
    rows = [(arm, *(shown(found[arm][figure], places=2) for figure in FIGURES)) for arm in answers]
    for arm in others:
        gaps = [difference(answers[arm], answers[first], figure) for figure in FIGURES]
        rows.append((f"{arm} minus {first}", *(shown(gap, places=2, sign=True) for gap in gaps)))
    return markdown_table(text_frame(rows, ("", *(figure.replace("_", " ") for figure in FIGURES))))


def _by_prompt(answers: Sequence[RhymeAnswer], figure: str) -> list[float | None]:
    groups: dict[str, list[float]] = {}
    for answer in answers:
        groups.setdefault(answer.prompt_id, []).append(float(getattr(answer, figure)))
    return [sum(own) / len(own) for own in groups.values()]


def _ask(prompt: RhymePrompt, poet: str) -> Prompt:
    return ask_rhyme_draft(prompt.brief, form=prompt.form, scheme=prompt.scheme, end_words="", poet=poet)
