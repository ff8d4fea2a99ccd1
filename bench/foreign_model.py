"""The whole way of a person with poems and a model of their own: `python -m bench.foreign_model FAMILY PYTHON [FOLDER]`.

Six poems in one file (`bench/six_poems.txt`), a Hugging Face folder of an architecture that the built-in model does not
have, one YAML. By the product's own commands it is taught, shown, evaluated, composed with, described with, written
with, revised with, exported and served; a client that nobody here wrote talks to it. The folder is SmolLM2 in another
architecture (`bench/rehousing.py`: qwen2, phi3, mistral, granite, smollm3), so nothing is fetched and what is written
are words; it says nothing about other models.

PYTHON belongs to an environment with the packages ollama and openai (see `bench/clients.py`). Everything is written
below FOLDER, a new temporary one by default, each command's whole output as a .log. A step is right if its command ends
with 0 and its output says what it must. Writes bench/results/foreign-FAMILY.json; ends with 1 where anything is wrong.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.rehousing import FAMILIES, rehouse
from bench.side_by_side import ROOT, commit, machine
from workbench.engines.base_model import base_checkpoint
from workbench.engines.sources import ModelSettings

HERE = Path(__file__).parent
RUN = "six-poems"
YAML = """# What a person writes for poems and a model of their own; everything else has its default.
model:
  source: {model}
corpus:
  poems: {poems}
  separator: "***"
  held_out: 0.34          # two of six
backtranslation:
  words: 50
  max_new_tokens: 110
  keep_endless: true
scoring:
  others: 1
learner:
  lora_rank: 16
training:
  learning_rate: 3.0e-4
  learning_rate_end: 1.0e-4
improvement:
  iterations: 2
  poems_per_batch: 2
  evals_per_iteration: 1
  saves_per_iteration: 1
evaluation:
  n_candidates: 2
  others: 1
  arms: [top]
"""
SAID = "a shut door and the light under it"
MOST_LOGITS_APART = 1e-3  # both in float32


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A step and how it came out."""

    step: str
    seconds: float
    said: str
    error: str = ""  # "" = right


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Where everything of it lies."""

    folder: Path
    python: str  # of the clients

    @property
    def model(self) -> Path:
        return self.folder / "model"

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"WORKBENCH_HOME": str(self.folder / "home"), "COLUMNS": "160", "HF_HUB_OFFLINE": "1"}

    def commands(self) -> list[tuple[tuple[str, ...], str]]:
        """The words after `workbench`, and what the output must say (a regular expression)."""
        model, exported = str(self.model), str(self.folder / "exported")
        poem = self.folder / "one.txt"
        poem.write_text((HERE / "six_poems.txt").read_text("utf-8").split("***\n")[3], "utf-8")
        both = ("--educator", model, "--poet", model, "--max-revisions", "1")
        return [
            (("improve", str(self.folder / "mine.yaml"), "--name", RUN), r"Held-out loss[^\n]*"),
            (("runs",), rf"{RUN}\s+\S+[^\n]*"),
            (("show", RUN), r"answers gave \d+ descriptions[^\n]*"),
            (("show", RUN, "Weighbridge"), r"★[^\n]*|\*[^\n]*"),
            (("evaluate", RUN), r"Held-out loss[^\n]*"),
            (("compose", SAID, "--run", RUN, "--beside-base", "-n", "2"), r"All tries, chosen or not[^\n]*"),
            (("describe", str(poem), "--run", RUN), r"[^\n]*nats[^\n]*"),
            (("write", "a kettle", "--form", "haiku", "--model", model), r"[^\n]*haiku[^\n]*"),
            (("revise", "a poem about a kettle", *both), r"[^\n]*"),
            (("export", RUN, "--quantize", "Q8_0", "--out", exported), r"Q8_0 +\S+ +\S+ +\S+ %[^\n]*|Q8_0 loss[^\n]*"),
        ]


def house(trial: Trial, family: str) -> Done:
    """The folder of another architecture, and the YAML that names it."""
    began = time.monotonic()
    apart = rehouse(base_checkpoint(ModelSettings()), trial.model, family)
    (trial.folder / "mine.yaml").write_text(YAML.format(model=trial.model, poems=HERE / "six_poems.txt"), "utf-8")
    said = f"{family}: logits at most {apart:.1e} from SmolLM2's"
    error = "" if apart < MOST_LOGITS_APART else "not the same numbers"
    return Done(step="a folder of another architecture", seconds=time.monotonic() - began, said=said, error=error)


def command(trial: Trial, words: tuple[str, ...], must_say: str) -> Done:
    """One of the product's commands, in a process of its own."""
    began = time.monotonic()
    asked = [sys.executable, "-m", "workbench", *words]
    done = subprocess.run(asked, cwd=ROOT, env=trial.environment, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - began
    output = done.stdout + done.stderr
    (trial.folder / f"{words[0]}-{len(list(trial.folder.glob('*.log')))}.log").write_text(output, "utf-8")
    found = re.search(must_say, output)
    last = (output.strip().splitlines() or ["nothing"])[-1]
    error = last if done.returncode else "" if found else f"it does not say {must_say!r}"
    said = found.group().strip() if found else ""
    return Done(step=" ".join(words[:2]).replace(str(trial.folder), "…"), seconds=seconds, said=said, error=error)


def talk(trial: Trial) -> list[Done]:
    """`serve --run`, and the trials of foreign clients with the taught model."""
    began = time.monotonic()
    asked = [sys.executable, "-m", "workbench", "serve", "--run", RUN, "--port", "0"]
    log = (trial.folder / "serve.log").open("w")
    with subprocess.Popen(asked, cwd=ROOT, env=trial.environment, stdout=subprocess.PIPE, stderr=log, text=True) as server:
        line = server.stdout.readline() if server.stdout else ""
        try:
            if not line.startswith("Listening on "):
                return [Done(step="serve", seconds=time.monotonic() - began, said="", error="it does not listen")]
            clients = [trial.python, str(HERE / "foreign_clients.py"), line.split()[2], RUN]
            done = subprocess.run(clients, cwd=trial.folder, capture_output=True, text=True, check=False)
        finally:
            server.terminate()
    trials = [json.loads(each) for each in done.stdout.splitlines() if each.startswith("{")]
    seconds = time.monotonic() - began
    return [
        Done(
            step=f"serve, {client} client", seconds=seconds, said=f"{len(own) - len(wrong)} of {len(own)} trials",
            error="; ".join(f"{each['trial']}: {each['error']}" for each in wrong),
        )
        for client in dict.fromkeys(each["client"] for each in trials)
        if (own := [each for each in trials if each["client"] == client])
        and (wrong := [each for each in own if each["error"]]) is not None
    ] or [Done(step="clients", seconds=seconds, said="", error=done.stderr[-300:] or "no client is installed there")]  # fmt: skip


def main() -> int:
    """The whole way, a row a step; it ends where a step is wrong that others need."""
    family, python = sys.argv[1], str(Path(sys.argv[2]).absolute())
    folder = Path(sys.argv[3]).absolute() if sys.argv[3:] else Path(tempfile.mkdtemp(prefix=f"foreign-{family}-"))
    folder.mkdir(parents=True, exist_ok=True)
    trial = Trial(folder=folder, python=python)
    steps = [house(trial, family)]
    steps += [command(trial, words, must_say) for words, must_say in trial.commands()]
    steps += talk(trial)
    table = Table("step", "seconds", "what it said", "wrong")
    for one in steps:
        table.add_row(one.step, f"{one.seconds:.0f}", one.said, one.error)
    Console(width=180).print(table)
    result = {"family": family, "machine": machine(), "commit": commit(), "load_average": round(os.getloadavg()[0], 2),
              "steps": [asdict(one) for one in steps]}  # fmt: skip
    (ROOT / "bench" / "results" / f"foreign-{family}.json").write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(f"everything is in {folder}")
    return int(any(one.error for one in steps))


if __name__ == "__main__":
    if sys.argv[1:2] == [] or sys.argv[1] not in FAMILIES:
        sys.exit(f"python -m bench.foreign_model {'|'.join(FAMILIES)} PYTHON [FOLDER]")
    sys.exit(main())
