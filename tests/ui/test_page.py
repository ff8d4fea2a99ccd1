"""The page as it is served: guarded, local, light, and wired to its handlers."""

import json
import re
import subprocess
import sys

import httpx
import pytest

from tests.test_architecture import MODEL_LIBRARIES
from workbench.places import ROOT
from workbench.ui.pages import lost_html
from workbench.ui.spotcheck.review import Review, next_view

WIRE = """
import json, sys
from gradio_client import Client
url, key, downloads = sys.argv[1:]
client = Client(url, verbose=False, download_files=downloads)
print(json.dumps({
    "watch": client.predict("made", api_name="/run-watch"),
    "stop": client.predict("made", api_name="/run-stop"),
    "judge": client.predict(key, "", "", "made", "bo", "one at a time", 40, api_name="/judge-approve"),
    "add": client.predict("Mine", "a line of mine", "me", "", api_name="/add-poem"),
}, default=str))
"""


@pytest.fixture(scope="module")
def wire(url, folders, tmp_path_factory):
    """What a gradio client was answered, asked in a process of its own; and the key that it judged."""
    key = next_view(folders, Review(run="made", reviewer="bo")).key
    command = [sys.executable, "-W", "ignore", "-c", WIRE, url, key, str(tmp_path_factory.mktemp("downloads"))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.strip().rpartition("\n")[2]), key


def test_an_address_may_name_a_tab_by_its_title(folders):
    assert [lost_html(folders, {"tab": name}) for name in ("teach", "Spot check", "Spot-check")] == [""] * 3
    assert "no page ‘tich’" in lost_html(folders, {"tab": "tich"})


def test_handlers_that_fill_the_same_place_are_answered_in_turn():
    """Else an older answer can come after a newer one, and stays; what looks by itself keeps what it showed instead."""
    code = """
import json
from workbench.ui.folders import AppFolders
from workbench.ui.pages import build_page
events = [event for event in build_page(AppFolders()).fns.values() if event.fn]
print(json.dumps([[event.queue, event.concurrency_id, [[place._id, place.elem_id, place.stateful]
                   for place in event.outputs]] for event in events
                  if not event.outputs or {type(place).__name__ for place in event.outputs} != {"Timer"}]))
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, check=True)
    events = json.loads(done.stdout)
    queues = {}
    for _, queue, places in (event for event in events if event[0]):
        for place in places:
            queues.setdefault(tuple(place), set()).add(queue)
    assert len(queues) > 50
    assert [name for (_, name, _), ids in queues.items() if len(ids) > 1] == []
    polls = [places for is_queued, _, places in events if not is_queued]
    assert len(polls) == 6
    assert not any(is_state for places in polls for _, _, is_state in places)


def test_the_first_page_loads_no_model_library():
    code = """
import asyncio, json, sys
import httpx
from workbench.ui.folders import AppFolders
from workbench.ui.pages import build_app
async def first_page():
    transport = httpx.ASGITransport(app=build_app(AppFolders()))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7860") as browser:
        answer = await browser.get("/")
        assert answer.status_code == 200, answer.status_code
        assert "Poetry workbench" in answer.text
asyncio.run(first_page())
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout.strip().rpartition("\n")[2]))
    assert loaded & MODEL_LIBRARIES == set()
    assert "gradio" in loaded


def test_the_page_names_no_foreign_place_that_a_browser_would_fetch(url):
    page = httpx.get(url, timeout=60).text
    fetched = re.findall(r"""(?:src|href|url\(|@import)\s*=?\s*["'(]?\s*(https?:)?//([^/"')\s]+)""", page)
    assert {host for _, host in fetched} <= {url.removeprefix("http://")}
    assert "fonts.googleapis" not in page


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"},
     {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info", "/verdicts/made.jsonl", "/gradio_api/upload"])
def test_a_foreign_page_is_refused_everywhere(url, headers, path):
    assert (
        httpx.request("POST" if "upload" in path else "GET", url + path, headers=headers, timeout=60).status_code == 403
    )


@pytest.mark.parametrize(
    "path",
    ["/gradio_api/file=/etc/passwd", f"/gradio_api/file={ROOT}/README.md", "/gradio_api/file=../../etc/passwd",
     "/verdicts/..%2f..%2frun.jsonl", "/verdicts/%2e%2e.jsonl", "/docs"],
)  # fmt: skip
def test_no_file_of_the_machine_is_served(url, path):
    assert httpx.get(url + path, timeout=60).status_code in (403, 404)


def test_verdicts_are_a_download(url):
    answer = httpx.get(f"{url}/verdicts/made.jsonl", timeout=60)
    assert answer.status_code == 200
    assert all(
        json.loads(line)["kind"] in ("Verdict", "PairVerdict") for line in answer.text.splitlines()
    )  # others may have judged
    assert "attachment" in answer.headers["content-disposition"]


def test_a_report_is_a_download_and_its_absence_one_line(url, folders):
    (folders.runs / "attacked" / "report.html").write_text("<p>the report</p>")
    answer = httpx.get(f"{url}/runs/attacked/report.html", timeout=60)
    assert (answer.text, answer.status_code) == ("<p>the report</p>", 200)
    assert "attachment" in answer.headers["content-disposition"]
    for name in ("none", "..%2Fmade"):
        assert httpx.get(f"{url}/runs/{name}/report.html", timeout=60).status_code == 404


def test_a_run_is_watched_through_the_wire(wire):
    shown = json.dumps(wire[0]["watch"])
    assert "4 of 4 actions" in shown
    assert "plotly" in shown  # the charts


def test_a_run_is_stopped_through_the_wire(wire, folders):
    assert "will save and stop" in json.dumps(wire[0]["stop"])
    assert (folders.runs / "made" / "stop").exists()


def test_a_verdict_goes_through_the_wire(wire, folders):
    assert next_view(folders, Review(run="made", reviewer="bo")).key != wire[1]


def test_a_poem_is_added_through_the_wire(wire, folders):
    assert "a line of mine" in folders.own_poems.read_text()
