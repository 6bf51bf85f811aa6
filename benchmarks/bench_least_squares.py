"""How long the three-way regression takes on many rows, beside statsmodels and (where it is installed)
pyfixest.

All start from the table of scores and end with standard errors: HC3, or over 5,000 firms (CR1). statsmodels
by its formula, and by arrays, where the terms are made with NumPy first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest

from si_research.model.design import Roles, design_matrix
from si_research.model.inference import Method, covariance, least_squares

Benchmark = Callable[..., Any]
NAMES = ("kunnen", "willen", "mogen")
ROWS = (200_000, 2_000_000)


def scores(n: int) -> pd.DataFrame:
    """People in 5,000 firms."""
    rng = np.random.default_rng(20261126)
    data = pd.DataFrame(rng.normal(size=(n, 3)), columns=list(NAMES))
    data["outcome"] = 0.3 * data.sum(axis=1) + rng.normal(size=n)
    data["firm"] = rng.integers(0, 5_000, n)
    return data


@pytest.fixture(scope="module", params=ROWS)
def people(request: pytest.FixtureRequest) -> pd.DataFrame:
    return scores(request.param)


def ours(data: pd.DataFrame, method: Method) -> np.ndarray:
    roles = Roles("outcome", NAMES, (), "firm" if method == "CR1" else None)
    firms = data["firm"] if method == "CR1" else None
    return covariance(least_squares(design_matrix(data, roles), data["outcome"], firms), method)


def statsmodels_path(data: pd.DataFrame, method: Literal["HC3", "cluster"]) -> Any:
    from statsmodels.formula.api import ols

    options = {"groups": data["firm"]} if method == "cluster" else None
    return ols("outcome ~ kunnen * willen * mogen", data).fit(cov_type=method, cov_kwds=options)


def statsmodels_arrays(data: pd.DataFrame, method: Literal["HC3", "cluster"]) -> Any:
    from statsmodels.api import OLS

    a, b, c = (data[name].to_numpy() - data[name].mean() for name in NAMES)
    terms = np.column_stack([np.ones(len(a)), a, b, c, a * b, a * c, b * c, a * b * c])
    options = {"groups": data["firm"].to_numpy()} if method == "cluster" else None
    return OLS(data["outcome"].to_numpy(), terms).fit(cov_type=method, cov_kwds=options)


@pytest.mark.parametrize("method", ["HC3", "CR1"])
def test_here(benchmark: Benchmark, people: pd.DataFrame, method: Method) -> None:
    assert benchmark.pedantic(ours, args=(people, method), rounds=3).shape == (8, 8)


@pytest.mark.parametrize("method", ["HC3", "cluster"])
def test_statsmodels(benchmark: Benchmark, people: pd.DataFrame, method: Any) -> None:
    assert len(benchmark.pedantic(statsmodels_path, args=(people, method), rounds=3).bse) == 8


@pytest.mark.parametrize("method", ["HC3", "cluster"])
def test_statsmodels_with_arrays(benchmark: Benchmark, people: pd.DataFrame, method: Any) -> None:
    assert len(benchmark.pedantic(statsmodels_arrays, args=(people, method), rounds=3).bse) == 8


@pytest.mark.parametrize("method", ["HC3", "CRV1"])
def test_pyfixest(benchmark: Benchmark, people: pd.DataFrame, method: str) -> None:
    feols = pytest.importorskip("pyfixest").feols
    options = "HC3" if method == "HC3" else {"CRV1": "firm"}
    arguments = {"fml": "outcome ~ kunnen * willen * mogen", "data": people, "vcov": options}
    assert len(benchmark.pedantic(feols, kwargs=arguments, rounds=3).se()) == 8


@pytest.mark.parametrize("n", [250_000, 500_000, 1_000_000, 2_000_000, 4_000_000])
def test_time_grows_with_the_rows(benchmark: Benchmark, n: int) -> None:
    data = scores(n)
    assert benchmark.pedantic(ours, args=(data, "CR1"), rounds=3).shape == (8, 8)
