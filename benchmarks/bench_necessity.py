"""How long a necessity analysis takes, with its permutation test, for few people and for a million."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.model.necessity.bottlenecks import bottlenecks
from si_research.model.necessity.ceilings import ce_fdh_effect
from si_research.model.necessity.groups import compare_necessity
from si_research.model.necessity.necessity import Necessity, describe_necessity
from si_research.model.necessity.outliers import necessity_outliers
from si_research.model.necessity.permutation import permutation_test
from si_research.simulation.worlds import simulate_scores

Benchmark = Callable[..., Any]
CONDITIONS = ["kunnen", "willen", "mogen"]


def people(n: int, *, likert: bool) -> pd.DataFrame:
    scores = simulate_scores(n, n_firms=60, seed=20261126)
    if likert:
        names = [*CONDITIONS, "innovative_behaviour"]
        scores[names] = ((scores[names] * 4).round() / 4).clip(1, 5)
    return scores


def whole(scores: pd.DataFrame) -> Any:
    return permutation_test(describe_necessity(scores), draws=10_000, seed=1)


@pytest.fixture(scope="module")
def few() -> pd.DataFrame:
    """2,000 people in 60 firms, scores on quarters of a point."""
    return people(2_000, likert=True)


@pytest.fixture(scope="module")
def described(few: pd.DataFrame) -> Necessity:
    return describe_necessity(few, cluster="firm_id")


def test_yardstick_one_shuffle_and_its_steps_of_2000(benchmark: Benchmark, few: pd.DataFrame) -> None:
    x, y = few["kunnen"].to_numpy(), few["innovative_behaviour"].to_numpy()
    random = np.random.default_rng(1)
    assert benchmark(lambda: ce_fdh_effect(x, random.permutation(y), 1, 5, 1, 5)) >= 0


@pytest.mark.parametrize("likert", [True, False], ids=["likert", "continuous"])
@pytest.mark.parametrize("n", [2_000, 1_000_000])
def test_three_conditions_and_10000_permutations(benchmark: Benchmark, n: int, likert: bool) -> None:
    scores = people(n, likert=likert)
    assert len(benchmark.pedantic(whole, args=(scores,), rounds=3).tests) == 6


def test_2000_permutations_within_60_firms(benchmark: Benchmark, described: Necessity) -> None:
    work = {"draws": 2_000, "seed": 1, "within_firms": True}
    assert len(benchmark.pedantic(permutation_test, args=(described,), kwargs=work, rounds=3).tests) == 6


def test_bottleneck_tables(benchmark: Benchmark, described: Necessity) -> None:
    assert len(benchmark(bottlenecks, described).levels) == 66


def test_outliers_two_at_a_time(benchmark: Benchmark, described: Necessity) -> None:
    assert len(benchmark.pedantic(necessity_outliers, args=(described,), kwargs={"k": 2}, rounds=3).outliers)


def test_two_groups_2000_exchanges(benchmark: Benchmark, few: pd.DataFrame) -> None:
    halves = few.assign(sector=np.arange(len(few)) % 2)
    work = {"group": "sector", "draws": 2_000, "seed": 1}
    assert len(benchmark.pedantic(compare_necessity, args=(halves,), kwargs=work, rounds=3).differences) == 6


@pytest.mark.parametrize("ceilings", [["ce_fdh"], ["c_lp"], ["qr"]], ids=lambda names: names[0])
def test_ceilings_over_100000_continuous(benchmark: Benchmark, ceilings: list[str]) -> None:
    scores = people(100_000, likert=False)
    found = benchmark.pedantic(describe_necessity, args=(scores,), kwargs={"ceilings": ceilings}, rounds=2)
    assert len(found.effects) == 3
