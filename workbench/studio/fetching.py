"""An open model fetched as a GGUF file from the hub: started by a button of the app, in a process of its own.

What came before an interruption is not fetched again; the hub's own checksum is compared; the file is then tested like
any newcomer. The address is https://huggingface.co, or what HF_ENDPOINT says.
"""

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.errors import EngineError, InputError, WorkbenchError
from workbench.jobs import find_job, start_job
from workbench.model_fit import BITS, Fit, KnownModel, fit, known_models, this_machine
from workbench.places import written
from workbench.storage.atomic import disk_errors, sha256_file
from workbench.studio.models import ModelCatalog
from workbench.studio.newcomers import Newcomer, Newcomers
from workbench.studio.queue import WorkQueue
from workbench.terminal import say

if TYPE_CHECKING:
    import httpx

_HUB = "https://huggingface.co"
_PIECE_BYTES = 2**20
_SECONDS = 60.0  # of silence
_TELL_SECONDS = 1.0  # between two words on how far it has come
_SHA256_DIGITS = 64


def get_model(
    model: Annotated[str, typer.Argument(help="Its id in config/models.yaml.")],
    sessions: Annotated[Path, typer.Option(help="The folder of the sessions.")],
    models: Annotated[Path, typer.Option(help="The folder of the models.")],
) -> None:
    """Fetches an open model and has it tested; the app starts it by itself."""
    known = offered_model(model)
    catalog = ModelCatalog(written(models).resolve(), sessions=sessions)
    newcomers = Newcomers(catalog, WorkQueue(sessions, models=catalog.folder))
    one, _ = newcomers.expect_file(Path(known.gguf).name, about_bytes(known), source=model)
    try:
        newcomers.arrived(*fetched(known, newcomers))
    except WorkbenchError as exc:
        newcomers.keep(replace(newcomers.find(one.engine), trouble=str(exc)))
        raise
    say(f"{model} is here; it is tested now")


def offered() -> list[Fit]:
    """The models that can be fetched, the smallest first, with what this machine can do with each."""
    machine = this_machine()
    return [fit(each, machine) for each in sorted(known_models(), key=lambda one: one.shape.parameters) if each.gguf]


def offered_model(model: str) -> KnownModel:
    """One of them.

    Raises:
        InputError: it is not offered.
    """
    found = next((each for each in known_models() if each.id == model and each.gguf), None)
    if found is None:
        raise InputError(f"{model[:80]!r} is not offered; choose one from the list")
    return found


def about_bytes(known: KnownModel) -> int:
    """How large its file is, in Q4_K_M."""
    return int(known.shape.parameters * BITS["Q4_K_M"] / 8)


def start_fetching(model: str, catalog: ModelCatalog, queue: WorkQueue) -> None:
    """Starts it in a process of its own.

    Raises:
        InputError: it is not offered, or is here already.
        LockedError: it is being fetched.
    """
    known = offered_model(model)
    file = Path(known.gguf).name
    if (catalog.folder / "gguf" / file).exists():
        raise InputError(f"{file} is here already; look at the list of models")
    places = ["--sessions", str(queue.sessions.resolve()), "--models", str(catalog.folder.resolve())]
    start_job(queue.sessions, job_name(known), ["get-model", model, *places])


def is_fetching(model: str, queue: WorkQueue) -> bool:
    """Whether a process is at it."""
    job = find_job(queue.sessions, job_name(offered_model(model)))
    return bool(job and job.is_alive)


def job_name(known: KnownModel) -> str:
    """Under which its process is found."""
    return f"get.{Path(known.gguf).stem.lower()}"[:64]


def fetched(known: KnownModel, newcomers: Newcomers) -> tuple[Newcomer, Path]:
    """The whole file of a model, under its preliminary name.

    Raises:
        EngineError: no network, the hub refuses it, or the bytes are not those of the hub.
        InputError: there is no room.
        StoreError: the disk.
    """
    import httpx

    hub = os.environ.get("HF_ENDPOINT", _HUB).rstrip("/")
    repository, _, file = known.gguf.rpartition("/")
    url = f"{hub}/{repository}/resolve/main/{file}"
    try:
        with httpx.Client(follow_redirects=True, timeout=httpx.Timeout(_SECONDS, connect=10.0)) as client:
            head = client.head(url)
            head.raise_for_status()
            n_bytes, sha256 = _size(head), _checksum(head)
            one, part = newcomers.expect_file(file, n_bytes, source=known.id)
            _fetch(client, url, one, part, newcomers)
    except httpx.HTTPStatusError as exc:
        raise EngineError(f"{hub} refuses {known.gguf} (HTTP {exc.response.status_code}); try another model") from exc
    except httpx.HTTPError as exc:
        said = f"{hub} cannot be reached ({type(exc).__name__}); look at the network and press “Get it” again"
        raise EngineError(f"{said}: what has come is kept") from exc
    if part.stat().st_size != n_bytes or (sha256 and sha256_file(part) != sha256):
        part.unlink()
        raise EngineError(f"{file} came damaged and was deleted; press “Get it” again")
    return one, part


def _fetch(client: "httpx.Client", url: str, one: Newcomer, part: Path, newcomers: Newcomers) -> None:
    """The bytes that are not there yet, with a word on how far it is every second."""
    have = part.stat().st_size if part.exists() else 0
    if have >= one.of_bytes:
        return
    with client.stream("GET", url, headers={"Range": f"bytes={have}-"} if have else {}) as answer:
        answer.raise_for_status()
        is_rest = answer.status_code == 206
        have, told = (have if is_rest else 0), time.monotonic()
        with disk_errors(part), part.open("ab" if is_rest else "wb") as out:
            for piece in answer.iter_bytes(_PIECE_BYTES):
                out.write(piece)
                have += len(piece)
                if time.monotonic() - told > _TELL_SECONDS:
                    told = time.monotonic()
                    newcomers.keep(replace(one, n_bytes=have))


def _size(head: "httpx.Response") -> int:
    """Of the whole file: the hub says it itself where it leads elsewhere."""
    for answer in (*head.history, head):
        if (told := answer.headers.get("x-linked-size", "")).isdigit():
            return int(told)
    told = head.headers.get("content-length", "")
    if not told.isdigit():
        raise EngineError(f"{head.url.host} does not say how large the file is; try another model")
    return int(told)


def _checksum(head: "httpx.Response") -> str:
    """The sha256 of a large file, which the hub has as its ETag; "" = it says none."""
    for answer in (*head.history, head):
        tag = str(answer.headers.get("x-linked-etag", "")).strip('"')
        if len(tag) == _SHA256_DIGITS:
            return tag
    return ""
