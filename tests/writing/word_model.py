"""A model of words with logits made by arithmetic: every word a token, every row another preference.

It writes nonsense, which is the point: whatever keeps the form then is the search's doing, not the model's.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.corpus.load import load_poems
from workbench.places import ROOT
from workbench.words import words_of

_RHYMING = (
    "ay day clay grey stay play bay hay lay may pay ray say tray way gray spray sway bray fray pray slay stray ight "
    "light night sight bright fight flight fright height knight might plight right slight tight white write kite "
    "own stone bone tone alone known grown flown thrown moan loan phone cone zone shown groan throne blown drone "
    "all hall wall fall call ball tall small stall crawl shawl sprawl brawl haul maul install recall ide tide side "
    "wide ride bride hide pride slide guide glide stride wide cried dried tried tied died spied ore shore door "
    "floor more store core pour roar soar war four bore tore wore lore chore score before ain rain train pain lane "
    "chain brain plain grain main drain strain vein stain cane crane pane reign again eet street feet meet sweet "
    "heat seat wheat beat neat repeat retreat complete sheet fleet sleet greet treat "
)


_PREFERENCES = 499  # rows of logits; which one a place has depends on the last three tokens


class WordModel:
    """Implements `TokenModel` over the words of the sample poems."""

    digest = "words"
    n_rows = 0

    def __init__(self, *, seed: int = 0) -> None:
        poems = load_poems(ROOT / "data" / "poems" / "good")
        words = {word.folded for poem in poems for word in words_of(poem.text)} | set(_RHYMING.split())
        plain = sorted(word for word in words if word.isascii() and word.isalpha())
        heads = [word.capitalize() for word in plain]
        marks = [",", ".", ";", ":", "!", "?", "\n", "\n\n", "Poem:"]
        self._pieces = [*marks, *heads, *(f" {word}" for word in plain), *(f" {head}" for head in heads)]
        self._ids = {piece: token for token, piece in enumerate(self._pieces)}
        self.n_vocab = len(self._pieces)
        self._seed = seed
        self._streams: dict[int, list[int]] = {}
        logits = np.random.default_rng(seed).normal(0.0, 1.5, (_PREFERENCES, self.n_vocab)).astype(np.float32)
        logits[:, : self._ids["Poem:"]] += 4.0  # a line may end everywhere
        self._rows = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))

    def tokens(self, text: str) -> list[int]:
        """Greedy: the longest piece first; letters that are no piece are left out."""
        ids = []
        while text:
            for length in range(min(len(text), 24), 0, -1):
                if text[:length] in self._ids:
                    ids.append(self._ids[text[:length]])
                    break
            text = text[length:]
        return ids

    def piece(self, token: int) -> bytes:
        """The bytes of a token."""
        return self._pieces[token].encode()

    def open(self, n_streams: int, n_tokens_each: int) -> None:
        """Empty streams."""
        self._streams = {stream: [] for stream in range(n_streams)}

    def copy(self, source: int, target: int, n_tokens: int) -> None:
        """As the contract says."""
        self._streams[target] = self._streams[source][:n_tokens]

    def read(self, rows: Sequence[tuple[int, int, int]]) -> NDArray[np.float32]:
        """Preferences that depend on the last three tokens."""
        self.n_rows += len(rows)
        found = np.empty((len(rows), self.n_vocab), np.float32)
        for number, (stream, token, position) in enumerate(rows):
            assert position == len(self._streams[stream]), "a position that is not the next one"
            self._streams[stream].append(token)
            key = f"{self._seed} {self._streams[stream][-3:]}".encode()
            found[number] = self._rows[int.from_bytes(hashlib.sha256(key).digest()[:8], "big") % _PREFERENCES]
        return found

    def read_ends(self, parts: Sequence[tuple[int, Sequence[int], int]]) -> NDArray[np.float32]:
        """As the contract says."""
        read = [
            self.read([(stream, token, start + n) for n, token in enumerate(ids)])[-1] for stream, ids, start in parts
        ]
        return np.stack(read)

    def close(self) -> None:
        """Nothing to free."""
