"""What the door costs for 1,000,000 people and 40 answers, beside two yardsticks of the same run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.privacy.identifiers import find_identifiers
from si_research.privacy.pseudonyms import pseudonym

N_PEOPLE, N_ITEMS = 1_000_000, 40
KEY = hashlib.sha256(b"a key for the benchmark").digest()
Benchmark = Callable[..., Any]


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    """Numbers from 1 to 5."""
    codes = np.random.default_rng(20261126).integers(1, 6, (N_PEOPLE, N_ITEMS))
    return pd.DataFrame(codes).add_prefix("k").astype("float64")


@pytest.fixture(scope="module")
def names() -> pd.Series:
    """A thousand people who come back a thousand times."""
    people = pd.Series(np.char.add("person ", np.arange(1000).astype(str)), dtype="str")
    return people.iloc[np.arange(N_PEOPLE) % 1000].reset_index(drop=True)


@pytest.mark.parametrize("name", ["yardstick: DataFrame.std of each column", "identifiers in numbers"])
def test_numbers(benchmark: Benchmark, answers: pd.DataFrame, name: str) -> None:
    benchmark(find_identifiers if name.startswith("identifiers") else pd.DataFrame.std, answers)


@pytest.mark.parametrize("name", ["yardstick: Series.factorize", "pseudonyms"])
def test_names(benchmark: Benchmark, names: pd.Series, name: str) -> None:
    benchmark((lambda people: pseudonym(people, KEY)) if name == "pseudonyms" else pd.Series.factorize, names)
