"""Modification hints against refitting; factor scores against the formula, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from made_factor_answers import answers, items_of
from si_research.errors import ModelSpecificationError
from si_research.measurement.factors.confirmatory import fit_factors
from si_research.measurement.factors.estimation import likelihood, maximise, start_values
from si_research.measurement.factors.factor_scores import factor_scores
from si_research.measurement.factors.hints import modification_hints
from si_research.measurement.factors.structure import Parameter, structure


def alike(n: int, seed: int, shared: float) -> pd.DataFrame:
    """Two factors, and two questions (k1 and w2) that share words."""
    data = answers(n, seed=seed, n_factors=2)
    data[["k1", "w2"]] += shared * np.random.default_rng(seed).normal(size=(n, 1))
    return data


@pytest.mark.parametrize("missing", ["listwise", "fiml"])
def test_a_hint_is_about_what_freeing_it_gains(missing: str) -> None:
    data = alike(3000, 1, 0.2)
    if missing == "fiml":
        data = data.mask(np.random.default_rng(2).random(data.shape) < 0.1)
    fit = fit_factors(data, items_of(2), missing=missing)  # type: ignore[arg-type]
    hint = modification_hints(fit).table().iloc[0]
    assert hint["term"] == "k1 ~~ w2"
    model = fit.engine.likelihood.model
    freed = structure(
        model.observed,
        model.latent,
        [*model.parameters, Parameter("k1", "~~", "w2")],
        means=None if model.mean_structure else [fit.engine.likelihood.data[0].mean[0]],
    )
    wide = likelihood(freed, fit.engine.likelihood.data)
    solution = maximise(wide, start_values(freed, wide.data))
    gain = 2 * (fit.engine.solution.deviance - solution.deviance)
    assert hint["statistic"] == pytest.approx(gain, rel=0.1)
    assert hint["expected_change"] == pytest.approx(solution.theta[-1], rel=0.1)
    assert hint["expected_change"] == pytest.approx(0.04, abs=0.02)


def test_without_misfit_the_hints_are_chance() -> None:
    table = modification_hints(fit_factors(answers(2000, seed=3), items_of())).table()
    assert len(table) == 2 * 12 + 12 * 11 // 2
    assert 0.01 < (table["p_value"] < 0.05).mean() < 0.12
    assert (table["df"] == 1).all()


def test_hints_need_a_fit() -> None:
    fit = replace(fit_factors(answers(200, seed=4), items_of()), status="not converged")
    with pytest.raises(ModelSpecificationError, match="a fit that was found"):
        modification_hints(fit)
    with pytest.raises(ModelSpecificationError, match="index of 200 rows"):
        factor_scores(fit, pd.RangeIndex(200))


def test_scores_are_the_expected_place_on_the_factor() -> None:
    """By hand from the estimates: phi·Lambda'·Sigma^-1·(x - mean), and less when an item is missing."""
    data = answers(300, seed=5, n_factors=2)
    fit = fit_factors(data, items_of(2))
    est = fit.estimates.set_index("term")["estimate"]
    L = np.zeros((8, 2))
    for column, (name, items) in enumerate(items_of(2).items()):
        for item in items:
            L[list(data).index(item), column] = est[f"{name} =~ {item}"]
    c = est["kunnen ~~ willen"]
    phi = np.array([[est["kunnen ~~ kunnen"], c], [c, est["willen ~~ willen"]]])
    sigma = L @ phi @ L.T + np.diag([est[f"{item} ~~ {item}"] for item in data])
    expected = (data - data.mean()).to_numpy() @ np.linalg.inv(sigma) @ L @ phi
    scores = factor_scores(fit, data.index)
    np.testing.assert_allclose(scores, expected, atol=1e-10)
    assert list(scores) == ["kunnen", "willen"]


def test_scores_keep_the_order_of_the_rows_and_leave_out_who_answered_nothing() -> None:
    data = answers(400, seed=6, n_factors=2)
    data.index = [f"R{number:03d}" for number in range(400)]
    gaps = data.mask(np.random.default_rng(7).random(data.shape) < 0.2)
    gaps.iloc[5] = np.nan
    scores = factor_scores(fit_factors(gaps, items_of(2), missing="fiml"), gaps.index)
    assert scores.index.equals(data.index)
    assert scores.isna().all(axis=1).tolist() == [place == 5 for place in range(400)]
    whole = factor_scores(fit_factors(data, items_of(2)), data.index)
    assert scores["kunnen"].corr(whole["kunnen"]) > 0.95
    listwise = factor_scores(fit_factors(gaps, items_of(2)), gaps.index)
    assert listwise.notna().all(axis=1).equals(gaps.notna().all(axis=1))


def test_no_hint_is_larger_than_the_misfit_when_answers_are_missing() -> None:
    """With the observed information the largest hint was 13.8, of a chi-square of 10.2."""
    rng = np.random.default_rng(8)
    true = np.repeat(rng.normal(size=(120, 2)), 3, axis=1) + rng.normal(size=(120, 6))
    names = ["k1", "k2", "k3", "m1", "m2", "m3"]
    answers = pd.DataFrame(np.clip(np.rint(3 + 0.8 * true), 1, 5), columns=names)
    answers[["k2", "k3"]] = answers[["k2", "k3"]].mask(rng.random((120, 2)) < 0.25)
    fit = fit_factors(answers, {"k": names[:3], "m": names[3:]}, missing="fiml")
    assert 5 < modification_hints(fit).table()["statistic"].max() < fit.fit["chi_square"]
