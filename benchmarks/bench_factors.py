"""How long a factor model of 15 items takes for 5,000 people (lavaan, MLR: 0.34 s); gaps and groups too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.measurement.factors.confirmatory import fit_factors
from si_research.measurement.factors.invariance import fit_invariance

N_PEOPLE = 5_000
FACTORS = {name: [f"{name}_{i}" for i in range(5)] for name in ("kunnen", "willen", "mogen")}
Benchmark = Callable[..., Any]


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    """Five-point answers to five items a factor."""
    rng = np.random.default_rng(20261126)
    factors = rng.multivariate_normal(np.zeros(3), 0.4 + 0.6 * np.eye(3), N_PEOPLE)
    noise = 0.7 * rng.normal(size=(N_PEOPLE, 15))
    points = np.clip(np.rint(3 + 0.8 * np.repeat(factors, 5, axis=1) + noise), 1, 5)
    return pd.DataFrame(points, columns=[item for items in FACTORS.values() for item in items])


def test_mlr(benchmark: Benchmark, answers: pd.DataFrame) -> None:
    assert benchmark(fit_factors, answers, FACTORS).status == "estimated"


def test_full_information_with_a_tenth_missing(benchmark: Benchmark, answers: pd.DataFrame) -> None:
    gaps = answers.mask(np.random.default_rng(1).random(answers.shape) < 0.1)
    assert benchmark(fit_factors, gaps, FACTORS, missing="fiml").status == "estimated"


def test_invariance_over_two_waves(benchmark: Benchmark, answers: pd.DataFrame) -> None:
    wave = pd.Series(np.arange(N_PEOPLE) % 2)
    assert benchmark(fit_invariance, answers, FACTORS, wave).table()["holds"].all()
