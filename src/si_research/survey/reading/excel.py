"""Excel and other workbooks, with the cells that the spreadsheet could not work out."""

from __future__ import annotations

import io
from typing import Any, Final

import pandas as pd

from si_research.survey.codebook import SourceOptions, did_you_mean
from si_research.survey.reading.cells import cell_of, text_of_number, typed_column
from si_research.survey.reading.detect import RawFile
from si_research.survey.reading.excel_errors import DAMAGED, error_cells_of
from si_research.survey.reading.header import header_of
from si_research.survey.reading.recognise import SEARCHED_ROWS, layout_of, no_header
from si_research.survey.survey_data import Code, RawSurvey

_RIVAL: Final = 0.5
"""Size of a second sheet, as share of the largest, above which nobody should guess."""


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
    try:
        errors = error_cells_of(file.content, sheet)
    except DAMAGED as error:
        raise _damaged(file) from error
    texts = _put_in_errors(rows, errors)
    layout = layout_of([[_name(cell) for cell in row] for row in rows[:SEARCHED_ROWS]], options)
    if layout is None:
        raise no_header(file, options)
    header = header_of(layout.names)
    below = rows[layout.first_row - 1 :]
    filled = [row for row in below if any(cell is not None for cell in row)]
    frame = _frame(header.names, filled)
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
        sheet, remarks = _choose_sheet(file, workbook, options.sheet)
        cells = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except PasswordError as error:
        raise file.problem(
            expected="a workbook that can be opened",
            found="one with a password",
            todo="save it without a password",
        ) from error
    except CalamineError as error:
        raise _damaged(file) from error
    return sheet, [[cell_of(cell) for cell in row] for row in cells], remarks


def _damaged(file: RawFile) -> Exception:
    return file.problem(
        expected="a workbook",
        found="a file that is damaged or of another kind",
        todo="open it in the spreadsheet program and save it as .xlsx",
    )


def _choose_sheet(file: RawFile, workbook: Any, stated: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the stated sheet, or the one that is much larger than all others."""
    names = tuple(workbook.sheet_names)
    if not names:
        raise _damaged(file)
    if stated is not None and stated not in names:
        raise file.problem(
            expected=f"a sheet {stated}",
            found=f"the sheets {', '.join(names)}",
            todo=did_you_mean(stated, names) or "state the right `sheet` under `source` in the codebook",
        )
    if stated is not None or len(names) == 1:
        return stated or names[0], ()
    sizes = {name: _n_cells(workbook.get_sheet_by_name(name)) for name in names}
    first, second = sorted(names, key=lambda name: -sizes[name])[:2]
    if sizes[second] > _RIVAL * sizes[first]:
        raise file.problem(
            expected="one sheet with the answers",
            found=f"several that could be it: {first} and {second}",
            todo="state which one as `sheet` under `source` in the codebook",
        )
    return first, (f"sheet {first}, by far the largest of {len(names)}: {', '.join(names)}",)


def _n_cells(sheet: Any) -> int:
    return int(sheet.total_height) * int(sheet.total_width)


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
