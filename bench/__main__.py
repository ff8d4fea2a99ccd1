"""`make bench`: every bench in one run, then one table of ratios."""

import importlib
from typing import Any

from rich.console import Console
from rich.table import Table

TASKS = ("generation", "scoring", "training", "pairs", "iteration", "revflux")
LIMITS = {"share_of_prefill": "of prefill speed", "share_of_matmul_peak": "of the matmul peak at these shapes"}


def main() -> None:
    """Runs the benches and prints ours against each peer; above 1 = ours is faster."""
    table = Table("task", "beside", "times as fast", "memory, ours / theirs", "share of the machine's limit")
    for task in TASKS:
        whole: dict[str, Any] = importlib.import_module(f"bench.{task}").main()
        limit = next((f"{_by_clock(whole[key]):.0%} {words}" for key, words in LIMITS.items() if key in whole), "")
        for peer, ratio in whole["ratios"].items():
            if peer in whole["results"]:
                table.add_row(task, peer, f"{_by_clock(ratio):.2f}", _memory(whole["results"], peer), limit)
                limit = ""
    Console(width=120).print(table)


def _by_clock(figure: Any) -> float:
    """Some benches give a figure by the clock and by processor time; the clock's is what a person waits for."""
    return float(figure["seconds"] if isinstance(figure, dict) else figure)


def _memory(results: dict[str, Any], peer: str) -> str:
    mine, theirs = results["ours"].get("peak_mb"), results[peer].get("peak_mb")
    return f"{mine / theirs:.2f}" if mine and theirs else ""


if __name__ == "__main__":
    main()
