"""A model at a Tinker server as sampler: token ids of our renderer go out, token ids come back and are read here.

Every request is asked with its own seed; the server shares what it has read of equal prompts. There is no grammar and
no stream in this API: a stream gives its text in one piece.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from workbench.engines.base_model import BaseModel
from workbench.engines.drawn_text import DrawnText, longest
from workbench.engines.local_sampler import Result, raise_failure
from workbench.engines.protocols import Can, Cancelled, OnCompletion, never
from workbench.engines.tinker_api.service import Service
from workbench.prompts.renderers import Renderer
from workbench.types import Completion, Failed, Reason, SampleRequest

UNDER_WAY = 64  # requests that are at the server at once, and so what a stop still waits for
DEFAULT_CONTEXT = 32_768  # of a model that does not say how long a text may be


class TinkerSampler:
    """Implements `Sampler`.

    Args:
        service: the server and its model.
        base: the model's tokenizer and template, as they are here.
        renderer: makes token ids out of messages.

    Attributes:
        last: how the last stream came out; None while it is under way.
    """

    can = Can(samples=True, seeds=True, adapters=True)
    last: Result | None = None

    def __init__(self, service: Service, base: BaseModel, renderer: Renderer) -> None:
        self.digest, self.adapter_digest = service.digest, ""
        self._service, self._renderer = service, renderer
        self._drawn = DrawnText(base.checkpoint)
        self._n_ctx = longest(base.checkpoint, DEFAULT_CONTEXT)
        self._path = ""
        self._client: Any = None

    def sample(
        self,
        requests: Sequence[SampleRequest],
        *,
        on_completion: OnCompletion | None = None,
        cancelled: Cancelled = never,
    ) -> list[Result]:
        """One completion a request, in order."""
        results: list[Result] = [Failed(reason=Reason.CANCELLED)] * len(requests)
        left = enumerate(requests)
        while some := list(islice(left, UNDER_WAY)):
            if cancelled():
                break
            asked = [(place, request, self._asked(request)) for place, request in some]
            for place, request, answer in asked:
                results[place] = answer if isinstance(answer, Failed) else self._read(request, answer)
                if on_completion:
                    on_completion(place, results[place])
        return results

    def stream(self, request: SampleRequest, *, cancelled: Cancelled = never) -> Iterator[str]:
        """The whole text in one piece, or nothing."""
        self.last = None
        (self.last,) = self.sample([request], cancelled=cancelled)
        raise_failure(self.last)
        if isinstance(self.last, Completion) and self.last.text:
            yield self.last.text

    def use_adapter(self, folder: Path | None) -> None:
        """Takes what was learned at this server and saved in a folder of ours (None = the base).

        Raises:
            EngineError: the folder holds an adapter of another kind, or of another server.
        """
        saved = self._service.read(folder) if folder else None
        self._path, self._client = (saved.sampler, None) if saved else ("", None)
        self.adapter_digest = saved.digest if saved else ""

    def close(self) -> None:
        """Ends the session at the server."""
        self._service.close()

    # ------------------------------------------------------------ private

    def _asked(self, request: SampleRequest) -> Any:
        """The SDK's future of an answer, or why none can be asked for."""
        from tinker import types

        if request.grammar:
            return Failed(reason=Reason.ENGINE, detail="the Tinker API follows no grammar; ask without one")
        ids, sampling = self._renderer.context(request.prompt), request.sampling
        if len(ids) + sampling.max_new_tokens > self._n_ctx:
            detail = f"{len(ids)} + {sampling.max_new_tokens} tokens, room for {self._n_ctx}"
            return Failed(reason=Reason.PROMPT_TOO_LONG, detail=detail)
        drawn = types.SamplingParams(
            max_tokens=sampling.max_new_tokens, seed=request.seed, temperature=sampling.temperature,
            top_p=sampling.top_p, top_k=sampling.top_k or -1,
            stop=sorted(self._drawn.ends_of(request.prompt, self._renderer)),
        )  # fmt: skip
        self._client = self._client or self._service.sampling(self._path)
        client, prompt = self._client, types.ModelInput.from_ints(list(ids))
        return self._service.begun(lambda: client.sample(prompt, 1, drawn))

    def _read(self, request: SampleRequest, future: Any) -> Result:
        found = self._service.result(lambda: future)
        if isinstance(found, Failed):
            return found
        return self._drawn.answer(found.sequences[0].tokens, self._drawn.ends_of(request.prompt, self._renderer))
