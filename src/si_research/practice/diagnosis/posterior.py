"""What is known of the mean of each unit on each level, given everybody's scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from si_research.practice.diagnosis.evidence import Array, Evidence, Numbers
from si_research.practice.diagnosis.gaussian_tree import summed, symmetric, times
from si_research.practice.diagnosis.tree_fit import TreeFit

STEP: Final = 1e-4
FLATTEST: Final = 1e-6
"""Share of the largest curvature below which a direction of the search is not told at all."""


@dataclass(frozen=True, slots=True, eq=False)
class LevelPosterior:
    """Normal posterior of the means of the units of one level, in scale points.

    A unit's mean is that of its people: of a unit that holds others, theirs weighted by their people.

    Attributes
    ----------
    mean, cov : array, shapes (u, k) and (u, k, k)
        Neither the grand mean nor the spread of people and units is taken as known.
    on_grand, rest, rest_cov : array, shapes (u, k, k), (u, k) and (u, k, k)
        Given the grand mean g: N(on_grand·g + rest, rest_cov), independent between outermost units.
    grand, grand_cov : array, shapes (k,) and (k, k)
        Given the spread.
    moves, grand_moves : array, shapes (u, k, p) and (k, p)
        How far the means move with each independent standard error of the spread.
    """

    mean: Array = field(repr=False)
    cov: Array = field(repr=False)
    on_grand: Array = field(repr=False)
    rest: Array = field(repr=False)
    rest_cov: Array = field(repr=False)
    grand: Array
    grand_cov: Array
    moves: Array = field(repr=False)
    grand_moves: Array = field(repr=False)

    def from_grand(self) -> tuple[Array, Array]:
        """Return mean and covariance of how far each unit lies from the grand mean."""
        B = self.on_grand - np.eye(len(self.grand))
        return (
            self.mean - self.grand,
            symmetric(self.rest_cov + B @ self.grand_cov @ np.swapaxes(B, 1, 2))
            + squared(self.moves - self.grand_moves),
        )


def squared(moves: Array) -> Array:
    """Return the covariance of independent moves."""
    return np.asarray(moves @ np.swapaxes(moves, -1, -2))


def level_posteriors(
    evidence: Evidence, parents: Sequence[Numbers], fit: TreeFit
) -> tuple[LevelPosterior, ...]:
    """Return the posterior of each level, outermost first; the uncertainty of the spread counts.

    To first order: to the covariance given the estimates comes J·V·J', with J the slopes of the means by what
    was searched for and V the inverse of the curvature of the log-likelihood there (Kass & Steffey 1989,
    https://doi.org/10.1080/01621459.1989.10478825). With few units it is what keeps intervals from being far
    too narrow.
    """
    found = posteriors_given_spread(evidence, parents, fit)
    if fit.search is None or fit.point is None:
        return found
    moves, grand_moves = _moves(evidence, parents, fit)
    return tuple(
        replace(level, cov=level.cov + squared(own), moves=own, grand_moves=grand_moves)
        for level, own in zip(found, moves, strict=True)
    )


def _moves(evidence: Evidence, parents: Sequence[Numbers], fit: TreeFit) -> tuple[list[Array], Array]:
    """Return how far the means of each level, and the grand means, move with errors of the spread."""
    assert fit.search is not None and fit.point is not None
    slopes_of_log, means = [], []
    for step in STEP * np.eye(len(fit.point)):
        for x in (fit.point + step, fit.point - step):
            T, S, passed = fit.search.at(x)
            slopes_of_log.append(fit.search.slopes_at(x, T, S, passed))
            own = posteriors_given_spread(evidence, parents, replace(fit, T=T, S=S, passed=passed))
            means.append(np.concatenate([*(level.mean for level in own), own[0].grand[None]]))
    curvature = -(np.array(slopes_of_log[::2]) - np.array(slopes_of_log[1::2])) / (2 * STEP)
    changes = [(up - down) / (2 * STEP) for up, down in zip(means[::2], means[1::2], strict=True)]
    values, vectors = np.linalg.eigh(symmetric(curvature))
    told = values > FLATTEST * max(float(values.max()), 1.0)
    whole = np.stack(changes, axis=-1) @ (vectors[:, told] / np.sqrt(values[told]))
    ends = np.cumsum([len(above) for above in parents])
    return np.split(whole[:-1], ends[:-1]), whole[-1]


def posteriors_given_spread(
    evidence: Evidence, parents: Sequence[Numbers], fit: TreeFit
) -> tuple[LevelPosterior, ...]:
    """Return the posterior of each level as if S and T were known.

    One pass down gives each unit's latent mean given the grand mean; the mean of its people, given that
    latent mean, came up from the units below.
    """
    below = _rolled_up(evidence, parents, fit)
    k = len(evidence.scale)
    A, b, C = np.eye(k)[None], np.zeros((1, k)), np.zeros((1, k, k))
    found = []
    for edge, T, (up_A, up_b, up_C) in zip(fit.passed.edges, fit.T, below, strict=True):
        G, own = np.swapaxes(edge.F, 1, 2), edge.parents
        b = times(G, b[own]) + times(T @ edge.F, edge.h)
        C = symmetric(G @ C[own] @ edge.F + T @ edge.F)
        A = G @ A[own]
        whole_C = symmetric(up_C + up_A @ C @ np.swapaxes(up_A, 1, 2))
        found.append(_in_points(evidence, fit, up_A @ A, times(up_A, b) + up_b, whole_C))
    return tuple(found)


def _rolled_up(
    evidence: Evidence, parents: Sequence[Numbers], fit: TreeFit
) -> list[tuple[Array, Array, Array]]:
    """Return A, b and C of each level: the mean of a unit's people is N(A·x + b, C), x its latent mean."""
    k, n = len(evidence.scale), evidence.n_people
    A = np.broadcast_to(np.eye(k), (len(n), k, k))
    b, C = np.zeros((len(n), k)), np.zeros((len(n), k, k))
    levels = [(A, b, C)]
    for edge, T, above in list(zip(fit.passed.edges, fit.T, parents, strict=True))[:0:-1]:
        n_above = int(above.max()) + 1
        total = summed(n, above, n_above)
        # of a unit without anybody, each unit below counts as much as the next
        each = np.where(total[above] > 0, n / np.maximum(total[above], 1), 1 / np.bincount(above)[above])
        TF = T @ edge.F
        up_b = times(A, times(TF, edge.h)) + b
        up_C = C + A @ TF @ np.swapaxes(A, 1, 2)
        up_A = A @ np.swapaxes(edge.F, 1, 2)
        A = summed(each[:, None, None] * up_A, above, n_above)
        b = summed(each[:, None] * up_b, above, n_above)
        C = summed(each[:, None, None] ** 2 * up_C, above, n_above)
        n = total
        levels.append((A, b, C))
    return levels[::-1]


def _in_points(evidence: Evidence, fit: TreeFit, A: Array, b: Array, C: Array) -> LevelPosterior:
    scale, centre = evidence.scale, evidence.centre
    both = np.outer(scale, scale)
    V = fit.passed.cov
    on_grand = A * scale[:, None] / scale
    return LevelPosterior(
        mean=(times(A, fit.passed.mean) + b) * scale + centre,
        cov=symmetric(C + A @ V @ np.swapaxes(A, 1, 2)) * both,
        on_grand=on_grand,
        rest=centre + b * scale - times(on_grand, centre),
        rest_cov=C * both,
        grand=fit.passed.mean * scale + centre,
        grand_cov=V * both,
        moves=np.zeros((*b.shape, 1)),
        grand_moves=np.zeros((len(scale), 1)),
    )
