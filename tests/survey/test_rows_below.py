"""Totals and notes below the answers are no respondents, and are counted."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from si_research.survey.codebook import Codebook, Item, Scale
from si_research.survey.reading import read_raw, read_survey

ROWS = [[n, n % 5 + 1, n % 3 + 1] for n in range(1, 13)]
BELOW = [["Gemiddelde", 3, 2], ["Totaal", 36, 24], ["Bron: HR", None, None]]


def write(path: Path, rows: list[list[object]]) -> Path:
    table = [["nr", "k1", "k2"], *rows]
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in table:
            book.active.append(row)
        book.save(path)
    else:
        path.write_text("\n".join(";".join("" if c is None else str(c) for c in row) for row in table) + "\n")
    return path


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_they_leave_with_a_count(tmp_path: Path, name: str) -> None:
    items = {key: Item(format="agree_5") for key in ("k1", "k2")}
    book = Codebook(title="x", items=items, scales={"k": Scale(construct="kunnen", items=("k1", "k2"))})
    survey = read_survey(write(tmp_path / name, [*ROWS, *BELOW]), book)
    assert survey.values["k1"].tolist() == [row[1] for row in ROWS]
    assert json.loads(survey.ledger.steps["counts"].iloc[0])["file"]["rows_below"] == 3
    assert (
        read_raw(tmp_path / name).frame["nr"].dtype
        == read_raw(write(tmp_path / name, ROWS)).frame["nr"].dtype
    )


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
@pytest.mark.parametrize("form", ["R{:02d}", "VP-{}", "resp_{}"])
def test_below_ids_with_letters_too(tmp_path: Path, name: str, form: str) -> None:
    rows = [[form.format(row[0]), *row[1:]] for row in ROWS]
    raw = read_raw(write(tmp_path / name, [*rows, *BELOW]))
    assert raw.frame["nr"].tolist() == [row[0] for row in rows]
    assert raw.facts.repairs["rows_below"] == 3
    assert raw.frame["k1"].dtype == read_raw(write(tmp_path / name, rows)).frame["k1"].dtype


def test_a_table_of_organisations_keeps_its_total(tmp_path: Path) -> None:
    rows = [[f"Firm {n}", *row[1:]] for n, row in enumerate(ROWS)]
    assert len(read_raw(write(tmp_path / "a.xlsx", [*rows, BELOW[1]])).frame) == 13
