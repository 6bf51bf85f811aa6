"""Simulation and extrapolation: against a closed form, and between the plain estimate and the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from si_research.errors import ModelSpecificationError
from si_research.model.interaction import fit_interaction
from si_research.model.measurement_error import correct_measurement_error
from si_research.model.simex import LEVELS, extrapolate_measurement_error

NAMES = ("kunnen", "willen", "mogen")
TESTED = "kunnen:willen:mogen"


def scores(n: int, reliability: float, seed: int) -> pd.DataFrame:
    """Return normal scores with error and a true three-way coefficient of .20."""
    rng = np.random.default_rng(seed)
    covariance = np.full((3, 3), 0.3)
    np.fill_diagonal(covariance, 1.0)
    true = rng.multivariate_normal(np.zeros(3), covariance, n)
    outcome = 0.35 * true.sum(axis=1) + 0.2 * true.prod(axis=1) + rng.normal(0, 0.8, n)
    frame = pd.DataFrame(true + rng.normal(0, np.sqrt(1 / reliability - 1), true.shape), columns=list(NAMES))
    return frame.assign(innovative_behaviour=outcome, firm=(np.arange(n) % 40).astype(str))


@pytest.mark.parametrize("cluster", [None, "firm"])
def test_scores_without_error_are_left_as_they_are(cluster: str | None) -> None:
    fit = fit_interaction(scores(300, 0.8, seed=1), cluster=cluster)
    found = extrapolate_measurement_error(fit, dict.fromkeys(NAMES, 1.0), draws=2, seed=1)
    for column in ("estimate", "std_error", "df", "conf_low"):
        np.testing.assert_allclose(
            found.coefficients[column], fit.coefficients[column], rtol=1e-9, atol=1e-12
        )


def test_a_slope_goes_to_the_quadratic_of_its_attenuation() -> None:
    """Closed form: with error variance s², variance 1 of the score, the slope is b/(1 + level·s²)."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(size=(20_000, 2)), columns=["kunnen", "willen"])
    frame["innovative_behaviour"] = frame["kunnen"] + rng.normal(size=len(frame))
    fit = fit_interaction(frame, predictors=["kunnen", "willen"])
    found = extrapolate_measurement_error(fit, {"kunnen": 0.7, "willen": 1.0}, draws=10, seed=3)
    levels = np.array([0.0, *LEVELS])
    expected = np.polyval(np.polyfit(levels, 1 / (1 + 0.3 * levels), 2), -1.0)
    ratio = found.coefficients.loc["kunnen", "estimate"] / fit.coefficients.loc["kunnen", "estimate"]
    assert ratio == pytest.approx(expected, abs=0.01)
    assert expected < 1 / 0.7  # the quadratic takes off part of it only


def test_it_lies_between_the_plain_estimate_and_the_truth() -> None:
    fit = fit_interaction(scores(20_000, 0.8, seed=4), cluster="firm")
    reliabilities = dict.fromkeys(NAMES, 0.8)
    plain = fit.coefficients.loc[TESTED, "estimate"]
    found = extrapolate_measurement_error(fit, reliabilities, draws=10, seed=5).coefficients.loc[TESTED]
    adjusted = correct_measurement_error(fit, reliabilities).coefficients.loc[TESTED]
    assert plain + 0.03 < found["estimate"] < adjusted["estimate"] + adjusted["std_error"]
    assert found["std_error"] > fit.coefficients.loc[TESTED, "std_error"]


def test_the_seed_decides() -> None:
    fit = fit_interaction(scores(200, 0.8, seed=6))
    reliabilities = dict.fromkeys(NAMES, 0.8)
    first, again, other = (
        extrapolate_measurement_error(fit, reliabilities, draws=3, seed=seed).coefficients["estimate"]
        for seed in (1, 1, 2)
    )
    pd.testing.assert_series_equal(first, again)
    assert not np.allclose(first, other)


def test_scores_that_are_nothing_but_error_have_no_estimate() -> None:
    fit = fit_interaction(scores(400, 0.8, seed=8), cluster="firm")
    found = extrapolate_measurement_error(fit, dict.fromkeys(NAMES, 0.03), draws=2, seed=1)
    assert found.status == "not identified"
    assert found.coefficients["estimate"].isna().all()
    assert "no correction" in str(found)


def test_a_reliability_that_is_none_is_refused() -> None:
    fit = fit_interaction(scores(200, 0.8, seed=7))
    with pytest.raises(ModelSpecificationError, match="above 0 and up to 1"):
        extrapolate_measurement_error(fit, {"kunnen": 0.8, "willen": 0.8}, seed=1)


def test_a_firm_without_which_a_term_is_lost_is_allowed_for() -> None:
    """A control that only one firm has: the fast jackknife gives way to the one that keeps what it can."""
    frame = scores(300, 0.8, seed=8)
    frame["own"] = (frame["firm"] == "7").astype(float)
    frame["always"] = np.random.default_rng(1).normal(size=300)
    fit = fit_interaction(frame, controls=["own", "always"], cluster="firm")
    found = extrapolate_measurement_error(fit, dict.fromkeys(NAMES, 1.0), draws=2, seed=1)
    np.testing.assert_allclose(found.coefficients["std_error"], fit.coefficients["std_error"], rtol=1e-8)
