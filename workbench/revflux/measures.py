"""Every figure of RevFlux by its name, and the reference bands to read it by. The map of the package.

A figure's entry says what it is called, its unit, and what it means. Formulas are where they are computed: `rounds`
and `lines` (aligned, and by index as published), `flux` (answers to critiques). None of them says that a poem is good.

A band is what a figure is on pairs of texts of known distance:

    identical    a poem and itself
    light edit   three or four words changed in eight lines
    paraphrase   every line said in other words, in the same order
    unrelated    a poem and another one

from the poems of `data/revflux/bands.jsonl` (title, poem, light_edit, paraphrase), written for this purpose. A study's
figure means something only between these: "30 % changed" is a light edit by one measure and a rewriting by another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbench.intervals import SHARE
from workbench.places import ROOT
from workbench.revflux.flux import draft_figures
from workbench.storage.input_files import read_text, refusal
from workbench.storage.strict_json import JsonRefusedError, json_value

Group = Literal["aligned", "session", "critique", "form", "reference"]


BANDS = ("identical", "light edit", "paraphrase", "unrelated")


DEFAULT_FILE = ROOT / "data" / "revflux" / "bands.jsonl"


_KEYS = ("poem", "light_edit", "paraphrase")
_A_ROUND = "a round"  # of growth, which has no end


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What a figure means."""

    label: str
    unit: str  # %, points, lines, …
    group: Group
    about: str
    has_band: bool = True  # whether a pair of texts alone gives it

    @property
    def within(self) -> tuple[float, float] | None:
        """What no mean of it can leave; None = it can grow without end, or fall below zero."""
        if self.about == _A_ROUND:
            return None
        return (0.0, 100.0) if self.unit.startswith("%") else SHARE if self.unit == "0–1" else None


def _aligned(label: str, unit: str, about: str) -> Measure:
    return Measure(label=label, unit=unit, group="aligned", about=about)


def _session(label: str, unit: str, about: str) -> Measure:
    return Measure(label=label, unit=unit, group="session", about=about, has_band=False)


def _critique(label: str, unit: str, about: str) -> Measure:
    return Measure(label=label, unit=unit, group="critique", about=about, has_band=False)


def _form(label: str, unit: str, about: str) -> Measure:
    return Measure(label=label, unit=unit, group="form", about=about, has_band=False)


def _reference(label: str, unit: str, about: str) -> Measure:
    return Measure(label=label, unit=unit, group="reference", about=about)


# What is first is shown first.
MEASURES: dict[str, Measure] = {
    "verbatim": _aligned("lines kept verbatim", "%", "of the earlier draft's lines"),
    "line_change": _aligned("change a line", "%", "mean over all lines; cut and new count 100"),
    "character_change": _aligned("characters changed", "%", "long lines weigh more"),
    "word_change": _aligned("words changed", "%", "words and punctuation marks"),
    "edited_change": _aligned("depth of an edit", "%", "mean change of the edited lines alone"),
    "kept_share": _aligned("kept", "% of rows", "rows = every line of both drafts once"),
    "edited_share": _aligned("edited", "% of rows", "the same line in other words"),
    "moved_share": _aligned("moved", "% of rows", "nearly the same line in another place"),
    "cut_share": _aligned("cut", "% of rows", "lines without a successor"),
    "new_share": _aligned("new", "% of rows", "lines without a predecessor"),
    "coverage": _aligned("coverage", "% of rows", "changed by more than 0.5 %"),
    "head_preservation": _aligned("head kept", "%", "stable lines in the first fifth"),
    "tail_attention": _aligned("change in the tail", "% of change", "in the last third; about 33 = evenly spread"),
    "entropy": _aligned("evenness of change", "0–1", "entropy over five parts; 1 = evenly spread"),
    "line_growth": _aligned("growth in lines", "%", _A_ROUND),
    "word_growth": _aligned("growth in words", "%", _A_ROUND),
    "n_revisions": _session("revisions made", "drafts", "may end before the limit"),
    "approved": _session("approved", "% of sessions", "within the limit"),
    "no_op": _session("rounds without change", "% of rounds", "the same poem came back"),
    "rejected": _session("unusable answers", "a session", "no poem, the same poem again, no critique: asked anew"),
    "stability": _session("stability of a line", "% of rounds", "stood and changed less than 5 %"),
    "returned": _session("came back", "% of new lines", "oscillation: was in a draft before the last"),
    "overall_verbatim": _session("first draft's lines in the last draft", "%", "verbatim"),
    "n_lines": _session("length of the last draft", "lines", ""),
    "n_words": _session("length of the last draft", "words", "with punctuation marks"),
    "adherence": _critique("adherence", "% of items", "done 1, partly ½; by the ledger"),
    "ignored": _critique("ignored", "% of items", "by the ledger"),
    "aim": _critique("aim", "points", "change of cited minus other lines"),
    "control_aim": _critique("aim of the control", "points", "the same without the critique: chance"),
    "strongest_kept": _critique("strongest moment kept", "%", "changed less than 5 %"),
    "cited_changed": _critique("cited lines changed", "%", "other than they were"),
    "uncited_changed": _critique("other lines changed", "%", "the same of lines that the critique does not cite"),
    "fault_gone": _critique("cited faults gone", "% of items", "of kinds that a measure finds without a model"),
    "control_gone": _critique("cited faults gone, control", "% of items", "the same without the critique: chance"),
    "form_lost": _form("form lost", "% of revisions", "of drafts in their form, named or plain"),
    "form_faults_first": _form("form faults, first draft", "count", "against the form that was asked for"),
    "form_faults_last": _form("form faults, last draft", "count", "the same"),
    "form_faults_change": _form("change in the number of form faults", "count", "below 0 = the form got better"),
    "index_line_change": _reference("change a line, by index", "%", "inserting one line changes all below it"),
    "index_word_change": _reference("words changed, by index", "%", "mean over index pairs"),
    "index_changed": _reference("lines changed, by index", "%", "more than 0.5 %"),
    "index_coverage": _reference("coverage, rounds strung together", "%", ""),
    "index_head_preservation": _reference("head kept, rounds strung together", "%", ""),
    "index_tail_attention": _reference("change in the tail, rounds strung together", "% of change", ""),
    "index_entropy": _reference("evenness, rounds strung together", "0–1", ""),
    "index_growth": _reference("structural growth", "%", "lines of the last by the first draft"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One figure over the pairs of one kind."""

    mean: float
    low: float  # smallest of the pairs
    high: float
    n_pairs: int


Bands = Mapping[str, Mapping[str, Band]]  # measure → band name → figures


def read_bands(path: Path = DEFAULT_FILE) -> Bands:
    """The bands of every measure that a pair of texts alone gives.

    Raises:
        InputError: `file:line: reason, what to do`.
    """
    poems = [_poem(path, line, number) for number, line in enumerate(read_text(path).split("\n"), 1) if line.strip()]
    if len(poems) < 2:
        raise refusal(path, "bands need at least two poems, add one")
    return bands_of(poems)


def bands_of(poems: list[dict[str, str]]) -> Bands:
    """The bands from poems with their light edit and paraphrase; each poem's unrelated text is the next poem."""
    others = [*poems[1:], poems[0]]
    pairs = {
        "identical": [(one["poem"], one["poem"]) for one in poems],
        "light edit": [(one["poem"], one["light_edit"]) for one in poems],
        "paraphrase": [(one["poem"], one["paraphrase"]) for one in poems],
        "unrelated": [(one["poem"], other["poem"]) for one, other in zip(poems, others, strict=True)],
    }
    figures = {name: [draft_figures(pair) for pair in pairs[name]] for name in BANDS}
    found: dict[str, dict[str, Band]] = {}
    for measure in (name for name, about in MEASURES.items() if about.has_band):
        for band, rows in figures.items():
            values = [value for value in (row[measure] for row in rows) if value is not None]
            if values:
                mean = sum(values) / len(values)
                one = Band(mean=mean, low=min(values), high=max(values), n_pairs=len(values))
                found.setdefault(measure, {})[band] = one
    return found


def _poem(path: Path, line: str, number: int) -> dict[str, str]:
    try:
        value = json_value(line, line=number)
    except JsonRefusedError as exc:
        raise refusal(path, str(exc), exc.line) from exc
    texts = {key: value.get(key) for key in _KEYS} if isinstance(value, dict) else {}
    if any(not isinstance(texts.get(key), str) or not str(texts[key]).strip() for key in _KEYS):
        raise refusal(path, "a poem of the bands needs text under poem, light_edit and paraphrase, add it", number)
    return {key: str(text) for key, text in texts.items()}
