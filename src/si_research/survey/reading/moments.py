"""Moments as survey tools write them, brought to texts of which the order is the order in time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_ISO: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_OTHER: Final = re.compile(
    r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})"
    r"(?:,?[ T]+(\d{1,2})[:.](\d\d)(?:[:.](\d\d))?(?: ?([AaPp])\.?[Mm]\.?)?)?"
    r"(?: (?:GMT|UTC)[+-]?[\d:]*)?",
    re.ASCII,
)
_NUMBER: Final = re.compile(r"\d{5,12}(?:\.\d+)?", re.ASCII)
_MONTHS: Final = 12


def in_order_of_time(texts: Iterable[str]) -> dict[str, str]:
    """Return moments in a form of which the order is the order in time; those of unknown order are left out.

    Parameters
    ----------
    texts : iterable of str
        The different moments of one column. Day and month are told apart by a number above 12 anywhere in it.

    Returns
    -------
    dict
        By moment as written: ``year-month-day hours:minutes:seconds``; a count of seconds or days with zeros
        in front, where the whole column is one.

    Examples
    --------
    >>> in_order_of_time(["9/5/2024 10:00", "31/5/2024 9:00"])["9/5/2024 10:00"]
    '2024-05-09 10:00:00'
    >>> in_order_of_time(["9/5/2024 10:00", "8/5/2024 9:00"])
    {}
    """
    different = list(dict.fromkeys(texts))
    if different and all(_NUMBER.fullmatch(text) for text in different):
        return {text: f"{float(text):020.6f}" for text in different}
    moments = {text: text.replace("T", " ") for text in different if _ISO.fullmatch(text)}
    others = {text: _OTHER.fullmatch(text) for text in different if text not in moments}
    found = {text: match for text, match in others.items() if match is not None}
    is_day_first = _day_first([match for match in found.values() if len(match[1]) <= 2])
    for text, match in found.items():
        one, two, three = match[1], match[3], match[4]
        if len(one) == 4:
            date = f"{one}-{int(two):02d}-{int(three):02d}"
        elif len(three) == 4 and is_day_first is not None:
            day, month = (one, two) if is_day_first else (two, one)
            date = f"{three}-{int(month):02d}-{int(day):02d}"
        else:
            continue
        moments[text] = f"{date} {_hour(match):02d}:{match[6] or '00'}:{match[7] or '00'}"
    return moments


def _day_first(found: list[re.Match[str]]) -> bool | None:
    """Whether the day stands before the month; None where the column shows neither, or both."""
    first = any(int(match[1]) > _MONTHS for match in found)
    second = any(int(match[3]) > _MONTHS for match in found)
    return None if first == second else first


def _hour(match: re.Match[str]) -> int:
    hour, half = int(match[5] or 0), (match[8] or "").casefold()
    return hour if not half else hour % _MONTHS + _MONTHS * (half == "p")
