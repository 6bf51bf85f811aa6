"""Which sheet of a workbook holds the answers, and what its merged cells stand for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from si_research.errors import SurveyDataError
from si_research.survey.codebook import SourceOptions, did_you_mean
from si_research.survey.reading.cells import cell_of
from si_research.survey.reading.detect import RawFile, kind_of
from si_research.survey.reading.recognise import TOOLS
from si_research.survey.reading.written_numbers import read_number
from si_research.survey.survey_data import Code

Range = tuple[tuple[int, int], tuple[int, int]]
"""Cells merged into one: row and column of its first and of its last cell, counted from 0."""
WIDE: Final = 4
"""Columns from which on a row with one cell is no row of answers."""
_RIVAL: Final = 0.5
"""Size of a second sheet, as share of the largest, above which nobody should guess."""
_TOP: Final = 4
_FEWEST_ROWS: Final = 3
_LOOKED_AT: Final = 200
_FEW_NUMBERS: Final = 0.2
_LONG: Final = 4
"""Words from which on a text is a sentence rather than the label of an answer."""
_UNIQUE: Final = 0.8
_NOTES: Final = re.compile(
    r"^(?:toelicht|uitleg|leeswijzer|lees.?mij|read.?me|notes?\b|noten|opmerking|legend|inhoud|contents?\b|"
    r"about\b|over dit|info\b|metadata|verantwoording|explanation|hinweis|erläuterung|anmerkung)",
    re.IGNORECASE,
)
"""How the name of a sheet of notes begins."""


def sheet_of(path: Path, sheet: str | None) -> SourceOptions:
    """Return how to read a file of which a person names the sheet, or none.

    Raises
    ------
    SurveyDataError
        A sheet of a file that has none.
    """
    if sheet is None:
        return SourceOptions()
    if kind_of(path) not in (None, "excel"):
        raise SurveyDataError(
            expected="a workbook, to choose a sheet of",
            found=f"a file that ends in {path.suffix}",
            where=path.name,
            todo="leave out --sheet",
        )
    return SourceOptions(sheet=sheet)


def choose_sheet(file: RawFile, workbook: Any, options: SourceOptions) -> tuple[str, tuple[str, ...]]:
    """Return the sheet with the answers, and how it was chosen.

    The stated one; else the only one that a survey tool wrote; else the one that is much larger than all
    others that hold no notes, unless another is wider: a list of codes may be longer than the answers.

    Raises
    ------
    SurveyDataError
        No such sheet, or several that may hold the answers.
    """
    names = tuple(workbook.sheet_names)
    stated = options.sheet
    if not names:
        raise damaged(file)
    if stated is not None and stated not in names:
        raise file.problem(
            expected=f"a sheet {stated}",
            found=f"the sheets {', '.join(names)}",
            todo=did_you_mean(stated, names)
            or "name the right one, with `--sheet` or as `sheet` under `source` in the codebook",
        )
    if stated is not None or len(names) == 1:
        return stated or names[0], ()
    sheets = {name: workbook.get_sheet_by_name(name) for name in names}
    made = [name for name, sheet in sheets.items() if _is_export(sheet)]
    if len(made) == 1:
        return made[0], (f"sheet {made[0]}, the only one of {len(names)} that a survey tool wrote",)
    return _largest(file, sheets)


def _is_export(sheet: Any) -> bool:
    """Whether the top of a sheet is that of a survey tool."""
    rows = [
        ["" if cell_of(cell) is None else str(cell_of(cell)) for cell in row]
        for row in sheet.to_python(skip_empty_area=False, nrows=_TOP)
    ]
    return any(recognise(rows) is not None for recognise in TOOLS.values())


def _largest(file: RawFile, sheets: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    sizes = {name: int(sheet.total_height) * int(sheet.total_width) for name, sheet in sheets.items()}
    notes = [name for name in sheets if sizes[name] and holds_notes(name, _texts_of(sheets[name]))]
    open_to = [name for name in sheets if name not in notes] if notes else list(sheets)
    if not any(sizes[name] for name in open_to):
        notes, open_to = [], list(sheets)
    first = max(open_to, key=lambda name: sizes[name])
    rivals = [
        name
        for name in open_to
        if name != first
        and (
            sizes[name] > _RIVAL * sizes[first]
            or (sheets[name].width > sheets[first].width and sheets[name].height >= _FEWEST_ROWS)
        )
    ]
    if rivals:
        raise file.problem(
            expected="one sheet with the answers",
            found=f"several that could be it: {' and '.join((first, *rivals))}",
            todo=f'name one: `--sheet "{first}"` with `si-research new --data` or `si-research codebook`, or '
            f"`sheet: {first}` under `source` in a codebook that is there",
        )
    if notes:
        return first, (f"sheet {first}, the largest beside notes: {', '.join(notes)}",)
    return first, (f"sheet {first}, by far the largest of {len(sheets)}: {', '.join(sheets)}",)


def _texts_of(sheet: Any) -> list[list[str]]:
    return [
        ["" if (found := cell_of(cell)) is None else str(found) for cell in row]
        for row in sheet.to_python(nrows=_LOOKED_AT)
    ]


def holds_notes(name: str, rows: list[list[str]]) -> bool:
    """Whether a sheet explains others: hardly a row with a number, and its name or its sentences say so.

    Notes are long texts of which each stands there once; in answers, texts come back in several columns.

    Examples
    --------
    >>> holds_notes("Toelichting", [["k1", "of somebody can"], ["k2", "asked of all"]])
    True
    >>> holds_notes("Blad1", [["nr", "k1"], ["1", "mee eens"], ["2", "mee oneens"]])
    False
    """
    filled = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    filled = [row for row in filled if row]
    n_numbered = sum(any(read_number(cell) is not None for cell in row) for row in filled)
    if not filled or n_numbered > _FEW_NUMBERS * len(filled):
        return False
    if _NOTES.search(name):
        return True
    long = [cell for row in filled for cell in row if len(cell.split()) >= _LONG]
    n_long = sum(any(len(cell.split()) >= _LONG for cell in row) for row in filled)
    columns = [[cell for cell in column if cell.strip()] for column in zip(*rows, strict=True)]
    n_repeating = sum(len(set(column)) <= len(column) / 2 for column in columns if len(column) > _FEWEST_ROWS)
    return n_long > len(filled) / 2 and len(set(long)) >= _UNIQUE * len(long) and n_repeating <= 1


def fill_merged(rows: list[list[Code | None]], merged: list[Range], first_row: int) -> int:
    """Write a cell that is merged over several rows of answers into each of them, and count those.

    A person sees the name of a firm beside all its rows; the file holds it once.

    Parameters
    ----------
    rows : list of list
        The cells of the sheet; changed in place.
    merged : list
        Ranges of merged cells.
    first_row : int
        Place of the first row of answers; merged cells above it are part of a header.

    Returns
    -------
    int
        Cells that were filled; rows without any other cell stay blank.
    """
    n_filled = 0
    for (top, left), (bottom, right) in merged:
        if top < first_row or bottom == top or left != right or left >= len(rows[top]):
            continue
        for row in rows[top + 1 : bottom + 1]:
            if rows[top][left] is not None and any(cell is not None for cell in row):
                row[left] = rows[top][left]
                n_filled += 1
    return n_filled


def damaged(file: RawFile) -> SurveyDataError:
    """Return the error for a file that is no workbook."""
    return file.problem(
        expected="a workbook",
        found="a file that is damaged or of another kind",
        todo="open it in the spreadsheet program and save it as .xlsx",
    )
