"""Token bytes → text as they come: a character may be spread over several tokens.

Nothing is replaced: bytes that are not UTF-8 raise `BadTextError`.
"""

import codecs


class BadTextError(ValueError):
    """The bytes so far are not the beginning of any UTF-8 text."""


class TokenText:
    """The growing text of one completion.

    >>> text = TokenText()
    >>> text.add("é".encode()[:1]), text.add("é".encode()[1:])
    ('', 'é')
    >>> text.finish(cut=False)
    'é'
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._parts: list[str] = []

    def add(self, piece: bytes) -> str:
        """The characters that this piece completes."""
        try:
            part = self._decoder.decode(piece)
        except UnicodeDecodeError as error:
            raise BadTextError(f"byte 0x{error.object[error.start]:02x} is no UTF-8") from error
        if part:
            self._parts.append(part)
        return part

    def finish(self, *, cut: bool) -> str:
        """The whole text. A token limit (`cut`) may fall inside a character; its first bytes are then left out."""
        pending = self._decoder.getstate()[0]
        if pending and not cut:
            raise BadTextError("it ends inside a character")
        return "".join(self._parts)
