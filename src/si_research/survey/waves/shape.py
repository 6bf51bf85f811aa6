"""From a column a wave to a row a wave, and back: each undoes the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from si_research.errors import SurveyDataError

Columns = Mapping[str, Mapping[str, str]]
"""By variable: its column in each wave."""


def wide_to_long(frame: pd.DataFrame, columns: Columns, *, wave: str = "wave") -> pd.DataFrame:
    """Make one row a respondent and wave of a table with the waves side by side.

    Use it on any tidy table. A survey file is read in this way by itself when the codebook has `columns`.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a respondent; the index says who that is.
    columns : Mapping of str to Mapping
        By variable: wave to column. A variable may lack waves. ``find_waves(...).by_stem()`` makes it.
    wave : str
        Name of the column that will hold the wave.

    Returns
    -------
    pandas.DataFrame
        The index of the frame, repeated; the other columns, repeated; ``wave`` (text); a column a variable.
        The rows of a respondent stand together, in the order in which the waves appear in ``columns``. A wave
        of which a respondent has nothing is not made; who has nothing in any wave keeps the first.

    Raises
    ------
    SurveyDataError
        Columns that are not there, that are named twice, or whose new name is taken; an index that repeats.

    See Also
    --------
    long_to_wide : the way back.

    Examples
    --------
    >>> wide = pd.DataFrame({"firm": ["A", "B"], "k_t1": [1.0, 2.0], "k_t2": [3.0, None]}, index=["p1", "p2"])
    >>> wide_to_long(wide, {"k": {"t1": "k_t1", "t2": "k_t2"}})
       firm wave    k
    p1    A   t1  1.0
    p1    A   t2  3.0
    p2    B   t1  2.0
    """
    _refuse_what_does_not_fit(frame, columns, wave)
    waves = _waves_of(columns)
    in_waves = {column for cells in columns.values() for column in cells.values()}
    carried = frame[[name for name in frame if name not in in_waves]]
    there = {each: _has_something(frame, columns, each) for each in waves}
    nowhere = ~np.logical_or.reduce(list(there.values()))
    there[waves[0]] = there[waves[0]] | nowhere
    parts = [_one_wave(frame, carried, columns, wave, each).loc[there[each]] for each in waves]
    rows = np.concatenate([np.flatnonzero(there[each]) for each in waves])
    long: pd.DataFrame = pd.concat(parts).iloc[np.argsort(rows, kind="stable")]
    return long


def long_to_wide(
    frame: pd.DataFrame, columns: Columns, *, wave: str = "wave", respondent: str | None = None
) -> pd.DataFrame:
    """Make one row a respondent, with the waves side by side.

    Use it to compare the same people over time, or for software that wants a column a wave.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a respondent and wave.
    columns : Mapping of str to Mapping
        By variable: wave to the name of its column in the wide table.
    wave : str
        Column that holds the wave.
    respondent : str, optional
        Column that says who; by default the index does.

    Returns
    -------
    pandas.DataFrame
        Index: the respondents, in the order in which they first appear. The columns that are the same in each
        wave of a respondent, then those of the waves: missing where a respondent lacks a wave.

    Raises
    ------
    SurveyDataError
        A row without respondent or wave, a respondent with two rows in a wave, a wave that no variable has a
        column for, or a column that is neither in ``columns`` nor the same in all waves of a respondent.

    See Also
    --------
    wide_to_long : the way back.

    Examples
    --------
    >>> long = pd.DataFrame({"id": [7, 7, 8], "wave": ["t1", "t2", "t2"], "k": [1.0, 3.0, 2.0]})
    >>> long_to_wide(long, {"k": {"t1": "k_t1", "t2": "k_t2"}}, respondent="id").reset_index()
       id  k_t1  k_t2
    0   7   1.0   3.0
    1   8   NaN   2.0
    """
    long = frame if respondent is None else frame.set_index(respondent)
    _refuse_unclear_rows(long, columns, wave)
    people = long.index.drop_duplicates()
    carried = [str(name) for name in long if name != wave and name not in columns]
    _refuse_what_varies(long, carried)
    wide = long.loc[~long.index.duplicated(), carried]
    for each in _waves_of(columns):
        cells = {name: found[each] for name, found in columns.items() if each in found}
        part = long.loc[long[wave] == each, list(cells)].rename(columns=cells)
        wide = wide.join(part.reindex(people))
    in_order = [column for cells in columns.values() for column in cells.values()]
    return wide[[*carried, *in_order]]


def _waves_of(columns: Columns) -> tuple[str, ...]:
    return tuple(dict.fromkeys(wave for cells in columns.values() for wave in cells))


def _has_something(frame: pd.DataFrame, columns: Columns, wave: str) -> Any:
    cells = [found[wave] for found in columns.values() if wave in found]
    return frame[cells].notna().any(axis=1).to_numpy()


def _one_wave(
    frame: pd.DataFrame, carried: pd.DataFrame, columns: Columns, wave: str, each: str
) -> pd.DataFrame:
    cells = {
        name: frame[found[each]] if each in found else _nothing(frame[next(iter(found.values()))])
        for name, found in columns.items()
    }
    return carried.assign(**{wave: each}).join(pd.DataFrame(cells, index=frame.index))


def _nothing(like: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of missing values, of a kind that leaves the other waves as they are."""
    return like.where(np.zeros(len(like), dtype=bool))


def _refuse_what_does_not_fit(frame: pd.DataFrame, columns: Columns, wave: str) -> None:
    named = [column for cells in columns.values() for column in cells.values()]
    absent = [column for column in named if column not in frame]
    left = {name for name in frame if name not in named}
    taken = sorted({name for name in (*columns, wave) if name in left} | ({wave} & set(columns)))
    repeated = int(frame.index.duplicated().sum())
    for wrong, expected, found in (
        (not named, "variables with a column for each wave", "none"),
        (absent, "columns of the table", f"no {', '.join(absent)}"),
        (len(set(named)) < len(named), "each column once", "one that stands for two waves"),
        (taken, "new names that are free", f"{', '.join(taken)}, which the table has already"),
        (repeated, "one row a respondent, known by the index", f"{repeated} that repeat an earlier one"),
    ):
        if wrong:
            raise _unfit(expected, found)


def _refuse_unclear_rows(long: pd.DataFrame, columns: Columns, wave: str) -> None:
    absent = [name for name in (wave, *columns) if name not in long]
    if absent:
        raise _unfit("columns of the table", f"no {', '.join(absent)}")
    unknown = int((long.index.isna() | long[wave].isna().to_numpy()).sum())
    others = sorted({str(each) for each in long[wave].dropna().unique()} - set(_waves_of(columns)))
    twice = int(pd.DataFrame({"who": long.index, "wave": long[wave].to_numpy()}).duplicated().sum())
    for wrong, expected, found in (
        (unknown, "rows with a respondent and a wave", f"{unknown} without"),
        (others, "waves that `columns` name", f"{', '.join(others)} besides"),
        (twice, "one row a respondent and wave", f"{twice} rows more"),
    ):
        if wrong:
            raise _unfit(expected, found)


def _refuse_what_varies(long: pd.DataFrame, carried: Sequence[str]) -> None:
    """A column that differs between the waves of one respondent would lose answers."""
    first = long.loc[~long.index.duplicated(), list(carried)].reindex(long.index)
    differs = ~((first == long[list(carried)]) | (first.isna() & long[list(carried)].isna()))
    varying = [str(name) for name in differs.columns[differs.any()]]
    if varying:
        raise _unfit(
            "columns that are the same in all waves of a respondent, or that `columns` names",
            f"{', '.join(varying)}, which differ",
        )


def _unfit(expected: str, found: str) -> SurveyDataError:
    return SurveyDataError(
        expected=expected,
        found=found,
        where="the table to reshape",
        todo="look at the names in `columns`, and at the rows of a respondent",
    )
