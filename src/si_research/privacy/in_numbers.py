"""Telephone and citizen numbers and moments that stand there as plain numbers, written or stored.

A spreadsheet takes the first zero of a telephone number away, and shows a moment that has lost its format as
the days, seconds or milliseconds since some year. Only columns in which nearly all numbers differ count:
codes and amounts are repeated, and the numbers of a list lie side by side.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from si_research.privacy.cells import Cells, Numbers
from si_research.privacy.check_digits import are_citizen_numbers
from si_research.privacy.finding import IdentifierKind

_WRITTEN: Final = r"^[0-9]{8,14}([.,]0+)?$|^[0-9]{5}[.,][0-9]{3,}$"
_SHORTEST: Final = 8
_SHARE: Final = 0.9
_FEWEST: Final = 3
_FEWEST_MOMENTS: Final = 10
_APART: Final = 10
"""How far, a number, the lowest and the highest lie apart at least: numbers of a list are closer together."""
_DAY: Final = 86_400.0
_LONGEST: Final = 5 * 365 * _DAY
"""Seconds that a survey lasts at most, so that amounts and codes are no moments."""
_EARLIEST, _LATEST = 1_262_304_000.0, 2_051_222_400.0
"""2010 and 2035, in seconds since 1970."""
_DAYS_1900: Final = 25_569.0
"""1 January 1970 as Excel counts days."""
_STAMP: Final = re.compile(
    r"20[0-4][0-9](0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])([01][0-9]|2[0-3])[0-5][0-9]([0-5][0-9])?"
)


def kind_in_numbers(cells: Cells) -> tuple[IdentifierKind, int, str] | None:
    """Return what the numbers of a column are when they tell of a person: kind, number of cells, and why."""
    found = _long_numbers(cells)
    if found is None:
        return None
    numbers, n_cells = found
    for kind, fits, reason in _KINDS:
        if fits(numbers, n_cells):
            return kind, n_cells, reason
    return None


def _long_numbers(cells: Cells) -> tuple[Numbers, int] | None:
    """Return the different numbers of a column that most of its cells hold, and how many cells these are."""
    finite = cells.numbers[np.isfinite(cells.numbers)]
    long = finite[(finite >= 1e7) | ((finite >= 1e4) & (finite % 1 != 0))]
    n_cells, parts = len(long), [long]
    if len(cells.texts):
        marked = cells.lengths >= _SHORTEST
        if n_cells + cells.n_cells(marked) < _SHARE * cells.n_filled:
            return None
        marked[marked] = cells.only(marked).matching(_WRITTEN)
        n_cells += cells.n_cells(marked)
        texts = pc.replace_substring(cells.only(marked).texts, ",", ".")
        parts.append(pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False))
    if n_cells < max(_FEWEST, _SHARE * cells.n_filled):
        return None
    return np.unique(np.concatenate(parts)), n_cells


def _differ(numbers: Numbers, n_cells: int) -> bool:
    spread = numbers[-1] - numbers[0] > _APART * len(numbers)
    return bool(spread and len(numbers) >= max(_FEWEST, _SHARE * n_cells))


def _mobile_numbers(numbers: Numbers, n_cells: int) -> bool:
    """Dutch mobile numbers without their zero, or with the code of the country."""
    national = (numbers >= 6.1e8) & (numbers < 7e8)
    mobile = (national | ((numbers >= 31.6e9) & (numbers < 31.7e9))) & (numbers % 1 == 0)
    return mobile.mean() >= _SHARE and _differ(numbers, n_cells)


def _citizen_numbers(numbers: Numbers, n_cells: int) -> bool:
    whole = (numbers % 1 == 0).all() and numbers[-1] < 1e9 and len(numbers) >= _FEWEST
    return bool(whole and are_citizen_numbers(numbers).mean() >= _SHARE)


def _seconds(numbers: Numbers, n_cells: int) -> bool:
    return (numbers % 1 == 0).mean() >= _SHARE and _are_moments(numbers, n_cells)


def _milliseconds(numbers: Numbers, n_cells: int) -> bool:
    return _differ(numbers, n_cells) and _are_in_one_survey(numbers / 1000)


def _days(numbers: Numbers, n_cells: int) -> bool:
    """Days of Excel with a time of day: with three decimals at least, which amounts do not have."""
    fine = np.abs(numbers * 100 - np.round(numbers * 100)) > 1e-6
    return fine.mean() >= _SHARE and _are_moments((numbers - _DAYS_1900) * _DAY, n_cells)


def _are_moments(seconds: Numbers, n_cells: int) -> bool:
    return _differ(seconds, n_cells) and _are_in_one_survey(seconds)


def _are_in_one_survey(seconds: Numbers) -> bool:
    low, high = float(seconds[0]), float(seconds[-1])
    lasts = high - low <= _LONGEST and len(seconds) >= _FEWEST_MOMENTS
    return lasts and low >= _EARLIEST and high <= _LATEST


def _stamps(numbers: Numbers, n_cells: int) -> bool:
    """Year, month, day, hour, minute and perhaps second, one after the other."""
    if len(numbers) < max(_FEWEST, _SHARE * n_cells) or not 2e11 <= numbers[0] <= numbers[-1] < 2.05e13:
        return False
    return bool(np.mean([_STAMP.fullmatch(f"{number:.0f}") is not None for number in numbers]) >= _SHARE)


_Fits = Callable[[Numbers, int], bool]
_KINDS: Final[tuple[tuple[IdentifierKind, _Fits, str], ...]] = (
    ("telephone", _mobile_numbers, "its cells look like telephone numbers"),
    ("citizen_number", _citizen_numbers, "its cells look like citizen numbers (burgerservicenummer)"),
    ("exact_time", _seconds, "its cells look like moments, as seconds since 1970"),
    ("exact_time", _milliseconds, "its cells look like moments, as milliseconds since 1970"),
    ("exact_time", _days, "its cells look like moments, as days since 1900"),
    ("exact_time", _stamps, "its cells look like moments, written as one number"),
)
