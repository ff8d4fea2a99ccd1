"""Other lines for one place: each comes as it is found, and they differ by more than a word."""

from tests.revision.test_other_ways import Writer, ordered
from workbench.studio.other_lines import is_alike, other_lines

FIRST, ALIKE = "a kettle hums beside the door", "the kettle hums behind the door"
SECOND, THIRD = "my sister counts the silver spoons", "and rain has filled the garden path"


def test_a_line_that_differs_by_a_word_is_passed_over():
    writer = Writer([(FIRST,), (ALIKE,), (SECOND,), (THIRD,)])
    found = list(other_lines(writer, ordered(""), n=3))
    assert found == [FIRST, SECOND, THIRD]
    assert not any(is_alike(one, other) for one in found for other in found if one != other)


def test_what_was_found_is_barred_from_the_next_search_but_for_its_last_word():
    writer = Writer([(FIRST,), (SECOND,), (THIRD,)])
    list(other_lines(writer, ordered(""), n=3))
    barred = [{word for (word,) in order.barred[3]} for order in writer.orders]
    assert barred[0] == set()
    assert {"kettle", "hums"} <= barred[1]
    assert "door" not in barred[1]


def test_the_first_comes_before_the_second_is_looked_for():
    writer = Writer([(FIRST,), (SECOND,), (THIRD,)])
    assert next(other_lines(writer, ordered(""), n=3)) == FIRST
    assert len(writer.orders) == 1
