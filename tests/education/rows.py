"""Sound rows of every task about four small poems, for tests to break in one place each."""

from dataclasses import replace

from workbench.education.types import Library, Row
from workbench.types import Poem

FERRY = Poem(
    title="Ferry",
    text="The rope is wet before the morning comes.\nHe counts the cars by listening to their tyres.\n\n"
    "A woman in the second car has eggs.\nShe holds the box as if it held the wires.",
)
MOONS = Poem(
    title="Moons",
    text="We walked beneath a yellow moon\nand ate our apples from a bag.\nThe dogs had sung a louder tune;\n"
    "my brother dropped his paper flag.",
    form="quatrains ABAB",
)
HEARTS = Poem(
    title="Hearts",
    text="My heart is like an open door\nthat time can never close.\nI love you now and evermore,\n"
    "as sweetly as the rose.\nSo always follow where it goes,\nfor love is all one ever knows.",
    failure="cliche",
)
LEDGER = Poem(title="Ledger", text="Forty sacks of lime, it says.\nThe ink went brown before the wall did.")
LIBRARY = Library([FERRY, MOONS, HEARTS, LEDGER])

CRITIQUE = (
    'STRONGEST line 3: "A woman in the second car has eggs" puts a breakable thing on the water and lets '
    "me worry for it "
    "without a word of worry.\n"
    'LINE 4 (other): "as if it held the wires" explains her hands, and the hands were already plain. '
    "TRY: stay with the "
    "box itself, its lid or its stamp.\n"
    "VERDICT revise: The trouble is one of revision; one comparison has to go and the crossing may then be trusted."
)
APPROVAL = (
    'STRONGEST line 2: "and ate our apples from a bag" is the plain fact that lets the rest be trusted, and the bag is '
    "what I keep.\nVERDICT approve: It has found its shape, and I take my hands away."
)
BRIEF = (
    "ANGLE: Let somebody who is paid to be there do the noticing.\n"
    "AVOID: moonlit waters; time stood still; a silver path; starry eyes; endless night; hand in hand; "
    "dancing shadows; "
    "a sigh of wind\nIMAGES FROM: a grocer's shop, its bags and its scales\nFORM: one quatrain, four beats a line\n"
    "SOUND: crossed full rhymes, ABAB, with dry consonants\nTURN: from what is over them to what is dropped"
)
AUTOPSY = (
    'What was alive was the shape of "an open door", because a door is a thing and somebody hung it, and '
    "for one line I "
    "waited to see a hinge, a step, a mat with a name on it. It died in line 2, where time arrives with "
    "its hand already "
    "on the handle, and it died of borrowing: every phrase after that came out of a drawer that other people filled. "
    "The rose in line 4 was cut long ago. The trouble is one of conception, since nobody in these lines "
    "has a face, and "
    "no rhyme will give them one. Save the door. Find out whose it is, what the paint is like, and who forgot the key."
)
COMPARISON = (
    'At its best the first poem gives me "A woman in the second car has eggs", a fact so small that I '
    "can hold it, and the "
    "ferry is suddenly full of things that could break. The man who listens to tyres is alive in the "
    "same way; his work has "
    'taught him something that I did not know. The second poem has one good word in it, and it is in "an '
    'open door", where '
    "the adjective costs nothing and still lets some air in. After that the lines are bought by the "
    "yard. A heart is compared, "
    "a rose is brought, and love is said to be all that anyone knows, which no reader has ever been able "
    "to check. The one "
    "poem looks; the other has heard that looking is done. I would print the ferry and keep the door for another day.\n"
    "STRONGER: A"
)
LESSON = (
    "Take a sentence that you would say aloud and break it where you would breathe: the line will be "
    "obedient and a little "
    'dull. Now break it where you would not. I once set a poem about a bakery that had "the loaves come '
    "up the stairs / before "
    'the baker does", and the compositor beside me laughed at the turn, because for the length of a '
    "blank the loaves were "
    "walking. That is all a line break is, a short loan of the wrong meaning, paid back at the left "
    "margin. If nothing is "
    "lent, nothing is earned, and you have chopped prose. If too much is lent, the reader stops lending "
    "back. So read your "
    "lines from the bottom of the page to the top, each alone, and ask of each what it promises before the next one "
    "keeps it. Where a line promises nothing, move one word, and only one, and read again."
)
REVISED = FERRY.text.replace(
    "She holds the box as if it held the wires.", "She holds the box. The lid says Thursday, large."
)
FOLLOW_UP = (
    'STRONGEST line 4: "The lid says Thursday" does what the comparison could not, and it is somebody '
    "else's handwriting "
    "that does it.\nVERDICT approve: It has found its shape; what troubled line 4 is gone, and I take my hands away."
)

SOUND: dict[str, Row] = {row.task: row for row in (
    Row(task="critique", poem="Ferry", text=CRITIQUE),
    Row(task="approval", poem="Moons", text=APPROVAL, verdict="approve"),
    Row(task="rejection", poem="Ferry", text=CRITIQUE, verdict="revise"),
    Row(task="revision_brief", poem="Ferry", critique=CRITIQUE, text=(
        "Take the comparison out of line 4 and look at the box instead; it has a lid, a stamp, a day written on it. "
        'Leave "A woman in the second car has eggs" exactly as it stands. When the last line is plain, read the whole '
        "crossing again from the rope.")),
    Row(task="comparison", poem_a="Ferry", poem_b="Hearts", text=COMPARISON, stronger="A"),
    Row(task="brief", request="a poem about the moon over a village", text=BRIEF),
    Row(task="autopsy", poem="Hearts", text=AUTOPSY),
    Row(task="lesson", question="Where should I break a line?", text=LESSON),
    Row(task="dialogue", poem="Ferry", critique=CRITIQUE, revised_title="Ferry", revised_poem=REVISED,
        follow_up=FOLLOW_UP),
    Row(task="poet_pair", poem="Moons", request="something about children out late", brief=BRIEF),
    Row(task="rhyme_pair", poem="Moons", request="four rhymed lines about children out late", brief=BRIEF,
        form="quatrains ABAB", scheme="ABAB", end_words=("moon", "flag")),
    Row(task="written_poem", request="what falls on children out late", brief=BRIEF, revised_title="Moons",
        revised_poem=MOONS.text, critique=APPROVAL),
    Row(task="written_rhyme", request="quatrains about children out late", brief=BRIEF, form="quatrains ABAB",
        scheme="ABAB", end_words=("moon", "flag"), revised_title="Moons", revised_poem=MOONS.text, critique=APPROVAL),
)}  # fmt: skip


def broken(task: str, **changes: object) -> Row:
    """The sound row of a task with some fields changed."""
    return replace(SOUND[task], **changes)  # type: ignore[arg-type]  # fields by name
