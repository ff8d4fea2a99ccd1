"""What an arm does when it writes plainly, on subjects that no poem of the practice was written for.

    kept         share of answers that are poems, keep the form without a fault and have the lines asked for   0 … 1
    kept: FORM   the same for one form
    kept, new forms       for forms that were never practised
    lines        the number of lines is right                                                                  0 … 1
    named        a telling word of the subject is in the poem                                                   0 … 1
    copied       share of poems with a whole line of a poem that was trained on                                0 … 1
    names rhyme  of the rhymes that the form asks for, those that hold between the words named beforehand       0 … 1
    ends as named         share of lines that end on the word that was named for them                           0 … 1
    distinct     different words, as a share of a poem's words                                                  0 … 1
    fluency      loss of the answer under the base weights, nats per token; lower is more fluent
    human loss   loss of poems that people wrote, under the trained weights, nats per token

The first five count what is not a poem as 0. The unit is the subject: a mean over its forms and answers, intervals over
subjects; of `human loss` the poem.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from statistics import fmean

from workbench.intervals import mean_of
from workbench.practice.poems import PracticePoem, last_words
from workbench.practice.settings import Request
from workbench.prosody import rhymes
from workbench.prosody.forms import forms_named
from workbench.types import Measurement, content_id
from workbench.words import words_of

KEPT, NEW = "kept", "kept, new forms"
LOWER_IS_BETTER = ("copied", "fluency", "human loss")
_SHORT = 4  # letters; shorter words of a subject tell nothing
Figure = Callable[[PracticePoem], float | None]


def figures_of(
    poems: Sequence[PracticePoem],
    requests: Sequence[Request],
    *,
    forms: Sequence[str],
    n_lines: Mapping[str, int],
    trained: frozenset[str],
) -> dict[str, list[float | None]]:
    """Figure → a value a subject, in the order in which subjects are asked for.

    Args:
        poems: answers to the held-out requests.
        requests: the held-out ones.
        forms: the practised forms; all others are new.
        n_lines: that each form asks for.
        trained: folded lines that were trained on.
    """
    subjects = list(dict.fromkeys(request.subject for request in requests))
    old = [poem for poem in poems if poem.form in forms]
    new = [poem for poem in poems if poem.form not in forms]

    def mean(own: Sequence[PracticePoem], figure: Figure) -> list[float | None]:
        found = {
            subject: [v for p in own if p.subject == subject if (v := figure(p)) is not None] for subject in subjects
        }
        return [fmean(values) if values else None for values in found.values()]

    per_form = {f"{KEPT}: {form}": mean([p for p in poems if p.form == form], _kept) for form in _forms(requests)}
    return {
        KEPT: mean(old, _kept),
        NEW: mean(new, _kept),
        **per_form,
        "lines": mean(old, lambda p: float(len(p.lines) == n_lines[p.form])),
        "named": mean(old, lambda p: float(is_named(p))),
        "copied": mean(old, lambda p: float(bool(trained & folded(p.text)))),
        "names rhyme": mean(old, _names_rhyme),
        "ends as named": mean(old, _ends_as_named),
        "distinct": mean(old, _distinct),
    }


def folded(text: str) -> frozenset[str]:
    """A poem's lines, words only, in small letters."""
    lines = (" ".join(word.folded for word in words_of(line)) for line in text.split("\n"))
    return frozenset(line for line in lines if line)


def is_named(poem: PracticePoem) -> bool:
    """Whether a telling word of the subject, or one that begins with it, is in the poem."""
    told = {word.folded for word in words_of(poem.subject) if len(word.folded) >= _SHORT}
    said = [word.folded for word in words_of(poem.text)]
    return any(word.startswith(stem.rstrip("s")) for stem in told for word in said)


def measurements(figures: Mapping[str, Sequence[float | None]], *, arm: str, round_: int) -> list[Measurement]:
    """Records of the figures, with intervals over subjects."""
    return [_measurement(arm, round_, metric, values) for metric, values in figures.items()]


def _measurement(arm: str, round_: int, metric: str, values: Sequence[float | None]) -> Measurement:
    found = mean_of(values)
    return Measurement(
        id=content_id("measurement", arm, str(round_), metric), arm=arm, iteration=round_, weights="current",
        metric=metric, value=found.value if found else None, low=found.low if found else None,
        high=found.high if found else None, n_poems=found.n if found else 0, per_poem=tuple(values),
    )  # fmt: skip


def _forms(requests: Sequence[Request]) -> list[str]:
    return list(dict.fromkeys(request.form for request in requests))


def _kept(poem: PracticePoem) -> float:
    return float(poem.is_kept)


def _names_rhyme(poem: PracticePoem) -> float | None:
    letters = "".join(forms_named(poem.form)[0].usual_rhyme.split())
    pairs = [
        (one, two)
        for (a, one), (b, two) in combinations(zip(letters, poem.named, strict=False), 2)
        if a == b and a.isalpha()
    ]
    return fmean(rhymes(one, two) for one, two in pairs) if pairs else None


def _ends_as_named(poem: PracticePoem) -> float | None:
    ends = last_words(poem.text)
    return fmean(end == name for end, name in zip(ends, poem.named, strict=False)) if ends and poem.named else None


def _distinct(poem: PracticePoem) -> float | None:
    words = [word.folded for word in words_of(poem.text)]
    return len(set(words)) / len(words) if words else None
