"""Every draw against the distribution it must come from, worked out on a grid or in closed form."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from si_research.errors import SurveyDataError
from si_research.model.missing.impute import impute_scores
from si_research.model.missing.normal_draws import Draw, draw_parameters, first_draw, sums_of
from si_research.model.missing.terms import curve_of, outcome_powers, term_values
from si_research.model.missing.value_draws import Target, draw_on_grid, draw_values

N_DRAWS = 10_000
LEAST_P = 1e-4  # of a Kolmogorov-Smirnov test with a fixed seed: a wrong density falls far below
TARGETS = {
    "no square": (0.3, 0.8, -0.5, 0.9, 0.0, 0.6),
    "curved": (0.3, 0.8, 0.5, -0.9, 0.3, 0.6),
    "two tops": (0.0, 1.5, -1.0, 0.1, 1.0, 0.5),
    "the curve does not reach the outcome": (0.0, 1.0, 3.0, 0.5, 0.4, 0.5),
    "far in the tail": (0.0, 1.0, -4.5, 0.9, 0.05, 0.15),
    "opened downwards": (0.5, 1.0, 1.0, 0.7, -0.4, 0.4),
}


def repeated(values: tuple[float, ...], times: int) -> Target:
    return Target(*(np.full(times, value) for value in values))


def distribution(values: tuple[float, ...]) -> Callable[[np.ndarray], np.ndarray]:
    """The distribution function by Simpson's rule; nothing of it comes from the code under test."""
    mean, spread, c0, c1, c2, noise = values
    x = np.linspace(mean - 9 * spread, mean + 9 * spread, 20_001)
    logged = stats.norm.logpdf(x, mean, spread) + stats.norm.logpdf(c0 + c1 * x + c2 * x**2, 0, noise)
    density = np.exp(logged - logged.max())
    mass = integrate.cumulative_simpson(density, x=x, initial=0)
    return lambda at: np.interp(at, x, mass / mass[-1])


@pytest.mark.parametrize("name", TARGETS)
def test_values_come_from_their_density(name: str) -> None:
    values = TARGETS[name]
    drawn, n_on_grid = draw_values(np.random.default_rng(1), repeated(values, N_DRAWS))
    assert stats.kstest(drawn, distribution(values)).pvalue > LEAST_P
    if name == "far in the tail":
        assert n_on_grid > 0.1 * N_DRAWS
    if name in {"no square", "curved", "the curve does not reach the outcome"}:
        assert n_on_grid == 0


@pytest.mark.parametrize("name", TARGETS)
def test_the_grid_draws_from_the_same_density(name: str) -> None:
    drawn = draw_on_grid(np.random.default_rng(2), repeated(TARGETS[name], 2000))
    assert stats.kstest(drawn, distribution(TARGETS[name])).pvalue > LEAST_P


def test_every_row_has_its_own_density() -> None:
    rows = np.random.default_rng(3).permutation(np.repeat(np.arange(len(TARGETS)), 4000))
    parts = np.array(list(TARGETS.values()))[rows].T
    drawn, _ = draw_values(np.random.default_rng(4), Target(*parts))
    for row, values in enumerate(TARGETS.values()):
        assert stats.kstest(drawn[rows == row], distribution(values)).pvalue > LEAST_P


def test_the_curve_of_one_predictor_is_what_the_terms_add_up_to() -> None:
    rng = np.random.default_rng(5)
    names = ["kunnen", "willen", "mogen"]
    powers = np.array(list(outcome_powers(names, names).values()))
    values, weights = rng.normal(size=(4, 30, 3)), rng.normal(size=(4, len(powers)))
    assert list(outcome_powers(names, names))[3:6] == ["kunnen^2", "willen^2", "mogen^2"]
    for place in range(3):
        c0, c1, c2 = curve_of(values, powers, weights, place)
        for x in (-1.0, 0.5, 2.0):
            moved = values.copy()
            moved[..., place] = x
            expected = (term_values(moved, powers) * weights[:, None, :]).sum(axis=-1)
            np.testing.assert_allclose(c0 + c1 * x + c2 * x**2, expected, atol=1e-12)


def test_parameters_without_firms_have_the_textbook_posterior() -> None:
    """sigma² = RSS/chi²(n - k); each coefficient is Student t(n - k) around least squares."""
    rng = np.random.default_rng(6)
    X = np.column_stack([np.ones(15), rng.normal(size=(15, 2))])
    y = X @ [1.0, 0.5, -0.5] + rng.normal(size=15)
    Z = np.repeat(np.column_stack([X, y])[None], N_DRAWS, axis=0)
    nobody = np.zeros(0, dtype=np.intp)
    sums = sums_of(Z, np.zeros(15, dtype=np.intp), 0)
    drawn = draw_parameters(rng, sums, nobody, 15, first_draw(N_DRAWS, 3, 0))
    b, (rss,), *_ = np.linalg.lstsq(X, y, rcond=None)
    error = np.sqrt(np.diag(np.linalg.inv(X.T @ X)) * rss / 12)
    for place in range(3):
        z = (drawn.weights[:, place] - b[place]) / error[place]
        assert stats.kstest(z, stats.t(12).cdf).pvalue > LEAST_P
    assert stats.kstest(rss / drawn.spread**2, stats.chi2(12).cdf).pvalue > LEAST_P
    both = drawn.weights[:, 1:] - b[1:]
    expected = np.linalg.inv(X.T @ X)[1:, 1:] * rss / 10
    np.testing.assert_allclose(np.cov(both.T), expected, atol=0.05 * expected.max())


@pytest.fixture(scope="module")
def firms() -> tuple[np.ndarray, np.ndarray, np.ndarray, list[Draw]]:
    """Draws of a model with firms of unequal size, and the rows behind it."""
    rng = np.random.default_rng(7)
    numbers = np.repeat(np.arange(6), [3, 4, 5, 6, 8, 10])
    X = np.column_stack([np.ones(len(numbers)), rng.normal(size=len(numbers))])
    y = X @ [0.0, 0.5] + (0.7 * rng.normal(size=6))[numbers] + rng.normal(size=len(numbers))
    Z = np.repeat(np.column_stack([X, y])[None], 500, axis=0)
    sums, draw, kept = sums_of(Z, numbers, 6), first_draw(500, 2, 6), list[Draw]()
    for iteration in range(60):
        draw = draw_parameters(rng, sums, np.bincount(numbers), len(numbers), draw)
        kept += [draw] if iteration >= 20 else []
    return X, y, numbers, kept


def test_parameters_with_firms_have_the_posterior_of_a_grid(
    firms: tuple[np.ndarray, np.ndarray, np.ndarray, list[Draw]],
) -> None:
    """With b and sigma integrated out by hand, on a grid of the intraclass correlation, by dense matrices."""
    X, y, numbers, kept = firms
    n, k = X.shape
    same = (numbers[:, None] == numbers).astype(float)
    grid = (np.arange(1000) + 0.5) / 1000 * 0.99
    logged, slopes = [], []
    for icc in grid:
        V = np.linalg.inv(np.eye(n) + icc / (1 - icc) * same)
        A = X.T @ V @ X
        b = np.linalg.solve(A, X.T @ V @ y)
        rss = (y - X @ b) @ V @ (y - X @ b)
        half = np.linalg.slogdet(V)[1] - np.linalg.slogdet(A)[1] - (n - k) * np.log(rss)
        logged.append(half / 2)
        slopes.append(b[1])
    weights = np.exp(np.array(logged) - max(logged))
    weights /= weights.sum()
    ratio = np.concatenate([draw.ratio for draw in kept])
    icc = ratio / (1 + ratio)
    assert icc.mean() == pytest.approx(weights @ grid, abs=0.01)
    assert icc.std() == pytest.approx(np.sqrt(weights @ grid**2 - (weights @ grid) ** 2), abs=0.01)
    slope = np.concatenate([draw.weights[:, 1] for draw in kept])
    assert slope.mean() == pytest.approx(weights @ slopes, abs=0.01)


def test_firm_effects_are_shrunk_firm_means(
    firms: tuple[np.ndarray, np.ndarray, np.ndarray, list[Draw]],
) -> None:
    """Given b and the ratio, the mean effect of a firm is n·ratio/(1 + n·ratio) of its mean residual."""
    X, y, numbers, kept = firms
    for draw in kept[:3]:
        residual = y - draw.weights @ X.T
        sums = np.stack([residual[:, numbers == firm].sum(axis=1) for firm in range(6)], axis=1)
        shrink = draw.ratio[:, None] / (1 + np.bincount(numbers) * draw.ratio[:, None])
        z = (draw.effects - shrink * sums) / (draw.spread[:, None] * np.sqrt(shrink))
        assert stats.kstest(z.ravel(), stats.norm.cdf).pvalue > LEAST_P


def test_terms_that_follow_from_others_are_refused() -> None:
    Z = np.ones((2, 10, 3))
    sums = sums_of(Z, np.zeros(10, dtype=np.intp), 0)
    with pytest.raises(SurveyDataError, match="follow from others"):
        draw_parameters(np.random.default_rng(1), sums, np.zeros(0, dtype=np.intp), 10, first_draw(2, 2, 0))


def test_a_missing_score_has_the_posterior_of_a_grid() -> None:
    """One missing kunnen of 18: all parameters integrated out in closed form, at each value it might have.

    Under the prior 1/sigma² a normal model has marginal likelihood |X'X|^(-1/2)·RSS^(-(n - k)/2); the
    posterior of the missing score is the product of that of the outcome model and that of kunnen's own.
    """
    rng = np.random.default_rng(8)
    w = rng.normal(3.4, 0.7, 18)
    k = 3.4 + 0.4 * (w - 3.4) + rng.normal(0, 0.6, 18)
    y = 3 + 0.4 * (k - 3.4) + 0.3 * (w - 3.4) + 0.6 * (k - 3.4) * (w - 3.4) + rng.normal(0, 0.4, 18)
    w[0], y[0] = 4.8, 5.5
    scores = pd.DataFrame({"kunnen": k, "willen": w, "innovative_behaviour": y})
    scores.loc[0, "kunnen"] = np.nan
    found = impute_scores(scores, predictors=("kunnen", "willen"), imputations=3000, iterations=20, seed=1)
    grid = np.linspace(-4, 12, 3201)
    logged = [_marginal([k := np.r_[x, k[1:]], w, k**2, w**2, k * w], y) + _marginal([w], k) for x in grid]
    mass = np.exp(np.array(logged) - max(logged)).cumsum()
    drawn = found.draws["kunnen"].loc[0].to_numpy()
    assert stats.kstest(drawn, lambda at: np.interp(at, grid, mass / mass[-1])).pvalue > LEAST_P


def _marginal(columns: list[np.ndarray], y: np.ndarray) -> float:
    X = np.column_stack([np.ones(len(y)), *columns])
    b, *_ = np.linalg.lstsq(X, y, rcond=None)
    rss = ((y - X @ b) ** 2).sum()
    return float(-np.linalg.slogdet(X.T @ X)[1] / 2 - (len(y) - X.shape[1]) / 2 * np.log(rss))
