"""Workbooks, made up here: several sheets, titles, notes, merged cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest

from si_research.errors import SurveyDataError
from si_research.survey.codebook import SourceOptions
from si_research.survey.drafting import draft_codebook
from si_research.survey.reading import read_raw, read_survey

Rows = Sequence[Sequence[object]]
ANSWERS: Rows = [["nr", "k1", "k2", "k3", "k4"], *([n, 1, 2, 3, 4] for n in range(30))]
NOTES: Rows = [["Toelichting"], ["Gehouden in 2026"]]
SURVEYMONKEY: Rows = [
    ["Respondent ID", "Start Date", "Mag het?"],
    [None, None, "Response"],
    *([n, "01/05/2026", "Ja"] for n in range(5)),
]


def workbook(folder: Path, sheets: Mapping[str, Rows], merged: Sequence[str] = ()) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for each in merged:
            sheet.merge_cells(each)
    book.save(folder / "a.xlsx")
    return folder / "a.xlsx"


def test_the_answers_are_found_between_notes_and_empty_sheets(tmp_path: Path) -> None:
    raw = read_raw(workbook(tmp_path, {"Toelichting": NOTES, "Data": ANSWERS, "Blad3": []}))
    assert raw.facts.sheet == "Data"
    assert len(raw.frame) == 30
    assert any("by far the largest of 3" in each for each in raw.facts.detected)


@pytest.mark.parametrize(
    ("sheets", "found"),
    [
        ({"2024": ANSWERS, "2025": ANSWERS}, "2024 and 2025"),
        ({"2024": ANSWERS, "2025": ANSWERS[:20], "Toelichting": NOTES}, "2024 and 2025"),
        (
            {"Codes": [["code", "label"], *([n, f"label {n}"] for n in range(200))], "Data": ANSWERS},
            "Codes and Data",
        ),
        ({"a": SURVEYMONKEY, "b": SURVEYMONKEY}, "a and b"),
    ],
    ids=["two waves", "two waves of another size", "a long list of codes", "two exports"],
)
def test_two_sheets_that_may_be_the_answers_are_asked_about(
    tmp_path: Path, sheets: Mapping[str, Rows], found: str
) -> None:
    path = workbook(tmp_path, sheets)
    with pytest.raises(SurveyDataError, match=f"several that could be it: {found}"):
        read_raw(path)
    for name in found.split(" and "):
        assert read_raw(path, SourceOptions(sheet=name)).facts.sheet == name


def test_the_only_sheet_that_a_survey_tool_wrote_goes_before_a_larger_one(tmp_path: Path) -> None:
    raw = read_raw(workbook(tmp_path, {"Draaitabel": ANSWERS, "Export": SURVEYMONKEY}))
    assert raw.facts.sheet == "Export"
    assert raw.facts.tool == "surveymonkey"
    assert any("the only one of 2 that a survey tool wrote" in each for each in raw.facts.detected)


def test_titles_above_and_notes_below_are_said(tmp_path: Path) -> None:
    rows: Rows = [["Medewerkersonderzoek"], [], *ANSWERS, [], ["Bron: eigen onderzoek"], ["* afgerond"]]
    raw = read_raw(workbook(tmp_path, {"Data": rows}))
    assert list(raw.frame) == ["nr", "k1", "k2", "k3", "k4"]
    assert raw.facts.header_row == 3
    assert any(each.endswith("such as notes below a table: 2") for each in raw.facts.detected)


def test_a_cell_merged_over_rows_counts_in_each_of_them_and_is_said(tmp_path: Path) -> None:
    rows: Rows = [
        ["bedrijf", "k1", "k2", "k3"],
        ["Abel", 1, 2, 3],
        [None, 4, 5, 6],
        [None, None, None, None],
        ["Bakker", 7, 8, 9],
    ]
    raw = read_raw(workbook(tmp_path, {"Data": rows}, merged=["A2:A4"]))
    assert raw.frame["bedrijf"].tolist() == ["Abel", "Abel", "Bakker"]
    assert raw.frame["k1"].tolist() == [1, 4, 7]
    assert "cells merged over several rows, read in each of them: 1" in raw.facts.detected
    plain = read_raw(workbook(tmp_path, {"Data": rows}))
    assert plain.frame["bedrijf"].isna().tolist() == [False, True, False]


def test_cells_merged_in_a_title_or_sideways_fill_nothing(tmp_path: Path) -> None:
    rows: Rows = [["Onderzoek", None, None, None], ["nr", "k1", "k2", "k3"], [1, "x", None, 3]]
    raw = read_raw(workbook(tmp_path, {"Data": rows}, merged=["A1:D1", "B3:C3"]))
    assert list(raw.frame) == ["nr", "k1", "k2", "k3"]
    assert raw.frame["k2"].isna().all()
    assert not any("merged" in each for each in raw.facts.detected)


COLUMN_NOTES: Rows = [
    ["Kolom", "Betekenis", "Opmerking"],
    *(
        [
            f"k{n}",
            f"of iemand in zijn werk met taak {n} overweg kan",
            f"bedoeld voor groep {n} en niet daarbuiten",
        ]
        for n in range(30)
    ),
]
LABELLED: Rows = [["nr", "k1", "k2"], *([n, "mee eens", "mee oneens"] for n in range(30))]


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        ("Toelichting", [["Dit bestand bevat resultaten"], *([f"noot {n}", "x", "y"] for n in range(40))]),
        ("Notes", COLUMN_NOTES),
        ("Blad2", COLUMN_NOTES),
    ],
    ids=["by name", "by name and text", "by text"],
)
def test_notes_in_columns_are_no_second_sheet_of_answers(tmp_path: Path, name: str, notes: Rows) -> None:
    raw = read_raw(workbook(tmp_path, {name: notes, "Data": LABELLED}))
    assert raw.facts.sheet == "Data"
    assert f"sheet Data, the largest beside notes: {name}" in raw.facts.detected


@pytest.mark.parametrize(
    "other",
    [
        LABELLED,
        [["nr", "k1", "k2"], *([f"R{n:02}", "mee eens", "mee oneens"] for n in range(30))],
        [
            ["nr", "k1", "k2", "toelichting"],
            *([f"R{n:02}", "eens", "oneens", f"dat is wat ik vond op dag {n}"] for n in range(30)),
        ],
    ],
    ids=["with numbers", "with labels only", "with labels and own words"],
)
def test_answers_in_words_are_no_notes(tmp_path: Path, other: Rows) -> None:
    path = workbook(tmp_path, {"Data": LABELLED, "Blad2": other})
    with pytest.raises(SurveyDataError, match="several that could be it"):
        read_raw(path)


def test_a_sheet_that_is_stated_is_in_the_draft_and_one_that_was_found_is_not(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"2024": ANSWERS, "2025": ANSWERS})
    stated = read_raw(path, SourceOptions(sheet="2025"))
    assert draft_codebook(stated).source == SourceOptions(sheet="2025")
    assert read_survey(path, source=SourceOptions(sheet="2025")).facts.sheet == "2025"
    found = read_raw(workbook(tmp_path, {"Toelichting": NOTES, "Data": ANSWERS}))
    assert draft_codebook(found).source == SourceOptions()
