"""What the tests say together: worlds with known truth, and each reading reached on purpose."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from si_research import corner_comparison, fit_interaction, joint_test, simulate_scores
from si_research.model.corners import CornerComparison
from si_research.model.interaction import InteractionFit
from si_research.model.joint import JointTest
from si_research.report.answer import read_answer

Results = tuple[InteractionFit, JointTest, CornerComparison]


def results_of(scores: pd.DataFrame, cluster: str | None = None) -> Results:
    fit = fit_interaction(scores, cluster=cluster)
    return fit, joint_test(fit, draws=199, seed=1), corner_comparison(fit, smallest_difference=0.25)


@pytest.fixture(scope="module")
def additive() -> Results:
    return results_of(simulate_scores(800, seed=1))


@pytest.fixture(scope="module")
def product_world() -> Results:
    return results_of(simulate_scores(2000, two_way=0.3, three_way=0.4, seed=1))


def with_highest(results: Results, estimates: tuple[float, float], p: tuple[float, float]) -> InteractionFit:
    table = results[0].highest_order.copy()
    table["estimate"], table["p_value"] = estimates, p
    return replace(results[0], highest_order=table)


def test_a_sum_gives_no_sign(additive: Results) -> None:
    answer = read_answer(*additive)
    assert answer.verdict == "no_sign"
    assert answer.rising == ("kunnen", "willen", "mogen")
    assert answer.corners == "against"


def test_a_product_world_reinforces(product_world: Results) -> None:
    assert read_answer(*product_world).verdict == "reinforce"


def test_reinforce_needs_steeper_slopes_where_the_others_are_high(product_world: Results) -> None:
    """A positive product of three beside negative products of two: slopes need not rise together."""
    fit, joint, corners = product_world
    slopes = corners.slopes.copy()
    slopes.iloc[2, slopes.columns.get_loc("estimate")] = -0.1
    assert slopes["where"].iloc[2] == "difference"
    assert read_answer(fit, joint, replace(corners, slopes=slopes)).verdict == "beyond_sum"


@pytest.mark.parametrize(
    ("joint_p", "estimates", "p", "verdict"),
    [
        (0.20, (0.1, 0.1), (0.30, 0.30), "no_sign"),
        (0.20, (0.1, 0.1), (0.01, 0.30), "curvature"),
        (0.20, (0.1, 0.1), (0.01, 0.01), "only_highest_positive"),
        (0.20, (-0.1, -0.1), (0.01, 0.01), "only_highest_negative"),
        (0.20, (0.1, -0.1), (0.01, 0.01), "curvature"),
        (0.01, (0.1, 0.1), (0.30, 0.30), "beyond_sum"),
        (0.01, (0.1, 0.1), (0.01, 0.30), "beyond_sum"),
        (0.01, (0.1, 0.1), (0.01, 0.01), "reinforce"),
        (0.01, (-0.1, -0.1), (0.01, 0.01), "beyond_sum"),
        (np.nan, (0.1, 0.1), (0.01, 0.01), "untested"),
    ],
)
def test_each_verdict(
    product_world: Results,
    joint_p: float,
    estimates: tuple[float, float],
    p: tuple[float, float],
    verdict: str,
) -> None:
    fit = with_highest(product_world, estimates, p)
    joint = replace(product_world[1], p_value=joint_p)
    assert read_answer(fit, joint, product_world[2]).verdict == verdict


def test_weaken_needs_every_slope_to_be_less_steep() -> None:
    fit, joint, corners = results_of(simulate_scores(2000, two_way=-0.3, three_way=-0.4, main=0.5, seed=2))
    assert read_answer(fit, joint, corners).verdict == "weaken"


def test_three_firms_are_too_few_for_the_joint_test() -> None:
    answer = read_answer(*results_of(simulate_scores(120, n_firms=3, seed=4), cluster="firm_id"))
    assert answer.verdict == "untested"


def test_corners_are_held_against_the_claim_with_a_correction(additive: Results) -> None:
    """One corner just beyond its own interval is not enough: any of six may be the one."""
    fit, joint, corners = additive
    gaps = corners.equivalence.copy()
    gaps["estimate"] = 0.0
    single = float(stats.t.isf(0.025, gaps["df"].iloc[0]) * gaps["std_error"].iloc[0])
    simultaneous = float(stats.t.isf(0.025 / 6, gaps["df"].iloc[0]) * gaps["std_error"].iloc[0])
    readings = {}
    for name, margin in (("single", single), ("simultaneous", simultaneous)):
        gaps.iloc[0, gaps.columns.get_loc("estimate")] = 0.25 + 1.001 * margin
        changed = replace(corners, equivalence=gaps.copy())
        readings[name] = read_answer(fit, joint, changed).corners
    assert len(gaps) == 6
    assert readings == {"single": "undecided", "simultaneous": "against"}


def test_only_the_combination_is_supported_where_it_is_true() -> None:
    """Binary conditions: everybody scores 2, and 4 with all three."""
    rng = np.random.default_rng(0)
    scores = pd.DataFrame(rng.integers(0, 2, size=(800, 3)), columns=["kunnen", "willen", "mogen"])
    scores["innovative_behaviour"] = 2.0 + 2 * scores.prod(axis=1) + rng.normal(scale=0.2, size=800)
    assert read_answer(*results_of(scores.astype("float64"))).corners == "supported"


@pytest.mark.parametrize(
    ("low", "high", "share_kept", "reach"),
    [
        (-0.05, 0.09, 1.0, "narrow"),
        (-0.05, 0.06, 0.60, "narrow_measured"),  # 0.06 / 0.6 = 0.10
        (-0.05, 0.06, 0.61, "narrow"),
        (-0.05, 0.06, 0.0, "narrow_measured"),
        (-0.05, 0.06, math.nan, "narrow_measured"),
        (-0.0951, 0.07, 1.0, "open"),  # printed as -0.10
        (-0.12, 0.01, 1.0, "open"),
    ],
)
def test_a_large_combination_is_excluded_only_by_a_narrow_interval_of_reliable_scales(
    additive: Results, low: float, high: float, share_kept: float, reach: str
) -> None:
    fit, joint, corners = additive
    table = fit.standardised.copy()
    table.loc[fit.tested_term, ["conf_low", "conf_high"]] = (low, high)
    changed = replace(fit, standardised=table)
    assert read_answer(changed, joint, corners, share_kept=share_kept).reach == reach
