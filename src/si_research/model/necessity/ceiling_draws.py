"""Is the empty space above the step ceiling larger than a smooth model of the means implies? By drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from si_research.model.necessity.ceilings import Steps, ce_fdh_effect, steps_of
from si_research.model.necessity.corner_deficit import (
    Array,
    Members,
    SmoothModel,
    neighbour_reach,
    sets_of,
)

CELLS: Final = 1_000_000
ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class CeilingDraws:
    """Effect sizes beside those of outcomes drawn from a model. Made by :func:`ceiling_draws`.

    Attributes
    ----------
    d, d_expected : array, shape (k,)
        CE-FDH, and its mean over draws.
    p_of : mapping of conditions (places) to float
        Of each set of conditions: (1 + draws with as large a sum of standardised d)/(1 + draws).
    """

    d: Array
    d_expected: Array
    p_of: dict[Members, float]


def ceiling_draws(
    model: SmoothModel,
    x_ends: Sequence[tuple[float, float]],
    y_ends: tuple[float, float],
    *,
    draws: int,
    seed: int,
) -> CeilingDraws:
    """Compare d of each condition with d where the model is true.

    Parameters
    ----------
    model : SmoothModel
    x_ends, y_ends : tuples of float
        The response formats: the scope of d.
    draws, seed : int

    Notes
    -----
    In a draw somebody's outcome is their fitted value plus the residual of somebody with a neighbouring
    fitted value, at the nearest outcome that occurs. Fitted to a draw, the model would have other
    coefficients than in the data, which moves d. So d of the draws is regressed on these coefficients, and
    taken where they are those of the data. Without this the test would err on the safe side.
    """
    rng = np.random.default_rng(seed)
    step = max(1, CELLS // len(model.y))
    answers = np.unique([*y_ends, *np.unique(model.y)])
    columns = [_Column(model.x[:, j], steps_of(model.x[:, j]), of) for j, of in enumerate(x_ends)]
    drawn, moves = [], []
    for first in range(0, draws, step):
        outcomes = _drawn_outcomes(model, min(step, draws - first), rng)
        drawn.append(np.column_stack([each.effect(outcomes, answers) for each in columns]))
        moves.append((outcomes - model.fitted) @ model.basis)
    d = np.array([float(ce_fdh_effect(each.x, model.y, *each.ends, *y_ends)) for each in columns])
    each = _at_the_fit(np.concatenate(drawn), np.concatenate(moves))
    mean, spread = each.mean(axis=0), each.std(axis=0)
    scale = np.where(spread > ROUNDING, spread, 1.0)
    above, own = (each - mean) / scale, (d - mean) / scale
    as_large = {
        s: int((above[:, list(s)].sum(axis=1) >= own[list(s)].sum() - ROUNDING).sum())
        for s in sets_of(len(d))
    }
    return CeilingDraws(d, mean, {s: (1 + n) / (1 + draws) for s, n in as_large.items()})


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    """A condition, its distinct values, and its response format."""

    x: Array
    steps: Steps
    ends: tuple[float, float]

    def effect(self, outcomes: Array, answers: Array) -> Array:
        """Return d, a row of outcomes each, after rounding to the nearest outcome that occurs.

        The highest outcome at each value of the condition is all that counts, so only that is rounded.
        """
        tops = np.maximum.reduceat(outcomes[:, self.steps.order], self.steps.starts, axis=1)
        rounded = answers[np.searchsorted((answers[1:] + answers[:-1]) / 2, tops)]
        return ce_fdh_effect(self.steps.values, rounded, *self.ends, float(answers[0]), float(answers[-1]))


def _at_the_fit(drawn: Array, moves: Array) -> Array:
    """Return d of the draws, as it would be with the coefficients of the data."""
    draws, terms = len(moves), moves.shape[1] + 1
    if 2 * terms > draws:
        return drawn
    X = np.column_stack([np.ones(draws), moves])
    coefficients = np.linalg.lstsq(X, drawn, rcond=None)[0]
    return np.asarray(coefficients[0] + (drawn - X @ coefficients) * np.sqrt(draws / (draws - terms)))


def _drawn_outcomes(model: SmoothModel, draws: int, rng: np.random.Generator) -> Array:
    """Return outcomes of the model, shape (draws, n), before they are rounded to answers."""
    n = len(model.y)
    reach = neighbour_reach(n)
    lender = rng.integers(-reach, reach + 1, size=(draws, n), dtype=np.int32)
    lender += np.arange(n, dtype=np.int32)
    np.abs(lender, out=lender)
    np.minimum(lender, 2 * (n - 1) - lender, out=lender)
    return np.asarray(model.fitted + (model.y - model.fitted)[lender])
