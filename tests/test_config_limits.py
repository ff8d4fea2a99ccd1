"""Settings that nobody would write: every number has limits, and what is mutated loads or is one line."""

import os
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from random import Random
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin, get_type_hints

import pytest
import yaml
from annotated_types import Ge, Gt, Le, Lt

from tests.test_config import CONFIG, JOBS
from workbench.config import as_yaml, job_from, load_job
from workbench.errors import ConfigError
from workbench.improvement.settings import load_settings

TRIALS = int(os.environ.get("FUZZ_TRIALS", "600"))


def _numbers(kind: Any, place: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Every number that a job's settings can hold, with what limits it."""
    if is_dataclass(kind):
        for name, hint in get_type_hints(kind, include_extras=True).items():
            yield from _numbers(hint, f"{place}.{name}")
    limits = list(get_args(kind)[1:]) if get_origin(kind) is Annotated else []
    inner = get_args(kind)[0] if limits else kind
    if get_origin(inner) is Annotated:
        limits, inner = limits + list(get_args(inner)[1:]), get_args(inner)[0]
    if inner in (int, float):
        yield place, limits
    elif get_origin(inner) not in (ClassVar, Literal, None):
        for each in get_args(inner):
            yield from _numbers(each, place)


@pytest.mark.parametrize("kind", sorted(set(JOBS.values()), key=lambda kind: kind.__name__))
def test_every_number_has_a_lower_and_an_upper_limit(kind: type):
    found = dict(_numbers(kind))
    assert found
    for place, limits in found.items():
        assert any(isinstance(limit, Ge | Gt) for limit in limits), f"{kind.__name__}{place} has no lower limit"
        assert any(isinstance(limit, Le | Lt) for limit in limits), f"{kind.__name__}{place} has no upper limit"


_NASTY = (
    "!!int x", "!!bool maybe", "2024-99-99", "9" * 5000, "~nobody", "x" * 5000, "&a [*a]", "*b", "[" * 50, "{" * 50,
    ".nan", "-.inf", "1e999", "0", "-1", "2.0", "true", "null", "''", '"\\0"', '"\\ud800"', "\x00", "\t", ": ", "- ",
    "? ", "| ", "%YAML 9", "---", "<<: {a: 1}", "seed: 1", "[a, b]", "{a: {b: {c: 1}}}", "é" * 300, "\u2028", "#", "'",
    "a/" * 300,
)  # fmt: skip


def _mutated(text: str, random: Random) -> str:
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(text) + 1)
        until = min(len(text), at + random.choice((0, 0, 1, 5, 40)))
        if random.random() < 0.4:  # a whole value
            lines = text.split("\n")
            number = random.randrange(len(lines))
            lines[number] = lines[number].partition(":")[0] + ": " + random.choice(_NASTY)
            text = "\n".join(lines)
        else:
            text = text[:at] + random.choice((*_NASTY, "", "")) + text[until:]
    return text


def _loaded(kind: type, path: Path) -> tuple[Any, str]:
    try:
        return load_job(kind, path), ""
    except ConfigError as exc:
        return None, str(exc)


def test_mutated_configurations_load_or_are_one_line(tmp_path: Path):
    random, n_refused = Random(1), 0  # noqa: S311 - the same mutations every time
    for trial in range(TRIALS):
        name, kind = random.choice(sorted(JOBS.items()))
        path = tmp_path / f"{name}.yaml"
        path.write_text(_mutated((CONFIG / f"{name}.yaml").read_text(), random), encoding="utf-8")
        made, complaint = _loaded(kind, path)
        assert "\n" not in complaint, trial
        assert len(complaint) < 500, trial
        assert complaint or job_from(kind, yaml.safe_load(as_yaml(made))) == made, trial
        n_refused += bool(complaint)
    assert TRIALS / 4 < n_refused < TRIALS


@pytest.mark.parametrize("text", ["- a\n- b\n", "seed: 1\n  bad: [", "a: &x [*x]\n", "\x00", "1: 2\n", "{" * 5000])
def test_a_file_that_is_no_configuration_is_one_line(tmp_path: Path, text: str):
    path = tmp_path / "odd.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert "odd.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)
