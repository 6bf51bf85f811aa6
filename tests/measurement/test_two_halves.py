"""Spearman and Brown, split halves and Guttman's bounds: by hand, against psych, and at their edges."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest

from si_research.errors import SurveyDataError
from si_research.measurement.reliability import cronbach_alpha
from si_research.measurement.two_halves import guttman_bounds, spearman_brown, split_halves

CLAIMED = {"split_half_A", "guttman_A"}
EXACT = 1e-8
A = [f"A{i}" for i in range(1, 6)]


def test_split_halves_against_psych(psych: Mapping[str, Any], bfi: pd.DataFrame) -> None:
    """psych averages over the first half of the splits, which are all of them only for an even number."""
    case, items = psych["split_half_A"], bfi[A]
    found = split_halves(items)
    assert found.best == pytest.approx(case["maxrb"], abs=EXACT)
    assert found.worst == pytest.approx(case["minrb"], abs=EXACT)
    assert found.splits["reliability"].iloc[:5].mean() == pytest.approx(case["meanr"], abs=EXACT)
    assert found.mean == found.splits["reliability"].mean()
    bounds = guttman_bounds(items)
    assert bounds["lambda_3"] == pytest.approx(case["alpha"], abs=EXACT)
    assert bounds["lambda_6"] == pytest.approx(case["lambda6"], abs=EXACT)


def test_bounds_against_psych(psych: Mapping[str, Any], bfi: pd.DataFrame) -> None:
    case, bounds = psych["guttman_A"], guttman_bounds(bfi[A])
    for number in (1, 2, 3, 5, 6):
        assert bounds[f"lambda_{number}"] == pytest.approx(case[f"lambda{number}"], abs=EXACT)


def test_a_split_is_the_reliability_of_two_half_scores() -> None:
    """Four standardised items: 4·cov(half, half)/var(sum), and their mean is alpha."""
    x = np.random.default_rng(1).normal(size=(40, 4)) + np.random.default_rng(2).normal(size=(40, 1))
    items = pd.DataFrame((x - x.mean(axis=0)) / x.std(axis=0, ddof=1), columns=list("abcd"))
    found = split_halves(items)
    assert found.splits["half"].tolist() == ["a+b", "a+c", "a+d"]
    for half, other in zip(combinations("abcd", 2), (list("cd"), list("bd"), list("bc")), strict=False):
        both = items[list(half)].sum(axis=1), items[other].sum(axis=1)
        by_hand = 4 * both[0].cov(both[1]) / items.sum(axis=1).var()
        assert found.splits.set_index("half").loc["+".join(half), "reliability"] == pytest.approx(by_hand)
    assert found.mean == pytest.approx(cronbach_alpha(items).alpha)


def test_spearman_brown_by_hand() -> None:
    """r = .5 gives 2·.5/1.5; its interval is Fisher's for 28 rows, carried over."""
    x = np.random.default_rng(3).normal(size=(28, 2))
    x -= x.mean(axis=0)
    x = x @ np.linalg.inv(np.linalg.cholesky(x.T @ x)).T @ np.linalg.cholesky([[1, 0.5], [0.5, 1]]).T
    found = spearman_brown(pd.DataFrame(x, columns=["a", "b"]))
    assert found.correlation == pytest.approx(0.5)
    assert found.reliability == pytest.approx(2 / 3)
    r = np.tanh(np.arctanh(0.5) - 1.959964 / 5)
    assert found.conf_low == pytest.approx(2 * r / (1 + r), abs=1e-5)
    assert found.reliability == pytest.approx(
        cronbach_alpha(pd.DataFrame(x, columns=["a", "b"])).alpha_standardised
    )


@pytest.mark.parametrize(
    ("b", "status"),
    [
        ([4, 3, 2, 1, np.nan], "cancelled"),
        ([2, 2, 2, 2, 2], "no variance"),
        ([1, np.nan, np.nan, 3, 2], "too few"),
    ],
)
def test_where_two_items_tell_nothing_it_is_said_why(b: list[float], status: str) -> None:
    found = spearman_brown(pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": b}))
    assert found.status == status
    assert np.isnan(found.reliability)
    assert status in str(found)


def test_two_items_that_run_against_each_other_are_negative() -> None:
    found = spearman_brown(pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": [5, 3, 4, 1, 2]}))
    assert found.reliability == pytest.approx(2 * -0.8 / 0.2)
    assert found.conf_low < found.reliability < found.conf_high


def test_one_question_twice_is_one() -> None:
    found = spearman_brown(pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": [1, 2, 3, 4, 5]}))
    assert (found.status, found.reliability) == ("estimated", pytest.approx(1.0))


def test_what_cannot_be_halved_is_refused() -> None:
    three = pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 1, 3, 4], "c": [3, 3, 3, 3]})
    for function in (split_halves, guttman_bounds):
        with pytest.raises(SurveyDataError, match="on which people differ"):
            function(three)
    with pytest.raises(SurveyDataError, match="two items"):
        spearman_brown(three)
    with pytest.raises(SurveyDataError, match="none follows from the others"):
        guttman_bounds(three.assign(c=three["a"] + three["b"]))
