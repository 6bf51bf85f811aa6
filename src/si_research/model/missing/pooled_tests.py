"""Tests of several terms together over completed data sets: D1, D2 and D3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import SurveyDataError

Array = npt.NDArray[np.float64]
LARGE: Final = 4
"""Degrees of freedom between imputations, q(m - 1), up to which another approximation is used."""


@dataclass(frozen=True, slots=True, eq=False)
class PooledTest:
    """A test of several terms at once, pooled over imputations.

    Attributes
    ----------
    method : str
        "D1" (pooled estimates), "D2" (pooled statistics) or "D3" (pooled likelihood ratios).
    statistic, df, df_residual, p_value : float
        F and its degrees of freedom; ``df`` is the number of terms.
    relative_increase : float
        What the holes add to the variance of these terms, as a share (riv).
    n_imputations : int
    note : str
        Empty, or ``too_few_df``: so few people or firms that no valid p exists, and it is missing.
    """

    method: str
    statistic: float
    df: float
    df_residual: float
    p_value: float
    relative_increase: float
    n_imputations: int
    note: str = ""

    def table(self) -> pd.DataFrame:
        """Return one row: statistic, df, df_residual, p_value, relative_increase."""
        names = ["statistic", "df", "df_residual", "p_value", "relative_increase"]
        row = {name: getattr(self, name) for name in names}
        return pd.DataFrame([row], index=pd.Index([self.method], name="method"))

    def __str__(self) -> str:
        test = f"F({self.df:g}, {self.df_residual:.1f}) = {self.statistic:.4f}, p = {self.p_value:.4f}"
        return f"{self.method} over {self.n_imputations} imputations: {test}" + (
            f" ({self.note})" if self.note else ""
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>"


def pooled_wald(
    estimates: pd.DataFrame, covariances: Sequence[npt.ArrayLike], *, df_complete: float = np.inf
) -> PooledTest:
    """Test that several terms are all 0, from their pooled estimates and covariances (D1).

    The form to prefer wherever the covariance matrices are at hand, robust ones included.

    Parameters
    ----------
    estimates : pandas.DataFrame, shape (m, q)
        Only the terms that are tested; one row a completed data set.
    covariances : sequence of m arrays, shape (q, q)
    df_complete : float
        n - k over people; infinite for the large-sample form.

    Returns
    -------
    PooledTest

    Raises
    ------
    SurveyDataError
        For fewer than two completed data sets, or covariances that do not span the hypothesis.

    Notes
    -----
    F = b'W^-1 b/(q·(1 + r)), W the mean covariance within, r = (1 + 1/m)·trace(B W^-1)/q. Degrees of freedom
    of Li, Raghunathan and Rubin for infinite ``df_complete``, else of Reiter.

    References
    ----------
    Li, Raghunathan & Rubin (1991), https://doi.org/10.1080/01621459.1991.10475152;
    Reiter (2007), https://doi.org/10.1093/biomet/asm028.

    Examples
    --------
    >>> two = pd.DataFrame({"a": [1.0, 1.2, 0.8], "b": [0.5, 0.4, 0.6]})
    >>> print(pooled_wald(two, [np.eye(2) / 10] * 3))
    D1 over 3 imputations: F(2, 48.0) = 4.6875, p = 0.0138
    """
    Q = estimates.to_numpy(dtype="float64")
    U = np.stack([np.asarray(each, dtype="float64") for each in covariances])
    (m, q), within = Q.shape, U.mean(axis=0)
    _check_imputations(m)
    spread = np.sqrt(np.diag(within))
    R = within / np.outer(spread, spread) if (spread > 0).all() else np.zeros_like(within)
    if not np.isfinite(R).all() or np.linalg.matrix_rank(R, tol=1e-10, hermitian=True) < q:
        raise SurveyDataError(
            expected=f"covariances that tell the {q} terms apart",
            found="a covariance matrix of lower rank",
            where="pooling over imputations",
            todo="test fewer terms, or collect answers of more people and firms",
        )
    b, B = Q.mean(axis=0) / spread, np.atleast_2d(np.cov(Q / spread, rowvar=False))
    r = float((1 + 1 / m) * np.trace(np.linalg.solve(R, B)) / q)
    F = float(b @ np.linalg.solve(R, b) / (q * (1 + r)))
    df = _df_of_reiter(r, q, m, df_complete) if np.isfinite(df_complete) else _df_between(r, q, m)
    return _as_test("D1", F, q, df, r, m)


def pooled_statistics(chi2: Sequence[float], df: int) -> PooledTest:
    """Test several terms from nothing but the Wald statistic of each completed data set (D2).

    Use it only where the covariances are not at hand: it has less power, and is less exact, than D1.

    Parameters
    ----------
    chi2 : sequence of float
        Wald statistic (chi-squared) of each completed data set.
    df : int
        Number of terms tested.

    Returns
    -------
    PooledTest

    Notes
    -----
    F = (mean/q - r·(m + 1)/(m - 1))/(1 + r), r = (1 + 1/m) times the variance of the roots.

    References
    ----------
    Li, Meng, Raghunathan & Rubin (1991), Statistica Sinica, 1, 65-92.

    Examples
    --------
    >>> print(pooled_statistics([6.0, 7.0, 8.0], 2))
    D2 over 3 imputations: F(2, 478.9) = 3.2487, p = 0.0397
    """
    d, m = np.asarray(chi2, dtype="float64"), len(chi2)
    _check_imputations(m)
    r = float((1 + 1 / m) * np.sqrt(d).var(ddof=1))
    F = float((d.mean() / df - (m + 1) / (m - 1) * r) / (1 + r))
    with np.errstate(divide="ignore"):
        residual = float(df ** (-3 / m) * (m - 1) * (1 + np.divide(1, r)) ** 2)
    return _as_test("D2", F, df, residual, r, m)


def pooled_likelihood_ratio(own: Sequence[float], common: Sequence[float], df: int) -> PooledTest:
    """Test several terms from likelihood ratios (D3).

    Parameters
    ----------
    own : sequence of float
        Per completed data set: twice the log-likelihood ratio of the larger and the smaller model, each at
        its own estimates.
    common : sequence of float
        The same with the coefficients of both models held at their pooled estimates.
    df : int
        Number of terms tested.

    Returns
    -------
    PooledTest

    Notes
    -----
    F = mean(common)/(q·(1 + r)), r = (m + 1)/(q·(m - 1))·(mean(own) - mean(common)).

    References
    ----------
    Meng & Rubin (1992), https://doi.org/10.1093/biomet/79.1.103.

    Examples
    --------
    >>> print(pooled_likelihood_ratio([8.0, 9.0, 10.0], [7.5, 8.0, 8.5], 2))
    D3 over 3 imputations: F(2, 12.0) = 2.0000, p = 0.1780
    """
    m = len(own)
    _check_imputations(m)
    r = float((m + 1) / (df * (m - 1)) * (np.mean(own) - np.mean(common)))
    F = float(np.mean(common) / (df * (1 + r)))
    return _as_test("D3", F, df, _df_between(r, df, m), r, m)


def _check_imputations(m: int) -> None:
    if m < 2:
        raise SurveyDataError(
            expected="at least two completed data sets",
            found=str(m),
            where="pooling over imputations",
            todo="impute more often: 20 times is usual",
        )


def _as_test(method: str, F: float, q: int, df_residual: float, r: float, m: int) -> PooledTest:
    """Return the test; an F below 0, which D2 and D3 can give, is shown as it is, with p = 1."""
    from scipy import stats

    p = float(stats.f.sf(max(F, 0.0), q, df_residual)) if np.isfinite(df_residual) else np.nan
    if np.isinf(df_residual):
        p = float(stats.chi2.sf(max(F, 0.0) * q, q))
    return PooledTest(method, F, float(q), df_residual, p, r, m, "" if np.isfinite(p) else "too_few_df")


def _df_between(r: float, q: int, m: int) -> float:
    """Return the degrees of freedom of Li, Raghunathan & Rubin (1991); infinite without any holes."""
    t = q * (m - 1)
    if r <= 0:
        return np.inf
    if t > LARGE:
        return float(4 + (t - 4) * (1 + (1 - 2 / t) / r) ** 2)
    return float(t * (1 + 1 / q) * (1 + 1 / r) ** 2 / 2)


def _df_of_reiter(r: float, q: int, m: int, df_complete: float) -> float:
    """Return the degrees of freedom of Reiter (2007), eq. 1-2; missing where they do not exist."""
    t = q * (m - 1)
    if t <= LARGE:
        raise SurveyDataError(
            expected="more imputations: terms·(imputations - 1) above 4",
            found=f"{q} term(s), {m} imputations",
            where="pooling over imputations",
            todo="impute more often: 20 times is usual",
        )
    a = r * t / (t - 2)
    known = (df_complete + 1) / (df_complete + 3) * df_complete
    c0, c1, c2 = 1 / (t - 4), known - 2 * (1 + a), known - 4 * (1 + a)
    if c2 <= 0:
        return np.nan
    z = (
        1 / c2
        + c0 * (a**2 * c1 / ((1 + a) ** 2 * c2))
        + c0 * (8 * a**2 * c1 / ((1 + a) * c2**2) + 4 * a**2 / ((1 + a) * c2))
        + c0 * (4 * a**2 / (c2 * c1) + 16 * a**2 * c1 / c2**3)
        + c0 * (8 * a**2 / c2**2)
    )
    return float(4 + 1 / z)
