"""What each step of the regression adds, on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from si_research.model.design import INTERCEPT, Roles, product_terms, term_name
from si_research.model.inference import (
    Array,
    LeastSquares,
    Method,
    coefficient_table,
    covariance,
    covariance_of_changes,
    jackknife_changes,
    some_terms,
    wald_statistic,
    without,
)

ROBUST: Final = {"CR3 jackknife": "Hotelling, CR3 jackknife", "OLS": "classical F"}
"""How the test of a step is called that has the covariance of the fit."""


def step_terms(terms: Sequence[str], roles: Roles) -> dict[str, list[str]]:
    """Return the terms that each step adds; the intercept stands in the first."""
    products = {term_name(parts): len(parts) for parts in product_terms(roles.predictors)}
    controls = [term for term in terms if term not in {INTERCEPT, *roles.predictors, *products}]
    steps = {
        "controls": controls,
        "main effects": list(roles.predictors),
        "two-way": [name for name, order in products.items() if order == 2],
        "three-way": [name for name, order in products.items() if order == 3],
    }
    steps = {step: added for step, added in steps.items() if added}
    first = next(iter(steps))
    return steps | {first: [INTERCEPT, *steps[first]]}


def step_table(fit: LeastSquares, roles: Roles, method: Method) -> pd.DataFrame:
    """Return R², its gain, the classical F and the robust test of the gain, AIC and BIC, per step.

    Returns
    -------
    pandas.DataFrame, indexed by ``step``
        terms, n_terms, r2, r2_adjusted, r2_gain, statistic, df, df_residual, p_value (classical F),
        robust_method, robust_statistic, robust_df, robust_df_residual, robust_p_value, aic, bic,
        log_likelihood, n_used. With firms the robust test is Hotelling's form of the jackknife Wald
        test, and missing where there are not more firms than terms added.
    """
    rows, inside, before = [], list[str](), 0.0
    for step, added in step_terms(fit.terms, roles).items():
        inside = [*inside, *added]
        now = some_terms(fit, [fit.terms.index(term) for term in inside])
        new = [term for term in added if term != INTERCEPT]
        row = {"step": step, "terms": ", ".join(new), "n_terms": len(new), **_size(now)}
        row["r2_gain"] = now.r2 - before
        rows.append({**row, **_classical(now, len(new), before), **_robust(now, new, method)})
        before = now.r2
    return pd.DataFrame(rows).set_index("step")


def _size(fit: LeastSquares) -> dict[str, float]:
    """Return R², log-likelihood, AIC and BIC as R's lm counts them: the variance is a parameter too."""
    n, parameters = fit.n, len(fit.terms) + 1
    log_likelihood = -n / 2 * (np.log(2 * np.pi * fit.rss / n) + 1)
    if fit.root_weights is not None:
        log_likelihood += float(np.log(fit.root_weights).sum())
    return {
        "r2": fit.r2,
        "r2_adjusted": 1 - (1 - fit.r2) * (n - 1) / fit.df_residual,
        "aic": 2 * parameters - 2 * log_likelihood,
        "bic": np.log(n) * parameters - 2 * log_likelihood,
        "log_likelihood": log_likelihood,
        "n_used": n,
    }


def _classical(fit: LeastSquares, n_new: int, r2_before: float) -> dict[str, float]:
    statistic, df, df_residual, p = classical_f(fit, n_new, fit.r2 - r2_before)
    return {"statistic": statistic, "df": df, "df_residual": df_residual, "p_value": p}


def classical_f(fit: LeastSquares, n_terms: int, r2_gain: float) -> tuple[float, float, float, float]:
    """Return F, its degrees of freedom and p of an R² gain, by the residual variance of the larger model."""
    from scipy import stats

    F = r2_gain / n_terms / ((1 - fit.r2) / fit.df_residual)
    return F, float(n_terms), float(fit.df_residual), float(stats.f.sf(F, n_terms, fit.df_residual))


def _robust(fit: LeastSquares, new: Sequence[str], method: Method) -> dict[str, object]:
    statistic, df, df_residual, p = robust_wald(fit, [fit.terms.index(term) for term in new], method)
    return {
        "robust_method": ROBUST.get(method, f"Wald, {method}"),
        "robust_statistic": statistic,
        "robust_df": df,
        "robust_df_residual": df_residual,
        "robust_p_value": p,
    }


def robust_wald(
    fit: LeastSquares, places: Sequence[int], method: Method
) -> tuple[float, float, float, float]:
    """Return F, its degrees of freedom and p of the hypothesis that these coefficients are all 0.

    Over people, F = W/q on F(q, n - k). Over G firms Hotelling's form, W·(G - q)/((G - 1)·q) on F(q, G - q):
    the plain F(q, G - 1) rejects a true null far too often. Missing where G <= q, and where a single firm
    decides one of the terms: there it would reject nearly every true null.
    """
    from scipy import stats

    q, G = len(places), fit.n_clusters
    V, decided = _covariance(fit, places, method)
    W = wald_statistic(fit.estimate[list(places)], V)
    if not method.startswith("CR"):
        F, df_residual = W / q, float(fit.df_residual)
    elif q < G and not decided:
        F, df_residual = W * (G - q) / ((G - 1) * q), float(G - q)
    else:
        F, df_residual = np.nan, np.nan
    return F, float(q), df_residual, float(stats.f.sf(F, q, df_residual))


def _covariance(fit: LeastSquares, places: Sequence[int], method: Method) -> tuple[Array, bool]:
    """Return the covariance of these coefficients, and whether a single firm decides one of them."""
    if method != "CR3 jackknife" or fit.n_clusters < 2:
        return covariance(fit, method)[np.ix_(places, places)], False
    changes, lost = jackknife_changes(fit)
    own = list(places)
    return covariance_of_changes(changes[:, own]), bool(lost[:, own].any())


def highest_order_table(
    plain: LeastSquares, with_squares: LeastSquares, term: str, method: Method, conf_level: float
) -> pd.DataFrame:
    """Return the highest-order product without and with squares in the model, with its R² gain and f²."""
    rows = []
    for model, each in (("without squares", plain), ("with squares", with_squares)):
        row = coefficient_table(each, method, conf_level).loc[term].to_dict()
        gain = each.r2 - without(each, [each.terms.index(term)]).r2
        rows.append({"model": model, "term": term, **row, "r2_gain": gain, "f2": gain / (1 - each.r2)})
    return pd.DataFrame(rows).set_index("model")
