"""Reference bands: what every figure is for pairs of texts of which everybody knows how far apart they are.

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

from workbench.places import ROOT
from workbench.revflux.flux import draft_figures
from workbench.revflux.measures import MEASURES
from workbench.storage.input_files import read_text, refusal
from workbench.storage.strict_json import JsonRefusedError, json_value

BANDS = ("identical", "light edit", "paraphrase", "unrelated")
DEFAULT_FILE = ROOT / "data" / "revflux" / "bands.jsonl"
_KEYS = ("poem", "light_edit", "paraphrase")


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
