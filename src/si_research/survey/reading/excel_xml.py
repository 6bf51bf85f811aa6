"""The XML of a sheet, for what the library that reads workbooks does not tell of its cells."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Final, NamedTuple
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
_STYLES: Final = "xl/styles.xml"
_PLACE: Final = re.compile(rb'\br="([A-Z]+)([0-9]+)"')


class SheetXml(NamedTuple):
    """The XML of one sheet, and of the styles of its workbook; both empty for a workbook of another kind."""

    cells: bytes = b""
    styles: bytes = b""


def sheet_xml(content: bytes, sheet: str) -> SheetXml:
    """Return the XML of a sheet.

    Parameters
    ----------
    content : bytes
        The workbook.
    sheet : str
        Name of the sheet.

    Returns
    -------
    SheetXml

    Raises
    ------
    Exception
        One of ``DAMAGED``: the sheet cannot be searched.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            styles = archive.read(_STYLES) if _STYLES in archive.namelist() else b""
            return SheetXml(archive.read(_part_of(archive, sheet)), styles)
    except (zipfile.BadZipFile, KeyError):
        return SheetXml()


def place_of(attributes: bytes) -> tuple[int, int] | None:
    """Return row and column of a cell, both counted from 0; None where its attributes do not say so.

    Examples
    --------
    >>> place_of(b'r="AA3" s="1"')
    (2, 26)
    """
    place = _PLACE.search(attributes)
    if place is None:
        return None
    column = 0
    for letter in place[1]:
        column = column * 26 + letter - ord("A") + 1
    return int(place[2]) - 1, column - 1


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
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
