"""Exploration: how many factors, and which loadings, of answers whose structure is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from made_factor_answers import LOADINGS, answers, items_of
from si_research.errors import ModelSpecificationError, SurveyDataError
from si_research.measurement.factors.confirmatory import fit_factors
from si_research.measurement.factors.exploratory import explore_factors, parallel_analysis


def test_as_many_factors_stand_out_as_there_are() -> None:
    for n_factors in (1, 2, 3):
        data = answers(800, seed=n_factors, n_factors=n_factors)
        assert parallel_analysis(data, seed=1).n_factors == n_factors


def test_the_random_eigenvalues_are_those_of_random_answers() -> None:
    """Against correlations of normal answers themselves, within the error of so many draws."""
    found = parallel_analysis(answers(120, seed=4, n_factors=2), seed=1, draws=2000).table()
    rng = np.random.default_rng(2)
    direct = np.array([np.linalg.eigvalsh(np.corrcoef(rng.normal(size=(8, 120))))[::-1] for _ in range(2000)])
    error = direct.std(axis=0) * np.sqrt(2 / 2000)
    assert (np.abs(found["random_mean"] - direct.mean(axis=0)) < 4 * error).all()
    np.testing.assert_allclose(found["random_high"], np.quantile(direct, 0.95, axis=0), atol=0.02)


def test_answers_without_structure_have_no_factor_that_stands_out() -> None:
    rng = np.random.default_rng(5)
    data = pd.DataFrame(rng.normal(size=(500, 10)), columns=list("abcdefghij"))
    shares = [parallel_analysis(data.sample(frac=1, replace=True, random_state=s), seed=s) for s in range(2)]
    assert parallel_analysis(data, seed=1).n_factors == 0
    assert all(each.table()["eigenvalue"].sum() == pytest.approx(10) for each in shares)


def test_one_factor_is_the_confirmatory_fit() -> None:
    data = answers(400, seed=6, n_factors=1)
    fit = fit_factors(data, items_of(1), estimator="ML").standardised
    explored = explore_factors(data, 1)
    assert explored.status == "estimated"
    expected = fit[fit["operator"] == "=~"]["estimate"]
    np.testing.assert_allclose(explored.loadings["factor_1"], expected, atol=1e-6)


def test_oblimin_finds_the_factors_and_their_correlation() -> None:
    data = answers(20_000, seed=7, n_factors=2)
    found = explore_factors(data, 2)
    L = found.loadings[["factor_1", "factor_2"]].to_numpy()
    own = np.abs(L).argmax(axis=1)
    assert (own[:4] == own[0]).all()
    assert (own[4:] == 1 - own[0]).all()
    np.testing.assert_allclose(L[np.arange(8), own], LOADINGS * 2, atol=0.03)
    np.testing.assert_allclose(L[np.arange(8), 1 - own], 0, atol=0.03)
    assert found.correlations.iloc[0, 1] == pytest.approx(0.4, abs=0.04)


@pytest.mark.parametrize("rotation", ["oblimin", "varimax", "none"])
def test_a_rotation_changes_nothing_that_is_implied(rotation: str) -> None:
    data = answers(500, seed=8)
    found = explore_factors(data, 3, rotation=rotation)  # type: ignore[arg-type]
    plain = explore_factors(data, 3, rotation="none")
    L, phi = found.loadings.iloc[:, :3].to_numpy(), found.correlations.to_numpy()
    unrotated = plain.loadings.iloc[:, :3].to_numpy()
    np.testing.assert_allclose(L @ phi @ L.T, unrotated @ unrotated.T, atol=1e-8)
    np.testing.assert_allclose(np.diag(phi), 1)
    assert (L.sum(axis=0) >= 0).all()
    assert (np.diff((L**2).sum(axis=0)) <= 1e-12).all()


def test_an_item_without_unique_variance_is_named() -> None:
    data = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 6)), columns=list("abcdef"))
    found = [explore_factors(data.sample(30, replace=True, random_state=s), 2) for s in range(6)]
    improper = [each for each in found if each.status == "improper"]
    assert improper
    assert all(each.improper_items for each in improper)
    lost = [each for each in found if each.status == "not converged"]
    assert all(each.loadings.isna().all(axis=None) for each in lost)


def test_what_cannot_be_explored() -> None:
    data = answers(100, seed=9, n_factors=1)
    with pytest.raises(ModelSpecificationError, match="fewer factors"):
        explore_factors(data, 2)  # four items give one factor
    with pytest.raises(ModelSpecificationError, match="rotation"):
        explore_factors(data, 1, rotation="promax")  # type: ignore[arg-type]
    with pytest.raises(ModelSpecificationError, match="100 draws"):
        parallel_analysis(data, seed=1, draws=10)
    with pytest.raises(SurveyDataError, match="no difference in k1"):
        parallel_analysis(data.assign(k1=1.0), seed=1)
    with pytest.raises(SurveyDataError, match="two items or more"):
        parallel_analysis(data[["k1"]], seed=1)
