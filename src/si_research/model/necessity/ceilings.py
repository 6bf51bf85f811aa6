"""Ceilings over a cloud of people: how large the empty corner above them is. Arrays only, and fast.

Everything here is about the upper left corner; for another corner the caller turns the axes around. The peers
are the people on the ceiling: from the lowest x on, whoever has an outcome above everybody before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
SAME: Final = 1e-6
"""Values that differ by less than this share of the smaller one are one value, as in R."""


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The distinct values of x, from low to high, and who stands at each.

    Attributes
    ----------
    order : array of int
        Places of the people from low x to high.
    starts : array of int
        Where, in that order, each distinct value begins.
    values : array
        The distinct values.
    """

    order: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]
    values: Array


@dataclass(frozen=True, slots=True, eq=False)
class Peers:
    """The people on the ceiling, from left to right, each place once.

    Attributes
    ----------
    x, y : array
    n : array of int
        How many people stand at the place.
    """

    x: Array
    y: Array
    n: Counts


def steps_of(x: npt.ArrayLike) -> Steps:
    """Return the distinct values of x and who stands at each."""
    values = np.asarray(x, dtype="float64")
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.concatenate([[0], np.flatnonzero(differs(ordered[:-1], ordered[1:])) + 1]).astype(np.intp)
    return Steps(order, starts, ordered[starts])


def differs(a: Array, b: Array) -> npt.NDArray[np.bool_]:
    """Whether values differ by more than rounding."""
    with np.errstate(invalid="ignore"):  # between two minus infinities
        return np.asarray(np.abs(a - b) > SAME * np.minimum(np.abs(a), np.abs(b)))


def find_peers(x: npt.ArrayLike, y: npt.ArrayLike) -> Peers:
    """Return the people on the ceiling over the upper left corner."""
    steps = steps_of(x)
    tops, n = _tops(steps, np.asarray(y, dtype="float64"))
    before = np.concatenate([[-np.inf], np.maximum.accumulate(tops)[:-1]])
    peer = _rises(before, tops)
    return Peers(steps.values[peer], tops[peer], n[peer])


def ce_fdh_effect(
    x: npt.ArrayLike, y: npt.ArrayLike, x_low: float, x_high: float, y_low: float, y_high: float
) -> Array:
    """Return the effect size d of the step ceiling (CE-FDH): the share of the scope that lies above it.

    Parameters
    ----------
    x : array of n values
        The condition.
    y : array of n values, or of many rows of n
        The outcome; rows are outcomes of their own, such as draws, over the same x. Minus infinity stands for
        somebody who is not in that row.
    x_low, x_high, y_low, y_high : float
        The scope; no value lies beyond it.

    Returns
    -------
    array
        A d for each row of y (of no dimension where y is one row); missing where the scope has no area.

    Notes
    -----
    Left of the first person the ceiling is at ``y_low``, right of the last peer at that peer's outcome. The
    upper left corner; for another one give ``-x`` and the scope ``-x_high, -x_low``, and the same for y. The
    time is that of sorting x once and of going through y once.

    References
    ----------
    Dul (2016), https://doi.org/10.1177/1094428115584005.

    Examples
    --------
    >>> float(ce_fdh_effect([1, 2, 3, 4], [1, 2, 3, 4], 1, 4, 1, 4).round(4))
    0.6667
    """
    steps, outcome = steps_of(x), np.asarray(y, dtype="float64")
    tops = np.maximum.reduceat(outcome[..., steps.order], steps.starts, axis=-1)
    ceiling = np.maximum(np.maximum.accumulate(tops, axis=-1), y_low)
    widths = np.diff(steps.values, append=x_high)
    left = (y_high - y_low) * (steps.values[0] - x_low)
    return _share(left + (y_high - ceiling) @ widths, x_low, x_high, y_low, y_high)


def cr_fdh_effect(
    x: npt.ArrayLike, y: npt.ArrayLike, x_low: float, x_high: float, y_low: float, y_high: float
) -> Array:
    """Return the effect size d of the straight ceiling (CR-FDH): the least squares line through the peers.

    Parameters and returns are those of :func:`ce_fdh_effect`. Everybody on a peer's place counts, as in R
    since version 4.0.3; with a single place the effect is 0.
    """
    steps, outcome = steps_of(x), np.asarray(y, dtype="float64")
    tops, n = _tops(steps, outcome)
    ceiling = np.maximum.accumulate(tops, axis=-1)
    before = np.concatenate([np.full((*tops.shape[:-1], 1), -np.inf), ceiling[..., :-1]], axis=-1)
    weight = np.where(_rises(before, tops), n, 0).astype("float64")
    u, v = steps.values - x_low, np.where(weight > 0, tops - y_low, 0.0)
    total, sum_x, sum_y = weight.sum(axis=-1), weight @ u, (weight * v).sum(axis=-1)
    slope, intercept = line_through(total, sum_x, sum_y, weight @ u**2, (weight * v * u).sum(axis=-1))
    zone = area_above_line(slope, intercept, x_high - x_low, y_high - y_low)
    several = (weight > 0).sum(axis=-1) > 1
    return _share(np.where(several, zone, 0.0), x_low, x_high, y_low, y_high)


def line_through(total: Array, x: Array, y: Array, xx: Array, xy: Array) -> tuple[Array, Array]:
    """Return slope and intercept from weighted sums; missing where all weight is on one x."""
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (total * xy - x * y) / (total * xx - x * x)
        return slope, (y - slope * x) / total


def area_above_line(slope: Array | float, intercept: Array | float, width: float, height: float) -> Array:
    """Return the area of (0, width) x (0, height) above rising lines; missing for lines that do not rise."""
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = np.asarray(slope)
        enters = np.clip(-intercept / slope, 0, width)
        leaves = np.clip((height - intercept) / slope, 0, width)
        under = height - intercept - slope * (enters + leaves) / 2
        return np.asarray(np.where(slope > 0, enters * height + (leaves - enters) * under, np.nan))


def _tops(steps: Steps, outcome: Array) -> tuple[Array, Counts]:
    """Return the highest outcome at each distinct x, and how many people have it."""
    ordered = outcome[..., steps.order]
    tops = np.maximum.reduceat(ordered, steps.starts, axis=-1)
    lengths = np.diff(steps.starts, append=ordered.shape[-1])
    at_top = ~differs(ordered, np.repeat(tops, lengths, axis=-1))
    return tops, np.add.reduceat(at_top.astype(np.int64), steps.starts, axis=-1)


def _rises(before: Array, after: Array) -> npt.NDArray[np.bool_]:
    """Whether an outcome is above the one before by more than rounding; all are above minus infinity."""
    near = SAME * np.minimum(np.abs(before), np.abs(after))
    with np.errstate(invalid="ignore"):  # from one minus infinity to another
        return np.asarray(after - before > near)


def _share(zone: Array, x_low: float, x_high: float, y_low: float, y_high: float) -> Array:
    scope = (x_high - x_low) * (y_high - y_low)
    return np.asarray(zone / scope if scope > 0 else np.full(np.shape(zone), np.nan))
