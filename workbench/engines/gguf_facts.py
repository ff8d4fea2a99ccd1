"""What a GGUF says of itself, read from the head of its file in a fraction of a second; the weights stay unread.

The gguf library makes an object of each of a hundred thousand words of the vocabulary, which takes many seconds. Here
arrays are passed over. Format: github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little-endian.
"""

import mmap
import struct
from math import prod
from pathlib import Path

from workbench.errors import EngineError

Facts = dict[str, str | int | float]

_FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_KINDS = {0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 12: "Q3_K_M", 15: "Q4_K_M",
          17: "Q5_K_M", 18: "Q6_K", 32: "BF16"}  # fmt: skip


def gguf_facts(path: Path) -> Facts:
    """The single values of the header by their names, the number of weights, and their `quantization`.

    Raises:
        EngineError: it is not a GGUF.
    """
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _Header(data).facts()
    except (OSError, ValueError, KeyError, OverflowError, struct.error) as exc:
        raise EngineError(f"{path}: the head of this GGUF cannot be read ({exc})") from exc


class _Header:
    def __init__(self, data: mmap.mmap) -> None:
        self._data, self._at = data, 4
        if data[:4] != b"GGUF" or self._number("I") not in (2, 3):
            raise ValueError("not version 2 or 3")

    def facts(self) -> Facts:
        n_tensors, n_values = int(self._number("Q")), int(self._number("Q"))
        facts: Facts = {}
        for _ in range(n_values):
            name = self._text()
            value = self._value(int(self._number("I")))
            if value is not None:
                facts[name] = value
        facts["general.parameter_count"] = sum(self._n_weights() for _ in range(n_tensors))
        facts["quantization"] = _KINDS.get(int(facts.get("general.file_type", -1)), "")
        return facts

    def _number(self, kind: str) -> int | float:
        value: int | float = struct.unpack_from(f"<{kind}", self._data, self._at)[0]
        self._at += struct.calcsize(f"<{kind}")
        return value

    def _text(self) -> str:
        n_bytes = int(self._number("Q"))
        self._at += n_bytes
        return self._data[self._at - n_bytes : self._at].decode("utf-8", "replace")

    def _value(self, kind: int) -> str | int | float | None:
        """One value; arrays are passed over."""
        if kind == _STRING:
            return self._text()
        if kind != _ARRAY:
            return self._number(_FORMATS[kind])
        inner, n_values = int(self._number("I")), int(self._number("Q"))
        if inner in _FORMATS:
            self._at += n_values * struct.calcsize(f"<{_FORMATS[inner]}")
        else:
            for _ in range(n_values):
                self._value(inner)
        return None

    def _n_weights(self) -> int:
        """Of the tensor whose description is next."""
        self._text()
        shape = [int(self._number("Q")) for _ in range(int(self._number("I")))]
        self._at += struct.calcsize("<IQ")  # its kind and its place
        return prod(shape)
