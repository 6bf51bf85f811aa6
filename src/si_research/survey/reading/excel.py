"""Excel and other workbooks, with the cells that the spreadsheet could not work out."""

from __future__ import annotations

import io
from typing import NamedTuple

import pandas as pd

from si_research.survey.codebook import SourceOptions
from si_research.survey.reading.cells import cell_of, text_of_number, typed_column
from si_research.survey.reading.detect import RawFile
from si_research.survey.reading.excel_errors import error_cells_of
from si_research.survey.reading.excel_percent import percent_cells_of, put_in_percentages
from si_research.survey.reading.excel_sheets import WIDE, Range, choose_sheet, damaged, fill_merged
from si_research.survey.reading.excel_xml import DAMAGED, sheet_xml
from si_research.survey.reading.header import header_of
from si_research.survey.reading.recognise import KEPT_ROWS, SEARCHED_ROWS, layout_of, no_header
from si_research.survey.survey_data import Code, RawSurvey


def read_excel(file: RawFile, options: SourceOptions) -> RawSurvey:
    """Read one sheet of a workbook.

    Parameters
    ----------
    file : RawFile
        The file.
    options : SourceOptions
        Sheet (default: the one that holds the answers) and header row.

    Returns
    -------
    RawSurvey
        Numbers where a cell holds a number, text elsewhere; rows without any cell are left out.

    Raises
    ------
    SurveyDataError
        No workbook, a password, an unknown sheet, several that may hold the answers, no header.
    """
    sheet, rows, merged, remarks = _rows_of(file, options)
    try:
        xml = sheet_xml(file.content, sheet)
        errors, shares = error_cells_of(xml), percent_cells_of(xml)
    except DAMAGED as error:
        raise damaged(file) from error
    texts = _put_in_errors(rows, errors)
    first = [[_name(cell) for cell in row] for row in rows[:SEARCHED_ROWS]]
    layout = layout_of(first, options)
    if layout is None:
        raise no_header(file, options)
    header = header_of(layout.names)
    n_merged = fill_merged(rows, merged, layout.first_row - 1)
    if n_merged:
        remarks += (f"cells merged over several rows, read in each of them: {n_merged}",)
    n_shares = put_in_percentages(rows, shares, layout.first_row - 1)
    if n_shares:
        remarks += (f"numbers shown as a percentage, read as they are shown: {n_shares}",)
    below = rows[layout.first_row - 1 :]
    filled = [row for row in below if any(cell is not None for cell in row)]
    frame = _frame(header.names, filled)
    n_lonely = sum(sum(cell is not None for cell in row) == 1 for row in filled)
    if n_lonely and len(header.names) >= WIDE:
        remarks += (f"rows with one filled cell, such as notes below a table: {n_lonely}",)
    n_blank = len(below) - len(filled)
    wrong = {name: int(frame[name].isin(texts).sum()) for name in header.names} if texts else {}
    if texts:
        remarks += (
            f"cells that the spreadsheet could not work out: {sum(wrong.values())} ({', '.join(texts)})",
        )
    facts = file.facts(
        frame,
        sheet=sheet,
        decimal=options.decimal,
        header_row=layout.header_row,
        tool=layout.tool,
        detected=(
            *((layout.how,) if layout.how else ()),
            *remarks,
            *header.remarks,
            *((f"blank rows left out: {n_blank}",) if n_blank else ()),
        ),
        repairs=layout.repairs_of(header, n_blank),
    )
    return RawSurvey(
        frame,
        facts,
        options.model_copy(update={"sheet": sheet}),
        error_cells={name: texts for name, count in wrong.items() if count},
        repeated=header.repeated,
        texts=layout.texts_of(header),
        roles=layout.roles_of(header),
        top=tuple(map(tuple, first[:KEPT_ROWS])),
    )


def _put_in_errors(rows: list[list[Code | None]], errors: dict[tuple[int, int], str]) -> tuple[str, ...]:
    """Write the errors into their cells, and return the texts that they go by."""
    for (row, column), text in errors.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    return tuple(sorted(set(errors.values())))


class _Sheet(NamedTuple):
    """One sheet: its name, its cells from the first row on, its merged cells, what is to be said of it."""

    name: str
    rows: list[list[Code | None]]
    merged: list[Range]
    remarks: tuple[str, ...]


def _rows_of(file: RawFile, options: SourceOptions) -> _Sheet:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(file.content))
        sheet, remarks = choose_sheet(file, workbook, options)
        page = workbook.get_sheet_by_name(sheet)
        cells, merged = page.to_python(skip_empty_area=False), page.merged_cell_ranges or []
    except PasswordError as error:
        raise file.problem(
            expected="a workbook that can be opened",
            found="one with a password",
            todo="save it without a password",
        ) from error
    except CalamineError as error:
        raise damaged(file) from error
    return _Sheet(sheet, [[cell_of(cell) for cell in row] for row in cells], merged, remarks)


def _name(cell: Code | None) -> str:
    """Return a column name as text: a year in a header is a number to Excel."""
    return text_of_number(cell) if isinstance(cell, float) else cell or ""


def _frame(names: tuple[str, ...], rows: list[list[Code | None]]) -> pd.DataFrame:
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return pd.DataFrame(
        {
            name: typed_column(pd.Series(list(cells), dtype=object))
            for name, cells in zip(names, columns, strict=True)
        }
    )
