"""Worlds with known truth: the truth must be in the answers, within Monte Carlo error."""

from __future__ import annotations

from dataclasses import replace

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
    simulate_world_scores,
    true_conditions,
    true_outcome,
)

SCORES = ["kunnen", "willen", "mogen", "innovative_behaviour"]
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
    assert FORMS["convex"](people, weights).tolist() == [1 + 2 * 4 + 3 * 9, 16 + 3 * 16]
    assert FORMS["concave"](people, weights) == pytest.approx(np.log([2 * 3**2 * 4**3, 5 * 5**3]))
    assert FORMS["geometric"](people, weights) == pytest.approx([(1 * 2**2 * 3**3) ** (1 / 6), 0.0])
    assert FORMS["harmonic"](people, weights).tolist() == [6 / (1 + 1 + 1), 0.0]


def test_a_world_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="form"):
        World(form="magic")
    with pytest.raises(ValueError, match="5 employees"):
        World(n_employees=100, n_firms=60)
    with pytest.raises(ValueError, match="careless"):
        World(careless=1.5)


def truths(form: str, **changed: float) -> tuple[np.ndarray, np.ndarray]:
    """True conditions and outcome of 40,000 people, in standard deviations from the stated means."""
    world = World(form=form, n_employees=40_000, n_firms=400, **changed)
    firms = np.repeat(np.arange(400), 100)
    conditions = true_conditions(rng(2), world, firms)
    outcome = true_outcome(rng(3), world, conditions, firms)
    x = (conditions - world.mean) / world.std_dev
    return x, (outcome - world.outcome_mean) / world.outcome_std_dev


@pytest.mark.parametrize("form", FORMS)
def test_a_corner_is_empty_only_where_a_condition_is_necessary(form: str) -> None:
    """Low on one condition (2 of 3.4, the others as they come) and a high outcome: nobody, or somebody."""
    x, y = truths(form)
    share = [float((y[x[:, place] < -1.2] > 1).mean()) for place in range(3)]
    if form in {"floor", "threshold"}:
        assert share == [0, 0, 0]
    else:
        assert min(share) > 0.005  # in a minimum, too: its noise is not capped


@pytest.mark.parametrize("form", sorted({*FORMS} - {"floor", "threshold", "nothing"}))
def test_each_form_explains_what_is_stated(form: str) -> None:
    x, y = truths(form)
    r = np.corrcoef(FORMS[form](3.4 + 0.7 * x, np.ones(3)), y)[0, 1]
    assert r**2 == pytest.approx(0.35, abs=0.02)


def test_who_lacks_nothing_is_as_additive_as_elsewhere() -> None:
    """The cap takes only from those whom it reaches."""
    free = truths("additive")[1]
    for form, lifted in (("floor", {"cap": 9.0}), ("threshold", {"threshold": -9.0})):
        assert truths(form, **lifted)[1] == pytest.approx(free)
        capped = truths(form)[1]
        assert (capped <= free).all()
        assert 0.1 < float((capped < free).mean()) < 0.5


def test_scale_scores_are_the_means_of_the_same_survey() -> None:
    world = World(form="floor", n_employees=300, n_firms=20, halo=0.3, careless=0.2, points=7)
    scores, answers = (made(world, seed=4) for made in (simulate_world_scores, simulate_survey))
    for name in SCORES:
        items = answers.filter(like=name)
        assert items.shape[1] == 4
        np.testing.assert_allclose(scores[name], items.mean(axis=1))
        assert set(np.unique(6 * (items - 1) / 4).round(9)) == set(range(7))
    assert scores["firm_id"].tolist() == answers["firm_id"].tolist()


def test_ceilings_lie_where_they_are_put() -> None:
    high = World(n_employees=20_000, n_firms=400, mean=4.1, outcome_mean=4.2)
    means = simulate_world_scores(high, seed=1)[SCORES].mean()
    assert 4.0 < means["innovative_behaviour"] < 4.2  # answers of more than 5 are 5
    assert 3.95 < means["kunnen"] < 4.1
    answers = simulate_survey(high, seed=1).filter(like="innovative")
    assert float((answers == 5).to_numpy().mean()) > 0.35


def test_a_response_style_joins_scales_that_have_nothing_in_common() -> None:
    """Covariance of any two scales: that of the style; the noise of rounding stays out of it."""
    world = World(form="nothing", n_employees=20_000, n_firms=400, icc=0.0, correlation=0.0, mean=3.0)
    plain, halo = (
        simulate_world_scores(each, seed=1)[SCORES].cov().to_numpy()[np.triu_indices(4, 1)]
        for each in (world, replace(world, halo=0.4))
    )
    assert abs(plain).max() < 0.02
    assert halo == pytest.approx(0.16, abs=0.03)


def test_the_careless_answer_at_random() -> None:
    """Nothing but the careless: items uniform over the points, and nothing correlated."""
    answers = simulate_survey(World(n_employees=4000, n_firms=40, careless=1.0), seed=1).drop(
        columns="firm_id"
    )
    assert np.unique(answers, return_counts=True)[1] / answers.size == pytest.approx(0.2, abs=0.01)
    assert abs(np.triu(answers.corr(), 1)).max() < 0.08
    some = simulate_survey(World(n_employees=4000, n_firms=40, careless=0.1), seed=1).drop(columns="firm_id")
    none = simulate_survey(World(n_employees=4000, n_firms=40), seed=1).drop(columns="firm_id")
    assert float((some != none).any(axis=1).mean()) == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize("reliability", [0.8, 1.0])
def test_a_scale_is_as_reliable_as_stated(reliability: float) -> None:
    """Cronbach's alpha of the items, which rounding lowers by at most .04."""
    world = World(n_employees=20_000, n_firms=400, reliability=reliability)
    items = simulate_survey(world, seed=1).filter(like="willen")
    alpha = 4 / 3 * (1 - items.var().sum() / items.sum(axis=1).var())
    assert reliability - 0.04 < alpha < reliability + 0.01
