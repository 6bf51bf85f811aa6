"""The search for the covariance of the random effects, and how sure that covariance is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from si_research.model.inference import Array
from si_research.model.mixed_likelihood import (
    FirmSums,
    Trial,
    profiled_deviance,
    rows_of_variance,
    slope_in_covariance,
    trial,
)

RATIOS: Final = np.concatenate([[0.0], np.logspace(-8, 6, 57)])
"""Trial values of the variance between firms over that within: the likelihood may have two tops."""
STARTS: Final = (1.0, 0.3, 0.05)
AT_ZERO: Final = 1e-4
"""Spread between firms, over that within, below which a random effect is taken to be absent."""
AT_REST: Final = 1e-3
"""Slope of the deviance, times the value, below which a search has come to rest."""
ALIKE: Final = 1 - 1e-6
"""Correlation of two random effects, beyond which they are taken to be one."""
NO_CURVATURE: Final = 1e-8
"""Eigenvalue of the deviance's curvature, over the largest, below which a direction is flat."""


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """The deviance as a function of the free values of L: its lower triangle, or its diagonal.

    Attributes
    ----------
    sums : FirmSums
    q : int
        Random effects.
    correlated, reml : bool
    """

    sums: FirmSums = field(repr=False)
    q: int
    correlated: bool
    reml: bool

    @property
    def places(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Rows and columns of the free values of L."""
        return np.tril_indices(self.q) if self.correlated else (np.arange(self.q), np.arange(self.q))

    @property
    def on_diagonal(self) -> npt.NDArray[np.bool_]:
        """Which of the free values may not be below zero."""
        rows, columns = self.places
        return np.asarray(rows == columns)

    def lower(self, theta: Array) -> Array:
        """Return L from its free values."""
        L = np.zeros((self.q, self.q))
        L[self.places] = theta
        return L

    def at(self, theta: Array) -> Trial:
        """Return the model at these values."""
        return trial(self.sums, self.lower(theta))

    def deviance(self, theta: Array) -> float:
        """Return the profiled deviance."""
        return profiled_deviance(self.sums, self.at(theta), reml=self.reml)

    def slope(self, theta: Array, sigma2: float | None = None) -> Array:
        """Return the derivative of the deviance to theta, sigma² at its best unless given."""
        at = self.at(theta)
        best = at.rss / rows_of_variance(self.sums, reml=self.reml)
        slope = slope_in_covariance(at, best if sigma2 is None else sigma2, reml=self.reml)
        return np.asarray((2 * slope @ self.lower(theta))[self.places])

    def ratio_slope(self, ratio: float) -> float:
        """Return the derivative to the ratio of variances, for one random effect."""
        at = trial(self.sums, np.array([[np.sqrt(ratio)]]))
        sigma2 = at.rss / rows_of_variance(self.sums, reml=self.reml)
        return float(slope_in_covariance(at, sigma2, reml=self.reml)[0, 0])


def best_theta(search: Search) -> tuple[Array, bool]:
    """Return the free values of L, and whether the search came to rest."""
    from scipy.optimize import minimize

    if search.q == 1:
        return _best_ratio(search), True
    bounds = [(0.0 if each else -np.inf, np.inf) for each in search.on_diagonal]
    found = []
    for start in STARTS:
        result = minimize(
            search.deviance,
            np.where(search.on_diagonal, start, 0.0).astype("float64"),
            jac=search.slope,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 500, "ftol": 1e-15, "gtol": 1e-7},
        )
        found.append((float(result.fun), np.asarray(result.x, dtype="float64")))
    value, theta = min(found, key=lambda each: each[0])
    theta = _polished(search, theta)
    rest = np.abs(search.slope(theta)) * np.maximum(np.abs(theta), AT_ZERO)
    return theta, bool(np.isfinite(value) and (rest < AT_REST).all())


def _best_ratio(search: Search) -> Array:
    """Return theta of one random effect, where the slope in the ratio of variances changes sign."""
    from scipy.optimize import brentq

    slopes = np.array([search.ratio_slope(float(ratio)) for ratio in RATIOS])
    tops = [0.0] if slopes[0] >= 0 else []
    for place in np.flatnonzero((slopes[:-1] < 0) & (slopes[1:] >= 0)):
        low, high = float(RATIOS[place]), float(RATIOS[place + 1])
        tops.append(float(brentq(search.ratio_slope, low, high, xtol=1e-14, rtol=1e-13)))
    candidates = [np.array([np.sqrt(top)]) for top in tops or [float(RATIOS[-1])]]
    return min(candidates, key=search.deviance)


def _polished(search: Search, theta: Array) -> Array:
    """Take the slope to zero, over the values that are not at their bound."""
    from scipy.optimize import root

    free = ~(search.on_diagonal & (theta < AT_ZERO))

    def whole(values: Array) -> Array:
        full = np.where(free, 0.0, theta)
        full[free] = values
        return full

    def slope(values: Array) -> Array:
        return search.slope(whole(values))[free]

    better = whole(np.asarray(root(slope, theta[free], tol=1e-12).x))
    inside = bool((better[search.on_diagonal] >= 0).all())
    return better if inside and search.deviance(better) <= search.deviance(theta) + 1e-9 else theta


def curvature(search: Search, theta: Array, sigma: float) -> Array:
    """Return the second derivatives of the deviance to (theta, sigma): central differences of the slope."""
    m = rows_of_variance(search.sums, reml=search.reml)

    def slope(point: Array) -> Array:
        last = float(point[-1])
        in_theta = search.slope(point[:-1], sigma2=last**2)
        return np.append(in_theta, 2 * m / last - 2 * search.at(point[:-1]).rss / last**3)

    point = np.append(theta, sigma)
    found = np.empty((len(point), len(point)))
    for place in range(len(point)):
        step = np.zeros(len(point))
        step[place] = 1e-3 * max(abs(point[place]), 0.05)
        near = slope(point + step) - slope(point - step)
        far = slope(point + 2 * step) - slope(point - 2 * step)
        found[place] = (8 * near - far) / (12 * step[place])
    return (found + found.T) / 2


def variance_of_parameters(H: Array) -> Array:
    """Return twice the inverse of the curvature, over the directions that are curved."""
    values, vectors = np.linalg.eigh(H)
    curved = values > NO_CURVATURE * values.max()
    return np.asarray(2 * (vectors[:, curved] / values[curved]) @ vectors[:, curved].T)
