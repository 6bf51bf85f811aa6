"""Which sheet of a workbook holds the answers, and what its merged cells stand for."""

from __future__ import annotations

from typing import Any, Final

from si_research.errors import SurveyDataError
from si_research.survey.codebook import SourceOptions, did_you_mean
from si_research.survey.reading.cells import cell_of
from si_research.survey.reading.detect import RawFile
from si_research.survey.reading.recognise import TOOLS
from si_research.survey.survey_data import Code

Range = tuple[tuple[int, int], tuple[int, int]]
"""Cells merged into one: row and column of its first and of its last cell, counted from 0."""
WIDE: Final = 4
"""Columns from which on a row with one cell is no row of answers."""
_RIVAL: Final = 0.5
"""Size of a second sheet, as share of the largest, above which nobody should guess."""
_TOP: Final = 4
_FEWEST_ROWS: Final = 3


def choose_sheet(file: RawFile, workbook: Any, options: SourceOptions) -> tuple[str, tuple[str, ...]]:
    """Return the sheet with the answers, and how it was chosen.

    The stated one; else the only one that a survey tool wrote; else the one that is much larger than all
    others, unless another is wider: a list of codes may be longer than the answers.

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
            todo=did_you_mean(stated, names) or "state the right `sheet` under `source` in the codebook",
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
    first = max(sizes, key=lambda name: sizes[name])
    rivals = [
        name
        for name, sheet in sheets.items()
        if name != first
        and (
            sizes[name] > _RIVAL * sizes[first]
            or (sheet.width > sheets[first].width and sheet.height >= _FEWEST_ROWS)
        )
    ]
    if rivals:
        raise file.problem(
            expected="one sheet with the answers",
            found=f"several that could be it: {' and '.join((first, *rivals))}",
            todo="state which one as `sheet` under `source` in the codebook",
        )
    return first, (f"sheet {first}, by far the largest of {len(sheets)}: {', '.join(sheets)}",)


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
