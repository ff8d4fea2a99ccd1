"""StopTexts beside the plain way: look into the whole text."""

from hypothesis import given
from hypothesis import strategies as st

from workbench.server.model_process import StopTexts

LETTERS = st.text(alphabet="ab\n", max_size=30)


def streamed(pieces: list[str], stops: list[str]) -> str:
    cutter = StopTexts(stops)
    return "".join([*map(cutter.add, pieces), cutter.rest()])


@given(LETTERS, st.lists(st.text(alphabet="ab\n", min_size=1, max_size=4), max_size=3), st.data())
def test_the_pieces_end_where_one_look_at_the_whole_text_would_end(
    text: str, stops: list[str], data: st.DataObject
) -> None:
    # one character at a time: a longer stop text that begins earlier may be met later, then the earlier end counts
    ends = [(text.index(stop) + len(stop), text.index(stop)) for stop in stops if stop in text]
    first = min(ends)[0] if ends else len(text)
    expected = text[: min(begin for end, begin in ends if end == first)] if ends else text
    assert streamed(list(text), stops) == expected


@given(LETTERS, st.text(alphabet="ab\n", min_size=1, max_size=4), st.data())
def test_how_the_text_is_cut_into_pieces_changes_nothing(text: str, stop: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)))))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert streamed(pieces, [stop]) == text.partition(stop)[0]


def test_what_cannot_begin_a_stop_text_is_shown_at_once() -> None:
    cutter = StopTexts(["\n\n"])
    assert [cutter.add(piece) for piece in ("a line", "\n", "another", "\n", "\nmore")] == [
        "a line",
        "",
        "\nanother",
        "",
        "",
    ]
    assert cutter.is_met
