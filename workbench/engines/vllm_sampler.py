"""A checkpoint as sampler by vLLM, in a process of its own on a CUDA card.

Each request is one completion with its own seed, as token ids of our renderer; vLLM's prefix cache reads a prompt once
for all requests that begin with it, and its scheduler batches whatever is under way. Token ids come back and are read
here. The same seed gives the same draws; in other company a sum may be rounded another way, as with transformers.
"""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from workbench.engines.drawn_text import BROKEN, DrawnText, longest
from workbench.engines.local_sampler import Keep, LocalSampler, Result, raise_failure
from workbench.engines.protocols import Can, Cancelled, never
from workbench.engines.vllm_process import VllmProcess, lacks
from workbench.errors import EngineError
from workbench.prompts.renderers import Renderer
from workbench.types import Completion, Failed, Reason, SampleRequest

_DEFAULT_CONTEXT = 4096  # of a model that does not say how long a text may be
_SHOWN = 300  # characters of a refusal


class VllmSampler(LocalSampler):
    """Implements `Sampler` for one checkpoint folder; the server starts with the first request.

    Args:
        checkpoint: a Hugging Face folder.
        renderer: makes token ids out of messages; it must have the model's own tokenizer.
        n_seq: requests under way at once.
        n_ctx_per_seq: longest prompt with its answer in tokens; None = as long as the model was made for.
        digest: of the model's files.

    Raises:
        EngineError: vLLM cannot run here; why.
    """

    can = Can(samples=True, seeds=True, adapters=True)

    def __init__(
        self, checkpoint: Path, renderer: Renderer, *, n_seq: int = 256, n_ctx_per_seq: int | None = None,
        digest: str = "",
    ) -> None:  # fmt: skip
        if why := lacks():
            raise EngineError(f"vllm:{checkpoint}: {why}")
        most = longest(checkpoint, _DEFAULT_CONTEXT)
        n_ctx = min(n_ctx_per_seq or most, most)
        super().__init__(renderer, digest=digest, n_seq=n_seq, n_ctx=n_ctx, n_ctx_total=n_seq * n_ctx)
        self._checkpoint, self._drawn = checkpoint, DrawnText(checkpoint)
        self._adapter: Path | None = None
        self._process: VllmProcess | None = None

    def stream(self, request: SampleRequest, *, cancelled: Cancelled = never) -> Iterator[str]:
        """The pieces of one completion as they come.

        Raises:
            EngineError: the completion failed; the pieces given so far are not its text.
        """
        with self._turn():
            self.last = None
            server, model = self._ready()
            body = self._body(request, model)
            if isinstance(body, Failed):
                raise_failure(body)
            else:
                yield from self._pieces(server, body, cancelled)
            server.sleep()
            raise_failure(self.last)

    def use_adapter(self, folder: Path | None) -> None:
        """Swaps in the LoRA adapter of a PEFT folder (None = the base) without loading the base again."""
        from workbench.engines.adapter_files import adapter_digest

        with self._turn():
            digest = adapter_digest(folder) if folder else ""
            if self._process:
                self._process.wake()
                self._process.use(folder)
            self._adapter, self.adapter_digest = folder, digest

    def n_tokens(self, text: str) -> int:
        """Length of a text, by the model's own tokenizer."""
        return self._drawn.n_tokens(text)

    # ------------------------------------------------------------ private

    def _answer(self, requests: Sequence[SampleRequest], keep: Keep, cancelled: Cancelled) -> None:
        if not requests:
            return
        if cancelled():
            for index in range(len(requests)):
                keep(index, Failed(reason=Reason.CANCELLED))
            return
        server, model = self._ready()

        def ask(request: SampleRequest) -> Result:
            if cancelled():
                return Failed(reason=Reason.CANCELLED)
            body = self._body(request, model)
            return body if isinstance(body, Failed) else self._whole(server, body)

        with ThreadPoolExecutor(min(self._n_seq, len(requests))) as pool:
            index_of = {pool.submit(ask, request): index for index, request in enumerate(requests)}
            for future in as_completed(index_of):
                keep(index_of[future], future.result())
        server.sleep()

    def _free(self) -> None:
        if self._process:
            self._process.close()
            self._process = None

    def _ready(self) -> tuple[VllmProcess, str]:
        """The server awake, and the name of the model with the present adapter."""
        self._process = self._process or VllmProcess(self._checkpoint, n_ctx=self._n_ctx)
        self._process.wake()
        return self._process, self._process.use(self._adapter)

    def _body(self, request: SampleRequest, model: str) -> dict[str, Any] | Failed:
        if request.grammar:
            return Failed(reason=Reason.ENGINE, detail="vLLM has another kind of grammar (not GBNF); use a GGUF for it")
        ids, sampling = self._renderer.context(request.prompt), request.sampling
        if failed := self._unfit(ids, request):
            return failed
        return {
            "model": model, "prompt": list(ids), "max_tokens": sampling.max_new_tokens, "seed": request.seed,
            "temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": sampling.top_k,
            "stop_token_ids": sorted(self._drawn.ends_of(request.prompt, self._renderer)), "return_token_ids": True,
            "add_special_tokens": False,
        }  # fmt: skip

    def _whole(self, server: VllmProcess, body: dict[str, Any]) -> Result:
        import httpx

        try:
            answer = server.http.post("/v1/completions", json=body)
            if answer.status_code != httpx.codes.OK:
                return Failed(reason=Reason.ENGINE, detail=f"vLLM refuses: {' '.join(answer.text.split())[:_SHOWN]}")
            return self._read(answer.json()["choices"][0], [], body)
        except httpx.HTTPError as exc:
            raise EngineError(f"vLLM at {server.url} is gone ({type(exc).__name__})") from exc
        except (ValueError, LookupError, TypeError) as exc:
            return Failed(reason=Reason.ENGINE, detail=f"vLLM's answer has no tokens ({exc!r})")

    def _read(self, choice: dict[str, Any], before: list[int], body: dict[str, Any]) -> Result:
        ids = [*before, *map(int, choice["token_ids"])]
        result = self._drawn.answer(ids, frozenset(body["stop_token_ids"]))
        if isinstance(result, Completion) and not result.ended and choice.get("finish_reason") == "stop":
            return self._drawn.result(ids, ended=True)  # the token that ended it is not always given
        return result

    def _pieces(self, server: VllmProcess, body: dict[str, Any], cancelled: Cancelled) -> Iterator[str]:
        """Pieces of new text; at the end `last` is set."""
        ids: list[int] = []
        shown, stops = "", frozenset(body["stop_token_ids"])
        with server.http.stream("POST", "/v1/completions", json=body | {"stream": True}) as answer:
            for line in answer.iter_lines():
                if cancelled():
                    self.last = Failed(reason=Reason.CANCELLED)
                    return
                if not line.startswith("data:") or line.endswith("[DONE]"):
                    continue
                choice = json.loads(line.removeprefix("data:"))["choices"][0]
                self.last = self._read(choice, ids, body)
                ids += [int(token) for token in choice["token_ids"]]
                text = self._drawn.text([token for token in ids if token not in stops])
                if not text.endswith(BROKEN) and len(text) > len(shown) and isinstance(self.last, Completion):
                    yield text[len(shown) :]
                    shown = text
        if self.last is None:
            self.last = Failed(reason=Reason.ENGINE, detail=f"vLLM refuses the request ({answer.status_code})")
