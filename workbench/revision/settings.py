"""Settings of a revision session; `config/revise.yaml` says them all."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Le, MaxLen

from workbench.config import Seed
from workbench.engines.base_model import is_untaught
from workbench.revision.types import Brief
from workbench.types import Sampling

#: none = free text; shape = the format held by a grammar; close = also by examples in the prompt, and short sentences:
#: for models that were never taught the format. auto = close for small models on this machine without an adapter.
Guidance = Literal["auto", "none", "shape", "close"]

#: How a revision changes a draft; a person's own wish always asks for the whole poem.
Changes = Literal["cited", "free"]

MOST_STYLE_CHARACTERS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingByKind:
    """How each piece is drawn; the temperatures are those of the reference system."""

    brief: Sampling = field(default_factory=lambda: Sampling(temperature=0.4, max_new_tokens=800))
    draft: Sampling = field(default_factory=lambda: Sampling(temperature=0.8, max_new_tokens=600))
    critique: Sampling = field(default_factory=lambda: Sampling(temperature=0.3, max_new_tokens=600))
    revise: Sampling = field(default_factory=lambda: Sampling(temperature=0.75, max_new_tokens=600))
    final_note: Sampling = field(default_factory=lambda: Sampling(temperature=0.3, max_new_tokens=400))


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionSettings:
    """Everything that a session depends on, the weights apart."""

    educator: str = "built-in"  # built-in, built-in+ADAPTER_FOLDER, path.gguf, remote:URL#MODEL
    poet: str = "built-in"
    max_revisions: Annotated[int, Ge(0), Le(20)] = 3
    min_revisions: Annotated[int, Ge(0), Le(20)] = 0  # an approval before that is recorded, and work continues
    retries: Annotated[int, Ge(0), Le(20)] = 3  # further attempts, each with another seed, where an answer is unusable
    seed: Seed = 42
    form: str = (
        ""  # hold the poem against this form; "" = the one that the request names, or a person's own draft plainly has
    )
    form_gate: bool = True  # no approval while the form check finds a fault
    asks_only: bool = False  # the educator points and asks, and offers no word for the poem: for teachers
    verdict_counts: bool = True  # false = remarks count, the verdict does not: the educator's approvals tell nothing
    changes: Changes = "free"  # cited = only the lines that a critique cites are written anew; free = the whole poem
    control: bool = False  # a second draft without the critique beside every revision
    direction: str = ""  # a person's own wish, for every round
    style: Annotated[str, MaxLen(MOST_STYLE_CHARACTERS)] = ""  # how that person writes; said with every draft
    final_note: bool = True
    persona: str = "mentor_short"  # of config/personas
    poet_persona: str = "poet"
    educator_guidance: Guidance = "auto"
    poet_guidance: Guidance = "auto"
    report_chars: Annotated[int, Ge(0), Le(4000)] = 600  # of the prosody report that the educator is given
    sampling: SamplingByKind = field(default_factory=SamplingByKind)

    def form_for(self, brief: Brief | None) -> str:
        """The form that a poem is held against: its own before that of the request; "" = none."""
        return self.form or (brief.form_name if brief else "")

    def guidance(self, role: Literal["educator", "poet"]) -> Literal["none", "shape", "close"]:
        """How closely a role is held, with `auto` decided."""
        name, guidance = (
            (self.educator, self.educator_guidance) if role == "educator" else (self.poet, self.poet_guidance)
        )
        if guidance == "auto":
            return "close" if is_untaught(name) else "shape"
        return guidance
