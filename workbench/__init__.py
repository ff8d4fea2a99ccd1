"""The poetry workbench: teach language models poetry, and prove what was taught.

    import workbench as wb

    poem = wb.find_poems("Speed Chess, Cobb Park")[0]
    print(wb.prosody_report(poem.text).to_text())

`FRONT` lists the names that notebooks and programs use, by the module that holds each: `wb.NAME` is that very object,
with its docstring. A module is imported when a name of it is first used: importing the package alone costs nothing.
"""

import os
from importlib import import_module
from typing import Any

__version__ = "0.2.0"

# Threads of torch and llama.cpp wait for one another by turning in circles. Beside one busy program, a browser say,
# they hold up the thread they wait for: notebook 06 took 241 s instead of 31 on two cores, and 35 with this. GNU's
# OpenMP reads it when it is loaded, so it comes before every import of a model library.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")

#: module of the package → the names of it that are reached as `workbench.NAME`
FRONT: dict[str, str] = {
    # poems, records, places
    "places": "ROOT",
    "types": "Choice Completion Example Measurement Message Poem Reason Sampling StepRecord Verdict content_id",
    "intervals": "Estimate",
    "config": "read_yaml",
    "corpus.load": "load_poems",
    "storage.execution": "latest_checkpoint",
    "storage.runs": "Run",
    "prompts.roles": "load_persona",
    "prompts.templates": "poem_target",
    # rhyme, meter, form: no model
    "prosody": "check_form find_cliches parse_line pronounce prosody_report rhyme_class",
    # models: one door
    "engines.learning.settings": "LearnerSettings learning_rate",
    "engines.opening": "Engines",
    "engines.pair": "open_pair",
    "engines.sources": "ModelSettings",
    # the loop: describe, score, select, train, evaluate
    "backtranslation": "BacktranslationSettings Describer describe_poems judge_answer usable",
    "scoring.heatmap": "heat_map",
    "scoring.leaks": "find_leak given_away is_outside",
    "scoring.likelihood": "LikelihoodScorer ScoringSettings",
    "scoring.score": "score_candidates score_pairs",
    "selection.reviewer_agreement": "ReviewerErrors Stratum precision recall verdicts_needed",
    "selection.spotcheck": "draw_items judge order_for read_pool",
    "training.settings": "FineTuningSettings n_steps training_plan",
    "training.train": "FineTuning LOSS train_adapter",
    "evaluation.evaluate": "distinct_pairs",
    "improvement.canaries": "check_canaries",
    "improvement.comparison": "compare_arms",
    "improvement.improve": "backtranslate_run improve score_run select_run",
    "improvement.report_pages": "held_out training_loss",
    "improvement.run": "new_run open_run",
    "improvement.settings": "load_settings",
    "study.study": "read_study",
    "study.table": "METRICS differences_of rows_of sentences smallest_difference table",
    # what was taught, used
    "taught_model": "find_taught open_taught",
    "describing.run": "DescribeJob find_poems open_reader",
    "composing.compose": "ComposingSettings",
    "composing.giving_back": "DescriptionScorer give_back",
    "composing.run": "ComposeJob open_composer",
    "export.adapters": "texts_of",
    "export.export": "ExportSettings export_adapter",
    "export.passport": "Limits is_done",
    # writing and revising
    "writing.meter_automaton": "MeterAutomaton templates_of",
    "writing.plan": "plan",
    "writing.run": "open_poet",
    "writing.settings": "WritingSettings",
    "writing.types": "LineOrder",
    "writing.wishes": "Wishes WriteJob",
    "revision.alignment": "align",
    "revision.critique_text": "critique_prose parse_critique",
    "revision.draft_checks": "judge_form",
    "revision.drivers": "run_session",
    "revision.ledger": "apply_decisions responses_to",
    "revision.line_orders": "line_order other_ways",
    "revision.settings": "RevisionSettings SamplingByKind",
    "revision.types": "Critique Draft",
    "revflux.flux": "draft_figures",
    "revflux.lines": "follow mean_stability profile returned",
    "revflux.measures": "BANDS MEASURES read_bands",
    "revflux.rounds": "measure_round placed_changes reference_rounds",
    "revflux.study": "read_prompts",
    # educator and poet
    "education.datasets.dataset": "PrepareSettings build_dataset",
    "education.gate_report": "gate_report judge_row judge_rows",
    "education.rows": "Personas examples_of load_library load_rows",
    "education.tasks": "TASKS TASK_FIELDS gates_of",
    # how notebooks show it
    "figures": "bar_chart dot_plot grid interval_plot line_chart",
    "notebook": "on_one_line open_small set_up show small_run",
}
_MODULE_OF = {name: module for module, names in FRONT.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """A name of `FRONT`, from the module that holds it."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'workbench' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"workbench.{_MODULE_OF[name]}"), name)
    return found


def __dir__() -> list[str]:
    """The names that there are, for a console that completes them."""
    return sorted({*globals(), *_MODULE_OF})
