"""The section `writing:` of a YAML file: how lines are searched for, and what makes one better than another.

The weights were chosen by reading; what each does is in DECISIONS ("Verified writing").
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingSettings:
    """How a poem is written line by line."""

    n_walks: Annotated[int, Ge(1), Le(64)] = 12  # lines under way at once
    n_steps: Annotated[int, Ge(4), Le(200)] = 11  # tokens that each walk may spend on a line of eight syllables
    enough: Annotated[int, Ge(1), Le(1000)] = 24  # closed lines after which no further token is spent
    n_likeliest: Annotated[int, Ge(5), Le(1000)] = 60  # tokens looked at in each step
    temperature: Annotated[float, Ge(0.05), Le(3)] = 0.8
    stress_price: Annotated[float, Ge(0), Le(10)] = 0.6  # what the stresses of a line may cost; 0 = none out of place
    n_finalists: Annotated[int, Ge(1), Le(32)] = 4  # lines that are read a second time
    subject_weight: Annotated[float, Ge(0), Le(5)] = 0.5  # of what the subject adds to a line, per token
    closing_weight: Annotated[float, Ge(0), Le(10)] = 2.0  # of the closing word and the line's end, beside other tokens
    repeat_price: Annotated[float, Ge(0), Le(10)] = 1.0  # of words with weight that came before, as a share of the line
    person_price: Annotated[float, Ge(0), Le(10)] = 0.6  # of a person (I, you, she …) that the poem did not have
    opening_price: Annotated[float, Ge(0), Le(10)] = 0.3  # of a first word that began another line
    mark_price: Annotated[float, Ge(0), Le(10)] = 0.25  # of each mark within a line after the first: chopped syntax
    plug_price: Annotated[float, Ge(0), Le(10)] = 1.5  # nats, of a closing word that fits everywhere: three, again, too
    affinity_weight: Annotated[float, Ge(0), Le(5)] = 0.6  # of what the subject adds to a closing word, in nats
    least_end_nats: Annotated[float, Ge(-50), Le(0)] = -4.0  # log-probability that a line may end where it ends
    following_weight: Annotated[float, Ge(0), Le(5)] = 0.5  # of what a line does for the next, a token
    n_runners_up: Annotated[int, Ge(0), Le(20)] = 3  # kept of every line
    best_of: Annotated[int, Ge(1), Le(16)] = 1  # whole poems, of which the best is kept
    meter: str = ""  # for forms without one of their own: "iambic 4"; "" = by the form, "none" = syllables only
    units: Annotated[int, Ge(0), Le(60)] = 0  # stanzas or couplets of forms that repeat; 0 = by the form
