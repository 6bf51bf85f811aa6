"""Draws of one missing predictor: a normal density times what the outcome says, which is curved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
MOST_TRIES: Final = 400
"""Proposals for one value, after which it is drawn on a grid."""
REACH: Final = 10.0
"""How far the grid reaches to both sides, in standard deviations of the proposal."""
GRID: Final = 801
GRIDS_AT_ONCE: Final = 1000
NEGLIGIBLE: Final = 25.0
"""Drop of the log density below its top, beyond which the fine grid does not look."""


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """The density of missing values x: normal(mean, spread) times normal(c0 + c1·x + c2·x², noise) at 0.

    c0 + c1·x + c2·x² is the residual of the outcome for a predictor of x; all are arrays of one length.
    """

    mean: Array
    spread: Array
    c0: Array
    c1: Array
    c2: Array
    noise: Array

    def of(self, rows: npt.NDArray[np.intp]) -> Target:
        """Return the densities of some rows."""
        parts = (self.mean, self.spread, self.c0, self.c1, self.c2, self.noise)
        return Target(*(part[rows] for part in parts))

    def misfit(self, x: Array) -> Array:
        """Return half the squared residual of the outcome in units of its noise; x of shape (rows, tries)."""
        residual = self.c0[:, None] + x * (self.c1[:, None] + x * self.c2[:, None])
        return np.asarray((residual / self.noise[:, None]) ** 2 / 2)


def draw_values(rng: np.random.Generator, target: Target) -> tuple[Array, int]:
    """Draw one value from each density, and count those that took a grid.

    Parameters
    ----------
    rng : numpy.random.Generator
    target : Target

    Returns
    -------
    values : array
    n_on_grid : int
        Values for which no proposal was accepted in 400 tries.

    Notes
    -----
    Without a square the product of the two densities is normal again, and drawn as such. With one, values are
    proposed from the first density and accepted in proportion to the second (Bartlett et al., 2015), relative
    to its top. What is left is drawn on a fine grid, by the inverse of its distribution function. Both ways
    draw from the same density, so that no value depends on how it was drawn.
    """
    if not target.c2.any():
        return _draw_normal(rng, target), 0
    values = np.empty(len(target.mean))
    open_ = np.arange(len(values))
    tries = 0
    least = _least_misfit(target)
    while len(open_) and tries < MOST_TRIES:
        here = target.of(open_)
        n_tries = min(max(1, len(values) // len(open_) // 2), MOST_TRIES - tries)
        proposed = here.mean[:, None] + here.spread[:, None] * rng.normal(size=(len(open_), n_tries))
        excess = here.misfit(proposed) - least[open_][:, None]
        accepted = rng.exponential(size=proposed.shape) > excess
        done = accepted.any(axis=1)
        values[open_[done]] = proposed[done, accepted[done].argmax(axis=1)]
        open_, tries = open_[~done], tries + n_tries
    for first in range(0, len(open_), GRIDS_AT_ONCE):
        rows = open_[first : first + GRIDS_AT_ONCE]
        values[rows] = draw_on_grid(rng, target.of(rows))
    return values, len(open_)


def draw_on_grid(rng: np.random.Generator, target: Target) -> Array:
    """Draw one value from each density: a wide grid finds where it lies, a fine one is drawn from."""
    wide = target.mean[:, None] + target.spread[:, None] * np.linspace(-REACH, REACH, GRID)
    high = _log_density(target, wide) > -NEGLIGIBLE
    step = wide[:, 1] - wide[:, 0]
    first = np.take_along_axis(wide, high.argmax(axis=1)[:, None], axis=1)[:, 0] - step
    last = np.take_along_axis(wide, GRID - 1 - high[:, ::-1].argmax(axis=1)[:, None], axis=1)[:, 0] + step
    fine = np.linspace(first, last, GRID, axis=1)
    density = np.exp(_log_density(target, fine))
    chances = (density[:, 1:] + density[:, :-1]).cumsum(axis=1)
    drawn = rng.random(len(fine)) * chances[:, -1]
    cell = (chances < drawn[:, None]).sum(axis=1)[:, None]
    lower, upper = (np.take_along_axis(density, cell + end, axis=1)[:, 0] for end in (0, 1))
    start = np.take_along_axis(fine, cell, axis=1)[:, 0]
    return np.asarray(start + _in_cell(rng.random(len(fine)), lower, upper) * (fine[:, 1] - fine[:, 0]))


def _in_cell(share: Array, lower: Array, upper: Array) -> Array:
    """Return where in a cell of width 1 a share of its mass lies, the density going straight across."""
    total = lower + upper
    return np.asarray(share * total / (lower + np.sqrt(lower**2 + share * (upper - lower) * total)))


def _log_density(target: Target, x: Array) -> Array:
    """Return the log density, its top in the row at 0."""
    logged = -target.misfit(x) - ((x - target.mean[:, None]) / target.spread[:, None]) ** 2 / 2
    return np.asarray(logged - logged.max(axis=1, keepdims=True))


def _draw_normal(rng: np.random.Generator, target: Target) -> Array:
    precision = 1 / target.spread**2 + (target.c1 / target.noise) ** 2
    mean = (target.mean / target.spread**2 - target.c0 * target.c1 / target.noise**2) / precision
    return np.asarray(mean + rng.normal(size=len(mean)) / np.sqrt(precision))


def _least_misfit(target: Target) -> Array:
    """Return the misfit at the turning point of the curve, where that does not reach the outcome; else 0."""
    curved = target.c2 != 0
    turning = target.c0 - target.c1**2 / (4 * np.where(curved, target.c2, 1.0))
    missed = curved & (np.sign(turning) == np.sign(target.c2))
    return np.where(missed, (turning / target.noise) ** 2 / 2, 0.0)
