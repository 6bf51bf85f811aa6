"""The evidence of a verdict as plain numbers, with firms as the unit of inference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from si_research.model.design import INTERCEPT, product_terms, square_name, term_name
from si_research.model.forms.power_mean import NAMED, PowerMeans, equal_weights
from si_research.model.forms.profile import bootstrap_p_hat, bounded, unbounded
from si_research.model.forms.rows import FormRows
from si_research.model.forms.zero_point import percentile_ends
from si_research.model.holm import holm
from si_research.model.low_and_high import ENDS
from si_research.model.necessity.beyond_correlation import NecessityP, necessity_p_values
from si_research.model.verdict.expected import true_conditions
from si_research.model.verdict.group_sums import MOST_GROUPS, GroupFit, GroupSums, group_sums, groups_of
from si_research.model.verdict.power import power_of_coefficient, power_of_slopes
from si_research.model.verdict.rule import COMBINING, PRODUCT, Evidence, Figure, VerdictRule

Array = npt.NDArray[np.float64]
OUTCOME: Final = "outcome"
FORMS: Final = ("mean", "geometric", "harmonic", "minimum", PRODUCT, "maximum")


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """The columns of the models, and what they are called."""

    sums: GroupSums
    predictors: tuple[str, ...]
    others: tuple[str, ...]
    squares: tuple[str, ...]
    true_squares: tuple[str, ...]
    products: tuple[str, ...]
    distinct: bool

    @property
    def additive(self) -> tuple[str, ...]:
        """Intercept, controls and conditions."""
        return (*self.others, *self.predictors)

    @property
    def curved(self) -> tuple[str, ...]:
        """The additive model with squares."""
        return (*self.additive, *self.squares)

    @property
    def bent(self) -> tuple[str, ...]:
        """The additive model with squares of what the true conditions are expected to be."""
        return (*self.additive, *self.true_squares)

    @property
    def full(self) -> tuple[str, ...]:
        """The curved model with all products."""
        return (*self.curved, *self.products)


@dataclass(frozen=True, slots=True, eq=False)
class PowerFound:
    """The power p of the power mean: the estimate, and its draws over firms."""

    p_hat: float
    draws: Array


def evidence_of(
    rows: FormRows,
    reliability: Mapping[str, float] | None,
    rule: VerdictRule,
    *,
    draws: int,
    seed: int,
    power_found: PowerFound | None = None,
    joint_p: float | None = None,
    necessity: NecessityP | None = None,
    with_necessity: bool = True,
    most_groups: int = MOST_GROUPS,
) -> Evidence:
    """Return the evidence in these rows.

    Parameters
    ----------
    rows : FormRows
    reliability : mapping of scale to float, optional
        Of the conditions, and of the outcome; unknown ones count as the rule assumes.
    rule : VerdictRule
    draws, seed : int
        Of the bootstrap of p_hat.
    power_found, joint_p, necessity : optional
        Where they are there already. Without ``joint_p`` the joint test is Hotelling's form over firms.
    with_necessity : bool
        Whether necessity is asked at all.
    most_groups : int
        Groups of people that are left out in turn, where there are no firms.

    Returns
    -------
    Evidence

    Examples
    --------
    >>> from si_research.model.forms.rows import form_rows
    >>> from si_research.simulation.worlds import World, simulate_world_scores
    >>> roles = {"outcome": "innovative_behaviour", "predictors": ("kunnen", "willen", "mogen")}
    >>> scores = simulate_world_scores(World(form="minimum", n_employees=300, n_firms=15), seed=1)
    >>> rows = form_rows(scores, **roles, controls=(), cluster="firm_id", ends=None, where="here")
    >>> found = evidence_of(rows, None, VerdictRule(), draws=199, seed=1, with_necessity=False)
    >>> found.relation_p < 0.05
    True
    """
    terms = terms_of(rows, reliability, rule, seed, most_groups)
    mains = terms.sums.fit(terms.additive, OUTCOME)
    full = terms.sums.fit(terms.full, OUTCOME)
    power_found = found_power(rows, draws, seed) if power_found is None else power_found
    low, high = percentile_ends(power_found.draws, 1 - rule.alpha)
    weights = unequal_weights(terms, mains, rule)
    weighted = power_found if weights is None else found_power(rows, draws, seed, weights=weights)
    shares = shares_found(terms, rule)
    if with_necessity and necessity is None:
        necessity = necessity_of(rows, draws, seed)
    return Evidence(
        n_used=rows.n,
        n_firms=rows.n_firms,
        relation_p=mains.hotelling_p(terms.predictors),
        relation_power=power_of_slopes(rows, rule),
        p_hat=Figure(power_found.p_hat, low, high),
        p_hat_above=limit_of(weighted.draws, rule.alpha),
        p_hat_below=limit_of(power_found.draws, 1 - rule.alpha),
        joint_p=full.hotelling_p(terms.products) if joint_p is None else joint_p,
        differences=slope_changes(rows, full, rule),
        aic=aic_of_forms(rows),
        shares=shares,
        share_power={form: power_of_coefficient(each, mains.df, rule) for form, each in shares.items()},
        necessity={}
        if necessity is None
        else dict(zip(rows.roles.predictors, map(float, necessity.each), strict=True)),
        necessity_of_two=np.nan if necessity is None else necessity.two,
        reliability={} if reliability is None else reliability,
        products=beside_slopes(terms, full, terms.products, terms.curved),
        squares=beside_slopes(terms, terms.sums.fit(terms.curved, OUTCOME), terms.squares, terms.additive),
        distinct=terms.distinct,
    )


def beside_slopes(terms: Terms, fit: GroupFit, added: Sequence[str], beside: Sequence[str]) -> Figure:
    """Return what terms add to R² beside others, with Hotelling's p; missing where there are none."""
    if not added:
        return Figure()
    before, after, total = (
        terms.sums.rss(each, OUTCOME) for each in (beside, (*beside, *added), (INTERCEPT,))
    )
    return Figure((before - after) / total, p_value=fit.hotelling_p(added))


def found_power(
    rows: FormRows, draws: int, seed: int, *, weights: Array | None = None, p: Array | None = None
) -> PowerFound:
    """Return draws over firms of the power that fits best, and their median."""
    drawn = bootstrap_p_hat(
        rows.x01, rows.y, rows.firms, controls=rows.controls, weights=weights, p=p, draws=draws, seed=seed
    )
    return PowerFound(limit_of(drawn, 0.5), drawn)


def necessity_of(rows: FormRows, draws: int, seed: int) -> NecessityP:
    """Return p of necessity beyond correlation, of each condition and of at least two."""
    return necessity_p_values(
        rows.x01,
        rows.y,
        firms=rows.firms,
        controls=rows.controls if rows.controls.shape[1] else None,
        x_ends=(0.0, 1.0),
        y_ends=rows.ends[rows.roles.outcome],
        draws=draws,
        seed=seed,
    )


def limit_of(draws: Array, share: float) -> float:
    """Return a quantile of draws of p, also where some are infinite; undefined draws are left out.

    Examples
    --------
    >>> limit_of(np.array([-np.inf, 0.0, np.nan, 1.0]), 0.5)
    0.0
    """
    known = bounded(draws[~np.isnan(draws)])
    return float(unbounded(np.quantile(known, share))) if len(known) else np.nan


def unequal_weights(terms: Terms, mains: GroupFit, rule: VerdictRule) -> Array | None:
    """Return weights in proportion to the slopes, where these are found to differ; else None."""
    first, *rest = terms.predictors
    slope = dict(zip(mains.terms, mains.estimate, strict=True))
    positive = np.array([max(slope[name], 0.0) for name in terms.predictors])
    apart = mains.equality_p(first, rest)
    return positive / positive.sum() if apart <= rule.alpha and positive.any() else None


def reliability_of(
    predictors: Sequence[str], reliability: Mapping[str, float] | None, rule: VerdictRule
) -> Array:
    """Return the reliability of each condition, 0 for one below; where not known, what the rule assumes."""
    known = {} if reliability is None else reliability
    values = [known.get(name, np.nan) for name in predictors]
    return np.array([rule.assumed_reliability if np.isnan(value) else max(value, 0.0) for value in values])


def terms_of(
    rows: FormRows,
    reliability: Mapping[str, float] | None,
    rule: VerdictRule,
    seed: int,
    most_groups: int = MOST_GROUPS,
) -> Terms:
    """Return the sums of all columns over firms, or people without firms; conditions are centred."""
    names = rows.roles.predictors
    own = rows.x01 - rows.x01.mean(axis=0)
    column = dict(zip(names, own.T, strict=True))
    others = {INTERCEPT: np.ones(rows.n)}
    others |= {f"control {place}": values for place, values in enumerate(rows.controls.T)}
    bendable = [name for name, values in zip(names, rows.x01.T, strict=True) if not _two_values(values)]
    squares = {square_name(name): column[name] ** 2 for name in bendable}
    parts = {term_name(each): each for each in product_terms(names)}
    products = {term: np.prod([column[name] for name in each], axis=0) for term, each in parts.items()}
    calibrated = true_conditions(rows.x01, reliability_of(names, reliability, rule))
    true = dict(zip(names, (calibrated.expected - calibrated.expected.mean(axis=0)).T, strict=True))
    true_squares = {f"true {square_name(name)}": true[name] ** 2 for name in bendable}
    expected = {expected_name(form): values for form, values in calibrated.expected_forms().items()}
    outcome = {OUTCOME: rows.y - rows.y.mean()}
    table = {**others, **column, **squares, **true_squares, **products, **expected, **outcome}
    sums = group_sums(table, groups_of(rows.n, rows.firms, seed, most_groups))
    return Terms(
        sums=sums,
        predictors=names,
        others=tuple(others),
        squares=tuple(squares),
        true_squares=tuple(true_squares),
        products=tuple(products),
        distinct=calibrated.distinct,
    )


def _two_values(values: Array) -> bool:
    return bool(((values == values.min()) | (values == values.max())).all())


def expected_name(form: str) -> str:
    """Return the name of the column that a form leads one to expect."""
    return f"expected {form}"


def shares_found(terms: Terms, rule: VerdictRule) -> dict[str, Figure]:
    """Return how much of the combination that each form predicts is found.

    The outcome is fitted on what the form leads one to expect of the measured scores, b·s. Beside main
    effects and squares the coefficient of b·s is then 1 where the form is true, and 0 where conditions add
    up, straight or curved.
    """
    shares = {}
    for form in COMBINING:
        name = expected_name(form)
        alone = terms.sums.fit((*terms.others, name), OUTCOME)
        slope = float(alone.estimate[-1])
        beside = terms.sums.fit((*terms.bent, name), OUTCOME)
        known = slope > 0 and not beside.lost[-1]
        shares[form] = beside.combination({name: 1.0}, rule.alpha, unit=slope) if known else Figure()
    return shares


def slope_changes(rows: FormRows, full: GroupFit, rule: VerdictRule) -> dict[str, Figure]:
    """Return slope where both others are high minus slope where both are low, p after Holm.

    In points of the outcome per scale point of the condition, between the 16th and 84th percentile of the
    others, squares in the model.
    """
    names = rows.roles.predictors
    own = rows.x01 - rows.x01.mean(axis=0)
    low, high = (dict(zip(names, each, strict=True)) for each in _ends(own))
    found = {}
    for name in names:
        weights = {}
        for parts in product_terms(names):
            if name in parts:
                rest = [other for other in parts if other != name]
                weights[term_name(parts)] = float(
                    np.prod([high[other] for other in rest]) - np.prod([low[other] for other in rest])
                )
        width = rows.ends[name][1] - rows.ends[name][0]
        found[name] = full.combination(weights, rule.alpha, unit=width)
    corrected = holm([each.p_value for each in found.values()])
    return {
        name: Figure(each.estimate, each.low, each.high, float(p))
        for (name, each), p in zip(found.items(), corrected, strict=True)
    }


def _ends(own: Array) -> tuple[Array, Array]:
    """Return low and high of each condition; the ends of the data where the percentiles are one value."""
    low, high = np.percentile(own, ENDS, axis=0)
    apart = low < high
    return np.where(apart, low, own.min(axis=0)), np.where(apart, high, own.max(axis=0))


def aic_of_forms(rows: FormRows) -> dict[str, float]:
    """Return AIC of each form minus the best; all have a slope and the controls, nothing else."""
    means = PowerMeans(rows.x01, equal_weights(rows.x01.shape[1]))
    fixed = np.column_stack([np.ones(rows.n), rows.controls])
    Q = np.linalg.qr(fixed)[0]
    y = rows.y - Q @ (Q.T @ rows.y)
    found = {}
    for form in FORMS:
        M = rows.x01.prod(axis=1) if form == PRODUCT else means.at(NAMED[form])
        M = M - Q @ (Q.T @ M)
        square = float(M @ M)
        left = float(y @ y) - (float(M @ y) ** 2 / square if square > 0 else 0.0)
        found[form] = rows.n * np.log(left)
    best = min(found.values())
    return {form: float(value - best) for form, value in found.items()}
