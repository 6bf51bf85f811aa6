"""The answers that a factor model is fitted to, and what makes that impossible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.measurement.factors.moments import Patterns, patterns
from si_research.measurement.factors.structure import Array

Missing = Literal["listwise", "fiml"]
COLLINEAR: Final = 1e-10
"""Smallest eigenvalue of the correlations below which one item follows from the others."""


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why no factor model can be fitted to answers.

    Attributes
    ----------
    code : str
        ``more_items_than_people``, ``no_variance`` (everybody answered the same), ``never_together`` (fewer
        than three people answered both) or ``collinear`` (one item follows from the others).
    items : tuple of str
        Which items; empty where it is not about some of them.
    """

    code: Literal["more_items_than_people", "no_variance", "never_together", "collinear"]
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Answers by group, ready to be fitted.

    Attributes
    ----------
    data : tuple of Patterns, one a group
    groups : tuple of str
        Names of the groups; one empty name where there are none.
    n_rows : int
        Rows offered.
    positions : tuple of array of int
        Place of each group's rows among the rows offered, in the order in which ``data`` got them.
    clusters : array of int, or None
        Number of the cluster of each row, groups one after the other, rows as ``data`` sorted them.
    """

    data: tuple[Patterns, ...]
    groups: tuple[str, ...]
    n_rows: int
    positions: tuple[npt.NDArray[np.intp], ...]
    clusters: npt.NDArray[np.intp] | None = None

    @property
    def n_used(self) -> int:
        """Rows that the fit rests on."""
        return sum(each.n_rows for each in self.data)


def prepared(
    answers: pd.DataFrame,
    items: Sequence[str],
    missing: Missing,
    *,
    group: pd.Series | None = None,
    clusters: pd.Series | None = None,
) -> Answers:
    """Return the answers to the items by group, or say why no model can be fitted to them.

    ``listwise`` keeps rows with all items answered, ``fiml`` those with any; rows without a group are left
    out of both.
    """
    values = numbers_of(answers, items)
    kept = ~np.isnan(values).any(axis=1) if missing == "listwise" else ~np.isnan(values).all(axis=1)
    names, member = _groups(group, len(values))
    data, positions = [], []
    for number, name in enumerate(names):
        places = np.flatnonzero(kept & (member == number))
        _refuse(values[places], items, name)
        data.append(patterns(values[places]))
        positions.append(places)
    in_order = np.concatenate([places[each.order] for places, each in zip(positions, data, strict=True)])
    return Answers(
        data=tuple(data),
        groups=tuple(names),
        n_rows=len(values),
        positions=tuple(positions),
        clusters=None if clusters is None else _clusters(clusters, len(values), in_order),
    )


def numbers_of(answers: pd.DataFrame, items: Sequence[str]) -> Array:
    """Return the answers to the items as numbers, missing ones NaN, or say which cannot be."""
    absent = [item for item in items if item not in answers.columns]
    if absent:
        raise SurveyDataError(
            expected="a column for every item",
            found=f"none for {', '.join(absent)}",
            where="answers",
            todo="check the names of the items",
        )
    text = [item for item in items if not pd.api.types.is_numeric_dtype(answers[item])]
    if text:
        raise SurveyDataError(
            expected="items as numbers",
            found=f"other values in {', '.join(text)}",
            where="answers",
            todo="use keyed_items, which gives the numbers of the response format",
        )
    values = answers[list(items)].astype("float64").to_numpy(copy=True)
    if np.isinf(values).any():
        raise SurveyDataError(
            expected="finite answers",
            found=f"infinite ones in {', '.join(np.array(items)[np.isinf(values).any(axis=0)])}",
            where="answers",
            todo="set them to missing",
        )
    return values


def _groups(group: pd.Series | None, n_rows: int) -> tuple[list[str], npt.NDArray[np.intp]]:
    if group is None:
        return [""], np.zeros(n_rows, dtype=np.intp)
    _same_length(group, n_rows, "groups")
    number, names = pd.factorize(group, sort=True)
    return [str(name) for name in names], number


def _clusters(clusters: pd.Series, n_rows: int, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    _same_length(clusters, n_rows, "clusters")
    number = pd.factorize(clusters.iloc[rows])[0]
    lost = int((number < 0).sum())
    if lost:
        raise SurveyDataError(
            expected="a cluster for every respondent that is used",
            found=f"none for {lost}",
            where="clusters",
            todo="leave these rows out, or give each a cluster of its own",
        )
    return number


def _same_length(column: pd.Series, n_rows: int, where: str) -> None:
    if len(column) != n_rows:
        raise SurveyDataError(
            expected=f"a value for each of the {n_rows} rows",
            found=f"{len(column)} values",
            where=where,
            todo="pass the column of the same data",
        )


def hindrance_in(values: Array, items: Sequence[str]) -> Hindrance | None:
    """Return what in the answers of one group makes a fit impossible; None where nothing does.

    Parameters
    ----------
    values : array, shape (n, p)
        Answers, missing ones NaN.
    items : sequence of str
        Their names.
    """
    n, p = values.shape
    if n <= p:
        return Hindrance("more_items_than_people")
    constant = constant_items(values, items)
    if constant:
        return Hindrance("no_variance", constant)
    answered = (~np.isnan(values)).astype("float64")
    together = answered.T @ answered
    together[np.tril_indices(p, -1)] = np.inf
    never = np.argwhere(together < 3)
    if len(never):
        return Hindrance("never_together", tuple(items[place] for place in never[0]))
    return _collinear(values, items)


def constant_items(values: Array, items: Sequence[str]) -> tuple[str, ...]:
    """Return the items on which everybody who answered answered the same."""
    low, high = np.nanmin(values, axis=0, initial=np.inf), np.nanmax(values, axis=0, initial=-np.inf)
    return tuple(item for item, flat in zip(items, ~(high > low), strict=True) if flat)


def _collinear(values: Array, items: Sequence[str]) -> Hindrance | None:
    complete = values[~np.isnan(values).any(axis=1)]
    if len(complete) <= values.shape[1] or not (np.ptp(complete, axis=0) > 0).all():
        return None
    size, direction = np.linalg.eigh(np.corrcoef(complete.T))
    if size[0] >= COLLINEAR:
        return None
    involved = (item for item, share in zip(items, direction[:, 0], strict=True) if abs(share) > 0.1)
    return Hindrance("collinear", tuple(involved))


def _refuse(values: Array, items: Sequence[str], group: str) -> None:
    """Say what in the answers of one group makes a fit impossible."""
    found = hindrance_in(values, items)
    if found is None:
        return
    n, p = values.shape
    named = " and ".join(found.items) if found.code == "never_together" else ", ".join(found.items)
    expected, what, todo = {
        "more_items_than_people": (
            f"more respondents than the {p} items",
            str(n),
            "fit fewer items, or look in the ledger for what was set to missing",
        ),
        "no_variance": (
            "items on which the answers differ",
            f"no difference in {named}",
            "leave the item out: it says nothing about anybody",
        ),
        "never_together": (
            "at least three respondents with an answer to both items of every pair",
            f"fewer for {named}",
            "fit the items that were asked together",
        ),
        "collinear": (
            "items of which none follows from the others",
            f"{named} do",
            "leave one of them out: is a question stored twice?",
        ),
    }[found.code]
    where = f"group {group!r}" if group else "answers"
    raise SurveyDataError(expected=expected, found=what, where=where, todo=todo)
