"""Restricted maximum likelihood: how far people of a unit differ, and units of each level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np

from si_research.practice.diagnosis.evidence import Array, Evidence, Numbers
from si_research.practice.diagnosis.gaussian_tree import Passed, pass_up, slopes

FLAT: Final = 1e6
"""Variance of units of which nothing is known beforehand, in variances of people."""
FEWEST_TO_SHRINK: Final = 5
"""Outermost units from which their spread is estimated."""
FREE, DIAGONAL, EQUAL = "free", "diagonal", "equal"
CONVERGED: Final = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class TreeFit:
    """Spread within units and between units of each level, in the unit of the model.

    Attributes
    ----------
    S : array, shape (k, k)
    T : tuple of array, shape (k, k)
        One a level, outermost first; 0 where a level cannot be told from the one above it.
    shrunk : bool
        Whether the spread of the outermost units is estimated; else nothing is taken as known of them.
    separable : tuple of bool
        Whether a level has more units than the one above it.
    passed : Passed
    converged : bool
    search : Search, optional
    point : array, optional
        Where the search ended; None for S and T that were given.
    """

    S: Array
    T: tuple[Array, ...]
    shrunk: bool
    separable: tuple[bool, ...]
    passed: Passed = field(repr=False)
    converged: bool
    search: Search | None = field(default=None, repr=False)
    point: Array | None = field(default=None, repr=False)


class Search:
    """Where the numbers of a search stand: factors of each T that is free, then that of S (log diagonal)."""

    def __init__(
        self, evidence: Evidence, parents: Sequence[Numbers], free: tuple[bool, ...], within: str
    ) -> None:
        self.evidence, self.parents, self.free = evidence, parents, free
        self.k = len(evidence.scale)
        self.tri: tuple[Numbers, Numbers] = np.tril_indices(self.k)
        self.places = self.tri if within == FREE else (np.arange(self.k), np.arange(self.k))
        self.diagonal = self.places[0] == self.places[1]
        self.n_of_T = sum(free) * len(self.tri[0])
        self.one = within == EQUAL

    def start(self) -> Array:
        """Units that differ by two fifths of what people do, in standard deviations."""
        own = 0.4 * np.eye(self.k)[self.tri]
        return np.concatenate([np.tile(own, sum(self.free)), np.zeros(1 if self.one else len(self.diagonal))])

    def factors(self, x: Array) -> tuple[list[Array], Array]:
        """Return the factors of each free T and of S."""
        rows = x[: self.n_of_T].reshape(sum(self.free), len(self.tri[0]))
        last = np.broadcast_to(x[self.n_of_T :], len(self.diagonal)) if self.one else x[self.n_of_T :]
        own = np.where(self.diagonal, np.exp(np.where(self.diagonal, last, 0)), last)
        return [_factor(row, self.tri, self.k) for row in rows], _factor(own, self.places, self.k)

    def spreads(self, factors: Sequence[Array], own: Array) -> tuple[tuple[Array, ...], Array]:
        """Return T of each level and S."""
        each = iter(factors)
        known = FLAT * np.eye(self.k), np.zeros((self.k, self.k))
        T = tuple(
            np.asarray((L := next(each)) @ L.T) if moves else known[min(level, 1)]
            for level, moves in enumerate(self.free)
        )
        return T, np.asarray(own @ own.T)

    def at(self, x: Array) -> tuple[tuple[Array, ...], Array, Passed]:
        """Return T of each level and S, with what all scores say under them."""
        T, S = self.spreads(*self.factors(x))
        return T, S, pass_up(self.evidence, self.parents, T, S)

    def objective(self, x: Array) -> tuple[float, Array]:
        """Return minus the log-likelihood a unit, with its slopes."""
        T, S, passed = self.at(x)
        n = self.evidence.n_units
        return -passed.log_likelihood / n, -self.slopes_at(x, T, S, passed) / n

    def slopes_at(self, x: Array, T: Sequence[Array], S: Array, passed: Passed) -> Array:
        """Return the slopes of the log-likelihood."""
        factors, own = self.factors(x)
        of_T, of_S = slopes(self.evidence, passed, T, S)
        moved = [D for D, moves in zip(of_T, self.free, strict=True) if moves]
        parts = [(2 * D @ L)[self.tri] for D, L in zip(moved, factors, strict=True)]
        last = (2 * of_S @ own)[self.places]
        last = np.where(self.diagonal, last * own[self.places], last)
        parts.append(last.sum(keepdims=True) if self.one else last)
        return np.concatenate(parts)


def fit_tree(evidence: Evidence, parents: Sequence[Numbers], *, within: str = FREE) -> TreeFit:
    """Return the restricted maximum likelihood fit; S may be free, diagonal, or equal on its diagonal.

    Quasi-Newton on Cholesky factors, whose diagonal may become 0: a singular T is no edge of the search.
    """
    from scipy import optimize

    held = _units_with_people(evidence, parents)
    separable = (True, *(inner > outer for outer, inner in pairwise(held)))
    shrunk = held[0] >= FEWEST_TO_SHRINK
    search = Search(evidence, parents, (shrunk, *separable[1:]), within)
    found = optimize.minimize(
        search.objective, search.start(), jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 500}
    )
    T, S, passed = search.at(found.x)
    converged = bool(np.abs(found.jac).max() < CONVERGED)
    return TreeFit(S, T, shrunk, separable, passed, converged, search, found.x)


def _factor(values: Array, places: tuple[Numbers, Numbers], k: int) -> Array:
    L = np.zeros((k, k))
    L[places] = values
    return L


def _units_with_people(evidence: Evidence, parents: Sequence[Numbers]) -> list[int]:
    """Return how many units of each level hold anybody."""
    own = np.flatnonzero(evidence.n_people > 0)
    counts = []
    for above in reversed(parents):
        counts.append(len(own))
        own = np.unique(above[own])
    return counts[::-1]
