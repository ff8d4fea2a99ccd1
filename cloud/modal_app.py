"""The workbench on a rented GPU through Modal: prepare, train educator, poet and rhyme poet, export, fetch.

    pip install 'poetry-workbench[cloud]' && modal setup && modal secret create huggingface-secret HF_TOKEN=…
    modal run cloud/modal_app.py::everything                     # all three, then their GGUFs
    modal run cloud/modal_app.py::upload --folder my-poems       # poems of your own, below data/poems/mine
    modal run cloud/modal_app.py::download --to models/gguf

Each function is one call into the package. What is written goes to a volume (WORKBENCH_HOME), so a container that was
pre-empted begins anew and continues at the newest whole checkpoint. **It was never run in the cloud**: tested is that
it loads, what it declares, and that its functions do their work when they are called here (tests/test_cloud.py).
"""

import subprocess
import sys
from pathlib import Path

import modal

ROOT = Path(__file__).resolve().parent.parent
CODE, HOME = "/root/poetry", "/data"  # in the container: the checkout, and the volume
VOLUME = "poetry-workbench"
HOURS = 3600  # seconds
NOT_SENT = [".git", ".venv", "data/runs", "data/generated", "models/base", "models/gguf", "**/__pycache__"]


def _image() -> modal.Image:
    """What a container holds: the tested versions of `requirements*.txt`, then the checkout."""
    image = modal.Image.debian_slim(python_version="3.11")
    if not modal.is_local():  # inside a container, which has no requirements.txt beside this file
        return image
    for_unsloth = [line for line in (ROOT / "requirements-dev.txt").read_text("utf-8").splitlines()
                   if line.startswith(("datasets==", "trl=="))]  # fmt: skip
    return (
        image.apt_install("g++", "cmake", "git")
        .env({"CMAKE_ARGS": "-DGGML_NATIVE=off"})  # what builds llama.cpp is not the processor that runs it
        .pip_install_from_requirements(str(ROOT / "requirements.txt"))
        .pip_install(*for_unsloth)
        .pip_install_from_requirements(str(ROOT / "requirements-cuda.txt"))
        .pip_install_from_requirements(str(ROOT / "requirements-unsloth.txt"), extra_options="--no-deps")
        .env({"PYTHONPATH": CODE, "WORKBENCH_HOME": HOME})
        .add_local_dir(ROOT, CODE, ignore=NOT_SENT)  # last, so that the layers above stay
    )


app = modal.App("poetry-workbench")
volume = modal.Volume.from_name(VOLUME, create_if_missing=True)
token = modal.Secret.from_name("huggingface-secret", required_keys=["HF_TOKEN"])
image = _image()
ROLES = ("educator", "poet", "rhyme_poet")


@app.function(image=image, volumes={HOME: volume}, timeout=HOURS)
def prepare() -> None:
    """Makes the three datasets out of the seed set and whatever passes the gates."""
    from workbench.education.command import prepare_command

    prepare_command()


@app.function(
    image=image, gpu=["H100", "A100-80GB"], volumes={HOME: volume}, secrets=[token], timeout=12 * HOURS,
    retries=modal.Retries(initial_delay=0.0, max_retries=3), single_use_containers=True,
)  # fmt: skip
def train(role: str, overrides: list[str] | None = None) -> str:
    """Trains one of the three, or continues where a container before this one was stopped; the run's name."""
    from workbench.training.command import train_or_continue

    return train_or_continue(Path(f"config/{role}_gpu.yaml"), overrides or [], f"cloud-{role.replace('_', '-')}")


@app.function(image=image, volumes={HOME: volume}, timeout=3 * HOURS, cpu=8, memory=64 * 1024)
def export(run: str, quantize: str = "Q4_K_M") -> None:
    """Makes a GGUF with its passport of a run's best adapter; no GPU is paid for it."""
    from workbench.export.command import export_command

    export_command(run, quantize=quantize)


@app.local_entrypoint()
def everything(quantize: str = "Q4_K_M") -> None:
    """Datasets, then three trainings side by side, then three exports."""
    prepare.remote()
    runs = list(train.map(ROLES))
    list(export.map(runs, kwargs={"quantize": quantize}))


@app.local_entrypoint()
def upload(folder: str) -> None:
    """Sends a folder of poems."""
    with volume.batch_upload(force=True) as batch:
        batch.put_directory(folder, "/data/poems/mine")


@app.local_entrypoint()
def download(to: str = "models/gguf") -> None:
    """Fetches all exports."""
    command = [sys.executable, "-m", "modal", "volume", "get", "--force", VOLUME, "data/models/gguf", to]
    subprocess.run(command, check=True)  # noqa: S603 - our own words
