"""Several outcomes: Holm by hand over the planned ones, each row that of its own fit and test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from si_research import fit_interaction, joint_test, simulate_scores
from si_research.errors import ModelSpecificationError
from si_research.model.several_outcomes import PlannedOutcomes, planned_outcomes

OUTCOMES = {"ideas": 0.35, "sharing": 0.12, "doing": 0.0}


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    data = simulate_scores(400, n_firms=16, seed=5)
    product = (data[["kunnen", "willen", "mogen"]] - data[["kunnen", "willen", "mogen"]].mean()).prod(axis=1)
    for place, (name, size) in enumerate(OUTCOMES.items()):
        noise = np.random.default_rng(place).normal(size=400)
        data[name] = 0.3 * data["innovative_behaviour"] + size * product + noise
    data.loc[:9, "sharing"] = np.nan
    return data.assign(flat=3.0)


def by_hand(p: list[float]) -> list[float]:
    """Holm's step-down: the smallest times m, the next times m - 1, never smaller than the one before."""
    corrected, largest = [0.0] * len(p), 0.0
    for rank, place in enumerate(np.argsort(p)):
        largest = max(largest, min(1.0, (len(p) - rank) * p[place]))
        corrected[place] = largest
    return corrected


def rows_of(found: PlannedOutcomes, test: str) -> pd.DataFrame:
    return found.outcomes[found.outcomes["test"] == test]


@pytest.mark.parametrize("cluster", [None, "firm_id"])
def test_each_row_is_its_own_fit_and_holm_is_over_the_planned(
    scores: pd.DataFrame, cluster: str | None
) -> None:
    found = planned_outcomes(
        scores,
        planned=list(OUTCOMES),
        exploratory=["innovative_behaviour"],
        cluster=cluster,
        draws=299,
        seed=3,
    )
    joint, highest = rows_of(found, "joint"), rows_of(found, "highest product")
    assert list(joint.index) == list(highest.index) == [*OUTCOMES, "innovative_behaviour"]
    assert list(joint["role"]) == ["planned"] * 3 + ["exploratory"]
    for outcome in joint.index:
        fit = fit_interaction(scores, outcome=outcome, cluster=cluster)
        assert joint["p_value"][outcome] == joint_test(fit, draws=299, seed=3).p_value
        for column in ("estimate", "conf_low", "conf_high", "p_value"):
            assert highest[column][outcome] == fit.coefficients[column][fit.tested_term]
        assert joint["n_used"][outcome] == (390 if outcome == "sharing" else 400)
    for rows in (joint, highest):
        np.testing.assert_allclose(rows["p_holm"].iloc[:3], by_hand(rows["p_value"].iloc[:3].to_list()))
        assert np.isnan(rows["p_holm"].iloc[3])
    assert joint["estimate"].isna().all()
    assert "3 planned outcome(s), Holm; 1 exploratory, uncorrected" in str(found)
    assert "3 planned" in found._repr_html_()


def test_one_planned_outcome_needs_no_correction(scores: pd.DataFrame) -> None:
    found = planned_outcomes(scores, planned=["ideas"], exploratory=["doing"], seed=1).outcomes
    planned = found[found["role"] == "planned"]
    np.testing.assert_array_equal(planned["p_holm"], planned["p_value"])
    assert found.loc["doing", "p_holm"].isna().all()


def test_a_planned_outcome_that_cannot_be_fitted_still_counts(scores: pd.DataFrame) -> None:
    found = planned_outcomes(scores, planned=["ideas", "flat"], seed=1)
    rows = rows_of(found, "joint")
    assert rows["note"]["flat"] == "not_fitted"
    assert "the same for all" in found.refused["flat"]
    assert list(found.fits) == list(found.tests) == ["ideas"]
    assert np.isnan(rows["p_holm"]["flat"])
    assert rows["p_holm"]["ideas"] == pytest.approx(2 * rows["p_value"]["ideas"])


def test_too_few_firms_for_a_joint_test_are_told(scores: pd.DataFrame) -> None:
    three = scores.assign(firm_id=np.arange(400) % 3)
    found = planned_outcomes(three, planned=["ideas", "doing"], cluster="firm_id", draws=199, seed=1)
    joint, highest = rows_of(found, "joint"), rows_of(found, "highest product")
    assert (joint["note"] == "too_few_clusters").all()
    assert joint[["p_value", "p_holm"]].isna().all().all()
    assert highest[["p_value", "p_holm"]].notna().all().all()


def test_two_predictors_and_controls_pass_through(scores: pd.DataFrame) -> None:
    options = {"predictors": ["kunnen", "mogen"], "controls": ["willen"], "conf_level": 0.9}
    found = planned_outcomes(scores, planned=["ideas"], seed=1, **options)
    fit = found.fits["ideas"]
    assert (fit.tested_term, fit.controls, fit.conf_level) == ("kunnen:mogen", ("willen",), 0.9)


@pytest.mark.parametrize(
    ("planned", "exploratory"),
    [([], ["ideas"]), (["ideas", "ideas"], []), (["ideas"], ["ideas"]), ("ideas", []), (["ideas"], "doing")],
)
def test_outcomes_that_are_not_settled_are_refused(
    scores: pd.DataFrame, planned: list[str], exploratory: list[str]
) -> None:
    with pytest.raises(ModelSpecificationError, match="planned"):
        planned_outcomes(scores, planned=planned, exploratory=exploratory, seed=1)
    with pytest.raises(ModelSpecificationError, match="kunst"):
        planned_outcomes(scores, planned=["kunst"], seed=1)


def test_all_outcomes_withheld_leave_rows_without_figures() -> None:
    scores = simulate_scores(60, seed=1)
    name = "innovative_behaviour"
    found = planned_outcomes(scores, planned=[name], withheld=[name], draws=199, seed=1)
    assert found.outcomes["note"].to_list() == ["withheld"] * 2
    assert found.outcomes[["estimate", "p_value"]].isna().all(axis=None)


@pytest.mark.parametrize("withheld", ["innovative_behaviour", ["behaviour"]])
def test_what_is_withheld_is_a_list_of_outcomes(withheld: object) -> None:
    with pytest.raises(ModelSpecificationError, match="withheld"):
        planned_outcomes(
            simulate_scores(60, seed=1),
            planned=["innovative_behaviour"],
            withheld=withheld,  # type: ignore[arg-type]
            seed=1,
        )
