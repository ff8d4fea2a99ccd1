"""Poems of our own, each in a form, and the name and pattern that it goes by."""

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
