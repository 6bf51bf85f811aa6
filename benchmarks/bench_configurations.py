"""How long a fuzzy-set analysis takes: truth tables, all solutions, necessity, draws of whole firms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.model.configurations.configurations import Configurations, fit_configurations
from si_research.model.configurations.sweep import sweep_configurations

Benchmark = Callable[..., Any]
SIX = list("abcdef")


def people(n: int, n_conditions: int) -> pd.DataFrame:
    """People in 60 firms, whose conditions go together."""
    rng = np.random.default_rng(20261126)
    x = 3 + rng.normal(0, 0.8, (n, n_conditions)) + rng.normal(0, 0.6, (n, 1))
    y = x.mean(axis=1) + rng.normal(0, 0.6, n)
    scores = pd.DataFrame(x.clip(1, 5), columns=SIX[:n_conditions]).assign(y=y.clip(1, 5))
    return scores.assign(firm=rng.integers(0, 60, n))


def analysed(scores: pd.DataFrame, cluster: str | None = "firm") -> Configurations:
    names = [name for name in SIX if name in scores]
    return fit_configurations(scores, outcome="y", predictors=names, cluster=cluster, seed=1)


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    return people(1_000_000, 3)


def test_yardstick_sort_of_2000_by_64(benchmark: Benchmark) -> None:
    assert benchmark(np.sort, np.random.default_rng(1).random((64, 2_000))).shape == (64, 2_000)


def test_six_conditions_2000_people_in_firms(benchmark: Benchmark) -> None:
    assert len(benchmark(analysed, people(2_000, 6)).rows) == 128


def test_six_conditions_2000_people_without_firms(benchmark: Benchmark) -> None:
    assert len(benchmark(analysed, people(2_000, 6), None).rows) == 128


def test_three_conditions_2000_people_in_firms(benchmark: Benchmark) -> None:
    assert len(benchmark(analysed, people(2_000, 3)).rows) == 16


def test_sweep_of_three_conditions(benchmark: Benchmark) -> None:
    assert len(benchmark(sweep_configurations, analysed(people(2_000, 3))).variants) == 216


def test_three_conditions_a_million_people(benchmark: Benchmark, many: pd.DataFrame) -> None:
    assert benchmark.pedantic(analysed, (many,), rounds=2).n_used == 1_000_000
