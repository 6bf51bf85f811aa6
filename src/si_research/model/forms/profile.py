"""The profile of the power p, on arrays: how well y = a + b·M_p + c·M_p² fits at each p, and in each draw.

A draw of firms costs no refit: the sums of squares and products of each firm are made once a grid point, one
matrix product gives those of all draws, and what is left over follows in closed form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from si_research.model.forms.power_mean import PowerMeans, equal_weights

Array = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]
LOWEST, HIGHEST = -30.0, 4.0
STEP: Final = 0.05
"""Of the grid, in :func:`bounded`."""
MOST_GROUPS: Final = 2000
"""People without firms are resampled one by one up to here; more are resampled in so many groups."""
CELLS: Final = 8_000_000
NOTHING: Final = 1e-10
"""Share of a column's own squares below which nothing but rounding is left of it beside the others."""


def bounded(p: float | Array) -> Array:
    """Return p/(1 + \\|p\\|): from -1 at the minimum over 0 at the geometric mean to 1 at the maximum."""
    p = np.asarray(p, dtype="float64")
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(p), np.sign(p), p / (1 + np.abs(p)))


def unbounded(u: float | Array) -> Array:
    """Return the p of a bounded one."""
    u = np.asarray(u, dtype="float64")
    with np.errstate(divide="ignore"):
        return np.asarray(u / (1 - np.abs(u)))


def usual_grid() -> Array:
    """Return the powers that are gone through: from -30 to 4, and both limits."""
    inner = STEP * np.arange(-19, 17, dtype="float64")
    return np.concatenate([[-np.inf, LOWEST], unbounded(inner[:-1]), [HIGHEST, np.inf]])


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """The fit of y = a + b·M_p + c·M_p² at each power of a grid.

    Attributes
    ----------
    p : array, shape (k,)
    rss : array, shape (k,)
        Residual sum of squares.
    slope, curve : array, shape (k,)
        b and c where M_p is centred at its mean: slope is what M_p does in the middle of the data.
    n : int
    total : float
        Residual sum of squares of the controls alone.
    """

    p: Array
    rss: Array
    slope: Array
    curve: Array
    n: int
    total: float

    @property
    def log_likelihood(self) -> Array:
        """Log-likelihood at each power, errors normal and independent."""
        with np.errstate(divide="ignore"):
            return np.asarray(-self.n / 2 * (np.log(2 * np.pi * self.rss / self.n) + 1))

    @property
    def best(self) -> int:
        """Place of the power that fits best."""
        return int(np.argmin(self.rss))


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Squares and products of each firm: of controls and y (``fixed``), and with M and M² at each power."""

    p: Array
    fixed: Array = field(repr=False)
    moving: Array = field(repr=False)
    scales: Array = field(repr=False)


def profile_grid(
    x01: Array,
    y: Array,
    *,
    controls: Array | None = None,
    weights: Array | None = None,
    p: Array | None = None,
) -> Profile:
    """Return the profile over a grid of powers.

    Parameters
    ----------
    x01 : array, shape (n, k)
        Conditions on a scale from 0 to 1.
    y : array, shape (n,)
    controls : array, shape (n, q), optional
        Without an intercept.
    weights : array, shape (k,), optional
        Of the conditions, adding up to 1; equal ones by default.
    p : array, optional
        Powers; :func:`usual_grid` by default.

    Returns
    -------
    Profile
    """
    sums = _sums(x01, y, np.zeros(len(y), dtype=np.intp), controls, weights, p)
    rss, slope, curve, total = _solved(sums.fixed, sums.moving)
    size, square = sums.scales
    return Profile(sums.p, rss[0], slope[0] / size, curve[0] / square, len(y), float(total[0]))


def bootstrap_p_hat(
    x01: Array,
    y: Array,
    firms: Numbers | None = None,
    *,
    controls: Array | None = None,
    weights: Array | None = None,
    p: Array | None = None,
    draws: int = 2000,
    seed: int,
) -> Array:
    """Return the power that fits best in each draw of whole firms (of people, where there are no firms).

    Parameters
    ----------
    x01, y, controls, weights, p
        As in :func:`profile_grid`.
    firms : array of int, shape (n,), optional
        Firm of each row, numbered from 0.
    draws, seed : int

    Returns
    -------
    array, shape (draws,)
        Between two grid points by the parabola through the best one and its neighbours; exact at the limits.

    Notes
    -----
    Without firms, more than 2,000 people are put into 2,000 groups at random, which are then resampled: the
    same distribution, to within 2 per cent of its spread.
    """
    rng = np.random.default_rng(seed)
    groups = _groups(len(y), rng) if firms is None else firms
    sums = _sums(x01, y, groups, controls, weights, p)
    rss = resampled(sums.fixed, sums.moving, draws, rng, lambda *drawn: _solved(*drawn)[0])
    return unbounded(_refined(bounded(sums.p), rss))


def resampled(
    fixed: Array, moving: Array, draws: int, rng: np.random.Generator, solve: Callable[..., Array]
) -> Array:
    """Return ``solve(fixed, moving)`` of sums over whole firms drawn with replacement, in batches."""
    G = len(fixed)
    flat = np.concatenate([fixed.reshape(G, -1), moving.reshape(G, -1)], axis=1)
    step = max(1, CELLS // max(flat.shape[1], G))
    found = []
    for first in range(0, draws, step):
        counts = rng.multinomial(G, np.full(G, 1 / G), size=min(step, draws - first)).astype("float64")
        drawn = counts @ flat
        border = fixed[0].size
        found.append(
            solve(
                drawn[:, :border].reshape(-1, *fixed.shape[1:]),
                drawn[:, border:].reshape(-1, *moving.shape[1:]),
            )
        )
    return np.concatenate(found)


def _groups(n: int, rng: np.random.Generator) -> Numbers:
    if n <= MOST_GROUPS:
        return np.arange(n, dtype=np.intp)
    return np.asarray(rng.permutation(n) % MOST_GROUPS, dtype=np.intp)


def _sums(
    x01: Array, y: Array, firms: Numbers, controls: Array | None, weights: Array | None, p: Array | None
) -> _Sums:
    """Return the sums of each firm; y, M and M² centred and scaled, so that few digits are lost."""
    from scipy import sparse

    grid = usual_grid() if p is None else np.asarray(p, dtype="float64")
    n, G = len(y), int(firms.max()) + 1
    by_firm = sparse.csr_array((np.ones(n), (firms, np.arange(n))), shape=(G, n))
    own = np.ones((n, 1)) if controls is None else np.column_stack([np.ones(n), controls - controls.mean(0)])
    own /= np.sqrt((own**2).mean(axis=0)).clip(NOTHING)
    Z = np.column_stack([own, y - y.mean()])
    k = Z.shape[1]
    fixed = (by_firm @ (Z[:, :, None] * Z[:, None, :]).reshape(n, -1)).reshape(G, k, k)
    means = PowerMeans(x01, equal_weights(x01.shape[1]) if weights is None else weights)
    moving, scales = np.empty((G, len(grid), 2 * k + 3)), np.ones((2, len(grid)))
    for place, power in enumerate(grid):
        M, scales[0, place] = _standard(means.at(float(power)))
        Q, scale = _standard(M**2)
        scales[1, place] = scales[0, place] ** 2 * scale
        parts = [Z * M[:, None], Z * Q[:, None], np.column_stack([M * M, M * Q, Q * Q])]
        moving[:, place] = by_firm @ np.hstack(parts)
    return _Sums(grid, fixed, moving, scales)


def _standard(values: Array) -> tuple[Array, float]:
    """Return values centred, with spread 1, and the spread; a constant stays one, at 0."""
    centred = values - values.mean()
    spread = float(np.sqrt((centred**2).mean()))
    if spread <= NOTHING:
        return np.zeros_like(values), 1.0
    return centred / spread, spread


def _solved(fixed: Array, moving: Array) -> tuple[Array, Array, Array, Array]:
    """Return rss, slope and curve, shape (draws, k), and the rss of controls alone, shape (draws,).

    Controls are taken out of M, M² and y first; two columns are left, which need no solver.
    """
    c = fixed.shape[1] - 1
    inverse = np.linalg.pinv(fixed[:, :c, :c], rcond=NOTHING, hermitian=True)
    y_own = fixed[:, :c, c]
    m_own, q_own = moving[..., :c], moving[..., c + 1 : 2 * c + 1]
    m_out, q_out, y_out = m_own @ inverse, q_own @ inverse, inverse @ y_own[:, :, None]
    yy = fixed[:, c, c] - (y_own[:, None] @ y_out)[:, 0, 0]
    my, qy = moving[..., c] - (m_own @ y_out)[..., 0], moving[..., 2 * c + 1] - (q_own @ y_out)[..., 0]
    mm_raw, mq_raw, qq_raw = (moving[..., 2 * c + 2 + place] for place in range(3))
    mm = mm_raw - np.einsum("dkc,dkc->dk", m_out, m_own)
    mq = mq_raw - np.einsum("dkc,dkc->dk", m_out, q_own)
    qq = qq_raw - np.einsum("dkc,dkc->dk", q_out, q_own)
    # M first, then what of M² M says nothing about; either may have nothing left
    there = mm > NOTHING * mm_raw
    first = np.divide(my, mm, out=np.zeros_like(my), where=there)
    shared = np.divide(mq, mm, out=np.zeros_like(mq), where=there)
    qq_left, qy_left = qq - shared * mq, qy - shared * my
    curve = np.divide(qy_left, qq_left, out=np.zeros_like(qy), where=qq_left > NOTHING * qq_raw)
    rss = np.maximum(yy[:, None] - first * my - curve * qy_left, 0)
    return rss, first - curve * shared, curve, yy


def _refined(u: Array, rss: Array) -> Array:
    """Return the lowest point of each draw, by the parabola through the best grid point and its neighbours.

    The limits, and the ends of the finite grid, stand for themselves.
    """
    best, rows = rss.argmin(axis=1), np.arange(len(rss))
    inner = np.abs(u) < 1
    fine = np.zeros(len(u), dtype=bool)
    fine[1:-1] = inner[:-2] & inner[1:-1] & inner[2:]
    middle = np.where(fine[best], best, 1)
    low, high = u[middle - 1] - u[middle], u[middle + 1] - u[middle]
    rise_low, rise_high = (rss[rows, middle + side] - rss[rows, middle] for side in (-1, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = (low**2 * rise_high - high**2 * rise_low) / (low * rise_high - high * rise_low) / 2
    known = fine[best] & np.isfinite(moved)
    return np.asarray(np.where(known, u[middle] + np.clip(moved, low, high), u[best]))
