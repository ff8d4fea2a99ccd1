"""Canaries: planted cheats that must lose before a run ranks anything.

    pastes the poem      the poem itself as a description: the lowest loss there is, and the scorer's self-test
    quotes five words    a description of anything, with the poem's first words in it
    says the title       which is part of what the follower writes, and is to be inferred; not where the title is one
                         telling word, which may be said (leaks.py)
    pastes another poem  what helps another poem must not win here

A warning is put on record where one of them would win; a scorer that cannot tell the pasted poem from no description is
refused, for its losses mean nothing.
"""

from workbench.errors import EngineError
from workbench.scoring.leaks import said_outright
from workbench.scoring.likelihood import LikelihoodScorer
from workbench.scoring.score import score_candidates
from workbench.selection.select import SelectionSettings, pair_up, select_winners
from workbench.types import Candidate, Poem
from workbench.words import words_of


def check_canaries(likelihood: LikelihoodScorer, poem: Poem, other: Poem, settings: SelectionSettings) -> list[str]:
    """Plants cheats among descriptions of `poem` and reports which of them would win; an empty list is a pass.

    Raises:
        EngineError: the scorer cannot tell a pasted poem from no description, so its losses mean nothing.
    """
    texts = canary_texts(poem, other)
    candidates = [_canary(poem, name, text) for name, text in texts.items()]
    scores = score_candidates(likelihood, candidates, [poem, other])
    pasted = scores[list(texts).index("pastes the poem")]
    if pasted.unscored or pasted.gain <= 0:
        raise EngineError(
            f"the scorer fails its self-test: a description that contains the whole of {poem.title!r} does not lower "
            "the loss; check the model file and its chat template"
        )
    chosen = select_winners(pair_up(candidates, scores), settings)
    return [f"a description that {c.candidate_id.removeprefix('canary: ')} would win ({c.why})"
            for c in chosen if c.is_winner]  # fmt: skip


def canary_texts(poem: Poem, other: Poem) -> dict[str, str]:
    """Cheats by what they do."""
    titled = f"A piece with the name {poem.title}, which keeps to what the name says to the end."
    is_cheat = said_outright(titled, poem.title, poem.text) == "title"
    quoted = words_of(poem.text)[:5]
    quote = " ".join(poem.text[: quoted[-1].span[1]].split()) if quoted else ""
    return {
        "pastes the poem": f"Write this poem. Title: {poem.title}\nPoem: {poem.text}",
        "quotes five words": f"A quiet piece about something seen, which begins {quote} and goes on from there.",
        **({"says the title": titled} if is_cheat else {}),
        "pastes another poem": f"Write this poem. Title: {other.title}\nPoem: {other.text}",
    }


def _canary(poem: Poem, name: str, text: str) -> Candidate:
    return Candidate(
        id=f"canary: {name}", poem_id=poem.id, text=text, raw=text, iteration=0, slot=0, attempt=0, seed=0,
        n_tokens=0, failure="", model="", adapter="", prompt_digest="",
    )  # fmt: skip
