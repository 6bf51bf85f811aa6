"""Polychoric correlations: against psych, by the likelihood itself, and where there are none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from si_research.errors import SurveyDataError
from si_research.measurement.polychoric import bivariate_normal, polychoric_correlations

CLAIMED = {"polychoric_A"}
SEARCHED = 3e-5  # psych's one-dimensional search
A = [f"A{i}" for i in range(1, 6)]


def test_against_psych(psych: Mapping[str, Any], bfi: pd.DataFrame) -> None:
    case, found = psych["polychoric_A"], polychoric_correlations(bfi[A])
    np.testing.assert_allclose(found.correlations, case["rho"]["values"], atol=SEARCHED)
    np.testing.assert_allclose(found.thresholds, case["tau"]["values"], atol=1e-10)
    assert found.ordinal_alpha == pytest.approx(case["ordinal_alpha"], abs=SEARCHED)
    assert found.n_used == len(bfi[A].dropna())


finite = st.floats(-4, 4)


@settings(max_examples=40)
@given(finite, finite, st.floats(-0.99, 0.99))
def test_the_bivariate_normal_distribution_is_scipys(h: float, k: float, r: float) -> None:
    ours = bivariate_normal(np.array(h), np.array(k), r)
    assert ours == pytest.approx(multivariate_normal.cdf([h, k], cov=[[1, r], [r, 1]]), abs=1e-10)


@pytest.mark.parametrize(("h", "k"), [(0.0, 0.0), (0.0, 1.0), (-1.0, 0.0)])
def test_at_zero_too(h: float, k: float) -> None:
    ours = bivariate_normal(np.array(h), np.array(k), 0.4)
    assert ours == pytest.approx(multivariate_normal.cdf([h, k], cov=[[1, 0.4], [0.4, 1]]), abs=1e-12)


def test_no_other_correlation_makes_the_answers_more_likely() -> None:
    """By brute force: the likelihood of the table at thresholds from its margins, from scipy's cells."""
    counts = np.array([[30, 12, 3], [14, 40, 20], [2, 15, 44]])
    cells = [(i, j) for i in range(3) for j in range(3) for _ in range(counts[i, j])]
    found = polychoric_correlations(pd.DataFrame(cells, columns=["a", "b"], dtype=float))
    cuts = [np.r_[-9, norm.ppf(np.cumsum(counts.sum(axis=side))[:-1] / counts.sum()), 9] for side in (1, 0)]
    grid = np.stack(np.meshgrid(*cuts, indexing="ij"), axis=-1).reshape(-1, 2)

    def likelihood(r: float) -> float:
        P = multivariate_normal.cdf(grid, cov=[[1, r], [r, 1]]).reshape(4, 4)
        return float((counts * np.log(np.diff(np.diff(P, axis=0), axis=1))).sum())

    best = found.correlations.loc["a", "b"]
    assert likelihood(best) > max(likelihood(best - 1e-3), likelihood(best + 1e-3))


def test_two_points_know_the_correlation_behind_them() -> None:
    """Cut at 0, a share 1/4 + asin(r)/2π answers high to both (Sheppard): here 30 of 80, so r = sin(π/4)."""
    cells = [(1, 1)] * 30 + [(0, 0)] * 30 + [(1, 0)] * 10 + [(0, 1)] * 10
    found = polychoric_correlations(pd.DataFrame(cells, columns=["a", "b"]))
    assert found.correlations.loc["a", "b"] == pytest.approx(np.sin(np.pi / 4), abs=1e-9)
    assert found.ordinal_alpha == pytest.approx(2 * np.sqrt(0.5) / (1 + np.sqrt(0.5)), abs=1e-9)


def test_pairwise_uses_each_pairs_own_rows() -> None:
    behind = np.random.default_rng(1).multivariate_normal(np.zeros(3), 0.5 + 0.5 * np.eye(3), 600)
    items = pd.DataFrame(np.digitize(behind, [-0.5, 0.7]).astype(float), columns=["a", "b", "c"])
    items.loc[:199, "c"] = np.nan
    found = polychoric_correlations(items, missing="pairwise")
    both = polychoric_correlations(items[["a", "b"]])
    assert found.correlations.loc["a", "b"] == pytest.approx(both.correlations.loc["a", "b"], abs=1e-12)
    assert (found.n_used, polychoric_correlations(items).n_used) == (600, 400)


def test_answers_that_go_together_completely_have_no_estimate() -> None:
    """Nobody answers the one low and the other high: the likelihood rises up to a correlation of 1."""
    items = pd.DataFrame({"a": [1, 2, 3, 4] * 10, "b": [1, 2, 3, 4] * 10, "c": [1, 2, 2, 1, 3, 4, 3, 4] * 5})
    found = polychoric_correlations(items)
    assert (found.status, found.impossible) == ("impossible", (("a", "b"),))
    assert np.isnan(found.ordinal_alpha)
    assert np.isnan(found.correlations.loc["a", "b"])
    assert "impossible" in str(found)


@pytest.mark.parametrize(
    "items",
    [
        pd.DataFrame({"a": [1, 2] * 10}),
        pd.DataFrame({"a": [1, 2] * 10, "b": [3] * 20}),
        pd.DataFrame({"a": range(20), "b": [1, 2] * 10}),
        pd.DataFrame({"a": [1, 2, 3], "b": [1, 2, 3]}),
    ],
)
def test_what_is_not_coarse_or_does_not_vary_is_refused(items: pd.DataFrame) -> None:
    with pytest.raises(SurveyDataError, match="different answers"):
        polychoric_correlations(items)
