"""Excel and other workbooks, with the cells that the spreadsheet could not work out."""

from __future__ import annotations

import io

import pandas as pd

from si_research.survey.codebook import SourceOptions, did_you_mean
from si_research.survey.reading.cells import cell_of, text_of_number, typed_column
from si_research.survey.reading.detect import RawFile
from si_research.survey.reading.excel_errors import error_cells_of
from si_research.survey.reading.header import header_of
from si_research.survey.survey_data import Code, RawSurvey


def read_excel(file: RawFile, options: SourceOptions) -> RawSurvey:
    """Read one sheet of a workbook.

    Parameters
    ----------
    file : RawFile
        The file.
    options : SourceOptions
        Sheet (default: the first) and header row.

    Returns
    -------
    RawSurvey
        Numbers where a cell holds a number, text elsewhere; rows without any cell are left out.

    Raises
    ------
    SurveyDataError
        No workbook, a password, an unknown sheet, no header.
    """
    sheet, rows, remarks = _rows_of(file, options)
    texts = _put_in_errors(rows, error_cells_of(file.content, sheet))
    filled = [row for row in rows[options.header_row - 1 :] if any(cell is not None for cell in row)]
    if not filled:
        raise file.problem(
            expected=f"column names on row {options.header_row} of sheet {sheet}",
            found="no such row",
            todo="state the right `sheet` or `header_row` under `source` in the codebook",
        )
    header = header_of([_name(cell) for cell in filled[0]])
    frame = _frame(header.names, filled[1:])
    wrong = {name: int(frame[name].isin(texts).sum()) for name in header.names} if texts else {}
    if texts:
        remarks += (
            f"cells that the spreadsheet could not work out: {sum(wrong.values())} ({', '.join(texts)})",
        )
    return RawSurvey(
        frame,
        file.facts(
            frame,
            sheet=sheet,
            decimal=options.decimal,
            header_row=options.header_row,
            detected=(*remarks, *header.remarks),
        ),
        options.model_copy(update={"sheet": sheet}),
        error_cells={name: texts for name, count in wrong.items() if count},
        repeated=header.repeated,
    )


def _put_in_errors(rows: list[list[Code | None]], errors: dict[tuple[int, int], str]) -> tuple[str, ...]:
    """Write the errors into their cells, and return the texts that they go by."""
    for (row, column), text in errors.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    return tuple(sorted(set(errors.values())))


def _rows_of(file: RawFile, options: SourceOptions) -> tuple[str, list[list[Code | None]], tuple[str, ...]]:
    """Return the name of the sheet, its cells from the first row on, and what is to be said of it."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(file.content))
        names = tuple(workbook.sheet_names)
        sheet = _choose_sheet(file, names, options.sheet)
        cells = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except PasswordError as error:
        raise file.problem(
            expected="a workbook that can be opened",
            found="one with a password",
            todo="save it without a password",
        ) from error
    except CalamineError as error:
        raise file.problem(
            expected="a workbook",
            found="a file that is damaged or of another kind",
            todo="open it in the spreadsheet program and save it as .xlsx",
        ) from error
    several = len(names) > 1 and options.sheet is None
    remarks = (f"sheet {sheet}, the first of {len(names)}: {', '.join(names)}",) if several else ()
    return sheet, [[cell_of(cell) for cell in row] for row in cells], remarks


def _choose_sheet(file: RawFile, names: tuple[str, ...], stated: str | None) -> str:
    if stated is None or stated in names:
        return stated or names[0]
    raise file.problem(
        expected=f"a sheet {stated}",
        found=f"the sheets {', '.join(names)}",
        todo=did_you_mean(stated, names) or "state the right `sheet` under `source` in the codebook",
    )


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
