"""What measurement error does to the products of scales, and to the test of their interaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import SurveyDataError

_TOLERANCE: Final = 1e-9
PRODUCT_COLUMNS: Final = ["term", "reliability", "share_kept", "n_times"]


@dataclass(frozen=True, slots=True, eq=False)
class ProductReliability:
    """How well products of scales are measured, and what remains of their coefficients.

    Attributes
    ----------
    products : pandas.DataFrame
        term; reliability, of the product of the centred scores; share_kept, the part of its coefficient that
        a regression with all products finds; n_times, how many times as many people a test of that
        coefficient needs as it would with scores without error.
    reliabilities : pandas.Series, indexed by scale
    correlations : pandas.DataFrame
        Of the scores as they are.
    """

    products: pd.DataFrame = field(repr=False)
    reliabilities: pd.Series = field(repr=False)
    correlations: pd.DataFrame = field(repr=False)

    def table(self) -> pd.DataFrame:
        """Return a copy of the table of products."""
        return self.products.copy()

    def __str__(self) -> str:
        last = self.products.iloc[-1]
        return (
            f"{last['term']}: reliability {last['reliability']:.2f}; the coefficient keeps "
            f"{last['share_kept']:.0%} of its size"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}</p>{self.products.round(3).to_html(index=False)}"


def product_reliability(
    reliabilities: pd.Series[float], correlations: pd.DataFrame | None = None
) -> ProductReliability:
    """Return the reliability of the products of scales, and what error leaves of their coefficients.

    Use it to see why an interaction may stay unseen; it corrects nothing. The scores are taken as normal and
    their errors as independent: skewed or coarse scores keep somewhat more or less.

    Parameters
    ----------
    reliabilities : pandas.Series of float in (0, 1], indexed by scale
        Two or three scales.
    correlations : pandas.DataFrame, optional
        Correlations of the scores, with the same names; by default none.

    Returns
    -------
    ProductReliability

    Raises
    ------
    SurveyDataError
        Not two or three scales, a reliability outside (0, 1], or scales that correlate more than their
        reliabilities allow.

    Notes
    -----
    Reliability of a product: Var(product of true scores)/Var(product of scores). Share kept: the diagonal of
    E[xx']⁻¹E[xt'], x and t the constant, scores and products with and without error. Both from the moments
    of the normal distribution. ``n_times`` is E[tt']⁻¹ and E[xx']⁻¹ of the term compared, over the square of
    the share: for an effect so small that it leaves the residual variance as it is.

    References
    ----------
    Busemeyer & Jones (1983), https://doi.org/10.1037/0033-2909.93.3.549; Isserlis (1918),
    https://doi.org/10.1093/biomet/12.1-2.134.

    Examples
    --------
    >>> print(product_reliability(pd.Series({"kunnen": 0.7, "willen": 0.7, "mogen": 0.7})))
    kunnen:willen:mogen: reliability 0.34; the coefficient keeps 34% of its size
    """
    names = list(reliabilities.index)
    observed = pd.DataFrame(np.eye(len(names)), names, names) if correlations is None else correlations
    R = observed.loc[names, names].to_numpy(dtype="float64")
    rel = reliabilities.to_numpy(dtype="float64")
    C = _true_covariance(R, rel)
    joint = np.block([[R, C], [C, C]])
    k = len(names)
    terms: list[tuple[int, ...]] = [each for size in range(k + 1) for each in combinations(range(k), size)]
    xx, xt, tt = (_moments(joint, terms, rows, columns) for rows, columns in ((0, 0), (0, k), (k, k)))
    kept = np.diag(np.linalg.solve(xx, xt))
    with np.errstate(divide="ignore"):
        n_times = np.diag(np.linalg.inv(xx)) / np.diag(np.linalg.inv(tt)) / kept**2
    rows = [
        {
            "term": ":".join(str(names[each]) for each in term),
            "reliability": _variance(tt, place) / _variance(xx, place),
            "share_kept": kept[place],
            "n_times": n_times[place],
        }
        for place, term in enumerate(terms)
        if len(term) > 1
    ]
    return ProductReliability(
        pd.DataFrame(rows, columns=PRODUCT_COLUMNS), reliabilities.astype("float64").copy(), observed.copy()
    )


def attenuation_curve(correlation: float = 0.0, *, n_scales: int = 3, points: int = 61) -> pd.DataFrame:
    """Return what the coefficient of the product of all scales keeps, for scales of one reliability.

    Use it for the picture: where on it do these scales lie?

    Parameters
    ----------
    correlation : float
        Of each pair of scores. Where the reliability does not allow it the curve has no value.
    n_scales : int
        Two or three.
    points : int
        From a reliability of .40 to 1.

    Returns
    -------
    pandas.DataFrame
        reliability (of each scale), product_reliability, share_kept.

    Examples
    --------
    >>> attenuation_curve(points=4).round(2)["share_kept"].tolist()
    [0.06, 0.22, 0.51, 1.0]
    """
    names = [f"scale_{place}" for place in range(n_scales)]
    matrix = np.full((n_scales, n_scales), correlation)
    np.fill_diagonal(matrix, 1.0)
    correlations = pd.DataFrame(matrix, names, names)
    lowest = max(correlation, -(n_scales - 1) * correlation) + _TOLERANCE
    rows = []
    for reliability in np.linspace(0.40, 1.0, points):
        found = np.nan, np.nan
        if reliability > lowest:
            last = product_reliability(pd.Series(reliability, index=names), correlations).products.iloc[-1]
            found = last["reliability"], last["share_kept"]
        rows.append((reliability, *found))
    return pd.DataFrame(rows, columns=["reliability", "product_reliability", "share_kept"])


def _true_covariance(R: np.ndarray, rel: np.ndarray) -> np.ndarray:
    """Return the covariances of the scores without error, in units of the scores' variances."""
    if len(rel) not in (2, 3) or not ((rel > 0) & (rel <= 1)).all():
        raise SurveyDataError(
            expected="two or three scales, each with a reliability above 0 and up to 1",
            found=f"{len(rel)} scale(s), reliabilities {', '.join(f'{each:.2f}' for each in rel)}",
            where="reliabilities",
            todo="a scale without a known reliability has none to correct for; leave it out",
        )
    C = R.copy()
    np.fill_diagonal(C, rel)
    if np.linalg.eigvalsh(C).min() < _TOLERANCE:
        raise SurveyDataError(
            expected="scales that correlate less than their reliabilities allow",
            found="correlations that would be 1 or more without measurement error",
            where="correlations",
            todo="the scales may measure one thing: look at their factors",
        )
    return C


def _moments(joint: np.ndarray, terms: Sequence[tuple[int, ...]], rows: int, columns: int) -> np.ndarray:
    """Return the expected products of terms; ``rows`` and ``columns`` is where their scores begin."""
    return np.array(
        [
            [
                normal_moment(joint, [rows + i for i in first] + [columns + j for j in second])
                for second in terms
            ]
            for first in terms
        ]
    )


def normal_moment(S: np.ndarray, places: Sequence[int]) -> float:
    """Return the expected product of centred normal variables: the sum over all pairings (Isserlis)."""
    if not places:
        return 1.0
    if len(places) % 2:
        return 0.0
    first, *rest = places
    return float(
        sum(
            S[first, other] * normal_moment(S, rest[:place] + rest[place + 1 :])
            for place, other in enumerate(rest)
        )
    )


def _variance(moments: np.ndarray, place: int) -> float:
    """Return the variance of a term; the first term is the constant."""
    return float(moments[place, place] - moments[0, place] ** 2)
