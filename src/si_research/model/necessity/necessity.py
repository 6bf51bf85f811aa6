"""Necessary Condition Analysis of each condition: how large the empty corner is, how well ceilings fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

import numpy as np
import pandas as pd

from si_research.constructs import CONDITIONS, INNOVATIVE_BEHAVIOUR
from si_research.errors import ModelSpecificationError
from si_research.model.arguments import as_found, check_options, listed_names
from si_research.model.fit_notes import Note
from si_research.model.necessity.ceiling_fits import (
    CE_FDH,
    CEILINGS,
    CR_FDH,
    Ceiling,
    fit_ceilings,
)
from si_research.model.necessity.ceilings import Array
from si_research.model.necessity.people import (
    Pairs,
    check_columns,
    corners_of,
    scope_of,
    select_pairs,
)
from si_research.model.response_ends import USUAL_ENDS, Ends, check_names_of_ends

EMPIRICAL, THEORETICAL = "empirical", "theoretical"
FEW_PEOPLE: Final = 20
FIGURES: Final = [
    *("effect", "zone", "accuracy", "fit", "slope", "intercept", "n_above", "n_peers"),
    *("condition_inefficiency", "outcome_inefficiency", "relative_inefficiency", "absolute_inefficiency"),
]


@dataclass(frozen=True, slots=True, eq=False)
class Necessity:
    """Ceilings over each condition. Made by :func:`describe_necessity`.

    Attributes
    ----------
    outcome : str
    predictors : tuple of str
    corners : mapping of condition to {1, 2, 3, 4}
    scope : str
        ``empirical`` or ``theoretical``.
    outcome_ends : tuple of float
        Lowest and highest outcome of the scope, over everybody with an outcome.
    effects : pandas.DataFrame, indexed by ``condition`` and ``ceiling``
        effect (d), zone, accuracy (% of people not above it), fit (% of the zone of CE-FDH), slope,
        intercept, n_above, n_peers, inefficiencies (%; absolute in squared scale points), scope_area,
        n_used, note (see :class:`~si_research.model.necessity.ceiling_fits.Ceiling`).
    ceilings : mapping of (condition, ceiling) to Ceiling
    pairs : mapping of condition to Pairs
    outcome_scores : array
        Everybody's outcome, also of people without a score on a condition.
    n_rows : int
    dropped : pandas.Series
        Rows without an outcome, without a firm, and, of the others, without a score on each condition; a row
        can lack several of these scores.
    cluster : str or None
    notes : tuple of Note
        ``few_people``, ``no_variance``, ``one_peer``, ``line_not_rising``, ``no_effect`` (each d of a
        condition is 0), ``scope_widened`` (scores beyond the ends given), ``different_people`` (conditions
        rest on different people).
    """

    outcome: str
    predictors: tuple[str, ...]
    corners: Mapping[str, int]
    scope: str
    outcome_ends: tuple[float, float]
    effects: pd.DataFrame = field(repr=False)
    ceilings: Mapping[tuple[str, str], Ceiling] = field(repr=False)
    pairs: Mapping[str, Pairs] = field(repr=False)
    outcome_scores: Array = field(repr=False)
    n_rows: int
    dropped: pd.Series = field(repr=False)
    cluster: str | None
    notes: tuple[Note, ...]

    def table(self) -> pd.DataFrame:
        """Return a copy of the effects."""
        return self.effects.copy()

    def _head(self) -> str:
        return f"Ceilings over {self.outcome}, {self.scope} scope"

    def __str__(self) -> str:
        return f"{self._head()}\n{self.effects.round(4).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._head())}</p>{self.effects.round(4).to_html()}"


def describe_necessity(
    scores: pd.DataFrame,
    *,
    outcome: str = INNOVATIVE_BEHAVIOUR.name,
    predictors: Sequence[str] = CONDITIONS,
    cluster: str | None = None,
    ends: Ends = USUAL_ENDS,
    scope: str = EMPIRICAL,
    corner: int | Mapping[str, int] = 1,
    ceilings: Sequence[str] = (CE_FDH, CR_FDH),
    quantile: float = 0.95,
) -> Necessity:
    """Describe for each condition how far it limits the outcome.

    Use it to see how much of a condition goes with which outcome at most. It describes: a large d comes with
    any positive correlation too, so that d says nothing of necessity beyond that (see
    :mod:`~si_research.model.necessity.beyond_correlation`).

    Parameters
    ----------
    scores : pandas.DataFrame
    outcome : str
    predictors : sequence of str
        One condition or more; each on the people who have it and the outcome.
    cluster : str, optional
        The firm, for permutation within firms; people without one are left out.
    ends : pair, or mapping of column to pair
        Lowest and highest answer of the response format, for ``scope="theoretical"``. An end that is missing
        (nan), and a column that is not named, take the end of the data.
    scope : {"empirical", "theoretical"}
        From the lowest to the highest scores seen (as in R), or from end to end of the response format.
    corner : {1, 2, 3, 4} or mapping of condition to corner
        Which corner is expected empty: 1 upper left (a high outcome requires a high score), 2 upper right, 3
        lower left, 4 lower right. Upper and lower ones do not go together.
    ceilings : sequence of str
        ``ce_fdh`` (steps), ``cr_fdh`` (least squares through the peers), ``ce_vrs`` (concave hull),
        ``cr_vrs`` (least squares through its corners), ``qr`` (quantile regression), ``c_lp`` (lowest line
        over all), ``cols`` (least squares through everybody, raised over all).
    quantile : float
        Share of people under ``qr``.

    Returns
    -------
    Necessity

    Raises
    ------
    ModelSpecificationError
        For columns that are not there or hold no numbers, and options that are none.
    SurveyDataError
        For infinite scores, and for a condition that nobody has together with the outcome.

    Notes
    -----
    d = area above the ceiling / area of the scope. Figures are those of R's NCA 5.0.1: everybody on a peer's
    place weighs in CR-FDH, while R until 4.0.2 counted a place once, so that tied answers gave another d. Two
    differences: CE-VRS stays concave with tied answers, and the inefficiencies of a line do not vanish when
    its slope is small. R's fit metrics of version 5 (noise, exceptions, support, spread, sharpness) are not
    offered.

    References
    ----------
    Dul (2016), Necessary Condition Analysis, Organizational Research Methods 19, 10-52,
    https://doi.org/10.1177/1094428115584005.

    Examples
    --------
    >>> scores = pd.DataFrame({"mogen": [1, 2, 3, 4, 5], "innovative_behaviour": [1, 3, 3, 4, 5]})
    >>> found = describe_necessity(scores, predictors=["mogen"])
    >>> found.effects["effect"].round(4).to_list()
    [0.5625, 0.4376]
    """
    predictors = listed_names(predictors, "`predictors` of describe_necessity")
    names = listed_names(ceilings, "`ceilings` of describe_necessity")
    _check(names, scope, quantile)
    check_columns(scores, outcome, predictors, [cluster])
    check_names_of_ends(ends, (outcome, *predictors), "describe_necessity")
    corners = corners_of(corner, predictors)
    y, pairs, dropped = select_pairs(scores, outcome, predictors, cluster)
    found: dict[tuple[str, str], Ceiling] = {}
    notes: list[Note] = []
    for condition, people in pairs.items():
        own, widened = scope_of(people, condition, outcome, ends if scope == THEORETICAL else None)
        notes += [Note("scope_widened", {"condition": condition})] if widened else []
        fits = fit_ceilings(
            people.x, people.y, names=names, scope=own, corner=corners[condition], tau=quantile
        )
        found |= {(condition, name): fit for name, fit in fits.items()}
    scopes = [ceiling.scope for ceiling in found.values()]
    return Necessity(
        outcome=outcome,
        predictors=predictors,
        corners=corners,
        scope=scope,
        outcome_ends=(
            min(float(y.min()), *(each.y_low for each in scopes)),
            max(float(y.max()), *(each.y_high for each in scopes)),
        ),
        effects=_effects(found),
        ceilings=found,
        pairs=pairs,
        outcome_scores=y,
        n_rows=len(scores),
        dropped=dropped,
        cluster=cluster,
        notes=(*notes, *_notes(found, pairs)),
    )


def _check(names: Sequence[str], scope: object, quantile: object) -> None:
    for name in names:
        check_options(name, CEILINGS, "`ceilings` of describe_necessity")
    check_options(scope, (EMPIRICAL, THEORETICAL), "`scope` of describe_necessity")
    if not names or len(set(names)) < len(names):
        raise ModelSpecificationError(
            expected=f"at least one of {', '.join(CEILINGS)}, each once",
            found=as_found(list(names)),
            where="`ceilings` of describe_necessity",
            todo="use ['ce_fdh', 'cr_fdh']",
        )
    if not isinstance(quantile, float) or not 0 < quantile < 1:
        raise ModelSpecificationError(
            expected="a share between 0 and 1",
            found=as_found(quantile),
            where="`quantile` of describe_necessity",
            todo="use 0.95: five per cent of the people above the line",
        )


def _effects(found: Mapping[tuple[str, str], Ceiling]) -> pd.DataFrame:
    rows = [
        {
            "condition": condition,
            "ceiling": name,
            **{figure: getattr(fit, figure) for figure in FIGURES},
            "scope_area": fit.scope.area,
            "n_used": fit.n_used,
            "note": fit.note,
        }
        for (condition, name), fit in found.items()
    ]
    return pd.DataFrame(rows).set_index(["condition", "ceiling"])


def _notes(found: Mapping[tuple[str, str], Ceiling], pairs: Mapping[str, Pairs]) -> list[Note]:
    """Return what must be known of the people and the ceilings."""
    notes = []
    for condition, people in pairs.items():
        fits = [fit for (name, _), fit in found.items() if name == condition]
        if len(people.x) < FEW_PEOPLE:
            notes.append(Note("few_people", {"condition": condition, "n": len(people.x)}))
        if any(fit.note == "no_variance" for fit in fits):
            notes.append(Note("no_variance", {"condition": condition}))
        elif all(fit.effect == 0 for fit in fits):
            notes.append(Note("no_effect", {"condition": condition}))
        notes += [
            Note(fit.note, {"condition": condition, "ceiling": fit.name})
            for fit in fits
            if fit.note in ("one_peer", "line_not_rising")
        ]
    if any(not np.array_equal(each.rows, next(iter(pairs.values())).rows) for each in pairs.values()):
        notes.append(Note("different_people", {"n": min(len(each.x) for each in pairs.values())}))
    return notes
