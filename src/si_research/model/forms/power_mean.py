"""The power mean of several conditions on a scale from 0 to 1: how far one can make up for another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from si_research.errors import ModelSpecificationError, SurveyDataError

Array = npt.NDArray[np.float64]
NEAR_ZERO: Final = 0.01
"""Powers this near 0 take the road that keeps its digits there."""
NAMED: Final = {
    "minimum": -np.inf,
    "harmonic": -1.0,
    "geometric": 0.0,
    "mean": 1.0,
    "maximum": np.inf,
}
"""Forms that are a power mean, and their power."""


def power_mean(x01: Any, p: float, weights: Sequence[float] | Array | None = None) -> Array:
    """Return the power mean of each row.

    Use it to say how far one condition can make up for another: p = 1 fully, p at or below 0 never wholly (a
    zero in one condition makes the whole zero), p of minus infinity not at all.

    Parameters
    ----------
    x01 : array, shape (n, k)
        Conditions on a scale from 0 to 1.
    p : float
        The power, from -inf (minimum) to inf (maximum); 1 is the mean, 0 the geometric and -1 the harmonic.
    weights : sequence of float, optional
        One a condition, none below 0; equal ones by default. They are brought to a sum of 1. A condition of
        weight 0 is left out, also of minimum and maximum.

    Returns
    -------
    array, shape (n,)
        From 0 to 1, never below the lowest or above the highest condition of the row.

    Raises
    ------
    ModelSpecificationError
        For a power that is no number, or weights that are no weights.
    SurveyDataError
        For conditions below 0.

    Notes
    -----
    M_p = (sum of w_i·x_i^p)^(1/p), with its limits at 0 and at both infinities, and with its limit 0 where a
    condition is 0 and p is not above 0. Everything is relative to the highest (p > 0) or lowest condition of
    the row, so that no power overflows. The elasticity of substitution is 1/(1 - p).

    References
    ----------
    Arrow, Chenery, Minhas & Solow (1961), https://doi.org/10.2307/1927286.

    Examples
    --------
    >>> power_mean([[0.2, 0.8], [0.0, 1.0]], 0).round(6).tolist()
    [0.4, 0.0]
    """
    x = np.asarray(x01, dtype="float64")
    w = _shares(weights, x.shape[1])
    _check(x, p)
    return PowerMeans(x, w).at(float(p))


def power_mean_slope(x01: Any, p: float, weights: Sequence[float] | Array | None = None) -> Array:
    """Return the derivative of :func:`power_mean` by its power, at a finite p; 0 where the mean stays 0."""
    x = np.asarray(x01, dtype="float64")
    w = _shares(weights, x.shape[1])
    _check(x, p)
    x, w = x[:, w > 0], w[w > 0]
    mean = PowerMeans(x, w).at(float(p))
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(x / mean[:, None])
        if abs(p) < NEAR_ZERO / 10:  # Var(ln x)/2 at p = 0, and the next term of its series
            centre = log @ w
            second, third = ((log - centre[:, None]) ** 2) @ w, ((log - centre[:, None]) ** 3) @ w
            slope = mean * (second / 2 + p * third / 3)
        else:
            part = np.exp(p * log)
            whole = np.where(part > 0, part * log, 0.0) @ w
            slope = mean * whole / p
    return np.where(np.isfinite(slope), slope, 0.0)


class PowerMeans:
    """Power means of the same rows at many powers, from logarithms that are taken once."""

    def __init__(self, x: Array, w: Array) -> None:
        self.x, self.w = x[:, w > 0], w[w > 0]
        self.low, self.high = self.x.min(axis=1), self.x.max(axis=1)
        with np.errstate(divide="ignore"):
            self.log = np.log(self.x).T
            self.log_low, self.log_high = np.log(self.low), np.log(self.high)

    def at(self, p: float) -> Array:
        """Return the power mean of each row."""
        if np.isinf(p):
            return np.array(self.low if p < 0 else self.high)
        if p == 1:
            return np.clip(self.x @ self.w, self.low, self.high)
        with np.errstate(invalid="ignore"):
            if p == 0:
                return np.clip(np.exp(self.w @ self.log), self.low, self.high)
            first = self.high if p > 0 else self.low
            relative = p * (self.log - (self.log_high if p > 0 else self.log_low))
            if abs(p) < NEAR_ZERO:
                mean = first * np.exp(np.log1p(self.w @ np.expm1(relative)) / p)
            else:
                mean = first * np.exp(np.log(self.w @ np.exp(relative)) / p)
        return np.clip(np.where(first > 0, mean, 0.0), self.low, self.high)


def equal_weights(n_conditions: int) -> Array:
    """Return the same weight for each condition, adding up to 1."""
    return np.full(n_conditions, 1 / n_conditions)


def _shares(weights: Sequence[float] | Array | None, n_conditions: int) -> Array:
    if weights is None:
        return equal_weights(n_conditions)
    w = np.asarray(weights, dtype="float64")
    if w.shape != (n_conditions,) or not np.isfinite(w).all() or (w < 0).any() or w.sum() <= 0:
        raise ModelSpecificationError(
            expected=f"{n_conditions} weights of 0 or more, not all 0",
            found=f"{w.tolist()}",
            where="`weights` of power_mean",
            todo="give one weight a condition, or leave them out for equal ones",
        )
    return np.asarray(w / w.sum())


def _check(x: Array, p: float) -> None:
    if np.isnan(p):
        raise ModelSpecificationError(
            expected="a power: a number, or -inf or inf",
            found="no number",
            where="`p` of power_mean",
            todo="use 1 for the mean, 0 for the geometric mean, -inf for the minimum",
        )
    if (x < 0).any():
        raise SurveyDataError(
            expected="conditions on a scale from 0 to 1",
            found=f"{int((x < 0).any(axis=1).sum())} row(s) with a value below 0",
            where="`x01` of power_mean",
            todo="bring scores to 0-1 by the ends of their response format first",
        )
