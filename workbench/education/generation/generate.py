"""`educate generate`: rows of a task out of a model, each answer kept as it arrives, then through the gates.

    inputs → questions → (answers that are there already | asked within the budget) → rows → gates → files

Killed at any moment and started again, it asks only what it has no answer to. A failed or empty answer is a record with
its reason, never a row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from workbench.education.generation.answers import Answer, AnswerStore, Purse, worst_case
from workbench.education.generation.questions import Step, ask_step, steps_of
from workbench.education.rows import Personas
from workbench.education.types import Library, Row
from workbench.engines.protocols import Can, Cancelled, Sampler, never
from workbench.prompts.roles import prompt_id
from workbench.prompts.thinking import answer_after_thinking
from workbench.types import Completion, Failed, Message, Prompt, Reason, SampleRequest, Sampling, content_id, seed_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far it is, after each answer."""

    task: str
    n_answered: int
    n_questions: int  # of this step
    n_failed: int
    tokens: int  # spent in this folder so far
    money: float


Watch = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Who writes, with what, and where the answers are kept."""

    sampler: Sampler
    name: str  # of the model
    store: AnswerStore
    purse: Purse
    personas: Personas
    sampling: Sampling
    seed: int
    guidance: Mapping[str, str] = field(default_factory=dict)  # by task, for a model never taught the formats
    n_batch: int = 16  # questions that are asked before the budget is looked at again

    @property
    def holds_shapes(self) -> bool:
        """Whether the engine keeps to a grammar, as it does when briefs and critiques are asked for in use."""
        return getattr(self.sampler, "can", Can()).grammar


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question about one row."""

    id: str
    row: Row
    prompt: Prompt
    request: SampleRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of the inputs of a task."""

    rows: tuple[Row, ...]  # whole, or halted where an answer was unusable; not yet judged
    failed: tuple[Answer, ...]
    n_unasked: int  # left because the budget was used up or somebody stopped it
    is_over_budget: bool


def write_rows_of(
    task: str, inputs: Sequence[Row], library: Library, writer: Writer, *, watch: Watch | None = None,
    cancelled: Cancelled = never,
) -> Written:  # fmt: skip
    """Rows of a task: every input that got all of its answers.

    Args:
        task: its name.
        inputs: rows with empty answers.
        library: their poems.
        writer: who writes.
        watch: told after each answer.
        cancelled: asked between questions; what is under way is finished and kept.

    Raises:
        EngineError: the engine failed as a whole.
        StoreError: an answer could not be kept.
    """
    rows, halted, failed, n_unasked, is_over = list(inputs), [], [], 0, False
    for number, step in enumerate(steps_of(task)):
        questions = [_question(task, number, row, library=library, writer=writer) for row in rows]
        is_over |= not _ask(task, number, questions, writer=writer, watch=watch, cancelled=cancelled)
        answers = writer.store.get([question.id for question in questions])
        n_unasked += sum(question.id not in answers for question in questions)
        failed += [answer for answer in answers.values() if answer.failure]
        rows = [_filled(step, question, answers[question.id], writer=writer, is_first=number == 0)
                for question in questions if question.id in answers and not answers[question.id].failure]  # fmt: skip
        halted += [row for row in rows if not step.is_whole(row)]
        rows = [row for row in rows if step.is_whole(row)]
    return Written(rows=(*rows, *halted), failed=tuple(failed), n_unasked=n_unasked, is_over_budget=is_over)


def open_questions(task: str, inputs: Sequence[Row], library: Library, writer: Writer) -> list[SampleRequest]:
    """What the first question of each input would ask that has no answer yet: for the estimate."""
    questions = [_question(task, 0, row, library=library, writer=writer) for row in inputs]
    known = _known(writer.store, questions)
    return [question.request for question in questions if question.id not in known]


def _known(store: AnswerStore, questions: Sequence[Question]) -> dict[str, Answer]:
    found = store.get([question.id for question in questions])
    return {id_: answer for id_, answer in found.items() if answer.is_final}


# ---------------------------------------------------------------- one step


def _question(task: str, number: int, row: Row, *, library: Library, writer: Writer) -> Question:
    step = steps_of(task)[number]
    prompt = ask_step(step, row, library, writer.personas)
    told = writer.guidance.get(f"{task}_{number + 1}", writer.guidance.get(task, ""))  # of one question, or of all
    guidance = told if step.role == "educator" else ""
    if guidance:
        last = prompt[-1]
        prompt = (*prompt[:-1], Message(role=last.role, content=f"{last.content}\n\n{guidance.strip()}"))
    seed = seed_for(writer.seed, task, str(number), row.id)
    grammar = step.grammar(row, library.of(row)) if writer.holds_shapes else ""
    id_ = content_id(
        "answer", task, str(number), row.id, prompt_id(prompt), writer.sampler.digest, writer.sampler.adapter_digest,
        repr(writer.sampling), str(seed), *filter(None, [grammar]),
    )  # fmt: skip
    request = SampleRequest(prompt=prompt, seed=seed, sampling=writer.sampling, grammar=grammar)
    return Question(id=id_, row=row, prompt=prompt, request=request)


def _ask(
    task: str, number: int, questions: Sequence[Question], *, writer: Writer, watch: Watch | None, cancelled: Cancelled
) -> bool:
    """Asks what has no answer yet, batch by batch; false when the budget ends first."""
    known = _known(writer.store, questions)
    todo = list({question.id: question for question in questions if question.id not in known}.values())
    n_done, n_failed = len(known), sum(bool(answer.failure) for answer in known.values())
    while todo and not cancelled():
        n_affordable = writer.purse.affordable([question.request for question in todo[: writer.n_batch]])
        batch, todo = todo[:n_affordable], todo[n_affordable:]
        if not batch:
            return False

        def keep(index: int, result: Completion | Failed, batch: Sequence[Question] = tuple(batch)) -> None:
            nonlocal n_done, n_failed
            if isinstance(result, Failed) and result.reason is Reason.CANCELLED:
                return  # never asked
            answer = _answer(task, number, batch[index], result, writer)
            writer.store.keep(answer)
            n_done, n_failed = n_done + 1, n_failed + bool(answer.failure)
            if watch:
                watch(Progress(task=task, n_answered=n_done, n_questions=len(questions), n_failed=n_failed,
                               tokens=writer.purse.tokens, money=writer.purse.money))  # fmt: skip

        writer.sampler.sample([question.request for question in batch], on_completion=keep, cancelled=cancelled)
    return True


def _answer(task: str, number: int, question: Question, result: Completion | Failed, writer: Writer) -> Answer:
    text, failure, detail, n_prompt, n_tokens = "", "", "", 0, 0
    if isinstance(result, Failed):
        failure, detail = result.reason.value, result.detail
    else:
        text, failure = _read(result)
        n_prompt = result.n_prompt_tokens or worst_case(question.request)[0]
        n_tokens = result.n_tokens
    cost = writer.purse.spend(n_prompt, n_tokens)
    return Answer(
        id=question.id, task=task, step=number, text=text, failure=failure, detail=detail, n_prompt_tokens=n_prompt,
        n_tokens=n_tokens, cost=cost, model=writer.name, seed=question.request.seed,
    )  # fmt: skip


def _read(result: Completion) -> tuple[str, str]:
    """The answer proper, and why it cannot be used."""
    text = answer_after_thinking(result.text)
    if isinstance(text, Failed):
        return result.text.strip(), text.reason.value
    if not text:
        return "", Reason.EMPTY.value
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "", Reason.BAD_TEXT.value
    return text, "" if result.ended else Reason.ENDLESS.value


def _filled(step: Step, question: Question, answer: Answer, *, writer: Writer, is_first: bool) -> Row:
    row = step.read(question.row, answer.text)
    if not is_first:
        return row
    told = replace(
        row.provenance,
        source=writer.name,
        model=writer.sampler.digest,
        adapter=writer.sampler.adapter_digest,
        prompt_digest=prompt_id(question.prompt),
        persona_digest=content_id(writer.personas.mentor),
        seed=answer.seed,
    )
    return replace(row, provenance=told)


def answers_path(folder: Path) -> Path:
    """Where the answers of a folder of generated rows lie."""
    return folder / "answers.sqlite"
