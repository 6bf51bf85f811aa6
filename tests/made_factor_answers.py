"""Made-up answers of factors that are known."""

from __future__ import annotations

import numpy as np
import pandas as pd

LOADINGS = (0.8, 0.7, 0.6, 0.75)
NAMES = ("kunnen", "willen", "mogen")


def items_of(n_factors: int = 3, n_items: int = 4) -> dict[str, list[str]]:
    """Factor -> items k1, k2, ... of the first, w1, ... of the second, m1, ... of the third."""
    return {name: [f"{name[0]}{i}" for i in range(1, n_items + 1)] for name in NAMES[:n_factors]}


def answers(
    n: int, *, seed: int, correlation: float = 0.4, n_factors: int = 3, n_items: int = 4
) -> pd.DataFrame:
    """Normal answers with standardised loadings LOADINGS and factors that correlate alike."""
    rng = np.random.default_rng(seed)
    R = np.full((n_factors, n_factors), correlation) + (1 - correlation) * np.eye(n_factors)
    factors = rng.multivariate_normal(np.zeros(n_factors), R, n)
    loading = np.array(LOADINGS[:n_items])
    columns = {}
    for place, items in enumerate(items_of(n_factors, n_items).values()):
        noise = rng.normal(size=(n, n_items)) * np.sqrt(1 - loading**2)
        columns |= dict(zip(items, (factors[:, [place]] * loading + noise).T, strict=True))
    return pd.DataFrame(columns)


def noisy(n: int, seed: int, reliability: float) -> pd.DataFrame:
    """Three items a factor; outcome .3 of each factor and .2 of their product."""
    rng = np.random.default_rng(seed)
    R = 0.3 + 0.7 * np.eye(3)
    f = rng.multivariate_normal(np.zeros(3), R, n)
    y = f @ [0.3, 0.3, 0.3] + 0.2 * f.prod(axis=1) + 0.8 * rng.normal(size=n)
    spread = np.sqrt(1 / reliability - 1)
    columns = {
        f"{letter}{i}": values + spread * rng.normal(size=n)
        for letter, values in zip("kwmy", [*f.T, y], strict=True)
        for i in (1, 2, 3)
    }
    return pd.DataFrame(columns)


def of(letters: str) -> dict[str, list[str]]:
    return {letter: [f"{letter}{i}" for i in (1, 2, 3)] for letter in letters}
