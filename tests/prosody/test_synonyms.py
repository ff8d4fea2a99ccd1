"""Words for another word: its entry, its senses, and what is not there."""

import pytest

from workbench.prosody import synonyms
from workbench.prosody.synonyms import entry_of, senses_of


@pytest.mark.parametrize(
    ("word", "entry"),
    [
        ("Grief", "grief"), ("harbours", "harbor"), ("centre", "center"), ("analysed", "analyze"), ("stopping", "stop"),
        ("trudged", "trudge"), ("skipped", "skip"), ("stories", "story"), ("boxes", "box"), ("colder", "cold"),
        ("brillig", ""), ("", ""), ("it’s", ""),
    ],
)  # fmt: skip
def test_a_word_is_looked_up_in_any_of_its_forms(word: str, entry: str):
    assert entry_of(word) == entry


def test_senses_are_told_apart_and_the_nearest_comes_first():
    cold = senses_of("cold")
    assert {"icy", "chilly", "frosty"} <= set(cold[0])
    assert any({"sniffles", "hay fever"} <= set(sense) for sense in cold[1:])
    assert "sniffles" not in cold[0]


@pytest.mark.parametrize("word", ["light", "run", "grief", "window", "cat"])
def test_no_word_comes_twice_or_is_the_word_itself_and_few_are_shown(word: str):
    senses = senses_of(word, most=5, words=7)
    texts = [text for sense in senses for text in sense]
    assert 0 < len(senses) <= 5
    assert max(map(len, senses)) <= 7
    assert len(set(texts)) == len(texts)
    assert word not in texts


def test_the_same_word_gives_the_same_senses_and_none_without_a_thesaurus(monkeypatch):
    assert senses_of("stone") == senses_of("stone")
    monkeypatch.setattr(synonyms, "is_there", lambda: False)
    synonyms._entries.cache_clear()
    synonyms._listed.cache_clear()
    assert senses_of("stone") == []
    monkeypatch.undo()
    synonyms._entries.cache_clear()
    synonyms._listed.cache_clear()
    assert senses_of("stone")
