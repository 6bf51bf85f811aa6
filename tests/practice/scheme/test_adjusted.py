"""Weighting, regression and both, against statsmodels, a stack of moment equations and a bootstrap; dose."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from si_research.practice.scheme.adjusted import (
    BOTH,
    REGRESSION,
    WEIGHTING,
    Changes,
    adjusted_effects,
    dose_effect,
    firm_changes,
    propensity,
)
from si_research.practice.scheme.balance import attrition, balance, overlap
from si_research.practice.scheme.difference import same_firms, two_by_two
from si_research.practice.scheme.panel import SchemeRoles, scheme_panel


def changes(n: int = 80, seed: int = 1, apart: float = 0.8) -> Changes:
    """Firms of which large ones join more often and change more; the effect is about .5."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    D = rng.random(n) < 1 / (1 + np.exp(-apart * x))
    change = x + D * (0.5 + 0.2 * x) + rng.normal(size=n)
    weight = rng.uniform(0.5, 2, n)
    return Changes(change, D, D * rng.integers(1, 5, n).astype("float64"), np.column_stack([np.ones(n), x]),
                   ("size",), weight / weight.mean(), n, 0)  # fmt: skip


def test_propensities_and_estimates_are_those_of_plain_regressions() -> None:
    firms = changes()
    D, w, y, X = firms.treated, firms.weight, firms.change, firms.X
    ps = np.asarray(
        sm.GLM(D.astype("float64"), X, family=sm.families.Binomial(), freq_weights=w)
        .fit(tol=1e-12)
        .fittedvalues
    )
    assert propensity(firms) == pytest.approx(ps, rel=1e-7)
    found = adjusted_effects(firms).set_index("estimator")["estimate"]
    fitted = X @ np.asarray(sm.WLS(y[~D], X[~D], weights=w[~D]).fit().params)
    odds = w * ps / (1 - ps)
    assert found[REGRESSION] == pytest.approx(np.average((y - fitted)[D], weights=w[D]))
    by_weight = np.average(y[D], weights=w[D]) - np.average(y[~D], weights=odds[~D])
    assert found[WEIGHTING] == pytest.approx(by_weight)
    both = np.average((y - fitted)[D], weights=w[D]) - np.average((y - fitted)[~D], weights=odds[~D])
    assert found[BOTH] == pytest.approx(both)


def test_the_estimates_are_those_of_statsmodels_treatment_effects() -> None:
    from statsmodels.treatment.treatment_effects import TreatmentEffect

    firms = changes(200)
    firms = Changes(firms.change, firms.treated, firms.dose, firms.X, firms.names, np.ones(200), 200, 0)
    D = firms.treated.astype("int64")
    logit = sm.Logit(D, firms.X).fit(disp=0)
    effect = TreatmentEffect(sm.OLS(firms.change, firms.X), D, results_select=logit)
    found = adjusted_effects(firms).set_index("estimator")["estimate"]
    assert found[REGRESSION] == pytest.approx(effect.ra(return_results=False, effect_group=1)[0])
    assert found[WEIGHTING] == pytest.approx(effect.ipw(return_results=False, effect_group=1)[0])


@pytest.mark.parametrize("estimator", [BOTH, WEIGHTING, REGRESSION])
def test_errors_are_those_of_the_stacked_moment_equations(estimator: str) -> None:
    """The sandwich of all equations at once (logit, regression, both means), its slopes by differences."""
    firms = changes(60, seed=3)
    D, w, y, X = firms.treated.astype("float64"), firms.weight, firms.change, firms.X

    def moments(theta: np.ndarray) -> np.ndarray:
        logit, ols, one, other = theta[:2], theta[2:4], theta[4], theta[5]
        ps = 1 / (1 + np.exp(-X @ logit))
        left = y - (X @ ols if estimator != WEIGHTING else 0)
        rest = w * (1 - D) * ps / (1 - ps) * (left - other) if estimator != REGRESSION else other + 0 * y
        rows = [(w * (D - ps))[:, None] * X, (w * (1 - D) * (y - X @ ols))[:, None] * X]
        return np.column_stack([*rows, w * D * (left - one), rest])

    ps = propensity(firms)
    assert ps is not None
    logit = np.linalg.lstsq(X, np.log(ps / (1 - ps)), rcond=None)[0]
    ols = np.asarray(sm.WLS(y[D == 0], X[D == 0], weights=w[D == 0]).fit().params)
    left = y - (X @ ols if estimator != WEIGHTING else 0)
    other = np.average(left, weights=w * (1 - D) * ps / (1 - ps)) if estimator != REGRESSION else 0.0
    theta = np.array([*logit, *ols, np.average(left, weights=w * D), other])
    assert moments(theta).mean(axis=0) == pytest.approx(0, abs=1e-8)
    step = 1e-5
    slopes = [
        (moments(theta + step * e).mean(axis=0) - moments(theta - step * e).mean(axis=0)) / (2 * step)
        for e in np.eye(6)
    ]
    inverse = np.linalg.inv(np.array(slopes).T)
    V = inverse @ (moments(theta).T @ moments(theta) / 60) @ inverse.T / 60
    contrast = np.array([0, 0, 0, 0, 1, -1.0])
    row = adjusted_effects(firms).set_index("estimator").loc[estimator]
    assert row["estimate"] == pytest.approx(contrast @ theta)
    assert row["std_error"] == pytest.approx(np.sqrt(contrast @ V @ contrast * 60 / 59), rel=1e-5)


def test_covariates_that_tell_the_arms_apart_leave_the_regression_only() -> None:
    firms = changes()
    apart = np.column_stack([np.ones(80), firms.treated + 0.01 * firms.X[:, 1]])
    firms = Changes(firms.change, firms.treated, firms.dose, apart, firms.names, firms.weight, 80, 0)
    notes = adjusted_effects(firms).set_index("estimator")["note"]
    assert notes.to_dict() == {BOTH: "separation", WEIGHTING: "separation", REGRESSION: ""}
    assert [note.code for note in overlap(firms)[1]] == ["separation"]
    constant = np.column_stack([np.ones(80), np.ones(80)])
    firms = Changes(firms.change, firms.treated, firms.dose, constant, firms.names, firms.weight, 80, 0)
    assert set(adjusted_effects(firms)["note"]) == {"too_few_for_covariates"}


def test_poor_overlap_is_told() -> None:
    table, notes = overlap(changes(400, apart=0.3))
    assert notes == ()
    assert table.loc["treated", "n_effective"] < table.loc["treated", "n"]
    _, notes = overlap(changes(400, apart=4))
    assert [note.code for note in notes] == ["poor_overlap"]


def test_dose_is_the_line_through_the_changes() -> None:
    firms = changes()
    found = dose_effect(firms).iloc[0]
    X = np.column_stack([firms.dose, firms.X])
    expected = sm.WLS(firms.change, X, weights=firms.weight).fit(
        cov_type="cluster", cov_kwds={"groups": np.arange(80)}
    )
    assert found["estimate"] == pytest.approx(expected.params[0])
    assert found["std_error"] == pytest.approx(expected.bse[0])


def people() -> pd.DataFrame:
    """Sixteen firms of 1 to 5 people; firm 15 is lost after the start, and so are firms 0 and 1."""
    rng = np.random.default_rng(2)
    firm = np.repeat(np.arange(16), rng.integers(1, 6, 16))
    before, after = (
        pd.DataFrame({"firm": firm, "wave": wave, "mogen": rng.normal(size=len(firm)) + wave})
        for wave in (0, 1)
    )
    scores = pd.concat([before, after[~after["firm"].isin([0, 1, 15])]])
    size = rng.normal(size=16)
    return scores.assign(scheme=(scores["firm"] < 8).astype(int), size=size[scores["firm"]])


ROLES = SchemeRoles("firm", "wave", treated="scheme", covariates=("size",))


def test_the_change_of_firms_without_covariates_is_the_two_by_two() -> None:
    scores = people()
    fewer = (scores["wave"] == 1) & scores["firm"].isin([3, 9]) & scores.duplicated(["firm", "wave"])
    panel = scheme_panel(scores[~fewer], ROLES, ["mogen"])
    firms = same_firms(panel, "mogen")
    own = firm_changes(panel, firms)
    assert (len(own.change), own.n_used) == (13, firms.n_used)
    apart = np.average(own.change[own.treated], weights=own.weight[own.treated]) - np.average(
        own.change[~own.treated], weights=own.weight[~own.treated]
    )
    assert two_by_two(firms, draws=199)["estimate"].iloc[0] == pytest.approx(apart)


def test_balance_and_attrition_by_hand() -> None:
    scores = people()
    panel = scheme_panel(scores, ROLES, ["mogen"])
    size = scores.groupby("firm")["size"].first()
    one, other = size[:8], size[8:]
    expected = (one.mean() - other.mean()) / np.sqrt((one.var() + other.var()) / 2)
    table = balance(panel, ["mogen"])
    assert table.loc["size", "standardised_difference"] == pytest.approx(expected)
    assert table.loc["size", "variance_ratio"] == pytest.approx(one.var() / other.var())
    assert table.index.to_list() == ["size", "mogen"]
    lost = attrition(panel, "mogen")
    assert lost["n_lost"].to_list() == [2, 1]
    silent = scores.assign(mogen=scores["mogen"].where(scores["firm"] != 2))
    drawn = attrition(scheme_panel(silent, ROLES, ["mogen"]), "mogen", drawn=True)
    assert drawn[["n_before", "n_lost"]].to_numpy().tolist() == [[8, 3], [8, 1]]
    # Of 16 firms 4 are lost: 3 or more of one arm in 2·(C(8,3)·8 + C(8,4)) of C(16,4) ways.
    assert drawn["p_value"].iloc[0] == pytest.approx(2 * (56 * 8 + 70) / 1820)
    # Fisher by hand: of the ways to lose 3 of 16 firms, no split is more likely than 2 and 1.
    assert lost["p_value"].to_list() == pytest.approx([1.0, 1.0])
