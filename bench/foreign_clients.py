"""What Python clients of Ollama and OpenAI do with a server: `foreign_clients.py URL [MODEL]`, by default "base".

`bench.clients` and `bench.foreign_model` start it.

It runs in an environment of its own, which holds whichever of the clients; one that is not installed is left out. Each
trial is named and prints one line of JSON: client, trial, error ("" = right). It imports nothing from here.
"""

import asyncio
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

MODEL = sys.argv[2] if sys.argv[2:] else "base"
Trial = tuple[str, Callable[[], object]]
ASKED = "Name one sea."
TURNS = [{"role": "user", "content": ASKED}]
FEW = {"temperature": 0, "num_predict": 6}


class WrongError(Exception):
    """Not what was to come."""


def same(first: str, second: str) -> None:
    """Two ways to ask that must bring the same text."""
    if not first or first != second:
        raise WrongError(f"{first!r} is not {second!r}")


def with_ollama(url: str) -> Iterator[Trial]:
    """The ollama package."""
    import ollama

    client, lazy = ollama.Client(host=url), ollama.AsyncClient(host=url)

    def whole() -> str:
        return client.chat(MODEL, TURNS, options=FEW).message.content

    async def streamed() -> str:
        return "".join([part.message.content async for part in await lazy.chat(MODEL, TURNS, options=FEW, stream=True)])

    yield "list", lambda: contains(" ".join(str(each.model) for each in client.list().models), f"{MODEL}:latest")
    yield "show", lambda: client.show(MODEL).details.format
    yield "chat", whole
    yield (
        "chat streamed",
        lambda: same(
            "".join(part.message.content for part in client.chat(MODEL, TURNS, options=FEW, stream=True)), whole()
        ),
    )
    yield "chat streamed, async", lambda: same(asyncio.run(streamed()), whole())
    yield "generate", lambda: same(client.generate(MODEL, ASKED, options=FEW).response, whole())
    yield (
        "generate streamed",
        lambda: same(
            "".join(part.response for part in client.generate(MODEL, ASKED, options=FEW, stream=True)), whole()
        ),
    )
    yield "load", lambda: same(client.generate(MODEL).done_reason, "load")
    yield "ps", lambda: same(client.ps().models[0].model, f"{MODEL}:latest")
    yield "tools refused", lambda: refused(lambda: client.chat(MODEL, TURNS, tools=[{"type": "function"}]), "no tools")
    yield "embed refused", lambda: refused(lambda: client.embed(MODEL, "sea"), "no embeddings")
    yield "unknown model", lambda: refused(lambda: client.chat("absent", TURNS), "this server has")


def with_openai(url: str) -> Iterator[Trial]:
    """The openai package."""
    import openai

    client = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
    asked: dict[str, Any] = {"model": MODEL, "messages": TURNS, "temperature": 0, "max_tokens": 6}

    def whole() -> str:
        return client.chat.completions.create(**asked).choices[0].message.content

    def streamed() -> str:
        parts = client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True})
        return "".join(part.choices[0].delta.content or "" for part in parts if part.choices)

    yield "list", lambda: contains(" ".join(each.id for each in client.models.list()), MODEL)
    yield "retrieve", lambda: same(client.models.retrieve(MODEL).id, MODEL)
    yield "chat", whole
    yield "chat streamed", lambda: same(streamed(), whole())
    yield "parts", lambda: same(
        client.chat.completions.create(
            **{**asked, "messages": [{"role": "user", "content": [{"type": "text", "text": ASKED}]}]}
        ).choices[0].message.content, whole(),
    )  # fmt: skip
    yield (
        "completion",
        lambda: same(
            client.completions.create(model=MODEL, prompt=ASKED, temperature=0, max_tokens=6).choices[0].text, whole()
        ),
    )
    yield (
        "tools refused",
        lambda: refused(
            lambda: client.chat.completions.create(**asked, tools=[{"type": "function", "function": {"name": "f"}}]),
            "no tools",
        ),
    )
    yield "embeddings refused", lambda: refused(lambda: client.embeddings.create(model=MODEL, input="x"), "embeddings")
    yield (
        "unknown model",
        lambda: refused(lambda: client.chat.completions.create(**{**asked, "model": "absent"}), "this server has"),
    )


def with_langchain_ollama(url: str) -> Iterator[Trial]:
    """langchain-ollama: ChatOllama and OllamaLLM."""
    from langchain_ollama import ChatOllama, OllamaLLM

    chat = ChatOllama(model=MODEL, base_url=url, temperature=0, num_predict=6)
    text = OllamaLLM(model=MODEL, base_url=url, temperature=0, num_predict=6)
    checked = ChatOllama(model=MODEL, base_url=url, temperature=0, num_predict=6, validate_model_on_init=True)

    async def asynchronous() -> str:
        return "".join([part.content async for part in chat.astream(ASKED)])

    yield "invoke", lambda: chat.invoke(ASKED).content
    yield "model checked first", lambda: same(checked.invoke(ASKED).content, chat.invoke(ASKED).content)
    yield "system and user", lambda: chat.invoke([("system", "Be brief."), ("human", ASKED)]).content
    yield "stream", lambda: same("".join(part.content for part in chat.stream(ASKED)), chat.invoke(ASKED).content)
    yield "async stream", lambda: same(asyncio.run(asynchronous()), chat.invoke(ASKED).content)
    yield (
        "batch",
        lambda: same(
            "|".join(message.content for message in chat.batch([ASKED, "Name a river."])),
            "|".join(chat.invoke(question).content for question in (ASKED, "Name a river.")),
        ),
    )
    yield "text", lambda: same(text.invoke(ASKED), chat.invoke(ASKED).content)
    yield "text streamed", lambda: same("".join(text.stream(ASKED)), text.invoke(ASKED))
    yield "text batch", lambda: same("|".join(text.batch([ASKED] * 3)), "|".join([text.invoke(ASKED)] * 3))
    yield "counts", lambda: same(str(chat.invoke(ASKED).usage_metadata["output_tokens"]), "6")
    yield "tools refused", lambda: refused(lambda: chat.bind_tools([_tool]).invoke(ASKED), "no tools")


def with_langchain_openai(url: str) -> Iterator[Trial]:
    """langchain-openai: ChatOpenAI and OpenAI."""
    from langchain_openai import ChatOpenAI, OpenAI

    options: dict[str, Any] = {
        "model": MODEL, "base_url": f"{url}/v1", "api_key": "none", "temperature": 0, "max_tokens": 6, "max_retries": 0
    }  # fmt: skip
    chat, text = ChatOpenAI(**options), OpenAI(**options)

    async def asynchronous() -> str:
        return (await chat.ainvoke(ASKED)).content

    yield "invoke", lambda: chat.invoke(ASKED).content
    yield "stream", lambda: same("".join(part.content for part in chat.stream(ASKED)), chat.invoke(ASKED).content)
    yield "async", lambda: same(asyncio.run(asynchronous()), chat.invoke(ASKED).content)
    yield (
        "batch",
        lambda: same(
            "|".join(message.content for message in chat.batch([ASKED] * 3)), "|".join([chat.invoke(ASKED).content] * 3)
        ),
    )
    yield "text", lambda: same(text.invoke(ASKED), chat.invoke(ASKED).content)
    yield "text batch", lambda: same("|".join(text.batch([ASKED] * 3)), "|".join([text.invoke(ASKED)] * 3))
    yield "text streamed", lambda: same("".join(text.stream(ASKED)), text.invoke(ASKED))
    yield (
        "structured answer refused",
        lambda: refused(
            lambda: chat.with_structured_output({"title": "sea", "type": "object", "properties": {}}).invoke(ASKED),
            "free text",
        ),
    )


def with_litellm(url: str) -> Iterator[Trial]:
    """litellm, by both shapes."""
    import litellm

    for model, base in ((f"ollama_chat/{MODEL}", url), (f"ollama/{MODEL}", url), (f"openai/{MODEL}", f"{url}/v1")):
        asked: dict[str, Any] = {
            "model": model, "api_base": base, "api_key": "none", "messages": TURNS, "temperature": 0, "max_tokens": 6
        }  # fmt: skip

        def whole(asked: dict[str, Any] = asked) -> str:
            return litellm.completion(**asked).choices[0].message.content

        def streamed(asked: dict[str, Any] = asked) -> str:
            parts = litellm.completion(**asked, stream=True)
            return "".join(part.choices[0].delta.content or "" for part in parts)

        yield f"{model} whole", whole
        yield f"{model} streamed", lambda streamed=streamed, whole=whole: same(streamed(), whole())


def with_llm(url: str) -> Iterator[Trial]:
    """The llm program with its llm-ollama plugin."""
    folder = tempfile.mkdtemp()

    def llm(*words: str) -> str:
        environment = {**os.environ, "OLLAMA_HOST": url, "LLM_USER_PATH": folder}
        done = subprocess.run(
            [sys.executable, "-m", "llm", *words], capture_output=True, text=True, env=environment, check=False
        )
        if done.returncode:
            raise WrongError(done.stderr[-300:])
        return done.stdout.strip()

    options = ("-o", "temperature", "0", "-o", "num_predict", "6")
    asked = ("prompt", "-m", f"ollama/{MODEL}:latest", *options, "--no-log", ASKED)
    yield "models", lambda: contains(llm("models"), f"{MODEL}:latest")
    yield "prompt", lambda: llm(*asked)
    yield "prompt without a stream", lambda: same(llm(*asked, "--no-stream"), llm(*asked))
    yield "system", lambda: llm(*asked, "-s", "Be brief.")


def refused(ask: Callable[[], object], words: str) -> None:
    """An error of the client's own kind that repeats why."""
    try:
        ask()
    except Exception as exc:
        contains(str(exc), words)
        return
    raise WrongError("it was not refused")


def contains(text: str, words: str) -> None:
    """Words that must be there."""
    if words not in text:
        raise WrongError(text[:300])


def _tool(word: str) -> str:
    """Looks a word up."""
    return word


CLIENTS = {
    "ollama": with_ollama,
    "openai": with_openai,
    "langchain_ollama": with_langchain_ollama,
    "langchain_openai": with_langchain_openai,
    "litellm": with_litellm,
    "llm": with_llm,
}


def main() -> None:
    """All trials of all clients that are here."""
    url = sys.argv[1]
    for name, trials in CLIENTS.items():
        try:
            importlib.import_module(name)
        except ImportError:
            continue
        for what, ask in trials(url):
            try:
                error = "no text" if ask() == "" else ""
            except Exception as exc:
                error = f"{type(exc).__name__}: {exc}"[:400]
            print(json.dumps({"client": name, "trial": what, "error": error}), flush=True)


if __name__ == "__main__":
    main()
