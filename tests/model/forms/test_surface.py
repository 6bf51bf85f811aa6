"""What a form predicts over two conditions, against a regression by hand."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from si_research.errors import ModelSpecificationError
from si_research.model.forms.compensation import Compensation, fit_compensation
from si_research.model.forms.power_mean import power_mean
from si_research.model.forms.surface import form_surface
from si_research.simulation.worlds import simulate_scores

NAMES = ["kunnen", "willen", "mogen"]


@cache
def scores() -> pd.DataFrame:
    made = simulate_scores(300, two_way=0.1, seed=4)
    return made.assign(age=np.random.default_rng(1).normal(40, 9, size=300))


@cache
def usual() -> Compensation:
    wide = {"innovative_behaviour": (-10, 16)}
    return fit_compensation(scores(), controls=["age"], ends=wide, draws=199, seed=1)


@pytest.mark.parametrize("p", [None, 1.0, -np.inf])
def test_it_is_the_prediction_of_a_regression(p: float | None) -> None:
    power = usual().p_hat if p is None else p

    def columns(x: np.ndarray, age: np.ndarray) -> np.ndarray:
        M = power_mean((x - 1) / 4, power)
        return np.column_stack([np.ones(len(M)), age, M, M**2])

    ages = scores()["age"].to_numpy()
    X = columns(scores()[NAMES].to_numpy(), ages)
    fit = sm.OLS(scores()["innovative_behaviour"], X).fit()
    found = form_surface(usual(), over=["willen", "mogen"], at={"kunnen": 2.5}, p=p, points=5)
    assert found["kunnen"].eq(2.5).all()
    expected = fit.predict(columns(found[NAMES].to_numpy(), np.full(25, ages.mean())))
    assert found["estimate"].to_numpy() == pytest.approx(expected)


def test_the_third_stands_at_its_median_when_nothing_is_said() -> None:
    found = form_surface(usual(), points=4)
    assert found["mogen"].iloc[0] == pytest.approx(scores()["mogen"].median())
    assert (found["kunnen"].min(), found["willen"].max(), len(found)) == (1, 5, 16)


@pytest.mark.parametrize("over", [["kunnen"], ["kunnen", "kunnen"], ["kunnen", "age"]])
def test_what_are_not_two_conditions_is_refused(over: list[str]) -> None:
    with pytest.raises(ModelSpecificationError, match="two of kunnen, willen, mogen"):
        form_surface(usual(), over=over)


@pytest.mark.parametrize("at", [{"mogen": 6}, {"willen": 3}, {"mogen": "3"}, {"mogen": 3, "kunnen": 3}])
def test_a_level_that_is_none_of_the_third_is_refused(at: dict[str, float]) -> None:
    with pytest.raises(ModelSpecificationError, match="a level of mogen from 1 to 5"):
        form_surface(usual(), at=at)
