"""Stop texts in a stream: what may be the beginning of one is held back until it is clear.

Knows only text.
"""

from collections.abc import Sequence


class StopTexts:
    """Cuts a growing text before the first of several stop texts.

    >>> stops = StopTexts(["END"])
    >>> stops.add("a sea E"), stops.add("bb E"), stops.add("ND of it"), stops.is_met, stops.rest()
    ('a sea ', 'Ebb ', '', True, '')
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self.is_met = False
        self._stops = tuple(stops)
        self._held = ""

    def add(self, piece: str) -> str:
        """What may be shown now; nothing more once a stop text was met."""
        if self.is_met:
            return ""
        text = self._held + piece
        places = [place for stop in self._stops if (place := text.find(stop)) >= 0]
        if places:
            self.is_met, self._held = True, ""
            return text[: min(places)]
        n_held = max((_n_begun(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - n_held :]
        return text[: len(text) - n_held]

    def rest(self) -> str:
        """What was held back, when the text ends without a stop text."""
        held, self._held = self._held, ""
        return held


def _n_begun(text: str, stop: str) -> int:
    """Length of the longest end of the text that the stop text begins with."""
    return next((n for n in range(min(len(stop) - 1, len(text)), 0, -1) if text.endswith(stop[:n])), 0)
