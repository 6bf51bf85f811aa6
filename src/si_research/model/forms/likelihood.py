"""The power that fits best, refined between grid points, and its likelihood-ratio interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from si_research.model.forms.profile import Array, Profile, all_alike, bounded, profile_grid, unbounded

ALMOST: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """The power that fits best and what the profile says of it.

    Attributes
    ----------
    p_hat, rss, slope, curve, r2 : float
        p_hat is missing where all powers fit alike; slope and curve are then those of the mean.
    low, high : float
        Ends of the likelihood-ratio interval.
    largest : float
        The largest deviance of the grid.
    grid : Profile
    """

    p_hat: float
    rss: float
    slope: float
    curve: float
    r2: float
    low: float
    high: float
    grid: Profile

    def deviance(self, rss: Array) -> Array:
        """Return twice the log-likelihood that is lost against p_hat."""
        return np.asarray(np.maximum(self.grid.n * np.log(rss / self.rss), 0))

    @property
    def largest(self) -> float:
        """The largest deviance of the grid."""
        return float(self.deviance(self.grid.rss).max())


def likelihood_of(
    x01: Array, y: Array, controls: Array | None, conf_level: float, weights: Array | None = None
) -> Likelihood:
    """Return p_hat by the grid, refined, and its interval."""
    from scipy import stats

    def at(p: float | Array) -> Profile:
        return profile_grid(x01, y, controls=controls, weights=weights, p=np.atleast_1d(p))

    def rss_at(u: float) -> float:
        return float(at(unbounded(u)).rss[0])

    grid = profile_grid(x01, y, controls=controls, weights=weights)
    if all_alike(grid.rss):
        return _untold(grid, y)
    u_hat = lowest(bounded(grid.p), grid.rss, rss_at)
    best = at(unbounded(u_hat))
    limit = float(best.rss[0]) * np.exp(stats.chi2.ppf(conf_level, 1) / grid.n)
    low, high = nearly_as_low(bounded(grid.p), grid.rss, u_hat, limit, rss_at)
    return Likelihood(
        p_hat=float(best.p[0]),
        rss=float(best.rss[0]),
        slope=float(best.slope[0]),
        curve=float(best.curve[0]),
        r2=1 - float(best.rss[0]) / float(((y - y.mean()) ** 2).sum()),
        low=float(unbounded(low)),
        high=float(unbounded(high)),
        grid=grid,
    )


def _untold(grid: Profile, y: Array) -> Likelihood:
    """Return that no power can be told from another."""
    rss, one = float(grid.rss[0]), int(np.flatnonzero(grid.p == 1)[0])
    slope, curve = float(grid.slope[one]), float(grid.curve[one])
    r2 = 1 - rss / float(((y - y.mean()) ** 2).sum())
    return Likelihood(np.nan, rss, slope, curve, r2, -np.inf, np.inf, grid)


def lowest(u: Array, rss: Array, rss_at: Callable[[float], float]) -> float:
    """Return where the fit is best; a limit, where the grid is best there."""
    from scipy.optimize import minimize_scalar

    best = int(rss.argmin())
    if abs(u[best]) == 1:
        return float(u[best])
    inner = np.flatnonzero(np.abs(u) < 1)
    low, high = u[max(best - 1, inner[0])], u[min(best + 1, inner[-1])]
    found = minimize_scalar(rss_at, bounds=(low, high), method="bounded", options={"xatol": ALMOST})
    return float(found.x) if found.fun < rss[best] else float(u[best])


def nearly_as_low(
    u: Array, rss: Array, u_hat: float, limit: float, rss_at: Callable[[float], float]
) -> tuple[float, float]:
    """Return the lowest and the highest u that fit nearly as well, whatever lies between."""
    from scipy.optimize import brentq

    inside = np.append(u[rss <= limit], u_hat)
    ends = []
    for end, outer in ((inside.min(), u[u < inside.min()]), (inside.max(), u[u > inside.max()])):
        if not len(outer):
            ends.append(float(end))
            continue
        next_out = outer[-1] if outer[-1] < end else outer[0]
        ends.append(float(brentq(lambda at: rss_at(at) - limit, end, next_out, xtol=ALMOST)))
    return ends[0], ends[1]
