"""How long the evaluation of a scheme takes, and how much memory: a million person-months, 40 starts.

2,000 firms of 10 people over 50 months; four of five firms start in one of 40 months, effects grow. Needs the
extra `did`.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from si_research.practice.scheme.evaluation import SchemeEvaluation, evaluate_scheme

Benchmark = Callable[..., Any]
FIRMS, PEOPLE, MONTHS, STARTS = 2_000, 10, 50, 40
NAMES = ("kunnen", "willen", "mogen", "innovative_behaviour")


def panel(firms: int = FIRMS) -> pd.DataFrame:
    """Return a row a person and month."""
    rng = np.random.default_rng(20261126)
    firm = np.tile(np.repeat(np.arange(firms), PEOPLE), MONTHS)
    wave = np.repeat(np.arange(MONTHS), firms * PEOPLE)
    start = np.where(rng.random(firms) < 0.8, 5.0 + np.arange(firms) % STARTS, np.nan)[firm]
    since = np.where(wave >= start, wave - start + 1, 0)
    scores = pd.DataFrame({"firm": firm, "wave": wave, "start": start})
    for name in NAMES:
        scores[name] = rng.normal(0, 0.3, firms)[firm] + rng.normal(size=len(firm)) + 0.01 * wave
    scores["mogen"] += 0.02 * np.nan_to_num(since)
    return scores


def work(scores: pd.DataFrame) -> SchemeEvaluation:
    return evaluate_scheme(scores, firm="firm", wave="wave", start="start", seed=1)


def test_a_million_person_months(benchmark: Benchmark) -> None:
    scores = panel()
    found = benchmark.pedantic(work, args=(scores,), rounds=1, warmup_rounds=0)  # type: ignore[attr-defined]
    assert len(scores) == FIRMS * PEOPLE * MONTHS
    assert len(found.design.starts) == STARTS


def test_memory() -> None:
    """The most memory that a process holds, its table and libraries included, and its time on the clock."""
    done = subprocess.run([sys.executable, str(Path(__file__))], capture_output=True, text=True, check=True)
    print("\n" + done.stdout)
    assert float(done.stdout.split()[1]) < 8


def main() -> None:
    import resource

    work(panel(40))  # the libraries are there before the clock starts
    scores = panel()
    began, used = time.perf_counter(), time.process_time()
    found = work(scores)
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"peak {peak:.2f} GiB, {seconds:.1f} s, {cpu:.1f} CPU s, {len(found.effects)} rows")


if __name__ == "__main__":
    main()
