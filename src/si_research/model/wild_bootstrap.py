"""The wild cluster bootstrap: the residuals of whole firms are multiplied by random signs.

Everything is computed from the cross-products of each firm, so that a draw costs a few small
matrix products and no refit (Roodman, MacKinnon, Nielsen & Webb 2019,
https://doi.org/10.1177/1536867X19830877).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Final

import numpy as np
import pandas as pd

from si_research.model.inference import (
    Array,
    LeastSquares,
    covariance,
    firm_cross_products,
    firm_sums,
    least_squares,
    wald_statistic,
)

WEBB_UP_TO: Final = 12
WEBB: Final = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
BATCH: Final = 500


def firm_weights(n_clusters: int, draws: int, seed: int) -> Array:
    """Return random weights, shape (draws, G): Webb's six points up to 12 firms, else signs.

    With few firms there are too few patterns of signs; Webb's weights have the same first moments and
    many more patterns (Webb 2023, https://doi.org/10.1111/caje.12661).
    """
    rng = np.random.default_rng(seed)
    points = WEBB if n_clusters <= WEBB_UP_TO else np.array([-1.0, 1.0])
    return points[rng.integers(len(points), size=(draws, n_clusters))]


def all_sign_patterns(n_clusters: int) -> Array:
    """Return every pattern of signs, shape (2^G, G); for a handful of firms."""
    return np.array(list(product([-1.0, 1.0], repeat=n_clusters)))


def restricted_scores(fit: LeastSquares, tested: Sequence[int]) -> Array:
    """Return X'u of each firm, u the residuals when the tested terms are left out; shape (G, k)."""
    kept = [position for position in range(len(fit.terms)) if position not in set(tested)]
    smaller = least_squares(pd.DataFrame(fit.X[:, kept]), pd.Series(fit.y))
    return firm_sums(fit.X * smaller.residuals[:, None], fit)


def bootstrap_wald(fit: LeastSquares, tested: Sequence[int], weights: Array) -> tuple[float, Array]:
    """Return the Wald statistic of the tested terms, and its draws with the null imposed.

    Parameters
    ----------
    fit : LeastSquares
        The model with the tested terms in it.
    tested : sequence of int
        Positions of the tested terms.
    weights : array, shape (draws, G)

    Returns
    -------
    statistic : float
        b'V^-1 b with V the CR1 covariance.
    draws : array, shape (draws,)
    """
    places = list(tested)
    V = covariance(fit, "CR1")[np.ix_(places, places)]
    scores = restricted_scores(fit, places)
    own = fit.bread[places] @ firm_cross_products(fit)
    batches = [weights[first : first + BATCH] for first in range(0, len(weights), BATCH)]
    parts = [_draws_of(batch, scores, own, fit, places) for batch in batches]
    return wald_statistic(fit.estimate[places], V), np.concatenate(parts)


def _draws_of(weights: Array, scores: Array, own: Array, fit: LeastSquares, places: list[int]) -> Array:
    """Return the Wald statistics of a batch of draws.

    ``own`` holds the tested rows of (X'X)^-1 X_g'X_g, shape (G, q, k).
    """
    G = fit.n_clusters
    change = weights @ scores @ fit.bread
    pulls = weights[:, :, None] * (scores @ fit.bread[:, places]) - np.einsum("gqk,dk->dgq", own, change)
    V = G / (G - 1) * np.einsum("dgq,dgr->dqr", pulls, pulls)
    tested = change[:, places]
    return np.asarray(np.einsum("dq,dq->d", tested, _solve(V, tested)))


def _solve(V: Array, b: Array) -> Array:
    """Solve V x = b for a stack; a pattern that leaves no variance gives infinity."""
    try:
        return np.asarray(np.linalg.solve(V, b[:, :, None])[:, :, 0])
    except np.linalg.LinAlgError:
        one_by_one = [
            np.linalg.solve(v, each) if np.linalg.matrix_rank(v) == len(each) else np.full(len(each), np.inf)
            for v, each in zip(V, b, strict=True)
        ]
        return np.array(one_by_one)


def bootstrap_p_value(statistic: float, draws: Array) -> float:
    """Return (1 + draws at least as large) / (1 + draws); equal up to rounding counts as large."""
    return float((1 + np.sum(draws >= statistic * (1 - 1e-9))) / (1 + len(draws)))
