"""Rubin's rules: one answer from several completed data sets, with what the holes cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.model.inference import COLUMNS

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PooledEstimates:
    """Estimates of several completed data sets as one. Made by :func:`pool_estimates`.

    Attributes
    ----------
    coefficients : pandas.DataFrame, indexed by ``term``
        estimate, std_error, statistic, df, p_value, conf_low, conf_high; then the parts of the variance:
        within, between, total, relative_increase (often called riv: what the holes add, as a share of
        within), missing_share (lambda: the share of total that comes from the holes) and
        missing_information (fmi: the same, with the finite number of imputations allowed for).
    covariance : pandas.DataFrame, shape (k, k)
        The whole total covariance matrix.
    within, between : pandas.DataFrame, shape (k, k)
        Mean covariance matrix inside the completed data sets, and covariance of the estimates over them.
    n_imputations : int
    df_complete : float
        Degrees of freedom that t would have without holes; infinite for a large-sample interval.
    conf_level : float
    """

    coefficients: pd.DataFrame = field(repr=False)
    covariance: pd.DataFrame = field(repr=False)
    within: pd.DataFrame = field(repr=False)
    between: pd.DataFrame = field(repr=False)
    n_imputations: int
    df_complete: float
    conf_level: float

    def table(self) -> pd.DataFrame:
        """Return a copy of the coefficients."""
        return self.coefficients.copy()

    def __str__(self) -> str:
        head = f"pooled over {self.n_imputations} imputations (Rubin; Barnard-Rubin degrees of freedom)"
        return f"{head}\n{self.coefficients.round(4).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self).splitlines()[0])}</p>{self.coefficients.round(4).to_html()}"


def pool_estimates(
    estimates: pd.DataFrame,
    covariances: Sequence[npt.ArrayLike],
    *,
    df_complete: float = np.inf,
    conf_level: float = 0.95,
) -> PooledEstimates:
    """Pool the estimates of several completed data sets by Rubin's rules.

    Use it for anything whose sampling distribution is about normal: coefficients, means, differences. Not for
    a share of explained variance (:func:`pool_r2`), and not for a number without a standard error, such as
    an effect size of NCA: show the range over the imputations there.

    Parameters
    ----------
    estimates : pandas.DataFrame, shape (m, k)
        One row a completed data set, at least two; one column a term.
    covariances : sequence of m arrays, shape (k, k) or (k,)
        Covariance matrix of the terms in each data set; by any method (classical, HC3, over firms). Variances
        alone will do: the covariances between terms are then missing.
    df_complete : float
        n - k over people, G - 1 over firms, infinite for large samples.
    conf_level : float, in (0, 1)

    Returns
    -------
    PooledEstimates

    Raises
    ------
    SurveyDataError
        For fewer than two completed data sets, or figures that are missing.

    Notes
    -----
    total = within + (1 + 1/m)·between; lambda = (1 + 1/m)·between/total;
    1/df = 1/df_old + 1/df_observed, df_old = (m - 1)/lambda², df_observed = (1 - lambda)·d·(d + 1)/(d + 3)
    with d = ``df_complete``; missing_information = (riv + 2/(df + 3))/(riv + 1).

    References
    ----------
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys, https://doi.org/10.1002/9780470316696;
    Barnard & Rubin (1999), https://doi.org/10.1093/biomet/86.4.948.

    Examples
    --------
    >>> pooled = pool_estimates(pd.DataFrame({"mean": [1.0, 2.0, 3.0]}), [[1.0], [1.0], [1.0]])
    >>> pooled.coefficients.loc["mean", ["estimate", "within", "between"]].tolist()
    [2.0, 1.0, 1.0]
    """
    terms = [str(name) for name in estimates.columns]
    Q = estimates.to_numpy(dtype="float64")
    U = np.stack([_as_matrix(np.asarray(each, dtype="float64")) for each in covariances])
    _check(Q, U)
    m = len(Q)
    within, between = U.mean(axis=0), np.atleast_2d(np.cov(Q, rowvar=False))
    total = within + (1 + 1 / m) * between
    coefficients = _coefficients(Q.mean(axis=0), within, between, m, df_complete, conf_level)
    return PooledEstimates(
        coefficients=coefficients.set_index(pd.Index(terms, name="term")),
        covariance=pd.DataFrame(total, index=terms, columns=terms),
        within=pd.DataFrame(within, index=terms, columns=terms),
        between=pd.DataFrame(between, index=terms, columns=terms),
        n_imputations=m,
        df_complete=float(df_complete),
        conf_level=conf_level,
    )


def barnard_rubin_df(missing_share: Array, n_imputations: int, df_complete: float) -> Array:
    """Return the degrees of freedom of Barnard and Rubin (1999); of Rubin (1987) for infinite df_complete.

    Parameters
    ----------
    missing_share : array
        lambda: the share of the total variance that comes from the holes, 0 to 1.
    n_imputations : int
    df_complete : float
    """
    with np.errstate(divide="ignore"):
        old = (n_imputations - 1) / missing_share**2
    if np.isinf(df_complete):
        return np.asarray(old)
    observed = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - missing_share)
    with np.errstate(divide="ignore"):
        return np.asarray(1 / (1 / old + 1 / observed))


def pool_r2(r2: Sequence[float], n_used: int, *, name: str = "r2", conf_level: float = 0.95) -> pd.DataFrame:
    """Pool shares of explained variance over completed data sets.

    Parameters
    ----------
    r2 : sequence of float, in [0, 1)
        R² (or adjusted R²) of each completed data set.
    n_used : int
        Rows of a data set.
    name : str
        Index of the row.
    conf_level : float, in (0, 1)

    Returns
    -------
    pandas.DataFrame, one row
        estimate, conf_low, conf_high, missing_information. All missing when one of the shares is below 0, as
        an adjusted R² may be: no root can be taken then, and leaving that data set out would flatter.

    Notes
    -----
    Fisher's z of the root of R², with variance 1/(n - 3), is pooled by Rubin's rules, and squared back. A
    lower end below zero is shown as 0.

    References
    ----------
    Harel (2009), https://doi.org/10.1080/02664760802553000.

    Examples
    --------
    >>> pool_r2([0.25, 0.25], 100).round(3).iloc[0].tolist()
    [0.25, 0.113, 0.402, 0.0]
    """
    from scipy import stats

    shares = np.asarray(r2, dtype="float64")
    columns = ["estimate", "conf_low", "conf_high", "missing_information"]
    if (shares < 0).any():
        return pd.DataFrame(np.nan, index=[name], columns=columns)
    z = pd.DataFrame({name: np.arctanh(np.sqrt(shares))})
    pooled = pool_estimates(z, [[1 / (n_used - 3)]] * len(z)).coefficients.iloc[0]
    width = stats.norm.ppf((1 + conf_level) / 2) * pooled["std_error"]
    ends = np.maximum(pooled["estimate"] + np.array([0.0, -width, width]), 0)
    return pd.DataFrame([[*np.tanh(ends) ** 2, pooled["missing_information"]]], index=[name], columns=columns)


def _as_matrix(covariance: Array) -> Array:
    if covariance.ndim == 2:
        return covariance
    matrix = np.full((covariance.size, covariance.size), np.nan)
    np.fill_diagonal(matrix, covariance)
    return matrix


def _check(Q: Array, U: Array) -> None:
    m, k = Q.shape
    known = np.isfinite(Q).all() and np.isfinite(np.diagonal(U, axis1=1, axis2=2)).all()
    if m < 2 or U.shape != (m, k, k) or not known:
        raise SurveyDataError(
            expected="estimates and variances of at least two completed data sets, none of them missing",
            found=f"{m} data set(s) with {k} term(s), {len(U)} covariance(s)"
            + ("" if known else ", of which some figures are missing"),
            where="pooling over imputations",
            todo="look at the fit of each completed data set",
        )


def _coefficients(
    estimate: Array, within: Array, between: Array, m: int, df_complete: float, conf_level: float
) -> pd.DataFrame:
    from scipy import stats

    ubar, b = np.diag(within), np.diag(between)
    extra = (1 + 1 / m) * b
    total = ubar + extra
    with np.errstate(divide="ignore", invalid="ignore"):
        increase, share = extra / ubar, extra / total
        statistic = estimate / np.sqrt(total)
    df = barnard_rubin_df(share, m, df_complete)
    width = stats.t.ppf((1 + conf_level) / 2, df) * np.sqrt(total)
    p = 2 * stats.t.sf(np.abs(statistic), df)
    first = [estimate, np.sqrt(total), statistic, df, p, estimate - width, estimate + width]
    columns = dict(zip(COLUMNS, first, strict=True)) | {
        "within": ubar,
        "between": b,
        "total": total,
        "relative_increase": increase,
        "missing_share": share,
        "missing_information": (increase + 2 / (df + 3)) / (increase + 1),
    }
    return pd.DataFrame(columns)
