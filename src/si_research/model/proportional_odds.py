"""The proportional-odds model of an outcome in ordered levels, for people and for people in firms.

By Newton's method with exact derivatives, so that large surveys take a second and people may have weights.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from si_research.errors import ModelSpecificationError
from si_research.model.firm_sums import firm_sums
from si_research.model.inference import Array, unit_length

Whole = npt.NDArray[np.intp]
MOST_STEPS: Final = 60
MOST_HALVINGS: Final = 30
SETTLED: Final = 1e-12
"""Expected gain in log-likelihood, a person, of another step below which the search is over."""
SAME: Final = 1e-7
"""Singular value, of columns of unit length, below which one follows from the others."""
APART: Final = 25.0
"""Log odds per standard deviation above which levels are taken to be wholly separated."""


@dataclass(frozen=True, slots=True, eq=False)
class ProportionalOdds:
    """A fitted proportional-odds model. Made by :func:`proportional_odds`.

    Attributes
    ----------
    estimate : array, shape (k,)
        Log odds of a higher level per unit of each column.
    thresholds : array, shape (levels - 1,)
    covariance : array, shape (k, k)
        Of ``estimate``: from the information, or robust where there are firms or weights.
    log_likelihood : float
    converged : bool
        False also where a column separates the levels wholly; figures are then missing.
    """

    estimate: Array
    thresholds: Array
    covariance: Array = field(repr=False)
    log_likelihood: float
    converged: bool


def proportional_odds(
    X: Array, levels: Whole, *, clusters: Whole | None = None, weights: Array | None = None
) -> ProportionalOdds:
    """Fit logit P(level <= j) = threshold_j - x'b by maximum likelihood.

    Parameters
    ----------
    X : array, shape (n, k)
        Without an intercept.
    levels : array of int, shape (n,)
        0, 1, 2, ..., each of which occurs.
    clusters : array of int, shape (n,), optional
        Firm of each row, numbered from 0. The covariance is then the sandwich over firms times G/(G - 1).
    weights : array, shape (n,), optional
        Sampling weights; brought to a mean of 1.

    Returns
    -------
    ProportionalOdds

    Raises
    ------
    ModelSpecificationError
        For columns that do not vary or follow from one another, levels that do not all occur, fewer than two
        levels or firms, and weights that are not above 0.

    References
    ----------
    McCullagh (1980), https://doi.org/10.1111/j.2517-6161.1980.tb01109.x; Pratt (1981) for a likelihood with
    one top, https://doi.org/10.1080/01621459.1981.10477613.

    Examples
    --------
    >>> x = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0])
    >>> fit = proportional_odds(x[:, None], np.array([0, 0, 0, 1, 0, 1, 1, 1]))
    >>> bool(np.isclose(fit.estimate[0], np.log(9)))
    True
    """
    _check(X, levels, clusters, weights)
    mean, spread = X.mean(axis=0), X.std(axis=0)
    Z, times = (X - mean) / spread, np.ones(len(X)) if weights is None else weights / weights.mean()
    shares = np.bincount(levels, weights=times).cumsum()[:-1] / times.sum()
    parameters = np.concatenate([np.zeros(X.shape[1]), np.log(shares / (1 - shares))])
    value, total, hessian = _derivatives(parameters, Z, levels, times)
    converged = False
    for _ in range(MOST_STEPS):
        step = np.asarray(-np.linalg.lstsq(hessian, total, rcond=None)[0], dtype="float64")
        converged = bool(step @ total < SETTLED * len(X))
        if converged:
            break
        parameters = _higher(parameters, step, value, Z, levels, times)
        value, total, hessian = _derivatives(parameters, Z, levels, times)
    k = X.shape[1]
    if not converged or np.abs(parameters[:k]).max() > APART:
        missing = np.full(k, np.nan)
        return ProportionalOdds(missing, np.full(levels.max(), np.nan), np.full((k, k), np.nan), value, False)
    bread = np.linalg.inv(-hessian)
    V = bread
    if clusters is not None or weights is not None:
        scores = _scores(parameters, Z, levels, times)
        sums = scores if clusters is None else firm_sums(scores, clusters)
        moved = sums @ bread
        V = len(sums) / (len(sums) - 1) * moved.T @ moved
    estimate = parameters[:k] / spread
    return ProportionalOdds(
        estimate=estimate,
        thresholds=parameters[k:] + mean @ estimate,
        covariance=np.asarray(V[:k, :k] / np.outer(spread, spread)),
        log_likelihood=value,
        converged=True,
    )


def _check(X: Array, levels: Whole, clusters: Whole | None, weights: Array | None) -> None:
    """Refuse what has no proportional-odds model."""
    rows = [len(levels), *(len(each) for each in (clusters, weights) if each is not None)]
    wrong = []
    if X.ndim != 2 or set(rows) != {len(X)} or not np.isfinite(X).all():
        wrong.append("X that is not a table of finite numbers, or of other people")
    elif np.linalg.matrix_rank(unit_length(X - X.mean(axis=0))[0], tol=SAME) < X.shape[1]:
        wrong.append("columns that do not vary, or follow from one another")
    if not len(levels) or (np.bincount(levels) == 0).any() or levels.max() < 1:
        wrong.append("fewer than two levels, or levels that do not occur")
    if clusters is not None and len(np.unique(clusters)) < 2:
        wrong.append("one firm")
    if weights is not None and not ((weights > 0) & np.isfinite(weights)).all():
        wrong.append("weights that are not above 0")
    if wrong:
        raise ModelSpecificationError(
            expected="columns that each say something of their own, and levels 0, 1, 2, ... that all occur",
            found="; ".join(wrong),
            where="proportional_odds",
            todo="leave out rows and columns, or number the levels anew, for the others to be fitted",
        )


def _higher(parameters: Array, step: Array, value: float, Z: Array, levels: Whole, times: Array) -> Array:
    """Return the parameters after the step, halved until the likelihood rises and thresholds keep order."""
    for _ in range(MOST_HALVINGS):
        new = parameters + step
        if (np.diff(new[Z.shape[1] :]) > 0).all() and _log_likelihood(new, Z, levels, times) >= value:
            return new
        step = step / 2
    return parameters


def _edges(parameters: Array, Z: Array, levels: Whole) -> tuple[Array, Array]:
    """Return threshold minus x'b above and below each person's level."""
    k = Z.shape[1]
    edges = np.concatenate([[-np.inf], parameters[k:], [np.inf]])
    place = Z @ parameters[:k]
    return edges[levels + 1] - place, edges[levels] - place


def _log_likelihood(parameters: Array, Z: Array, levels: Whole, times: Array) -> float:
    above, below = _edges(parameters, Z, levels)
    return float(times @ np.log(_between(above, below)))


def _between(above: Array, below: Array) -> Array:
    """Return the probability between two edges; both turned round where they lie above 0, to keep digits."""
    from scipy.special import expit

    turned = below > 0
    high, low = np.where(turned, -below, above), np.where(turned, -above, below)
    return np.asarray(np.maximum(expit(high) - expit(low), np.finfo(float).tiny))


def _densities(parameters: Array, Z: Array, levels: Whole) -> tuple[Array, Array, Array, Array, Array]:
    """Return each person's edges and probability, and the densities at the edges as shares of it."""
    from scipy.special import expit

    above, below = _edges(parameters, Z, levels)
    share = _between(above, below)
    upper, lower = (np.asarray(expit(edge) * expit(-edge) / share) for edge in (above, below))
    return above, below, share, upper, lower


def _scores(parameters: Array, Z: Array, levels: Whole, times: Array) -> Array:
    """Return the derivatives of each person's log-likelihood, shape (n, parameters)."""
    *_, upper, lower = _densities(parameters, Z, levels)
    number = np.arange(len(parameters) - Z.shape[1])
    on_edges = upper[:, None] * (levels[:, None] == number) - lower[:, None] * (levels[:, None] - 1 == number)
    return np.asarray(times[:, None] * np.hstack([(lower - upper)[:, None] * Z, on_edges]))


def _derivatives(parameters: Array, Z: Array, levels: Whole, times: Array) -> tuple[float, Array, Array]:
    """Return the log-likelihood with its first and second derivatives.

    An edge belongs to the people of one level, so that all but the block of the columns is sums over levels.
    """
    from scipy.special import expit

    above, below, share, upper, lower = _densities(parameters, Z, levels)
    k, last = Z.shape[1], len(parameters) - Z.shape[1]
    bend = [d * (1 - 2 * expit(edge)) for d, edge in ((upper, above), (lower, below))]
    both = times * upper * lower
    over, under = times * (bend[0] - upper**2), times * (-bend[1] - lower**2)
    sums = firm_sums(np.column_stack([times * upper, times * lower, over, under, both]), levels).T
    first = np.concatenate([Z.T @ (times * (lower - upper)), sums[0, :last] - sums[1, 1:]])
    hessian = np.diag(np.concatenate([np.zeros(k), sums[2, :last] + sums[3, 1:]]))
    inner = np.arange(1, last)
    hessian[k + inner, k + inner - 1] = hessian[k + inner - 1, k + inner] = sums[4, inner]
    hessian[:k, :k] = Z.T @ ((over + under + 2 * both)[:, None] * Z)
    edges = (
        firm_sums((over + both)[:, None] * Z, levels)[:last]
        + firm_sums((under + both)[:, None] * Z, levels)[1:]
    )
    hessian[:k, k:], hessian[k:, :k] = -edges.T, -edges
    return float(times @ np.log(share)), first, hessian
