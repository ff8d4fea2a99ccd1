"""The same plan for models that give no logits: a line at a time, several answers each, the first that fits is taken.

    slot ─▶ what it owes, in words, with rhyme words offered ─▶ N answers ─ kept by the ear of `prosody` ─▶ a line

Calls are bounded beforehand: N a line, once more where none fits. What does not fit then is left as it was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from workbench.corpus.load import load_poems
from workbench.engines.protocols import Cancelled, Sampler, never
from workbench.errors import EngineError, Stopped
from workbench.places import ROOT
from workbench.prompts.roles import load_persona
from workbench.prompts.templates import load_prompt
from workbench.prompts.thinking import without_thinking
from workbench.prosody import syllable_counts
from workbench.prosody.measures import measure
from workbench.prosody.meter import line_meter
from workbench.prosody.rhyme import rhyme_class
from workbench.prosody.rimes import rhyme_parts
from workbench.prosody.stress import is_weak_word
from workbench.prosody.types import PERFECT_CLASSES
from workbench.prosody.words import words_of
from workbench.types import Completion, Failed, Prompt, SampleRequest, Sampling, seed_for
from workbench.writing.line_search import is_barred
from workbench.writing.poem_search import line_of
from workbench.writing.rewriting import as_in, put_in, slots_around
from workbench.writing.types import Line, LineOrder, Rewritten, Slot

N_ANSWERS = 6  # to one question
N_ROUNDS = 2
_SAMPLING = Sampling(temperature=1.0, top_p=0.95, max_new_tokens=60)
_CLOSING = " ,.;:!?—–-"
_OUTSIDE = ' \t"“”*_>`'
_OFFERED = 12  # rhyme words named in the question


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One line that is wanted, and what is known when it is asked for."""

    number: int
    slot: Slot
    mates: tuple[str, ...] = ()  # words that it must rhyme with
    strangers: tuple[str, ...] = ()  # words that it may not rhyme with
    used: frozenset[str] = frozenset()  # words that end another line
    n_to_come: int = 0  # lines that will have to rhyme with it
    said: str = ""  # of the poem, or of the line that is there now; with its empty line
    shown: str = ""  # the poem so far


class AskedLines:
    """Lines by a sampler: an endpoint, or any engine that only answers.

    Args:
        sampler: asked N times for each line.
        n_answers: to one question.
    """

    def __init__(self, sampler: Sampler, *, n_answers: int = N_ANSWERS) -> None:
        self._sampler, self._n = sampler, n_answers
        self._poet = load_persona("poet")

    def rewrite(
        self, order: LineOrder, *, prompt: Prompt = (), bare_prompt: Prompt = (), cancelled: Cancelled = never
    ) -> Rewritten:
        """Some lines of a poem anew; all others stay byte for byte. At most 2 × N answers a line are asked for.

        Raises:
            InputError: a line that the poem does not have.
            EngineError: the engine failed.
            Stopped: `cancelled` said so.
        """
        del prompt, bare_prompt  # of those who read logits
        slots, lines, new, others = slots_around(order), list(order.lines), {}, {}
        for number, slot in enumerate(slots, 1):
            if slot.text:
                continue
            said = order.notes.get(number, "")
            said = f"The mentor says of line {number}: {said}\n\n" if said else ""
            asked = question(number, slots, lines, title=order.title, said=said)
            if fitting := self.drawn(replace(asked, strangers=()), seed=order.seed, cancelled=cancelled)[0]:
                shown = [as_in(order.lines[number - 1], each) for each in fitting]
                new[number], others[number] = shown[0], tuple(shown[1:])
                lines[number - 1] = shown[0]
        open_lines = {number for number, slot in enumerate(slots, 1) if not slot.text}
        return Rewritten(
            text=put_in(order.text, new), lines=new, runners_up=others, unchanged=tuple(sorted(open_lines - set(new)))
        )

    def drawn(
        self, asked: Question, *, seed: int, cancelled: Cancelled = never
    ) -> tuple[list[Line], Line | None]:  # fmt: skip
        """Answers that fit, in the order in which they came, and of the others the one that breaks the fewest laws.

        Raises:
            EngineError: the engine failed.
            Stopped: `cancelled` said so.
        """
        others: list[Line] = []
        for attempt in range(N_ROUNDS):
            if cancelled():
                raise Stopped("stopped")
            answers = self._answers(asked, seed_for(seed, "line", str(asked.number), str(attempt)), cancelled)
            lines = [placed(text, asked.slot) for text in dict.fromkeys(map(verse_in, answers)) if text]
            if fitting := [line for line in lines if not broken_laws(line, asked)]:
                return fitting, None
            others += [line for line in lines if not is_barred(line.said, asked.slot) and line.end not in asked.used]
        return [], min(others, key=lambda line: len(broken_laws(line, asked)), default=None)

    def _answers(self, question: Question, seed: int, cancelled: Cancelled) -> Iterator[str]:
        asked = self._prompt(question)
        requests = [
            SampleRequest(prompt=asked, seed=seed_for(seed, str(number)), sampling=_SAMPLING)
            for number in range(self._n)
        ]
        for answer in self._sampler.sample(requests, cancelled=cancelled):
            if isinstance(answer, Completion):
                yield answer.text
            elif isinstance(answer, Failed) and not cancelled():
                raise EngineError(f"{answer.reason.sentence}: {answer.detail}")

    def _prompt(self, question: Question) -> Prompt:
        offered = [word for mate in question.mates[:1] for word in rhymes_of(mate) if word not in question.used]
        return load_prompt("line").fill(
            poet=self._poet, poem=f"{question.shown}\n\n", number=str(question.number),
            said=question.said,
            instead=" anew" if question.slot.instead_of else "",
            owed=owed_sentence(question.slot, question.mates, offered[:_OFFERED]),
        )  # fmt: skip


def placed(text: str, slot: Slot) -> Line:
    """A line in its place: before a refrain that ends it comes the word that rhymes."""
    line, tail = line_of(text), tuple(slot.tail.lower().split())
    has_tail = tail and line.said[-len(tail) :] == tail and len(line.said) > len(tail)
    return replace(line, end=line.said[-len(tail) - 1]) if has_tail else line


def broken_laws(line: Line, asked: Question) -> list[str]:
    """What a line leaves of all that its place asks, by the ear that judges poems; [] = it fits."""
    slot, mates = asked.slot, asked.mates
    words = line.text.lower().rstrip(_CLOSING)
    law = measure(slot.law[0]).keeps(line_meter(line.text), slot.law[1]) if slot.law else None
    lengths = {len(template) for template in slot.templates}
    kept = {
        "words of its own": bool(line.end) and not is_barred(line.said, slot),
        "an end word of its own": not mates or line.end not in asked.used,
        "the first letter": not slot.initial or line.text[:1].upper() == slot.initial,
        "the last word": not slot.end_word or line.end == slot.end_word.lower(),
        "a word within": not slot.holds or slot.holds in line.said,
        "the refrain": words.endswith(slot.tail),
        "the rhyme": all(rhyme_class(line.end, mate) in PERFECT_CLASSES for mate in mates),
        "no other rhyme": all(rhyme_class(line.end, other) not in PERFECT_CLASSES for other in asked.strangers),
        "a rhyme to come": not asked.n_to_come or len(rhymes_of(line.end)) > asked.n_to_come,
        "the meter": law is not False and (bool(slot.law) or not lengths or _n_syllables(line.text) in lengths),
    }
    return [name for name, is_kept in kept.items() if not is_kept]


def owed_sentence(slot: Slot, mates: Sequence[str], offered: Sequence[str] = ()) -> str:
    """What a line owes, for a model to read.

    >>> owed_sentence(Slot(law=("iambic 4", 0), templates=("x/x/x/x/",)), ["stone"], ["bone", "own"])
    'It is in iambic tetrameter. It rhymes with "stone", for example on bone, own.'
    """
    parts = []
    if slot.law:
        parts.append(f"It is in {measure(slot.law[0]).name}.")
    elif slot.templates:
        lengths = sorted({len(template) for template in slot.templates})
        span = str(lengths[0]) if len(lengths) == 1 else f"{lengths[0]} to {lengths[-1]}"
        parts.append(f"It has {span} syllables.")
    if mates:
        parts.append(f'It rhymes with "{mates[0]}"' + (f", for example on {', '.join(offered)}." if offered else "."))
    if slot.end_word:
        parts.append(f'Its last word is "{slot.end_word}".')
    if slot.tail:
        parts.append(f'After the rhyming word it ends on "{slot.tail}".')
    if slot.holds:
        parts.append(f'It has the word "{slot.holds}" in it.')
    if slot.initial:
        parts.append(f'It begins with the letter "{slot.initial}".')
    return " ".join(parts)


def rhymes_of(word: str) -> list[str]:
    """Words of our own poems that rhyme perfectly with a word: what is offered to a model that hears nothing."""
    keys = {part.key for part in rhyme_parts(word)}
    near = sorted({each for key in keys for each in _words_by_sound().get(key, ())} - {word})
    return [each for each in near if rhyme_class(word, each) in PERFECT_CLASSES]


def verse_in(answer: str) -> str:
    """The line of verse in an answer: the first line that has words, without its number and quotation marks.

    >>> verse_in('Line 3: "The gate is shut."')
    'The gate is shut.'
    """
    for line in without_thinking(answer).split("\n"):
        head, sign, rest = line.strip(_OUTSIDE).partition(":")
        is_label = bool(sign) and head.lower().split(" ")[0] in ("line", "title", "here", "sure") and len(head) < 60
        bare = (rest if is_label else line).strip(_OUTSIDE).lstrip("0123456789.) ").strip(_OUTSIDE)
        if words_of(bare):
            return bare
    return ""


def question(
    number: int, slots: Sequence[Slot], lines: Sequence[str], *, title: str, said: str = ""
) -> Question:  # fmt: skip
    """What is asked for one line, counted from 1; a line that is not there yet is ""."""
    slot, letter = slots[number - 1], slots[number - 1].letter
    settled = [
        (placed(line, other).end, other.letter) for place, (line, other) in enumerate(zip(lines, slots, strict=True), 1)
        if line and place != number and (other.text or place < number)
    ]  # fmt: skip
    mates = tuple(dict.fromkeys(end for end, other in settled if letter and other == letter))
    shown = "\n".join(f"{place}  {line.strip()}" for place, line in enumerate(lines, 1) if line)
    return Question(
        number=number, slot=replace(slot, text=""), mates=mates, used=frozenset(end for end, _ in settled),
        strangers=tuple(end for end, other in settled if letter and other and other != letter),
        n_to_come=0 if mates or not letter else sum(
            not other.text and other.letter == letter and other.copy_of is None for other in slots[number:]
        ),
        said=said, shown=f"Title: {title}\n\n{shown}".rstrip("\n"),
    )  # fmt: skip


# ---------------------------------------------------------------- private


@cache
def _words_by_sound() -> dict[str, list[str]]:
    poems = load_poems(ROOT / "data" / "poems" / "good")
    known: dict[str, list[str]] = {}
    for word in sorted({word.lower() for poem in poems for word in words_of(poem.text)}):
        if word.isalpha() and not is_weak_word(word):
            for part in rhyme_parts(word)[:1]:
                known.setdefault(part.key, []).append(word)
    return known


def _n_syllables(text: str) -> int:
    counts = syllable_counts(text)
    return counts[0] if counts else 0
