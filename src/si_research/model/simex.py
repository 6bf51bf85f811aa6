"""The interaction without measurement error, a second opinion: add more error, and follow the line back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.model.design import control_terms, own_order, product_terms
from si_research.model.firm_sums import firm_scores
from si_research.model.inference import COLUMNS, changes_without
from si_research.model.interaction import InteractionFit, check_one_table
from si_research.model.measurement_error import (
    CorrectedInteraction,
    coefficient_rows,
    correct_measurement_error,
    known_reliabilities,
)

Array = npt.NDArray[np.float64]
LEVELS: Final = (0.5, 1.0, 1.5, 2.0)
"""How many times the scores' own error variance is added."""
SMALLEST_PIVOT: Final = 1e-4
"""Of the Cholesky factor of X'X (unit diagonal) without a firm, below which a term may hang on that firm."""


def extrapolate_measurement_error(
    fit: InteractionFit, reliabilities: Mapping[str, float], *, draws: int = 50, seed: int
) -> CorrectedInteraction:
    """Return the interaction corrected by simulation and extrapolation (SIMEX).

    Use it beside :func:`~si_research.model.measurement_error.correct_measurement_error`: it rests on no
    moments of the errors, and its quadratic takes off part of the bias only, least where scales are poor.
    Two corrections that lie far apart say that neither can be relied on.

    Parameters
    ----------
    fit : InteractionFit
    reliabilities : mapping of str to float in (0, 1]
        Of each predictor; 1 for one without error.
    draws : int
        Simulated data sets for each amount of added error.
    seed : int

    Returns
    -------
    CorrectedInteraction
        A standard error is missing where the extrapolated variance is not above 0. Status "not identified",
        and no figures, where adjusted least squares has that: error leaves too little of the scores.

    Raises
    ------
    ModelSpecificationError
        A predictor without a reliability, or one outside (0, 1].

    Notes
    -----
    Normal error of .5, 1, 1.5 and 2 times the error variance is added; the mean coefficients at each, and
    those of the fit, are followed by a quadratic back to -1. Variances likewise: the mean of the robust ones
    minus the variance between draws. t has the degrees of freedom of the fit.

    References
    ----------
    Cook & Stefanski (1994), https://doi.org/10.1080/01621459.1994.10476871; Stefanski & Cook (1995),
    https://doi.org/10.1080/01621459.1995.10476629.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> fit = fit_interaction(simulate_scores(400, three_way=0.1, seed=3))
    >>> found = extrapolate_measurement_error(fit, {"kunnen": 0.9, "willen": 0.8, "mogen": 0.8}, seed=1)
    >>> found.method, found.n_used
    ('simulation extrapolation', 400)
    """
    check_one_table(fit, "extrapolate_measurement_error")
    known = known_reliabilities(fit, reliabilities)
    if correct_measurement_error(fit, reliabilities).status == "not identified":
        return _without(fit, known)
    rng = np.random.default_rng(seed)
    model = _model_of(fit)
    first = _refit(model, np.zeros_like(model.mains))
    estimates, variances = [first[0]], [first[1]]
    spread = np.sqrt((1 - known) * np.square([fit.std_devs[name] for name in fit.predictors])).to_numpy()
    for level in LEVELS:
        noise = (rng.normal(size=model.mains.shape) * spread * np.sqrt(level) for _ in range(draws))
        drawn, own = (np.array(each) for each in zip(*(_refit(model, each) for each in noise), strict=True))
        estimates.append(drawn.mean(axis=0))
        variances.append(own.mean(axis=0) - np.cov(drawn, rowvar=False))
    weights = _weights()
    estimate = np.tensordot(weights, np.array(estimates), axes=1)
    V = np.tensordot(weights, np.array(variances), axes=1)
    return CorrectedInteraction(
        method="simulation extrapolation",
        coefficients=coefficient_rows(list(fit.coefficients.index), estimate, V, fit.df, fit.conf_level),
        plain=fit.coefficients[COLUMNS].copy(),
        reliabilities=known,
        status="estimated",
        tested_term=fit.tested_term,
        n_used=fit.n_used,
        n_groups=0 if fit.clusters is None else fit.clusters.n_clusters,
        conf_level=fit.conf_level,
    )


def _without(fit: InteractionFit, known: pd.Series[float]) -> CorrectedInteraction:
    """Return that error leaves too little of the scores: a line followed back from noise is no estimate."""
    return CorrectedInteraction(
        method="simulation extrapolation",
        coefficients=pd.DataFrame(np.nan, index=fit.coefficients.index, columns=COLUMNS),
        plain=fit.coefficients[COLUMNS].copy(),
        reliabilities=known,
        status="not identified",
        tested_term=fit.tested_term,
        n_used=fit.n_used,
        n_groups=0 if fit.clusters is None else fit.clusters.n_clusters,
        conf_level=fit.conf_level,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """What stays the same from draw to draw; rows in the order of firms and scores."""

    extra: Array
    mains: Array
    products: tuple[tuple[int, ...], ...]
    y: Array
    firms: npt.NDArray[np.intp] | None


def _model_of(fit: InteractionFit) -> _Model:
    rows = fit.rows.iloc[own_order(fit.rows, fit.cluster)]
    firms = None if fit.cluster is None else pd.factorize(rows[fit.cluster], sort=True)[0]
    names = list(fit.predictors)
    mains = rows[names].to_numpy(dtype="float64") - [float(fit.rows[name].mean()) for name in names]
    controls = control_terms(rows, fit.controls).to_numpy(dtype="float64")
    return _Model(
        extra=np.column_stack([np.ones(len(rows)), controls]),
        mains=mains,
        products=tuple(tuple(names.index(part) for part in parts) for parts in product_terms(names)),
        y=rows[fit.outcome].to_numpy(dtype="float64"),
        firms=firms,
    )


def _refit(model: _Model, noise: Array) -> tuple[Array, Array]:
    """Return coefficients and their robust covariance with noise on the predictors, about their old centres.

    On columns of unit length, as :func:`~si_research.model.inference.covariance`: HC3 of people, the
    jackknife over firms.
    """
    mains = model.mains + noise
    products = [mains[:, parts].prod(axis=1) for parts in model.products]
    X = np.column_stack([model.extra, mains, *products])
    length = np.linalg.norm(X, axis=0)
    X = X / length
    Q, R = np.linalg.qr(X)
    estimate = np.linalg.solve(R, Q.T @ model.y)
    u = model.y - X @ estimate
    if model.firms is None:
        half = np.linalg.solve(R, (Q * (u / (1 - (Q**2).sum(axis=1)))[:, None]).T)
        V = half @ half.T
    else:
        edges = np.flatnonzero(np.diff(model.firms)) + 1
        own = np.stack([block.T @ block for block in np.split(X, edges)])
        changes = _changes(own, firm_scores(X, u, model.firms), estimate)
        V = (len(own) - 1) / len(own) * changes.T @ changes
    return estimate / length, V / np.outer(length, length)


def _changes(own: Array, scores: Array, estimate: Array) -> Array:
    """Return the change of the coefficients without each firm, the fast way where all others suffice."""
    left = own.sum(axis=0) - own
    try:
        pivots = np.diagonal(np.linalg.cholesky(left), axis1=1, axis2=2)
    except np.linalg.LinAlgError:
        return changes_without(own, scores, estimate)[0]
    if pivots.min() < SMALLEST_PIVOT:
        return changes_without(own, scores, estimate)[0]
    return np.asarray(np.linalg.solve(left, scores[..., None])[..., 0])


def _weights() -> Array:
    """Return what each level weighs in a least-squares quadratic followed back to -1."""
    levels = np.array([0.0, *LEVELS])
    X = np.vander(levels, 3, increasing=True)
    return np.asarray(np.array([1.0, -1.0, 1.0]) @ np.linalg.pinv(X))
