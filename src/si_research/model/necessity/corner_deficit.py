"""Are there fewer people with a low condition and a high outcome than a smooth model of the means implies?

Arrays only. A model of the means says what is expected of everybody. Among people of whom it expects the
same, a condition that only adds up has nothing to do with how far somebody ends above or below what was
expected. A necessary condition has: those who lack it do not get high.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

from si_research.model.firm_sums import firm_sums
from si_research.model.holm import holm

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
NEIGHBOURS: Final = 0.05
"""Share of the people, on either side, of whom about the same is expected."""
LOOKED_AT: Final = 16
"""Neighbours whose residuals are tried, evenly spread over that share."""
DIAGONAL: Final = 2.0
LOW: Final = -1.0
NOT_LOW: Final = -0.5
SAME: Final = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class CornerDeficit:
    """The test of each condition. Made by :func:`corner_deficit`.

    Attributes
    ----------
    corner, corner_expected : array, shape (k,)
        Mean weight of the people in the corner, and what the model implies.
    z : array, shape (k,)
        Weight of the people in the corner minus what the model implies, in standard errors; negative: fewer.
    p_value : array, shape (k,)
        One-sided, by t over units.
    p_holm, p_closed : array, shape (k,)
        Corrected over the conditions: by Holm, and by closed testing with the sum of z of each set.
    p_joint : float
        That of all conditions together: the sum of z.
    n_units : int
        Firms, or people without firms.
    """

    corner: Array
    corner_expected: Array
    z: Array
    p_value: Array
    p_holm: Array
    p_closed: Array
    p_joint: float
    n_units: int


def corner_deficit(
    x: Array,
    y: Array,
    *,
    firms: Places | None = None,
    controls: Array | None = None,
    products: bool = False,
    y_ends: tuple[float, float] = (1.0, 5.0),
) -> CornerDeficit:
    """Test, for each condition, whether the corner of low condition and high outcome is emptier than implied.

    Parameters
    ----------
    x : array, shape (n, k)
    y : array, shape (n,)
    firms : array of int from 0, shape (n,), optional
        Without, every person stands for themselves.
    controls : array, shape (n, q), optional
    products : bool
        Whether the model has the products of the conditions too.
    y_ends : tuple of float
        Between which outcomes lie.

    Notes
    -----
    The sum over people of w(condition, outcome) - mean of w(condition, fitted value + residual of somebody
    with a neighbouring fitted value). w grows towards the corner, in standard deviations from the means:
    (y - x - 2)² above 0, plus (-1 - x)·(y + .5), both above 0. Its standard error is that of the sums of
    firms of the centred contributions, free of what the estimated coefficients take up. Nothing is drawn.
    """
    expected = smooth_model(x, y, controls, products=products)
    order = order_of(expected[0], y)
    fitted, basis = expected[0][order], expected[1][order]
    x, y = x[order], y[order]
    units = np.arange(len(y)) if firms is None else firms[order]
    z_x = (x - x.mean(axis=0)) / x.std(axis=0)
    parts = _contributions(z_x, y, fitted, basis, y_ends)
    return _tests(parts, units)


def smooth_model(x: Array, y: Array, controls: Array | None, *, products: bool) -> tuple[Array, Array]:
    """Return fitted values, and an orthonormal basis of the model of the means."""
    c = (x - x.mean(axis=0)) / x.std(axis=0)
    columns = [np.ones((len(y), 1)), c, c**2]
    if products:
        sets = [s for size in range(2, c.shape[1] + 1) for s in combinations(range(c.shape[1]), size)]
        columns += [c[:, list(s)].prod(axis=1, keepdims=True) for s in sets]
    if controls is not None:
        spread = controls.std(axis=0)
        columns.append((controls - controls.mean(axis=0)) / np.where(spread > 0, spread, 1.0))
    U, size, _ = np.linalg.svd(np.column_stack(columns), full_matrices=False)
    basis = U[:, size > SAME * size[0]]
    return basis @ (basis.T @ y), basis


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    """Each person's weight, what is expected of it, and the difference centred for its standard error."""

    own: Array
    expected: Array
    centred: Array


def _contributions(z_x: Array, y: Array, fitted: Array, basis: Array, ends: tuple[float, float]) -> _Parts:
    """Return what each person adds; people stand in the order of their fitted values.

    The mean weight over neighbours' residuals is subtracted for the sum itself. For the standard error so is
    the mean weight of the own residual over the neighbours (whose residuals one's own is tried on), and what
    moves with the coefficients.
    """
    mean, spread, residual = y.mean(), y.std(), y - fitted
    n, k = z_x.shape
    others, others_own, slope = np.zeros((n, k)), np.zeros((n, k)), np.zeros((n, k))
    offsets = _offsets(n)
    for offset in offsets:
        near = _reflected(np.arange(n) + offset, n)
        drawn = (np.clip(fitted + residual[near], *ends) - mean) / spread
        lent = (np.clip(fitted[near] + residual, *ends) - mean) / spread
        weight, rise = _weight(z_x, drawn[:, None])
        weight_lent, rise_lent = _weight(z_x[near], lent[:, None])
        others += weight
        others_own += weight_lent
        slope += rise - rise_lent
    others, others_own, slope = (part / len(offsets) for part in (others, others_own, slope))
    own = _weight(z_x, ((y - mean) / spread)[:, None])[0]
    taken_up = (basis @ (basis.T @ slope)) * (residual / spread)[:, None]
    return _Parts(own, others, own - others - others_own + others.mean(axis=0) - taken_up)


def _weight(x: Array, y: Array) -> tuple[Array, Array]:
    """Return the weight of a place, and how it rises with y."""
    above = np.maximum(y - x - DIAGONAL, 0)
    lacking = np.maximum(LOW - x, 0)
    room = np.maximum(y - NOT_LOW, 0)
    return above**2 + lacking * room, 2 * above + lacking * (room > 0)


def order_of(fitted: Array, y: Array) -> Places:
    """Return the places from low to high fitted values; those that rounding tells apart are equal."""
    steps = np.rint((fitted - fitted.mean()) / (SAME * y.std()))
    return np.asarray(np.lexsort((y, steps)), dtype=np.intp)


def neighbour_reach(n: int) -> int:
    """Return how many places away, in the order of fitted values, neighbours may stand."""
    return min(max(round(NEIGHBOURS * n), 5), n - 1)


def _offsets(n: int) -> Places:
    """Return how far away, in the order of fitted values, the neighbours stand."""
    reach = neighbour_reach(n)
    steps = np.unique(np.rint(np.linspace(-reach, reach, LOOKED_AT)).astype(np.intp))
    return np.asarray(steps[steps != 0], dtype=np.intp)


def _reflected(places: Places, n: int) -> Places:
    places = np.abs(places)
    return np.asarray(np.where(places > n - 1, 2 * (n - 1) - places, places), dtype=np.intp)


def _tests(parts: _Parts, units: Places) -> CornerDeficit:
    """Return the tests from the sums of units."""
    centred = firm_sums(parts.centred, units)
    G, k = centred.shape
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt((centred**2).sum(axis=0) * G / (G - 1))
        z, scaled = (parts.own - parts.expected).sum(axis=0) / error, centred / error

    def p_of(members: list[int]) -> float:
        together = scaled[:, members].sum(axis=1)
        return float(stats.t.cdf(z[members].sum() / np.sqrt(together @ together * G / (G - 1)), G - 1))

    p = {s: p_of(list(s)) for size in range(1, k + 1) for s in combinations(range(k), size)}
    single = np.array([p[place,] for place in range(k)])
    closed = np.array([max(value for s, value in p.items() if place in s) for place in range(k)])
    return CornerDeficit(
        corner=parts.own.mean(axis=0),
        corner_expected=parts.expected.mean(axis=0),
        z=z,
        p_value=single,
        p_holm=holm(single),
        p_closed=closed,
        p_joint=p[tuple(range(k))],
        n_units=G,
    )
