"""An adapter with what is known of it: of a run of the loop, of a fine-tuning, or a folder that belongs to no run.

From its run come the base, the task, texts that it was not trained on, texts that show which weights matter, and the
manner in which it was taught: system message, sampling, prompt. A fine-tuning brings its own examples, so its passport
is measured on the questions that it was taught to answer.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Le

from workbench.corpus.load import load_poems
from workbench.engines.sources import ModelSettings
from workbench.errors import InputError
from workbench.export.export import ExportSettings
from workbench.export.modelfile import Manner
from workbench.export.texts import ExportText
from workbench.improvement.settings import settings_of_run
from workbench.places import located
from workbench.prompts.roles import load_persona
from workbench.prompts.templates import load_prompt, poem_target
from workbench.storage.runs import FINE_TUNING, Run
from workbench.taught_model import TaughtModel, find_taught
from workbench.training.run import job_of_run
from workbench.training.step import read_examples, spread, without_rejected
from workbench.types import Example, Poem, Prompt, Sampling, content_id

_PERSONAS = {"educator": "mentor_short", "poet": "poet", "rhyme_poet": "poet"}  # of the shipped adapters
_MOST_QUESTION_LINES = 24  # of a prompt that is quoted in a Modelfile
_DRAWN = Sampling(temperature=0.8, top_p=0.95, top_k=40)  # of a poet as published


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportJob:
    """What config/export.yaml holds."""

    out: str = "models/gguf"
    held_out: str = "data/poems/bad"  # for an adapter that belongs to no run: poems that nothing is trained to write
    calibration: str = "data/poems/good"  # the same: what shows which weights matter
    n_texts: Annotated[int, Ge(1), Le(10_000)] = 12  # held-out texts, chosen by their hash
    n_calibration: Annotated[int, Ge(1), Le(10_000)] = 24
    prompt: str = "follow_nothing"  # of config/prompts; a prompt without values
    export: ExportSettings = field(default_factory=ExportSettings)
    model: ModelSettings = field(default_factory=ModelSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An adapter with what is known of it."""

    adapter: Path
    task: str
    model: ModelSettings
    held_out: tuple[ExportText, ...]
    calibration: tuple[ExportText, ...]
    manner: Manner
    run: str = ""  # where it was taught; "" = in none that is here
    remarks: tuple[str, ...] = ()  # what was left out or mended when the poems were read


def find_source(what: str, job: ExportJob, *, runs: Path, adapter: str = "", model: str = "") -> Source:
    """The adapter of a run, or in a folder; a folder inside a run knows its run.

    Raises:
        InputError: there is neither.
    """
    folder = located(what)
    if (folder / "adapter_config.json").is_file():
        of = folder.resolve().parent.parent
        if (of / "run.json").is_file():
            return _of_run(of.parent, find_taught(run=of.name, adapter=folder.name, runs=of.parent), job)
        return _of_no_run(folder, job, model)
    if "/" in what:
        raise InputError(f"{what}: no adapter_config.json in this folder; give a PEFT adapter or a run's name")
    return _of_run(runs, find_taught(run=what, adapter=adapter, runs=runs), job)


def texts_of(poems: Sequence[Poem], n: int, *, prompt: str) -> list[ExportText]:
    """A prompt and each of some poems, chosen by their hash."""
    asked = load_prompt(prompt).fill()
    chosen = sorted(poems, key=lambda poem: content_id("export", poem.id))[:n]
    return [ExportText(prompt=asked, answer=poem_target(poem)) for poem in chosen]


def manner_of(prompt: Prompt, *, sampling: Sampling | None) -> Manner:
    """System message and question of a prompt; a long question is cut."""
    system = next((turn.content for turn in prompt if turn.role == "system"), "")
    lines = "\n\n".join(turn.content for turn in prompt if turn.role != "system").strip().split("\n")
    cut = [*lines[:_MOST_QUESTION_LINES], "…"] if len(lines) > _MOST_QUESTION_LINES else lines
    return Manner(system=system, sampling=sampling, question="\n".join(cut))


# ---------------------------------------------------------------- private


def _of_no_run(folder: Path, job: ExportJob, model: str) -> Source:
    name = folder.resolve().name.lower()
    held_out, shown = (load_poems(Path(place)) for place in (job.held_out, job.calibration))
    persona = _PERSONAS.get(name, "")
    return Source(
        adapter=folder,
        task=name,
        model=replace(job.model, source=model) if model else job.model,
        held_out=tuple(texts_of(held_out, job.n_texts, prompt=job.prompt)),
        calibration=tuple(texts_of(shown, job.n_calibration, prompt=job.prompt)),
        manner=Manner(system=load_persona(persona) if persona else "", sampling=_DRAWN if persona else None),
        remarks=tuple(dict.fromkeys((*held_out.told, *shown.told))),
    )


def _of_run(runs: Path, taught: TaughtModel, job: ExportJob) -> Source:
    with Run.open(runs, taught.run, read_only=True) as run:
        facts, where = run.facts, f"{taught.run}/run.json"
        if facts.get("kind") == FINE_TUNING:
            return _of_fine_tuning(job_of_run(facts, where=where).examples, taught, job)
        poems = {poem.id: poem for poem in run.records.all(Poem)}
        drawn = settings_of_run(facts, where=where).backtranslation.sampling
        held_out, shown = ([poems[each] for each in facts[side]] for side in ("held_out", "training"))
        return _source(
            taught, _manner_of_loop(taught, drawn),
            texts_of(held_out, job.n_texts, prompt=job.prompt), texts_of(shown, job.n_calibration, prompt=job.prompt),
        )  # fmt: skip


def _of_fine_tuning(examples: str, taught: TaughtModel, job: ExportJob) -> Source:
    read = (read_examples(located(examples) / f"{side}.jsonl") for side in ("valid", "train"))
    valid, train = map(without_rejected, read)
    asked = Counter(_system(example) for example in train)
    usual = next(example for example in train if _system(example) == asked.most_common(1)[0][0])
    sampling = _DRAWN if "poet" in taught.task else None
    return _source(
        taught, manner_of(usual.prompt, sampling=sampling),
        [ExportText(prompt=one.prompt, answer=one.target) for one in spread(valid, job.n_texts)],
        [ExportText(prompt=one.prompt, answer=one.target) for one in spread(train, job.n_calibration)],
    )  # fmt: skip


def _source(taught: TaughtModel, manner: Manner, held_out: Sequence[ExportText], shown: Sequence[ExportText]) -> Source:
    if taught.adapter is None:
        raise InputError(f"run {taught.run!r} has no adapter yet; train it first")
    return Source(
        adapter=taught.adapter, task=taught.task, model=taught.model, held_out=tuple(held_out),
        calibration=tuple(shown), manner=manner, run=taught.run,
    )  # fmt: skip


def _manner_of_loop(taught: TaughtModel, sampling: Sampling) -> Manner:
    """The follower's prompt, or the describer's, with its values as places."""
    template = load_prompt(taught.describe if taught.task == "describer" else taught.follow)
    return manner_of(template.fill(**{name: f"{{{name}}}" for name in template.values}), sampling=sampling)


def _system(example: Example) -> str:
    return next((turn.content for turn in example.prompt if turn.role == "system"), "")
