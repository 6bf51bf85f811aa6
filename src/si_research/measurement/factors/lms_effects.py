"""What a fit by LMS says: effects, in standard deviations and in points of the scales."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from si_research.measurement.factors.latent_interaction import COLUMNS
from si_research.measurement.factors.lms_likelihood import (
    ModeratedLikelihood,
    ModeratedParameters,
    Powers,
    quadrature,
)
from si_research.measurement.factors.structure import Array


def effects_of(
    likelihood: ModeratedLikelihood,
    names: Sequence[str],
    own: ModeratedParameters | None,
    covariance: Array | None,
    conf_level: float,
    df: float = np.inf,
) -> pd.DataFrame:
    """Return the effects in the units of the first items, and standardised; missing without a covariance."""
    terms = likelihood.terms
    estimate = error = standardised = np.full(len(terms), np.nan)
    if own is not None and covariance is not None:
        estimate, error = own.effects, np.sqrt(np.diag(covariance)[likelihood.places["effects"]])
        sd = np.sqrt(np.diag(own.factors))
        spread = np.prod(np.where(np.array(terms) == 1, sd, 1.0), axis=1)
        standardised = estimate * spread / np.sqrt(outcome_variance(own, terms))
    table = _tests(estimate, error, conf_level, df)
    return table.assign(term=_named(names, terms), standardised=standardised)[COLUMNS]


def effects_in_points(
    likelihood: ModeratedLikelihood,
    names: Sequence[str],
    own: ModeratedParameters | None,
    covariance: Array | None,
    conf_level: float,
    df: float = np.inf,
) -> pd.DataFrame:
    """Return the effects times the mean loading of the outcome over those of the factors of the term.

    Standard errors by the delta method, since loadings are estimates too.
    """
    terms = likelihood.terms
    estimate = error = np.full(len(terms), np.nan)
    if own is not None and covariance is not None:
        sizes = np.bincount(likelihood.owner)
        mean = np.bincount(likelihood.owner, own.loadings) / sizes
        sign = np.column_stack([-np.array(terms), np.ones(len(terms))])  # a power of the mean loading of each
        unit = np.prod(mean**sign, axis=1)
        estimate = own.effects * unit
        free = likelihood.owner[likelihood.free_loadings]
        slope = np.zeros((len(terms), len(covariance)))
        slope[:, likelihood.places["loadings"]] = estimate[:, None] * sign[:, free] / (mean * sizes)[free]
        slope[:, likelihood.places["effects"]] = np.diag(unit)
        error = np.sqrt(np.einsum("ij,jk,ik->i", slope, covariance, slope))
    table = _tests(estimate, error, conf_level, df).assign(term=_named(names, terms))
    return table[[name for name in COLUMNS if name != "standardised"]]


def outcome_variance(own: ModeratedParameters, terms: Sequence[Powers]) -> float:
    """Return the variance of the outcome that the model implies, products and all."""
    nodes, log_weights = quadrature(4, len(own.factors))  # exact: no power above six
    places = nodes @ np.linalg.cholesky(own.factors).T
    predicted = np.array([np.prod(places ** np.array(powers), axis=1) for powers in terms]).T @ own.effects
    weights = np.exp(log_weights)
    return float(weights @ (predicted - weights @ predicted) ** 2) + own.unexplained


def _tests(estimate: Array, error: Array, conf_level: float, df: float) -> pd.DataFrame:
    """Return estimates with their t tests and intervals; with infinite degrees of freedom normal ones."""
    from scipy import stats

    statistic = estimate / error
    reach = stats.t.ppf((1 + conf_level) / 2, df) * error
    figures = {
        "estimate": estimate,
        "std_error": error,
        "statistic": statistic,
        "df": df,
        "p_value": 2 * stats.t.sf(np.abs(statistic), df),
        "conf_low": estimate - reach,
        "conf_high": estimate + reach,
    }
    return pd.DataFrame(figures)


def _named(names: Sequence[str], terms: Sequence[Powers]) -> list[str]:
    return [":".join(name for name, power in zip(names, powers, strict=True) if power) for powers in terms]
