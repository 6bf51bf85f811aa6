"""The power with free weights: the estimate by a search, its draws by refits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from si_research.model.forms.free_weights import WeightedForms
from si_research.model.forms.power_mean import power_mean
from si_research.model.forms.profile import bounded, usual_grid
from si_research.model.forms.weighted_power import WeightedPower, fits_along, weighted_power

Array = npt.NDArray[np.float64]
NONE = np.empty((400, 0))
FIRMS = np.arange(400) % 20


def made(p: float, weights: list[float], noise: float) -> tuple[Array, Array]:
    rng = np.random.default_rng(4)
    x = np.clip(0.6 + 0.18 * rng.normal(size=(400, 3)), 0.01, 1)
    return x, 4 * power_mean(x, p, weights) + noise * rng.normal(size=400)


def found_in(x: Array, y: Array) -> WeightedPower:
    return weighted_power(x, y, NONE, FIRMS, conf_level=0.95, draws=200, seed=5)


def test_power_and_weights_are_found_where_there_is_little_noise() -> None:
    x, y = made(-1, [0.5, 0.3, 0.2], noise=0.02)
    found = found_in(x, y)
    assert found.p_hat == pytest.approx(-1, abs=0.1)
    assert found.weights == pytest.approx([0.5, 0.3, 0.2], abs=0.02)
    assert found.boot_low < -1 < found.boot_high
    assert found.weights.sum() == pytest.approx(1)


def test_draws_lie_near_those_that_are_refitted() -> None:
    """Weights move by one step in a draw: near to the weights that a refit of the drawn firms finds."""
    x, y = made(0, [0.5, 0.3, 0.2], noise=0.6)
    drawn = bounded(found_in(x, y).draws[:6])
    rng = np.random.default_rng(5)
    counts = rng.multinomial(20, np.full(20, 1 / 20), size=6)
    again, grid = [], usual_grid()
    for count in counts:
        rows = np.repeat(np.arange(400), count[FIRMS])
        fits = fits_along(WeightedForms(x[rows], y[rows], None), grid)
        again.append(float(bounded(grid[int(np.argmin([fit.rss for fit in fits]))])))
    assert np.corrcoef(drawn, again)[0, 1] > 0.9
    assert np.median(np.abs(drawn - again)) < 0.05


def test_the_profile_has_the_minimum_of_equal_weights_at_its_limit() -> None:
    x, y = made(0, [0.5, 0.3, 0.2], noise=0.6)
    found = found_in(x, y)
    M = power_mean(x, -np.inf)
    X = np.column_stack([np.ones(400), M, M**2])
    left = y - X @ np.linalg.lstsq(X, y)[0]
    assert found.rss_profile[0] == pytest.approx(left @ left)
    assert found.rss <= found.rss_profile.min() * (1 + 1e-6)
    assert found.lr_low < found.p_hat < found.lr_high
