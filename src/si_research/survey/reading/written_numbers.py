"""Numbers out of text, strictly: a text that could be two numbers is none.

``1.234`` is one thousand two hundred and thirty-four where the decimal sign is a comma, and a bit
over one where it is a point. Thousands come in groups of three, so ``1.5`` is never fifteen and
``03.04.2024`` is never a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Final, Literal

DecimalSign = Literal[",", "."]
Writing = Literal["trimmed", "decimal_comma", "thousands", "notation", "percent"]
"""How a cell is written where that is not how its value is kept: with spaces around it (or other capitals), a
decimal comma, marks or spaces between thousands, other signs (plus, euro, typographic minus, wide digits, an
exponent), or a percent sign."""
_EXPONENT: Final = r"(?:[eE][+-]?\d{1,3})?"
_PATTERNS: Final[dict[DecimalSign, re.Pattern[str]]] = {
    ",": re.compile(rf"[+-]?(?:(?:\d+|[1-9]\d{{0,2}}(?:\.\d{{3}})+)(?:,\d+)?|,\d+){_EXPONENT}", re.ASCII),
    ".": re.compile(rf"[+-]?(?:(?:\d+|[1-9]\d{{0,2}}(?:,\d{{3}})+)(?:\.\d+)?|\.\d+){_EXPONENT}", re.ASCII),
}
_PLAIN: Final = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_SAME_SIGNS: Final = str.maketrans("−０１２３４５６７８９．，", "-0123456789.,")
"""A typographic minus, and digits and signs as wide as a Chinese character."""
_SPACED: Final = re.compile(r"[+-]?[1-9]\d{0,2}(?:[ \u00a0\u2009\u202f]\d{3})+(?:[.,]\d+)?", re.ASCII)
_EURO: Final = re.compile(r"([+-]?)(?:(?:€|EUR)\s*([+-]?[\d.,].*)|([\d.,].*?)\s*(?:€|EUR))")
_NO_CENTS: Final = re.compile(r"(?<=\d)([.,])[-–—]{1,2}$")
_DIGITS_OF_A_COUNT: Final = 3
_THOUSANDS: Final[dict[DecimalSign, str]] = {",": ".", ".": ","}


def read_number(text: str, decimal: DecimalSign | None = None) -> float | None:
    """Return the number that a text stands for, or None.

    Parameters
    ----------
    text : str
        A cell; white space around it does not count.
    decimal : {",", "."}, optional
        The decimal sign of the column. Left out, a text is read only if it can mean one number.

    Returns
    -------
    float or None
        None when the text is no number under that sign, or when it could be two.

    Examples
    --------
    >>> read_number("1.234,5", ","), read_number("1.234", ","), read_number("1.234", ".")
    (1234.5, 1234.0, 1.234)
    >>> read_number("37,5"), read_number("1.234"), read_number("1.5", ",")
    (37.5, None, None)
    >>> read_number("€ 2.500,-"), read_number("1 234,56"), read_number("\u221299")
    (2500.0, 1234.56, -99.0)
    """
    tidy = _bare(text)
    if decimal is not None:
        return _read_as(tidy, decimal)
    readings = {number for sign in _PATTERNS if (number := _read_as(tidy, sign)) is not None}
    return readings.pop() if len(readings) == 1 else None


def decimal_of(texts: Iterable[str]) -> DecimalSign | None:
    """Return the decimal sign that the texts give away; None when none of them does, or at a draw.

    Only a text that is a number under one sign and not under the other is evidence: ``37,5`` is,
    ``1.234`` and ``12`` are not.

    Examples
    --------
    >>> decimal_of(["12", "37,5", "1.234"])
    ','
    """
    comma = point = 0
    for text in texts:
        tidy = _bare(text)
        as_comma, as_point = (_PATTERNS[sign].fullmatch(tidy) is not None for sign in (",", "."))
        comma += as_comma and not as_point
        point += as_point and not as_comma
    if comma == point:
        return None
    return "," if comma > point else "."


def makes_thousands(texts: Iterable[str], decimal: DecimalSign) -> bool:
    """Return whether a sign makes thousands of texts that may as well be numbers with decimals.

    A column with hundreds of thousands in it is one of counts: scores have no six digits.

    Examples
    --------
    >>> makes_thousands(["3.333", "4"], ","), makes_thousands(["3.333", "4"], ".")
    (True, False)
    >>> makes_thousands(["421,748", "1,250"], ".")
    False
    """
    leading = [
        text.lstrip("+-").partition(_THOUSANDS[decimal])[0]
        for text in _with_two_readings(texts)
        if _THOUSANDS[decimal] in text
    ]
    return bool(leading) and max(map(len, leading)) < _DIGITS_OF_A_COUNT


def signs_within(texts: Iterable[str], lowest: float | None, highest: float | None) -> list[DecimalSign]:
    """Return the signs under which every number that has two readings lies within a range.

    Parameters
    ----------
    texts : iterable of str
        Cells of one column.
    lowest, highest : float or None
        The ends of the range; None where it is open.

    Examples
    --------
    >>> signs_within(["3.333", "2.667", "4"], 1, 5), signs_within(["1.250", "900"], 100, 5000)
    (['.'], [','])
    >>> signs_within(["3.333"], 0, None)
    [',', '.']
    """
    unclear = _with_two_readings(texts)
    low, high = -math.inf if lowest is None else lowest, math.inf if highest is None else highest
    return [
        sign
        for sign in _PATTERNS
        if all((number := _read_as(text, sign)) is not None and low <= number <= high for text in unclear)
    ]


def has_two_readings(cell: object) -> bool:
    """Return whether a cell is one number with a decimal comma and another one with a point.

    Examples
    --------
    >>> has_two_readings("1.234"), has_two_readings("1.5"), has_two_readings("mee eens")
    (True, False, False)
    """
    return isinstance(cell, str) and bool(_with_two_readings([cell]))


def _with_two_readings(texts: Iterable[str]) -> list[str]:
    tidy = (_bare(text) for text in texts if "," in text or "." in text)
    return [text for text in tidy if all(pattern.fullmatch(text) for pattern in _PATTERNS.values())]


def writing_of(text: str, decimal: DecimalSign | None = None) -> Writing | None:
    """Return how a number is written, where a program would write it otherwise; else None.

    Parameters
    ----------
    text : str
        A cell that :func:`read_number` reads as a number.
    decimal : {",", "."}, optional
        The decimal sign of the column.

    Examples
    --------
    >>> [writing_of(text, ",") for text in ("37,5", "1.234", " 4", "1e3", "10%", "4")]
    ['decimal_comma', 'thousands', 'trimmed', 'notation', 'percent', None]
    """
    if text.strip().endswith("%"):
        return "percent"
    tidy = _bare(text)
    sign = decimal or decimal_of([tidy]) or "."
    if _THOUSANDS[sign] in tidy or _SPACED.search(text):
        return "thousands"
    if sign == "," and "," in tidy:
        return "decimal_comma"
    if not _PLAIN.fullmatch(tidy) or tidy != text.strip():
        return "notation"
    return None if tidy == text else "trimmed"


def without_percent(text: str) -> str:
    """Return a number without its percent sign: where numbers run to 100, ``10%`` is ten.

    Examples
    --------
    >>> without_percent("10 %"), without_percent("10")
    ('10', '10')
    """
    return text.strip().removesuffix("%").rstrip()


def _bare(text: str) -> str:
    """Return a number without what is no part of it: a euro sign, spaces, cents left out."""
    tidy = text.strip()
    if tidy.isascii() and " " not in tidy and not tidy.endswith("-"):
        return tidy
    tidy = tidy.translate(_SAME_SIGNS)
    if found := _EURO.fullmatch(tidy):
        tidy = found[1] + (found[2] or found[3])
    tidy = _NO_CENTS.sub(r"\g<1>00", tidy)
    return "".join(tidy.split()) if _SPACED.fullmatch(tidy) else tidy


def _read_as(tidy: str, decimal: DecimalSign) -> float | None:
    if not _PATTERNS[decimal].fullmatch(tidy):
        return None
    return float(tidy.replace(_THOUSANDS[decimal], "").replace(decimal, "."))
