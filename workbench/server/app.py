"""The routes: Ollama's /api, as far as it asks models, OpenAI's completions and models under /v1, and our own.

Ours are /api/revise (`answers`), /api/compose and /api/describe (`poems_api`).

`build_app` gives the whole server: routes behind the limits (token, body) behind the guard (Host, Origin).
"""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from workbench import __version__
from workbench.errors import InputError, WorkbenchError
from workbench.local_guard import LOOPBACK, AsgiApp, LocalGuard, error_body
from workbench.revision.approvals import as_measured
from workbench.server import ollama_api
from workbench.server.answers import Answer, Lines, NotServedError, ReviseRequest, error_response, session_lines
from workbench.server.model_client import ModelClient, Question
from workbench.server.ollama_api import ChatRequest, Ending, Facts, GenerateRequest, Options, ShowRequest
from workbench.server.openai_api import CompletionRequest, TextRequest, model_entry
from workbench.server.poems_api import ComposeRequest, DescribeRequest, task_lines, usual_model
from workbench.server.request_limits import Answers, RequestLimits, describe, json_app, refusals
from workbench.server.settings import ServedModel, ServeSettings, base_facts, served_models
from workbench.types import SampleRequest


class Routes:
    """What each route does."""

    def __init__(self, settings: ServeSettings) -> None:
        self.settings = settings
        self.models = served_models(settings)
        self.client = ModelClient(settings, self.models)
        self.facts: Facts = base_facts(settings.model)

    async def root(self) -> Response:
        """Says that the server lives."""
        return PlainTextResponse("The poetry workbench is running")

    async def health(self) -> Mapping[str, Any]:
        """Whether the model's process is there; requests that wait or are answered; starts and pieces so far."""
        client = self.client
        state = "running" if client.is_running else "asleep"
        counts = {"requests": client.n_admitted, "starts": client.n_starts, "pieces": client.n_pieces}
        return {"status": "ok", "model": state, **counts}

    async def version(self) -> Mapping[str, str]:
        """The version of Ollama's API that is spoken, which clients check, and that of the workbench."""
        return {"version": ollama_api.API_VERSION, "workbench": __version__}

    async def tags(self) -> Mapping[str, Any]:
        """The models that can be asked."""
        return {"models": [ollama_api.listed(model, self.facts) for model in self.models.values()]}

    async def running(self) -> Mapping[str, Any]:
        """The model that is in memory."""
        model = self.models.get(self.client.loaded) if self.client.is_running else None
        n_context = self.settings.limits.context_tokens
        return {"models": [ollama_api.running(model, self.facts, n_context)] if model else []}

    async def show(self, body: ShowRequest) -> Mapping[str, Any]:
        """One model."""
        model = self._model_or(body.model or body.name, "poet")
        return ollama_api.shown(model, self.facts, self.settings.limits.context_tokens)

    async def listing(self) -> Mapping[str, Any]:
        """The models, as OpenAI lists them."""
        return {"object": "list", "data": [model_entry(model) for model in self.models.values()]}

    async def entry(self, name: str) -> Mapping[str, Any]:
        """One model, as OpenAI lists it."""
        return model_entry(self.model(name))

    async def chat(self, body: ChatRequest) -> Response:
        """Answers a conversation: a stream of lines, or one object where `stream` is false."""
        return self._answer(self._chat_lines(body), is_stream=body.stream is not False)

    async def generate(self, body: GenerateRequest) -> Response:
        """Answers one prompt, as `chat` does, with the text under `response`."""
        chat = body.chat()
        self._question(chat)
        return self._answer(_generated(self._chat_lines(chat)), is_stream=body.stream is not False)

    async def complete(self, body: CompletionRequest) -> Response:
        """Answers a conversation in OpenAI's shape."""
        return self._complete(body)

    async def complete_text(self, body: TextRequest) -> Response:
        """Answers one text in OpenAI's older shape."""
        return self._complete(body)

    async def embed(self) -> Response:
        """Refuses: the models here write.

        Raises:
            InputError: always.
        """
        raise InputError("this server's models write, they give no embeddings; ask an embedding model elsewhere")

    def _complete(self, body: CompletionRequest | TextRequest) -> Response:
        questions = [self._question(each) for each in body.chats()]
        return self._answer(self._completion_lines(body, questions), is_stream=bool(body.stream), is_events=True)

    async def revise(self, body: ReviseRequest) -> Response:
        """Runs a revision session: a stream of events, or the last one where `stream` is false."""
        educator, poet = self._model_or(body.educator, "educator"), self._model_or(body.poet, "poet")
        engine = self.settings.model.source + (f"+{educator.adapter}" if educator.adapter else "")
        settings = as_measured(body.settings(self.settings.revision, educator=educator, poet=poet), engine=engine)
        return self._answer(session_lines(self.client, body, settings), is_stream=body.stream is not False)

    async def compose(self, body: ComposeRequest) -> Response:
        """Writes title and poem from a description: a stream of tries, then all of them ranked."""
        return self._carried_out(body)

    async def describe(self, body: DescribeRequest) -> Response:
        """Describes a poem: a stream of candidates, then all of them with their scores."""
        return self._carried_out(body)

    def model(self, name: str) -> ServedModel:
        """The voice of a name, with or without Ollama's `:latest`.

        Raises:
            NotServedError: there is none.
        """
        model = self.models.get(name.removesuffix(":latest"))
        if model is None:
            raise NotServedError(f"model {ascii(name)[:80]} not found; this server has {', '.join(self.models)}")
        return model

    def _model_or(self, name: str | None, usual: str) -> ServedModel:
        """The voice that was asked for, else the usual one, else the first that there is."""
        return self.model(name) if name else self.models.get(usual) or next(iter(self.models.values()))

    def _carried_out(self, body: ComposeRequest | DescribeRequest) -> Answer:
        model = self.model(body.model) if body.model else usual_model(self.models)
        is_stream = body.stream is not False
        return self._answer(
            task_lines(self.client, body.task(model, self.settings), is_stream=is_stream), is_stream=is_stream
        )

    def _answer(self, lines: Lines, *, is_stream: bool, is_events: bool = False) -> Answer:
        seconds = self.settings.limits.body_seconds
        return Answer(lines, is_stream=is_stream, line_seconds=seconds, is_events=is_events)

    def _question(self, body: ChatRequest) -> Question:
        model, limits = self._model_or(body.model, "poet"), self.settings.limits
        options = body.options or Options()
        request = SampleRequest(
            prompt=body.prompt(model, limits), seed=options.seed_or_chance(), sampling=options.sampling(limits)
        )
        return Question(model=model.name, request=request, stops=options.stops())

    async def _chat_lines(self, body: ChatRequest) -> Lines:
        started, question = time.perf_counter_ns(), self._question(body)
        parts: list[str] = []
        name = body.model or question.model
        if body.unloads and not question.request.prompt:
            await self.client.unload()
            yield ollama_api.last_line(name, "", Ending(reason="unload"), total_nanoseconds=0)
            return
        with self.client.admission():
            async with aclosing(self.client.ask(question)) as replies:
                async for reply in replies:
                    if isinstance(reply, Ending):
                        took = time.perf_counter_ns() - started
                        yield ollama_api.last_line(name, "".join(parts), reply, total_nanoseconds=took)
                    elif body.stream is False:
                        parts.append(reply)
                    else:
                        yield ollama_api.chat_line(name, reply)
        if body.unloads:
            await self.client.unload()

    async def _completion_lines(self, body: CompletionRequest | TextRequest, questions: Sequence[Question]) -> Lines:
        lines = body.lines(body.model or questions[0].model, int(time.time()))
        texts, endings = [""] * len(questions), list[Ending]()
        with self.client.admission():
            for index, question in enumerate(questions):
                async with aclosing(self.client.ask(question)) as replies:
                    async for reply in replies:
                        if isinstance(reply, Ending):
                            endings.append(reply)
                        else:
                            texts[index] += reply
                        if body.stream:
                            yield lines.end(reply, index) if isinstance(reply, Ending) else lines.piece(reply, index)
        if not body.stream:
            yield lines.whole(texts, endings)
        elif body.wants_usage:
            yield lines.usage(endings)


async def _generated(lines: Lines) -> Lines:
    async with aclosing(lines):
        async for line in lines:
            yield ollama_api.as_generated(line)


def build_app(settings: ServeSettings, *, token: str = "") -> AsgiApp:
    """The server as one ASGI app.

    Raises:
        ConfigError: no model can be served.
        EngineError: the built-in model is not installed.
    """
    hosts = LOOPBACK | {settings.host} | set(settings.hosts)
    limited = RequestLimits(_routed(Routes(settings)), limits=settings.limits, token=token)
    return LocalGuard(limited, hosts=hosts, origins=settings.origins)


def _routed(routes: Routes) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await routes.client.close()

    app = json_app(
        title="Poetry workbench",
        version=__version__,
        description="Chat in the shapes of Ollama and OpenAI; revision, composing and describing as streams of events.",
        docs_url=None,  # their pages would load scripts from the web
        redoc_url=None,
        lifespan=lifespan,
        exception_handlers={WorkbenchError: _failed, HTTPException: _refused, Exception: _broken},
        responses=refusals(401, 403, 408, 413),
    )
    streams: Answers = {**refusals(400, 404, 503), 200: {"content": {"application/x-ndjson": {}}}}
    events: Answers = {**streams, 200: {"content": {"text/event-stream": {}}}}
    app.add_api_route("/", routes.root, response_class=PlainTextResponse)
    app.add_api_route("/health", routes.health)
    app.add_api_route("/api/version", routes.version)
    app.add_api_route("/api/tags", routes.tags)
    app.add_api_route("/api/ps", routes.running)
    app.add_api_route("/v1/models", routes.listing)
    app.add_api_route("/v1/models/{name}", routes.entry, responses=refusals(404))
    app.add_api_route("/v1/chat/completions", routes.complete, methods=["POST"], responses=events)
    app.add_api_route("/v1/completions", routes.complete_text, methods=["POST"], responses=events)
    for path in ("/v1/embeddings", "/api/embed", "/api/embeddings"):
        app.add_api_route(path, routes.embed, methods=["POST"], responses=refusals(400))
    app.add_api_route("/api/generate", routes.generate, methods=["POST"], responses=streams)
    app.add_api_route("/api/show", routes.show, methods=["POST"], responses=refusals(400, 404))
    app.add_api_route("/api/chat", routes.chat, methods=["POST"], responses=streams)
    app.add_api_route("/api/revise", routes.revise, methods=["POST"], responses=streams)
    app.add_api_route("/api/compose", routes.compose, methods=["POST"], responses=streams)
    app.add_api_route("/api/describe", routes.describe, methods=["POST"], responses=streams)
    describe(app, routes.models)
    return app


async def _failed(request: Request, exc: Exception) -> Response:
    if isinstance(exc, WorkbenchError):
        return error_response(exc, request.url.path)
    return await _broken(request, exc)


async def _refused(request: Request, exc: Exception) -> Response:
    """No such path, or another method."""
    status, reason = (exc.status_code, exc.detail) if isinstance(exc, HTTPException) else (500, str(exc))
    headers = exc.headers if isinstance(exc, HTTPException) else None
    told = f"{reason.lower()}; /openapi.json lists what there is"
    return JSONResponse(error_body(told, request.url.path, status), status, headers)


async def _broken(request: Request, exc: Exception) -> Response:
    told = f"a fault in the server ({type(exc).__name__}); its log says more"
    return JSONResponse(error_body(told, request.url.path, 500), 500)
