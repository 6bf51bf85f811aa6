"""Are there fewer people with a low condition and a high outcome than a smooth model of the means implies?

Arrays only. A model of the means says what is expected of everybody. Among people of whom it expects the
same, a condition that only adds up has nothing to do with how far somebody ends above or below what was
expected. A necessary condition has: those who lack it do not get high.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from si_research.model.firm_sums import firm_sums

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
Members = tuple[int, ...]
NEIGHBOURS: Final = 0.05
"""Share of the people, on either side, of whom about the same is expected."""
LOOKED_AT: Final = 16
"""Neighbours whose residuals are tried, evenly spread over that share."""
MANY: Final = 5_000
"""From so many people on the model has cubes: small bends that squares miss would then be found."""
DIAGONAL: Final = 2.0
LOW: Final = -1.0
NOT_LOW: Final = -0.5
SAME: Final = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class SmoothModel:
    """Slopes and squares (of many people cubes), controls, products where asked; people by fitted value.

    Attributes
    ----------
    x, y, fitted : array
        From the lowest to the highest fitted value.
    basis : array, shape (n, terms)
        Orthonormal columns that span the model.
    order : array of int
        Where each of them stood.
    """

    x: Array
    y: Array
    fitted: Array
    basis: Array
    order: Places


@dataclass(frozen=True, slots=True, eq=False)
class CornerDeficit:
    """The test of each condition. Made by :func:`corner_deficit`.

    Attributes
    ----------
    corner, corner_expected : array, shape (k,)
        Mean weight of the people in the corner, and what the model implies.
    z : array, shape (k,)
        Their difference over all people, in standard errors; negative: emptier.
    p_of : mapping of conditions (places) to float
        One-sided p of each set of conditions, by the sum of their z and t over units.
    n_units : int
        Firms, or people without firms.
    """

    corner: Array
    corner_expected: Array
    z: Array
    p_of: dict[Members, float]
    n_units: int


def scrambled(x: Array, y: Array) -> npt.NDArray[np.uint64]:
    """Return a number for each person that follows from their own scores and yet says nothing of them.

    By ranks, so that neither units, nor the order of conditions, nor the names of firms make a difference;
    people with the same scores have different ones.
    """
    total = np.zeros(len(y), dtype=np.uint64)
    for place, column in enumerate((y, *x.T)):
        ranks = pd.util.hash_array(np.unique(column, return_inverse=True)[1].astype(np.int64))
        total += pd.util.hash_array(ranks + np.sort(ranks)[:: 7 + (place == 0)].sum())
    again = pd.Series(total).groupby(total).cumcount().to_numpy(dtype=np.int64)
    return np.asarray(pd.util.hash_array(total + pd.util.hash_array(-1 - again)), dtype=np.uint64)


def smooth_model(x: Array, y: Array, controls: Array | None, *, products: bool) -> SmoothModel:
    """Fit the model of the means; terms that say nothing new are left out."""
    c = (x - x.mean(axis=0)) / x.std(axis=0)
    columns = [np.ones((len(y), 1)), c, c**2]
    if len(y) >= MANY:
        columns.append(c**3)
    if products:
        columns += [c[:, list(s)].prod(axis=1, keepdims=True) for s in sets_of(c.shape[1]) if len(s) > 1]
    if controls is not None:
        spread = controls.std(axis=0)
        columns.append((controls - controls.mean(axis=0)) / np.where(spread > 0, spread, 1.0))
    U, size, _ = np.linalg.svd(np.column_stack(columns), full_matrices=False)
    basis = U[:, size > SAME * size[0]]
    fitted = basis @ (basis.T @ y)
    # Fitted values that only rounding tells apart are equal: else the order of the terms would count. Equal
    # ones stand in an order that has nothing to do with the outcome, so that neighbours are anybody.
    steps = np.rint((fitted - fitted.mean()) / (SAME * y.std()))
    order = np.asarray(np.lexsort((scrambled(x, y), steps)), dtype=np.intp)
    return SmoothModel(x[order], y[order], fitted[order], basis[order], order)


def corner_deficit(model: SmoothModel, firms: Places | None, y_ends: tuple[float, float]) -> CornerDeficit:
    """Test, for each condition, whether the corner of low condition and high outcome is emptier than implied.

    Parameters
    ----------
    model : SmoothModel
    firms : array of int from 0, shape (n,), or None
        Of the people as they stood before the fit; without, every person stands for themselves.
    y_ends : tuple of float
        Between which outcomes lie.

    Notes
    -----
    The sum over people of w(condition, outcome) - mean of w(condition, fitted value + residual of somebody
    with a neighbouring fitted value). w grows towards the corner, in standard deviations from the means:
    (y - x - 2)² above 0, plus (-1 - x)·(y + .5), both above 0. Its standard error is that of the sums of
    firms of the centred contributions, free of what the estimated coefficients take up. Nothing is drawn.
    """
    own, expected, centred = _contributions(model, y_ends)
    units = np.arange(len(own)) if firms is None else firms[model.order]
    sums = firm_sums(centred, units)
    G, k = sums.shape
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt((sums**2).sum(axis=0) * G / (G - 1))
        z, scaled = (own - expected).sum(axis=0) / error, sums / error
    together = {s: scaled[:, list(s)].sum(axis=1) for s in sets_of(k)}
    t = {s: z[list(s)].sum() / np.sqrt(part @ part * G / (G - 1)) for s, part in together.items()}
    p_of = {s: float(special.stdtr(G - 1, value)) for s, value in t.items()}
    return CornerDeficit(own.mean(axis=0), expected.mean(axis=0), z, p_of, G)


def _contributions(model: SmoothModel, ends: tuple[float, float]) -> tuple[Array, Array, Array]:
    """Return everybody's weight, what is expected of it, and the difference centred for its standard error.

    What is expected is the mean weight over the residuals of neighbours. For the standard error the mean
    weight of the own residual over these neighbours is subtracted too (one's residual is tried on them), and
    what moves with the coefficients.
    """
    y, fitted, basis = model.y, model.fitted, model.basis
    mean, spread, residual, n = y.mean(), y.std(), y - fitted, len(y)
    x = (model.x - model.x.mean(axis=0)) / model.x.std(axis=0)
    expected, lent, slope = np.zeros(x.shape), np.zeros(x.shape), np.zeros(x.shape)
    offsets = _offsets(n)
    for offset in offsets:
        near = _reflected(np.arange(n) + offset, n)
        weight, rise = _weight(x, (np.clip(fitted + residual[near], *ends) - mean) / spread)
        expected += weight
        slope += rise
        weight, rise = _weight(x[near], (np.clip(fitted[near] + residual, *ends) - mean) / spread)
        lent += weight
        slope -= rise
    expected, lent, slope = (part / len(offsets) for part in (expected, lent, slope))
    own = _weight(x, (y - mean) / spread)[0]
    taken_up = (basis @ (basis.T @ slope)) * (residual / spread)[:, None]
    return own, expected, own - expected - lent + expected.mean(axis=0) - taken_up


def _weight(x: Array, y: Array) -> tuple[Array, Array]:
    """Return the weight of each place, shape (n, k), and how it rises with y."""
    outcome = y[:, None]
    above = np.maximum(outcome - x - DIAGONAL, 0)
    lacking = np.maximum(LOW - x, 0)
    room = np.maximum(outcome - NOT_LOW, 0)
    return above**2 + lacking * room, 2 * above + lacking * (room > 0)


def sets_of(k: int) -> list[Members]:
    """Return all sets of conditions, as places, small ones first."""
    return [s for size in range(1, k + 1) for s in combinations(range(k), size)]


def closed(p: Callable[[Members], float], k: int) -> Array:
    """Return p of each condition by closed testing: the largest of the sets that hold it."""
    each = {s: p(s) for s in sets_of(k)}
    return np.array([max(value for s, value in each.items() if place in s) for place in range(k)])


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
