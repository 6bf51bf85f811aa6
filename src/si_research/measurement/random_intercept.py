"""How much of a score lies between groups, by a model with a random intercept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from si_research.errors import SurveyDataError

Status = Literal["estimated", "at zero", "nothing varies", "too few"]
AT_ZERO: Final = 1e-8
"""ICC below which the variance between groups is at its bound."""


@dataclass(frozen=True, slots=True, eq=False)
class RandomInterceptCorrelation:
    """The variance between and within groups. Made by :func:`random_intercept_correlation`.

    Attributes
    ----------
    status : str
        "estimated"; "at zero": people of one group are no more alike than strangers, and the variance between
        groups is at its bound; "nothing varies" and "too few" (no group has two people): figures are missing.
    n_rows, n_used, n_groups : int
        Rows offered; rows with a score and a group; groups among these.
    between, within : float
        Variances.
    icc1, icc2 : float
        between/(between + within); and that of a mean of as many people as a group has on average.
    """

    status: Status
    n_rows: int
    n_used: int
    n_groups: int
    between: float
    within: float
    icc1: float
    icc2: float

    def table(self) -> pd.DataFrame:
        """Return the figures, one row each."""
        names = ("between", "within", "icc1", "icc2")
        return pd.DataFrame({"term": names, "estimate": [getattr(self, name) for name in names]})

    def __str__(self) -> str:
        figures = f"ICC(1) = {self.icc1:.3f}, ICC(2) = {self.icc2:.3f} ({self.status})"
        return f"{figures}; n = {self.n_used} of {self.n_rows} in {self.n_groups} groups"

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>"


def random_intercept_correlation(
    scores: pd.Series[Any], groups: pd.Series[Any]
) -> RandomInterceptCorrelation:
    """Return ICC(1) and ICC(2) of a score from a random intercept, by restricted maximum likelihood.

    Use it beside :func:`~si_research.measurement.agreement.intraclass_correlation` where groups differ much
    in size: that one weighs them otherwise. It is never below zero, and gives no test.

    Parameters
    ----------
    scores : pandas.Series of float
    groups : pandas.Series
        Firm or team of each row, same index; rows without one, or without a score, do not count.

    Returns
    -------
    RandomInterceptCorrelation

    Raises
    ------
    SurveyDataError
        With fewer than two groups.

    Notes
    -----
    The likelihood of one ratio of variances, the mean and the scale taken out; it needs sizes, means and the
    sum of squares within groups only, so that no row is gone through twice.

    References
    ----------
    Pinheiro & Bates (2000), Mixed-effects models in S and S-PLUS, https://doi.org/10.1007/b98882.

    Examples
    --------
    >>> score = pd.Series([1.0, 2.0, 2.0, 3.0, 4.0, 5.0])
    >>> print(random_intercept_correlation(score, pd.Series(list("aabbcc"))))
    ICC(1) = 0.806, ICC(2) = 0.893 (estimated); n = 6 of 6 in 3 groups
    """
    used = scores.notna() & groups.notna()
    codes, names = pd.factorize(groups[used])
    if len(names) < 2:
        raise SurveyDataError(
            expected="people of at least two groups, with a score",
            found=f"{len(names)} group(s) among {int(used.sum())} such rows of {len(scores)}",
            where="the column of firms or teams",
            todo="look in the ledger for what was set to missing, or choose another column",
        )
    values = scores[used].to_numpy(dtype="float64")
    counts = (len(scores), len(values), len(names))
    sizes = np.bincount(codes).astype("float64")
    means = np.bincount(codes, values - values.mean()) / sizes
    within = float(((values - values.mean() - means[codes]) ** 2).sum())
    rounding = len(values) * (1e-13 * np.abs(values).max()) ** 2
    if sizes.max() < 2 or within <= rounding:
        nothing = sizes.max() >= 2 and float(sizes @ means**2) <= rounding
        alike = (np.nan,) * 4 if nothing or sizes.max() < 2 else (float(means.var(ddof=1)), 0.0, 1.0, 1.0)
        status: Status = "too few" if sizes.max() < 2 else "nothing varies" if nothing else "estimated"
        return _made(status, counts, alike)
    return _fitted(sizes, means, within, counts)


def _fitted(
    sizes: np.ndarray, means: np.ndarray, within: float, counts: tuple[int, int, int]
) -> RandomInterceptCorrelation:
    from scipy.optimize import minimize_scalar

    _, n, n_groups = counts

    def scale(icc: float) -> tuple[np.ndarray, float]:
        weights = sizes / (1 + icc / (1 - icc) * sizes)
        mean = weights @ means / weights.sum()
        return weights, (within + weights @ (means - mean) ** 2) / (n - 1)

    def deviance(icc: float) -> float:
        weights, variance = scale(icc)
        return float((n - 1) * np.log(variance) + np.log(sizes / weights).sum() + np.log(weights.sum()))

    found = minimize_scalar(deviance, bounds=(0, 1 - 1e-9), method="bounded", options={"xatol": 1e-12})
    icc = float(found.x) if deviance(float(found.x)) < deviance(0.0) else 0.0
    variance = float(scale(icc)[1])
    size = n / n_groups
    figures = (icc / (1 - icc) * variance, variance, icc, size * icc / (1 + (size - 1) * icc))
    status: Status = "estimated" if icc > AT_ZERO else "at zero"
    return _made(status, counts, figures)


def _made(status: Status, counts: Sequence[int], figures: Sequence[float]) -> RandomInterceptCorrelation:
    n_rows, n_used, n_groups = counts
    between, within, icc1, icc2 = figures
    return RandomInterceptCorrelation(status, n_rows, n_used, n_groups, between, within, icc1, icc2)
