"""Lines that agree in their strong syllables alone."""

from workbench.prosody.meter import poem_meter
from workbench.prosody.stress import accents_of

SPRUNG = [
    "Stark, dark, the door-stone; dread's drum, deep in the bone",
    "of him: cold hands, cracked lamp, and the clock's tick loud",
    "on oak, ash, elm; and O then the last lit cloud,",
    "lean, lone light, goes; gone, and the grey gulls moan.",
    "Salt stings, wind wrings wet sheets on the line, flint-blown;",
    "and I, who had hoarded the whole year's harvest, proud,",
    "stand stock-still, struck dumb, by the bare boughs bowed",
    "and the black lake's breath on the brink of the brown hill's stone.",
]
LOOSE = [
    "I keep the receipt",
    "for the umbrella",
    "that the wind took apart on Fell Street",
    "in under a minute",
    "with everyone looking",
    "and nobody at all surprised by any of it",
]


def test_many_strong_syllables_that_meet_are_sprung_rhythm() -> None:
    assert poem_meter(SPRUNG).name == "sprung rhythm"


def test_loose_lines_share_no_beats() -> None:
    assert accents_of(LOOSE) is None


def test_few_lines_are_not_enough_to_tell() -> None:
    assert accents_of(SPRUNG[:3]) is None


def test_plain_pentameter_is_not_sprung() -> None:
    lines = ["The porter locked the gate and lost the key"] * 8
    assert poem_meter(lines).name == "iambic pentameter"


CROWDED = [
    "A wet spring, and the lane was a river, and we were as merry as anything in the rain;",
    "old Tom came in for his tea with a handful of nettles and never a penny to spend",
    "and the good news that was all over the village was only the ferry afloat again,",
    "and the old dog was in under the table, and somebody called for a light to the end",
    "of the passage, and my aunt asked me if it was the thunder or only the slow train,",
    "and we said nothing at all to her, and the kettle was everybody's friend.",
]


def test_lines_that_rhyme_in_full_are_sprung_with_fewer_meetings() -> None:
    assert accents_of(CROWDED) is None
    found = accents_of(CROWDED, are_rhymed=True)
    assert found is not None
    assert found.is_sprung
