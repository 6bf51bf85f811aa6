"""A tree of normal distributions: what scores say of each unit, exactly, in one pass up and one down.

A unit's mean deviates from that of the unit above it by N(0, T) with a T a level; the outermost deviate from
a grand mean of which nothing is known beforehand. A message holds L and h: what is below a unit says of its
mean x no more than exp(-x'Lx/2 + h'x). No inverse of a T or an L is taken, so that both may be singular.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from si_research.practice.diagnosis.evidence import Array, Evidence, Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """What the units of one level say to those above them.

    Attributes
    ----------
    L, h : array
        What is said of the mean of each unit itself, shapes (u, k, k) and (u, k).
    F : array, shape (u, k, k)
        (I + L·T)^-1.
    M : array, shape (u, k, k)
        F·L: what is said of the mean of the unit above.
    parents : array of int
    """

    L: Array = field(repr=False)
    h: Array = field(repr=False)
    F: Array = field(repr=False)
    M: Array = field(repr=False)
    parents: Numbers = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Passed:
    """Everything after the pass up: the edges of each level, the grand mean, the log-likelihood (REML)."""

    edges: tuple[Edges, ...]
    mean: Array
    cov: Array
    log_likelihood: float


def symmetric(A: Array) -> Array:
    """Return the mean of matrices and their transposes."""
    return np.asarray((A + np.swapaxes(A, -1, -2)) / 2)


def times(A: Array, x: Array) -> Array:
    """Return A·x for each of many matrices and vectors."""
    return np.asarray(np.einsum("...ij,...j->...i", A, x))


def outer(x: Array) -> Array:
    """Return xx' for each of many vectors."""
    return np.asarray(x[..., :, None] * x[..., None, :])


def summed(rows: Array, groups: Numbers, n_groups: int) -> Array:
    """Return sums of rows by group, shape (n_groups, ...)."""
    columns = rows.reshape(len(rows), math.prod(rows.shape[1:])).T
    sums = [np.bincount(groups, weights=column, minlength=n_groups) for column in columns]
    return np.stack(sums, axis=1).astype("float64", copy=False).reshape(n_groups, *rows.shape[1:])


def precisions(evidence: Evidence, S: Array) -> tuple[Array, Array]:
    """Return S^-1 over the scores that are there, 0 elsewhere, and log|S| of these, one a pattern."""
    whole, logs = np.zeros(evidence.within.shape), np.zeros(len(evidence.patterns))
    for place, there in enumerate(evidence.patterns):
        own = np.ix_(there, there)
        whole[place][own] = np.linalg.inv(S[own])
        logs[place] = np.linalg.slogdet(S[own])[1]
    return whole, logs


def leaves(evidence: Evidence, S: Array) -> tuple[Array, Array, float]:
    """Return what people say of their own unit, L and h, and the part of the log-likelihood without it."""
    P, logs = precisions(evidence, S)
    own, n = P[evidence.pattern], evidence.n
    at = times(own, evidence.means)
    L = summed(n[:, None, None] * own, evidence.unit, evidence.n_units)
    h = summed(n[:, None] * at, evidence.unit, evidence.n_units)
    squares = float((n * (evidence.means * at).sum(axis=1)).sum()) + float((P * evidence.within).sum())
    return L, h, -(squares + float((n * logs[evidence.pattern]).sum())) / 2


def edges_up(
    evidence: Evidence, parents: Sequence[Numbers], T: Sequence[Array], S: Array
) -> tuple[tuple[Edges, ...], Array, Array, float]:
    """Return the edges of each level, L and h about the grand mean, and the log-likelihood so far."""
    L, h, log = leaves(evidence, S)
    k = len(S)
    edges: list[Edges] = []
    for above, spread in zip(reversed(parents), reversed(T), strict=True):
        F: Array = np.asarray(np.linalg.inv(np.eye(k) + L @ spread), dtype="float64")
        edge = Edges(L, h, F, symmetric(F @ L), above)
        Fh = times(F, h)
        log += float((h * times(spread, Fh)).sum()) / 2 + float(np.linalg.slogdet(F)[1].sum()) / 2
        n_above = int(above.max()) + 1
        L, h = summed(edge.M, above, n_above), summed(Fh, above, n_above)
        edges.append(edge)
    return tuple(reversed(edges)), L[0], h[0], log


def pass_up(evidence: Evidence, parents: Sequence[Numbers], T: Sequence[Array], S: Array) -> Passed:
    """Return what all scores say of every unit and of the grand mean, given T of each level and S within."""
    edges, L, h, log = edges_up(evidence, parents, T, S)
    cov = symmetric(np.asarray(np.linalg.inv(L), dtype="float64"))
    mean = cov @ h
    log += float(h @ mean) / 2 + float(np.linalg.slogdet(cov)[1]) / 2
    return Passed(edges, mean, cov, log)


def slopes(evidence: Evidence, passed: Passed, T: Sequence[Array], S: Array) -> tuple[list[Array], Array]:
    """Return the derivatives of the log-likelihood by T of each level and by S.

    By Fisher's identity, from the means and covariances of all units given all scores: no sum over people.
    """
    mean, cov = passed.mean[None], passed.cov[None]
    of_T = []
    for edge, spread in zip(passed.edges, T, strict=True):
        m, V = mean[edge.parents], cov[edge.parents]
        a = times(edge.F, edge.h - times(edge.L, m))
        M = edge.M
        of_T.append((outer(a) - M + M @ V @ M).sum(axis=0) / 2)
        G = np.swapaxes(edge.F, 1, 2)
        mean = m + a @ spread
        cov = symmetric(G @ V @ edge.F + spread @ edge.F)
    P, _ = precisions(evidence, S)
    apart = (evidence.means - mean[evidence.unit]) * evidence.patterns[evidence.pattern]
    squares = evidence.n[:, None, None] * (outer(apart) + cov[evidence.unit])
    total = evidence.within + summed(squares, evidence.pattern, len(P))
    n = np.bincount(evidence.pattern, weights=evidence.n, minlength=len(P))
    # P is 0 outside the scores that are there, so that nothing else comes through
    of_S = ((P @ total @ P) - n[:, None, None] * P).sum(axis=0) / 2
    return of_T, symmetric(of_S)
