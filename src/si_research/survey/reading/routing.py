"""Questions that were not put to everybody: an empty cell there is no refusal to answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from si_research.survey.codebook import Codebook, MissingReason, Part, Route
from si_research.survey.listed_values import is_one_of, value_in_survey


class RouteRule(Part):
    """One route of the codebook, with the values as the survey holds them."""

    items: tuple[str, ...]
    reason: MissingReason
    variable: str | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Routed:
    """The reasons after the routes, with what was counted on the way.

    Attributes
    ----------
    reasons : pandas.DataFrame
        As in the survey.
    n_cells : int
        Empty cells that turned out to be questions not put.
    n_answers : int
        Answers to questions that, by the route, were not put; they stay.
    """

    reasons: pd.DataFrame
    n_cells: int
    n_answers: int


def routes_of(codebook: Codebook) -> tuple[RouteRule, ...]:
    """Return the routes of a codebook in the values of the survey."""
    return tuple(_rule_of(codebook, route) for route in codebook.routing)


def _rule_of(codebook: Codebook, route: Route) -> RouteRule:
    values = tuple(value_in_survey(codebook, route.variable or "", value) for value in route.values)
    return RouteRule(items=route.items, variable=route.variable, values=values, reason=route.reason)


def apply_routes(values: pd.DataFrame, reasons: pd.DataFrame, routes: Iterable[RouteRule]) -> Routed:
    """Give empty cells of questions that were not put the reason of their route.

    Parameters
    ----------
    values, reasons : pandas.DataFrame
        Answers as read.
    routes : iterable of RouteRule
        Later ones go over what earlier ones left unanswered.

    Returns
    -------
    Routed

    Notes
    -----
    With a variable: not put to whoever has a known value of it that is not listed; who lacks the variable
    counts as asked. Without one: not put to whoever left all of the questions empty.
    """
    n_cells = n_answers = 0
    for route in routes:
        names = list(route.items)
        if route.variable is None:
            passed = (reasons[names] == "unanswered").all(axis=1)
        else:
            known = values[route.variable].notna()
            passed = known & ~is_one_of(values[route.variable], route.values)
        empty = (reasons[names] == "unanswered").mul(passed, axis=0)
        n_cells += int(empty.to_numpy().sum())
        n_answers += int(values.loc[passed, names].notna().to_numpy().sum())
        reasons = reasons.assign(**{name: reasons[name].mask(empty[name], route.reason) for name in names})
    return Routed(reasons, n_cells, n_answers)
