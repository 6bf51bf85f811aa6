"""The profile against refits, its bootstrap against a loop over draws."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from si_research.model.forms.power_mean import power_mean
from si_research.model.forms.profile import bootstrap_p_hat, bounded, profile_grid, unbounded, usual_grid

Array = npt.NDArray[np.float64]


def made(n: int, p: float, *, seed: int = 1) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(seed)
    x = np.clip(0.6 + 0.18 * rng.normal(size=(n, 3)), 0, 1)
    controls = rng.normal(loc=[5, 0], size=(n, 2))
    y = 1 + 3 * power_mean(x, p) + 0.2 * controls[:, 0] + 0.3 * rng.normal(size=n)
    return x, y, controls


def refit(x: Array, y: Array, controls: Array, p: float) -> tuple[float, Array]:
    M = power_mean(x, p)
    M = M - M.mean()
    X = np.column_stack([np.ones(len(y)), controls, M, M**2])
    b = np.linalg.lstsq(X, y)[0]
    return float(((y - X @ b) ** 2).sum()), b[-2:]


def test_the_profile_is_that_of_refits() -> None:
    x, y, controls = made(120, -2)
    found = profile_grid(x, y, controls=controls)
    for place, p in enumerate(usual_grid()):
        rss, (slope, curve) = refit(x, y, controls, p)
        assert found.rss[place] == pytest.approx(rss, rel=1e-9)
        assert [found.slope[place], found.curve[place]] == pytest.approx([slope, curve], rel=1e-6)
    mean = (
        y
        - np.column_stack([np.ones(120), controls])
        @ np.linalg.lstsq(np.column_stack([np.ones(120), controls]), y)[0]
    )
    assert found.total == pytest.approx(mean @ mean)


@pytest.mark.parametrize("with_firms", [True, False])
def test_draws_are_those_of_a_loop_over_resampled_rows(with_firms: bool) -> None:
    """The same draws, row by row: firms (or people) as often as drawn, refitted at each power."""
    x, y, controls = made(60, 0)
    firms = np.arange(60) % 12 if with_firms else None
    grid = np.array([-np.inf, -3.0, -1.0, 0.0, 1.0, np.inf])
    found = bootstrap_p_hat(x, y, firms, controls=controls, p=grid, draws=30, seed=7)
    groups = np.arange(60) if firms is None else firms
    G = int(groups.max()) + 1
    counts = np.random.default_rng(7).multinomial(G, np.full(G, 1 / G), size=30)
    for drawn, count in zip(found, counts, strict=True):
        rows = np.repeat(np.arange(60), count[groups])
        rss = [refit(x[rows], y[rows], controls[rows], p)[0] for p in grid]
        best = int(np.argmin(rss))
        if best in (2, 3):  # inner points: the vertex of the parabola through three
            line = np.polyfit(bounded(grid[best - 1 : best + 2]), rss[best - 1 : best + 2], 2)
            assert bounded(drawn) == pytest.approx(-line[1] / line[0] / 2, abs=1e-6)
        else:
            assert drawn == grid[best]


def test_draws_on_a_finer_grid_are_the_nearly_the_same() -> None:
    x, y, _ = made(400, -3)
    firms = np.arange(400) % 40
    fine = np.concatenate([[-np.inf], unbounded(np.linspace(-30 / 31, 0.8, 281)), [np.inf]])
    drawn = [bootstrap_p_hat(x, y, firms, p=p, draws=200, seed=1) for p in (None, fine)]
    assert bounded(drawn[0]) == pytest.approx(bounded(drawn[1]), abs=0.02)


def test_many_people_without_firms_are_resampled_in_groups_with_the_same_spread() -> None:
    x, y, _ = made(4200, -1)
    grouped = bootstrap_p_hat(x, y, draws=400, seed=1)
    one_by_one = bootstrap_p_hat(x, y, np.arange(4200), draws=400, seed=2)
    assert np.std(bounded(grouped)) == pytest.approx(np.std(bounded(one_by_one)), rel=0.15)


def test_bounded_powers_go_back() -> None:
    grid = usual_grid()
    assert unbounded(bounded(grid)) == pytest.approx(grid)
    assert bounded(grid)[[0, -1]].tolist() == [-1, 1]
    assert {-np.inf, -30.0, -1.0, 0.0, 1.0, 4.0, np.inf} <= set(grid.tolist())


def test_a_form_without_any_spread_explains_nothing() -> None:
    """Where one of the three is 0 in every row, all forms up to p = 0 are 0."""
    x, y, _ = made(60, 1)
    x[np.arange(60), np.arange(60) % 3] = 0
    found = profile_grid(x, y)
    assert found.rss[found.p <= 0] == pytest.approx(np.full(int((found.p <= 0).sum()), found.total))
    assert (found.rss[found.p >= 1] < found.total).all()


@pytest.mark.parametrize("p", [-np.inf, -3.0, 0.0, 1.0])
def test_the_true_power_is_found_where_there_is_little_noise(p: float) -> None:
    x, _, _ = made(500, p)
    y = power_mean(x, p) + 0.001 * np.random.default_rng(2).normal(size=500)
    found = profile_grid(x, y)
    assert found.p[found.best] == p
