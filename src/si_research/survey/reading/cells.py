"""Typed cells (Excel, Parquet, Stata) brought back to two kinds: numbers and texts."""

from __future__ import annotations

import datetime as dt
import decimal
import math
from typing import Any

import pandas as pd

from si_research.survey.survey_data import Code


def text_of_number(number: float) -> str:
    """Return a number as a code is written: without the zero that a float adds.

    Examples
    --------
    >>> text_of_number(12.0), text_of_number(2.5)
    ('12', '2.5')
    """
    return str(int(number)) if number.is_integer() else repr(float(number))


def cell_of(value: Any) -> Code | None:
    """Return a typed cell as a number or a text; None when it is empty.

    Examples
    --------
    >>> cell_of(True), cell_of(3), cell_of(" "), cell_of(dt.datetime(2026, 11, 23))
    ('true', 3.0, None, '2026-11-23')
    """
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, int | float | decimal.Decimal):
        number = float(value)
        return None if math.isnan(number) else number
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    return str(value)


def typed_column(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as float64 where all cells are numbers, as text where none is, else mixed.

    Parameters
    ----------
    column : pandas.Series
        Cells of any type.

    Returns
    -------
    pandas.Series
        dtype float64, ``str`` or (numbers and texts together) object; NaN where empty.
    """
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        return pd.Series(column.to_numpy(dtype="float64", na_value=float("nan")), index=column.index)
    cells = [cell_of(value) for value in column.astype(object)]
    kinds = {type(cell) for cell in cells} - {type(None)}
    dtype = "float64" if kinds <= {float} else "str" if kinds == {str} else "object"
    filled = [float("nan") if cell is None else cell for cell in cells]
    return pd.Series(filled, index=column.index, dtype=dtype)
