"""What endpoints do: scripts whose answer holds a poem, and scripts of which one line is said."""

import json
from typing import Any

from tests.engines.scripted_endpoint import (
    HALF,
    POEM,
    Handler,
    Script,
    answering,
    chunk,
    dumped,
    refusing,
    refusing_first,
    sending,
    whole,
)

FIRST, SECOND, STOP, DONE = chunk(POEM[:HALF]), chunk(POEM[HALF:]), chunk(finish="stop"), b"data: [DONE]\n\n"
PLAIN = answering(FIRST, SECOND, STOP, DONE, answer=whole(POEM))
OPEN = b'data: {"choices": [{"index": 0, "delta": '
PARTS = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": POEM}]
OVERLOADED = {"error": {"message": "The model is overloaded"}}
EXTRA = {"object": "error", "message": {"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}}
NUMBERED = [{**piece, "choices": [{**piece["choices"][0], "index": "1"}]} for piece in (FIRST, SECOND, STOP)]
LIMITED = {"status": 429, "retry_after": "0.001"}


def with_null(name: str) -> dict[str, Any]:
    piece = chunk()
    return {**piece, "choices": [{**piece["choices"][0], name: None}]}


def seed_refused(handler: Handler, body: dict[str, Any]) -> None:
    if "seed" in body:
        handler.send(EXTRA, status=422)
    else:
        PLAIN(handler, body)


def streams_refused(handler: Handler, body: dict[str, Any]) -> None:
    if body["stream"]:
        handler.send({"error": {"message": "Streaming is not supported for this model"}}, status=400)
    else:
        PLAIN(handler, body)


def not_http(handler: Handler, body: dict[str, Any]) -> None:
    handler.wfile.write(b"220 a mail server\r\n\r\n")
    handler.close_connection = True


def moved_to_itself(handler: Handler, body: dict[str, Any]) -> None:
    handler.send("", status=308, location=handler.path)


def stalled(*events: object) -> Script:
    """These events, then a connection that is neither used nor ended."""

    def script(handler: Handler, body: dict[str, Any]) -> None:
        handler.head(**{"content-type": "text/event-stream"})
        handler.wfile.write(
            b"".join(b"data: " + (event if isinstance(event, bytes) else dumped(event)) + b"\n\n" for event in events)
        )
        handler.wfile.flush()
        server: Any = handler.server
        server.is_over.wait()

    return script


def silent(handler: Handler, body: dict[str, Any]) -> None:
    server: Any = handler.server
    server.is_over.wait()


def endless(handler: Handler, body: dict[str, Any]) -> None:
    handler.head(**{"content-type": "text/event-stream"})
    while True:
        handler.wfile.write((b": still here" + b" " * 2000 + b"\n\n") * 100)


def half_of_the_json(handler: Handler, body: dict[str, Any]) -> None:
    handler.head(**{"content-length": "9999"})
    handler.wfile.write(dumped(whole(POEM))[:60])
    handler.cut()


def cut_at_once(handler: Handler, body: dict[str, Any]) -> None:
    handler.cut()


TEXTS: dict[str, Script] = {
    "as it should be": PLAIN,
    "delta null first": answering(with_null("delta"), FIRST, SECOND, STOP, DONE, answer=whole(POEM)),
    "the whole once more at its end": answering(
        FIRST, SECOND, {"choices": [{"delta": {}, "message": {"content": POEM}, "finish_reason": "stop"}]}, DONE
    ),
    "in Latin-1": sending(json.dumps(whole(POEM), ensure_ascii=False).encode("cp1252")),
    "delta null last": answering(FIRST, SECOND, {"choices": [{"delta": None, "finish_reason": "stop"}]}, DONE),
    "content null": answering(chunk(None), FIRST, {"choices": [{"delta": {"content": None}}]}, SECOND, STOP, DONE),
    "no choices first and last": answering({"choices": []}, FIRST, SECOND, STOP, {"choices": [], "usage": {}}, DONE),
    "choices null, usage": answering(FIRST, SECOND, STOP, {"choices": None, "usage": {"completion_tokens": 9}}, DONE),
    "usage of the wrong kind": sending({**whole(POEM), "usage": {"completion_tokens": "many", "prompt_tokens": None}}),
    "usage null": sending({**whole(POEM), "usage": None}),
    "content in parts": answering(chunk(PARTS), STOP, DONE, answer=whole(PARTS)),
    "content as one part": sending(whole({"type": "output_text", "text": POEM})),
    "parts that are strings": sending(whole([POEM[:HALF], None, POEM[HALF:]])),
    "text where the message belongs": sending({"choices": [{"text": POEM, "finish_reason": "stop"}]}),
    "thoughts beside the text": answering(
        chunk(reasoning_content="hm"), FIRST, SECOND, STOP, DONE, answer=whole(POEM, reasoning="hm")
    ),
    "a whole answer to a stream": sending(whole(POEM)),
    "a stream to a whole answer": answering(FIRST, SECOND, STOP, DONE),
    "all events in a list": sending([FIRST, SECOND, STOP]),
    "two answers at once": answering(
        FIRST, {"choices": [{"index": 1, "delta": {"content": "WRONG"}}]}, SECOND, STOP, DONE,
        answer={"choices": [{"index": 1, "message": {"content": "WRONG"}}, *whole(POEM)["choices"]]},
    ),
    "an object a line": sending(b"\n".join(map(dumped, (FIRST, SECOND, STOP)))),
    "pings and comments": answering(
        b": waiting\n\n", b"event: ping\ndata: ping\n\n", b"data:\n\n", FIRST, SECOND, STOP, DONE
    ),
    "events without a space, ended as Windows does": answering(
        *(b"data:" + dumped(event) + b"\r\n\r\n" for event in (FIRST, SECOND, STOP)), b"data:[DONE]\r\n\r\n"
    ),
    "an event over several lines": answering(
        OPEN + b'\ndata: {"content": ' + dumped(POEM[:HALF]) + b"}}]}\n\n", SECOND, STOP, DONE
    ),
    "an event in two events": answering(OPEN + b"\n\n", b'data: {"content": ' + dumped(POEM) + b"}}]}\n\n", STOP, DONE),
    "no data: before the objects": answering(
        b": hello\n\n", *(dumped(event) + b"\n\n" for event in (FIRST, SECOND, STOP))
    ),
    "no empty lines between events": answering(
        *(b"data: " + dumped(event) + b"\n" for event in (FIRST, SECOND, STOP)), b"data: [DONE]\n"
    ),
    "a byte order mark": sending(b"\xef\xbb\xbf" + dumped(whole(POEM))),
    "bytes of a letter in two chunks": answering(
        b'data: {"choices": [{"delta": {"content": "' + POEM.replace("\n", "\\n").encode()[:-7],
        POEM.encode()[-7:] + b'"}, "finish_reason": "stop"}]}\n\n', DONE,
    ),
    "no [DONE]": answering(FIRST, SECOND, STOP),
    "no finish_reason but [DONE]": answering(FIRST, SECOND, DONE),
    "finish_reason as a word for none": answering(chunk(POEM, "null"), chunk(finish=""), STOP, DONE),
    "cut after its end": answering(FIRST, SECOND, STOP, ends=False),
    "held open after [DONE]": stalled(FIRST, SECOND, STOP, b"[DONE]"),
    "held open after its end": stalled(FIRST, SECOND, STOP),
    "error null": sending({**whole(POEM), "error": None}),
    "429 with Retry-After": refusing_first({"error": "slow down"}, PLAIN, times=2, **LIMITED),
    "503 twice": refusing_first("<h1>Service Unavailable</h1>", PLAIN, times=2, status=503, kind="text/html"),
    "an error 502 under status 200, once": refusing_first({"error": {"message": "bad gateway", "code": 502}}, PLAIN),
    "an empty answer, once": refusing_first("", PLAIN),
    "max_tokens refused": refusing("max_tokens", "Unsupported parameter: 'max_tokens'. Use another.", PLAIN),
    "temperature refused": refusing("temperature", "'temperature' does not support 0.9 with this model.", PLAIN),
    "top_p beside temperature refused": refusing("top_p", "`temperature` and `top_p` cannot both be given", PLAIN),
    "seed refused with 422": seed_refused,
    "streams refused": streams_refused,
    "all the text so far in each piece": answering(
        *(chunk(POEM[:n]) for n in (3, 9, 9, 30, 50, len(POEM), len(POEM))), STOP, DONE
    ),
    "all the text so far, and an older piece late": answering(
        chunk(POEM[:30]), chunk(POEM[:60]), chunk(POEM[:40]), chunk(POEM, "stop"), DONE
    ),
    "all the text so far, held open after its end": stalled(chunk(POEM[:9]), chunk(POEM, "stop")),
    "all the text once more in the last piece": answering(
        FIRST, chunk(POEM[HALF:-9]), chunk(POEM[-9:]), chunk(POEM, "stop"), DONE
    ),
    "UTF-16": sending(json.dumps(whole(POEM)).encode("utf-16")),
    "parts of a model's turn": answering(chunk({"parts": [{"text": POEM}]}), STOP, DONE),
    "counted from one, in text": answering(*NUMBERED, DONE),
    "a proxy's remark after its JSON": sending(dumped(whole(POEM)) + b"\n<!-- cache 7 -->"),
    "packed as none": sending(whole(POEM), content_encoding="none"),
    "overloaded under status 200, once": refusing_first(OVERLOADED, PLAIN),
    "both names of max_tokens refused": refusing(
        "max_tokens", "no max_tokens", refusing("max_completion_tokens", "nor max_completion_tokens", PLAIN)
    ),
    "line ends as they are inside the text": sending(dumped(whole(POEM)).replace(b"\\n", b"\n")),
}  # fmt: skip
LINES: dict[str, tuple[Script, str]] = {
    "an error under status 200": (sending(OVERLOADED), "The model is overloaded; ask again later"),
    "an error as text": (sending({"error": "no memory left"}), "no memory left"),
    "an error in a list": (sending([OVERLOADED]), "The model is overloaded"),
    "an error as the stream's event": (answering(b"event: error\n", OVERLOADED), "The model is overloaded"),
    "an error in mid-stream": (answering(FIRST, OVERLOADED, DONE), "The model is overloaded"),
    "a detail under status 200": (sending({"detail": "Not authenticated"}), "Not authenticated"),
    "a web page": (sending("<html><title>Sign in</title></html>", kind="text/html"), r"web page.*Sign in.*URL"),
    "plain text": (sending("ok\n" * 9, kind="text/plain"), r"plain text.*'ok ok.*URL"),
    "no choices": (sending({"choices": []}), "no completion"),
    "an empty object": (sending({}), "empty answer; ask again, or check"),
    "Anthropic's shape": (sending({"content": [{"type": "text", "text": "a"}]}), "but content; another API"),
    "Gemini's shape": (sending({"candidates": [{"content": {}}]}), "but candidates; another API"),
    "a number": (sending([5]), "a number instead of an answer"),
    "choices of text": (sending({"choices": ["a poem"]}), "a text as a choice"),
    "a choice that is null": (sending({"choices": [None]}), "null as a choice"),
    "content a number": (sending(whole(42)), "a number instead of text"),
    "nothing at all": (sending(""), "empty answer"),
    "an event that is not JSON": (answering(FIRST, OPEN + b"\n\n", SECOND, STOP, DONE), "not JSON.*may be missing"),
    "half of its JSON": (sending(dumped(whole(POEM))[:60]), "broke off"),
    "cut in the JSON": (half_of_the_json, "broke off.*ask again"),
    "cut at once": (cut_at_once, "broke off.*ask again"),
    "cut in mid-stream": (answering(FIRST, ends=False), "broke off.*ask again"),
    "stalled in mid-stream": (stalled(FIRST), "stalled .*ask again"),
    "not UTF-8": (sending(b'{"choices": "\xff\xfe"}'), "not UTF-8"),
    "every piece twice": (answering(FIRST, FIRST, SECOND, SECOND, STOP, STOP, DONE, DONE), "came twice; a proxy"),
    "nested without end": (sending(b"[" * 100_000), "broke off"),
    "silence": (silent, "nothing came for"),
    "without end": (endless, r"not ended after .* ask for less"),
    "401": (sending({"error": {"message": "no key"}}, status=401), "HTTP 401: no key; .*key"),
    "404": (sending("404 page not found", status=404, kind="text/plain"), r"HTTP 404: .*page not found.*/v1"),
    "422 of a message": (
        sending({"detail": [{"loc": ["body", "messages", 0], "msg": "Field required"}]}, status=422),
        r"HTTP 422: body\.messages\.0: Field required; change",
    ),
    "a limit that is passed": (
        sending({"error": {"message": "max_tokens is too large: 9, at most 5"}}, status=400), "HTTP 400: .*at most 5"
    ),
    "moved": (sending("", status=301, location="https://example.org/v1"), r"HTTP 301.*moved to https://example\.org/v1"),
    "to wait for an hour": (sending({"error": "quota"}, status=429, retry_after="3600"), "quota; it asks to wait 3600"),
    "500 for ever": (sending({"error": "CUDA"}, status=500), "HTTP 500: CUDA; ask again later"),
    "everything is thought": (answering(chunk(reasoning_content="hm"), chunk(finish="length"), DONE), "thoughts;"),
    "its filter": (answering(FIRST, chunk(finish="content_filter"), DONE), "filter withheld"),
    "a filter of another name": (sending(whole("", "sensitive")), "filter withheld"),
    "a refusal": (sending(whole(None, refusal="I will not.")), "refuses: I will not"),
    "a tool is called": (sending(whole(None, "tool_calls", tool_calls=[{}])), "called a tool"),
    "an error event without JSON": (
        answering(FIRST, b"event: error\ndata: upstream timed out\n\n", DONE), "upstream timed out"
    ),
    "an error in brackets": (answering(FIRST, b"data: [ERROR] worker died\n\n", DONE), "ERROR. worker died"),
    "error as the end": (answering(FIRST, chunk(finish="error"), DONE), "failed in the middle"),
    "status 204": (sending("", status=204), "empty answer; ask again, or check"),
    "nothing but [DONE]": (answering(DONE), "empty answer; ask again, or check"),
    "a reason in fields of its own": (
        sending({"choices": None, "base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}),
        "insufficient balance; change what it names",
    ),
    "a fault": (sending({"fault": {"faultstring": "quota"}}), "quota; change what it names"),
    "an error inside a text": (
        sending({"error": {"message": '{"error": {"message": "key expired"}}'}}, status=403), "403: key expired; "
    ),
    "moved to nowhere": (sending("", status=302), "HTTP 302.*does not say where; check the URL"),
    "an error inside its choice": (
        sending({"choices": [{"error": {"message": "provider: 502"}, "message": {"content": ""}}]}),
        "provider: 502; change",
    ),
    "a proxy's question": (sending("", status=407), "HTTP 407.*proxy on the way"),
    "moved to itself": (moved_to_itself, "HTTP 308.*same URL; check the URL"),
    "broken gzip": (sending(b"\x1f\x8bnope", content_encoding="gzip"), "cannot be unpacked .* ask again"),
    "packed as nobody asked": (sending(b"\x0b\x02\x80abc", content_encoding="br-2"), "packed as 'br-2'.*set it to"),
    "not HTTP": (not_http, "not HTTP.*check the URL and its port"),
    "text taken back": (
        answering(chunk(POEM[:30]), chunk(POEM[:60]), chunk("Another poem."), DONE), "takes back .* ask again"
    ),
    "a page over several lines": (sending("<html><body><h1>502 Bad Gateway</h1></body></html>"), "page.*'502 Bad Gate"),
    "words that a terminal obeys": (sending({"error": "\x1b[2J\n\nred\x00"}), r"v1: \[2J red"),
}  # fmt: skip
