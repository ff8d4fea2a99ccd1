"""Scripted educators and poets: sessions whose every answer is known."""

from collections.abc import Callable, Sequence

from tests.fakes import ScriptedSampler
from workbench.revision.drivers import run_session
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import Trace
from workbench.types import Completion, Failed

BRIEF = """ANGLE: the person who sweeps the hall
AVOID: tracks to nowhere; lonely whistle; all aboard; journey of life; missed train; cold rails; adieu; old clock
IMAGES FROM: a tailor's workroom
FORM: free verse
SOUND: a soft s
TURN: from the hall to the glove"""
REVISE = 'STRONGEST line 1: "sweeps" works.\nLINE 2 (padding): thin. TRY: cut it.\nVERDICT revise: not yet.'
APPROVE = "STRONGEST line 1: it holds.\nVERDICT approve: it has found its shape."
START_OVER = "STRONGEST line 1: it holds.\nLINE 2 (abstraction): air. TRY: a broom.\nVERDICT start over: conception."
NOTE = "The poem has become a hall. Carry the broom on."


def poem(*lines: str, title: str = "Hall") -> str:
    """An answer as the poet spells it."""
    return f"Title: {title}\nPoem: " + "\n".join(lines)


FIRST = poem(
    "He sweeps the yellow edge,", "the dust goes where dust goes,", "the clock unpicks a minute,", "the hall is shut."
)
SECOND = poem(
    "He sweeps the yellow edge,", "a broom with three teeth left,", "the clock unpicks a minute,", "the hall is shut."
)
THIRD = poem(
    "He sweeps the yellow edge,", "a broom that lost its voice,", "one glove lies under the bench,", "the hall is shut."
)

Answer = str | Completion | Failed


def sampler(*answers: Answer) -> ScriptedSampler:
    """Answers in order."""
    return ScriptedSampler(list(answers))


def session(
    educator: Sequence[Answer], poet: Sequence[Answer], *, request: str = "a railway station",
    settings: RevisionSettings | None = None, **options: object,
) -> tuple[Trace, ScriptedSampler, ScriptedSampler]:  # fmt: skip
    """A whole session by script, with what was asked."""
    teacher, writer = sampler(*educator), sampler(*poet)
    trace = run_session(request, settings or RevisionSettings(), educator=teacher, poet=writer, **options)  # type: ignore[arg-type]
    return trace, teacher, writer


def kinds(said: list[str]) -> Callable[[object], None]:
    """Notes the kinds of events."""
    return lambda event: said.append(event.kind)  # type: ignore[attr-defined]
