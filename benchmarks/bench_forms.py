"""How long it takes to say how far one condition makes up for another, and to compare rival forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.model.forms.comparison import compare_forms
from si_research.model.forms.compensation import fit_compensation
from si_research.model.forms.likelihood import likelihood_of
from si_research.model.forms.profile import bootstrap_p_hat, profile_grid
from si_research.simulation.worlds import simulate_scores

Benchmark = Callable[..., Any]
WIDE = {"innovative_behaviour": (-10, 16)}


def made(n: int, n_firms: int) -> pd.DataFrame:
    return simulate_scores(n, n_firms=n_firms, two_way=0.05, seed=20261126)


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    """5,000 people in 200 firms."""
    return made(5_000, 200)


def arrays(scores: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x = (scores[["kunnen", "willen", "mogen"]].to_numpy() - 1) / 4
    return x, scores["innovative_behaviour"].to_numpy(), pd.factorize(scores["firm_id"], sort=True)[0]


def test_p_hat_with_intervals_from_2000_draws_of_firms(benchmark: Benchmark, scores: pd.DataFrame) -> None:
    x, y, firms = arrays(scores)

    def all_of_it() -> np.ndarray:
        likelihood_of(x, y, None, 0.95)
        return bootstrap_p_hat(x, y, firms, draws=2000, seed=1)

    assert len(benchmark(all_of_it)) == 2000


def test_p_hat_from_2000_draws_of_5000_people_without_firms(
    benchmark: Benchmark, scores: pd.DataFrame
) -> None:
    x, y, _ = arrays(scores)
    assert len(benchmark(bootstrap_p_hat, x, y, draws=2000, seed=1)) == 2000


def test_whole_fit_with_tests_weights_sensitivities(benchmark: Benchmark, scores: pd.DataFrame) -> None:
    options = {"cluster": "firm_id", "ends": WIDE, "draws": 2000, "seed": 1}
    assert benchmark(fit_compensation, scores, **options).n_firms == 200


def test_comparison_of_forms(benchmark: Benchmark, scores: pd.DataFrame) -> None:
    options = {"cluster": "firm_id", "ends": WIDE, "draws": 2000, "seed": 1}
    assert len(benchmark(compare_forms, scores, **options).forms) == 15


def test_profile_of_200000_people(benchmark: Benchmark) -> None:
    x, y, _ = arrays(made(200_000, 2_000))
    assert benchmark(profile_grid, x, y).n == 200_000
