"""What was said is not said again."""

from workbench.writing.history import History, persons_of
from workbench.writing.types import Line


def line(text):
    said = tuple(text.lower().split())
    return Line(text=text, tokens=(), said=said, end=said[-1])


def test_three_words_do_not_come_again():
    history = History([line("under the old bridge")])
    assert history.repeats(("she", "sat", "under", "the", "old"))
    assert not history.repeats(("she", "sat", "under", "the", "new"))


def test_a_line_does_not_open_as_another_did():
    assert History([line("he took the key")]).repeats(("he", "took"))


def test_a_pair_with_a_light_second_word_may_come_again():
    assert not History([line("a walk in the rain")]).repeats(("light", "in", "the"))


def test_a_heavy_word_comes_twice_at_most():
    history = History([line("the harbour sleeps"), line("a harbour wakes")])
    assert history.repeats(("my", "harbour"))


def test_a_new_person_is_counted_once_the_poem_has_two_lines():
    two = [line("she found the key"), line("and hid it in her coat")]
    assert History(two).n_new_persons(("i", "lost", "it")) == 1
    assert History(two).n_new_persons(("she", "lost", "it")) == 0
    assert History(two[:1]).n_new_persons(("i", "lost", "it")) == 0


def test_things_and_crowds_are_no_person():
    assert persons_of(("they", "open", "it")) == frozenset()
