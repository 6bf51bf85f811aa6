"""Reliability of a scale score: Cronbach's alpha with its interval, and what each item does to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Literal

import numpy as np
import pandas as pd

from si_research.errors import SurveyDataError

ITEM_COLUMNS = ["n_used", "mean", "std_dev", "item_rest", "alpha_if_dropped"]
NO_VARIANCE = 1e-12
"""Share of the items' variances below which the variance of their sum is rounding."""
Missing = Literal["listwise", "pairwise"]
Status = Literal["estimated", "single score", "one item", "too few", "no variance", "cancelled"]


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """How good one scale is.

    Attributes
    ----------
    scale : str
    alpha, alpha_standardised : float
        Missing when ``status`` is not "estimated": the reliability is then unknown, not bad.
    conf_low, conf_high, conf_level : float
        Interval of alpha.
    n_rows, n_used : int
        Respondents offered, respondents that alpha rests on.
    n_items : int
    missing : str
        "listwise" (complete rows) or "pairwise" (every pair's own rows).
    status : str
        "estimated"; "single score" (one ready-made score); "one item"; "too few" complete rows; "no variance"
        (fewer than two items on which people differ); "cancelled" (the items cancel each other out: their sum
        is the same for everybody).
    items : pandas.DataFrame, indexed by ``item``
        n_used, mean, std_dev, item_rest (correlation with the sum of the others), alpha_if_dropped.
    interval : str
        "Feldt", "bootstrap" (of people) or "bootstrap of firms".
    """

    scale: str
    alpha: float
    alpha_standardised: float
    conf_low: float
    conf_high: float
    conf_level: float
    n_rows: int
    n_used: int
    n_items: int
    missing: str
    status: Status
    items: pd.DataFrame = field(repr=False)
    interval: Literal["Feldt", "bootstrap", "bootstrap of firms"] = "Feldt"

    def table(self) -> pd.DataFrame:
        """Return a copy of the item table."""
        return self.items.copy()

    def __str__(self) -> str:
        if self.status != "estimated":
            return f"{self.scale}: reliability unknown ({self.status}); n = {self.n_used}"
        interval = f"{self.conf_level:.0%} interval {self.conf_low:.3f} to {self.conf_high:.3f}"
        return f"{self.scale}: alpha = {self.alpha:.3f} ({interval}); n = {self.n_used} of {self.n_rows}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>{self.items.round(3).to_html()}"


def cronbach_alpha(
    items: pd.DataFrame,
    *,
    scale: str = "scale",
    missing: Missing = "listwise",
    conf_level: float = 0.95,
) -> Reliability:
    """Return Cronbach's alpha of items that are keyed in one direction.

    Use it for a scale score that is the mean of its items. It says how far the items agree, not that they
    measure one thing; with items that differ in how well they measure, it is a lower bound.

    Parameters
    ----------
    items : pandas.DataFrame, shape (n_rows, n_items)
        Keyed answers: high means much of the construct, for every item.
    scale : str
        Name in what is printed.
    missing : str
        ``listwise`` uses complete rows; ``pairwise`` each covariance from the rows that have both items.
    conf_level : float, in (0, 1)

    Returns
    -------
    Reliability

    Raises
    ------
    SurveyDataError
        With fewer than two items that vary, or fewer than three complete rows.

    Notes
    -----
    alpha = k/(k - 1)·(1 - sum of item variances / variance of the sum). Feldt's interval:
    1 - (1 - alpha)·F, F with n - 1 and (n - 1)(k - 1) degrees of freedom; n counts the rows with any answer
    under pairwise deletion, the complete rows under listwise deletion.

    A negative alpha is shown as it is: an item is probably keyed the wrong way. An item that everybody
    answers alike adds nothing to the differences between sums: it does not count in k, and has no item-rest
    correlation. The standardised alpha is that of z-scores. With two items that vary, alpha of the one that
    is left does not exist. Items that cancel each other out have no alpha; ``status`` says so.
    :func:`~si_research.measurement.alpha_bootstrap.bootstrap_alpha` gives an interval that holds for answers
    that are not normal, and for people in firms.

    References
    ----------
    Cronbach (1951), https://doi.org/10.1007/BF02310555; Feldt, Woodruff & Salih (1987),
    https://doi.org/10.1177/014662168701100107.

    Examples
    --------
    >>> answers = pd.DataFrame({"k1": [1, 2, 3, 4, 5], "k2": [2, 2, 3, 5, 5], "k3": [1, 3, 3, 4, 4]})
    >>> print(cronbach_alpha(answers, scale="kunnen"))
    kunnen: alpha = 0.954 (95% interval 0.766 to 0.995); n = 5 of 5
    """
    numbers = items.astype("float64")
    x = numbers.to_numpy()
    gaps = np.isnan(x)
    kept = ~(gaps.any(axis=1) if missing == "listwise" else gaps.all(axis=1))
    answered = numbers if kept.all() else numbers.loc[kept]
    _check(numbers, answered, scale)
    C = np.cov(answered.to_numpy().T) if missing == "listwise" else answered.cov().to_numpy()
    k, n = C.shape[0], len(answered)
    alpha, standardised = alpha_of(C), alpha_of(_correlations(C))
    low, high = feldt_interval(alpha, n=n, n_items=number_that_vary(C), conf_level=conf_level)
    return Reliability(
        scale=scale,
        alpha=alpha,
        alpha_standardised=standardised,
        conf_low=low,
        conf_high=high,
        conf_level=conf_level,
        n_rows=len(items),
        n_used=n,
        n_items=k,
        missing=missing,
        status="estimated" if np.isfinite(alpha) else "cancelled" if np.isfinite(C).all() else "too few",
        items=_item_table(answered, C),
    )


def unknown_reliability(
    items: pd.DataFrame,
    *,
    scale: str,
    status: Status,
    missing: Missing = "listwise",
    conf_level: float = 0.95,
) -> Reliability:
    """Return the record of a scale whose reliability cannot be known: one score, one item, too few rows."""
    answered = items.astype("float64").dropna(how="all")
    used = items.notna().all(axis=1) if missing == "listwise" else items.notna().any(axis=1)
    table = pd.DataFrame(
        {"n_used": items.count(), "mean": answered.mean(), "std_dev": answered.std()}
    ).reindex(columns=ITEM_COLUMNS)
    return Reliability(
        scale=scale,
        alpha=np.nan,
        alpha_standardised=np.nan,
        conf_low=np.nan,
        conf_high=np.nan,
        conf_level=conf_level,
        n_rows=len(items),
        n_used=int(used.sum()),
        n_items=items.shape[1],
        missing=missing,
        status=status,
        items=table.rename_axis("item"),
    )


def alpha_of(C: np.ndarray) -> float:
    """Return alpha from a covariance (or correlation) matrix.

    Items without variance do not count. Missing for a single item, and where the items cancel each other out,
    so that their sum does not vary.
    """
    k, total = number_that_vary(C), C.sum()
    if k < 2 or abs(total) <= NO_VARIANCE * np.trace(C):
        return np.nan
    return float(k / (k - 1) * (1 - np.trace(C) / total))


def number_that_vary(C: np.ndarray) -> int:
    """Return the number of items with a variance, from their covariance matrix."""
    return int((np.diag(C) > NO_VARIANCE * np.trace(C)).sum())


def feldt_interval(alpha: float, *, n: int, n_items: int, conf_level: float) -> tuple[float, float]:
    """Return Feldt's interval of alpha."""
    from scipy import stats

    tail, df1, df2 = (1 - conf_level) / 2, n - 1, (n - 1) * (n_items - 1)
    low = 1 - (1 - alpha) * stats.f.ppf(1 - tail, df1, df2)
    high = 1 - (1 - alpha) * stats.f.ppf(tail, df1, df2)
    return float(low), float(high)


def _check(numbers: pd.DataFrame, answered: pd.DataFrame, scale: str) -> None:
    varying = int((answered.max() > answered.min()).sum()) if len(answered) else 0
    if numbers.shape[1] < 2 or len(answered) < 3 or varying < 2:
        raise SurveyDataError(
            expected="at least two items that vary, answered by at least three respondents",
            found=f"{numbers.shape[1]} item(s), {varying} of them varying, {len(answered)} respondents",
            where=f"scale {scale!r}",
            todo="look in the ledger for what was set to missing",
        )


def _correlations(C: np.ndarray) -> np.ndarray:
    spread = np.sqrt(np.diag(C))
    with np.errstate(divide="ignore", invalid="ignore"):
        R = C / np.outer(spread, spread)
    varying = spread > 0
    return np.asarray(R[np.ix_(varying, varying)])


def _item_table(answered: pd.DataFrame, C: np.ndarray) -> pd.DataFrame:
    """Return the statistics of each item; the item-rest correlation from the covariance matrix."""
    k = C.shape[0]
    rest_covariance = C.sum(axis=1) - np.diag(C)
    rest_variance = C.sum() - 2 * C.sum(axis=1) + np.diag(C)
    with np.errstate(divide="ignore", invalid="ignore"):
        item_rest = rest_covariance / np.sqrt(np.diag(C) * rest_variance)
    dropped = [alpha_of(np.delete(np.delete(C, i, 0), i, 1)) for i in range(k)]
    table = {
        "n_used": answered.count(),
        "mean": answered.mean(),
        "std_dev": np.sqrt(np.diag(C)),
        "item_rest": pd.Series(item_rest, index=answered.columns),
        "alpha_if_dropped": pd.Series(dropped, index=answered.columns),
    }
    return pd.DataFrame(table).rename_axis("item")
