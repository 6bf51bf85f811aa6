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
