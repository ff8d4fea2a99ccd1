"""How often a 95 % interval over poems holds the truth, method by method, at the numbers of poems that runs have.

    python -m bench.intervals            # 4,000 samples a cell, about five minutes on one core
    python -m bench.intervals --trials 400

Each cell draws so many samples of n poems from a distribution whose mean is known and counts the intervals that hold
it; 95.0 is right, less is too sure of itself. The figure in brackets is the mean width as a multiple of Student's.

    normal      what theory likes
    skewed      exponential, skewness 2: gains of which a few are large
    very skewed lognormal, skewness 6.2
    heavy tails Student's t with three degrees of freedom
    paired      differences of two skewed losses on the same poem
    shares      of four answers a poem, each good with probability 0.2: rates such as that of leaks
    clustered   four candidates a poem, half of their variance the poem's; `rows` treats all 4 n as independent

`workbench/intervals.py` uses the method that this decided for; DECISIONS has the table.
"""

import argparse
import warnings
from collections.abc import Callable

import numpy as np
import scipy
from scipy import stats

from bench.side_by_side import commit, machine

SIZES = (6, 8, 10, 20, 50)
RESAMPLES = 2000
CHUNK = 100  # samples at a time: 100 × 2000 × 50 figures are 80 MB

Rows = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Bounds = tuple[Rows, Rows]


def percentile(samples: Rows) -> Bounds:
    """The middle 95 % of resampled means: what the workbench used before."""
    return _scipy(samples, "percentile")


def accelerated(samples: Rows) -> Bounds:
    """BCa: the same, corrected for bias and skewness."""
    return _scipy(samples, "BCa")


def studentised(samples: Rows) -> Bounds:
    """Bootstrap-t: resampled means in units of their own standard error."""
    n = samples.shape[1]
    chance = np.random.default_rng(7)
    mean, error = samples.mean(axis=1), samples.std(axis=1, ddof=1) / np.sqrt(n)
    low, high = np.empty(len(samples)), np.empty(len(samples))
    for row, sample in enumerate(samples):
        drawn = sample[chance.integers(0, n, size=(RESAMPLES, n))]
        errors = drawn.std(axis=1, ddof=1) / np.sqrt(n)
        is_spread = errors > 0
        scores = (drawn.mean(axis=1)[is_spread] - mean[row]) / errors[is_spread]
        below, above = np.quantile(scores, [0.025, 0.975]) if len(scores) else (0.0, 0.0)
        low[row], high[row] = mean[row] - above * error[row], mean[row] - below * error[row]
    return low, high


def student(samples: Rows) -> Bounds:
    """Student's t: mean ± t · s / √n."""
    n = samples.shape[1]
    half = stats.t.ppf(0.975, n - 1) * samples.std(axis=1, ddof=1) / np.sqrt(n)
    return samples.mean(axis=1) - half, samples.mean(axis=1) + half


def johnson(samples: Rows) -> Bounds:
    """Johnson's t: Student's, moved by the skewness of the sample (1978)."""
    n = samples.shape[1]
    third = ((samples - samples.mean(axis=1, keepdims=True)) ** 3).mean(axis=1)
    variance = samples.var(axis=1, ddof=1)
    shift = third / np.where(variance > 0, 6 * n * variance, 1.0)
    low, high = student(samples)
    return low + shift, high + shift


METHODS: dict[str, Callable[[Rows], Bounds]] = {
    "percentile": percentile,
    "BCa": accelerated,
    "studentised": studentised,
    "Johnson": johnson,
    "Student": student,
}


def draws(shape: str, chance: np.random.Generator, trials: int, n: int) -> tuple[Rows, float]:
    """Samples of n poems, one a row, and the mean of what they were drawn from."""
    size = (trials, n)
    if shape == "normal":
        return chance.normal(size=size), 0.0
    if shape == "skewed":
        return chance.exponential(size=size), 1.0
    if shape == "very skewed":
        return chance.lognormal(size=size), float(np.exp(0.5))
    if shape == "heavy tails":
        return chance.standard_t(3, size=size), 0.0
    if shape == "paired":
        poem = chance.lognormal(size=size)
        return (poem + chance.exponential(size=size)) - (poem + chance.exponential(size=size) * 0.5), 0.5
    if shape == "shares":
        return chance.binomial(4, 0.2, size=size) / 4, 0.2
    return clustered(chance, trials, n).mean(axis=2), 0.0


def clustered(chance: np.random.Generator, trials: int, n: int) -> Rows:
    """Four candidates of each of n poems."""
    poem = chance.normal(size=(trials, n, 1))
    found: Rows = poem + chance.normal(size=(trials, n, 4))
    return found


def coverage(bounds: Bounds, truth: float) -> float:
    """Share of intervals that hold the truth, in per cent."""
    low, high = bounds
    return float(((low <= truth) & (truth <= high)).mean() * 100)


def _scipy(samples: Rows, method: str) -> Bounds:
    low, high = [], []
    for start in range(0, len(samples), CHUNK):
        chunk = samples[start : start + CHUNK]
        with warnings.catch_warnings():  # scipy warns where all values of a sample are the same
            warnings.simplefilter("ignore")
            interval = stats.bootstrap(
                (chunk,), np.mean, axis=1, n_resamples=RESAMPLES, method=method, rng=np.random.default_rng(7)
            ).confidence_interval
        low.append(interval.low)
        high.append(interval.high)
    return np.nan_to_num(np.concatenate(low)), np.nan_to_num(np.concatenate(high))


def main() -> None:
    """Prints one table a shape."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=4000)
    trials = parser.parse_args().trials
    print(f"{machine()}, commit {commit()}, scipy {scipy.__version__}, numpy {np.__version__}, {trials} samples a cell")
    for shape in ("normal", "skewed", "very skewed", "heavy tails", "paired", "shares", "clustered"):
        print(f"\n{shape:12s}" + "".join(f"{f'n = {n}':>16s}" for n in SIZES))
        cells: dict[str, list[str]] = {name: [] for name in (*METHODS, *(["rows"] if shape == "clustered" else []))}
        for n in SIZES:
            samples, truth = draws(shape, np.random.default_rng(n), trials, n)
            usual = np.mean(np.subtract(*student(samples)[::-1]))
            for name, method in METHODS.items():
                bounds = method(samples)
                width = float(np.mean(np.subtract(*bounds[::-1])) / usual)
                cells[name].append(f"{coverage(bounds, truth):.1f} ({width:.2f})")
            if shape == "clustered":
                rows = clustered(np.random.default_rng(n), trials, n).reshape(trials, -1)
                cells["rows"].append(f"{coverage(student(rows), 0.0):.1f}")
        for name, row in cells.items():
            print(f"{name:12s}" + "".join(f"{cell:>16s}" for cell in row), flush=True)


if __name__ == "__main__":
    main()
