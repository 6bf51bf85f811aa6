"""The wild cluster bootstrap: the residuals of whole firms are multiplied by random signs.

Everything is computed from the cross-products of each firm, so that a draw costs a few small
matrix products and no refit (Roodman, MacKinnon, Nielsen & Webb 2019,
https://doi.org/10.1177/1536867X19830877).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Final

import numpy as np

from si_research.model.firm_sums import firm_scores
from si_research.model.inference import (
    Array,
    LeastSquares,
    covariance,
    firm_cross_products,
    wald_statistic,
    without,
)

WEBB_UP_TO: Final = 12
WEBB: Final = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
CELLS: Final = 4_000_000
TIE: Final = 1e-9
"""Draws that differ from the observed value by rounding only (the pattern of all ones) are ties."""


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


def bootstrap_wald(
    fit: LeastSquares, tested: Sequence[int], weights: Array, *, null_imposed: bool = True
) -> tuple[float, Array]:
    """Return the Wald statistic of the tested terms, and its draws.

    Parameters
    ----------
    fit : LeastSquares
        The model with the tested terms in it.
    tested : sequence of int
        Positions of the tested terms.
    weights : array, shape (draws, G)
    null_imposed : bool
        Whether the residuals are those of the model without the tested terms, which keeps the error rate
        far better with few firms.

    Returns
    -------
    statistic : float
        b'V^-1 b with V the CR1 covariance; missing where there are not more firms than tested terms.
    draws : array, shape (draws,)

    Notes
    -----
    A draw multiplies the residuals u of firm g by w_g. The estimate then moves by d = (X'X)^-1 sum of
    w_g·X_g'u_g, and firm g's part in its CR1 covariance is (X'X)^-1 (w_g·X_g'u_g - X_g'X_g·d).
    """
    places = list(tested)
    V = covariance(fit, "CR1")[np.ix_(places, places)]
    moved = _draws(fit, places, weights, null_imposed, _wald)
    return wald_statistic(fit.estimate[places], V), moved


def bootstrap_t(
    fit: LeastSquares, term: str, weights: Array, *, null_imposed: bool = True
) -> tuple[float, Array]:
    """Return the t of one coefficient by CR1S, and its draws: the wild cluster bootstrap-t.

    Parameters
    ----------
    fit : LeastSquares
    term : str
    weights : array, shape (draws, G)
    null_imposed : bool

    Returns
    -------
    statistic : float
    draws : array, shape (draws,)
        With their signs, so that one-sided and equal-tailed p can be had.

    References
    ----------
    Cameron, Gelbach & Miller (2008), https://doi.org/10.1162/rest.90.3.414.
    """
    place = fit.terms.index(term)
    small_sample = np.sqrt((fit.n - 1) / fit.df_residual)
    std_error = np.sqrt(covariance(fit, "CR1S")[place, place])
    drawn = _draws(fit, [place], weights, null_imposed, _signed_root)
    return float(fit.estimate[place] / std_error), drawn / small_sample


def bootstrap_p_value(statistic: float, draws: Array) -> float:
    """Return (1 + draws at least as large)/(1 + draws): for random draws, never 0.

    Missing where the statistic is.
    """
    if np.isnan(statistic):
        return np.nan
    return float((1 + np.sum(draws >= statistic * (1 - TIE))) / (1 + len(draws)))


def enumerated_p_value(statistic: float, draws: Array) -> float:
    """Return the share of draws strictly larger: for all sign patterns, each once.

    The pattern that gives back the data, and its mirror, do not count (as fwildclusterboot has it), so that
    0 is possible.
    """
    return float(np.mean(draws > statistic * (1 + TIE)))


def _draws(
    fit: LeastSquares,
    places: list[int],
    weights: Array,
    null_imposed: bool,
    statistic: Callable[[Array, Array], Array],
) -> Array:
    """Return the statistic of each draw, in batches that keep the memory small."""
    assert fit.clusters is not None
    residuals = (without(fit, places) if null_imposed else fit).residuals
    scores = firm_scores(fit.unit_X, residuals, fit.clusters)
    own = fit.unit_bread[places] @ firm_cross_products(fit)
    step = max(1, CELLS // (fit.n_clusters * len(fit.terms)))
    batches = [weights[first : first + step] for first in range(0, len(weights), step)]
    parts = [statistic(*_moves(batch, scores, own, fit.unit_bread, places)) for batch in batches]
    return np.concatenate(parts)


def _moves(weights: Array, scores: Array, own: Array, bread: Array, places: list[int]) -> tuple[Array, Array]:
    """Return how far each draw moves the tested estimates, and their CR1 covariance in that draw.

    ``own`` holds the tested rows of (X'X)^-1 X_g'X_g, shape (G, q, k).
    """
    G = len(scores)
    change = weights @ scores @ bread
    pulls = weights[:, :, None] * (scores @ bread[:, places])
    pulls -= np.einsum("gqk,dk->dgq", own, change, optimize=True)
    return change[:, places], G / (G - 1) * (pulls.transpose(0, 2, 1) @ pulls)


def _wald(change: Array, V: Array) -> Array:
    """Return d'V^-1 d a draw; a pattern that leaves no variance gives infinity."""
    whole = np.linalg.matrix_rank(V, hermitian=True) == change.shape[1]
    statistic = np.full(len(change), np.inf)
    solved = np.linalg.solve(V[whole], change[whole, :, None])[:, :, 0]
    statistic[whole] = np.sum(change[whole] * solved, axis=1)
    return statistic


def _signed_root(change: Array, V: Array) -> Array:
    """Return d/sqrt(V) a draw, for one tested term."""
    with np.errstate(divide="ignore"):
        return np.asarray(change[:, 0] / np.sqrt(V[:, 0, 0]))
