"""How long each index takes for 100,000 people and 40 questions, beside two yardsticks of the same run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.survey.screening import indices

N_PEOPLE, N_ITEMS = 100_000, 40
SCALES = {str(scale): list(range(5 * scale, 5 * scale + 5)) for scale in range(8)}
Benchmark = Callable[..., Any]


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    """Items that go together, so that all 780 pairs are synonyms; two in a hundred answers are missing."""
    rng = np.random.default_rng(20261125)
    truth = rng.normal(size=(N_PEOPLE, 1))
    points = np.clip(np.rint(3 + truth + 0.5 * rng.normal(size=(N_PEOPLE, N_ITEMS))), 1, 5)
    return pd.DataFrame(points).mask(rng.random((N_PEOPLE, N_ITEMS)) < 0.02)


def _synonyms(answers: pd.DataFrame) -> pd.DataFrame:
    return indices.psychometric_synonyms(answers, indices.item_pairs(answers))


CASES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "yardstick: np.sort of each row": lambda answers: np.sort(answers.to_numpy(), axis=1),
    "yardstick: DataFrame.std of each row": lambda answers: answers.std(axis=1),
    "longstring": indices.longstring,
    "average longstring": indices.average_longstring,
    "response variability (IRV)": indices.response_variability,
    "Mahalanobis": indices.mahalanobis,
    "even-odd": lambda answers: indices.even_odd(answers, SCALES),
    "psychometric synonyms, pairs and all": _synonyms,
    "person-total": indices.person_total,
}


@pytest.mark.parametrize("name", CASES)
def test_index(benchmark: Benchmark, answers: pd.DataFrame, name: str) -> None:
    benchmark(CASES[name], answers)
