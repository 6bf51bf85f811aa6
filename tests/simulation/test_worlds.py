"""Worlds with known truth: the truth must be in the answers, within Monte Carlo error."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from si_research.simulation.worlds import (
    FORMS,
    World,
    firm_sizes,
    item_answers,
    simulate_scores,
    simulate_survey,
    true_conditions,
    true_outcome,
)

BIG = World(n_employees=40_000, n_firms=400)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_same_seed_gives_the_same_survey_whatever_happened_before() -> None:
    first = simulate_survey(World(n_employees=300, n_firms=20), seed=5)
    np.random.default_rng(0).random(100)
    pd.testing.assert_frame_equal(first, simulate_survey(World(n_employees=300, n_firms=20), seed=5))
    assert not first.equals(simulate_survey(World(n_employees=300, n_firms=20), seed=6))


def test_firms_are_unequal_and_none_is_tiny() -> None:
    sizes = firm_sizes(rng(), 1500, 60)
    assert sizes.sum() == 1500
    assert sizes.min() >= 5
    assert sizes.max() > 3 * np.median(sizes)


def test_the_conditions_correlate_and_spread_as_stated() -> None:
    """Error of a correlation about (1 - r²)/sqrt(n), inflated by the design effect of 100 a firm."""
    firms = np.repeat(np.arange(400), 100)
    found = true_conditions(rng(), BIG, firms)
    R = np.corrcoef(found.T)
    error = np.sqrt((1 + 99 * 0.05) / 40_000)
    assert R[np.triu_indices(3, 1)] == pytest.approx(0.30, abs=4 * error + 0.01)  # clipping takes a little
    assert found.mean() == pytest.approx(3.4, abs=0.03)
    assert found.min() >= 1
    assert found.max() <= 5


def test_the_outcome_explains_what_is_stated() -> None:
    firms = np.repeat(np.arange(400), 100)
    conditions = true_conditions(rng(2), BIG, firms)
    outcome = true_outcome(rng(3), BIG, conditions, firms)
    r = np.corrcoef(conditions.sum(axis=1), outcome)[0, 1]
    assert r**2 == pytest.approx(0.35, abs=4 * 2 * 0.59 * 0.65 * np.sqrt((1 + 99 * 0.05**2) / 40_000))


def test_firms_differ_as_much_as_stated() -> None:
    """ICC(1) of one condition over 400 firms of 100: standard error about .005."""
    firms = np.repeat(np.arange(400), 100)
    values = pd.Series(true_conditions(rng(4), BIG, firms)[:, 0])
    between = 100 * values.groupby(firms).mean().var()
    within = values.groupby(firms).var().mean()
    assert (between - within) / (between + 99 * within) == pytest.approx(0.05, abs=0.02)


@pytest.mark.parametrize("reliability", [0.7, 0.9])
def test_the_items_are_as_reliable_as_stated(reliability: float) -> None:
    """Before rounding, the squared correlation of the mean with the truth; rounding takes at most .04."""
    truth = 3 + 0.7 * rng(6).normal(size=60_000)
    answers = item_answers(rng(7), truth, n_items=4, reliability=reliability)
    found = np.corrcoef(truth, answers.mean(axis=1))[0, 1] ** 2
    assert reliability - 0.04 < found < reliability + 0.01
    assert set(np.unique(answers)) <= {1.0, 2.0, 3.0, 4.0, 5.0}


def test_scores_hold_the_stated_coefficients() -> None:
    """By least squares on 200,000 people; standard errors about .002 to .006."""
    data = simulate_scores(200_000, main=0.4, two_way=0.1, three_way=0.2, seed=9)
    k, w, m = (data[name] - 3.4 for name in ("kunnen", "willen", "mogen"))
    X = np.column_stack([np.ones(len(data)), k, w, m, k * w, k * m, w * m, k * w * m])
    b = np.linalg.lstsq(X, data["innovative_behaviour"], rcond=None)[0]
    np.testing.assert_allclose(b[1:4], 0.4, atol=0.01)
    np.testing.assert_allclose(b[4:7], 0.1, atol=0.015)
    assert b[7] == pytest.approx(0.2, abs=0.03)


def test_the_forms_by_hand() -> None:
    people = np.array([[2.0, 3.0, 4.0], [5.0, 1.0, 5.0]])
    weights = np.array([1.0, 2.0, 3.0])
    assert FORMS["additive"](people, weights).tolist() == [20.0, 22.0]
    assert FORMS["product"](people, weights).tolist() == [6.0, 0.0]
    assert FORMS["minimum"](people, weights).tolist() == [2.0, 1.0]
    assert FORMS["nothing"](people, weights).tolist() == [0.0, 0.0]


def test_a_world_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="form"):
        World(form="magic")
    with pytest.raises(ValueError, match="5 employees"):
        World(n_employees=100, n_firms=60)
