"""Cleaning: each rule by hand, each a row in the ledger, nothing dropped without a count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from si_research.errors import SurveyDataError
from si_research.survey.cleaning import CleaningRules, Selection, Unfinished, clean_survey
from si_research.survey.codebook import Codebook, Item, ResponseFormat, Roles, Scale, Variable
from si_research.survey.reading import read_survey
from si_research.survey.survey_data import Survey
from three_columns import answers

ITEMS = ("a", "b", "c", "d")
KEEP_ALL = CleaningRules(duplicates="keep_all", unfinished=Unfinished(drop=False))
BOOK = Codebook(
    title="four items",
    formats={"five": ResponseFormat(options=tuple({"value": value} for value in range(1, 6)))},
    items={name: Item(format="five") for name in ITEMS},
    variables={
        "age": Variable(kind="number", lowest=15, highest=99),
        "employed": Variable(labels={"1": "werkt", "2": "werkt niet"}),
    },
    scales={"kunnen": Scale(construct="kunnen", items=ITEMS)},
    missing_codes={"-": "does_not_know", "~": "routed_past"},
)
PEOPLE = BOOK.model_copy(update={"roles": Roles(respondent="id", wave="wave", completed="done")})


def survey_of(tmp_path: Path, text: str, book: Codebook = BOOK) -> Survey:
    """Read rows written as `a b c d age employed id wave done`; a point is an empty cell."""
    header = "a b c d age employed id wave done"
    rows = [line.split() for line in (header, *text.strip().splitlines())]
    path = tmp_path / "survey.csv"
    path.write_text("\n".join(";".join("" if cell == "." else cell for cell in row) for row in rows))
    return read_survey(path, book)


def last_step(survey: Survey) -> dict[str, object]:
    return dict(survey.ledger.steps.iloc[-1])


def step(survey: Survey, name: str) -> dict[str, object]:
    steps = survey.ledger.steps
    return dict(steps[steps["step"] == name].iloc[0])


DUPLICATES = """
1 2 3 4 30 1 p1 1 ja
1 2 . . 30 1 p1 1 nee
5 5 5 5 30 1 p1 2 ja
1 1 . . 30 1 p2 1 ja
2 2 . . 30 1 p2 1 ja
3 3 3 3 30 1 .  1 ja
3 3 3 3 30 1 .  1 ja
4 4 4 4 30 1 p3 . ja
4 4 4 4 30 1 p3 . ja
"""


@pytest.mark.parametrize(
    ("rule", "rows"),
    [
        ("keep_most_complete", [1, 3, 5, 6, 7, 8, 9]),
        ("keep_first", [1, 3, 4, 6, 7, 8, 9]),
        ("keep_last", [2, 3, 5, 6, 7, 8, 9]),
        ("keep_all", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ],
)
def test_a_respondent_counts_once_a_wave_and_nobody_is_not_somebody(
    tmp_path: Path, rule: str, rows: list[int]
) -> None:
    rules = CleaningRules(duplicates=rule, unfinished=Unfinished(drop=False))
    cleaned = clean_survey(survey_of(tmp_path, DUPLICATES, PEOPLE), PEOPLE, rules)
    assert cleaned.values.index.tolist() == rows
    assert cleaned.reasons.index.tolist() == rows
    row = step(cleaned, "duplicates")
    assert (row["rows_before"], row["rows_after"], row["cells_changed"]) == (9, len(rows), 0)
    assert str(row["rule"]).endswith("2 had more than one")


def test_duplicates_can_be_refused_by_row_number_and_never_by_name(tmp_path: Path) -> None:
    survey = survey_of(tmp_path, DUPLICATES, PEOPLE)
    with pytest.raises(SurveyDataError, match="2 respondents with more than one") as raised:
        clean_survey(survey, PEOPLE, CleaningRules(duplicates="refuse"))
    assert "rows 1, 2, 4, 5" in raised.value.found
    assert "p1" not in str(raised.value)


def test_without_waves_a_respondent_counts_once(tmp_path: Path) -> None:
    book = BOOK.model_copy(update={"roles": Roles(respondent="id")})
    cleaned = clean_survey(survey_of(tmp_path, DUPLICATES, book), book)
    assert cleaned.values.index.tolist() == [3, 5, 6, 7, 9], "row 3 is as complete as row 1 and later"


def test_equal_rows_of_unnamed_people_stay_unless_told_otherwise(tmp_path: Path) -> None:
    text = "1 2 3 4 30 1 . . .\n" * 3 + ". . . . . . . 1 .\n" * 2
    survey = survey_of(tmp_path, text)
    rules = {"unfinished": Unfinished(drop=False)}
    assert len(clean_survey(survey, BOOK, CleaningRules(**rules)).values) == 5
    dropped = clean_survey(survey, BOOK, CleaningRules(identical_rows="drop", **rules))
    assert dropped.values.index.tolist() == [1, 4, 5], "two empty rows say nothing of who they are"
    assert "2 rows equal an earlier one" in str(step(dropped, "duplicates")["rule"])


def test_numbers_that_cannot_be_answers_become_missing(tmp_path: Path) -> None:
    survey = survey_of(
        tmp_path, "1 9 3,5 4 14 1 . . .\n0 5 5 5 99 1 . . .\n1 1 1 1 100 1 . . .\n1 1 1 1 15 1 . . ."
    )
    cleaned = clean_survey(survey, BOOK, KEEP_ALL)
    assert answers(cleaned, "a") == [1.0, "out_of_range", 1.0, 1.0]
    assert answers(cleaned, "b") == ["out_of_range", 5.0, 1.0, 1.0]
    assert answers(cleaned, "c") == ["out_of_range", 5.0, 1.0, 1.0]
    assert answers(cleaned, "age") == ["out_of_range", 99.0, "out_of_range", 15.0]
    row = step(cleaned, "out_of_range")
    assert row["rule"] == "numbers outside their format or range: 5 (a 1, b 1, c 1, age 2)"
    assert (row["cells_before"], row["cells_after"], row["cells_changed"]) == (24, 19, 5)
    assert answers(survey, "a") == [1.0, 0.0, 1.0, 1.0], "the survey that was given stays as it was"
    with pytest.raises(SurveyDataError, match="rows 1, 2, 3"):
        clean_survey(survey, BOOK, CleaningRules(out_of_range="refuse"))


def test_open_formats_have_ends_and_whole_numbers(tmp_path: Path) -> None:
    book = BOOK.model_copy(
        update={
            "formats": {
                "five": ResponseFormat(lowest=0, highest=10),
                "share": ResponseFormat(lowest=0, highest=1, whole=False),
                "count": ResponseFormat(lowest=0),
            },
            "items": {**BOOK.items, "b": Item(format="share"), "c": Item(format="count")},
        }
    )
    survey = survey_of(tmp_path, "10 0,5 999 1 30 1 . . .\n9,5 1,1 -1 2 30 1 . . .", book)
    cleaned = clean_survey(survey, book, KEEP_ALL)
    assert [answers(cleaned, name) for name in "abc"] == [
        [10.0, "out_of_range"],
        [0.5, "out_of_range"],
        [999.0, "out_of_range"],
    ]


PEOPLE_AT_WORK = """
1 1 1 1 20 1 . . .
1 1 1 1 30 2 . . .
1 1 1 1 .  1 . . .
1 1 1 1 50 . . . .
1 1 1 1 40 01 . . .
"""


@pytest.mark.parametrize(
    ("selection", "rows", "rule", "others"),
    [
        ({"variable": "employed", "keep": [1]}, [1, 3, 5], "keep employed = 1", 1),
        ({"variable": "employed", "keep": ["Werkt"]}, [1, 3, 5], "keep employed = 1", 1),
        ({"variable": "employed", "drop": ["2"]}, [1, 3, 5], "drop employed = 2", 1),
        ({"variable": "age", "at_least": 30}, [2, 4, 5], "keep age at least 30", 1),
        ({"variable": "age", "at_least": 30, "at_most": 40}, [2, 5], "keep age at least 30 at most 40", 2),
        ({"variable": "age", "keep": [20, "50,0"]}, [1, 4], "keep age = 20, 50,0", 2),
    ],
)
def test_selections_count_who_left_and_who_could_not_be_judged(
    tmp_path: Path, selection: dict[str, object], rows: list[int], rule: str, others: int
) -> None:
    chosen = Selection.model_validate({**selection, "reason": "people at work"})
    rules = KEEP_ALL.model_copy(update={"select": (chosen,)})
    cleaned = clean_survey(survey_of(tmp_path, PEOPLE_AT_WORK), BOOK, rules)
    assert cleaned.values.index.tolist() == rows
    row = step(cleaned, "selection")
    assert row["rule"] == f"{rule}; dropped: {others} others, 1 without an answer"
    assert (row["reason"], row["rows_after"]) == ("people at work", len(rows))


def test_a_selection_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    survey = survey_of(tmp_path, PEOPLE_AT_WORK)
    wrong = [
        ({"variable": "employd", "keep": ["1"]}, "Did you mean `employed`"),
        ({"variable": "employed", "at_least": 1}, "a category or an identifier"),
        ({"variable": "employed", "keep": ["3"]}, "nobody left after the step selection"),
    ]
    for selection, message in wrong:
        rules = CleaningRules(select=(Selection.model_validate({**selection, "reason": "x"}),))
        with pytest.raises(SurveyDataError, match=message):
            clean_survey(survey, BOOK, rules)
    for keys in ({}, {"keep": ["1"], "drop": ["2"]}, {"keep": ["1"], "at_most": 3}):
        with pytest.raises(ValidationError, match="one of keep, drop, or at_least and at_most"):
            Selection.model_validate({"variable": "age", "reason": "x", **keys})


UNFINISHED = """
1 1 . . 30 1 p1 1 ja
1 . . . 30 1 p2 1 ja
1 - . - 30 1 p3 1 ja
- - - - 30 1 p4 1 nee
1 ~ ~ . 30 1 p5 1 ja
1 ~ . . 30 1 p8 1 ja
~ ~ ~ ~ 30 1 p6 1 .
. . . . 30 1 p7 1 ja
"""


def test_unfinished_is_who_left_items_unanswered_that_were_asked(tmp_path: Path) -> None:
    cleaned = clean_survey(survey_of(tmp_path, UNFINISHED, PEOPLE), PEOPLE)
    assert cleaned.values.index.tolist() == [1, 3, 4, 5, 7], "who says weet niet did answer"
    row = last_step(cleaned)
    assert row["rule"] == "fewer than 50% of the scale items that were asked: 3"
    assert (row["step"], row["rows_before"], row["rows_after"]) == ("unfinished", 8, 5)


def test_who_did_not_reach_the_end_is_unfinished_where_the_survey_says_so(tmp_path: Path) -> None:
    rules = CleaningRules(unfinished=Unfinished(completed_values=("JA",), minimum_share_answered=0))
    cleaned = clean_survey(survey_of(tmp_path, UNFINISHED, PEOPLE), PEOPLE, rules)
    assert cleaned.values.index.tolist() == [1, 2, 3, 5, 6, 8]
    assert (
        last_step(cleaned)["rule"] == "fewer than 0% of the scale items that were asked, or done is not JA: 2"
    )


def test_the_unfinished_can_stay_and_are_counted(tmp_path: Path) -> None:
    rules = CleaningRules(unfinished=Unfinished(drop=False))
    cleaned = clean_survey(survey_of(tmp_path, UNFINISHED, PEOPLE), PEOPLE, rules)
    assert len(cleaned.values) == 8
    assert str(last_step(cleaned)["rule"]).endswith("3, who stay")


@pytest.mark.parametrize("percentage", [0, 7, 14, 28, 50, 55, 56, 100])
def test_the_share_is_exact_at_its_boundary(tmp_path: Path, percentage: int) -> None:
    """7 of 100 items is .07, although 0.07 * 100 is a bit more than 7 to a computer."""
    names = [f"q{number}" for number in range(100)]
    book = Codebook(
        title="100",
        formats=BOOK.formats,
        items={name: Item(format="five") for name in names},
        scales={"kunnen": Scale(construct="kunnen", items=tuple(names))},
    )
    rows = [";".join(["nr", *("1" if place < n else "" for place in range(100))]) for n in range(101)]
    (tmp_path / "s.csv").write_text("\n".join([";".join(["list", *names]), *rows]))
    rules = CleaningRules(unfinished=Unfinished(minimum_share_answered=percentage / 100))
    cleaned = clean_survey(read_survey(tmp_path / "s.csv", book), book, rules)
    assert len(cleaned.values) == 101 - percentage


def test_every_step_is_a_row_also_when_it_changes_nothing(tmp_path: Path) -> None:
    cleaned = clean_survey(survey_of(tmp_path, "1 1 1 1 30 1 . . .\n2 2 2 2 30 1 . . ."), BOOK)
    steps = cleaned.ledger.steps
    assert steps["step"].tolist() == [
        "read_file",
        "keep_out",
        "missing_codes",
        "map_labels",
        "tidy",
        "duplicates",
        "out_of_range",
        "unfinished",
    ]
    assert (steps["rows_before"] == steps["rows_after"]).all()
    assert (steps["cells_before"] == 12).all()
    assert (steps["cells_changed"] == 0).all()
    assert steps["rule"].ne("").all()
    assert steps["reason"].ne("").all()


def test_each_step_starts_where_the_one_before_ended(tmp_path: Path) -> None:
    rules = CleaningRules(select=(Selection(variable="employed", keep=("1",), reason="x"),))
    text = UNFINISHED + "9 1 1 1 200 1 p8 1 ja\n1 1 1 1 20 2 p8 1 ja\n"
    cleaned = clean_survey(survey_of(tmp_path, text, PEOPLE), PEOPLE, rules)
    steps = cleaned.ledger.steps
    for what in ("rows", "cells"):
        assert steps[f"{what}_before"].tolist()[1:] == steps[f"{what}_after"].tolist()[:-1]
    assert steps["rows_after"].iloc[-1] == len(cleaned.values)
    assert steps["cells_after"].iloc[-1] == int(cleaned.values.notna().to_numpy().sum())
    assert (cleaned.values.isna() == cleaned.reasons.notna()).to_numpy().all()


def test_many_rows_with_many_values_out_of_range(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    names = [f"q{number}" for number in range(60)]
    labels = np.array(["oneens", "neutraal", "eens", "weet niet", "", "7"])
    cells = labels[rng.integers(0, 6, (5_000, 60))]
    path = tmp_path / "large.csv"
    path.write_text("\n".join([";".join(names), *map(";".join, cells.tolist())]))
    book = Codebook(
        title="large",
        formats={"three": ResponseFormat(labels={"nl": ("oneens", "neutraal", "eens")}, lowest=1)},
        items={name: Item(format="three") for name in names},
        scales={"kunnen": Scale(construct="kunnen", items=tuple(names))},
        missing_codes={"weet niet": "does_not_know"},
    )
    cleaned = clean_survey(read_survey(path, book), book)
    assert int(cleaned.reasons.eq("out_of_range").to_numpy().sum()) == int((cells == "7").sum())
    assert isinstance(cleaned.values.index, pd.Index)
