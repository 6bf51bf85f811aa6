"""Draws from the posterior of a normal linear model, for several chains at once, with or without firms.

Everything is worked out from cross-products and the sums of each firm, so that the rows without holes are
added up only once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from si_research.errors import SurveyDataError

Array = npt.NDArray[np.float64]
ROOTS: Final = np.linspace(0, 0.995, 61)
"""Ends of the cells of the intraclass correlation's root: finer where that correlation is small."""

NO_ERROR: Final = 1e-10
"""Share of a column's variance that is left, below which the others determine it."""


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What a linear model needs of its rows Z = [X, y].

    Attributes
    ----------
    products : array, shape (m, k + 1, k + 1)
        Z'Z.
    by_firm : array, shape (m, G, k + 1)
        Sum of Z over the rows of each firm; G = 0 without firms.
    """

    products: Array
    by_firm: Array

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.products + other.products, self.by_firm + other.by_firm)


@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """One draw of all parameters, a row a chain.

    Attributes
    ----------
    weights : array, shape (m, k)
    spread : array, shape (m,)
        Residual standard deviation.
    effects : array, shape (m, G)
        Of the firms.
    ratio : array, shape (m,)
        Variance between firms over residual variance.
    """

    weights: Array
    spread: Array
    effects: Array
    ratio: Array


def sums_of(Z: Array, firms: npt.NDArray[np.intp], n_firms: int) -> Sums:
    """Return the cross-products and firm sums of rows, shape (m, n, k + 1), that are sorted by firm."""
    by_firm = np.zeros((len(Z), n_firms, Z.shape[2]))
    if n_firms and Z.shape[1]:
        present, starts = np.unique(firms, return_index=True)
        by_firm[:, present] = np.add.reduceat(Z, starts, axis=1)
    return Sums(Z.swapaxes(1, 2) @ Z, by_firm)


def draw_parameters(
    rng: np.random.Generator, sums: Sums, sizes: npt.NDArray[np.intp], n: int, before: Draw
) -> Draw:
    """Draw coefficients, residual spread and firm effects, given the data and the draw before.

    Parameters
    ----------
    rng : numpy.random.Generator
    sums : Sums
    sizes : array of int, shape (G,)
        Rows of each firm; empty without firms.
    n : int
        Rows.
    before : Draw
        Of the same model, an iteration ago.

    Notes
    -----
    Prior 1/sigma² for the coefficients and the residual variance, uniform for the intraclass correlation.
    Without firms the draw is exact: sigma² = RSS/chi²(n - k), b normal around least squares. With firms the
    ratio of variances is drawn first, given b and sigma and with the firm effects integrated out, then sigma,
    b and the effects together given that ratio (generalised least squares).
    """
    m, width = sums.products.shape[0], sums.products.shape[1]
    ratio = _draw_ratio(rng, sums, sizes, before) if len(sizes) else np.zeros(m)
    shrink = ratio[:, None] / (1 + sizes * ratio[:, None])
    S = sums.products - (sums.by_firm * shrink[:, :, None]).swapaxes(1, 2) @ sums.by_firm
    root = _root_of(S[:, :-1, :-1])
    half = np.linalg.solve(root, S[:, :-1, -1:])
    rss = S[:, -1, -1] - (half**2).sum(axis=(1, 2))
    if (rss <= NO_ERROR * S[:, -1, -1]).any():
        raise _dependent("a column that the others determine without any error")
    spread = np.sqrt(rss / rng.chisquare(n - width + 1, size=m))
    noise = spread[:, None, None] * rng.normal(size=half.shape)
    weights = np.linalg.solve(root.swapaxes(1, 2), half + noise)[:, :, 0]
    effects = shrink * _firm_residuals(sums, weights)
    effects = effects + spread[:, None] * np.sqrt(shrink) * rng.normal(size=effects.shape)
    return Draw(weights, spread, effects, ratio)


def _root_of(products: Array) -> Array:
    try:
        return np.asarray(np.linalg.cholesky(products))
    except np.linalg.LinAlgError as error:
        raise _dependent("terms that follow from others once the missing scores are filled in") from error


def _dependent(found: str) -> SurveyDataError:
    return SurveyDataError(
        expected="outcome, predictors and controls that each carry something of their own",
        found=found,
        where="imputation of missing scores",
        todo="look whether a column, or a part of it, stands there twice; leave out a control",
    )


def first_draw(n_chains: int, n_terms: int, n_firms: int) -> Draw:
    """Return where the draws of a model start: no effects, spread 1 (everything is in z-scores)."""
    return Draw(
        np.zeros((n_chains, n_terms)),
        np.ones(n_chains),
        np.zeros((n_chains, n_firms)),
        np.full(n_chains, 0.05),
    )


def _firm_residuals(sums: Sums, weights: Array) -> Array:
    """Return the sum of the residuals of each firm, shape (m, G)."""
    return np.asarray(sums.by_firm[:, :, -1] - (sums.by_firm[:, :, :-1] @ weights[:, :, None])[:, :, 0])


def _draw_ratio(rng: np.random.Generator, sums: Sums, sizes: npt.NDArray[np.intp], before: Draw) -> Array:
    """Draw the ratio of the variance between firms to that within, on a grid of small cells."""
    middles = (ROOTS[1:] + ROOTS[:-1]) / 2
    ratios = middles**2 / (1 - middles**2)
    shrink = ratios[:, None] / (1 + sizes * ratios[:, None])
    logged = np.log(middles) - np.log1p(sizes * ratios[:, None]).sum(axis=1) / 2
    residuals = _firm_residuals(sums, before.weights) / before.spread[:, None]
    logged = logged + residuals**2 @ shrink.T / 2
    chances = np.exp(logged - logged.max(axis=1, keepdims=True)).cumsum(axis=1)
    drawn = rng.random(len(chances)) * chances[:, -1]
    cell = (chances < drawn[:, None]).sum(axis=1)
    root = ROOTS[cell] + rng.random(len(cell)) * (ROOTS[cell + 1] - ROOTS[cell])
    return np.asarray(root**2 / (1 - root**2))
