import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.corpus.duplicates import near_duplicate_groups, similarity

WORDS = st.lists(st.sampled_from(list("abcdefg")), min_size=1, max_size=14).map(" ".join)


def groups_by_comparing_all(texts, threshold):
    """The plain definition: connected parts of the graph of all pairs."""
    groups = [{place} for place in range(len(texts))]
    for one, other in itertools.combinations(range(len(texts)), 2):
        if similarity(texts[one], texts[other]) >= threshold - 1e-9:
            joined = [group for group in groups if one in group or other in group]
            groups = [group for group in groups if group not in joined] + [set().union(*joined)]
    return sorted(sorted(group) for group in groups)


@settings(max_examples=150)
@given(st.lists(WORDS, max_size=14), st.sampled_from([0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.95, 1.0]))
def test_the_filter_never_loses_a_pair(texts, threshold):
    assert sorted(near_duplicate_groups(texts, threshold)) == groups_by_comparing_all(texts, threshold)


@settings(max_examples=60)
@given(WORDS, st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["x", "y", ""])), max_size=4))
def test_an_edited_copy_is_found_by_the_definition_and_by_the_filter_alike(text, edits):
    words = text.split() * 3
    for place, word in edits:
        words[place % len(words)] = word
    pair = [" ".join(text.split() * 3), " ".join(words)]
    assert sorted(near_duplicate_groups(pair, 0.85)) == groups_by_comparing_all(pair, 0.85)


def test_case_and_punctuation_do_not_tell_poems_apart():
    assert similarity("Rain, on the ROOF!", "rain on the roof") == 1.0


def test_texts_without_words_are_compared_by_their_characters():
    assert sorted(near_duplicate_groups(["***", "***", "???"], 0.85)) == [[0, 1], [2]]


def test_one_changed_word_of_a_haiku_is_a_near_duplicate():
    one = "power cut again the street comes out to look at what it always was"
    assert len(near_duplicate_groups([one, one.replace("street", "road")], 0.85)) == 1


def test_a_pair_exactly_at_the_threshold_counts():
    assert len(near_duplicate_groups(["a a a a a", "a a a a b"], 0.8)) == 1
