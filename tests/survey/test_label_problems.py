"""Answers that fit no step of their format, or two: refused before they become a wrong number or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from si_research.errors import LabelError
from si_research.survey.codebook import Codebook, Item, ResponseFormat, Scale
from si_research.survey.reading import read_survey

RANGE = ResponseFormat(lowest=1, highest=5)


def book(form: str = "agree_5", **item: object) -> Codebook:
    return Codebook(
        title="Gemaakt",
        formats={"range": RANGE},
        items={name: Item.model_validate({"format": form, **item}) for name in ("k1", "k2")},
        scales={"kunnen": Scale(construct="kunnen", items=("k1", "k2"))},
    )


def export(folder: Path, k1: list[object], k2: list[object] | None = None) -> Path:
    path = folder / "export.csv"
    rows = zip(k1, k2 or [""] * len(k1), strict=True)
    path.write_text("k1;k2\n" + "".join(f"{one};{two}\n" for one, two in rows), "utf-8")
    return path


@pytest.mark.parametrize("form", ["agree_5", "range"])
@pytest.mark.parametrize(
    ("cells", "outside"),
    [
        ([1, 2, 3, 6] * 15, "6, 15 of 60 times"),
        ([0, 1, 2, 3] * 15, "0 to 4"),
        ([1, 2, 3, 6, 7] * 12, "1, 2, 3, 6, 7"),
        ([1, 2, 3, 7] * 15, "7, 15 of 60 times"),
        ([1, 2, 3, 4, 5, 7] * 6, "7, 6 of 36 times"),
        ([1, 2, 3, 4, 5] * 40 + [6] * 5, "6, 5 of 205 times"),
    ],
)
def test_numbers_often_just_outside_the_format_are_refused(
    tmp_path: Path, form: str, cells: list[object], outside: str
) -> None:
    with pytest.raises(LabelError) as raised:
        read_survey(export(tmp_path, cells), book(form))
    (problem,) = raised.value.problems
    assert outside in problem.found
    assert "missing_codes" in problem.todo


@pytest.mark.parametrize(
    "cells",
    [
        [1, 2, 3, 4, 5] * 20 + [6] * 4,  # slips of the pen
        [1, 2, 3, 4, 5] * 60 + [6] * 5,  # under 2 %
        [1, 2, 3, 4, 5, 9, 99] * 10,  # as codes for "no answer" are
        [1, 2, 3, 4, 5, -1] * 10,
    ],
)
def test_slips_and_codes_far_away_are_left_to_cleaning(tmp_path: Path, cells: list[object]) -> None:
    assert len(read_survey(export(tmp_path, cells), book("range")).values) == len(cells)


def test_numbers_that_the_codebook_explains_are_no_problem(tmp_path: Path) -> None:
    cells: list[object] = [1, 2, 3, 6] * 15
    missing = read_survey(export(tmp_path, cells), book(missing_codes={"6": "does_not_know"}))
    assert int((missing.reasons["k1"] == "does_not_know").sum()) == 15
    coded = read_survey(export(tmp_path, cells), book(codes={"1": 1, "2": 2, "3": 3, "6": 4, "7": 5}))
    assert sorted(coded.values["k1"].unique()) == [1, 2, 3, 4]


def test_two_spellings_of_one_step_over_the_questions_of_a_scale_are_refused(tmp_path: Path) -> None:
    cells: list[object] = ["Mee eens", "Mee oneens"] * 5
    path = export(tmp_path, cells, ["Beetje mee eens", "Beetje mee oneens"] * 5)
    with pytest.raises(LabelError) as raised:
        read_survey(path, book())
    assert [problem.found for problem in raised.value.problems] == [
        "`beetje mee oneens` and `mee oneens`",
        "`beetje mee eens` and `mee eens`",
    ]
    path = export(tmp_path, cells, ["Agree", "Disagree"] * 5)
    assert read_survey(path, book()).values["k2"].tolist() == [4, 2] * 5, "another language is no other step"
