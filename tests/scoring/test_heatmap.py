"""Help per token by hand."""

import pytest

from tests.fakes import candidate, scored
from tests.ui.made_runs import word_tokenizer
from workbench.errors import InputError
from workbench.prompts.templates import poem_target
from workbench.scoring.heatmap import token_helps, token_spans
from workbench.types import Poem

POEM = Poem(title="Rain", text="soft  rain\nfalls")
TARGET = poem_target(POEM)
DESCRIPTION = candidate(POEM, "about rain")


def _score(nll_T, baseline_T, **changes):
    return scored(DESCRIPTION, nll_T=nll_T, baseline_T=baseline_T, **changes)


def test_help_is_baseline_minus_loss_and_the_text_comes_back_whole(tmp_path):
    spans = token_spans(word_tokenizer(tmp_path), POEM)
    n = len(spans)
    tokens = token_helps(POEM, _score((1.0,) * n + (0.0,), (*map(float, range(n)), 9.0)), spans)
    assert "".join(token.text for token in tokens) == TARGET[: spans[-1][1]]
    words = [token for token in tokens if token.text.strip()]
    assert [token.help_nats for token in words] == [i - 1.0 for i in range(n)]


def test_copied_spans_are_marked(tmp_path):
    spans = token_spans(word_tokenizer(tmp_path), POEM)
    start = TARGET.index("falls")
    score = _score((1.0,) * len(spans), (1.0,) * len(spans), copied_spans=((start, start + 5),))
    assert [token.text for token in token_helps(POEM, score, spans) if token.is_copied] == ["falls"]


def test_tokens_that_share_a_character_are_one_with_their_help_summed():
    poem = Poem(title="x", text="☂")
    place = poem_target(poem).index("☂")
    spans = ((0, place), (place, place + 1), (place, place + 1), (place, place + 1))
    tokens = token_helps(poem, _score((0.0, 0.0, 1.0, 1.0, 0.0), (0.0, 1.0, 2.0, 0.5, 0.0)), spans)
    assert [(token.text, token.help_nats) for token in tokens][-1] == ("☂", 1.5)


@pytest.mark.parametrize(("n_losses", "n_baseline"), [(2, 2), (30, 30), (5, 4)])
def test_losses_of_other_tokens_are_refused(n_losses, n_baseline):
    spans = ((0, 1), (1, 2), (2, 3), (3, 4))
    with pytest.raises(InputError, match="do not fit"):
        token_helps(POEM, _score((0.0,) * n_losses, (0.0,) * n_baseline), spans)


def test_a_missing_tokenizer_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="make demo"):
        token_spans(tmp_path, POEM)
