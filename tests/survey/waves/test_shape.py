"""Long and wide: each undoes the other, whatever is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from si_research.errors import SurveyDataError
from si_research.survey.waves.shape import long_to_wide, wide_to_long

COLUMNS = {
    "k": {"t1": "k_t1", "t2": "k_t2", "t3": "k_t3"},
    "w": {"t2": "w_t2", "t3": "w_t3"},
    "note": {"t1": "note_t1", "t3": "note_t3"},
}
NUMBER = st.one_of(st.none(), st.integers(1, 5).map(float))
TEXT = st.one_of(st.none(), st.sampled_from(["a", "b", ""]))


def frame_of(rows: list[tuple[object, ...]], n: int) -> pd.DataFrame:
    names = ["firm", "k_t1", "k_t2", "k_t3", "w_t2", "w_t3", "note_t1", "note_t3"]
    frame = pd.DataFrame(rows, columns=names, index=pd.Index([f"p{each}" for each in range(n)], name="who"))
    numbers = [name for name in names if name[0] in "kw"]
    return frame.astype(
        dict.fromkeys(numbers, "float64") | {"firm": "str", "note_t1": "str", "note_t3": "str"}
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(TEXT, *[NUMBER] * 5, TEXT, TEXT), min_size=1, max_size=12))
def test_wide_to_long_and_back(rows: list[tuple[object, ...]]) -> None:
    wide = frame_of(rows, len(rows))
    long = wide_to_long(wide, COLUMNS)
    pd.testing.assert_frame_equal(long_to_wide(long, COLUMNS), wide, check_exact=True)
    # brute force: a row for each respondent and wave with something in it, and one for who has nothing
    expected = 0
    for _, cells in wide.iterrows():
        filled = {name.rsplit("_", 1)[1] for name in wide if "_" in name and pd.notna(cells[name])}
        expected += max(len(filled), 1)
    assert len(long) == expected


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(
        st.tuples(st.integers(1, 5), st.sampled_from(["t1", "t2", "t3"])),
        st.integers(1, 5).map(float),
        min_size=1,
    )
)
def test_long_to_wide_and_back(cells: dict[tuple[int, str], float]) -> None:
    rows = sorted(cells)
    long = pd.DataFrame(
        {"wave": [wave for _, wave in rows], "k": [cells[row] for row in rows]},
        index=pd.Index([who for who, _ in rows], name="who"),
    ).astype({"wave": "str"})
    columns = {"k": COLUMNS["k"]}
    pd.testing.assert_frame_equal(wide_to_long(long_to_wide(long, columns), columns), long, check_exact=True)


def test_waves_that_a_variable_lacks_are_missing() -> None:
    long = wide_to_long(frame_of([("A", 1.0, 2.0, None, 3.0, None, "x", None)], 1), COLUMNS)
    assert long["wave"].tolist() == ["t1", "t2"]
    assert long["k"].tolist() == [1.0, 2.0]
    assert long["w"].fillna(0).tolist() == [0.0, 3.0]
    assert long["firm"].tolist() == ["A", "A"]


def test_the_rows_of_a_respondent_stand_together_in_the_order_of_the_file() -> None:
    rows = [("A", 1.0, 2.0, 3.0, None, None, None, None), ("B", None, 5.0, 4.0, None, None, None, None)]
    long = wide_to_long(frame_of(rows, 2), COLUMNS)
    assert list(zip(long.index, long["wave"], strict=True)) == [
        ("p0", "t1"),
        ("p0", "t2"),
        ("p0", "t3"),
        ("p1", "t2"),
        ("p1", "t3"),
    ]


LONG = pd.DataFrame(
    {"id": [1, 1, 2], "wave": ["t1", "t2", "t1"], "firm": ["A", "A", "B"], "k": [1.0, 2.0, 3.0]}
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"wave": ["t1", "t1", "t1"]}, "1 rows more"),
        ({"wave": ["t1", None, "t1"]}, "1 without"),
        ({"id": [1, np.nan, 2]}, "1 without"),
        ({"wave": ["t1", "t9", "t1"]}, "t9 besides"),
        ({"firm": ["A", "B", "B"]}, "firm, which differ"),
        ({"firm": ["A", None, "B"]}, "firm, which differ"),
    ],
)
def test_rows_that_would_lose_answers_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(SurveyDataError, match=message):
        long_to_wide(LONG.assign(**change), {"k": COLUMNS["k"]}, respondent="id")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({}, "found:      none"),
        ({"k": {"t1": "k1", "t2": "k9"}}, "no k9"),
        ({"k": {"t1": "k1", "t2": "k1"}}, "two waves"),
        ({"firm": {"t1": "k1", "t2": "k2"}}, "firm, which the table has already"),
        ({"wave": {"t1": "k1", "t2": "k2"}}, "wave, which the table has already"),
    ],
)
def test_columns_that_do_not_fit_are_refused(columns: dict[str, dict[str, str]], message: str) -> None:
    frame = pd.DataFrame({"firm": ["A"], "k1": [1.0], "k2": [2.0]})
    with pytest.raises(SurveyDataError, match=message):
        wide_to_long(frame, columns)


def test_a_respondent_who_is_in_twice_is_refused() -> None:
    frame = pd.DataFrame({"k1": [1.0, 2.0], "k2": [2.0, 3.0]}, index=["p", "p"])
    with pytest.raises(SurveyDataError, match="1 that repeat"):
        wide_to_long(frame, {"k": {"t1": "k1", "t2": "k2"}})
