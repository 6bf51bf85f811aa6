"""Comparing two groups or waves: the effects are those of each group, and p by all exchanges."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.necessity.ceilings import ce_fdh_effect, cr_fdh_effect
from si_research.model.necessity.groups import compare_necessity

OUTCOME = "innovative_behaviour"


def people(n: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"kunnen": rng.integers(1, 6, n), OUTCOME: rng.integers(1, 6, n)}, dtype="float64")
    return table.assign(wave=["a", "b"] * (n // 2), person=np.arange(n) // 2)


def difference(table: pd.DataFrame, second: np.ndarray, kernel: Any) -> float:
    x, y = table["kunnen"].to_numpy(), table[OUTCOME].to_numpy()
    ends = (x.min(), x.max(), y.min(), y.max())
    return float(kernel(x[second], y[second], *ends) - kernel(x[~second], y[~second], *ends))


@pytest.mark.parametrize("pairs", [False, True])
@pytest.mark.parametrize(("ceiling", "kernel"), [("ce_fdh", ce_fdh_effect), ("cr_fdh", cr_fdh_effect)])
def test_p_is_that_of_all_exchanges(pairs: bool, ceiling: str, kernel: Any) -> None:
    table = people(10, seed=2)
    second = (table["wave"] == "b").to_numpy()
    if pairs:
        turns = [np.repeat(turn, 2) for turn in product([False, True], repeat=5)]
        exchanges = [second ^ turn for turn in turns]
    else:
        exchanges = [np.isin(np.arange(10), chosen) for chosen in combinations(range(10), 5)]
    observed = difference(table, second, kernel)
    drawn = np.array([difference(table, each, kernel) for each in exchanges])
    exact = np.mean(np.abs(drawn) >= abs(observed) - 1e-9)
    row = compare_necessity(
        table,
        group="wave",
        predictors=["kunnen"],
        person="person" if pairs else None,
        ceilings=[ceiling],
        draws=1_500,
        seed=1,
    ).differences.iloc[0]
    assert row["difference"] == pytest.approx(observed)
    assert row["p_value"] == pytest.approx(exact, abs=0.05)
    assert row[["n_first", "n_second"]].to_list() == [5, 5]
    assert row["note"] == "few_people"


@pytest.mark.parametrize(("group", "sign"), [("b", 1), ("a", -1)])
def test_a_floor_in_one_group_only_is_found(group: str, sign: int) -> None:
    table = people(400)
    floor = (table["wave"] == group) & (table["kunnen"] < table[OUTCOME] - 1)
    table.loc[floor, "kunnen"] = table.loc[floor, OUTCOME] - 1
    found = compare_necessity(table, group="wave", predictors=["kunnen"], draws=499, seed=1)
    assert (sign * found.differences["difference"] > 0.1).all()
    assert (found.differences["p_value"] < 0.05).all()
    assert found.exchanged == "people"
    again = compare_necessity(
        table.sample(frac=1, random_state=2), group="wave", predictors=["kunnen"], draws=499, seed=1
    )
    pd.testing.assert_frame_equal(found.table(), again.table())
    assert "b minus a" in str(found)
    assert "<table" in found._repr_html_()


def test_firms_change_groups_whole_or_people_within_them() -> None:
    table = people(80).assign(firm=np.repeat(np.arange(8), 10), sector=np.repeat([1, 2], 40))
    whole = compare_necessity(table, group="sector", predictors=["kunnen"], cluster="firm", draws=199, seed=1)
    assert whole.exchanged == "whole firms"
    inside = compare_necessity(table, group="wave", predictors=["kunnen"], cluster="firm", draws=199, seed=1)
    assert inside.exchanged == "people within firms"
    assert whole.differences["p_value"].between(0, 1).all()


def test_a_constant_condition_is_named() -> None:
    found = compare_necessity(
        people(60).assign(kunnen=2.0), group="wave", predictors=["kunnen"], draws=199, seed=1
    )
    assert (found.differences["note"] == "no_variance").all()
    assert found.differences["p_value"].isna().all()


def test_what_cannot_be_compared_is_refused() -> None:
    table = people(20)
    with pytest.raises(SurveyDataError, match="two groups"):
        compare_necessity(table.assign(wave="a"), group="wave", predictors=["kunnen"], seed=1)
    with pytest.raises(SurveyDataError, match="one row a person"):
        compare_necessity(
            table.assign(person=1), group="wave", predictors=["kunnen"], person="person", seed=1
        )
    with pytest.raises(SurveyDataError, match="nobody"):
        compare_necessity(
            table.assign(person=range(20)), group="wave", predictors=["kunnen"], person="person", seed=1
        )
    for wrong in (
        {"person": "person", "cluster": "wave2"},
        {"ceilings": ["qr"]},
        {"group": "sector"},
        {"draws": 10},
    ):
        with pytest.raises(ModelSpecificationError):
            compare_necessity(
                table.assign(wave2=1), **{"group": "wave", "predictors": ["kunnen"], "seed": 1, **wrong}
            )
