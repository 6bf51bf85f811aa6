"""Sums over the rows of each firm, without sorting rows and with little fresh memory."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]
PART: Final = 32_768
"""Rows whose products are made at once: they stay in the cache."""
FEW_TERMS: Final = 16
"""With so many terms or fewer, a sum for each pair of them is faster than sorting the rows by firm."""


def firm_numbers(firms: pd.Series) -> Numbers:
    """Return the firm of each row as 0, 1, 2, ... in the order of the firms' names or numbers."""
    values = firms.to_numpy() if isinstance(firms.dtype, np.dtype) and firms.dtype.kind == "i" else None
    if values is None or not len(values) or int(values.max()) - int(values.min()) > len(values):
        return np.asarray(pd.factorize(firms, sort=True)[0], dtype=np.intp)
    # Firms numbered closely are counted instead of looked up, three times as fast.
    numbers = values.astype(np.intp, copy=True)
    numbers -= int(values.min())
    places = np.cumsum(np.bincount(numbers) > 0) - 1
    return np.take(places, numbers, out=numbers, mode="clip")


def firm_sums(rows: Array, clusters: Numbers) -> Array:
    """Return the sum over each firm's rows, shape (G, ...)."""
    n_clusters = int(clusters.max()) + 1
    columns = rows.reshape(len(rows), -1).T
    sums = [np.bincount(clusters, weights=column, minlength=n_clusters) for column in columns]
    whole = np.stack(sums, axis=1).astype("float64", copy=False)
    return np.asarray(whole.reshape(n_clusters, *rows.shape[1:]), dtype="float64")


def firm_scores(X: Array, residuals: Array, clusters: Numbers) -> Array:
    """Return X'u of each firm, shape (G, k); no table of the size of X is made on the way."""
    n_clusters = int(clusters.max()) + 1
    sums = np.zeros((X.shape[1], n_clusters))
    step = max(PART, n_clusters)
    for rows in (slice(first, first + step) for first in range(0, len(X), step)):
        own, u = clusters[rows], residuals[rows]
        for place, column in enumerate(X[rows].T):
            sums[place] += np.bincount(own, weights=column * u, minlength=n_clusters)
    return sums.T


def cross_products(rows: Array, clusters: Numbers) -> Array:
    """Return rows'rows of each firm, shape (G, k, k)."""
    k, ends = rows.shape[1], np.cumsum(np.bincount(clusters))
    if k > FEW_TERMS:
        order = np.argsort(clusters, kind="stable")
        return np.stack([block.T @ block for block in np.split(np.ascontiguousarray(rows)[order], ends[:-1])])
    whole, product = np.empty((len(ends), k, k)), np.empty(len(rows))
    for i, j in combinations_with_replacement(range(k), 2):
        np.multiply(rows[:, i], rows[:, j], out=product)
        whole[:, i, j] = whole[:, j, i] = np.bincount(clusters, weights=product)
    return whole
