"""The wild cluster bootstrap: refitting by brute force, exact figures of R, and its edges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.model import wild_bootstrap
from si_research.model.design import Roles, design_matrix
from si_research.model.inference import LeastSquares, covariance, least_squares
from si_research.model.interaction import fit_interaction
from si_research.model.joint import HOTELLING, WILD, joint_test
from si_research.model.wild_bootstrap import (
    all_sign_patterns,
    bootstrap_p_value,
    bootstrap_t,
    bootstrap_wald,
    enumerated_p_value,
    firm_weights,
)
from si_research.simulation.worlds import simulate_scores

ROLES = Roles("innovative_behaviour", ("kunnen", "willen", "mogen"))
TERMS = ["kunnen", "willen", "mogen", "kunnen:willen:mogen"]
CLAIMED = {
    *(f"wcr_rademacher_enumerated_{term}" for term in TERMS),
    *(f"wcu_rademacher_enumerated_{term}" for term in TERMS),
    "wcr_webb_9999_three_way",
    "wcr_equal_tailed_three_way",
    "crve_compare",
}


@pytest.fixture(scope="session")
def cases(shared: Path) -> dict[str, Any]:
    content = json.loads((shared / "reference/regression/wild_cluster_bootstrap.json").read_text("utf-8"))
    return {case["id"]: case["result"] for case in content["cases"]}


@pytest.fixture(scope="session")
def teams(shared: Path) -> LeastSquares:
    """iwb ~ kunnen * willen * mogen on the raw columns, as R was given it."""
    data = pd.read_csv(shared / "reference/data/teams_10_clusters.csv")
    roles = Roles("iwb", ("kunnen", "willen", "mogen"))
    design = design_matrix(data, roles)
    for term in design.columns[1:]:
        design[term] = data[term.split(":")].prod(axis=1)
    return least_squares(design, data["iwb"], data["team"])


@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize(("name", "null_imposed"), [("wcr", True), ("wcu", False)])
def test_every_sign_pattern_gives_the_p_of_r(
    cases: dict[str, Any], teams: LeastSquares, term: str, name: str, null_imposed: bool
) -> None:
    """p is a count out of 1,024: equal exactly. t in double precision."""
    case = cases[f"{name}_rademacher_enumerated_{term}"]
    statistic, draws = bootstrap_t(teams, term, all_sign_patterns(10), null_imposed=null_imposed)
    assert len(draws) == case["boot_iter"]
    assert statistic == pytest.approx(case["t_stat"], rel=1e-8)
    assert enumerated_p_value(abs(statistic), np.abs(draws)) == case["p_value"]


def test_equal_tails(cases: dict[str, Any], teams: LeastSquares) -> None:
    """Twice the smaller tail; with all patterns the draws are symmetric, so it is the two-sided p."""
    case = cases["wcr_equal_tailed_three_way"]
    statistic, draws = bootstrap_t(teams, "kunnen:willen:mogen", all_sign_patterns(10))
    tails = enumerated_p_value(statistic, draws), enumerated_p_value(-statistic, -draws)
    assert 2 * min(tails) == case["p_value"]
    np.testing.assert_allclose(np.sort(draws), np.sort(-draws), atol=1e-9)


def test_webb_weights_against_r(cases: dict[str, Any], teams: LeastSquares) -> None:
    """Two runs of 9,999 draws differ by less than four standard errors of that difference."""
    case = cases["wcr_webb_9999_three_way"]
    statistic, draws = bootstrap_t(teams, "kunnen:willen:mogen", firm_weights(10, 9999, seed=1))
    error = np.sqrt(2 * case["p_value"] * (1 - case["p_value"]) / 9999)
    assert bootstrap_p_value(abs(statistic), np.abs(draws)) == pytest.approx(case["p_value"], abs=4 * error)


def test_standard_errors_of_ten_teams(cases: dict[str, Any], teams: LeastSquares) -> None:
    case = cases["crve_compare"]
    for method, column in (("CR1S", "CR1S_se"), ("CR3", "CR3_se")):
        ours = np.sqrt(np.diag(covariance(teams, method)))  # type: ignore[arg-type]
        np.testing.assert_allclose(ours, list(case[column].values()), rtol=1e-8)


@pytest.fixture(scope="module")
def small() -> LeastSquares:
    data = simulate_scores(80, n_firms=6, seed=5)
    return least_squares(design_matrix(data, ROLES), data[ROLES.outcome], data["firm_id"])


def refitted(fit: LeastSquares, y: np.ndarray) -> LeastSquares:
    return least_squares(pd.DataFrame(fit.X, columns=list(fit.terms)), pd.Series(y), pd.Series(fit.clusters))


@pytest.mark.parametrize("null_imposed", [True, False])
def test_a_draw_is_what_refitting_gives(small: LeastSquares, null_imposed: bool) -> None:
    """Brute force: make the outcome anew, refit, take CR1 and the Wald statistic anew."""
    places = [4, 5, 7]
    weights = firm_weights(6, 8, seed=1)
    _, draws = bootstrap_wald(small, places, weights, null_imposed=null_imposed)
    kept = [place for place in range(8) if place not in places]
    if null_imposed:
        fitted = small.X[:, kept] @ np.linalg.lstsq(small.X[:, kept], small.y, rcond=None)[0]
        truth = np.zeros(3)
    else:
        fitted, truth = small.X @ small.estimate, small.estimate[places]
    for signs, drawn in zip(weights, draws, strict=True):
        again = refitted(small, fitted + (small.y - fitted) * signs[small.clusters])
        gap = again.estimate[places] - truth
        V = covariance(again, "CR1")[np.ix_(places, places)]
        assert drawn == pytest.approx(gap @ np.linalg.inv(V) @ gap, rel=1e-7)


def test_the_t_of_one_coefficient_squared_is_its_wald_statistic(small: LeastSquares) -> None:
    weights = all_sign_patterns(6)
    wald, wald_draws = bootstrap_wald(small, [7], weights)
    t, t_draws = bootstrap_t(small, "kunnen:willen:mogen", weights)
    factor = (small.n - 1) / small.df_residual  # CR1S over CR1
    assert t**2 * factor == pytest.approx(wald, rel=1e-9)
    np.testing.assert_allclose(t_draws**2 * factor, wald_draws, rtol=1e-7)


def test_the_pattern_of_ones_gives_back_the_data(small: LeastSquares) -> None:
    statistic, draws = bootstrap_wald(small, [4, 5], np.ones((1, 6)))
    assert draws[0] == pytest.approx(statistic, rel=1e-9)
    assert bootstrap_p_value(statistic, draws) == 1
    assert enumerated_p_value(statistic, draws) == 0


def test_batches_change_nothing(small: LeastSquares, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = firm_weights(6, 50, seed=3)
    _, whole = bootstrap_wald(small, [4, 5, 6, 7], weights)
    monkeypatch.setattr(wild_bootstrap, "CELLS", 7 * 6 * 8)
    _, batched = bootstrap_wald(small, [4, 5, 6, 7], weights)
    np.testing.assert_allclose(batched, whole, rtol=1e-9)


def test_weights_have_mean_0_and_variance_1_and_fit_the_number_of_firms() -> None:
    few, many = firm_weights(12, 40_000, seed=1), firm_weights(13, 40_000, seed=1)
    assert len(np.unique(few)) == 6
    assert set(np.unique(many)) == {-1.0, 1.0}
    for weights in (few, many):
        assert weights.mean() == pytest.approx(0, abs=4 / np.sqrt(weights.size))
        assert (weights**2).mean() == pytest.approx(1, abs=4 * 0.5 / np.sqrt(weights.size))
    np.testing.assert_array_equal(firm_weights(12, 5, seed=1), firm_weights(12, 5, seed=1))


def test_all_patterns_are_there_once() -> None:
    patterns = all_sign_patterns(4)
    assert patterns.shape == (16, 4)
    assert len(np.unique(patterns, axis=0)) == 16


def test_counting_by_hand() -> None:
    draws = np.array([1.0, 2.0, 3.0, 4.0])
    assert bootstrap_p_value(3.0, draws) == pytest.approx(3 / 5)
    assert enumerated_p_value(3.0, draws) == pytest.approx(1 / 4)
    assert np.isnan(bootstrap_p_value(np.nan, draws))


@pytest.mark.parametrize("n_firms", [2, 3, 4])
def test_no_more_firms_than_terms_is_no_joint_test(n_firms: int) -> None:
    """Missing, and said to be: finding nothing would be another thing."""
    fit = fit_interaction(simulate_scores(120, n_firms=n_firms, seed=n_firms), cluster="firm_id")
    found = joint_test(fit, draws=199, seed=1)
    assert found.note == "too_few_clusters"
    assert found.method == WILD
    assert np.isnan(found.p_value)
    assert found.tests["p_value"].isna().all()


def test_five_firms_are_enough_for_four_terms() -> None:
    fit = fit_interaction(simulate_scores(120, n_firms=5, seed=5), cluster="firm_id")
    found = joint_test(fit, draws=199, seed=1)
    assert found.note == ""
    assert found.tests["p_value"].between(0, 1).all()
    assert found.tests.loc[HOTELLING, "df_residual"] == 1


def test_seed_and_draws() -> None:
    fit = fit_interaction(simulate_scores(200, n_firms=20, seed=5), cluster="firm_id")
    first, same, other = (joint_test(fit, draws=499, seed=seed) for seed in (1, 1, 2))
    assert first.p_value == same.p_value
    assert first.p_value != other.p_value
    assert first.p_value * 500 == pytest.approx(round(first.p_value * 500))
    assert first.mc_error == pytest.approx(np.sqrt(first.p_value * (1 - first.p_value) / 499))
