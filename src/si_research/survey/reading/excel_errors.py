"""Cells of a workbook that hold no value: an error such as ``#N/A``, or a formula never worked out.

The library that reads workbooks gives an empty cell for both, and an empty cell means that nobody
answered. So the sheet's own XML is searched for them; ``.xls``, ``.xlsb`` and ``.ods`` are not.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException, ElementTree

DAMAGED: Final = (
    zlib.error,
    ParseError,
    DefusedXmlException,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OverflowError,
    ValueError,
)
"""What the parts of a damaged workbook end in."""
FORMULA: Final = "#FORMULA"
"""Text that stands for a formula whose result the file does not hold."""
_CELL: Final = re.compile(rb"<c ([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_PLACE: Final = re.compile(rb'\br="([A-Z]+)([0-9]+)"')
_VALUE: Final = re.compile(rb"<v>([^<]+)</v>")


def error_cells_of(content: bytes, sheet: str) -> dict[tuple[int, int], str]:
    """Find the cells of a sheet without a usable value.

    Parameters
    ----------
    content : bytes
        The workbook.
    sheet : str
        Name of the sheet.

    Returns
    -------
    dict
        (row, column), both counted from 0, to the text of the error; empty for a workbook of another kind.

    Raises
    ------
    Exception
        One of ``DAMAGED``: the sheet cannot be searched.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            xml = archive.read(part_of(archive, sheet))
    except (zipfile.BadZipFile, KeyError):
        return {}
    if b't="e"' not in xml and b"<f" not in xml:
        return {}
    found: dict[tuple[int, int], str] = {}
    for cell in _CELL.finditer(xml):
        attributes, inner = cell.groups(default=b"")
        text = _error_in(attributes, inner)
        place = _PLACE.search(attributes)
        if text and place:
            found[int(place[2]) - 1, column_number(place[1])] = text
    return found


def _error_in(attributes: bytes, inner: bytes) -> str | None:
    """Return the error of a cell; a formula that gives an empty text (``str``) is an empty cell."""
    value = _VALUE.search(inner)
    if b't="e"' in attributes:
        return value[1].decode() if value else FORMULA
    is_open = b"<f" in inner and value is None and b't="str"' not in attributes
    return FORMULA if is_open else None


def part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the name of the XML part that holds a sheet."""
    workbook = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    entries = [part for part in workbook.findall(".//{*}sheet") if part.get("name") == sheet]
    identifiers = [value for entry in entries for key, value in entry.items() if key.endswith("}id")]
    targets = [link.get("Target", "") for link in links if link.get("Id") in identifiers[:1]]
    if not targets:
        raise ValueError("a sheet without its part")
    target: str = targets[0]
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def column_number(letters: bytes) -> int:
    """Return the place of a column, counted from 0: A is 0, Z is 25, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
