r"""The text of one answer, joined from the pieces in which an endpoint sends it.

Most send what is new. Some send all the text so far, again and again; joined blindly, those would be a repetition. A
piece that begins with all the text so far, which is longer than chance repeats, shows which of the two it is. Until
then pieces are held back; the second piece nearly always makes it clear. A character whose halves come in two
pieces is joined too. Knows no JSON.
"""

import re

_CLEAR_CHARACTERS = 24  # a longer text does not come twice by chance
_MOST_HELD = 64  # pieces; more of them are a text that repeats itself
_FEWEST_PIECES = 3  # before a last piece that says everything once more
_HALF = re.compile(r"[\ud800-\udbff]\Z")  # first half of a character of two; the second comes with the next piece


class ContradictionError(ValueError):
    """A piece that should hold all the text so far holds another text."""


class JoinedText:
    r"""Pieces in, pieces of new text out.

    >>> text = JoinedText()
    >>> for piece in ("The rope", "The rope is wet and holds,", "The rope is wet and holds,\nthe bell is cold."):
    ...     text.add(piece)
    >>> text.close(), "".join(text.pieces)
    (None, 'The rope is wet and holds,\nthe bell is cold.')
    """

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._held: list[str] = []  # pieces since the first, of which each begins with the one before
        self._is_whole: bool | None = None  # whether each piece holds all the text so far; None = not clear yet
        self._so_far = ""  # the last such piece
        self._half = ""

    def add(self, piece: str, *, is_last: bool = False) -> None:
        """Takes a piece.

        Args:
            piece: as it came.
            is_last: the endpoint has said with it that the answer is over; some then say everything once more.

        Raises:
            ContradictionError: an endpoint that sends all the text so far takes some of it back.
        """
        if self._is_whole:
            self._grow(piece)
        elif self._is_whole is None:
            self._compare(piece)
        elif not (is_last and self._says_all_again(piece)):
            self._say(piece)
        if is_last:
            self._settle()

    def close(self) -> None:
        """Says what was held back, and that half a character is none."""
        self._settle()
        if self._half:
            self.pieces.append("\ufffd")
            self._half = ""

    # ------------------------------------------------------------ private

    def _compare(self, piece: str) -> None:
        """Waits with pieces that begin with the one before, until one of them is long enough to tell."""
        last = self._held[-1] if self._held else self._so_far
        if not last or not piece:
            self._so_far = self._so_far or piece
            self._say(piece)
        elif not piece.startswith(last) or len(self._held) == _MOST_HELD:
            self._is_whole = False
            self._say_held()
            self._say(piece)
        elif _is_clear(last) and piece != last:
            self._is_whole, self._held = True, []
            self._grow(piece)
        else:
            self._held.append(piece)

    def _grow(self, piece: str) -> None:
        if piece.startswith(self._so_far):
            self._say(piece[len(self._so_far) :])
            self._so_far = piece
        elif not self._so_far.startswith(piece.rstrip()):
            raise ContradictionError

    def _says_all_again(self, piece: str) -> bool:
        return _is_clear(piece) and len(self.pieces) >= _FEWEST_PIECES and piece == "".join(self.pieces)

    def _settle(self) -> None:
        """Decides what pieces that are still held back were."""
        last = self._held[-1] if self._held else ""
        if _is_clear(last) and last != self._so_far:
            self._is_whole, self._held = True, []
            self._grow(last)
        elif self._held:
            self._is_whole = False
            self._say_held()

    def _say_held(self) -> None:
        held, self._held = self._held, []
        for piece in held:
            self._say(piece)

    def _say(self, piece: str) -> None:
        """Joins characters whose halves came in two pieces."""
        text = self._half + piece
        found = _HALF.search(text)
        self._half = found[0] if found else ""
        text = text.removesuffix(self._half) if found else text
        if text:
            self.pieces.append(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))


def _is_clear(text: str) -> bool:
    return len(text) >= _CLEAR_CHARACTERS
