"""The app as people start it, in a process of its own, and a browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.ui.made_runs import ATTACKS, make_run, make_session, make_study
from tests.ui.models_at_hand import passport
from tests.ui.scripted_endpoint import Script, endpoint
from workbench.export.passport import write_passport
from workbench.places import ROOT
from workbench.ui.folders import AppFolders
from workbench.ui.studio.data import Studio

LONG = int(os.environ.get("LONG", 240_000))  # milliseconds; a busy machine needs them
SWITCHES = ["--no-sandbox", "--disable-gpu"]


def free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def app_at(folders: AppFolders, port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`python app.py`, up and answering; ended by its id."""
    command = [
        sys.executable,
        "app.py",
        "--port",
        str(port),
        "--runs",
        str(folders.runs),
        "--poems",
        str(folders.poems),
    ]
    with log.open("wb") as out:
        app = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=os.environ | {"HF_HUB_OFFLINE": "1"})
    try:
        _wait_for(app, port, log)
        yield app
    finally:
        app.terminate()
        try:
            app.wait(timeout=30)
        except subprocess.TimeoutExpired:
            app.kill()
            app.wait()


def _wait_for(app: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(6000):
        if app.poll() is not None:
            break
        try:
            if httpx.get(f"http://127.0.0.1:{port}/", timeout=60).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    pytest.fail(f"the app did not come up: {log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def folders(tmp_path_factory) -> AppFolders:
    """A made run, a run full of attacks, one poem, a poem under revision in the studio, a study of RevFlux."""
    folder = tmp_path_factory.mktemp("desk")
    make_run(folder / "runs", "attacked", n_poems=1, attacks=ATTACKS)
    make_run(folder / "runs", "made")
    make_session(folder / "sessions")
    make_study(folder / "runs")
    (folder / "poems" / "good").mkdir(parents=True)
    (folder / "poems" / "good" / "one.txt").write_text("Title: Tide\n\nThe sea is low,\n   the boats don't go.\n")
    return AppFolders(runs=folder / "runs", poems=folder / "poems")


@pytest.fixture(scope="session")
def url(folders, tmp_path_factory) -> Iterator[str]:
    """The app; it finds an Ollama that has one model, which reads from a script."""
    port = free_port()
    with (
        endpoint(Script({"small:1b": ["The lamp stays on.\nNobody comes."]})) as models,
        pytest.MonkeyPatch.context() as at,
    ):
        at.setenv("OLLAMA_HOST", models.removesuffix("/v1"))
        with app_at(folders, port, tmp_path_factory.mktemp("app") / "log"):
            yield f"http://127.0.0.1:{port}"
    Studio(folders).queue.end()


@pytest.fixture(scope="module")
def playwright():
    """It holds an event loop, so it ends with its file."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def place() -> str:
    """Where the browser is; skipped where Debian's chromium is not installed."""
    place = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not place:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    return place


@pytest.fixture(scope="module")
def chromium(playwright, place):
    """A browser, for pages that are unlike the usual one."""
    browser = playwright.chromium.launch(executable_path=place, args=SWITCHES)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def profile(tmp_path_factory) -> Path:
    """What the browser keeps between files: the compiled scripts of the page, without which it opens later."""
    return tmp_path_factory.mktemp("browser")


@pytest.fixture(scope="module")
def browser(playwright, place, profile):
    """The usual browser; its first page stays."""
    browser = playwright.chromium.launch_persistent_context(
        profile, executable_path=place, args=SWITCHES, viewport={"width": 1280, "height": 900}
    )
    yield browser
    browser.close()


@pytest.fixture
def page(browser):
    """A fresh page that keeps its faults, dialogs among them, and the hosts that it asked; it remembers nothing."""
    page = browser.new_page()
    page.set_default_timeout(LONG)
    page.faults, page.hosts = [], set()
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("dialog", lambda dialog: (page.faults.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: page.hosts.add(urlsplit(request.url).netloc))
    yield page
    page.close()
    at_rest = browser.new_cdp_session(browser.pages[0])
    for host in page.hosts - {""}:
        kept = {"origin": f"http://{host}", "storageTypes": "cookies,local_storage,indexeddb"}
        at_rest.send("Storage.clearDataForOrigin", kept)
    at_rest.detach()


@pytest.fixture
def studio(tmp_path):
    """With a GGUF that is none, its passport, a shipped adapter without weights, a folder without tensors."""
    models = tmp_path / "models"
    (models / "gguf").mkdir(parents=True)
    (models / "gguf" / "tiny-poet-Q4_K_M.gguf").write_bytes(b"GGUFnot a model")
    write_passport(passport(), models / "gguf" / "tiny-poet-Q4_K_M.passport.json")
    (models / "poet").mkdir()
    (models / "poet" / "adapter_config.json").write_text("{}")
    (models / "whole").mkdir()
    (models / "whole" / "config.json").write_text("{}")
    made = Studio(AppFolders(runs=tmp_path / "runs", config=tmp_path / "config"))
    yield made
    made.queue.end()


@pytest.fixture
def own_folders(tmp_path):
    (tmp_path / "poems" / "good").mkdir(parents=True)
    (tmp_path / "poems" / "good" / "one.txt").write_text("Title: Tide\n\nThe sea is low,\nthe boats don't go.\n")
    return AppFolders(runs=tmp_path / "runs", poems=tmp_path / "poems")


@pytest.fixture
def attacked(own_folders):
    make_run(own_folders.runs, "made", n_poems=2, attacks=ATTACKS)
    return own_folders


@pytest.fixture
def with_a_bad_row(own_folders):
    """The collection has a table with a row that cannot be used, named by place and reason."""
    table = own_folders.poems / "good" / "table.csv"
    table.write_text("title,poem\nQuay,the quay is dry\nLost,\n")
    return "good/table.csv:3: the poem is empty, write it or remove the entry: left out"
