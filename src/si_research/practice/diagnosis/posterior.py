"""What is known of the mean of each unit on each level, given everybody's scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from si_research.practice.diagnosis.evidence import Array, Evidence, Numbers
from si_research.practice.diagnosis.gaussian_tree import summed, symmetric, times
from si_research.practice.diagnosis.tree_fit import TreeFit


@dataclass(frozen=True, slots=True, eq=False)
class LevelPosterior:
    """Normal posterior of the means of the units of one level, in scale points.

    A unit's mean is that of its people: of a unit that holds others, theirs weighted by their people.

    Attributes
    ----------
    mean, cov : array, shapes (u, k) and (u, k, k)
        The grand mean is not taken as known.
    on_grand, rest, rest_cov : array, shapes (u, k, k), (u, k) and (u, k, k)
        Given the grand mean g: N(on_grand·g + rest, rest_cov), independent between outermost units.
    grand, grand_cov : array, shapes (k,) and (k, k)
    """

    mean: Array = field(repr=False)
    cov: Array = field(repr=False)
    on_grand: Array = field(repr=False)
    rest: Array = field(repr=False)
    rest_cov: Array = field(repr=False)
    grand: Array
    grand_cov: Array

    def from_grand(self) -> tuple[Array, Array]:
        """Return mean and covariance of how far each unit lies from the grand mean."""
        B = self.on_grand - np.eye(len(self.grand))
        return (
            self.mean - self.grand,
            symmetric(self.rest_cov + B @ self.grand_cov @ np.swapaxes(B, 1, 2)),
        )


def level_posteriors(
    evidence: Evidence, parents: Sequence[Numbers], fit: TreeFit
) -> tuple[LevelPosterior, ...]:
    """Return the posterior of each level, outermost first.

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
    )
