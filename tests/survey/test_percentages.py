"""Percentages typed with and without their sign: one number where numbers run to 100, else unreadable."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from si_research.errors import LabelError
from si_research.survey.codebook import Codebook, Item, ResponseFormat, Variable
from si_research.survey.ledger import counts_of
from si_research.survey.reading.read import read_survey
from si_research.survey.replay import replay

SHARE = Variable(kind="number", lowest=0, highest=100)


def codebook_with(share: Variable = SHARE) -> Codebook:
    return Codebook(
        title="Shares",
        formats={"percentage": ResponseFormat(lowest=0, highest=100)},
        items={"k1": Item(format="percentage")},
        variables={"share": share},
        scales={},
    )


def write_workbook(folder: Path, cells: list[tuple[object, str]]) -> Path:
    """Write each value in both columns, shown by its number format."""
    book = openpyxl.Workbook()
    book.active.append(["k1", "share"])
    for row, (value, shown) in enumerate(cells, start=2):
        for column in (1, 2):
            book.active.cell(row, column, value).number_format = shown
    book.save(folder / "shares.xlsx")
    return folder / "shares.xlsx"


def write(folder: Path, cells: list[str]) -> Path:
    path = folder / "shares.csv"
    path.write_text("k1;share\n" + "".join(f"{cell};{cell}\n" for cell in cells), encoding="utf-8")
    return path


def test_a_percent_sign_says_nothing_new_between_0_and_100(tmp_path: Path) -> None:
    path = write(tmp_path, ["20", "10%", "0", "37,5 %", " 100% "])
    survey = read_survey(path, codebook_with())
    assert survey.values["k1"].tolist() == [20, 10, 0, 37.5, 100]
    assert survey.values["share"].tolist() == [20, 10, 0, 37.5, 100]
    assert counts_of(survey.ledger, list(survey.ledger.steps["step"]).index("tidy"))["cells"]["percent"] == 6
    assert replay(survey.ledger, path, codebook_with()).values.equals(survey.values)


def test_on_another_range_a_percentage_is_not_guessed(tmp_path: Path) -> None:
    path = write(tmp_path, ["20", "10%"])
    hours = codebook_with(Variable(kind="number", lowest=0, highest=60))
    survey = read_survey(path, hours)
    assert survey.values["share"].isna().tolist() == [False, True]
    assert survey.reasons.loc[2, "share"] == "unreadable"


@pytest.mark.parametrize("cell", ["%", "10%%", "ongeveer 10%", "10% of meer"])
def test_what_is_no_percentage_stays_unreadable(tmp_path: Path, cell: str) -> None:
    survey = read_survey(write(tmp_path, ["20", cell]), codebook_with())
    assert survey.reasons.loc[2, "share"] == "unreadable"


def test_closed_answers_in_tens_take_the_sign_too(tmp_path: Path) -> None:
    tens = ResponseFormat.model_validate({"options": [{"value": value} for value in range(0, 101, 10)]})
    codebook = Codebook(title="Tens", formats={"tens": tens}, items={"k1": Item(format="tens")}, scales={})
    assert read_survey(write(tmp_path, ["20%", "0"]), codebook).values["k1"].tolist() == [20, 0]
    with pytest.raises(LabelError):
        read_survey(write(tmp_path, ["een%"]), codebook)


def test_a_cell_that_excel_shows_as_a_percentage_is_what_it_shows(tmp_path: Path) -> None:
    cells = [
        (0.58, "0%"),
        (1.0, "0.00%"),
        (0.58333, "0.0%;[Red]-0.0%"),
        (40, "General"),
        (1, '0"%"'),
        (1, "0\\%"),
    ]
    path = write_workbook(tmp_path, cells)
    survey = read_survey(path, codebook_with())
    assert survey.values["share"].tolist() == [58, 100, 58.333, 40, 1, 1]
    assert survey.values["k1"].tolist() == [58, 100, 58.333, 40, 1, 1]
    assert "numbers shown as a percentage, read as they are shown: 6" in survey.facts.detected
    assert counts_of(survey.ledger, list(survey.ledger.steps["step"]).index("tidy"))["cells"]["percent"] == 6
    assert replay(survey.ledger, path, codebook_with()).values.equals(survey.values)


def test_on_a_range_from_0_to_1_a_percentage_is_a_share_and_elsewhere_nothing(tmp_path: Path) -> None:
    path = write_workbook(tmp_path, [(0.58, "0%"), (0.07, "General"), (0.075, "0%")])
    share = read_survey(path, codebook_with(Variable(kind="number", lowest=0, highest=1)))
    assert share.values["share"].tolist() == pytest.approx([0.58, 0.07, 0.075])
    bare = read_survey(path, codebook_with(Variable(kind="number")))
    assert bare.values["share"].isna().tolist() == [True, False, True]
    assert bare.reasons["share"].tolist()[0] == "unreadable"
