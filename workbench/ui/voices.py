"""Names of models as people read them; the engine's own name stays where something is chosen by it."""

from pathlib import PurePath
from urllib.parse import urlsplit


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
