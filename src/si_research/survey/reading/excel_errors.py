"""Cells of a workbook that hold no value: an error such as ``#N/A``, or a formula never worked out.

The library that reads workbooks gives an empty cell for both, and an empty cell means that nobody
answered. So the sheet's own XML is searched for them; ``.xls``, ``.xlsb`` and ``.ods`` are not.
"""

from __future__ import annotations

import re
from typing import Final

from si_research.survey.reading.excel_xml import SheetXml, place_of

FORMULA: Final = "#FORMULA"
"""Text that stands for a formula whose result the file does not hold."""
_CELL: Final = re.compile(rb"<c ([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_VALUE: Final = re.compile(rb"<v>([^<]+)</v>")


def error_cells_of(xml: SheetXml) -> dict[tuple[int, int], str]:
    """Find the cells of a sheet without a usable value.

    Parameters
    ----------
    xml : SheetXml
        From :func:`~si_research.survey.reading.excel_xml.sheet_xml`.

    Returns
    -------
    dict
        (row, column), both counted from 0, to the text of the error; empty for a workbook of another kind.
    """
    if b't="e"' not in xml.cells and b"<f" not in xml.cells:
        return {}
    found: dict[tuple[int, int], str] = {}
    for cell in _CELL.finditer(xml.cells):
        attributes, inner = cell.groups(default=b"")
        text, place = _error_in(attributes, inner), place_of(attributes)
        if text and place:
            found[place] = text
    return found


def _error_in(attributes: bytes, inner: bytes) -> str | None:
    """Return the error of a cell; a formula that gives an empty text (``str``) is an empty cell."""
    value = _VALUE.search(inner)
    if b't="e"' in attributes:
        return value[1].decode() if value else FORMULA
    is_open = b"<f" in inner and value is None and b't="str"' not in attributes
    return FORMULA if is_open else None
