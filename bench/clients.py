"""Clients that nobody here wrote, against our server: `python -m bench.clients PYTHON [FOLDER]`.

    python3 -m venv clients
    clients/bin/pip install ollama openai langchain-ollama langchain-openai litellm llm llm-ollama
    npm install --prefix javascript ollama openai
    python -m bench.clients clients/bin/python javascript

PYTHON belongs to an environment with some of the clients, FOLDER holds a `node_modules` with the two of JavaScript.
The trials are in `foreign_clients.py` and `foreign_clients.mjs`. Prints how many of each client were right, and what
was wrong; ends with 1 where anything was.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests import server_trials
from workbench.places import ROOT

HERE = Path(__file__).parent
CONFIG = "models: {base: {}, poet: {adapter: models/poet, persona: poet}}\n"


def commands(url: str, python: str, javascript: str, folder: Path) -> Iterator[list[str]]:
    """What to start."""
    yield [python, str(HERE / "foreign_clients.py"), url]
    if javascript:
        script = folder / "foreign_clients.mjs"  # imports are looked for beside the script
        shutil.copy(HERE / "foreign_clients.mjs", script)
        (folder / "node_modules").symlink_to((Path(javascript) / "node_modules").resolve())
        yield ["node", str(script), url]


def trials(url: str, python: str, javascript: str, folder: Path) -> Iterator[dict[str, str]]:
    """The lines of all trials.

    Raises:
        RuntimeError: a program ended before its trials did.
    """
    for command in commands(url, python, javascript, folder):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode or not lines:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr[-500:] or 'no client is installed there'}")
        yield from lines


def main() -> int:
    """Runs what there is and counts."""
    python, javascript = str(Path(sys.argv[1]).absolute()), "".join(sys.argv[2:3])
    right, asked = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (config := folder / "serve.yaml").write_text(CONFIG)
        with server_trials.serving(config) as server:
            for trial in trials(server.url, python, javascript and str(ROOT / javascript), folder):
                asked[trial["client"]] += 1
                right[trial["client"]] += not trial["error"]
                if trial["error"]:
                    print(f"{trial['client']}, {trial['trial']}: {trial['error']}")
    print(", ".join(f"{client} {right[client]} of {n}" for client, n in asked.items()))
    return int(right != asked)


if __name__ == "__main__":
    sys.exit(main())
