"""The corners and the simple slopes: against predictions by hand, and against re-centring."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from si_research.errors import ModelSpecificationError
from si_research.model.corners import corner_comparison
from si_research.model.interaction import InteractionFit, fit_interaction
from si_research.model.probing import simple_slopes
from si_research.simulation.worlds import simulate_scores


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    return simulate_scores(500, three_way=0.3, seed=11)


@pytest.fixture(scope="module")
def fit(scores: pd.DataFrame) -> InteractionFit:
    return fit_interaction(scores)


def test_a_corner_is_the_intercept_after_re_centring_there(scores: pd.DataFrame, fit: InteractionFit) -> None:
    """Moving the origin to a corner makes its prediction the intercept: estimate and standard error."""
    import statsmodels.formula.api as smf

    corners = corner_comparison(fit, smallest_difference=0.25).corners
    for _, corner in corners.iterrows():
        moved = scores.copy()
        for name in fit.predictors:
            moved[name] = scores[name] - corner[f"value_{name}"]
        again = smf.ols("innovative_behaviour ~ kunnen * willen * mogen", moved).fit(
            cov_type="HC3", use_t=True
        )
        assert corner["estimate"] == pytest.approx(again.params["Intercept"], rel=1e-8)
        assert corner["std_error"] == pytest.approx(again.bse["Intercept"], rel=1e-8)


def test_a_simple_slope_is_the_coefficient_after_re_centring(
    scores: pd.DataFrame, fit: InteractionFit
) -> None:
    import statsmodels.formula.api as smf

    for _, slope in simple_slopes(fit, of="mogen").iterrows():
        moved = scores.assign(
            kunnen=scores["kunnen"] - slope["kunnen"], willen=scores["willen"] - slope["willen"]
        )
        again = smf.ols("innovative_behaviour ~ kunnen * willen * mogen", moved).fit(
            cov_type="HC3", use_t=True
        )
        assert slope["estimate"] == pytest.approx(again.params["mogen"], rel=1e-8)
        assert slope["p_value"] == pytest.approx(again.pvalues["mogen"], rel=1e-6)


def test_the_two_statements_by_hand(fit: InteractionFit) -> None:
    found = corner_comparison(fit, smallest_difference=0.4)
    best = found.highest_against_others
    assert len(best) == 7
    highest = found.corners["estimate"].iloc[-1]
    np.testing.assert_allclose(best["estimate"], highest - found.corners["estimate"].iloc[:-1])
    one_sided = stats.t.sf(best["estimate"] / best["std_error"], fit.df)
    assert found.p_all_high == pytest.approx(max(one_sided))
    equal = found.equivalence
    assert len(equal) == 6
    p_low = stats.t.sf((equal["estimate"] + 0.4) / equal["std_error"], fit.df)
    p_high = stats.t.cdf((equal["estimate"] - 0.4) / equal["std_error"], fit.df)
    assert found.p_equivalence == pytest.approx(np.maximum(p_low, p_high).max())


def test_only_the_combination_is_supported_where_it_is_true() -> None:
    """Outcome moves only where all three are high: flat elsewhere."""
    rng = np.random.default_rng(2)
    X = rng.choice([0.0, 1.0], size=(4000, 3))
    y = 2.0 * X.prod(axis=1) + 0.5 * rng.normal(size=4000)
    data = pd.DataFrame(X, columns=["kunnen", "willen", "mogen"]).assign(innovative_behaviour=y)
    found = corner_comparison(fit_interaction(data), smallest_difference=0.25)
    assert found.supports_all_high
    assert found.supports_equivalence
    assert found.supports_only_combination
    additive = data.assign(innovative_behaviour=X.sum(axis=1) + 0.5 * rng.normal(size=4000))
    other = corner_comparison(fit_interaction(additive), smallest_difference=0.25)
    assert other.supports_all_high
    assert not other.supports_only_combination


def test_people_are_counted_once(fit: InteractionFit) -> None:
    found = corner_comparison(fit, smallest_difference=0.25).corners
    assert found["n_nearest"].sum() == fit.n_used
    assert (found["supported"] == (found["n_nearest"] >= 5)).all()


def test_slopes_low_high_and_their_difference(fit: InteractionFit) -> None:
    found = corner_comparison(fit, smallest_difference=0.25)
    for name in fit.predictors:
        part = found.slopes.loc[name].set_index("where")["estimate"]
        assert part["difference"] == pytest.approx(part["others high"] - part["others low"])
        others = [other for other in fit.predictors if other != name]
        at = {other: [found.points.loc[other, "low"]] for other in others}
        assert part["others low"] == pytest.approx(simple_slopes(fit, of=name, at=at)["estimate"].iloc[0])


def test_two_predictors_have_four_corners(scores: pd.DataFrame) -> None:
    fit = fit_interaction(scores, predictors=["kunnen", "mogen"])
    found = corner_comparison(fit, smallest_difference=0.25)
    assert len(found.corners) == 4
    assert len(found.equivalence) == 2


def test_points_outside_the_data_are_marked(fit: InteractionFit) -> None:
    slopes = simple_slopes(fit, of="kunnen", at={"willen": [3, 9], "mogen": [3]})
    assert list(slopes["outside_data"]) == [False, True]


@pytest.mark.parametrize(
    "arguments",
    [
        {"smallest_difference": 0},
        {"smallest_difference": 0.2, "points": {"kunnen": (4, 2)}},
        {"smallest_difference": 0.2, "points": {"kunnen": (2, np.inf)}},
        {"smallest_difference": 0.2, "points": {"kunnen": (np.nan, 4)}},
        {"smallest_difference": 0.2, "points": {"leeftijd": (1, 2)}},
    ],
)
def test_corners_that_cannot_be(fit: InteractionFit, arguments: dict) -> None:
    with pytest.raises(ModelSpecificationError, match="low below high"):
        corner_comparison(fit, **arguments)


def test_slopes_of_a_stranger(fit: InteractionFit) -> None:
    with pytest.raises(ModelSpecificationError, match="leeftijd"):
        simple_slopes(fit, of="leeftijd")


@pytest.mark.parametrize("values", [[3, np.inf], [np.nan], []])
def test_slopes_at_no_finite_value(fit: InteractionFit, values: list[float]) -> None:
    with pytest.raises(ModelSpecificationError, match="values of willen that are not finite, or none"):
        simple_slopes(fit, of="kunnen", at={"willen": values})


def test_low_and_high_are_the_16th_and_84th_percentile(scores: pd.DataFrame, fit: InteractionFit) -> None:
    """By R's type 7, written out: the value at place p·(n - 1) of the sorted scores."""
    found = corner_comparison(fit, smallest_difference=0.25).points
    for name in ("kunnen", "willen", "mogen"):
        ordered = np.sort(fit.rows[name].to_numpy())
        for end, share in (("low", 0.16), ("high", 0.84)):
            below, part = divmod(share * (len(ordered) - 1), 1)
            first, second = ordered[int(below)], ordered[int(below) + 1]
            assert found[end][name] == pytest.approx(first + part * (second - first), rel=1e-12)
        assert found["how"][name] == "16th and 84th percentile"
