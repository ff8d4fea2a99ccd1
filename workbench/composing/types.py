"""What flows when a poem is composed: tries, what each gives back, and what came of a description."""

from dataclasses import dataclass
from typing import Literal

from workbench.intervals import Estimate, difference_of, mean_of

Voice = Literal["base", "trained"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """How well a poem gives its description back; losses are sums in nats over the `n_tokens` that count.

    nats_per_token = (others_nats - nll_nats) / n_tokens; 0 = no better than other poems, higher is better.
    """

    nll_nats: float  # of the description after this poem
    others_nats: float  # the same after M other poems, their mean
    n_tokens: int  # tokens of the description outside what the poem copies from it
    n_all_tokens: int
    n_others: int  # M
    longest_run_words: int  # words in a row that the poem has from the description
    is_copy: bool  # it recites its description: out before ranking

    @property
    def nats_per_token(self) -> float:
        """What the poem adds to the likelihood of its description."""
        return (self.others_nats - self.nll_nats) / self.n_tokens if self.n_tokens else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One answer of the model, whatever became of it."""

    id: str
    voice: Voice
    number: int  # from 0; base and trained have the same seed for the same number
    seed: int
    title: str
    text: str
    problem: str  # why it is not a poem; "" for a poem
    remarks: tuple[str, ...]  # what was left out of the answer, and what was kept in doubt
    raw: str  # the answer as it came, thoughts and talk included
    n_tokens: int
    ended: bool  # false where the token limit cut it
    given_back: GivenBack | None  # None where nothing could be measured
    unscored: str  # why, "" where it was
    rank: int = 0  # 1 = best of its voice; 0 = not ranked
    model: str = ""  # digests of the base, of the adapter and of the prompt
    adapter: str = ""
    prompt_digest: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it is a poem, of its own words, that was measured."""
        return not self.problem and self.given_back is not None and not self.given_back.is_copy

    @property
    def value(self) -> float | None:
        """Nats per token that it gives back; None where it is not to be compared."""
        return self.given_back.nats_per_token if self.given_back and self.is_good else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """What came of a description."""

    description: str
    model: str  # engine's name
    run: str
    task: str  # what the adapter was taught
    scorer: str  # digest of the weights that measured
    seed: int
    tries: tuple[Try, ...]  # of each voice the best first, the trained one's before the base's
    notes: tuple[str, ...] = ()  # what a reader should know of the comparison

    def of(self, voice: Voice) -> list[Try]:
        """The tries of one voice, the best first."""
        return [one for one in self.tries if one.voice == voice]

    @property
    def best(self) -> Try | None:
        """The best try of the model that was asked; None where no answer is a poem."""
        first = self.tries[0] if self.tries else None
        return first if first and not first.problem else None

    def mean(self, voice: Voice) -> Estimate | None:
        """Mean over the tries of a voice, chosen or not, so that choosing does not flatter it."""
        return mean_of([one.value for one in self.of(voice)])

    @property
    def difference(self) -> Estimate | None:
        """Trained minus base, try by try with the same seed; it is about this description alone."""
        ours, theirs = ({one.number: one.value for one in self.of(voice)} for voice in ("trained", "base"))
        numbers = sorted(ours.keys() & theirs.keys())
        return difference_of([ours[n] for n in numbers], [theirs[n] for n in numbers])

    def rows(self) -> list[dict[str, object]]:
        """A row a try, for a table."""
        return [
            {
                "voice": one.voice, "rank": one.rank or None, "title": one.title, "gives back": one.value,
                "tokens": one.given_back.n_tokens if one.given_back else None,
                "copied words": one.given_back.longest_run_words if one.given_back else None,
                "lines": len([line for line in one.text.split("\n") if line.strip()]),
                "problem": why_out(one),
            }
            for one in self.tries
        ]  # fmt: skip


def why_out(one: Try) -> str:
    """Why a try is not ranked; "" where it is."""
    if one.problem or one.given_back is None:
        return one.problem or one.unscored
    if one.given_back.is_copy:
        return f"it recites its description: {one.given_back.longest_run_words} words in a row"
    return ""
