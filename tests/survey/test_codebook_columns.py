"""A codebook held against the columns of a survey file."""

from __future__ import annotations

from pathlib import Path

import pytest

from codebook_sample import SOUND, line_with
from si_research.survey.codebook import Codebook, Item
from si_research.survey.codebook_file import check_codebook_against, read_codebook


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "codebook.yml"
    path.write_text(SOUND, "utf-8")
    return path


COLUMNS = (
    "Respons ID",
    "bedrijf",
    "gewicht",
    "k1",
    "Q2_1",
    "w1",
    "cijfer",
    "toets",
    "Branche",
    "leeftijd",
    "opmerking",
)


def test_a_file_with_all_columns_has_no_problem(written: Path) -> None:
    assert check_codebook_against(COLUMNS, read_codebook(written)) == ()


@pytest.mark.parametrize(
    ("column", "instead", "name", "marker", "nearest"),
    [
        ("k1", "K1 ", "items.k1", "k1: {", "`K1 `"),
        ("k1", "k_1", "items.k1", "k1: {", "`k_1`"),
        ("k1", "helemaal iets anders", "items.k1", "k1: {", None),
        ("Q2_1", "vraag-2", "items.k2", "k2:", "`vraag-2`"),
        ("Branche", "branche", "variables.sector", "Branche", "`branche`"),
        ("Respons ID", "Response ID", "roles.respondent", "Respons ID", "`Response ID`"),
        ("gewicht", "weegfactor", "roles.weight", "weight:", None),
    ],
)
def test_a_column_that_the_file_lacks_is_named_with_the_nearest(
    written: Path, column: str, instead: str, name: str, marker: str, nearest: str | None
) -> None:
    columns = [instead if each == column else each for each in COLUMNS]
    (problem,) = check_codebook_against(columns, read_codebook(written))
    assert (problem.where, problem.line) == (name, line_with(marker))
    assert "none of that name among the 11 of the file" in problem.found
    assert problem.todo == (f"Did you mean {nearest}?" if nearest is not None else "")


def test_a_codebook_made_in_python_has_no_lines() -> None:
    codebook = Codebook(title="t", items={"k1": Item(format="agree_5")}, scales={})
    (problem,) = check_codebook_against(["k_1"], codebook)
    assert (problem.where, problem.line) == ("items.k1", None)


def test_every_column_in_question_is_listed(written: Path) -> None:
    columns = [each for each in COLUMNS if each != "Q2_1"]
    (problem,) = check_codebook_against(columns, read_codebook(written))
    assert problem.expected == "the column `Q2` or `Q2_1` or `vraag 2`"


def test_a_role_that_misspells_a_variable_is_shown_the_variable(written: Path) -> None:
    written.write_text(SOUND.replace("controls: [sector, ", "controls: [secotr, "), "utf-8")
    (problem,) = check_codebook_against(COLUMNS, read_codebook(written))
    assert problem.where == "roles.controls[0]"
    assert problem.todo == "Did you mean `sector`?"


def test_a_column_that_occurs_twice_is_a_problem_where_it_is_used(written: Path) -> None:
    assert check_codebook_against((*COLUMNS, "opmerking"), read_codebook(written)) == ()
    (problem,) = check_codebook_against((*COLUMNS, "k1"), read_codebook(written))
    assert (problem.where, problem.expected, problem.found) == (
        "items.k1",
        "one column `k1`",
        "2 columns of that name",
    )


def test_a_column_and_its_alias_are_not_both_there(written: Path) -> None:
    """Which of the two holds the answers, nobody should guess."""
    assert read_codebook(written).column_names("k2")[0] == "Q2"
    (problem,) = check_codebook_against((*COLUMNS, "Q2", "Q2_1"), read_codebook(written))
    assert problem.expected == "one column for `k2`"
    assert problem.found == "`Q2` and `Q2_1`, which are both there"
