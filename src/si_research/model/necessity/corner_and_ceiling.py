"""The two tests of an empty corner, by all people near it and by the step ceiling, as one p. Arrays only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from si_research.model.necessity.ceiling_draws import CeilingDraws, ceiling_draws
from si_research.model.necessity.corner_deficit import (
    Array,
    CornerDeficit,
    Members,
    Places,
    corner_deficit,
    smooth_model,
)

Pair = tuple[float, float]
CEILING_SHARE: Final = 0.2
"""Part of the combined p that d has; the corner has the rest."""


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """The rows as arrays, and how to draw."""

    x: Array
    y: Array
    firms: Places | None
    controls: Array | None
    x_ends: Sequence[Pair]
    y_ends: Pair
    draws: int
    seed: int

    def tests(self, *, products: bool) -> CornerTests:
        """Test the corner and the ceiling against the model, with products of the conditions or without."""
        model = smooth_model(self.x, self.y, self.controls, products=products)
        corner = corner_deficit(model, self.firms, self.y_ends)
        if not self.draws:
            return CornerTests(corner, None)
        drawn = ceiling_draws(model, self.x_ends, self.y_ends, draws=self.draws, seed=self.seed)
        return CornerTests(corner, drawn)


@dataclass(frozen=True, slots=True, eq=False)
class CornerTests:
    """The corner and the ceiling against one model, combined for each set of conditions."""

    corner: CornerDeficit
    ceiling: CeilingDraws | None

    @property
    def k(self) -> int:
        """Conditions."""
        return len(self.corner.z)

    def p(self, members: Members) -> float:
        """Return the combined p of a set of conditions."""
        own = self.corner.p_of[members]
        return own if self.ceiling is None else combined(own, self.ceiling.p_of[members], CEILING_SHARE)

    def p_any(self, members: Members) -> float:
        """Return p that any condition of a set is necessary: all together, or one of them on its own."""
        if len(members) == 1:
            return self.p(members)
        alone = min(1.0, len(members) * min(self.p((place,)) for place in members))
        return combined(self.p(members), alone, 0.5)

    @property
    def all(self) -> Members:
        """The set of all conditions."""
        return tuple(range(self.k))

    def figures(self) -> dict[str, Array | list[float]]:
        """Return what the tests rest on, a value a condition."""
        assert self.ceiling is not None
        return {
            "d": self.ceiling.d,
            "d_expected": self.ceiling.d_expected,
            "p_ceiling": [self.ceiling.p_of[place,] for place in range(self.k)],
            "corner": self.corner.corner,
            "corner_expected": self.corner.corner_expected,
            "z": self.corner.z,
            "p_corner": [self.corner.p_of[place,] for place in range(self.k)],
        }


def combined(one: float, other: float, share: float) -> float:
    """Return the p of Cauchy's combination, in which the other has this share: small if either is."""
    # close to 1 a single p would make the sum minus infinity, whatever the other says
    each = [1 / np.tan(np.pi * min(p, 0.999)) for p in (one, other)]
    return float(0.5 - np.arctan((1 - share) * each[0] + share * each[1]) / np.pi)
