"""Who writes: an engine by name, and the key of an endpoint.

    built-in                        the built-in model
    models/educator                 a LoRA adapter of it (a PEFT folder); built-in+models/educator is the same
    path/to/model.gguf              any GGUF file, path/to/model.gguf+FOLDER with an adapter of it
    http://127.0.0.1:11434/v1#NAME  any OpenAI-compatible endpoint, a frontier API included

A key comes from the environment or from `.env` beside the project and goes nowhere else.
"""

import os
import re
from pathlib import Path

from workbench.engines.embedded import BUILT_IN
from workbench.engines.protocols import Sampler
from workbench.engines.remote import RemoteSampler
from workbench.errors import EngineError
from workbench.revision.engines import ADAPTER_FILE, open_pair, parse_engine

DOTENV = Path(".env")
_LOCAL = ("http://127.0.0.1", "http://localhost", "http://[::1]")
_SETTING = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*?)\s*")


def full_name(source: str) -> str:
    """The name as `revision.engines` spells it.

    >>> full_name("http://127.0.0.1:8080/v1#tiny")
    'remote:http://127.0.0.1:8080/v1#tiny'
    """
    if source.startswith(("http://", "https://")):
        return f"remote:{source}"
    if (Path(source) / ADAPTER_FILE).is_file():
        return f"{BUILT_IN}+{source}"
    return source


def is_remote(source: str) -> bool:
    """Whether it is an endpoint, which may cost money."""
    return bool(parse_engine(full_name(source)).model)


def model_name(source: str) -> str:
    """What the model is called in prices and provenance."""
    engine = parse_engine(full_name(source))
    return engine.model or "+".join(part for part in (engine.source, engine.adapter) if part)


def open_source(source: str, *, key: str, n_parallel: int, seconds: float, retries: int) -> Sampler:
    """The engine of a name; close it when done.

    Args:
        source: as above.
        key: name of the environment variable that holds the key; endpoints on this machine need none.
        n_parallel: requests under way at once, of an endpoint.
        seconds: for a whole answer of an endpoint.
        retries: after a refusal that may pass.

    Raises:
        EngineError: no such engine, or no key.
    """
    engine = parse_engine(full_name(source))
    if not engine.model:
        return open_pair(full_name(source), full_name(source)).educator
    is_local = engine.source.startswith(_LOCAL)
    if not is_local and not take_key(key):
        raise EngineError(f"no key for {engine.source}: set {key} in the environment or in {DOTENV}")
    return RemoteSampler(
        engine.source,
        engine.model,
        api_key_env=key if os.environ.get(key) else "",
        n_parallel=n_parallel,
        seconds=seconds,
        retries=retries,
    )


def take_key(name: str, path: Path = DOTENV) -> bool:
    """Whether there is a key: in the environment, or in the file, from which it is put into this process's own."""
    if os.environ.get(name):
        return True
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return False
    for line in lines:
        found = _SETTING.fullmatch(line)
        if found and found["name"] == name and found["value"].strip("\"'"):
            os.environ[name] = found["value"].strip("\"'")
            return True
    return False
