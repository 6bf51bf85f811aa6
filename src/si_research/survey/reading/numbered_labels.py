"""Labels that carry their number (`5 = always`) in a column of numbers: read by it, where all agree."""

from __future__ import annotations

import re
from typing import Any, Final

import pandas as pd

from si_research.survey.response_format import ResponseFormat, normalise

FEWEST_PEOPLE: Final = 5
"""Cells from which on texts among numbers are labels, and no slips."""
LARGEST_SHARE: Final = 0.05
"""The same, as a share of the cells that are filled; never one alone."""
FEWEST: Final = 2
MOST_STEPS: Final = 11
_NUMBERED: Final = re.compile(r"\(?(-?\d{1,2})(?:\)|\s*[=:.)–-]|\s)\s*(\(?[^\W\d_].*)", re.DOTALL)
_JOINING: Final = frozenset(
    ("of", "or", "oder", "à", "tot", "to", "bis", "en", "and", "und", "plus", "min", "maal", "x")
)
"""Words after a number that make it one of two, or another one: `3 of vier`, `3 en een half`."""


def number_before(text: str) -> tuple[float, str] | None:
    """Return the number at the start of a label and the label as it is compared; None for any other text.

    Examples
    --------
    >>> number_before("5 = Altijd"), number_before("1 (nooit)"), number_before("2. oneens")
    ((5.0, 'altijd'), (1.0, 'nooit'), (2.0, 'oneens'))
    >>> number_before("3 of 4"), number_before("3 of vier"), number_before("4?"), number_before("2,5 uur")
    (None, None, None, None)
    """
    found = _NUMBERED.fullmatch(text.strip())
    if found is None or any(sign.isdigit() for sign in found[2]):
        return None
    label = normalise(found[2])
    if label.startswith("(") and label.endswith(")"):
        label = label[1:-1]
    return None if label.split()[0] in _JOINING else (float(found[1]), label)


def steps_of(form: ResponseFormat) -> tuple[float, ...]:
    """Return the values of a format of few steps, also where only its ends are written; else none."""
    if form.options:
        return form.values
    ends = (form.lowest, form.highest)
    if not form.whole or None in ends or not all(float(end).is_integer() for end in ends if end is not None):
        return ()
    low, high = (int(end) for end in ends if end is not None)
    return tuple(float(value) for value in range(low, high + 1)) if high - low < MOST_STEPS else ()


def labels_carry_numbers(cells: pd.Series[Any], form: ResponseFormat) -> bool:
    """Return whether the texts of a column may be read by the number that they begin with.

    They may in a format that gives its ends only, where each number has one label and each label one number,
    and where they are too many for slips: what one person wrote behind a number may take it back.
    """
    if form.options or not steps_of(form) or cells.dtype == "float64":
        return False
    distinct = (cell for cell in cells.dropna().unique() if isinstance(cell, str))
    labels = {cell: found for cell in distinct if (found := number_before(cell)) is not None}
    labels = {cell: found for cell, found in labels.items() if form.holds(found[0])}
    pairs = set(labels.values())
    if (
        not pairs
        or len({number for number, _ in pairs}) < len(pairs)
        or len({s for _, s in pairs}) < len(pairs)
    ):
        return False
    filled = cells[cells.notna() & (cells != "")]
    return is_often(int(filled.isin(list(labels)).sum()), len(filled))


def is_often(count: int, n_filled: int) -> bool:
    """Return whether texts among numbers are too many for slips: five, or 5 % of the cells."""
    return count >= FEWEST_PEOPLE or count >= max(FEWEST, LARGEST_SHARE * n_filled)
