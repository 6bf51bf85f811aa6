"""The likelihood of an interaction among factors, without products of items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from si_research.measurement.factors.structure import Array

Powers = tuple[int, ...]
CELLS: Final = 16_384
"""Rows times nodes that are worked on at a time: what fits in the processor's own memory goes faster."""
STEP: Final = 1e-3
"""Step of the differences that give the observed information, in standard errors."""


@dataclass(frozen=True, slots=True, eq=False)
class ModeratedParameters:
    """The parameters in their own units.

    Attributes
    ----------
    intercepts, loadings, residuals : array, shape (p,)
        Of the items; the loading of the first item of each factor is 1.
    factors : array, shape (k, k)
        Covariances of the factors, which have mean 0.
    effects : array, shape (t,)
        Of the terms on the outcome.
    unexplained : float
        Variance of the outcome that the terms leave.
    """

    intercepts: Array
    loadings: Array
    residuals: Array
    factors: Array
    effects: Array
    unexplained: float


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """What is expected of the factors and the outcome of each row, given its answers.

    Attributes
    ----------
    powers : mapping of tuple of int to array, shape (n,)
        Exponents of the factors (0 to 2 each) -> expected product of these powers.
    with_outcome : mapping of tuple of int to array, shape (n,)
        Exponents (0 or 1) -> expected product of these powers and the outcome.
    outcome_squared : array, shape (n,)
    """

    powers: dict[Powers, Array]
    with_outcome: dict[Powers, Array]
    outcome_squared: Array


@dataclass(frozen=True, slots=True, eq=False)
class ModeratedLikelihood:
    """Answers, and the model that holds for them.

    Attributes
    ----------
    answers : array, shape (n, p)
        Items of the factors, then of the outcome; complete.
    owner : array of int, shape (p,)
        Factor of each item, 0 to k - 1; k for the outcome.
    terms : tuple of tuple of int
        Exponent (0 or 1) of each factor, one tuple a term.
    least : array, shape (p + 1,)
        Smallest residual variance of each item, and of the outcome; above zero, so that a search that wants
        to go below zero ends there.
    nodes : array, shape (g, k - 1)
    log_weights : array, shape (g,)
    """

    answers: Array = field(repr=False)
    owner: npt.NDArray[np.intp] = field(repr=False)
    terms: tuple[Powers, ...]
    least: Array = field(repr=False)
    nodes: Array = field(repr=False)
    log_weights: Array = field(repr=False)

    @property
    def n_factors(self) -> int:
        """Number of predictors."""
        return int(self.owner.max())

    @property
    def free_loadings(self) -> npt.NDArray[np.bool_]:
        """Which loadings are estimated: all but the first of each factor."""
        return np.concatenate([[False], self.owner[1:] == self.owner[:-1]])

    @property
    def sizes(self) -> tuple[int, int, int, int, int, int]:
        """Number of intercepts, loadings, residuals, covariances of factors, effects; and 1."""
        p, k = len(self.owner), self.n_factors
        return p, int(self.free_loadings.sum()), p, k * (k + 1) // 2, len(self.terms), 1

    @property
    def places(self) -> dict[str, slice]:
        """Where each kind of parameter stands in the vector of all."""
        names = ("intercepts", "loadings", "residuals", "factors", "effects", "unexplained")
        ends = np.cumsum(self.sizes)
        return {name: slice(end - size, end) for name, end, size in zip(names, ends, self.sizes, strict=True)}

    def unpacked(self, theta: Array) -> ModeratedParameters:
        """Return the parameters in their own units; ``theta`` has logarithms of variances."""
        parts = np.split(theta, np.cumsum(self.sizes)[:-1])
        loadings = np.ones(len(self.owner))
        loadings[self.free_loadings] = parts[1]
        factors = np.zeros((self.n_factors, self.n_factors))
        lower = np.tril_indices(self.n_factors)
        factors[lower] = parts[3]
        factors.T[lower] = parts[3]
        return ModeratedParameters(
            intercepts=parts[0],
            loadings=loadings,
            residuals=self.least[:-1] + np.exp(parts[2]),
            factors=factors,
            effects=parts[4],
            unexplained=float(self.least[-1] + np.exp(parts[5][0])),
        )

    def packed(self, own: ModeratedParameters) -> Array:
        """Return the parameters as one vector."""
        lower = own.factors[np.tril_indices(self.n_factors)]
        free = own.loadings[self.free_loadings]
        logs = np.log(np.maximum(np.r_[own.residuals, own.unexplained] - self.least, self.least))
        return np.concatenate([own.intercepts, free, logs[:-1], lower, own.effects, logs[-1:]])

    def evaluate(self, theta: Array) -> tuple[float, Array]:
        """Return the log-likelihood and the derivatives of each row; minus infinity outside the model."""
        own = self.unpacked(theta)
        try:
            np.linalg.cholesky(own.factors)
        except np.linalg.LinAlgError:
            return -np.inf, np.full((1, len(theta)), np.nan)
        value, moments = self.expected(own)
        return value, self._scores(own, moments)

    def expected(self, own: ModeratedParameters) -> tuple[float, Moments]:
        """Return the log-likelihood and what is expected of the factors.

        Notes
        -----
        Given the items of the factors, these are exactly normal: their mean and covariance say where the
        nodes of each row lie. The outcome is linear in the last factor, which is integrated exactly.
        """
        k = self.n_factors
        residual = self.answers - own.intercepts
        weight = np.zeros((len(self.owner), k + 1))
        weight[np.arange(len(self.owner)), self.owner] = own.loadings / own.residuals
        t = residual @ weight
        d = np.bincount(self.owner, own.loadings**2 / own.residuals)
        V = np.linalg.inv(np.linalg.inv(own.factors) + np.diag(d[:k]))
        m = t[:, :k] @ V
        items = -0.5 * np.log(2 * np.pi * own.residuals).sum()
        items = items - 0.5 * (residual**2 / own.residuals).sum(axis=1)
        _, log_det = np.linalg.slogdet(np.eye(k) + own.factors * d[:k])
        items += -0.5 * log_det + 0.5 * (t[:, :k] * m).sum(axis=1)
        u = t[:, k] / d[k]
        items += 0.5 * np.log(2 * np.pi / d[k]) + 0.5 * d[k] * u**2
        C, rows = np.linalg.cholesky(V), max(CELLS // len(self.nodes), 1)
        blocks = [
            self._over_nodes(own, m[start : start + rows], C, u[start : start + rows, None], 1 / d[k])
            for start in range(0, len(m), rows)
        ]
        log_row = np.concatenate([each for each, _ in blocks])
        return float((items + log_row).sum()), _joined([moments for _, moments in blocks])

    def _over_nodes(
        self, own: ModeratedParameters, m: Array, C: Array, u: Array, error: float
    ) -> tuple[Array, Moments]:
        k, z = self.n_factors, self.nodes
        first = [m[:, [j]] + z @ C[j, : k - 1] for j in range(k - 1)]  # n x g each
        last, c = m[:, [k - 1]] + z @ C[k - 1, : k - 1], C[k - 1, k - 1]
        fixed = _monomials(first, last)
        level, slope = np.zeros_like(last), np.zeros_like(last)
        for effect, powers in zip(own.effects, self.terms, strict=True):
            (slope if powers[-1] else level)[...] += effect * fixed[powers[:-1]]
        c0, c1 = level + slope * last, slope * c
        before = c1**2 + own.unexplained
        s = before + error
        away = u - c0
        h = self.log_weights - 0.5 * np.log(2 * np.pi * s) - 0.5 * away**2 / s
        top = h.max(axis=1, keepdims=True)
        p = np.exp(h - top)
        total = p.sum(axis=1, keepdims=True)
        p /= total
        mu = c1 * away / s
        eta = c0 + before / s * away
        x1 = last + c * mu
        x2 = x1**2 + c**2 * (1 - c1**2 / s)
        eta_x = eta * x1 + c * c1 * error / s
        of_last = (p, p * x1, p * x2)
        expected = {
            (*each, r): np.einsum("ig,ig->i", of_last[r], fixed[each]) for each in fixed for r in range(3)
        }
        with_eta = (p * eta, p * eta_x)
        joint = {
            (*each, r): np.einsum("ig,ig->i", with_eta[r], fixed[each])
            for each in product(range(2), repeat=k - 1)
            for r in range(2)
        }
        squared = (p * (eta**2 + before * error / s)).sum(axis=1)
        return (top + np.log(total))[:, 0], Moments(expected, joint, squared)

    def _scores(self, own: ModeratedParameters, moments: Moments) -> Array:
        """Return the derivatives of each row: those of known factors, averaged over what they may be."""
        k, n = self.n_factors, len(self.answers)
        unit = np.eye(k, dtype=int)
        mean = [moments.powers[tuple(each)] for each in unit]
        square = [moments.powers[tuple(2 * each)] for each in unit]
        f = np.column_stack([*mean, moments.with_outcome[(0,) * k]])[:, self.owner]
        f2 = np.column_stack([*square, moments.outcome_squared])[:, self.owner]
        residual = self.answers - own.intercepts
        off = residual - own.loadings * f
        on_loading = (f * residual - own.loadings * f2) / own.residuals
        errors = residual**2 - 2 * own.loadings * residual * f + own.loadings**2 * f2
        on_residual = 0.5 * (errors / own.residuals - 1) * (1 - self.least[:-1] / own.residuals)
        P = np.linalg.inv(own.factors)
        both = np.empty((n, k, k))
        for i in range(k):
            for j in range(k):
                both[:, i, j] = moments.powers[tuple(unit[i] + unit[j])]
        on_factors = 0.5 * (P @ both @ P - P)
        rows, columns = np.tril_indices(k)
        doubled = np.where(rows == columns, 1.0, 2.0)
        ab = np.stack([[moments.powers[_sum(a, b)] for b in self.terms] for a in self.terms])
        a_eta = np.stack([moments.with_outcome[a] for a in self.terms])
        predicted = np.einsum("abi,b->ai", ab, own.effects)
        on_effects = ((a_eta - predicted) / own.unexplained).T
        left = moments.outcome_squared + own.effects @ (predicted - 2 * a_eta)
        return np.column_stack(
            [
                off / own.residuals,
                on_loading[:, self.free_loadings],
                on_residual,
                on_factors[:, rows, columns] * doubled,
                on_effects,
                0.5 * (left / own.unexplained - 1) * (1 - self.least[-1] / own.unexplained),
            ]
        )

    def information(self, theta: Array, std_errors: Array) -> Array:
        """Return the observed information: differences of the gradient over a small step."""
        here, found = self.evaluate(theta)[1].sum(axis=0), np.empty((len(theta), len(theta)))
        for place, step in enumerate(STEP * std_errors):
            ahead = theta.copy()
            ahead[place] += step
            found[place] = (here - self.evaluate(ahead)[1].sum(axis=0)) / step
        return (found + found.T) / 2


def quadrature(n_nodes: int, dimensions: int) -> tuple[Array, Array]:
    """Return nodes and logarithms of weights for a standard normal in so many dimensions."""
    places, weights = np.polynomial.hermite_e.hermegauss(n_nodes)
    weights = weights / weights.sum()
    nodes = np.array(list(product(places, repeat=dimensions)))
    logs = np.array([sum(each) for each in product(np.log(weights), repeat=dimensions)])
    return nodes, logs


def _monomials(columns: Sequence[Array], like: Array) -> dict[Powers, Array]:
    """Return the products of powers 0, 1 and 2 of each column, by their exponents."""
    found: dict[Powers, Array] = {(): np.ones_like(like)}
    for column in columns:
        found = {
            (*powers, power): before if power == 0 else before * (column if power == 1 else column * column)
            for powers, before in found.items()
            for power in range(3)
        }
    return found


def _joined(blocks: Sequence[Moments]) -> Moments:
    """Return the moments of all rows from those of blocks of rows."""
    return Moments(
        {powers: np.concatenate([each.powers[powers] for each in blocks]) for powers in blocks[0].powers},
        {
            powers: np.concatenate([each.with_outcome[powers] for each in blocks])
            for powers in blocks[0].with_outcome
        },
        np.concatenate([each.outcome_squared for each in blocks]),
    )


def _sum(first: Powers, second: Powers) -> Powers:
    return tuple(a + b for a, b in zip(first, second, strict=True))
