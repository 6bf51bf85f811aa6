"""The tests of p = 1 and p = 0 against a regression by hand, and with weights that are unequal."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import statsmodels.api as sm

from si_research.model.forms.free_weights import WeightedForms
from si_research.model.forms.power_mean import power_mean
from si_research.model.forms.power_tests import HC3, JACKKNIFE, WILD, power_tests

Array = npt.NDArray[np.float64]


def made(p: float, weights: list[float], *, n: int = 300, noise: float = 0.5) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(3)
    x = np.clip(0.6 + 0.18 * rng.normal(size=(n, 3)), 0.01, 1)
    controls = rng.normal(size=(n, 1))
    y = 4 * power_mean(x, p, weights) + 0.3 * controls[:, 0] + noise * rng.normal(size=n)
    return x, y, controls


def moved(x: Array, w: Array, p: float) -> Array:
    """What M_p adds where p and weights are a little different, by differences."""
    step, base = 1e-5, power_mean(x, p, w)
    own = []
    for more, less in ((0, 2), (1, 2)):
        near = w.copy()
        near[[more, less]] += [step, -step]
        own.append((power_mean(x, p, near) - base) / step)
    own.append((power_mean(x, p + step, w) - power_mean(x, p - step, w)) / (2 * step))
    return np.column_stack(own)


@pytest.mark.parametrize("p", [1.0, 0.0])
def test_it_is_the_last_t_of_a_regression_on_all_derivatives(p: float) -> None:
    """By finite differences and statsmodels' HC3, at the weights that fit best."""
    x, y, controls = made(-0.5, [0.5, 0.3, 0.2])
    forms = WeightedForms(x, y, controls)
    null = forms.best_weights(p, forms.weights_of_slopes())
    steep = (null.slope + 2 * null.curve * null.M)[:, None] * moved(x, null.weights, p)
    X = np.column_stack([np.ones(len(y)), controls, null.M, null.M**2, steep])
    expected = sm.OLS(y, X).fit(cov_type="HC3", use_t=True)
    found = power_tests(x, y, controls, None, nulls=(p,), seed=1)
    assert found["method"].to_list() == [HC3]
    assert found["statistic"].iloc[0] == pytest.approx(expected.tvalues[-1], abs=2e-3)
    assert found["p_value"].iloc[0] == pytest.approx(expected.pvalues[-1], abs=1e-3)


@pytest.mark.parametrize("p", [1.0, 0.0, -2.0])
@pytest.mark.parametrize("weights", [[1 / 3] * 3, [0.6, 0.3, 0.1]])
def test_the_weights_that_fit_best_are_those_of_a_search(p: float, weights: list[float]) -> None:
    from scipy.optimize import minimize

    x, y, controls = made(p, weights, noise=0.2)
    forms = WeightedForms(x, y, controls)
    found = forms.best_weights(p, forms.weights_of_slopes())

    def lost(two: Array) -> float:
        w = np.append(two, 1 - two.sum())
        return forms.at(p, w).rss if (w > 0).all() else 1e9

    best = minimize(lost, [0.3, 0.3], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
    assert found.rss == pytest.approx(best.fun, rel=1e-6)
    assert found.weights[:2] == pytest.approx(best.x, abs=2e-3)
    assert found.weights == pytest.approx(weights, abs=0.1)


def test_unequal_weights_are_not_taken_for_another_power() -> None:
    """Without noise to speak of, equal weights would leave no doubt that p is not 1."""
    x, y, controls = made(1, [0.7, 0.25, 0.05], n=600, noise=0.1)
    assert power_tests(x, y, controls, None, nulls=(1.0,), seed=1)["p_value"].iloc[0] > 0.05


def test_over_firms_the_bootstrap_stands_beside_the_jackknife() -> None:
    x, y, controls = made(-4, [1 / 3] * 3)
    found = power_tests(x, y, controls, np.arange(300) % 20, draws=399, seed=1)
    assert found["method"].to_list() == [WILD, JACKKNIFE] * 2
    assert found["recommended"].to_list() == [True, False] * 2
    assert (found["statistic"] < 0).all()
    assert found["p_value"][1.0].max() < 0.05
    assert found.index.to_list() == [1, 1, 0, 0]


def test_the_unit_of_the_outcome_does_not_matter() -> None:
    x, y, controls = made(0, [0.5, 0.3, 0.2])
    plain, scaled = (power_tests(x, each, controls, None, seed=1)["statistic"] for each in (y, 50 * y - 3))
    assert scaled.to_numpy() == pytest.approx(plain.to_numpy(), rel=1e-5)
