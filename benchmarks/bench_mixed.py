"""How long a model with random effects of firms takes, and how the time grows with the rows.

lme4 takes 2.4 s of processor time for 200,000 rows in 5,000 firms; statsmodels' MixedLM takes more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.model.design import Roles
from si_research.model.inference import LeastSquares
from si_research.model.interaction import regress
from si_research.model.mixed_model import mixed_model

Benchmark = Callable[..., Any]
NAMES = ("kunnen", "willen", "mogen")


def least_squares_of(n: int, n_firms: int) -> LeastSquares:
    """The three-way model of n people, with random effects of firms in the outcome."""
    rng = np.random.default_rng(20261126)
    scores = pd.DataFrame(rng.normal(size=(n, 3)), columns=list(NAMES))
    firm = rng.integers(0, n_firms, n)
    scores["outcome"] = 0.3 * scores.sum(axis=1) + 0.3 * rng.normal(size=n_firms)[firm] + rng.normal(size=n)
    scores["firm"] = firm
    return regress(scores, Roles("outcome", NAMES, (), "firm"))


@pytest.mark.parametrize(("n", "n_firms"), [(20_000, 500), (200_000, 5_000), (2_000_000, 50_000)])
def test_random_intercept(benchmark: Benchmark, n: int, n_firms: int) -> None:
    fit = least_squares_of(n, n_firms)
    assert benchmark.pedantic(mixed_model, args=(fit,), rounds=3).status == "estimated"


def test_random_slopes(benchmark: Benchmark) -> None:
    fit = least_squares_of(20_000, 500)
    options = {"random": NAMES, "correlated": False}
    assert benchmark.pedantic(mixed_model, args=(fit,), kwargs=options, rounds=3).n_used == 20_000


def test_yardstick_statsmodels_mixed_model(benchmark: Benchmark) -> None:
    from statsmodels.regression.mixed_linear_model import MixedLM

    fit = least_squares_of(20_000, 500)
    theirs = MixedLM(fit.y, fit.X, groups=np.asarray(fit.clusters))
    found = benchmark.pedantic(theirs.fit, kwargs={"method": ["bfgs"]}, rounds=1)
    assert np.isfinite(found.llf)
