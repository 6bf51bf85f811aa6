"""Slope differences: does one condition matter more where the others are high than where they are low?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import listed_points
from si_research.model.holm import holm
from si_research.model.inference import Array
from si_research.model.low_and_high import (
    HIGH,
    LOW,
    PAIR,
    combinations_of,
    fewest_near,
    low_and_high,
    people_nearest,
    place_of,
    turned,
)
from si_research.model.probed import Probed, check_probed
from si_research.model.probing import check_probe, estimates, slope_weights

SHOWN: Final = ["first", "second", "estimate", "std_error", "p_value", "p_holm", "outside_data", "supported"]


@dataclass(frozen=True, slots=True, eq=False)
class SlopeDifferences:
    """The slope of one predictor where the others are low or high, and each pair of slopes compared.

    Attributes
    ----------
    of : str
        The predictor whose slope it is.
    differences : pandas.DataFrame, indexed by ``term``
        One row a pair: ``first`` and ``second`` combination ("high low": the first other predictor high, the
        second low), estimate (first minus second), std_error, statistic, df, p_value, conf_low, conf_high,
        ``p_holm`` over these pairs; ``outside_data`` where either lies outside the data, ``supported`` where
        both are.
    slopes : pandas.DataFrame, indexed by ``term``
        One row a combination: ``combination``, value of each other predictor, estimate to conf_high as above;
        ``outside_data`` where a value lies beyond the rows used; ``n_nearest``: respondents whose every
        other score lies nearer to this combination's level than to its opposite; ``supported``: at least
        5 of them.
    points : pandas.DataFrame, indexed by ``term``
        low and high of the other predictors, and ``how`` they were chosen.
    conf_level : float
    """

    of: str
    differences: pd.DataFrame = field(repr=False)
    slopes: pd.DataFrame = field(repr=False)
    points: pd.DataFrame = field(repr=False)
    conf_level: float

    def table(self) -> pd.DataFrame:
        """Return a copy of the differences."""
        return self.differences.copy()

    def _head(self) -> str:
        others = ", ".join(map(str, self.points.index))
        smallest = float(self.differences["p_holm"].min())
        return f"slope of {self.of} by {others}: smallest p after Holm = {smallest:.4f}"

    def __str__(self) -> str:
        return f"{self._head()}\n{self.differences[SHOWN].round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.differences[SHOWN].round(3).to_html()}"


def slope_differences(
    fit: Probed,
    *,
    of: str | None = None,
    at: Mapping[str, tuple[float, float]] | None = None,
) -> SlopeDifferences:
    """Test the differences between the slopes of one predictor where the others are low or high.

    Use it instead of comparing which simple slopes are significant: that one is and another is not says
    nothing about their difference.

    Parameters
    ----------
    fit : InteractionFit or PooledInteraction
    of : str, optional
        The predictor whose slope is asked; the first by default.
    at : mapping of name to (low, high), optional
        In scale points, for the other predictors; by default their 16th and 84th percentile (both values of
        a binary predictor; lowest and highest in the data where the two percentiles are one value).

    Returns
    -------
    SlopeDifferences
        Six differences of four slopes for three predictors, one of two for two.

    Raises
    ------
    ModelSpecificationError
        For a name that is not a predictor, for points that are not finite, or low not below high.

    Notes
    -----
    Slopes stand in the order of Dawson and Richter: 1 both others high, 2 the first high and the second low,
    3 the first low and the second high, 4 both low; pairs 1-2, 1-3, 1-4, 2-3, 2-4, 3-4. A difference is c'b
    with variance c'Vc and t of the fit's own df, V of the fit's recommended method (with firms that of the
    jackknife over firms). Holm's correction is over the pairs of this one table. Where only one
    other predictor changes (1-2, 1-3, 2-4, 3-4) the test is that of the conditional two-way product there,
    however far low is from high; the other two pairs depend on the points.

    References
    ----------
    Dawson & Richter (2006), https://doi.org/10.1037/0021-9010.91.4.917. Holm (1979), A simple sequentially
    rejective multiple test procedure.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> found = slope_differences(fit_interaction(simulate_scores(300, seed=1)), of="mogen")
    >>> found.differences[["first", "second"]].iloc[0].to_list()
    ['high high', 'high low']
    """
    check_probed(fit, "slope_differences")
    focal = fit.predictors[0] if of is None else of
    stated = listed_points(at, "`at` of slope_differences", example=PAIR)
    check_probe(fit, focal, stated, "slope_differences")
    _check_order(stated)
    others = [name for name in fit.predictors if name != focal]
    ends = low_and_high(fit, others, stated)
    levels = combinations_of(ends)[::-1]
    places = [place_of(ends, each) for each in levels]
    names = [" ".join(each) for each in levels]
    weights = [slope_weights(fit, focal, place) for place in places]
    slopes = _slope_table(fit, focal, ends, names, weights)
    for position, name in enumerate(others, start=1):
        slopes.insert(position, name, [place[name] for place in places])
    differences = _difference_table(fit, focal, weights, slopes)
    return SlopeDifferences(focal, differences, slopes, ends, fit.conf_level)


def _check_order(stated: Mapping[str, Sequence[float]]) -> None:
    wrong = turned(stated)
    if wrong:
        raise ModelSpecificationError(
            expected="two values a predictor, low below high",
            found=", ".join(wrong),
            where="`at` of slope_differences",
            todo="give (low, high) in scale points",
        )


def _slope_table(
    fit: Probed, focal: str, ends: pd.DataFrame, names: list[str], weights: list[Array]
) -> pd.DataFrame:
    table = estimates(fit, weights, [focal] * len(names))
    table.insert(0, "combination", names)
    rows = fit.rows[list(ends.index)]
    outside = {end: ((ends[end] < rows.min()) | (ends[end] > rows.max())).to_numpy() for end in (LOW, HIGH)}
    table["outside_data"] = [
        any(outside[level][place] for place, level in enumerate(name.split())) for name in names
    ]
    table["n_nearest"] = people_nearest(fit, ends)[names].to_numpy()
    table["supported"] = (table["n_nearest"] >= fewest_near()) & ~table["outside_data"]
    return table


def _difference_table(fit: Probed, focal: str, weights: list[Array], slopes: pd.DataFrame) -> pd.DataFrame:
    first, second = np.array(list(combinations(range(len(weights)), 2))).T
    rows = np.array(weights)
    table = estimates(fit, list(rows[first] - rows[second]), [focal] * len(first))
    names = slopes["combination"].to_numpy()
    table.insert(0, "first", names[first])
    table.insert(1, "second", names[second])
    table["p_holm"] = holm(table["p_value"])
    outside, supported = slopes["outside_data"].to_numpy(), slopes["supported"].to_numpy()
    table["outside_data"] = outside[first] | outside[second]
    table["supported"] = supported[first] & supported[second]
    return table
