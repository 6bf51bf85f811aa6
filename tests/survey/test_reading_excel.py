"""Reading workbooks: typed cells, sheets, and cells that the spreadsheet could not work out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest

from si_research.errors import SurveyDataError
from si_research.survey.codebook import SourceOptions, Variable
from si_research.survey.reading import read_raw, read_survey
from si_research.survey.reading.excel_errors import error_cells_of
from si_research.survey.reading.excel_xml import sheet_xml
from three_columns import answers, codebook

HEADER = ["k1", "hours", "sector"]


def workbook(folder: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = folder / "survey.xlsx"
    book.save(path)
    return path


def test_cells_keep_their_type_so_that_a_typed_number_is_never_ambiguous(tmp_path: Path) -> None:
    rows = [
        HEADER,
        ["eens", 1.234, 3],
        [3, "2,5", "zorg"],
        ["weet niet", "1.234", True],
        [2.0, 99, dt.date(2026, 11, 23)],
        [None, " ", "x"],
    ]
    survey = read_survey(workbook(tmp_path, {"Data": rows}), codebook())
    assert answers(survey, "k1") == [3.0, 3.0, "does_not_know", 2.0, "unanswered"]
    assert answers(survey, "hours") == [1.234, 2.5, 1234.0, "refused", "unanswered"]
    assert answers(survey, "sector") == ["3", "zorg", "true", "2026-11-23", "x"]
    assert (survey.facts.kind, survey.facts.sheet) == ("excel", "Data")


def test_errors_and_formulas_without_a_value_are_unreadable_not_unanswered(tmp_path: Path) -> None:
    rows: list[list[object]] = [HEADER, ["#N/A", "=1+1", "#DIV/0!"], ["eens", 8, None], [None, None, "zorg"]]
    path = workbook(tmp_path, {"First": [["no", "errors"]], "Data": rows})
    raw = read_raw(path, SourceOptions(sheet="Data"))
    assert raw.facts.detected == (
        "cells that the spreadsheet could not work out: 3 (#DIV/0!, #FORMULA, #N/A)",
    )
    survey = read_survey(path, codebook(source=SourceOptions(sheet="Data")))
    assert answers(survey, "k1") == ["unreadable", 3.0, "unanswered"]
    assert answers(survey, "hours") == ["unreadable", 8.0, "unanswered"]
    assert answers(survey, "sector") == ["unreadable", "unanswered", "zorg"]
    assert "unreadable 3" in survey.ledger.steps.set_index("step").loc["missing_codes", "rule"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b'<c r="B2"><f>4*9</f><v>36</v></c>', 36.0),
        (b'<c s="1" r="B2" t="str"><f>IF(1,"","")</f><v></v></c>', "unanswered"),
        (b'<c s="1" r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "unreadable"),
        (b'<c r="B2"><f>4*9</f></c>', "unreadable"),
    ],
)
def test_a_formula_is_what_the_spreadsheet_made_of_it(tmp_path: Path, written: bytes, read: object) -> None:
    path = workbook(tmp_path, {"Data": [HEADER, ["eens", "=4*9", "x"]]})
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = next(name for name in parts if name.endswith("sheet1.xml"))
    parts[sheet] = parts[sheet].replace(b'<c r="B2"><f>4*9</f><v /></c>', written)
    assert written in parts[sheet], "openpyxl wrote the cell in another way"
    with ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert answers(read_survey(path, codebook()), "hours") == [read]


def test_the_largest_sheet_is_taken_with_a_note_a_stated_one_without_and_rivals_are_refused(
    tmp_path: Path,
) -> None:
    notes, answers = [["about this file"]], [HEADER, ["eens", 1, "a"], ["eens", 2, "b"]]
    largest = read_raw(workbook(tmp_path, {"Notes": notes, "Data": answers}))
    assert largest.facts.detected == ("sheet Data, by far the largest of 2: Notes, Data",)
    assert largest.frame["k1"].tolist() == ["eens", "eens"]
    path = workbook(tmp_path, {"Een": [HEADER, ["eens", 1, "a"]], "Twee": [HEADER, ["oneens", 2, "b"]]})
    with pytest.raises(SurveyDataError, match="several that could be it: Een and Twee"):
        read_raw(path)
    stated = read_raw(path, SourceOptions(sheet="Twee"))
    assert stated.facts.detected == ()
    assert stated.frame["k1"].tolist() == ["oneens"]
    with pytest.raises(SurveyDataError, match="Did you mean `Twee`"):
        read_raw(path, SourceOptions(sheet="Twe"))


def test_empty_rows_and_columns_and_numbers_in_the_header(tmp_path: Path) -> None:
    rows = [[None, None, None], ["k1", 2026, None], [None, None, None], [1, 2, None], [3, 4, "x"]]
    raw = read_raw(workbook(tmp_path, {"Data": rows}))
    assert list(raw.frame) == ["k1", "2026", "column 3"]
    assert raw.frame.index.tolist() == [1, 2]
    assert raw.frame["2026"].tolist() == [2.0, 4.0]
    lower = read_raw(workbook(tmp_path, {"Data": rows}), SourceOptions(header_row=3))
    assert lower.frame.to_dict("list") == {"1": [3.0], "2": [4.0], "column 3": ["x"]}


@pytest.mark.parametrize("rows", [[], [HEADER]])
def test_a_sheet_without_rows(tmp_path: Path, rows: list[list[object]]) -> None:
    with pytest.raises(SurveyDataError, match=r"no rows|no such row"):
        read_raw(workbook(tmp_path, {"Data": rows}))


def test_error_cells_beyond_column_z_and_in_a_file_of_another_kind(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"Data": [[f"c{number}" for number in range(30)], [*[1] * 28, "#REF!", 2]]})
    assert error_cells_of(sheet_xml(path.read_bytes(), "Data")) == {(1, 28): "#REF!"}
    assert error_cells_of(sheet_xml(b"not a zip", "Data")) == {}


def test_parquet_gives_numbers_and_texts(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "k1": pd.Categorical(["eens", None, "oneens"]),
            "hours": pd.array([36, None, 99], dtype="Int64"),
            "sector": [True, None, False],
            "day": pd.to_datetime(["2026-11-23", None, "2026-11-24"]),
        }
    )
    frame.to_parquet(tmp_path / "survey.parquet")
    book = codebook(
        variables={
            name: Variable(kind="number" if name == "hours" else "category") for name in frame if name != "k1"
        }
    )
    survey = read_survey(tmp_path / "survey.parquet", book)
    assert answers(survey, "k1") == [3.0, "unanswered", 1.0]
    assert answers(survey, "hours") == [36.0, "unanswered", "refused"]
    assert answers(survey, "sector") == ["true", "unanswered", "false"]
    assert answers(survey, "day") == ["2026-11-23", "unanswered", "2026-11-24"]
