"""How much each step of the regression adds, with intervals: R², its gain and f²."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.model.arguments import check_draws
from si_research.model.design import INTERCEPT, own_order, product_terms, square_name, term_name
from si_research.model.firm_sums import cross_products
from si_research.model.inference import Array, LeastSquares, unit_length
from si_research.model.interaction import InteractionFit, check_one_table, fit_with_squares
from si_research.model.steps import robust_wald, step_terms

MEASURES: Final = ("r2", "r2_gain", "f2")
PRODUCTS: Final = "products, beside squares"
HIGHEST: Final = "highest product, beside squares"
GONE: Final = 1e-10
"""Share of a column's squares left after the columns before it, below which it adds nothing."""
PERFECT_DRAW: Final = 1e-9
"""Share of the outcome's variance that is left in a draw, below which only rounding is."""
TIMES_EXCESS: Final = np.array([2.0, 1.0, 1.0])
"""How often the excess of draws over the estimate is taken off the limits of each measure."""
CELLS: Final = 4_000_000
MOST_PEOPLE: Final = 5000
"""People that are drawn one by one; more are drawn in groups."""
GROUPS: Final = 2000


@dataclass(frozen=True, slots=True, eq=False)
class EffectSizes:
    """R², its gain and f² of each step, with intervals. Made by :func:`effect_sizes`.

    Attributes
    ----------
    sizes : pandas.DataFrame, indexed by ``step``
        ``measure`` (``r2`` of the model up to and with this step, ``r2_gain`` of the step, ``f2`` = gain/(1 -
        r2)), ``estimate``, ``conf_low``, ``conf_high`` of the bootstrap, ``at_zero`` (whether ``conf_low`` is
        0 as the step's own robust test does not reject), ``classical_low``, ``classical_high`` of the
        noncentral F, missing for gains, and with firms or weights.
    unit : str
        What is drawn: ``firms`` or ``people``.
    n_used, n_units, n_draws, seed : int
    n_deficient : int
        Draws in which some term could not be told from the others, and added nothing.
    n_perfect : int
        Draws left out of the limits: so few different people or firms that the outcome did not vary, or that
        the terms determined it wholly. With more than 1 - ``conf_level`` of them limits are missing.
    conf_level : float
    """

    sizes: pd.DataFrame = field(repr=False)
    unit: str
    n_used: int
    n_units: int
    n_draws: int
    seed: int
    n_deficient: int
    n_perfect: int
    conf_level: float

    def table(self) -> pd.DataFrame:
        """Return a copy of the sizes."""
        return self.sizes.copy()

    def _head(self) -> str:
        return f"n = {self.n_used}; {self.n_draws} bootstrap draws of {self.n_units} {self.unit}"

    def __str__(self) -> str:
        return f"{self._head()}\n{self.sizes.round(4).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.sizes.round(4).to_html()}"


def effect_sizes(fit: InteractionFit, *, draws: int = 1999, seed: int) -> EffectSizes:
    """Return R², its gain and f² of each step and of the products beside squares, with intervals.

    Use it to say how much a step matters; whether it does is asked of its test.

    Parameters
    ----------
    fit : InteractionFit
    draws : int, at least 199
        Bootstrap samples: of whole firms, of people where there are none.
    seed : int
        Where the draws start.

    Returns
    -------
    EffectSizes
        The steps of the fit, the last of which is the highest product; then all products, and the highest
        one, in the model with squares, as the joint test has them.

    Raises
    ------
    ModelSpecificationError
        For a pooled fit, or fewer than 199 draws.

    Notes
    -----
    Limits are percentiles of R² in samples with replacement, from the cross-products of each unit: firms in
    the order of their names, people in that of their scores, so that the order of rows changes nothing. More
    than 5,000 people without firms are first put into 2,000 groups at random, which are drawn as a whole:
    sums spread alike, and cost no longer grows with people times draws.

    R² of a sample lies above that of the population, as terms fit chance too, and that of a draw lies above
    that of the sample by about as much: the mean excess of the draws is taken off twice from the limits of
    R², once from those of gain and f². The estimate itself is not corrected, and may lie above its interval
    where terms are many for the people. A gain cannot be negative, so that an interval near 0 is one-sided:
    the lower limit of gain and f² is set to 0 unless the step's robust test rejects at (1 -
    ``conf_level``)/2.

    In simulated surveys (60 to 1,500 people; none, 12, 30 or 60 unequal firms; R² .05 to .35, gains of 0 to
    .05; 100 samples each) 95 % intervals of R² held the truth in 87 to 98 % of samples and those of gains in
    88 to 100 %, lowest with 12 firms and for a product of 200 to 300 people; plain percentiles hold R² of a
    model with squares in 8 to 89 %.

    The classical interval (people without firms) inverts the noncentral F: limits L of its parameter give
    f2 = L/n and R2 = L/(L + n). It takes the predictors as fixed, errors as normal with equal spread and
    people as independent, which is somewhat too narrow where predictors are drawn along with people.

    References
    ----------
    Steiger (2004), https://doi.org/10.1037/1082-989X.9.2.164; Kelley (2007),
    https://doi.org/10.18637/jss.v020.i08; Efron & Tibshirani (1993), An Introduction to the Bootstrap.

    Examples
    --------
    >>> from si_research import fit_interaction, simulate_scores
    >>> found = effect_sizes(fit_interaction(simulate_scores(300, seed=1)), draws=199, seed=1)
    >>> found.unit, list(found.sizes.index.unique())[-2:]
    ('people', ['products, beside squares', 'highest product, beside squares'])
    """
    check_one_table(fit, "effect_sizes")
    check_draws(draws, seed, 1999, "effect_sizes")
    model = fit_with_squares(fit)
    effects, orders = _effects(fit, model)
    products = _unit_products(model, fit.rows, seed)
    observed, _ = _r2_of(products.sum(axis=0, keepdims=True), orders)
    drawn, n_deficient = _drawn(products, len(products), orders, draws, seed)
    whole = (drawn < 1 - PERFECT_DRAW).all(axis=1)
    drawn = drawn[whole]
    plain = fit.cluster is None and fit.weight is None
    tails = [(1 - fit.conf_level) / 2, (1 + fit.conf_level) / 2]
    rows = []
    for effect in effects:
        low, high = _limits(effect.measures(drawn), effect.measures(observed)[0], tails, draws)
        at_zero = np.array([False, *[not effect.p_value < tails[0]] * 2])
        table = pd.DataFrame({"measure": MEASURES, "estimate": effect.measures(observed)[0]})
        table = table.assign(conf_low=np.where(at_zero, 0.0, low), conf_high=high, at_zero=at_zero)
        classical = _classical_limits(effect, observed, model.n, fit.conf_level)
        table[["classical_low", "classical_high"]] = classical if plain else np.nan
        table.index = pd.Index([effect.step] * len(MEASURES), name="step")
        rows.append(table)
    return EffectSizes(
        sizes=pd.concat(rows),
        unit="people" if fit.cluster is None else "firms",
        n_used=model.n,
        n_units=model.n_clusters or model.n,
        n_draws=draws,
        seed=seed,
        n_deficient=n_deficient,
        n_perfect=int((~whole).sum()),
        conf_level=fit.conf_level,
    )


@dataclass(frozen=True, slots=True)
class _Effect:
    """What is asked of one step: where its R² and that of the smaller model stand, and how it is tested."""

    step: str
    larger: int
    smaller: int
    n_terms: int
    n_added: int
    p_value: float

    def measures(self, r2: Array) -> Array:
        """Return r2, r2_gain and f2 of each row of R²."""
        gain = r2[:, self.larger] - r2[:, self.smaller]
        return np.column_stack([r2[:, self.larger], gain, gain / (1 - r2[:, self.larger])])


def _limits(values: Array, estimates: Array, tails: Sequence[float], draws: int) -> Array:
    """Return the corrected percentiles of each column; missing where too many draws lack."""
    if len(values) < draws * (tails[1] - tails[0]):
        return np.full((2, values.shape[1]), np.nan)
    excess = values.mean(axis=0) - estimates
    return np.asarray(np.maximum(np.quantile(values, tails, axis=0) - TIMES_EXCESS * excess, 0))


Order = tuple[list[int], list[int]]
"""Positions of terms in the order in which they enter, and how many are in at each model."""


def _effects(fit: InteractionFit, model: LeastSquares) -> tuple[list[_Effect], list[Order]]:
    """Return the effects, and the orders of terms from which their models come, the intercept alone first."""
    squares = [square_name(name) for name in fit.squares]
    plain = [term for term in model.terms if term not in squares]
    effects, entering, ends = [], [INTERCEPT], [1]
    for place, (step, added) in enumerate(step_terms(plain, fit.roles).items(), start=1):
        new = [term for term in added if term != INTERCEPT]
        entering, ends = [*entering, *new], [*ends, len(entering) + len(new)]
        p = float(fit.steps["robust_p_value"][step])
        effects.append(_Effect(step, place, place - 1, ends[-1], len(new), p))
    orders = [([model.terms.index(term) for term in entering], ends)]
    if not squares:
        return effects, orders
    products = [term_name(parts) for parts in product_terms(fit.predictors)]
    entering = [*[term for term in plain if term not in products], *squares, *products]
    n_base, last = len(entering) - len(products), len(ends)
    orders.append(
        ([model.terms.index(term) for term in entering], [1, n_base, len(entering) - 1, len(entering)])
    )
    for step, tested, smaller in ((PRODUCTS, products, last + 1), (HIGHEST, products[-1:], last + 2)):
        p = robust_wald(model, [model.terms.index(term) for term in tested], fit.method)[-1]
        effects.append(_Effect(step, last + 3, smaller, len(entering), len(tested), p))
    return effects, orders


def _unit_products(model: LeastSquares, people: pd.DataFrame, seed: int) -> Array:
    """Return the upper triangle of the cross-products of terms and outcome, a row a unit that is drawn."""
    # the intercept is in every model: around the mean an outcome far from 0, such as a year, keeps its digits
    root = np.ones(model.n) if model.root_weights is None else model.root_weights
    centred = model.y - root * (root @ model.y / (root @ root))
    rows = unit_length(np.column_stack([model.X, centred]))[0]
    upper = np.triu_indices(rows.shape[1])
    if model.clusters is not None:
        return cross_products(rows, model.clusters)[:, upper[0], upper[1]]
    rows = rows[own_order(people)]
    if model.n <= MOST_PEOPLE:
        return np.asarray(rows[:, upper[0]] * rows[:, upper[1]])
    groups = np.random.default_rng(seed).permutation(model.n) % GROUPS
    return cross_products(rows, groups)[:, upper[0], upper[1]]


def _drawn(
    products: Array, n_units: int, orders: Sequence[Order], draws: int, seed: int
) -> tuple[Array, int]:
    """Return R² of every model in samples of units with replacement, and how many were deficient."""
    rng = np.random.default_rng(seed)
    parts, n_deficient, left = [], 0, draws
    while left:
        batch = min(left, max(1, CELLS // max(n_units, products.shape[1])))
        chosen = rng.integers(n_units, size=(batch, n_units)) + n_units * np.arange(batch)[:, None]
        times = np.bincount(chosen.ravel(), minlength=batch * n_units).reshape(batch, n_units)
        r2, deficient = _r2_of(times.astype("float64") @ products, orders)
        parts.append(r2)
        n_deficient, left = n_deficient + int(deficient.sum()), left - batch
    return np.concatenate(parts), n_deficient


def _r2_of(products: Array, orders: Sequence[Order]) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Return R² of the models of every order side by side, a row a sample, and which samples lack a term."""
    width = int(np.sqrt(2 * products.shape[1]))
    whole = np.empty((len(products), width, width))
    upper = np.triu_indices(width)
    whole[:, upper[0], upper[1]] = whole[:, upper[1], upper[0]] = products
    r2, lacking = [], np.zeros(len(products), dtype=bool)
    for entering, ends in orders:
        places = [*entering, width - 1]
        left, lost = residual_squares(whole[:, places][:, :, places], ends)
        around_mean = left[:, :1]
        varies = around_mean > GONE * whole[:, -1:, -1]
        # 1, a perfect fit, where the outcome does not vary in a draw; such draws are left out
        r2.append(1 - np.where(varies, left, 0.0) / np.where(varies, around_mean, 1.0))
        lacking |= lost
    return np.hstack(r2), lacking


def residual_squares(products: Array, ends: Sequence[int]) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Return the residual sum of squares of nested models, from cross-products with the outcome last.

    Terms enter one by one by Gaussian elimination; one that follows from those before it adds nothing.

    Parameters
    ----------
    products : array, shape (samples, k + 1, k + 1)
    ends : sequence of int
        How many terms are in, at each model.

    Returns
    -------
    squares : array, shape (samples, models)
    lost : array of bool, shape (samples,)
        Whether some term added nothing for that reason.
    """
    M, first = products.copy(), np.einsum("bii->bi", products).copy()
    lost, squares = np.zeros(len(M), dtype=bool), {}
    for place in range(M.shape[1] - 1):
        pivot = M[:, place, place]
        own = pivot > GONE * first[:, place]
        lost |= ~own
        row = M[:, place, place + 1 :] * np.where(own, 1 / np.where(own, pivot, 1.0), 0.0)[:, None]
        M[:, place + 1 :, place + 1 :] -= M[:, place + 1 :, place, None] * row[:, None, :]
        squares[place + 1] = M[:, -1, -1].copy()
    return np.column_stack([squares[end] for end in ends]), lost


def _classical_limits(effect: _Effect, r2: Array, n: int, conf_level: float) -> Array:
    """Return the limits of r2, r2_gain (missing) and f2 by the noncentral F, shape (3, 2)."""
    whole, gain, _ = effect.measures(r2)[0]
    df = n - effect.n_terms
    overall = noncentral_limits(
        whole / (effect.n_terms - 1) * df / (1 - whole), effect.n_terms - 1, df, conf_level
    )
    added = noncentral_limits(gain / effect.n_added * df / (1 - whole), effect.n_added, df, conf_level)
    return np.array([overall / (overall + n), [np.nan, np.nan], added / n])


def noncentral_limits(statistic: float, df: float, df_residual: float, conf_level: float) -> Array:
    """Return the limits of the parameter of a noncentral F that an observed F leaves.

    The lower is that with (1 - ``conf_level``)/2 of its distribution above the observed F, the upper that
    with as much below; 0 where even the central F has less.
    """
    from scipy import optimize, stats

    def below(parameter: float, share: float) -> float:
        return float(stats.ncf.cdf(statistic, df, df_residual, parameter) - share)

    limits = []
    for share in ((1 + conf_level) / 2, (1 - conf_level) / 2):
        if stats.f.cdf(statistic, df, df_residual) <= share:
            limits.append(0.0)
            continue
        high = 2 * df * statistic + 10
        while below(high, share) > 0:
            high *= 2
        limits.append(optimize.brentq(below, 0.0, high, args=(share,), rtol=1e-12))
    return np.array(limits)
