"""Scores with measurement error and a known three-way coefficient."""

from __future__ import annotations

import numpy as np
import pandas as pd

from si_research.simulation.worlds import item_answers

NAMES = ("kunnen", "willen", "mogen")
TRUE = 0.10
"""Three-way coefficient, for conditions with a standard deviation of 1."""


def noisy_scores(n: int, reliability: float, *, n_firms: int = 60, seed: int | list[int]) -> pd.DataFrame:
    """Return normal scores with error, correlated .30 without it."""
    rng = np.random.default_rng(seed)
    true, outcome = _truth(rng, n)
    frame = pd.DataFrame(true + rng.normal(0, np.sqrt(1 / reliability - 1), true.shape), columns=list(NAMES))
    return frame.assign(innovative_behaviour=outcome, firm=rng.integers(n_firms, size=n).astype(str))


def noisy_answers(
    n: int,
    reliability: float,
    *,
    mean: float = 3.4,
    std_dev: float = 0.7,
    n_firms: int = 60,
    seed: int | list[int],
) -> pd.DataFrame:
    """Return answers from 1 to 5 to four items a condition, with this mean and spread of what they measure.

    The reliability is that of the mean of four answers before they are rounded and cut off at the ends.
    """
    rng = np.random.default_rng(seed)
    true, outcome = _truth(rng, n)
    columns = {"innovative_behaviour": outcome, "firm": rng.integers(n_firms, size=n).astype(str)}
    for name, condition in zip(NAMES, true.T, strict=True):
        answers = item_answers(rng, mean + std_dev * condition, n_items=4, reliability=reliability)
        columns |= {f"{name}_{place}": column for place, column in enumerate(answers.T, start=1)}
    return pd.DataFrame(columns)


def items_of(name: str) -> list[str]:
    """Return the columns of a condition in :func:`noisy_answers`."""
    return [f"{name}_{place}" for place in range(1, 5)]


def _truth(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    covariance = np.full((3, 3), 0.3)
    np.fill_diagonal(covariance, 1.0)
    true = rng.multivariate_normal(np.zeros(3), covariance, n)
    return true, 0.35 * true.sum(axis=1) + TRUE * true.prod(axis=1) + rng.normal(0, 0.8, n)
