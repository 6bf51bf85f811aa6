"""The significance map: the slope of one condition wherever people stand on the two others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from numbers import Integral
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import as_found, listed_points
from si_research.model.inference import Array
from si_research.model.low_and_high import PAIR, fewest_near, turned
from si_research.model.probed import Probed, check_probed
from si_research.model.probing import check_probe, effect_weights, estimates

GRID: Final = 41
FINEST: Final = 201
SPREADS_NEAR: Final = 0.5
ROWS_AT_ONCE: Final = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class SignificanceMap:
    """The slope of one predictor on a grid of the two others, and where there are people to support it.

    Attributes
    ----------
    of : str
        The predictor whose slope it is.
    over : tuple of str
        The two others; the grid runs through the second for each value of the first.
    conf_level : float
    points : pandas.DataFrame
        One row a grid point: values of the two others, estimate, std_error, statistic, df, p_value, conf_low,
        conf_high; ``n_near``: respondents within reach on both; ``inside_hull``: among the observed pairs;
        ``supported``: both inside and at least 5 near; ``p_fdr``: Benjamini and Hochberg over the
        supported points, missing elsewhere; ``significant``: p_fdr below 1 - conf_level; ``direction``
        ("positive", "negative", "none").
    reach : mapping of name to float
        How far from a grid point a respondent counts as near, in scale points.
    """

    of: str
    over: tuple[str, str]
    conf_level: float
    points: pd.DataFrame = field(repr=False)
    reach: Mapping[str, float]

    def table(self) -> pd.DataFrame:
        """Return a copy of the grid points."""
        return self.points.copy()

    def counts(self) -> pd.Series:
        """Return how many grid points there are, are supported, and are significant in each direction."""
        directions = self.points["direction"]
        return pd.Series(
            {
                "points": len(self.points),
                "supported": int(self.points["supported"].sum()),
                "positive": int((directions == "positive").sum()),
                "negative": int((directions == "negative").sum()),
            },
            name="n",
        )

    def __str__(self) -> str:
        return f"slope of {self.of} over {' and '.join(self.over)}\n{self.counts().to_string()}"

    def _repr_html_(self) -> str:
        head, *_ = str(self).partition("\n")
        return f"<p>{escape(head)}</p>{self.counts().to_frame().to_html()}"


def significance_map(
    fit: Probed,
    *,
    of: str,
    grid: int = GRID,
    scales: Mapping[str, tuple[float, float]] | None = None,
) -> SignificanceMap:
    """Return the slope of one condition over a grid of the two others, tested only where people stand.

    Parameters
    ----------
    fit : InteractionFit or PooledInteraction
        Of three predictors.
    of : str
        The predictor whose slope is asked.
    grid : int, 2 to 201
        Points along each of the others; a binary one has its two values.
    scales : mapping of name to (low, high), optional
        Ends of the response format of the others: the grid spans them. By default it spans the data.

    Returns
    -------
    SignificanceMap

    Raises
    ------
    ModelSpecificationError
        For a fit of two predictors (use :func:`johnson_neyman`), a name that is not a predictor, a grid too
        coarse or too fine, or ends that are not finite, low below high.

    Notes
    -----
    A model gives a slope everywhere; people answer for it only where they are. A grid point is supported when
    it lies in the convex hull of the observed pairs of the two others (no extrapolation) *and* at least five
    people stand near it (the hull of a curved or hollow cloud is partly empty, and one outlier stretches it).
    Near is within reach on both axes: half a standard deviation, a "small" step in the words of most readers,
    but never less than half the usual step between neighbouring values, so that a coarse scale has no holes
    between its points.

    Benjamini and Hochberg's correction is over the supported points only, so that grid points without people
    neither count as findings nor make other findings easier. Neighbouring slopes are nearly the same
    number, which the correction allows for (positive dependence); as it rests on the share of points with
    small p, a finer grid hardly changes it.

    References
    ----------
    Benjamini & Hochberg (1995), https://doi.org/10.1111/j.2517-6161.1995.tb02031.x. Esarey & Sumner (2018),
    https://doi.org/10.1177/0010414017730080.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> found = significance_map(fit_interaction(simulate_scores(300, seed=1)), of="mogen", grid=11)
    >>> found.over, len(found.points)
    (('kunnen', 'willen'), 121)
    """
    check_probed(fit, "significance_map")
    ends = listed_points(scales, "`scales` of significance_map", example=PAIR)
    _check(fit, of, grid, ends)
    first, second = (name for name in fit.predictors if name != of)
    axes = [_axis(fit, name, grid, ends.get(name)) for name in (first, second)]
    table = _slopes(fit, of, (first, second), axes)
    reach = {name: _reach(fit.rows[name]) for name in (first, second)}
    table["n_near"] = _people_near(fit, axes, reach).ravel()
    table["inside_hull"] = _inside_hull(
        fit.rows[[first, second]].to_numpy(), table[[first, second]].to_numpy()
    )
    table["supported"] = table["inside_hull"] & (table["n_near"] >= fewest_near())
    return SignificanceMap(
        of, (first, second), fit.conf_level, _with_discoveries(table, fit.conf_level), reach
    )


def _check(fit: Probed, of: str, grid: int, ends: Mapping[str, Sequence[float]]) -> None:
    if len(fit.predictors) != 3:
        raise ModelSpecificationError(
            expected="a fit of three predictors",
            found=f"{len(fit.predictors)}",
            where="significance_map",
            todo="use johnson_neyman for the slope of one predictor over the only other",
        )
    check_probe(fit, of, ends, "significance_map")
    wrong = turned(ends)
    if wrong or not isinstance(grid, Integral) or not 2 <= grid <= FINEST:
        raise ModelSpecificationError(
            expected=f"2 to {FINEST} points along each of the others, their ends low below high",
            found=f"ends of {', '.join(wrong)}" if wrong else f"{as_found(grid)} points",
            where="`grid` or `scales` of significance_map",
            todo="give the ends of the response format, or leave them out",
        )


def _axis(fit: Probed, name: str, grid: int, ends: Sequence[float] | None) -> Array:
    column = fit.rows[name].to_numpy()
    if name in fit.squares_left_out:
        return np.unique(column)
    low, high = ends or (float(column.min()), float(column.max()))
    return np.linspace(low, high, grid)


def _slopes(fit: Probed, of: str, over: tuple[str, str], axes: list[Array]) -> pd.DataFrame:
    """Return the slope at every pair of values; its weights are linear in each value and in their product."""
    first, second = over
    centre = {name: fit.centres[name] for name in over}
    at = [{first: centre[first] + i, second: centre[second] + j} for i, j in ((0, 0), (1, 0), (0, 1), (1, 1))]
    none, one, other, both = (effect_weights(fit, (of,), place) for place in at)
    x, y = (each.ravel() for each in np.meshgrid(*axes, indexing="ij"))
    u, v = x - centre[first], y - centre[second]
    weights = none + np.outer(u, one - none) + np.outer(v, other - none)
    weights = weights + np.outer(u * v, both - one - other + none)
    table = estimates(fit, weights, [of] * len(x)).reset_index(drop=True)
    table.insert(0, first, x)
    table.insert(1, second, y)
    return table


def _reach(column: pd.Series) -> float:
    """Return half a standard deviation, or half the usual step between neighbouring values if more."""
    values = column.to_numpy(dtype="float64")
    steps = np.diff(np.unique(values))
    return float(max(SPREADS_NEAR * values.std(ddof=1), np.median(steps) / 2))


def _people_near(fit: Probed, axes: list[Array], reach: Mapping[str, float]) -> npt.NDArray[np.int64]:
    """Count the people within reach of each pair of values on both axes."""
    names = list(reach)
    counts = np.zeros([len(axis) for axis in axes])
    values = fit.rows[names].to_numpy(dtype="float64")
    for start in range(0, len(values), ROWS_AT_ONCE):
        some = values[start : start + ROWS_AT_ONCE]
        near = [
            # a step of .1 is not exactly .1: what lies at the edge counts as near
            np.abs(axes[place][:, None] - some[:, place]) <= reach[name] * (1 + 1e-9)
            for place, name in enumerate(names)
        ]
        counts += near[0].astype("float32") @ near[1].astype("float32").T
    return np.rint(counts).astype("int64")


def _inside_hull(observed: Array, points: Array) -> npt.NDArray[np.bool_]:
    """Return which points lie within, or on the edge of, the smallest convex area with all observed pairs."""
    from scipy.spatial import ConvexHull

    centre, spread = observed.mean(axis=0), observed.std(axis=0)
    hull = ConvexHull(np.unique((observed - centre) / spread, axis=0))
    sides = ((points - centre) / spread) @ hull.equations[:, :-1].T + hull.equations[:, -1]
    return np.asarray((sides <= 1e-9).all(axis=1))


def _with_discoveries(table: pd.DataFrame, conf_level: float) -> pd.DataFrame:
    """Add the corrected p of the supported points, and what is significant by it."""
    from statsmodels.stats.multitest import multipletests

    supported = table["supported"].to_numpy()
    p = np.full(len(table), np.nan)
    if supported.any():
        p[supported] = multipletests(table["p_value"].to_numpy()[supported], method="fdr_bh")[1]
    significant = p < 1 - conf_level
    sign = np.where(table["estimate"] > 0, "positive", "negative")
    return table.assign(p_fdr=p, significant=significant, direction=np.where(significant, sign, "none"))
