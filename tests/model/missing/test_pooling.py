"""Rubin's rules against R's mice, mitml and mitools, by hand, and at their edges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from si_research.errors import SurveyDataError
from si_research.model.inference import LeastSquares, covariance, least_squares
from si_research.model.missing.pooled_tests import pooled_likelihood_ratio, pooled_statistics, pooled_wald
from si_research.model.missing.pooling import PooledEstimates, pool_estimates, pool_r2

EXACT = 1e-8  # closed forms in double precision on both sides, relative
CLAIMED = {
    "nhanes2_lm_pool",
    "nhanes2_lm_pool_dfcom_infinite",
    "nhanes2_pool_r2",
    "nhanes2_D1_wald",
    "nhanes2_D2_wald",
    "nhanes2_D3_likelihood_ratio",
    "nhanes2_mitml_D1",
    "nhanes2_pool_scalar_mean_bmi",
    "survey_three_way_pool",
    "survey_three_way_pool_HC3",
    "survey_three_way_D1_product_terms",
}
NAMES = {
    "ubar": "within",
    "b": "between",
    "t": "total",
    "riv": "relative_increase",
    "lambda": "missing_share",
    "fmi": "missing_information",
    "df": "df",
}
AGE = ["age40-59", "age60-99"]


@pytest.fixture(scope="module")
def cases(shared: Path) -> dict[str, Any]:
    content = json.loads((shared / "reference/imputation/rubin_pooling.json").read_text("utf-8"))
    return {case["id"]: case["result"] for case in content["cases"]}


@pytest.fixture(scope="module")
def nhanes(shared: Path) -> list[pd.DataFrame]:
    data = pd.read_csv(shared / "reference/data/nhanes2_imputed_m10.csv")
    return [part for number, part in data.groupby("imp") if number > 0]


@pytest.fixture(scope="module")
def survey(shared: Path) -> list[pd.DataFrame]:
    data = pd.read_csv(shared / "reference/data/survey_three_way_imputed_m20.csv")
    return [part for number, part in data.groupby("imp") if number > 0]


def health(data: pd.DataFrame, *, with_age: bool = True) -> LeastSquares:
    design = pd.DataFrame({"(Intercept)": 1.0, "bmi": data["bmi"]})
    if with_age:
        for level in ("40-59", "60-99"):
            design[f"age{level}"] = (data["age"] == level).astype("float64")
    return least_squares(design, data["chl"])


def three_way(data: pd.DataFrame) -> LeastSquares:
    k, w, m = (data[name] - 4 for name in ("kunnen", "willen", "mogen"))
    columns = {
        "1": k * 0 + 1,
        "k": k,
        "w": w,
        "m": m,
        "kw": k * w,
        "km": k * m,
        "wm": w * m,
        "kwm": k * w * m,
    }
    return least_squares(pd.DataFrame(columns), data["iwb"])


def estimates_of(fits: list[LeastSquares]) -> pd.DataFrame:
    return pd.DataFrame([fit.estimate for fit in fits], columns=list(fits[0].terms))


def pooled(
    fits: list[LeastSquares], method: str = "OLS", df_complete: float | None = None
) -> PooledEstimates:
    df = fits[0].df_residual if df_complete is None else df_complete
    return pool_estimates(estimates_of(fits), [covariance(fit, method) for fit in fits], df_complete=df)


def assert_pooled(found: PooledEstimates, case: dict[str, Any]) -> None:
    for theirs, ours in NAMES.items():
        np.testing.assert_allclose(
            found.coefficients[ours], case["pooled"][theirs], rtol=EXACT, err_msg=theirs
        )
    summary = {
        "estimate": "estimate",
        "std.error": "std_error",
        "statistic": "statistic",
        "p.value": "p_value",
        "2.5 %": "conf_low",
        "97.5 %": "conf_high",
    }
    for theirs, ours in summary.items():
        np.testing.assert_allclose(
            found.coefficients[ours], case["summary"][theirs], rtol=EXACT, err_msg=ours
        )


def test_pooled_regressions_against_mice(
    cases: dict[str, Any], nhanes: list[pd.DataFrame], survey: list[pd.DataFrame]
) -> None:
    fits = [health(data) for data in nhanes]
    assert_pooled(pooled(fits), cases["nhanes2_lm_pool"])
    assert_pooled(pooled(fits, df_complete=np.inf), cases["nhanes2_lm_pool_dfcom_infinite"])
    assert_pooled(pooled([three_way(data) for data in survey]), cases["survey_three_way_pool"])


def test_hc3_against_mitools(cases: dict[str, Any], survey: list[pd.DataFrame]) -> None:
    """mitools leaves (1 + 1/m) out of the observed degrees of freedom; its df are rebuilt from our parts."""
    case = cases["survey_three_way_pool_HC3"]
    found = pooled([three_way(data) for data in survey], "HC3")
    np.testing.assert_allclose(found.coefficients["estimate"], list(case["estimate"].values()), rtol=EXACT)
    np.testing.assert_allclose(found.coefficients["std_error"], list(case["se"].values()), rtol=EXACT)
    np.testing.assert_allclose(found.covariance, case["vcov"]["values"], rtol=1e-7, atol=1e-14)
    parts, d = found.coefficients, found.df_complete
    observed = (d + 1) / (d + 3) * d * parts["within"] / (parts["within"] + parts["between"])
    df = 1 / (1 / observed + (parts["missing_share"] ** 2) / 19)
    np.testing.assert_allclose(df, list(case["df"].values()), rtol=EXACT)
    riv = parts["relative_increase"]
    np.testing.assert_allclose((riv + 2 / (df + 3)) / (riv + 1), list(case["missinfo"].values()), rtol=EXACT)
    np.testing.assert_allclose(parts["df"], df, rtol=0.02)


def test_a_mean_against_pool_scalar(cases: dict[str, Any], nhanes: list[pd.DataFrame]) -> None:
    case = cases["nhanes2_pool_scalar_mean_bmi"]
    means = pd.DataFrame({"bmi": [data["bmi"].mean() for data in nhanes]})
    spread = [[data["bmi"].var() / len(data)] for data in nhanes]
    found = pool_estimates(means, spread, df_complete=24).coefficients.iloc[0]
    np.testing.assert_allclose(means["bmi"], case["q"], rtol=EXACT)
    for theirs, ours in (NAMES | {"qbar": "estimate", "r": "relative_increase"}).items():
        if theirs in case:
            assert found[ours] == pytest.approx(case[theirs], rel=EXACT), theirs


def test_r2_against_mice(cases: dict[str, Any], nhanes: list[pd.DataFrame]) -> None:
    """mice rounds the normal quantile to 1.96; on the scale of z the ends then differ by 2e-5 of a width."""
    case = cases["nhanes2_pool_r2"]
    fits = [health(data) for data in nhanes]
    plain = [fit.r2 for fit in fits]
    np.testing.assert_allclose(plain, case["per_imputation"], rtol=EXACT)
    adjusted = [1 - (1 - fit.r2) * (fit.n - 1) / fit.df_residual for fit in fits]
    for shares, theirs in ((plain, case["r2"]), (adjusted, case["adj_r2"])):
        found = pool_r2(shares, fits[0].n).iloc[0]
        assert found["estimate"] == pytest.approx(theirs["est"], rel=EXACT)
        assert found["missing_information"] == pytest.approx(theirs["fmi"], rel=EXACT)
        middle = np.arctanh(np.sqrt(found["estimate"]))
        for ours, end in (("conf_low", "lo 95"), ("conf_high", "hi 95")):
            exact, rounded = (np.arctanh(np.sqrt(each)) - middle for each in (found[ours], theirs[end]))
            assert exact * 1.96 / stats.norm.ppf(0.975) == pytest.approx(rounded, rel=EXACT)


def test_r2_at_its_edges() -> None:
    assert pool_r2([0.3, -0.01], 50).isna().all(axis=None)
    low = pool_r2([0.001, 0.002], 50).iloc[0]
    assert low["conf_low"] == 0 < low["estimate"] < low["conf_high"]


def test_d1_against_mice_and_mitml(
    cases: dict[str, Any], nhanes: list[pd.DataFrame], survey: list[pd.DataFrame]
) -> None:
    fits = [health(data) for data in nhanes]
    large = [three_way(data) for data in survey]
    for case, models, terms, df in (
        ("nhanes2_D1_wald", fits, AGE, 21),
        ("nhanes2_mitml_D1", fits, AGE, np.inf),
        ("survey_three_way_D1_product_terms", large, ["kw", "km", "wm", "kwm"], 242),
    ):
        places = [models[0].terms.index(term) for term in terms]
        found = pooled_wald(
            estimates_of(models)[terms],
            [covariance(fit, "OLS")[np.ix_(places, places)] for fit in models],
            df_complete=df,
        )
        assert_test(found.table().iloc[0], cases[case], case)


def test_d2_against_mice(cases: dict[str, Any], nhanes: list[pd.DataFrame]) -> None:
    wald = []
    for fit in (health(data) for data in nhanes):
        places = [fit.terms.index(term) for term in AGE]
        b, V = fit.estimate[places], covariance(fit, "OLS")[np.ix_(places, places)]
        wald.append(float(b @ np.linalg.solve(V, b)))
    assert_test(pooled_statistics(wald, 2).table().iloc[0], cases["nhanes2_D2_wald"], "D2")


def test_d3_against_mice(cases: dict[str, Any], nhanes: list[pd.DataFrame]) -> None:
    """Deviance of a normal model: n·log(residual sum of squares); mice holds all but the intercept."""
    large, small = [health(data) for data in nhanes], [health(data, with_age=False) for data in nhanes]

    def deviances(fits: list[LeastSquares]) -> tuple[np.ndarray, np.ndarray]:
        common = np.mean([fit.estimate for fit in fits], axis=0)
        held = [len(fit.y) * (fit.y - fit.X @ common).var() for fit in fits]
        return fits[0].n * np.log([fit.rss for fit in fits]), fits[0].n * np.log(held)

    (own, common), (own_small, common_small) = deviances(large), deviances(small)
    found = pooled_likelihood_ratio(own_small - own, common_small - common, 2)
    assert_test(found.table().iloc[0], cases["nhanes2_D3_likelihood_ratio"], "D3")


def assert_test(found: pd.Series, case: dict[str, float], what: str) -> None:
    names = {
        "F.value": "statistic",
        "df1": "df",
        "df2": "df_residual",
        "P(>F)": "p_value",
        "RIV": "relative_increase",
    }
    for theirs, ours in names.items():
        assert found[ours] == pytest.approx(case[theirs], rel=EXACT), (what, ours)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=4), st.integers(2, 6), st.integers(3, 500))
def test_without_holes_nothing_is_added(values: list[float], m: int, df: int) -> None:
    """The same data set m times: the estimate and its variance as they were, no information missing."""
    columns = [f"b{place}" for place in range(len(values))]
    found = pool_estimates(
        pd.DataFrame([values] * m, columns=columns), [np.eye(len(values))] * m, df_complete=df
    )
    np.testing.assert_allclose(found.coefficients["estimate"], values, atol=1e-12)
    np.testing.assert_allclose(found.coefficients["std_error"], 1.0)
    np.testing.assert_allclose(found.coefficients["df"], df * (df + 1) / (df + 3))
    assert (found.coefficients["missing_share"] < 1e-20).all()


def test_one_term_of_d1_is_the_square_of_t() -> None:
    estimates = pd.DataFrame({"b": [0.4, 0.6, 0.5, 0.9, 0.1, 0.3]})
    alone = pool_estimates(estimates, [[0.04]] * 6).coefficients.iloc[0]
    found = pooled_wald(estimates, [[[0.04]]] * 6)
    assert found.statistic == pytest.approx(alone["statistic"] ** 2)
    assert found.relative_increase == pytest.approx(alone["relative_increase"])


def test_variances_alone_leave_the_covariances_missing() -> None:
    found = pool_estimates(pd.DataFrame({"a": [1.0, 2.0], "b": [0.0, 1.0]}), [[1.0, 2.0]] * 2)
    assert found.coefficients["within"].tolist() == [1.0, 2.0]
    assert np.isnan(found.covariance.loc["a", "b"])


def test_what_cannot_be_pooled_is_refused() -> None:
    one = pd.DataFrame({"a": [1.0]})
    with pytest.raises(SurveyDataError, match="at least two"):
        pool_estimates(one, [[1.0]])
    with pytest.raises(SurveyDataError, match="missing"):
        pool_estimates(pd.DataFrame({"a": [1.0, np.nan]}), [[1.0]] * 2)
    with pytest.raises(SurveyDataError, match="at least two"):
        pooled_statistics([1.0], 1)
    with pytest.raises(SurveyDataError, match="lower rank"):
        pooled_wald(pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, 2.0]}), [np.ones((2, 2))] * 2)
    with pytest.raises(SurveyDataError, match="more imputations"):
        pooled_wald(pd.DataFrame({"a": [1.0, 2.0]}), [np.eye(1)] * 2, df_complete=10)


def test_too_few_firms_give_no_p_and_say_so() -> None:
    estimates = pd.DataFrame(np.random.default_rng(1).normal(size=(10, 4)), columns=list("abcd"))
    found = pooled_wald(estimates, [np.eye(4)] * 10, df_complete=3)
    assert np.isnan(found.p_value)
    assert found.note == "too_few_df"
    assert "too_few_df" in str(found)
