"""What the page says by itself: the top of it, with help and the glossary, and the doors of Home. Static HTML."""

from html import escape

#: The words of the page, as a poet would ask for them.
GLOSSARY = (
    ("beat, slack", "a syllable that is stressed (´) and one that is not (˘)"),
    ("foot", "a group of syllables with one beat; iamb ˘´, trochee ´˘, anapest ˘˘´, dactyl ´˘˘"),
    ("meter", "the foot that most lines repeat, and how often: iambic pentameter is five iambs"),
    ("rhyme letters", "lines with the same letter rhyme: ABAB"),
    ("perfect, slant, eye, mosaic", "day – stay; moon – tomb; cough – bough; poet – know it"),
    ("draft, critique, remark", "a version of a poem; what was said of it; one thing of that, about named lines"),
    ("poet, educator", "the model that writes; the model that criticises"),
    ("built-in model", "the small model that comes with the workbench: it shows how things work and judges badly"),
    ("description", "a text that tells a model what a poem is to be"),
    ("winner, loser", "a description that helped the model to predict its poem more than others did, or less"),
    ("gain", "how much a description helps to predict its poem, in nats a token; more is better"),
    ("specificity", "how much more a description helps with its own poem than with others; 0 = no more"),
    ("copy", "a description that quotes its poem; it never wins"),
    ("run", "one time of teaching a model, with everything that was tried and measured"),
    ("adapter", "what a model learned in a run, a small file beside it"),
    ("blind", "you judge before you are told what the run thought"),
)
_KEYS = (
    ("Write", "1, 2, 3 take one of three ways; Esc goes back to the poem; Ctrl+Z undoes all of it"),
    (
        "Write in a form",
        "j and k go through the lines, l locks or unlocks one, 1 to 9 take another for the chosen line",
    ),
    ("Candidates", "Tab to a coloured poem, then the arrows go from word to word; a tap does the same"),
    ("Studio, line by line", "j and k go from change to change, y takes the new line, n keeps the old one"),
    ("Spot-check", "A, R, E, S and the others that are on the buttons"),
)

INTRODUCTION = """
<section class="wb-intro"><h1>Poetry workbench</h1>
<p>Write poems and hear what is in them; work on them with language models that run on this machine. Nothing leaves
this machine, unless you add a model elsewhere.</p></section>
<div class="wb-cards wb-doors">
<section class="wb-card"><h2><a href="?tab=write">Write</a></h2><p>A page of your own: syllables, beats and rhymes
under each line as you type, rhymes and other words for the word at the cursor, three other lines for a
place.</p></section>
<section class="wb-card"><h2><a href="?tab=studio">Hear a critique</a></h2><p>Paste a poem, or say what one is to be. A
poet drafts, an educator criticises, you decide line by line; your own lines stay unless you take others.</p></section>
<section class="wb-card"><h2><a href="?tab=poems">Analyse a poem</a></h2><p>Rhyme, syllables, feet and form of the poems
here, or of your own.</p></section>
</div>
"""
TEACH = """
<h2>Teach a model</h2><p class="wb-note">It describes poems; the descriptions that help it most to predict the poem, and
do not copy it, train it. The report shows what it learned, next to a random baseline.</p>
"""
OWN = """
<section aria-labelledby="own-head"><h2 id="own-head">My poems</h2>
<p><label class="wb-note" for="own-words">Search titles, words and folders </label><input id="own-words" type="search"
maxlength="80"> <button type="button" class="wb-all" id="own-add-files">Add files …</button><input id="own-files"
type="file" multiple hidden aria-label="Files of poems" accept=".txt,.md,.docx,.csv,.json,.jsonl"></p>
<p id="own-said" class="wb-note" role="status"></p><div id="own-list"></div></section>
"""


def head_html() -> str:
    """What is above the tabs."""
    words = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(told)}</dd></div>" for name, told in GLOSSARY)
    keys = "".join(f"<div><dt>{escape(where)}</dt><dd>{escape(told)}</dd></div>" for where, told in _KEYS)
    return f"""<a class="wb-skip" href="#tabs">Skip to the page</a>
<p id="wb-told" class="wb-unseen" role="status"></p>
<div class="wb-top" role="group" aria-label="Help and theme">
<details class="wb-help"><summary>Help</summary><div class="wb-card">
<h2>Where to begin</h2><p><a href="?tab=write">Write</a> is a page of your own: type, and what is heard comes under each
line. <a href="?tab=studio">Studio</a> has a poem read and revised by models; nothing of yours changes unless you take
it. <a href="?tab=poems">Poems</a> shows the prosody of any poem. The pages from <a href="?tab=improve">Teach</a> on are
for those who teach a model and want to see whether it learned. What you write is kept in the data folder of this
machine.</p>
<h2>Keys</h2><dl class="wb-words">{keys}</dl><h2>Words</h2><dl class="wb-words">{words}</dl></div></details>
<button type="button" id="wb-theme" class="wb-all"><span class="wb-to-night">☾ Night</span><span
class="wb-to-day">☀ Day</span></button></div>"""
