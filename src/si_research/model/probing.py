"""Simple slopes: the slope of one condition at stated values of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import as_found, listed_points
from si_research.model.design import INTERCEPT, control_terms, means, percentiles, product_terms, term_name
from si_research.model.inference import Array, linear_combinations
from si_research.model.probed import Probed, check_probed

PERCENTILES: Final = (16, 50, 84)


def probe_points(fit: Probed, name: str, shares: Sequence[float] = PERCENTILES) -> list[float]:
    """Return the values at which a predictor is probed: (weighted) percentiles, or both values if binary.

    Percentiles that share one value, as they may on a coarse scale, stand there once.
    """
    column = fit.rows[name]
    if name in fit.squares_left_out:
        return sorted(float(value) for value in column.unique())
    return [float(value) for value in np.unique(percentiles(fit.rows, name, fit.weight, shares))]


def effect_weights(fit: Probed, parts: Sequence[str], at: Mapping[str, float]) -> Array:
    """Return c such that c'b is the coefficient of a predictor or product at values of the others.

    It is what the coefficient of ``parts`` would be, had every other predictor its zero at its value.
    """
    weights = pd.Series(0.0, index=list(fit.covariance.index))
    weights[term_name(parts)] = 1.0
    for term in product_terms(fit.predictors):
        if set(parts) < set(term):
            others = [name for name in term if name not in parts]
            weights[term_name(term)] = float(np.prod([at[name] - fit.centres[name] for name in others]))
    return np.asarray(weights.to_numpy())


def effect_parts(fit: Probed, of: str) -> tuple[str, ...]:
    """Return the predictors of an effect in the order of the fit: one, or two whose product it is.

    Empty for a name that is no such effect.
    """
    effects: dict[str, tuple[str, ...]] = {name: (name,) for name in fit.predictors}
    effects |= {term_name(pair): pair for pair in combinations(fit.predictors, 2)}
    effects |= {term_name(pair[::-1]): pair for pair in combinations(fit.predictors, 2)}
    return effects.get(of, ()) if isinstance(of, str) else ()


def slope_weights(fit: Probed, of: str, at: Mapping[str, float]) -> Array:
    """Return c such that c'b is the slope of ``of`` at the stated (uncentred) values of the others."""
    return effect_weights(fit, (of,), at)


def check_probe(
    fit: Probed, of: str | tuple[str, ...], at: Mapping[str, Sequence[float]], where: str
) -> None:
    """Refuse a slope that the fit does not have, and values that are not finite numbers for the others."""
    own = list(fit.predictors)
    parts = list(of) if isinstance(of, tuple) else [of]
    strange = [name if isinstance(name, str) else as_found(name) for name in parts if name not in own]
    strange = strange or [name for name in at if name not in own or name in parts]
    endless = [name for name, values in at.items() if not np.isfinite(values).all() or not len(values)]
    if strange or endless:
        raise ModelSpecificationError(
            expected=f"one of {', '.join(fit.predictors)}, and finite values for the others only",
            found=", ".join(strange) or f"values of {', '.join(endless)} that are not finite, or none",
            where=f"`of` or `at` of {where}",
            todo="name predictors of the fit, and values in scale points",
        )


def control_means(fit: Probed) -> pd.Series:
    """Return the (weighted) mean of each term of the controls: 0 for a number, its share for a dummy."""
    terms = control_terms(fit.rows, fit.controls, centres=means(fit.rows, fit.weight))
    if fit.weight is None:
        return terms.mean()
    share = fit.rows[fit.weight] / fit.rows[fit.weight].sum()
    return terms.mul(share, axis=0).sum()


def point_weights(fit: Probed, at: Sequence[Mapping[str, float]]) -> Array:
    """Return one row c a point such that c'b is the predicted outcome there, controls at their mean.

    Dummies of a control stand at their share in the rows used.
    """
    terms = list(fit.covariance.index)
    weights = pd.DataFrame(0.0, index=range(len(at)), columns=terms)
    weights[INTERCEPT] = 1.0
    for name, mean in control_means(fit).items():
        weights[name] = mean
    for parts in [*((name,) for name in fit.predictors), *product_terms(fit.predictors)]:
        weights[term_name(parts)] = [
            float(np.prod([point[name] - fit.centres[name] for name in parts])) for point in at
        ]
    return np.asarray(weights[terms].to_numpy())


def estimates(fit: Probed, weights: Sequence[Array] | Array, labels: Sequence[str]) -> pd.DataFrame:
    """Return estimate, interval and test of each linear combination, with the fit's own covariance."""
    return linear_combinations(
        np.array(weights),
        labels,
        fit.coefficients["estimate"].to_numpy(),
        fit.covariance.to_numpy(),
        df=fit.combination_df(np.array(weights)),
        conf_level=fit.conf_level,
    )


def simple_slopes(
    fit: Probed, *, of: str | None = None, at: Mapping[str, Sequence[float]] | None = None
) -> pd.DataFrame:
    """Return the slope of one predictor, or the product of two, at values of the others.

    Read the differences between slopes, not which of them are significant.

    Parameters
    ----------
    fit : InteractionFit or PooledInteraction
    of : str, optional
        The predictor whose slope is asked; the first by default. For three predictors also the product of
        two ("kunnen:willen"): how much each strengthens the other at values of the third. Its F(1, df) is the
        square of ``statistic``.
    at : mapping of name to values, optional
        Values of the other predictors, in scale points; by default their 16th, 50th and 84th percentile
        (both values of a binary one).

    Returns
    -------
    pandas.DataFrame, indexed by ``term``
        A column for each other predictor with its value; estimate, std_error, statistic, df, p_value,
        conf_low, conf_high; ``outside_data`` where a value lies beyond the rows used.

    Raises
    ------
    ModelSpecificationError
        For a name that is not a predictor of the fit, a value that is not finite, or values without a list.

    References
    ----------
    Aiken & West (1991), Multiple Regression: Testing and Interpreting Interactions.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> slopes = simple_slopes(fit_interaction(simulate_scores(300, seed=1)), of="mogen")
    >>> len(slopes), list(slopes.columns[:2])
    (9, ['kunnen', 'willen'])
    """
    check_probed(fit, "simple_slopes")
    focal = fit.predictors[0] if of is None else of
    parts, chosen = effect_parts(fit, focal) or (focal,), listed_points(at, "`at` of simple_slopes")
    others = [name for name in fit.predictors if name not in parts]
    check_probe(fit, parts if others else (focal,), chosen, "simple_slopes")
    values = {name: [float(v) for v in chosen.get(name, probe_points(fit, name))] for name in others}
    grid = [dict(zip(others, point, strict=True)) for point in product(*values.values())]
    weights = [effect_weights(fit, parts, point) for point in grid]
    table = estimates(fit, weights, [term_name(parts)] * len(grid))
    for place, name in enumerate(others):
        table.insert(place, name, [point[name] for point in grid])
    low, high = fit.rows[others].min(), fit.rows[others].max()
    table["outside_data"] = [
        any(not low[name] <= point[name] <= high[name] for name in others) for point in grid
    ]
    return table
