"""Reliability from halves: two items by Spearman and Brown, all split halves, and Guttman's lower bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from itertools import combinations
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.measurement.reliability import alpha_of

Array = npt.NDArray[np.float64]
FEWEST_ROWS: Final = 4
"""Complete rows that an interval of a correlation takes."""
MOST_ITEMS: Final = 16
"""Items beyond which there are too many ways to halve them."""


@dataclass(frozen=True, slots=True, eq=False)
class SpearmanBrown:
    """Reliability of a scale of two items. Made by :func:`spearman_brown`.

    Attributes
    ----------
    scale : str
    reliability, conf_low, conf_high, conf_level : float
        Missing unless ``status`` is "estimated".
    correlation : float
        Of the two items.
    n_rows, n_used : int
        Respondents offered, respondents with both answers.
    status : str
        "estimated"; "too few" complete rows; "no variance" (an item on which nobody differs); "cancelled"
        (one item is the other turned round, so that their sum is the same for everybody).
    """

    scale: str
    reliability: float
    conf_low: float
    conf_high: float
    conf_level: float
    correlation: float
    n_rows: int
    n_used: int
    status: Literal["estimated", "too few", "no variance", "cancelled"]

    def table(self) -> pd.DataFrame:
        """Return one row: scale, reliability, conf_low, conf_high, correlation, n_used."""
        names = ["scale", "reliability", "conf_low", "conf_high", "correlation", "n_used"]
        return pd.DataFrame([{name: getattr(self, name) for name in names}])

    def __str__(self) -> str:
        if self.status != "estimated":
            return f"{self.scale}: Spearman-Brown unknown ({self.status}); n = {self.n_used}"
        interval = f"{self.conf_level:.0%} interval {self.conf_low:.3f} to {self.conf_high:.3f}"
        return f"{self.scale}: Spearman-Brown = {self.reliability:.3f} ({interval}); n = {self.n_used}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>"


@dataclass(frozen=True, slots=True, eq=False)
class SplitHalves:
    """Every way to halve a scale. Made by :func:`split_halves`.

    Attributes
    ----------
    best, worst, mean : float
        Reliability by the best split (Guttman's lambda 4), by the worst one, and on average.
    splits : pandas.DataFrame
        half (items of one half, joined by ``+``), reliability.
    n_rows, n_used : int
    """

    best: float
    worst: float
    mean: float
    splits: pd.DataFrame = field(repr=False)
    n_rows: int
    n_used: int

    def table(self) -> pd.DataFrame:
        """Return a copy of the splits."""
        return self.splits.copy()

    def __str__(self) -> str:
        found = f"best {self.best:.3f}, worst {self.worst:.3f}, mean {self.mean:.3f}"
        return f"split halves ({len(self.splits)}): {found}; n = {self.n_used} of {self.n_rows}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>{self.splits.round(3).to_html(index=False)}"


def spearman_brown(items: pd.DataFrame, *, scale: str = "scale", conf_level: float = 0.95) -> SpearmanBrown:
    """Return the reliability of a scale of two items, 2r/(1 + r).

    Use it for two items, where alpha is too low if they differ in spread and a factor model does not exist.
    It takes them to measure equally well.

    Parameters
    ----------
    items : pandas.DataFrame, shape (n_rows, 2)
        Keyed answers; rows with both are used.
    scale : str
    conf_level : float, in (0, 1)

    Returns
    -------
    SpearmanBrown
        Negative where the two run against each other.

    Raises
    ------
    SurveyDataError
        For another number of items.

    Notes
    -----
    The interval is that of the correlation (Fisher's z), carried over.

    References
    ----------
    Eisinga, te Grotenhuis & Pelzer (2013), https://doi.org/10.1007/s00038-012-0416-3.

    Examples
    --------
    >>> answers = pd.DataFrame({"k1": [1, 2, 3, 4, 5], "k2": [2, 1, 3, 5, 4]})
    >>> print(spearman_brown(answers, scale="kunnen"))
    kunnen: Spearman-Brown = 0.889 (95% interval -0.776 to 0.993); n = 5
    """
    from scipy import stats

    if items.shape[1] != 2:
        raise SurveyDataError(
            expected="two items",
            found=str(items.shape[1]),
            where=f"scale {scale!r}",
            todo="use cronbach_alpha",
        )
    x = items.astype("float64").dropna().to_numpy()
    n, known = len(x), {"scale": scale, "conf_level": conf_level, "n_rows": len(items), "n_used": len(x)}
    status: Literal["too few", "no variance", "cancelled"] | None = None
    r = np.nan
    if n < FEWEST_ROWS:
        status = "too few"
    elif not (np.ptp(x, axis=0) > 0).all():
        status = "no variance"
    else:
        r = float(np.corrcoef(x.T)[0, 1])
        status = "cancelled" if r < -1 + 1e-12 else None
    if status is not None:
        unknown = dict.fromkeys(("reliability", "conf_low", "conf_high"), np.nan)
        return SpearmanBrown(**known, **unknown, correlation=r, status=status)  # type: ignore[arg-type]
    reach = stats.norm.ppf((1 + conf_level) / 2) / np.sqrt(n - 3)
    correlations = np.tanh(np.arctanh(min(r, 1 - 1e-15)) + np.array([-reach, 0, reach]))
    low, middle, high = 2 * correlations / (1 + correlations)
    return SpearmanBrown(
        **known,  # type: ignore[arg-type]
        reliability=float(middle),
        conf_low=float(low),
        conf_high=float(high),
        correlation=r,
        status="estimated",
    )


def split_halves(items: pd.DataFrame) -> SplitHalves:
    """Return the reliability by every way to halve the items.

    Use it where items were written in pairs, or to see how much a single split hides; alpha is about the
    mean of all.

    Parameters
    ----------
    items : pandas.DataFrame
        2 to 16 keyed items; rows with all of them are used.

    Returns
    -------
    SplitHalves

    Raises
    ------
    SurveyDataError
        For another number of items, fewer than three complete rows, or an item on which nobody differs.

    Notes
    -----
    4·(covariance of the halves)/(variance of the sum), of standardised items. With an odd number one half has
    an item more.

    References
    ----------
    Guttman (1945), https://doi.org/10.1007/BF02288892.

    Examples
    --------
    >>> answers = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, 3, 2, 4], "c": [2, 1, 3, 4], "d": [1, 2, 4, 3]})
    >>> len(split_halves(answers).splits)
    3
    """
    R, n_used = _correlations(items, most=MOST_ITEMS)
    names = [str(name) for name in items.columns]
    k, total = len(names), R.sum()
    rows = []
    for chosen in combinations(range(k), k // 2):
        if k % 2 == 0 and 0 not in chosen:
            continue  # the other half of a split that was there
        half = np.zeros(k)
        half[list(chosen)] = 1
        rows.append(("+".join(names[place] for place in chosen), float(4 * half @ R @ (1 - half) / total)))
    splits = pd.DataFrame(rows, columns=["half", "reliability"])
    found = splits["reliability"]
    return SplitHalves(found.max(), found.min(), found.mean(), splits, n_rows=len(items), n_used=n_used)


def guttman_bounds(items: pd.DataFrame) -> pd.Series:
    """Return Guttman's lower bounds of the reliability, of standardised items.

    Use it to see whether alpha (lambda 3) leaves something unseen: lambda 2 is never lower, lambda 6 is
    higher where items go together unequally.

    Parameters
    ----------
    items : pandas.DataFrame
        Two keyed items or more; rows with all of them are used.

    Returns
    -------
    pandas.Series, indexed by ``bound``
        lambda_1, lambda_2, lambda_3, lambda_5, lambda_6. Lambda 4 is the best of :func:`split_halves`.

    Raises
    ------
    SurveyDataError
        For one item, fewer than three complete rows, an item on which nobody differs, or items of which one
        follows from the others.

    References
    ----------
    Guttman (1945), https://doi.org/10.1007/BF02288892.
    """
    R, _ = _correlations(items)
    if np.linalg.eigvalsh(R)[0] < 1e-10:
        raise SurveyDataError(
            expected="items of which none follows from the others",
            found="items that do",
            where="items",
            todo="leave one of them out: is a question stored twice?",
        )
    k, total = len(R), R.sum()
    squared = np.where(np.eye(k, dtype=bool), 0.0, R) ** 2
    first = 1 - k / total
    bounds = {
        "lambda_1": first,
        "lambda_2": first + np.sqrt(k / (k - 1) * squared.sum()) / total,
        "lambda_3": alpha_of(R),
        "lambda_5": first + 2 * np.sqrt(squared.sum(axis=0).max()) / total,
        "lambda_6": 1 - (1 / np.diag(np.linalg.inv(R))).sum() / total,
    }
    return pd.Series(bounds, dtype="float64").rename_axis("bound")


def _correlations(items: pd.DataFrame, most: int | None = None) -> tuple[Array, int]:
    x = items.astype("float64").dropna().to_numpy()
    k = items.shape[1]
    varying = int((np.ptp(x, axis=0) > 0).sum()) if len(x) else 0
    if k < 2 or len(x) < 3 or varying < k or (most is not None and k > most):
        raise SurveyDataError(
            expected=f"{'two items or more' if most is None else f'2 to {most} items'} on which people "
            "differ, answered by at least three",
            found=f"{k} item(s), {varying} of them varying, {len(x)} complete rows",
            where="items",
            todo="leave out what does not vary",
        )
    return np.asarray(np.corrcoef(x.T)), len(x)
