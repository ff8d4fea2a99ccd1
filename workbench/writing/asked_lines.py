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
from workbench.prosody.measure_laws import measure
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
_ROUNDS = 2
_SAMPLING = Sampling(temperature=1.0, top_p=0.95, max_new_tokens=60)
_OUTSIDE = ' \t"“”*_>`'
_OFFERED = 12  # rhyme words named in the question


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """One line that is wanted, and what is known when it is asked for."""

    number: int
    slot: Slot
    mates: tuple[str, ...]  # words that it must rhyme with
    used: frozenset[str]  # words that end another line
    said: str  # what was said of the line that is there now
    shown: str  # the poem so far


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
            fitting = self._fitting(_question(number, slots, lines, order), order.seed, cancelled)
            if fitting:
                shown = [as_in(order.lines[number - 1], each) for each in fitting]
                new[number], others[number] = shown[0], tuple(shown[1:])
                lines[number - 1] = shown[0]
        open_lines = {number for number, slot in enumerate(slots, 1) if not slot.text}
        return Rewritten(
            text=put_in(order.text, new), lines=new, runners_up=others, unchanged=tuple(sorted(open_lines - set(new)))
        )

    def _fitting(self, question: _Question, seed: int, cancelled: Cancelled) -> list[Line]:
        """Answers that fit, in the order in which they came; empty where none does."""
        for attempt in range(_ROUNDS):
            if cancelled():
                raise Stopped("stopped")
            answers = self._answers(question, seed_for(seed, "line", str(question.number), str(attempt)), cancelled)
            lines = [line_of(text) for text in dict.fromkeys(map(verse_in, answers)) if text]
            if fitting := [line for line in lines if fits(line, question.slot, question.mates, question.used)]:
                return fitting
        return []

    def _answers(self, question: _Question, seed: int, cancelled: Cancelled) -> Iterator[str]:
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

    def _prompt(self, question: _Question) -> Prompt:
        offered = [word for mate in question.mates[:1] for word in rhymes_of(mate) if word not in question.used]
        return load_prompt("line").fill(
            poet=self._poet, poem=f"{question.shown}\n\n", number=str(question.number),
            said=f"The mentor says of line {question.number}: {question.said}\n\n" if question.said else "",
            instead=" anew" if question.slot.instead_of else "",
            owed=owed_sentence(question.slot, question.mates, offered[:_OFFERED]),
        )  # fmt: skip


def fits(line: Line, slot: Slot, mates: Sequence[str], used: frozenset[str]) -> bool:
    """Whether a line keeps everything that its slot owes, by the ear that judges poems."""
    if not line.end or is_barred(line.said, slot) or (mates and line.end in used):
        return False
    if slot.initial and line.text[:1].upper() != slot.initial:
        return False
    if slot.end_word and line.end != slot.end_word.lower():
        return False
    if any(rhyme_class(line.end, mate) not in PERFECT_CLASSES for mate in mates):
        return False
    if slot.law:
        return measure(slot.law[0]).keeps(line_meter(line.text), slot.law[1])
    wanted = {len(template) for template in slot.templates}
    return not wanted or _n_syllables(line.text) in wanted


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


# ---------------------------------------------------------------- private


def _question(number: int, slots: Sequence[Slot], lines: Sequence[str], order: LineOrder) -> _Question:
    slot = slots[number - 1]
    settled = [
        (line_of(line).end, other.letter) for place, (line, other) in enumerate(zip(lines, slots, strict=True), 1)
        if place != number and (other.text or place < number)
    ]  # fmt: skip
    mates = tuple(dict.fromkeys(end for end, letter in settled if slot.letter and letter == slot.letter))
    shown = "\n".join(f"{place}  {line.strip()}" for place, line in enumerate(lines, 1))
    return _Question(
        number=number, slot=replace(slot, text=""), mates=mates, used=frozenset(end for end, _ in settled),
        said=order.notes.get(number, ""), shown=f"Title: {order.title}\n\n{shown}",
    )  # fmt: skip


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
