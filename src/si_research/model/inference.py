"""Least squares and the standard errors that go with it, for people and for people in firms.

Everything is computed on columns of unit length and scaled back, so that no result depends on the unit in
which a predictor is measured; the jackknife over firms from the cross-products of each firm, without
refitting. A row is gone through a few times only, so that millions of rows take seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.model.firm_sums import cross_products, firm_numbers, firm_scores

Array = npt.NDArray[np.float64]
Method = Literal["OLS", "HC0", "HC1", "HC2", "HC3", "HC4", "CR1", "CR1S", "CR2", "CR3", "CR3 jackknife"]
COLUMNS: Final = ["estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high"]
NO_INFORMATION: Final = 1e-12
"""Share of a term's information (X'X, unit diagonal) below which nothing but rounding is left of it."""
ALIKE: Final = 1e-4
"""Smallest eigenvalue of X'X (unit diagonal) with which its inverse keeps ten digits or more."""
BLOCK: Final = 4096
LOST: Final = 1e-6
"""Squared share of a term in what the other firms say nothing about, above which it is called lost."""


@dataclass(frozen=True, slots=True, eq=False)
class LeastSquares:
    """An ordinary least squares fit, with what every covariance estimator needs.

    Made by :func:`least_squares`.

    Attributes
    ----------
    terms : tuple of str, length k
    y : array, shape (n,)
        Times the square root of its weight, where there are weights; so are residuals and ``X``.
    estimate : array, shape (k,)
    residuals : array, shape (n,)
    clusters : array of int, shape (n,), or None
        Firm of each row, numbered from 0.
    scale : array, shape (k,)
        Length of each column of X.
    unit_columns : array, shape (n, k)
        The columns of unit length; also ``unit_X``.
    unit_bread : array, shape (k, k)
        Inverse of unit_X' unit_X.
    root_weights : array, shape (n,), or None
        Square roots of the weights, these with mean 1.
    """

    terms: tuple[str, ...]
    y: Array = field(repr=False)
    estimate: Array = field(repr=False)
    residuals: Array = field(repr=False)
    clusters: npt.NDArray[np.intp] | None = field(repr=False)
    scale: Array = field(repr=False)
    unit_columns: Array = field(repr=False)
    unit_bread: Array = field(repr=False)
    root_weights: Array | None = field(default=None, repr=False)

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
        root = np.ones(self.n) if self.root_weights is None else self.root_weights
        mean = root @ self.y / (root @ root)
        return 1 - self.rss / float(((self.y - root * mean) ** 2).sum())

    @property
    def X(self) -> Array:
        """The columns in their own units, shape (n, k)."""
        return self.unit_columns * self.scale

    @property
    def unit_X(self) -> Array:
        """The columns of unit length, shape (n, k)."""
        return self.unit_columns


def least_squares(
    design: pd.DataFrame,
    outcome: pd.Series,
    clusters: pd.Series | None = None,
    weights: pd.Series | None = None,
) -> LeastSquares:
    """Fit by least squares, weighted where there are weights.

    Normal equations of columns of unit length, with one step of refinement; QR where terms are so alike
    that these would lose digits. Weights are brought to a mean of 1, which changes no estimate and no robust
    standard error.
    """
    X, y = design.to_numpy(dtype="float64"), outcome.to_numpy(dtype="float64")
    root = None if weights is None else np.sqrt(weights.to_numpy(dtype="float64") / weights.mean())
    if root is not None:
        X, y = X * root[:, None], y * root
    firms = None if clusters is None else firm_numbers(clusters)
    scale = lengths(X)
    # In one piece with y and the residuals: large pieces of memory come in large pages, ten times as fast.
    columns, (own_y, residuals) = np.split(np.empty((X.shape[1] + 2, len(X))), [X.shape[1]])
    np.divide(X.T, scale[:, None], out=columns)
    own_y[:] = y
    return _solved(tuple(map(str, design.columns)), columns.T, scale, own_y, residuals, firms, root)


def some_terms(fit: LeastSquares, places: Sequence[int]) -> LeastSquares:
    """Fit again with these terms only, on the same rows."""
    names = tuple(fit.terms[place] for place in places)
    columns, scale = fit.unit_columns[:, list(places)], fit.scale[list(places)]
    return _solved(names, columns, scale, fit.y, np.empty(fit.n), fit.clusters, fit.root_weights)


def _solved(
    terms: tuple[str, ...],
    unit_X: Array,
    scale: Array,
    y: Array,
    residuals: Array,
    clusters: npt.NDArray[np.intp] | None,
    root_weights: Array | None,
) -> LeastSquares:
    """Return the fit; ``residuals`` is the memory that they are written to."""
    bread = _bread(unit_X)
    first = bread @ (unit_X.T @ y)
    left = np.zeros(len(scale))
    for rows in row_blocks(len(y)):
        left += unit_X[rows].T @ (y[rows] - unit_X[rows] @ first)
    estimate = first + bread @ left
    np.matmul(unit_X, estimate, out=residuals)
    np.subtract(y, residuals, out=residuals)
    return LeastSquares(terms, y, estimate / scale, residuals, clusters, scale, unit_X, bread, root_weights)


def unit_length(X: Array) -> tuple[Array, Array]:
    """Return columns of unit length, and their lengths; a column of zeros stays one."""
    scale = lengths(X)
    return X / scale, scale


def lengths(X: Array) -> Array:
    """Return the length of each column; 1 for a column of zeros."""
    scale = np.sqrt(np.einsum("ij,ij->j", X, X))
    return np.where(scale == 0, 1.0, scale)


def leverages(X: Array, inverse: Array) -> Array:
    """Return x'(X'X)^-1 x of each row."""
    ones = np.ones(X.shape[1])
    return np.concatenate([(X[rows] @ inverse * X[rows]) @ ones for rows in row_blocks(len(X))])


def row_blocks(n: int) -> Iterator[slice]:
    """Yield slices of so many rows as stay in the cache of the processor."""
    return (slice(first, first + BLOCK) for first in range(0, n, BLOCK))


def _bread(unit_X: Array) -> Array:
    """Return the inverse of unit_X' unit_X; the generalised one where terms follow from one another."""
    values, vectors = np.linalg.eigh(unit_X.T @ unit_X)
    if len(values) and values[0] < ALIKE:
        _, singular, right = np.linalg.svd(np.linalg.qr(unit_X, mode="r"))
        values, vectors = singular**2, right.T
    kept = values > 1e-30 * len(unit_X)
    return np.asarray((vectors[:, kept] / values[kept]) @ vectors[:, kept].T)


def without(fit: LeastSquares, places: Sequence[int]) -> LeastSquares:
    """Fit again without some terms, on the same rows."""
    return some_terms(fit, [place for place in range(len(fit.terms)) if place not in set(places)])


def covariance(fit: LeastSquares, method: Method) -> Array:
    """Return the covariance matrix of the coefficients.

    Parameters
    ----------
    fit : LeastSquares
    method : str
        ``OLS`` classical; ``HC0`` to ``HC4`` allow unequal spread between people; ``CR1``
        (times G/(G - 1)), ``CR1S`` (times also (n - 1)/(n - k)), ``CR2`` (bias-reduced), ``CR3`` (as
        clubSandwich defines it) and ``CR3 jackknife`` ((G - 1)/G times CR3) allow likeness within firms.

    Returns
    -------
    array, shape (k, k)
        Missing where a method over firms has only one.

    References
    ----------
    White (1980) for HC0, https://doi.org/10.2307/1912934;
    MacKinnon & White (1985), https://doi.org/10.1016/0304-4076(85)90158-7;
    Cribari-Neto (2004) for HC4, https://doi.org/10.1016/S0167-9473(02)00366-3;
    Pustejovsky & Tipton (2018), https://doi.org/10.1080/07350015.2016.1247004.
    """
    G = fit.n_clusters
    if method.startswith("CR") and G == 1:
        return np.full((len(fit.terms), len(fit.terms)), np.nan)
    if method == "CR2":
        from si_research.model.bias_reduced import bias_reduced_covariance

        return bias_reduced_covariance(fit)
    if method == "CR3 jackknife":
        return jackknife_covariance(fit)
    if method == "CR3":
        return jackknife_covariance(fit) * (G / (G - 1))
    if method == "OLS":
        V = fit.rss / fit.df_residual * fit.unit_bread
    elif method.startswith("HC"):
        V = _over_people(fit, method)
    else:
        assert fit.clusters is not None
        moved = firm_scores(fit.unit_X, fit.residuals, fit.clusters) @ fit.unit_bread
        V = G / (G - 1) * (moved.T @ moved) * ((fit.n - 1) / fit.df_residual if method == "CR1S" else 1.0)
    return np.asarray(V) / np.outer(fit.scale, fit.scale)


def _over_people(fit: LeastSquares, method: Method) -> Array:
    """Return bread X' diag(u²) X bread, with the residuals u as the method inflates them by leverage."""
    X, bread, ones = fit.unit_X, fit.unit_bread, np.ones(len(fit.terms))
    mean = float(np.sum(bread * (X.T @ X))) / fit.n if method == "HC4" else np.nan
    meat = np.zeros_like(bread)
    for rows in row_blocks(fit.n):
        own = X[rows]
        u = _inflated(fit.residuals[rows], ones @ (own @ bread * own).T, method, mean)
        moved = own * u[:, None]
        meat += moved.T @ moved
    return np.asarray(bread @ meat @ bread) * (fit.n / fit.df_residual if method == "HC1" else 1.0)


def _inflated(residuals: Array, h: Array, method: Method, mean: float) -> Array:
    """Return residuals divided by the power of 1 - h that the method takes."""
    if method in ("HC0", "HC1"):
        return residuals
    if method == "HC2":
        return residuals / np.sqrt(1 - h)
    return residuals / (1 - h if method == "HC3" else (1 - h) ** np.minimum(2.0, h / mean / 2))


def firm_cross_products(fit: LeastSquares) -> Array:
    """Return unit_X' unit_X of each firm, shape (G, k, k)."""
    assert fit.clusters is not None
    return cross_products(fit.unit_X, fit.clusters)


def jackknife_changes(fit: LeastSquares) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Return how each coefficient changes when a firm is left out, and whether it can still be estimated.

    Returns
    -------
    changes : array, shape (G, k)
        Estimate with all firms minus estimate without this one.
    lost : array of bool, shape (G, k)
        Terms that the other firms say nothing about.

    Notes
    -----
    With A = X'X without the firm and s = X'u of the firm, the change is A^-1 s. Where A is singular it is
    A^+ s + (I - A^+ A) b: the minimum norm solution, as in MacKinnon, Nielsen & Webb (2023,
    https://doi.org/10.1016/j.jeconom.2022.04.001). What can still be estimated keeps its own change; what
    cannot, counts as 0 without the firm, so that its standard error is at least about its estimate.
    """
    assert fit.clusters is not None
    own = firm_cross_products(fit)
    scores = firm_scores(fit.unit_X, fit.residuals, fit.clusters)
    changes, lost = changes_without(own, scores, fit.estimate * fit.scale)
    return changes / fit.scale, lost


def changes_without(own: Array, scores: Array, estimate: Array) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Return the changes of :func:`jackknife_changes` from the sums of each firm, all on unit columns.

    Parameters
    ----------
    own : array, shape (G, k, k)
        X'X of each firm.
    scores : array, shape (G, k)
        X'u of each firm.
    estimate : array, shape (k,)
    """
    values, vectors = np.linalg.eigh(own.sum(axis=0) - own)
    known = values > NO_INFORMATION
    moved = np.einsum("gkv,gk->gv", vectors, scores) / np.where(known, values, 1.0)
    whole = np.einsum("gkv,k->gv", vectors, estimate)
    changes = np.einsum("gkv,gv->gk", vectors, np.where(known, moved, whole))
    lost = np.einsum("gkv,gv->gk", vectors**2, ~known) > LOST
    return changes, lost


def jackknife_covariance(fit: LeastSquares) -> Array:
    """Return the jackknife covariance: (G - 1)/G times the sum over firms of squared changes.

    The CV3 of MacKinnon, Nielsen & Webb (2023), https://doi.org/10.1016/j.jeconom.2022.04.001; G/(G - 1)
    times this is clubSandwich's CR3. For the mean of G equal firms it is the textbook variance, which makes
    Hotelling's form exact.
    """
    return covariance_of_changes(jackknife_changes(fit)[0])


def covariance_of_changes(changes: Array) -> Array:
    """Return the jackknife covariance from the changes without each firm, shape (G, k)."""
    G = len(changes)
    return np.asarray((G - 1) / G * changes.T @ changes)


def reference_df(fit: LeastSquares, method: Method) -> float:
    """Return the degrees of freedom of t: G - 1 over firms (CR2 has its own a term), n - k over people."""
    return float(fit.n_clusters - 1 if method.startswith("CR") else fit.df_residual)


def linear_combinations(
    weights: Array, labels: Sequence[str], estimate: Array, V: Array, *, df: float | Array, conf_level: float
) -> pd.DataFrame:
    """Return estimate, interval and two-sided t test of c'b for each row c of ``weights``.

    ``df`` is one number, or one a row.

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
        "df": np.broadcast_to(df, len(value)).astype("float64"),
        "p_value": 2 * stats.t.sf(np.abs(statistic), df),
        "conf_low": value - width,
        "conf_high": value + width,
    }
    return pd.DataFrame(table, index=pd.Index(labels, name="term"))


def coefficient_table(fit: LeastSquares, method: Method, conf_level: float) -> pd.DataFrame:
    """Return the coefficients with the standard errors of one method.

    CR2 comes with Satterthwaite's degrees of freedom, one a term; the others with :func:`reference_df`.
    """
    weights = np.eye(len(fit.terms))
    if method == "CR2":
        from si_research.model.bias_reduced import satterthwaite_table

        return satterthwaite_table(fit, method, weights, fit.terms, conf_level)
    return linear_combinations(
        weights,
        fit.terms,
        fit.estimate,
        covariance(fit, method),
        df=reference_df(fit, method),
        conf_level=conf_level,
    )


def wald_statistic(estimate: Array, V: Array) -> float:
    """Return b'V^-1 b; missing where V does not span the hypothesis (as with fewer firms than terms)."""
    spread = np.sqrt(np.diag(V))
    if not (spread > 0).all():
        return np.nan
    R, z = V / np.outer(spread, spread), estimate / spread
    if np.linalg.matrix_rank(R, tol=1e-10, hermitian=True) < len(z):
        return np.nan
    return float(z @ np.linalg.solve(R, z))
