"""Other ways to say one line: as many as are wanted, each new, none worse for the form."""

from dataclasses import dataclass, field

from workbench.revision.line_orders import is_no_worse, other_ways
from workbench.writing.rewriting import put_in
from workbench.writing.types import LineOrder, Rewritten

POEM = (
    "The kettle ticks beside the light,\nmy brother's coat is on the stair,\n"
    "the moths go round it half the night\nand no one sees that I am there."
)
KEPT, BROKEN = "the rain has said its piece tonight", "the rain has stopped at the gate"


@dataclass
class Writer:
    """Has an answer for each time it is asked."""

    answers: list[tuple[str, ...]]
    orders: list[LineOrder] = field(default_factory=list)

    def rewrite(self, order, *, prompt, bare_prompt, cancelled):
        self.orders.append(order)
        (number,) = order.numbers
        new, *others = self.answers[len(self.orders) - 1]
        text = put_in(order.text, {number: new})
        return Rewritten(text=text, lines={number: new}, runners_up={number: tuple(others)})


def ordered(form="quatrains ABAB"):
    return LineOrder(title="Night", text=POEM, numbers=(3,), form=form)


def test_a_way_that_breaks_the_form_is_not_offered():
    writer = Writer([(BROKEN, KEPT), (KEPT,), ("the moths go round it half the night",)])
    assert other_ways(writer, ordered(), n=3) == [KEPT]
    assert len({order.seed for order in writer.orders}) == 3, "it is asked again with other seeds"


def test_without_a_form_any_new_line_will_do_but_not_the_old_one():
    assert is_no_worse(ordered(""), BROKEN)
    assert not is_no_worse(ordered(""), "the moths go round it half the night")
    assert not is_no_worse(ordered(""), "1 2 2")


def test_it_stops_as_soon_as_there_are_enough():
    writer = Writer([(KEPT, BROKEN, "a third")])
    assert other_ways(writer, ordered(""), n=3) == [KEPT, BROKEN, "a third"]
