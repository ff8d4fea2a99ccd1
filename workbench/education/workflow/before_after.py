"""Before and after: the same held-out questions answered by base and trained model, judged by the same rules.

Educator: each answer becomes a row and goes through the gates of its task. Poet: each answer is read as a poem.

    gates passed      share of answers with no finding at all
    voice, specific…  share of answers that pass that gate
    is a poem         share of answers that are verse
    form kept         of the briefs that name a form: share whose answer keeps it
    no clichés        share of poems with none of the known clichés
    strict density    of the briefs that name a form: lines in a full rhyme of different words

Means over held-out examples with intervals; differences are paired by example and seed. Every answer is kept,
so that a person can read what the figures stand for. Gates do not say whether a critique is wise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from workbench.education.gate_report import judge_row
from workbench.education.types import Finding, Gate, Library, Row
from workbench.engines.protocols import Sampler
from workbench.intervals import Estimate, difference_of, mean_of, shown
from workbench.pages import markdown_table, text_frame
from workbench.prosody import check_form, find_cliches, form_named_in, strong_rhyme
from workbench.revision.replies import parse_poem_reply
from workbench.types import Completion, Example, SampleRequest, Sampling, seed_for

SHOWN = (Gate.FORMAT, Gate.VOICE, Gate.SPECIFIC, Gate.STRENGTH, Gate.DIRECTION, Gate.QUOTES, Gate.LINES, Gate.BRIEF)
EDUCATOR_FIGURES = ("gates passed", *(gate.value for gate in SHOWN))
POET_FIGURES = ("is a poem", "form kept", "no clichés", "strict density")
_CRITIC = ("critique", "approval", "rejection")  # one question, so one task to be judged by


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One held-out question with an answer."""

    example: Example
    text: str  # "" when the model failed
    ended: bool
    figures: Mapping[str, float | None]  # None = says nothing about this one
    findings: tuple[Finding, ...] = ()


def answer_all(
    sampler: Sampler, examples: Sequence[Example], *, seed: int, temperature: float, max_new_tokens: int
) -> list[Completion | None]:
    """One answer an example by the model as it is, in order; None where it failed. The seed depends on the example."""
    sampling = Sampling(temperature=temperature, max_new_tokens=max_new_tokens)
    requests = [SampleRequest(prompt=e.prompt, seed=seed_for(seed, e.id), sampling=sampling) for e in examples]
    return [result if isinstance(result, Completion) else None for result in sampler.sample(requests)]


def judge_educator(
    examples: Sequence[Example], answers: Sequence[Completion | None], rows: Mapping[str, Row], library: Library
) -> list[Answered]:
    """Answers of an educator through the gates of their tasks.

    Args:
        examples: held-out examples.
        answers: one each.
        rows: the row that each example was made from, by the example's id.
        library: the poems that rows name.
    """
    judged = []
    for example, answer in zip(examples, answers, strict=True):
        text = answer.text.strip() if answer else ""
        row = answered_row(example, rows[example.id], text)
        findings = judge_row(row, library)
        failed = {finding.gate for finding in findings}
        is_empty = not text
        figures: dict[str, float | None] = {"gates passed": float(not findings)}
        figures |= {gate.value: float(gate not in failed and not is_empty) for gate in SHOWN if _says(gate, row.task)}
        judged.append(
            Answered(
                example=example, text=text, ended=bool(answer and answer.ended), figures=figures, findings=findings
            )
        )
    return judged


def answered_row(example: Example, row: Row, text: str) -> Row:
    """The row as if this text had been written for it."""
    if example.task in _CRITIC:
        return Row(task="critique", poem=row.poem, text=text)
    if example.task == "brief":
        return Row(task="brief", request=row.request, text=text)
    if example.task == "comparison":
        last = text.rstrip().rsplit("\n", 1)[-1].strip().upper()
        return replace(row, text=text, stronger="B" if last.endswith("B") else "A")
    return replace(row, text=text)


def judge_poet(examples: Sequence[Example], answers: Sequence[Completion | None]) -> list[Answered]:
    """Answers of a poet read as poems; one that is none counts as nothing in every figure that applies."""
    judged = []
    for example, answer in zip(examples, answers, strict=True):
        given = example.prompt[-1].content
        reply = parse_poem_reply(answer.text, ended=answer.ended, given=given) if answer else None
        is_poem = reply is not None and not reply.problem
        form = form_named_in(given)
        text = reply.text if reply and is_poem else ""
        figures: dict[str, float | None] = {
            "is a poem": float(is_poem),
            "form kept": None if form is None else float(is_poem and check_form(text, form).passed),
            "no clichés": float(is_poem and not find_cliches(text)),
            "strict density": None if form is None else (strong_rhyme(text).strict_density if is_poem else 0.0),
        }
        shown = f"{reply.title}\n\n{reply.text}" if reply and is_poem else (answer.text if answer else "")
        judged.append(Answered(example=example, text=shown, ended=bool(answer and answer.ended), figures=figures))
    return judged


def means(answered: Sequence[Answered], figures: Sequence[str]) -> dict[str, Estimate | None]:
    """Figures with intervals over examples; None where a figure applies to none of them."""
    return {name: mean_of([one.figures.get(name) for one in answered]) for name in figures}


def as_table(before: Sequence[Answered], after: Sequence[Answered], figures: Sequence[str]) -> str:
    """Markdown: base, trained, and the paired difference of each figure that applies to any example."""
    rows = []
    for name in figures:
        old, new = ([one.figures.get(name) for one in side] for side in (before, after))
        base, gap = mean_of(old), difference_of(new, old)
        if base:
            cells = (shown(base, places=2), shown(mean_of(new), places=2), shown(gap, places=2, sign=True))
            rows.append((name, *cells, base.n))
    return markdown_table(text_frame(rows, ("", "base", "trained", "difference", "n")))


def side_by_side(before: Sequence[Answered], after: Sequence[Answered], n: int = 10) -> str:
    """Markdown of n questions, tasks in turn, with both answers as they came and what the gates said of the new one."""
    by_task: dict[str, list[int]] = {}
    for index, one in enumerate(after):
        by_task.setdefault(one.example.task, []).append(index)
    turns = [
        own[k] for k in range(max(map(len, by_task.values()), default=0)) for own in by_task.values() if k < len(own)
    ]
    parts = []
    for number, index in enumerate(turns[:n], start=1):
        old, new = before[index], after[index]
        said = "; ".join(dict.fromkeys(finding.reason.sentence for finding in new.findings)) or "nothing against it"
        parts += [
            f"### {number}. {new.example.task.replace('_', ' ')}",
            _fenced("asked", new.example.prompt[-1].content),
            _fenced("base", old.text),
            _fenced("trained", new.text),
            *([f"Gates: {said}."] if "gates passed" in new.figures else []),  # a poet's answers went through none
        ]
    return "\n\n".join(parts)


def _says(gate: Gate, task: str) -> bool:
    """Whether a gate applies to a task: briefs are judged as briefs, the rest as what a mentor says of a poem."""
    if task == "brief":
        return gate in (Gate.VOICE, Gate.BRIEF)
    if gate in (Gate.FORMAT, Gate.LINES):
        return task == "critique"
    return gate is not Gate.BRIEF


def _fenced(label: str, text: str) -> str:
    return f"**{label}**\n\n````text\n{text.strip() or '(nothing)'}\n````"
