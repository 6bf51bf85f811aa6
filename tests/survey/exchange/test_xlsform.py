"""XLSForm: accepted by pyxform, exact both ways for our own, and as far as it goes for those of others."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from pyxform.xls2xform import convert

from made_codebooks import codebooks
from si_research.errors import SurveyDataError
from si_research.survey.codebook import Codebook
from si_research.survey.codebook_file import read_codebook
from si_research.survey.exchange import read_xlsform, write_xlsform
from si_research.survey.exchange.imported import CHANGED, NO_SCALES


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(codebook=codebooks())
def test_pyxform_takes_every_form(codebook: Codebook) -> None:
    with TemporaryDirectory() as folder:
        path = write_xlsform(codebook, Path(folder) / "form.xlsx")
        made = convert(path)
    assert made.warnings == []


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(codebook=codebooks())
def test_our_own_comes_back_exactly(codebook: Codebook) -> None:
    with TemporaryDirectory() as folder:
        again = read_xlsform(write_xlsform(codebook, Path(folder) / "form.xlsx"))
    assert again.not_understood == ()
    assert again.codebook.model_dump() == codebook.model_dump()


def sheet(path: Path, name: str) -> list[dict[str, object]]:
    header, *rows = openpyxl.load_workbook(path)[name].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_what_a_form_holds(project: Path, tmp_path: Path) -> None:
    path = write_xlsform(read_codebook(project / "data/example/codebook.yml"), tmp_path / "form.xlsx")
    survey = {str(row["name"]): row for row in sheet(path, "survey")}
    assert survey["k1"]["type"] == "select_one agree_5"
    assert survey["k1"]["label::English (en)"] == "I know enough to do my work in smarter ways."
    assert survey["contracturen"]["type"] == "decimal"
    assert survey["contracturen"]["constraint"] == ". >= 1 and . <= 60"
    assert survey["meting"]["type"] == "select_one meting"
    choices = [row for row in sheet(path, "choices") if row["list_name"] == "agree_5"]
    assert [row["name"] for row in choices] == ["1", "2", "3", "4", "5"]
    assert choices[4]["label::Nederlands (nl)"] == "helemaal mee eens"
    assert choices[4]["label::English (en)"] == "strongly agree"


ONE_OF_TWO = "${sector} = 'care' or selected(${sector}, 'ict')"
SURVEY = [
    ["type", "name", "label::English (en)", "label::Dutch (nl)", "relevant", "constraint"],
    ["start", "start", "", "", "", ""],
    ["begin_group", "work", "Work", "Werk", "", ""],
    ["select_one agree", "q1", "I can", "Ik kan", "", ""],
    ["select_one sector", "sector", "Sector", "Sector", "", ""],
    ["integer", "hours", "Hours", "Uren", ONE_OF_TWO, ". >= 0 and . <= 80"],
    ["end_group", "", "", "", "", ""],
    ["text", "firm", "Firm", "Bedrijf", "string-length(${sector}) > 2", ""],
    ["select_multiple sector", "more", "More", "Meer", "", ""],
    ["decimal", "pay", "Pay", "Loon", "", ". > 0"],
    ["date", "day", "Day", "Dag", "", ""],
]
CHOICES = [
    ["list_name", "name", "label::English (en)", "label::Dutch (nl)"],
    ["agree", "1", "disagree", "oneens"],
    ["agree", "2", "agree", "eens"],
    ["agree", "99", "don't know", "weet niet"],
    ["sector", "care", "health care", "zorg"],
    ["sector", "ict", "ICT", "ICT"],
]  # fmt: skip


def form(folder: Path, survey: list[list[str]] = SURVEY) -> Path:
    workbook = openpyxl.Workbook()
    for name, rows in (("survey", survey), ("choices", CHOICES)):
        page = workbook.create_sheet(name)
        for row in rows:
            page.append(row)
    workbook.save(folder / "theirs.xlsx")
    return folder / "theirs.xlsx"


def test_a_form_of_others_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    read = read_xlsform(form(tmp_path))
    book = read.codebook
    assert list(book.items) == ["q1"]
    assert book.column_names("q1") == ("q1", "work/q1", "work-q1")
    assert (book.items["q1"].wording_nl, book.items["q1"].wording_en) == ("Ik kan", "I can")
    assert book.items["q1"].missing_codes == {"99": "does_not_know"}
    assert book.format_of("q1").values == (1, 2)
    assert book.format_of("q1").value_of("eens") == book.format_of("q1").value_of("agree") == 2
    assert book.variables["sector"].labels == {"care": "health care", "ict": "ICT"}
    assert book.variables["sector"].spellings == {"care": ("zorg",)}
    assert (book.variables["hours"].lowest, book.variables["hours"].highest) == (0, 80)
    assert [route.model_dump() for route in book.routing] == [
        {"items": ("hours",), "variable": "sector", "values": ("care", "ict"), "reason": "routed_past"}
    ]
    assert list(read.not_understood) == [
        "select_multiple more",
        "constraint of pay",
        "type date of day: read as text",
        "the condition of firm",
        NO_SCALES,
    ]


def test_a_form_that_was_changed_is_read_anew(project: Path, tmp_path: Path) -> None:
    path = write_xlsform(read_codebook(project / "data/example/codebook.yml"), tmp_path / "form.xlsx")
    workbook = openpyxl.load_workbook(path)
    workbook["survey"]["C2"] = "Een andere vraag"
    workbook.save(path)
    read = read_xlsform(path)
    assert read.not_understood[0] == CHANGED
    assert read.codebook.items["k1"].wording_nl == "Een andere vraag"
    assert read.codebook.items["k1"].format == "agree_5"
    assert read.codebook.variables["contracturen"].highest == 60


def test_what_is_no_form_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "text.xlsx"
    text.write_text("no workbook", "utf-8")
    for path in (text, tmp_path / "absent.xlsx", form(tmp_path, [["kind", "who"]])):
        with pytest.raises(SurveyDataError, match="an XLSForm"):
            read_xlsform(path)
