"""Reads what an endpoint sends, whatever its shape: one reader for streams and whole answers.

An OpenAI-compatible endpoint should send JSON objects with `choices`, one or one an event. Real ones send null where an
object belongs, content in parts, pings, halves of events, web pages and errors under status 200. Here each of these is
text, or an `AnswerError` of one line. Thoughts are kept apart from the text. Knows no HTTP; `endpoint.py` does.
"""

from typing import Any

from workbench.engines.foreign_errors import (
    CUT,
    WITHHELD,
    AnswerError,
    advised,
    error_text,
    one_line,
    page_text,
)
from workbench.engines.foreign_json import count_of, decoded, kind_of, place_of, value_before_words, value_of
from workbench.engines.joined_text import ContradictionError, JoinedText
from workbench.types import Completion, Failed, Reason

_TOOLS = {"tool_calls", "function_call", "tool_use"}
_OTHER = "another API? name its OpenAI-compatible URL, most end in /v1"
_EMPTY = "ask again, or check the URL and the model's name"
_MISSING = "so text may be missing; ask again"
_NO_REASON = {"", "null", "none"}
_THOUGHTS = ("reasoning_content", "reasoning", "reasoning_details", "thinking")
_FEWEST_DOUBLES = 3  # different events that all came twice
_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")  # how a line of an event stream begins


class AnswerReader:
    """One answer, fed as its bytes come.

    Attributes:
        has_ended: the endpoint has said that the answer is over; what breaks afterwards harms nothing.
        is_done: it has said that nothing more will come.
    """

    def __init__(self) -> None:
        self.has_ended = self.is_done = False
        self._is_stream: bool | None = None  # None = not seen yet
        self._data = bytearray()
        self._lines: list[str] = []  # of the event under way
        self._held = ""  # an event whose JSON has not come to its end
        self._has_deltas = self._is_error = False
        self._text = JoinedText()
        self._thought, self._refusal, self._finish = "", "", ""
        self._told, self._n_events, self._n_doubled = "", 0, 0  # events, to see a proxy that sends each twice
        self._kinds: set[str] = set()
        self._fields: list[str] = []  # of the last object, for the line that says what came instead
        self._n_choices = self._n_tokens = self._n_prompt_tokens = self._n_thought_tokens = 0
        self._index: int | None = None  # of the answer that is read, where several come; some count from one

    def feed(self, data: bytes) -> list[str]:
        """The pieces of text that these bytes complete.

        Raises:
            AnswerError: an error instead of an answer, or a shape that holds none.
        """
        self._data += data
        n_before = len(self._text.pieces)
        if self._is_stream is None:
            self._data = self._data.lstrip(b"\xef\xbb\xbf \r\n\t")
            if len(self._data) >= max(map(len, _FIELDS)):
                self._is_stream = self._data.startswith(_FIELDS)
                data = bytes(self._data)
        if self._is_stream and (b"\n" in data or b"\r" in data):
            *lines, self._data = self._data.replace(b"\r", b"\n").split(b"\n")
            for line in lines:
                self._line(decoded(line))
        return self._text.pieces[n_before:]

    def close(self) -> list[str]:
        """The pieces of text that were not clear before the end of the bytes; raises as `feed` does."""
        n_before = len(self._text.pieces)
        if self._is_stream:
            self._line(decoded(self._data))
            self._line("")
        else:
            self._whole(decoded(self._data))
        self._text.close()
        return self._text.pieces[n_before:]

    def result(self) -> Completion | Failed:
        """The answer as a whole; raises AnswerError where there is none."""
        if self._held and not self.has_ended:
            raise AnswerError(f"an event of its stream is not whole JSON, {_MISSING}", may_pass=True)
        if not self._n_choices:
            told = one_line(", ".join(self._fields))[:60]
            if not told:
                raise AnswerError(f"it sent an empty answer; {_EMPTY}", may_pass=True)
            raise AnswerError(f"its answer has no completion in it: no choices, but {told}; {_OTHER}")
        if self._is_doubled:
            raise AnswerError("each piece of its answer came twice; a proxy on the way repeats them, ask without it")
        text, finish = "".join(self._text.pieces), self._finish.lower()
        if failure := self._failure(text.strip(), finish):
            return failure
        return Completion(
            text=text,
            n_tokens=self._n_tokens or len(text.split()),
            ended=not CUT.search(finish) and (self.has_ended or not self._is_stream),
            n_prompt_tokens=self._n_prompt_tokens,
        )

    # ------------------------------------------------------------ private

    def _failure(self, text: str, finish: str) -> Failed | None:
        if WITHHELD.search(finish):
            return _failed(f"its filter withheld the answer ({finish}); change the request or ask another model")
        if finish == "error":
            raise AnswerError("it failed in the middle of the answer (finish_reason error); ask again", may_pass=True)
        if not text and self._refusal:
            return _failed(f"the model refuses: {one_line(self._refusal)}; change the request or ask another model")
        if not text and finish in _TOOLS:
            return _failed("it called a tool instead of writing; ask a model without tools")
        if not text and (self._thought.strip() or self._n_thought_tokens):
            detail = "everything that it wrote is thoughts; allow more tokens (max_new_tokens), or less thinking"
            return Failed(reason=Reason.UNCLOSED_THINKING, detail=detail)
        if not text and CUT.search(finish):
            detail = "it came to its limit before a word of the answer; allow more tokens (max_new_tokens)"
            return Failed(reason=Reason.UNCLOSED_THINKING, detail=detail)
        return None

    def _line(self, line: str) -> None:
        """One line of an event stream; an empty one ends the event."""
        if line:
            name, _, value = line.partition(":")
            if name == "event":
                self._is_error = value.strip().lower() == "error"
            elif name == "data":
                self._lines.append(value.removeprefix(" "))
            elif line.startswith("{"):  # servers that forget to say `data:`
                self._lines.append(line)
            return
        lines, self._lines = self._lines, []
        whole, is_error, self._is_error = "\n".join(lines), self._is_error, False
        if is_error and whole and not whole.lstrip().startswith("{"):
            reason = f"it sent an error in the middle of its answer: {one_line(whole)[:200]}; ask again"
            raise AnswerError(reason, may_pass=True)
        for event in [whole] if value_of(whole) is not None else lines:
            self._event(event.strip())

    def _see_doubles(self, event: str) -> None:
        """Counts pairs of equal events, however far the stream has come; ["", "a", "a", "a"] has none."""
        self._n_events += 1
        if self._n_events % 2 == 0 and event == self._told:
            self._n_doubled += 1
            self._kinds.add(event)
        self._told = event

    @property
    def _is_doubled(self) -> bool:
        return 2 * self._n_doubled == self._n_events and len(self._kinds) >= _FEWEST_DOUBLES

    def _event(self, event: str) -> None:
        if event and event != "[DONE]":
            self._see_doubles(event)
        if event == "[DONE]":
            if self._held:
                raise AnswerError(f"its stream broke: {one_line(self._held)[:200]}; ask again", may_pass=True)
            self.is_done = self.has_ended = True
        elif self._held:
            value = value_of(self._held + event)
            if value is None and value_of(event) is not None:
                raise AnswerError(f"an event of its stream is not JSON, {_MISSING}", may_pass=True)
            self._held = self._held + event if value is None else ""
            self._take(value)
        elif event.startswith(("{", "[")):
            value = value_of(event)
            self._held = event if value is None else ""
            self._take(value)

    def _whole(self, text: str) -> None:
        text = text.removeprefix("\ufeff").strip()
        if not text:
            raise AnswerError(f"it sent an empty answer; {_EMPTY}", may_pass=True)
        if not text.startswith(("{", "[")):
            what = "a web page" if text.startswith("<") else "plain text"
            raise AnswerError(f"it sent {what} instead of JSON: {page_text(text)}; check the URL, most end in /v1")
        values = [value_of(text)]
        if values == [None]:
            values = [value_of(line) for line in text.split("\n") if line.strip()]  # an object a line
            values = values if None not in values else [value_before_words(text)]
        if None in values:
            raise AnswerError("its answer broke off (half of its JSON came); ask again", may_pass=True)
        for value in values:
            self._take(value)

    def _take(self, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, list) and value:  # some wrap their errors so, some all their events
            for each in value:
                self._take(None if isinstance(each, list) else each)
            return
        if not isinstance(value, dict):
            raise AnswerError(f"it sent {kind_of(value)} instead of an answer; {_OTHER}")
        if not isinstance(usage := value.get("usage"), dict):
            usage = {}
        self._n_tokens = count_of(usage.get("completion_tokens")) or self._n_tokens
        self._n_prompt_tokens = count_of(usage.get("prompt_tokens")) or self._n_prompt_tokens
        if isinstance(details := usage.get("completion_tokens_details"), dict):
            self._n_thought_tokens = count_of(details.get("reasoning_tokens")) or self._n_thought_tokens
        self._fields = [str(name) for name in value][:6]
        choices = value.get("choices")
        if value.get("error") or value.get("object") == "error" or (choices is None and error_text(value)):
            raise advised(value)
        if isinstance(choices, list) and choices:
            places = list(map(place_of, choices))
            self._index = min(places) if self._index is None else self._index
            if self._index in places:  # of several answers the first; a stream says whose each piece is
                self._choice(choices[places.index(self._index)])

    def _choice(self, choice: Any) -> None:
        if not isinstance(choice, dict):
            raise AnswerError(f"it sent {kind_of(choice)} as a choice instead of an answer; {_OTHER}")
        if error_text(choice.get("error")):
            raise advised(choice)
        self._n_choices += 1
        self._has_deltas |= isinstance(choice.get("delta"), dict)
        said = choice.get("delta") or (None if self._has_deltas else choice.get("message"))  # some say all once more
        said = said if isinstance(said, dict) else {"content": said or choice.get("text")}
        try:
            text, thought = _contents(said.get("content"))
        except RecursionError:
            raise AnswerError(f"its content is nested too deeply to be text; {_OTHER}") from None
        self._thought += thought + "".join(str(said[name]) for name in _THOUGHTS if said.get(name))
        self._refusal += said["refusal"] if isinstance(said.get("refusal"), str) else ""
        finish = str(choice.get("finish_reason") or "")
        is_last = finish.lower() not in _NO_REASON
        try:
            self._text.add(text, is_last=is_last)
        except ContradictionError:
            raise AnswerError("its stream takes back what it had sent; ask again", may_pass=True) from None
        if is_last:  # an answer that was cut stays cut, whatever is said after it
            self._finish, self.has_ended = self._finish if CUT.search(self._finish.lower()) else finish, True


def _contents(value: Any) -> tuple[str, str]:
    """Text and thoughts of a content: a string, parts, or nothing."""
    if value is None or isinstance(value, str):
        return value or "", ""
    if isinstance(value, list):
        pairs = [_contents(part) for part in value]
        return "".join(text for text, _ in pairs), "".join(thought for _, thought in pairs)
    if not isinstance(value, dict):
        raise AnswerError(f"its content is {kind_of(value)} instead of text; {_OTHER}")
    kind = str(value.get("type") or "text")
    inner = next((value[name] for name in ("text", "content", "value", "parts", *_THOUGHTS) if value.get(name)), None)
    text, thought = _contents(inner)
    return ("", text + thought) if "think" in kind or "reason" in kind else (text, thought)


def _failed(detail: str) -> Failed:
    return Failed(reason=Reason.ENGINE, detail=detail)
