"""Forms beyond the well-known: each on lines written for it."""

import pytest

from workbench.prosody.detection import detect_form
from workbench.prosody.form_checks import check_form
from workbench.prosody.reading import Reading
from workbench.prosody.report import prosody_report

POEMS = {
    "sapphics": """Over the harbor every lantern trembled,
Under the awning somebody was counting
Barrels of apples, barrels of potatoes,
All of them rotten.

Nobody told us where the boats were going,
Nobody asked us who would pay the porters,
Only the gulls went up above the market,
Crying for herring.""",
    "burns": """The kettle sings upon the stove,
the baker counts his every loaf,
and all the cats come in by drove
to beg for cream,
and sleep behind the iron stove
and purr and dream.""",
    "long": """The kettle sang upon the stove,
the window let the winter in,
we cut the last of all the bread
and ate it from a battered tin.

The clock had stopped at half past four,
the cat had gone to bed at three,
and nobody had told the rain
to leave a little light for tea.""",
    "short": """The kettle sang all day,
the window let it rain,
and every porter in the town
went out to meet the train.

The baker closed his shop,
the cat went home to sleep,
and half the money that we had
was never ours to keep.""",
    "chained": """The ferry left at half past ten,
with forty geese and seven men,
and on the deck a box of tea
that nobody would see again.

The captain, looking out to sea,
had lost his glasses and his key,
and all the lamps along the shore
were yellow as a lamp can be.

We heard the engine and the oar,
we heard the captain count to four,
and then we heard it all no more,
and then we heard it all no more.""",
    "triplets": """The kettle sang, the kettle cried,
the cat came in and sat inside,
and all the winter roads were wide.

The baker swept, the baker sang,
and in the church the seven rang,
the door went open with a bang.""",
    "onegin": """The porter had a coat of leather,
a whistle and a silver chain,
he waited in all kinds of weather
to help the ladies from the train.
He never learned to spell his city,
but wrote his sums up neat and pretty
than any teacher in the town,
and never put a figure down.
He kept a bird, he kept a garden,
he kept his sister's only son,
and when the working day was done
he never asked for bread or pardon,
but sat and smoked by candlelight,
and listened to the boats all night.""",
    "curtal": """Praise for the kettle, and the bread, and the tin spoon,
for butter going soft beside the stove,
for cats that sit in windows when it rains;
for onions hung in winter by the moon,
for every orange studded with a clove,
for ferries late, and later still for trains;

all things put by, and patched, and put to use,
the darned, the dented, whatever still contains
a breath of all the gardens where we rove,
a little oil, a little apple juice,
and all that gains.""",
    "caudate": """The porter set the lantern on the floor
and counted all the boxes by the wall,
the wind came up the staircase and the hall
and someone we had known was at the door.
He said that there had been a kind of war,
that nobody had won the war at all,
that all the roads were empty since the fall
and no one ferried travelers to shore.
We gave him bread, we gave him tea and rum,
he sat beside the window and the light
fell on his hands, and neither of us spoke.
At last he said he thought that he had come
to ask forgiveness, and he said good night,
and left us with the ashes and the smoke.
And that was all,
except a glass he left beside the chair,
a button, and a smell of salted air.""",
    "sestet cddece": """The porter set the lantern on the floor
and counted all the boxes by the wall,
the wind came up the staircase and the hall
and someone we had known was at the door.
He said that there had been a kind of war,
that nobody had won the war at all,
that all the roads were empty since the fall
and no one ferried travelers to shore.
We gave him bread, we gave him tea and rum,
he sat beside the window and the light
fell on his hands. He talked until the night
was over, and then neither of us spoke.
At last he said that he was glad to come,
and left us with the ashes and the smoke.""",
    "pattern": """The kettle sang upon the stove in winter,
the cat was on the stair,
the table had a long and painful splinter,
and nobody was there
to mind the stair or mend the chair, or care.

The baker came with seven loaves on Monday,
and set them in a row,
he said he would be back again on Sunday,
and turned about to go
into the blow and flow and slow of snow.""",
    "hexameter": """This is the kettle my grandmother carried from Bergen to Boston,
wrapped in a shawl and a newspaper, under the bed of a stranger,
boiling the water for coffee at five in the morning and evening,
singing the song of the ferry, the song of the railway and harbor.""",
    "hymn slant": """The kettle sang upon the hob,
the cat was on the stair,
and no one knew the time of day
and no one seemed to hear.

The baker came with seven loaves,
he set them on the sill,
he said the winter would be long,
and longer for the soul.

We paid him what we had to pay
and took the bread within,
and listened to the roads all night
and waited for the sun.""",
    "couplet": """The porter counts the boxes in the rain;
the boxes wait, and so does every train.""",
    "bridge": """Carry it carefully
over the sill,
speak to it prayerfully,
let it be still.

Nobody listening
heard it come in,
yellow and glistening,
bright as a pin.""",
    "haiku444": """The pot is hot,
the tea is not,
I had a lot.""",
    "accentual": """Wind on the water, wolves in the wood,
the boatman bends to his breaking oar,
cold comes the dark with a clatter of stones,
and no one is left in the lighted hall.
Gulls go grieving over the gravel,
the beams are black and the bread is burned,
old men mutter and mend their nets,
the fires fail and the frost comes down.""",
}

FORMS = {
    "sapphics": "sapphics",
    "burns": "burns stanza",
    "long": "long meter",
    "short": "short meter",
    "chained": "chained rubaiyat",
    "triplets": "triplets",
    "onegin": "onegin stanza",
    "curtal": "curtal sonnet",
    "caudate": "caudate sonnet",
    "sestet cddece": "petrarchan sonnet",
    "pattern": "rhymed stanzas",
    "hexameter": "unrhymed meter",
    "hymn slant": "common meter",
    "couplet": "heroic couplets",
    "bridge": "quatrains ABAB",
    "haiku444": "triplets",
    "accentual": "unrhymed meter",
}


@pytest.mark.parametrize("poem", FORMS)
def test_a_poem_is_named_after_the_form_that_it_keeps(poem: str) -> None:
    best = detect_form(POEMS[poem])[0]
    assert (best.form, best.passed) == (FORMS[poem], True)


@pytest.mark.parametrize(
    ("poem", "meter"),
    [
        ("hexameter", "dactylic hexameter"),
        ("bridge", "dactylic dimeter"),
        ("hymn slant", "common meter"),
        ("short", "iambic 3-3-4-3"),
        ("couplet", "iambic pentameter"),
        ("accentual", "accentual, 4 beats"),
    ],
)
def test_the_meter_is_that_of_all_lines_together(poem: str, meter: str) -> None:
    assert Reading(POEMS[poem]).meter.name == meter


@pytest.mark.parametrize(
    ("poem", "form", "at"),
    [
        ("chained", "chained rubaiyat", 4),
        ("burns", "burns stanza", 2),
        ("onegin", "onegin stanza", 10),
        ("sestet cddece", "petrarchan sonnet", 11),
        ("short", "short meter", 3),
        ("triplets", "triplets", 1),
        ("caudate", "caudate sonnet", 16),
    ],
)
def test_a_lost_rhyme_still_breaks_it(poem: str, form: str, at: int) -> None:
    places = [place for place, line in enumerate(POEMS[poem].split("\n")) if line.strip()]
    lines = POEMS[poem].split("\n")
    lines[places[at]] = lines[places[at]].rsplit(" ", 1)[0] + " wolf"
    assert not check_form("\n".join(lines), form).passed


@pytest.mark.parametrize(
    ("poem", "form"), [("sapphics", "sapphics"), ("onegin", "onegin stanza"), ("short", "short meter")]
)
def test_a_lost_line_breaks_it(poem: str, form: str) -> None:
    assert not check_form(POEMS[poem].rsplit("\n", 1)[0], form).passed


def test_a_pattern_without_a_name_is_said_as_a_pattern() -> None:
    text = prosody_report(POEMS["pattern"]).to_text()
    assert "no form that has a name, but one pattern: rhymed stanzas ABABB" in text
    assert "ode" not in text.split("because")[0]


def test_what_verse_allows_is_a_note() -> None:
    poem = POEMS["couplet"].replace("in the rain", "in the weather").replace("every train", "every tether")
    check = check_form(poem, "heroic couplets")
    assert check.passed
    assert any("feminine ending" in one.sentence for one in check.deviations)


def test_three_short_rhymed_lines_are_no_haiku() -> None:
    assert not check_form(POEMS["haiku444"], "haiku").passed


def test_a_freer_haiku_is_counted_as_it_is() -> None:
    best = detect_form("crows again\non the wet wire, counting\nnothing")[0]
    assert (best.form, best.passed) == ("haiku", True)
    assert not any("5, 7, 5" in reason for reason in best.reasons)


def test_a_sonnet_in_an_order_of_its_own_is_a_nonce_sonnet() -> None:
    lines = POEMS["sestet cddece"].split("\n")
    mixed = "\n".join([*lines[4:6], *lines[2:4], lines[6], lines[0], lines[7], lines[1], *lines[8:]])
    assert detect_form(mixed)[0].form == "nonce sonnet"
    assert check_form(mixed, "sonnet").passed


def test_stanzas_that_half_rhyme_by_habit_may_miss_a_rhyme() -> None:
    assert check_form(POEMS["hymn slant"].replace("upon the stove", "upon the hob"), "common meter").passed


def test_a_line_as_well_heard_with_a_foot_less_is_too_short() -> None:
    lines = [
        "The porter locked the gate and lost the key,",
        "the roses had to wait another day,",
        "the ferry with the lanterns went to sea,",
        "and nobody had anything to say.",
    ]
    poem = "\n".join(lines)
    assert check_form(poem, "quatrains ABAB").passed
    royal = "\n".join([*lines, "The kettle sang, the cat was in the hay,", "the baker swept the flour from the floor,",
                       "and winter leaned a shoulder on the door."])  # fmt: skip
    assert check_form(royal, "rhyme royal").passed
    assert not check_form(royal.replace("had to wait another", "waited one more"), "rhyme royal").passed


SONNET = """The kettle sang, the cat was in the hay,
the roses had to wait beside the door,
the baker swept the flour from the floor,
and nobody had anything to say.
The ferry with the lanterns went away,
the gulls were counting herring on the shore,
the porter rang his bell at half past four,
and closed the gate behind another day.
I kept the window open for the rain,
I kept a candle burning in the hall,
I kept a chair, a letter and a light.
But nothing came that evening but the train,
and nothing moved but ivy on the wall,
and all the clocks went walking through the night."""


def test_a_sonnet_with_one_slip_keeps_its_name() -> None:
    slipped = SONNET.replace("in the hall", "in the snow").replace("open for the rain", "open for the snow")
    assert detect_form(slipped)[0].form == "petrarchan sonnet"


def test_a_sonnet_in_no_meter_is_named_by_its_rhymes() -> None:
    lines = SONNET.split("\n")
    loose = "\n".join("and suddenly, " * (number * number % 3 * 2 % 3) + line for number, line in enumerate(lines))
    loose = loose.replace("walking", "quite unexpectedly walking").replace("the gulls", "gulls")
    assert prosody_report(loose).meter != "iambic pentameter"
    assert detect_form(loose)[0].form == "petrarchan sonnet"


CROSSED = [
    ("stone", "day", "bone", "way"), ("light", "sea", "night", "tree"), ("rain", "floor", "cup", "door"),
    ("mouse", "hill", "house", "mill"),
]  # fmt: skip


def test_quatrains_that_mostly_cross_their_rhymes_are_abab_with_slips() -> None:
    poem = "\n\n".join("\n".join(f"the cat went by the {word}" for word in words) for words in CROSSED)
    best = detect_form(poem)[0]
    assert best.form == "quatrains ABAB"


def test_stanzas_whose_order_is_missed_once_each_are_still_of_one_pattern() -> None:
    stanzas = [("hay", "stone", "way", "tree", "bone"), ("rain", "mouse", "train", "cup", "house")]
    poem = "\n\n".join("\n".join(f"the cat went by the {word}" for word in words) for words in stanzas)
    assert "rhymed stanzas" in [one.form for one in detect_form(poem)]


HYMN = """The baker set his loaves to cool
upon the window stone,
the sparrows came as if from school
and had them to themselves again.

The porter set his lamp to burn
beside the river gate,
the ferry would not now return
until the tide was out."""


def test_a_hymn_may_half_rhyme_all_through_by_its_last_consonants() -> None:
    hymn = HYMN.replace("and had them to themselves again", "and ate them in the rain")
    best = detect_form(hymn)[0]
    assert (best.form, best.passed) == ("common meter", True)


def test_one_half_rhyme_is_no_fault_in_a_hymn_and_one_in_a_ballad_is() -> None:
    poem = HYMN.replace("and had them to themselves again", "and ate them to the bone").replace("school", "town")
    assert check_form(poem, "common meter").passed
    assert not check_form(poem, "ballad").passed
