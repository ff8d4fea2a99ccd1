"""Does a poem give its own description back? `python -m bench.giving_back`, about five minutes on two cores.

The base model describes N poems of `data/poems/good`, one description each that the poem does not recite. Then it is
asked how likely each description is after its own poem and after four others of like length. Shown are what `compose`
ranks by, and at which place of five the own poem comes: 1 is right, chance is one in five. Writer and scorer are one
model here, as in `compose`; what a person would write of the poem is not measured.
"""

from pathlib import Path

from workbench.backtranslation import BacktranslationSettings, Describer, describe_poems, usable
from workbench.composing.compose import ComposingSettings
from workbench.composing.giving_back import DescriptionScorer, copies, give_back, nearest_others
from workbench.composing.types import GivenBack
from workbench.corpus.load import load_poems
from workbench.intervals import mean_of, shown
from workbench.taught_model import OpenTaught, find_taught, open_taught
from workbench.types import Candidate, Poem, content_id

N_POEMS, N_OTHERS, SEED = 12, 4, 42
MOST_CHARACTERS = 1200  # of a poem
WORDS = BacktranslationSettings(n_candidates=3, words=40, max_new_tokens=80, keep_endless=True)


def main() -> None:
    """Prints one line per poem, then the means."""
    pool = [poem for poem in load_poems(Path("data/poems/good")) if len(poem.text) <= MOST_CHARACTERS]
    poems = sorted(pool, key=lambda poem: content_id("giving back", poem.id))[:N_POEMS]
    values, places = [], []
    with open_taught(find_taught("built-in"), seed=SEED) as model:
        for poem, candidate in described(model, poems):
            value, place = measured(model, poem, candidate, nearest_others(pool, [poem], N_OTHERS))
            values.append(value)
            places.append(place)
            print(f"{value:+.3f} nats/token · place {place} of {N_OTHERS + 1} · {poem.title}", flush=True)
    first = f"first of {N_OTHERS + 1}: {places.count(1)} of {len(places)}"
    print(f"gives back {shown(mean_of(values), sign=True)} nats/token; {first}")


def described(model: OpenTaught, poems: list[Poem]) -> list[tuple[Poem, Candidate]]:
    """The first description of each poem that its poem does not recite."""
    describer = Describer(sampler=model.sampler(), renderer=model.renderer, settings=WORDS, seed=SEED)
    leaks = ComposingSettings().leaks
    found = {}
    by_id = {poem.id: poem for poem in poems}
    for candidate in usable(describe_poems(describer, poems, iteration=0)):
        poem = by_id[candidate.poem_id]
        if poem.id not in found and not copies(poem, candidate.text, leaks).is_leak:
            found[poem.id] = (poem, candidate)
    return list(found.values())


def measured(model: OpenTaught, poem: Poem, candidate: Candidate, others: tuple[Poem, ...]) -> tuple[float, int]:
    """What the poem gives back, and its place among the others."""
    leaks = ComposingSettings().leaks
    scorer = DescriptionScorer(
        scorer=model.scorer, renderer=model.renderer, prompt="describe", leaks=leaks, others=others
    )
    (own,) = give_back(scorer, candidate.text, [poem])
    each = give_back(scorer, candidate.text, [poem, *others])
    nats = [one.nll_nats / one.n_tokens for one in each if isinstance(one, GivenBack) and one.n_tokens]
    if not isinstance(own, GivenBack) or len(nats) != len(each):
        raise SystemExit(f"{poem.title}: not measured")
    return own.nats_per_token, 1 + sum(nll <= nats[0] for nll in nats[1:])


if __name__ == "__main__":
    main()
