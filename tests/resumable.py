"""Simulations of many runs that go on where they were broken off."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd


def run_or_resume(
    name: str, work: Callable[[int], dict[str, float]], *, runs: int, folder: Path
) -> pd.DataFrame:
    """Return a row a run, ``work(seed)`` for the seeds from 1.

    What is done is kept in a file of the folder that SI_RUNS names (else ``folder``), a line a run; SI_N_RUNS
    makes it a shorter, or longer, simulation.
    """
    kept = Path(os.environ.get("SI_RUNS", folder)) / f"{name}.jsonl"
    runs = int(os.environ.get("SI_N_RUNS", runs))
    lines = kept.read_text("utf-8").splitlines() if kept.is_file() else []
    done = {int(row["seed"]): row for row in map(json.loads, lines)}
    with kept.open("a", encoding="utf-8") as file:
        for seed in range(1, runs + 1):
            if seed not in done:
                done[seed] = {"seed": seed, **work(seed)}
                print(json.dumps(done[seed]), file=file, flush=True)
    return pd.DataFrame([done[seed] for seed in range(1, runs + 1)])
