"""What winners teach: follower, describer or preference pairs, out of the records of a run.

follower    description → title + poem
describer   poem → description
pairs       describer examples, each followed by the answer that was rejected for it (`pairs.py`)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.prompts.templates import PromptTemplate, poem_target
from workbench.selection.pairs import choose_rejected
from workbench.selection.select import SelectionSettings, pair_up
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
        asked = describe.fill(title=poem.title, poem=poem.text, words=str(words))
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
