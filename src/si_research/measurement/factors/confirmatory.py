"""Confirmatory factor analysis by maximum likelihood: do the items measure what they are meant to?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.measurement.factors.answers import Answers, Missing, prepared
from si_research.measurement.factors.estimation import (
    Curvature,
    Likelihood,
    Solution,
    curvature_at,
    has_information,
    inverse,
    likelihood,
    maximise,
    sandwich,
    start_values,
)
from si_research.measurement.factors.factor_fit import Estimator, FactorFit, Finding, Fitted, Status
from si_research.measurement.factors.factor_model import Factors, Unit, checked_factors, factor_structure
from si_research.measurement.factors.fit_measures import Yardstick, fit_measures, no_fit, yardstick
from si_research.measurement.factors.standardised import explained, standardise, standardised_errors
from si_research.measurement.factors.structure import Array, Structure

ROWS_PER_PARAMETER: Final = 5


def fit_factors(
    answers: pd.DataFrame,
    factors: Factors,
    *,
    estimator: Estimator = "MLR",
    missing: Missing = "listwise",
    unit: Unit = "marker",
    correlated: bool = True,
    clusters: pd.Series | None = None,
    conf_level: float = 0.95,
) -> FactorFit:
    """Fit a model in which every item measures one factor, by maximum likelihood.

    Use it to see whether items go together as the questionnaire means them to: the scales of the codebook
    beside all items as one factor, say. With answers on five points or more it is the usual way; with fewer,
    loadings come out too low.

    Parameters
    ----------
    answers : pandas.DataFrame
        Keyed answers: one column an item, high means much of the construct.
    factors : mapping of str to sequence of str
        Factor -> its items (two or more; three for a factor on its own), each item once.
        :func:`~si_research.measurement.factors.factor_model.factors_of` gives those of a codebook.
    estimator : {"MLR", "ML"}
        Both give the same loadings. ``MLR`` has standard errors and tests that hold for answers that are not
        normal; ``ML`` those for normal ones.
    missing : {"listwise", "fiml"}
        ``listwise`` uses rows with all items answered; ``fiml`` all rows with an answer, which holds when
        answers are missing at random given the others.
    unit : {"marker", "variance"}
        What gives a factor its unit: the loading of its first item, or its own variance, is 1.
    correlated : bool
        Whether factors may go together.
    clusters : pandas.Series, or None
        Firm or team of each row, whose members may be alike: MLR then allows for it. ML takes none.
    conf_level : float, in (0, 1)

    Returns
    -------
    FactorFit

    Raises
    ------
    SurveyDataError
        For items that are absent, no numbers, or do not vary; for no more respondents than items; for items
        of which one follows from the others.
    ModelSpecificationError
        For factors of one item, a single factor of two, or an item that stands in two.

    Notes
    -----
    Normal likelihood with divisor n. Standard errors: ML from the expected information, with ``fiml`` from
    the observed one; MLR from the sandwich of observed information and cross-products of scores. Chi-square
    of MLR: Yuan & Bentler's T2*, as in Mplus and lavaan. Nothing is bounded: a negative variance (Heywood
    case) is shown, and named in ``findings``.

    References
    ----------
    Jöreskog (1969), https://doi.org/10.1007/BF02289343; Yuan & Bentler (2000),
    https://doi.org/10.1111/0081-1750.00078; Bentler & Chou (1987), https://doi.org/10.1177/0049124187016001004.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> can, may = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], 400).T
    >>> items = {f"k{i}": can + rng.normal(size=400) for i in (1, 2, 3)}
    >>> items |= {f"m{i}": may + rng.normal(size=400) for i in (1, 2, 3)}
    >>> fit = fit_factors(pd.DataFrame(items), {"kunnen": ["k1", "k2", "k3"], "mogen": ["m1", "m2", "m3"]})
    >>> fit.status, int(fit.fit["df"]), fit.n_used
    ('estimated', 8, 400)
    """
    _check_choices(estimator, missing, unit, conf_level)
    named = checked_factors(factors)
    items = [item for each in named.values() for item in each]
    offered = prepared(answers, items, missing, clusters=clusters if estimator == "MLR" else None)
    model, other = _structures(named, offered, missing, unit, correlated=correlated)
    return fit_structure(
        model, named, offered, estimator=estimator, missing=missing, conf_level=conf_level, instead=other
    )


def fit_models(
    answers: pd.DataFrame,
    models: Mapping[str, Factors],
    *,
    estimator: Estimator = "MLR",
    missing: Missing = "listwise",
    clusters: pd.Series | None = None,
    conf_level: float = 0.95,
) -> dict[str, FactorFit]:
    """Fit several models to the same answers of the same people, so that they may be compared.

    Parameters
    ----------
    answers : pandas.DataFrame
        Keyed answers.
    models : mapping of str to mapping
        Model -> its factors; all of the same items, in the same order.
    estimator, missing, clusters, conf_level
        As :func:`fit_factors`.

    Returns
    -------
    dict of str to FactorFit

    Raises
    ------
    SurveyDataError, ModelSpecificationError
        As :func:`fit_factors`; for models of other items than the first.
    """
    _check_choices(estimator, missing, "marker", conf_level)
    named = {name: checked_factors(factors) for name, factors in models.items()}
    listed = {name: [item for each in own.values() for item in each] for name, own in named.items()}
    first, *others = listed.values()
    if any(items != first for items in others):
        raise ModelSpecificationError(
            expected="models of the same items, in the same order",
            found=", ".join(map(repr, listed)),
            where="models",
            todo="compare models that say something about the same answers",
        )
    offered = prepared(answers, first, missing, clusters=clusters if estimator == "MLR" else None)
    fits: dict[str, FactorFit] = {}
    against = None
    for name, own in named.items():
        model, other = _structures(own, offered, missing, "marker")
        against = against or yardstick_of(model, offered, estimator)
        fits[name] = fit_structure(
            model,
            own,
            offered,
            estimator=estimator,
            missing=missing,
            conf_level=conf_level,
            instead=other,
            against=against,
        )
    return fits


def _structures(
    factors: Factors, offered: Answers, missing: Missing, unit: Unit, *, correlated: bool = True
) -> tuple[Structure, Structure | None]:
    """Return the model, and with markers the same one with factor variances of 1."""
    means = None if missing == "fiml" else [each.mean[0] for each in offered.data]
    model, other = (
        factor_structure(factors, unit=each, correlated=correlated, means=means)
        for each in (unit, "variance")
    )
    return model, other if unit == "marker" else None


def yardstick_of(model: Structure, offered: Answers, estimator: Estimator) -> Yardstick:
    """Return what every model of these answers with such a mean structure is held against."""
    joined = likelihood(model, offered.data, offered.clusters)
    return yardstick(joined, robust=estimator == "MLR")


def fit_structure(
    model: Structure,
    factors: Mapping[str, tuple[str, ...]],
    offered: Answers,
    *,
    estimator: Estimator,
    missing: Missing,
    conf_level: float = 0.95,
    instead: Structure | None = None,
    against: Yardstick | None = None,
) -> FactorFit:
    """Fit a model that was laid out before, in one group or several.

    ``instead`` is the same model with factor variances of 1: a marker that hardly measures its factor makes a
    search go astray, so that is where a second one begins. ``against`` holds what was worked out for another
    model of the same answers.
    """
    joined = likelihood(model, offered.data, offered.clusters)
    _refuse_overfull(model)
    solution = maximise(joined, start_values(model, offered.data))
    if instead is not None and solution.status != "estimated":
        unmarked = maximise(likelihood(instead, offered.data), start_values(instead, offered.data))
        if unmarked.status == "estimated":
            solution = maximise(joined, _marked(model, instead, unmarked.theta))
    against = against or yardstick(joined, robust=estimator == "MLR")
    found = solution.status == "estimated" and against.free.found
    there = curvature_at(joined, solution.theta) if found and estimator == "MLR" else None
    covariance = _covariance(joined, solution, there, missing) if found else None
    theta = solution.theta if found else np.full(model.n_free, np.nan)
    lost: Status = "not converged" if solution.status == "estimated" else solution.status
    findings = findings_in(joined, solution, factors) if found else (Finding(lost.replace(" ", "_")),)
    improper = {"negative_variance", "correlation_beyond_one"} & {each.name for each in findings}
    if covariance is None:
        covariance = np.full((model.n_free, model.n_free), np.nan)
    return FactorFit(
        factors=factors,
        estimator=estimator,
        missing=missing,
        status=lost if not found else "improper" if improper else "estimated",
        findings=findings,
        n_rows=offered.n_rows,
        n_used=offered.n_used,
        estimates=_estimates(model, offered, theta, covariance, conf_level),
        standardised=_standardised(model, offered, theta, covariance, conf_level),
        fit=fit_measures(joined, solution, against, there) if found else no_fit(),
        r2=_r2(model, theta),
        conf_level=conf_level,
        engine=Fitted(joined, solution, offered, against.free, covariance),
    )


def findings_in(
    joined: Likelihood, solution: Solution, factors: Mapping[str, tuple[str, ...]]
) -> tuple[Finding, ...]:
    """Return what a reader of a fit must know."""
    model, negative, beyond = joined.model, [], []
    for here in joined.implied(solution.theta):
        negative += [name for name, size in zip(model.variables, np.diag(here.S), strict=True) if size < 0]
        p = len(model.observed)
        spread = np.sqrt(np.maximum(np.diag(here.E)[p:], 0))
        with np.errstate(divide="ignore", invalid="ignore"):
            among = np.abs(here.E[p:, p:] / np.outer(spread, spread))
        for i, j in zip(*np.where(np.triu(among, 1) > 1), strict=True):
            beyond.append(f"{model.latent[i]} with {model.latent[j]}")
    short = [name for name, items in factors.items() if len(items) == 2]
    named = [
        Finding("negative_variance", tuple(dict.fromkeys(negative))) if negative else None,
        Finding("correlation_beyond_one", tuple(dict.fromkeys(beyond))) if beyond else None,
        Finding("two_item_factor", tuple(short)) if short else None,
        Finding("saturated") if model.moments() == model.n_free else None,
        Finding("few_rows") if joined.n < ROWS_PER_PARAMETER * model.n_free else None,
    ]
    return tuple(each for each in named if each is not None)


def _marked(model: Structure, instead: Structure, theta: Array) -> Array:
    """Return the parameters in the unit of the markers, from those with factor variances of 1."""
    loading = {
        each.right: theta[number]
        for each, number in zip(instead.parameters, instead.index, strict=True)
        if each.operator == "=~"
    }
    unit = {
        each.left: loading[each.right] for each in model.parameters if each.operator == "=~" and each.fixed
    }
    place = np.empty(model.n_free)
    for each, number, other in zip(model.parameters, model.index, instead.index, strict=True):
        if number < 0:
            continue
        value = 1.0 if other < 0 else float(theta[other])
        if each.operator == "=~":
            value /= unit[each.left]
        elif each.operator == "~~" and each.left in unit:
            value *= unit[each.left] * unit[each.right]
        place[number] = value
    return place


def _check_choices(estimator: str, missing: str, unit: str, conf_level: float) -> None:
    for name, value, known in (
        ("estimator", estimator, ("ML", "MLR")),
        ("missing", missing, ("listwise", "fiml")),
        ("unit", unit, ("marker", "variance")),
    ):
        if value not in known:
            raise ModelSpecificationError(
                expected=" or ".join(map(repr, known)), found=repr(value), where=name, todo="choose one"
            )
    if not 0 < conf_level < 1:
        raise ModelSpecificationError(
            expected="a confidence level between 0 and 1",
            found=str(conf_level),
            where="conf_level",
            todo="use 0.95",
        )


def _refuse_overfull(model: Structure) -> None:
    if model.n_free > model.moments():
        raise ModelSpecificationError(
            expected=f"at most the {model.moments()} parameters that so many items can give",
            found=str(model.n_free),
            where="model",
            todo="add items, or free less",
        )


def _covariance(joined: Likelihood, solution: Solution, there: Curvature | None, missing: Missing) -> Array:
    if there is not None:
        return sandwich(there)
    information = joined.information(solution.theta, expected=missing == "listwise")
    if not has_information(information):
        return np.full_like(information, np.nan)
    return inverse(information)


def _estimates(
    model: Structure, offered: Answers, theta: Array, covariance: Array, conf_level: float
) -> pd.DataFrame:
    free = model.index >= 0
    estimate = np.array([np.nan if each.fixed is None else each.fixed for each in model.parameters])
    estimate[free] = theta[model.index[free]]
    error = np.zeros(len(free))
    variance = np.diag(covariance)[model.index[free]]
    error[free] = np.sqrt(np.where(variance > 0, variance, np.nan))  # one below 0 is none
    return _with_tests(model, offered, estimate, error, conf_level)


def _standardised(
    model: Structure, offered: Answers, theta: Array, covariance: Array, conf_level: float
) -> pd.DataFrame:
    if np.isnan(theta).any():
        missing = np.full(len(model.parameters), np.nan)
        return _with_tests(model, offered, missing, missing, conf_level)
    estimate, error = standardise(model, theta), standardised_errors(model, theta, covariance)
    return _with_tests(model, offered, estimate, np.where(np.isnan(estimate), np.nan, error), conf_level)


def _with_tests(
    model: Structure, offered: Answers, estimate: Array, error: Array, conf_level: float
) -> pd.DataFrame:
    places = {
        "term": [each.term for each in model.parameters],
        "left": [each.left for each in model.parameters],
        "operator": [each.operator for each in model.parameters],
        "right": [each.right for each in model.parameters],
        "group": [offered.groups[each.group] for each in model.parameters],
        "free": model.index >= 0,
    }
    return pd.concat([pd.DataFrame(places), normal_tests(estimate, error, conf_level)], axis=1)


def normal_tests(estimate: Array, error: Array, conf_level: float) -> pd.DataFrame:
    """Return estimates with their normal tests and intervals; no test where there is no error."""
    from scipy import stats

    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(error > 0, estimate / error, np.nan)
    reach = stats.norm.ppf((1 + conf_level) / 2) * error
    figures = {
        "estimate": estimate,
        "std_error": error,
        "statistic": statistic,
        "df": np.inf,
        "p_value": 2 * stats.norm.sf(np.abs(statistic)),
        "conf_low": estimate - reach,
        "conf_high": estimate + reach,
    }
    return pd.DataFrame(figures)


def _r2(model: Structure, theta: Array) -> pd.Series:
    found = {} if np.isnan(theta).any() else explained(model, theta)
    values = [found.get((0, name), np.nan) for name in model.observed]
    return pd.Series(values, index=pd.Index(model.observed, name="item"), name="r2", dtype="float64")
