"""What people and endpoints send, by the thousand: `python -m bench.foreign files 10000`; `replies 10000`; `talk 120`.

    files     damaged poem files (`bench.foreign_files`): read whole, read with the loss named, refused, lost, traceback
    replies   poems with talk around them, whole and damaged: the poem came back, it did not and that is said, lost
    talk      answers with their poems, written before any was read: the poem alone came back, more that is said, lost

It prints counts and the first of what went wrong, and ends with 1 where anything was lost without a word. Trials are
numbered by their seed: `python -m bench.foreign files 1 --from 4711` makes one again.
"""

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench import foreign_files
from tests.revision.test_answers import answers, outcome
from tests.revision.test_talk import AFTER, ALONE, BEFORE, KINDS, poems
from workbench.revision.replies import parse_poem_reply

SHOWN = 5
BAD = ("lost", "traceback")


def files(first: int, n: int) -> Iterator[tuple[str, str]]:
    """Outcome and details of each trial."""
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + n):
            found = foreign_files.trial(seed, Path(folder))
            yield found.outcome, f"{seed} {found.name}: {found.said[:200]}\n    {found.data[:400]!r}"


def replies(first: int, n: int) -> Iterator[tuple[str, str]]:
    """Outcome and details of each trial: one in twenty is talk alone, every other of the rest is damaged."""
    for seed in range(first, first + n):
        drawn = random.Random(seed)  # noqa: S311 - no secret
        try:
            yield _reply(seed, drawn)
        except Exception as exc:
            yield "traceback", f"{seed}: {type(exc).__name__}: {exc}"


def talk(first: int, n: int) -> Iterator[tuple[str, str]]:
    """Outcome and details of each answer of `tests/revision/answers.txt`."""
    for answer in answers()[first : first + n]:
        yield outcome(answer), f"{answer.name}: {parse_poem_reply(answer.text)}"


def _reply(seed: int, drawn: random.Random) -> tuple[str, str]:
    if seed % 20 == 0:
        answer = drawn.choice(ALONE)
        found = parse_poem_reply(answer)
        return ("refused" if found.problem else "lost"), f"{seed}: talk became verse: {answer!r}"
    poem = drawn.choice(poems())
    answer = KINDS[seed % len(KINDS)](poem, drawn.choice(BEFORE), drawn.choice(AFTER))
    if seed % 2:
        found = parse_poem_reply(answer)
        is_whole = found.text.split() == poem.text.split() and not found.problem
        return ("read" if is_whole else "lost"), f"{seed}: {found.problem or found.text!r} of {answer!r}"
    for _ in range(drawn.randint(1, 3)):
        at = drawn.randrange(len(answer) + 1)
        noise = drawn.choice(foreign_files.NOISE).decode("utf-8", "replace")
        answer = answer[:at] + noise + answer[at + drawn.choice((0, 0, 1, 5, 40)) :]
    found = parse_poem_reply(answer, ended=drawn.random() < 0.7)
    read = f"{found.title}\n{found.text}"
    missing = [line for line in _lines(poem.text) if line in answer and line.rstrip(" .,;:") not in read]
    if not missing:
        return "read", ""
    return ("named" if found.problem or found.remarks else "lost"), f"{seed}: {missing} of {answer!r}"


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def main() -> int:
    """Runs the trials that the command line asks for."""
    what, n = sys.argv[1], int(sys.argv[2])
    first = int(sys.argv[4]) if sys.argv[3:4] == ["--from"] else 0
    counts: Counter[str] = Counter()
    for found, told in {"files": files, "replies": replies, "talk": talk}[what](first, n):
        counts[found] += 1
        if found in BAD and counts[found] <= SHOWN:
            print(f"{found}: {told}")
    print(f"{n} {what}: " + ", ".join(f"{counts[name]} {name}" for name in ("read", "named", "refused", *BAD)))
    return int(any(counts[name] for name in BAD))


if __name__ == "__main__":
    sys.exit(main())
