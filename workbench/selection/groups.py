"""Groups: all descriptions that the describer of the moment wrote of a poem, with what each is worth.

    reward      value of the rule / .05      nats per token: a lead of .05 counts one
    a copy      is worth what the worst of its group is worth, and never more than nothing: copying cannot pay
    left out    what could not be used or scored, and every group whose rewards differ by less than two noise floors

What is made of the rewards is in `training/step.py`. Shuffled within their group they are the control: the same answers
and the same rewards, of which none says anything about its answer. Knows no model: records become values.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import Random

from workbench.prompts.templates import PromptTemplate, describe_prompt
from workbench.selection.select import Contender, SelectionSettings, pair_up, worth
from workbench.selection.verdicts import newest_verdicts
from workbench.storage.records import RecordStore
from workbench.types import Candidate, Example, Poem, ScoredCandidate, Verdict, content_id, seed_for

_UNIT = 0.05  # nats per token that count one: the τ of the contrast


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Answers to one request and their rewards."""

    examples: tuple[Example, ...]
    rewards: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardedExamples:
    """What there is to learn from the scores of a run, without any choice."""

    records: RecordStore
    selection: SelectionSettings
    describe: PromptTemplate
    words: int
    is_shuffled: bool  # the control
    seed: int

    def of(self, poems: Sequence[Poem], *, iteration: int) -> list[Group]:
        """A group for each poem whose descriptions differ in worth."""
        groups = []
        for poem in poems:
            candidates = self.records.all(Candidate, poem_id=poem.id, iteration=iteration)
            own = pair_up(candidates, self.records.all(ScoredCandidate, poem_id=poem.id, iteration=iteration))
            verdicts = newest_verdicts(self.records.all(Verdict, poem_id=poem.id))
            rejected = {id_ for id_, each in verdicts.items() if each.verdict == "reject"}
            reward_of = rewards_of(own, self.selection, rejected=rejected)
            if is_telling(list(reward_of.values()), self.selection.noise_floor):
                groups.append(self._group(poem, own, reward_of, iteration))
        return groups

    def _group(self, poem: Poem, own: Sequence[Contender], reward_of: dict[str, float], iteration: int) -> Group:
        prompt = describe_prompt(self.describe, poem, words=self.words)
        answers = [c.candidate for c in own if c.candidate.id in reward_of]
        rewards = [reward_of[answer.id] for answer in answers]
        if self.is_shuffled:
            Random(seed_for(self.seed, "rewards", poem.id, str(iteration))).shuffle(rewards)  # noqa: S311 - no secret
        examples = tuple(
            Example(
                id=content_id("example", "policy", answer.id), poem_id=poem.id, candidate_id=answer.id,
                task="describer", prompt=prompt, target=answer.text,
            )
            for answer in answers
        )  # fmt: skip
        return Group(examples=examples, rewards=tuple(rewards))


def rewards_of(
    contenders: Sequence[Contender], settings: SelectionSettings, *, rejected: Collection[str] = ()
) -> dict[str, float]:
    """Rewards by candidate id of one poem's descriptions; those that have none are left out.

    Args:
        contenders: descriptions of one poem.
        settings: whose rule gives the worth.
        rejected: candidates that a person rejected; they are worth what a copy is worth.
    """
    usable = [c for c in contenders if c.candidate.text.strip() and not (c.candidate.failure or c.score.unscored)]
    usable = [c for c in usable if math.isfinite(worth(c.score, settings))]
    honest = {c.candidate.id: worth(c.score, settings) / _UNIT for c in usable
              if not c.score.is_leak and c.candidate.id not in rejected}  # fmt: skip
    lowest = min(honest.values(), default=0.0)
    return {c.candidate.id: honest.get(c.candidate.id, min(lowest, 0.0)) for c in usable}


def is_telling(rewards: Sequence[float], noise_floor: float) -> bool:
    """Whether rewards differ by more than noise can make them differ.

    >>> is_telling([1.0, 1.5], 0.015), is_telling([1.0, 2.0], 0.015), is_telling([1.0], 0.0)
    (False, True, False)
    """
    return len(rewards) > 1 and max(rewards) - min(rewards) > 2 * noise_floor / _UNIT


def advantages(rewards: Sequence[float]) -> list[float]:
    """Each reward minus the mean of the others' rewards; they add up to nothing.

    >>> advantages([1.0, 0.0, 0.0])
    [1.0, -0.5, -0.5]
    """
    n, total = len(rewards), math.fsum(rewards)
    return [reward - (total - reward) / (n - 1) for reward in rewards]
