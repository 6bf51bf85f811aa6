"""Correlations of what lies behind coarse answers, and the alpha of that."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.measurement.reliability import Missing, alpha_of

Array = npt.NDArray[np.float64]
MOST_ANSWERS: Final = 10
"""Different answers to an item beyond which it is not coarse."""
FEWEST_ROWS: Final = 10
FURTHEST: Final = 0.9999
"""Correlation at which the search ends: further on there is no estimate."""
_NEARLY_ZERO: Final = 1e-150


@dataclass(frozen=True, slots=True, eq=False)
class PolychoricCorrelations:
    """Polychoric correlations and ordinal alpha. Made by :func:`polychoric_correlations`.

    Attributes
    ----------
    correlations : pandas.DataFrame, items by items
        Missing for pairs in ``impossible``.
    thresholds : pandas.DataFrame, indexed by ``item``
        Where on a normal variable one answer becomes the next; columns 1, 2, ...
    ordinal_alpha : float
        Alpha of these correlations; missing unless ``status`` is "estimated".
    status : str
        "estimated"; "impossible" where a pair has no estimate.
    impossible : tuple of (str, str)
        Pairs whose answers go together so completely that the likelihood has no maximum, or that fewer than
        ten people both answered.
    n_rows, n_used : int
        Respondents offered, respondents with all answers (``listwise``) or any (``pairwise``).
    missing : str
    """

    correlations: pd.DataFrame = field(repr=False)
    thresholds: pd.DataFrame = field(repr=False)
    ordinal_alpha: float
    status: Literal["estimated", "impossible"]
    impossible: tuple[tuple[str, str], ...]
    n_rows: int
    n_used: int
    missing: Missing

    def table(self) -> pd.DataFrame:
        """Return a copy of the correlations."""
        return self.correlations.copy()

    def __str__(self) -> str:
        known = f"ordinal alpha = {self.ordinal_alpha:.3f}" if self.status == "estimated" else self.status
        return f"{known}; n = {self.n_used} of {self.n_rows}\n{self.correlations.round(3).to_string()}"

    def _repr_html_(self) -> str:
        head = escape(str(self).split("\n", 1)[0])
        return f"<p>{head}</p>{self.correlations.round(3).to_html()}"


def polychoric_correlations(items: pd.DataFrame, *, missing: Missing = "listwise") -> PolychoricCorrelations:
    """Return correlations of the normal variables that coarse answers are taken to stand for.

    Use it beside alpha for answers on two to five points: few points make correlations, and with them alpha,
    too low. Ordinal alpha is that of the variables behind the answers, **not** of the mean of the answers
    that a study uses: it says what finer answers could have given, and corrects nothing.

    Parameters
    ----------
    items : pandas.DataFrame, shape (n_rows, n_items)
        Keyed answers, at most ten different ones an item.
    missing : {"listwise", "pairwise"}
        Complete rows, or each pair's own rows (and each item's own thresholds).

    Returns
    -------
    PolychoricCorrelations

    Raises
    ------
    SurveyDataError
        For fewer than two items, more than ten different answers, an item on which nobody differs, or fewer
        than ten complete rows.

    Notes
    -----
    Two steps: thresholds from the shares of each answer, then each correlation by maximum likelihood at these
    thresholds; no continuity correction. The bivariate normal distribution by Owen's T function.

    References
    ----------
    Olsson (1979), https://doi.org/10.1007/BF02296207; Zumbo, Gadermann & Zeisser (2007),
    https://doi.org/10.22237/jmasm/1177992180; Chalmers (2018), https://doi.org/10.1177/0013164417727036
    (on what ordinal alpha is not).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> behind = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 4000)
    >>> coarse = pd.DataFrame(np.digitize(behind, [-0.5, 0.8]), columns=["k1", "k2"])
    >>> polychoric_correlations(coarse).correlations.round(1).loc["k1", "k2"]
    np.float64(0.6)
    """
    numbers = items.astype("float64")
    answered = numbers.dropna(how="any" if missing == "listwise" else "all")
    _check(answered)
    names = [str(name) for name in items.columns]
    codes, cuts = zip(*(_coded(answered[name]) for name in items), strict=True)
    k = len(names)
    R, impossible = np.eye(k), []
    for i in range(k):
        for j in range(i):
            counts = _counts(codes[i], codes[j], len(cuts[i]) + 1, len(cuts[j]) + 1)
            R[i, j] = R[j, i] = _correlation(counts, cuts[i], cuts[j])
            if np.isnan(R[i, j]):
                impossible.append((names[j], names[i]))
    longest = max(map(len, cuts))
    padded = [np.append(each, np.full(longest - len(each), np.nan)) for each in cuts]
    index = pd.Index(names, name="item")
    return PolychoricCorrelations(
        correlations=pd.DataFrame(R, index=index, columns=names),
        thresholds=pd.DataFrame(padded, index=index, columns=[str(step + 1) for step in range(longest)]),
        ordinal_alpha=np.nan if impossible else alpha_of(R),
        status="impossible" if impossible else "estimated",
        impossible=tuple(impossible),
        n_rows=len(items),
        n_used=len(answered),
        missing=missing,
    )


def bivariate_normal(h: Array, k: Array, r: float) -> Array:
    """Return P(X <= h and Y <= k) for standard normal X and Y with correlation r, at finite points.

    Notes
    -----
    Owen (1956), https://doi.org/10.1214/aoms/1177728074.

    Examples
    --------
    >>> float(bivariate_normal(np.array(0.0), np.array(0.0), 0.5).round(6))
    0.333333
    """
    from scipy.special import ndtr, owens_t

    h, k = (np.where(np.abs(each) < _NEARLY_ZERO, np.copysign(_NEARLY_ZERO, each), each) for each in (h, k))
    root = np.sqrt((1 - r) * (1 + r))
    both = owens_t(h, (k / h - r) / root) + owens_t(k, (h / k - r) / root)
    return np.asarray((ndtr(h) + ndtr(k)) / 2 - both - np.where((h < 0) != (k < 0), 0.5, 0.0))


def _check(answered: pd.DataFrame) -> None:
    distinct = answered.nunique()
    if answered.shape[1] < 2 or len(answered) < FEWEST_ROWS or not distinct.between(2, MOST_ANSWERS).all():
        raise SurveyDataError(
            expected=f"two items or more with 2 to {MOST_ANSWERS} different answers each, at least "
            f"{FEWEST_ROWS} rows",
            found=f"{answered.shape[1]} item(s) with {distinct.min()} to {distinct.max()} different answers, "
            f"{len(answered)} rows",
            where="items",
            todo="leave out what does not vary; fine answers need no polychoric correlation",
        )


def _coded(answers: pd.Series) -> tuple[npt.NDArray[np.intp], Array]:
    """Return the answers as 0, 1, ... (-1 where missing) and the thresholds between them."""
    from scipy.special import ndtri

    code, _ = pd.factorize(answers, sort=True)
    shares = np.bincount(code[code >= 0]) / (code >= 0).sum()
    return code, np.asarray(ndtri(np.cumsum(shares)[:-1]))


def _counts(first: npt.NDArray[np.intp], second: npt.NDArray[np.intp], rows: int, columns: int) -> Array:
    both = (first >= 0) & (second >= 0)
    together = np.bincount(first[both] * columns + second[both], minlength=rows * columns)
    return together.reshape(rows, columns).astype("float64")


def _correlation(counts: Array, rows: Array, columns: Array) -> float:
    """Return the correlation at which the slope of the likelihood is 0; missing where it nowhere is."""
    from scipy.optimize import brentq
    from scipy.special import ndtr

    if counts.sum() < FEWEST_ROWS:
        return np.nan
    h, k = rows[:, None], columns[None, :]
    margins = ndtr(rows), ndtr(columns)
    seen = counts > 0

    def slope(r: float) -> float:
        P = np.pad(bivariate_normal(h, k, r), 1)
        P[-1, 1:-1], P[1:-1, -1], P[-1, -1] = margins[1], margins[0], 1.0
        q = (1 - r) * (1 + r)
        density = np.exp(-(h**2 - 2 * r * h * k + k**2) / (2 * q)) / (2 * np.pi * np.sqrt(q))
        cells, change = (np.diff(np.diff(each, axis=0), axis=1) for each in (P, np.pad(density, 1)))
        return float((counts * change)[seen] @ (1 / np.maximum(cells[seen], _NEARLY_ZERO)))

    if not slope(-FURTHEST) > 0 > slope(FURTHEST):
        return np.nan
    return float(brentq(slope, -FURTHEST, FURTHEST, xtol=1e-12))
