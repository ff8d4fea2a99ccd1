"""Engine names: one grammar, taken apart without looking at a model.

    built-in                     the built-in model
    built-in+models/poet         with a LoRA adapter, a PEFT folder
    path/to/model.gguf           a GGUF file; path/to/model.gguf+FOLDER with an adapter of it
    remote:http://127.0.0.1:11434/v1#llama3.1      any OpenAI-compatible endpoint; the key from the environment

What a name means is opened by `opening.py`, and nowhere else.
"""

from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import urlsplit

from workbench.engines.base_model import BUILT_IN
from workbench.errors import EngineError
from workbench.places import located

_LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")
KEY = "OPENAI_API_KEY"
ADAPTER_FILE = "adapter_config.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineName:
    """A name taken apart."""

    source: str  # built-in, a .gguf path, or the URL of an endpoint
    adapter: str = ""  # folder
    model: str = ""  # the endpoint's own name; "" = not remote


def parse_engine(name: str) -> EngineName:
    """Takes a name apart, without looking at the disk.

    >>> parse_engine("built-in+models/poet")
    EngineName(source='built-in', adapter='models/poet', model='')

    Raises:
        EngineError: no such kind of name; the message shows the kinds.
    """
    if name.startswith("remote:"):
        url, _, model = name.removeprefix("remote:").rpartition("#")
        if url.startswith(("http://", "https://")) and model:
            return EngineName(source=url, model=model)
        raise EngineError(f"{name!r}: write remote:URL#MODEL, for example remote:http://127.0.0.1:11434/v1#llama3.1")
    source, plus, adapter = name.partition("+")
    if (source != BUILT_IN and not source.endswith(".gguf")) or (plus and not adapter):
        raise EngineError(
            f"{name!r}: no such engine; write {BUILT_IN}, {BUILT_IN}+FOLDER, FILE.gguf or remote:URL#MODEL"
        )
    return EngineName(source=source, adapter=adapter)


def full_name(source: str) -> str:
    """The name as `revision.engines` spells it.

    >>> full_name("http://127.0.0.1:8080/v1#tiny")
    'remote:http://127.0.0.1:8080/v1#tiny'
    """
    if source.startswith(("http://", "https://")):
        return f"remote:{source}"
    if (located(source) / ADAPTER_FILE).is_file():
        return f"{BUILT_IN}+{source}"
    return source


def is_local(url: str) -> bool:
    """Whether an endpoint is on this machine, by its parsed host.

    >>> is_local("http://127.0.0.1:11434/v1"), is_local("http://127.0.0.1.example.org/v1")
    (True, False)
    """
    return urlsplit(url).hostname in _LOCAL_HOSTS


def is_remote(source: str) -> bool:
    """Whether it is an endpoint, which may cost money."""
    return bool(parse_engine(full_name(source)).model)


def model_name(source: str) -> str:
    """What the model is called in prices and provenance."""
    engine = parse_engine(full_name(source))
    return engine.model or "+".join(part for part in (engine.source, engine.adapter) if part)


def available(name: str) -> tuple[str, str]:
    """The name as it can be used here, and one line for people where it is another one.

    An adapter of the built-in model that is not there is left out: the base speaks for itself.
    """
    engine = parse_engine(name)
    if engine.source == BUILT_IN and engine.adapter and not (located(engine.adapter) / ADAPTER_FILE).is_file():
        return BUILT_IN, f"{engine.adapter}: no adapter there yet; the built-in model itself takes its place"
    return name, ""


def voice_name(engine: str) -> str:
    """The short name of a model.

    >>> [voice_name(name) for name in ("built-in", "built-in+models/poet", "built-in+data/runs/tide/adapters/top-2")]
    ['the built-in model', 'our poet', 'tide: top-2']
    >>> voice_name("remote:http://127.0.0.1:11434/v1#llama3.1"), voice_name("/models/gguf/calm-Q4_K_M.gguf")
    ('llama3.1 at 127.0.0.1:11434', 'calm-Q4_K_M')
    """
    if engine.startswith("remote:"):
        url, _, model = engine.removeprefix("remote:").rpartition("#")
        return f"{model} at {urlsplit(url).netloc}"
    source, _, adapter = engine.partition("+")
    parts = PurePath(adapter).parts
    if len(parts) > 2 and parts[-2] == "adapters":
        return f"{parts[-3]}: {parts[-1]}"
    if parts:
        return ("our " if parts[-2:-1] == ("models",) else "") + parts[-1].replace("_", " ")
    return "the built-in model" if source == "built-in" else PurePath(source).name.removesuffix(".gguf")
