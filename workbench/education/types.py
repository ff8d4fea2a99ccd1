"""What flows through education: rows of eleven tasks, the findings of the gates, examples in chat form.

One shape for all rows; which fields a row fills says its task (`tasks.TASKS`). A row names poems by title, because
people write these files; everything made from it names them by id. Knows no disk and no model.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from functools import cached_property
from typing import Any

from workbench.types import Message, Poem, content_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Who wrote a row and how it can be written again."""

    source: str = "seed set"  # or the name of the model
    model: str = ""  # digest of the model; "" = none
    adapter: str = ""  # digest of its adapter
    prompt_digest: str = ""  # of the prompt as it was asked
    persona_digest: str = ""
    seed: int = 0
    parents: tuple[str, ...] = ()  # ids of the rows and poems that it was made from


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of `data/education/TASK.jsonl`; fields that the task does not use are empty."""

    task: str
    poem: str = ""  # titles
    poem_a: str = ""
    poem_b: str = ""
    request: str = ""
    question: str = ""
    brief: str = ""
    form: str = ""
    scheme: str = ""
    end_words: tuple[str, ...] = ()
    critique: str = ""
    text: str = ""  # what the educator says
    verdict: str = ""
    stronger: str = ""
    revised_title: str = ""
    revised_poem: str = ""
    follow_up: str = ""
    provenance: Provenance = Provenance()
    place: str = ""  # file:line it was read from; no part of its identity

    @property
    def id(self) -> str:
        """Content identity: everything that the row says, not who said it."""
        said = [getattr(self, name) for name in CONTENT_FIELDS]
        return content_id("row", self.task, *("\x1f".join(part) if isinstance(part, tuple) else part for part in said))

    @property
    def written(self) -> Poem | None:
        """The poem that a model wrote for this row; None where there is none."""
        is_whole = self.task.startswith("written_") and self.revised_title and self.revised_poem
        return Poem(title=self.revised_title, text=self.revised_poem, form=self.form) if is_whole else None

    def data(self, names: Iterable[str]) -> dict[str, Any]:
        """The named fields and the provenance, as a JSON line holds them."""
        given = {name: getattr(self, name) for name in names}
        shown = {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}
        return shown | {"provenance": asdict(self.provenance) | {"parents": list(self.provenance.parents)}}


CONTENT_FIELDS = tuple(item.name for item in fields(Row) if item.name not in ("task", "provenance", "place"))


class Gate(StrEnum):
    """The gates a row goes through, in the order of the report."""

    POEM = "poem"
    FORMAT = "format"
    VOICE = "voice"
    SPECIFIC = "specific"
    RUBRIC = "no rubric"
    STRENGTH = "strength first"
    DIRECTION = "direction"
    LENGTH = "length"
    LANGUAGE = "language"
    QUOTES = "quotes"
    LINES = "lines"
    RHYME = "rhyme claims"
    BRIEF = "brief"
    COPY = "no copy"
    FORM = "form"
    CHOICE = "choice"
    REVISION = "revision"
    DUPLICATE = "duplicates"


class GateReason(StrEnum):
    """Why a row is rejected; `sentence` says it to a person."""

    EMPTY = "empty"
    UNKNOWN_POEM = "unknown_poem"
    WRONG_POEM = "wrong_poem"
    BAD_FORMAT = "bad_format"
    UNKNOWN_FAILURE = "unknown_failure"
    WRONG_VERDICT = "wrong_verdict"
    BANNED_PHRASE = "banned_phrase"
    SCORE = "score"
    RUBRIC = "rubric"
    NOT_SPECIFIC = "not_specific"
    FAULT_FIRST = "fault_first"
    NO_DIRECTION = "no_direction"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NOT_ENGLISH = "not_english"
    FALSE_QUOTE = "false_quote"
    QUOTE_ELSEWHERE = "quote_elsewhere"
    FALSE_LINE = "false_line"
    FALSE_RHYME = "false_rhyme"
    FALSE_SCHEME = "false_scheme"
    BRIEF_FIELD = "brief_field"
    FEW_CLICHES = "few_cliches"
    COPIES_POEM = "copies_poem"
    FALSE_END_WORD = "false_end_word"
    BROKEN_FORM = "broken_form"
    FALSE_FORM_SCHEME = "false_form_scheme"
    CHOICE_DIFFERS = "choice_differs"
    WEAKER_CHOSEN = "weaker_chosen"
    NOT_A_POEM = "not_a_poem"
    UNCHANGED = "unchanged"
    REWRITTEN = "rewritten"
    NEAR_DUPLICATE = "near_duplicate"

    @property
    def sentence(self) -> str:
        """One sentence for people."""
        return _SENTENCES[self]


_SENTENCES = {
    GateReason.EMPTY: "a field that the task needs is empty",
    GateReason.UNKNOWN_POEM: "no poem of the project has this title",
    GateReason.WRONG_POEM: "the task is not about a poem of this kind",
    GateReason.BAD_FORMAT: "it is not written in the format of its task",
    GateReason.UNKNOWN_FAILURE: "the failure named is not in the list of workbench/revision/types.py",
    GateReason.WRONG_VERDICT: "the verdict is not the one that the row promises",
    GateReason.BANNED_PHRASE: "it holds a phrase that the mentor never says",
    GateReason.SCORE: "it gives a score",
    GateReason.RUBRIC: "it is a rubric, not sentences",
    GateReason.NOT_SPECIFIC: "it points at no line and quotes no words",
    GateReason.FAULT_FIRST: "it opens with a fault instead of the strongest moment",
    GateReason.NO_DIRECTION: "it offers no direction to work in",
    GateReason.TOO_SHORT: "it is too short for its task",
    GateReason.TOO_LONG: "it is too long for its task",
    GateReason.NOT_ENGLISH: "it is not in English",
    GateReason.FALSE_QUOTE: "it quotes words that the poem does not say",
    GateReason.QUOTE_ELSEWHERE: "the words quoted are in another line than the one named",
    GateReason.FALSE_LINE: "it cites a line that is not there",
    GateReason.FALSE_RHYME: "what it says about two words' rhyme is not so",
    GateReason.FALSE_SCHEME: "the poem does not rhyme in the scheme that it names",
    GateReason.BRIEF_FIELD: "the brief lacks one of its six parts",
    GateReason.FEW_CLICHES: "the brief names fewer than eight clichés",
    GateReason.COPIES_POEM: "it copies the poem that it should lead to",
    GateReason.FALSE_END_WORD: "an end word ends no line of the poem",
    GateReason.BROKEN_FORM: "the poem does not keep the form named",
    GateReason.FALSE_FORM_SCHEME: "the scheme is none that the form knows or the poem has",
    GateReason.CHOICE_DIFFERS: "the last line names another poem than the field `stronger`",
    GateReason.WEAKER_CHOSEN: "a poem that was written to fail is called stronger than one that was not",
    GateReason.NOT_A_POEM: "the revised poem is not a poem",
    GateReason.UNCHANGED: "the revision does not touch a line that the critique named",
    GateReason.REWRITTEN: "the revision keeps too little of the poem",
    GateReason.NEAR_DUPLICATE: "nearly the same text is in an earlier row",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a gate holds against a row."""

    gate: Gate
    reason: GateReason
    detail: str = ""  # the words in question

    @property
    def sentence(self) -> str:
        """One line for people."""
        return f"{self.reason.sentence}: {self.detail}" if self.detail else self.reason.sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A row with what the gates found."""

    row: Row
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether no gate held anything against it."""
        return not self.findings


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatExample:
    """What a model is trained on: messages and the answer, with the poems that it must not be split from."""

    task: str
    learner: str  # educator, poet, rhyme_poet
    messages: tuple[Message, ...]
    target: str
    poem_ids: tuple[str, ...]  # () for a lesson or a brief about no poem
    row_id: str
    provenance: Provenance

    @property
    def id(self) -> str:
        """Content identity of question and answer."""
        asked = (part for message in self.messages for part in (message.role, message.content))
        return content_id("chat", *asked, "", self.target)


def learner_named(name: str) -> str:
    """A learner's name of today: older datasets and workflows say `rhyme poet` for `rhyme_poet`."""
    return name.replace("rhyme poet", "rhyme_poet")


class Library:
    """The poems that rows name, by title.

    Args:
        poems: of different titles.
        remarks: what was left out or mended when they were read.
    """

    def __init__(self, poems: Iterable[Poem], *, remarks: Sequence[str] = ()) -> None:
        self.remarks = tuple(remarks)
        self.by_title: Mapping[str, Poem] = {poem.title: poem for poem in poems}

    def __len__(self) -> int:
        return len(self.by_title)

    def of(self, row: Row) -> tuple[Poem, ...]:
        """The poems of a row that exist, in the order in which it names them; or the one that it holds."""
        if poem := row.written:
            return (poem,)
        titles = (row.poem, row.poem_a, row.poem_b)
        return tuple(self.by_title[title] for title in titles if title in self.by_title)

    @cached_property
    def good(self) -> tuple[Poem, ...]:
        """The poems that were not written to fail."""
        return tuple(poem for poem in self.by_title.values() if not poem.failure)
