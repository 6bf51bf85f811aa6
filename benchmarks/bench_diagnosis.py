"""How long the diagnosis of many firms takes: the whole of it, and its parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.practice.diagnosis.change import diagnose_change
from si_research.practice.diagnosis.comparison_groups import compare_with_groups
from si_research.practice.diagnosis.diagnosis import diagnose
from si_research.practice.diagnosis.lowest import probability_lowest
from si_research.simulation.worlds import simulate_scores

Benchmark = Callable[..., Any]
WIDE = {"innovative_behaviour": (-10, 20)}


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    """100,000 people in 2,000 firms, in departments and teams; a few scores are missing."""
    found = simulate_scores(100_000, n_firms=2_000, icc=0.1, seed=20261126)
    rng = np.random.default_rng(1)
    names = ["kunnen", "willen", "mogen"]
    found[names] = found[names].mask(rng.random((len(found), 3)) < 0.02)
    found["department"] = [f"d{each % 3}" for each in range(len(found))]
    found["team"] = [f"t{each % 2}" for each in rng.integers(0, 1_000, len(found))]
    firm = found["firm_id"].str[1:].astype(int)
    return found.assign(sector=(firm % 7).astype(str), wave=np.where(rng.random(len(found)) < 0.5, "1", "2"))


def test_yardstick_probability_lowest_of_2000(benchmark: Benchmark) -> None:
    rng = np.random.default_rng(1)
    mean, factor = rng.normal(size=(2_000, 3)), rng.normal(size=(2_000, 3, 3))
    assert benchmark(probability_lowest, mean, factor @ np.swapaxes(factor, 1, 2)).shape == (2_000, 3)


def test_2000_firms_with_100000_people(benchmark: Benchmark, scores: pd.DataFrame) -> None:
    found = benchmark.pedantic(
        diagnose, (scores,), {"unit": "firm_id", "target": 5.0, "ends": WIDE, "seed": 1}, rounds=2
    )
    assert len(found.units) == 2_000


def test_three_levels_of_units(benchmark: Benchmark, scores: pd.DataFrame) -> None:
    unit = ["firm_id", "department", "team"]
    found = benchmark.pedantic(
        diagnose, (scores,), {"unit": unit, "target": 5.0, "ends": WIDE, "seed": 1}, rounds=2
    )
    assert len(found.units) > 19_000


def test_change_between_waves(benchmark: Benchmark, scores: pd.DataFrame) -> None:
    options = {"unit": "firm_id", "wave": "wave", "waves": ["1", "2"]}
    found = benchmark.pedantic(diagnose_change, (scores,), options, rounds=2)
    assert len(found.changes) == 6_000


def test_firms_beside_their_sector(benchmark: Benchmark, scores: pd.DataFrame) -> None:
    found = diagnose(scores, unit="firm_id", outcome=None, seed=1)
    assert (
        len(benchmark.pedantic(compare_with_groups, (found, scores), {"by": "sector"}, rounds=2).groups) == 7
    )
