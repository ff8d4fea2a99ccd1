"""The other direction: does a poem give its description back?

    gives_back(P) = 1/|G| · Σ_{t ∈ G} [ mean_o( -log p(d_t | o, d_<t) ) + log p(d_t | P, d_<t) ]      nats per token

d is the description, P the poem with its title, o runs over M other poems, each put into the prompt that asks for a
description. G are the tokens of d outside runs of words that P copies, the end of the turn left out: a poem that
recites what it was asked for would give it back best of all, and says nothing. It is the specificity of scoring, turned
round: there a description has to help its own poem more than others, here a poem has to call up its own description
more than others do.

The M other poems are the same for all tries, so the ranking is that of log p(d | P) on what is not copied; they put the
zero where a poem says no more of d than any poem does. It does not measure whether the poem is good.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.composing.types import GivenBack
from workbench.engines.protocols import Cancelled, Scorer, never
from workbench.errors import Stopped
from workbench.prompts.renderers import Renderer
from workbench.prompts.templates import describe_prompt, load_prompt, poem_target
from workbench.scoring.leaks import LeakSettings, find_leak, given_away, is_outside
from workbench.types import Leak, Poem, Reason, Rendered, Score, Unscored
from workbench.words import words_of

_FEWEST_WORDS = 10  # what a prompt may ask for


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptionScorer:
    """Who measures, by which prompt, and beside which other poems."""

    scorer: Scorer
    renderer: Renderer
    prompt: str  # that asks for a description of a poem
    leaks: LeakSettings
    others: tuple[Poem, ...]  # M; empty = the plain likelihood, whose zero means nothing

    def render(self, description: str, poem: Poem) -> Rendered:
        """The description as the answer to a request for one."""
        n_words = max(_FEWEST_WORDS, len(words_of(description)))
        template = load_prompt(self.prompt, self.renderer.name)
        return self.renderer.render(describe_prompt(template, poem, words=n_words), description)


def give_back(
    model: DescriptionScorer, description: str, poems: Sequence[Poem], *, cancelled: Cancelled = never
) -> list[GivenBack | Unscored]:
    """What each of some poems gives back of one description, in their order.

    Raises:
        EngineError: the scorer failed.
        Stopped: `cancelled` said so.
    """
    rendered = [model.render(description, poem) for poem in (*poems, *model.others)]
    scores = model.scorer.score(rendered, cancelled=cancelled) if poems else []
    if cancelled():
        raise Stopped("stopped while the poems were read back")
    elsewhere = [score for score in scores[len(poems) :] if isinstance(score, Score)]
    return [
        _given_back(model, description, poem, score, shape, elsewhere)
        for poem, score, shape in zip(poems, scores, rendered, strict=False)
    ]


def nearest_others(pool: Sequence[Poem], tries: Sequence[Poem], m: int) -> tuple[Poem, ...]:
    """M poems of the pool nearest in length to the middle one of the tries, ties by id; none of them a try."""
    if not tries:
        return ()
    middle = sorted(len(poem.text) for poem in tries)[len(tries) // 2]
    known = {poem.id for poem in tries}
    rivals = [poem for poem in pool if poem.id not in known]
    return tuple(sorted(rivals, key=lambda poem: (abs(len(poem.text) - middle), poem.id))[:m])


def copies(poem: Poem, description: str, leaks: LeakSettings) -> Leak:
    """What a poem has of its description; words of one shorter than `leak_run` words may all be in it.

    >>> text = "The keeper counts the lamps along the pier."
    >>> copies(Poem(title="Lamps", text=text), "the keeper counts the lamps at dusk", LeakSettings()).is_leak
    True
    """
    leak = find_leak(poem_target(poem), description, leaks)
    if len(words_of(description)) >= leaks.leak_run:
        return leak
    return Leak(longest_run_words=leak.longest_run_words, ngram_share=leak.ngram_share, spans=leak.spans, is_leak=False)


def _given_back(
    model: DescriptionScorer, description: str, poem: Poem, score: Score | Unscored, shape: Rendered,
    elsewhere: Sequence[Score],
) -> GivenBack | Unscored:  # fmt: skip
    if isinstance(score, Unscored):
        return score
    spans = given_away(poem_target(poem), description, model.leaks.guard_run)
    outside = zip(shape.offsets_T, is_outside(shape.offsets_T, spans), strict=True)
    places = [place for place, ((start, end), is_out) in enumerate(outside) if is_out and end > start]
    sums = [math.fsum(each.nll_T[place] for place in places) for each in (score, *elsewhere)]
    leak = copies(poem, description, model.leaks)
    if not all(map(math.isfinite, sums)):
        return Unscored(reason=Reason.NOT_FINITE)
    if not places and not leak.is_leak:  # of a description in a few words, all of which the poem has
        return Unscored(reason=Reason.NO_TARGET)
    return GivenBack(
        nll_nats=sums[0],
        others_nats=math.fsum(sums[1:]) / len(elsewhere) if elsewhere else 0.0,
        n_tokens=len(places),
        n_all_tokens=score.n_tokens,
        n_others=len(elsewhere),
        longest_run_words=leak.longest_run_words,
        is_copy=leak.is_leak,
    )
