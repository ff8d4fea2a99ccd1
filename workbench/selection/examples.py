"""What winners teach, out of the records of a run: follower, describer or preference pairs.

follower    description → title + poem
describer   poem → description
pairs       describer examples: for each winner (chosen), and after it another candidate of its poem (rejected)

    loss   = −log σ(β · margin)      margin = [nll(rejected) − nll₀(rejected)] − [nll(chosen) − nll₀(chosen)]
    ∂loss  = c · ∂nll(chosen) − c · ∂nll(rejected)      c = β · σ(−β · margin)

Rejected is what a person rejected, else one of the third that the rule ranks last of those that do not copy, or of
the third nearest to mean − 2σ of their values (`selection.loser`; from many candidates the very worst teach less): of
these the one nearest in length to the chosen one, each once. A pair with a copy would only teach not to copy, and a
pair of unlike length mostly length. Round after round a describer that names more of a poem copies more: with `loser:
copy` the first of a poem's every two pairs is set against a copy where there is one, so that it learns not to. nll₀
is the loss under the base weights, in nats summed over each target's tokens. The gradient is that of a weighted sum
of plain losses, so a learner that takes a weight for each sequence can train on it.

Source: direct preference optimisation (Rafailov et al. 2023); the loser near mean − 2σ: arXiv 2502.16825.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean, pstdev

from workbench.prompts.templates import PromptTemplate, describe_prompt, poem_target
from workbench.selection.select import Contender, SelectionSettings, pair_up, worth
from workbench.selection.verdicts import newest_verdicts
from workbench.storage.records import RecordStore
from workbench.types import (
    Candidate,
    Choice,
    Example,
    Poem,
    Prompt,
    ScoredCandidate,
    Task,
    Verdict,
    content_id,
    seed_for,
)


def choose_rejected(
    contenders: Sequence[Contender],
    winners: Sequence[Choice],
    settings: SelectionSettings,
    *,
    verdicts: Sequence[Verdict] = (),
    seed: int = 0,
) -> dict[str, Candidate]:
    """The candidate that each winner is set against, by the winner's id; a winner that is alone is left out.

    Args:
        contenders: candidates of the winners' poems and iterations.
        winners: of one arm. `random` draws, `bottom` turns the rule round, `plain` takes the highest loss.
        settings: the rule.
        verdicts: what people said; of what they rejected, `top` and `shuffled` take first.
        seed: for the arm that draws.
    """
    taken = {choice.candidate_id for choice in winners}
    by_people = {id_ for id_, verdict in newest_verdicts(verdicts).items() if verdict.verdict == "reject"}
    lengths = {contender.candidate.id: contender.score.n_words for contender in contenders}
    groups: dict[tuple[str, int], list[Choice]] = {}
    for choice in winners:
        groups.setdefault((choice.poem_id, choice.iteration), []).append(choice)
    found: dict[str, Candidate] = {}
    for (poem_id, iteration), own in groups.items():
        there = [c for c in contenders if (c.candidate.poem_id, c.candidate.iteration) == (poem_id, iteration)]
        group = [c for c in there if c.candidate.id not in taken and _may_be_rejected(c, settings)]
        draw = Random(seed_for(seed, "loser", poem_id, str(iteration)))  # noqa: S311 - no secret
        first = by_people if own[0].arm in ("top", "shuffled") else set()
        if settings.loser == "copy" and not any(c.candidate.id in first for c in group):
            copies = [c for c in there if c.score.is_leak and c.candidate.text.strip()]
            found |= _nearest_in_length(own[::2], copies, lengths, first)
        ordered = _worst_first(group, own[0].arm, settings, draw)
        ordered.sort(key=lambda c: c.candidate.id not in first)
        left = [choice for choice in own if choice.id not in found]
        n_low = max(len(left), len(ordered) // 3)
        found |= _nearest_in_length(left, ordered[:n_low], lengths, first)
    return found


def _nearest_in_length(
    winners: Sequence[Choice], low: Sequence[Contender], lengths: Mapping[str, int], first: Collection[str]
) -> dict[str, Candidate]:
    """A loser for each winner while there are any: one of `first`, else the one most alike in length."""
    left, found = list(low), {}
    for choice in winners:
        if left:
            length = lengths.get(choice.candidate_id, len(choice.description.split()))
            order = [(c.candidate.id not in first, abs(c.score.n_words - length)) for c in left]
            loser = left.pop(order.index(min(order)))
            found[choice.id] = loser.candidate
    return found


def _may_be_rejected(contender: Contender, settings: SelectionSettings) -> bool:
    score = contender.score
    is_scored = not score.unscored and math.isfinite(worth(score, settings))
    return is_scored and not score.is_leak and bool(contender.candidate.text.strip())


def _worst_first(group: Sequence[Contender], arm: str, settings: SelectionSettings, draw: Random) -> list[Contender]:
    """Those that may lose against an arm's winners, the fittest losers first."""
    ordered = sorted(group, key=lambda c: (worth(c.score, settings), c.candidate.id))
    if arm == "random":
        draw.shuffle(ordered)
        return ordered
    if arm == "bottom":
        return ordered[::-1]
    if arm == "plain":
        return sorted(group, key=lambda c: (-c.score.nll_nats, c.candidate.id))
    if settings.loser == "two sigma" and len(ordered) > 1:
        values = [worth(c.score, settings) for c in ordered]
        aim = fmean(values) - 2 * pstdev(values)
        ordered.sort(key=lambda c: abs(worth(c.score, settings) - aim))
    return ordered


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLoss:
    """Losses of one pair under the present weights and under the base, in nats."""

    chosen: float
    rejected: float
    base_chosen: float
    base_rejected: float

    @property
    def margin(self) -> float:
        """How much more than the base the weights prefer the chosen answer."""
        return (self.rejected - self.base_rejected) - (self.chosen - self.base_chosen)

    def loss(self, *, beta: float) -> float:
        """−log σ(β · margin): .693 where the weights prefer neither, 0 where the pair is learnt."""
        scaled = beta * self.margin
        return math.log1p(math.exp(-abs(scaled))) + max(-scaled, 0.0)


def pair_weights(pairs: Sequence[PairLoss], *, beta: float = 0.1) -> list[tuple[float, float]]:
    """Weights of (chosen, rejected) of each pair; they are equal and opposite, and fade as the pair is learnt.

    >>> pair_weights([PairLoss(chosen=5.0, rejected=7.0, base_chosen=5.0, base_rejected=7.0)], beta=0.2)
    [(0.1, -0.1)]
    """
    weights = [beta * _sigmoid(-beta * pair.margin) for pair in pairs]
    return [(weight, -weight) for weight in weights]


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class WinnerExamples:
    """What there is to learn from the choices of a run."""

    records: RecordStore
    selection: SelectionSettings
    task: str  # follower, describer, both
    is_preference: bool  # by pairs; then the describer alone learns
    pool: str  # last: of this iteration; all: of all so far
    follow: PromptTemplate
    describe: PromptTemplate
    words: int
    seed: int

    def of(self, poems: Sequence[Poem], *, arm: str, iteration: int) -> list[Example]:
        """The examples of an arm's winners of these poems; pairs are side by side, the chosen one first."""
        winners: list[Choice] = []
        for poem in poems:
            own = self.records.all(Choice, poem_id=poem.id, arm=arm, is_winner=1)
            first = iteration if self.pool == "last" else 0
            own = [choice for choice in own if first <= choice.iteration <= iteration]
            winners += own[-self.selection.max_per_poem :]
        rejected = self._rejected(winners, poems) if self.is_preference else None
        return make_examples(
            winners, poems, task=self.task, follow=self.follow, describe=self.describe, words=self.words,
            rejected=rejected,
        )  # fmt: skip

    def _rejected(self, winners: Sequence[Choice], poems: Sequence[Poem]) -> dict[str, Candidate]:
        ids = [poem.id for poem in poems]
        contenders = pair_up(self.records.of_poems(Candidate, ids), self.records.of_poems(ScoredCandidate, ids))
        verdicts, seed = self.records.of_poems(Verdict, ids), seed_for(self.seed, "losers")
        return choose_rejected(contenders, winners, self.selection, verdicts=verdicts, seed=seed)


def make_examples(
    choices: Sequence[Choice],
    poems: Sequence[Poem],
    *,
    task: str,
    follow: PromptTemplate,
    describe: PromptTemplate,
    words: int,
    rejected: Mapping[str, Candidate] | None = None,
) -> list[Example]:
    """Examples of the winners.

    Args:
        choices: winners and others of one arm; only winners teach.
        poems: theirs.
        task: follower, describer, or both.
        follow: the follower's prompt.
        describe: the describer's prompt.
        words: how many the describer is asked for.
        rejected: of preference pairs, by the winner's id; a winner without one teaches nothing then.
    """
    by_id = {poem.id: poem for poem in poems}
    examples = []
    for choice in choices:
        if not choice.is_winner or choice.poem_id not in by_id:
            continue
        poem = by_id[choice.poem_id]
        asked = describe_prompt(describe, poem, words=words)
        if rejected is not None:
            examples += _pair(choice, asked, rejected[choice.id]) if choice.id in rejected else []
            continue
        if task in ("follower", "both"):
            prompt = follow.fill(description=choice.description)
            examples.append(_example(choice, "follower", prompt=prompt, target=poem_target(poem)))
        if task in ("describer", "both"):
            examples.append(_example(choice, "describer", prompt=asked, target=choice.description))
    return examples


def _pair(choice: Choice, prompt: Prompt, rejected: Candidate) -> list[Example]:
    chosen = _example(choice, "describer", prompt=prompt, target=choice.description)
    return [
        chosen,
        Example(
            id=content_id("example", "rejected", choice.id, rejected.id),
            poem_id=choice.poem_id,
            candidate_id=rejected.id,
            task="describer",
            prompt=prompt,
            target=rejected.text,
            rejected_for=chosen.id,
        ),
    ]


def _example(choice: Choice, task: Task, *, prompt: Prompt, target: str) -> Example:
    return Example(
        id=content_id("example", task, choice.id),
        poem_id=choice.poem_id,
        candidate_id=choice.candidate_id,
        task=task,
        prompt=prompt,
        target=target,
    )
