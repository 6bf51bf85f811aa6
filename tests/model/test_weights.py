"""Sampling weights: against statsmodels' weighted least squares, and against rows that are there more than
once.

Relative tolerance 1e-8, as for the fits without weights.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import WLS

from si_research import fit_interaction, joint_test, simple_slopes, simulate_scores
from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.model.corners import corner_comparison
from si_research.model.design import percentiles
from si_research.model.inference import covariance
from si_research.model.inference_comparison import compare_inference
from si_research.model.interaction import InteractionFit, regress
from si_research.model.mixed_model import mixed_model
from si_research.model.probing import point_weights
from si_research.model.within_between import within_between

EXACT = 1e-8


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    data = simulate_scores(260, n_firms=15, seed=4).round(1)
    sector = pd.Series(np.where(rng.random(260) < 0.3, "ict", "zorg"), index=data.index)
    return data.assign(
        weight=rng.integers(1, 5, 260).astype(float), sector=sector, age=rng.integers(20, 65, 260)
    )


@pytest.fixture(scope="module")
def fit(scores: pd.DataFrame) -> InteractionFit:
    return fit_interaction(scores, controls=["sector", "age"], cluster="firm_id", weight="weight")


@pytest.mark.parametrize("view", ["raw", "standardised"])
@pytest.mark.parametrize(("method", "theirs"), [("HC3", "HC3"), ("CR1S", "cluster")])
def test_coefficients_and_errors_are_those_of_statsmodels(
    fit: InteractionFit, view: str, method: str, theirs: str
) -> None:
    model = regress(fit.rows, fit.roles, standardise=view == "standardised")
    assert model.root_weights is not None
    weight = fit.rows["weight"].to_numpy()
    options = {"groups": pd.factorize(fit.rows["firm_id"])[0]} if theirs == "cluster" else {}
    X, y = (each / model.root_weights[:, None] for each in (model.X, model.y[:, None]))
    other = WLS(y[:, 0], X, weights=weight).fit(cov_type=theirs, cov_kwds=options)
    ours = fit.methods.query("view == @view and method == @method").set_index("term")
    np.testing.assert_allclose(ours["estimate"], other.params, rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(ours["std_error"], other.bse, rtol=1e-7)
    assert fit.r2 == pytest.approx(other.rsquared, rel=EXACT)
    if view == "raw":
        last = fit.steps.iloc[-1]
        assert last["log_likelihood"] == pytest.approx(other.llf, rel=EXACT)
        assert last["aic"] == pytest.approx(other.aic + 2, rel=EXACT)  # the variance is a parameter too


def test_a_weight_of_three_is_the_same_person_three_times(scores: pd.DataFrame) -> None:
    weighted = fit_interaction(scores, controls=["sector", "age"], weight="weight")
    copies = scores.loc[scores.index.repeat(scores["weight"].astype(int))]
    often = fit_interaction(copies.drop(columns="weight"), controls=["sector", "age"])
    np.testing.assert_allclose(weighted.coefficients["estimate"], often.coefficients["estimate"], rtol=EXACT)
    assert weighted.r2 == pytest.approx(often.r2, rel=EXACT)
    assert dict(weighted.centres) == pytest.approx(dict(often.centres), rel=EXACT)
    assert weighted.r2_gain == pytest.approx(often.r2_gain, rel=1e-6)
    corner = [{"kunnen": 2.0, "willen": 4.0, "mogen": 3.0}]
    predicted = [
        float(point_weights(each, corner)[0] @ each.coefficients["estimate"]) for each in (weighted, often)
    ]
    assert predicted[0] == pytest.approx(predicted[1], rel=EXACT)
    at = {"willen": [2.0, 4.0], "mogen": [2.0, 4.0]}
    slopes = [simple_slopes(each, of="kunnen", at=at)["estimate"] for each in (weighted, often)]
    np.testing.assert_allclose(*slopes, rtol=EXACT)


def test_errors_over_people_that_are_copied_are_those_of_people_as_firms(scores: pd.DataFrame) -> None:
    """The scores of a person's copies add up to weight times score: CR0 over persons is weighted HC0."""
    weighted = fit_interaction(scores, weight="weight")
    model = regress(weighted.rows, weighted.roles)
    copies = scores.loc[scores.index.repeat(scores["weight"].astype(int))]
    person = pd.Series(copies.index.astype(str), index=copies.index)
    often = fit_interaction(copies.assign(person=person), cluster="person")
    G = len(scores)
    cr0 = covariance(regress(often.rows, often.roles), "CR1") * (G - 1) / G
    np.testing.assert_allclose(covariance(model, "HC0"), cr0, rtol=1e-7, atol=1e-14)


def test_the_size_of_weights_and_the_order_of_rows_change_nothing(scores: pd.DataFrame) -> None:
    options = {"controls": ["sector"], "cluster": "firm_id", "weight": "weight"}
    one = fit_interaction(scores, **options)
    other = fit_interaction(
        scores.assign(weight=scores["weight"] * 1e4).sample(frac=1, random_state=1), **options
    )
    for column in ("estimate", "std_error", "p_value"):
        np.testing.assert_allclose(
            one.coefficients[column], other.coefficients[column], rtol=1e-7, atol=1e-12
        )
    pd.testing.assert_series_equal(
        joint_test(one, seed=1, draws=199).tests["statistic"],
        joint_test(other, seed=1, draws=199).tests["statistic"],
        rtol=1e-6,
    )


def test_equal_weights_are_no_weights(scores: pd.DataFrame) -> None:
    plain = fit_interaction(scores, cluster="firm_id")
    equal = fit_interaction(scores.assign(weight=2.5), cluster="firm_id", weight="weight")
    pd.testing.assert_frame_equal(plain.coefficients, equal.coefficients, rtol=1e-9)
    pd.testing.assert_frame_equal(plain.steps, equal.steps, rtol=1e-9)


def test_nobody_with_a_weight_of_zero_or_none_counts_and_each_is_counted(scores: pd.DataFrame) -> None:
    holes = scores.copy()
    holes.loc[holes.index[:7], "weight"] = 0.0
    holes.loc[holes.index[7:12], "weight"] = np.nan
    found = fit_interaction(holes, weight="weight")
    assert (found.n_used, dict(found.dropped)) == (248, {"weight": 12})
    rest = fit_interaction(scores.iloc[12:], weight="weight")
    pd.testing.assert_frame_equal(found.coefficients, rest.coefficients)


def test_weights_that_cannot_be_are_refused(scores: pd.DataFrame) -> None:
    with pytest.raises(SurveyDataError, match="1 below 0"):
        fit_interaction(scores.assign(weight=[-1.0] + [1.0] * 259), weight="weight")
    with pytest.raises(SurveyDataError, match="infinite"):
        fit_interaction(scores.assign(weight=[np.inf] + [1.0] * 259), weight="weight")
    with pytest.raises(SurveyDataError, match="weight"):
        fit_interaction(scores.assign(weight=0.0), weight="weight")
    with pytest.raises(ModelSpecificationError, match="age twice"):
        fit_interaction(scores, controls=["age"], weight="age")


def test_random_effects_and_the_split_within_firms_do_not_take_weights(fit: InteractionFit) -> None:
    with pytest.raises(ModelSpecificationError, match="weighted fit"):
        mixed_model(regress(fit.rows, fit.roles))
    with pytest.raises(ModelSpecificationError, match="weighted fit"):
        within_between(fit)
    rows = compare_inference(fit, draws=199, seed=1).methods
    assert (rows["note"] == "weights").sum() == 3
    assert rows.loc["CR3 jackknife", "recommended"]


def test_percentiles_are_those_of_whom_the_weights_stand_for() -> None:
    """Equal weights give type 7; a person of weight w counts as w people, up to one step between scores."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"score": rng.normal(size=4001), "times": rng.integers(1, 6, 4001).astype(float)})
    frame["times"] += 6 * (frame["score"] > 0.5)
    shares = (0, 16, 50, 84, 100)
    equal = percentiles(frame.assign(times=2.5), "score", "times", shares)
    np.testing.assert_allclose(equal, np.percentile(frame["score"], shares), rtol=1e-12)
    ours = percentiles(frame, "score", "times", shares)
    repeated = np.repeat(frame["score"], frame["times"].astype(int))
    np.testing.assert_allclose(ours, np.percentile(repeated, shares), atol=0.01)
    assert abs(ours[2] - equal[2]) > 0.3
    again = frame.assign(times=7 * frame["times"]).sample(frac=1, random_state=1)
    np.testing.assert_allclose(percentiles(again, "score", "times", shares), ours, rtol=1e-12)


def test_slopes_and_corners_stand_at_weighted_percentiles(fit: InteractionFit) -> None:
    expected = percentiles(fit.rows, "willen", "weight", (16, 50, 84))
    assert sorted(simple_slopes(fit)["willen"].unique()) == pytest.approx(list(expected))
    points = corner_comparison(fit, smallest_difference=0.2).points
    assert points.loc["willen", ["low", "high"]].to_list() == pytest.approx([expected[0], expected[2]])
    assert list(expected) != pytest.approx(list(np.percentile(fit.rows["willen"], (16, 50, 84))))
