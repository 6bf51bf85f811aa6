"""The change of firms, adjusted for how they differed before: weighting, regression, both; and the dose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.model.inference import Array, coefficient_table, least_squares
from si_research.practice.scheme.difference import FEW, FEWEST, NUMBERS, FirmSample
from si_research.practice.scheme.fixed_effects import CR1S, NOTHING, leaves_nothing
from si_research.practice.scheme.panel import SchemePanel

WEIGHTING, REGRESSION, BOTH = "inverse probability", "regression adjustment", "doubly robust"
ADJUSTED: Final = (BOTH, WEIGHTING, REGRESSION)
METHOD: Final = "influence functions over firms"
STEPS: Final = 50
SETTLED: Final = 1e-10
SEPARATED: Final = 20.0
"""Log odds beyond which the covariates tell the arms apart, so that no weight exists."""
POOR: Final = 0.05
"""Share of firms with the scheme beyond the propensities of the comparison, above which overlap is poor."""


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """The change of each firm seen before and after. Made by :func:`firm_changes`.

    Attributes
    ----------
    change : array
        Mean after minus mean before.
    treated : array of bool
    dose : array
    X : array, shape (G, 1 + k)
        Ones, and the covariates.
    names : tuple of str
        Of the covariates.
    weight : array
        1, or where each person counts once n0·n1/(n0 + n1) of the people before and after: with two waves the
        weight that a regression with firm effects gives a firm.
    n_used : int
        People.
    n_left_out : int
        Firms seen before and after that lack a covariate.
    """

    change: Array = field(repr=False)
    treated: npt.NDArray[np.bool_] = field(repr=False)
    dose: Array = field(repr=False)
    X: Array = field(repr=False)
    names: tuple[str, ...]
    weight: Array = field(repr=False)
    n_used: int
    n_left_out: int


def firm_changes(panel: SchemePanel, firms: FirmSample) -> Changes:
    """Return the change of each of these firms, seen before and after, with covariates from before."""
    cells = firms.cells.assign(firm=firms.cells["panel_firm"])
    sums = cells.assign(y=cells["y"] * cells["weight"])
    both = sums.groupby(["firm", "after"])[["y", "weight", "n"]].sum().unstack("after")  # noqa: PD010
    mean = both["y"] / both["weight"]
    table = panel.firms.loc[both.index]
    X = table[list(panel.covariates)].to_numpy(dtype="float64")
    known = ~np.isnan(X).any(axis=1)
    n = both["n"].to_numpy()
    weight = n.prod(axis=1) / n.sum(axis=1) if panel.weighting == "person" else np.ones(len(n))
    dose = table["dose"].to_numpy(dtype="float64") if "dose" in table else np.full(len(table), np.nan)
    return Changes(
        change=(mean[True] - mean[False]).to_numpy()[known],
        treated=np.isfinite(table["start"].to_numpy())[known],
        dose=dose[known],
        X=np.column_stack([np.ones(len(X)), X])[known],
        names=panel.covariates,
        weight=weight[known] / weight[known].mean(),
        n_used=int(n[known].sum()),
        n_left_out=int((~known).sum()),
    )


def firm_levels(panel: SchemePanel, outcome: str) -> Changes:
    """Return the mean of each firm in place of its change, where no wave is from before the start."""
    cells = panel.cells(outcome)
    sums = cells.assign(y=cells["y"] * cells["weight"]).groupby("firm")[["y", "weight", "n"]].sum()
    table = panel.firms.loc[sums.index]
    X = table[list(panel.covariates)].to_numpy(dtype="float64")
    known = ~np.isnan(X).any(axis=1)
    weight = sums["n"].to_numpy()[known] if panel.weighting == "person" else np.ones(int(known.sum()))
    return Changes(
        change=(sums["y"] / sums["weight"]).to_numpy()[known],
        treated=np.isfinite(table["start"].to_numpy())[known],
        dose=np.full(int(known.sum()), np.nan),
        X=np.column_stack([np.ones(len(X)), X])[known],
        names=panel.covariates,
        weight=weight / weight.mean(),
        n_used=int(sums["n"].to_numpy()[known].sum()),
        n_left_out=int((~known).sum()),
    )


def propensity(changes: Changes) -> Array | None:
    """Return the probability of each firm to have the scheme, by its covariates; None where they tell all.

    Logistic regression by Newton's method.
    """
    X, D, w = changes.X, changes.treated.astype("float64"), changes.weight
    centre, spread = X.mean(axis=0), X.std(axis=0)
    Z = np.where(spread > 0, (X - centre) / np.where(spread > 0, spread, 1), X)
    beta = np.zeros(Z.shape[1])
    for _ in range(STEPS):
        ps = 1 / (1 + np.exp(-np.clip(Z @ beta, -2 * SEPARATED, 2 * SEPARATED)))
        information = (Z * (w * ps * (1 - ps))[:, None]).T @ Z
        if np.linalg.cond(information) > 1 / SETTLED:
            return None
        step = np.linalg.solve(information, Z.T @ (w * (D - ps)))
        beta += step
        if np.abs(Z @ beta).max() > SEPARATED:
            return None
        if np.abs(step).max() < SETTLED:
            break
    return np.asarray(1 / (1 + np.exp(-(Z @ beta))))


def adjusted_effects(changes: Changes, *, conf_level: float = 0.95) -> pd.DataFrame:
    """Return the effect on the firms with the scheme, adjusted for their covariates in three ways.

    Use it where firms that joined differed before: trends need to be parallel only between firms that are
    alike on the covariates.

    Parameters
    ----------
    changes : Changes
        With at least one covariate.
    conf_level : float

    Returns
    -------
    pandas.DataFrame
        A row an estimator: ``doubly robust`` (right if either the model of the change or that of joining is),
        ``inverse probability``, ``regression adjustment``. Missing with ``separation`` where covariates tell
        the arms apart, and with ``too_few_for_covariates`` where an arm has no more firms than there are
        covariates, or covariates do not vary among the comparison; ``few_treated_refused`` as in the 2x2.

    References
    ----------
    Abadie (2005), https://doi.org/10.1111/0034-6527.00321; Heckman, Ichimura & Todd (1997),
    https://doi.org/10.2307/2971733; Sant'Anna & Zhao (2020), https://doi.org/10.1016/j.jeconom.2020.06.003.
    """
    n_treated = int(changes.treated.sum())
    G = len(changes.treated)
    sizes = {"n_used": changes.n_used, "n_firms": G, "n_treated": n_treated}
    fewest = min(n_treated, G - n_treated)
    told_apart = np.linalg.matrix_rank(changes.X[~changes.treated]) == changes.X.shape[1]
    enough = fewest > changes.X.shape[1] and bool(told_apart)
    ps = propensity(changes) if enough else None
    rows = []
    for estimator in ADJUSTED:
        note = "few_treated_refused" if fewest < FEWEST else "few_treated" if fewest < FEW else ""
        figures = dict.fromkeys(NUMBERS, np.nan)
        if not enough:
            note = "too_few_for_covariates"
        elif ps is None and estimator != REGRESSION:
            note = "separation"
        else:
            estimate, influence = _estimate(changes, ps, estimator)
            no_error = bool(np.abs(influence).max() <= NOTHING * np.abs(changes.change).max())
            figures = _figures(estimate, influence, conf_level, refused=fewest < FEWEST or no_error)
            note = "no_error" if no_error else note
        row = {"estimator": estimator, "method": METHOD, "recommended": False}
        rows.append({**row, **figures, **sizes, "note": note})
    return pd.DataFrame(rows)


def _estimate(changes: Changes, ps: Array | None, estimator: str) -> tuple[float, Array]:
    """Return the effect on the treated, and the influence of each firm on it."""
    X, D, w = changes.X, changes.treated.astype("float64"), changes.weight
    w1, untreated = w * D, w * (1 - D)
    fitted, by_ols = np.zeros(len(D)), np.zeros_like(X)
    if estimator != WEIGHTING:
        bread = np.linalg.inv((X * untreated[:, None]).T @ X / len(D))
        beta = bread @ (X.T @ (untreated * changes.change)) / len(D)
        fitted = X @ beta
        by_ols = X * (untreated * (changes.change - fitted))[:, None] @ bread
    left = changes.change - fitted
    eta1 = float(w1 @ left / w1.sum())
    influence1 = (w1 * (left - eta1) - by_ols @ (X.T @ w1) / len(D)) / w1.mean()
    if estimator == REGRESSION:
        return eta1, influence1
    assert ps is not None
    w0 = untreated * ps / (1 - ps)
    eta0 = float(w0 @ left / w0.sum())
    hessian = np.linalg.inv((X * (w * ps * (1 - ps))[:, None]).T @ X / len(D))
    by_logit = X * (w * (D - ps))[:, None] @ hessian
    moved = by_logit @ (X.T @ (w0 * (left - eta0))) / len(D) - by_ols @ (X.T @ w0) / len(D)
    influence0 = (w0 * (left - eta0) + moved) / w0.mean()
    return eta1 - eta0, influence1 - influence0


def _figures(estimate: float, influence: Array, conf_level: float, *, refused: bool) -> dict[str, float]:
    from scipy import stats

    row = dict.fromkeys(NUMBERS, np.nan) | {"estimate": estimate}
    if refused:
        return row
    G = len(influence)
    error = float(np.sqrt((influence**2).sum() / G**2 * G / (G - 1)))
    t, width = estimate / error, float(stats.t.ppf((1 + conf_level) / 2, G - 1)) * error
    row |= {
        "std_error": error,
        "statistic": t,
        "df": G - 1.0,
        "p_value": float(2 * stats.t.sf(abs(t), G - 1)),
    }
    return row | {"conf_low": estimate - width, "conf_high": estimate + width}


def dose_effect(changes: Changes, *, conf_level: float = 0.95) -> pd.DataFrame:
    """Return how much more a firm changed for each unit more of the scheme.

    A straight line through the changes, covariates beside it; firms without the scheme have a dose of 0.

    Returns
    -------
    pandas.DataFrame
        One row, as in the 2x2; ``few_treated_refused`` with fewer than five firms with a dose,
        ``too_few_for_covariates`` where dose and covariates cannot be told apart.
    """
    sizes = {
        "n_used": changes.n_used,
        "n_firms": len(changes.change),
        "n_treated": int((changes.dose > 0).sum()),
    }
    row = {"estimator": "dose", "method": CR1S, "recommended": True}
    X = np.column_stack([changes.dose, changes.X])
    if len(X) <= X.shape[1] or np.linalg.matrix_rank(X) < X.shape[1]:
        figures = dict.fromkeys(NUMBERS, np.nan)
        return pd.DataFrame([{**row, **figures, **sizes, "note": "too_few_for_covariates"}])
    names = ["dose", "intercept", *changes.names]
    model = least_squares(
        pd.DataFrame(X, columns=names),
        pd.Series(changes.change),
        pd.Series(np.arange(len(changes.change))),
        pd.Series(changes.weight),
    )
    if leaves_nothing(model):
        figures = dict.fromkeys(NUMBERS, np.nan) | {"estimate": float(model.estimate[0])}
        return pd.DataFrame([{**row, **figures, **sizes, "note": "no_error"}])
    table = coefficient_table(model, CR1S, conf_level)
    figures = {name: float(table[name]["dose"]) for name in NUMBERS}
    with_dose = sizes["n_treated"]
    if with_dose < FEWEST:
        figures |= dict.fromkeys(NUMBERS[1:], np.nan)
    note = "few_treated_refused" if with_dose < FEWEST else "few_treated" if with_dose < FEW else ""
    return pd.DataFrame([{**row, **figures, **sizes, "note": note}])
