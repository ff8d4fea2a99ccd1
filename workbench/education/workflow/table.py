"""THE table of the workflow: each step, what it reads, what it does; done again when what it reads changes."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.config import as_data
from workbench.education.datasets.dataset import LEARNERS
from workbench.education.workflow.final_steps import bench_rhymes, evaluate_finally, publish
from workbench.education.workflow.runner import Step, Workflow, files_digest
from workbench.education.workflow.steps import exported, generated_rows, job_of, no_rows, prepared, seed_rows, trained
from workbench.places import located
from workbench.prompts.roles import PERSONAS, load_persona
from workbench.prompts.templates import FOLDER as PROMPTS

_FULL = LEARNERS["full"]


def _texts(_: Workflow) -> dict[str, Any]:
    """Prompts and personas: a changed word in them does everything again that was asked with it."""
    return {"prompts": files_digest(PROMPTS, "*.txt"), "personas": files_digest(PERSONAS, "*.txt")}


def _reads_seed(workflow: Workflow) -> Mapping[str, Any]:
    settings = workflow.settings
    poems = files_digest(located("data/poems"), "*/*.jsonl")
    return {"rows": files_digest(located(settings.rows), "*.jsonl"), "poems": poems,
            "limit": settings.limit, "never": load_persona("never_says")}  # fmt: skip


def _reads_prepare(mix: str) -> Callable[[Workflow], Mapping[str, Any]]:
    def reads(workflow: Workflow) -> Mapping[str, Any]:
        generated = files_digest(Path(workflow.output("generated rows", "rows")), "*") if mix == "full" else {}
        longest = [getattr(workflow.settings.training, name).max_tokens for name in ("educator", "poet")]
        return {"rows": files_digest(Path(workflow.output("seed rows", "rows")), "*"), "homework": generated,
                "seed": workflow.settings.seed, "longest": longest, "model": workflow.settings.model.source,
                "valid": workflow.settings.valid, **_texts(workflow)}  # fmt: skip

    return reads


def _reads_training(learner: str, mix: str) -> Callable[[Workflow], Mapping[str, Any]]:
    return lambda workflow: {
        "data": workflow.output(f"prepare {mix}", "digest"), "job": as_data(job_of(workflow, learner, mix)),
    }  # fmt: skip


def _reads_adapter(step: str) -> Callable[[Workflow], Mapping[str, Any]]:
    return lambda workflow: {
        "adapter": files_digest(Path(workflow.output(step, "adapter")), "*.safetensors"),
        "quantize": workflow.settings.quantize,
        "model": workflow.settings.model.source,
    }


def _reads_export(step: str) -> Callable[[Workflow], Mapping[str, Any]]:
    return lambda workflow: {**_reads_adapter(step)(workflow), "texts": workflow.settings.export_texts}


def _reads_generated(workflow: Workflow) -> Mapping[str, Any]:
    return {**_reads_adapter("train interim")(workflow), **as_data(workflow.settings.generated), **_texts(workflow),
            "rows": files_digest(Path(workflow.output("seed rows", "rows")), "*")}  # fmt: skip


def _reads_evaluation(workflow: Workflow) -> Mapping[str, Any]:
    adapters: dict[str, Any] = {learner: _reads_adapter(f"train {learner}")(workflow) for learner in _FULL}
    return {
        **adapters,
        "exam": as_data(workflow.settings.evaluation),
        "data": workflow.output("prepare full", "digest"),
    }


def _reads_publication(workflow: Workflow) -> Mapping[str, Any]:
    said = {learner: workflow.output("final evaluation", learner) for learner in _FULL}
    weaknesses = located("config/weaknesses")
    return {**_reads_evaluation(workflow), "to": workflow.settings.publish_to, "said": said,
            "weaknesses": files_digest(weaknesses, "*.md") if weaknesses.is_dir() else {}}  # fmt: skip


# ---------------------------------------------------------------- the table


def _prepare(mix: str, tells: str) -> Step:
    return Step(
        name=f"prepare {mix}", tells=tells, reads=_reads_prepare(mix), work=prepared(mix), files=("folder",)
    )  # fmt: skip


def _train(learner: str, mix: str = "full", *, called: str = "") -> Step:
    who = called or learner
    tells = f"training the {_spoken(learner, called)}"
    work = trained(learner, mix)
    return Step(name=f"train {who}", tells=tells, reads=_reads_training(learner, mix), work=work, files=("adapter",))


def _export(learner: str, *, called: str = "") -> Step:
    """The interim one is used here alone, so that its adapter is enough."""
    step = f"train {called or learner}"
    tells = f"exporting the {_spoken(learner, called)}, with its passport"
    work = exported(learner, step, adapter_only=bool(called))
    return Step(name=f"export {called or learner}", tells=tells, reads=_reads_export(step), work=work, files=("file",))


def _spoken(learner: str, called: str) -> str:
    return f"{called} {learner}".strip().replace("_", " ")


STEPS = (
    Step(
        name="seed rows",
        tells="rows of the seed set through the gates",
        reads=_reads_seed,
        work=seed_rows,
        files=("rows",),
    ),
    _prepare("interim", "dataset of the interim educator"),
    _train("educator", "interim", called="interim"),
    _export("educator", called="interim"),
    Step(
        name="generated rows",
        tells="the interim educator writes briefs, autopsies and lessons",
        reads=_reads_generated,
        work=generated_rows,
        files=("rows",),
    ),
    _prepare("full", "datasets of educator, poet and rhyme poet"),
    *(_train(learner) for learner in _FULL),
    *(_export(learner) for learner in _FULL),
    Step(
        name="final evaluation",
        tells="before and after on held-out questions",
        reads=_reads_evaluation,
        work=evaluate_finally,
    ),
    Step(
        name="rhyme bench",
        tells="rhyme bench: base, poet, rhyme poet",
        reads=_reads_evaluation,
        work=bench_rhymes,
        files=("answers",),
    ),
    Step(name="publish", tells="the adapters in 16 bits, with their cards", reads=_reads_publication, work=publish),
)


def steps_for(
    learners: Sequence[str] = _FULL, *, generates: bool = True, trains_only: bool = False
) -> tuple[Step, ...]:
    """The steps of a part of the workflow, in order.

    Final evaluation, rhyme bench and publication compare all three learners, so a part of them ends with the exports.

    Args:
        learners: that are trained and exported.
        generates: whether an interim educator writes rows; without, the full mix is made of the seed set.
        trains_only: only training and export; what is before them must be there.
    """
    parts = {f"{what} {learner}" for what in ("train", "export") for learner in learners}
    rows = {"seed rows", "generated rows", "prepare full"}
    interim = {"prepare interim", "train interim", "export interim"}
    last = {"final evaluation", "rhyme bench", "publish"}
    wanted = parts | (set() if trains_only else rows | (interim if generates else set()))
    wanted |= last if set(learners) == set(_FULL) and not trains_only else set()
    return tuple(_NO_ROWS if step.name == "generated rows" and not generates else step
                 for step in STEPS if step.name in wanted)  # fmt: skip


_NO_ROWS = Step(
    name="generated rows",
    tells="no generated rows, the seed set alone",
    reads=lambda workflow: {"none": str(workflow.folder)},
    work=no_rows,
    files=("rows",),
)
