"""The indices against R: careless 1.2.2 on the bfi data, every case of the stored file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy import stats

from si_research.survey.screening.indices import (
    average_longstring,
    even_odd,
    item_pairs,
    longstring,
    mahalanobis,
    psychometric_synonyms,
    response_variability,
)

# R's figures carry 15 significant digits; D² is of the order of 100 and comes from an inverse.
ROUNDING, DISTANCE = 1e-12, 1e-9
REVERSED = ("A1", "C4", "C5", "E1", "E2", "O2", "O5")
CASES = {
    "longstring",
    "longstring_complete_rows_summary",
    "irv",
    "irv_split_5_first_200",
    "mahad_complete",
    "mahad_with_missing",
    "evenodd_5_factors_reversed",
    "psychsyn_critval_0.5",
    "psychant_critval_0.3",
    "psychsyn_critval_first_20",
}


@pytest.fixture(scope="module")
def results(shared: Path) -> dict[str, Any]:
    stored = json.loads((shared / "reference/careless/careless_bfi.json").read_text("utf-8"))
    return {case["id"]: case["result"] for case in stored["cases"]}


@pytest.fixture(scope="module")
def bfi(shared: Path) -> pd.DataFrame:
    table = pd.read_csv(shared / "reference/data/bfi.csv")
    return table.loc[:, "A1":"O5"].astype("float64")  # type: ignore[misc]


def numbers(stored: list[Any]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if isinstance(each, str) else each for each in stored], dtype="float64")


def assert_same(ours: Any, stored: list[Any], *, within: float) -> None:
    """Equal, and missing for the same people."""
    np.testing.assert_allclose(
        np.asarray(ours, "float64"), numbers(stored), rtol=0, atol=within, equal_nan=True
    )


def test_every_stored_case_is_tested_here(results: dict[str, Any]) -> None:
    assert set(results) == CASES


def test_longstring_with_its_average(bfi: pd.DataFrame, results: dict[str, Any]) -> None:
    assert_same(longstring(bfi), results["longstring"]["longstr"], within=0)
    assert_same(average_longstring(bfi), results["longstring"]["avgstr"], within=ROUNDING)


def test_longstring_of_complete_rows(bfi: pd.DataFrame, results: dict[str, Any]) -> None:
    """Four people gave one answer to all 25 items."""
    stored, complete = results["longstring_complete_rows_summary"], bfi.dropna()
    runs = longstring(complete)
    assert (len(complete), runs.max()) == (stored["n"], stored["max"])
    assert {str(int(run)): int(n) for run, n in runs.value_counts().items()} == stored["table"]
    assert runs.mean() == pytest.approx(stored["mean_longstr"], abs=ROUNDING)
    assert average_longstring(complete).mean() == pytest.approx(stored["mean_avgstr"], abs=ROUNDING)


def test_response_variability(bfi: pd.DataFrame, results: dict[str, Any]) -> None:
    assert_same(response_variability(bfi), results["irv"], within=ROUNDING)


def test_response_variability_by_part_of_the_questionnaire(
    bfi: pd.DataFrame, results: dict[str, Any]
) -> None:
    stored, first = results["irv_split_5_first_200"], bfi.iloc[:200]
    assert_same(response_variability(first), stored["irvTotal"], within=ROUNDING)
    for part in range(5):
        block = first.iloc[:, 5 * part : 5 * part + 5]
        assert_same(response_variability(block), stored[f"irv{part + 1}"], within=ROUNDING)


def test_mahalanobis_of_complete_rows(bfi: pd.DataFrame, results: dict[str, Any]) -> None:
    stored, found = results["mahad_complete"], mahalanobis(bfi.dropna())
    assert_same(found["distance_squared"], stored["d_sq"], within=DISTANCE)
    assert int((found["p_value"] < 0.001).sum()) == stored["flagged"]
    assert set(found["df"]) == {25.0}
    assert stats.chi2.isf(0.001, 25) == pytest.approx(stored["cut"], abs=ROUNDING)


def test_mahalanobis_with_missing_answers(bfi: pd.DataFrame, results: dict[str, Any]) -> None:
    assert_same(mahalanobis(bfi)["distance_squared"], results["mahad_with_missing"], within=DISTANCE)


def test_even_odd_and_its_sign(bfi: pd.DataFrame, results: dict[str, Any]) -> None:
    """Higher is more careless, as in careless since 1.2.0."""
    keyed = bfi.assign(**{item: 7 - bfi[item] for item in REVERSED})
    scales = {scale: [f"{scale}{number}" for number in range(1, 6)] for scale in "ACENO"}
    stored = results["evenodd_5_factors_reversed"]
    assert_same(even_odd(keyed, scales), stored, within=ROUNDING)
    assert np.nanmedian(numbers(stored)) < -0.5


@pytest.mark.parametrize(("case", "beyond"), [("psychsyn_critval_0.5", 0.5), ("psychant_critval_0.3", -0.3)])
def test_synonyms_and_antonyms(bfi: pd.DataFrame, results: dict[str, Any], case: str, beyond: float) -> None:
    """With resample_na = FALSE: by default R draws random numbers where a person has no variance."""
    stored = results[case]
    pairs = item_pairs(bfi, beyond=beyond)
    assert pairs["item_1"].tolist() == stored["pairs"]["Var1"]
    assert pairs["item_2"].tolist() == stored["pairs"]["Var2"]
    found = psychometric_synonyms(bfi, pairs)
    assert_same(found["correlation"], stored["cor"], within=ROUNDING)
    assert found["n_pairs"].tolist() == stored["numPairs"]
    assert found["correlation"].isna().any()


def test_the_pairs_that_correlate_most(bfi: pd.DataFrame, results: dict[str, Any]) -> None:
    stored = results["psychsyn_critval_first_20"]
    first = item_pairs(bfi, beyond=0.3).sort_values("correlation", ascending=False, kind="stable").head(20)
    assert first["item_1"].tolist() == stored["item1"]
    assert first["item_2"].tolist() == stored["item2"]
    assert_same(first["correlation"], stored["r"], within=ROUNDING)
