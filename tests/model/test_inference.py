"""Standard errors against statsmodels, brute force and closed forms; against R in test_reference."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS

from si_research.model.clusters import cluster_facts
from si_research.model.design import Roles, design_matrix
from si_research.model.firm_sums import firm_sums
from si_research.model.inference import (
    LeastSquares,
    Method,
    coefficient_table,
    covariance,
    jackknife_changes,
    least_squares,
    wald_statistic,
    without,
)
from si_research.model.interaction import fit_interaction
from si_research.model.steps import robust_wald
from si_research.simulation.worlds import simulate_scores

ROLES = Roles("innovative_behaviour", ("kunnen", "willen", "mogen"))
SAME = 1e-9  # two factorisations of one well-conditioned problem in double precision


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    return simulate_scores(260, three_way=0.2, n_firms=11, seed=21)


@pytest.fixture(scope="module")
def model(scores: pd.DataFrame) -> LeastSquares:
    return least_squares(design_matrix(scores, ROLES), scores[ROLES.outcome], scores["firm_id"])


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("OLS", {"cov_type": "nonrobust"}),
        *[(f"HC{i}", {"cov_type": f"HC{i}", "use_t": True}) for i in range(4)],
        ("CR1S", {"cov_type": "cluster", "use_t": True}),
    ],
)
def test_against_statsmodels(
    scores: pd.DataFrame, model: LeastSquares, method: Method, options: dict
) -> None:
    if options["cov_type"] == "cluster":
        options = {**options, "cov_kwds": {"groups": pd.factorize(scores["firm_id"])[0]}}
    theirs = OLS(model.y, model.X).fit(**options)
    ours = coefficient_table(model, method, 0.95)
    np.testing.assert_allclose(ours["estimate"], theirs.params, rtol=SAME)
    np.testing.assert_allclose(ours["std_error"], theirs.bse, rtol=SAME)
    np.testing.assert_allclose(ours["p_value"], theirs.pvalues, rtol=1e-7)
    np.testing.assert_allclose(ours[["conf_low", "conf_high"]], theirs.conf_int(), rtol=1e-7)


def test_joint_wald_over_people_against_statsmodels(model: LeastSquares) -> None:
    theirs = OLS(model.y, model.X).fit(cov_type="HC3", use_t=True)
    test = theirs.wald_test(np.eye(8)[4:], use_f=True, scalar=True)
    F, df, df_residual, p = robust_wald(model, [4, 5, 6, 7], "HC3")
    assert (df, df_residual) == (4, 252)
    assert pytest.approx(test.statistic, rel=1e-7) == F
    assert p == pytest.approx(test.pvalue, rel=1e-7)


def test_hc3_of_a_mean_is_its_jackknife() -> None:
    """An intercept only: leverage 1/n each, so HC3 = n/(n - 1)²·sum of squares."""
    y = pd.Series([1.0, 2.0, 4.0, 9.0])
    fit = least_squares(pd.DataFrame({"one": np.ones(4)}), y)
    spread = ((y - 4) ** 2).sum()
    assert covariance(fit, "HC3")[0, 0] == pytest.approx(spread / 9)
    assert covariance(fit, "OLS")[0, 0] == pytest.approx(spread / 12)


def test_the_jackknife_of_a_mean_of_equal_firms_is_the_textbook_variance() -> None:
    """Three firms of two: variance of the three firm means over three."""
    y = pd.Series([1.0, 3.0, 2.0, 6.0, 8.0, 10.0])
    firms = pd.Series(list("aabbcc"))
    fit = least_squares(pd.DataFrame({"one": np.ones(6)}), y, firms)
    assert covariance(fit, "CR3 jackknife")[0, 0] == pytest.approx(np.var([2, 4, 9], ddof=1) / 3)
    assert covariance(fit, "CR1")[0, 0] == pytest.approx(np.var([2, 4, 9], ddof=1) / 3)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 9))
def test_leaving_out_each_firm_by_refitting(seed: int, n_firms: int) -> None:
    """Hypothesis: the changes are those of a refit without the firm."""
    data = simulate_scores(90, n_firms=n_firms, seed=seed)
    design = design_matrix(data, ROLES)
    fit = least_squares(design, data[ROLES.outcome], data["firm_id"])
    changes, lost = jackknife_changes(fit)
    assert not lost.any()
    for place, firm in enumerate(sorted(data["firm_id"].unique())):
        stay = (data["firm_id"] != firm).to_numpy()
        refit = np.linalg.lstsq(fit.X[stay], fit.y[stay], rcond=None)[0]
        np.testing.assert_allclose(changes[place], fit.estimate - refit, rtol=1e-6, atol=1e-10)


def test_a_firm_that_alone_carries_a_level_leaves_the_other_terms_as_they_are(scores: pd.DataFrame) -> None:
    """Its dummy counts as 0 without it; every other change is that of a refit without the dummy."""
    firm = sorted(scores["firm_id"].unique())[2]
    inside = scores["firm_id"] == firm
    design = design_matrix(scores, ROLES).assign(lone=inside.astype("float64"))
    fit = least_squares(design, scores[ROLES.outcome], scores["firm_id"])
    changes, lost = jackknife_changes(fit)
    assert list(zip(*lost.nonzero(), strict=True)) == [(2, 8)]
    assert changes[2, 8] == pytest.approx(fit.estimate[8])
    refit = np.linalg.lstsq(fit.X[~inside, :8], fit.y[~inside], rcond=None)[0]
    np.testing.assert_allclose(changes[2, :8], fit.estimate[:8] - refit, rtol=1e-7, atol=1e-10)


def test_a_term_that_hangs_on_one_firm_is_named(scores: pd.DataFrame) -> None:
    firm = scores["firm_id"].iloc[0]
    other = np.where(np.arange(len(scores)) % 2, "bouw", "zorg")
    frame = scores.assign(sector=np.where(scores["firm_id"] == firm, "ict", other))
    fit = fit_interaction(frame, controls=["sector"], cluster="firm_id")
    note = next(note for note in fit.notes if note.code == "cluster_identifies_term")
    assert dict(note.values) == {"n": 1, "terms": "a level of sector"}
    row = fit.coefficients.loc["sector[ict]"]
    assert abs(row["statistic"]) < 1.1
    assert np.isfinite(fit.coefficients["std_error"]).all()


@pytest.mark.parametrize("unit", [1e-8, 1e-3, 1e5, 1e9])
def test_units_change_nothing(scores: pd.DataFrame, unit: float) -> None:
    """A predictor in euros or in billions: t and p of every term the same, also where rounding could bite."""
    fit = fit_interaction(scores, cluster="firm_id")
    moved = scores.assign(
        kunnen=scores["kunnen"] * unit, innovative_behaviour=scores["innovative_behaviour"] / unit
    )
    other = fit_interaction(moved, cluster="firm_id")
    pd.testing.assert_frame_equal(
        fit.methods[["statistic", "p_value", "df"]], other.methods[["statistic", "p_value", "df"]], rtol=1e-7
    )
    pd.testing.assert_frame_equal(
        fit.methods.query("view == 'standardised'"), other.methods.query("view == 'standardised'"), rtol=1e-7
    )
    columns = ["r2", "r2_gain", "statistic", "p_value", "robust_statistic", "robust_p_value"]
    pd.testing.assert_frame_equal(fit.steps[columns], other.steps[columns], rtol=1e-7)


def test_a_wald_statistic_needs_a_covariance_of_full_rank() -> None:
    assert wald_statistic(np.array([1.0, 2.0]), np.diag([1.0, 4.0])) == pytest.approx(2)
    assert np.isnan(wald_statistic(np.array([1.0, 2.0]), np.ones((2, 2))))
    assert np.isnan(wald_statistic(np.array([1.0, 2.0]), np.diag([1.0, 0.0])))
    tiny = np.diag([1e-30, 4e10])
    assert wald_statistic(np.array([1e-15, 2e5]), tiny) == pytest.approx(2)


def test_sums_over_firms_whatever_the_order_of_the_rows() -> None:
    rows = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]])
    np.testing.assert_array_equal(firm_sums(rows, np.array([1, 0, 1])), [[2, 20], [5, 50]])


def test_leaving_out_terms(model: LeastSquares) -> None:
    smaller = without(model, [7, 2])
    assert smaller.terms == tuple(term for place, term in enumerate(model.terms) if place not in {2, 7})
    assert smaller.r2 < model.r2


@pytest.mark.parametrize("name", ["COHES", "LEAD", "HRS", "WBEING"])
def test_icc_from_the_mean_squares_of_r(shared: Path, name: str) -> None:
    """Sizes, mean squares and the corrected size n0 are those of R's multilevel and of aov."""
    content = json.loads((shared / "reference/aggregation/icc_rwg.json").read_text("utf-8"))
    case = next(each["result"] for each in content["cases"] if each["id"] == f"bh1996_icc_{name}")
    data = pd.read_csv(shared / "reference/data/bh1996.csv")
    facts = cluster_facts(data[name], data["GRP"].astype("str"))
    assert (facts.n_clusters, facts.smallest, facts.largest) == (
        case["groups"],
        case["min_size"],
        case["max_size"],
    )
    icc = (case["MSB"] - case["MSW"]) / (case["MSB"] + (case["n0"] - 1) * case["MSW"])
    assert facts.icc == pytest.approx(icc, rel=1e-8)
    assert facts.design_effect == pytest.approx(1 + (case["n0"] - 1) * icc, rel=1e-8)


def test_firms_of_one_person_have_no_icc() -> None:
    facts = cluster_facts(pd.Series([1.0, 2.0, 4.0]), pd.Series(list("abc")))
    assert np.isnan(facts.icc)
    assert facts.effective == 3
