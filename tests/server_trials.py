"""Trials on a whole server, started as by a user: clients who leave, cut connections, a model killed in mid-stream.

`tests/server` has few of them; `python -m bench.faults clients 200`, `cuts 100`, `deaths 100` as many as are asked for.
"""

import asyncio
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from workbench.places import ROOT

PATIENCE_SECONDS = 600  # for what happens at once on an idle machine
GREEDY = {"temperature": 0, "num_predict": 6}
ENDLESS = {"temperature": 0, "num_predict": -1}
LONG = "Write a very long story about a ship, with many chapters."
N_LONG = 250  # tokens of it at least, where nobody stops it
CUTS = ("closed", "reset", "half closed", "in the request's head", "in the request's body")
PROMPTS = [f"Write one line about {thing}." for thing in ("the sea", "an old bridge", "snow", "bread", "a red door")]


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running server."""

    url: str
    process: subprocess.Popen[str]

    def health(self) -> dict[str, object]:
        return dict(httpx.get(f"{self.url}/health", timeout=PATIENCE_SECONDS).json())

    def wait_until_idle(self) -> None:
        for _ in range(PATIENCE_SECONDS * 20):
            if self.health()["requests"] == 0:
                return
            time.sleep(0.05)
        raise AssertionError(f"a slot is stuck: {self.health()}")

    def model_pid(self) -> int:
        """Of the one process that the server started."""
        found = [
            int(pid)
            for file in Path(f"/proc/{self.process.pid}/task").glob("*/children")
            for pid in file.read_text().split()
            if "model_process" in Path(f"/proc/{pid}/cmdline").read_text()
        ]
        assert len(found) == 1
        return found[0]


@contextmanager
def serving(config: Path) -> Iterator[Served]:
    """The server of a configuration, up and answering; ended with its process."""
    environment = {name: value for name, value in os.environ.items() if name != "WORKBENCH_TOKEN"}
    command = [sys.executable, "-m", "workbench", "serve", str(config), "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            assert line.startswith("Listening on http://127.0.0.1:"), line
            yield Served(url=line.split()[2], process=process)
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def ask(url: str, prompt: str) -> str:
    """What the base model says to one prompt."""
    reply = httpx.post(f"{url}/api/chat", json={**body(prompt), "stream": False}, timeout=PATIENCE_SECONDS)
    return str(reply.raise_for_status().json()["message"]["content"])


def crowd(served: Served, alone: Mapping[str, str], n: int) -> int:
    """N clients at once, a third of whom leave; each gets its own text, and no place in the line stays taken.

    Returns:
        How many stayed to the end.
    """

    async def together() -> list[tuple[str, str, bool]]:
        patience = PATIENCE_SECONDS * 3
        async with httpx.AsyncClient(timeout=patience, limits=httpx.Limits(max_connections=None)) as http:
            return await asyncio.gather(*(visit(http, served.url, number) for number in range(n)))

    assert len(set(alone.values())) == len(PROMPTS)  # else a foreign text would not be seen
    visits = asyncio.run(together())
    for prompt, text, stayed in visits:
        assert text == alone[prompt] if stayed else alone[prompt].startswith(text)
    served.wait_until_idle()
    n_stayed = sum(stayed for *_, stayed in visits)
    assert n_stayed == n - -(-n // 3)
    return n_stayed


def death(served: Served, alone: Mapping[str, str], number: int) -> None:
    """The model is killed in mid-stream: one line says so, and the next request is answered as ever."""
    lines = killed_in_mid_stream(served)
    assert all(line["message"]["content"] and not line["done"] for line in lines[:-1])
    assert len(lines) > 1
    assert lines[-1].keys() == {"error"}
    # 255: where another part of the program has waited for the process already, its status is lost
    assert re.search(r"the model's process ended \(status (-9|255)\)", lines[-1]["error"])
    prompt = PROMPTS[number % len(PROMPTS)]
    assert ask(served.url, prompt) == alone[prompt]


def cut(served: Served, alone: Mapping[str, str], number: int) -> str:
    """A client's connection breaks in one of `CUTS`: the model is free, and the next request is answered as ever.

    Returns:
        How it broke.
    """
    how, before = CUTS[number % len(CUTS)], int(str(served.health()["pieces"]))
    data = _request({**body(LONG), "options": ENDLESS})
    with socket.create_connection(address(served.url), PATIENCE_SECONDS) as connection:
        if how.startswith("in the request"):
            connection.sendall(data[: len(data) - 20] if how.endswith("body") else data[:30])
        else:
            connection.sendall(data)
            _read_lines(connection, 1 + number % 3)
        if how == "half closed":
            connection.shutdown(socket.SHUT_WR)
        elif "reset" in how:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
    served.wait_until_idle()
    assert int(str(served.health()["pieces"])) - before < N_LONG / 2  # nobody wrote the story to its end
    prompt = PROMPTS[number % len(PROMPTS)]
    assert ask(served.url, prompt) == alone[prompt]
    return how


async def visit(http: httpx.AsyncClient, url: str, number: int) -> tuple[str, str, bool]:
    """Prompt, what came, and whether this client stayed to the end: every third one leaves, at one of three moments."""
    prompt = PROMPTS[number % len(PROMPTS)]
    leaves_after = number // 3 % 3 if number % 3 == 0 else None
    if leaves_after == 0:  # while it waits in line
        _, writer = await send_raw(url, prompt)
        writer.close()
        return prompt, "", False
    text, n_lines = "", 0
    async with http.stream("POST", f"{url}/api/chat", json=body(prompt)) as reply:
        assert reply.status_code == 200
        async for line in reply.aiter_lines():
            text += json.loads(line)["message"]["content"]
            n_lines += 1
            if n_lines == leaves_after:
                return prompt, text, False
    return prompt, text, True


def killed_in_mid_stream(served: Any) -> list[dict[str, Any]]:
    """All lines of an answer whose model was killed after the first."""
    lines = []
    long = {**body(LONG), "options": ENDLESS}
    with httpx.stream("POST", f"{served.url}/api/chat", json=long, timeout=PATIENCE_SECONDS) as reply:
        for line in reply.iter_lines():
            lines.append(json.loads(line))
            if len(lines) == 1:
                os.kill(served.model_pid(), signal.SIGKILL)
    return lines


def asking(text: str) -> list[dict[str, str]]:
    """A conversation of one question."""
    return [{"role": "user", "content": text}]


def body(prompt: str) -> dict[str, Any]:
    """A short question that has one answer."""
    return {"model": "base", "messages": asking(prompt), "options": GREEDY}


def address(url: str) -> tuple[str, int]:
    """Host and port."""
    parts = urlsplit(url)
    return str(parts.hostname), int(parts.port or 0)


async def send_raw(url: str, prompt: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A request that nobody reads the answer of."""
    host, port = address(url)
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(_request(body(prompt)))
    await writer.drain()
    return reader, writer


def _request(asked: dict[str, Any]) -> bytes:
    data = json.dumps(asked).encode()
    return b"POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(data) + data


def _read_lines(connection: socket.socket, n: int) -> None:
    """Reads until so many pieces of the answer have come."""
    seen = b""
    while seen.count(b'"done": false') < n:
        data = connection.recv(4096)
        assert data, seen
        seen += data
