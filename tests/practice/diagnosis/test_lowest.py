"""The probability of being the lowest against draws, a library's integral, and cases without doubt."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose
from scipy import stats

from si_research.practice.diagnosis.lowest import both_below, probability_lowest


def random_units(n: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    L = rng.normal(size=(n, k, k))
    return rng.normal(scale=1.5, size=(n, k)), L @ np.swapaxes(L, 1, 2)


def test_as_often_as_in_draws() -> None:
    for k in (2, 3):
        mean, cov = random_units(12, k)
        found = probability_lowest(mean, cov)
        rng = np.random.default_rng(1)
        for own, m, V in zip(found, mean, cov, strict=True):
            drawn = rng.multivariate_normal(m, V, size=20_000)
            share = np.bincount(drawn.argmin(axis=1), minlength=k) / 20_000
            assert (abs(share - own) < 4 * np.sqrt(own * (1 - own) / 20_000) + 1e-4).all()


def test_both_below_is_the_integral_of_a_library() -> None:
    cases = [(0.3, -0.4, 0.5), (-1.0, -2.0, -0.7), (0.0, 0.0, 0.6), (0.0, 1.2, -0.3), (2.5, 0.1, 0.99)]
    h, k, r = np.array(cases).T
    expected = [
        stats.multivariate_normal.cdf([a, b], cov=[[1, c], [c, 1]], abseps=1e-10) for a, b, c in cases
    ]
    assert_allclose(both_below(h, k, r), expected, atol=1e-7)


def test_differences_that_move_together_or_against_each_other() -> None:
    h, k = np.array([0.5, -0.2]), np.array([1.0, 0.4])
    assert_allclose(both_below(h, k, np.ones(2)), stats.norm.cdf(np.minimum(h, k)), atol=1e-6)
    against = np.maximum(stats.norm.cdf(h) + stats.norm.cdf(k) - 1, 0)
    assert_allclose(both_below(h, k, -np.ones(2)), against, atol=1e-6)


def test_without_doubt_and_without_difference() -> None:
    sure = probability_lowest(np.array([[10.0, 50.0, 60.0]]), 1e-6 * np.eye(3)[None])
    assert_allclose(sure, [[1, 0, 0]], atol=1e-12)
    alike = probability_lowest(np.full((1, 3), 50.0), np.ones((1, 3, 3)))
    assert_allclose(alike, 1 / 3, atol=1e-6)
    assert np.isnan(probability_lowest(np.array([[np.nan, 1.0, 2.0]]), np.eye(3)[None])).all()


def test_each_row_adds_up_to_one_and_follows_the_order_of_conditions() -> None:
    mean, cov = random_units(200, 3)
    found = probability_lowest(mean, cov)
    assert_allclose(found.sum(axis=1), 1, atol=1e-12)
    order = [2, 0, 1]
    turned = probability_lowest(mean[:, order], cov[:, order][:, :, order])
    assert_allclose(turned, found[:, order], atol=1e-9)
