"""THE table of everything that is taught: what a row holds, how it is asked for, its limits and its gates.

To change what a critique must be, change its line in `TASKS`. The prompts are those of `prompts.roles`, the very
functions that revision and the server call, so a model is trained on what it will be asked.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from workbench.education.gates import rhyme_claims, row_gates, spoken_gates
from workbench.education.gates.cases import Case, SpeechKind
from workbench.education.types import Finding

GateRule = Callable[[Case], Iterator[Finding]]
Learner = Literal["educator", "poet", "rhyme_poet"]
Mix = Literal["interim", "full"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One row of the table."""

    name: str
    learner: Learner  # who is taught by it
    fields: tuple[str, ...]  # of a row, in the order of the file; all must be filled
    spoken: Mapping[str, SpeechKind]  # where the educator speaks, and how
    words: Mapping[str, tuple[int, int]]  # least and most words
    gates: tuple[GateRule, ...]  # besides those of every task
    mixes: tuple[Mix, ...] = ("full",)  # the interim educator learns only what the seed set alone can teach
    optional: frozenset[str] = field(default_factory=frozenset)


_EVERY = (spoken_gates.plain_voice, spoken_gates.length, spoken_gates.language)
_CRITIC = (spoken_gates.critique_format, spoken_gates.specific, spoken_gates.strength_first, spoken_gates.direction,
           spoken_gates.true_quotes, spoken_gates.true_lines, rhyme_claims.true_rhymes)  # fmt: skip
_READER = (spoken_gates.specific, spoken_gates.true_quotes, spoken_gates.true_lines, rhyme_claims.true_rhymes)

_PAIR = (row_gates.brief, row_gates.no_copy, row_gates.good_poem, rhyme_claims.true_rhymes)

_BRIEF_WORDS = (45, 220)
#: A model's own poem, with the brief that it was written from and the critique that it got.
_WRITTEN: Mapping[str, SpeechKind] = {"brief": "brief", "critique": "critique"}
_WRITTEN_WORDS = {"brief": _BRIEF_WORDS, "request": (2, 80), "critique": (25, 320)}
_BOTH: tuple[Mix, ...] = ("interim", "full")

TASKS: dict[str, Task] = {task.name: task for task in (
    Task(name="critique", learner="educator", mixes=_BOTH, fields=("poem", "text"),
         spoken={"text": "critique"}, words={"text": (45, 320)}, gates=_CRITIC),
    Task(name="approval", learner="educator", mixes=_BOTH, fields=("poem", "text", "verdict"),
         spoken={"text": "critique"}, words={"text": (25, 260)},
         gates=(*_CRITIC, row_gates.good_poem, row_gates.verdict)),
    Task(name="rejection", learner="educator", mixes=_BOTH, fields=("poem", "text", "verdict"),
         spoken={"text": "critique"}, words={"text": (45, 320)},
         gates=(*_CRITIC, row_gates.rejectable_poem, row_gates.verdict)),
    Task(name="revision_brief", learner="educator", mixes=_BOTH, fields=("poem", "critique", "text"),
         spoken={"text": "prose"}, words={"text": (35, 160)},
         gates=(*_READER, spoken_gates.direction, row_gates.given_critique)),
    Task(name="comparison", learner="educator", mixes=_BOTH, fields=("poem_a", "poem_b", "text", "stronger"),
         spoken={"text": "prose"}, words={"text": (100, 230)},
         gates=(*_READER, spoken_gates.strength_first, row_gates.choice)),
    Task(name="brief", learner="educator", fields=("request", "text"),
         spoken={"text": "brief"}, words={"text": _BRIEF_WORDS, "request": (2, 80)}, gates=(row_gates.brief,)),
    Task(name="autopsy", learner="educator", fields=("poem", "text"),
         spoken={"text": "prose"}, words={"text": (80, 200)},
         gates=(*_READER, spoken_gates.strength_first, row_gates.bad_poem)),
    Task(name="lesson", learner="educator", fields=("question", "text"),
         spoken={"text": "prose"}, words={"text": (120, 240), "question": (3, 80)},
         gates=(spoken_gates.specific, rhyme_claims.true_rhymes)),
    Task(name="dialogue", learner="educator",
         fields=("poem", "critique", "revised_title", "revised_poem", "follow_up"),
         spoken={"critique": "critique", "follow_up": "critique"},
         words={"critique": (45, 320), "follow_up": (25, 320)}, gates=(*_CRITIC, row_gates.revision)),
    Task(name="poet_pair", learner="poet", fields=("poem", "request", "brief"),
         spoken={"brief": "brief"}, words={"brief": _BRIEF_WORDS, "request": (2, 80)},
         gates=_PAIR),
    Task(name="rhyme_pair", learner="rhyme_poet",
         fields=("poem", "request", "brief", "form", "scheme", "end_words"),
         spoken={"brief": "brief"}, words={"brief": _BRIEF_WORDS, "request": (2, 80)},
         gates=(*_PAIR, row_gates.form)),
    Task(name="written_poem", learner="poet",
         fields=("request", "brief", "revised_title", "revised_poem", "critique"),
         spoken=_WRITTEN, words=_WRITTEN_WORDS,
         gates=(*_CRITIC, row_gates.brief, row_gates.no_copy, row_gates.written)),
    Task(name="written_rhyme", learner="rhyme_poet",
         fields=("request", "brief", "form", "scheme", "end_words", "revised_title", "revised_poem", "critique"),
         spoken=_WRITTEN, words=_WRITTEN_WORDS,
         gates=(*_CRITIC, row_gates.brief, row_gates.no_copy, row_gates.written, row_gates.form)),
)}  # fmt: skip

TASK_FIELDS: dict[str, tuple[str, ...]] = {name: task.fields for name, task in TASKS.items()}


def gates_of(task: Task) -> tuple[GateRule, ...]:
    """All gates of a task, those of every task first."""
    return (*_EVERY, *task.gates)
