"""Cells of a workbook that are shown as a percentage: the file holds 0.58 where people see and typed 58%.

The library that reads workbooks gives the number and not how it is shown, so the styles of the workbook and
the sheet's own XML are searched; those of ``.xls``, ``.xlsb`` and ``.ods`` are not.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from defusedxml import ElementTree

from si_research.survey.reading.excel_xml import SheetXml, place_of
from si_research.survey.survey_data import Code

_BUILT_IN: Final = frozenset({"9", "10"})
"""The formats 0% and 0.00%, which every workbook has without listing them."""
_NO_SIGN: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
"""Parts of a format in which a percent sign is only a letter: quoted, after a backslash, a colour."""
_CELL: Final = re.compile(rb"<c ([^>]*)>")
_STYLE: Final = re.compile(rb'\bs="([0-9]+)"')
_AMBIGUOUS: Final = 3
"""Decimals that could also be thousands."""


def percent_cells_of(xml: SheetXml) -> list[tuple[int, int]]:
    """Find the cells of a sheet that are shown as a percentage.

    Parameters
    ----------
    xml : SheetXml
        From :func:`~si_research.survey.reading.excel_xml.sheet_xml`.

    Returns
    -------
    list of tuple
        (row, column), both counted from 0; empty for a workbook of another kind.

    Raises
    ------
    Exception
        One of ``DAMAGED``: the styles cannot be read.
    """
    styles = _percent_styles(xml.styles) if xml.styles else frozenset()
    found = []
    for (attributes,) in (cell.groups() for cell in _CELL.finditer(xml.cells if styles else b"")):
        style, place = _STYLE.search(attributes), place_of(attributes)
        if style and place and style[1] in styles:
            found.append(place)
    return found


def put_in_percentages(rows: list[list[Code | None]], cells: list[tuple[int, int]], first_row: int) -> int:
    """Write numbers that are shown as a percentage as people see them, and count them.

    Parameters
    ----------
    rows : list of list
        The cells of the sheet; changed in place.
    cells : list of tuple
        From :func:`percent_cells_of`.
    first_row : int
        Place of the first row of answers; what stands above it is left alone.
    """
    n_written = 0
    for row, column in cells:
        if first_row <= row < len(rows) and column < len(rows[row]):
            number = rows[row][column]
            if isinstance(number, float):
                rows[row][column] = percentage(number)
                n_written += 1
    return n_written


def percentage(number: float) -> str:
    """Return a share as a percentage that can be read in one way only.

    Examples
    --------
    >>> percentage(0.58), percentage(1.0), percentage(0.075), percentage(0.58333)
    ('58%', '100%', '7.5%', '58333e-3%')
    """
    text = format((Decimal(repr(number)) * 100).normalize(), "f")
    whole, _, decimals = text.partition(".")
    return f"{whole}{decimals}e-{_AMBIGUOUS}%" if len(decimals) == _AMBIGUOUS else f"{text}%"


def _percent_styles(xml: bytes) -> frozenset[bytes]:
    """Return the numbers of the cell styles whose format shows a percentage."""
    styles = ElementTree.fromstring(xml)
    formats = {
        str(each.get("numFmtId"))
        for each in styles.findall("{*}numFmts/{*}numFmt")
        if "%" in _NO_SIGN.sub("", each.get("formatCode", ""))
    }
    return frozenset(
        str(place).encode()
        for place, style in enumerate(styles.findall("{*}cellXfs/{*}xf"))
        if style.get("numFmtId") in formats | _BUILT_IN
    )
