"""The proportional-odds model of an outcome in ordered levels, for people and for people in firms.

By Newton's method with exact derivatives, so that large surveys take a second and people may have weights.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from si_research.model.inference import Array, firm_sums

Whole = npt.NDArray[np.intp]
MOST_STEPS: Final = 60
MOST_HALVINGS: Final = 30
SETTLED: Final = 1e-12
"""Expected gain in log-likelihood, a person, of another step below which the search is over."""
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
    mean, spread = X.mean(axis=0), X.std(axis=0)
    Z, times = (X - mean) / spread, np.ones(len(X)) if weights is None else weights / weights.mean()
    shares = np.bincount(levels, weights=times).cumsum()[:-1] / times.sum()
    parameters = np.concatenate([np.zeros(X.shape[1]), np.log(shares / (1 - shares))])
    value, scores, hessian = _derivatives(parameters, Z, levels, times)
    converged = False
    for _ in range(MOST_STEPS):
        total = scores.sum(axis=0)
        step = -np.linalg.lstsq(hessian, total, rcond=None)[0]
        converged = bool(step @ total < SETTLED * len(X))
        if converged:
            break
        parameters = _higher(parameters, step, value, Z, levels, times)
        value, scores, hessian = _derivatives(parameters, Z, levels, times)
    k = X.shape[1]
    if not converged or np.abs(parameters[:k]).max() > APART:
        missing = np.full(k, np.nan)
        return ProportionalOdds(missing, np.full(levels.max(), np.nan), np.full((k, k), np.nan), value, False)
    bread = np.linalg.inv(-hessian)
    V = bread
    if clusters is not None or weights is not None:
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


def _derivatives(parameters: Array, Z: Array, levels: Whole, times: Array) -> tuple[float, Array, Array]:
    """Return the log-likelihood, each person's score, and the second derivatives."""
    from scipy.special import expit

    above, below = _edges(parameters, Z, levels)
    share = _between(above, below)
    density = [expit(edge) * expit(-edge) / share for edge in (above, below)]
    bend = [density[side] * (1 - 2 * expit(edge)) for side, edge in enumerate((above, below))]
    n_edges = len(parameters) - Z.shape[1]
    number = np.arange(n_edges)
    A = np.hstack([-Z, (levels[:, None] == number).astype("float64")])
    B = np.hstack([-Z, (levels[:, None] - 1 == number).astype("float64")])
    scores = times[:, None] * (density[0][:, None] * A - density[1][:, None] * B)
    weights = (
        times * (bend[0] - density[0] ** 2),
        times * (-bend[1] - density[1] ** 2),
        times * density[0] * density[1],
    )
    crossed = A.T @ (weights[2][:, None] * B)
    hessian = A.T @ (weights[0][:, None] * A) + B.T @ (weights[1][:, None] * B) + crossed + crossed.T
    return float(times @ np.log(share)), scores, hessian
