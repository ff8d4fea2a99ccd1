"""The whole way of a person with poems and a model of their own: `python -m bench.foreign_model FAMILY PYTHON FOLDER`.

A file of poems (`bench/six_poems.txt`), a Hugging Face folder of an architecture that the built-in model does not have,
one YAML. By the product's own commands the model is taught, shown, evaluated, composed with, described with, written
with, revised with, exported and served; clients that nobody here wrote talk to it. The folder is SmolLM2 in another
architecture (`bench/rehousing.py`: qwen2, phi3, mistral), so nothing is fetched and what is written are words; it says
nothing about other models, and nothing about quality.

PYTHON belongs to an environment with the packages ollama and openai (see `bench/clients.py`). Everything is written
below FOLDER, each command's whole output as a .log; run again, it continues with the first step that was not right. A
step is right if its command ends with 0 and its output says what it must. Where every step is right the table is kept
as bench/results/foreign-FAMILY.json; else it ends with 1.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.rehousing import FAMILIES, rehouse
from bench.side_by_side import ROOT, commit, machine
from workbench.engines.base_model import base_checkpoint
from workbench.engines.sources import ModelSettings

HERE = Path(__file__).parent
RUN = "six-poems"
SAID = "A short poem of four rhyming lines about a shut door and the light under it."
MOST_LOGITS_APART = 1e-3  # both in float32
POEM_REVISED = r"The best draft: \d+[\s\S]+?(It ended because (?:the number of revisions|the educator).*)"
YAML = """# What a person writes for poems and a model of their own; everything else has its default.
model:
  source: {model}
corpus:
  poems: {poems}
  separator: "***"
  held_out: 0.34          # two of six
backtranslation:
  words: 40
  max_new_tokens: 80
  keep_endless: true
scoring:
  others: 1
learner:
  lora_rank: 16
training:
  learning_rate: 1.0e-3
  learning_rate_end: 5.0e-4
improvement:
  iterations: 1
  poems_per_batch: 1
  evals_per_iteration: 2
  saves_per_iteration: 1
evaluation:
  n_candidates: 2
  others: 1
  arms: [top]
"""


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
    family: str
    python: str  # of the clients

    @property
    def model(self) -> Path:
        """The folder of another architecture."""
        return self.folder / "model"

    def environment(self) -> dict[str, str]:
        """Nothing is written into the checkout."""
        return os.environ | {"WORKBENCH_HOME": str(self.folder / "home"), "COLUMNS": "160", "HF_HUB_OFFLINE": "1"}

    def commands(self) -> list[tuple[tuple[str, ...], str]]:
        """The words after `workbench`, and what the output must say (a regular expression; its group is kept)."""
        model, poem = str(self.model), self.folder / "one.txt"
        poem.write_text((HERE / "six_poems.txt").read_text("utf-8").split("***\n")[3], "utf-8")
        both = ("--educator", model, "--poet", model, "--max-revisions", "1")
        begun = (self.folder / "home" / "data" / "runs" / RUN).is_dir()
        improve = ("--resume", RUN) if begun else (str(self.folder / "mine.yaml"), "--name", RUN)
        return [
            (("improve", *improve), r"Held-out loss.*"),
            (("runs",), rf"{RUN}.*finished"),
            (("show", RUN), r"\d+ answers gave \d+ descriptions.*"),
            (("show", RUN, "Weighbridge"), r"gain .*specificity.*"),
            (("evaluate", RUN), r"Held-out loss.*"),
            (("compose", SAID, "--run", RUN, "--beside-base", "-n", "6"), r"All tries, chosen or not.*"),
            (("describe", str(poem), "--run", RUN), r"Of \d+ poems it helps its own.*|weak.*"),
            (("write", "a kettle", "--form", "haiku", "--model", model), r"haiku: kept.*"),
            (("revise", "a poem about a kettle", *both), POEM_REVISED),
            (("export", RUN, "--quantize", "Q8_0"), r"\S+\.gguf +\d+ MB, passport beside it"),
        ]


def house(trial: Trial) -> Done:
    """The folder of another architecture, and the YAML that names it."""
    began = time.monotonic()
    apart = rehouse(base_checkpoint(ModelSettings()), trial.model, trial.family)
    (trial.folder / "mine.yaml").write_text(YAML.format(model=trial.model, poems=HERE / "six_poems.txt"), "utf-8")
    said = f"{trial.family}: logits at most {apart:.1e} from SmolLM2's"
    error = "" if apart < MOST_LOGITS_APART else "not the same numbers"
    return Done(step="folder", seconds=time.monotonic() - began, said=said, error=error)


def command(trial: Trial, words: tuple[str, ...], must_say: str) -> Done:
    """One of the product's commands, in a process of its own."""
    began, asked = time.monotonic(), [sys.executable, "-m", "workbench", *words]
    done = subprocess.run(asked, cwd=ROOT, env=trial.environment(), capture_output=True, text=True, check=False)
    seconds, output, step = time.monotonic() - began, done.stdout + done.stderr, _step(words)
    (trial.folder / f"{step.replace(' ', '-')}.log").write_text(output, "utf-8")
    found = re.search(must_say, output)
    last = (output.strip().splitlines() or ["nothing"])[-1]
    error = last if done.returncode else "" if found else f"it does not say {must_say!r}"
    said = found.group(found.lastindex or 0).strip(" │").replace(str(trial.folder), "FOLDER") if found else ""
    return Done(step=step, seconds=seconds, said=said, error=error)


def talk(trial: Trial) -> list[Done]:
    """`serve --run`, and what foreign clients do with the taught model."""
    began, asked = time.monotonic(), [sys.executable, "-m", "workbench", "serve", "--run", RUN, "--port", "0"]
    with (
        (trial.folder / "serve.log").open("w") as log,
        subprocess.Popen(
            asked, cwd=ROOT, env=trial.environment(), stdout=subprocess.PIPE, stderr=log, text=True
        ) as server,
    ):
        try:
            line = server.stdout.readline() if server.stdout else ""
            url = line.split()[2] if line.startswith("Listening on ") else ""
            clients = [trial.python, str(HERE / "foreign_clients.py"), url, RUN]
            done = subprocess.run(clients, cwd=trial.folder, capture_output=True, text=True, check=False)
        finally:
            server.terminate()
    trials = [json.loads(each) for each in done.stdout.splitlines() if each.startswith("{")]
    seconds = time.monotonic() - began
    if not trials or done.returncode:
        error = done.stderr[-300:] or "no client is installed there"
        return [Done(step="serve", seconds=seconds, said="", error=error)]
    return [_of_client(name, trials, seconds) for name in dict.fromkeys(each["client"] for each in trials)]


def steps(trial: Trial, right: set[str]) -> Iterator[Done]:
    """Those that were not right before, in order, until one is wrong."""
    if "folder" not in right:
        yield house(trial)
    for words, must_say in trial.commands():
        if _step(words) not in right:
            yield command(trial, words, must_say)
    yield from talk(trial)


def main() -> int:
    """Carries out what is left, keeps it, and prints all of it."""
    family, python, folder = sys.argv[1], str(Path(sys.argv[2]).absolute()), Path(sys.argv[3]).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    trial, kept = Trial(folder=folder, family=family, python=python), folder / "steps.json"
    done = [Done(**one) for one in json.loads(kept.read_text("utf-8"))] if kept.is_file() else []
    for one in steps(trial, {each.step for each in done}):
        done.append(one)
        if one.error:
            break
        kept.write_text(json.dumps([asdict(each) for each in done], indent=1), "utf-8")
    table = Table("step", "seconds", "what it said", "wrong")
    for one in done:
        table.add_row(one.step, f"{one.seconds:.0f}", Text(one.said), Text(one.error))
    Console(width=180).print(table)
    if done[-1].error:
        return 1
    result = {"family": family, "machine": machine(), "commit": commit(), "load_average": round(os.getloadavg()[0], 2),
              "steps": [asdict(one) for one in done]}  # fmt: skip
    (ROOT / "bench" / "results" / f"foreign-{family}.json").write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    return 0


def _step(words: tuple[str, ...]) -> str:
    return " ".join([words[0], *words[2:3]]) if words[0] == "show" else words[0]


def _of_client(name: str, trials: list[dict[str, str]], seconds: float) -> Done:
    own = [each for each in trials if each["client"] == name]
    wrong = [f"{each['trial']}: {each['error']}" for each in own if each["error"]]
    said = f"{len(own) - len(wrong)} of {len(own)} trials"
    return Done(step=f"serve, {name}", seconds=seconds, said=said, error="; ".join(wrong))


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in FAMILIES:
        sys.exit(f"python -m bench.foreign_model {'|'.join(FAMILIES)} PYTHON FOLDER")
    sys.exit(main())
