"""How long a key takes on the writing page, for the next letters of a poem of 40 lines.

    python -m bench.keys             the server alone: milliseconds of `heard`
    python -m bench.keys chromium    from the key to the picture, in Chromium, with the app in a process of its own

The second counts two things a key: until the letter itself is drawn, and until its line has the new gloss (syllables,
marks, rhyme letter) and that is drawn. Keys come one at a time, each when the one before is done and the page has been
still for a moment, as when somebody types a letter and looks.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from workbench.places import ROOT
from workbench.ui.write.heard import heard

STANZA = """The kettle ticks beside the window light,
my brother's coat is hanging on the stair,
the moths go round and round it half the night
and no one but the cat can see me there.
Something in the evening keeps its word:
a violet bruise of cloud, a closing door,
the quiet road where nobody is heard
and rain that says what it has said before."""
LINE = "The ferry comes in late and nobody waits for it at all tonight"
_START_SECONDS = 300
#: Types one letter at the end; the milliseconds until the frame after the letter, and until the one after its gloss.
_KEY = """letter => new Promise((done) => {
  const field = document.getElementById("page-text"), rows = document.getElementById("page-gloss");
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  const began = performance.now();
  let drawn = 0;
  document.execCommand("insertText", false, letter);
  const line = field.value.split("\\n").at(-1);
  const after = (then) => requestAnimationFrame(() => { const way = new MessageChannel();
    way.port1.onmessage = () => then(performance.now() - began); way.port2.postMessage(0); });
  after((ms) => { drawn = ms; });
  const look = () => {
    const row = rows.lastElementChild;
    if (row && row.isHeard && row.dataset.line === line) after((ms) => done([drawn, ms]));
    else requestAnimationFrame(look);
  };
  look();
})"""


def key_milliseconds(form: str = "") -> list[float]:
    """The time of every letter of one more line, at the server."""
    poem = "\n".join([STANZA] * 5) + "\n"
    heard(poem, form)
    found = []
    for n in range(1, len(LINE)):
        began = time.perf_counter()
        heard(poem + LINE[:n], form)
        found.append(1000 * (time.perf_counter() - began))
    return found


def key_to_picture() -> tuple[list[float], list[float]]:
    """Milliseconds of every letter until it is drawn, and until its line's new gloss is."""
    from playwright.sync_api import sync_playwright

    place = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as folder, _app(Path(folder)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{url}/?tab=write")
        page.wait_for_selector("#page[data-open]")
        page.locator("#page-text").fill("\n".join([STANZA] * 5) + "\n")
        page.wait_for_function("document.querySelectorAll('.wb-row .wb-beat').length > 150")
        found = [_key(page, letter) for letter in LINE[:-1]]
        browser.close()
    return [drawn for drawn, _ in found], [glossed for _, glossed in found]


def _key(page: Any, letter: str) -> tuple[float, float]:
    drawn, glossed = page.evaluate(_KEY, letter)
    page.wait_for_timeout(120)
    return drawn, glossed


@contextmanager
def _app(folder: Path) -> Iterator[str]:
    """The app on a free port; ended at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "app.py", "--port", str(port), "--runs", str(folder / "runs")]
    with (
        open(folder / "log", "wb") as log,
        subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=os.environ | {"HF_HUB_OFFLINE": "1"}) as app,
    ):
        try:
            _wait(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            app.terminate()


def _wait(port: int) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the app did not come up")


def _said(name: str, times: list[float]) -> str:
    return (f"{name}: median {median(times):.1f} ms, ninth decile {quantiles(times, n=10)[-1]:.1f} ms, "
            f"most {max(times):.1f} ms, {len(times)} keys")  # fmt: skip


if __name__ == "__main__":
    print(f"load {os.getloadavg()[0]:.1f}")
    if sys.argv[1:] == ["chromium"]:
        for name, times in zip(("the letter", "its gloss"), key_to_picture(), strict=True):
            print(_said(name, times))
    else:
        for form in ("", "heroic couplets"):
            print(_said(form or "no form", key_milliseconds(form)))
