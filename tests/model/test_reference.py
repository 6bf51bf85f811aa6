"""The interaction against R: coefficients, standard errors, gains, slopes, jackknife and bootstrap.

Relative tolerance 1e-8: both sides solve the same normal equations in double precision, by QR; the
figures of R carry 15 digits.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.model.inference import (
    LeastSquares,
    Method,
    coefficient_table,
    covariance,
    least_squares,
)
from si_research.model.interaction import fit_interaction
from si_research.model.probing import simple_slopes
from si_research.model.wild_bootstrap import (
    all_sign_patterns,
    bootstrap_p_value,
    bootstrap_wald,
    firm_weights,
)

EXACT = 1e-8
NAMES = {"se": "std_error", "t": "statistic", "p": "p_value", "ci_low": "conf_low", "ci_high": "conf_high"}
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


@pytest.mark.parametrize("method", ["OLS", "HC0", "HC1", "HC2", "HC3"])
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


def check_slopes(found: pd.DataFrame, case: dict[str, Any]) -> None:
    for row in case.values():
        here = found[np.isclose(found["sex"], row["w_value"]) & np.isclose(found["age"], row["z_value"])]
        assert len(here) == 1
        assert here["estimate"].iloc[0] == pytest.approx(row["estimate"], rel=EXACT)
        for theirs, ours in NAMES.items():
            assert here[ours].iloc[0] == pytest.approx(row[theirs], rel=EXACT), ours


def test_simple_slopes_at_mean_and_one_sd(gw: pd.DataFrame, gw_cases: dict[str, Any]) -> None:
    mean, spread = gw["age"].mean(), gw["age"].std()
    at = {"sex": [0, 1], "age": [mean - spread, mean, mean + spread]}
    check_slopes(
        simple_slopes(fit_interaction(gw, **GW), of="negemot", at=at), gw_cases["gw_conditional_effects_HC3"]
    )


def test_default_points_are_percentiles_and_the_two_values_of_a_binary(
    gw: pd.DataFrame, gw_cases: dict[str, Any]
) -> None:
    slopes = simple_slopes(fit_interaction(gw, **GW), of="negemot")
    case = gw_cases["gw_conditional_effects_percentiles_ols"]
    assert len(slopes) == len(case)
    for row in case.values():
        here = slopes[(slopes["sex"] == row["w_value"]) & (slopes["age"] == row["z_value"])]
        assert here["estimate"].iloc[0] == pytest.approx(row["estimate"], rel=EXACT)


@pytest.fixture(scope="session")
def bh_cases(shared: Path) -> dict[str, Any]:
    return cases(shared, "regression/cluster_robust_bh1996.json")


@pytest.mark.parametrize(
    ("method", "case"),
    [
        ("CR1", "bh_clubSandwich_CR1"),
        ("CR1S", "bh_clubSandwich_CR1S"),
        ("CR3", "bh_clubSandwich_CR3"),
    ],
)
def test_cluster_robust_standard_errors(
    shared: Path, bh_cases: dict[str, Any], method: str, case: str
) -> None:
    data = pd.read_csv(shared / "reference/data/bh1996.csv")
    fit = fit_interaction(data, outcome="WBEING", predictors=["HRS", "LEAD", "COHES"], cluster="GRP")
    ours = fit.methods[(fit.methods["view"] == "raw") & (fit.methods["method"] == method)].set_index("term")
    theirs = bh_cases[case].get("se", bh_cases[case])
    assert len(theirs) == 8
    for term, value in theirs.items():
        name = "intercept" if term == "(Intercept)" else term
        assert ours["std_error"][name] == pytest.approx(value, rel=EXACT), term
    assert fit.clusters is not None
    assert fit.df == fit.clusters.n_clusters - 1 == 98


def test_cr1_table_with_t_of_firms_minus_one(shared: Path, bh_cases: dict[str, Any]) -> None:
    data = pd.read_csv(shared / "reference/data/bh1996.csv")
    fit = fit_interaction(data, outcome="WBEING", predictors=["HRS", "LEAD", "COHES"], cluster="GRP")
    ours = fit.methods[(fit.methods["view"] == "raw") & (fit.methods["method"] == "CR1S")]
    case = bh_cases["bh_vcovCL_HC1_cadjust"]["coefficients"]
    for theirs, name in NAMES.items():
        np.testing.assert_allclose(ours[name], case[theirs], rtol=EXACT, err_msg=name)


@pytest.fixture(scope="session")
def teams(shared: Path) -> LeastSquares:
    data = pd.read_csv(shared / "reference/data/teams_10_clusters.csv")
    return least_squares(uncentred(data, "kunnen", "willen", "mogen"), data["iwb"], data["team"])


@pytest.mark.parametrize("term", ["kunnen", "willen", "mogen", "kunnen:willen:mogen"])
def test_wild_bootstrap_with_every_sign_pattern(shared: Path, teams: LeastSquares, term: str) -> None:
    """Exactly: all 1,024 patterns, p = the share strictly above, as fwildclusterboot counts."""
    case = cases(shared, "regression/wild_cluster_bootstrap.json")[f"wcr_rademacher_enumerated_{term}"]
    statistic, draws = bootstrap_wald(teams, [teams.terms.index(term)], all_sign_patterns(10))
    small_sample = (teams.n - 1) / teams.df_residual  # their t uses CR1S
    assert np.sqrt(statistic / small_sample) == pytest.approx(case["t_stat"], rel=EXACT)
    assert np.mean(draws > statistic * (1 + 1e-9)) == case["p_value"]


def test_wild_bootstrap_with_webb_weights(shared: Path, teams: LeastSquares) -> None:
    """Within three Monte Carlo errors of the difference of two runs of 9,999 draws."""
    case = cases(shared, "regression/wild_cluster_bootstrap.json")["wcr_webb_9999_three_way"]
    statistic, draws = bootstrap_wald(teams, [7], firm_weights(10, 9999, seed=1))
    error = np.sqrt(2 * case["p_value"] * (1 - case["p_value"]) / 9999)
    assert bootstrap_p_value(statistic, draws) == pytest.approx(case["p_value"], abs=3 * error)


def test_jackknife_of_ten_teams(shared: Path, teams: LeastSquares) -> None:
    case = cases(shared, "regression/wild_cluster_bootstrap.json")["crve_compare"]
    np.testing.assert_allclose(
        np.sqrt(np.diag(covariance(teams, "CR3"))), list(case["CR3_se"].values()), rtol=EXACT
    )
