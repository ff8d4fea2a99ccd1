"""A likelihood scorer: an engine that gives losses, with the prompts and settings by which the workbench asks for them.

    context    the follower's prompt, with a description or the matched one without
    target     "Title: … Poem: …"
    guarded    gain only over target tokens outside what the description gives away

What is made of the losses is in score.py.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le

from workbench.engines.protocols import Scorer
from workbench.prompts.renderers import Renderer
from workbench.prompts.templates import load_prompt, poem_target
from workbench.scoring.leaks import LeakSettings, given_away, is_outside
from workbench.scoring.rivals import Kind
from workbench.types import Poem, Prompt, Rendered, Score, Unscored, content_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringSettings:
    """What is measured of each candidate."""

    prompt: str = "follow"
    baseline_prompt: str = "follow_nothing"
    others: Annotated[int, Ge(0), Le(64)] = 2  # M other poems for specificity; 0 = specificity is the guarded gain
    judges: Annotated[int, Ge(0), Le(64)] = 0  # J further ones, which take no part in the choice and report on it
    rivals: Kind = "length"  # which other poems: rivals.py
    weights: Literal["current", "base"] = "current"  # whose loss: the model as trained so far, or the frozen base
    leaks: LeakSettings = field(default_factory=LeakSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelihoodScorer:
    """A scorer with the prompts and settings by which it scores."""

    scorer: Scorer
    renderer: Renderer
    settings: ScoringSettings

    def context(self, description: str) -> Prompt:
        """The follower's prompt for a description; "" gives the matched prompt without one."""
        settings, style = self.settings, self.renderer.name
        if not description:
            return load_prompt(settings.baseline_prompt, style).fill()
        return load_prompt(settings.prompt, style).fill(description=description)

    def render(self, description: str, poem: Poem) -> Rendered:
        """Context and target of one pair."""
        return self.renderer.render(self.context(description), poem_target(poem))

    @property
    def digest(self) -> str:
        """Which weights and template give these losses."""
        return content_id(self.scorer.digest, self.scorer.adapter_digest, self.renderer.digest)


def guarded_gain(
    likelihood: LikelihoodScorer, description: str, poem: Poem, own: Score, baseline: Score
) -> tuple[float, int]:
    """Gain in nats and number of tokens, over target tokens outside what the description gives away."""
    rendered = likelihood.render(description, poem)
    leaks = likelihood.settings.leaks
    title_ends = len(poem_target(Poem(title=poem.title, text=""))) if leaks.guard_title else 0
    spans = given_away(
        description, rendered.target, leaks.guard_run, strict_until=title_ends, budget=leaks.guard_budget
    )
    outside_T = is_outside(rendered.offsets_T, spans)
    gains = [b - n for b, n, is_out in zip(baseline.nll_T, own.nll_T, outside_T, strict=True) if is_out]
    return math.fsum(gains), len(gains)


class RememberingScorer:
    """A scorer that gives a loss again instead of computing it twice, under the same weights."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer, self.digest = scorer, scorer.digest
        self._known: dict[Any, Score | Unscored] = {}

    @property
    def adapter_digest(self) -> str:
        """Of the scorer behind it, as it is now."""
        return self._scorer.adapter_digest

    def score(self, rendered: Sequence[Rendered], **options: Any) -> list[Score | Unscored]:
        """See `Scorer`."""
        keys = [(self.adapter_digest, each.context_ids, each.target_ids) for each in rendered]
        new = {key: each for key, each in zip(keys, rendered, strict=True) if key not in self._known}
        if new:
            self._known.update(zip(new, self._scorer.score(list(new.values()), **options), strict=True))
        return [self._known[key] for key in keys]
