"""The curve of the error against measured scores of a known world."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from si_research.model.forms.power_mean import power_mean
from si_research.model.forms.profile import bounded, profile_grid
from si_research.model.forms.unreliability import error_curve

Array = npt.NDArray[np.float64]


def measured(n: int, reliability: float) -> tuple[Array, Array]:
    rng = np.random.default_rng(8)
    true = np.clip(0.6 + 0.16 * rng.normal(size=(n, 3)), 0, 1)
    error = 0.16 * np.sqrt(1 / reliability - 1) * rng.normal(size=(n, 3))
    return true, np.clip(true + error, 0, 1)


@pytest.mark.parametrize("p", [-np.inf, -1.0, 1.0])
def test_it_leads_back_from_what_shows_to_the_truth(p: float) -> None:
    """20,000 people whose outcome is known without noise: only the error of the scores is left."""
    true, scores = measured(20_000, 0.8)
    profile = profile_grid(scores, power_mean(true, p))
    shown = float(profile.p[profile.best])
    back = error_curve(scores, np.full(3, 0.8), seed=1).back(shown)
    assert abs(float(bounded(back)) - float(bounded(p))) < 0.1
    if p < 1:
        assert shown > p
        assert float(bounded(shown)) - float(bounded(p)) > 0.1


def test_without_error_what_shows_is_true() -> None:
    curve = error_curve(measured(500, 0.8)[1], np.ones(3), seed=1)
    assert curve.shown == pytest.approx(curve.true, abs=1e-12)
    assert curve.back(-np.inf) == -np.inf
    assert curve.back(1.0) == pytest.approx(1)
    assert curve.back(np.inf) == np.inf


def test_a_power_lower_than_any_that_shows_goes_back_to_the_minimum() -> None:
    curve = error_curve(measured(500, 0.7)[1], np.full(3, 0.7), seed=1)
    assert curve.shown[0] > -1
    assert curve.back(-25.0) == -np.inf
