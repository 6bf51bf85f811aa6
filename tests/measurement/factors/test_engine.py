"""The likelihood, its derivatives and its information, against brute force: row by row, step by step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from si_research.measurement.factors import moments
from si_research.measurement.factors.estimation import (
    Likelihood,
    curvature_at,
    inverse,
    likelihood,
    maximise,
    misfit_of_normality,
    sandwich,
    start_values,
)
from si_research.measurement.factors.factor_model import factor_structure
from si_research.measurement.factors.moments import deviance, padded_inverse, patterns, saturated
from si_research.measurement.factors.structure import Parameter, structure

FACTORS = {"f": ["a", "b", "c"], "g": ["d", "e", "h"]}


def made_up(n: int = 150, gaps: float = 0.15, seed: int = 4) -> np.ndarray:
    """Answers of two factors, skewed, some of them missing."""
    rng = np.random.default_rng(seed)
    f, g = rng.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], n).T
    values = np.column_stack([f, 0.8 * f, 0.6 * f, g, 1.2 * g, 0.7 * g]) + rng.exponential(size=(n, 6))
    values[rng.random(values.shape) < gaps] = np.nan
    return values[~np.isnan(values).all(axis=1)]


def joined(values: np.ndarray, *, regression: bool = False) -> Likelihood:
    data = patterns(values)
    if not regression:
        return likelihood(factor_structure(FACTORS), [data])
    parameters = [
        Parameter("f", "=~", "a", fixed=1.0),
        Parameter("f", "=~", "b"),
        Parameter("f", "=~", "c"),
        Parameter("g", "=~", "d", fixed=1.0),
        *(Parameter("g", "=~", item, label="same") for item in "eh"),
        Parameter("g", "~", "f"),
        *(Parameter(name, "~~", name) for name in "abcdehfg"),
        *(Parameter(name, "~1") for name in "abcdeh"),
    ]
    return likelihood(structure(list("abcdeh"), ["f", "g"], parameters), [data])


def some_place(fit: Likelihood) -> np.ndarray:
    """Parameters at which a covariance matrix stands, away from the maximum."""
    start = start_values(fit.model, fit.data)
    return start * 1.05 + 0.02


def row_by_row(fit: Likelihood, values: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """The log-likelihood of each row, from scipy's normal density of what it answered."""
    here = fit.implied(theta)[0]
    found = []
    for row in values:
        there = ~np.isnan(row)
        sigma = here.sigma[np.ix_(there, there)]
        found.append(stats.multivariate_normal(here.mu[there], sigma).logpdf(row[there]))
    return np.array(found)


def differences(function: Any, theta: np.ndarray, step: float) -> np.ndarray:
    """Central differences along each parameter, in a new first axis."""
    moves = step * np.eye(len(theta))
    return np.array([(function(theta + move) - function(theta - move)) / (2 * step) for move in moves])


@pytest.mark.parametrize("gaps", [0.0, 0.15])
def test_the_likelihood_is_that_of_the_rows(gaps: float) -> None:
    values = made_up(gaps=gaps)
    fit = joined(values)
    theta = some_place(fit)
    ours = -fit.value(theta)[0] - fit.data[0].constant()
    assert ours == pytest.approx(row_by_row(fit, values, theta).sum(), abs=1e-8)


@pytest.mark.parametrize("regression", [False, True])
@pytest.mark.parametrize("gaps", [0.0, 0.15])
def test_the_derivatives_are_those_of_the_value(gaps: float, regression: bool) -> None:
    fit = joined(made_up(gaps=gaps), regression=regression)
    theta = some_place(fit)
    slope = differences(lambda place: fit.value(place)[0], theta, 1e-5)
    np.testing.assert_allclose(fit.value(theta)[1], slope, rtol=1e-6, atol=1e-5)
    bend = differences(lambda place: fit.value(place)[1], theta, 1e-5)
    np.testing.assert_allclose(fit.information(theta, expected=False), bend, rtol=1e-6, atol=1e-4)


def test_the_expected_information_is_that_of_many_rows() -> None:
    """At the covariances that the model implies, the observed information is the expected one."""
    fit = joined(made_up(gaps=0.0))
    theta = some_place(fit)
    here = fit.implied(theta)[0]
    exact = patterns(exact_rows(here.sigma, here.mu))
    there = likelihood(fit.model, [exact])
    np.testing.assert_allclose(
        there.information(theta, expected=True),
        there.information(theta, expected=False),
        rtol=1e-8,
        atol=1e-8,
    )


def exact_rows(sigma: np.ndarray, mu: np.ndarray) -> np.ndarray:
    """Rows whose mean and covariance (divisor n) are exactly these."""
    p = len(mu)
    corners = np.vstack([np.eye(p), -np.eye(p)]) * np.sqrt(p)
    return mu + corners @ np.linalg.cholesky(sigma).T


@pytest.mark.parametrize("gaps", [0.0, 0.15])
def test_the_sandwich_is_the_one_of_row_by_row_derivatives(gaps: float) -> None:
    values = made_up(gaps=gaps)
    fit = joined(values)
    solution = maximise(fit, start_values(fit.model, fit.data))
    assert solution.status == "estimated"
    theta = solution.theta
    scores = differences(lambda place: row_by_row(fit, values, place), theta, 1e-5)
    bread = np.linalg.inv(differences(lambda place: fit.value(place)[1], theta, 1e-5))
    np.testing.assert_allclose(
        sandwich(curvature_at(fit, theta)), bread @ scores @ scores.T @ bread, rtol=1e-4, atol=1e-7
    )
    assert misfit_of_normality(curvature_at(fit, theta)) == pytest.approx(
        np.trace(bread @ scores @ scores.T), rel=1e-5
    )


def test_clusters_of_one_row_change_nothing_and_doubled_rows_double_the_variance() -> None:
    values = made_up()
    once = joined(values)
    solution = maximise(once, start_values(once.model, once.data))
    alone = likelihood(once.model, once.data, np.arange(len(values)))
    np.testing.assert_allclose(
        sandwich(curvature_at(alone, solution.theta)),
        sandwich(curvature_at(once, solution.theta)),
        rtol=1e-10,
    )
    data = patterns(np.vstack([values, values]))
    twice = likelihood(once.model, [data], data.order % len(values))
    np.testing.assert_allclose(
        sandwich(curvature_at(twice, solution.theta)), sandwich(curvature_at(once, solution.theta)), rtol=1e-8
    )


def test_many_patterns_give_what_few_do(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = joined(made_up())
    assert len(fit.data[0].n) > moments.FEW_PATTERNS
    theta = some_place(fit)
    expected = [fit.information(theta, expected=each) for each in (True, False)]
    value, slope = fit.value(theta)
    monkeypatch.setattr(moments, "FEW_PATTERNS", 1000)
    monkeypatch.setattr(moments, "CHUNK", 100)  # and in many blocks
    for each, there in zip((True, False), expected, strict=True):
        np.testing.assert_allclose(fit.information(theta, expected=each), there, rtol=1e-10, atol=1e-9)
    assert fit.value(theta)[0] == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(fit.value(theta)[1], slope, rtol=1e-9, atol=1e-9)


def test_the_free_moments_of_a_monotone_pattern_are_the_closed_form() -> None:
    """Anderson (1957): one variable always seen, the other for some: regression on the complete rows."""
    rng = np.random.default_rng(8)
    x = rng.normal(2, 1.5, 80)
    y = 1 + 0.7 * x + rng.normal(size=80)
    values = np.column_stack([x, np.where(np.arange(80) < 50, y, np.nan)])
    slope, intercept = np.polyfit(x[:50], y[:50], 1)
    rest = np.mean((y[:50] - intercept - slope * x[:50]) ** 2)
    sigma, mu, found = saturated(patterns(values), tolerance=1e-12)
    assert found
    assert mu == pytest.approx([x.mean(), intercept + slope * x.mean()], abs=1e-9)
    expected = [[x.var(), slope * x.var()], [slope * x.var(), rest + slope**2 * x.var()]]
    np.testing.assert_allclose(sigma, expected, atol=1e-9)


def test_no_covariance_matrix_has_no_likelihood() -> None:
    value, G, g = deviance(patterns(made_up(gaps=0.0)), -np.eye(6), np.zeros(6))
    assert value == np.inf
    assert not G.any()
    assert not g.any()


def test_padding_leaves_the_answered_part() -> None:
    sigma = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, 0.3], [0.1, 0.3, 1.5]])
    W, logdet = padded_inverse(sigma, np.array([[True, False, True]]))
    part = sigma[np.ix_([0, 2], [0, 2])]
    np.testing.assert_allclose(W[0][np.ix_([0, 2], [0, 2])], np.linalg.inv(part))
    assert not W[0, 1].any()
    assert logdet[0] == pytest.approx(np.log(np.linalg.det(part)))


def test_the_standard_errors_are_those_of_the_known_case() -> None:
    """Means and variances without any factor: the textbook's s²/n and 2 s⁴/n."""
    values = made_up(gaps=0.0)[:, :2]
    parameters = [
        Parameter("a", "~~", "a"),
        Parameter("b", "~~", "b"),
        Parameter("a", "~1"),
        Parameter("b", "~1"),
    ]
    fit = likelihood(structure(["a", "b"], [], parameters), [patterns(values)])
    solution = maximise(fit, start_values(fit.model, fit.data))
    s2, n = values.var(axis=0), len(values)
    np.testing.assert_allclose(solution.theta, [*s2, *values.mean(axis=0)], rtol=1e-8)
    errors = np.sqrt(np.diag(inverse(fit.information(solution.theta, expected=True))))
    np.testing.assert_allclose(errors, np.sqrt([*(2 * s2**2 / n), *(s2 / n)]), rtol=1e-7)
