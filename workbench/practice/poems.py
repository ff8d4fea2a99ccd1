"""The poems of a practice: written with the form enforced or answered plainly, each measured, each kept as it comes.

    verified   by `writing`, line by line; the form was enforced
    ARM ROUND  an answer to the same request by the weights of that arm after that round, sampled plainly

With `rhymes_first` an answer to a form that rhymes is taught as title, a line "Rhymes: late, gate", and poem. So the
rhyme is chosen before there is a line that has to reach it. Nothing is searched; that line comes off when the answer is
read.

A JSON line each in the run's `poems.jsonl`, flushed before the next one, so that nothing is written twice after a stop.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.practice.settings import PracticeSettings, Request
from workbench.prompts.roles import ask_rhyme_draft, load_persona
from workbench.prompts.templates import poem_target
from workbench.prosody import check_form
from workbench.revision.replies import parse_poem_reply
from workbench.storage.atomic import append_json, json_lines
from workbench.types import Completion, Example, Failed, Poem, Prompt, content_id
from workbench.words import words_of
from workbench.writing.plan import plan
from workbench.writing.types import Written

VERIFIED = "verified"
_RHYMES = re.compile(r"^Rhymes:(.*)\n?", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticePoem:
    """One poem to one request."""

    id: str
    voice: str  # verified, or who answered: "base 0", "verified 1"
    request_id: str
    subject: str
    form: str
    number: int  # of the answer to its request, from 0
    title: str
    text: str  # "" = no poem
    problem: str  # why it is none
    faults: tuple[str, ...]  # of the form, a sentence each
    is_kept: bool  # a poem, no fault of the form, and as many lines as were asked for
    rhymes: str = ""  # the last words that it named beforehand

    @property
    def lines(self) -> tuple[str, ...]:
        """Its lines that are not empty."""
        return tuple(line.strip() for line in self.text.split("\n") if line.strip())

    @property
    def named(self) -> tuple[str, ...]:
        """The words that it named beforehand, in small letters."""
        return tuple(word.folded for word in words_of(self.rhymes))


def asked(request: Request) -> Prompt:
    """What a poet is asked, enforced or not: the same words."""
    return ask_rhyme_draft(
        f"ANGLE: {request.subject}", form=request.form, scheme=request.scheme, end_words="", poet=load_persona("poet")
    )


def asked_freely(subject: str) -> Prompt:
    """The same request without a form."""
    return ask_rhyme_draft(
        f"ANGLE: {subject}", form="free verse", scheme="none", end_words="", poet=load_persona("poet")
    )


def n_lines(request: Request, settings: PracticeSettings) -> int:
    """How many lines the request asks for: those of the enforced poem."""
    return len(plan(request.form, meter=settings.writing.meter, units=settings.writing.units, seed=0))


def poem_id(voice: str, request: Request, number: int) -> str:
    """Content identity of an answer before it is there."""
    return content_id("practice poem", voice, request.id, str(number))


def of_written(request: Request, written: Written | None, problem: str = "") -> PracticePoem:
    """An enforced poem; None where the form could not be filled."""
    faults = written.faults if written else ()
    return PracticePoem(
        id=poem_id(VERIFIED, request, 0), voice=VERIFIED, request_id=request.id, subject=request.subject,
        form=request.form, number=0, title=written.title if written else "", text=written.text if written else "",
        problem=problem, faults=faults, is_kept=written is not None and not faults,
    )  # fmt: skip


def of_answer(voice: str, request: Request, number: int, answer: Completion | Failed, *, n_lines: int) -> PracticePoem:
    """A plain answer, read and held against its form."""
    reply, named = None, None
    if isinstance(answer, Completion):
        named = _RHYMES.search(answer.text)
        said = _RHYMES.sub("", answer.text, count=1)
        reply = parse_poem_reply(said, ended=answer.ended, given=request.subject, form=request.form)
    text = reply.text if reply and not reply.problem else ""
    faults = tuple(each.sentence for each in check_form(text, request.form).faults) if text else ()
    poem = PracticePoem(
        id=poem_id(voice, request, number), voice=voice, request_id=request.id, subject=request.subject,
        form=request.form, number=number, title=reply.title if reply and text else "", text=text,
        problem=reply.problem if reply else "the model failed", faults=faults, is_kept=False,
        rhymes=named.group(1).strip() if named else "",
    )  # fmt: skip
    return replace(poem, is_kept=bool(text) and not faults and len(poem.lines) == n_lines)


def example_of(
    request: Request, title: str, text: str, *, rejected_for: str = "", rhymes_first: bool = False
) -> Example:
    """What a poem teaches: the request, and the poem as its answer, on request behind the last words of its lines."""
    target = poem_target(Poem(title=title, text=text))
    if rhymes_first and any(letter.isalpha() for letter in request.scheme):
        target = target.replace("\nPoem:", f"\nRhymes: {', '.join(last_words(text))}\nPoem:", 1)
    prompt = asked(request)
    id_ = content_id("example", "practice", request.id, target, rejected_for)
    return Example(
        id=id_, poem_id=request.id, candidate_id="", task="practice", prompt=prompt, target=target,
        rejected_for=rejected_for,
    )  # fmt: skip


def last_words(text: str) -> list[str]:
    """The last word of each line, in small letters."""
    return [words[-1].folded for line in text.split("\n") if (words := words_of(line))]


class PoemFile:
    """The poems of a run, by id."""

    def __init__(self, path: Path) -> None:
        self._path = path
        rows = json_lines(path)
        poems = (PracticePoem(**row | {"faults": tuple(row["faults"])}) for row in rows)
        self._poems = {poem.id: poem for poem in poems}

    def __contains__(self, id_: object) -> bool:
        return id_ in self._poems

    def add(self, poem: PracticePoem) -> None:
        """Keeps a poem; when this returns it is on the disk."""
        append_json(self._path, poem)
        self._poems[poem.id] = poem

    def of(self, voice: str, requests: Iterable[Request], *, n: int = 1) -> list[PracticePoem]:
        """The poems of a voice to some requests, in their order; those that are not there are left out."""
        ids = [poem_id(voice, request, number) for request in requests for number in range(n)]
        return [self._poems[id_] for id_ in ids if id_ in self._poems]
