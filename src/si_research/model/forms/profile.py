"""The profile of the power p, on arrays: how well y = a + b·M_p + c·M_p² fits at each p, and in each draw.

A draw of firms costs no refit: the sums of squares and products of each firm are made once a grid point, one
matrix product gives those of all draws, and what is left over follows in closed form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
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
ALIKE: Final = 1e-9
"""Share of the residual sum of squares by which powers must differ to be told apart."""
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
class Sums:
    """Squares and products of each firm, for all powers.

    Attributes
    ----------
    fixed : array, shape (G, c + 1, c + 1)
        Of the intercept, the controls and y.
    moving : array, shape (G, k, (c + 1 + q)·q)
        At each power, of those with the q columns that hang on p, and of these columns.
    """

    fixed: Array = field(repr=False)
    moving: Array = field(repr=False)


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

    Examples
    --------
    >>> x = np.random.default_rng(1).uniform(size=(50, 3))
    >>> found = profile_grid(x, x.mean(axis=1))
    >>> float(found.p[found.best].round(6))
    1.0
    """
    grid = usual_grid() if p is None else np.asarray(p, dtype="float64")
    scales = np.ones((2, len(grid)))
    columns = _M_and_square(x01, weights, grid, scales)
    sums = firm_sums_of(y, np.zeros(len(y), dtype=np.intp), controls, columns, len(grid))
    rss, (slope, curve), total = left_over(sums.fixed, sums.moving)
    size, square = scales
    return Profile(grid, rss[0], slope[0] / size, curve[0] / square, len(y), float(total[0]))


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
        Missing where all powers fit alike.

    Notes
    -----
    Without firms, more than 2,000 people are put into 2,000 groups at random, which are then resampled: the
    same distribution, to within 2 per cent of its spread.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.uniform(size=(100, 3))
    >>> drawn = bootstrap_p_hat(x, x.mean(axis=1) + 0.01 * rng.normal(size=100), draws=199, seed=1)
    >>> float(np.median(drawn).round(1))
    1.0
    """
    rng = np.random.default_rng(seed)
    grid = usual_grid() if p is None else np.asarray(p, dtype="float64")
    groups = resampling_groups(len(y), firms, rng)
    columns = _M_and_square(x01, weights, grid, np.ones((2, len(grid))))
    sums = firm_sums_of(y, groups, controls, columns, len(grid))
    return best_of_draws(sums, grid, draws, rng)


def best_of_draws(sums: Sums, p: Array, draws: int, rng: np.random.Generator) -> Array:
    """Return the power that fits best in each draw of whole firms; missing where all fit alike."""
    rss = resampled(sums.fixed, sums.moving, draws, rng, lambda *drawn: left_over(*drawn)[0])
    return np.where(all_alike(rss), np.nan, unbounded(lowest_of_rows(bounded(p), rss)))


def all_alike(rss: Array) -> npt.NDArray[np.bool_]:
    """Whether all powers fit equally well, to within rounding: as where conditions are all the same."""
    return np.asarray(np.ptp(rss, axis=-1) <= ALIKE * rss.max(axis=-1))


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


def resampling_groups(n: int, firms: Numbers | None, rng: np.random.Generator) -> Numbers:
    """Return what is resampled as one: firms; people where there are none, in groups where they are many."""
    if firms is not None:
        return firms
    if n <= MOST_GROUPS:
        return np.arange(n, dtype=np.intp)
    return np.asarray(rng.permutation(n) % MOST_GROUPS, dtype=np.intp)


def firm_sums_of(
    y: Array, firms: Numbers, controls: Array | None, columns: Iterable[Array], n_powers: int
) -> Sums:
    """Return the sums of each firm; ``columns`` gives, power by power, what hangs on p, shape (n, q)."""
    from scipy import sparse

    n, G = len(y), int(firms.max()) + 1
    by_firm = sparse.csr_array((np.ones(n), (firms, np.arange(n))), shape=(G, n))
    own = np.ones((n, 1)) if controls is None else np.column_stack([np.ones(n), controls - controls.mean(0)])
    own /= np.sqrt((own**2).mean(axis=0)).clip(NOTHING)
    Z = np.column_stack([own, y - y.mean()])
    k = Z.shape[1]
    fixed = np.asarray(by_firm @ (Z[:, :, None] * Z[:, None, :]).reshape(n, -1)).reshape(G, k, k)
    moving = np.empty((0, 0, 0))
    for place, V in enumerate(columns):
        all_of = np.hstack([Z, V])
        if not place:
            moving = np.empty((G, n_powers, all_of.shape[1] * V.shape[1]))
        if G == 1:
            moving[0, place] = (all_of.T @ V).ravel()
        else:
            both = (all_of[:, :, None] * V[:, None, :]).reshape(n, -1)
            moving[:, place] = np.asarray(by_firm @ both)
    return Sums(fixed, moving)


def _M_and_square(x01: Array, weights: Array | None, p: Array, scales: Array) -> Iterator[Array]:
    """Yield M_p and its square, centred and of spread 1 so that few digits are lost; fills ``scales``."""
    means = PowerMeans(x01, equal_weights(x01.shape[1]) if weights is None else weights)
    for place, power in enumerate(p):
        M, scales[0, place] = standard(means.at(float(power)))
        Q, scale = standard(M**2)
        scales[1, place] = scales[0, place] ** 2 * scale
        yield np.column_stack([M, Q])


def standard(values: Array) -> tuple[Array, float]:
    """Return values centred, with spread 1, and the spread; a constant stays one, at 0."""
    centred = values - values.mean()
    spread = float(np.sqrt((centred**2).mean()))
    if spread <= NOTHING:
        return np.zeros_like(values), 1.0
    return centred / spread, spread


def left_over(fixed: Array, moving: Array) -> tuple[Array, tuple[Array, ...], Array]:
    """Return rss and q coefficients, shape (draws, k), and the rss of controls alone, shape (draws,).

    Controls are taken out first; the few columns that hang on p are then swept out one after the other, which
    needs no solver. A column of which the others leave nothing counts as absent.
    """
    c = fixed.shape[1] - 1
    D, K = moving.shape[:2]
    q = _columns_in(moving.shape[2], c)
    blocks = moving.reshape(D, K, c + 1 + q, q)
    own, raw = blocks[:, :, :c], np.einsum("dkii->dki", blocks[:, :, c + 1 :])
    inverse = np.linalg.pinv(fixed[:, :c, :c], rcond=NOTHING, hermitian=True)
    outcome = inverse @ fixed[:, :c, c, None]
    yy = fixed[:, c, c] - (fixed[:, None, c, :c] @ outcome)[:, 0, 0]
    out = np.einsum("dab,dkbq->dkaq", inverse, own, optimize=True) if c > 1 else inverse[:, None] * own
    S = blocks[:, :, c + 1 :] - np.einsum("dkaq,dkar->dkqr", own, out, optimize=True)
    r = blocks[:, :, c] - np.einsum("dkaq,da->dkq", own, outcome[:, :, 0], optimize=True)
    return *_swept(S, r, raw, yy), yy


def _columns_in(width: int, c: int) -> int:
    """Return q where (c + 1 + q)·q is known."""
    return round((float(np.sqrt((c + 1) ** 2 + 4 * width)) - (c + 1)) / 2)


def _swept(S: Array, r: Array, raw: Array, yy: Array) -> tuple[Array, tuple[Array, ...]]:
    """Return rss and coefficients from products S of the columns, r with y, one column after the other."""
    q = S.shape[-1]
    left = [[S[..., i, j].copy() for j in range(q)] for i in range(q)]
    out = [r[..., i].copy() for i in range(q)]
    rss = np.repeat(yy[:, None], r.shape[1], axis=1)
    steps: list[Array] = []
    for i in range(q):
        inverse = np.zeros_like(out[i])
        np.divide(1.0, left[i][i], out=inverse, where=left[i][i] > NOTHING * raw[..., i])
        steps.append(out[i] * inverse)
        rss -= steps[i] * out[i]
        for j in range(i + 1, q):
            share = left[i][j] * inverse
            for later in range(j, q):
                left[j][later] -= share * left[i][later]
            out[j] -= share * out[i]
            left[j][i] = share
    for i in reversed(range(q)):
        for j in range(i + 1, q):
            steps[i] = steps[i] - left[j][i] * steps[j]
    return np.maximum(rss, 0), tuple(steps)


def lowest_of_rows(u: Array, rss: Array) -> Array:
    """Return the lowest point u of each row of rss, by the parabola through the best grid point and its
    neighbours.

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
