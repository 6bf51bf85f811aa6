"""How well a model fits: the chi-square test and the usual measures, as lavaan computes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from si_research.measurement.factors.estimation import (
    Curvature,
    Likelihood,
    Solution,
    curvature_at,
    likelihood,
    misfit_of_normality,
)
from si_research.measurement.factors.moments import Patterns, deviance, saturated
from si_research.measurement.factors.structure import Array, Parameter, Structure, structure

MEASURES: Final = (
    *("n_parameters", "chi_square", "df", "p_value", "baseline_chi_square", "baseline_df", "cfi", "tli"),
    *("rmsea", "rmsea_low", "rmsea_high", "rmsea_close_p", "srmr"),
    *("log_likelihood", "aic", "bic", "bic_adjusted"),
    *("scaling_factor", "chi_square_scaled", "p_value_scaled", "baseline_scaling_factor"),
    *("cfi_scaled", "tli_scaled", "rmsea_scaled"),
    *("cfi_robust", "tli_robust", "rmsea_robust", "rmsea_robust_low", "rmsea_robust_high"),
)
CLOSE: Final = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Unrestricted:
    """Each group's covariances and means without a model.

    Attributes
    ----------
    sigma, mu : tuple of array
    deviance : float
        Minus the log-likelihood, without its constant.
    found : bool
    """

    sigma: tuple[Array, ...]
    mu: tuple[Array, ...]
    deviance: float
    found: bool


def unrestricted(data: tuple[Patterns, ...]) -> Unrestricted:
    """Fit covariances and means without a model."""
    moments = [saturated(each) for each in data]
    values = [deviance(each, sigma, mu)[0] for each, (sigma, mu, _) in zip(data, moments, strict=True)]
    return Unrestricted(
        sigma=tuple(sigma for sigma, _, _ in moments),
        mu=tuple(mu for _, mu, _ in moments),
        deviance=float(sum(values)),
        found=all(found for _, _, found in moments),
    )


def no_fit() -> pd.Series:
    """Return the measures of a model that was not found: all missing."""
    return pd.Series(np.nan, index=pd.Index(list(MEASURES), name="measure"), name="value")


@dataclass(frozen=True, slots=True, eq=False)
class Yardstick:
    """What every model of the same answers is held against: no model, and the one without relations.

    Attributes
    ----------
    free : Unrestricted
    deviance : float
        Of the model in which no item goes with another.
    n_free : int
        Its parameters.
    misfit, alone_misfit : float
        What :func:`misfit_of_normality` is without a model, and for that model; NaN where nobody asked.
    """

    free: Unrestricted
    deviance: float
    n_free: int
    misfit: float
    alone_misfit: float


def yardstick(fit: Likelihood, *, robust: bool) -> Yardstick:
    """Fit the two models that every other one of the same answers is held against."""
    free = unrestricted(fit.data)
    alone, theta = _independence(fit)
    known = robust and free.found
    return Yardstick(
        free=free,
        deviance=alone.value(theta)[0],
        n_free=alone.model.n_free,
        misfit=_unrestricted_misfit(fit, free) if known else np.nan,
        alone_misfit=misfit_of_normality(curvature_at(alone, theta)) if known else np.nan,
    )


def fit_measures(
    fit: Likelihood, solution: Solution, against: Yardstick, there: Curvature | None
) -> pd.Series:
    """Return the fit measures.

    Parameters
    ----------
    fit : Likelihood
    solution : Solution
    against : Yardstick
    there : Curvature, or None
        At the solution, to correct for answers that are not normal (Yuan & Bentler's T2*, as in Mplus); None
        corrects nothing.
    """
    model, measures, free = fit.model, no_fit(), against.free
    chi_square = max(2 * (solution.deviance - free.deviance), 0.0)
    df = model.moments() - model.n_free
    base, base_df = 2 * (against.deviance - free.deviance), model.moments() - against.n_free
    measures["n_parameters"] = model.n_free
    measures["chi_square"], measures["df"], measures["p_value"] = chi_square, df, _p_value(chi_square, df)
    measures["baseline_chi_square"], measures["baseline_df"] = base, base_df
    measures["cfi"], measures["tli"] = _incremental(chi_square, df, base, base_df)
    measures["rmsea"] = _rmsea(chi_square, df, fit)
    measures["rmsea_low"], measures["rmsea_high"] = _rmsea_interval(chi_square, df, fit)
    measures["rmsea_close_p"] = _close_p(chi_square, df, fit)
    measures["srmr"] = srmr(fit, solution.theta, free)
    logl = -solution.deviance - sum(each.constant() for each in fit.data)
    measures["log_likelihood"], measures["aic"] = logl, -2 * logl + 2 * model.n_free
    measures["bic"] = -2 * logl + model.n_free * np.log(fit.n)
    measures["bic_adjusted"] = -2 * logl + model.n_free * np.log((fit.n + 2) / 24)
    if there is not None and df > 0:
        c = (against.misfit - misfit_of_normality(there)) / df
        c_base = (against.misfit - against.alone_misfit) / base_df
        _put_robust(measures, fit, c, c_base)
    return measures


def srmr(fit: Likelihood, theta: Array, free: Unrestricted) -> float:
    """Return the standardised root mean square residual (Bentler's), groups weighted by their rows."""
    total = 0.0
    for here, data, sigma, mu in zip(fit.implied(theta), fit.data, free.sigma, free.mu, strict=True):
        sd = np.sqrt(np.diag(sigma))
        lower = np.tril_indices(len(sd))
        squares = float((((sigma - here.sigma) / np.outer(sd, sd))[lower] ** 2).sum())
        count = len(lower[0])
        if fit.model.mean_structure:
            squares += float((((mu - here.mu) / sd) ** 2).sum())
            count += len(sd)
        total += data.n_rows * np.sqrt(squares / count)
    return float(total / fit.n)


def _independence(fit: Likelihood) -> tuple[Likelihood, Array]:
    """Fit the model in which no item goes with another."""
    model, parameters = fit.model, []
    for group in range(len(fit.data)):
        parameters += [Parameter(item, "~~", item, group) for item in model.observed]
        if model.mean_structure:
            parameters += [Parameter(item, "~1", "", group) for item in model.observed]
    theta, means = [], []
    for data in fit.data:
        mean = np.nanmean(data.rows, axis=0)
        theta += [np.nanvar(data.rows, axis=0), *([mean] if model.mean_structure else [])]
        means.append(mean)
    alone = structure(
        model.observed, (), parameters, means=None if model.mean_structure else means, n_groups=len(fit.data)
    )
    return likelihood(alone, fit.data, fit.clusters), np.concatenate(theta)


def _unrestricted_misfit(fit: Likelihood, free: Unrestricted) -> float:
    """Return what :func:`misfit_of_normality` is without a model; for complete data Mardia's kurtosis."""
    total = 0.0
    if fit.clusters is not None:
        whole = _whole(fit.model, [data.mean[0] for data in fit.data])
        lower = np.tril_indices(len(fit.model.observed))
        pieces = [
            np.concatenate([sigma[lower], mu] if fit.model.mean_structure else [sigma[lower]])
            for sigma, mu in zip(free.sigma, free.mu, strict=True)
        ]
        joined = likelihood(whole, fit.data, fit.clusters)
        return misfit_of_normality(curvature_at(joined, np.concatenate(pieces)))
    for data, sigma, mu in zip(fit.data, free.sigma, free.mu, strict=True):
        p = len(mu)
        if data.complete:
            off = data.rows - mu
            distance = np.einsum("ij,ij->i", off @ np.linalg.inv(sigma), off)
            total += 0.5 * (float((distance**2).mean()) - p) + (p if fit.model.mean_structure else 0)
        else:
            lone = likelihood(_whole(fit.model, [mu], n_groups=1), [data])
            place = np.concatenate([sigma[np.tril_indices(p)], mu])
            total += misfit_of_normality(curvature_at(lone, place))
    return total


def _whole(model: Structure, means: list[Array], n_groups: int | None = None) -> Structure:
    """Return the model in which every covariance (and mean) is free."""
    names, parameters = model.observed, []
    pairs = list(zip(*np.tril_indices(len(names)), strict=True))
    for group in range(len(model.groups) if n_groups is None else n_groups):
        parameters += [Parameter(names[i], "~~", names[j], group) for i, j in pairs]
        if model.mean_structure:
            parameters += [Parameter(name, "~1", "", group) for name in names]
    return structure(
        names,
        (),
        parameters,
        means=None if model.mean_structure else means,
        n_groups=len(model.groups) if n_groups is None else n_groups,
    )


def _put_robust(measures: pd.Series, fit: Likelihood, c: float, c_base: float) -> None:
    chi_square, df = float(measures["chi_square"]), int(measures["df"])
    base, base_df = float(measures["baseline_chi_square"]), int(measures["baseline_df"])
    measures["scaling_factor"], measures["baseline_scaling_factor"] = c, c_base
    if not (c > 0 and c_base > 0):
        return
    measures["chi_square_scaled"] = chi_square / c
    measures["p_value_scaled"] = _p_value(chi_square / c, df)
    measures["cfi_scaled"], measures["tli_scaled"] = _incremental(chi_square / c, df, base / c_base, base_df)
    measures["rmsea_scaled"] = _rmsea(chi_square / c, df, fit)
    excess, base_excess = chi_square - c * df, base - c_base * base_df
    measures["cfi_robust"], measures["tli_robust"] = _from_excess(excess, df, base_excess, base_df)
    measures["rmsea_robust"] = _rmsea(chi_square / c, df, fit) * np.sqrt(c)
    low, high = _rmsea_interval(chi_square / c, df, fit)
    measures["rmsea_robust_low"], measures["rmsea_robust_high"] = low * np.sqrt(c), high * np.sqrt(c)


def _p_value(chi_square: float, df: int) -> float:
    from scipy import stats

    return float(stats.chi2.sf(chi_square, df)) if df > 0 else np.nan


def _incremental(chi_square: float, df: int, base: float, base_df: int) -> tuple[float, float]:
    return _from_excess(chi_square - df, df, base - base_df, base_df)


def _from_excess(excess: float, df: int, base_excess: float, base_df: int) -> tuple[float, float]:
    """Return CFI and TLI from what the chi-squares exceed their degrees of freedom by."""
    worst = max(excess, base_excess, 0.0)
    cfi = 1 - max(excess, 0.0) / worst if worst > 0 else 1.0
    tli = 1 - excess * base_df / (base_excess * df) if df > 0 and base_excess != 0 else np.nan
    return cfi, tli


def _rmsea(chi_square: float, df: int, fit: Likelihood) -> float:
    if df <= 0:
        return np.nan
    return float(np.sqrt(max(chi_square - df, 0.0) / (fit.n * df) * len(fit.data)))


def _rmsea_interval(chi_square: float, df: int, fit: Likelihood) -> tuple[float, float]:
    """Return the 90 % interval, from the noncentral chi-squares that would make this one rare."""
    if df <= 0:
        return np.nan, np.nan
    size = fit.n * df / len(fit.data)
    return tuple(float(np.sqrt(_noncentrality(chi_square, df, tail) / size)) for tail in (0.95, 0.05))  # type: ignore[return-value]


def _noncentrality(chi_square: float, df: int, tail: float) -> float:
    from scipy import optimize, stats

    def excess(size: float) -> float:
        return (
            float(stats.ncx2.cdf(chi_square, df, size) if size > 0 else stats.chi2.cdf(chi_square, df)) - tail
        )

    if excess(0.0) <= 0:
        return 0.0
    high = max(chi_square, 1.0)
    while excess(high) > 0:
        high *= 2
    return float(optimize.brentq(excess, 0.0, high, xtol=1e-10, rtol=1e-12))


def _close_p(chi_square: float, df: int, fit: Likelihood) -> float:
    from scipy import stats

    if df <= 0:
        return np.nan
    return float(stats.ncx2.sf(chi_square, df, fit.n * df * CLOSE**2 / len(fit.data)))
