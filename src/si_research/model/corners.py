"""The corners: what the model predicts where each condition is low or high, and two statements about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from numbers import Real

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import as_found, listed_points
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
from si_research.model.probing import estimates, point_weights, slope_weights


@dataclass(frozen=True, slots=True, eq=False)
class CornerComparison:
    """Predicted outcome in the corners, and the two statements that "only the combination" needs.

    Attributes
    ----------
    corners : pandas.DataFrame, indexed by ``term``
        Level ("low", "high") and value of each predictor, estimate, std_error, df, conf_low, conf_high;
        ``n_nearest``: respondents whose every score lies nearer to this corner's level than to the
        other; ``supported``: at least 5 of them.
    highest_against_others : pandas.DataFrame
        All high minus each other corner; ``p_one_sided`` of the difference being at most 0.
    p_all_high : float
        The largest of these p (intersection-union): all high beats *every* other corner. True in any additive
        world with positive slopes, so it proves nothing by itself.
    equivalence : pandas.DataFrame
        Each corner that is neither all high nor all low, minus all low; ``p_equivalence`` of two
        one-sided tests that the difference is smaller than ``smallest_difference``.
    p_equivalence : float
        The largest of these p.
    slopes : pandas.DataFrame
        Per condition: its slope where the others are low, where they are high, and the difference.
    points : pandas.DataFrame, indexed by ``term``
        low and high of each predictor, and ``how`` they were chosen: "stated", "16th and 84th percentile",
        "both values" (of a binary predictor) or "extremes" (of the data, where two thirds share one value).
    smallest_difference : float
        In points of the outcome.
    supports_all_high, supports_equivalence, supports_only_combination : bool
        Whether each p lies below 1 - conf_level; the last is both.
    """

    corners: pd.DataFrame = field(repr=False)
    highest_against_others: pd.DataFrame = field(repr=False)
    p_all_high: float
    equivalence: pd.DataFrame = field(repr=False)
    p_equivalence: float
    slopes: pd.DataFrame = field(repr=False)
    points: pd.DataFrame = field(repr=False)
    smallest_difference: float
    supports_all_high: bool
    supports_equivalence: bool
    supports_only_combination: bool

    def table(self) -> pd.DataFrame:
        """Return a copy of the corners."""
        return self.corners.copy()

    def __str__(self) -> str:
        tests = f"all high beats every other corner: p = {self.p_all_high:.4f}"
        tests += f"; the others equal all low: p = {self.p_equivalence:.4f}"
        return f"{tests}\n{self.corners.round(3).to_string()}"

    def _repr_html_(self) -> str:
        head, _, _ = str(self).partition("\n")
        return f"<p>{escape(head)}</p>{self.corners.round(3).to_html()}"


def corner_comparison(
    fit: Probed,
    *,
    smallest_difference: float,
    points: Mapping[str, tuple[float, float]] | None = None,
) -> CornerComparison:
    """Compare the corners of low and high.

    Parameters
    ----------
    fit : InteractionFit or PooledInteraction
    smallest_difference : float, above 0
        The smallest difference that matters, in points of the outcome; decided before looking.
    points : mapping of name to (low, high), optional
        In scale points; by default the 16th and 84th percentile, weighted where the fit is (both values of a
        binary predictor; lowest and highest in the data where the two percentiles are one value).

    Returns
    -------
    CornerComparison
        Eight corners for three predictors, four for two.

    Raises
    ------
    ModelSpecificationError
        For a smallest difference that is not positive, an unknown name, or low not below high.

    Notes
    -----
    A corner is c'b with variance c'Vc, V of the fit's recommended method, controls at their mean. All high
    beats every other corner when the largest of the one-sided p is small (intersection-union test: no
    correction for the number of corners is needed). Two corners are equivalent when both d > -δ and d < δ
    are shown, δ the smallest difference: p is the larger of the two one-sided p.

    References
    ----------
    Berger & Hsu (1996) on intersection-union and equivalence tests, https://doi.org/10.1214/ss/1032280304.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> fit = fit_interaction(simulate_scores(400, three_way=0.0, seed=1))
    >>> found = corner_comparison(fit, smallest_difference=0.25)
    >>> len(found.corners), found.supports_only_combination
    (8, False)
    """
    check_probed(fit, "corner_comparison")
    chosen = listed_points(points, "`points` of corner_comparison", example=PAIR)
    _check(fit, chosen, smallest_difference)
    ends = low_and_high(fit, fit.predictors, chosen)
    levels = combinations_of(ends)
    places = [place_of(ends, level) for level in levels]
    weights = list(point_weights(fit, places))
    names = [" ".join(level) for level in levels]
    best = _against_highest(fit, weights, names)
    equal = _against_lowest(fit, weights, names, smallest_difference)
    alpha = 1 - fit.conf_level
    p_best, p_equal = float(best["p_one_sided"].max()), float(equal["p_equivalence"].max())
    return CornerComparison(
        corners=_corner_table(fit, ends, levels, weights),
        highest_against_others=best,
        p_all_high=p_best,
        equivalence=equal,
        p_equivalence=p_equal,
        slopes=_slopes(fit, ends),
        points=ends,
        smallest_difference=smallest_difference,
        supports_all_high=p_best < alpha,
        supports_equivalence=p_equal < alpha,
        supports_only_combination=p_best < alpha and p_equal < alpha,
    )


def _check(fit: Probed, points: Mapping[str, Sequence[float]], smallest_difference: float) -> None:
    strangers = sorted(set(points) - set(fit.predictors))
    wrong = turned(points)
    real = isinstance(smallest_difference, Real) and 0 < smallest_difference < np.inf
    if strangers or wrong or not real:
        raise ModelSpecificationError(
            expected="a positive smallest difference, and low below high for predictors of the fit",
            found=", ".join(strangers + wrong) or as_found(smallest_difference),
            where="corner_comparison",
            todo="state the difference in points of the outcome, low and high in scale points",
        )


def _corner_table(
    fit: Probed, ends: pd.DataFrame, levels: list[tuple[str, ...]], weights: list[Array]
) -> pd.DataFrame:
    names = [" ".join(level) for level in levels]
    table = estimates(fit, weights, names)
    for position, name in enumerate(fit.predictors):
        table.insert(position, name, [level[position] for level in levels])
        table[f"value_{name}"] = [place_of(ends, level)[name] for level in levels]
    table["n_nearest"] = people_nearest(fit, ends)
    table["supported"] = table["n_nearest"] >= fewest_near()
    return table.drop(columns=["statistic", "p_value"])


def _against_highest(fit: Probed, weights: list[Array], names: list[str]) -> pd.DataFrame:
    from scipy import stats

    table = estimates(fit, [weights[-1] - each for each in weights[:-1]], names[:-1])
    table["p_one_sided"] = stats.t.sf(table["statistic"], table["df"])
    return table


def _against_lowest(
    fit: Probed, weights: list[Array], names: list[str], smallest_difference: float
) -> pd.DataFrame:
    from scipy import stats

    table = estimates(fit, [each - weights[0] for each in weights[1:-1]], names[1:-1])
    above = (table["estimate"] + smallest_difference) / table["std_error"]
    below = (smallest_difference - table["estimate"]) / table["std_error"]
    table["p_equivalence"] = stats.t.sf(np.minimum(above, below), table["df"])
    return table


def _others(values: pd.Series, name: str) -> dict[str, float]:
    return {str(other): float(value) for other, value in values.items() if other != name}


def _slopes(fit: Probed, ends: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for name in fit.predictors:
        low, high = (slope_weights(fit, name, _others(ends[end], name)) for end in (LOW, HIGH))
        part = estimates(fit, [low, high, high - low], [name] * 3)
        part.insert(0, "where", ["others low", "others high", "difference"])
        parts.append(part)
    return pd.concat(parts)
