"""Sums over firms and over blocks of rows, against sums made one row at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from si_research.model import firm_sums, inference
from si_research.model.design import Roles, design_matrix
from si_research.model.firm_sums import firm_numbers, firm_scores
from si_research.model.inference import Method, covariance, least_squares
from si_research.simulation.worlds import simulate_scores

ROLES = Roles("innovative_behaviour", ("kunnen", "willen", "mogen"))


@pytest.mark.parametrize(
    "firms",
    [
        [7, 3, 3, 9, 7],
        [-2, 5, -2, 0, 1],
        [10**12, 3, 10**12, 4, 3],
        [True, False, True, True, False],
        [2.5, 1.0, 2.5, 3.0, 1.0],
        ["b", "a", "b", "é", "a"],
        [],
    ],
    ids=["close", "below zero", "far apart", "bool", "float", "text", "nobody"],
)
def test_firms_are_numbered_in_their_own_order(firms: list[object]) -> None:
    order = sorted(set(firms))  # type: ignore[type-var]
    numbers = firm_numbers(pd.Series(firms))
    assert numbers.tolist() == [order.index(firm) for firm in firms]
    assert numbers.dtype == np.intp


@pytest.mark.parametrize("kind", ["int8", "uint8", "int64", "uint64"])
def test_the_widest_numbers_of_a_type_do_not_wrap(kind: str) -> None:
    ends = np.iinfo(kind)
    values = np.array([ends.max, ends.min, ends.max], dtype=kind)
    given = pd.Series(np.tile(values, 100))
    kept = given.copy()
    assert firm_numbers(given).tolist() == [1, 0, 1] * 100
    pd.testing.assert_series_equal(given, kept)


def test_scores_of_firms_are_sums_of_rows_times_residuals(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    X, u, clusters = rng.normal(size=(100, 3)), rng.normal(size=100), rng.integers(0, 9, 100)
    clusters[:9] = range(9)
    expected = np.zeros((9, 3))
    for row, residual, firm in zip(X, u, clusters, strict=True):
        expected[firm] += row * residual
    for part in (1, 20, 1000):
        monkeypatch.setattr(firm_sums, "PART", part)
        np.testing.assert_allclose(firm_scores(X, u, clusters), expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("method", ["HC0", "HC2", "HC3", "HC4", "CR1", "CR3"])
def test_no_result_depends_on_the_size_of_the_blocks(method: Method, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums in another order differ by rounding only."""
    data = simulate_scores(300, n_firms=12, seed=8)
    results = []
    for block in (7, 100, 10_000):
        monkeypatch.setattr(inference, "BLOCK", block)
        monkeypatch.setattr(firm_sums, "PART", block)
        fit = least_squares(design_matrix(data, ROLES), data[ROLES.outcome], data["firm_id"])
        results.append((fit.estimate, covariance(fit, method)))
    for estimate, V in results[1:]:
        np.testing.assert_allclose(estimate, results[0][0], rtol=1e-12)
        np.testing.assert_allclose(V, results[0][1], rtol=1e-11, atol=1e-12 * np.abs(V).max())


def test_the_scores_that_were_given_stay_what_they_were() -> None:
    data = simulate_scores(200, n_firms=10, seed=9)
    weights, kept = pd.Series(np.linspace(1, 2, len(data)), index=data.index), data.copy()
    design = design_matrix(data, ROLES)
    before = design.copy()
    least_squares(design, data[ROLES.outcome], data["firm_id"], weights)
    pd.testing.assert_frame_equal(data, kept)
    pd.testing.assert_frame_equal(design, before)


def test_a_fit_does_not_follow_later_changes_of_its_rows() -> None:
    data = simulate_scores(200, seed=9)
    outcome = data[ROLES.outcome].to_numpy().copy()
    fit = least_squares(design_matrix(data, ROLES), data[ROLES.outcome])
    data.loc[data.index[0], ROLES.outcome] = 99.0
    np.testing.assert_array_equal(fit.y, outcome)


@pytest.mark.parametrize("few_terms", [0, 16], ids=["sorted by firm", "pair by pair"])
def test_cross_products_of_firms(few_terms: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firm_sums, "FEW_TERMS", few_terms)
    rng = np.random.default_rng(4)
    rows, clusters = rng.normal(size=(80, 4)), np.repeat([2, 0, 1, 3], 20)[rng.permutation(80)]
    expected = [sum(np.outer(row, row) for row in rows[clusters == firm]) for firm in range(4)]
    np.testing.assert_allclose(firm_sums.cross_products(rows, clusters), expected, rtol=0, atol=1e-13)
