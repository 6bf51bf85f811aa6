"""Three views of the outcome: each by its own fit, and agreement in made surveys."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from si_research import fit_interaction, simulate_scores
from si_research.errors import ModelSpecificationError
from si_research.model.design import INTERCEPT, design_matrix
from si_research.model.outcome_sensitivity import ordered_levels, outcome_sensitivity
from si_research.model.proportional_odds import proportional_odds

FIGURES = ["estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high"]


def likert(n: int, *, three_way: float = 0.3, seed: int = 1, points: float = 0.5) -> pd.DataFrame:
    data = simulate_scores(n, three_way=three_way, n_firms=20, seed=seed)
    outcome = (data["innovative_behaviour"] / points).round() * points
    return data.assign(innovative_behaviour=outcome.clip(1, 5))


def test_each_view_by_its_own_fit() -> None:
    data = likert(400)
    fit = fit_interaction(data)
    found = outcome_sensitivity(fit, lowest=1, highest=5)
    table = found.table()
    assert list(table.index) == ["as it is", "logit-rescaled", "ordinal"]
    assert (found.offset, found.n_levels, found.grouped) == (
        0.25,
        data["innovative_behaviour"].nunique(),
        False,
    )
    own = fit.coefficients.loc[fit.tested_term, FIGURES]
    np.testing.assert_allclose(table.loc["as it is", FIGURES].astype(float), own.astype(float), rtol=1e-12)
    X, y = design_matrix(fit.rows, fit.roles), data["innovative_behaviour"]
    hc3 = sm.OLS(np.log((y - 1 + 0.25) / (5 - y + 0.25)), X).fit(cov_type="HC3", use_t=True)
    row = table.loc["logit-rescaled"]
    assert row["estimate"] == pytest.approx(hc3.params[fit.tested_term], rel=1e-8)
    assert row["p_value"] == pytest.approx(hc3.pvalues[fit.tested_term], rel=1e-7)
    levels = pd.factorize(y, sort=True)[0]
    theirs = proportional_odds(X.drop(columns=INTERCEPT).to_numpy(), levels)
    row = table.loc["ordinal"]
    error = np.sqrt(theirs.covariance[-1, -1])
    assert row["estimate"] == pytest.approx(theirs.estimate[-1], rel=1e-10)
    assert row["p_value"] == pytest.approx(2 * stats.norm.sf(abs(theirs.estimate[-1] / error)), rel=1e-8)
    assert row["conf_high"] == pytest.approx(theirs.estimate[-1] + stats.norm.isf(0.025) * error, rel=1e-8)
    assert list(table["method"]) == ["HC3", "HC3", "information"]
    assert (table["n_used"] == 400).all()


def test_with_firms_and_weights_the_ordinal_view_is_robust() -> None:
    data = likert(400).assign(weight=1.0 + np.arange(400) % 3)
    fit = fit_interaction(data, cluster="firm_id", weight="weight")
    table = outcome_sensitivity(fit, lowest=1, highest=5).table()
    X = design_matrix(fit.rows, fit.roles).drop(columns=INTERCEPT).to_numpy()
    levels, firms = (pd.factorize(data[name], sort=True)[0] for name in ("innovative_behaviour", "firm_id"))
    theirs = proportional_odds(X, levels, clusters=firms, weights=data["weight"].to_numpy())
    row = table.loc["ordinal"]
    assert row["std_error"] == pytest.approx(np.sqrt(theirs.covariance[-1, -1]), rel=1e-10)
    assert (row["df"], row["method"]) == (19, "CR1")
    assert row["p_value"] == pytest.approx(2 * stats.t.sf(abs(row["statistic"]), 19), rel=1e-8)
    people = outcome_sensitivity(fit_interaction(data, weight="weight"), lowest=1, highest=5).table()
    assert people["method"]["ordinal"] == "HC1"
    assert people["std_error"]["ordinal"] != pytest.approx(row["std_error"], rel=1e-3)


@pytest.mark.parametrize(("n_firms", "note"), [(9, "only_for_many_firms"), (10, "")])
def test_few_firms_leave_the_ordinal_view_without_a_p(n_firms: int, note: str) -> None:
    data = likert(400).assign(firm_id=[f"B{row % n_firms}" for row in range(400)])
    found = outcome_sensitivity(fit_interaction(data, cluster="firm_id"), lowest=1, highest=5)
    row = found.table().loc["ordinal"]
    assert row["note"] == note
    assert np.isfinite([row["estimate"], row["std_error"]]).all()
    assert bool(row[["p_value", "conf_low", "conf_high"]].isna().all()) == bool(note)
    assert (found.agreement == "not_all") == bool(note)


def test_agreement_in_made_surveys() -> None:
    strong = outcome_sensitivity(fit_interaction(likert(800)), lowest=1, highest=5)
    assert strong.agreement == "agree"
    assert "agree" in str(strong)
    assert "agree" in strong._repr_html_()
    nothing = outcome_sensitivity(fit_interaction(likert(500, three_way=0.0, seed=4)), lowest=1, highest=5)
    assert nothing.agreement == "agree_on_nothing"


def test_a_product_that_the_yardstick_makes_differs() -> None:
    """Additive on the log-odds of the range, so that only the outcome as it is shows a product."""
    rng = np.random.default_rng(2)
    data = pd.DataFrame(rng.normal(size=(3000, 2)), columns=["kunnen", "willen"])
    latent = 1.5 + data.sum(axis=1) + 0.5 * rng.normal(size=3000)
    data["innovative_behaviour"] = 1 + 4 / (1 + np.exp(-latent))
    found = outcome_sensitivity(fit_interaction(data, predictors=["kunnen", "willen"]), lowest=1, highest=5)
    p = found.table()["p_value"]
    assert float(p["as it is"]) < 1e-10
    assert float(p["ordinal"]) > 0.05
    assert found.agreement in ("conclusion_differs", "sign_differs")
    assert (found.n_levels, found.grouped) == (10, True)


def test_levels() -> None:
    y = np.array([1.0, 1.5, 3.0, 3.0, 1.5 + 1e-13])
    levels, grouped = ordered_levels(y)
    assert (list(levels), grouped) == ([0, 1, 2, 2, 1], False)
    many = np.random.default_rng(1).normal(size=1000)
    levels, grouped = ordered_levels(many)
    assert grouped
    assert list(np.bincount(levels)) == [100] * 10
    piled = np.concatenate([np.full(600, 5.0), np.linspace(1, 4, 400)])
    levels, grouped = ordered_levels(piled)
    assert grouped
    assert list(np.unique(levels)) == list(range(levels.max() + 1))
    assert levels.max() < 9
    assert (levels[:600] == levels.max()).all()


def test_the_offset_is_half_a_step_and_never_next_to_nothing() -> None:
    data = likert(300)
    fit = fit_interaction(data)
    assert outcome_sensitivity(fit, lowest=1, highest=5, step=0.2).offset == pytest.approx(0.1)
    continuous = fit_interaction(simulate_scores(200, seed=1).clip(0, 6))
    assert outcome_sensitivity(continuous, lowest=0, highest=6).offset == pytest.approx(6 / 400)


def test_levels_that_are_separated_are_told_and_not_judged() -> None:
    data = simulate_scores(200, seed=1)
    data["innovative_behaviour"] = (data["kunnen"] > data["kunnen"].median()).astype(float)
    found = outcome_sensitivity(fit_interaction(data), lowest=0, highest=1)
    row = found.table().loc["ordinal"]
    assert (row["note"], found.agreement) == ("not_converged", "not_all")
    assert np.isnan(row["estimate"])
    assert np.isnan(row["p_value"])


@pytest.mark.parametrize(
    "ends", [{"lowest": 5, "highest": 1}, {"lowest": 2, "highest": 5}, {"lowest": 1, "highest": 4}]
)
def test_ends_that_do_not_hold_all_scores_are_refused(ends: dict[str, float]) -> None:
    data = likert(100)
    data.loc[[0, 1], "innovative_behaviour"] = [1.0, 5.0]
    with pytest.raises(ModelSpecificationError, match="do not hold"):
        outcome_sensitivity(fit_interaction(data), **ends)
    with pytest.raises(ModelSpecificationError, match="step"):
        outcome_sensitivity(fit_interaction(data), lowest=1, highest=5, step=0)
