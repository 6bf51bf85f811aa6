"""What changes groups when two groups are compared by permutation, and drawing within firms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.model.necessity.ceilings import Array
from si_research.model.necessity.people import Pairs, Places

PEOPLE: Final = "people"
PERSONS: Final = "the two rows of a person"
FIRMS: Final = "whole firms"
IN_FIRMS: Final = "people within firms"
Labels = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True, eq=False)
class Exchange:
    """People in two groups, and what may change groups.

    Attributes
    ----------
    kind : str
    x, y : array
        In an order of their own, so that no draw hangs on the order of the data.
    second : array of bool
        Who is in the second group.
    units : array of int
        A number a person or firm, those of one standing together.
    """

    kind: str
    x: Array
    y: Array
    second: Labels
    units: Places

    def labels(self, draws: int, random: np.random.Generator) -> Labels:
        """Return who is in the second group, a row a draw."""
        if self.kind == PERSONS:
            turned = random.random((draws, self.units[-1] + 1)) < 0.5
            return np.asarray(self.second ^ turned[:, self.units])
        if self.kind == FIRMS:
            of_firm = self.second[np.unique(self.units, return_index=True)[1]]
            return np.asarray(random.permuted(np.tile(of_firm, (draws, 1)), axis=1)[:, self.units])
        if self.kind == IN_FIRMS:
            return np.asarray(self.second[orders_within(self.units, draws, random)])
        return np.asarray(random.permuted(np.tile(self.second, (draws, 1)), axis=1))


def plan_exchange(pairs: Pairs, second: Labels, person: pd.Series | None) -> Exchange:
    """Return what changes groups: the rows of a person, whole firms, people within firms, or people."""
    kind, units = PEOPLE, np.zeros(len(second), dtype=np.intp)
    keep = np.ones(len(second), dtype=bool)
    if person is not None:
        kind, keep = PERSONS, _in_both(person, second)
        units = np.asarray(pd.factorize(person[keep], sort=True)[0], dtype=np.intp)
    elif pairs.firms is not None:
        units = np.asarray(np.unique(pairs.firms, return_inverse=True)[1], dtype=np.intp)
        size, of_second = np.bincount(units), np.bincount(units, weights=second)
        kind = FIRMS if bool(((of_second == 0) | (of_second == size)).all()) else IN_FIRMS
    x, y, second = pairs.x[keep], pairs.y[keep], second[keep]
    own = np.lexsort((second, y, x, units))
    return Exchange(kind, x[own], y[own], second[own], units[own])


def orders_within(units: Places, draws: int, random: np.random.Generator) -> Places:
    """Return orders that keep everybody in the own unit, a row a draw; units stand one after another."""
    orders = np.tile(np.arange(len(units), dtype=np.intp), (draws, 1))
    edges = np.flatnonzero(np.diff(units)) + 1
    for start, end in zip([0, *edges], [*edges, len(units)], strict=True):
        if end - start > 1:
            orders[:, start:end] = random.permuted(orders[:, start:end], axis=1)
    return orders


def _in_both(person: pd.Series, second: Labels) -> Labels:
    """Return the rows of people with one row in each group; more than one is an error."""
    frame = pd.DataFrame({"person": person.to_numpy(), "second": second}).dropna()
    if frame.duplicated().any():
        raise SurveyDataError(
            expected="one row a person in each wave",
            found=f"{int(frame.duplicated().sum())} more",
            where=f"column {person.name!r} of the scores",
            todo="keep one row a person and wave",
        )
    waves = frame.groupby("person").size()
    keep = person.isin(waves.index[waves == 2]).to_numpy(dtype=bool)
    if not keep.any():
        raise SurveyDataError(
            expected="people who answered in both waves",
            found="nobody",
            where=f"column {person.name!r} of the scores",
            todo="leave `person` out to compare the waves as groups of people",
        )
    return keep
