"""Influence of people: against statsmodels, which refits without each person for DFBETAS."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.stats.outliers_influence import OLSInfluence

from si_research import fit_interaction, simulate_scores
from si_research.errors import ModelSpecificationError
from si_research.model.design import Roles, design_matrix
from si_research.model.interaction import InteractionFit, regress
from si_research.model.person_influence import person_influence, studentised_residuals


def by_statsmodels(fit: InteractionFit) -> OLSInfluence:
    design = design_matrix(fit.rows, Roles(fit.outcome, fit.predictors, fit.controls))
    return OLSInfluence(sm.OLS(fit.rows[fit.outcome], design).fit())


@pytest.fixture(scope="module")
def fit() -> InteractionFit:
    return fit_interaction(simulate_scores(120, three_way=0.2, seed=4))


def test_measures_against_statsmodels(fit: InteractionFit) -> None:
    theirs, found = by_statsmodels(fit), person_influence(fit).measures
    n = fit.n_used
    assert list(found.index) == ["Cook's distance", *["DFBETAS"] * 4]
    cook = theirs.cooks_distance[0]
    assert found["largest"].iloc[0] == pytest.approx(cook.max(), rel=1e-8)
    assert found["n_above"].iloc[0] == (cook > 4 / n).sum() > 0
    for place, term in enumerate(found["term"].iloc[1:], start=1):
        size = np.abs(theirs.dfbetas[:, list(fit.covariance.index).index(term)])
        assert found["largest"].iloc[place] == pytest.approx(size.max(), rel=1e-8)
        assert found["n_above"].iloc[place] == (size > 2 / np.sqrt(n)).sum() > 0
    np.testing.assert_allclose(found["share_above"], found["n_above"] / n)


def test_studentised_residuals_against_statsmodels(fit: InteractionFit) -> None:
    model = regress(fit.rows, Roles(fit.outcome, fit.predictors, fit.controls))
    theirs = by_statsmodels(fit).resid_studentized_external
    np.testing.assert_allclose(studentised_residuals(model), theirs, rtol=1e-8)


def test_firms_and_the_order_of_rows_change_nothing_and_one_wild_answer_shows() -> None:
    data = simulate_scores(200, n_firms=10, seed=3)
    plain, firms = person_influence(fit_interaction(data)), fit_interaction(data, cluster="firm_id")
    turned = person_influence(fit_interaction(data.sample(frac=1, random_state=1)))
    for other in (person_influence(firms), turned):
        np.testing.assert_allclose(other.measures["largest"], plain.measures["largest"], rtol=1e-9)
    data.loc[data["kunnen"].idxmax(), "innovative_behaviour"] += 20
    wild = person_influence(fit_interaction(data)).measures
    assert float(wild["largest"].iloc[0]) > 5 * float(plain.measures["largest"].iloc[0])


def test_it_says_who_to_nobody(fit: InteractionFit) -> None:
    found = person_influence(fit, terms=[fit.tested_term])
    assert list(found.table().columns) == ["term", "largest", "threshold", "n_above", "share_above"]
    assert len(found.table()) == 2
    assert "n = 120" in str(found)
    assert "n = 120" in found._repr_html_()
    with pytest.raises(ModelSpecificationError, match="kunst"):
        person_influence(fit, terms=["kunst"])
