"""How often a condition that is said to be the lowest with a probability of .80 is the lowest.

Resumable: SI_RUNS=folder pytest -m slow -n 0 tests/practice/diagnosis/test_calibration.py
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pytest

from resumable import run_or_resume
from si_research.practice.diagnosis.diagnosis import diagnose
from si_research.practice.diagnosis.lowest import probability_lowest
from si_research.simulation.worlds import item_answers

NAMES: Final = ["kunnen", "willen", "mogen"]
RELIABILITY, SPREAD, CORRELATION = 0.8, 0.7, 0.3
MEANS: Final = {"apart": np.array([3.5, 3.6, 3.3]), "equal": np.array([3.4, 3.4, 3.4])}
SITUATIONS: Final = [(0.05, "apart", 60), (0.15, "apart", 60), (0.10, "equal", 60), (0.10, "apart", 8)]
BINS: Final = (0.5, 0.6, 0.7, 0.75, 0.85, 0.9, 0.95, 1.0 + 1e-9)


def correlated(rng: np.random.Generator, n: int) -> np.ndarray:
    shared = rng.normal(size=(n, 1))
    return np.sqrt(CORRELATION) * shared + np.sqrt(1 - CORRELATION) * rng.normal(size=(n, 3))


@cache
def expected_answer(icc: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean answer of a firm whose true mean is known: answers have steps and ends. As a grid."""
    rng, grid = np.random.default_rng(0), np.linspace(1.5, 5.2, 38)
    people = SPREAD * np.sqrt(1 - icc) * rng.normal(size=20_000)
    return grid, np.array(
        [
            item_answers(rng, np.clip(at + people, 1, 5), n_items=4, reliability=RELIABILITY).mean()
            for at in grid
        ]
    )


def one_run(icc: float, means: str, firms: int, seed: int) -> dict[str, float]:
    rng = np.random.default_rng([seed, int(1000 * icc)])
    firm = np.repeat(np.arange(firms), rng.integers(10, 61, size=firms))
    theta = MEANS[means] + SPREAD * np.sqrt(icc) * correlated(rng, firms)
    people = np.clip(theta[firm] + SPREAD * np.sqrt(1 - icc) * correlated(rng, len(firm)), 1, 5)
    scores = pd.DataFrame(
        {
            name: item_answers(rng, column, n_items=4, reliability=RELIABILITY).mean(axis=1)
            for name, column in zip(NAMES, people.T, strict=True)
        }
    )
    scores["organisation"] = [f"F{each:02d}" for each in firm]
    found = diagnose(scores, outcome=None, seed=seed)
    table = {name: found.conditions[name].to_numpy().reshape(firms, 3) for name in found.conditions}
    lowest, lowest_normed = theta.argmin(axis=1), (theta - MEANS[means]).argmin(axis=1)
    left = scores[NAMES] - scores.groupby("organisation")[NAMES].transform("mean")
    S = 625 * (left.T @ left).to_numpy() / (len(left) - firms)
    unshrunken = probability_lowest(table["raw_mean"], S / table["n_used"][:, :1, None])
    truth = 25 * (np.interp(theta, *expected_answer(icc)) - 1)
    row = {
        "covered": float(((table["conf_low"] <= truth) & (truth <= table["conf_high"])).mean()),
    }
    ways = {
        "raw": (table["p_lowest"], lowest),
        "normed": (table["p_lowest_normed"], lowest_normed),
        "unshrunken": (unshrunken, lowest),
    }
    for way, (p, true) in ways.items():
        best, right = p.max(axis=1), p.argmax(axis=1) == true
        for place in range(len(BINS) - 1):
            inside = (best >= BINS[place]) & (best < BINS[place + 1])
            row[f"{way}|{place}|n"] = float(inside.sum())
            row[f"{way}|{place}|right"] = float(right[inside].sum())
            row[f"{way}|{place}|said"] = float(best[inside].sum())
    return row


def shares(runs: pd.DataFrame) -> pd.DataFrame:
    """What was said and what was right in each bin, with its Monte Carlo error over worlds."""
    rows = []
    for way in ("raw", "normed", "unshrunken"):
        for place in range(len(BINS) - 1):
            n, right, said = (runs[f"{way}|{place}|{part}"] for part in ("n", "right", "said"))
            share = float(right.sum() / n.sum())
            error = float(np.sqrt(((right - share * n) ** 2).sum()) / n.sum())
            low, high = BINS[place], min(BINS[place + 1], 1.0)
            rows.append((way, f"{low:g}-{high:g}", int(n.sum()), float(said.sum() / n.sum()), share, error))
    return pd.DataFrame(rows, columns=["way", "bin", "n", "said", "right", "error"]).set_index(["way", "bin"])


@pytest.mark.slow
@pytest.mark.parametrize(("icc", "means", "firms"), SITUATIONS)
def test_a_stated_probability_is_right_that_often(icc: float, means: str, firms: int, tmp_path: Path) -> None:
    name, n = f"diagnosis_{icc}_{means}_{firms}", 300 if firms == 60 else 900
    runs = run_or_resume(name, lambda seed: one_run(icc, means, firms, seed), runs=n, folder=tmp_path)
    found = shares(runs)
    print(found.round(3).to_string(), runs["covered"].mean(), runs["covered"].std() / np.sqrt(len(runs)))
    low, room = (0.75, 0.03) if firms == 60 else (0.70, 0.08)  # few firms: said to be a little too sure
    assert low < found.loc[("raw", "0.75-0.85"), "right"] < 0.85
    assert low < found.loc[("normed", "0.75-0.85"), "right"] < 0.85
    too_sure = {}
    for way in ("raw", "normed", "unshrunken"):
        own = found.loc[way]
        assert way == "unshrunken" or (abs(own["right"] - own["said"]) < room + 2 * own["error"]).all()
        too_sure[way] = float(((own["said"] - own["right"]) * own["n"]).sum() / own["n"].sum())
    if firms == 60:  # with 8 firms shrinkage is no better calibrated where conditions differ in their means
        assert too_sure["unshrunken"] > 1.3 * too_sure["raw"]
    if means == "equal":
        assert found.loc[("unshrunken", "0.75-0.85"), "right"] < 0.75
    assert (0.925 if firms == 60 else 0.88) < runs["covered"].mean() < 0.965


def test_the_simulation_runs() -> None:
    """One world of the simulation above: a firm is in one bin at most, and more is right than wrong."""
    row = one_run(0.15, "apart", 60, 1)
    found = shares(pd.DataFrame([row]).fillna(0.0)).fillna(0.0)
    assert (found.groupby("way")["n"].sum() <= 60).all()
    assert found.loc["raw", "n"].sum() > 30
    right = sum(row[f"raw|{place}|right"] for place in range(len(BINS) - 1))
    assert right > 0.6 * found.loc["raw", "n"].sum()
    assert 0.85 < row["covered"] <= 1
