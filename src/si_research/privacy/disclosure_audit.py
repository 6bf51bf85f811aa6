"""What a reader can work out of counts that were hidden: the attack on a released table.

A released table is long: one column for each part (organisation, department; or the two characteristics of
a cross table), ``*`` where a row is the total over a part, and ``n``, missing where it is hidden. Each
total is the sum of its parts and no count is below 0: what else holds, linear programming tells.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from si_research.errors import SurveyDataError

ALL: Final = "*"
"""Stands in the column of a part over which a row is the total."""
N: Final = "n"
_NEARLY: Final = 1e-6

Cell = frozenset[tuple[str, str]]
"""A count by what it counts: the values of the parts, without those it is a total over."""


class Sum(NamedTuple):
    """A total and its parts, by number of the cell."""

    total: int
    parts: tuple[int, ...]


def audit(*released: pd.DataFrame) -> pd.DataFrame:
    """Say between which bounds each hidden count lies, for a reader who has all these tables.

    Use it on everything that one publication tells of the same people, before it leaves the house. Cells
    that count the same (equal values of the same parts) are one cell in all tables: what one table hides,
    another may show.

    Parameters
    ----------
    *released : pandas.DataFrame
        Tables as :func:`~si_research.privacy.disclosure.gate_counts` releases them. A hidden row stays in
        its table with ``n`` missing: a total is taken to be the sum of the rows under it.

    Returns
    -------
    pandas.DataFrame
        The hidden cells, each once: the parts, ``lower``, ``upper`` (inf: nothing bounds it) and ``width``.

    Raises
    ------
    SurveyDataError
        If the tables contradict each other, as those of different people do.

    Notes
    -----
    Exact for one hierarchy and for one cross table, where linear programming gives whole numbers. For
    several tables together the true bounds may be narrower: that counts are whole, and what follows from the
    cells that no table shows, is not used.

    References
    ----------
    Fischetti, M. & Salazar, J. J. (2001). Solving the cell suppression problem on tabular data with linear
    constraints. Management Science, 47(7), 1008-1027. doi:10.1287/mnsc.47.7.1008.9805

    Examples
    --------
    >>> nan = float("nan")
    >>> teams = pd.DataFrame({"team": ["*", "a", "b", "c"], "n": [30, 20, nan, nan]})
    >>> audit(teams)
      team  lower  upper  width
    0    b    0.0   10.0   10.0
    1    c    0.0   10.0   10.0
    >>> audit(teams.assign(n=[30, 20, 8, nan]))
      team  lower  upper  width
    0    c    2.0    2.0    0.0
    """
    columns = list(dict.fromkeys(name for table in released for name in table.columns if name != N))
    numbers, n = _cells(released)
    sums = [each for table in released for each in sums_of(table, numbers)]
    hidden = np.flatnonzero(np.isnan(n)).tolist()
    bounds = dict(_bounds(n, sums))
    rows = [[dict(cell).get(name, ALL) for name in columns] for cell in numbers]
    found = pd.DataFrame([rows[at] for at in hidden], columns=columns, dtype="str")
    found["lower"] = pd.Series([bounds[at][0] for at in hidden], dtype="float64")
    found["upper"] = pd.Series([bounds[at][1] for at in hidden], dtype="float64")
    return found.assign(width=found["upper"] - found["lower"])


def after_growth(earlier: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Put two releases of growing units together, so that :func:`audit` attacks those who joined in between.

    Parameters
    ----------
    earlier, later : pandas.DataFrame
        The same table released twice, everybody of the first being in the second. A unit that is new had
        nobody before.

    Returns
    -------
    pandas.DataFrame
        One released table with the further part ``release``: ``earlier``, ``joined`` (hidden, for it was
        never told) and ``*`` for the later one, which is their sum.

    Examples
    --------
    >>> before = pd.DataFrame({"team": ["*", "a", "b"], "n": [30.0, 18.0, 12.0]})
    >>> after = before.assign(n=[32.0, 19.0, 13.0])
    >>> audit(after_growth(before, after))
      team release  lower  upper  width
    0    *  joined    2.0    2.0    0.0
    1    a  joined    1.0    1.0    0.0
    2    b  joined    1.0    1.0    0.0
    """
    parts = [name for name in later.columns if name != N]
    units = later[parts].merge(earlier[parts], how="outer")
    before = units.merge(earlier, how="left", indicator=True)
    before[N] = before[N].where(before.pop("_merge") == "both", 0.0)
    joined, after = units.assign(n=np.nan), units.merge(later, how="left")
    named = zip((before, joined, after), ("earlier", "joined", ALL), strict=True)
    return pd.concat([each.assign(release=name) for each, name in named], ignore_index=True)[
        [*parts, "release", N]
    ]


def cells_of(table: pd.DataFrame) -> list[Cell]:
    """Give the cell that each row counts."""
    parts = [name for name in table.columns if name != N]
    values = table[parts].astype("str").to_numpy(dtype=object)
    return [
        frozenset((name, value) for name, value in zip(parts, row, strict=True) if value != ALL)
        for row in values
    ]


def sums_of(table: pd.DataFrame, numbers: dict[Cell, int]) -> Iterator[Sum]:
    """Give every total of a table with its parts: over one part, the others being equal."""
    parts = [name for name in table.columns if name != N]
    at = [numbers[cell] for cell in cells_of(table)]
    values = table[parts].astype("str")
    for name in parts:
        others = [other for other in parts if other != name]
        is_total = (values[name] == ALL).tolist()
        rest = list(zip(*(values[other] for other in others), strict=True)) if others else [()] * len(at)
        totals = {key: cell for key, cell, total in zip(rest, at, is_total, strict=True) if total}
        under: dict[tuple[str, ...], list[int]] = {}
        for key, cell, total in zip(rest, at, is_total, strict=True):
            if not total and key in totals:
                under.setdefault(key, []).append(cell)
        yield from (Sum(totals[key], tuple(found)) for key, found in under.items())


def first_narrow(n: np.ndarray, sums: Sequence[Sum], width: float) -> int | None:
    """Give the first hidden cell (n missing) whose bounds lie closer than ``width``; None where none does."""
    return next((cell for cell, (lower, upper) in _bounds(n, sums) if upper - lower < width), None)


def _cells(released: Sequence[pd.DataFrame]) -> tuple[dict[Cell, int], np.ndarray]:
    """Number the cells of all tables, and give what is told of each."""
    told: dict[Cell, float] = {}
    for table in released:
        for cell, n in zip(cells_of(table), table[N].astype("float64"), strict=True):
            known = told.get(cell, math.nan)
            if not math.isnan(known) and not math.isnan(n) and known != n:
                raise _contradiction()
            told[cell] = n if math.isnan(known) else known
    return {cell: at for at, cell in enumerate(told)}, np.array(list(told.values()), dtype=float)


def _bounds(n: np.ndarray, sums: Sequence[Sum]) -> Iterator[tuple[int, tuple[float, float]]]:
    """Give the bounds of hidden cells; cells that no sum ties together are looked at apart."""
    hidden = np.flatnonzero(np.isnan(n))
    place = np.full(len(n), -1)
    place[hidden] = np.arange(len(hidden))
    matrix, known = _equations(n, sums, place, len(hidden))
    if not np.allclose(known[np.diff(matrix.indptr) == 0], 0):
        raise _contradiction()
    blocks = connected_components(matrix.T @ matrix, directed=False)[1] if len(hidden) else np.zeros(0, int)
    for block in np.unique(blocks):
        members = np.flatnonzero(blocks == block)
        some = matrix[:, members]
        used = np.diff(some.indptr) > 0
        for one, member in enumerate(members.tolist()):
            yield int(hidden[member]), _interval(some[used].tocsr(), known[used], one)


def _equations(
    n: np.ndarray, sums: Sequence[Sum], place: np.ndarray, n_hidden: int
) -> tuple[csr_array, np.ndarray]:
    """Write every total as an equation in the hidden cells: parts minus total is what the shown leave."""
    row = np.concatenate(
        [np.full(1 + len(each.parts), at) for at, each in enumerate(sums)] or [np.zeros(0, int)]
    )
    cell = np.concatenate([np.array([each.total, *each.parts]) for each in sums] or [np.zeros(0, int)])
    sign = np.concatenate([np.array([-1.0] + [1.0] * len(each.parts)) for each in sums] or [np.zeros(0)])
    unknown = place[cell] >= 0
    known = np.zeros(len(sums))
    np.subtract.at(known, row[~unknown], sign[~unknown] * n[cell[~unknown]])
    entries = (sign[unknown], (row[unknown], place[cell[unknown]]))
    return csr_array(coo_array(entries, shape=(len(sums), n_hidden))), known


def _interval(matrix: Any, known: np.ndarray, one: int) -> tuple[float, float]:
    """Give the least and the most that one hidden cell can be, in whole people."""
    if not matrix.shape[0]:
        return 0.0, math.inf
    if matrix.shape[0] == 1 and (matrix.data > 0).all():
        if known[0] < 0:
            raise _contradiction()
        return (float(known[0]) if matrix.shape[1] == 1 else 0.0), float(known[0])
    goal = np.zeros(matrix.shape[1])
    goal[one] = 1.0
    least: Any = linprog(goal, A_eq=matrix, b_eq=known, bounds=(0, None), method="highs")
    if not least.success:
        raise _contradiction()
    most: Any = linprog(-goal, A_eq=matrix, b_eq=known, bounds=(0, None), method="highs")
    upper = math.floor(-float(most.fun) + _NEARLY) if most.success else math.inf
    return float(math.ceil(float(least.fun) - _NEARLY)), float(upper)


def _contradiction() -> SurveyDataError:
    return SurveyDataError(
        expected="released counts of the same people, in which every total is the sum of its parts",
        found="counts that contradict each other",
        where="the released tables",
        todo="audit tables of the same people, hidden rows included; rounded counts cannot be audited",
    )
