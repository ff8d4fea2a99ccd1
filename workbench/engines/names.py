"""Engine names: one grammar for YAML files, command line, app and server, taken apart without looking at the disk.

    built-in                          the built-in model
    path/to/model.gguf                a GGUF file
    path/to/folder                    a Hugging Face checkpoint, or a PEFT adapter over the base that it names
    org/name                          a hub id, from the local cache
    remote:URL#MODEL  or  URL#MODEL   an OpenAI-compatible endpoint
    ollama:NAME                       the same as remote:http://127.0.0.1:11434/v1#NAME
    tinker:URL#MODEL, tinker:MODEL    a model at a Tinker server, which samples, scores and learns there
    vllm:FOLDER or vllm:ORG/NAME      a checkpoint, by vLLM in a process of its own on a CUDA card
    KIND:REST                         any other kind of the table in `opening.py`, such as transformers:FOLDER
    ANY+FOLDER                        a PEFT adapter over any of them that takes one

What a name means is opened by `opening.py`, and nowhere else.
"""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from urllib.parse import urlsplit

from workbench.errors import EngineError
from workbench.places import located

BUILT_IN, GGUF, CHECKPOINT, REMOTE = "built-in", "gguf", "checkpoint", "remote"
TINKER, VLLM = "tinker", "vllm"
BUILT_IN_FOLDER = "smollm2-135m-instruct"  # what the built-in model is called in adapters and in models/base
ADAPTER_FILE = "adapter_config.json"
KEY = "OPENAI_API_KEY"  # the variable with an endpoint's key where no other is named
OLLAMA = "http://127.0.0.1:11434/v1"
HOW = f"write {BUILT_IN}, FILE.gguf, a folder, a hub id ORG/NAME, remote:URL#MODEL or ollama:NAME, or any +ADAPTER"

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")

_LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")
_URL = ("http://", "https://")
_KIND = re.compile(r"(?P<kind>[a-z][a-z0-9-]+):(?P<rest>[^/].*|/[^/].*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineName:
    """A name taken apart; `str` puts it together again."""

    kind: str  # built-in, gguf, checkpoint, remote, or the word before the colon
    source: str  # a path, a hub id, the URL of an endpoint, or what follows the colon
    model: str = ""  # an endpoint's own name of the model
    adapter: str = ""  # folder

    def __str__(self) -> str:
        if self.kind == REMOTE:
            name = f"remote:{self.source}#{self.model}"
        elif self.kind in (BUILT_IN, GGUF, CHECKPOINT):
            name = self.source
        else:
            name = f"{self.kind}:{self.source}"
        return f"{name}+{self.adapter}" if self.adapter else name


def parse_engine(name: str) -> EngineName:
    """Takes a name apart.

    >>> parse_engine("built-in+models/poet")
    EngineName(kind='built-in', source='built-in', model='', adapter='models/poet')
    >>> str(parse_engine("ollama:llama3.1"))
    'remote:http://127.0.0.1:11434/v1#llama3.1'

    Raises:
        EngineError: it is not a name; the message shows what may be written.
    """
    bare, plus, adapter = _without_adapter(name.strip())
    if not bare or (plus and not adapter):
        raise EngineError(f"{name!r} is not the name of an engine; {HOW}")
    return replace(_source(bare, name), adapter=adapter)


def _without_adapter(name: str) -> tuple[str, str, str]:
    """Splits at the first plus, of a file or an endpoint at the first one behind its name."""
    if name.endswith(".gguf"):
        return name, "", ""
    at = max(name.find(".gguf+") + len(".gguf") if ".gguf+" in name else 0, name.find("#"))
    head, tail = name[: max(at, 0)], name[max(at, 0) :]
    rest, plus, adapter = tail.partition("+")
    return head + rest, plus, adapter


def _source(bare: str, name: str) -> EngineName:
    if bare == BUILT_IN:
        return EngineName(kind=BUILT_IN, source=BUILT_IN)
    if bare.startswith((*_URL, "remote:")):
        return _endpoint(bare.removeprefix("remote:"), name)
    if bare.endswith(".gguf"):
        return EngineName(kind=GGUF, source=bare)
    found = _KIND.fullmatch(bare)
    if not found:
        return EngineName(kind=CHECKPOINT, source=bare)
    if found["kind"] == "ollama":
        return EngineName(kind=REMOTE, source=OLLAMA, model=found["rest"])
    return EngineName(kind=found["kind"], source=found["rest"])


def _endpoint(place: str, name: str) -> EngineName:
    url, _, model = place.rpartition("#")
    try:
        host = urlsplit(url).hostname if url.startswith(_URL) else None
    except ValueError:  # such as http://[::1
        host = None
    if not host or not model:
        raise EngineError(f"{name!r}: write remote:URL#MODEL, for example remote:{OLLAMA}#llama3.1")
    return EngineName(kind=REMOTE, source=url, model=model)


def tinker_place(engine: EngineName) -> tuple[str, str]:
    """URL of a Tinker server, "" = the hosted one, and what it calls the model.

    >>> [tinker_place(parse_engine(name)) for name in ("tinker:http://127.0.0.1:8000#org/model", "tinker:org/model")]
    [('http://127.0.0.1:8000', 'org/model'), ('', 'org/model')]

    Raises:
        EngineError: it names no model.
    """
    url, _, model = engine.source.rpartition("#")
    if not model or (not url and model.startswith(_URL)) or (url and not url.startswith(_URL)):
        raise EngineError(f"{str(engine)!r}: write tinker:MODEL, or tinker:URL#MODEL for a server of your own")
    return url, model


def is_local(url: str) -> bool:
    """Whether an endpoint is on this machine, by its parsed host.

    >>> is_local("http://127.0.0.1:11434/v1"), is_local("http://127.0.0.1.example.org/v1")
    (True, False)
    """
    return urlsplit(url).hostname in _LOCAL_HOSTS


# ---------------------------------------------------------------- names and what is on the disk


def resolve(name: str) -> EngineName:
    """The engine of a name as it is here: the folder of an adapter alone goes over the base that it names.

    Raises:
        EngineError: it is not a name, there is no such folder, or an adapter's base is not known.
    """
    engine = parse_engine(name)
    if engine.kind == CHECKPOINT and not HUB_ID.fullmatch(engine.source) and not located(engine.source).exists():
        raise EngineError(f"{name!r}: no such engine; {HOW}")
    if engine.kind == CHECKPOINT and not engine.adapter and (located(engine.source) / ADAPTER_FILE).is_file():
        return replace(parse_engine(base_of_adapter(located(engine.source))), adapter=engine.source)
    return engine


def base_of_adapter(folder: Path) -> str:
    """Name of the engine that an adapter was trained on.

    Raises:
        EngineError: its configuration names none that can be found.
    """
    try:
        base = str(json.loads((folder / ADAPTER_FILE).read_text("utf-8"))["base_model_name_or_path"])
    except (OSError, ValueError, KeyError, TypeError):
        base = ""
    if base.startswith(f"{TINKER}:"):
        return base  # what was learned lies there too
    parts = PurePath(base).parts
    if not base or BUILT_IN_FOLDER in (base.lower(), *(part.lower() for part in parts[-2:])):
        return BUILT_IN  # adapters made here before they named their base are of the built-in model
    if (located(base) / "config.json").is_file() or (len(parts) == 2 and not Path(base).is_absolute()):
        return base
    raise EngineError(f"{folder}: its base {base!r} is not on this machine; write BASE+{folder}")


def is_remote(name: str) -> bool:
    """Whether it is an endpoint."""
    return parse_engine(name).kind == REMOTE


def is_far(name: str) -> bool:
    """Whether it is an endpoint on another machine, which may cost money.

    >>> is_far("https://api.example.org/v1#big"), is_far("ollama:llama3.1"), is_far("built-in")
    (True, False, False)
    """
    engine = parse_engine(name)
    if engine.kind == TINKER:
        return not is_local(tinker_place(engine)[0])
    return engine.kind == REMOTE and not is_local(engine.source)


def model_name(name: str) -> str:
    """What the model is called in prices and provenance."""
    engine = resolve(name)
    return engine.model or str(engine)


def available(name: str) -> tuple[str, str]:
    """The name as it can be used here, and one line for people where it is another one.

    An adapter of the built-in model that is not there is left out: the base speaks for itself.

    Raises:
        EngineError: as `resolve`.
    """
    engine = resolve(name)
    if engine.kind == BUILT_IN and engine.adapter and not (located(engine.adapter) / ADAPTER_FILE).is_file():
        return BUILT_IN, f"{engine.adapter}: no adapter there yet; the built-in model itself takes its place"
    return name, ""


def display_name(name: str) -> str:
    """The short name of a model.

    >>> [display_name(name) for name in ("built-in", "built-in+models/poet", "built-in+data/runs/tide/adapters/top-2")]
    ['the built-in model', 'our poet', 'tide: top-2']
    >>> display_name("remote:http://127.0.0.1:11434/v1#llama3.1"), display_name("/models/gguf/calm-Q4_K_M.gguf")
    ('llama3.1 at 127.0.0.1:11434', 'calm-Q4_K_M')
    """
    try:
        engine = parse_engine(name)
    except EngineError:
        return name
    if engine.kind == REMOTE:
        return f"{engine.model} at {urlsplit(engine.source).netloc}"
    parts = PurePath(engine.adapter).parts
    if len(parts) > 2 and parts[-2] == "adapters":
        return f"{parts[-3]}: {parts[-1]}"
    if parts:
        return ("our " if parts[-2:-1] == ("models",) else "") + parts[-1].replace("_", " ")
    if engine.kind == BUILT_IN:
        return "the built-in model"
    return PurePath(engine.source).name.removesuffix(".gguf")
