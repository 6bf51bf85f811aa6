"""How long measurement takes: reliability of 100,000 people, agreement in thousands of groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.measurement.agreement import intraclass_correlation, within_group_agreement
from si_research.measurement.alpha_bootstrap import bootstrap_alpha
from si_research.measurement.omega import omega_total
from si_research.measurement.polychoric import polychoric_correlations
from si_research.measurement.reliability import cronbach_alpha

Benchmark = Callable[..., Any]


def points(n: int, k: int) -> pd.DataFrame:
    """Five-point answers of n people to k items of one factor."""
    rng = np.random.default_rng(20261126)
    x = 3 + 0.8 * rng.normal(size=(n, 1)) + 0.7 * rng.normal(size=(n, k))
    return pd.DataFrame(np.clip(np.rint(x), 1, 5), columns=[f"i{place}" for place in range(k)])


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return points(100_000, 10)


def test_yardstick_numpy_cov(benchmark: Benchmark, people: pd.DataFrame) -> None:
    x = people.to_numpy()
    assert benchmark(np.cov, x, rowvar=False).shape == (10, 10)


def test_alpha(benchmark: Benchmark, people: pd.DataFrame) -> None:
    assert benchmark(cronbach_alpha, people).alpha > 0.8


def test_alpha_with_gaps(benchmark: Benchmark, people: pd.DataFrame) -> None:
    gaps = people.mask(np.random.default_rng(1).random(people.shape) < 0.02)
    assert benchmark(cronbach_alpha, gaps).alpha > 0.8


def test_omega_of_5000(benchmark: Benchmark) -> None:
    assert benchmark(omega_total, points(5_000, 10)).status == "estimated"


def test_bootstrap_of_5000(benchmark: Benchmark) -> None:
    assert benchmark(bootstrap_alpha, points(5_000, 10), seed=1).interval == "bootstrap"


def test_polychoric_of_5000(benchmark: Benchmark) -> None:
    assert benchmark(polychoric_correlations, points(5_000, 10)).status == "estimated"


def test_icc_of_20000_rows_in_1000_groups(benchmark: Benchmark) -> None:
    rng = np.random.default_rng(1)
    groups = pd.Series(np.arange(20_000) % 1_000)
    values = pd.Series(rng.normal(size=1_000)[groups] + rng.normal(size=20_000))
    assert benchmark(intraclass_correlation, values, groups).icc1 > 0.4


def test_rwg_of_100000_rows_in_5000_teams(benchmark: Benchmark) -> None:
    items = points(100_000, 5)
    teams = pd.Series(np.arange(100_000) % 5_000)
    found = benchmark(within_group_agreement, items, teams, lowest=1, highest=5)
    assert len(found.table()) == 5_000
