"""The bands tell what everybody knows about how far texts are apart."""

import pytest

from workbench.errors import InputError
from workbench.revflux.measures import BANDS, DEFAULT_FILE, MEASURES, bands_of, read_bands


@pytest.fixture(scope="module")
def bands():
    return read_bands()


@pytest.mark.parametrize("measure", ["line_change", "character_change", "word_change"])
def test_change_grows_from_identical_to_unrelated(bands, measure):
    means = [bands[measure][band].mean for band in BANDS]
    assert means == sorted(means)
    assert means[0] == 0.0
    assert means[3] - means[2] > 4  # a paraphrase is told from another poem


def test_by_index_a_paraphrase_is_hardly_told_from_another_poem(bands):
    gap = {m: bands[m]["unrelated"].mean - bands[m]["paraphrase"].mean for m in ("line_change", "index_line_change")}
    assert gap["index_line_change"] < gap["line_change"] / 2


def test_a_light_edit_keeps_half_of_the_lines_verbatim(bands):
    assert bands["verbatim"]["light edit"].low >= 50.0


def test_every_measure_of_a_pair_has_bands(bands):
    assert set(bands) == {name for name, about in MEASURES.items() if about.has_band}


def test_mean_and_range_are_those_of_the_pairs():
    poems = [
        {"poem": "a b", "light_edit": "a b", "paraphrase": "c"},
        {"poem": "d", "light_edit": "e", "paraphrase": "f"},
    ]
    band = bands_of(poems)["line_change"]["light edit"]
    assert (band.low, band.mean, band.high, band.n_pairs) == (0.0, 50.0, 100.0, 2)


def test_a_poem_without_its_paraphrase_is_refused_with_its_line(tmp_path):
    file = tmp_path / "bands.jsonl"
    file.write_text(DEFAULT_FILE.read_text().split("\n")[0] + '\n{"poem": "a", "light_edit": "b"}\n')
    with pytest.raises(InputError, match=r"bands\.jsonl:2: a poem of the bands needs text"):
        read_bands(file)
