"""What the ceilings would be if outcomes were shuffled, drawn without shuffling them.

The step ceiling of a shuffled outcome turns on its records only: from the right, the highest outcome; then
the highest of those that stand left of it; and so on to the lowest x. There are about ln n of them, and they
can be drawn one after another:

- Outcomes are handed out from the highest down, over places sorted by x. As long as all went right of the
  last record, the s places left of it are empty. How many more go right before one goes left is a negative
  hypergeometric gap, drawn by turning its survival function around.
- Others with the same outcome may go left too: a hypergeometric number. Together they are spread evenly over
  the s places; the lowest x among them is the next record, and a hypergeometric number of them share that x.

All repetitions take one step at a time together, so that 10,000 repetitions over a million people take as
many steps as over a hundred times two. Ties in x, in the outcome and in both are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from si_research.model.necessity.ceiling_fits import Scope
from si_research.model.necessity.ceilings import Array, area_above_line, differs, line_through

Whole = npt.NDArray[np.int64]
SLACK: Final = 1e-12
"""Rounding of the ends between which a gap is looked for, as a share of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """Sorted scores, the distinct ones, and where each of those begins and ends.

    Attributes
    ----------
    values : array
        The distinct scores, in the order of the sorting.
    starts, ends : array of int
        First place of each, and the place after its last.
    of : array of int
        Which distinct score stands at each place.
    """

    values: Array
    starts: Whole
    ends: Whole
    of: Whole


@dataclass(frozen=True, slots=True, eq=False)
class DrawnEffects:
    """Effect sizes of step and straight ceilings, one a repetition."""

    ce_fdh: Array
    cr_fdh: Array


def drawn_effects(x: Array, y: Array, scope: Scope, draws: int, seed: int) -> DrawnEffects:
    """Return the effect sizes of CE-FDH and CR-FDH for shuffled outcomes; upper left corner.

    Parameters
    ----------
    x, y : array
    scope : Scope
        Of positive area, and holding all scores; it stays as it is.
    draws, seed : int

    Returns
    -------
    DrawnEffects
        With the distribution of the effect sizes over all orders of y.
    """
    return _Drawing(ranked(x), ranked(y, descending=True), scope, draws, seed).run()


def ranked(scores: Array, *, descending: bool = False) -> Ranked:
    """Return scores sorted, with their ties."""
    ordered = np.sort(scores)[:: -1 if descending else 1]
    begins = np.concatenate([[True], differs(ordered[:-1], ordered[1:])])
    starts = np.flatnonzero(begins).astype(np.int64)
    ends = np.append(starts[1:], len(ordered)).astype(np.int64)
    return Ranked(ordered[starts], starts, ends, (np.cumsum(begins) - 1).astype(np.int64))


class _Drawing:
    """All repetitions on their way from the highest outcome to the lowest x."""

    def __init__(self, x: Ranked, y: Ranked, scope: Scope, draws: int, seed: int) -> None:
        self.x, self.y, self.scope = x, y, scope
        self.n = len(x.of)
        self.log_factorial = gammaln(np.arange(self.n + 1) + 1.0)
        self.random = np.random.default_rng(seed)
        self.zone = np.zeros(draws)
        self.sums = np.zeros((6, draws))  # places, people, x, y, x², xy of the peers

    def run(self) -> DrawnEffects:
        """Go on until every repetition has reached the lowest x."""
        going = np.arange(len(self.zone))
        given = np.zeros(len(going), dtype=np.int64)  # outcomes handed out
        empty = np.full(len(going), self.n, dtype=np.int64)  # places left of the last record
        right = np.full(len(going), self.scope.x_high)
        while len(going):
            given, empty, right = self._step(going, given, empty, right)
            on = empty > 0
            going, given, empty, right = going[on], given[on], empty[on], right[on]
        self.zone += self.scope.height * (self.x.values[0] - self.scope.x_low)
        return DrawnEffects(self.zone / self.scope.area, self._lines())

    def _step(self, going: Whole, given: Whole, empty: Whole, right: Array) -> tuple[Whole, Whole, Array]:
        """Draw the next record of each repetition."""
        rank = given + self._gap(self.n - given, empty)
        which = self.y.of[rank]
        equal = self.y.ends[which] - rank - 1
        together = 1 + self._share(empty - 1, self.n - rank - empty, equal)
        place = self._gap(empty, together)
        group = self.x.of[place]
        left, end = self.x.starts[group], self.x.ends[group]
        people = 1 + self._share(end - place - 1, empty - end, together - 1)
        u, v = self.x.values[group], self.y.values[which]
        self.zone[going] += (self.scope.y_high - v) * (right - u)
        u_own, v_own = (u - self.scope.x_low) / self.scope.width, (v - self.scope.y_low) / self.scope.height
        ones = np.ones(len(u))
        self.sums[:, going] += [
            ones, people, people * u_own, people * v_own, people * u_own**2, people * u_own * v_own
        ]  # fmt: skip
        return self.y.ends[which], left, u

    def _share(self, good: Whole, bad: Whole, drawn: Whole) -> Whole:
        """Return how many of those drawn are good: hypergeometric."""
        found = np.zeros(len(good), dtype=np.int64)
        open_ = (drawn > 0) & (good > 0)
        if open_.any():
            found[open_] = self.random.hypergeometric(good[open_], bad[open_], drawn[open_])
        return found

    def _gap(self, total: Whole, good: Whole) -> Whole:
        """Return how many bad ones come before the first good one, in a random order of all.

        P(gap >= g) = C(total - g, good) / C(total, good), which lies between (1 - g/(total - good + 1))^good
        and (1 - g/total)^good; the largest g with P(gap >= g) >= u is between what these give, by halving.
        """
        log_u = np.log1p(-self.random.random(len(total)))
        ln = self.log_factorial
        base = ln[total - good] - ln[total] - log_u
        share = -np.expm1(log_u / good)
        low = ((total - good + 1) * share * (1 - SLACK)).astype(np.int64)
        high = np.minimum((total * share * (1 + SLACK)).astype(np.int64), total - good)
        low = np.minimum(low, high)
        while True:
            unsure = np.flatnonzero(low < high)
            if not len(unsure):
                return np.asarray(low)
            middle = (low[unsure] + high[unsure] + 1) // 2
            rest = total[unsure] - middle
            there = ln[rest] - ln[rest - good[unsure]] + base[unsure] >= 0
            low[unsure[there]] = middle[there]
            high[unsure[~there]] = middle[~there] - 1

    def _lines(self) -> Array:
        places, people, x, y, xx, xy = self.sums
        slope, intercept = line_through(people, x, y, xx, xy)
        return np.where(places > 1, area_above_line(slope, intercept, 1.0, 1.0), 0.0)
