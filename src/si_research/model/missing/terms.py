"""The terms of the outcome model as powers of the predictors, and the curve of one predictor in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from si_research.model.design import product_terms, square_name, term_name

Array = npt.NDArray[np.float64]
Powers = npt.NDArray[np.int_]


def outcome_powers(predictors: Sequence[str], squares: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Return, for each term in the predictors, the power of every predictor.

    Examples
    --------
    >>> outcome_powers(["kunnen", "willen"], ["kunnen"])
    {'kunnen': (1, 0), 'willen': (0, 1), 'kunnen^2': (2, 0), 'kunnen:willen': (1, 1)}
    """
    powers = {name: tuple(int(name == each) for each in predictors) for name in predictors}
    powers |= {square_name(name): tuple(2 * (name == each) for each in predictors) for name in squares}
    for parts in product_terms(predictors):
        powers[term_name(parts)] = tuple(int(each in parts) for each in predictors)
    return powers


def term_values(predictors: Array, powers: Powers) -> Array:
    """Return the terms, shape (..., n, terms), of predictors of shape (..., n, p)."""
    columns = [_monomial(predictors, power) for power in powers]
    return np.stack(columns, axis=-1)


def curve_of(predictors: Array, powers: Powers, weights: Array, place: int) -> tuple[Array, Array, Array]:
    """Return what the terms add up to as a curve in one predictor: c0 + c1·x + c2·x².

    Parameters
    ----------
    predictors : array, shape (m, n, p)
    powers : array of int, shape (terms, p)
    weights : array, shape (m, terms)
        Coefficients of the terms.
    place : int
        The predictor that is x; its values in ``predictors`` play no part.

    Returns
    -------
    tuple of three arrays, shape (m, n)
    """
    curve = [np.zeros(predictors.shape[:-1]) for _ in range(3)]
    for term, power in enumerate(powers):
        others = power.copy()
        others[place] = 0
        curve[power[place]] += weights[:, term, None] * _monomial(predictors, others)
    return curve[0], curve[1], curve[2]


def _monomial(predictors: Array, power: Powers) -> Array:
    value = np.ones(predictors.shape[:-1])
    for place in np.flatnonzero(power):
        value = value * predictors[..., place] ** int(power[place])
    return value
