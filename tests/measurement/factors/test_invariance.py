"""Measurement invariance: an instrument that stays, one that moves, and one of which nothing can be said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from made_factor_answers import answers, items_of
from si_research.errors import SurveyDataError
from si_research.measurement.factors.estimation import likelihood
from si_research.measurement.factors.invariance import (
    LEVELS,
    check_invariance,
    fit_invariance,
    moved_items,
)
from si_research.measurement.factors.structure import structure

WAVE = pd.Series(np.repeat(["before", "after"], 500))


def two_waves(seed: int = 1, n_factors: int = 2) -> pd.DataFrame:
    """The same instrument twice; the second time everybody stands half a point higher on every factor."""
    data = answers(1000, seed=seed, n_factors=n_factors)
    loading = np.tile([0.8, 0.7, 0.6, 0.75], n_factors)
    data.loc[500:] += 0.5 * loading
    return data


def test_people_who_change_are_no_instrument_that_moved() -> None:
    found = fit_invariance(two_waves(), items_of(2), WAVE)
    assert found.table()["holds"].tolist() == [True] * 4
    assert dict(found.groups) == {"after": 500, "before": 500}
    scalar = found.fits["scalar"].estimates
    means = scalar[(scalar["operator"] == "~1") & scalar["left"].isin(["kunnen", "willen"]) & scalar["free"]]
    assert set(means["group"]) == {"before"}  # the first group in the alphabet is the one that stands at 0
    np.testing.assert_allclose(means["estimate"], -0.5, atol=0.15)
    assert (found.table()["df_change"].dropna() > 0).all()
    assert check_invariance(two_waves(), items_of(2), WAVE).passed is True


@pytest.mark.parametrize(
    ("level", "term"), [("metric", "kunnen =~ k2"), ("scalar", "k2 ~1"), ("strict", "k2 ~~ k2")]
)
def test_what_moved_is_found_at_its_level(level: str, term: str) -> None:
    data = two_waves()
    later = data.index >= 500
    rng = np.random.default_rng(2)
    if level == "metric":
        data.loc[later, "k2"] = 0.05 * data.loc[later, "k2"] + rng.normal(size=500)
    elif level == "scalar":
        data.loc[later, "k2"] += 0.7
    else:
        data.loc[later, "k2"] += 1.2 * rng.normal(size=500)
    found = fit_invariance(data, items_of(2), WAVE)
    before = list(LEVELS)[: list(LEVELS).index(level)]  # type: ignore[arg-type]
    holds = found.table().set_index("level")["holds"]
    assert holds[before].all()
    assert not holds[level]
    assert found.items[found.items["level"] == level]["term"].iloc[0] == term
    result = check_invariance(data, items_of(2), WAVE, needed=level)  # type: ignore[arg-type]
    assert result.passed is False
    assert term in result.text
    if before[-1] != "configural":
        assert check_invariance(data, items_of(2), WAVE, needed=before[-1]).passed is True


def test_a_model_that_does_not_fit_gives_no_verdict() -> None:
    data = answers(1000, seed=3, correlation=0.1)
    wrong = {"first": ["k1", "w1", "m1", "k2"], "second": ["w2", "m2", "k3", "w3"]}
    result = check_invariance(data, wrong, WAVE)
    assert result.passed is None
    assert "no verdict" in result.text
    assert "configural" in result.text


def test_the_same_people_twice_are_not_twice_as_many() -> None:
    """With the person as cluster, a change that everybody shares is known much better."""
    data = answers(1000, seed=4, n_factors=2)
    person = pd.Series(np.tile(np.arange(500), 2))
    loading = np.tile([0.8, 0.7, 0.6, 0.75], 2)
    rng = np.random.default_rng(5)
    first = data.head(500).to_numpy()
    again = pd.DataFrame(
        np.vstack([first, first + 0.3 * rng.normal(size=(500, 8)) + 0.2 * loading]), columns=data.columns
    )
    alone = fit_invariance(again, items_of(2), WAVE)
    together = fit_invariance(again, items_of(2), WAVE, clusters=person)
    errors = []
    for each in (alone, together):
        table = each.fits["scalar"].estimates
        errors.append(
            table[(table["term"] == "kunnen ~1") & (table["group"] == "before")]["std_error"].item()
        )
    assert errors[1] < 0.6 * errors[0]


def test_groups_that_cannot_be_compared() -> None:
    data = two_waves()
    with pytest.raises(SurveyDataError, match="two groups or more"):
        fit_invariance(data, items_of(2), pd.Series(["now"] * 1000))
    small = pd.Series(["a"] * 995 + ["b"] * 5)
    with pytest.raises(SurveyDataError, match="group 'b'"):
        fit_invariance(data, items_of(2), small)
    with pytest.raises(SurveyDataError, match="a value for each of the 1000 rows"):
        fit_invariance(data, items_of(2), WAVE.head(10))
    with pytest.raises(SurveyDataError, match="a cluster for every respondent"):
        fit_invariance(data, items_of(2), WAVE, clusters=pd.Series([np.nan] * 1000))


def test_rows_without_a_group_are_left_out_and_counted() -> None:
    wave = WAVE.where(WAVE.index % 10 > 0)
    found = fit_invariance(two_waves(), items_of(2), wave)
    assert (found.n_rows, found.n_used) == (1000, 900)
    assert "n = 900 of 1000 (after: 450, before: 450)" in str(found)


def test_what_freeing_one_parameter_gains_is_the_score_test_of_that_model() -> None:
    """By hand: the model with that one parameter free in the later groups, where the equal one was found."""
    data, group = answers(900, seed=6, n_factors=2), pd.Series(np.arange(900) % 3)
    fit = fit_invariance(data, items_of(2), group, until="scalar").fits["scalar"]
    found = moved_items(fit, "scalar").set_index("term")
    assert len(found) == 8
    model, theta = fit.engine.likelihood.model, fit.engine.solution.theta
    for item in ("k1", "w3"):
        label = f"intercept of {item}"
        freed = [
            replace(each, label="") if each.label == label and each.group > 0 else each
            for each in model.parameters
        ]
        wide = structure(model.observed, model.latent, freed, n_groups=3)
        place = np.empty(wide.n_free)
        place[wide.index[wide.index >= 0]] = theta[model.index[wide.index >= 0]]
        joined = likelihood(wide, fit.engine.likelihood.data)
        slope, information = joined.value(place)[1], joined.information(place, expected=True)
        assert found.loc[f"{item} ~1", "df"] == 2
        expected = float(slope @ np.linalg.solve(information, slope))
        assert found.loc[f"{item} ~1", "statistic"] == pytest.approx(expected, rel=1e-8)


def test_levels_beyond_the_one_that_is_asked_for_are_not_fitted() -> None:
    whole = fit_invariance(two_waves(), items_of(2), WAVE)
    part = fit_invariance(two_waves(), items_of(2), WAVE, until="metric")
    assert list(part.fits) == ["configural", "metric"]
    pd.testing.assert_frame_equal(part.table(), whole.table().head(2))
    assert set(part.items["level"]) == {"metric"}
