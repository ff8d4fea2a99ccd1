"""What notebooks share: how frames and figures are shown, a small model that is quickly asked, a run made small.

Frames are pandas' own; a figure of plotly has a still picture beside it.

A repository page runs no script, so a figure is stored three times: for plotly's own renderer, as a small PNG where a
Chrome or Chromium is there to draw it, and as its caption for a terminal or a screen reader.
"""

import contextlib
import io
import json
import logging
import tempfile
import warnings
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.backtranslation import BacktranslationSettings, Describer, describe_poems
from workbench.corpus.load import write_poems
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.opening import Engines
from workbench.engines.sources import ModelSettings
from workbench.errors import EngineError
from workbench.figures import caption_of, write_pngs
from workbench.improvement.run import LoopRun, new_run
from workbench.improvement.settings import load_settings
from workbench.scoring.likelihood import LikelihoodScorer, ScoringSettings
from workbench.scoring.score import score_pairs
from workbench.types import Candidate, Poem, Score

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

PLOTLY = "application/vnd.plotly.v1+json"
WIDTH = 760  # pixels of the picture


def set_up(*, precision: int = 3) -> None:
    """How frames look in a notebook: rounded, texts whole; and no hint about progress bars."""
    import pandas as pd

    pd.options.display.precision = precision
    pd.options.display.max_colwidth = None
    pd.options.display.max_rows = 100
    warnings.filterwarnings("ignore", message="IProgress")


def on_one_line(text: str) -> str:
    r"""A poem as it is quoted in a running text.

    >>> on_one_line("a gate\nof rain\n\nand salt")
    'a gate / of rain // and salt'
    """
    return text.strip().replace("\n\n", " // ").replace("\n", " / ")


class SmallModel:
    """The built-in model with its two parts: it describes poems, and tells how likely a poem is after a text."""

    def __init__(self, *, seed: int, others: int) -> None:
        self.engines = Engines(ModelSettings(weights="bf16"), LearnerSettings(), seed=seed)
        self._seed, self._others = seed, others

    def describer(self, **settings: Any) -> Describer:
        """Who describes; settings are those of `BacktranslationSettings`, the words of an endless answer are kept."""
        asked = BacktranslationSettings(**{"max_new_tokens": 90, "words": 40, "keep_endless": True, **settings})
        return Describer(
            sampler=self.engines.sampler, renderer=self.engines.renderer, settings=asked, seed=self._seed
        )  # fmt: skip

    def describe(self, poems: Sequence[Poem], *, n: int, **settings: Any) -> list[Candidate]:
        """N answers for each poem, the unusable ones too, with the reason."""
        return describe_poems(self.describer(n_candidates=n, **settings), poems, iteration=1)

    @cached_property
    def likelihood(self) -> LikelihoodScorer:
        """Who scores; loaded when first asked for."""
        settings = ScoringSettings(others=self._others)
        return LikelihoodScorer(scorer=self.engines.learner, renderer=self.engines.renderer, settings=settings)

    def scores(self, texts: Mapping[str, str], poem: Poem) -> dict[str, Score]:
        """Loss of the poem after each text, under the same names; the empty text is not a description."""
        scored = score_pairs(self.likelihood, [(text, poem) for text in texts.values()])
        return {name: score for name, score in zip(texts, scored, strict=True) if isinstance(score, Score)}

    def close(self) -> None:
        """Frees the model."""
        self.engines.close()


def open_small(*, seed: int = 42, others: int = 3) -> SmallModel:
    """The built-in model for a notebook; close it at the end.

    Args:
        seed: of its answers.
        others: poems on which each description is tried too.

    Raises:
        EngineError: when first asked, if the model is not there.
    """
    return SmallModel(seed=seed, others=others)


_SMALL_RUN = (
    "model.weights=bf16", "backtranslation.words=30", "backtranslation.max_new_tokens=60",
    "backtranslation.keep_endless=true", "scoring.others=1", "evaluation.n_candidates=1", "evaluation.others=3",
)  # fmt: skip


@contextlib.contextmanager
def small_run(poems: Sequence[Poem], overrides: Sequence[str] = ()) -> Iterator[LoopRun]:
    """A run of the loop on a few poems, in a folder that is removed at the end; all else as on the command line.

    Args:
        poems: to describe and to hold out.
        overrides: as after `--set`: `selection.top_k=1`.

    Raises:
        ConfigError: an override names no setting.
        InputError: the poems cannot be used.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "poems.jsonl"
        write_poems(file, poems)
        places = [f"runs={folder}/runs", f"corpus.poems={file}"]
        with new_run(load_settings(None, [*_SMALL_RUN, *places, *overrides]), name="notebook") as opened:
            yield opened


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A figure as a notebook stores it."""

    bundle: dict[str, Any]  # by media type

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.bundle

    def __repr__(self) -> str:
        return str(self.bundle["text/plain"])


def show(figure: "Figure") -> Shown:
    """A figure for a notebook: interactive, as a still picture, in words."""
    figure.update_layout(width=WIDTH)
    drawn = json.loads(figure.to_json(), parse_float=_rounded)
    bundle: dict[str, Any] = {PLOTLY: drawn, "text/plain": caption_of(figure)}
    picture = _picture(figure)
    return Shown(bundle | ({"image/png": picture} if picture else {}))


def _rounded(digits: str) -> float:
    """Six digits, so that stored figures are the same on processors that add up in another order."""
    return float(f"{float(digits):.6g}")


def _picture(figure: "Figure") -> str:
    """The figure as a PNG in base64; "" where no browser can draw it."""
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(EngineError), _quiet():
        path = Path(folder) / "figure.png"
        write_pngs({path: figure}, width=WIDTH, scale=1)
        return b64encode(path.read_bytes()).decode("ascii")
    return ""


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """A browser that ends slowly is complained of in the log, and a notebook would keep the complaint."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(before)
