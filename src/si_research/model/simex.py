"""The interaction without measurement error, a second opinion: add more error, and follow the line back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from si_research.model.design import Roles
from si_research.model.inference import COLUMNS, LeastSquares, covariance
from si_research.model.interaction import InteractionFit, regress
from si_research.model.measurement_error import (
    CorrectedInteraction,
    coefficient_rows,
    known_reliabilities,
)

Array = npt.NDArray[np.float64]
LEVELS: Final = (0.5, 1.0, 1.5, 2.0)
"""How many times the scores' own error variance is added."""


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
        A standard error is missing where the extrapolated variance is not above 0.

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
    known = known_reliabilities(fit, reliabilities)
    rng = np.random.default_rng(seed)
    plain = _refit(fit, np.zeros((fit.n_used, len(known))))
    estimates, variances = [plain.estimate], [covariance(plain, fit.method)]
    spread = np.sqrt((1 - known) * np.square([fit.std_devs[name] for name in fit.predictors])).to_numpy()
    for level in LEVELS:
        noise = rng.normal(size=(draws, fit.n_used, len(known))) * spread * np.sqrt(level)
        fits = [_refit(fit, each) for each in noise]
        drawn = np.array([each.estimate for each in fits])
        estimates.append(drawn.mean(axis=0))
        mean = np.mean([covariance(each, fit.method) for each in fits], axis=0)
        variances.append(mean - np.cov(drawn, rowvar=False))
    weights = _weights()
    estimate = np.tensordot(weights, np.array(estimates), axes=1)
    V = np.tensordot(weights, np.array(variances), axes=1)
    return CorrectedInteraction(
        method="simulation extrapolation",
        coefficients=coefficient_rows(list(plain.terms), estimate, V, fit.df, fit.conf_level),
        plain=fit.coefficients[COLUMNS].copy(),
        reliabilities=known,
        status="estimated",
        tested_term=fit.tested_term,
        n_used=fit.n_used,
        n_groups=plain.n_clusters,
        conf_level=fit.conf_level,
    )


def _refit(fit: InteractionFit, noise: Array) -> LeastSquares:
    """Fit the model again with noise on the predictors, about the centres of the fit."""
    frame = fit.rows.copy()
    names = list(fit.predictors)
    frame[names] = frame[names] + noise
    numbers = frame[[*names, *fit.controls]].select_dtypes("number").columns
    centres = {str(name): float(fit.rows[name].mean()) for name in numbers}
    return regress(frame, Roles(fit.outcome, fit.predictors, fit.controls, fit.cluster), centres=centres)


def _weights() -> Array:
    """Return what each level weighs in a least-squares quadratic followed back to -1."""
    levels = np.array([0.0, *LEVELS])
    X = np.vander(levels, 3, increasing=True)
    return np.asarray(np.array([1.0, -1.0, 1.0]) @ np.linalg.pinv(X))
