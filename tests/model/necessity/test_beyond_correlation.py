"""Necessity beyond correlation: found where it is, and not where conditions only add up or multiply."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.necessity.beyond_correlation import (
    _necessity,
    beyond_correlation,
    beyond_correlation_p,
    necessity_p_values,
)
from si_research.model.necessity.ceiling_draws import _at_the_fit, _drawn_outcomes
from si_research.model.necessity.ceilings import ce_fdh_effect
from si_research.model.necessity.corner_and_ceiling import CornerTests, combined
from si_research.model.necessity.corner_deficit import (
    CornerDeficit,
    closed,
    corner_deficit,
    neighbour_reach,
    smooth_model,
)
from si_research.simulation.worlds import CONDITIONS, World, simulate_world_scores

NAMES, OUTCOME, FIRM = list(CONDITIONS), "innovative_behaviour", "firm_id"
SMALL = World(n_employees=120, n_firms=12)


def scores_of(world: World = SMALL, seed: int = 1) -> pd.DataFrame:
    return simulate_world_scores(world, seed=seed)


def arrays(scores: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    firms = pd.factorize(scores[FIRM], sort=True)[0]
    return scores[NAMES].to_numpy(), scores[OUTCOME].to_numpy(), firms


def weight(x: float, y: float) -> float:
    """The weight of a place, by hand."""
    return max(y - x - 2, 0) ** 2 + max(-1 - x, 0) * max(y + 0.5, 0)


def test_the_corner_is_what_is_expected_of_neighbours_by_brute_force() -> None:
    """Person by person, with least squares of their own; nobody's fitted value is that of another."""
    x, y, _ = arrays(scores_of().drop_duplicates(NAMES))
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    X = np.column_stack([np.ones(len(y)), z, z**2])
    fitted = X @ np.linalg.lstsq(X, y, rcond=None)[0]
    order = np.argsort(fitted)
    y, z, fitted, n = y[order], z[order], fitted[order], len(y)
    assert neighbour_reach(len(y)) == 6
    steps = {round(step) for step in np.linspace(-6, 6, 16)} - {0}
    own, expected = np.zeros(3), np.zeros(3)
    for person in range(n):
        near = [abs(person + step) for step in steps]
        near = [2 * (n - 1) - place if place > n - 1 else place for place in near]
        for j in range(3):
            own[j] += weight(z[person, j], (y[person] - y.mean()) / y.std())
            outcomes = [min(max(fitted[person] + y[i] - fitted[i], 1), 5) for i in near]
            each = [weight(z[person, j], (outcome - y.mean()) / y.std()) for outcome in outcomes]
            expected[j] += float(np.mean(each))
    found = corner_deficit(smooth_model(x, y[np.argsort(order)], None, products=False), None, (1, 5))
    np.testing.assert_allclose(found.corner, own / n)
    np.testing.assert_allclose(found.corner_expected, expected / n)


def test_neighbours_of_whom_the_same_is_expected_are_anybody() -> None:
    """With few answers many fitted values are equal; in the order of outcomes one would borrow one's own."""
    rng = np.random.default_rng(1)
    x, y = rng.integers(1, 4, size=(2, 600, 1)).astype(float)
    model = smooth_model(x, y[:, 0], None, products=False)
    assert len(np.unique(model.fitted.round(9))) == 3
    residual = model.y - model.fitted
    assert abs(np.corrcoef(residual[1:], residual[:-1])[0, 1]) < 0.12


def test_the_p_that_a_simulation_gets_is_the_one_a_user_gets() -> None:
    """In the same order of people: it decides who of equal fitted values stands next to whom."""
    scores = scores_of(World(form="floor", n_employees=3000, reliability=0.9), seed=3)
    x, y, firms = arrays(scores.sort_values([FIRM, OUTCOME, *sorted(NAMES)]))
    found = beyond_correlation(scores, cluster=FIRM, draws=199, seed=1)
    np.testing.assert_allclose(
        beyond_correlation_p(x, y, firms=firms, seed=1), found.conditions["p_necessity"]
    )
    both = necessity_p_values(25 * x, y, firms=firms, x_ends=(0, 200), seed=1)
    np.testing.assert_allclose(both.each, found.conditions["p_necessity"], rtol=0.01)  # ties by rounding
    assert both.two == pytest.approx(found.p_two, rel=0.01)
    assert found.necessary() == CONDITIONS
    assert found.p_joint_products < 0.01


@pytest.mark.parametrize("form", ["additive", "concave", "convex", "product", "minimum", "nothing"])
def test_nothing_is_called_necessary_where_nothing_is(form: str) -> None:
    """In three surveys of 1,500 people; the slow test of the sizes has many."""
    for seed in range(1, 4):
        x, y, firms = arrays(scores_of(World(form=form), seed))
        assert (beyond_correlation_p(x, y, firms=firms) <= 0.05).sum() < 2


def test_the_order_of_rows_and_of_conditions_changes_nothing() -> None:
    scores = scores_of()
    first = beyond_correlation(scores, cluster=FIRM, draws=199, seed=1).conditions
    shuffled = scores.sample(frac=1, random_state=1)
    again = beyond_correlation(shuffled, cluster=FIRM, draws=199, seed=1).conditions
    pd.testing.assert_frame_equal(first, again)
    turned = beyond_correlation(scores, predictors=NAMES[::-1], cluster=FIRM, draws=199, seed=1).conditions
    pd.testing.assert_frame_equal(first, turned.loc[NAMES])


def test_another_response_format_gives_the_same_figures() -> None:
    scores = scores_of()
    wide = scores.assign(**{name: 25 * (scores[name] - 1) for name in [*NAMES, OUTCOME]})
    first = beyond_correlation(scores, cluster=FIRM, draws=199, seed=1).conditions
    again = beyond_correlation(wide, cluster=FIRM, ends=(0, 100), draws=199, seed=1).conditions
    pd.testing.assert_frame_equal(first, again)


def test_the_effect_size_and_its_draws() -> None:
    """d as the ceiling has it; in draws of the compensating model about as large, in an additive world."""
    scores = scores_of(World(), seed=2)
    found = beyond_correlation(scores, draws=199, seed=1).conditions
    for name in NAMES:
        assert found["d"][name] == ce_fdh_effect(scores[name], scores[OUTCOME], 1, 5, 1, 5)
    assert abs(found["d"] - found["d_expected"]).max() < 0.06
    assert (found["p_ceiling"] > 0.05).all()


def test_a_condition_counts_only_with_every_set_that_holds_it() -> None:
    p = {(0,): 0.01, (1,): 0.02, (2,): 0.5, (0, 1): 0.01, (0, 2): 0.03, (1, 2): 0.2, (0, 1, 2): 0.04}
    assert closed(p.__getitem__, 3).tolist() == [0.04, 0.2, 0.5]
    found = beyond_correlation(scores_of(), draws=199, seed=1)
    assert (found.conditions["p_closed"] >= found.p_joint).all()
    assert (found.conditions["p_necessity"] >= found.p_joint_products / 2).all()


def test_two_conditions_are_necessary_where_every_pair_is_emptier() -> None:
    """Of two conditions: where either is on its own."""
    scores = scores_of(World(form="floor", n_employees=400, n_firms=20))
    found = beyond_correlation(scores, predictors=NAMES[:2], draws=199, seed=1)
    assert found.p_two >= found.conditions["p_value"].max()


def test_a_single_necessary_condition_is_found_and_is_not_two() -> None:
    """Outcomes that one condition caps: the other two only add up."""
    rng = np.random.default_rng(5)
    x = np.clip(3.4 + 0.7 * rng.normal(size=(1500, 3)), 1, 5)
    free = 3 + 0.3 * (x - 3.4).sum(axis=1) + 0.6 * rng.normal(size=1500)
    y = np.clip(np.minimum(free, x[:, 0] + 0.4), 1, 5)
    found = necessity_p_values(x, y)
    assert found.each[0] <= 0.05 < found.each[1:].min()
    assert found.two > 0.05


def test_two_p_arecombined_by_cauchy() -> None:
    """Of two equal ones the same, and of a small and a middling one the small one over its weight, about."""
    assert [combined(p, p, 0.2) for p in (0.001, 0.2, 0.9)] == pytest.approx([0.001, 0.2, 0.9])
    assert combined(0.001, 0.5, 0.2) == pytest.approx(0.001 / 0.8, rel=1e-3)
    assert combined(0.5, 0.001, 0.2) == pytest.approx(0.001 / 0.2, rel=1e-3)
    assert 0 < combined(0.9, 1.0, 0.2) <= 1


def test_two_conditions_and_controls() -> None:
    scores = scores_of().assign(sector=["a", "b", "c"] * 40, hours=np.arange(120.0))
    found = beyond_correlation(scores, predictors=NAMES[:2], controls=["sector", "hours"], draws=199, seed=1)
    assert found.conditions.index.tolist() == NAMES[:2]
    assert found.conditions.drop(columns=["p_holm"]).notna().all(axis=None)
    x, y, _ = arrays(scores)
    dummies = pd.get_dummies(scores["sector"], drop_first=True).to_numpy(dtype=float)
    model = smooth_model(x[:, :2], y, np.column_stack([dummies, scores["hours"]]), products=True)
    assert model.basis.shape[1] == 1 + 2 + 2 + 1 + 3
    assert abs(model.basis.T @ (model.y - model.fitted)).max() < 1e-9


def test_a_yes_or_no_condition_has_no_square() -> None:
    scores = scores_of()
    yes = (scores["mogen"] > 3.4).astype(float)
    model = smooth_model(np.column_stack([scores["kunnen"], yes]), arrays(scores)[1], None, products=False)
    assert model.basis.shape[1] == 4
    found = beyond_correlation(scores.assign(mogen=yes), ends={"mogen": (0, 1)}, draws=199, seed=1)
    assert found.conditions["p_value"].notna().all()


@pytest.mark.parametrize(
    ("firms", "codes", "units"),
    [(None, ["no_clusters"], 120), (1, ["one_cluster"], 120), (4, ["few_clusters"], 4)],
)
def test_firms_that_are_few_or_not_there_are_a_note(firms: int | None, codes: list[str], units: int) -> None:
    scores = scores_of().assign(firm_id=np.arange(120) % (firms or 1))
    found = beyond_correlation(scores, cluster=firms and FIRM, draws=199, seed=1)
    assert [note.code for note in found.notes] == codes
    assert found.n_units == units
    assert str(found).startswith("Necessity for innovative_behaviour")


def test_rows_that_lack_something_are_counted() -> None:
    scores = scores_of()
    scores.loc[:4, "kunnen"] = np.nan
    scores.loc[3:9, OUTCOME] = np.nan
    found = beyond_correlation(scores, cluster=FIRM, draws=199, seed=1)
    assert found.dropped.to_dict() == {OUTCOME: 7, "kunnen": 3}
    assert (found.n_rows, found.n_used) == (120, 110)
    assert (found.table()["n_used"] == 110).all()


@pytest.mark.parametrize(
    ("changed", "options", "named"),
    [
        ({"kunnen": 3.0}, {}, "kunnen: the same for all"),
        ({}, {"ends": (1, 4)}, "beyond these ends"),
        ({}, {"ends": (5, 1)}, "ends"),
        ({}, {"draws": 10}, "draws"),
        ({}, {"predictors": "kunnen"}, "predictors"),
        ({}, {"outcome": "absent"}, "absent"),
    ],
)
def test_what_cannot_be_tested_is_said(
    changed: dict[str, float], options: dict[str, object], named: str
) -> None:
    with pytest.raises((SurveyDataError, ModelSpecificationError), match=named):
        beyond_correlation(scores_of().assign(**changed), **({"draws": 199, "seed": 1} | options))  # type: ignore[arg-type]


def test_fewer_than_twenty_people_are_refused() -> None:
    with pytest.raises(SurveyDataError, match="at least 20"):
        beyond_correlation(scores_of().head(19), draws=199, seed=1)
    found = beyond_correlation(scores_of().head(20), draws=199, seed=1)
    assert found.conditions["p_value"].between(0, 1).all()
    assert neighbour_reach(20) == 5


def test_z_is_standard_normal_where_conditions_only_add_up() -> None:
    """In 150 surveys: its spread has a Monte Carlo error of .06, and a coarse standard error would show."""
    rng = np.random.default_rng(2)
    found = []
    for _ in range(150):
        x = rng.normal(size=(400, 3))
        y = 0.4 * x.sum(axis=1) + rng.normal(size=400)
        found.append(corner_deficit(smooth_model(x, y, None, products=False), None, (-99, 99)).z)
    z = np.array(found)
    assert z.mean(axis=0) == pytest.approx([0, 0, 0], abs=0.3)
    assert float(z.std()) == pytest.approx(1, abs=0.1)


def made_tests(p_of: dict[tuple[int, ...], float]) -> CornerTests:
    """Tests of two conditions with these p."""
    none = np.zeros(2)
    return CornerTests(CornerDeficit(none, none, none, p_of, 50), None)


def test_a_set_counts_for_its_smallest_p_too() -> None:
    """One condition that empties its corner beside one that fills it: the sum sees nothing."""
    plain = made_tests({(0,): 0.001, (1,): 0.99, (0, 1): 0.6})
    assert plain.p_any((0, 1)) == pytest.approx(0.004, rel=0.05)  # half of two times .001
    found = _necessity(plain, plain)
    assert found.each == pytest.approx([0.004, 0.99], rel=0.05)
    assert found.two == 0.99


def test_what_products_explain_is_not_called_necessary() -> None:
    plain = made_tests({(0,): 0.01, (1,): 0.02, (0, 1): 0.001})
    explained, not_explained = (made_tests({(0,): p, (1,): p, (0, 1): p}) for p in (0.3, 0.06))
    assert _necessity(plain, explained).each == pytest.approx([explained.p_any((0, 1)) / 2] * 2)
    assert explained.p_any((0, 1)) > 0.3  # the sum, and the smallest p twice
    assert _necessity(plain, explained).two == pytest.approx(0.15)
    assert (_necessity(plain, not_explained).each <= 0.05).all()
    assert _necessity(plain, not_explained).two == pytest.approx(0.03)


def test_draws_are_brought_to_the_coefficients_of_the_data() -> None:
    """What goes with the coefficients is taken out, and the rest keeps its spread."""
    rng = np.random.default_rng(3)
    moves, rest = rng.normal(size=(4000, 5)), rng.normal(size=(4000, 2))
    brought = _at_the_fit(7 + 3 * moves[:, :2] + rest, moves)
    assert brought.mean(axis=0) == pytest.approx([7, 7], abs=0.07)
    assert np.corrcoef(brought[:, 0], rest[:, 0])[0, 1] > 0.99
    assert brought.std(axis=0) == pytest.approx(rest.std(axis=0), rel=0.01)
    np.testing.assert_allclose(_at_the_fit(rest[:8], moves[:8]), rest[:8])  # too few draws to tell


def test_drawn_residuals_are_those_of_neighbours() -> None:
    scores = scores_of()
    x, y, _ = arrays(scores)
    model = smooth_model(x, y, None, products=False)
    residual, n, reach = model.y - model.fitted, len(y), neighbour_reach(len(y))
    drawn = _drawn_outcomes(model, 400, np.random.default_rng(1)) - model.fitted
    for place in (0, 3, 60, n - 1):
        near = residual[max(place - reach, 0) : place + reach + 1]
        assert set(drawn[:, place].round(9)) == set(near.round(9))
