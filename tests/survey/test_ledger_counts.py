"""What every step counted: by hand, and never another sum than the rows and cells of the step."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from si_research.survey.cleaning import CleaningRules, Selection, Unfinished, clean_survey
from si_research.survey.codebook import Codebook, Item, ResponseFormat, Roles, Route, Scale, Variable
from si_research.survey.ledger import Ledger, counts_of
from si_research.survey.reading import read_raw, read_survey

BOOK = Codebook(
    title="counted",
    formats={"three": ResponseFormat(labels={"nl": ("oneens", "neutraal", "eens")})},
    items={"k1": Item(format="three"), "k2": Item(format="three")},
    variables={
        "uren": Variable(kind="number", lowest=0, highest=80),
        "sector": Variable(labels={"1": "zorg", "2": "bouw"}),
        "opmerking": Variable(allow_personal=True),
    },
    scales={"kunnen": Scale(construct="kunnen", items=("k1", "k2"))},
    missing_codes={"weet niet": "does_not_know"},
    roles=Roles(respondent="nr"),
)
HEADER = "nr;k1;k2;uren;sector;opmerking"


def read(folder: Path, rows: str, header: str = HEADER, book: Codebook = BOOK) -> Ledger:
    (folder / "s.csv").write_text(f"{header}\n{rows}", "utf-8")
    return clean_survey(read_survey(folder / "s.csv", book), book).ledger


def counts(ledger: Ledger, step: str) -> dict[str, dict[str, int]]:
    return counts_of(ledger, ledger.steps["step"].tolist().index(step))


def test_a_number_written_otherwise_is_the_same_answer_and_is_counted(tmp_path: Path) -> None:
    rows = (
        "a;1;2; 38;1;x\n"  # a space before a number
        "b;1;2;37,5;1;x\n"
        "c;1;2;+20;1;x\n"
        "d;1;3;1e1;1;x\n"
        "e ;2;2;0;1;a remark \n"  # two texts with a space behind them
        "f;2;3;38;1;x\n"
    )
    ledger = read(tmp_path, rows)
    assert counts(ledger, "tidy") == {
        "cells": {"decimal_comma": 1, "notation": 2, "trimmed": 3},
    }
    step = ledger.steps.set_index("step").loc["tidy"]
    assert step["cells_changed"] == 6
    assert step["cells_before"] == step["cells_after"]


def test_thousands_are_counted(tmp_path: Path) -> None:
    rows = "a;1;2;1.234,5;1;x\nb;1;2;37,5;1;x\nc;1;2;1.000;1;x\n"
    assert counts(read(tmp_path, rows), "tidy")["cells"] == {"decimal_comma": 1, "thousands": 2}


def test_amounts_spaces_and_other_digits_are_numbers_and_are_counted(tmp_path: Path) -> None:
    book = BOOK.model_copy(update={"variables": {**BOOK.variables, "uren": Variable(kind="number")}})
    cells = ("€ 2.500,-", "1 234,56", "1\u00a0000", "\u22125", "\uff14\uff12", "7 EUR", "8")
    (tmp_path / "s.csv").write_text(
        f"{HEADER}\n" + "".join(f"{n};1;2;{cell};1;x\n" for n, cell in enumerate(cells)), "utf-8"
    )
    survey = read_survey(tmp_path / "s.csv", book)
    assert survey.values["uren"].tolist() == [2500.0, 1234.56, 1000.0, -5.0, 42.0, 7.0, 8.0]
    assert counts(survey.ledger, "tidy")["cells"] == {"notation": 3, "thousands": 3}


def test_words_of_a_category_that_become_their_code_are_labels(tmp_path: Path) -> None:
    """The file writes `zorg`, the survey holds `1`: another value, so it is counted."""
    ledger = read(tmp_path, "a;eens;1;1;Zorg ;x\nb;oneens;2;1;bouw;x\nc;1;weet niet;1;2;x\n")
    assert counts(ledger, "map_labels") == {"cells": {"label": 4}}
    assert counts(ledger, "missing_codes") == {"cells": {"does_not_know": 1}}
    assert ledger.steps.set_index("step").loc["map_labels", "cells_changed"] == 4


def test_repairs_of_the_header_and_blank_lines_are_counted(tmp_path: Path) -> None:
    ledger = read(
        tmp_path,
        "\na;1;2;1;1;x;;7\r\n\r\n\nb;1;2;1;1;x;;7\n\n",
        f" {HEADER} ;;k3;k3".replace(";k3;k3", ";k3"),
    )
    assert counts(ledger, "read_file")["file"] == {
        "rows": 2,
        "columns": 8,
        "unnamed": 1,
        "trimmed_names": 2,
        "blank_rows": 4,
    }


def test_blank_lines_inside_an_answer_are_no_blank_rows(tmp_path: Path) -> None:
    ledger = read(tmp_path, 'a;1;2;1;1;"one\n\ntwo"\n\nb;1;2;1;1;x\n')
    assert counts(ledger, "read_file")["file"]["blank_rows"] == 1


def test_rows_of_separators_are_blank_lines_but_a_row_with_only_an_id_is_somebody(tmp_path: Path) -> None:
    """A spreadsheet writes its blank rows like that; the same table as a workbook has as many people."""
    rows = 'a;1;2;1;1;x\n;;;;;\n"";"";;"";"";""\nb;;;;;\n ; ;;;;\n;;;;;\n'
    step = counts(read(tmp_path, rows), "read_file")["file"]
    assert (step["rows"], step["blank_rows"]) == (2, 4)
    book = openpyxl.Workbook()
    for row in (HEADER, "a;1;2;1;1;x", ";;;;;", ";;;;;", "b;;;;;", ";;;;;", ";;;;;"):
        book.active.append([cell or None for cell in row.split(";")])
    book.save(tmp_path / "s.xlsx")
    assert read_raw(tmp_path / "s.xlsx").facts.n_rows == 2


def test_titles_blank_rows_and_double_names_of_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    rows = (
        ["Report"],
        [],
        [*HEADER.split(";"), "x", "x"],
        ["a", 1, 2, 3, 1, "x"],
        [],
        ["b", 1, 3, 3, 1, "x"],
    )
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "s.xlsx")
    ledger = read_survey(tmp_path / "s.xlsx", BOOK).ledger
    assert counts(ledger, "read_file")["file"] == {
        "rows": 2,
        "columns": 8,
        "renamed": 1,
        "rows_above": 2,
        "blank_rows": 1,
    }


def test_a_routed_cell_has_another_reason_and_counts_as_changed(tmp_path: Path) -> None:
    book = BOOK.model_copy(
        update={"routing": (Route(items=("k2",), variable="sector", values=("zorg",), reason="routed_past"),)}
    )
    ledger = read(tmp_path, "a;1;2;1;1;x\nb;1;;1;2;x\nc;1;3;1;2;x\nd;2;;1;1;x\n", book=book)
    assert counts(ledger, "routing") == {"cells": {"not_put": 1}, "kept": {"answered": 1}}
    assert ledger.steps.set_index("step").loc["routing", "cells_changed"] == 1


def test_who_left_is_counted_by_why(tmp_path: Path) -> None:
    rows = "a;1;2;1;1;x\na;1;;1;1;x\nb;1;2;200;2;x\nc;1;2;1;;x\nd;;;1;1;x\n"
    (tmp_path / "s.csv").write_text(f"{HEADER}\n{rows}", "utf-8")
    rules = CleaningRules(
        select=(Selection(variable="sector", keep=("zorg",), reason="care"),),
        unfinished=Unfinished(minimum_share_answered=0.5),
    )
    ledger = clean_survey(read_survey(tmp_path / "s.csv", BOOK), BOOK, rules).ledger
    assert counts(ledger, "duplicates") == {"left_out": {"repeated": 1}}
    assert counts(ledger, "selection") == {"left_out": {"others": 1, "without_answer": 1}}
    assert counts(ledger, "unfinished") == {"left_out": {"too_few": 1}}
    assert counts(ledger, "out_of_range") == {"cells": {"out_of_range": 1}}


def assert_counts_add_up(ledger: Ledger) -> None:
    """Of each step: the rows that left by why are the rows that left, the cells by how are the cells."""
    for step in ledger.steps.itertuples():
        counted = json.loads(str(step.counts))
        assert sum(counted.get("left_out", {}).values()) == step.rows_before - step.rows_after, step.step
        assert sum(counted.get("cells", {}).values()) == step.cells_changed, step.step


@pytest.mark.parametrize("finished_only", [True, False])
def test_counts_add_up_for_an_export_of_a_survey_tool(tmp_path: Path, finished_only: bool) -> None:
    header = "ResponseId,Status,Finished,Progress,RecordedDate,StartDate,k1,k2"
    rows = [
        "R_1,IP Address,1,100,2026-01-05 10:00:00,x,1,2",
        "R_1,IP Address,1,100,2026-01-06 10:00:00,x,1,2",
        "R_2,Survey Preview,1,100,2026-01-06 10:00:00,x,1,2",
        "R_3,IP Address,0,40,2026-01-06 10:00:00,x,1,2",
        "R_4,IP Address,0,10,2026-01-06 10:00:00,x,,",
        "R_5,IP Address,1,100,2026-01-06 10:00:00,x,9,3",
    ]
    (tmp_path / "s.csv").write_text("\n".join([header, *rows]) + "\n")
    book = Codebook(title="q", formats=BOOK.formats, items=BOOK.items, scales=BOOK.scales)
    rules = CleaningRules(unfinished=Unfinished(finished_only=finished_only))
    survey = clean_survey(read_survey(tmp_path / "s.csv", book), book, rules)
    assert "system_rows" in set(survey.ledger.steps["step"])
    assert_counts_add_up(survey.ledger)
    assert counts(survey.ledger, "system_rows")["left_out"] == {"preview": 1, "stored_twice": 1}
    expected = {"left_out": {"too_few": 1}, "kept": {"not_sent_in": 1}}
    if finished_only:
        expected = {"left_out": {"too_few": 1, "not_sent_in": 1}}
    assert counts(survey.ledger, "unfinished") == expected
