"""Models on their way in: files that are sent or fetched, endpoints that are named. None is listed before it answers.

    SESSIONS/newcomers/ID.json        what it is and how far it has come; gone once it is listed
    MODELS/gguf/FILE.gguf.part        a file that is still coming

The studio's process tests a newcomer like any other model, and lists it when it has answered (`settle`). Ollama is
asked what it has. A key that somebody typed goes into the environment of the app, which hands it to that process; it is
never written down.
"""

import json
import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.engines.names import OLLAMA, is_local
from workbench.errors import EngineError, InputError
from workbench.storage.atomic import disk_errors, write_json
from workbench.studio.models import ModelCatalog, is_arriving, newcomer_file
from workbench.studio.queue import Live, WorkQueue
from workbench.types import content_id

PART = ".part"
_FILE = re.compile(r"[A-Za-z0-9][\w.-]{0,119}\.gguf")
_LOOK_SECONDS = 3.0  # for Ollama to say what it has
_SPARE_BYTES = 500_000_000  # that stay free on the disk


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A model that is not listed yet."""

    engine: str
    title: str
    url: str = ""  # of an endpoint
    model: str = ""
    key_variable: str = ""
    source: str = ""  # id of the model that is fetched; "" = not fetched
    n_bytes: int = 0  # of a file, so far
    of_bytes: int = 0  # of the whole file; 0 = not known
    trouble: str = ""  # why it cannot come

    @property
    def test_name(self) -> str:
        """Under which the studio's process tells of its test."""
        return f"test.{content_id('test', self.engine)}"

    @property
    def is_coming(self) -> bool:
        """Whether its file is not whole yet."""
        return self.n_bytes < self.of_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OllamaModel:
    """A model that Ollama has."""

    name: str
    n_bytes: int = 0


class Newcomers:
    """Those of one app."""

    def __init__(self, catalog: ModelCatalog, queue: WorkQueue) -> None:
        self._catalog, self._queue = catalog, queue

    def all(self) -> list[Newcomer]:
        """In the order of their titles."""
        found = []
        for path in self._queue.sessions.glob("newcomers/*.json"):
            with suppress(OSError, ValueError, TypeError):
                found.append(Newcomer(**json.loads(path.read_text("utf-8"))))
        return sorted(found, key=lambda one: one.title)

    def find(self, engine: str) -> Newcomer:
        """One of them.

        Raises:
            InputError: it is not among them.
        """
        found = next((one for one in self.all() if one.engine == engine), None)
        if found is None:
            raise InputError("this model is not on its way any more; look at the list of models")
        return found

    def live(self, one: Newcomer) -> Live:
        """How its test goes."""
        return self._queue.live(one.test_name)

    # ------------------------------------------------------------ arriving

    def try_endpoint(self, url: str, model: str, key_variable: str = "") -> Newcomer:
        """Names an endpoint and has it tested.

        Raises:
            InputError: URL, model or variable cannot be, or it is listed already.
        """
        new = self._catalog.checked_endpoint(url, model, key_variable)
        if new in self._catalog.endpoints():
            raise InputError(f"{new.model} is in the list already; choose it there and press “Test it”")
        one = Newcomer(engine=new.engine, title=f"{new.model} at {new.url}", url=new.url, model=new.model,
                       key_variable=new.key_variable)  # fmt: skip
        self.keep(one)
        self.test(one)
        return one

    def expect_file(self, name: str, n_bytes: int, *, source: str = "") -> tuple[Newcomer, Path]:
        """Makes room for a file.

        Args:
            name: FILE.gguf, without a folder.
            n_bytes: of the whole file.
            source: id of the model that is fetched.

        Returns:
            The newcomer, and the path into which its bytes go.

        Raises:
            InputError: the name cannot be, there is such a file, or the disk has too little room.
            StoreError: the disk.
        """
        if not _FILE.fullmatch(name):
            raise InputError(
                f"{name[:80]!r}: rename it so that it ends in .gguf and has only letters, digits, '.', '_' and '-'"
            )
        folder = self._catalog.folder / "gguf"
        path, part = folder / name, folder / f"{name}{PART}"
        if path.exists():
            raise InputError(f"{name} is here already; remove it first, or give the new one another name")
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            have = part.stat().st_size if part.exists() else 0
            free = shutil.disk_usage(folder).free
        if n_bytes - have > free - _SPARE_BYTES:
            raise InputError(
                f"{name} has {n_bytes / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free here; make room first"
            )
        one = Newcomer(engine=str(path.resolve()), title=name.removesuffix(".gguf"), source=source, n_bytes=have,
                       of_bytes=max(n_bytes, 1))  # fmt: skip
        self.keep(one)
        return one, part

    def arrived(self, one: Newcomer, part: Path) -> None:
        """The file is whole: it gets its name and is tested.

        Raises:
            StoreError: the disk.
        """
        with disk_errors(part):
            n_bytes = part.stat().st_size
            os.replace(part, one.engine)
        whole = replace(one, n_bytes=n_bytes, of_bytes=n_bytes, trouble="")
        self.keep(whole)
        self.test(whole)

    def keep(self, one: Newcomer) -> None:
        """Writes down how far it has come."""
        write_json(newcomer_file(self._queue.sessions, one.engine), one)

    def test(self, one: Newcomer) -> None:
        """Has it tested, once more where it failed."""
        self._queue.ask(one.test_name, {"kind": "test", "engine": one.engine})

    def settle(self, engine: str) -> None:
        """It answered: it is listed from now on. What is not a newcomer is left alone."""
        if not is_arriving(self._queue.sessions, engine):
            return
        one = self.find(engine)
        if one.url:
            self._catalog.add_endpoint(one.url, one.model, one.key_variable)
        newcomer_file(self._queue.sessions, engine).unlink(missing_ok=True)

    def remove(self, engine: str) -> None:
        """Forgets a newcomer; what came of its file is deleted.

        Raises:
            InputError: it is not among them, or is being tested.
        """
        one = self.find(engine)
        if self.live(one).is_at_work:
            raise InputError("it is being tested; wait for the answer")
        if not one.url:
            path = Path(one.engine)
            for each in (path, path.with_name(path.name + PART)):
                with disk_errors(each):
                    each.unlink(missing_ok=True)
        newcomer_file(self._queue.sessions, engine).unlink(missing_ok=True)

    # ------------------------------------------------------------ keys

    def keep_key(self, url: str, key: str) -> str:
        """Keeps a key in the memory of the app until it ends; the name of the variable that holds it.

        Raises:
            InputError: it cannot be a key, would go over the wire in plain text, or a model is at work.
        """
        key = key.strip()
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise InputError("that is not a key: it has signs or spaces that no key has; copy it again")
        if not is_local(url) and not url.strip().startswith("https://"):
            raise InputError("a key goes only to an address that begins with https://")
        if self._queue.is_at_work():
            raise InputError("a model is at work; add the key when it has finished, the models are loaded anew then")
        variable = f"SESSION_KEY_{content_id('key', url.strip())[:8].upper()}"
        os.environ[variable] = key
        self._queue.end()  # the process of the models has the environment of its start
        return variable


def ollama_models(address: str = "") -> list[OllamaModel]:
    """What Ollama on this computer has, the largest first.

    Args:
        address: where it listens; "" = where its own variable OLLAMA_HOST says, else its usual port.

    Raises:
        EngineError: nothing answers there, or something else does; one line with what to do.
    """
    import httpx

    url = ollama_address(address)
    try:
        answer = httpx.get(f"{url}/api/tags", timeout=_LOOK_SECONDS, trust_env=False)
        listed = answer.raise_for_status().json()["models"]
        found = [_ollama_model(each) for each in listed]
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        raise EngineError(
            f"no Ollama answers at {url}; install it from ollama.com, start it, and look again. The open models below "
            "need no Ollama"
        ) from exc
    except (ValueError, TypeError, KeyError) as exc:
        raise EngineError(f"what answers at {url} is not Ollama; name it as an endpoint below") from exc
    return sorted(found, key=lambda one: -one.n_bytes)


def ollama_address(address: str = "") -> str:
    """Where Ollama listens on this computer, without a slash at the end.

    >>> ollama_address("127.0.0.1:11500"), ollama_address("http://localhost:1/")
    ('http://127.0.0.1:11500', 'http://localhost:1')
    """
    told = address or os.environ.get("OLLAMA_HOST", "") or OLLAMA.removesuffix("/v1")
    url = (told if "://" in told else f"http://{told}").rstrip("/").replace("//0.0.0.0", "//127.0.0.1")
    return url if is_local(url) else OLLAMA.removesuffix("/v1")


def _ollama_model(told: Mapping[str, Any]) -> OllamaModel:
    return OllamaModel(name=str(told["name"]), n_bytes=int(told.get("size") or 0))
