"""Moments that a statistics file stores as numbers: only the format of the column says that they are any."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

StoredMoment = Literal["spss_seconds", "stata_milliseconds", "stata_days", "time"]
"""What is counted: seconds since 14 October 1582, milliseconds or days since 1960, or time that passed."""
_FORMATS: Final[Mapping[StoredMoment, re.Pattern[str]]] = {
    "spss_seconds": re.compile(r"([AEJS]?DATE|DATETIME|YMDHMS|QYR|MOYR|WKYR)[0-9.]*", re.IGNORECASE),
    "stata_milliseconds": re.compile(r"%-?[0-9]*t[cC].*"),
    "stata_days": re.compile(r"%-?[0-9]*t?d.*"),
    "time": re.compile(r"[DM]?TIME[0-9.]*", re.IGNORECASE),
}
_SECONDS: Final[Mapping[StoredMoment, tuple[str, float]]] = {
    "spss_seconds": ("1582-10-14", 1.0),
    "stata_milliseconds": ("1960-01-01", 0.001),
    "stata_days": ("1960-01-01", 86_400.0),
}
"""The moment that is zero, and the seconds of one."""
_FURTHEST: Final = 1e12
"""Seconds from zero beyond which nobody lives: damage, or a code."""


def stored_moment(print_format: str) -> StoredMoment | None:
    """Return what the numbers of a column count when its format in SPSS or Stata shows them as moments.

    Parameters
    ----------
    print_format : str
        As the file has it.

    Returns
    -------
    str or None
        None for other formats, and for weeks, months, quarters and years of Stata, which say no day.

    Examples
    --------
    >>> stored_moment("DATETIME20"), stored_moment("%tcHH:MM"), stored_moment("%d"), stored_moment("TIME8")
    ('spss_seconds', 'stata_milliseconds', 'stata_days', 'time')
    >>> stored_moment("F8.2"), stored_moment("%8.0g"), stored_moment("%tm"), stored_moment("%-16s")
    (None, None, None, None)
    """
    return next((kind for kind, pattern in _FORMATS.items() if pattern.fullmatch(print_format)), None)


def written_out(column: pd.Series[Any], kind: StoredMoment) -> pd.Series[Any]:
    """Return the moments of a column as texts, to recognise them by; never to show.

    Parameters
    ----------
    column : pandas.Series
        Numbers; texts among them stay.
    kind : str
        From :func:`stored_moment`; time that passed stays a number.

    Returns
    -------
    pandas.Series
        Such as ``2024-03-06T11:17:14``; the time of day is zeros where the file holds days.
    """
    if kind == "time":
        return column
    zero, seconds = _SECONDS[kind]
    count = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    known = np.abs(count * seconds) < _FURTHEST
    moments = np.datetime64(zero, "s") + np.where(known, count * seconds, 0).astype("timedelta64[s]")
    rest = column.where(np.isnan(count)).astype(object)
    return pd.Series(np.where(known, np.datetime_as_string(moments), rest), column.index, "str", column.name)
