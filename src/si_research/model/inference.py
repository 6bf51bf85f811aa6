"""Least squares and the standard errors that go with it, for people and for people in firms.

Coefficients, classical, HC and CR1 covariances are those of statsmodels; the jackknife over firms
is computed from the cross-products of each firm, without refitting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
Method = Literal["OLS", "HC0", "HC1", "HC2", "HC3", "CR1", "CR1S", "CR3", "CR3 jackknife"]
COLUMNS: Final = ["estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high"]


@dataclass(frozen=True, slots=True, eq=False)
class LeastSquares:
    """An ordinary least squares fit, with what every covariance estimator needs.

    Attributes
    ----------
    terms : tuple of str, length k
    X : array, shape (n, k)
    estimate : array, shape (k,)
    residuals : array, shape (n,)
    bread : array, shape (k, k)
        Inverse of X'X.
    clusters : array of int, shape (n,), or None
        Firm of each row, numbered from 0.
    """

    terms: tuple[str, ...]
    X: Array = field(repr=False)
    y: Array = field(repr=False)
    estimate: Array = field(repr=False)
    residuals: Array = field(repr=False)
    bread: Array = field(repr=False)
    clusters: npt.NDArray[np.intp] | None = field(default=None, repr=False)

    @property
    def n(self) -> int:
        """Rows used."""
        return len(self.y)

    @property
    def df_residual(self) -> int:
        """Rows minus terms."""
        return self.n - len(self.terms)

    @property
    def n_clusters(self) -> int:
        """Firms, or 0 where there are none."""
        return 0 if self.clusters is None else int(self.clusters.max()) + 1

    @property
    def rss(self) -> float:
        """Residual sum of squares."""
        return float(self.residuals @ self.residuals)

    @property
    def r2(self) -> float:
        """Share of the variance of the outcome that the terms account for."""
        return 1 - self.rss / float(((self.y - self.y.mean()) ** 2).sum())


@dataclass(frozen=True, slots=True, eq=False)
class ClusterFacts:
    """How people are spread over firms.

    Attributes
    ----------
    n_clusters, smallest, largest : int
    median : float
    effective : float
        (sum of sizes)^2 / (sum of squared sizes): the number of equal firms that would weigh the same.
    icc : float
        ICC(1) of the outcome from one-way analysis of variance, with the size corrected for inequality.
    design_effect : float
        1 + (n0 - 1)·icc, n0 that corrected size; at least 1 in what is reported.
    """

    n_clusters: int
    smallest: int
    median: float
    largest: int
    effective: float
    icc: float
    design_effect: float


def least_squares(
    design: pd.DataFrame, outcome: pd.Series, clusters: pd.Series | None = None
) -> LeastSquares:
    """Fit by ordinary least squares (statsmodels, QR decomposition)."""
    from statsmodels.regression.linear_model import OLS

    X = design.to_numpy(dtype="float64", copy=True)
    y = outcome.to_numpy(dtype="float64", copy=True)
    fitted = OLS(y, X).fit(method="qr")
    codes = None if clusters is None else pd.factorize(clusters, sort=True)[0]
    return LeastSquares(
        terms=tuple(map(str, design.columns)),
        X=X,
        y=y,
        estimate=np.asarray(fitted.params),
        residuals=np.asarray(fitted.resid),
        bread=np.asarray(fitted.normalized_cov_params),
        clusters=codes,
    )


def covariance(fit: LeastSquares, method: Method) -> Array:
    """Return the covariance matrix of the coefficients.

    Parameters
    ----------
    fit : LeastSquares
    method : str
        ``OLS`` classical; ``HC0`` to ``HC3`` allow unequal spread between people; ``CR1``
        (times G/(G - 1)), ``CR1S`` (times also (n - 1)/(n - k)), ``CR3`` (as clubSandwich defines it) and
        ``CR3 jackknife`` ((G - 1)/G times CR3) allow likeness within firms.

    Returns
    -------
    array, shape (k, k)

    References
    ----------
    MacKinnon & White (1985), https://doi.org/10.1016/0304-4076(85)90158-7;
    Pustejovsky & Tipton (2018), https://doi.org/10.1080/07350015.2016.1247004.
    """
    from statsmodels.regression.linear_model import OLS
    from statsmodels.stats.sandwich_covariance import cov_cluster

    if method.startswith("CR3"):
        G = fit.n_clusters
        return jackknife_covariance(fit)[0] * (G / (G - 1) if method == "CR3" else 1.0)
    fitted = OLS(fit.y, fit.X).fit(method="qr")
    if method == "OLS":
        return np.asarray(fitted.cov_params())
    if method.startswith("HC"):
        return np.asarray(getattr(fitted, f"cov_{method}"))
    corrected = np.asarray(cov_cluster(fitted, fit.clusters))
    if method == "CR1":
        return corrected * (fit.df_residual / (fit.n - 1))
    return corrected


def firm_sums(rows: Array, fit: LeastSquares) -> Array:
    """Return the sum over each firm's rows, shape (G, ...)."""
    assert fit.clusters is not None
    total = np.zeros((fit.n_clusters, *rows.shape[1:]))
    np.add.at(total, fit.clusters, rows)
    return total


def firm_cross_products(fit: LeastSquares) -> Array:
    """Return X'X of each firm, shape (G, k, k)."""
    assert fit.clusters is not None
    order = np.argsort(fit.clusters, kind="stable")
    edges = np.searchsorted(fit.clusters[order], np.arange(1, fit.n_clusters))
    return np.stack([block.T @ block for block in np.split(fit.X[order], edges)])


def jackknife_covariance(fit: LeastSquares) -> tuple[Array, tuple[int, ...]]:
    """Return the jackknife covariance, and the firms without which the model cannot be fitted.

    (G - 1)/G times the sum over firms of the squared change of the coefficients when that firm is
    left out: the CV3 of MacKinnon, Nielsen & Webb (2023), https://doi.org/10.1016/j.jeconom.2022.04.001.
    For the mean of G equal firms it is the textbook variance, which makes Hotelling's form exact.
    Where a firm alone identifies a term, the change is taken with a generalised inverse.
    """
    total = fit.X.T @ fit.X
    scores = firm_sums(fit.X * fit.residuals[:, None], fit)
    changes = np.empty_like(scores)
    stuck = []
    for firm, own in enumerate(firm_cross_products(fit)):
        rest = total - own
        scale = np.sqrt(np.maximum(np.diag(total), 1e-300))
        if np.linalg.matrix_rank(rest / np.outer(scale, scale), tol=1e-10) < len(fit.terms):
            stuck.append(firm)
            inverse = np.linalg.pinv(rest / np.outer(scale, scale), rcond=1e-10) / np.outer(scale, scale)
        else:
            inverse = np.linalg.inv(rest)
        changes[firm] = inverse @ scores[firm]
    G = fit.n_clusters
    return (G - 1) / G * changes.T @ changes, tuple(stuck)


def reference_df(fit: LeastSquares, method: Method) -> float:
    """Return the degrees of freedom of t: G - 1 over firms, n - k over people."""
    return float(fit.n_clusters - 1 if method.startswith("CR") else fit.df_residual)


def linear_combinations(
    weights: Array, labels: Sequence[str], estimate: Array, V: Array, *, df: float, conf_level: float
) -> pd.DataFrame:
    """Return estimate, interval and two-sided t test of c'b for each row c of ``weights``.

    Returns
    -------
    pandas.DataFrame, indexed by ``term``
        estimate, std_error, statistic, df, p_value, conf_low, conf_high.
    """
    from scipy import stats

    value = weights @ estimate
    std_error = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", weights, V, weights), 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = value / std_error
    width = stats.t.ppf((1 + conf_level) / 2, df) * std_error
    table = {
        "estimate": value,
        "std_error": std_error,
        "statistic": statistic,
        "df": np.full(len(value), df),
        "p_value": 2 * stats.t.sf(np.abs(statistic), df),
        "conf_low": value - width,
        "conf_high": value + width,
    }
    return pd.DataFrame(table, index=pd.Index(labels, name="term"))


def coefficient_table(fit: LeastSquares, method: Method, conf_level: float) -> pd.DataFrame:
    """Return the coefficients with the standard errors of one method."""
    return linear_combinations(
        np.eye(len(fit.terms)),
        fit.terms,
        fit.estimate,
        covariance(fit, method),
        df=reference_df(fit, method),
        conf_level=conf_level,
    )


def wald_statistic(estimate: Array, V: Array) -> float:
    """Return b'V^-1 b."""
    return float(estimate @ np.linalg.solve(V, estimate))


def cluster_facts(outcome: pd.Series, clusters: pd.Series) -> ClusterFacts:
    """Describe how people are spread over firms, and how alike the people of one firm are."""
    sizes = clusters.value_counts().to_numpy(dtype="float64")
    n, G = sizes.sum(), len(sizes)
    n0 = (n - (sizes**2).sum() / n) / (G - 1) if G > 1 else n
    means = outcome.groupby(clusters).transform("mean")
    within = float(((outcome - means) ** 2).sum()) / (n - G) if n > G else np.nan
    between = float(((means - outcome.mean()) ** 2).sum()) / (G - 1) if G > 1 else np.nan
    icc = (between - within) / (between + (n0 - 1) * within)
    return ClusterFacts(
        n_clusters=G,
        smallest=int(sizes.min()),
        median=float(np.median(sizes)),
        largest=int(sizes.max()),
        effective=float(n**2 / (sizes**2).sum()),
        icc=float(icc),
        design_effect=float(1 + (n0 - 1) * icc),
    )
