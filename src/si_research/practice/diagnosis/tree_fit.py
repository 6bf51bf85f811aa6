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
    """

    S: Array
    T: tuple[Array, ...]
    shrunk: bool
    separable: tuple[bool, ...]
    passed: Passed = field(repr=False)
    converged: bool


def fit_tree(evidence: Evidence, parents: Sequence[Numbers], *, correlated: bool = True) -> TreeFit:
    """Return the restricted maximum likelihood fit; ``correlated=False`` keeps S diagonal.

    Quasi-Newton on Cholesky factors, whose diagonal may become 0: a singular T is no edge of the search.
    """
    from scipy import optimize

    k = len(evidence.scale)
    held = _units_with_people(evidence, parents)
    separable = (True, *(inner > outer for outer, inner in pairwise(held)))
    shrunk = held[0] >= FEWEST_TO_SHRINK
    free = (shrunk, *separable[1:])
    fixed = FLAT * np.eye(k), np.zeros((k, k))
    tri = np.tril_indices(k)
    within = tri if correlated else (np.arange(k), np.arange(k))
    diagonal = within[0] == within[1]
    size, n_free = len(tri[0]), sum(free)

    def unpacked(x: Array) -> tuple[list[Array], Array]:
        factors = iter(x[: n_free * size].reshape(n_free, size))
        T = [_factor(next(factors), tri, k) if each else None for each in free]
        own = np.where(diagonal, np.exp(np.where(diagonal, x[n_free * size :], 0)), x[n_free * size :])
        return [fixed[min(level, 1)] if L is None else L for level, L in enumerate(T)], _factor(
            own, within, k
        )

    def objective(x: Array) -> tuple[float, Array]:
        T, own = unpacked(x)
        spreads = [L @ L.T if each else L for L, each in zip(T, free, strict=True)]
        S = own @ own.T
        passed = pass_up(evidence, parents, spreads, S)
        of_T, of_S = slopes(evidence, passed, spreads, S)
        parts = [(2 * D @ L)[tri] for D, L, each in zip(of_T, T, free, strict=True) if each]
        last = (2 * of_S @ own)[within]
        parts.append(np.where(diagonal, last * own[within], last))
        return -passed.log_likelihood / evidence.n_units, -np.concatenate(parts) / evidence.n_units

    start = np.concatenate([*([0.4 * np.eye(k)[tri]] * n_free), np.zeros(len(within[0]))])
    found = optimize.minimize(
        objective, start, jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 500}
    )
    T, own = unpacked(found.x)
    spreads = tuple(L @ L.T if each else L for L, each in zip(T, free, strict=True))
    S = own @ own.T
    return TreeFit(
        S, spreads, shrunk, separable, pass_up(evidence, parents, spreads, S),
        bool(np.abs(found.jac).max() < CONVERGED),
    )  # fmt: skip


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
