"""Rows that contain one another; numbers of people that begin with another one are none."""

from __future__ import annotations

import pandas as pd
import pytest

from si_research.survey.nested_rows import check_nested_rows

CODES = ["A", "A1", "A2", "A3", "A101", "A102", "A201", "B", "B1"]
LEVELS = ["top", "dep", "dep", "dep", "unit", "unit", "unit", "top", "dep"]
COUNTS = ["1,900", "1,200", "500", "200", "700", "500", "500", "1,100", "1,000"]


def table() -> pd.DataFrame:
    return pd.DataFrame({"code": CODES, "level": LEVELS, "n": COUNTS})


def test_levels_are_counted_and_added() -> None:
    check = check_nested_rows(table(), count="n")
    assert check.passed is False
    assert check.table().to_dict("list") == {
        "level": ["top", "dep", "unit"],
        "n_rows": [2, 4, 3],
        "largest": [1900.0, 1200.0, 700.0],
        "total": [3000.0, 2900.0, 1700.0],
    }
    assert "(top, dep, unit: 2 / 4 / 3 rows)" in check.text
    assert "gives 7,600 where the largest row holds 1,900" in check.text


@pytest.mark.parametrize(
    "frame",
    [
        table().drop(columns="level"),  # nothing names levels: B1 and B12 may be people
        table().assign(code=[f"B{number}" for number in range(1, 10)]),
        table().assign(code=[str(number) for number in range(1, 10)]),
        table().assign(level=list("xyxyxyxyx")),
        pd.DataFrame({"code": [f"B{number}" for number in range(1, 100)], "sex": ["m", "v", "m"] * 33}),
    ],
)
def test_codes_of_people_are_no_levels(frame: pd.DataFrame) -> None:
    assert check_nested_rows(frame).passed
