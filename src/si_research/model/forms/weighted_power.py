"""The power with weights of its own for each condition: estimate, intervals, and draws over firms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from si_research.model.forms.free_weights import WeightedFit, WeightedForms
from si_research.model.forms.likelihood import lowest, nearly_as_low
from si_research.model.forms.power_mean import Array, PowerMeans
from si_research.model.forms.profile import (
    Numbers,
    all_alike,
    best_of_draws,
    bounded,
    firm_sums_of,
    resampling_groups,
    standard,
    unbounded,
    usual_grid,
)
from si_research.model.forms.zero_point import percentile_ends


@dataclass(frozen=True, slots=True, eq=False)
class WeightedPower:
    """The power with free weights.

    Attributes
    ----------
    p_hat, lr_low, lr_high, boot_low, boot_high : float
    weights : array, shape (k,)
        Adding up to 1; missing at the limits, where weights say nothing.
    rss, slope, curve : float
    p, rss_profile : array
        The profile over the powers of the grid.
    draws : array
    """

    p_hat: float
    lr_low: float
    lr_high: float
    boot_low: float
    boot_high: float
    weights: Array
    rss: float
    slope: float
    curve: float
    p: Array = field(repr=False)
    rss_profile: Array = field(repr=False)
    draws: Array = field(repr=False)


def weighted_power(
    x01: Array,
    y: Array,
    controls: Array,
    firms: Numbers | None,
    *,
    conf_level: float,
    draws: int,
    seed: int,
) -> WeightedPower:
    """Return the power that fits best when each condition has a weight of its own.

    Notes
    -----
    Weights are fitted anew at each power. In a draw of firms they move by one step of Gauss and Newton from
    those of all firms.
    """
    from scipy import stats

    forms = WeightedForms(x01, y, controls)
    grid = usual_grid()
    fits = fits_along(forms, grid)
    rss, u = np.array([fit.rss for fit in fits]), bounded(grid)

    def fit_at(at: float) -> WeightedFit:
        near = fits[int(np.abs(u - at).argmin())]
        return forms.best_weights(float(unbounded(at)), near.weights)

    if all_alike(rss):
        return _untold(fits, rss, draws)
    u_hat = lowest(u, rss, lambda at: fit_at(at).rss)
    best = fit_at(u_hat)
    limit = best.rss * float(np.exp(stats.chi2.ppf(conf_level, 1) / len(y)))
    ends = nearly_as_low(u, rss, u_hat, limit, lambda at: fit_at(at).rss)
    rng = np.random.default_rng(seed)
    groups = resampling_groups(len(y), firms, rng)
    sums = firm_sums_of(y, groups, controls, _columns(forms, fits), len(grid))
    drawn = best_of_draws(sums, grid, draws, rng)
    low, high = percentile_ends(drawn, conf_level)
    lr_low, lr_high = (float(unbounded(end)) for end in ends)
    return WeightedPower(
        p_hat=best.p,
        lr_low=lr_low,
        lr_high=lr_high,
        boot_low=low,
        boot_high=high,
        weights=np.full_like(best.weights, np.nan) if np.isinf(best.p) else best.weights,
        rss=best.rss,
        slope=best.slope,
        curve=best.curve,
        p=grid,
        rss_profile=rss,
        draws=drawn,
    )


def _untold(fits: list[WeightedFit], rss: Array, draws: int) -> WeightedPower:
    """Return that no power can be told from another."""
    k, grid = len(fits[0].weights), np.array([fit.p for fit in fits])
    one = fits[int(np.flatnonzero(grid == 1)[0])]
    ends, none = (-np.inf, np.inf, -np.inf, np.inf), np.full(k, np.nan)
    lost = np.full(draws, np.nan)
    return WeightedPower(np.nan, *ends, none, float(rss[0]), one.slope, one.curve, grid, rss, lost)


def fits_along(forms: WeightedForms, grid: Array) -> list[WeightedFit]:
    """Return the fits at each power, each starting from the weights of the power beside it."""
    middle = int(np.flatnonzero(grid == 1)[0])
    fits = {middle: forms.best_weights(1.0, forms.weights_of_slopes())}
    for place in (*range(middle - 1, -1, -1), *range(middle + 1, len(grid))):
        beside = fits[place + 1 if place < middle else place - 1]
        fits[place] = forms.best_weights(float(grid[place]), beside.weights)
    return [fits[place] for place in range(len(grid))]


def _columns(forms: WeightedForms, fits: list[WeightedFit]) -> Iterator[Array]:
    """Yield M, its square, and what weights move, all of spread 1; at the limits weights move nothing."""
    n, k = forms.x.shape
    for fit in fits:
        M = standard(PowerMeans(forms.x, fit.weights).at(fit.p))[0]
        moved = np.zeros((n, k - 1)) if np.isinf(fit.p) else forms.by_weights(fit)
        yield np.column_stack([standard(column)[0] for column in (M, M**2, *moved.T)])
