"""Three poems, and contenders among their descriptions."""

from tests.fakes import candidate, scored
from workbench.selection.select import Contender, SelectionSettings, select_winners
from workbench.types import Poem

POEM = Poem(title="Hinge", text="The cold hinge sings of rain\nand nobody will mend the door")
OTHER = Poem(title="Salt", text="A white road runs to the dry well\nand back again by night")
THIRD = Poem(title="Moth", text="Wings burn near the lamp tonight\nas they did the night before")
POEMS = [POEM, OTHER, THIRD]


def contender(slot=0, poem=POEM, text="", **changes):
    """With `own=x` the guarded gain is x nats per token, and `elsewhere` what it brings to other poems."""
    own, elsewhere = changes.pop("own", 0.5), changes.pop("elsewhere", 0.1)
    of = candidate(poem, text or f"Description {slot} of {poem.title}", slot=slot)
    values = {"guarded_gain_nats": own * 100, "other_gain": elsewhere, **changes}
    return Contender(candidate=of, score=scored(of, **values))


def winners_of(contenders, *, arm="top", seed=0, verdicts=(), **settings):
    choices = select_winners(contenders, SelectionSettings(**settings), arm=arm, seed=seed, verdicts=verdicts)
    return [choice for choice in choices if choice.is_winner]


def slots(winners):
    return [int(choice.candidate_id.rsplit(".", 1)[1]) for choice in winners]


def some(n_poems=3, n_candidates=5):
    return [contender(slot, poem=poem, own=0.2 + slot / 10) for poem in POEMS[:n_poems] for slot in range(n_candidates)]
