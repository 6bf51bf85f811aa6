"""The interaction against R: coefficients, standard errors, gains, slopes and the jackknife.

Relative tolerance 1e-8: both sides solve the same normal equations in double precision, by QR; the
figures of R carry 15 digits.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.model.corners import corner_comparison
from si_research.model.design import Roles
from si_research.model.inference import (
    LeastSquares,
    Method,
    coefficient_table,
    covariance,
    least_squares,
)
from si_research.model.interaction import InteractionFit, fit_interaction, regress
from si_research.model.probing import estimates, simple_slopes

EXACT = 1e-8
NAMES = {"se": "std_error", "t": "statistic", "p": "p_value", "ci_low": "conf_low", "ci_high": "conf_high"}
CLAIMED = {
    *(f"gw_model3_{name}" for name in ("ols", "vcov", "HC0", "HC1", "HC2", "HC3", "HC4")),
    *(f"gw_model3_{name}" for name in ("delta_r2_three_way", "mean_centred", "standardised")),
    *(f"gw_conditional_effects_{name}" for name in ("ols", "HC3", "percentiles_ols")),
    *(f"gw_sim_slopes_interactions_{name}" for name in ("ols", "HC3")),
    *("gw_conditional_two_way_at_age", "gw_hierarchical_steps"),
    *("bh_ols", "bh_vcovCL_HC0_cadjust", "bh_vcovCL_HC1_cadjust"),
    *(f"bh_clubSandwich_{name}" for name in ("CR1", "CR1S", "CR3", "CR0", "CR1p")),
    "bh_vcovCL_HC0_no_cadjust",
}
GW = {"outcome": "govact", "predictors": ["negemot", "sex", "age"], "controls": ["posemot", "ideology"]}


def cases(shared: Path, name: str) -> dict[str, Any]:
    content = json.loads((shared / "reference" / name).read_text("utf-8"))
    return {case["id"]: case["result"] for case in content["cases"]}


@pytest.fixture(scope="session")
def gw(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "reference/data/global_warming.csv")


@pytest.fixture(scope="session")
def gw_cases(shared: Path) -> dict[str, Any]:
    return cases(shared, "regression/three_way_global_warming.json")


def uncentred(data: pd.DataFrame, a: str, b: str, c: str, *controls: str) -> pd.DataFrame:
    """The design as R's formula makes it: products of raw columns."""
    design = {"(Intercept)": pd.Series(1.0, index=data.index)}
    design |= {name: data[name] for name in (a, b, c, *controls)}
    design |= {f"{x}:{y}": data[x] * data[y] for x, y in ((a, b), (a, c), (b, c))}
    design[f"{a}:{b}:{c}"] = data[a] * data[b] * data[c]
    return pd.DataFrame(design).astype("float64")


@pytest.fixture(scope="session")
def gw_raw(gw: pd.DataFrame) -> LeastSquares:
    return least_squares(uncentred(gw, "negemot", "sex", "age", "posemot", "ideology"), gw["govact"])


@pytest.mark.parametrize("method", ["OLS", "HC0", "HC1", "HC2", "HC3", "HC4"])
def test_coefficients_and_standard_errors(
    gw_raw: LeastSquares, gw_cases: dict[str, Any], method: Method
) -> None:
    case = gw_cases["gw_model3_ols"]["coefficients"] if method == "OLS" else gw_cases[f"gw_model3_{method}"]
    table = coefficient_table(gw_raw, method, 0.95)
    assert list(table.index) == case["term"]
    np.testing.assert_allclose(table["estimate"], case["estimate"], rtol=EXACT)
    for theirs, ours in NAMES.items():
        np.testing.assert_allclose(table[ours], case[theirs], rtol=EXACT, err_msg=ours)


@pytest.mark.parametrize(("name", "method"), [("const", "OLS"), ("HC3", "HC3")])
def test_whole_covariance_matrix(
    gw_raw: LeastSquares, gw_cases: dict[str, Any], name: str, method: Method
) -> None:
    values = np.array(gw_cases["gw_model3_vcov"][name]["values"])
    np.testing.assert_allclose(
        covariance(gw_raw, method), values, rtol=1e-7
    )  # R's own lower triangle differs by 1e-9


def test_fit_statistics_and_mean_centred_coefficients(gw: pd.DataFrame, gw_cases: dict[str, Any]) -> None:
    fit = fit_interaction(gw, **GW)
    whole = gw_cases["gw_model3_ols"]
    last = fit.steps.iloc[-1]
    for ours, theirs in (
        (fit.r2, "r2"),
        (fit.r2_adjusted, "adj_r2"),
        (last["aic"], "aic"),
        (last["bic"], "bic"),
        (last["log_likelihood"], "logLik"),
        (fit.n_used, "n"),
    ):
        assert ours == pytest.approx(whole[theirs], rel=EXACT)
    three_way = whole["coefficients"]["term"].index("negemot:sex:age")
    plain = fit.methods.query("view == 'raw' and method == 'OLS'").set_index("term").loc[fit.tested_term]
    assert plain["estimate"] == pytest.approx(whole["coefficients"]["estimate"][three_way], rel=EXACT)
    assert plain["p_value"] == pytest.approx(whole["coefficients"]["p"][three_way], rel=EXACT)


def test_gain_of_the_three_way_term(gw: pd.DataFrame, gw_cases: dict[str, Any]) -> None:
    case = gw_cases["gw_model3_delta_r2_three_way"]
    fit = fit_interaction(gw, **GW)
    last = fit.steps.loc["three-way"]
    assert fit.r2_gain == pytest.approx(case["delta_r2"], rel=EXACT)
    assert last["statistic"] == pytest.approx(case["F"], rel=EXACT)
    assert last["p_value"] == pytest.approx(case["p"], rel=EXACT)
    assert last["robust_statistic"] == pytest.approx(case["wald_HC3"]["F"], rel=EXACT)
    assert last["robust_p_value"] == pytest.approx(case["wald_HC3"]["p"], rel=EXACT)


def test_the_steps(gw: pd.DataFrame, gw_cases: dict[str, Any]) -> None:
    case = gw_cases["gw_hierarchical_steps"]
    steps = fit_interaction(gw, **GW).steps
    assert list(steps.index) == ["controls", "main effects", "two-way", "three-way"]
    for ours, theirs in (("r2", "r2"), ("r2_adjusted", "adj_r2"), ("aic", "aic"), ("bic", "bic")):
        np.testing.assert_allclose(steps[ours], case[theirs], rtol=EXACT, err_msg=ours)
    np.testing.assert_array_equal(steps["df_residual"], case["anova"]["Res.Df"])
    np.testing.assert_array_equal(steps["df"].iloc[1:], case["anova"]["Df"][1:])
    # anova() of several models divides by the largest model's residual variance, a step by its own
    rss = np.array(case["anova"]["RSS"])
    own = -np.diff(rss) / np.array(case["anova"]["Df"][1:]) / (rss / steps["df_residual"].to_numpy())[1:]
    np.testing.assert_allclose(steps["statistic"].iloc[1:], own, rtol=EXACT)
    assert steps["p_value"].iloc[-1] == pytest.approx(case["anova"]["Pr(>F)"][-1], rel=EXACT)


def test_mean_centred_coefficients(gw: pd.DataFrame, gw_cases: dict[str, Any]) -> None:
    """R left sex as 0/1; a term without sex in it, but in a product with it, moves with its centre."""
    case = gw_cases["gw_model3_mean_centred"]
    theirs = pd.DataFrame(case).set_index("term")
    ours = view_of(fit_interaction(gw, **GW), "raw", "OLS")
    without_sex = ["posemot", "ideology", "sex", "negemot:sex", "sex:age", "negemot:sex:age"]
    for their, our in {"estimate": "estimate", **NAMES}.items():
        np.testing.assert_allclose(ours.loc[without_sex, our], theirs.loc[without_sex, their], rtol=1e-7)
    share = gw["sex"].mean()
    for term in ("negemot", "age", "negemot:age"):
        with_sex = ":".join(sorted([*term.split(":"), "sex"], key=["negemot", "sex", "age"].index))
        moved = theirs["estimate"][term] + share * theirs["estimate"][with_sex]
        assert ours["estimate"][term] == pytest.approx(moved, rel=1e-7)


def test_standardised_coefficients(gw: pd.DataFrame, gw_cases: dict[str, Any]) -> None:
    theirs = pd.DataFrame(gw_cases["gw_model3_standardised"]).set_index("term")
    ours = view_of(fit_interaction(gw, **GW), "standardised", "OLS").rename({"intercept": "(Intercept)"})
    for their, our in {"estimate": "estimate", **NAMES}.items():
        np.testing.assert_allclose(ours.loc[theirs.index, our], theirs[their], rtol=1e-7, err_msg=our)


def view_of(fit: InteractionFit, view: str, method: str) -> pd.DataFrame:
    chosen = fit.methods[(fit.methods["view"] == view) & (fit.methods["method"] == method)]
    return chosen.set_index("term")


def as_ols(fit: InteractionFit) -> InteractionFit:
    """The same fit with the classical covariance, to hold slopes against R's classical ones."""
    frame = fit.rows
    raw = regress(frame, Roles(fit.outcome, fit.predictors, fit.controls))
    V = pd.DataFrame(covariance(raw, "OLS"), index=fit.covariance.index, columns=fit.covariance.columns)
    return replace(fit, covariance=V, method="OLS")


def check_slopes(found: pd.DataFrame, case: dict[str, Any]) -> None:
    for row in case.values():
        here = found[np.isclose(found["sex"], row["w_value"]) & np.isclose(found["age"], row["z_value"])]
        assert len(here) == 1
        for theirs, ours in {"estimate": "estimate", **NAMES}.items():
            assert here[ours].iloc[0] == pytest.approx(row[theirs], rel=EXACT), ours


@pytest.mark.parametrize("method", ["ols", "HC3"])
def test_simple_slopes_at_mean_and_one_sd(gw: pd.DataFrame, gw_cases: dict[str, Any], method: str) -> None:
    fit = fit_interaction(gw, **GW)
    fit = as_ols(fit) if method == "ols" else fit
    mean, spread = gw["age"].mean(), gw["age"].std()
    slopes = simple_slopes(fit, of="negemot", at={"sex": [0, 1], "age": [mean - spread, mean, mean + spread]})
    check_slopes(slopes, gw_cases[f"gw_conditional_effects_{method}"])
    for place, age in enumerate(sorted(slopes["age"].unique()), start=1):  # the R package interactions
        case = gw_cases[f"gw_sim_slopes_interactions_{method}"][f"age_{place}"]
        here = slopes[slopes["age"] == age].set_index("sex").loc[case["Value of sex"]]
        for theirs, ours in (("Est.", "estimate"), ("S.E.", "std_error"), ("p", "p_value")):
            np.testing.assert_allclose(here[ours], case[theirs], rtol=1e-7)


def test_default_points_are_percentiles_and_the_two_values_of_a_binary(
    gw: pd.DataFrame, gw_cases: dict[str, Any]
) -> None:
    slopes = simple_slopes(as_ols(fit_interaction(gw, **GW)), of="negemot")
    case = gw_cases["gw_conditional_effects_percentiles_ols"]
    assert len(slopes) == len(case)
    check_slopes(slopes, case)


def test_differences_between_slopes(gw: pd.DataFrame, gw_cases: dict[str, Any]) -> None:
    """Both others high minus both low is one of the six differences of Dawson and Richter."""
    mean, spread = gw["age"].mean(), gw["age"].std()
    ends = {"sex": (0.0, 1.0), "age": (mean - spread, mean + spread)}
    for method, fit in (
        ("HC3", fit_interaction(gw, **GW)),
        ("ols", as_ols(fit_interaction(gw, **GW))),
    ):
        case = gw_cases[f"gw_slope_differences_{method}"]
        found = corner_comparison(fit, smallest_difference=0.25, points=ends).slopes.loc["negemot"]
        found = found.set_index("where")
        for row, theirs in (
            ("others high", case["slopes"]["1_highW_highZ"]),
            ("others low", case["slopes"]["4_lowW_lowZ"]),
            ("difference", case["differences"]["1_minus_4"]),
        ):
            for their, our in {"estimate": "estimate", **NAMES}.items():
                assert found[our][row] == pytest.approx(theirs[their], rel=EXACT), (row, our)


def test_conditional_two_way(gw: pd.DataFrame, gw_cases: dict[str, Any]) -> None:
    """The product of two at a value of the third is the two-way coefficient after re-centring there."""
    mean, spread = gw["age"].mean(), gw["age"].std()
    for key, age in (("mean_minus_sd", mean - spread), ("mean", mean), ("mean_plus_sd", mean + spread)):
        fit = fit_interaction(gw, **GW)
        c = np.zeros(len(fit.covariance))
        terms = list(fit.covariance.index)
        c[terms.index("negemot:sex")], c[terms.index("negemot:sex:age")] = 1, age - fit.centres["age"]
        case = gw_cases["gw_conditional_two_way_at_age"][key]["HC3"]
        found = estimates(fit, [c], ["negemot:sex"]).iloc[0]
        for their, our in {"estimate": "estimate", **NAMES}.items():
            assert found[our] == pytest.approx(case[their], rel=EXACT)


@pytest.fixture(scope="session")
def bh_cases(shared: Path) -> dict[str, Any]:
    return cases(shared, "regression/cluster_robust_bh1996.json")


@pytest.fixture(scope="session")
def bh(shared: Path) -> InteractionFit:
    data = pd.read_csv(shared / "reference/data/bh1996.csv")
    return fit_interaction(data, outcome="WBEING", predictors=["HRS", "LEAD", "COHES"], cluster="GRP")


def test_soldiers_in_99_groups(bh: InteractionFit, bh_cases: dict[str, Any]) -> None:
    case = bh_cases["bh_ols"]
    ours = view_of(bh, "raw", "OLS")
    for their, our in {"estimate": "estimate", **NAMES}.items():
        np.testing.assert_allclose(ours[our], case["coefficients"][their], rtol=EXACT, err_msg=our)
    assert bh.r2 == pytest.approx(case["r2"], rel=EXACT)
    assert bh.n_used == case["n"]
    for name, centre in case["centre"].items():
        assert bh.centres[name] == pytest.approx(centre, rel=EXACT)
        assert bh.std_devs[name] == pytest.approx(case["sd"][name], rel=EXACT)
    assert bh.clusters is not None
    assert bh.df == bh.clusters.n_clusters - 1 == 98


@pytest.mark.parametrize("method", ["CR1", "CR1S", "CR3"])
def test_cluster_robust_standard_errors(bh: InteractionFit, bh_cases: dict[str, Any], method: str) -> None:
    ours, case = view_of(bh, "raw", method), bh_cases[f"bh_clubSandwich_{method}"]
    np.testing.assert_allclose(ours["std_error"], list(case.get("se", case).values()), rtol=EXACT)
    if "naive_t" in case:
        np.testing.assert_allclose(ours["p_value"], case["naive_t"]["p_t"], rtol=EXACT)


def test_the_recommended_jackknife_is_cr3_with_g_minus_1_over_g(
    bh: InteractionFit, bh_cases: dict[str, Any]
) -> None:
    theirs = np.array(list(bh_cases["bh_clubSandwich_CR3"].values()))
    np.testing.assert_allclose(bh.coefficients["std_error"], theirs * np.sqrt(98 / 99), rtol=EXACT)


@pytest.mark.parametrize(("method", "case"), [("CR1", "HC0"), ("CR1S", "HC1")])
def test_sandwich_tables_with_t_of_firms_minus_one(
    bh: InteractionFit, bh_cases: dict[str, Any], method: str, case: str
) -> None:
    ours, theirs = view_of(bh, "raw", method), bh_cases[f"bh_vcovCL_{case}_cadjust"]["coefficients"]
    for their, our in {"estimate": "estimate", **NAMES}.items():
        np.testing.assert_allclose(ours[our], theirs[their], rtol=EXACT, err_msg=our)


@pytest.mark.parametrize(
    ("case", "share"),
    [
        ("clubSandwich_CR0", 98 / 99),  # CR1 without its (G - 1)/G
        ("vcovCL_HC0_no_cadjust", 98 / 99),
        ("clubSandwich_CR1p", 98 / (99 - 8)),  # G/(G - k) in its place
    ],
)
def test_corrections_that_are_not_offered_are_a_share_of_cr1(
    bh: InteractionFit, bh_cases: dict[str, Any], case: str, share: float
) -> None:
    theirs = bh_cases[f"bh_{case}"]["se"]
    ours = view_of(bh, "raw", "CR1")["std_error"] * np.sqrt(share)
    np.testing.assert_allclose(ours, list(theirs.values()), rtol=EXACT)
