"""Workbooks: three sheets, and no text that a spreadsheet would work out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from si_research.errors import SurveyDataError
from si_research.survey.codebook import Codebook, Item, Scale, Variable
from si_research.survey.data_out import write_cleaned
from si_research.survey.reading import read_survey
from si_research.survey.survey_data import Survey

CODEBOOK = Codebook(
    title="Klein",
    items={"k1": Item(format="agree_5", wording_nl="Kunt u het?", reverse=True)},
    variables={"rol": Variable(label_nl="=rol")},
    scales={"kunnen": Scale(construct="kunnen", items=("k1",))},
)
DANGEROUS = ("=1+1", "+31", "-x", "@SUM(A1)", "#N/A", "_x0041_", "gewoon")


@pytest.fixture
def survey(tmp_path: Path) -> Survey:
    frame = pd.DataFrame({"k1": ["1", *[""] * 6], "rol": list(DANGEROUS)}, dtype="str")
    frame.to_parquet(tmp_path / "raw.parquet")
    return read_survey(tmp_path / "raw.parquet", CODEBOOK)


def test_no_text_is_a_formula(survey: Survey, tmp_path: Path) -> None:
    path = write_cleaned(survey, CODEBOOK, tmp_path / "out.xlsx").data
    sheets = openpyxl.load_workbook(path)
    for row in sheets["data"].iter_rows():
        assert all(cell.data_type in ("s", "n") for cell in row)
    cells = [row[1] for row in sheets["data"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells][:5] == list(DANGEROUS[:5])
    assert [bool(cell.quotePrefix) for cell in cells] == [True] * 4 + [False] * 3
    assert sheets["codebook"]["C3"].data_type == "s"
    again = read_survey(path, write_cleaned(survey, CODEBOOK, tmp_path / "other.xlsx").codebook)
    assert again.values["rol"].tolist() == list(DANGEROUS)


def test_the_other_sheets_say_what_is_missing_and_what_it_means(survey: Survey, tmp_path: Path) -> None:
    path = write_cleaned(survey, CODEBOOK, tmp_path / "out.xlsx").data
    sheets = openpyxl.load_workbook(path)
    assert sheets.sheetnames == ["data", "reasons", "codebook"]
    header, k1, rol = sheets["reasons"].iter_rows(values_only=True)
    assert dict(zip(header, k1, strict=True))["unanswered"] == 6
    assert sum(rol[1:]) == 0
    assert [cell.value for cell in sheets["codebook"][2]] == [
        "k1",
        "item",
        "Kunt u het?",
        "1 = helemaal mee oneens; 2 = mee oneens; 3 = niet mee eens, niet mee oneens; "
        "4 = mee eens; 5 = helemaal mee eens",
        "yes",
    ]


def test_what_a_workbook_cannot_hold_is_refused(survey: Survey, tmp_path: Path) -> None:
    odd = replace(survey, values=survey.values.assign(rol="\x0b"))
    long = replace(survey, values=survey.values.assign(rol="a" * 32_768))
    for each in (odd, long):
        with pytest.raises(SurveyDataError, match="which is what a workbook holds"):
            write_cleaned(each, CODEBOOK, tmp_path / "out.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["raw.parquet"]
