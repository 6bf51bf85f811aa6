"""Units within units: organisation, department, team, as numbers that say who belongs to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from si_research.errors import SurveyDataError
from si_research.model.design import text_column

Numbers = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class UnitTree:
    """Which unit each row belongs to, on each level. Made by :func:`unit_tree`.

    Attributes
    ----------
    names : tuple of str
        Columns that name the units, outermost first.
    units : tuple of pandas.DataFrame
        A table a level, a row a unit: its name and those of the units that it is part of, in the order of the
        names. A name below the outermost is missing for people whose department or team is not known: they
        count as one unit of what is known, so that they stay in its figures.
    parents : tuple of array of int
        Of each unit, the row of the unit above it; 0 on the outermost level.
    of_rows : tuple of array of int
        Unit of each row kept, on each level.
    kept : array of bool
        Rows offered whose outermost unit is known.
    left_out : tuple of str
        Columns of inner units that nothing is told of: too few people share one.
    """

    names: tuple[str, ...]
    units: tuple[pd.DataFrame, ...] = field(repr=False)
    parents: tuple[Numbers, ...] = field(repr=False)
    of_rows: tuple[Numbers, ...] = field(repr=False)
    kept: npt.NDArray[np.bool_] = field(repr=False)
    left_out: tuple[str, ...] = ()

    @property
    def n_levels(self) -> int:
        """Levels of units."""
        return len(self.names)

    @property
    def n_no_unit(self) -> int:
        """Rows without an outermost unit."""
        return int((~self.kept).sum())

    def without_innermost(self) -> UnitTree:
        """Return the tree without its innermost level; its people stay in the units above."""
        return UnitTree(
            self.names[:-1],
            self.units[:-1],
            self.parents[:-1],
            self.of_rows[:-1],
            self.kept,
            (self.names[-1], *self.left_out),
        )

    def known(self, level: int) -> npt.NDArray[np.bool_]:
        """Return which units of a level have a name of their own."""
        return np.asarray(self.units[level][self.names[level]].notna())


def unit_tree(scores: pd.DataFrame, names: Sequence[str]) -> UnitTree:
    """Return the tree of units that these columns name, outermost first.

    A name that recurs under another parent is another unit: team 1 of one organisation is not team 1 of the
    next.

    Raises
    ------
    SurveyDataError
        Where no row names an outermost unit.
    """
    columns = [text_column(scores[name]) for name in names]
    kept = columns[0].notna().to_numpy()
    if not kept.any():
        raise SurveyDataError(
            expected="rows that name their unit",
            found=f"none among {len(scores)}",
            where=f"column {names[0]!r} of the scores",
            todo="name another column, or fill this one in",
        )
    units: list[pd.DataFrame] = []
    parents, of_rows = [], []
    above = np.zeros(int(kept.sum()), dtype=np.intp)
    for level, column in enumerate(columns):
        codes, found = pd.factorize(column[kept], sort=True)
        codes = np.where(codes < 0, len(found), codes)  # not known: after all that are
        each, own = np.unique(above * (len(found) + 1) + codes, return_inverse=True)
        parent, name = np.divmod(each, len(found) + 1)
        table = pd.DataFrame({names[level]: pd.Series([*found, None], dtype="str").iloc[name].to_numpy()})
        if level:
            above_it: pd.DataFrame = units[-1].take(parent)
            table = pd.concat([above_it.reset_index(drop=True), table], axis=1)
        units.append(table)
        parents.append(np.asarray(parent, dtype=np.intp))
        above = np.asarray(own, dtype=np.intp)
        of_rows.append(above)
    return UnitTree(tuple(names), tuple(units), tuple(parents), tuple(of_rows), kept)
