"""Where a table says what its columns are: rows of names and texts, and where the answers begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from si_research.survey.codebook import SourceTool, normalise
from si_research.survey.reading.header import Header
from si_research.survey.response_format import one_line
from si_research.survey.survey_data import SystemRole

__all__ = ["Layout", "Rows", "one_line", "plain_layout", "roles_by_name"]

Rows = Sequence[Sequence[str]]
"""The first rows of a table as text; a blank row is an empty list."""

_TITLE_CELLS: Final = 2
_NARROW: Final = 4
_SEARCHED: Final = 30


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of a table are to be read.

    Attributes
    ----------
    tool : str
        The survey tool that wrote it, or ``plain``.
    names : tuple of str
        A name a column, as the file has it: possibly empty or repeated.
    texts : tuple of str
        The question a column, empty where the file does not say.
    roles : tuple of str or None
        What a system column is about; None for questions.
    header_row, first_row : int
        Row with the names, and row with the first answers; counted from 1, blank rows too.
    how : str
        How the tool was recognised; empty for a plain table whose first row holds the names.
    """

    tool: SourceTool
    names: tuple[str, ...]
    texts: tuple[str, ...]
    roles: tuple[SystemRole | None, ...]
    header_row: int
    first_row: int
    how: str

    def repairs_of(self, header: Header, blank_rows: int = 0) -> dict[str, int]:
        """Return what was mended in the header or passed over around it, counted."""
        passed_over = {"rows_above": self.first_row - 2, "blank_rows": blank_rows}
        return {**header.repairs, **{what: count for what, count in passed_over.items() if count}}

    def texts_of(self, header: Header) -> dict[str, str]:
        """Return the question of each column, by its unique name."""
        return {name: text for name, text in zip(header.names, self.texts, strict=True) if text}

    def roles_of(self, header: Header) -> dict[str, SystemRole]:
        """Return what each system column is about, by its unique name."""
        return {name: role for name, role in zip(header.names, self.roles, strict=True) if role}


def plain_layout(rows: Rows, header_row: int | None = None) -> Layout | None:
    """Return the layout of a table without system columns; None when there is no row of names.

    Titles above the header are passed over: rows that fill at most two cells of a wider table. A header of
    two rows, of which the lower one fills the gaps of the upper one, is read as one.

    Examples
    --------
    >>> plain_layout([["Results 2024"], [], ["id", "k1", "k2", "k3"], ["1", "2", "3", "4"]]).header_row
    3
    >>> layout = plain_layout([["Firm", "My work", "", ""], ["", "B1", "B2", "B3"], ["A", "1", "2", "3"]])
    >>> layout.names, layout.first_row
    (('Firm', 'B1', 'B2', 'B3'), 3)
    """
    place = header_row if header_row is not None else _first_row_of_names(rows)
    if place is None or place > len(rows) or not any(rows[place - 1]):
        place = next((n for n, row in enumerate(rows, 1) if n >= (place or 1) and any(row)), None)
    if place is None:
        return None
    width = max(len(row) for row in rows[place - 1 :])
    names = _padded(rows[place - 1], len(rows[place - 1]))
    first_row, how = place + 1, ""
    lower = rows[place] if header_row is None and place < len(rows) else ()
    if _fills_the_gaps(names, lower, width):
        names = tuple(
            low.strip() or high for low, high in zip(_padded(lower, len(names)), names, strict=True)
        )
        first_row, how = place + 2, f"column names on rows {place} and {place + 1}"
    elif header_row is None and place > 1:
        how = f"column names on row {place}, below {place - 1} rows of titles"
    nothing: tuple[None, ...] = (None,) * len(names)
    return Layout("plain", names, ("",) * len(names), nothing, place, first_row, how)


def _first_row_of_names(rows: Rows) -> int | None:
    """Return the first row that is not blank and no title of a wider table below it."""
    searched = rows[:_SEARCHED]
    width = max((len([cell for cell in row if cell]) for row in searched), default=0)
    for place, row in enumerate(searched, start=1):
        filled = [column for column, cell in enumerate(row) if cell.strip()]
        if len(filled) > _TITLE_CELLS or (filled and width < _NARROW):
            return _below_titles(searched, place, width)
        lower = _padded(rows[place], len(row)) if place < len(rows) else ()
        if any(not lower[column].strip() for column in filled) and _fills_the_gaps(row, lower, width):
            return place
    return next((place for place, row in enumerate(searched, start=1) if any(row)), None)


def _below_titles(rows: Rows, first: int, width: int) -> int:
    """Return the row of names of a narrow table: below titles, which are sentences in a cell of their own.

    The names must fill every column, be no numbers, and have answers below them; else it is the first row.
    """
    for place, row in enumerate(rows[first - 1 :], start=first):
        filled = [cell for cell in row if cell.strip()]
        is_title = width > 1 and (not filled or (len(filled) == 1 and len(filled[0].split()) > 1))
        if is_title:
            continue
        below = [cell for cell in rows[place] if cell.strip()] if place < len(rows) else []
        has_names = len(filled) == width and not any(_is_number(cell) for cell in filled)
        return place if has_names and len(below) > 1 else first
    return first


def _fills_the_gaps(upper: Sequence[str], lower: Sequence[str], width: int) -> bool:
    """Whether two rows make one header: texts below many empty cells, and hardly any below the others."""
    below = _padded(lower, len(upper))
    gaps = [low for high, low in zip(upper, below, strict=True) if not high.strip()]
    if len(gaps) < max(2, width / 3) or len(lower) > len(upper):
        return False
    filled = [cell for cell in gaps if cell.strip()]
    return len(filled) > len(gaps) / 2 and not any(_is_number(cell) for cell in below)


def _is_number(cell: str) -> bool:
    return cell.strip().rstrip("%").replace(",", "").replace(".", "").lstrip("-").isdigit()


def _padded(row: Sequence[str], width: int) -> tuple[str, ...]:
    return (*row, *("",) * (width - len(row)))[:width]


def roles_by_name(
    names: Sequence[str], known: dict[str, SystemRole], starts: dict[str, SystemRole] | None = None
) -> tuple[SystemRole | None, ...]:
    """Return the role of each column by its name, or by how its name begins; compared as labels are.

    Examples
    --------
    >>> roles_by_name(["IP-adres", "k1"], {"ip-adres": "ip_address"})
    ('ip_address', None)
    """
    tidy = [normalise(name) for name in names]
    return tuple(
        known.get(name)
        or next((role for start, role in (starts or {}).items() if name.startswith(start)), None)
        for name in tidy
    )
