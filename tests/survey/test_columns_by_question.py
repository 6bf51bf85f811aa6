"""A column is meant by its name or by its question; a category by its code or by its word."""

from __future__ import annotations

from pathlib import Path

import pytest

from si_research.errors import CodebookError
from si_research.survey.codebook import Codebook, Item, Scale, Variable
from si_research.survey.codebook_file import find_columns
from si_research.survey.reading import read_survey
from tool_exports import qualtrics

QUESTION = "I may try things - mine"


def book(column: str, **aliases: tuple[str, ...]) -> Codebook:
    return Codebook(
        title="Made up",
        items={"m1": Item(column=column, format="agree_5", **aliases)},
        variables={"size": Variable(column="Q9", labels={"1": "small", "2": "large", "3": "large"})},
        scales={"mogen": Scale(construct="mogen", items=("m1",))},
    )


def export(folder: Path, question: str = "I may\n try things - mine", second: str = "Size?") -> Path:
    rows = [
        ["2026-01-05", "0", "", "100", "1", f"R_{n}", answer, size]
        for n, (answer, size) in enumerate([("4", "Small"), ("2", "large"), ("", "1")])
    ]
    path = folder / "export.csv"
    path.write_text(qualtrics(rows, [("Q1_1", question, "QID1_1"), ("Q9", second, "QID9")]))
    return path


@pytest.mark.parametrize("column", ["Q1_1", QUESTION, " I may try  things -\nmine"])
def test_an_item_is_found_by_its_column_or_by_its_question(tmp_path: Path, column: str) -> None:
    survey = read_survey(export(tmp_path), book(column))
    assert survey.values["m1"].tolist()[:2] == [4.0, 2.0]
    assert '"column": "Q1_1"' in survey.ledger.steps["parameters"].str.cat()


def test_a_name_and_its_own_question_are_one_column_but_two_columns_are_not(tmp_path: Path) -> None:
    survey = read_survey(export(tmp_path), book("Q1_1", aliases=(QUESTION,)))
    assert survey.values["m1"].notna().sum() == 2
    with pytest.raises(CodebookError, match="`Q1_1` and `Q9`, which are both there"):
        read_survey(export(tmp_path, second=QUESTION), book(QUESTION))


def test_a_question_that_is_almost_the_same_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match=r"items\.m1: expected the column"):
        read_survey(export(tmp_path, question="I may not try things - mine"), book(QUESTION))


def test_a_name_goes_before_a_question_of_that_name() -> None:
    assert find_columns(["k1", "k2"], ["k1"], {"k2": "k1"}) == ("k1",)


def test_a_word_stands_for_its_code_unless_two_codes_share_it(tmp_path: Path) -> None:
    survey = read_survey(export(tmp_path), book("Q1_1"))
    assert survey.values["size"].tolist() == ["1", "large", "1"]
