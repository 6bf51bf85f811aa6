"""Missing answers: R's pattern table, reasons by hand, blocks by design, scores on part of their items."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from si_research.errors import SurveyDataError
from si_research.survey.codebook import Codebook, Item, Option, ResponseFormat, Roles, Scale, Variable
from si_research.survey.ledger import Ledger
from si_research.survey.missing.describe import MissingAnswers, absent_blocks, describe_missing
from si_research.survey.missing.patterns import missing_patterns
from si_research.survey.missing.reasons import score_reasons
from si_research.survey.scoring import score_scales
from si_research.survey.survey_data import REASON_DTYPE, SourceFacts, Survey

CLAIMED = {"survey_missing_pattern"}
FACTS = SourceFacts(name="made.csv", kind="delimited", sha256="", n_bytes=0, n_rows=0, n_columns=0)
FIVE = ResponseFormat(options=tuple(Option(value=value) for value in range(1, 6)))
ITEMS = ("k1", "k2", "k3", "k4", "m1", "m2")
BOOK = Codebook(
    title="made",
    formats={"five": FIVE},
    items={name: Item(format="five") for name in ITEMS},
    variables={"grade": Variable(kind="number"), "age": Variable(kind="number")},
    scales={
        "kunnen": Scale(construct="kunnen", items=ITEMS[:4]),
        "mogen": Scale(construct="mogen", items=ITEMS[4:], min_answered="all"),
        "willen": Scale(construct="willen", score="grade"),
    },
    roles=Roles(controls=("age",)),
)
ANSWERS = {
    # a row: k1 k2 k3 k4, m1 m2, grade, age; a number is an answer, a word the reason of its absence
    1: (1, 2, 3, 4, 5, 5, 7, 30),
    2: (1, 2, "unanswered", "unanswered", 5, "refused", "refused", "unanswered"),
    3: (1, "unanswered", "unanswered", "does_not_know", "not_asked", "not_asked", 6, 40),
    4: ("routed_past", "routed_past", "routed_past", 4, "not_asked", "not_asked", 6, 41),
    5: ("routed_past", "does_not_apply", "unanswered", "unanswered", 4, "not_asked", 6, 42),
    6: ("does_not_apply", "does_not_apply", "does_not_apply", 4, 4, 4, "not_asked", 43),
}


def made(rows: dict[int, tuple[object, ...]]) -> Survey:
    names = [*ITEMS, "grade", "age"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("row")
    words = frame.map(lambda cell: isinstance(cell, str))
    values = frame.mask(words).astype("float64")
    reasons = frame.where(words).astype(REASON_DTYPE)
    return Survey(values, reasons, FACTS, Ledger())


@pytest.fixture(scope="module")
def found() -> MissingAnswers:
    survey = made(ANSWERS)
    return describe_missing(survey, BOOK, score_scales(survey, BOOK))


def test_patterns_against_mice(shared: Path) -> None:
    content = json.loads((shared / "reference/imputation/rubin_pooling.json").read_text("utf-8"))
    case = {each["id"]: each["result"] for each in content["cases"]}["survey_missing_pattern"]
    data = pd.read_csv(shared / "reference/data/survey_three_way_imputed_m20.csv")
    found = missing_patterns(data.loc[data["imp"] == 0, ["kunnen", "willen", "mogen", "iwb"]])
    names, theirs = case["columns"][:4], np.array(list(case["pattern"].values())).T
    assert list(found.variables.index) == names
    np.testing.assert_array_equal(found.patterns[[*names, "n_missing"]], theirs[:-1])
    assert found.patterns["n_rows"].tolist() == [int(count) for count in case["counts"][:-1]]
    assert found.variables["n_missing"].tolist() == theirs[-1, :4].tolist()
    assert found.variables["n_missing"].sum() == theirs[-1, 4]
    assert found.n_complete == 149
    assert found.patterns["share"].sum() == pytest.approx(1)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.sampled_from([1, 0, -1]), min_size=40, max_size=40), max_size=12))
def test_patterns_are_the_distinct_rows_in_order(rows: list[list[int]]) -> None:
    """Against a plain count and sort of tuples, over more columns than fit in one number."""
    marks = np.array(rows, dtype=float).reshape(len(rows), 40)
    values = pd.DataFrame(marks).where(marks == 1)
    reasons = pd.DataFrame(np.where(marks == -1, "not_asked", "unanswered")).where(marks != 1)
    found = missing_patterns(values, reasons)
    order = list(found.variables.index)
    expected = pd.Series([tuple(row) for row in marks[:, order].astype(int)]).value_counts()
    theirs = sorted(expected.items(), key=lambda pair: [-mark for mark in pair[0]])
    assert [tuple(row) for row in found.patterns[order].to_numpy()] == [pattern for pattern, _ in theirs]
    assert found.patterns["n_rows"].tolist() == [count for _, count in theirs]
    assert found.n_complete == sum(row == [1] * 40 for row in rows)


def test_the_reason_of_a_score_follows_from_its_items() -> None:
    survey = made(ANSWERS)
    scores = score_scales(survey, BOOK)
    why = score_reasons(survey, BOOK, scores)
    assert why["kunnen"].astype(object).where(why["kunnen"].notna(), "").tolist() == [
        "",
        "",
        "unanswered",  # one answered, two unanswered, one does not know: two could have been had
        "routed_past",  # one of four could be asked, two are needed
        "unanswered",  # two were open and neither was answered
        "does_not_apply",
    ]
    assert why["mogen"].astype(object).where(why["mogen"].notna(), "").tolist() == [
        "",
        "refused",
        "not_asked",
        "not_asked",
        "not_asked",  # both are needed, and one was not asked
        "",
    ]
    assert why["willen"].dropna().to_dict() == {2: "refused", 6: "not_asked"}
    assert why["age"].dropna().to_dict() == {2: "unanswered"}
    for name in ("kunnen", "mogen", "willen"):
        assert (why[name].isna() == scores.table_[name].notna()).all()


def test_reasons_are_counted_by_variable(found: MissingAnswers) -> None:
    k3, mogen = found.reasons.loc["k3"], found.reasons.loc["mogen"]
    counts = ["n_rows", "n_answered", "n_missing", "n_absent"]
    assert k3[counts].tolist() == [6, 1, 3, 2]
    assert (k3["unanswered"], k3["routed_past"], k3["does_not_apply"]) == (3, 1, 1)
    assert mogen[["level", *counts]].tolist() == ["score", 6, 2, 1, 3]
    assert (found.reasons["n_answered"] + found.reasons["n_missing"] + found.reasons["n_absent"] == 6).all()


def test_blocks_are_told_apart(found: MissingAnswers) -> None:
    blocks = found.blocks.set_index("variables")
    assert blocks.loc["m1", "n_rows"] == 2
    assert blocks.loc["m2", "n_rows"] == 3
    assert blocks.loc["k2, k3", ["reason", "n_variables", "n_rows"]].tolist() == ["routed_past", 2, 1]
    assert absent_blocks(pd.DataFrame({"k1": ["unanswered", None]})).empty


def test_scores_on_part_of_their_items(found: MissingAnswers) -> None:
    assert found.person_mean.loc["kunnen"].tolist() == [4, 2, 2, 1, 1, 0.5, 2, 2]
    assert found.person_mean.loc["mogen"].tolist() == [2, 2, 2, 2, 0, 0.0, 1, 3]
    assert "willen" not in found.person_mean.index
    kunnen = found.answered[found.answered["score"] == "kunnen"]
    assert kunnen["n_rows"].tolist() == [1, 3, 1, 0, 1]
    assert kunnen["scored"].tolist() == [False, False, True, True, True]
    assert "kunnen: 2 scored, 1 of them on part of the 4 items (at least 2)" in str(found)


def test_patterns_of_scores_mark_what_was_not_asked(found: MissingAnswers) -> None:
    patterns = found.scores.patterns.set_index(["willen", "kunnen", "mogen"])["n_rows"]
    assert patterns.to_dict() == {
        (1, 1, 1): 1,
        (1, 0, -1): 2,
        (1, -1, -1): 1,
        (0, 1, 0): 1,
        (-1, -1, 1): 1,
    }


def test_nothing_missing_is_one_pattern() -> None:
    found = missing_patterns(pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, 2.0]}))
    assert found.table().to_numpy().tolist() == [[1, 1, 0, 2, 1.0]]
    assert str(found) == "1 patterns of missing answers; 2 of 2 rows are complete"


def test_reasons_of_another_table_are_refused() -> None:
    values = pd.DataFrame({"a": [1.0, np.nan]})
    with pytest.raises(SurveyDataError, match="reasons"):
        missing_patterns(values, pd.DataFrame({"b": ["not_asked", None]}))
    with pytest.raises(SurveyDataError, match="at least one column"):
        missing_patterns(pd.DataFrame(index=[1, 2]))
