"""Necessity beyond correlation: is the empty corner emptier than a model without necessity leaves it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.constructs import CONDITIONS, INNOVATIVE_BEHAVIOUR
from si_research.errors import SurveyDataError
from si_research.model.arguments import check_draws, listed_names
from si_research.model.design import Roles, check_variation, control_terms, own_order, select_rows
from si_research.model.firm_sums import firm_numbers
from si_research.model.fit_notes import FEW_CLUSTERS, Note
from si_research.model.holm import holm
from si_research.model.necessity.corner_and_ceiling import CornerTests, People
from si_research.model.necessity.corner_deficit import Array, Places, closed, sets_of
from si_research.model.response_ends import USUAL_ENDS, Ends, Pair, check_within_ends, known_ends

FEWEST_ROWS: Final = 20
PRODUCTS_LEVEL: Final = 2.0
"""The joint test against the model with products counts at twice the level of the others."""


@dataclass(frozen=True, slots=True, eq=False)
class BeyondCorrelation:
    """Whether conditions are necessary beyond what correlation implies. Made by :func:`beyond_correlation`.

    Attributes
    ----------
    conditions : pandas.DataFrame, indexed by ``condition``
        d (CE-FDH, over the response format), ``d_expected`` in draws of the compensating model, ``p_ceiling``
        of their comparison. ``corner``, the mean weight of the people in the corner of low condition and high
        outcome, ``corner_expected`` by the compensating model, ``z``, their difference in standard errors
        (negative: emptier), and ``p_corner``. p_value: both combined; ``p_holm``, ``p_closed``: corrected
        over the conditions. ``p_necessity``: the one to read, see Notes. n_used.
    outcome : str
    p_joint : float
        That any condition is necessary, against the compensating model.
    p_joint_products : float
        The same, against the model that has the products of conditions too.
    p_two : float
        That at least two conditions are necessary, whichever they are; see Notes.
    n_units : int
        Firms, or people where there are none.
    n_rows, n_used : int
    dropped : pandas.Series
    draws, seed : int
    notes : tuple of Note
        ``no_clusters``, ``one_cluster``, ``few_clusters``; ``necessity_not_tested``: the controls and terms
        leave too little of so few people, and p is missing.
    """

    conditions: pd.DataFrame = field(repr=False)
    outcome: str
    p_joint: float
    p_joint_products: float
    p_two: float
    n_units: int
    n_rows: int
    n_used: int
    dropped: pd.Series = field(repr=False)
    draws: int
    seed: int
    notes: tuple[Note, ...]

    def table(self) -> pd.DataFrame:
        """Return a copy of the rows."""
        return self.conditions.copy()

    def necessary(self, alpha: float = 0.05) -> tuple[str, ...]:
        """Return the conditions with a ``p_necessity`` of at most alpha."""
        found = self.conditions["p_necessity"] <= alpha
        return tuple(str(name) for name in self.conditions.index[found])

    def _head(self) -> str:
        return (
            f"Necessity for {self.outcome} beyond correlation, n = {self.n_used}; any condition p = "
            f"{self.p_joint:.4f}, with products in the model p = {self.p_joint_products:.4f}"
        )

    def __str__(self) -> str:
        return f"{self._head()}\n{self.conditions.round(4).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.conditions.round(4).to_html()}"


def beyond_correlation(
    scores: pd.DataFrame,
    *,
    outcome: str = INNOVATIVE_BEHAVIOUR.name,
    predictors: Sequence[str] = CONDITIONS,
    controls: Sequence[str] = (),
    cluster: str | None = None,
    ends: Ends = None,
    draws: int = 499,
    seed: int,
) -> BeyondCorrelation:
    """Test whether conditions are necessary beyond what a model without necessity implies.

    Use it before anybody says "necessary". The usual permutation p of an effect size only says that condition
    and outcome go together: any positive correlation empties the corner of low condition and high outcome.

    Parameters
    ----------
    scores : pandas.DataFrame
    outcome : str
    predictors : sequence of str
        Two or three conditions.
    controls : sequence of str
    cluster : str, optional
        The firm: people of a firm then count together.
    ends : tuple, or mapping of column to tuple
        Lowest and highest answer of the response format; without, 1 and 5.
    draws, seed : int
        Of d under the models, at least 199. The tests of the corner draw nothing.

    Returns
    -------
    BeyondCorrelation

    Raises
    ------
    ModelSpecificationError
        For names that are no columns, ends that are no ends, too few draws or no seed.
    SurveyDataError
        For fewer than 20 complete rows, a column that does not vary, or scores beyond the ends.

    Notes
    -----
    The compensating model has controls, slopes and squares of the conditions. Two tests look at the corner of
    low condition and high outcome. ``p_ceiling`` compares d with d in outcomes that are drawn from the model
    (:func:`~si_research.model.necessity.ceiling_draws.ceiling_draws`). d rests on the few people on the
    ceiling: with perfect scores it finds any necessity, but unreliable scores fill the corner. ``p_corner``
    weighs all people near the corner (:func:`~si_research.model.necessity.corner_deficit.corner_deficit`).
    ``p_value`` is their Cauchy combination, weights .2 and .8.

    ``p_closed`` is by closed testing: a condition counts if each set of conditions with it in does. A set is
    tested by the sum of its standardised figures and, in equal parts, by its smallest p. A product or a
    minimum thins out the corner as well. So ``p_necessity`` is the largest of ``p_closed`` and half of
    ``p_joint_products``: at .05, the corners must also be emptier (p at most .10) than with the products in
    the model. ``p_two`` is the largest p, by sums, of the sets that leave one condition out (at most one is
    necessary only if one of these sets holds none; Benjamini & Heller 2008), and half of that of all
    conditions with the products. Error rates: docs/decisions/0013.

    References
    ----------
    Dul (2016), https://doi.org/10.1177/1094428115584005. Marcus, Peritz & Gabriel (1976),
    https://doi.org/10.1093/biomet/63.3.655. Liu & Xie (2020) on the Cauchy combination,
    https://doi.org/10.1080/01621459.2018.1554485. Benjamini & Heller (2008),
    https://doi.org/10.1111/j.1541-0420.2007.00984.x.

    Examples
    --------
    >>> from si_research.simulation.worlds import World, simulate_world_scores
    >>> scores = simulate_world_scores(World(form="floor", reliability=0.9), seed=3)
    >>> beyond_correlation(scores, cluster="firm_id", seed=1).necessary()
    ('kunnen', 'willen', 'mogen')
    """
    check_draws(draws, seed, 499, "beyond_correlation")
    own, others = (
        listed_names(names, f"`{part}` of beyond_correlation")
        for names, part in ((predictors, "predictors"), (controls, "controls"))
    )
    roles = Roles(outcome, own, others, cluster)
    chosen = select_rows(scores, roles)
    check_variation(chosen, roles)
    known = known_ends(ends, (outcome, *own), "beyond_correlation")
    frame = chosen.frame[sorted(chosen.frame.columns)]
    frame = frame.iloc[own_order(frame, cluster)]
    _check_rows(frame, known)
    notes, roles = _notes(frame, roles)
    people = People(
        x=frame[list(own)].to_numpy(dtype="float64"),
        y=frame[outcome].to_numpy(dtype="float64"),
        firms=None if roles.cluster is None else firm_numbers(frame[roles.cluster]),
        controls=control_terms(frame, others).to_numpy(dtype="float64") if others else None,
        x_ends=[known[name] for name in own],
        y_ends=known[outcome],
        draws=draws,
        seed=seed,
    )
    plain, full = people.tests(products=False), people.tests(products=True)
    found = _necessity(plain, full)
    return BeyondCorrelation(
        conditions=_table(plain, found, own, len(frame)),
        outcome=outcome,
        p_joint=plain.p_any(plain.all),
        p_joint_products=full.p_any(full.all),
        p_two=found.two,
        n_units=plain.corner.n_units,
        n_rows=chosen.n_rows,
        n_used=len(frame),
        dropped=chosen.dropped,
        draws=draws,
        seed=seed,
        notes=(*notes, *_untested(found)),
    )


def _table(plain: CornerTests, found: NecessityP, names: Sequence[str], n_used: int) -> pd.DataFrame:
    single = np.array([plain.p((place,)) for place in range(plain.k)])
    corrected = {"p_holm": holm(single), "p_closed": closed(plain.p_any, plain.k), "p_necessity": found.each}
    columns = {**plain.figures(), "p_value": single, **corrected, "n_used": n_used}
    return pd.DataFrame(columns, index=pd.Index(names, name="condition"))


@dataclass(frozen=True, slots=True, eq=False)
class NecessityP:
    """The p-values of :func:`beyond_correlation` that a verdict rests on.

    Attributes
    ----------
    each : array, shape (k,)
        ``p_necessity`` of each condition.
    two : float
        ``p_two``.
    """

    each: Array
    two: float


def necessity_p_values(
    x: Array,
    y: Array,
    *,
    firms: Places | None = None,
    controls: Array | None = None,
    x_ends: Pair | None = None,
    y_ends: Pair = USUAL_ENDS,
    draws: int = 199,
    seed: int = 0,
) -> NecessityP:
    """Return what :func:`beyond_correlation` finds, from arrays and fast: for simulations.

    Parameters
    ----------
    x : array, shape (n, k)
        No constant column.
    y : array, shape (n,)
    firms : array of int, shape (n,), optional
        0, 1, 2, ... without gaps.
    controls : array, shape (n, q), optional
    x_ends, y_ends : tuple of float
        Of the response formats; those of x make no difference to any p.
    draws, seed : int
        With 0 draws the corner alone decides: three times as fast, with less power where scores are reliable.

    Examples
    --------
    >>> from si_research.simulation.worlds import World, simulate_world_scores
    >>> scores = simulate_world_scores(World(form="additive"), seed=1)
    >>> x, y = scores[["kunnen", "willen", "mogen"]].to_numpy(), scores["innovative_behaviour"].to_numpy()
    >>> necessity_p_values(x, y).two > 0.05
    True
    """
    ends = [x_ends or (float(column.min()), float(column.max())) for column in x.T]
    people = People(x, y, firms, controls, ends, y_ends, draws, seed)
    return _necessity(people.tests(products=False), people.tests(products=True))


def beyond_correlation_p(x: Array, y: Array, **options: Any) -> Array:
    """Return ``p_necessity`` of each condition, shape (k,), as :func:`necessity_p_values` has it."""
    return necessity_p_values(x, y, **options).each


def _necessity(plain: CornerTests, full: CornerTests) -> NecessityP:
    rest = max(plain.p(members) for members in sets_of(plain.k) if len(members) == plain.k - 1)
    return NecessityP(
        each=np.maximum(closed(plain.p_any, plain.k), full.p_any(full.all) / PRODUCTS_LEVEL),
        two=max(rest, full.p(full.all) / PRODUCTS_LEVEL),
    )


def _check_rows(frame: pd.DataFrame, ends: Mapping[str, tuple[float, float]]) -> None:
    """Refuse too few people, and scores beyond the ends of their response format."""
    if len(frame) < FEWEST_ROWS:
        raise SurveyDataError(
            expected=f"at least {FEWEST_ROWS} complete respondents",
            found=f"{len(frame)}",
            where="the scores after cleaning",
            todo="collect more answers; so few people leave any corner empty",
        )
    check_within_ends(frame, ends)


def _untested(found: NecessityP) -> tuple[Note, ...]:
    return (Note("necessity_not_tested"),) if np.isnan([*found.each, found.two]).any() else ()


def _notes(frame: pd.DataFrame, roles: Roles) -> tuple[tuple[Note, ...], Roles]:
    """Return what must be known of the firms, and the roles without a firm that all people share."""
    if roles.cluster is None:
        return (Note("no_clusters"),), roles
    n_firms = int(frame[roles.cluster].nunique())
    if n_firms < 2:
        return (Note("one_cluster"),), replace(roles, cluster=None)
    few = n_firms < FEW_CLUSTERS
    return (Note("few_clusters", {"n_clusters": n_firms}),) if few else (), roles
