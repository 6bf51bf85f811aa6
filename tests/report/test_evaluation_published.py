"""An evaluation that is meant for everybody: nothing of ten organisations, and nothing exact."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from made_schemes import made_scheme
from si_research.practice.scheme.evaluation import SchemeEvaluation, evaluate_scheme
from si_research.privacy.disclosure import PUBLICATION, disclosing
from si_research.report.evaluation_figures import TOO_FEW, EvaluationFigures, evaluation_figures
from si_research.report.evaluation_gate import Alike, _rounded, too_few_df
from si_research.study.evaluate import NoEvaluationError, _check_dominance


def evaluated(n_firms: int) -> SchemeEvaluation:
    """Firms of which four people have no score on mogen."""
    scores = made_scheme(n_firms=n_firms, people=12, names=("kunnen", "mogen"), seed=3)
    scores.loc[[0, 1, 30, 31], "mogen"] = np.nan
    outcomes = ("kunnen", "mogen")
    return evaluate_scheme(
        scores, firm="firm", wave="wave", treated="scheme", after=1, outcomes=outcomes, draws=199, seed=1
    )


@pytest.fixture(scope="module")
def of_24() -> SchemeEvaluation:
    return evaluated(24)


@pytest.fixture(scope="module")
def published(of_24: SchemeEvaluation) -> EvaluationFigures:
    with disclosing(PUBLICATION):
        return evaluation_figures(of_24)


def test_counts_are_rounded_and_close_ones_are_one_number(
    of_24: SchemeEvaluation, published: EvaluationFigures
) -> None:
    exact = of_24.table()["n_used"]
    assert exact["kunnen"] - exact["mogen"] == 4
    for table in (published.effects, published.description, published.balance, published.pre_trends):
        for name in {"n", "n_used", "n_firms", "n_treated", "n_comparison"} & set(table.columns):
            told = table[name].dropna().unique()
            assert (told % 5 == 0).all() and (np.diff(np.sort(told)) >= 10).all(), name
    assert published.n_arms == {"treated": 10, "comparison": 10}


def test_figures_are_coarse(published: EvaluationFigures) -> None:
    told = published.effects[["estimate", "std_error", "conf_low", "conf_high", "effect_sd"]].to_numpy()
    assert np.allclose(told, told.round(2), equal_nan=True) and np.isfinite(told).any()


def test_no_degrees_of_freedom_are_told_and_no_p_of_zero(of_24: SchemeEvaluation) -> None:
    tiny = of_24.effects.assign(p_value=[1e-9, 0.0009, *[0.0123456] * (len(of_24.effects) - 2)])
    with disclosing(PUBLICATION):
        told = evaluation_figures(replace(of_24, effects=tiny)).effects
    assert told["df"].isna().all() and of_24.effects["df"].notna().any()
    assert told["p_value"].tolist()[:3] == [0.0005, 0.0005, 0.012]


def test_inside_the_house_figures_are_exact_and_numbers_that_differ_by_few_are_one(
    of_24: SchemeEvaluation,
) -> None:
    figures, exact = evaluation_figures(of_24), of_24.table()
    assert figures.n_arms == {"treated": 12, "comparison": 12}
    told = figures.recommended().set_index("outcome")
    assert told["estimate"].tolist() == exact["estimate"].tolist()
    assert exact["n_used"].tolist() == [514, 510, 514, 512] and set(told["n_used"]) == {514}


def test_that_one_organisation_was_lost_is_not_told_inside_the_house_either() -> None:
    """Of one of 24 firms one person answered, and only before: 1 organisation and 1 person fewer."""
    scores = made_scheme(n_firms=24, people=12, names=("kunnen", "mogen"), seed=3)
    own = scores["firm"] == scores["firm"].iloc[0]
    lost = own & (scores["wave"] > scores["wave"].min())
    one = own & ~lost & (scores.groupby(["firm", "wave"]).cumcount() > 0)
    scores = scores[~lost & ~one]
    found = evaluate_scheme(
        scores, firm="firm", wave="wave", treated="scheme", after=1, outcomes=["mogen"], draws=199, seed=1
    )
    exact = found.effects.iloc[0]
    everybody = int(found.description["n"].sum())
    assert everybody - exact["n_used"] == 1 and exact["n_firms"] == 23
    figures = evaluation_figures(found)
    assert sum(n for n in figures.n_arms.values() if n) == 24
    assert set(figures.effects["n_firms"]) == {24} and set(figures.effects["n_used"]) == {everybody}
    assert set(figures.effects["n_treated"]) == {12}
    whole = figures.effects[figures.effects["method"] == "CR1S"]["df"]
    assert whole.tolist() == [23.0] * len(whole)
    assert set(figures.description["n_firms"]) == {12} and set(figures.attrition["n_before"]) == {12}


def test_nine_organisations_are_too_few_for_everybody() -> None:
    found = evaluated(18)
    with disclosing(PUBLICATION):
        figures = evaluation_figures(found)
    assert evaluation_figures(found).refusals == ()
    assert figures.refusals == (TOO_FEW,) and figures.effects["estimate"].isna().all()
    assert figures.n_arms == {"treated": None, "comparison": None} and not len(figures.balance)


def test_few_degrees_of_freedom_are_not_told() -> None:
    rows = pd.DataFrame({"df": [9.0, 10.0, math.nan]})
    with disclosing(PUBLICATION):
        assert too_few_df(rows).tolist() == [True, False, False]
    assert too_few_df(rows).tolist() == [False, False, False]


def test_a_number_close_to_one_that_was_told_is_told_as_that_one() -> None:
    with disclosing(PUBLICATION):
        alike = Alike()
        assert [alike.told("n", n) for n in (240, 236, 231, 228)] == [240, 240, 240, 230]


def test_numbers_beside_another_evaluation_are_told_as_its_own(of_24: SchemeEvaluation) -> None:
    fewer = replace(of_24, effects=of_24.effects.assign(n_used=of_24.effects["n_used"] - 5))
    with disclosing(PUBLICATION):
        own, beside = evaluation_figures(of_24), evaluation_figures(fewer, of_24)
    assert own.effects["n_used"].tolist() == beside.effects["n_used"].tolist()


def test_a_side_of_which_two_organisations_have_nearly_everybody_is_refused() -> None:
    sides = pd.DataFrame({"arm": [1.0] * 100 + [0.0] * 100, "firm_id": [*"A" * 50, *"B" * 45, *"CDEFG"] * 2})
    _check_dominance(sides)
    even = sides.assign(firm_id=[f"F{at % 20}" for at in range(200)])
    with disclosing(PUBLICATION):
        _check_dominance(even)
        with pytest.raises(NoEvaluationError, match="over 90"):
            _check_dominance(sides)


def test_p_is_rounded_as_the_page_inside_the_house_rounds_it() -> None:
    p = pd.Series(np.arange(10, 2000) / 2000.0)
    assert [f"{each:.3f}" for each in _rounded(p, 3)] == [f"{each:.3f}" for each in p]
