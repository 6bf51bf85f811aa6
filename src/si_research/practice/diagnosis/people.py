"""Scores from 0 to 100 of people whose unit is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pandas as pd

from si_research.errors import ModelSpecificationError
from si_research.model.arguments import as_found, listed_names
from si_research.model.design import check_names, numeric
from si_research.model.response_ends import Ends, Pair, check_within_ends, known_ends
from si_research.practice.diagnosis.evidence import Array, has_several_people
from si_research.practice.diagnosis.unit_tree import UnitTree, unit_tree


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """People whose outermost unit is known, in the order of the scores.

    Attributes
    ----------
    tree : UnitTree
    predictors : tuple of str
    ends : mapping of str to (float, float)
        Of the conditions, and of the outcome where there is one.
    percent : array, shape (n, k)
        Conditions from 0 to 100; missing where a score is.
    outcome : array, shape (n,), or None
        In scale points.
    """

    tree: UnitTree
    predictors: tuple[str, ...]
    ends: dict[str, Pair]
    percent: Array = field(repr=False)
    outcome: Array | None = field(repr=False)

    @property
    def complete(self) -> Array:
        """Conditions of people who have them all; missing for the others."""
        return np.where(np.isnan(self.percent).any(axis=1, keepdims=True), np.nan, self.percent)


RESERVED: Final = ("unit", "condition", "level", "parent", "state", "code", "n_people", "n_used", "note")
"""Columns of the tables that are made, which no column of units may be called."""


def listed_units(unit: object, where: str) -> tuple[str, ...]:
    """Return the columns that name the units, outermost first; a single name is one level."""
    names = (unit,) if isinstance(unit, str) else listed_names(unit, f"`unit` of {where}")
    if not names or len(set(names)) < len(names):
        raise ModelSpecificationError(
            expected="a column that names the unit, or several, outermost first, each once",
            found=as_found(list(names)),
            where=f"`unit` of {where}",
            todo="write unit='organisation', or unit=['organisation', 'team']",
        )
    taken = [name for name in names if name in RESERVED]
    if taken:
        raise ModelSpecificationError(
            expected="units with a name that the tables do not use themselves",
            found=", ".join(taken),
            where=f"`unit` of {where}",
            todo="rename the column, such as to 'organisation'",
        )
    return names


def people_of(
    scores: pd.DataFrame,
    *,
    unit: str | Sequence[str],
    predictors: Sequence[str],
    outcome: str | None,
    ends: Ends,
    where: str,
) -> People:
    """Return the people whose unit is known, with their conditions from 0 to 100.

    Raises
    ------
    ModelSpecificationError, SurveyDataError
        For names that are no columns, scores that are no numbers or lie beyond their ends, and scores without
        any unit.
    """
    units = listed_units(unit, where)
    own = listed_names(predictors, f"`predictors` of {where}")
    names = (*own, *([] if outcome is None else [outcome]))
    check_names(scores, (*names, *units))
    if len(own) not in (2, 3) or len({*names, *units}) < len(names) + len(units):
        raise ModelSpecificationError(
            expected="two or three conditions, and every column in one part only",
            found=as_found([*names, *units]),
            where=f"unit, predictors and outcome of {where}",
            todo="name each column once",
        )
    frame = pd.DataFrame({name: numeric(scores, name) for name in names})
    known = known_ends(ends, names, where)
    for name in names:
        check_within_ends(frame[[name]].dropna(), {name: known[name]})
    tree = unit_tree(scores, units)
    low, high = np.array([known[name] for name in own]).T
    percent = 100 * (frame[list(own)].to_numpy(dtype="float64")[tree.kept] - low) / (high - low)
    y = None if outcome is None else frame[outcome].to_numpy(dtype="float64")[tree.kept]
    return People(tree, own, known, np.clip(percent, 0, 100), y)


def without_levels_of_one(people: People) -> People:
    """Leave out inner units of which hardly anybody shares one; the outermost stay."""
    tree = people.tree
    while tree.n_levels > 1 and not has_several_people(people.percent, tree.of_rows[-1]):
        tree = tree.without_innermost()
    return replace(people, tree=tree)
