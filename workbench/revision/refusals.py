"""What a model may say and no page shows: slurs, figures for verse, the third time of the same, harm as advice.

A small list, and no judge of taste. Verse may speak of violence and a remark may quote it; what is refused is advice
that tells somebody to do harm. It knows words and not what they mean: harm in other words, in metaphors, in another
language or between the lines passes, and so does cruelty in plain words. A person has to read what a model says.
"""

import codecs
import re
from collections import Counter
from itertools import pairwise

from workbench.revision.labels import LABELLED
from workbench.words import words_of

#: Slurs, turned by 13 letters so that nobody has to read them here; endings are allowed for.
_TURNED = "avttre avttn snttbg xvxr fcvp tbbx jrgonpx genaal pbba cnxv encurnq hagrezrafpu fhoabezny ergneq"
_SLUR = re.compile(rf"\b(?:{'|'.join(codecs.decode(_TURNED, 'rot13').split())})(?:s|ed)?\b", re.IGNORECASE)
_SOMEBODY = (
    r"(?:him|her|them|yourself|myself|himself|herself|themselves|someone|somebody|"
    r"(?:the|a|an|your|my|his|their|that|this|old|dead)(?: \w+)? (?:wo)?(?:man|men|child|children|girl|boy|baby|mother|"
    r"father|grandmother|grandfather|grandma|grandpa|wife|husband|daughter|son|sister|brother|friend|widow|people))"
)
#: Not cut, hit or bury: “cut the man from line 2” is a remark like any other.
_HARM = r"(?:kill|murder|stab|strangle|choke|drown|hang|shoot|beat|burn|hurt|poison|behead|cook|bake|roast|whip)"
_HARMFUL_PLACE = r"(?:oven|fire|furnace|flames|grave|river|noose|coffin|ground|boiling \w+)"
_ADVICE = re.compile(
    r"(?:^|[.!?;:,]\s+|\b(?:you (?:should|must|could|can)|let (?:him|her|them|it)|try to|go and|just|please,?)\s+)"
    rf"(?:{_HARM} {_SOMEBODY}\b|(?:put|push|throw|lay|leave|shove|place) {_SOMEBODY} (?:\w+ )?(?:in|into|on|under) "
    rf"(?:the |a |her |his )?{_HARMFUL_PLACE}\b)|\b(?:kill|hang|cut|hurt|drown|starve) yourself\b|"
    rf"\byou (?:should|deserve to|ought to|must) die\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")
_OWN_LABEL = re.compile(r"(?:title|poem)\s*:", re.IGNORECASE)
_FEWEST_FIGURES = 3
_YEAR = 1000  # from here on a figure is a year or a sum
_TIMES = 3
_FEWEST_WORDS = 2


def refused_verse(text: str) -> str:
    r"""Why a draft is not shown; "" where it is.

    >>> refused_verse("The boats come in.\n2 1 1 2 1 2 2")
    'a line of it is figures alone'
    >>> refused_verse("1914\nThe trams stood still."), refused_verse("3 2 1\nand they ran")
    ('', '')
    >>> refused_verse("The rope is wet.\nThe rope is wet.\nThe rope is wet.\nNobody waves.")
    'it says one line three times running'
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    n_labels = sum(bool(LABELLED.match(line)) for line in lines)  # a catalogue in verse has one in nearly every line
    if any(_OWN_LABEL.match(line) for line in lines) and 2 * n_labels <= len(lines):
        return "a label of the format is one of its lines"
    if any(map(_is_figures, lines)):
        return "a line of it is figures alone"
    if _SLUR.search(text):
        return "it has a slur in it"
    plain = [" ".join(word.folded for word in words_of(line)) for line in lines]
    if any(one and plain[at : at + _TIMES] == [one] * _TIMES for at, one in enumerate(plain)):
        return "it says one line three times running"
    stanzas = Counter(" ".join(stanza.split()).casefold() for stanza in re.split(r"\n\s*\n", text) if "\n" in stanza)
    return "it says one stanza three times" if max(stanzas.values(), default=0) >= _TIMES else ""


def _is_figures(line: str) -> bool:
    """Whether a line is figures and no word, and neither counts, nor is a date, a time or a sum."""
    figures = [int(one[:9]) for one in re.findall(r"\d+", line)]
    steps = {two - one for one, two in pairwise(figures)}
    return (
        len(figures) >= _FEWEST_FIGURES and max(figures) < _YEAR and len(steps) > 1 and not any(map(str.isalpha, line))
    )


def refused_advice(text: str) -> str:
    """Why a remark, a brief or an answer is not shown; "" where it is.

    >>> refused_advice("Put the woman in the oven, and let her be told what to do.")
    'it advises to do harm to somebody'
    >>> refused_advice("Cut the man from line 2; put the kettle on the fire.")
    ''
    >>> refused_advice("“kill him, kill them all” is loud; say it low.")
    ''
    """
    if _SLUR.search(text):
        return "it has a slur in it"
    unquoted = re.sub(r"[“\"][^”\"\n]*[”\"]", " ", text)
    return "it advises to do harm to somebody" if _ADVICE.search(unquoted) else ""


def without_repeats(text: str) -> str:
    """An answer up to where a sentence comes for the third time.

    >>> without_repeats("You are plain. You are plain. You are plain. You are plain.")
    'You are plain. You are plain. …'
    """
    seen: Counter[str] = Counter()
    for sentence in _SENTENCE.finditer(text):
        plain = " ".join(word.folded for word in words_of(sentence[0]))
        seen[plain] += len(plain.split()) >= _FEWEST_WORDS
        if seen[plain] >= _TIMES:
            return text[: sentence.start()].rstrip() + " …"
    return text


def says_the_same(text: str) -> bool:
    r"""Whether half of an answer or more is what it said twice before: it judges nothing, whatever it approves.

    >>> says_the_same("LINE 1 (padding): It is thin. TRY: It is thin.\\nVERDICT approve: It is thin. It is thin.")
    True
    """
    return len(without_repeats(text)) < len(text) / 2


def fit_to_show(answer: str) -> str:
    """A model's answer as a page may show it: cut where it repeats itself, or a line that says why it is left out."""
    why = refused_advice(answer)
    return f"(An answer of the model was left out: {why}.)" if why else without_repeats(answer)
