"""Do the people of one firm or team agree, and may a scale be averaged to it?"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from si_research.errors import SurveyDataError

NullDistribution = Literal["uniform", "slight_skew", "moderate_skew", "heavy_skew", "triangular", "normal"]
_FIVE_OPTIONS: Final[dict[str, tuple[float, ...]]] = {
    "slight_skew": (0.05, 0.15, 0.20, 0.35, 0.25),
    "moderate_skew": (0.00, 0.10, 0.15, 0.40, 0.35),
    "heavy_skew": (0.00, 0.00, 0.10, 0.40, 0.50),
    "triangular": (0.11, 0.22, 0.34, 0.22, 0.11),
    "normal": (0.07, 0.24, 0.38, 0.24, 0.07),
}
"""Shares of the five answers among people who do not agree, as LeBreton & Senter (2008) list them."""
_SLIGHT_SKEW: Final = {6: 1.85, 7: 2.90, 8: 3.47, 9: 5.66, 10: 6.30, 11: 7.31}
"""Variance of slightly skewed answers by their number, from the same table."""
AGREEMENT_COLUMNS: Final = ["n_used", "r_wg", "r_wg_lindell", "ad_mean", "ad_median"]


@dataclass(frozen=True, slots=True, eq=False)
class IntraclassCorrelation:
    """How much of a score lies between groups, and how well group means can be told apart.

    Attributes
    ----------
    n_rows, n_used, n_groups : int
        Rows offered; rows with a score and a group; groups among these.
    mean_size, corrected_size : float
        Mean group size, and n0, the size that inequality leaves.
    mean_square_between, mean_square_within : float
        Of the one-way analysis of variance.
    statistic, df_between, df_within, p_value : float
        F test of "all groups have one mean".
    icc1 : float
        Share of the variance of one person's score that lies between groups, by n0. Negative where people of
        one group differ more than strangers do; missing when no group has two people, or nothing varies.
    icc1_mean_size : float
        The same by the mean size, as some programs have it.
    conf_low, conf_high, conf_level : float
        Interval of icc1 from F; exact for groups of one size, else near.
    icc2 : float
        Reliability of a group mean: 1 - MSW/MSB.
    """

    n_rows: int
    n_used: int
    n_groups: int
    mean_size: float
    corrected_size: float
    mean_square_between: float
    mean_square_within: float
    statistic: float
    df_between: int
    df_within: int
    p_value: float
    icc1: float
    icc1_mean_size: float
    conf_low: float
    conf_high: float
    conf_level: float
    icc2: float

    def table(self) -> pd.DataFrame:
        """Return ICC(1) and ICC(2), one row each; ICC(2) has no interval here."""
        rows = [("ICC(1)", self.icc1, self.conf_low, self.conf_high), ("ICC(2)", self.icc2, np.nan, np.nan)]
        frame = pd.DataFrame(rows, columns=["term", "estimate", "conf_low", "conf_high"])
        return frame.assign(
            statistic=self.statistic, df=self.df_between, p_value=self.p_value, n_used=self.n_used
        )

    def __str__(self) -> str:
        interval = f"{self.conf_level:.0%} interval {self.conf_low:.3f} to {self.conf_high:.3f}"
        return (
            f"ICC(1) = {self.icc1:.3f} ({interval}), ICC(2) = {self.icc2:.3f}; "
            f"n = {self.n_used} of {self.n_rows} in {self.n_groups} groups"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>"


def intraclass_correlation(
    scores: pd.Series[Any], groups: pd.Series[Any], *, conf_level: float = 0.95
) -> IntraclassCorrelation:
    """Return ICC(1) and ICC(2) of a score, from the one-way analysis of variance.

    Use it before a mean of people stands for their firm; for one outcome in a model, the random intercept.

    Parameters
    ----------
    scores : pandas.Series of float
    groups : pandas.Series
        Firm or team of each row, same index; rows without one, or without a score, do not count.
    conf_level : float, in (0, 1)

    Returns
    -------
    IntraclassCorrelation

    Raises
    ------
    SurveyDataError
        With fewer than two groups.

    Notes
    -----
    ICC(1) = (MSB - MSW)/(MSB + (n0 - 1)·MSW), n0 = (n - sum of squared sizes/n)/(G - 1);
    ICC(2) = (MSB - MSW)/MSB. Interval: F divided by the quantiles of F, in the same formula.

    References
    ----------
    Shrout & Fleiss (1979), https://doi.org/10.1037/0033-2909.86.2.420; Bliese (2000), in Klein & Kozlowski,
    Multilevel theory, research, and methods in organizations, 349-381.

    Examples
    --------
    >>> score = pd.Series([1.0, 2.0, 2.0, 3.0, 4.0, 5.0])
    >>> print(intraclass_correlation(score, pd.Series(["a", "a", "b", "b", "c", "c"])))
    ICC(1) = 0.806 (95% interval -0.264 to 0.995), ICC(2) = 0.893; n = 6 of 6 in 3 groups
    """
    from scipy import stats

    values, codes, names = _grouped(scores.to_frame(), groups)
    sizes = np.bincount(codes)
    n, n_groups = len(values), len(names)
    n0 = (n - (sizes**2).sum() / n) / (n_groups - 1)
    between, within = _mean_squares(values[:, 0], codes, sizes)
    df_between, df_within = n_groups - 1, n - n_groups
    F = between / within if within > 0 else np.nan
    tail = (1 - conf_level) / 2
    with np.errstate(invalid="ignore"):
        low = F / stats.f.ppf(1 - tail, df_between, df_within)
        high = F / stats.f.ppf(tail, df_between, df_within)
    return IntraclassCorrelation(
        n_rows=len(scores),
        n_used=n,
        n_groups=n_groups,
        mean_size=n / n_groups,
        corrected_size=float(n0),
        mean_square_between=between,
        mean_square_within=within,
        statistic=F,
        df_between=df_between,
        df_within=df_within,
        p_value=float(stats.f.sf(F, df_between, df_within)),
        icc1=_icc1(between, within, n0),
        icc1_mean_size=_icc1(between, within, n / n_groups),
        conf_low=float((low - 1) / (low + n0 - 1)),
        conf_high=float((high - 1) / (high + n0 - 1)),
        conf_level=conf_level,
        icc2=1 - within / between if between > 0 else np.nan,
    )


@dataclass(frozen=True, slots=True, eq=False)
class WithinGroupAgreement:
    """How far the people of each group agree on a scale.

    Attributes
    ----------
    groups : pandas.DataFrame, indexed by ``group``
        n_used; r_wg (of several items: r_wg(j)), 0 where people differ more than under the null;
        r_wg_lindell (r*wg(j), negative there); ad_mean, ad_median (mean absolute deviation from the
        group's mean and median, in answers). Missing for a group of one.
    n_rows, n_used, n_items : int
        Rows offered; rows with a group and all items; items.
    null : str
        Distribution of answers without agreement, or "stated variance".
    null_variance : float
    ad_limit : float
        Number of answers / 6: a deviation below it counts as agreement.
    """

    groups: pd.DataFrame = field(repr=False)
    n_rows: int
    n_used: int
    n_items: int
    null: str
    null_variance: float
    ad_limit: float

    def table(self) -> pd.DataFrame:
        """Return a copy of the table of groups."""
        return self.groups.copy()

    def __str__(self) -> str:
        several = self.groups[self.groups["n_used"] > 1]
        share = (several["r_wg"] >= 0.70).mean()
        return (
            f"r_wg: median {several['r_wg'].median():.3f}, {share:.0%} of {len(several)} groups at .70 or "
            f"more (null: {self.null}); n = {self.n_used} of {self.n_rows}"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>"


def within_group_agreement(
    items: pd.DataFrame,
    groups: pd.Series[Any],
    *,
    lowest: float,
    highest: float,
    null: NullDistribution | float = "uniform",
) -> WithinGroupAgreement:
    """Return r_wg or r_wg(j), r*wg(j) and the mean absolute deviation of each group.

    Use it for agreement, whatever the differences between groups. It hangs on the null: under "uniform"
    people who all tend to the same side seem to agree, so look at a skewed one too.

    Parameters
    ----------
    items : pandas.DataFrame, shape (n_rows, n_items)
        Keyed answers; one column gives r_wg, several give r_wg(j).
    groups : pandas.Series
        Firm or team of each row, same index.
    lowest, highest : float
        Of the response format, in whole steps.
    null : str or float
        Answers of people who do not agree: "uniform" for any format; "slight_skew" for five to eleven
        answers; for five also "moderate_skew", "heavy_skew", "triangular" and "normal". Or the variance
        itself.

    Returns
    -------
    WithinGroupAgreement

    Raises
    ------
    SurveyDataError
        With fewer than two groups, or a null that is not known for this number of answers.

    Notes
    -----
    With u the mean variance of the items (n - 1) over that of the null, at most 1:
    r_wg(j) = J·(1 - u)/(J·(1 - u) + u), and r*wg(j) = 1 - u without the limit. Rows with all items count.

    References
    ----------
    James, Demaree & Wolf (1984), https://doi.org/10.1037/0021-9010.69.1.85; Lindell, Brandt & Whitney
    (1999), https://doi.org/10.1177/01466219922031257; LeBreton & Senter (2008),
    https://doi.org/10.1177/1094428106296642; Burke & Dunlap (2002),
    https://doi.org/10.1177/1094428102005002002.

    Examples
    --------
    >>> answers = pd.DataFrame({"m1": [4, 4, 5, 1, 5, 3]})
    >>> firms = pd.Series(["a", "a", "a", "b", "b", "b"])
    >>> found = within_group_agreement(answers, firms, lowest=1, highest=5)
    >>> found.table()[["r_wg", "ad_mean"]].to_numpy().round(2)
    array([[0.83, 0.44],
           [0.  , 1.33]])
    """
    n_options = round(highest - lowest) + 1
    variance = _null_variance(null, n_options)
    values, codes, names = _grouped(items, groups)
    sizes = np.bincount(codes)
    mean_variance = _variances(values, codes, sizes).mean(axis=1)
    u = np.minimum(mean_variance / variance, 1.0)
    J = values.shape[1]
    table = pd.DataFrame(
        {
            "n_used": sizes,
            "r_wg": J * (1 - u) / (J * (1 - u) + u),
            "r_wg_lindell": 1 - mean_variance / variance,
            "ad_mean": _deviation(values, codes, sizes, _group_means(values, codes, sizes)),
            "ad_median": _deviation(values, codes, sizes, _group_medians(values, codes)),
        },
        index=names,
    )
    return WithinGroupAgreement(
        groups=table,
        n_rows=len(items),
        n_used=len(values),
        n_items=J,
        null=null if isinstance(null, str) else "stated variance",
        null_variance=variance,
        ad_limit=n_options / 6,
    )


def _grouped(items: pd.DataFrame, groups: pd.Series[Any]) -> tuple[np.ndarray, np.ndarray, pd.Index[Any]]:
    """Return the complete rows as numbers, the place of each row's group, and the names of the groups."""
    used = items.notna().all(axis=1) & groups.notna()
    codes, names = pd.factorize(groups[used], sort=True)
    if len(names) < 2:
        raise SurveyDataError(
            expected="people of at least two groups, with all answers",
            found=f"{len(names)} group(s) among {int(used.sum())} such rows of {len(items)}",
            where="the column of firms or teams",
            todo="look in the ledger for what was set to missing, or choose another column",
        )
    return items[used].to_numpy(dtype="float64"), codes, pd.Index(names, name="group")


def knows_null(null: NullDistribution | float, lowest: float, highest: float) -> bool:
    """Whether the variance of a null distribution is known for a response format."""
    if not np.isfinite([lowest, highest]).all() or round(highest - lowest) < 1:
        return False
    n_options = round(highest - lowest) + 1
    if null == "slight_skew" and n_options in _SLIGHT_SKEW:
        return True
    return not isinstance(null, str) or null == "uniform" or (null in _FIVE_OPTIONS and n_options == 5)


def _null_variance(null: NullDistribution | float, n_options: int) -> float:
    if not isinstance(null, str):
        return float(null)
    if null == "uniform":
        return (n_options**2 - 1) / 12
    if null == "slight_skew" and n_options in _SLIGHT_SKEW:
        return _SLIGHT_SKEW[n_options]
    if null not in _FIVE_OPTIONS or n_options != 5:
        raise SurveyDataError(
            expected=f"one of uniform, {', '.join(_FIVE_OPTIONS)} (all but uniform and slight_skew for five "
            "answers only)",
            found=f"{null!r} for {n_options} answers",
            where="null",
            todo="take the uniform one, or give the variance of the answers as a number",
        )
    answers, shares = np.arange(5.0), np.array(_FIVE_OPTIONS[null])
    return float(shares @ answers**2 - (shares @ answers) ** 2)


def _icc1(between: float, within: float, size: float) -> float:
    whole = between + (size - 1) * within
    return float((between - within) / whole) if whole > 0 else np.nan


def _mean_squares(values: np.ndarray, codes: np.ndarray, sizes: np.ndarray) -> tuple[float, float]:
    """Return the mean squares between and within groups; within is missing when no group has two people."""
    centred = values - values.mean()
    means = np.bincount(codes, centred) / sizes
    df_within = len(values) - len(sizes)
    between = float(sizes @ means**2) / (len(sizes) - 1)
    within = float(((centred - means[codes]) ** 2).sum()) / df_within if df_within else np.nan
    rounding = (1e-13 * np.abs(values).max()) ** 2  # means of equal scores differ in the last digit
    return between if between > rounding else 0.0, 0.0 if within <= rounding else within


def _group_means(values: np.ndarray, codes: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return np.stack([np.bincount(codes, column) / sizes for column in values.T], axis=1)


def _group_medians(values: np.ndarray, codes: np.ndarray) -> np.ndarray:
    return pd.DataFrame(values).groupby(codes).median().to_numpy()


def _variances(values: np.ndarray, codes: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return the variance (n - 1) of each item in each group; missing in a group of one."""
    centred = values - _group_means(values, codes, sizes)[codes]
    freedom = np.where(sizes > 1, sizes - 1, np.nan)
    return np.stack([np.bincount(codes, column**2) / freedom for column in centred.T], axis=1)


def _deviation(values: np.ndarray, codes: np.ndarray, sizes: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return the mean absolute deviation of each group from its centres, over its people and items."""
    deviations = np.abs(values - centres[codes]).mean(axis=1)
    return np.where(sizes > 1, np.bincount(codes, deviations) / sizes, np.nan)
