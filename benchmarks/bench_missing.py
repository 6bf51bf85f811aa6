"""How long missing scores take: patterns of many people, 20 imputations of the seven-term model, pooling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.model.missing.impute import impute_scores
from si_research.model.missing.imputed import ImputedScores
from si_research.model.missing.pool import pool_interaction
from si_research.simulation.worlds import CONDITIONS, simulate_scores
from si_research.survey.missing.patterns import missing_patterns

Benchmark = Callable[..., Any]


def holed(n_firms: int | None) -> pd.DataFrame:
    """2,000 people: a quarter of kunnen, a tenth of willen and mogen missing."""
    rng = np.random.default_rng(20261126)
    scores = simulate_scores(2000, three_way=0.2, n_firms=n_firms, seed=1)
    for name, share in zip(CONDITIONS, (0.25, 0.10, 0.10), strict=True):
        scores.loc[rng.random(2000) < share, name] = np.nan
    return scores


def imputed(n_firms: int | None) -> ImputedScores:
    return impute_scores(holed(n_firms), cluster=n_firms and "firm_id", seed=1)


def test_yardstick_least_squares(benchmark: Benchmark) -> None:
    terms = np.random.default_rng(1).normal(size=(2000, 11))
    benchmark(np.linalg.lstsq, terms, terms[:, 0], rcond=None)


@pytest.mark.parametrize("n_firms", [None, 60])
def test_twenty_imputations(benchmark: Benchmark, n_firms: int | None) -> None:
    benchmark.pedantic(imputed, args=(n_firms,), rounds=3)


@pytest.mark.parametrize("n_firms", [None, 60])
def test_pooling(benchmark: Benchmark, n_firms: int | None) -> None:
    benchmark.pedantic(pool_interaction, args=(imputed(n_firms),), rounds=3)


def test_patterns_of_forty_items(benchmark: Benchmark) -> None:
    rng = np.random.default_rng(2)
    answers = pd.DataFrame(rng.normal(size=(100_000, 40))).mask(rng.random((100_000, 40)) < 0.02)
    benchmark.pedantic(missing_patterns, args=(answers,), rounds=3)
