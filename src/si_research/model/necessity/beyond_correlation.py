"""Necessity beyond correlation: is the empty corner emptier than a model without necessity leaves it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.constructs import CONDITIONS, INNOVATIVE_BEHAVIOUR
from si_research.errors import SurveyDataError
from si_research.model.arguments import check_draws, ends_of, listed_names
from si_research.model.design import Roles, check_variation, control_terms, own_order, select_rows
from si_research.model.firm_sums import firm_numbers
from si_research.model.fit_notes import FEW_CLUSTERS, Note
from si_research.model.necessity.ceilings import ce_fdh_effect
from si_research.model.necessity.corner_deficit import (
    Array,
    CornerDeficit,
    Places,
    corner_deficit,
    neighbour_reach,
    order_of,
    smooth_model,
)

Ends = tuple[float, float] | Mapping[str, tuple[float, float]]
USUAL_ENDS: Final = (1.0, 5.0)
FEWEST_ROWS: Final = 20
PRODUCTS_LEVEL: Final = 2.0
"""The joint test against the model with products counts at twice the level of the others."""
CELLS: Final = 2_000_000
ROUNDING: Final = 1e-9
COLUMNS: Final = [
    "d",
    "d_expected",
    "d_p_value",
    "corner",
    "corner_expected",
    "z",
    "p_value",
    "p_holm",
    "p_closed",
    "p_necessity",
    "n_used",
]


@dataclass(frozen=True, slots=True, eq=False)
class BeyondCorrelation:
    """Whether conditions are necessary beyond what correlation implies. Made by :func:`beyond_correlation`.

    Attributes
    ----------
    conditions : pandas.DataFrame, indexed by ``condition``
        d (CE-FDH, over the response format); ``d_expected``, its mean in draws of the compensating model, and
        ``d_p_value``, the share of draws with as large a d. ``corner``, the mean weight of the people in the
        corner of low condition and high outcome, ``corner_expected`` by the compensating model, and z, their
        difference in standard errors (negative: emptier). p_value of z, one-sided; ``p_holm``, ``p_closed``:
        corrected over the conditions; ``p_necessity``: the one to read, see Notes. n_used.
    outcome : str
    p_joint : float
        All conditions together, against the compensating model.
    p_joint_products : float
        All conditions together, against the model that has the products of conditions too.
    n_units : int
        Firms, or people where there are none.
    n_rows, n_used : int
    dropped : pandas.Series
    draws, seed : int
    notes : tuple of Note
        ``no_clusters``, ``one_cluster``, ``few_clusters``.
    """

    conditions: pd.DataFrame = field(repr=False)
    outcome: str
    p_joint: float
    p_joint_products: float
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
            f"Necessity for {self.outcome} beyond correlation, n = {self.n_used}; all together p = "
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
    ends: Ends | None = None,
    draws: int = 999,
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
        Of d under the compensating model, at least 199. The tests of the corner draw nothing.

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
    The compensating model: controls, slopes and squares of the conditions. In a draw somebody's outcome is
    the fitted value plus the residual of somebody whose fitted value is within 5 per cent of the ranks, at
    the nearest observed outcome. d rests on the few people on the ceiling, and unreliable scores fill the
    corner: with reliability .8 it finds one in four necessary conditions. The test of ``z`` weighs all people
    near the corner (:func:`~si_research.model.necessity.corner_deficit.corner_deficit`).

    ``p_closed`` is by closed testing: a condition counts if each set of conditions with it in does, tested by
    its sum of z (Marcus, Peritz & Gabriel 1976). A product or a minimum thins out the corner as well. So
    ``p_necessity`` is the largest of ``p_closed`` and half of ``p_joint_products``: at .05, the corners must
    also be emptier (p at most .10, all conditions together) than with the products in the model. Which of the
    two it is, one p never tells; docs/decisions/0013 has the error rates.

    References
    ----------
    Dul (2016), https://doi.org/10.1177/1094428115584005. Marcus, Peritz & Gabriel (1976),
    https://doi.org/10.1093/biomet/63.3.655.

    Examples
    --------
    >>> from si_research.simulation.worlds import World, simulate_world_scores
    >>> scores = simulate_world_scores(World(form="floor", reliability=0.9), seed=3)
    >>> beyond_correlation(scores, cluster="firm_id", seed=1).necessary()
    ('kunnen', 'willen', 'mogen')
    """
    check_draws(draws, seed, 999, "beyond_correlation")
    own, others = (
        listed_names(names, f"`{part}` of beyond_correlation")
        for names, part in ((predictors, "predictors"), (controls, "controls"))
    )
    roles = Roles(outcome, own, others, cluster)
    chosen = select_rows(scores, roles)
    check_variation(chosen, roles)
    known = _known_ends(ends, roles)
    frame = chosen.frame.iloc[own_order(chosen.frame, cluster)]
    _check_rows(frame, known)
    notes, roles = _notes(frame, roles)
    x, y = frame[list(own)].to_numpy(dtype="float64"), frame[outcome].to_numpy(dtype="float64")
    extra = control_terms(frame, others).to_numpy(dtype="float64") if others else None
    firms = None if roles.cluster is None else firm_numbers(frame[roles.cluster])
    plain, full = (
        corner_deficit(x, y, firms=firms, controls=extra, products=products, y_ends=known[outcome])
        for products in (False, True)
    )
    table = pd.DataFrame(
        {
            **_effect_sizes(x, y, extra, [known[name] for name in own], known[outcome], draws, seed),
            "corner": plain.corner,
            "corner_expected": plain.corner_expected,
            "z": plain.z,
            "p_value": plain.p_value,
            "p_holm": plain.p_holm,
            "p_closed": plain.p_closed,
            "p_necessity": _necessity(plain, full),
            "n_used": len(frame),
        },
        index=pd.Index(own, name="condition"),
    )[COLUMNS]
    return BeyondCorrelation(
        conditions=table,
        outcome=outcome,
        p_joint=plain.p_joint,
        p_joint_products=full.p_joint,
        n_units=plain.n_units,
        n_rows=chosen.n_rows,
        n_used=len(frame),
        dropped=chosen.dropped,
        draws=draws,
        seed=seed,
        notes=notes,
    )


def beyond_correlation_p(
    x: Array,
    y: Array,
    *,
    firms: Places | None = None,
    controls: Array | None = None,
    y_ends: tuple[float, float] = USUAL_ENDS,
) -> Array:
    """Return ``p_necessity`` of each condition, shape (k,): arrays only, for simulations.

    Parameters
    ----------
    x : array, shape (n, k)
        No constant column.
    y : array, shape (n,)
    firms : array of int, shape (n,), optional
        0, 1, 2, ... without gaps.
    controls : array, shape (n, q), optional
    y_ends : tuple of float

    Examples
    --------
    >>> from si_research.simulation.worlds import World, simulate_world_scores
    >>> scores = simulate_world_scores(World(form="additive"), seed=1)
    >>> x, y = scores[["kunnen", "willen", "mogen"]].to_numpy(), scores["innovative_behaviour"].to_numpy()
    >>> bool((beyond_correlation_p(x, y) > 0.05).all())
    True
    """
    plain, full = (
        corner_deficit(x, y, firms=firms, controls=controls, products=products, y_ends=y_ends)
        for products in (False, True)
    )
    return _necessity(plain, full)


def _necessity(plain: CornerDeficit, full: CornerDeficit) -> Array:
    return np.maximum(plain.p_closed, full.p_joint / PRODUCTS_LEVEL)


def _known_ends(ends: Ends | None, roles: Roles) -> dict[str, tuple[float, float]]:
    names, where = (roles.outcome, *roles.predictors), "`ends` of beyond_correlation"
    each = ends if isinstance(ends, Mapping) else dict.fromkeys(names, ends)
    return {name: ends_of(each.get(name), where) or USUAL_ENDS for name in names}


def _check_rows(frame: pd.DataFrame, ends: Mapping[str, tuple[float, float]]) -> None:
    """Refuse too few people, and scores beyond the ends of their response format."""
    if len(frame) < FEWEST_ROWS:
        raise SurveyDataError(
            expected=f"at least {FEWEST_ROWS} complete respondents",
            found=f"{len(frame)}",
            where="the scores after cleaning",
            todo="collect more answers; so few people leave any corner empty",
        )
    for name, (low, high) in ends.items():
        room = ROUNDING * (high - low)
        beyond = int((~frame[name].between(low - room, high + room)).sum())
        if beyond:
            raise SurveyDataError(
                expected=f"scores of {name} from {low:g} to {high:g}",
                found=f"{beyond} score(s) beyond these ends",
                where=f"column {name!r} of the scores",
                todo=f"state the ends of its response format: ends={{{name!r}: (lowest, highest)}}",
            )


def _notes(frame: pd.DataFrame, roles: Roles) -> tuple[tuple[Note, ...], Roles]:
    """Return what must be known of the firms, and the roles without a firm that all people share."""
    if roles.cluster is None:
        return (Note("no_clusters"),), roles
    n_firms = int(frame[roles.cluster].nunique())
    if n_firms < 2:
        return (Note("one_cluster"),), replace(roles, cluster=None)
    few = n_firms < FEW_CLUSTERS
    return (Note("few_clusters", {"n_clusters": n_firms}),) if few else (), roles


def _effect_sizes(
    x: Array,
    y: Array,
    controls: Array | None,
    x_ends: Sequence[tuple[float, float]],
    y_ends: tuple[float, float],
    draws: int,
    seed: int,
) -> dict[str, Array]:
    """Return d of each condition, its mean in draws of the compensating model, and p of the comparison."""
    fitted, _ = smooth_model(x, y, controls, products=False)
    rng = np.random.default_rng(seed)
    step = max(1, CELLS // len(y))
    sizes = [min(step, draws - first) for first in range(0, draws, step)]

    def d_of(outcomes: Array) -> Array:
        return np.array([ce_fdh_effect(x[:, j], outcomes, *of, *y_ends) for j, of in enumerate(x_ends)])

    drawn = np.concatenate([d_of(_drawn_outcomes(fitted, y, y_ends, n, rng)) for n in sizes], axis=1)
    observed = d_of(y)
    as_large = (drawn >= observed[:, None] - ROUNDING).sum(axis=1)
    return {"d": observed, "d_expected": drawn.mean(axis=1), "d_p_value": (1 + as_large) / (1 + draws)}


def _drawn_outcomes(
    fitted: Array, y: Array, ends: tuple[float, float], draws: int, rng: np.random.Generator
) -> Array:
    """Return outcomes of the compensating model, shape (draws, n), at the nearest outcome that occurs."""
    n = len(y)
    order = order_of(fitted, y)
    residual, reach = (y - fitted)[order], neighbour_reach(n)
    first, last = (np.clip(np.arange(n) + side * reach, 0, n - 1) for side in (-1, 1))
    lender = first + (rng.random((draws, n)) * (last - first + 1)).astype(np.intp)
    drawn = np.empty((draws, n))
    drawn[:, order] = fitted[order] + residual[lender]
    answers = np.unique([*ends, *np.unique(y)])
    return np.asarray(answers[np.searchsorted((answers[1:] + answers[:-1]) / 2, drawn)])
