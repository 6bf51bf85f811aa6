"""Validity of factors: by hand, and where nothing may be said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from made_factor_answers import LOADINGS, answers, items_of
from si_research.errors import ModelSpecificationError
from si_research.measurement.factors.confirmatory import fit_factors
from si_research.measurement.factors.validity import factor_validity, heterotrait_monotrait


def test_the_figures_of_a_known_truth() -> None:
    """Loadings l, variances 1: AVE = mean l², reliability = (sum l)²/((sum l)² + sum(1 - l²))."""
    loading = np.array(LOADINGS)
    found = factor_validity(fit_factors(answers(20_000, seed=1), items_of()))
    reliable = loading.sum() ** 2 / (loading.sum() ** 2 + (1 - loading**2).sum())
    np.testing.assert_allclose(found.factors_[["ave", "ave_standardised"]], np.mean(loading**2), atol=0.015)
    np.testing.assert_allclose(found.factors_[["composite_reliability", "omega"]], reliable, atol=0.01)
    np.testing.assert_allclose(found.pairs["squared_correlation"], 0.16, atol=0.02)
    assert found.pairs["fornell_larcker"].all()
    assert found.table()["n_items"].tolist() == [4, 4, 4]
    assert "20000" in str(found)


def test_fornell_and_larcker_compare_with_the_square() -> None:
    """AVE of .51 stands above .65² but not above .65."""
    fit = fit_factors(answers(5000, seed=5, correlation=0.65, n_factors=2), items_of(2))
    pair = factor_validity(fit).pairs.iloc[0]
    assert pair["fornell_larcker"]
    assert pair["squared_correlation"] < pair["lowest_ave"] < pair["correlation"]


def test_factors_that_are_nearly_one_fail_fornell_and_larcker_and_htmt() -> None:
    data = answers(5000, seed=2, correlation=0.9, n_factors=2)
    found = factor_validity(fit_factors(data, items_of(2)))
    assert found.pairs["fornell_larcker"].tolist() == [False]
    assert heterotrait_monotrait(data, items_of(2)).table()["htmt"].item() > 0.85


def test_the_ratios_by_hand() -> None:
    data = answers(200, seed=3, n_factors=2, n_items=2)
    R = np.abs(np.corrcoef(data.T))
    between = R[:2, 2:].ravel()
    base = np.sqrt(R[0, 1] * R[2, 3])
    found = heterotrait_monotrait(data, items_of(2, 2))
    assert found.original.loc["kunnen", "willen"] == pytest.approx(between.mean() / base)
    assert found.htmt2.loc["willen", "kunnen"] == pytest.approx(np.prod(between) ** 0.25 / base)
    assert (found.n_rows, found.n_used) == (200, 200)
    assert "htmt2" in found._repr_html_()


def test_a_fit_that_is_not_usable_has_no_validity() -> None:
    rng = np.random.default_rng(7)
    data = pd.DataFrame(rng.normal(size=(200, 9)), columns=[f"x{i}" for i in range(9)])
    fit = fit_factors(data, {name: [f"x{3 * k + i}" for i in range(3)] for k, name in enumerate("abc")})
    found = factor_validity(fit)
    assert found.status == "not converged"
    assert found.factors_.drop(columns="n_items").isna().all(axis=None)
    assert found.pairs.drop(columns=["first", "second"]).isna().all(axis=None)
    assert len(found.pairs) == 3


def test_one_factor_has_no_neighbour() -> None:
    data = answers(200, seed=4, n_factors=1)
    assert factor_validity(fit_factors(data, items_of(1))).pairs.empty
    with pytest.raises(ModelSpecificationError, match="two factors or more"):
        heterotrait_monotrait(data, items_of(1))
