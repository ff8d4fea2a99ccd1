"""Talk told by where it is and what it is beside the poem, in words that no list has; verse that does likewise."""

import pytest

from workbench.revision.replies import parse_poem_reply

NAILS = "Nails in a jar.\nTwo hinges.\nA key\nto no door we own.\n\nYou shake it\nand the whole house\nanswers."
DOG = "We buried the dog\nwhere the sun comes first.\nThe spade rang twice on slate.\n\n3 November 1998"
TALK = (
    '"Is it far?" she asked. "It is not far."\n"You said so at the stile."\n"The stile," he said, "was where we are."'
)
HAIKU = "frost on the handrail\na child in a paper crown\ncounts backward from ten"
TRAM = (
    "Le tram a pris ma rue\npour une partition.\n\nToi qui descends la dernière,\ndis-moi si la ville\na fini de jouer."
)
UMBRELLAS = (
    "The man who mends umbrellas has a room with no window. He likes to be surprised. All day people bring him "
    "weather: a rib snapped in Leeds, a handle chewed by a spaniel. By six the floor is black with birds."
)


@pytest.mark.parametrize(("answer", "poem"), [
    ("Love this one. A drawer of leftovers is good territory. I went small and let the objects carry it:\n\n{}\n\n"
     "Kept it bare on purpose. Happy to stretch it if you'd rather have something fuller.", NAILS),
    ('{}\n\n———\nThe broken lines imitate things settling, and "answers" is left on its own so that the house has the '
     "last word.", NAILS),
    ("{}\n\n5-7-5, with the turn after the first line.", HAIKU),
    ("{}\n\nSyllables: 5 / 7 / 5 ✔️ Season word: frost ✔️\n\nAnything you'd like me to tweak?", HAIKU),
    ("素敵なお題ですね。短い詩を書いてみました。\n\n{}\n\n気に入っていただければ幸いです！", NAILS),
    ("Tabii ki! İşte kısa bir şiir:\n\n{}\n\nUmarım beğenirsiniz. Daha uzun bir sürüm ister misiniz?", DOG),
    ("Конечно! Я постарался передать настроение.\n\n{}", NAILS),
    ("Quelle belle idée ! J'ai voulu filer l'image musicale, sans rimes.\n\n{}\n\nSi le ton vous paraît trop sage, on "
     "peut casser le rythme.", TRAM),
])  # fmt: skip
def test_talk_in_words_that_no_list_has_is_left_out_and_said(answer, poem):
    found = parse_poem_reply(answer.format(poem))
    assert (found.text, found.problem) == (poem, "")
    assert any("left out as talk" in remark for remark in found.remarks)


def test_talk_around_a_prose_poem_is_told_from_its_paragraph():
    answer = f'Happy to. I read "prose poem" as leave to tell a story and then swerve.\n\n{UMBRELLAS}'
    assert parse_poem_reply(answer, form="prose poem").text == UMBRELLAS


@pytest.mark.parametrize("verse", [
    "The lake is shut.\n\nSomebody has left a chair on it.\n\nI am told this is how they know.\n\nIt goes in spring.",
    "Thank you for the plums you left.\nI watched the wasps go in\nand out.\n\nLet me know if you want the bowl.",
    "Who taught the kettle its one high complaint?\nWhere do the gloves go? Why do they stay?\n\n"
    "Would you like to come in? Do you want me to wait?\nShall I turn down the fire? Is it late?",
    "1915\n\n2 brothers on one bicycle,\n1 bell between them.\n\n40 miles to the boat.\nThey rode.\n\n1916\n\n1 bell.",
    "Title: none. The book is blank.\nAuthor: whoever found the pen.\nPlace: the rain-side of the bank.\n"
    "Year: the year it rained again.",
    "I drove all night past silos and the backs of supermarkets, and the radio gave me weather for places I had left,\n"
    "and somewhere after three a fox stood on the shoulder like a man who has forgotten what he came into the room to "
    "get from it,\nand I thought of your kitchen, its one good chair, its clock that you kept ten minutes fast.",
    "for the harbour pilots\n\nThe hour that is neither\nholds the boats by the chin.\n\nAnd it always was.",
    "The boats lean in.\nThe ropes are dry.\n\nI kept the coat, the ticket, and the stub, and never asked about you.",
    "The boats lean in.\nThe ropes are dry.\n\nI thought of you at noon, and of the boat, and did not write.",
])  # fmt: skip
def test_verse_that_stands_where_talk_stands_is_kept(verse):
    found = parse_poem_reply(verse)
    assert (found.text, found.problem) == (verse, "")


def test_what_stays_in_doubt_is_kept_and_said():
    said = "The fish on the van is a symbol, and I left it unexplained."
    poem = (
        "I wanted to say that the heating works.\nThe man came. He had a van with a fish on it.\nHe asked me who I was."
    )
    found = parse_poem_reply(f"{poem}\n\n{said}")
    assert found.text.endswith(said)
    assert found.remarks == (f"kept, though it may be talk: “{said}”",)


#: Each row is a kind: what came, the title and the poem in it.
KINDS = {
    "a title without marks": (f"The Long Rope\n\n{NAILS}", "The Long Rope", NAILS),
    "a title between pictures": (f"✨ The Long Rope ✨\n\n{NAILS}\n\n✨🌙✨", "The Long Rope", NAILS),
    "a title and who made it": (
        f"The Long Rope\nby A. Machine\n\n{NAILS}\n\n*Written by an AI*", "The Long Rope", NAILS,
    ),
    "a title twice": (f"Title: Nails\nPoem:\n\n**Nails**\n\n{NAILS}", "Nails", NAILS),
    "a title over lines alone": (
        "Goat, Shining\n\nRain.\n\nRain on the roof.\n\nThen the goat.", "Goat, Shining",
        "Rain.\n\nRain on the roof.\n\nThen the goat.",
    ),
    "a player's part": (f"(clears throat)\n\n{NAILS}\n\n*bows*", "", NAILS),
    "a player's sentences": (f"*The poet sits and writes:*\n\n{NAILS}\n\n*She puts the pen down.*", "", NAILS),
    "the end": (f"# Nails\n\n{NAILS}\n\n**The End**", "Nails", NAILS),
    "a list and what leads to it": (
        f"{NAILS}\n\n**How it meets the prompt:**\n\n* **ANGLE:** a jar\n* **SOUND:** k", "", NAILS,
    ),
    "a list glued to its head": (f"{NAILS}\n\nIn this poem:\n- the jar is a house\n- the key is lost", "", NAILS),
    "ticks": (f"{NAILS}\n\n✅ Form: free verse\n✅ Clichés: none\n✅ Turn: last line", "", NAILS),
    "a heading over a table": (f"{NAILS}\n\n**Marks**\n\n| Part | Score |\n|---|---|\n| Form | 9/10 |", "", NAILS),
    "a report of craft": (f"The brief asks for plosives, so I kept the lines short and plain.\n\n{NAILS}", "", NAILS),
    "marks of verse between the lines": (
        "The rope is wet,\n(x / x /)\nnobody waves.\n(x / x /)", "", "The rope is wet,\nnobody waves.",
    ),
    "marks of change": ("The rope is wet, [revised]\nnobody waves.", "", "The rope is wet,\nnobody waves."),
    "numbers in brackets": ("[1] The rope is wet,\n[2] nobody waves.", "", "The rope is wet,\nnobody waves."),
    "escapes of Markdown": ("The rope is wet\\.\nNobody waves\\!", "", "The rope is wet.\nNobody waves!"),
    "slashes under labels": ("Title: Rope\nPoem: The rope is wet, / nobody waves, / the boat is gone.", "Rope",
                             "The rope is wet,\nnobody waves,\nthe boat is gone."),
    "a block of code": (f"Ready to copy:\n\n~~~\n{NAILS}\n~~~\n\nCopy the text above.", "", NAILS),
    "a translation": (f"{NAILS}\n\n**Traducción:**\n\nClavos en un tarro.\nDos bisagras.", "", NAILS),
    "bars before the lines": ("| The rope is wet,\n| nobody waves.", "", "The rope is wet,\nnobody waves."),
    "labels with signs of equality": (f"TITLE = Nails\nPOEM =\n{NAILS}", "Nails", NAILS),
    "a title that says what it is": (f"\"Nails\" – a poem\n\n{NAILS}", "Nails", NAILS),
    "a second start": (
        f"Title: Rope\n\nThe rope is wet,\nnobody waves.\n\nWait, that rhymes. Again.\n\nTitle: Nails\n\n{NAILS}",
        "Nails", NAILS,
    ),
    "an aside in brackets": (f"{NAILS}\n\n(The spacing mirrors what the jar holds in the dark.)", "", NAILS),
    "an aside in a quotation": (f"{NAILS}\n\n> *A list poem that ends in deferral.*", "", NAILS),
    "somebody who offers it": (f"As a poet of small things, I offer this:\n\n{NAILS}", "", NAILS),
    "features in bold": (f"{NAILS}\n\n*Key features:*\n- **Angle:** a jar\n- **Sound:** soft", "", NAILS),
    "the next exercise": (f"{NAILS}\n\n## Your task:\nWrite of a barn.\n\nThe barn is red\nand full.", "", NAILS),
    "a title in brackets": (f"[The Long Rope]\n\n{NAILS}", "The Long Rope", NAILS),
    "who holds the right": (f"{NAILS}\n\n© 2024", "", NAILS),
    "letters before the lines": ("a) The rope is wet,\nb) nobody waves.", "", "The rope is wet,\nnobody waves."),
    "a paragraph of HTML a line": (
        "<p>The rope is wet,</p>\n<p>nobody waves.</p>", "", "The rope is wet,\nnobody waves.",
    ),
    "a list in JSON": ('["The rope is wet,", "nobody waves."]', "", "The rope is wet,\nnobody waves."),
    "an object of other names": ('{"poemTitle": "Rope", "poemText": "The rope is wet,\\nnobody waves."}', "Rope",
                                 "The rope is wet,\nnobody waves."),
    "an object within objects": (
        '{"arguments": {"poems": [{"title": "Rope", "lines": ["The rope is wet,", "nobody waves."]}]}}', "Rope",
        "The rope is wet,\nnobody waves.",
    ),
    "a title over a line with a colon": ("Title: Report\nIn summary: rain.\nIn conclusion: a boat.", "Report",
                                         "In summary: rain.\nIn conclusion: a boat."),
    "an aside in brackets and stars": (f"{NAILS}\n\n*(The final line holds the turn.)*", "", NAILS),
    "a poem that goes on to another": (
        f"Title: Nails\nPoem:\n{NAILS}\n\nPoem:\nA jar of rain\non a shelf of rain.", "Nails", NAILS,
    ),
    "a summary": (f"{NAILS}\n\nThe speaker shakes a jar and hears a house.", "", NAILS),
    "a player who speaks": (f"*sets down the tea* Here you are, friend:\n\n{NAILS}", "", NAILS),
    "lines that were revised": (f"{NAILS}\n\nRevised lines: 2, 4", "", NAILS),
    "a name under a title": (f"# Nails\n*by the poet*\n\n{NAILS}", "Nails", NAILS),
    "a question about a line": (f"{NAILS}\n\n***\n\nIs there a line you'd like me to rework?", "", NAILS),
    "a word of consent": (f"Sure thing, boss.\n\n{NAILS}", "", NAILS),
    "a poet who would write": (f"As a poet, I would write:\n\n{NAILS}", "", NAILS),
    "labels of the trade": (f"{NAILS}\n\nThemes: waiting, loss\nTone: wry", "", NAILS),
    "a dash as a rule": (f"{NAILS}\n\n—\n\nLet me know if you'd like another poem.", "", NAILS),
    "a quotation and a word on it": ("> The rope is wet,\n> nobody waves.\n\nOne image, the boat.", "",
                                     "The rope is wet,\nnobody waves."),
    "quotation marks around it all": ("“The rope is wet,\nnobody waves.”", "", "The rope is wet,\nnobody waves."),
    "a count of characters": (f"{NAILS}\n\n(248 characters)", "", NAILS),
    "numbers and bars": ("1 | The rope is wet,\n2 | nobody waves.", "", "The rope is wet,\nnobody waves."),
    "how it was written": (f"I wrote this with the sound of wipers in mind:\n\n{NAILS}", "", NAILS),
    "regards": (f"{NAILS}\n\nBest,\nYour AI poet", "", NAILS),
    "a label in German": (f"Titel: Nails\nGedicht:\n{NAILS}", "Nails", NAILS),
    "numbers before the labels": (f"1. Title: Nails\n2. Poem:\n{NAILS}", "Nails", NAILS),
    "what it is, in brackets": (f"(A poem about a jar)\n\n{NAILS}", "", NAILS),
    "a label with a name": (f"Title: Nails\nby: the poet\n\n{NAILS}", "Nails", NAILS),
    "a title with a colon": (f"The Long Rope:\n\n{NAILS}", "The Long Rope", NAILS),
    "a label of two words": (f"Poem Title: The Long Rope\n\n{NAILS}", "The Long Rope", NAILS),
    "labels of the brief": (f"{NAILS}\n\nForm: free verse\nSound: soft", "", NAILS),
    "a reason in brackets": (f"{NAILS}\n\n(I chose a jar because the brief mentions one.)", "", NAILS),
    "a box": (f"The poem:\n\n\\boxed{{\n{HAIKU}\n}}", "", HAIKU),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_around_a_poem_by_its_kind(kind):
    answer, title, poem = KINDS[kind]
    found = parse_poem_reply(answer)
    assert (found.title, found.text, found.problem) == (title, poem, "")


@pytest.mark.parametrize("verse", [
    "1915\n\nTwo brothers on a bicycle,\none bell between them.",
    "II\n\nTwo brothers on a bicycle,\none bell between them.",
    "and then\n\nTwo brothers on a bicycle,\none bell between them.",
    "The rope is wet.\nNobody waves.\n\n(and nobody came)",
    "She packed:\n- the lamp, its glass,\n- a coat for the baby,\n- the year.\n\nHe packed:\n- a knife.",
    "by the river\n\nThe rope is wet.\nNobody waves.",
    "The rope is wet.\nNobody waves.\n\nThe poet's chair is out.",
    "Sure, said the river.\n\nThe rope is wet.\nNobody waves.",
    "Okay, the moon.\n\nThe rope is wet.\nNobody waves.\n\nOkay, the rope.",
    "The rope is wet.\nNobody waves.\n\nYours,\nthe gatekeeper",
    "x / x marks the spot,\nthe map says.\nWe dig.",
    "The rope is wet.\nNobody waves.\n\n*and nobody came*",
])  # fmt: skip
def test_verse_with_the_marks_of_these_kinds_is_kept(verse):
    found = parse_poem_reply(verse)
    assert (found.title, found.problem) == ("", "")
    assert found.text.replace("*", "") == verse.replace("*", "")
