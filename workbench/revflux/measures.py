"""Every figure of RevFlux by its name: what it is called, its unit, and what it says. The map of the package.

Formulas stand where they are computed: `rounds` and `places` (aligned), `lineage` (lines through a session),
`adherence`, `reference` (by index, for old numbers). None of them says that a poem is good.
"""

from dataclasses import dataclass
from typing import Literal

Group = Literal["aligned", "session", "critique", "form", "reference"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What a figure means."""

    label: str
    unit: str  # %, points, lines, …
    group: Group
    about: str
    has_band: bool = True  # whether a pair of texts alone gives it


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


# What stands first is shown first.
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
    "line_growth": _aligned("growth in lines", "%", "a round"),
    "word_growth": _aligned("growth in words", "%", "a round"),
    "n_revisions": _session("revisions made", "drafts", "may end before the limit"),
    "approved": _session("approved", "% of sessions", "within the limit"),
    "no_op": _session("rounds without change", "% of rounds", "the same poem came back"),
    "rejected": _session("answers of no use", "a session", "no poem, the same poem again, no critique: asked anew"),
    "stability": _session("stability of a line", "% of rounds", "stood and changed less than 5 %"),
    "returned": _session("came back", "% of new lines", "oscillation: stood in a draft before the last"),
    "overall_verbatim": _session("first draft's lines in the last draft", "%", "verbatim"),
    "n_lines": _session("lines of the last draft", "lines", ""),
    "n_words": _session("words of the last draft", "words", "with punctuation marks"),
    "adherence": _critique("adherence", "% of items", "done 1, partly ½; by the ledger"),
    "ignored": _critique("ignored", "% of items", "by the ledger"),
    "aim": _critique("aim", "points", "change of cited minus other lines"),
    "control_aim": _critique("aim of the control", "points", "the same without the critique: chance"),
    "strongest_kept": _critique("strongest moment kept", "%", "changed less than 5 %"),
    "form_faults_first": _form("form faults, first draft", "faults", "against the form that was asked for"),
    "form_faults_last": _form("form faults, last draft", "faults", "the same"),
    "form_faults_change": _form("change in form faults", "faults", "below 0 = the form got better"),
    "index_line_change": _reference("change a line, by index", "%", "inserting one line changes all below it"),
    "index_word_change": _reference("words changed, by index", "%", "mean over index pairs"),
    "index_changed": _reference("lines changed, by index", "%", "more than 0.5 %"),
    "index_coverage": _reference("coverage, rounds strung together", "%", ""),
    "index_head_preservation": _reference("head kept, rounds strung together", "%", ""),
    "index_tail_attention": _reference("change in the tail, rounds strung together", "% of change", ""),
    "index_entropy": _reference("evenness, rounds strung together", "0–1", ""),
    "index_growth": _reference("structural growth", "%", "lines of the last by the first draft"),
}
