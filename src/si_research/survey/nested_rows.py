"""Rows that contain one another: a government, its departments and their units in one table."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from si_research.survey.check_result import CheckResult
from si_research.survey.reading.written_numbers import decimal_of, read_number

COLUMNS: Final = ("level", "n_rows", "largest", "total")
_FEWEST_NESTED: Final = 5
_MOST_LEVELS: Final = 12
_FIRST_LOOK: Final = 1000


def check_nested_rows(frame: pd.DataFrame, *, count: str | None = None) -> CheckResult:
    """Tell whether a table holds units and the larger units that contain them.

    Use it on figures per organisation: adding or averaging such rows counts people several times.

    Parameters
    ----------
    frame : pandas.DataFrame
        The file as it stands, such as ``read_raw(path).frame``.
    count : str, optional
        Column with the number of people behind a row.

    Returns
    -------
    CheckResult
        Table: level, n_rows, largest and total (of ``count``). Passed when no rows contain others.

    Notes
    -----
    Rows contain others when a column of codes, each on one row, holds codes that begin with another one
    (``CM09``, ``CM0901``), five or more times, and another column names the levels that follow from it.
    """
    depths = _depths(frame)
    levels = None if depths is None else _levels(frame, depths)
    if levels is None:
        return _result(pd.DataFrame(columns=list(COLUMNS)), "No rows contain one another.")
    people = _counts(frame, count, levels.index)
    table = pd.DataFrame(
        [
            (level, len(rows), people.loc[rows.index].max(), people.loc[rows.index].sum())
            for level, rows in levels.groupby(levels, sort=False)
        ],
        columns=list(COLUMNS),
    )
    sizes = " / ".join(str(n) for n in table["n_rows"])
    names = ", ".join(str(level) for level in table["level"])
    text = f"the {len(frame)} rows are {len(table)} levels that contain one another ({names}: {sizes} rows)"
    if count is not None:
        text += (
            f"; adding `{count}` over all rows gives {people.sum():,.0f} where the largest row holds "
            f"{people.max():,.0f}: people would count several times"
        )
    return _result(table, f"{text}; choose one level before adding or averaging")


def _result(table: pd.DataFrame, text: str) -> CheckResult:
    return CheckResult(
        name="nested_rows",
        question="Does every row stand for people of its own?",
        passed=table.empty,
        table_=table,
        text=text,
        rule=f"no column of codes of which {_FEWEST_NESTED} or more begin with another, beside one of levels",
    )


def _depths(frame: pd.DataFrame) -> pd.Series[Any] | None:
    """Return, by row, how many other rows contain it; None when none do."""
    for name in frame:
        codes = frame[name]
        if codes.dtype != "str" or not codes.iloc[:_FIRST_LOOK].is_unique or codes.isna().any():
            continue
        tidy = codes.str.strip()
        if tidy.nunique() < len(tidy) or tidy.str.len().max() > 30 or tidy.str.fullmatch(r"\d*").any():
            continue
        known = set(tidy)
        depths = tidy.map(lambda code, known=known: sum(code[:end] in known for end in range(1, len(code))))
        containing = {code[:end] for code in known for end in range(1, len(code)) if code[:end] in known}
        if (depths > 0).sum() >= _FEWEST_NESTED and len(containing) < len(known) / 2:
            return depths
    return None


def _levels(frame: pd.DataFrame, depths: pd.Series[Any]) -> pd.Series[Any] | None:
    """Return the level of each row by the column that names levels most finely; None without such a column.

    Without one, codes that begin with another (B1, B12) are most likely numbers of people.
    """
    best: pd.Series[Any] | None = None
    for name in frame:
        labels = frame[name]
        n_levels = labels.nunique()
        if labels.isna().any() or not depths.nunique() <= n_levels <= min(_MOST_LEVELS, len(frame) / 2):
            continue
        by_label = depths.groupby(labels)
        if (by_label.nunique() == 1).all() and (best is None or n_levels > best.nunique()):
            best = labels
    return best


def _counts(frame: pd.DataFrame, count: str | None, index: pd.Index[Any]) -> pd.Series[Any]:
    if count is None:
        return pd.Series(float("nan"), index=index)
    cells = frame[count]
    if cells.dtype == "float64":
        return cells
    sign = decimal_of(cells.dropna().unique()) or "."
    numbers = {cell: read_number(str(cell), sign) for cell in cells.dropna().unique()}
    return cells.map(numbers).astype("float64")
