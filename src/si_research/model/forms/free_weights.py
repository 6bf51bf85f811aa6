"""The power mean with weights of its own for each condition, estimated together with what it predicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from si_research.model.forms.power_mean import Array, PowerMeans, equal_weights
from si_research.model.forms.profile import Numbers

SMALLEST: Final = 1e-3
"""Of a weight: below it the limit of the form, not the data, says what a little more of it would do."""
MOST_STEPS: Final = 25
HALVINGS: Final = 6
SETTLED: Final = 1e-7
"""Share of the residual sum of squares by which a step must lower it to be followed by another."""


@dataclass(frozen=True, slots=True, eq=False)
class WeightedFit:
    """y = a + b·M_p + c·M_p² + controls at one power, with the weights that fit best.

    Attributes
    ----------
    p, rss, slope, curve : float
        b and c where M_p is centred.
    weights : array, shape (k,)
        Adding up to 1.
    M : array, shape (n,)
        Centred.
    """

    p: float
    rss: float
    slope: float
    curve: float
    weights: Array = field(repr=False)
    M: Array = field(repr=False)

    @property
    def steepness(self) -> Array:
        """What one more of M_p adds, for each row."""
        return np.asarray(self.slope + 2 * self.curve * self.M)


class WeightedForms:
    """The same rows at any power and any weights; controls are taken out once."""

    def __init__(self, x01: Array, y: Array, controls: Array | None) -> None:
        self.x = x01
        own = np.ones((len(y), 1)) if controls is None else np.column_stack([np.ones(len(y)), controls])
        Q, R = np.linalg.qr(own)
        kept = np.abs(np.diag(R)) > 1e-10 * np.abs(np.diag(R)).max()
        self.Q = Q[:, kept]
        self.y = self.out(y)

    def out(self, values: Array) -> Array:
        """Return what controls and intercept leave of columns."""
        return np.asarray(values - self.Q @ (self.Q.T @ values))

    def at(self, p: float, weights: Array) -> WeightedFit:
        """Return the fit at a power and weights that are given."""
        M = PowerMeans(self.x, weights).at(p)
        M = M - M.mean()
        b, rss = self.solved(np.column_stack([M, M**2]))
        return WeightedFit(p, rss, float(b[0]), float(b[1]), weights, M)

    def solved(self, columns: Array) -> tuple[Array, float]:
        """Return coefficients of columns beside the controls, and the residual sum of squares."""
        V = self.out(columns)
        length = np.sqrt((V**2).sum(axis=0))
        length = np.where(length > 1e-12, length, 1.0)
        V = V / length
        b = np.linalg.pinv(V.T @ V, rcond=1e-12, hermitian=True) @ (V.T @ self.y)
        left = self.y - V @ b
        return b / length, float(left @ left)

    def weights_of_slopes(self) -> Array:
        """Return weights after the slopes of the conditions, where these are positive: where to start."""
        slopes, _ = self.solved(self.x)
        largest = float(np.abs(slopes).max())
        known = np.maximum(slopes, 0.05 * largest) if largest > 0 else np.ones(len(slopes))
        return np.asarray(known / known.sum())

    def best_weights(self, p: float, start: Array | None = None) -> WeightedFit:
        """Return the fit with the weights that fit best, by steps of Gauss and Newton.

        At the limits all weights say the same, so that the fit is that of equal ones.
        """
        k = self.x.shape[1]
        fit = self.at(p, equal_weights(k) if start is None or np.isinf(p) else start)
        for _ in range(0 if np.isinf(p) else MOST_STEPS):
            better = self._step(fit)
            if better is None:
                break
            settled = better.rss > fit.rss * (1 - SETTLED)
            fit = better
            if settled:
                break
        return fit

    def _step(self, fit: WeightedFit) -> WeightedFit | None:
        """Return a better fit, or None where no step is one."""
        changes, _ = self.solved(np.column_stack([fit.M, fit.M**2, self.by_weights(fit)]))
        step = np.append(changes[2:], -changes[2:].sum())
        order = _with_reference_last(fit.weights)
        move = np.empty_like(step)
        move[order] = step
        for halving in range(HALVINGS):
            weights = np.maximum(fit.weights + move / 2**halving, SMALLEST)
            found = self.at(fit.p, weights / weights.sum())
            if found.rss < fit.rss:
                return found
        return None

    def by_weights(self, fit: WeightedFit) -> Array:
        """Return what one more of each weight, at the cost of the largest, adds to y; shape (n, k - 1)."""
        order = _with_reference_last(fit.weights)
        mean = PowerMeans(self.x, fit.weights).at(fit.p)[:, None]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            log = np.log(self.x[:, order] / mean)
            own = np.expm1(fit.p * log) / fit.p if fit.p else log
            change = mean * (own[:, :-1] - own[:, -1:])
        change = np.where(np.isfinite(change), change, 0.0)
        return np.asarray(fit.steepness[:, None] * change)


def _with_reference_last(weights: Array) -> Numbers:
    """Return the places of the conditions, the one of the largest weight last."""
    return np.argsort(weights, kind="stable")
