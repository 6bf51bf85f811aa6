"""How long inference for people in firms takes: few firms and many draws, many firms and many rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.model.design import Roles, design_matrix
from si_research.model.inference import LeastSquares, coefficient_table, jackknife_covariance, least_squares
from si_research.model.wild_interval import wild_bootstrap_test
from si_research.simulation.worlds import simulate_scores

Benchmark = Callable[..., Any]
ROLES = Roles("innovative_behaviour", ("kunnen", "willen", "mogen"))
THREE_WAY = "kunnen:willen:mogen"


def three_way(n: int, n_firms: int) -> LeastSquares:
    scores = simulate_scores(n, n_firms=n_firms, seed=20261126)
    return least_squares(design_matrix(scores, ROLES), scores[ROLES.outcome], scores["firm_id"])


@pytest.fixture(scope="module")
def few() -> LeastSquares:
    """5,000 people in 50 firms."""
    return three_way(5_000, 50)


@pytest.fixture(scope="module")
def many() -> LeastSquares:
    """200,000 people in 5,000 firms."""
    return three_way(200_000, 5_000)


@pytest.fixture(scope="module")
def one_large(many: LeastSquares) -> LeastSquares:
    """The same people, nine of ten in one firm."""
    firms = pd.Series(np.where(np.arange(many.n) % 10 < 9, 0, many.clusters))
    return least_squares(pd.DataFrame(many.X, columns=list(many.terms)), pd.Series(many.y), firms)


def test_yardstick_least_squares_of_200000(benchmark: Benchmark, many: LeastSquares) -> None:
    assert len(benchmark(np.linalg.lstsq, many.X, many.y, rcond=None)[0]) == 8


def test_wild_bootstrap_of_50_firms_with_interval(benchmark: Benchmark, few: LeastSquares) -> None:
    assert benchmark(wild_bootstrap_test, few, THREE_WAY, draws=9_999, seed=1).n_draws == 9_999


def test_wild_bootstrap_of_5000_firms_with_interval(benchmark: Benchmark, many: LeastSquares) -> None:
    assert benchmark(wild_bootstrap_test, many, THREE_WAY, draws=9_999, seed=1).n_draws == 9_999


def test_jackknife_of_5000_firms(benchmark: Benchmark, many: LeastSquares) -> None:
    assert benchmark(jackknife_covariance, many).shape == (8, 8)


def test_refits_without_50_of_5000_firms(benchmark: Benchmark, many: LeastSquares) -> None:
    """The same by refitting, for one firm in a hundred."""

    def refit() -> np.ndarray:
        rows = (many.clusters != firm for firm in range(50))
        return np.array([np.linalg.lstsq(many.X[stay], many.y[stay], rcond=None)[0] for stay in rows])

    assert benchmark.pedantic(refit, rounds=2).shape == (50, 8)


def test_cr2_with_satterthwaite_of_5000_firms(benchmark: Benchmark, many: LeastSquares) -> None:
    assert benchmark(coefficient_table, many, "CR2", 0.95)["df"].max() > 1_000


def test_cr2_with_nine_of_ten_people_in_one_firm(benchmark: Benchmark, one_large: LeastSquares) -> None:
    assert benchmark(coefficient_table, one_large, "CR2", 0.95)["df"].notna().all()
