"""One coefficient under every method: each row is that of the method's own function, held to R in its own
tests."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from si_research import fit_interaction, simulate_scores
from si_research.errors import ModelSpecificationError
from si_research.model.inference_comparison import (
    CR2,
    INTERCEPTS,
    SLOPES,
    WILD,
    WITHIN_FIRMS,
    InferenceComparison,
    compare_inference,
)

OPTIONS = {"draws": 999, "seed": 3}


def scores(sizes: list[int], seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    data = simulate_scores(sum(sizes), seed=seed)
    firm = np.repeat(np.arange(len(sizes)), sizes)
    effect = 0.4 * rng.normal(size=len(sizes))
    return data.assign(firm=firm, innovative_behaviour=data["innovative_behaviour"] + effect[firm])


@pytest.fixture(scope="module")
def many() -> InferenceComparison:
    return compare_inference(fit_interaction(scores([20, 5, 30, 12] * 6), cluster="firm"), **OPTIONS)


def test_every_method_has_its_row_and_one_is_recommended(many: InferenceComparison) -> None:
    assert list(many.methods.index) == [
        *("OLS", "HC3", "CR1", "CR1S", "CR3 jackknife", CR2, WILD, INTERCEPTS, SLOPES, WITHIN_FIRMS)
    ]
    assert many.methods["recommended"].sum() == 1
    assert (many.recommended, many.reason) == ("CR3 jackknife", "clusters")
    figures = many.methods[["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]]
    assert figures.drop(index=WILD).notna().all().all()
    assert figures.loc[WILD].drop("std_error").notna().all()
    assert (many.methods["n_used"] == 402).all()


def test_methods_of_least_squares_share_their_estimate_and_differ_in_their_error(
    many: InferenceComparison,
) -> None:
    same = many.methods.loc[["OLS", "HC3", "CR1", "CR1S", "CR3 jackknife", CR2, WILD]]
    assert same["estimate"].nunique() == 1
    inside = (same["conf_low"] < same["estimate"]) & (same["estimate"] < same["conf_high"])
    assert inside.all()
    df = many.methods["df"]
    assert df["OLS"] == df["HC3"] == 394
    assert df["CR1"] == df["CR3 jackknife"] == 23
    assert 1 < df[CR2] < 23


def test_random_intercept_and_within_firms_against_lme4(shared: Path) -> None:
    content = json.loads((shared / "reference/mixed/mixed_bh1996.json").read_text("utf-8"))
    cases = {case["id"]: case["result"]["fixed"] for case in content["cases"] if "fixed" in case["result"]}
    data = pd.read_csv(shared / "reference/data/bh1996.csv")
    fit = fit_interaction(data, outcome="WBEING", predictors=("HRS", "LEAD", "COHES"), cluster="GRP")
    table = compare_inference(fit, draws=199, seed=1).methods
    for method, case, term in (
        (INTERCEPTS, "bh_three_way_REML", "HRS:LEAD:COHES"),
        (WITHIN_FIRMS, "bh_within_between_REML", "W.HRS:W.LEAD:W.COHES"),
    ):
        theirs = pd.DataFrame(cases[case]).set_index("term").loc[term]
        for ours, name in (("estimate", "Estimate"), ("std_error", "Std. Error"), ("df", "df")):
            assert table.loc[method, ours] == pytest.approx(theirs[name], rel=1e-4)


def test_without_firms_the_methods_are_those_over_people() -> None:
    found = compare_inference(fit_interaction(simulate_scores(200, seed=1)), seed=1)
    assert list(found.methods.index) == ["OLS", "HC0", "HC1", "HC2", "HC3", "HC4"]
    assert (found.recommended, found.reason) == ("HC3", "no_clusters")


@pytest.mark.parametrize(
    ("sizes", "reason", "notes"),
    [
        ([60, 60], "few_clusters", {INTERCEPTS: "too_few_firms", WITHIN_FIRMS: "too_few_firms"}),
        ([40, 40, 40], "few_clusters", {}),
        ([300, 4, 4, 4, 4, 4, 4], "few_clusters", {}),
        ([1] * 150, "clusters", {INTERCEPTS: "too_few_firms", SLOPES: "too_few_firms"}),
    ],
)
def test_few_and_unequal_firms(sizes: list[int], reason: str, notes: dict[str, str]) -> None:
    found = compare_inference(fit_interaction(scores(sizes), cluster="firm"), **OPTIONS)
    assert found.reason == reason
    for method, note in notes.items():
        assert found.methods.loc[method, "note"] == note
    without = found.methods["p_value"].isna()
    assert (found.methods.loc[without, "note"] != "").all()


@pytest.mark.parametrize(("n_firms", "few"), [(9, True), (10, False)])
def test_with_fewer_than_ten_firms_only_methods_for_few_have_a_p(n_firms: int, few: bool) -> None:
    fit = fit_interaction(scores([20] * n_firms), cluster="firm")
    table = compare_inference(fit, **OPTIONS).methods
    plain = table.loc[["OLS", "HC3", "CR1", "CR1S"]]
    assert plain[["p_value", "conf_low", "conf_high"]].isna().to_numpy().all() == few
    assert (plain["note"] == "only_for_many_firms").all() == few
    assert plain[["estimate", "std_error"]].notna().to_numpy().all()
    assert table.loc[["CR3 jackknife", CR2, WILD, INTERCEPTS], "p_value"].notna().all()


def test_a_term_that_one_firm_decides_is_told() -> None:
    data = scores([30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30])
    data["leads"] = ((data["firm"] == 4) & (np.arange(len(data)) % 2 == 0)).astype(float)
    fit = fit_interaction(data, controls=["leads"], cluster="firm")
    found = compare_inference(fit, term="leads", **OPTIONS)
    assert found.reason == "cluster_identifies_term"
    assert found.methods.loc["CR3 jackknife", "note"] == "cluster_identifies_term"
    assert found.methods.loc[[CR2, WILD], "p_value"].isna().all()
    assert found.methods.loc[WITHIN_FIRMS, "note"] == "not_a_condition"
    assert compare_inference(fit, **OPTIONS).reason == "clusters"


def test_the_order_of_rows_changes_nothing(many: InferenceComparison) -> None:
    data = scores([20, 5, 30, 12] * 6)
    other = compare_inference(fit_interaction(data.sample(frac=1, random_state=1), cluster="firm"), **OPTIONS)
    figures = many.methods.select_dtypes("float64").columns
    np.testing.assert_allclose(other.methods[figures], many.methods[figures], rtol=1e-4)


def test_a_term_that_is_not_there_is_refused() -> None:
    with pytest.raises(ModelSpecificationError, match="a term of the fit"):
        compare_inference(fit_interaction(simulate_scores(100, seed=1)), term="kunst", seed=1)
