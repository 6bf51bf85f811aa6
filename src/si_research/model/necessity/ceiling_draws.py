"""Is the empty space above the step ceiling larger than a smooth model of the means implies? By drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from si_research.model.necessity.ceilings import ce_fdh_effect
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
    drawn, moves = [], []
    for first in range(0, draws, step):
        outcomes = _drawn_outcomes(model, y_ends, min(step, draws - first), rng)
        drawn.append(_effect_sizes(model.x, outcomes, x_ends, y_ends))
        moves.append((outcomes - model.fitted) @ model.basis)
    d = _effect_sizes(model.x, model.y[None], x_ends, y_ends)[0]
    each = _at_the_fit(np.concatenate(drawn), np.concatenate(moves))
    mean, spread = each.mean(axis=0), each.std(axis=0)
    scale = np.where(spread > ROUNDING, spread, 1.0)
    above, own = (each - mean) / scale, (d - mean) / scale
    as_large = {
        s: int((above[:, list(s)].sum(axis=1) >= own[list(s)].sum() - ROUNDING).sum())
        for s in sets_of(len(d))
    }
    return CeilingDraws(d, mean, {s: (1 + n) / (1 + draws) for s, n in as_large.items()})


def _effect_sizes(
    x: Array, outcomes: Array, x_ends: Sequence[tuple[float, float]], y_ends: tuple[float, float]
) -> Array:
    """Return d, a row an outcome, a column a condition."""
    columns = [ce_fdh_effect(x[:, j], outcomes, *ends, *y_ends) for j, ends in enumerate(x_ends)]
    return np.column_stack(columns)


def _at_the_fit(drawn: Array, moves: Array) -> Array:
    """Return d of the draws, as it would be with the coefficients of the data."""
    draws, terms = len(moves), moves.shape[1] + 1
    if 2 * terms > draws:
        return drawn
    X = np.column_stack([np.ones(draws), moves])
    coefficients = np.linalg.lstsq(X, drawn, rcond=None)[0]
    return np.asarray(coefficients[0] + (drawn - X @ coefficients) * np.sqrt(draws / (draws - terms)))


def _drawn_outcomes(
    model: SmoothModel, ends: tuple[float, float], draws: int, rng: np.random.Generator
) -> Array:
    """Return outcomes of the model, shape (draws, n), at the nearest outcome that occurs."""
    n = len(model.y)
    reach, place = neighbour_reach(n), np.arange(n)
    first, last = np.maximum(place - reach, 0), np.minimum(place + reach, n - 1)
    lender = first + (rng.random((draws, n)) * (last - first + 1)).astype(np.intp)
    drawn = model.fitted + (model.y - model.fitted)[lender]
    answers = np.unique([*ends, *np.unique(model.y)])
    return np.asarray(answers[np.searchsorted((answers[1:] + answers[:-1]) / 2, drawn)])
