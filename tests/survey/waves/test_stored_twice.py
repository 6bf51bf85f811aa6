"""A measure that is both a row and a column a wave; chance agreement is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from si_research.survey.waves.stored_twice import check_stored_twice


def panel(n: int = 40, n_waves: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    wide = pd.DataFrame(
        rng.integers(1, 6, (n, n_waves)), columns=[f"sat{wave + 1}" for wave in range(n_waves)]
    )
    wide = wide.astype("float64").mask(rng.random(wide.shape) < 0.1)
    wide.insert(0, "who", range(100, 100 + n))
    long = wide.loc[wide.index.repeat(n_waves)].reset_index(drop=True)
    long["time"] = np.tile(np.arange(n_waves), n)
    long["sat"] = long[[f"sat{wave + 1}" for wave in range(n_waves)]].to_numpy()[
        np.arange(len(long)), long["time"]
    ]
    return long


@pytest.mark.parametrize("as_text", [False, True])
def test_a_panel_in_both_forms(as_text: bool) -> None:
    frame = panel()
    if as_text:
        frame = frame.astype("object").map(lambda cell: "" if pd.isna(cell) else str(cell)).astype("str")
    (row,) = check_stored_twice(frame).table().to_dict("records")
    assert (row["column"], row["wide_columns"], row["wave_column"]) == ("sat", "sat1, sat2, sat3", "time")
    assert (row["n_rows"], row["n_respondents"]) == (120, 40)
    assert row["n_compared"] == int(panel()["sat"].notna().sum())


def test_one_cell_that_differs_is_another_measure() -> None:
    frame = panel()
    known = frame.index[frame["sat"].notna()][-1]
    frame.loc[known, "sat"] += 1
    assert check_stored_twice(frame).passed


@pytest.mark.parametrize("columns", [["who", "time", "sat"], ["who", "sat1", "sat2", "sat3"]])
def test_one_form_alone_is_sound(columns: list[str]) -> None:
    frame = panel()[columns]
    assert check_stored_twice(frame if "time" in columns else frame.drop_duplicates()).passed


def test_too_few_rows_prove_nothing() -> None:
    assert check_stored_twice(panel(n=6)).passed
